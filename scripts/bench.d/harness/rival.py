"""The application as it is, with one page more: the commissioners' list, its query written as raw SQL.

Same template, guard, filters and paging; only the benchmark serves it, so that both are measured in one run.
"""

import re
from datetime import date
from typing import Any
from unittest.mock import patch
from uuid import UUID

from flask import Blueprint

from app import create_app
from app.cli.serving import settle
from app.domain.vocabulary import Kind, Level, Source
from app.features.commissioners import queries, views
from app.web.session import db

blueprint = Blueprint("raw", __name__)

ROWS = """
SELECT c.id, c.uid, c.name, c.kind, c.source, r.name, o.name, c.pinyin
FROM commissioners c JOIN regions r ON r.code = c.county_code
LEFT JOIN organisations o ON o.id = c.sending_unit_id
WHERE :county = '' OR c.county_code = :county
ORDER BY c.pinyin, c.id LIMIT :size
"""
APPOINTMENTS = """
SELECT commissioner_id, level, batch_year, begins, ends FROM appointments
WHERE state = 'in_force' AND commissioner_id IN ({ids})
"""
INDUSTRIES = """
SELECT ci.commissioner_id, coalesce(upper.title, i.title) FROM commissioner_industries ci
JOIN industries i ON i.id = ci.industry_id LEFT JOIN industries upper ON upper.id = i.parent_id
WHERE ci.commissioner_id IN ({ids}) ORDER BY ci.commissioner_id, i.place
"""


def _all(sql: str, **values: Any) -> list[Any]:
    """Rows straight from the driver; SQLite takes :name, psycopg %(name)s."""
    connection = db().connection()
    if connection.dialect.name == "postgresql":
        sql = re.sub(r":(\w+)", r"%(\1)s", sql)
    return list(connection.exec_driver_sql(sql, values))


def _day(value: str | date) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def roll_page(session: Any, roll: queries.Roll, day: date, after: Any, size: int) -> list[queries.RollRow]:
    """The first page of the list, at most size + 1 rows."""
    rows = _all(ROWS, county=roll.county, size=size + 1)
    ids = ",".join(str(int(row[0])) for row in rows) or "0"
    newest: dict[int, int] = {}
    serving: dict[int, set[Level]] = {}
    for id_, level, year, begins, ends in _all(APPOINTMENTS.format(ids=ids)):
        newest[id_] = max(year, newest.get(id_, 0))
        if _day(begins) <= day <= _day(ends):
            serving.setdefault(id_, set()).add(Level(level))
    industries: dict[int, dict[str, None]] = {}
    for id_, title in _all(INDUSTRIES.format(ids=ids)):
        industries.setdefault(id_, {})[title] = None
    return [
        queries.RollRow(
            uid=uid if isinstance(uid, UUID) else UUID(uid), name=name, kind=Kind(kind), source=Source(source),
            county=county_name, sending_unit=unit, industries=tuple(industries.get(id_, ())),
            serving=tuple(sorted(serving.get(id_, ()), key=lambda level: -level.rank)), newest=newest.get(id_),
            after=(pinyin, id_),
        )
        for id_, uid, name, kind, source, county_name, unit, pinyin in rows
    ]  # fmt: skip


@blueprint.get("/raw/commissioners")
def commissioner_list() -> Any:
    """The list's own view, guard included, over the raw query; a sync worker serves one request at a time."""
    with patch.object(queries, "roll_page", roll_page):
        return views.commissioner_list()


application = create_app()
application.register_blueprint(blueprint)
settle()  # as `serve` does before its workers begin
