"""Every table explains itself, says which columns are personal, and lets the database check its closed sets."""

import re
from collections.abc import Iterator
from enum import Enum

import pytest
import sqlalchemy as sa

from app import tables

Base = tables.Base
COLUMNS = [column for table in Base.metadata.sorted_tables for column in table.columns]

# Columns whose name sounds like a person's value but whose content is none.
NOT_PERSONAL = {
    "regions.name": "of a division",
    "regions.pinyin": "of a division",
    "regions.initials": "of a division",
    "organisations.name": "of a unit; published",
    "organisations.pinyin": "of a unit; published",
    "organisations.initials": "of a unit; published",
    "import_batches.file_name": "of a file, shown only to who sent it",
    "import_effects.table_name": "of a table",
    "import_effects.row_name": "of a row",
    "events.actor_name": "a role or a command",
    "login_failures.login_hash": "keyed hash of what was typed, kept for a day",
    "login_failures.address_hash": "keyed hash of an address, kept for a day",
    "accounts.login": "chosen for the door; told to nobody else",
    "accounts.password_hash": "of a password",
    "accounts.password_scheme": "of a password",
}
SOUNDS_PERSONAL = re.compile(
    r"(^|_)(name|names|pinyin|initials|phone|mobile|telephone|identity|id_number|email|address|birth|born|bank"
    r"|answered_by|sealed|login|password)(_|$)"
)


def ids(column: sa.Column) -> str:
    return f"{column.table.name}.{column.name}"


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda t: t.name)
def test_a_table_says_what_it_holds(table: sa.Table) -> None:
    assert table.comment, f"{table.name}: add {{'comment': …}} to its __table_args__"


def _kind_explains(column: sa.Column) -> bool:
    """Keys, moments and long texts named by their Annotated kind need no words of their own."""
    return column.primary_key or bool(column.comment)


def test_a_column_says_what_it_holds() -> None:
    allowed = {"events.subject_table", "events.subject_id"}  # the comment of their index's pair is their names
    assert [ids(c) for c in COLUMNS if not _kind_explains(c) and ids(c) not in allowed] == [], "add comment=…"


def test_a_column_that_sounds_personal_is_marked() -> None:
    sounding = [c for c in COLUMNS if SOUNDS_PERSONAL.search(c.name) and ids(c) not in NOT_PERSONAL]
    assert [ids(c) for c in sounding if not c.info.get("person")] == [], (
        "add info=columns.personal('purpose'), or say in NOT_PERSONAL why it is none"
    )


def test_what_is_sealed_says_so() -> None:
    """Phones, numbers and typed forms never stand in clear: their columns end in _sealed, and only those do."""
    assert [ids(c) for c in COLUMNS if bool(c.info.get("sealed")) != c.name.endswith("_sealed")] == []
    numbers = [c for c in COLUMNS if re.search(r"phone|id_number|bank", c.name)]
    assert [ids(c) for c in numbers if not c.name.endswith(("_sealed", "_hash"))] == [], "would hold a number in clear"


@pytest.mark.parametrize(
    "column",
    [c for c in COLUMNS if isinstance(c.type, sa.Enum)] or [pytest.param(None, marks=pytest.mark.skip)],
    ids=ids,
)
def test_a_closed_set_is_checked_by_the_database(column: sa.Column) -> None:
    checks = [c for c in column.table.constraints if isinstance(c, sa.CheckConstraint)]
    mine = [c for c in checks if getattr(c, "_type_bound", False) and c.name and str(c.name).endswith(column.type.name)]
    assert mine, f"{ids(column)}: make it with storage.base.choice(), which adds the check"
    members = list(column.type.enum_class or ())
    assert [m.value for m in members] == list(column.type.enums), "stored by value, not by name"
    assert max(len(value) for value in column.type.enums) <= column.type.length


def enums_of_models() -> Iterator[tuple[str, type[Enum]]]:
    for mapper in Base.registry.mappers:
        for attribute, hint in _hints(mapper.class_).items():
            if isinstance(hint, type) and issubclass(hint, Enum):
                yield f"{mapper.class_.__tablename__}.{attribute}", hint


def _hints(mapped: type) -> dict[str, object]:
    """attribute → the first plain type inside Mapped[…] (Mapped[Level | None] → Level)."""
    import typing

    found: dict[str, object] = {}
    for name, hint in typing.get_type_hints(mapped).items():
        while typing.get_args(hint):
            hint = next(a for a in typing.get_args(hint) if a is not type(None))
        found[name] = hint
    return found


def test_every_attribute_that_holds_an_enum_is_such_a_column() -> None:
    wanted = dict(enums_of_models())
    assert len(wanted) > 20
    made = {ids(c): c.type.enum_class for c in COLUMNS if isinstance(c.type, sa.Enum)}
    assert {name: enum for name, enum in wanted.items() if made.get(name) is not enum} == {}


def test_an_unknown_value_is_refused_by_the_database(session) -> None:
    """Written past the ORM, as a wrong migration or another program would."""
    session.execute(
        sa.text(
            "INSERT INTO organisations (uid, kind, name, pinyin, initials, made_at, version) "
            "VALUES (:uid, 'village', '甲村', 'jia cun', 'jc', :at, 1)"
        ),
        {"uid": "0" * 32, "at": "2026-01-01 00:00:00+00"},
    )
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(sa.text("UPDATE organisations SET kind = 'castle'"))


def test_every_foreign_key_names_its_table_by_string_and_has_a_constraint() -> None:
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            assert constraint.name or Base.metadata.naming_convention["fk"], table.name


def test_uids_are_unique_and_every_record_people_open_has_one() -> None:
    for column in COLUMNS:
        if column.name == "uid":
            assert column.unique, ids(column)


def test_times_are_moments_with_a_zone_and_days_are_dates() -> None:
    from app.storage.columns import Moment

    for column in COLUMNS:
        if isinstance(column.type, sa.DateTime):
            pytest.fail(f"{ids(column)}: use columns.Moment(), which keeps UTC on both databases")
        if column.name.endswith("_at") and not isinstance(column.type, Moment):
            pytest.fail(f"{ids(column)}: a name in _at is a moment; days end in _on")
        if column.name.endswith("_on"):
            assert isinstance(column.type, sa.Date), f"{ids(column)}: a name in _on is a day"


def test_nothing_that_is_added_up_is_a_float() -> None:
    """Seats of divisions are positions and are never summed (decision 15)."""
    floats = {ids(c) for c in COLUMNS if isinstance(c.type, sa.Float)}
    assert floats <= {"regions.lon", "regions.lat"}
