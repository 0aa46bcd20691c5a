"""What was typed when a session had ended: kept sealed, given back to the same person after signing in again."""

import json
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.storage import columns
from app.storage.base import Base
from app.storage.keyring import keyring_of

KEPT_FOR = timedelta(days=3)
MOST_BYTES = 200_000

Fields = dict[str, list[str]]


class HeldForm(Base):
    __tablename__ = "held_forms"
    __table_args__ = ({"comment": "typed fields waiting for their writer; dropped after three days"},)

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), index=True, comment="who typed it")
    path: Mapped[str] = mapped_column(sa.String(300), comment="of the page with the form")
    fields_sealed: Mapped[str] = mapped_column(
        sa.Text(), info=columns.personal("form", sealed=True), comment="sealed JSON: name → values"
    )
    made_at: Mapped[columns.created_at]


def hold(session: Session, account_id: int, path: str, fields: Fields) -> HeldForm:
    """Keep `fields` for the account; older than three days are dropped on the way."""
    session.execute(sa.delete(HeldForm).where(HeldForm.made_at < columns.now() - KEPT_FOR))
    sealed = keyring_of(session).seal(json.dumps(fields, ensure_ascii=False))
    row = HeldForm(account_id=account_id, path=path, fields_sealed=sealed)
    session.add(row)
    session.flush()
    return row


def held_fields(session: Session, account_id: int, uid: UUID) -> Fields | None:
    """The fields kept under `uid` for this account; None if there are none (any more)."""
    row = session.scalar(sa.select(HeldForm).where(HeldForm.uid == uid, HeldForm.account_id == account_id))
    if row is None:
        return None
    fields: Fields = json.loads(keyring_of(session).open(row.fields_sealed))
    return fields


def release(session: Session, account_id: int, uid: UUID) -> None:
    """Drop what was kept, once it has been sent for good."""
    session.execute(sa.delete(HeldForm).where(HeldForm.uid == uid, HeldForm.account_id == account_id))
