"""What is typed on one page: registering a person, a team or a firm, a new member, a correction.

These are writes like those of actions.py, which they call. Registering differs from keeping in refusing whoever is
on the roll already, so that an officer finds the record instead of filling it by accident.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.domain.vocabulary import OrganisationKind
from app.features.commissioners import actions, queries
from app.features.commissioners.models import Commissioner, TeamMember
from app.features.organisations import actions as organisations
from app.features.people import actions as people
from app.features.people.models import Person

KNOWN = "已经在册，请在名册中查找，在原有记录上登记选认。"


def register_individual(
    session: Session,
    actor: Actor,
    today: date,
    *,
    person: dict[str, str | None],
    sending_unit: str | None,
    more: dict[str, Any],
    **shared: Any,
) -> Commissioner:
    """A person new to the roll. `person`: name, id_number, phone, professional_title, education.

    Refused: whoever is a commissioner already, and whatever `keep_person` and `keep_individual` refuse.
    """
    kept = people.keep_person(session, actor, today, **person)  # type: ignore[arg-type]
    if queries.of_person(session, kept.id) is not None:
        raise AlreadyDone(f"{kept.name}{KNOWN}", field="name")
    unit = organisations.keep_sending_unit(session, actor, sending_unit)
    made = actions.keep_individual(session, actor, person=kept, sending_unit_id=unit, **shared)
    return _with(session, made, more)


def register_team(
    session: Session,
    actor: Actor,
    today: date,
    *,
    name: str,
    leader: dict[str, str | None],
    members: Sequence[tuple[str, str | None]],
    sending_unit: str | None,
    more: dict[str, Any],
    **shared: Any,
) -> Commissioner:
    """A team new to a county's roll. `members` holds (name, phone) pairs; the leader counts among them.

    Refused: a team of this name that the county keeps already, a team without a leader, a bad phone of anyone.
    """
    if queries.team_by_name(session, name.strip(), shared["county_code"]) is not None:
        raise AlreadyDone(f"{name}{KNOWN}", field="name")
    leading = _person(session, actor, today, "负责人", "leader_", **leader) if leader.get("name") else None
    others = [
        _person(session, actor, today, f"第{row}名成员", "members", name=given, phone=phone)
        for row, (given, phone) in enumerate(members, start=1)
    ]
    unit = organisations.keep_sending_unit(session, actor, sending_unit)
    made = actions.keep_team(session, actor, name=name, leader=leading, members=others, sending_unit_id=unit, **shared)
    return _with(session, made, more)


def register_entity(
    session: Session, actor: Actor, *, organisation: dict[str, Any], more: dict[str, Any], **shared: Any
) -> Commissioner:
    """A firm new to the roll. `organisation`: name, region_code, credit_code, contact_name, contact_phone."""
    kept = organisations.keep_organisation(session, actor, kind=OrganisationKind.ENTERPRISE, **organisation)
    if queries.of_organisation(session, kept.id) is not None:
        raise AlreadyDone(f"{kept.name}{KNOWN}", field="name")
    return _with(session, actions.keep_entity(session, actor, organisation=kept, **shared), more)


def register_member(
    session: Session, actor: Actor, today: date, team: Commissioner, name: str, phone: str | None
) -> TeamMember:
    """Somebody joins a team, known by name and phone or recorded now."""
    joining = _person(session, actor, today, "新成员", "member_", name=name, phone=phone)
    return actions.add_member(session, actor, today, team, joining)


def change_by_hand(
    session: Session,
    actor: Actor,
    found: Commissioner,
    opened_version: int,
    *,
    sending_unit: str | None,
    **values: Any,
) -> Commissioner:
    """A correction with the sending unit by name (of a firm there is none); see `change_commissioner`."""
    row = queries.locked(session, found)
    unit = organisations.keep_sending_unit(session, actor, sending_unit)
    return actions.change_commissioner(session, actor, row, opened_version, sending_unit_id=unit, **values)


def _person(session: Session, actor: Actor, today: date, who: str, prefix: str, **given: str | None) -> Person:
    """A leader or member; a refusal names who is meant and the field where it was typed."""
    try:
        return people.keep_person(session, actor, today, **given)  # type: ignore[arg-type]
    except RuleBroken as refusal:
        field = f"{prefix}{refusal.field}" if prefix.endswith("_") else prefix
        raise RuleBroken(f"{who}：{refusal.message}", field=field) from None


def _with(session: Session, made: Commissioner, more: dict[str, Any]) -> Commissioner:
    """Introduction and yearly capacity, which rosters do not carry."""
    made.introduction = (more.get("introduction") or "").strip() or None
    made.yearly_half_days = more["yearly_half_days"]
    session.flush()
    return made
