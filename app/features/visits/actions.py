"""Writes of visits: logged exactly once, amended while they may be, withdrawn.

Confirming and reviewing are in confirmations.py and reviews.py; their verbs are offered here too, so that a caller
finds everything one does with a visit in one place.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain import visits as rules
from app.domain.demands import DemandState
from app.domain.matches import MatchState
from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.domain.visits import VisitReport, VisitState
from app.domain.vocabulary import OrganisationKind, ServiceMode
from app.domain.wording import spoken
from app.features.commissioners import queries as commissioners
from app.features.commissioners.models import Commissioner, TeamMember
from app.features.demands import actions as demand_actions
from app.features.demands import queries as demands
from app.features.demands.models import Demand
from app.features.matches.models import Match
from app.features.organisations import actions as organisations
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.features.regions import queries as regions
from app.features.visits import queries
from app.features.visits.confirmations import answer_confirmation, ask_confirmation, call_back, keep_sheet, settle
from app.features.visits.models import Participant, ServedUnit, Visit, VisitPhoto, VisitResult
from app.features.visits.reviews import pass_together, review
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary.models import Industry
from app.storage import trail
from app.storage.files import FileStore, StoredFile, clean_photo, keep
from app.storage.versions import check_fresh, raise_version

__all__ = [
    "add_photo",
    "amend",
    "answer_confirmation",
    "ask_confirmation",
    "call_back",
    "keep_photos",
    "keep_sheet",
    "log",
    "pass_together",
    "review",
    "submit",
    "withdraw",
]

MOST_PHOTOS = 6
OTHER_CONTENT = "这次服务已经记过，内容与现在填写的不同，没有另记一条。请打开已有的记录核对、修改。"


class Said(TypedDict, total=False):
    """What a visit says, as a VisitReport holds it; collections in any form.

    `new_unit`: a served unit that is not on record yet, (kind, name), in the township of service.
    """

    region_code: str
    service_date: date
    days: int
    industry_id: int
    mode: ServiceMode | str
    work_done: str
    served: Iterable[int]
    participants: Iterable[tuple[int, int]]
    results: Mapping[int, int] | None
    place: str | None
    advice: str | None
    new_unit: tuple[OrganisationKind, str] | None


def log(
    session: Session,
    actor: Actor,
    today: date,
    now: datetime,
    *,
    uid: UUID | None = None,
    demand_id: int | None = None,
    match_id: int | None = None,
    acting: Mapping[int, int] | None = None,
    photos: Sequence[StoredFile] = (),
    submit: bool = True,
    **said: Unpack[Said],
) -> Visit:
    """Log a visit exactly once: a report that arrives again under the same uid is the visit that is there.

    `acting` names, for a person, the appointment he or she acts under; without it the highest level valid on the
    day. Refused: what VisitReport.check refuses, a place that is no township, a writer who took no part, a
    participant without a valid appointment on the service date, a demand that nobody of them has taken on, and
    the same uid with other content.
    """
    report = _report(session, actor, said)
    _check_writer(session, actor, report)
    uid = uid or uuid4()
    known = queries.visit_by_uid(session, uid)
    if known is not None:
        return _same_or_refused(session, actor, today, now, known, report, photos, submit)
    report.check(today)
    under = _acting(session, report, acting or {})
    match_id = _match_under(session, actor, report, demand_id, match_id)
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
        known = queries.visit_by_uid(session, uid)
        if known is None:
            raise
        return _same_or_refused(session, actor, today, now, known, report, photos, submit)
    _fill(session, visit, report, under)
    _hang_photos(session, visit, photos)
    trail.record(session, actor, "visits.log", visit)
    if submit:
        _submit(session, actor, today, now, visit)
    return visit


def _same_or_refused(
    session: Session,
    actor: Actor,
    today: date,
    now: datetime,
    known: Visit,
    report: VisitReport,
    photos: Sequence[StoredFile],
    submit: bool,
) -> Visit:
    """The visit that is there; handing in what was kept as a draft hands that draft in."""
    if known.fingerprint != report.fingerprint():
        raise AlreadyDone(OTHER_CONTENT)
    if submit and known.state == VisitState.DRAFT:
        _hang_photos(session, known, photos)
        _submit(session, actor, today, now, known)
    return known


def amend(
    session: Session,
    actor: Actor,
    today: date,
    now: datetime,
    visit: Visit,
    version: int,
    submit: bool,
    *,
    acting: Mapping[int, int] | None = None,
    photos: Sequence[StoredFile] = (),
    drop_photos: Iterable[str] = (),
    **said: Unpack[Said],
) -> Visit:
    """Change a draft or a returned visit (held by the caller), and submit it (again).

    A changed visit must be confirmed anew. Refused: a stale page (StaleEdit), any other state, and whatever `log`
    refuses.
    """
    check_fresh(visit, version)
    if visit.state not in (VisitState.DRAFT, VisitState.RETURNED):
        raise RuleBroken("只有草稿和被退回的服务记录可以修改；已提交的请先联系县（区）科技局退回。")
    report = _report(session, actor, said)
    _check_writer(session, actor, report)
    report.check(today)
    under = _acting(session, report, acting or {})
    for name, value in _columns(report).items():
        setattr(visit, name, value)
    visit.fingerprint = report.fingerprint()
    raise_version(visit)
    trail.record(session, actor, "visits.amend", visit)
    for rows in (visit.participants, visit.served, visit.results):
        for row in list(rows):
            session.delete(row)
    dropped = set(drop_photos)
    for photo in [photo for photo in visit.photos if str(photo.uid) in dropped]:
        visit.photos.remove(photo)
        session.delete(photo)
    session.flush()
    _fill(session, visit, report, under)
    _hang_photos(session, visit, photos)
    settle(session, actor, visit, today)
    if submit:
        _submit(session, actor, today, now, visit)
    return visit


def _report(session: Session, actor: Actor, said: Said) -> VisitReport:
    values: dict[str, Any] = dict(said)
    served = [int(unit) for unit in values.get("served") or ()]
    new_unit = values.pop("new_unit", None)
    _check_place(session, values["region_code"], values["service_date"])
    if new_unit and new_unit[1].strip():
        made = organisations.keep_organisation(
            session, actor, kind=new_unit[0], name=new_unit[1], region_code=values["region_code"]
        )
        served.append(made.id)
    results = values.get("results") or {}
    return VisitReport(
        region_code=values["region_code"],
        service_date=values["service_date"],
        days=values["days"],
        industry_id=int(values["industry_id"]),
        mode=ServiceMode(values["mode"]),
        work_done=_plain(values["work_done"]),
        served=tuple(dict.fromkeys(served)),
        participants=tuple((int(person), int(half_days)) for person, half_days in values.get("participants") or ()),
        results=tuple(sorted((int(kind), int(amount)) for kind, amount in dict(results).items())),
        place=_plain(values.get("place") or "") or None,
        advice=_plain(values.get("advice") or "") or None,
    )


def _plain(text: str) -> str:
    """Text as it is kept and compared: browsers and phones end lines differently."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _columns(report: VisitReport) -> dict[str, Any]:
    names = ("region_code", "service_date", "days", "industry_id", "mode", "work_done", "place", "advice")
    return {name: getattr(report, name) for name in names}


def _check_place(session: Session, region_code: str, day: date) -> None:
    region = regions.region(session, region_code)
    if region is None or region.rank not in ("township", "statistical_unit"):
        raise RuleBroken("请选择服务所在的乡镇（街道）。", field="region_code")
    if region.valid_to is not None and region.valid_to < day:
        raise RuleBroken(f"{region.name}在服务日期已经撤并，请选择现在的乡镇。", field="region_code")


def _check_writer(session: Session, actor: Actor, report: VisitReport) -> None:
    """A visit is logged by someone who took part, or by a member of a team whose people did."""
    if session.get(Industry, report.industry_id) is None:
        raise RuleBroken("请选择服务的产业。", field="industry_id")
    if actor.account_id is None and actor.role is None:
        return  # the platform itself, loading or importing
    people = {person for person, _ in report.participants}
    own = actor.reach.person_id
    if own is None:
        raise RuleBroken("服务记录由参加服务的科技特派员本人或其团队填写。")
    if own in people or not people:  # VisitReport.check asks for people in its own words
        return
    mine = [row.id for row in commissioners.commissioners_of_person(session, own)]
    teammates = {p for members in commissioners.representatives(session, mine).values() for p in members}
    if not people & teammates:
        raise RuleBroken("您没有参加这次服务，请由参加的人填写。", field="participants")


def _acting(session: Session, report: VisitReport, wanted: Mapping[int, int]) -> dict[int, int]:
    """Person → the appointment he or she acts under on the service date."""
    ids = [person for person, _ in report.participants]
    names = dict(session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids))).all())
    acting: dict[int, int] = {}
    for person in ids:
        held = commissioners.held_appointments(session, person)
        chosen = rules.acting_appointment(held, report.service_date, wanted.get(person), names.get(person, "参加人"))
        acting[person] = chosen.id
    return acting


def _match_under(
    session: Session, actor: Actor, report: VisitReport, demand_id: int | None, match_id: int | None
) -> int | None:
    """The accepted match of a participant under which a demand is served. Refused when none of them took it on."""
    if demand_id is None:
        return None
    people = [person for person, _ in report.participants]
    own = sa.select(Commissioner.id).where(Commissioner.person_id.in_(people))
    teams = sa.select(TeamMember.commissioner_id).where(TeamMember.person_id.in_(people))
    wanted = sa.select(Match.id).where(
        Match.demand_id == demand_id,
        Match.state == MatchState.ACCEPTED,
        Match.commissioner_id.in_(own.union_all(teams)),
    )
    found = session.scalar(wanted.order_by(Match.id).limit(1))
    if found is None and match_id is None and actor.role is not None:
        raise RuleBroken("参加人没有承接这条需求，请先对接，或不选需求直接记服务。")
    return match_id if match_id is not None else found


def _fill(session: Session, visit: Visit, report: VisitReport, acting: dict[int, int]) -> None:
    units = session.scalars(sa.select(Organisation).where(Organisation.id.in_(report.served))).all()
    if len(units) != len(report.served) or not all(unit.kind.can_be_served for unit in units):
        raise RuleBroken("服务对象应为村、合作社、企业等受援单位，请重新选择。", field="served")
    allowed = {kind.id for kind in vocabulary.result_kinds(session, report.service_date)}
    if not {kind for kind, _ in report.results} <= allowed:
        raise RuleBroken("有的成果项在服务日期不适用，请刷新页面后重填。", field="results")
    session.add_all(ServedUnit(visit_id=visit.id, organisation_id=unit) for unit in report.served)
    session.add_all(
        Participant(visit_id=visit.id, person_id=person, appointment_id=acting[person], half_days=half_days)
        for person, half_days in report.participants
    )
    session.add_all(VisitResult(visit_id=visit.id, kind_id=kind, amount=amount) for kind, amount in report.results)
    session.flush()
    session.expire(visit, ["participants", "served", "results"])


def _submit(session: Session, actor: Actor, today: date, now: datetime, visit: Visit) -> None:
    """Hand in; the first visit handed in for an agreed demand begins its service."""
    visit.state = VisitState(rules.MOVES.take(visit.state, "submit"))
    visit.submitted_at, visit.review_words = now, None
    trail.record(session, actor, "visits.submit", visit)
    session.flush()
    if visit.demand_id is not None:
        demand = demands.lock(session, Demand.id == visit.demand_id)
        if demand is not None and demand.state == DemandState.AGREED:
            demand_actions.move(session, actor, today, demand, "begin")


def submit(session: Session, actor: Actor, today: date, now: datetime, visit: Visit) -> Visit:
    """Hand a draft (or a returned visit) in as it is."""
    queries.hold(session, visit)
    _submit(session, actor, today, now, visit)
    raise_version(visit)
    return visit


def withdraw(session: Session, actor: Actor, visit: Visit, words: str | None) -> Visit:
    """Take a visit back that has not been passed, with the reason; it stays on record and never counts."""
    queries.hold(session, visit)
    words = spoken(words)
    visit.state = VisitState(rules.MOVES.take(visit.state, "withdraw", words))
    visit.review_words = words
    raise_version(visit)
    trail.record(session, actor, "visits.withdraw", visit, words=words)
    return visit


def keep_photos(session: Session, store: FileStore, cleaned: Sequence[bytes]) -> list[StoredFile]:
    """Store photos that `files.clean_photo` has re-encoded."""
    return [keep(session, store, content, "image/jpeg") for content in cleaned]


def add_photo(session: Session, actor: Actor, store: FileStore, visit: Visit, content: bytes) -> None:
    """Hang a photo as it was taken on a visit; re-encoded, without position. The same picture twice is one."""
    _hang_photos(session, visit, keep_photos(session, store, [clean_photo(content)]))


def _hang_photos(session: Session, visit: Visit, photos: Sequence[StoredFile]) -> None:
    known = {photo.file_id for photo in visit.photos}
    new = [file for file in dict.fromkeys(photos) if file.id not in known]
    if len(known) + len(new) > MOST_PHOTOS:
        raise RuleBroken(f"照片最多{MOST_PHOTOS}张，现在共{len(known) + len(new)}张，请减少几张。", field="photos")
    visit.photos += [VisitPhoto(visit_id=visit.id, file_id=file.id) for file in new]
    session.flush()
