"""In whose name an account may act: a commissioner, a team's or station's head, a unit's contact, found by name.

Accounts know territories only; who is a commissioner and what is a unit is known here, to their right.
"""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.refusals import RuleBroken
from app.domain.roles import Actor, Role
from app.domain.vocabulary import Kind, OrganisationKind
from app.features.accounts import actions as accounts
from app.features.accounts.models import Account, Grant
from app.features.commissioners import queries
from app.features.commissioners.models import Commissioner, TeamMember
from app.features.organisations import queries as organisations
from app.features.organisations.models import Organisation
from app.features.people import queries as people
from app.features.people.models import Person

MOST_FOUND = 20
UNIT_ROLES = (Role.SENDING_CONTACT, Role.SERVED_CONTACT)


@dataclass(frozen=True)
class Subject:
    """Somebody or some unit in whose name one may act; `key` names it in a form."""

    key: str
    title: str
    about: str
    person_id: int | None = None
    organisation_id: int | None = None


def subjects(session: Session, role: Role, words: str) -> list[Subject]:
    """Whom an account of this role may act for, those that are called so, by name; at most twenty."""
    if role in UNIT_ROLES:
        return _units(session, role, organisations.called(words))
    found = _commissioners(session, role, _called(role, words))
    return (found + _units(session, role, _station_called(words)))[:MOST_FOUND] if role is Role.TEAM_HEAD else found


def _called(role: Role, words: str) -> sa.ColumnElement[bool]:
    """Commissioners who are called so; a team also by its leader, whom people know better than its name."""
    by_name = queries.called(words)
    return sa.or_(by_name, people.called(words)) if role is Role.TEAM_HEAD else by_name


def _station_called(words: str) -> sa.ColumnElement[bool]:
    """Stations that are called so, or that send somebody who is: a head is looked for by his or her own name too."""
    sent = sa.select(Commissioner.sending_unit_id).join(Person, Person.id == Commissioner.person_id)
    return sa.or_(organisations.called(words), Organisation.id.in_(sent.where(people.called(words))))


def _units(session: Session, role: Role, which: sa.ColumnElement[bool]) -> list[Subject]:
    sends = Organisation.kind.in_(organisations.SENDERS)
    suits = {
        Role.TEAM_HEAD: Organisation.kind == OrganisationKind.STATION,
        Role.SENDING_CONTACT: sends,
        Role.SERVED_CONTACT: sa.not_(sends),
    }
    found = session.scalars(
        sa.select(Organisation)
        .where(which, suits[role])
        .order_by(Organisation.pinyin, Organisation.id)
        .limit(MOST_FOUND)
    )
    return [Subject(f"unit-{row.id}", row.name, row.kind.label, organisation_id=row.id) for row in found]


def _commissioners(session: Session, role: Role, which: sa.ColumnElement[bool]) -> list[Subject]:
    """Individuals and legal entities for a commissioner's account, leaders of teams for a head's."""
    kinds = (Kind.TEAM,) if role is Role.TEAM_HEAD else (Kind.INDIVIDUAL, Kind.ENTITY)
    rows = session.execute(
        sa.select(Commissioner, Person, Organisation.name)
        .outerjoin(
            TeamMember,
            sa.and_(TeamMember.commissioner_id == Commissioner.id, TeamMember.leads, TeamMember.ends.is_(None)),
        )
        .outerjoin(Person, Person.id == sa.func.coalesce(Commissioner.person_id, TeamMember.person_id))
        .outerjoin(Organisation, Organisation.id == Commissioner.sending_unit_id)
        .where(which, Commissioner.kind.in_(kinds))
        .order_by(Commissioner.pinyin, Commissioner.id)
        .limit(MOST_FOUND)
    )
    found = []
    for row, person, unit in rows:
        about = "，".join(part for part in (row.kind.label, row.name if row.kind == Kind.TEAM else "", unit) if part)
        if person is not None:
            found.append(Subject(f"person-{person.id}", person.name, about, person_id=person.id))
        elif row.organisation_id is not None:
            found.append(Subject(f"unit-{row.organisation_id}", row.name, about, organisation_id=row.organisation_id))
    return found


def give_grant(session: Session, actor: Actor, account: Account, role: Role, today: date, key: str) -> Grant:
    """Let an account act in a role for the subject of `key`. Refused for one that the role cannot stand for."""
    kind, _, id_ = key.partition("-")
    number = int(id_) if id_.isdecimal() and len(id_) < 12 else 0
    if role in UNIT_ROLES or (role is Role.TEAM_HEAD and kind == "unit"):
        found = _units(session, role, Organisation.id == number) if kind == "unit" else []
    else:
        column = TeamMember.person_id if role is Role.TEAM_HEAD else Commissioner.person_id
        found = _commissioners(
            session, role, column == number if kind == "person" else Commissioner.organisation_id == number
        )
    if not found:
        raise RuleBroken("没有找到这个人或单位，请重新查找后再选。", field="subject")
    whom = found[0]
    return accounts.give_grant(
        session, actor, account, role, today, person_id=whom.person_id, organisation_id=whom.organisation_id
    )


def give_territory(session: Session, actor: Actor, account: Account, role: Role, today: date, region: str) -> Grant:
    """Let an account act in a role for a city, county or township."""
    return accounts.give_grant(session, actor, account, role, today, region_code=region)
