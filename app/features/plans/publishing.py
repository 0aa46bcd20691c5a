"""Publishing a plan: each pair becomes an invitation by the same action as anywhere, or is skipped with the rule.

Everything is asked again: who is no longer free, what is no longer open, whose appointment has ended. A township's
need without a demand becomes one on the township's behalf only when the planner says so.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.domain.calendar import shanghai_date
from app.domain.menus import OfferState
from app.domain.plans import MOVES, PlanState
from app.domain.refusals import RuleBroken
from app.domain.roles import Actor
from app.domain.vocabulary import NeedType, OrganisationKind, Urgency
from app.features.commissioners.models import Commissioner
from app.features.demands import actions as demand_actions
from app.features.demands import queries as demands
from app.features.demands.models import Demand
from app.features.matches import actions as matches
from app.features.menus.models import Offer
from app.features.plans import queries
from app.features.plans.actions import pairs_of
from app.features.plans.models import DispatchPlan, PlanOutcome
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.storage import trail
from app.storage.versions import raise_version

NOT_WANTED = "没有随方案发布乡镇派驻需求"
LONGEST_SKIP = 300


@dataclass(frozen=True)
class Published:
    invited: int
    skipped: int


def publish(session: Session, actor: Actor, now: datetime, plan: DispatchPlan, *, with_needs: bool) -> Published:
    """Send the plan's invitations; each pair keeps its invitation or the words why there is none.

    Refused (MoveRefused): a plan that is not ready. Nothing else stops it: a rule that refuses one pair names it.
    """
    queries.locked(session, plan.id)
    plan.state, plan.published_at = PlanState(MOVES.take(plan.state, "publish")), now
    invited = 0
    for wanted, commissioner_uid in pairs_of(plan):
        row = PlanOutcome(plan_id=plan.id, pair=f"{wanted} {commissioner_uid}")
        try:
            with session.begin_nested():
                _invite(session, actor, now, plan, row, wanted, commissioner_uid, with_needs)
        except RuleBroken as refused:
            row = PlanOutcome(plan_id=plan.id, pair=row.pair, words=refused.message[:LONGEST_SKIP])
            row.demand_id, row.commissioner_id = _known(session, wanted, commissioner_uid)
        invited += row.match_id is not None
        session.add(row)
        session.flush()
    raise_version(plan)
    skipped = len(pairs_of(plan)) - invited
    trail.record(session, actor, "plans.publish", plan, words=f"发出邀请{invited}份，跳过{skipped}份")
    session.flush()
    session.expire(plan, ["outcomes"])
    return Published(invited, skipped)


def _invite(
    session: Session, actor: Actor, now: datetime, plan: DispatchPlan, row: PlanOutcome, wanted: str,
    commissioner_uid: str, with_needs: bool,
) -> None:  # fmt: skip
    who = session.scalar(sa.select(Commissioner).where(Commissioner.uid == UUID(commissioner_uid)))
    if who is None:
        raise RuleBroken("名册里已经没有这位科特派。")
    demand = _demand(session, actor, now, plan, wanted, with_needs)
    offer = _dish(session, who.id, demand)
    reasons = [f"派驻方案“{plan.title}”（{plan.mode.label}）"]
    match = matches.invite(session, actor, shanghai_date(now), demand, who, offer, reasons)
    row.demand_id, row.commissioner_id, row.match_id = demand.id, who.id, match.id


def _demand(session: Session, actor: Actor, now: datetime, plan: DispatchPlan, wanted: str, with_needs: bool) -> Demand:
    """The demand of a pair; a need becomes a demand of the township's government."""
    if not wanted.startswith("need:"):
        found = demands.any_demand(session, UUID(wanted))
        if found is None:
            raise RuleBroken("这条需求已经不在了。")
        return found
    if not with_needs:
        raise RuleBroken(NOT_WANTED)
    _, township, code = wanted.split(":")
    industry = vocabulary.industry_by_code(session, code)
    region = regions.region(session, township)
    if industry is None or region is None:
        raise RuleBroken("这个乡镇或产业已经不在名录里。")
    office = f"{region.name}办事处" if region.name.endswith("街道") else f"{region.name}人民政府"
    today = shanghai_date(now)
    demand = demand_actions.post(
        session, actor, today, region_code=township, title=f"{industry.title}需要科技特派员定点服务",
        description=f"由派驻方案“{plan.title}”发布，请乡镇核对；不需要的可以撤回。", urgency=Urgency.NORMAL,
        new_unit=(OrganisationKind.TOWNSHIP_GOVERNMENT, office),
    )  # fmt: skip
    return demand_actions.triage(
        session, actor, today, demand, industry_id=industry.id, need_type=NeedType.OTHER, urgency=Urgency.NORMAL
    )


def _dish(session: Session, commissioner_id: int, demand: Demand) -> Offer | None:
    """The published dish that the invitation names: in the mode wished and the demand's industry, else the newest."""
    rows = session.scalars(
        sa.select(Offer)
        .where(Offer.commissioner_id == commissioner_id, Offer.state == OfferState.PUBLISHED)
        .options(joinedload(Offer.commissioner))
        .order_by(Offer.id.desc())
        .limit(50)
    ).all()
    fits = [row for row in rows if demand.mode is None or row.mode in (None, demand.mode)] or list(rows)
    return next((row for row in fits if row.industry_id == demand.industry_id), fits[0] if fits else None)


def _known(session: Session, wanted: str, commissioner_uid: str) -> tuple[int | None, int | None]:
    """Keys of demand and commissioner of a skipped pair, as far as they exist."""
    demand = None if wanted.startswith("need:") else demands.any_demand(session, UUID(wanted))
    who = session.scalar(sa.select(Commissioner.id).where(Commissioner.uid == UUID(commissioner_uid)))
    return (demand.id if demand else None, who)
