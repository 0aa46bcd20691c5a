"""Three-party agreements on file."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.agreements import AgreementState
from app.domain.vocabulary import CooperationMode
from app.features.matches.models import Match
from app.features.organisations.models import Organisation
from app.storage import columns
from app.storage.base import Base, choice
from app.storage.files import StoredFile


class Agreement(Base):
    __tablename__ = "agreements"
    __table_args__ = (
        sa.CheckConstraint("ends_on >= begins_on", name="term"),
        sa.CheckConstraint("state <> 'in_force' OR filed_on IS NOT NULL", name="in_force_is_filed"),
        sa.CheckConstraint("(state = 'ended') = (ended_on IS NOT NULL)", name="ended_has_its_day"),
        {"comment": "commissioner, sending unit, served unit; the sealed scan is the evidence"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    match_id: Mapped[int] = mapped_column(sa.ForeignKey("matches.id"), unique=True, comment="one agreement a match")
    sending_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), comment="second party")
    served_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True, comment="third party")
    cooperation: Mapped[CooperationMode] = choice(CooperationMode, "cooperation", comment="how they share")
    begins_on: Mapped[date] = mapped_column(comment="first day")
    ends_on: Mapped[date] = mapped_column(comment="last day")
    content: Mapped[str] = mapped_column(sa.Text(), comment="what is to be done, in words")
    state: Mapped[AgreementState] = choice(AgreementState, "state", comment="draft → in force → ended")
    scan_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_files.id"), comment="sealed sheet")
    filed_on: Mapped[date | None] = mapped_column(comment="Shanghai date of filing")
    ended_on: Mapped[date | None] = mapped_column(comment="Shanghai date of ending before its term")
    ended_because: Mapped[str | None] = mapped_column(sa.String(500), comment="the reason given")
    made_at: Mapped[columns.created_at]
    version: Mapped[columns.version]

    match: Mapped[Match] = relationship()
    sending_unit: Mapped[Organisation | None] = relationship(foreign_keys=[sending_unit_id])
    served_unit: Mapped[Organisation] = relationship(foreign_keys=[served_unit_id])
    scan: Mapped[StoredFile | None] = relationship()
