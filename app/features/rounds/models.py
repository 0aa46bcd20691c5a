"""Roster imports: one batch per workbook, previewed, applied in one transaction, undone as one."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.vocabulary import Labelled, Level
from app.storage import columns
from app.storage.base import Base, choice


class BatchState(Labelled):
    PREVIEWED = ("previewed", "待确认")
    APPLIED = ("applied", "已导入")
    UNDONE = ("undone", "已撤销")
    DROPPED = ("dropped", "已放弃")


class ImportBatch(Base):
    __tablename__ = "import_batches"
    __table_args__ = ({"comment": "one roster workbook and what became of it"},)

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    level: Mapped[Level] = choice(Level, "level", comment="of every appointment in it")
    year: Mapped[int] = mapped_column(comment="batch year of every appointment in it")
    county_code: Mapped[str] = mapped_column(
        sa.ForeignKey("regions.code"), index=True, comment="territory of the importer"
    )
    file_name: Mapped[str] = mapped_column(sa.String(200), comment="as sent, shown only")
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_files.id"), comment="the workbook; sealed bytes")
    state: Mapped[BatchState] = choice(BatchState, "state", comment="previewed → applied → undone")
    summary: Mapped[str] = mapped_column(sa.Text(), comment="JSON of counts, no personal values")
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"), comment="by whom; empty for a command")
    made_at: Mapped[columns.created_at]
    applied_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when kept")
    undone_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when undone")


class ImportEffect(Base):
    __tablename__ = "import_effects"
    __table_args__ = (
        sa.Index("ix_import_effects_batch_id", "batch_id"),
        {"comment": "every row a batch made, so that undoing leaves the database as it was"},
    )

    id: Mapped[columns.key]
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batches.id"), comment="made by")
    table_name: Mapped[str] = mapped_column(sa.String(60), comment="in which table")
    row_id: Mapped[int] = mapped_column(columns.BIG, comment="which row")
    row_version: Mapped[int | None] = mapped_column(comment="its version then; a row changed since is not undone")
