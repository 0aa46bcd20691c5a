"""Accounts for serving commissioners, many at a time: a log-in name made of the pinyin, the grant, a one-time link."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.refusals import RuleBroken
from app.domain.roles import Actor, Role
from app.features.accounts import actions as accounts
from app.features.accounts.models import Account
from app.features.commissioners import accountless
from app.features.commissioners.models import Commissioner
from app.features.people.models import Person


@dataclass(frozen=True)
class Opened:
    """An account that was just opened; `token` of the link is known only now."""

    name: str
    login: str
    token: str


def open_accounts(session: Session, actor: Actor, today: date, now: datetime, people: Collection[UUID]) -> list[Opened]:
    """Open an account for each of these people who still has none. Refused for nobody and for more than a page."""
    if not people:
        raise RuleBroken("请先勾选要开通账号的人。")
    if len(people) > accountless.MOST_AT_ONCE:
        raise RuleBroken(f"一次最多开通{accountless.MOST_AT_ONCE}个，请分几次办理。")
    found = session.scalars(
        sa.select(Person)
        .join(Commissioner, Commissioner.person_id == Person.id)
        .where(Person.uid.in_(people), *accountless.without_account(today, ""))
        .order_by(Person.pinyin, Person.id)
    )
    opened = []
    for person in found.unique().all():
        account = accounts.open_account(session, actor, _free_login(session, person), person.name)
        accounts.give_grant(session, actor, account, Role.COMMISSIONER, today, person_id=person.id)
        opened.append(Opened(person.name, account.login, accounts.make_set_up_link(session, actor, account, now)))
    if not opened:
        raise RuleBroken("勾选的人都已经有账号了，请刷新后再看。")
    return opened


def _free_login(session: Session, person: Person) -> str:
    """The pinyin of a name as one word, with the first number that nobody has: linfang, linfang2 …"""
    base = re.sub(r"[^a-z0-9]", "", person.pinyin)[:50] or "ketepai"
    taken = set(session.scalars(sa.select(Account.login).where(Account.login.startswith(base, autoescape=True))))
    number = 1
    while (login := base if number == 1 else f"{base}{number}") in taken:
        number += 1
    return login
