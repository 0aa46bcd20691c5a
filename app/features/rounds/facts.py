"""What is known of those whom a workbook names, looked up in a few queries whatever its length."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.rosters.entries import Mention, Reading, Setting
from app.domain.rosters.known import Known, KnownOrganisation, KnownPerson, KnownTeam
from app.domain.vocabulary import Kind, Level
from app.features.commissioners.models import Appointment, Commissioner
from app.features.commissioners.queries import in_force
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.storage.keyring import keyring_of

CHUNK = 800  # values of one IN list
Item = TypeVar("Item")


def chunks(items: Collection[Item]) -> Iterator[Sequence[Item]]:
    """Pieces that fit one IN list."""
    whole = list(items)
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]


def known(session: Session, reading: Reading, setting: Setting) -> Known:
    """Everything that planning this workbook asks about."""
    mentions = [person for entry in reading.entries for person in entry.people]
    people = _people(session, mentions)
    found = _described(session, people, mentions, setting)
    numbers = {_hash(session, f"id:{m.id_number}"): m.id_number for m in mentions if m.id_number}
    by_name: dict[str, list[KnownPerson]] = defaultdict(list)
    for person in found:
        by_name[person.name].append(person)
    with_number = {row.id: numbers.get(row.id_number_hash) for row in people}
    return Known(
        by_number={number: person for person in found if (number := with_number[person.id])},
        by_name={name: tuple(namesakes) for name, namesakes in by_name.items()},
        teams=_teams(session, reading, setting),
        organisations=_organisations(session, reading, setting),
    )


def _hash(session: Session, value: str) -> str:
    return keyring_of(session).lookup_hash(value)


def _people(session: Session, mentions: Iterable[Mention]) -> list[Any]:
    """Rows of persons of these names or identity numbers, the one recorded first first."""
    mentions = list(mentions)
    hashes = {_hash(session, f"id:{m.id_number}") for m in mentions if m.id_number}
    names = {m.name for m in mentions}
    wanted = sa.select(
        Person.id,
        Person.uid,
        Person.name,
        Person.id_number_hash,
        Person.phone_hash,
        Person.professional_title,
        Organisation.name.label("unit"),
    ).outerjoin(Organisation, Organisation.id == Person.employer_id)
    rows = {}
    for condition, values in ((Person.id_number_hash, hashes), (Person.name, names)):
        for part in chunks(values):
            rows.update({row.id: row for row in session.execute(wanted.where(condition.in_(part)))})
    return [rows[id_] for id_ in sorted(rows)]


def _described(session: Session, people: list[Any], mentions: list[Mention], setting: Setting) -> list[KnownPerson]:
    """The same persons with their units and what they hold."""
    phones = {_hash(session, f"phone:{m.phone}"): m.phone for m in mentions if m.phone}
    sending, held = _commissioners(session, [row.id for row in people])
    described = []
    for row in people:
        units = tuple(dict.fromkeys(unit for unit in (row.unit, sending.get(row.id)) if unit))
        appointments = held.get(row.id, [])
        here = next((county for level, year, county in appointments if (level, year) == _asked(setting)), "")
        latest = "、".join(f"{year}年{level.label}" for level, year, _ in appointments[:3])
        said = "，".join(part for part in (*units[:1], row.professional_title, latest) if part)
        described.append(
            KnownPerson(
                id=row.id,
                uid=row.uid,
                name=row.name,
                has_number=row.id_number_hash is not None,
                has_phone=row.phone_hash is not None,
                phone=phones.get(row.phone_hash),
                units=units,
                holds_in=here,
                said=f"{row.name}（{said}）" if said else row.name,
            )
        )
    return described


def _asked(setting: Setting) -> tuple[Level, int]:
    return setting.level, setting.year


def _commissioners(
    session: Session, person_ids: list[int]
) -> tuple[dict[int, str], dict[int, list[tuple[Level, int, str]]]]:
    """Person → sending unit, and → (level, year, county) of individual appointments in force, the latest first."""
    sending: dict[int, str] = {}
    held: dict[int, list[tuple[Level, int, str]]] = defaultdict(list)
    unit = aliased(Organisation)
    for part in chunks(person_ids):
        rows = session.execute(
            sa.select(Commissioner.person_id, unit.name)
            .join(unit, unit.id == Commissioner.sending_unit_id)
            .where(Commissioner.person_id.in_(part))
        )
        sending.update({person_id: name for person_id, name in rows if person_id is not None})
        appointments = session.execute(
            sa.select(Commissioner.person_id, Appointment.level, Appointment.batch_year, Appointment.county_code)
            .join(Appointment, Appointment.commissioner_id == Commissioner.id)
            .where(Commissioner.person_id.in_(part), in_force())
            .order_by(Appointment.batch_year.desc(), Appointment.id.desc())
        )
        for person_id, level, year, county in appointments:
            if person_id is not None:
                held[person_id].append((level, year, county))
    return sending, held


def _holding(setting: Setting) -> sa.ColumnElement[bool]:
    """Whether a commissioner has the appointment that is being imported."""
    return sa.exists().where(
        Appointment.commissioner_id == Commissioner.id,
        Appointment.level == setting.level,
        Appointment.batch_year == setting.year,
        in_force(),
    )


def _teams(session: Session, reading: Reading, setting: Setting) -> dict[tuple[str, str], KnownTeam]:
    names = {entry.name for entry in reading.entries if entry.kind is Kind.TEAM}
    found: dict[tuple[str, str], KnownTeam] = {}
    for part in chunks(names):
        rows = session.execute(
            sa.select(Commissioner.id, Commissioner.name, Commissioner.county_code, _holding(setting))
            .where(Commissioner.kind == Kind.TEAM, Commissioner.name.in_(part))
            .order_by(Commissioner.id)
        )
        for id_, name, county, holds in rows:
            found.setdefault((name, county), KnownTeam(id_, bool(holds)))
    return found


def _organisations(session: Session, reading: Reading, setting: Setting) -> tuple[KnownOrganisation, ...]:
    names, codes = set(), set()
    for entry in reading.entries:
        names |= {entry.sending_unit, *(person.employer for person in entry.people)}
        if entry.entity is not None:
            names.add(entry.entity.name)
            codes |= {entry.entity.credit_code} - {None}
    written = {form for name in names if name for form in _forms(name)}
    wanted = sa.select(
        Organisation.id,
        Organisation.name,
        Organisation.kind,
        Organisation.region_code,
        Organisation.credit_code,
        sa.case((_holding(setting), sa.true()), else_=sa.false()),
    ).outerjoin(Commissioner, Commissioner.organisation_id == Organisation.id)
    rows: dict[int, Any] = {}
    for condition, values in ((Organisation.name, written), (Organisation.credit_code, codes)):
        for part in chunks(values):
            rows.update({row[0]: row for row in session.execute(wanted.where(condition.in_(part)))})
    return tuple(KnownOrganisation(*rows[id_]) for id_ in sorted(rows))


def _forms(name: str) -> set[str]:
    """A unit's name with brackets of either width: both are typed."""
    wide = name.replace("(", "（").replace(")", "）")
    return {name, wide, wide.replace("（", "(").replace("）", ")")}
