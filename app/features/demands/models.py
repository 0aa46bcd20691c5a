"""Technical demands (订单式): one sentence, who needs it, where, and every step of what became of it."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.demands import DemandState, Outcome
from app.domain.vocabulary import NeedType, ServiceMode, Urgency
from app.features.organisations.models import Organisation
from app.features.regions.models import Region
from app.storage import columns
from app.storage.base import Base, choice
from app.storage.files import StoredFile


class Demand(Base):
    __tablename__ = "demands"
    __table_args__ = (
        sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="closed_has_its_outcome"),
        sa.CheckConstraint("state NOT IN ('draft') OR submitted_on IS NULL", name="draft_not_submitted"),
        sa.Index("ix_demands_region_code_state_id", "region_code", "state", "id"),
        sa.Index("ix_demands_state_id", "state", "id"),
        {"comment": "technical needs of villages and enterprises, filed by themselves or for them"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    title: Mapped[str] = mapped_column(sa.String(80), comment="the need in one sentence")
    description: Mapped[str] = mapped_column(sa.Text(), default="", comment="what happened, since when, what was tried")
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("regions.code"), comment="township")
    organisation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organisations.id"), index=True, comment="the needing party"
    )
    poster_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"), index=True, comment="who filed it")
    contact_name: Mapped[str | None] = mapped_column(
        sa.String(60), info=columns.personal("contact"), comment="in the village or firm"
    )
    contact_phone_sealed: Mapped[str | None] = mapped_column(
        sa.Text(),
        info=columns.personal("contact", sealed=True),
        comment="sealed; open to the parties of a match",
    )
    industry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("industries.id"), index=True, comment="set at triage")
    need_type: Mapped[NeedType | None] = choice(NeedType, "need_type", nullable=True, comment="set at triage")
    urgency: Mapped[Urgency] = choice(Urgency, "urgency", comment="特急 急 一般")
    scale: Mapped[str | None] = mapped_column(sa.String(80), comment="500亩, 50个棚, 几百只: as people say it")
    mode: Mapped[ServiceMode | None] = choice(ServiceMode, "mode", nullable=True, comment="wished; empty: either")
    people_wanted: Mapped[int] = mapped_column(default=1, comment="how many commissioners")
    wanted_by: Mapped[date | None] = mapped_column(comment="wished by the needing party")
    confidential: Mapped[bool] = mapped_column(default=False, comment="others see industry and title only")
    state: Mapped[DemandState] = choice(DemandState, "state", comment="see domain/demands.py")
    outcome: Mapped[Outcome | None] = choice(Outcome, "outcome", nullable=True, comment="how it ended")
    submitted_on: Mapped[date | None] = mapped_column(comment="Shanghai date of first submission")
    due_on: Mapped[date | None] = mapped_column(index=True, comment="by when the county should have found someone")
    closed_on: Mapped[date | None] = mapped_column(index=True, comment="Shanghai date of closing")
    made_at: Mapped[columns.created_at]
    version: Mapped[columns.version]

    region: Mapped[Region] = relationship()
    organisation: Mapped[Organisation] = relationship()
    steps: Mapped[list["DemandStep"]] = relationship(back_populates="demand", order_by="DemandStep.id")
    photos: Mapped[list["DemandPhoto"]] = relationship(back_populates="demand", order_by="DemandPhoto.place")


class DemandStep(Base):
    __tablename__ = "demand_steps"
    __table_args__ = ({"comment": "every move of a demand, shown to the township as its history"},)

    id: Mapped[columns.key]
    demand_id: Mapped[int] = mapped_column(sa.ForeignKey("demands.id"), index=True, comment="of which demand")
    verb: Mapped[str] = mapped_column(sa.String(20), comment="see domain/demands.py")
    state: Mapped[DemandState] = choice(DemandState, "state", comment="reached by it")
    at: Mapped[columns.created_at]
    by: Mapped[str] = mapped_column(sa.String(60), comment="role, not name")
    words: Mapped[str | None] = mapped_column(sa.String(500), comment="reason or advice")
    demand: Mapped[Demand] = relationship(back_populates="steps")


class DemandPhoto(Base):
    __tablename__ = "demand_photos"
    __table_args__ = (
        sa.UniqueConstraint("demand_id", "file_id"),
        {"comment": "optional photos of what is wrong"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    demand_id: Mapped[int] = mapped_column(sa.ForeignKey("demands.id"), comment="of which demand")
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_files.id"), comment="re-encoded, no EXIF")
    place: Mapped[int] = mapped_column(comment="order")
    demand: Mapped[Demand] = relationship(back_populates="photos")
    file: Mapped[StoredFile] = relationship()
