"""Writes of commissioners: kept once each, appointed, withdrawn, corrected. Every figure is derived from these rows."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.appointments import check_cover, check_team, check_term
from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken
from app.domain.roles import Actor
from app.domain.vocabulary import Ground, Kind, Level, Source
from app.features.commissioners import queries
from app.features.commissioners.models import (
    Appointment,
    AppointmentState,
    Commissioner,
    CommissionerIndustry,
    DeclaredCover,
    TeamMember,
)
from app.features.organisations.models import Organisation
from app.features.people import actions as people
from app.features.people.models import Person
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.storage import trail
from app.storage.names import pinyin_of
from app.storage.session import unique_or
from app.storage.versions import check_fresh, raise_version

KNOWN = "这位科技特派员已经在册，请在名册中查找，在原记录上添加选认。"


def keep_individual(
    session: Session,
    actor: Actor,
    *,
    person: Person,
    source: Source,
    county_code: str,
    sending_unit_id: int | None = None,
    specialities: str = "",
    industry_ids: Iterable[int] = (),
) -> Commissioner:
    """The commissioner that a person is, made where there is none; what is empty is filled in."""
    found = session.scalar(sa.select(Commissioner).where(Commissioner.person_id == person.id))
    made = Commissioner(kind=Kind.INDIVIDUAL, name=person.name, person_id=person.id)
    made.pinyin, made.initials = pinyin_of(person.name, person=True)
    return _keep(session, actor, found, made, source, county_code, sending_unit_id, specialities, industry_ids)


def keep_entity(
    session: Session,
    actor: Actor,
    *,
    organisation: Organisation,
    source: Source,
    county_code: str,
    sending_unit_id: int | None = None,
    specialities: str = "",
    industry_ids: Iterable[int] = (),
) -> Commissioner:
    """The commissioner that an organisation is, made where there is none; what is empty is filled in."""
    found = session.scalar(sa.select(Commissioner).where(Commissioner.organisation_id == organisation.id))
    made = Commissioner(kind=Kind.ENTITY, name=organisation.name, organisation_id=organisation.id)
    made.pinyin, made.initials = organisation.pinyin, organisation.initials
    return _keep(session, actor, found, made, source, county_code, sending_unit_id, specialities, industry_ids)


def keep_team(
    session: Session,
    actor: Actor,
    *,
    name: str,
    source: Source,
    county_code: str,
    leader: Person | None,
    members: Sequence[Person] = (),
    sending_unit_id: int | None = None,
    specialities: str = "",
    industry_ids: Iterable[int] = (),
) -> Commissioner:
    """The team of this name in a county, made where there is none; members that are missing join it.

    Refused: a team without a name or a leader. A known team keeps the leader it has.
    """
    name = name.strip()
    check_team(name, leader is not None)
    found = queries.team_by_name(session, name, county_code)
    made = Commissioner(kind=Kind.TEAM, name=name)
    made.pinyin, made.initials = pinyin_of(name)
    team = _keep(session, actor, found, made, source, county_code, sending_unit_id, specialities, industry_ids)
    present = set(session.scalars(sa.select(TeamMember.person_id).where(TeamMember.commissioner_id == team.id)))
    joining = {person.id: person for person in (leader, *members) if person is not None and person.id not in present}
    rows = [
        TeamMember(commissioner_id=team.id, person_id=person.id, leads=found is None and person is leader)
        for person in joining.values()
    ]
    session.add_all(rows)
    session.flush()
    if found is not None:
        for row in rows:
            trail.record(session, actor, "commissioners.add_member", row)
    return team


def _keep(
    session: Session,
    actor: Actor,
    found: Commissioner | None,
    made: Commissioner,
    source: Source,
    county_code: str,
    sending_unit_id: int | None,
    specialities: str,
    industry_ids: Iterable[int],
) -> Commissioner:
    industries = set(industry_ids)
    if found is not None:
        return _fill(session, actor, found, sending_unit_id, specialities, industries)
    _check_county(session, actor, county_code)
    made.source, made.county_code = source, county_code
    made.sending_unit_id, made.specialities = sending_unit_id, specialities.strip()[:300]
    with unique_or(session, AlreadyDone(KNOWN)):
        session.add(made)
    session.add_all(CommissionerIndustry(commissioner_id=made.id, industry_id=id_) for id_ in sorted(industries))
    trail.record(session, actor, "commissioners.keep", made)
    session.flush()
    return made


def _check_county(session: Session, actor: Actor, county_code: str) -> None:
    """Refuse an unknown county, a township, and a county outside the actor's territory."""
    found = regions.region(session, county_code)
    if found is None or found.rank not in ("city", "county"):
        raise RuleBroken("请选择县（市、区），市直单位请选择三明市。", field="county_code")
    # The platform itself (imports by command, demonstration data) acts without a role and reaches everything.
    if actor.role is not None and not regions.is_inside(session, county_code, actor.reach.territory):
        raise RuleBroken(f"{found.name}不在您的辖区，请由该地科技局办理。", field="county_code")


def _fill(
    session: Session,
    actor: Actor,
    found: Commissioner,
    sending_unit_id: int | None,
    specialities: str,
    industry_ids: set[int],
) -> Commissioner:
    known = set(
        session.scalars(
            sa.select(CommissionerIndustry.industry_id).where(CommissionerIndustry.commissioner_id == found.id)
        )
    )
    missing = sorted(industry_ids - known)
    session.add_all(CommissionerIndustry(commissioner_id=found.id, industry_id=id_) for id_ in missing)
    if sending_unit_id and not found.sending_unit_id:
        found.sending_unit_id = sending_unit_id
    if specialities.strip() and not found.specialities:
        found.specialities = specialities.strip()[:300]
    if missing or trail.changes_of(found):
        changes = trail.changes_of(found)
        raise_version(found)
        trail.record(session, actor, "commissioners.fill", found, changes=changes)
        session.flush()
    return found


def appoint(
    session: Session,
    actor: Actor,
    today: date,
    *,
    commissioner: Commissioner,
    level: Level,
    batch_year: int,
    begins: date,
    ends: date,
    ground: Ground,
    county_code: str,
    document: str | None = None,
    cover: Sequence[tuple[str, int]] = (),
    import_batch_id: int | None = None,
    renewal_of: Appointment | None = None,
) -> Appointment:
    """Appoint a commissioner at one level for one batch year; `cover` holds (region code, industry id) pairs.

    Refused: a term that cannot be meant, a second appointment of the same level and year, declared places
    outside the recommending county, an unknown industry, a county outside the actor's territory.
    """
    check_term(batch_year, begins, ends, today)
    _check_county(session, actor, county_code)
    _check_pairs(session, county_code, cover)
    _check_renewal(commissioner, renewal_of)
    _check_person(session, commissioner)
    row = Appointment(
        commissioner_id=commissioner.id, level=level, batch_year=batch_year, begins=begins, ends=ends, ground=ground,
        county_code=county_code, document=(document or "").strip()[:120] or None, import_batch_id=import_batch_id,
        renewal_of_id=renewal_of.id if renewal_of else None, state=AppointmentState.IN_FORCE,
    )  # fmt: skip
    row.cover = [DeclaredCover(region_code=code, industry_id=id_) for code, id_ in sorted(set(cover))]
    with unique_or(session, _appointed_already(commissioner, level, batch_year)):
        session.add(row)
    row.commissioner = commissioner
    trail.record(session, actor, "commissioners.appoint", row, words=f"{batch_year}年度{level.label}")
    return row


def _appointed_already(commissioner: Commissioner, level: Level, batch_year: int) -> AlreadyDone:
    held = f"{commissioner.name}已有{batch_year}年度的{level.label}选认"
    return AlreadyDone(f"{held}，同一年度同一级别只能有一次；如原记录有误，请先撤销。", field="batch_year")


def _check_person(session: Session, commissioner: Commissioner) -> None:
    person = session.get(Person, commissioner.person_id) if commissioner.person_id else None
    if person is not None and person.anonymised_at is not None:
        raise RuleBroken(people.GONE)


def _check_renewal(commissioner: Commissioner, renewal_of: Appointment | None) -> None:
    if renewal_of is not None and renewal_of.commissioner_id != commissioner.id:
        raise RuleBroken("续聘只能接续同一科技特派员的选认，请重新选择。", field="renewal_of")


def _check_pairs(session: Session, county_code: str, cover: Sequence[tuple[str, int]]) -> None:
    if not cover:
        return
    codes = [code for code, _ in cover]
    check_cover(county_code, codes, regions.names(session, [county_code, *codes]))
    wanted = {id_ for _, id_ in cover}
    if wanted - vocabulary.known_industry_ids(session, wanted):
        raise RuleBroken("没有这个产业，请重新选择。", field="cover")


def withdraw_appointment(
    session: Session, actor: Actor, today: date, appointment: Appointment, reason: str
) -> Appointment:
    """Withdraw an appointment: it stays on the record with its reason and counts no longer.

    Refused: without a reason, a second time, outside the actor's territory.
    """
    _check_county(session, actor, appointment.county_code)
    words = reason.strip()
    if not words:
        raise MoveRefused("请写明撤销的原因，让本人和派出单位知道为什么。", field="reason")
    if len(words) > 300:
        raise RuleBroken("撤销原因最多300个字，请写短一些。", field="reason")
    row = queries.locked_appointment(session, appointment.id)
    if row.state == AppointmentState.WITHDRAWN:
        raise AlreadyDone("这项选认已经撤销，不能再撤销一次。", field="reason")
    row.state, row.withdrawn_on, row.withdrawn_because = AppointmentState.WITHDRAWN, today, words
    trail.record(session, actor, "commissioners.withdraw", row, words=words)
    session.flush()
    return row


def change_commissioner(
    session: Session,
    actor: Actor,
    found: Commissioner,
    opened_version: int,
    *,
    name: str,
    source: Source,
    county_code: str,
    sending_unit_id: int | None,
    specialities: str,
    introduction: str | None,
    yearly_half_days: int,
    industry_ids: Iterable[int],
    contact: dict[str, str | None] | None = None,
) -> Commissioner:
    """Correct a commissioner (locked by the caller); of an individual the person too (`contact`: phone, title …).

    Refused: a stale page (StaleEdit), a county outside the actor's territory, a team without a name.
    """
    check_fresh(found, opened_version)
    if county_code != found.county_code:
        _check_county(session, actor, county_code)
    _rename(session, actor, found, name, contact or {})
    found.source, found.county_code, found.sending_unit_id = source, county_code, sending_unit_id
    found.specialities, found.introduction = specialities.strip()[:300], (introduction or "").strip() or None
    found.yearly_half_days = yearly_half_days
    changes: dict[str, tuple[Any, Any]] = trail.changes_of(found)
    before = _set_industries(session, found, set(industry_ids))
    if before is not None:
        changes["industries"] = (before, sorted(set(industry_ids)))
    raise_version(found)
    trail.record(session, actor, "commissioners.change", found, changes=changes)
    session.flush()
    return found


def _rename(session: Session, actor: Actor, found: Commissioner, name: str, contact: dict[str, Any]) -> None:
    """Correct the name, of an individual with the person's own row; an entity bears its organisation's name."""
    if found.kind is Kind.ENTITY:
        return
    if found.kind is Kind.INDIVIDUAL:
        person = session.get_one(Person, found.person_id)
        name = people.change_person(session, actor, person, name=name, **contact).name
    else:
        check_team(name, has_leader=True)
    if name.strip() != found.name:
        found.name = name.strip()
        found.pinyin, found.initials = pinyin_of(found.name, person=found.kind is Kind.INDIVIDUAL)


def _set_industries(session: Session, found: Commissioner, wanted: set[int]) -> list[int] | None:
    """Give a commissioner exactly these industries; the ones held before, or None where nothing changed."""
    held = {row.industry_id: row for row in found.industries}
    if set(held) == wanted:
        return None
    for id_ in set(held) - wanted:
        session.delete(held[id_])
    session.add_all(CommissionerIndustry(commissioner=found, industry_id=id_) for id_ in sorted(wanted - set(held)))
    return sorted(held)


def add_member(session: Session, actor: Actor, today: date, team: Commissioner, person: Person) -> TeamMember:
    """Somebody joins a team today. Refused for somebody who is a member already."""
    row = session.scalar(
        sa.select(TeamMember).where(TeamMember.commissioner_id == team.id, TeamMember.person_id == person.id)
    )
    if row is not None and row.ends is None:
        raise AlreadyDone(f"{person.name}已经是团队成员。", field="member_name")
    if row is None:
        row = TeamMember(commissioner_id=team.id, person_id=person.id, leads=False, begins=today)
        session.add(row)
    else:
        row.ends = None
    trail.record(session, actor, "commissioners.add_member", row)
    session.flush()
    return row


def end_member(session: Session, actor: Actor, today: date, member: TeamMember) -> None:
    """A member leaves; the record stays. The leader cannot leave before somebody else leads."""
    if member.leads:
        raise RuleBroken("负责人不能直接退出，请先更换负责人。")
    if member.ends is None:
        member.ends = max(today, member.begins or today)
        trail.record(session, actor, "commissioners.end_member", member)
        session.flush()


def change_leader(session: Session, actor: Actor, team: Commissioner, member: TeamMember) -> None:
    """Another present member leads from now on; the former leader stays a member."""
    if member.commissioner_id != team.id or member.ends is not None:
        raise RuleBroken("只能从现有成员中选择负责人。")
    for row in team.members:
        if row.leads and row.id != member.id:
            row.leads = False
            trail.record(session, actor, "commissioners.end_lead", row)
    session.flush()  # one leader at a time: the database refuses two, even for a moment
    member.leads = True
    trail.record(session, actor, "commissioners.lead", member)
    session.flush()


def reveal_phone(session: Session, actor: Actor, found: Commissioner, person: Person) -> str | None:
    """The phone of an individual or member in clear, with a trail row; the caller has checked the territory."""
    return people.reveal(session, actor, person, f"查看科技特派员（{found.kind.label}）的联系电话")
