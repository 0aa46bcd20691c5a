"""The log of changes to offers, in the order of their commits: what every worker reads to keep its index
right.

A sequence is given out before the commit, so on PostgreSQL a reader that remembers the highest number it
saw would miss a slower transaction with a lower one. Here a transaction takes its positions from one
counter row as the very last thing before it commits, and holds that row until it has committed: positions
become visible in their order, without gaps. The lock is held for the moment of the commit only and nothing
is locked after it, so writers neither wait long nor deadlock. On SQLite there is one writer at a time
anyway.

Every kind of change is announced the same way (made, edited, withdrawn, deleted, capacity changed, a visit
passed): the reader fetches the offer as it is now, and one that is no longer there or no longer published
is taken out. An announcement too many costs a look-up; one too few would leave a wrong ranking.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from app.storage import columns
from app.storage.base import Base

_PENDING = "offer_changes_to_announce"
_HEAD = 1


class OfferChange(Base):
    __tablename__ = "offer_changes"
    __table_args__ = ({"comment": "offers that changed, in commit order; read by the matching index"},)

    position: Mapped[int] = mapped_column(
        columns.BIG, primary_key=True, autoincrement=False, comment="commit order, without gaps"
    )
    offer_id: Mapped[int] = mapped_column(columns.BIG, comment="the offer, which may be gone by now")
    made_at: Mapped[columns.created_at]


class OfferChangeHead(Base):
    __tablename__ = "offer_change_head"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        {"comment": "one row: the last position given out, and the first one still kept"},
    )

    id: Mapped[int] = mapped_column(sa.Integer(), primary_key=True, autoincrement=False, comment="always 1")
    position: Mapped[int] = mapped_column(columns.BIG, default=0, comment="last position given out")
    kept_from: Mapped[int] = mapped_column(columns.BIG, default=1, comment="changes before this are pruned")


class LogPruned(Exception):
    """The reader is so far behind that changes it has not seen are pruned; it must read all offers anew."""


@dataclass(frozen=True)
class Head:
    """How far the log goes: the last position, and the first one that can still be read."""

    position: int
    kept_from: int


def announce(session: Session, offer_ids: Iterable[int]) -> None:
    """Says that these offers change in this transaction. May be called before or after the change,
    repeatedly.

    The log rows are written when the session commits, never when it rolls back.
    """
    session.info.setdefault(_PENDING, {}).update(dict.fromkeys(offer_ids))


@sa.event.listens_for(Session, "before_commit")
def _write_announced(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(_PENDING):
        return
    session.flush()
    offer_ids = list(session.info.pop(_PENDING))
    last = _take_positions(session, len(offer_ids))
    first = last - len(offer_ids) + 1
    made_at = columns.now()
    session.execute(
        sa.insert(OfferChange),
        [
            {"position": position, "offer_id": offer_id, "made_at": made_at}
            for position, offer_id in enumerate(offer_ids, start=first)
        ],
    )


@sa.event.listens_for(Session, "after_soft_rollback")
def _forget_announced(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:  # a savepoint given up leaves the rest to be committed
        session.info.pop(_PENDING, None)


def _take_positions(session: Session, count: int) -> int:
    """Moves the head on by `count` and returns it; the row stays locked until this transaction ends."""
    head = sa.update(OfferChangeHead).where(OfferChangeHead.id == _HEAD)
    moved: Any = session.execute(head.values(position=OfferChangeHead.position + count))
    if moved.rowcount == 0:
        with suppress(IntegrityError), session.begin_nested():
            make_head(session)
        session.execute(head.values(position=OfferChangeHead.position + count))
    return session.scalars(sa.select(OfferChangeHead.position).where(OfferChangeHead.id == _HEAD)).one()


def make_head(session: Session) -> None:
    """Makes the one row of the head; the migration does, and whoever finds it missing."""
    session.execute(sa.insert(OfferChangeHead).values(id=_HEAD, position=0, kept_from=1))


def read_head(session: Session) -> Head:
    """How far the log goes now; asked at every query, so one indexed row and nothing else."""
    row = session.execute(
        sa.select(OfferChangeHead.position, OfferChangeHead.kept_from).where(OfferChangeHead.id == _HEAD)
    ).first()
    return Head(row.position, row.kept_from) if row else Head(0, 1)


def changes_after(session: Session, position: int, head: Head, most: int) -> Sequence[tuple[int, int]]:
    """At most `most` (position, offer id) after `position`, in order.

    Refused (LogPruned) when changes after `position` are no longer kept.
    """
    if position + 1 < head.kept_from:
        raise LogPruned
    rows = session.execute(
        sa.select(OfferChange.position, OfferChange.offer_id)
        .where(OfferChange.position > position, OfferChange.position <= head.position)
        .order_by(OfferChange.position)
        .limit(most)
    )
    return [(row.position, row.offer_id) for row in rows]


def prune(session: Session, before: datetime) -> int:
    """Drops changes made before a moment and says so in the head; returns how many. Readers that missed
    them rebuild.

    The last change is always kept, so that the head and the log never disagree.
    """
    newest = session.scalars(sa.select(sa.func.max(OfferChange.position)).where(OfferChange.made_at < before)).one()
    if newest is None:
        return 0
    head = sa.update(OfferChangeHead).where(OfferChangeHead.id == _HEAD)
    session.execute(head.values(kept_from=newest + 1))
    gone: Any = session.execute(sa.delete(OfferChange).where(OfferChange.position <= newest))
    return int(gone.rowcount)
