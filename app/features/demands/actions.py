"""Writes of demands: post, edit, triage, and every other step of their life, each kept as a row of the history."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack

from sqlalchemy.orm import Session

from app.domain.calendar import SHANGHAI
from app.domain.demands import MOVES, DemandState, Outcome, check_wanted_by, due_on
from app.domain.divisions import contains
from app.domain.identity import mobile_phone
from app.domain.refusals import MoveRefused, RuleBroken
from app.domain.roles import Actor
from app.domain.vocabulary import NeedType, OrganisationKind, ServiceMode, Urgency
from app.domain.wording import spoken
from app.features.demands.models import Demand, DemandPhoto, DemandStep
from app.features.organisations import actions as organisations
from app.features.organisations.models import Organisation
from app.features.regions import queries as regions
from app.storage import columns, files, trail
from app.storage.keyring import keyring_of
from app.storage.versions import check_fresh, raise_version

MOST_PHOTOS = 6
MOST_PEOPLE = 10
EDITABLE = frozenset({DemandState.DRAFT, DemandState.RETURNED, DemandState.SUBMITTED})


class Told(TypedDict, total=False):
    """What the posting side tells; whatever is left out stays as it is (or empty in a new demand).

    `contact_phone` is in clear here and sealed in the row; `mode` None means either; `scale` as people say it.
    """

    title: str
    description: str
    organisation_id: int | None
    new_unit: tuple[OrganisationKind, str] | None
    urgency: Urgency
    scale: str | None
    mode: ServiceMode | None
    people_wanted: int
    wanted_by: date | None
    confidential: bool
    contact_name: str | None
    contact_phone: str | None


def post(
    session: Session,
    actor: Actor,
    today: date,
    *,
    region_code: str,
    submit: bool = True,
    photos: Sequence[files.StoredFile] = (),
    **told: Unpack[Told],
) -> Demand:
    """A new demand on behalf of a unit of a township: a draft, or submitted to the county at once.

    Refused: a township outside the actor's territory, a unit of another township, a wished date that cannot be.
    """
    refusal = refused_township(session, actor, region_code)
    if refusal is not None:
        raise refusal
    demand = Demand(
        region_code=region_code,
        poster_id=actor.account_id,
        state=DemandState.DRAFT,
        urgency=Urgency.NORMAL,
        people_wanted=1,
        confidential=False,
    )
    _take_told(session, actor, today, demand, told)
    session.add(demand)
    add_photos(session, demand, photos)
    trail.record(session, actor, "demands.post", demand)
    session.flush()
    return move(session, actor, today, demand, "submit") if submit else demand


def edit(
    session: Session,
    actor: Actor,
    today: date,
    demand: Demand,
    version: int,
    *,
    submit: bool = False,
    photos: Sequence[files.StoredFile] = (),
    drop_photos: Sequence[str] = (),
    **told: Unpack[Told],
) -> Demand:
    """New words for a demand that the county has not triaged yet; `submit` sends a draft or returned one on.

    Refused: a page opened before somebody else's change (StaleEdit), a demand already triaged.
    """
    check_fresh(demand, version)
    if demand.state not in EDITABLE:
        raise MoveRefused(f"需求现在是“{demand.state.label}”，不能再修改内容；需要调整请联系县级分诊员。")
    _take_told(session, actor, today, demand, told)
    for photo in [p for p in demand.photos if str(p.uid) in set(drop_photos)]:
        demand.photos.remove(photo)
        session.delete(photo)
    session.flush()
    add_photos(session, demand, photos)
    raise_version(demand)
    trail.record(session, actor, "demands.edit", demand)
    session.flush()
    if submit and demand.state != DemandState.SUBMITTED:
        return move(session, actor, today, demand, "submit")
    return demand


def triage(
    session: Session,
    actor: Actor,
    today: date,
    demand: Demand,
    *,
    industry_id: int,
    need_type: NeedType,
    urgency: Urgency,
    words: str | None = None,
    version: int | None = None,
) -> Demand:
    """Say which industry and sort of help it is, how soon, and open it to choice.

    The due date follows the urgency, counted from the day it was last submitted.
    """
    if version is not None:
        check_fresh(demand, version)
    demand.industry_id, demand.need_type = industry_id, need_type
    _set_urgency(demand, urgency)
    return move(session, actor, today, demand, "triage", words)


def move(
    session: Session,
    actor: Actor,
    today: date,
    demand: Demand,
    verb: str,
    words: str | None = None,
    outcome: Outcome | None = None,
    *,
    follows: bool = False,
) -> Demand:
    """Take one step of a demand's life and keep it in its history; triaged and reopened demands open at once.

    Refused: a step not possible now, one that this role may not take (unless it `follows` from something the
    actor may do), one without the words it needs. Steps that end matches too (withdraw, cancel, reopen …) are
    taken through the matches desk.
    """
    permission = MOVES.moves[verb].permission
    if permission and not follows and actor.role is not None and not actor.may(permission):
        raise MoveRefused(f"您现在的身份（{actor.role.label}）不能{MOVES.moves[verb].label}需求。")
    words = spoken(words)
    target = DemandState(MOVES.take(demand.state, verb, words))
    if target == DemandState.CLOSED:
        if outcome is None:
            raise RuleBroken("请选择办结结果：已解决、部分解决或未解决。", field="outcome")
        demand.outcome, demand.closed_on = outcome, today
    if target == DemandState.SUBMITTED:
        demand.submitted_on = demand.submitted_on or today
    if target in (DemandState.SUBMITTED, DemandState.REOPENED):
        demand.due_on = due_on(today, demand.urgency)
    demand.state = target
    _keep_step(session, actor, today, demand, verb, words)
    if target in (DemandState.TRIAGED, DemandState.REOPENED):
        move(session, actor, today, demand, "open")
    return demand


def _keep_step(session: Session, actor: Actor, today: date, demand: Demand, verb: str, words: str | None) -> None:
    # The day is the caller's, the time of day the machine's: a history made up for an earlier day stays in order.
    at = datetime.combine(today, columns.now().astimezone(SHANGHAI).timetz())
    by = actor.role.label if actor.role else actor.display_name
    demand.steps.append(DemandStep(verb=verb, state=demand.state, at=at, by=by[:60], words=words))
    raise_version(demand)
    trail.record(session, actor, f"demands.{verb}", demand, words=words)
    session.flush()


def add_photos(session: Session, demand: Demand, photos: Sequence[files.StoredFile]) -> None:
    """Hang stored photos on a demand, each once. Refused: more than six."""
    known = {photo.file_id for photo in demand.photos}
    new = [file for file in dict.fromkeys(photos) if file.id not in known]
    if len(known) + len(new) > MOST_PHOTOS:
        raise RuleBroken(f"照片最多{MOST_PHOTOS}张，现在共{len(known) + len(new)}张，请减少几张。", field="photos")
    first = max((photo.place for photo in demand.photos), default=0) + 1
    for place, file in enumerate(new, start=first):
        demand.photos.append(DemandPhoto(file_id=file.id, file=file, place=place))


def keep_photos(session: Session, store: files.FileStore, cleaned: Sequence[bytes]) -> list[files.StoredFile]:
    """Store photos that `files.clean_photo` has re-encoded."""
    return [files.keep(session, store, content, "image/jpeg") for content in cleaned]


def _set_urgency(demand: Demand, urgency: Urgency) -> None:
    """A new urgency moves the due date, counted from the day of the last submission."""
    if demand.due_on is not None:
        submitted = demand.due_on - timedelta(days=demand.urgency.due_days)
        demand.due_on = due_on(submitted, urgency)
    demand.urgency = urgency


def refused_township(session: Session, actor: Actor, region_code: str) -> RuleBroken | None:
    """Why one may not post for this place: it is no township, or not in the actor's territory; None: one may."""
    found = regions.region(session, region_code)
    if found is None or len(region_code) != 9:
        return RuleBroken("请选择需求所在的乡镇（街道）。", field="region")
    territory = actor.reach.territory
    if actor.role is None or (territory and contains(territory, region_code)):
        return None
    place = regions.place_name(session, region_code)
    mine = regions.place_name(session, territory) if territory else "（无）"
    return RuleBroken(f"{place}不在您的辖区（{mine}）内，请重新选择乡镇。", field="region")


def _take_told(session: Session, actor: Actor, today: date, demand: Demand, told: Told) -> None:
    if "title" in told:
        demand.title = " ".join(told["title"].split())
    if not demand.title:
        raise RuleBroken("请用一句话写明遇到了什么问题。", field="title")
    if "wanted_by" in told and told["wanted_by"] != demand.wanted_by:
        check_wanted_by(told["wanted_by"], today)
    if not 1 <= told.get("people_wanted", 1) <= MOST_PEOPLE:
        raise RuleBroken(f"需要人数应在1到{MOST_PEOPLE}之间。", field="people_wanted")
    if "urgency" in told:
        _set_urgency(demand, told["urgency"])
    for name in ("scale", "mode", "people_wanted", "wanted_by", "confidential", "contact_name"):
        if name in told:
            setattr(demand, name, told[name])
    if "description" in told:
        demand.description = told["description"].strip()
    if "contact_phone" in told:
        demand.contact_phone_sealed = _sealed_phone(session, told["contact_phone"])
    if told.get("organisation_id") or told.get("new_unit") or demand.organisation_id is None:
        demand.organisation_id = _unit(session, actor, demand.region_code, told).id


def _sealed_phone(session: Session, phone: str | None) -> str | None:
    if not (phone or "").strip():
        return None
    try:
        return keyring_of(session).seal(mobile_phone(phone or ""))
    except RuleBroken as refusal:
        raise RuleBroken(refusal.message, field="contact_phone") from None


def _unit(session: Session, actor: Actor, region_code: str, told: Told) -> Organisation:
    """The needing party: one that is known in the township, or a new one."""
    new = told.get("new_unit")
    if new and new[1].strip():
        return organisations.keep_organisation(
            session, actor, kind=new[0], name=" ".join(new[1].split()), region_code=region_code
        )
    found = session.get(Organisation, told.get("organisation_id") or 0)
    if found is None:
        raise RuleBroken("请选择需要帮助的单位，或填写新单位的名称。", field="organisation")
    if not (found.kind.can_be_served and found.region_code and region_code.startswith(found.region_code)):
        raise RuleBroken(f"“{found.name}”不是这个乡镇的单位，请重新选择。", field="organisation")
    return found
