"""Seals over the trail: a keyed hash of each event and its predecessor's seal, written by one process after the commit.

Writers never wait: an event stands unsealed until the sealer comes by, seconds later. Whoever then alters, removes or
slips in a sealed event, even with the database's own password, breaks the chain for all to see, since the key is not
kept in the database. The end of the chain is also noted outside it (the *anchor*), so that it cannot be cut short.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.storage import columns
from app.storage.base import Base
from app.storage.keyring import KeyRing, keyring_of
from app.storage.trail import Event

BATCH = 5_000
# A transaction may commit long after it took its number: so far behind the last sealed event the sealer looks again.
LOOK_BACK = 10_000
MOST_FAULTS = 20
FIRST_SEAL = "0" * 64
# What of an event is sealed: all of it.
CONTENT: tuple[Any, ...] = (
    Event.id, Event.at, Event.account_id, Event.grant_id, Event.actor_name,
    Event.tag, Event.subject_table, Event.subject_id, Event.words, Event.changes,
)  # fmt: skip


class EventSeal(Base):
    __tablename__ = "event_seals"
    __table_args__ = ({"comment": "the chain over the trail; append-only, one row an event"},)

    sequence: Mapped[int] = mapped_column(
        columns.BIG, primary_key=True, autoincrement=False, comment="1, 2, 3 … without gaps: two sealers collide"
    )
    # No foreign key: a seal outlasts what it proves.
    event_id: Mapped[int] = mapped_column(columns.BIG, unique=True, comment="of which event")
    key_id: Mapped[str] = mapped_column(sa.String(16), comment="made with which key of the ring")
    seal: Mapped[str] = mapped_column(sa.String(64), comment="HMAC-SHA256 over predecessor, sequence and content, hex")


class TrailCheck(Base):
    __tablename__ = "trail_checks"
    __table_args__ = ({"comment": "what each check of the whole chain found"},)

    id: Mapped[columns.key]
    at: Mapped[columns.created_at]
    up_to: Mapped[int] = mapped_column(columns.BIG, comment="seals checked: the last sequence")
    faults: Mapped[str] = mapped_column(sa.Text(), comment="JSON: the first faults, in words; [] when all is well")


@dataclass(frozen=True)
class Anchor:
    """The end of the chain as noted outside the database."""

    sequence: int
    seal: str


@dataclass(frozen=True)
class Verdict:
    """What a check found: how many seals it went through, and at most `MOST_FAULTS` faults in words for the auditor."""

    sealed: int
    faults: tuple[str, ...]


def seal_new(session: Session, *, everything: bool = False) -> Anchor | None:
    """Seal the oldest events without a seal, at most `BATCH`; the chain's new end, None when there was nothing to do.

    Looks behind the last sealed event, and `LOOK_BACK` before it for late commits; with `everything` at all events.
    Refused by the sequence's uniqueness (IntegrityError) when another process seals at the same moment.
    """
    ring, end = keyring_of(session), last(session)
    wanted = (
        sa.select(*CONTENT)
        .outerjoin(EventSeal, EventSeal.event_id == Event.id)
        .where(EventSeal.sequence.is_(None))
        .order_by(Event.id)
        .limit(BATCH)
    )
    newest = session.scalar(sa.select(sa.func.max(EventSeal.event_id))) or 0
    if not everything:
        wanted = wanted.where(Event.id > newest - LOOK_BACK)
    sequence, seal = (end.sequence, end.seal) if end else (0, FIRST_SEAL)
    rows = []
    for event in session.execute(wanted):
        sequence += 1
        seal = _seal(ring, ring.current, seal, sequence, event)
        rows.append({"sequence": sequence, "event_id": event.id, "key_id": ring.current, "seal": seal})
    if not rows:
        return None
    session.execute(sa.insert(EventSeal), rows)
    return Anchor(sequence, seal)


def last(session: Session) -> EventSeal | None:
    """The end of the chain; None before the first seal."""
    return session.scalar(sa.select(EventSeal).order_by(EventSeal.sequence.desc()).limit(1))


def waiting(session: Session) -> int:
    """How many of the newest events have no seal yet."""
    newest = session.scalar(sa.select(sa.func.max(EventSeal.event_id))) or 0
    return session.scalar(sa.select(sa.func.count()).select_from(Event).where(Event.id > newest)) or 0


def verify(session: Session, anchor: Anchor | None = None) -> Verdict:
    """Go through the whole chain in its order, `BATCH` seals in memory at a time, and tell every break."""
    ring = keyring_of(session)
    before, expected = FIRST_SEAL, 1
    faults: list[str] = []
    anchored = anchor is None
    for row in _chain(session):
        if row.sequence != expected:
            faults.append(f"缺少第 {expected} 条到第 {row.sequence - 1} 条的封签")
        if row.id is None:
            faults.append(f"第 {row.sequence} 条的留痕（编号 {row.event_id}）不见了")
        elif row.key_id not in ring.sealing:
            faults.append(f"第 {row.sequence} 条的封签所用的密钥 {row.key_id} 不在密钥文件里，无法核对")
        elif not hmac.compare_digest(row.seal, _seal(ring, row.key_id, before, row.sequence, row)):
            faults.append(f"第 {row.sequence} 条的留痕（编号 {row.event_id}）与封签不符")
        if anchor is not None and row.sequence == anchor.sequence:
            anchored = hmac.compare_digest(row.seal, anchor.seal)
        before, expected = row.seal, row.sequence + 1
    if not anchored and anchor is not None:
        faults.append(f"曾经封存到第 {anchor.sequence} 条，现在这一条没有了或者被换过")
    return Verdict(expected - 1, tuple(faults[:MOST_FAULTS]))


def keep_check(session: Session, found: Verdict) -> TrailCheck:
    """Keep what a check found."""
    check = TrailCheck(up_to=found.sealed, faults=json.dumps(found.faults, ensure_ascii=False))
    session.add(check)
    return check


def latest_check(session: Session) -> tuple[datetime, Verdict] | None:
    """When the chain was last checked, and what was found."""
    row = session.scalar(sa.select(TrailCheck).order_by(TrailCheck.id.desc()).limit(1))
    return (row.at, Verdict(row.up_to, tuple(json.loads(row.faults)))) if row else None


def _chain(session: Session) -> Iterator[sa.Row[Any]]:
    """Every seal with the content of its event (nulls where it is gone), in the order of the chain, read in batches."""
    after = -1
    while True:
        wanted: sa.Select[Any] = (
            sa.select(EventSeal.sequence, EventSeal.event_id, EventSeal.key_id, EventSeal.seal, *CONTENT)
            .outerjoin(Event, Event.id == EventSeal.event_id)
            .where(EventSeal.sequence > after)
            .order_by(EventSeal.sequence)
            .limit(BATCH)
        )
        rows = session.execute(wanted).all()
        if not rows:
            return
        yield from rows
        after = rows[-1].sequence


def _seal(ring: KeyRing, key_id: str, before: str, sequence: int, event: sa.Row[Any]) -> str:
    content = [
        before, sequence, event.id, event.at.isoformat(), event.account_id, event.grant_id, event.actor_name,
        event.tag, event.subject_table, event.subject_id, event.words, event.changes,
    ]  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(ring.derived(key_id, "trail"), text.encode(), hashlib.sha256).hexdigest()
