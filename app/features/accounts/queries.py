"""Reads of accounts: who a session belongs to, which grants hold, who has tried too often."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from app.domain.roles import Actor, Reach, ScopeKind
from app.features.accounts.models import Account, Grant, LoginFailure, SetUpLink, SignedInSession
from app.features.regions.models import Region
from app.storage.keyring import keyring_of

WINDOW = timedelta(minutes=15)
MOST_FAILURES_A_NAME = 5
MOST_FAILURES_AN_ADDRESS = 30
# Organisations stand to the right of accounts; only the name of the unit that a grant is over is read here.
UNITS = sa.table("organisations", sa.column("id"), sa.column("name"))


def token_hash(token: str) -> str:
    """How tokens of cookies and links are kept: nobody who reads the database can use one."""
    return hashlib.sha256(token.encode()).hexdigest()


def holds_on(today: date) -> sa.ColumnElement[bool]:
    """Grants in force on a day."""
    return sa.and_(Grant.begins <= today, sa.or_(Grant.ends.is_(None), Grant.ends >= today))


def live_session(session: Session, token: str, now: datetime) -> SignedInSession | None:
    """The session of a cookie's token, unless it has expired, was revoked, or its account is closed."""
    return session.scalar(
        sa.select(SignedInSession)
        .join(Account, Account.id == SignedInSession.account_id)
        .where(
            SignedInSession.token_hash == token_hash(token),
            SignedInSession.revoked_at.is_(None),
            SignedInSession.expires_at > now,
            Account.closed_at.is_(None),
        )
    )


@dataclass(frozen=True)
class HeldGrant:
    """A grant with what it says to people."""

    id: int
    title: str
    grant: Grant


def grants_of(session: Session, account_id: int, today: date) -> list[HeldGrant]:
    """The grants of an account that hold today, in the order they were given."""
    rows = session.execute(
        sa.select(Grant, sa.func.coalesce(Region.name, UNITS.c.name))
        .outerjoin(Region, Region.code == Grant.region_code)
        .outerjoin(UNITS, UNITS.c.id == Grant.organisation_id)
        .where(Grant.account_id == account_id, holds_on(today))
        .order_by(Grant.id)
        .limit(50)
    )
    return [HeldGrant(g.id, f"{name} · {g.role.label}" if name else g.role.label, g) for g, name in rows]


def actor_of(session: Session, signed_in: SignedInSession, today: date) -> Actor | None:
    """Who acts in a session: the account in the chosen grant, or in its first one. None when no grant is left."""
    account = session.get(Account, signed_in.account_id)
    held = grants_of(session, signed_in.account_id, today)
    if account is None or not held:
        return None
    chosen = next((h for h in held if h.id == signed_in.grant_id), held[0])
    return Actor(
        account_id=account.id,
        display_name=account.name,
        role=chosen.grant.role,
        grant_id=chosen.id,
        reach=reach_of(chosen.grant),
        grant_title=chosen.title,
        has_other_grants=len(held) > 1,
    )


def reach_of(grant: Grant) -> Reach:
    match grant.scope:
        case ScopeKind.TERRITORY:
            return Reach(territory=grant.region_code)
        case ScopeKind.ORGANISATION:
            return Reach(organisation_id=grant.organisation_id)
        case _:
            return Reach(person_id=grant.person_id)


def account_by_login(session: Session, login: str) -> Account | None:
    return session.scalar(sa.select(Account).where(Account.login == login.strip().lower(), Account.closed_at.is_(None)))


def account_by_uid(session: Session, uid: UUID) -> Account | None:
    return session.scalar(sa.select(Account).where(Account.uid == uid).options(selectinload(Account.grants)))


def accounts_page(session: Session, search: str, after: Sequence[str] | None, size: int) -> list[Account]:
    """Accounts by log-in name, those containing `search`, at most size + 1."""
    wanted = sa.select(Account).options(selectinload(Account.grants)).order_by(Account.login).limit(size + 1)
    if search:
        like = f"%{search.strip().lower()}%"
        wanted = wanted.where(sa.or_(Account.login.like(like), Account.name.like(like)))
    if after:
        wanted = wanted.where(Account.login > after[0])
    return list(session.scalars(wanted))


def grant_places(session: Session, account_ids: list[int]) -> dict[int, str]:
    """Grant → the name of the territory or unit that it is over, for grants of these accounts; oneself: not a key."""
    rows = session.execute(
        sa.select(Grant.id, sa.func.coalesce(Region.name, UNITS.c.name))
        .outerjoin(Region, Region.code == Grant.region_code)
        .outerjoin(UNITS, UNITS.c.id == Grant.organisation_id)
        .where(Grant.account_id.in_(account_ids))
    )
    return {id_: name for id_, name in rows if name}


def may_try_again_at(session: Session, login: str, address: str, now: datetime) -> datetime | None:
    """When this name or this address may try again after too many failures in WINDOW; None when it may now.

    The moment is when so many of the failures have left the window that the rest are fewer than the limit.
    """
    ring = keyring_of(session)
    limits = (
        (LoginFailure.login_hash == ring.lookup_hash(f"login:{login}"), MOST_FAILURES_A_NAME),
        (LoginFailure.address_hash == ring.lookup_hash(f"address:{address}"), MOST_FAILURES_AN_ADDRESS),
    )
    last_straws = [
        session.scalar(
            sa.select(LoginFailure.at)
            .where(whose, LoginFailure.at > now - WINDOW)
            .order_by(LoginFailure.at.desc())
            .offset(most - 1)
            .limit(1)
        )
        for whose, most in limits
    ]
    return max((at + WINDOW for at in last_straws if at is not None), default=None)


def set_up_link(session: Session, token: str, now: datetime, *, for_update: bool = False) -> SetUpLink | None:
    """The unused, unexpired link of a token."""
    wanted = sa.select(SetUpLink).where(
        SetUpLink.token_hash == token_hash(token), SetUpLink.used_at.is_(None), SetUpLink.expires_at > now
    )
    return session.scalar(wanted.with_for_update() if for_update else wanted)


def own_session(session: Session, account_id: int, uid: UUID) -> SignedInSession | None:
    """One of an account's sessions, live or ended; somebody else's is not there."""
    return session.scalar(
        sa.select(SignedInSession).where(SignedInSession.uid == uid, SignedInSession.account_id == account_id)
    )


def live_sessions_of(session: Session, account_id: int, now: datetime) -> list[SignedInSession]:
    return list(
        session.scalars(
            sa.select(SignedInSession)
            .where(
                SignedInSession.account_id == account_id,
                SignedInSession.revoked_at.is_(None),
                SignedInSession.expires_at > now,
            )
            .order_by(SignedInSession.seen_at.desc(), SignedInSession.id.desc())
            .limit(50)
        )
    )
