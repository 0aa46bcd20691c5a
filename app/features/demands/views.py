"""Pages of the demands desk: the list, posting, mending, triage. The record with its matches is a page of matches."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for

from app.domain.demands import DemandState
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import NeedType, OrganisationKind, ServiceMode, Urgency
from app.features.demands import actions, queries
from app.features.demands.forms import DemandForm, TriageForm
from app.features.demands.models import Demand
from app.features.organisations import queries as organisations
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.storage.files import clean_photo
from app.web.conflicts import conflict_page
from app.web.guards import actor, permitted
from app.web.pages import done, here, page
from app.web.paging import cursor, paged
from app.web.platform import platform, today
from app.web.session import commits, db

blueprint = Blueprint("demands", __name__)
PAGE = 50


def _asked() -> queries.DemandFilter:
    given = request.args
    state = given.get("state", "")
    industry = given.get("industry", "")
    return queries.DemandFilter(
        city_wide=given.get("city") == "1",
        states=(DemandState(state),) if state in list(DemandState) else (),
        place=given.get("place", ""),
        industry_ids=tuple(vocabulary.with_parts(db(), int(industry))) if industry.isdigit() else (),
        urgency=Urgency(given["urgency"]) if given.get("urgency") in list(Urgency) else None,
        overdue=given.get("overdue") == "1",
        search=given.get("q", ""),
        sort="due" if given.get("sort") == "due" else "new",
    )


@blueprint.get("/")
@permitted("demands.read")
def demand_list() -> Any:
    asked = _asked()
    rows = queries.demands_page(db(), actor(), today(), asked, cursor(), PAGE)
    shown = paged(rows, lambda row: queries.sort_values(row, asked.sort), PAGE)
    territory = actor().reach.territory
    return page(
        "demands/demand_list.html",
        asked=asked,
        rows=shown,
        waiting=queries.waiting_counts(db(), actor(), today(), city_wide=asked.city_wide),
        places=regions.place_names(db(), [r.region_code for r in shown.rows if r.region_code]),
        industries=vocabulary.industries_by_id(db()),
        industry_choices=vocabulary.industry_choices(db(), today()),
        states=DemandState,
        townships=regions.township_choices(db(), territory) if territory and len(territory) == 6 else {},
        own_list=territory is not None,
        here=here,
    )


def _form(region_code: str, row: Demand | None = None, fresh: bool = False) -> DemandForm:
    """The form for a township; with `row` it starts with what the demand says (`fresh`: whatever was typed)."""
    start: dict[str, Any] = {"region": region_code}
    if row is not None:
        names = ("title", "description", "scale", "wanted_by", "people_wanted", "contact_name", "confidential")
        start |= {name: getattr(row, name) for name in names}
        start |= {
            "unit": str(row.organisation_id),
            "urgency": row.urgency.value,
            "mode": row.mode.value if row.mode else "",
            "version": str(row.version),
        }
    form = DemandForm(formdata=None, data=start) if fresh else DemandForm(data=start)
    form.unit.choices = [("", "请选择"), *organisations.served_unit_choices(db(), region_code)]
    return form


def _told(form: DemandForm, *, keep_phone: bool = False) -> dict[str, Any]:
    """What the form tells, as the action takes it."""
    new_unit = None
    if (form.new_unit.data or "").strip():
        new_unit = (OrganisationKind(form.new_unit_kind.data), form.new_unit.data)
    elif not form.unit.data:
        raise RuleBroken("请选择谁需要帮助，或写下它的名称。", field="unit")
    told: dict[str, Any] = {
        "title": form.title.data,
        "description": form.description.data or "",
        "organisation_id": int(form.unit.data) if form.unit.data and not new_unit else None,
        "new_unit": new_unit,
        "urgency": Urgency(form.urgency.data),
        "scale": form.scale.data or None,
        "mode": ServiceMode(form.mode.data) if form.mode.data else None,
        "people_wanted": form.people_wanted.data or 1,
        "wanted_by": form.wanted_by.data,
        "confidential": bool(form.confidential.data),
        "contact_name": form.contact_name.data or None,
    }
    if form.contact_phone.data or not keep_phone:
        told["contact_phone"] = form.contact_phone.data or None
    return told


def _photos(form: DemandForm) -> list[Any]:
    cleaned = [clean_photo(upload.read()) for upload in form.photos.uploads]
    return actions.keep_photos(db(), platform().files, cleaned)


def _township() -> str | None:
    """The township one posts for: one's own, or the one chosen in the address or the form."""
    territory = actor().reach.territory or ""
    return territory if len(territory) == 9 else (request.values.get("region") or request.args.get("township"))


@blueprint.get("/new")
@permitted("demands.post")
def new_demand() -> Any:
    township = _township()
    if not township:
        choices = regions.township_choices(db(), actor().reach.territory or "")
        return page("demands/choose_township.html", choices=choices)
    return page("demands/new_demand.html", form=_form(township), place=regions.place_name(db(), township))


@blueprint.post("/new")
@permitted("demands.post")
@commits
def post_demand() -> Any:
    township = _township() or abort(404)
    form, made = _form(township), []

    def post() -> None:
        row = actions.post(
            db(), actor(), today(), region_code=township, submit="draft" not in request.form,
            photos=_photos(form), **_told(form),
        )  # fmt: skip
        made.append(row)

    if form.accepts(post):
        words = "草稿已保存。" if made[0].state == DemandState.DRAFT else "需求已提交，县（区）科技局会尽快分诊。"
        return done(words, "matches.demand", uid=made[0].uid)
    return page("demands/new_demand.html", form=form, place=regions.place_name(db(), township))


def _own(uid: UUID, *, for_update: bool = False) -> Demand:
    return queries.own_demand(db(), actor(), uid, for_update=for_update) or abort(404)


@blueprint.get("/<uuid:uid>/edit")
@permitted("demands.post")
def edit_demand(uid: UUID) -> Any:
    row = _own(uid)
    return page("demands/edit_demand.html", form=_form(row.region_code, row), row=row)


@blueprint.post("/<uuid:uid>/edit")
@permitted("demands.post")
@commits
def save_demand(uid: UUID) -> Any:
    row = _own(uid, for_update=True)
    form = _form(row.region_code, row)
    version = int(form.version.data) if (form.version.data or "").isdigit() else 0
    submit = "draft" not in request.form and row.state in (DemandState.DRAFT, DemandState.RETURNED)

    def save() -> None:
        actions.edit(
            db(), actor(), today(), row, version, submit=submit, photos=_photos(form), **_told(form, keep_phone=True)
        )

    if form.accepts(save):
        return done("已提交。" if submit else "已保存。", "matches.demand", uid=uid)
    if form.stale:
        newest = _own(uid)
        return conflict_page(
            form,
            _form(newest.region_code, newest, fresh=True),
            edit_url=url_for("demands.edit_demand", uid=uid),
            record_url=url_for("matches.demand", uid=uid),
        )
    return page("demands/edit_demand.html", form=form, row=_own(uid))


def _triage_form(row: Demand) -> TriageForm:
    form = TriageForm(data={"urgency": row.urgency.value, "version": str(row.version)})
    parts = vocabulary.sub_industry_choices(db(), today())
    form.industry.choices = {"四大主导产业": [("", "请选择"), *vocabulary.industry_choices(db(), today())], **parts}
    return form


@blueprint.get("/<uuid:uid>/triage")
@permitted("demands.triage")
def triage(uid: UUID) -> Any:
    row = _own(uid)
    if row.state != DemandState.SUBMITTED:
        return redirect(url_for("matches.demand", uid=uid))
    return page("demands/triage.html", form=_triage_form(row), row=row, place=regions.place_name(db(), row.region_code))


@blueprint.post("/<uuid:uid>/triage")
@permitted("demands.triage")
@commits
def finish_triage(uid: UUID) -> Any:
    row = _own(uid, for_update=True)
    form = _triage_form(row)

    def decide() -> None:
        actions.triage(
            db(), actor(), today(), row, industry_id=int(form.industry.data), need_type=NeedType(form.need_type.data),
            urgency=Urgency(form.urgency.data), words=form.words.data or None, version=int(form.version.data or 0),
        )  # fmt: skip

    if form.accepts(decide):
        return done("已分诊并开放对接，下面是推荐的人选。", "matches.demand", uid=uid)
    place = regions.place_name(db(), row.region_code)
    return page("demands/triage.html", 409 if form.stale else 422, form=form, row=row, place=place)
