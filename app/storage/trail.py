"""The trail: one event row for every change, in the transaction of the change.

Personal values never stand in clear here: of a column marked personal the trail says only that it changed.
What is committed is chained by keyed hashes in `seals.py`, by a process of its own, so that writers never wait for one
another.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.roles import Actor
from app.storage import columns
from app.storage.base import Base

PERSONAL_CHANGED = "（已更改，内容不记）"
HIDDEN = "（涉及已匿名的人，不再显示）"
_MANY = 400  # in one list of a query


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (
        sa.Index("ix_events_subject", "subject_table", "subject_id"),
        {"comment": "append-only trail of every change and of every showing of personal data"},
    )

    id: Mapped[columns.key]
    at: Mapped[columns.created_at]
    account_id: Mapped[int | None] = mapped_column(
        columns.BIG, index=True, comment="who; empty for the platform itself"
    )
    grant_id: Mapped[int | None] = mapped_column(columns.BIG, comment="in which grant")
    actor_name: Mapped[str] = mapped_column(sa.String(100), comment="role or command, not a personal name")
    tag: Mapped[str] = mapped_column(sa.String(60), comment="what happened, e.g. demands.submit")
    subject_table: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int] = mapped_column(columns.BIG)
    words: Mapped[str | None] = mapped_column(sa.Text(), comment="the reason given, or a difference in words")
    changes: Mapped[str | None] = mapped_column(
        sa.Text(), comment="JSON: column → [before, after]; personal values left out"
    )


class HiddenWords(Base):
    __tablename__ = "hidden_words"
    __table_args__ = ({"comment": "events whose words name somebody who has been anonymised: sealed, but not shown"},)

    event_id: Mapped[int] = mapped_column(
        columns.BIG, sa.ForeignKey("events.id"), primary_key=True, autoincrement=False, comment="which event"
    )
    hidden_at: Mapped[columns.created_at]


class Subject(Protocol):
    """Any row with an integer key."""

    id: Mapped[int]


def record(
    session: Session,
    actor: Actor,
    tag: str,
    subject: Any,
    words: str | None = None,
    changes: dict[str, tuple[Any, Any]] | None = None,
) -> Event:
    """Add an event about `subject` to the session. New rows are flushed first, so that they have a key."""
    if changes is None:
        changes = changes_of(subject)
    if subject.id is None:
        session.flush()
    event = Event(
        account_id=actor.account_id,
        grant_id=actor.grant_id,
        actor_name=actor.role.label if actor.role else actor.display_name,
        tag=tag,
        subject_table=subject.__tablename__,
        subject_id=subject.id,
        words=words,
        changes=json.dumps(changes, default=_plain, ensure_ascii=False) if changes else None,
    )
    session.add(event)
    return event


def naming(session: Session, subjects: Mapping[str, Collection[int]], values: Sequence[str]) -> list[int]:
    """Events about these rows (table → ids) in whose words one of the values stands and is not hidden yet."""
    said = sa.or_(*(Event.words.contains(value, autoescape=True) for value in values))
    found: list[int] = []
    for table, ids in subjects.items():
        listed = sorted(ids)
        for first in range(0, len(listed), _MANY):
            wanted = sa.select(Event.id).where(
                Event.subject_table == table,
                Event.subject_id.in_(listed[first : first + _MANY]),
                Event.id.not_in(sa.select(HiddenWords.event_id)),
                said,
            )
            found += session.scalars(wanted)
    return found


def hide_words(session: Session, event_ids: Iterable[int]) -> None:
    """No page shows the words of these events again. The events stay as they are sealed."""
    session.add_all(HiddenWords(event_id=id_) for id_ in event_ids)


def shown_words(session: Session, events: Collection[Event]) -> dict[int, str]:
    """Event → the words that a page may show of it ("" where there are none)."""
    ids = [event.id for event in events]
    hidden = set(session.scalars(sa.select(HiddenWords.event_id).where(HiddenWords.event_id.in_(ids))))
    return {event.id: HIDDEN if event.id in hidden else event.words or "" for event in events}


def changes_of(row: Any) -> dict[str, tuple[Any, Any]]:
    """Unflushed differences of a loaded row, column by column; personal columns only say that they changed.

    Empty for a new row: its first event says that it was made, and the row itself says what it holds.
    """
    state = sa.inspect(row)
    if not state.persistent:
        return {}
    changes: dict[str, tuple[Any, Any]] = {}
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if not history.has_changes():
            continue
        if column.columns[0].info.get("person"):
            changes[column.key] = (PERSONAL_CHANGED, PERSONAL_CHANGED)
        else:
            before = history.deleted[0] if history.deleted else None
            changes[column.key] = (before, history.added[0] if history.added else None)
    return changes


def _plain(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"not for the trail: {type(value).__name__}")
