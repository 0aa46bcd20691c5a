"""A list asks the database as often for fifty rows as for five: nothing is fetched row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
import sqlalchemy as sa

from app.domain.roles import Role
from tests.builders import TOWNSHIP

FEW, MANY = 5, 50
# Page → words that stand in it once for each row, so that the rows are known to be on the page.
LISTS = {
    "/commissioners/": 'scope="row"',
    "/demands/": 'scope="row"',
    "/visits/": 'scope="row"',
    "/visits/review": 'scope="row"',
    "/menus/": 'scope="row"',
    "/organisations/": 'scope="row"',
    "/tallies/rows/visits?from=2026&to=2026": 'scope="row"',
    "/tallies/rows/individual_people?from=2026&to=2026": 'scope="row"',
}


@contextmanager
def asked(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements that are sent within the block."""
    statements: list[str] = []

    def keep(connection, cursor, statement, *rest) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", keep)


def fill(client, rows: int, first_number: int) -> None:
    with client.building() as build:
        build.numbers = count(first_number)  # names and numbers of its own
        for _ in range(rows):
            appointment = build.appointment()
            build.visit(appointment, service_date=build.today)
            build.passed_visit(appointment)
            build.offer(appointment.commissioner)
            build.open_demand(region_code=TOWNSHIP)


def opened(client, path: str) -> tuple[int, list[str]]:
    """(rows on the page, statements sent); opened once before, so that what is remembered is remembered both times."""
    client.http.get(path)
    with asked(client.platform.engine) as statements:
        answer = client.http.get(path)
    assert answer.status_code == 200, path
    return answer.text.count(LISTS[path]), list(statements)


@pytest.mark.parametrize("role", [Role.CITY_REVIEWER, Role.CITY_HEAD])
def test_fifty_rows_cost_as_many_queries_as_five(client, role):
    client.sign_in(role)
    paths = [path for path in LISTS if client.http.get(path).status_code == 200]
    fill(client, FEW, 1)
    few = {path: opened(client, path) for path in paths}
    fill(client, MANY - FEW, 1000)
    for path in paths:
        (rows_before, before), (rows, now) = few[path], opened(client, path)
        assert rows > rows_before, f"{path} shows no more rows than before; it proves nothing"
        more = "\n".join(statement for statement in now if statement not in before)
        assert len(now) <= len(before), f"{path}: {len(before)} queries for few rows, {len(now)} for many\n{more}"
