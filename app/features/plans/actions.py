"""Writes of plans: make a what-if, keep what the solver said, try again, drop, publish as invitations."""

import json
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.divisions import contains
from app.domain.plans import MOVES, PlanState, WhatIf
from app.domain.refusals import MoveRefused, RuleBroken
from app.domain.roles import Actor
from app.domain.wording import LONGEST, spoken
from app.features.plans import queries
from app.features.plans.models import DispatchPlan
from app.storage import jobs, trail
from app.storage.versions import raise_version

SOLVE, CHECK = "plans.solve", "plans.check"


def make(
    session: Session, actor: Actor, now: datetime, *, title: str, territory: str, year: int, what_if: WhatIf
) -> DispatchPlan:
    """A new what-if, to be computed in the background. Refused: a territory that is not one's own, no title."""
    own = actor.reach.territory
    if actor.role is not None and not (own and contains(own, territory) and actor.may("plans.keep")):
        raise RuleBroken("这个范围不在您的辖区内，请重新选择。", field="territory")
    name = " ".join(title.split())
    if not name:
        raise RuleBroken("请给方案起个名字，方便比较。", field="title")
    by = actor.role.label if actor.role else actor.display_name
    plan = DispatchPlan(
        title=name[:60],
        territory=territory,
        year=year,
        mode=what_if.mode,
        what_if=what_if.as_json(),
        state=PlanState.WAITING,
        by=by[:60],
    )
    session.add(plan)
    trail.record(session, actor, "plans.make", plan, words="；".join(what_if.words))
    session.flush()
    jobs.enqueue(session, SOLVE, plan.id, now)
    return plan


def keep_result(
    session: Session, plan_id: int, now: datetime, *, inputs: str, inputs_sha256: str, today: str, result: str, sha: str
) -> None:
    """Keep frozen inputs and result; nothing when the plan was dropped meanwhile."""
    plan = queries.locked(session, plan_id)
    if plan.state != PlanState.WAITING:
        return
    plan.state = PlanState(MOVES.take(plan.state, "keep"))
    plan.inputs, plan.inputs_sha256, plan.today = inputs, inputs_sha256, today
    plan.result, plan.result_sha256, plan.solved_at, plan.error = result, sha, now, None
    raise_version(plan)
    session.flush()


def keep_failure(session: Session, plan_id: int, words: str) -> None:
    """The work was given up: the plan says why."""
    plan = queries.locked(session, plan_id)
    if plan.state == PlanState.WAITING:
        plan.state, plan.error = PlanState(MOVES.take(plan.state, "fail")), words[:LONGEST]
        raise_version(plan)
        session.flush()


def keep_check(session: Session, plan_id: int, now: datetime, same: bool) -> None:
    plan = queries.locked(session, plan_id)
    plan.checked_at, plan.checked_same = now, same
    session.flush()


def retry(session: Session, actor: Actor, now: datetime, plan: DispatchPlan) -> None:
    """Compute a failed plan again."""
    queries.locked(session, plan.id)
    plan.state, plan.error = PlanState(MOVES.take(plan.state, "retry")), None
    raise_version(plan)
    trail.record(session, actor, "plans.retry", plan)
    session.flush()
    jobs.enqueue(session, SOLVE, plan.id, now)


def ask_check(session: Session, actor: Actor, now: datetime, plan: DispatchPlan) -> None:
    """Have the plan computed again from its frozen inputs. Refused before it was computed once."""
    if plan.result is None:
        raise MoveRefused("方案还没有算好，不能复算。")
    trail.record(session, actor, "plans.check", plan)
    jobs.enqueue(session, CHECK, plan.id, now)


def drop(session: Session, actor: Actor, plan: DispatchPlan, words: str | None) -> None:
    """Give a plan up, with a word; it stays on record."""
    queries.locked(session, plan.id)
    why = spoken(words)
    plan.state, plan.words = PlanState(MOVES.take(plan.state, "drop", why)), why
    raise_version(plan)
    trail.record(session, actor, "plans.drop", plan, words=why)
    session.flush()


def pairs_of(plan: DispatchPlan) -> list[tuple[str, str]]:
    """(demand or need, commissioner) identifiers the plan chose, in the order of identifiers."""
    return [(row[0], row[1]) for row in json.loads(plan.result or '{"plan":{"assignments":[]}}')["plan"]["assignments"]]
