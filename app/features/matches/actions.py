"""Writes of matches: invite, apply, answer; and the steps of a demand that touch its matches.

Whoever changes a demand's matches holds the demand's row first, so that two people who press at once take turns;
the unique seat decides even where that fails, and the second is told who was first (409).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import SHANGHAI, shanghai_date
from app.domain.demands import DemandState, Outcome, due_on
from app.domain.matches import MOVES, OF_COMMISSIONER, Initiative, MatchState, Verdict, check_may_serve
from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken
from app.domain.roles import Actor
from app.domain.wording import LONGEST, LONGEST_WHY, spoken
from app.features.commissioners.models import Commissioner
from app.features.demands import actions as demand_actions
from app.features.demands import queries as demands
from app.features.demands.models import Demand
from app.features.matches import queries
from app.features.matches.models import Match, ProposalDecision, ProposalRefusal
from app.features.matches.standing import standings
from app.features.menus import queries as menus
from app.features.menus.models import Offer
from app.storage import trail
from app.storage.session import unique_or
from app.storage.versions import raise_version

M = MatchState


def invite(
    session: Session,
    actor: Actor,
    today: date,
    demand: Demand,
    commissioner: Commissioner,
    offer: Offer | None = None,
    reasons: Sequence[str] | None = None,
    words: str | None = None,
) -> Match:
    """Ask a commissioner to take on an open demand; `reasons` are kept as they were shown to the officer.

    Refused: a demand that is not open or not one's own, the hard rules (appointment, capacity, mode), a second
    invitation or application of the same pair (AlreadyDone).
    """
    if actor.role is not None and not demands.is_own(actor, demand):
        raise RuleBroken("这条需求不在您的辖区内，不能邀请。")
    match = _open_match(session, today, demand, commissioner, offer, Initiative.INVITATION, words)
    match.reasons = json.dumps(list(reasons), ensure_ascii=False) if reasons else None
    answer_by = due_on(today, demand.urgency)
    match.answer_by = datetime.combine(answer_by, time(23, 59), SHANGHAI)
    with unique_or(session, AlreadyDone(f"“{commissioner.name}”已收到邀请或已申请这条需求，请勿重复办理。")):
        session.add(match)
    trail.record(session, actor, "matches.invite", match)
    session.flush()
    return match


def apply(
    session: Session,
    actor: Actor,
    today: date,
    demand: Demand,
    commissioner: Commissioner,
    offer: Offer | None = None,
    words: str | None = None,
) -> Match:
    """Offer oneself for an open demand. Refused as in `invite`, and in the name of somebody else."""
    if actor.role is not None and not menus.keeps(session, actor, commissioner.id):
        raise RuleBroken(f"您不能以“{commissioner.name}”的名义申请。")
    match = _open_match(session, today, demand, commissioner, offer, Initiative.APPLICATION, words)
    with unique_or(session, AlreadyDone("您已申请过或已收到这条需求的邀请，请在“我的对接”里查看。")):
        session.add(match)
    trail.record(session, actor, "matches.apply", match)
    session.flush()
    return match


def _open_match(
    session: Session,
    today: date,
    demand: Demand,
    commissioner: Commissioner,
    offer: Offer | None,
    initiative: Initiative,
    words: str | None,
) -> Match:
    demands.lock(session, Demand.id == demand.id)
    if demand.state != DemandState.OPEN:
        raise MoveRefused(f"需求现在是“{demand.state.label}”，只有“待对接”的需求可以邀请或申请。请刷新页面查看。")
    if offer is not None and offer.commissioner_id != commissioner.id:
        raise RuleBroken("这项服务不是所选科特派提供的，请重新选择。")
    now = standings(session, [commissioner], demand.industry_id, today)[commissioner.id]
    check_may_serve(
        commissioner.name,
        appointed=now.appointed,
        free_half_days=now.free_half_days,
        promised=now.promised,
        wished=demand.mode,
        offered=offer.mode if offer else None,
    )
    state = M.INVITED if initiative == Initiative.INVITATION else M.APPLIED
    return Match(
        demand_id=demand.id,
        commissioner_id=commissioner.id,
        offer_id=offer.id if offer else None,
        initiative=initiative,
        state=state,
        words=spoken(words),
        demand=demand,
        commissioner=commissioner,
        offer=offer,
    )


def answer(session: Session, actor: Actor, now: datetime, match: Match, verb: str, words: str | None = None) -> Match:
    """Accept, choose, decline, refuse, withdraw, retract or undo (domain/matches.py), each by its own side.

    Accepting or choosing takes the lowest free seat. With the last seat the demand is chosen and every other
    invitation and application lapses. Refused: no seat left (AlreadyDone, which names who was first).
    """
    demand = demands.lock(session, Demand.id == match.demand_id)
    assert demand is not None
    session.refresh(match)
    _check_side(session, actor, match, verb)
    words = spoken(words)
    if verb in ("accept", "choose") and match.state == M.LAPSED:
        raise _too_late(session, demand)
    target = M(MOVES.take(match.state, verb, words))
    if target == M.ACCEPTED:
        return _accept(session, actor, now, demand, match, verb, words)
    if verb == "undo":
        if demand.state not in (DemandState.OPEN, DemandState.CHOSEN):
            raise MoveRefused("协议已经归档或服务已经开始，不能直接解除对接；请先到协议页终止协议。")
        return release(session, actor, now, match, words or "")
    return _end(session, actor, now, match, verb, words)


def _accept(
    session: Session, actor: Actor, now: datetime, demand: Demand, match: Match, verb: str, words: str | None
) -> Match:
    if demand.state != DemandState.OPEN:
        if queries.accepted_for_demand(session, demand.id):
            raise _too_late(session, demand)
        raise MoveRefused(f"需求现在是“{demand.state.label}”，已不能承接。")
    taken = {row.seat for row in queries.accepted_for_demand(session, demand.id)}
    free = [seat for seat in range(1, demand.people_wanted + 1) if seat not in taken]
    if not free:
        raise _too_late(session, demand)
    with unique_or(session, AlreadyDone("刚刚有人先一步承接了这条需求，名额已满。")):
        match.state, match.seat = M.ACCEPTED, free[0]
        match.answered_at, match.answer_words = now, words
        raise_version(match)
        trail.record(session, actor, f"matches.{verb}", match, words=words)
    if len(free) == 1:
        _close_choice(session, actor, now, demand)
    return match


def _close_choice(session: Session, actor: Actor, now: datetime, demand: Demand) -> None:
    """Everyone wanted is found: the demand is chosen, the others are told that it was taken on."""
    named = "、".join(row.commissioner.name for row in queries.accepted_for_demand(session, demand.id))
    for other in queries.waiting_for_demand(session, demand.id):
        _end(session, actor, now, other, "lapse", f"已由{named}承接")
    demand_actions.move(session, actor, shanghai_date(now), demand, "choose", f"由{named}承接"[:LONGEST])


def settle(session: Session, actor: Actor, now: datetime, demand: Demand) -> Demand:
    """Go on with the people found so far: no further seats are wanted. Refused when nobody is found yet."""
    demands.lock(session, Demand.id == demand.id)
    found = queries.accepted_for_demand(session, demand.id)
    if demand.state != DemandState.OPEN or not found:
        raise MoveRefused("只有“待对接”并且已有人选的需求，才能不再等候其他人选。请刷新页面查看。")
    demand.people_wanted = max(row.seat or 1 for row in found)
    _close_choice(session, actor, now, demand)
    return demand


def release(session: Session, actor: Actor, now: datetime, match: Match, words: str) -> Match:
    """End an accepted match and free its seat; a demand that had found its people is open again."""
    _end(session, actor, now, match, "undo", words)
    demand = match.demand
    if demand.state in (DemandState.CHOSEN, DemandState.AGREED):
        demand_actions.move(session, actor, shanghai_date(now), demand, "reopen", words, follows=True)
    return match


def move_demand(
    session: Session,
    actor: Actor,
    now: datetime,
    demand: Demand,
    verb: str,
    words: str | None = None,
    outcome: Outcome | None = None,
) -> Demand:
    """A step of a demand with what it means for its matches.

    Withdrawing, cancelling and 暂无合适人选 end what still waits; reopening frees the seats. What was agreed and
    served stays on record. Refused: reopening under an agreement on file, which has to be ended first; saying that
    nobody suits when somebody has accepted.
    """
    demands.lock(session, Demand.id == demand.id)
    before = demand.state
    if verb == "reopen" and before == DemandState.AGREED:
        raise MoveRefused("这条需求已有归档的协议；请先到协议页终止协议，需求会同时重新开放。", field="reason")
    accepted = queries.accepted_for_demand(session, demand.id)
    if verb == "none_suitable" and accepted:
        raise MoveRefused("这条需求已有人选；如不再等候其他人选，请点“人选已够”。", field="reason")
    demand_actions.move(session, actor, shanghai_date(now), demand, verb, words, outcome)
    if verb in ("withdraw", "cancel", "none_suitable"):
        _end_waiting(session, actor, now, demand, f"需求{demand.state.label}：{words or ''}")
    if verb == "reopen" or (verb in ("withdraw", "cancel") and before in (DemandState.OPEN, DemandState.CHOSEN)):
        for match in accepted:
            _end(session, actor, now, match, "undo", f"需求{demand.state.label}：{words or ''}")
    return demand


def _end_waiting(session: Session, actor: Actor, now: datetime, demand: Demand, words: str) -> None:
    for match in queries.waiting_for_demand(session, demand.id):
        _end(session, actor, now, match, "withdraw" if match.state == M.INVITED else "refuse", words)


def _end(session: Session, actor: Actor, now: datetime, match: Match, verb: str, words: str | None) -> Match:
    words = spoken(words)
    match.state, match.seat = M(MOVES.take(match.state, verb, words)), None
    match.answered_at, match.answer_words = now, words
    raise_version(match)
    trail.record(session, actor, f"matches.{verb}", match, words=words)
    session.flush()
    return match


def set_aside(session: Session, actor: Actor, demand: Demand, offer: Offer, place: int, words: str) -> ProposalRefusal:
    """Keep that an officer found a proposal unsuitable, and why: it is not proposed for this demand again."""
    words = spoken(words, longest=LONGEST_WHY) or ""
    if not words:
        raise RuleBroken("请写明为什么不合适，平台据此改进推荐。", field="reason")
    row = ProposalRefusal(demand_id=demand.id, offer_id=offer.id, place=place, words=words)
    with unique_or(session, AlreadyDone("这个推荐已经标记为不合适。")):
        session.add(row)
    trail.record(session, actor, "matches.set_aside", row, words=words)
    session.flush()
    return row


def keep_decision(
    session: Session, actor: Actor, demand: Demand, offer: Offer, verdict: Verdict, told: Mapping[str, Any],
    words: str | None = None,
) -> None:  # fmt: skip
    """Keep what an officer decided on a proposal, with `place`, `score`, `parts` and `setting` as they were shown.

    The first decision stays: a second invitation of the same pair tells nothing new of the ranking.
    """
    known = sa.select(ProposalDecision.id).where(
        ProposalDecision.demand_id == demand.id, ProposalDecision.offer_id == offer.id
    )
    if session.scalar(known) is not None:
        return
    by = actor.role.label if actor.role else actor.display_name
    session.add(
        ProposalDecision(
            demand_id=demand.id, offer_id=offer.id, verdict=verdict, place=int(told["place"]), score=int(told["score"]),
            parts=json.dumps(told["parts"]), setting_uid=str(told["setting"]), by=by[:60],
            words=spoken(words, longest=LONGEST_WHY),
        )
    )  # fmt: skip
    session.flush()


def reveal_contact(session: Session, actor: Actor, demand: Demand) -> str | None:
    """The phone of the demand's contact in full; the caller has asked `queries.known`. Each showing leaves a trail."""
    trail.record(session, actor, "demands.reveal", demand, words="查看需求联系电话", changes={})
    return queries.contact_phone(session, demand)


def reveal_commissioner(session: Session, actor: Actor, match: Match) -> str | None:
    """The commissioner's phone in full, for the demand's side of an accepted match; each showing leaves a trail.

    Refused before acceptance, and to anyone but those responsible for the demand.
    """
    if match.state != M.ACCEPTED or not (actor.role is None or demands.is_own(actor, match.demand)):
        raise RuleBroken("双方达成对接以后，才能查看对方的联系方式。")
    trail.record(session, actor, "matches.reveal", match, words="查看科特派联系电话", changes={})
    return queries.commissioner_phone(session, match.commissioner)


def _check_side(session: Session, actor: Actor, match: Match, verb: str) -> None:
    """The commissioner's side answers invitations, the demand's side answers applications."""
    move = MOVES.moves.get(verb)
    if move is None or move.permission is None:
        raise MoveRefused("没有这个办理步骤。")
    if actor.role is None:
        return
    if not actor.may(move.permission):
        raise MoveRefused(f"您现在的身份（{actor.role.label}）不能{move.label}。")
    if verb in OF_COMMISSIONER and not menus.keeps(session, actor, match.commissioner_id):
        raise MoveRefused(f"只有{match.commissioner.name}本人或负责人可以{move.label}。")
    if verb not in OF_COMMISSIONER and not demands.is_own(actor, match.demand):
        raise MoveRefused(f"这条需求不在您的辖区内，不能{move.label}。")


def _too_late(session: Session, demand: Demand) -> AlreadyDone:
    first = "、".join(row.commissioner.name for row in queries.accepted_for_demand(session, demand.id))
    return AlreadyDone(f"{first or '其他人选'}已先一步承接这条需求，名额已满，您的操作没有生效。感谢响应。")
