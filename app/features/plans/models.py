"""Plans: what was asked, the frozen inputs, what the solver said, and what became of each pair when published."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.plans import Mode, PlanState
from app.features.commissioners.models import Commissioner
from app.features.demands.models import Demand
from app.features.matches.models import Match
from app.storage import columns
from app.storage.base import Base, choice


class DispatchPlan(Base):
    __tablename__ = "plans"
    __table_args__ = (
        sa.CheckConstraint(
            "state NOT IN ('ready', 'published') OR (inputs IS NOT NULL AND result IS NOT NULL)",
            name="ready_has_its_result",
        ),
        sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_has_its_moment"),
        sa.Index("ix_plans_territory_id", "territory", "id"),
        {"comment": "what-ifs for a year's dispatch; inputs are frozen, so that each can be computed again"},
    )

    id: Mapped[columns.key]
    uid: Mapped[columns.uid]
    title: Mapped[str] = mapped_column(sa.String(60), comment="what the planner calls it")
    territory: Mapped[str] = mapped_column(sa.ForeignKey("regions.code"), comment="whose townships are served")
    year: Mapped[int] = mapped_column(comment="for which year")
    mode: Mapped[Mode] = choice(Mode, "mode", comment="what comes first")
    what_if: Mapped[str] = mapped_column(sa.Text(), comment="the settings (JSON), see domain/plans.py")
    state: Mapped[PlanState] = choice(PlanState, "state", comment="see domain/plans.py")
    inputs: Mapped[str | None] = mapped_column(sa.Text(), comment="frozen inputs, canonical JSON, identifiers only")
    inputs_sha256: Mapped[str | None] = mapped_column(sa.String(64), comment="of the inputs")
    today: Mapped[str | None] = mapped_column(
        sa.Text(), comment="who serves which township when frozen (JSON), to compare with"
    )
    result: Mapped[str | None] = mapped_column(sa.Text(), comment="what the solver said (JSON)")
    result_sha256: Mapped[str | None] = mapped_column(sa.String(64), comment="of the plan in the result")
    error: Mapped[str | None] = mapped_column(sa.String(500), comment="why it was not computed")
    by: Mapped[str] = mapped_column(sa.String(60), comment="role, not name")
    words: Mapped[str | None] = mapped_column(sa.String(500), comment="why it was dropped")
    made_at: Mapped[columns.created_at]
    solved_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when the solver was done")
    published_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="when invitations went out")
    checked_at: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="last computed again")
    checked_same: Mapped[bool | None] = mapped_column(comment="whether it came out the same")
    version: Mapped[columns.version]
    outcomes: Mapped[list["PlanOutcome"]] = relationship(back_populates="plan", order_by="PlanOutcome.id")


class PlanOutcome(Base):
    __tablename__ = "plan_outcomes"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "pair"),
        sa.CheckConstraint("(match_id IS NULL) = (words IS NOT NULL)", name="skipped_says_why"),
        {"comment": "each pair of a published plan: the invitation, or why there was none"},
    )

    id: Mapped[columns.key]
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plans.id"), comment="of which plan")
    pair: Mapped[str] = mapped_column(sa.String(120), comment="identifiers of demand and commissioner in the plan")
    demand_id: Mapped[int | None] = mapped_column(sa.ForeignKey("demands.id"), index=True, comment="for which demand")
    commissioner_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("commissioners.id"), index=True, comment="who was meant"
    )
    match_id: Mapped[int | None] = mapped_column(sa.ForeignKey("matches.id"), index=True, comment="the invitation")
    words: Mapped[str | None] = mapped_column(sa.String(300), comment="why it was skipped")
    plan: Mapped[DispatchPlan] = relationship(back_populates="outcomes")
    demand: Mapped[Demand | None] = relationship()
    commissioner: Mapped[Commissioner | None] = relationship()
    match: Mapped[Match | None] = relationship()
