"""Reads of serving commissioners who cannot sign in yet."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.roles import Role
from app.features.accounts.models import Account, Grant
from app.features.commissioners import queries
from app.features.commissioners.models import Appointment, Commissioner
from app.features.people.models import Person
from app.storage.reach import inside

MOST_AT_ONCE = 50
ROLES = (Role.COMMISSIONER, Role.TEAM_HEAD)


@dataclass(frozen=True)
class Waiting:
    """A serving individual who cannot sign in yet."""

    uid: UUID
    name: str
    county_code: str


def without_account(today: date, county: str) -> list[sa.ColumnElement[bool]]:
    """Serving individuals of a county ("" for all) for whom no open account acts."""
    acting = (  # one set, read once: grants have no index by person
        sa.select(Grant.person_id)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Grant.person_id.is_not(None),
            Grant.role.in_(ROLES),
            sa.or_(Grant.ends.is_(None), Grant.ends >= today),
            Account.closed_at.is_(None),
        )
    )
    serves = sa.select(Appointment.id).where(Appointment.commissioner_id == Commissioner.id, queries.serving_on(today))
    where = [Commissioner.person_id == Person.id, serves.exists(), Person.id.not_in(acting)]
    return [*where, inside(Commissioner.county_code, county)] if county else where


def waiting(session: Session, today: date, county: str) -> list[Waiting]:
    """Serving individuals without an account, by name; at most one page, those who got one make room for the next."""
    rows = session.execute(
        sa.select(Person.uid, Person.name, Commissioner.county_code)
        .where(*without_account(today, county))
        .order_by(Commissioner.pinyin, Commissioner.id)
        .limit(MOST_AT_ONCE)
    )
    return [Waiting(*row) for row in rows]


def how_many_wait(session: Session, today: date, county: str = "") -> int:
    return session.scalar(sa.select(sa.func.count(Person.id.distinct())).where(*without_account(today, county))) or 0
