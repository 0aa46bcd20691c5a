"""Pages for logging a visit on a phone and for mending a draft or a returned one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import abort, redirect, request, url_for

from app.domain.refusals import RuleBroken
from app.domain.visits import VisitState
from app.domain.vocabulary import ServiceMode
from app.features.matches.models import Match
from app.features.organisations import queries as organisations
from app.features.regions import queries as regions
from app.features.visits import actions, facts, forms, queries
from app.features.visits.forms import VisitForm
from app.features.visits.models import Visit
from app.features.visits.pages import blueprint
from app.features.vocabulary import queries as vocabulary
from app.storage.files import StoredFile, clean_photo
from app.web.conflicts import conflict_page
from app.web.guards import actor, permitted
from app.web.pages import done, page
from app.web.platform import moment, platform, today
from app.web.session import commits, db

NOT_A_PERSON = "服务记录由参加服务的科技特派员本人填写，请切换到本人的身份。"


def _me() -> int:
    """The person who writes; whoever acts for a territory or an organisation is told to change the grant."""
    person = actor().reach.person_id
    if person is None:
        raise RuleBroken(NOT_A_PERSON)
    return person


def _match() -> Match | None:
    """The match of the demand that the address or the form names; 404 when it was not taken on by this person."""
    named = request.values.get("demand", "")
    if not named:
        return None
    try:
        uid = UUID(named)
    except ValueError:
        abort(404)
    return facts.accepted_match(db(), _me(), uid) or abort(404)


def _township(given: str | None) -> str | None:
    """A township that may be chosen, out of an address or a form."""
    found = regions.region(db(), given or "")
    return found.code if found is not None and found.rank in ("township", "statistical_unit") else None


@blueprint.get("/new")
@permitted("visits.log")
def log_visit() -> Any:
    match = _match()
    code = _township(request.args.get("place")) or (match.demand.region_code if match else None)
    if code is None:
        return page(
            "visits/choose_place.html",
            taken_on=facts.taken_on(db(), _me()),
            usual=facts.usual_places(db(), _me(), today()),
            townships=regions.township_choices(db(), platform().settings.city_code),
        )
    return _log_page(_new_form(code, match), match)


def _new_form(code: str, match: Match | None) -> VisitForm:
    """An empty form with all that demand and appointments say already; its uid makes sending it twice harmless."""
    demand = match.demand if match else None
    people = facts.companions(db(), _me(), today(), demand.id if demand else None)
    start = {
        "uid": str(uuid4()),
        "demand": str(demand.uid) if demand else "",
        "region_code": code,
        "service_date": today(),
        "days": 1,
        "mode": (demand.mode if demand and demand.mode else ServiceMode.ON_SITE).value,
        "industry_id": facts.likely_industry(db(), _me(), demand),
        "served": str(demand.organisation_id) if demand else "",
    }
    kinds = vocabulary.result_kinds(db(), today())
    data = forms.prefilled(start, {_me(): 2}, {}, people=people)
    return _with_choices(forms.visit_form(people, kinds)(data=data), code, demand.organisation_id if demand else None)


def _with_choices(form: VisitForm, code: str, *units: int | None) -> VisitForm:
    """The form with the township's units (and `units`, wherever they lie) and the industries of today."""
    form.region_code.choices = [(code, regions.place_name(db(), code))]
    known = organisations.served_unit_choices(db(), code)
    elsewhere = [unit for unit in units if unit is not None and str(unit) not in dict(known)]
    known += [(str(id_), name) for id_, name in queries.unit_names(db(), elsewhere).items()]
    for field in form.unit_fields():
        field.choices = [("", "请选择"), *known]
    parts = vocabulary.sub_industry_choices(db(), today())
    form.industry_id.choices = {"": [("", "请选择")], "大类": vocabulary.industry_choices(db(), today()), **parts}
    return form


def _log_page(form: VisitForm, match: Match | None, existing: Visit | None = None) -> Any:
    return page(
        "visits/log_visit.html",
        form=form,
        place=regions.place_name(db(), form.region_code.data),
        match=match,
        agreement=facts.agreement_on(db(), match.id if match else None),
        existing=existing,
    )


def _photos(form: VisitForm) -> list[StoredFile]:
    cleaned = [clean_photo(upload.read()) for upload in form.photos.uploads]
    return actions.keep_photos(db(), platform().files, cleaned)


def _uid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


@blueprint.post("/new")
@permitted("visits.log")
@commits
def save_visit() -> Any:
    match = _match()
    code = _township(request.form.get("region_code")) or abort(404)
    form, made = _new_form(code, match), []

    def log() -> None:
        made.append(
            actions.log(
                db(), actor(), today(), moment(), uid=_uid(form.uid.data), photos=_photos(form),
                demand_id=match.demand_id if match else None, match_id=match.id if match else None,
                submit="draft" not in request.form, **form.said(),
            )
        )  # fmt: skip

    if form.accepts(log):
        return _saved(made[0])
    existing = _uid(form.uid.data)
    return _log_page(form, match, queries.visit(db(), actor(), existing) if existing else None)


def _saved(visit: Visit) -> Any:
    if visit.state == VisitState.DRAFT:
        return done("草稿已保存，可以随时回来补充、提交。", "visits.visit", uid=visit.uid)
    return done("服务记录已提交审核。下一步：请受援单位确认。", "visits.visit", uid=visit.uid)


def _to_edit(uid: UUID, *, to_change: bool = False) -> Visit:
    read = queries.visit_to_change if to_change else queries.visit
    return read(db(), actor(), uid) or abort(404)


@blueprint.get("/<uuid:uid>/edit")
@permitted("visits.log")
def edit_visit(uid: UUID) -> Any:
    found = _to_edit(uid)
    if found.state not in (VisitState.DRAFT, VisitState.RETURNED):
        return redirect(url_for("visits.visit", uid=uid))
    code = _township(request.args.get("place")) or found.region_code
    return _edit_page(_edit_form(found, code), found)


def _edit_form(found: Visit, code: str, fresh: bool = False) -> VisitForm:
    """The form with what the visit says (`fresh`: whatever was typed); in another township the units are open."""
    people = facts.companions(db(), _me(), today(), found.demand_id, [p.person_id for p in found.participants])
    kinds = vocabulary.result_kinds(db(), found.service_date)
    per_unit = {kind.id: kind.per_unit for kind in kinds}
    names = ("service_date", "days", "place", "work_done", "advice")
    start: dict[str, Any] = {name: getattr(found, name) for name in names}
    units = [unit.organisation_id for unit in found.served] if code == found.region_code else []
    start |= {
        "uid": str(found.uid),
        "version": str(found.version),
        "region_code": code,
        "mode": found.mode.value,
        "industry_id": str(found.industry_id),
        **dict(zip(("served", "served_2", "served_3"), map(str, units), strict=False)),
    }
    data = forms.prefilled(
        start,
        {p.person_id: p.half_days for p in found.participants},
        {p.person_id: str(p.appointment_id) for p in found.participants},
        [(r.kind_id, r.amount, per_unit[r.kind_id]) for r in found.results if r.kind_id in per_unit],
        people,
    )
    made = forms.visit_form(people, kinds)
    form = made(formdata=None, data=data) if fresh else made(data=data)
    form.drop_photos.choices = [(str(photo.uid), f"第{n}张") for n, photo in enumerate(found.photos, 1)]
    return _with_choices(form, code, *units)


def _edit_page(form: VisitForm, found: Visit) -> Any:
    townships: Mapping[str, Any] = regions.township_choices(db(), platform().settings.city_code)
    place = regions.place_name(db(), form.region_code.data)
    return page("visits/edit_visit.html", form=form, found=found, place=place, townships=townships)


@blueprint.post("/<uuid:uid>/edit")
@permitted("visits.log")
@commits
def change_visit(uid: UUID) -> Any:
    found = _to_edit(uid, to_change=True)
    code = _township(request.form.get("region_code")) or abort(404)
    form = _edit_form(found, code)
    version = int(form.version.data) if (form.version.data or "").isdecimal() else 0

    def amend() -> None:
        actions.amend(
            db(), actor(), today(), moment(), found, version, "draft" not in request.form,
            photos=_photos(form), drop_photos=form.drop_photos.data or (), **form.said(),
        )  # fmt: skip

    if form.accepts(amend):
        return _saved(_to_edit(uid))
    newest = _to_edit(uid)
    if form.stale:
        record, edit = url_for("visits.visit", uid=uid), url_for("visits.edit_visit", uid=uid)
        return conflict_page(form, _edit_form(newest, newest.region_code, fresh=True), edit_url=edit, record_url=record)
    return _edit_page(form, newest)


@blueprint.post("/<uuid:uid>/submit")
@permitted("visits.log")
@commits
def submit_draft(uid: UUID) -> Any:
    found = _to_edit(uid, to_change=True)
    actions.submit(db(), actor(), today(), moment(), found)
    return _saved(found)
