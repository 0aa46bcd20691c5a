"""Writes of accounts: signing in and out, choosing a grant, opening accounts, setting passwords."""

import secrets
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor, Role, ScopeKind, check_roles_together, check_scope
from app.features.accounts import passwords, queries
from app.features.accounts.models import Account, Grant, LoginFailure, SetUpLink, SignedInSession
from app.storage import trail
from app.storage.keyring import keyring_of
from app.storage.session import unique_or

LINK_LIFE = timedelta(hours=48)
SEEN_EVERY = timedelta(minutes=5)
WRONG = "用户名或密码不对，请重新输入。忘记密码请联系系统管理员发一个重设链接。"


def sign_in(session: Session, account: Account, now: datetime, device: str, days: int) -> str:
    """Open a session for an account whose password was checked; the token for its cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignedInSession(
            token_hash=queries.token_hash(token),
            account_id=account.id,
            device=device[:120],
            made_at=now,
            seen_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    trail.record(session, Actor(account.id, account.name), "accounts.sign_in", account)
    return token


def note_failure(session: Session, login: str, address: str, now: datetime) -> None:
    """Remember a failed attempt; older than a day are forgotten."""
    ring = keyring_of(session)
    session.execute(sa.delete(LoginFailure).where(LoginFailure.at < now - timedelta(days=1)))
    session.add(
        LoginFailure(
            login_hash=ring.lookup_hash(f"login:{login}"),
            address_hash=ring.lookup_hash(f"address:{address}"),
            at=now,
        )
    )


def touch(session: Session, signed_in: SignedInSession, now: datetime) -> bool:
    """Remember when a session was last used, at most every five minutes; True when something was written."""
    if now - signed_in.seen_at < SEEN_EVERY:
        return False
    signed_in.seen_at = now
    return True


def choose_grant(session: Session, actor: Actor, signed_in: SignedInSession, grant_id: int, today: date) -> None:
    """Act in another grant from now on."""
    if grant_id not in {held.id for held in queries.grants_of(session, signed_in.account_id, today)}:
        raise RuleBroken("这个身份已经失效，请重新选择。")
    signed_in.grant_id = grant_id
    trail.record(session, actor, "accounts.choose_grant", signed_in)


def revoke(session: Session, actor: Actor, signed_in: SignedInSession, now: datetime) -> None:
    """End a session (`queries.own_session` says whose it is); one that has ended stays as it is."""
    if signed_in.revoked_at is None:
        signed_in.revoked_at = now
        trail.record(session, actor, "accounts.sign_out", signed_in)


def open_account(session: Session, actor: Actor, login: str, name: str) -> Account:
    """A new account without a password; a set-up link lets its owner choose one."""
    login = login.strip().lower()
    account = Account(login=login, name=name)
    with unique_or(session, AlreadyDone("这个用户名已被使用，请换一个。", field="login")):
        session.add(account)
    trail.record(session, actor, "accounts.open", account)
    return account


def close_account(session: Session, actor: Actor, account: Account, now: datetime) -> None:
    """Close an account, end its sessions and its one-time links; what it did stays in the trail."""
    if account.id == actor.account_id:
        raise RuleBroken("不能停用自己正在使用的账号，请由另一位管理员办理。")
    account.closed_at = now
    trail.record(session, actor, "accounts.close", account)
    session.execute(
        sa.update(SignedInSession)
        .where(SignedInSession.account_id == account.id, SignedInSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    _end_links(session, account, now)


def give_grant(
    session: Session,
    actor: Actor,
    account: Account,
    role: Role,
    today: date,
    *,
    region_code: str | None = None,
    organisation_id: int | None = None,
    person_id: int | None = None,
) -> Grant:
    """Give a role over one scope. Refused when the account would join roles that must stay apart (三员分立), and over
    what the role cannot stand for.
    """
    held = queries.grants_of(session, account.id, today)
    check_roles_together([role, *(h.grant.role for h in held)])
    scope = ScopeKind.TERRITORY if region_code else ScopeKind.ORGANISATION if organisation_id else ScopeKind.ONESELF
    check_scope(role, scope, region_code)
    grant = Grant(
        account_id=account.id,
        role=role,
        scope=scope,
        region_code=region_code,
        organisation_id=organisation_id,
        person_id=person_id,
        begins=today,
    )
    session.add(grant)
    session.flush()
    trail.record(session, actor, "accounts.give_grant", grant, words=f"账号 {account.id}：{role.label}")
    return grant


def end_grant(session: Session, actor: Actor, grant: Grant, today: date) -> None:
    """A grant ends with yesterday; it is not deleted."""
    grant.ends = today - timedelta(days=1)
    grant.begins = min(grant.begins, grant.ends)
    trail.record(session, actor, "accounts.end_grant", grant, words=f"账号 {grant.account_id}：{grant.role.label}")


def make_set_up_link(session: Session, actor: Actor, account: Account, now: datetime) -> str:
    """The token of a one-time link to set a password, valid for two days; earlier links of the account end.

    Refused for a closed account.
    """
    if account.closed_at is not None:
        raise RuleBroken("这个账号已停用，不能再设密码；需要时请另建账号。")
    _end_links(session, account, now)
    token = secrets.token_urlsafe(24)
    link = SetUpLink(token_hash=queries.token_hash(token), account_id=account.id, expires_at=now + LINK_LIFE)
    session.add(link)
    trail.record(session, actor, "accounts.make_link", link)
    return token


def _end_links(session: Session, account: Account, now: datetime) -> None:
    session.execute(
        sa.update(SetUpLink).where(SetUpLink.account_id == account.id, SetUpLink.used_at.is_(None)).values(used_at=now)
    )


def use_set_up_link(session: Session, token: str, password: str, now: datetime) -> Account:
    """Set a password by a one-time link. Refused when it was used, has expired or never was."""
    link = queries.set_up_link(session, token, now, for_update=True)
    if link is None:
        raise RuleBroken("这个链接已经用过或已过期，请联系系统管理员重新发送。")
    account = session.get_one(Account, link.account_id)
    set_password(session, Actor(account.id, account.name), account, password)
    link.used_at = now
    return account


def change_password(
    session: Session, actor: Actor, this: SignedInSession, now: datetime, current: str, password: str
) -> None:
    """Another password, by who knows the one that holds; every other device of the account is signed out."""
    account = session.get_one(Account, this.account_id)
    if not passwords.is_password(account.password_hash, current):
        raise RuleBroken("现在的密码不对，请重新填写；忘记了请联系系统管理员发一个重设链接。", field="current")
    account.password_hash = passwords.hash_password(password)
    session.execute(
        sa.update(SignedInSession)
        .where(
            SignedInSession.account_id == account.id,
            SignedInSession.id != this.id,
            SignedInSession.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    trail.record(session, actor, "accounts.change_password", account, changes={})


def set_password(session: Session, actor: Actor, account: Account, password: str) -> None:
    account.password_hash = passwords.hash_password(password)
    trail.record(session, actor, "accounts.set_password", account, changes={})
