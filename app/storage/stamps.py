"""Stamps of what is counted: a reader that finds the same stamp may use what it counted before, and no other may.

Whatever changes rows that figures are made of gives the place and year they count in a new random stamp, in the same
transaction and as its last statement, so a stamp and what it stands for become visible together. A reader asks for
the stamps first and counts afterwards: it can only see rows as new as the stamp or newer, never older ones. Stamps are
random, not counted up, so that a database put back to an earlier day never shows one that stood for later rows.

Which rows matter is said by the tables (`counted_in`); rows written in bulk past the mapped classes renew everything.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import Any, ClassVar, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, SessionTransaction, mapped_column

from app.storage import columns, matching_log
from app.storage.base import Base

# The log of offers takes its position first, everywhere: two transactions never wait for each other crosswise.
FIRST = matching_log
ALL_YEARS = 0  # of a county: its appointments and what they declare, which hold from day to day
EVERYWHERE = ("", ALL_YEARS)
MOST_REMEMBERED = 600  # partial figures a process keeps, some kilobytes each
_PENDING = "stamps_to_renew"
_MAPPED: dict[str, type] = {}  # table name → class with `counted_in`

Mark = tuple[str, int]
T = TypeVar("T")


class ChangeStamp(Base):
    __tablename__ = "change_stamps"
    __table_args__ = ({"comment": "renewed with every change of what is counted in a county and year"},)

    place: Mapped[str] = mapped_column(sa.String(12), primary_key=True, comment="county; empty: everywhere")
    year: Mapped[int] = mapped_column(sa.Integer(), primary_key=True, autoincrement=False, comment="0: all years")
    stamp: Mapped[int] = mapped_column(columns.BIG, comment="random, never used twice")


class Counted(Protocol):
    """A mapped class whose rows figures are made of."""

    def counted_in(self) -> Iterable[Mark | int]:
        """(county, year) that a change of this row may move, as it was and as it is; or ids to ask `marks_of` for."""

    @classmethod
    def marks_of(cls, session: Session, ids: Iterable[int]) -> Iterable[Mark]:
        """(county, year) of the records with these ids, as far as they count."""


def values_of(row: Any, name: str) -> set[Any] | None:
    """An attribute's values before and after the change that is being flushed; None where the former is not known."""
    state = sa.inspect(row)
    past = state.attrs[name].history
    if past.added and not past.deleted and state.persistent:
        return None
    return {*past.added, *past.unchanged, *past.deleted}


class CountsEverywhere:
    """A row that others refer to: when one of `moves_figures` changes, figures of any place and year may move."""

    moves_figures: ClassVar[tuple[str, ...]]

    def counted_in(self) -> Iterable[Mark | int]:
        if not sa.inspect(self).persistent:  # a new row, which nothing that was counted can refer to
            return []
        changed = any((values := values_of(self, name)) is None or len(values) > 1 for name in self.moves_figures)
        return [EVERYWHERE] if changed else []

    @classmethod
    def marks_of(cls, session: Session, ids: Iterable[int]) -> Iterable[Mark]:
        return [EVERYWHERE]


C = TypeVar("C", bound=type)


def counted(mapped: C) -> C:
    """Class decorator: changes of this table's rows renew stamps."""
    _MAPPED[mapped.__table__.name] = mapped  # type: ignore[attr-defined]
    return mapped


@sa.event.listens_for(Session, "after_flush")
def _note_rows(session: Session, context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if type(row) in _MAPPED.values():
            pending = session.info.setdefault(_PENDING, {})
            pending.setdefault(type(row), set()).update(row.counted_in())


@sa.event.listens_for(Session, "do_orm_execute")
def _note_statements(state: ORMExecuteState) -> None:
    if state.is_select or not (state.is_insert or state.is_update or state.is_delete):
        return
    mapped = _MAPPED.get(getattr(getattr(state.statement, "table", None), "name", ""))
    if mapped is not None:
        state.session.info.setdefault(_PENDING, {}).setdefault(mapped, set()).add(EVERYWHERE)


@sa.event.listens_for(Session, "before_commit")
def _renew(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    pending: dict[Any, set[Mark | int]] = session.info.pop(_PENDING, {})
    marks: set[Mark] = set()
    for mapped, noted in pending.items():
        marks.update(mark for mark in noted if not isinstance(mark, int))
        if ids := [id_ for id_ in noted if isinstance(id_, int)]:
            marks.update(mapped.marks_of(session, ids))
    for place, year in sorted(marks):  # in one order, so that writers wait in a row
        session.execute(_RENEWAL, {"place": place, "year": year, "stamp": secrets.randbits(62)})


_RENEWAL = sa.text(
    "INSERT INTO change_stamps (place, year, stamp) VALUES (:place, :year, :stamp) "
    "ON CONFLICT (place, year) DO UPDATE SET stamp = excluded.stamp"
)


@sa.event.listens_for(Session, "after_soft_rollback")
def _forget_pending(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:  # a savepoint given up leaves the rest to be committed
        session.info.pop(_PENDING, None)


class Stamps:
    """The stamps as they stand; to be made before anything is counted."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(sa.select(ChangeStamp.place, ChangeStamp.year, ChangeStamp.stamp))
        self._stamps = {(place, year): stamp for place, year, stamp in rows}

    def of(self, place: str, year: int) -> tuple[int, int]:
        """What stands for everything counted in a county and year; 0 where nothing has changed since the beginning."""
        return self._stamps.get((place, year), 0), self._stamps.get(EVERYWHERE, 0)

    def of_years(self, counties: tuple[str, ...], first_year: int, last_year: int) -> tuple[tuple[Mark, int], ...]:
        """What stands for everything counted in these years in counties whose codes begin like one of these."""
        return tuple(
            (mark, stamp)
            for mark, stamp in sorted(self._stamps.items())
            if mark == EVERYWHERE or (mark[0].startswith(counties) and first_year <= mark[1] <= last_year)
        )

    def of_appointments(self) -> tuple[tuple[Mark, int], ...]:
        """What stands for all appointments and what they declare, whoever recommended them."""
        return self.of_years(("",), ALL_YEARS, ALL_YEARS)


_kept: OrderedDict[Hashable, Any] = OrderedDict()
_keeping = Lock()


def remembered(session: Session, key: Hashable, compute: Callable[[], T]) -> T:
    """What was computed under this key (which holds a stamp), or computed now. Treat it as read-only.

    Only in sessions opened for reading: one that writes sees its own rows, which no stamp stands for yet.
    """
    if not session.info.get("reads_only"):
        return compute()
    whole = (session.get_bind().engine.url, key)
    with _keeping:
        if whole in _kept:
            _kept.move_to_end(whole)
            found: T = _kept[whole]
            return found
    value = compute()
    with _keeping:
        _kept[whole] = value
        while len(_kept) > MOST_REMEMBERED:
            _kept.popitem(last=False)
    return value
