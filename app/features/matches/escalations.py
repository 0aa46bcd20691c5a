"""Writes of asking further for a demand that nobody suits: ask, answer, name somebody. The reads are in queries.py."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.escalations import Asked, check_may_ask, may_answer
from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.domain.wording import spoken
from app.features.commissioners.models import Commissioner
from app.features.demands import queries as demands
from app.features.demands.models import Demand
from app.features.matches.models import Escalation, EscalationAnswer
from app.storage import trail
from app.storage.reach import inside
from app.storage.session import unique_or


def ask(session: Session, actor: Actor, demand: Demand, asked: Asked, words: str | None = None) -> Escalation:
    """Ask counties, Beijing or the province. Refused: a demand that is not one's own or seeks no one, twice."""
    if actor.role is not None and not (demands.is_own(actor, demand) and actor.may("matches.invite")):
        raise RuleBroken("这条需求不在您的辖区内，不能请别处帮忙。")
    demands.lock(session, Demand.id == demand.id)
    check_may_ask(demand.state)
    by = actor.role.label if actor.role else actor.display_name
    row = Escalation(demand_id=demand.id, demand=demand, asked=asked, words=spoken(words), by=by[:60])
    with unique_or(session, AlreadyDone(f"这条需求已经{asked.label}，请看下面的答复。")):
        session.add(row)
    trail.record(session, actor, "matches.ask_further", row, words=row.words or asked.label)
    session.flush()
    return row


def answer(
    session: Session, actor: Actor, row: Escalation, words: str, named: Commissioner | None = None
) -> EscalationAnswer:
    """Answer for one's county or city, naming somebody or nobody. Refused: who was not asked, no words, twice."""
    territory = actor.reach.territory
    if territory is None or not may_answer(actor, row.asked, row.demand.region_code):
        raise RuleBroken("这条求助没有问到您这里，不能答复。")
    check_may_ask(row.demand.state)
    why = spoken(words)
    if why is None:
        raise RuleBroken("请写明推荐的理由，或为什么没有合适的人选。", field="reason")
    reply = EscalationAnswer(escalation_id=row.id, territory=territory, commissioner=named, words=why)
    with unique_or(session, AlreadyDone("您这里已经答复过这条求助。")):
        session.add(reply)
    trail.record(session, actor, "matches.answer_asking", reply, words=why)
    session.flush()
    session.expire(row, ["answers"])
    return reply


def named(session: Session, actor: Actor, name: str) -> Commissioner | None:
    """The commissioner that an answering officer means by a typed name; None for an empty one.

    Refused (on the field `name`): nobody of that name in the territory, or several.
    """
    text = " ".join(name.split())
    if not text:
        return None
    near = inside(Commissioner.county_code, actor.reach.territory or "-")
    found = session.scalars(
        sa.select(Commissioner).where(Commissioner.name == text, near).order_by(Commissioner.id).limit(2)
    ).all()
    if len(found) == 1:
        return found[0]
    if found:
        raise RuleBroken(f"辖区里有几位“{text}”，请在理由里写清是谁，姓名一栏留空。", field="name")
    raise RuleBroken(f"辖区里没有叫“{text}”的科特派，请核对姓名，或留空只写答复。", field="name")
