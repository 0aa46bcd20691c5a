"""The trail: one row for every change, in its transaction, and never a personal value in clear (decision 21)."""

import json
import uuid
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.roles import Role, system_actor
from app.storage import trail
from app.storage.columns import Moment
from app.storage.trail import PERSONAL_CHANGED, Event
from app.tables import Base
from tests.builders import Builder, actor

SECRET = "秘密值13912345678"
BEFORE = "以前的秘密13887654321"


def personal_attributes() -> list[tuple[type, str]]:
    """(mapped class, attribute) of every column that is marked personal."""
    return [
        (mapper.class_, attribute.key)
        for mapper in sorted(Base.registry.mappers, key=lambda m: m.class_.__name__)
        for attribute in mapper.column_attrs
        if attribute.columns[0].info.get("person")
    ]


def plain_attributes() -> list[tuple[type, str]]:
    return [
        (mapper.class_, attribute.key)
        for mapper in sorted(Base.registry.mappers, key=lambda m: m.class_.__name__)
        for attribute in mapper.column_attrs
        if not attribute.columns[0].info.get("person") and not attribute.columns[0].primary_key
    ]


def as_loaded(mapped: type, **values: Any) -> Any:
    """A row as it comes from the database, without a database: the history of its columns is what is tested."""
    from sqlalchemy.orm import attributes, make_transient_to_detached

    row = mapped()
    for name, value in values.items():
        attributes.set_committed_value(row, name, value)
    for column in sa.inspect(mapped).primary_key:
        key = sa.inspect(mapped).get_property_by_column(column).key
        if row.__dict__.get(key) is None:
            attributes.set_committed_value(row, key, "1" if isinstance(column.type, sa.String) else 1)
    make_transient_to_detached(row)
    return row


def changed(mapped: type, name: str, before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    row = as_loaded(mapped, **{name: before})
    session = Session()
    session.add(row)
    from sqlalchemy.orm import attributes

    attributes.set_committed_value(row, name, before)
    setattr(row, name, after)
    found = trail.changes_of(row)
    session.expunge_all()
    return found


def test_there_are_personal_columns_to_test() -> None:
    names = {f"{mapped.__tablename__}.{name}" for mapped, name in personal_attributes()}
    assert {"people.name", "people.phone_sealed", "people.id_number_sealed", "demands.contact_name"} <= names


@pytest.mark.parametrize(("mapped", "name"), personal_attributes(), ids=lambda v: getattr(v, "__name__", v))
def test_of_a_personal_column_only_the_change_is_told(mapped: type, name: str) -> None:
    found = changed(mapped, name, BEFORE, SECRET)
    assert found == {name: (PERSONAL_CHANGED, PERSONAL_CHANGED)}
    assert SECRET not in json.dumps(found, ensure_ascii=False) and BEFORE not in json.dumps(found, ensure_ascii=False)


def sample(column: sa.Column, turn: int) -> Any:
    if isinstance(column.type, Moment):
        return datetime(2026, 1, 1 + turn, tzinfo=UTC)
    kind = column.type.python_type
    if issubclass(kind, Enum):
        members = list(kind)
        return members[turn % len(members)]
    values: dict[type, Any] = {
        bool: bool(turn), int: 5 + turn, float: 0.5 + turn, str: f"字{turn}", bytes: b"0",
        date: date(2026, 1, 1 + turn), uuid.UUID: uuid.UUID(int=turn),
    }  # fmt: skip
    return values[kind]


@pytest.mark.parametrize(("mapped", "name"), plain_attributes(), ids=lambda v: getattr(v, "__name__", v))
def test_of_other_columns_both_values_are_told_in_json(mapped: type, name: str) -> None:
    column = sa.inspect(mapped).column_attrs[name].columns[0]
    before, after = sample(column, 0), sample(column, 1)
    if before == after or isinstance(before, bytes):
        pytest.skip("a set of one member, or a file")
    found = changed(mapped, name, before, after)
    assert found == {name: (before, after)}
    json.dumps(found, default=trail._plain)


def test_nothing_of_a_person_stands_in_any_event_of_a_whole_life(session: Session, build: Builder) -> None:
    """Kept, changed, appointed, posted for and served: the trail's text holds none of the personal values."""
    words = {"name": "林保密", "phone": "13912345678", "contact": "官联系", "contact_phone": "13887654321"}
    person = build.person(words["name"], phone=words["phone"])
    appointment = build.appointment(build.commissioner(person=person))
    build.demand(contact_name=words["contact"], contact_phone=words["contact_phone"])
    build.passed_visit(appointment)
    person.name = "林改名"
    trail.record(session, actor(Role.CITY_HEAD, "350400"), "people.change", person)
    session.flush()
    rows = session.scalars(sa.select(Event)).all()
    told = "\n".join(f"{e.actor_name} {e.words} {e.changes}" for e in rows)
    assert len(rows) > 8 and "people.change" in {e.tag for e in rows}
    assert [w for w in (*words.values(), "林改名") if w in told] == []


def test_sealed_columns_hold_seals(session: Session, build: Builder) -> None:
    """Walks every column marked sealed of every row: whatever was written opens under the ring."""
    build.appointment()
    build.demand(contact_name="甲", contact_phone="13887654321")
    build.organisation(contact_name="乙", contact_phone="13887654322")
    ring, opened = session.info["keyring"], 0
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.info.get("sealed"):
                for value in session.scalars(sa.select(column).where(column.is_not(None))):
                    assert ring.open(value)
                    opened += 1
    assert opened >= 3


def test_an_event_goes_with_its_change_or_not_at_all(session: Session, build: Builder) -> None:
    count = sa.select(sa.func.count()).select_from(Event)
    before = session.scalar(count)
    outer = session.begin_nested()
    build.organisation("测试村甲")
    assert session.scalar(count) > before
    outer.rollback()
    assert session.scalar(count) == before


def test_a_new_row_is_named_by_its_key_and_a_role_by_its_label(session: Session, build: Builder) -> None:
    village = build.organisation()
    event = trail.record(session, actor(Role.COUNTY_HEAD), "organisations.test", village, words="为了试验")
    session.flush()
    assert (event.subject_table, event.subject_id) == ("organisations", village.id)
    assert event.actor_name == Role.COUNTY_HEAD.label and event.changes is None
    assert trail.record(session, system_actor("导入"), "x.y", village).actor_name == "导入"


def test_what_json_cannot_say_is_refused(session: Session, build: Builder) -> None:
    with pytest.raises(TypeError, match="not for the trail"):
        trail.record(session, actor(), "x.y", build.organisation(), changes={"z": (object(), 1)})
