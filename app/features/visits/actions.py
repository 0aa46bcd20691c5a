"""Writes of visits: logged exactly once, reviewed by the county, confirmed by the served side."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain import visits as rules
from app.domain.demands import DemandState
from app.domain.divisions import contains
from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.domain.visits import ConfirmationAnswer, VisitReport, VisitState
from app.domain.vocabulary import ConfirmationChannel, ServiceMode
from app.features.accounts.queries import token_hash
from app.features.commissioners import queries as commissioners
from app.features.demands import actions as demands
from app.features.demands.models import Demand
from app.features.matches.models import Match
from app.features.organisations.models import Organisation
from app.features.regions import queries as regions
from app.features.visits import queries
from app.features.visits.models import Confirmation, Participant, ServedUnit, Visit, VisitPhoto, VisitResult
from app.features.vocabulary import queries as vocabulary
from app.storage import trail
from app.storage.files import FileStore, clean_photo, keep
from app.storage.versions import check_fresh, raise_version

LINK_LIFE = timedelta(days=60)


def log(
    session: Session,
    actor: Actor,
    today: date,
    now: datetime,
    *,
    uid: UUID | None = None,
    demand_id: int | None = None,
    match_id: int | None = None,
    submit: bool = True,
    **said: Any,
) -> Visit:
    """Log a visit exactly once: a report that arrives again under the same uid is the visit that is there.

    `said` are the fields of a VisitReport. Refused: what VisitReport.check refuses, a place that is no township,
    a writer who took no part, a participant without a valid appointment on the service date, and the same uid
    with other content (edit the visit instead).
    """
    report = _report(said)
    uid = uid or uuid4()
    known = queries.visit_by_uid(session, uid)
    if known is not None:
        return _same_or_refused(known, report)
    report.check(today)
    _check_writer(session, actor, report)
    acting = _acting(session, report)
    visit = Visit(
        uid=uid,
        demand_id=demand_id,
        match_id=match_id,
        writer_id=actor.account_id,
        state=VisitState.DRAFT,
        fingerprint=report.fingerprint(),
        **_columns(report),
    )
    try:
        with session.begin_nested():
            session.add(visit)
            session.flush()
    except IntegrityError:  # the same report arrived twice at once; the other was first
        return _same_or_refused(session.scalars(sa.select(Visit).where(Visit.uid == uid)).one(), report)
    _fill(session, visit, report, acting)
    trail.record(session, actor, "visits.log", visit)
    if submit:
        _submit(session, actor, today, now, visit)
    return visit


def amend(
    session: Session, actor: Actor, today: date, now: datetime, visit: Visit, version: int, submit: bool, **said: Any
) -> Visit:
    """Change a draft or a returned visit, and submit it (again). A changed visit must be confirmed anew."""
    check_fresh(visit, version)
    if visit.state not in (VisitState.DRAFT, VisitState.RETURNED):
        raise RuleBroken("只有草稿和被退回的服务记录可以修改；已提交的请先联系县（区）科技局退回。")
    report = _report(said)
    report.check(today)
    _check_writer(session, actor, report)
    acting = _acting(session, report)
    for name, value in _columns(report).items():
        setattr(visit, name, value)
    if visit.fingerprint != report.fingerprint():
        visit.fingerprint, visit.confirmed_on = report.fingerprint(), None
    raise_version(visit)
    trail.record(session, actor, "visits.amend", visit)
    for rows in (visit.participants, visit.served, visit.results):
        for row in list(rows):
            session.delete(row)
    session.flush()
    _fill(session, visit, report, acting)
    if submit:
        _submit(session, actor, today, now, visit)
    return visit


def _report(said: dict[str, Any]) -> VisitReport:
    values = dict(said)
    values["served"] = tuple(values.get("served", ()))
    values["participants"] = tuple((int(p), int(h)) for p, h in values.get("participants", ()))
    results = values.get("results") or {}
    values["results"] = tuple(sorted((int(k), int(a)) for k, a in dict(results).items()))
    values["mode"] = ServiceMode(values["mode"])
    return VisitReport(**values)


def _columns(report: VisitReport) -> dict[str, Any]:
    names = ("region_code", "service_date", "days", "industry_id", "mode", "work_done", "place", "advice")
    return {name: getattr(report, name) for name in names}


def _same_or_refused(known: Visit, report: VisitReport) -> Visit:
    if known.fingerprint != report.fingerprint():
        raise AlreadyDone("这次服务已经记过，内容与现在填写的不同。请打开已有的记录修改。")
    return known


def _check_writer(session: Session, actor: Actor, report: VisitReport) -> None:
    """A visit is logged by someone who took part, or by a member of a team whose people did."""
    region = regions.region(session, report.region_code)
    if region is None or region.rank not in ("township", "statistical_unit"):
        raise RuleBroken("请选择服务所在的乡镇（街道）。", field="region_code")
    if actor.account_id is None and actor.role is None:
        return  # the platform itself, loading or importing
    people = {person for person, _ in report.participants}
    own = actor.reach.person_id
    if own is None:
        raise RuleBroken("服务记录由参加服务的科技特派员本人或其团队填写。")
    if own in people:
        return
    teammates = {p for c in commissioners.commissioners_of_person(session, own) for p in _people_of(session, c.id)}
    if not people & teammates:
        raise RuleBroken("您没有参加这次服务，请由参加的人填写。", field="participants")


def _people_of(session: Session, commissioner_id: int) -> list[int]:
    return commissioners.representatives(session, [commissioner_id]).get(commissioner_id, [])


def _acting(session: Session, report: VisitReport) -> dict[int, int]:
    """Person → the appointment he or she acts under on the service date (the highest level valid then)."""
    acting: dict[int, int] = {}
    for person_id, _ in report.participants:
        held = commissioners.held_appointments(session, person_id)
        acting[person_id] = rules.acting_appointment(held, report.service_date).id
    return acting


def _fill(session: Session, visit: Visit, report: VisitReport, acting: dict[int, int]) -> None:
    units = session.scalars(sa.select(Organisation).where(Organisation.id.in_(report.served))).all()
    if len(units) != len(set(report.served)) or not all(u.kind.can_be_served for u in units):
        raise RuleBroken("服务对象应为村、合作社、企业等受援单位，请重新选择。", field="served")
    allowed = {kind.id for kind in vocabulary.result_kinds(session, report.service_date)}
    if not {kind for kind, _ in report.results} <= allowed:
        raise RuleBroken("有的成果项在服务日期不适用，请刷新页面后重填。", field="results")
    session.add_all(ServedUnit(visit_id=visit.id, organisation_id=unit) for unit in dict.fromkeys(report.served))
    session.add_all(
        Participant(visit_id=visit.id, person_id=person, appointment_id=acting[person], half_days=half_days)
        for person, half_days in report.participants
    )
    session.add_all(VisitResult(visit_id=visit.id, kind_id=kind, amount=amount) for kind, amount in report.results)
    session.flush()
    session.expire(visit, ["participants", "served", "results"])


def _submit(session: Session, actor: Actor, today: date, now: datetime, visit: Visit) -> None:
    visit.state = rules.MOVES.take(visit.state, "submit")
    visit.submitted_at, visit.review_words = now, None
    trail.record(session, actor, "visits.submit", visit)
    if visit.demand_id is not None:
        demand = session.get_one(Demand, visit.demand_id)
        if demand.state == DemandState.AGREED:
            demands.move(session, actor, today, demand, "begin")


def submit(session: Session, actor: Actor, today: date, now: datetime, visit: Visit) -> Visit:
    """Hand a draft in as it is."""
    _submit(session, actor, today, now, visit)
    return visit


def withdraw(session: Session, actor: Actor, visit: Visit, words: str | None) -> Visit:
    visit.state = rules.MOVES.take(visit.state, "withdraw", words)
    visit.review_words = words
    raise_version(visit)
    trail.record(session, actor, "visits.withdraw", visit, words=words)
    return visit


def review(session: Session, actor: Actor, today: date, visit: Visit, verb: str, words: str | None = None) -> Visit:
    """The county of the township passes a visit, or returns it with words. Only a passed visit counts.

    Refused for a visit served in another county (that county reviews it), and for one's own visits.
    """
    if not actor.reach.territory or not contains(actor.reach.territory, visit.region_code):
        raise RuleBroken("这次服务在其他县（区），由当地科技局审核。")
    target = rules.MOVES.take(visit.state, verb, words)
    assert isinstance(target, VisitState)
    visit.state = target
    visit.passed_on = today if target == VisitState.PASSED else None
    visit.review_words = words or None
    raise_version(visit)
    trail.record(session, actor, f"visits.{verb}", visit, words=words)
    return visit


def ask_confirmation(
    session: Session, actor: Actor, now: datetime, visit: Visit, organisation_id: int, channel: ConfirmationChannel
) -> str:
    """Ask a served unit for its word; the token of the link or QR code. Earlier unanswered links of it end."""
    if visit.state in (VisitState.DRAFT, VisitState.WITHDRAWN):
        raise RuleBroken("请先提交服务记录，再请受援单位确认。")
    if organisation_id not in {unit.organisation_id for unit in visit.served}:
        raise RuleBroken("这个单位不是这次服务的对象。")
    for earlier in visit.confirmations:
        if earlier.organisation_id == organisation_id and earlier.answer is None:
            earlier.expires_at = now
    token = secrets.token_urlsafe(18)
    asked = Confirmation(
        visit_id=visit.id,
        organisation_id=organisation_id,
        channel=channel,
        token_hash=token_hash(token),
        content_hash=visit.fingerprint,
        expires_at=now + LINK_LIFE,
    )
    session.add(asked)
    trail.record(session, actor, "visits.ask_confirmation", asked)
    session.expire(visit, ["confirmations"])
    return token


def answer_confirmation(
    session: Session,
    now: datetime,
    today: date,
    token: str,
    answer: ConfirmationAnswer,
    words: str | None = None,
    name: str | None = None,
    satisfaction: int | None = None,
) -> Confirmation:
    """The served side's word, by the link it was sent. The first answer stands.

    Refused: an unknown or expired link, a link already answered, a visit changed since the link was sent, and a
    dispute without words.
    """
    asked = queries.confirmation_by_token(session, token, for_update=True)
    if asked is None:
        raise RuleBroken("这个链接不完整或不存在，请从收到的消息里重新点开。")
    if asked.answer is not None:
        raise AlreadyDone("这次服务已经确认过了，谢谢您。")
    if asked.expires_at is not None and asked.expires_at <= now:
        raise RuleBroken("这个链接已过期，请联系科技特派员重新发送。")
    visit = queries.visit_of_confirmation(session, asked)
    if visit.fingerprint != asked.content_hash or visit.state == VisitState.WITHDRAWN:
        raise RuleBroken("这次服务的记录在发出链接后改过，请联系科技特派员重新发送链接。")
    if answer == ConfirmationAnswer.DISPUTED and not (words or "").strip():
        raise RuleBroken("请写一句哪里与实际不符，县（区）科技局会核实。", field="words")
    asked.answer, asked.answered_at, asked.words = answer, now, words or None
    asked.answered_by, asked.satisfaction = name or None, satisfaction
    by = Actor(None, "受援单位")
    trail.record(session, by, f"visits.{answer.value}", asked)
    _take_word(session, by, visit, today)
    return asked


def _take_word(session: Session, by: Actor, visit: Visit, today: date) -> None:
    """A visit is confirmed once a served unit confirms it and none disputes it."""
    answers = {c.answer for c in visit.confirmations if c.content_hash == visit.fingerprint}
    confirmed = ConfirmationAnswer.CONFIRMED in answers and ConfirmationAnswer.DISPUTED not in answers
    if confirmed != (visit.confirmed_on is not None):
        visit.confirmed_on = today if confirmed else None
        trail.record(session, by, "visits.confirmed" if confirmed else "visits.unconfirmed", visit)


def add_photo(session: Session, actor: Actor, store: FileStore, visit: Visit, content: bytes) -> None:
    """Hang a photo on a visit; re-encoded, without position. The same picture twice is one."""
    file = keep(session, store, clean_photo(content), "image/jpeg")
    if file.id not in {photo.file_id for photo in visit.photos}:
        visit.photos.append(VisitPhoto(visit_id=visit.id, file_id=file.id))
        session.flush()


def match_for(session: Session, demand_id: int, commissioner_ids: list[int]) -> Match | None:
    """The accepted match under which these commissioners serve a demand."""
    return session.scalar(
        sa.select(Match)
        .where(Match.demand_id == demand_id, Match.commissioner_id.in_(commissioner_ids), Match.seat.is_not(None))
        .order_by(Match.id)
        .limit(1)
    )
