"""Writes of agreements: draft from a match, file with or without the sealed scan, add the scan later, end."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.domain.agreements import MOVES, AgreementState, check_term
from app.domain.calendar import shanghai_date
from app.domain.demands import DemandState
from app.domain.matches import MatchState
from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken
from app.domain.roles import Actor
from app.domain.vocabulary import CooperationMode
from app.domain.wording import spoken
from app.features.agreements import queries
from app.features.agreements.models import Agreement
from app.features.demands import actions as demand_actions
from app.features.demands import queries as demands
from app.features.demands.models import Demand
from app.features.matches import actions as match_actions
from app.features.matches.models import Match
from app.features.menus import queries as menus
from app.storage import trail
from app.storage.files import StoredFile
from app.storage.session import unique_or
from app.storage.versions import check_fresh, raise_version


def draft(
    session: Session,
    actor: Actor,
    today: date,
    match: Match,
    *,
    cooperation: CooperationMode,
    begins_on: date,
    ends_on: date,
    content: str,
    sending_unit_id: int | None = None,
) -> Agreement:
    """The three-party agreement of an accepted match, to be printed and sealed.

    Refused: a match that was not accepted, a term that cannot be or outlives every appointment, a second agreement
    of the same match (AlreadyDone).
    """
    _check_side(session, actor, match)
    if match.state != MatchState.ACCEPTED:
        raise MoveRefused(f"对接现在是“{match.state.label}”，双方都同意以后才能起草协议。")
    agreement = Agreement(
        match_id=match.id,
        match=match,
        served_unit_id=match.demand.organisation_id,
        served_unit=match.demand.organisation,
        state=AgreementState.DRAFT,
    )
    _take_terms(agreement, cooperation, begins_on, ends_on, content, sending_unit_id)
    with unique_or(session, AlreadyDone("这次对接已经有一份协议，请直接打开它。")):
        session.add(agreement)
    trail.record(session, actor, "agreements.draft", agreement)
    session.flush()
    return agreement


def edit(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    version: int,
    *,
    cooperation: CooperationMode,
    begins_on: date,
    ends_on: date,
    content: str,
    sending_unit_id: int | None = None,
) -> Agreement:
    """New terms before signing. Refused once the agreement is on file, and for a stale page (StaleEdit)."""
    check_fresh(agreement, version)
    _check_side(session, actor, agreement.match)
    if agreement.state != AgreementState.DRAFT:
        raise MoveRefused("协议已经归档，不能再修改；条款要变请终止后重新签订。")
    _take_terms(agreement, cooperation, begins_on, ends_on, content, sending_unit_id)
    raise_version(agreement)
    trail.record(session, actor, "agreements.edit", agreement)
    session.flush()
    return agreement


def _take_terms(
    agreement: Agreement,
    cooperation: CooperationMode,
    begins_on: date,
    ends_on: date,
    content: str,
    sending_unit_id: int | None,
) -> None:
    check_term(begins_on, ends_on)
    if not content.strip():
        raise RuleBroken("请写明服务内容。", field="content")
    agreement.cooperation, agreement.begins_on, agreement.ends_on = cooperation, begins_on, ends_on
    agreement.content, agreement.sending_unit_id = content.strip(), sending_unit_id


def file(
    session: Session, actor: Actor, today: date, agreement: Agreement, scan: StoredFile | None = None
) -> Agreement:
    """Put the signed agreement on file; the demand is agreed with the first one.

    Without `scan` it is in force and marked 扫描件待补: the sealed sheet stays the evidence, but nobody waits for it.
    Refused: while further people are still being looked for.
    """
    demand = demands.lock(session, Demand.id == agreement.match.demand_id)
    assert demand is not None
    queries.lock(session, agreement.id)
    _check_side(session, actor, agreement.match)
    target = AgreementState(MOVES.take(agreement.state, "file"))
    if agreement.match.state != MatchState.ACCEPTED:
        raise MoveRefused("这次对接已经解除，协议不能再归档。")
    if demand.state == DemandState.OPEN:
        raise MoveRefused(
            f"这条需求要{demand.people_wanted}人，还没有选齐；请选齐人选，或在需求页点“人选已够”，再归档协议。"
        )
    agreement.state, agreement.filed_on = target, today
    agreement.scan = scan or agreement.scan
    raise_version(agreement)
    trail.record(session, actor, "agreements.file", agreement)
    session.flush()
    if demand.state == DemandState.CHOSEN:
        demand_actions.move(session, actor, today, demand, "agree")
    return agreement


def add_scan(session: Session, actor: Actor, agreement: Agreement, scan: StoredFile) -> Agreement:
    """Hang the sealed scan on an agreement on file. Refused when one is there already: evidence is not replaced."""
    queries.lock(session, agreement.id)
    _check_side(session, actor, agreement.match)
    if agreement.state != AgreementState.IN_FORCE:
        raise MoveRefused("只有已归档的协议可以补扫描件；请先归档。", field="scan")
    if agreement.scan_id is not None:
        raise AlreadyDone("这份协议已有扫描件，不能替换；确需更正请终止后重新签订。", field="scan")
    agreement.scan, agreement.scan_id = scan, scan.id
    raise_version(agreement)
    trail.record(session, actor, "agreements.add_scan", agreement)
    session.flush()
    return agreement


def end(session: Session, actor: Actor, now: datetime, agreement: Agreement, words: str) -> Agreement:
    """End an agreement before its term, with words; by the bureau's side only.

    Before any service the match ends with it and the demand is open again; once service has begun, what was done
    stays as it is.
    """
    demand = demands.lock(session, Demand.id == agreement.match.demand_id)
    assert demand is not None
    queries.lock(session, agreement.id)
    if actor.role is not None and not (actor.may("agreements.file") and queries.is_bureau_of(actor, agreement)):
        raise MoveRefused("协议由需求所在地的科技部门终止，请联系他们办理。")
    target = AgreementState(MOVES.take(agreement.state, "end", words))
    agreement.state, agreement.ended_on = target, shanghai_date(now)
    agreement.ended_because = spoken(words)
    raise_version(agreement)
    trail.record(session, actor, "agreements.end", agreement, words=agreement.ended_because)
    session.flush()
    before_service = demand.state in (DemandState.OPEN, DemandState.CHOSEN, DemandState.AGREED)
    if before_service and agreement.match.state == MatchState.ACCEPTED:
        match_actions.release(session, actor, now, agreement.match, f"协议终止：{agreement.ended_because}")
    return agreement


def _check_side(session: Session, actor: Actor, match: Match) -> None:
    """Only the demand's side and the commissioner's side handle the agreement's sheet."""
    if actor.role is None or demands.is_own(actor, match.demand):
        return
    if not menus.keeps(session, actor, match.commissioner_id):
        raise MoveRefused("只有协议的双方可以办理，请联系科技特派员或当地科技部门。")
