"""Matches: a commissioner and a demand, invited or applied for, accepted or declined."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.escalations import Asked
from app.domain.matches import Initiative, MatchState, Verdict
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
    words: Mapped[str | None] = mapped_column(sa.String(500), comment="what the inviting or applying side wrote")
    answer_words: Mapped[str | None] = mapped_column(sa.String(500), comment="what the answer or the end said")
    answer_by: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="wished answer")
    made_at: Mapped[columns.created_at]
    answered_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when the other side decided")
    version: Mapped[columns.version]

    demand: Mapped[Demand] = relationship()
    commissioner: Mapped[Commissioner] = relationship()
    offer: Mapped[Offer | None] = relationship()


class ProposalRefusal(Base):
    __tablename__ = "proposal_refusals"
    __table_args__ = (
        sa.UniqueConstraint("demand_id", "offer_id"),
        {"comment": "proposals an officer set aside with a word: not proposed again, and kept to judge the ranking by"},
    )

    id: Mapped[columns.key]
    demand_id: Mapped[int] = mapped_column(sa.ForeignKey("demands.id"), comment="for which demand")
    offer_id: Mapped[int] = mapped_column(sa.ForeignKey("offers.id"), index=True, comment="which proposal")
    place: Mapped[int] = mapped_column(comment="the rank at which it was shown")
    words: Mapped[str] = mapped_column(sa.String(300), comment="why it does not suit")
    made_at: Mapped[columns.created_at]


class ProposalDecision(Base):
    __tablename__ = "proposal_decisions"
    __table_args__ = (
        sa.UniqueConstraint("demand_id", "offer_id"),
        {"comment": "what an officer decided on a proposal, with the parts of its score as they were shown"},
    )

    id: Mapped[columns.key]
    demand_id: Mapped[int] = mapped_column(sa.ForeignKey("demands.id"), comment="for which demand")
    offer_id: Mapped[int] = mapped_column(sa.ForeignKey("offers.id"), index=True, comment="which proposal")
    verdict: Mapped[Verdict] = choice(Verdict, "verdict", comment="invited, or set aside with a word")
    place: Mapped[int] = mapped_column(comment="the rank at which it was shown")
    score: Mapped[int] = mapped_column(comment="thousandths, as shown")
    parts: Mapped[str] = mapped_column(sa.Text(), comment="share reached by part, thousandths (JSON), as shown")
    setting_uid: Mapped[str] = mapped_column(sa.String(36), comment="weights it was ranked by; empty: as shipped")
    words: Mapped[str | None] = mapped_column(sa.String(300), comment="why it does not suit")
    by: Mapped[str] = mapped_column(sa.String(60), comment="role, not name")
    made_at: Mapped[columns.created_at]


class Escalation(Base):
    __tablename__ = "escalations"
    __table_args__ = (
        sa.UniqueConstraint("demand_id", "asked"),
        sa.Index("ix_escalations_asked_id", "asked", "id"),
        {"comment": "whom one asked because nobody suited a demand; each once"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    demand_id: Mapped[int] = mapped_column(sa.ForeignKey("demands.id"), comment="for which demand")
    asked: Mapped[Asked] = choice(Asked, "asked", comment="counties, Beijing, the province")
    words: Mapped[str | None] = mapped_column(sa.String(500), comment="what the asking side added")
    by: Mapped[str] = mapped_column(sa.String(60), comment="role, not name")
    made_at: Mapped[columns.created_at]
    demand: Mapped[Demand] = relationship()
    answers: Mapped[list["EscalationAnswer"]] = relationship(
        back_populates="escalation", order_by="EscalationAnswer.id"
    )


class EscalationAnswer(Base):
    __tablename__ = "escalation_answers"
    __table_args__ = (
        sa.UniqueConstraint("escalation_id", "territory"),
        {"comment": "what an asked county or the city answered, with somebody it names"},
    )

    id: Mapped[columns.key]
    escalation_id: Mapped[int] = mapped_column(sa.ForeignKey("escalations.id"), comment="to which asking")
    territory: Mapped[str] = mapped_column(sa.ForeignKey("regions.code"), comment="who answers: a county or the city")
    commissioner_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("commissioners.id"), index=True, comment="whom it names; empty: nobody"
    )
    words: Mapped[str] = mapped_column(sa.String(500), comment="what it says")
    made_at: Mapped[columns.created_at]
    escalation: Mapped[Escalation] = relationship(back_populates="answers")
    commissioner: Mapped[Commissioner | None] = relationship()
