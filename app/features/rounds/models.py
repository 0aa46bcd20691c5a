"""Roster imports: one batch per workbook, previewed, applied in one transaction, undone as one."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.rosters.planning import BatchState
from app.domain.vocabulary import Level
from app.storage import columns
from app.storage.base import Base, choice

__all__ = ["BatchState", "ImportBatch", "ImportEffect", "ImportWorkbook"]


class ImportBatch(Base):
    __tablename__ = "import_batches"
    __table_args__ = (
        sa.Index("ix_import_batches_made_at_id", "made_at", "id"),
        {"comment": "one roster workbook and what became of it"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    level: Mapped[Level] = choice(Level, "level", comment="of every appointment in it")
    year: Mapped[int] = mapped_column(comment="batch year of every appointment in it")
    county_code: Mapped[str] = mapped_column(
        sa.ForeignKey("regions.code"), index=True, comment="territory of the importer"
    )
    file_name: Mapped[str] = mapped_column(sa.String(200), comment="as sent, shown only")
    state: Mapped[BatchState] = choice(BatchState, "state", comment="previewed → applied → undone")
    summary: Mapped[str] = mapped_column(sa.Text(), comment="JSON of counts and options, no personal values")
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"), comment="by whom; empty for a command")
    made_at: Mapped[columns.created_at]
    applied_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when kept")
    undone_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when undone")


class ImportWorkbook(Base):
    """Apart from the batch, so that it can be thrown away: the workbook once it is imported or given up."""

    __tablename__ = "import_workbooks"
    __table_args__ = ({"comment": "what was sent, sealed, and what was said of it; gone when given up or undone"},)

    batch_id: Mapped[int] = mapped_column(
        sa.ForeignKey("import_batches.id"), primary_key=True, comment="of which batch"
    )
    workbook_sealed: Mapped[str | None] = mapped_column(
        sa.Text(), info=columns.personal("roster", sealed=True), comment="base64 of the .xlsx, sealed; while previewed"
    )
    report_sealed: Mapped[str | None] = mapped_column(
        sa.Text(),
        info=columns.personal("roster", sealed=True),
        comment="JSON of rows left out and why, sealed; once applied",
    )


class ImportEffect(Base):
    __tablename__ = "import_effects"
    __table_args__ = (
        sa.Index("ix_import_effects_batch_id", "batch_id"),
        {"comment": "every row a batch made or filled in, so that undoing leaves the database as it was"},
    )

    id: Mapped[columns.key]
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batches.id"), comment="made by")
    table_name: Mapped[str] = mapped_column(sa.String(60), comment="in which table")
    row_id: Mapped[int] = mapped_column(columns.BIG, comment="which row: the first column of its key")
    other_id: Mapped[int | None] = mapped_column(columns.BIG, comment="the second column of its key, if it has one")
    row_version: Mapped[int | None] = mapped_column(comment="its version after the import, where it has one")
    content_hash: Mapped[str] = mapped_column(
        sa.String(64), comment="keyed hash of the row after the import; a row that differs now is not undone"
    )
    before_sealed: Mapped[str | None] = mapped_column(
        sa.Text(),
        info=columns.personal("roster", sealed=True),
        comment="of a row that was there before: JSON of the columns filled in with what stood there, sealed",
    )
