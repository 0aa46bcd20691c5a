"""Service menus (菜单式): what a commissioner offers."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.menus import OfferState
from app.domain.vocabulary import NeedType, ServiceMode
from app.features.commissioners.models import Commissioner
from app.storage import columns
from app.storage.base import Base, choice


class Offer(Base):
    __tablename__ = "offers"
    __table_args__ = (
        sa.Index("ix_offers_state_id", "state", "id"),
        {"comment": "one dish of a menu; published facts are seen city-wide, contacts are not"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    commissioner_id: Mapped[int] = mapped_column(sa.ForeignKey("commissioners.id"), index=True, comment="whose")
    title: Mapped[str] = mapped_column(sa.String(80), comment="what is offered")
    description: Mapped[str] = mapped_column(sa.Text(), default="", comment="how, with what experience")
    industry_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("industries.id"), index=True, comment="leading industry"
    )
    need_type: Mapped[NeedType] = choice(NeedType, "need_type", comment="field of help")
    mode: Mapped[ServiceMode | None] = choice(ServiceMode, "mode", nullable=True, comment="only so; empty: either")
    state: Mapped[OfferState] = choice(OfferState, "state", comment="draft → published → withdrawn")
    published_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="first publication")
    made_at: Mapped[columns.created_at]
    version: Mapped[columns.version]
    commissioner: Mapped[Commissioner] = relationship()
