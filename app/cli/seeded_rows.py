"""Rows in bulk for measuring: buffered, numbered ahead, written table by table in the order of their keys."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, time
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import SHANGHAI
from app.storage.base import Base
from app.storage.trail import Event

MOST_BUFFERED = 20_000
NOON = time(12, 0)


def noon(day: date) -> datetime:
    return datetime.combine(day, NOON, SHANGHAI)


class Rows:
    """Takes rows of any table and returns their keys at once; past rules and trail, for measuring only.

    Every key of a table is given here, so the table must be empty of higher ones; `finish` moves PostgreSQL's
    sequences behind them.
    """

    def __init__(self, session: Session, random: Random, say: Callable[[str], object]) -> None:
        self.session, self.random, self.say = session, random, say
        self.waiting: dict[sa.Table, list[dict[str, Any]]] = defaultdict(list)
        self.last: dict[sa.Table, int] = {}
        self.buffered = self.written = 0

    def add(self, mapped: type[Base], **values: Any) -> int:
        """Buffer one row; its key, 0 for tables without one. Rows of a table must name the same columns each time."""
        table = mapped.__table__
        assert isinstance(table, sa.Table)
        key = 0
        if "id" in table.columns:
            key = values["id"] = self.last[table] = self._last(table) + 1
        if "uid" in table.columns:
            values["uid"] = UUID(int=self.random.getrandbits(128), version=4)
        self.waiting[table].append(values)
        self.buffered += 1
        return key

    def _last(self, table: sa.Table) -> int:
        if table not in self.last:
            self.last[table] = self.session.scalar(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))) or 0
        return self.last[table]

    def event(self, tag: str, table: str, row: int, by: str, day: date) -> None:
        """The trail's row of a step, as the actions would have written it."""
        self.add(Event, at=noon(day), actor_name=by, tag=tag, subject_table=table, subject_id=row)

    def flush_if_many(self) -> None:
        """Call where a record is whole: what it hangs on is then written before it."""
        if self.buffered >= MOST_BUFFERED:
            self.flush()

    def flush(self) -> None:
        for table in Base.metadata.sorted_tables:
            if rows := self.waiting.pop(table, None):
                self.session.execute(table.insert(), rows)
                self.written += len(rows)
        self.buffered = 0

    def finish(self) -> None:
        """Write the rest; let PostgreSQL go on counting behind what was given out here, and count its rows anew."""
        self.flush()
        if self.session.get_bind().dialect.name != "postgresql":
            return
        for table, key in self.last.items():
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            self.session.execute(sa.select(sa.func.setval(sequence, key)))
        self.session.execute(sa.text("ANALYZE"))  # as autovacuum does within a minute; SQLite never does by itself
