"""What an import did to the database, row by row, and how all of it is taken back.

While a batch is applied, every row that any action makes or fills in is noted from the session's own flushes: nothing
a desk does on the way can be forgotten. Undoing compares a keyed hash of each row with the one taken then, and asks
every foreign key of the database whether something else leans on it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.refusals import RuleBroken
from app.features.rounds.facts import chunks
from app.features.rounds.models import ImportBatch, ImportEffect, ImportWorkbook
from app.storage.base import Base
from app.storage.keyring import keyring_of
from app.storage.trail import Event

NOT_NOTED = frozenset(table.__tablename__ for table in (Event, ImportBatch, ImportEffect, ImportWorkbook))
Key = tuple[int, int | None]  # of rows whose key has one column, or two
Rows = dict[str, dict[Key, dict[str, Any] | None]]  # table → key → what stood there before; None for a row made


@dataclass
class Noted:
    """Rows made or filled in since noting began."""

    rows: Rows = field(default_factory=lambda: defaultdict(dict))

    def made(self, row: Any) -> None:
        if row.__tablename__ not in NOT_NOTED:
            self.rows[row.__tablename__][key_of(row)] = None

    def changed(self, row: Any) -> None:
        """Keep what stood in the changed columns before the first change; of a row made here nothing stood."""
        table, key = row.__tablename__, key_of(row)
        if table in NOT_NOTED or self.rows[table].get(key, {}) is None:
            return
        before = self.rows[table].setdefault(key, {})
        assert before is not None
        state = sa.inspect(row)
        for column in state.mapper.column_attrs:
            history = state.attrs[column.key].history
            if history.has_changes():
                before.setdefault(column.columns[0].name, history.deleted[0] if history.deleted else None)


def key_of(row: Any) -> Key:
    key = sa.inspect(row).mapper.primary_key_from_instance(row)
    return (key[0], key[1] if len(key) > 1 else None)


@contextmanager
def noting(session: Session) -> Iterator[Noted]:
    """Note every row that is flushed within the block."""
    noted = Noted()

    def after_flush(session: Session, context: object) -> None:
        for row in session.new:
            noted.made(row)
        for row in session.dirty:
            if session.is_modified(row):
                noted.changed(row)

    sa.event.listen(session, "after_flush", after_flush)
    try:
        yield noted
        session.flush()
    finally:
        sa.event.remove(session, "after_flush", after_flush)


def keep(session: Session, batch: ImportBatch, noted: Noted) -> None:
    """Write down what was noted, each row with the hash of what it holds now."""
    ring = keyring_of(session)
    for table_name, rows in noted.rows.items():
        now = _contents(session, table_name, rows)
        effects = [
            {
                "batch_id": batch.id,
                "table_name": table_name,
                "row_id": key[0],
                "other_id": key[1],
                "row_version": now[key].get("version"),
                "content_hash": _hash(session, now[key]),
                "before_sealed": None if before is None else ring.seal(json.dumps(before, ensure_ascii=False)),
            }
            for key, before in rows.items()
            if before is None or before
        ]
        if effects:
            session.execute(sa.insert(ImportEffect), effects)


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]


def _contents(session: Session, table_name: str, keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """Key → columns of rows, locked where the database can; rows that are gone are missing."""
    table = _table(table_name)
    first, *second = table.primary_key.columns
    found: dict[Key, dict[str, Any]] = {}
    for part in chunks({key[0] for key in keys}):
        for row in session.execute(sa.select(table).where(first.in_(part)).with_for_update()).mappings():
            found[(row[first.name], row[second[0].name] if second else None)] = dict(row)
    return found


def _hash(session: Session, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, default=str, sort_keys=True, ensure_ascii=False)
    return keyring_of(session).lookup_hash(f"row:{text}")


# ----- taking back


def noted_of(session: Session, batch: ImportBatch) -> tuple[Rows, dict[tuple[str, Key], str]]:
    """What a batch did, and the hash of each row after it."""
    ring = keyring_of(session)
    rows: Rows = defaultdict(dict)
    hashes = {}
    for effect in session.scalars(
        sa.select(ImportEffect).where(ImportEffect.batch_id == batch.id).order_by(ImportEffect.id)
    ):
        key = (effect.row_id, effect.other_id)
        rows[effect.table_name][key] = json.loads(ring.open(effect.before_sealed)) if effect.before_sealed else None
        hashes[effect.table_name, key] = effect.content_hash
    return rows, hashes


def changed_since(session: Session, rows: Rows, hashes: Mapping[tuple[str, Key], str]) -> list[tuple[str, Key]]:
    """Rows that are gone or hold something else than the import left there."""
    found = []
    for table_name, keys in rows.items():
        now = _contents(session, table_name, keys)
        found += [
            (table_name, key) for key in keys if key not in now or _hash(session, now[key]) != hashes[table_name, key]
        ]
    return found


def used_since(session: Session, rows: Rows) -> dict[tuple[str, int], dict[str, int]]:
    """(table, id) of rows made by the batch → table that leans on them → how many of its rows do.

    Rows of the batch itself do not count, nor references that taking back empties anyway.
    """
    made = {table: {key[0] for key, before in keys.items() if before is None} for table, keys in rows.items()}
    found: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for table, column, target in _references(made):
        for leaning, referred in _leaning(session, table, column, made[target]):
            if not _goes_with_it(rows, table.name, leaning, column.name):
                found[target, referred][table.name] += 1
    return found


def _references(made: Mapping[str, set[int]]) -> Iterator[tuple[sa.Table, Any, str]]:
    """(table, column, table referred to) of every foreign key that may name a row made by the batch."""
    for table in Base.metadata.sorted_tables:
        for foreign in table.foreign_keys:
            target = foreign.column.table.name
            if table.name not in NOT_NOTED and made.get(target) and foreign.column.primary_key:
                yield table, foreign.parent, target


def _goes_with_it(rows: Rows, table_name: str, key: Key, column: str) -> bool:
    """Whether taking back deletes the row that leans, or empties the column by which it does."""
    mine = rows.get(table_name, {})
    if key not in mine:
        return False
    before = mine[key]
    return before is None or column in before


def _leaning(session: Session, table: sa.Table, column: Any, ids: set[int]) -> Iterator[tuple[Key, int]]:
    """(key, referred id) of the rows of a table whose foreign key names one of the ids."""
    first, *second = table.primary_key.columns
    for part in chunks(ids):
        wanted = sa.select(first, second[0] if second else sa.null(), column).where(column.in_(part))
        for row in session.execute(wanted):
            yield (row[0], row[1]), row[2]


def take_back(session: Session, rows: Rows) -> None:
    """Put back what was filled in and delete what was made; refused if somebody uses a row at this very moment."""
    filled = [(_table(name), key, before) for name, keys in rows.items() for key, before in keys.items() if before]
    with session.no_autoflush:
        for table, key, before in filled:
            session.execute(sa.update(table).where(_is(table, key)).values(before))
        _delete_made(session, rows)
    session.expire_all()


def _delete_made(session: Session, rows: Rows) -> None:
    try:
        with session.begin_nested():
            for table in reversed(Base.metadata.sorted_tables):
                _delete(session, table, [key for key, before in rows.get(table.name, {}).items() if before is None])
    except sa.exc.IntegrityError as error:
        raise RuleBroken("刚刚有人用到了这批导入的内容，请刷新页面后再看能否撤销。") from error


def _is(table: sa.Table, key: Key) -> sa.ColumnElement[bool]:
    first, *second = table.primary_key.columns
    return sa.and_(first == key[0], *(column == key[1] for column in second))


def _delete(session: Session, table: sa.Table, keys: list[Key]) -> None:
    first, *second = table.primary_key.columns
    if second and keys:
        each = sa.delete(table).where(first == sa.bindparam("one"), second[0] == sa.bindparam("two"))
        session.connection().execute(each, [{"one": key[0], "two": key[1]} for key in keys])
        return
    for part in chunks([key[0] for key in keys]):
        session.execute(sa.delete(table).where(first.in_(part)))
