"""Matches: a commissioner and a demand, invited or applied for, accepted or declined."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.matches import Initiative, MatchState
from app.features.commissioners.models import Commissioner
from app.features.demands.models import Demand
from app.features.menus.models import Offer
from app.storage import columns
from app.storage.base import Base, choice


class Match(Base):
    __tablename__ = "matches"
    __table_args__ = (
        sa.CheckConstraint("(state = 'accepted') = (seat IS NOT NULL)", name="accepted_has_a_seat"),
        sa.UniqueConstraint("demand_id", "seat"),
        sa.Index(
            "uq_matches_one_open_a_pair",
            "demand_id",
            "commissioner_id",
            unique=True,
            sqlite_where=sa.text("state IN ('invited', 'applied', 'accepted')"),
            postgresql_where=sa.text("state IN ('invited', 'applied', 'accepted')"),
        ),
        sa.Index("ix_matches_commissioner_id_state", "commissioner_id", "state"),
        {"comment": "both sides choosing; a demand has as many seats as it asks for people"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    demand_id: Mapped[int] = mapped_column(sa.ForeignKey("demands.id"), comment="which demand")
    commissioner_id: Mapped[int] = mapped_column(sa.ForeignKey("commissioners.id"), comment="which commissioner")
    offer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("offers.id"), comment="the menu entry that led here")
    initiative: Mapped[Initiative] = choice(Initiative, "initiative", comment="invited or applied")
    state: Mapped[MatchState] = choice(MatchState, "state", comment="see domain/matches.py")
    seat: Mapped[int | None] = mapped_column(comment="1 … people wanted; two cannot sit on one")
    reasons: Mapped[str | None] = mapped_column(sa.Text(), comment="why the platform proposed it, as shown then (JSON)")
    words: Mapped[str | None] = mapped_column(sa.String(500), comment="last reason or message")
    answer_by: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="wished answer")
    made_at: Mapped[columns.created_at]
    answered_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when the other side decided")
    version: Mapped[columns.version]

    demand: Mapped[Demand] = relationship()
    commissioner: Mapped[Commissioner] = relationship()
    offer: Mapped[Offer | None] = relationship()
