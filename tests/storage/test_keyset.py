"""Keyset paging: page after page gives the full list in its order, each row once, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.storage.columns import BINARY_TEXT
from app.storage.keyset import behind, ordering

metadata = sa.MetaData()
rows = sa.Table(
    "paged_rows",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("pinyin", BINARY_TEXT, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    prefixes=["TEMPORARY"],
)
ORDERS = {
    "by name": [(rows.c.pinyin, False), (rows.c.id, False)],
    "newest first": [(rows.c.id, True)],
    "year, then name": [(rows.c.year, True), (rows.c.pinyin, False), (rows.c.id, False)],
    "day down, id down": [(rows.c.day, True), (rows.c.id, True)],
}
# Letters whose order differs between languages, and blanks, which some collations skip.
NAMES = st.text(alphabet="aAbZz é_", max_size=4)
FACTS = st.lists(st.tuples(NAMES, st.integers(2017, 2020), st.integers(0, 3)), max_size=40)


@pytest.fixture(scope="module", params=sorted(ORDERS))
def order(request: pytest.FixtureRequest) -> list[tuple[Any, bool]]:
    return ORDERS[request.param]


def listing(session: Session, order: list[tuple[Any, bool]]) -> sa.Select[Any]:
    return sa.select(*(column for column, _ in order)).order_by(*ordering(order))


def by_pages(session: Session, order: list[tuple[Any, bool]], size: int) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    after = None
    while page := session.execute(listing(session, order).where(behind(order, after)).limit(size)).all():
        found += [tuple(row) for row in page]
        after = list(page[-1])
        assert len(found) < 1000, "a page began where the last one began"
    return found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(facts=FACTS, size=st.integers(1, 9))
def test_page_after_page_is_the_full_list(
    session: Session, order: list[tuple[Any, bool]], facts: list[tuple[str, int, int]], size: int
) -> None:
    metadata.create_all(session.connection())
    session.execute(sa.delete(rows))
    if facts:
        made = [
            {"id": n, "pinyin": name, "year": year, "day": date(2020, 1, 1) + timedelta(days=days)}
            for n, (name, year, days) in enumerate(facts, 1)
        ]
        session.execute(sa.insert(rows), made)
    full = [tuple(row) for row in session.execute(listing(session, order))]
    paged = by_pages(session, order, size)
    assert paged == full
    assert len(paged) == len(facts) and len(set(paged)) == len(paged)


def test_names_sort_by_their_bytes_on_both_databases(session: Session) -> None:
    """Otherwise a page of one database would begin elsewhere than the same page of the other."""
    metadata.create_all(session.connection())
    names = ["zhang san", "Zhang", "zhang", "an xi", "anxi", "é", "_"]
    made = [{"id": n, "pinyin": name, "year": 2020, "day": date(2020, 1, 1)} for n, name in enumerate(names)]
    session.execute(sa.insert(rows), made)
    found = session.scalars(sa.select(rows.c.pinyin).order_by(rows.c.pinyin)).all()
    assert found == sorted(names, key=str.encode)


@pytest.mark.parametrize("after", [None, [], ["a"], ["a", 1, 2]])
def test_a_damaged_cursor_begins_at_the_beginning(after: list[Any] | None) -> None:
    assert isinstance(behind(ORDERS["by name"], after), sa.sql.elements.True_)


def test_a_row_taken_away_between_two_pages_shifts_nothing(session: Session) -> None:
    """What offsets get wrong: the next page would leave one out."""
    metadata.create_all(session.connection())
    day = date(2020, 1, 1)
    session.execute(sa.insert(rows), [{"id": n, "pinyin": f"n{n:02d}", "year": 2020, "day": day} for n in range(1, 21)])
    order = ORDERS["by name"]
    first = session.execute(listing(session, order).limit(5)).all()
    session.execute(sa.delete(rows).where(rows.c.id.in_([2, 5])))
    second = session.execute(listing(session, order).where(behind(order, list(first[-1]))).limit(5)).all()
    assert [row.id for row in second] == [6, 7, 8, 9, 10]
