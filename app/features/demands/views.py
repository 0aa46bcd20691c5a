"""Pages of the demands desk: the list, posting, mending, triage. The record with its matches is a page of matches."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, request, url_for

from app.domain.demands import DemandState
from app.domain.refusals import RuleBroken
from app.domain.triage import Suggested
from app.domain.vocabulary import NeedType, OrganisationKind, ServiceMode, Urgency
from app.features.demands import actions, queries, understanding
from app.features.demands.forms import DemandForm, TriageForm
from app.features.demands.models import Demand
from app.features.organisations import queries as organisations
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.storage.files import StoredFile, clean_photo
from app.web.conflicts import conflict_page
from app.web.guards import actor, permitted
from app.web.pages import chips, day, done, page
from app.web.paging import cursor, paged
from app.web.platform import platform, today
from app.web.session import commits, db

blueprint = Blueprint("demands", __name__)
PAGE = 50


def _asked() -> queries.DemandFilter:
    given = request.args
    state = given.get("state", "")
    industry = given.get("industry", "")
    elsewhere = actor().reach.territory is None and actor().may("matches.answer")
    return queries.DemandFilter(
        city_wide=elsewhere or given.get("city") == "1",
        states=(DemandState(state),) if state in list(DemandState) else (),
        place=given.get("place", "") if given.get("place", "").isdigit() else "",
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
    choices = _filter_choices(asked)
    return page(
        "demands/demand_list.html",
        asked=asked,
        rows=shown,
        counts=_counts(),
        names=regions.place_names(db(), [r.region_code for r in shown.rows if r.region_code]),
        industries=vocabulary.industries_by_id(db()),
        choices=choices,
        chips=chips([("q", "查找", None), *((name, *pair) for name, pair in choices.items())]),
        own_list=actor().reach.territory is not None,
    )


def _counts() -> dict[str, int]:
    """What waits in one's own territory, for the tabs."""
    if actor().reach.territory is None:
        return {}
    waiting = queries.waiting_counts(db(), actor(), today())
    states = (DemandState.SUBMITTED, DemandState.OPEN)
    return {state.value: waiting.of(state) for state in states} | {"overdue": waiting.overdue}


def _filter_choices(asked: queries.DemandFilter) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Filter → its label and choices, in the order in which the bar shows them."""
    territory = actor().reach.territory or platform().settings.city_code
    places: list[tuple[str, str]] = []
    if asked.city_wide or territory.endswith("00"):
        places = regions.county_choices(db())
    elif len(territory) == 6:
        places = [(row.code, row.name) for row in regions.townships(db(), territory)]
    return {
        "state": ("状态", DemandState.choices() if not asked.city_wide else [(s, s.label) for s in queries.CITY_WIDE]),
        "place": ("县（市、区）" if territory.endswith("00") or asked.city_wide else "乡镇", places),
        "industry": ("产业", vocabulary.industry_choices(db(), today())),
        "urgency": ("紧急程度", Urgency.choices()),
        "overdue": ("期限", [("1", "只看超期")]),
        "sort": ("排列", [("due", "最急的在前")]),
    }


def _form(region_code: str, row: Demand | None = None, fresh: bool = False) -> DemandForm:
    """The form for a township; with `row` it starts with what the demand says (`fresh`: whatever was typed)."""
    start: dict[str, Any] = {"region": region_code}
    if row is not None:
        names = ("title", "description", "scale", "wanted_by", "people_wanted", "contact_name", "confidential")
        start |= {name: getattr(row, name) for name in names}
        start |= {
            "organisation": str(row.organisation_id),
            "urgency": row.urgency.value,
            "mode": row.mode.value if row.mode else "",
            "version": str(row.version),
        }
    form = DemandForm(formdata=None, data=start) if fresh else DemandForm(data=start)
    form.organisation.choices = [("", "请选择"), *organisations.served_unit_choices(db(), region_code)]
    return form


def _told(form: DemandForm, *, keep_phone: bool = False) -> dict[str, Any]:
    """What the form tells, as the action takes it."""
    new_unit = None
    if (form.new_unit.data or "").strip():
        new_unit = (OrganisationKind(form.new_unit_kind.data), form.new_unit.data)
    told: dict[str, Any] = {
        "title": form.title.data,
        "description": form.description.data or "",
        "organisation_id": int(form.organisation.data) if form.organisation.data and not new_unit else None,
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


def _cleaned(form: DemandForm) -> list[bytes]:
    """The chosen photos re-encoded. Nothing is locked meanwhile: pictures take seconds, other writers wait for none."""
    if form.photos.uploads:
        db().rollback()
    return [clean_photo(upload.read()) for upload in form.photos.uploads]


def _kept(cleaned: list[bytes]) -> list[StoredFile]:
    return actions.keep_photos(db(), platform().files, cleaned)


def _township(code: str) -> str:
    """The township one posts for: one's own, or the one chosen; empty when none is chosen."""
    territory = actor().reach.territory or ""
    return territory if len(territory) == 9 else code


@blueprint.get("/new")
@permitted("demands.post")
def new_demand() -> Any:
    township = _township(request.args.get("township", ""))
    if not township:
        return _choose_township()
    refusal = actions.refused_township(db(), actor(), township)
    if refusal is not None:
        return _choose_township(refusal)
    return page("demands/new_demand.html", form=_form(township), place=regions.place_name(db(), township))


def _choose_township(refusal: RuleBroken | None = None) -> Any:
    choices = regions.township_choices(db(), actor().reach.territory or "")
    status = 422 if refusal else 200
    return page("demands/choose_township.html", status, choices=choices, refusal=refusal)


@blueprint.post("/new")
@permitted("demands.post")
@commits
def post_demand() -> Any:
    township = _township(request.form.get("region", ""))
    form = _form(township)
    made: list[Demand] = []

    def post() -> None:
        told, cleaned = _told(form), _cleaned(form)
        submit = "draft" not in request.form
        made.append(
            actions.post(db(), actor(), today(), region_code=township, submit=submit, photos=_kept(cleaned), **told)
        )

    if form.accepts(post):
        draft = made[0].state == DemandState.DRAFT
        words = "草稿已保存，提交后科技局才能看到。" if draft else f"需求已提交，最迟{day(made[0].due_on)}前找到人。"
        return done(words, "matches.demand", uid=made[0].uid)
    return page("demands/new_demand.html", form=form, place=regions.place_name(db(), township))


def _own(uid: UUID, *, for_update: bool = False) -> Demand:
    return queries.own_demand(db(), actor(), uid, for_update=for_update) or abort(404)


@blueprint.get("/<uuid:uid>/edit")
@permitted("demands.post")
def edit_demand(uid: UUID) -> Any:
    row = _own(uid)
    if row.state not in actions.EDITABLE:
        flash(f"需求现在是“{row.state.label}”，不能再修改内容；需要调整请联系县级分诊员。", "waiting")
        return redirect(url_for("matches.demand", uid=uid))
    return page("demands/edit_demand.html", form=_form(row.region_code, row), row=row)


@blueprint.post("/<uuid:uid>/edit")
@permitted("demands.post")
@commits
def save_demand(uid: UUID) -> Any:
    row = _own(uid)
    form = _form(row.region_code, row)
    submit = "draft" not in request.form and row.state in (DemandState.DRAFT, DemandState.RETURNED)

    def save() -> None:
        told, cleaned = _told(form, keep_phone=True), _cleaned(form)
        held = _own(uid, for_update=True)
        actions.edit(
            db(), actor(), today(), held, _version(form.version.data), submit=submit, photos=_kept(cleaned),
            drop_photos=request.form.getlist("drop_photos"), **told,
        )  # fmt: skip

    if form.accepts(save):
        return done("需求已提交，接下来由科技局分诊。" if submit else "已保存。", "matches.demand", uid=uid)
    if form.stale:
        newest = _own(uid)
        edit, record = url_for("demands.edit_demand", uid=uid), url_for("matches.demand", uid=uid)
        return conflict_page(form, _form(newest.region_code, newest, fresh=True), edit_url=edit, record_url=record)
    return page("demands/edit_demand.html", form=form, row=_own(uid))


def _version(text: str | None) -> int:
    """The version a page was opened with; a damaged one is as stale as can be."""
    return int(text) if text and text.isdigit() else 0


def _triage_form(row: Demand, told: Suggested | None = None) -> TriageForm:
    """The triage form; on its first showing industry and sort of help begin with what the words suggest."""
    start: dict[str, Any] = {"urgency": row.urgency.value, "version": str(row.version)}
    if told is not None:
        industry_id = understanding.suggested_industry_id(db(), told, today())
        start |= {"industry": str(industry_id or ""), "need_type": told.need_type.value if told.need_type else ""}
    form = TriageForm(data=start)
    parts = vocabulary.sub_industry_choices(db(), today())
    form.industry.choices = {"四大主导产业": [("", "请选择"), *vocabulary.industry_choices(db(), today())], **parts}
    return form


def _triage_page(row: Demand, form: TriageForm, told: Suggested | None = None, status: int = 200) -> Any:
    place = regions.place_name(db(), row.region_code)
    return page("demands/triage.html", status, form=form, row=row, place=place, told=told)


@blueprint.get("/<uuid:uid>/triage")
@permitted("demands.triage")
def triage(uid: UUID) -> Any:
    row = _own(uid)
    if row.state != DemandState.SUBMITTED:
        return redirect(url_for("matches.demand", uid=uid))
    told = understanding.suggested(db(), row, today())
    return _triage_page(row, _triage_form(row, told), told)


@blueprint.post("/<uuid:uid>/triage")
@permitted("demands.triage")
@commits
def finish_triage(uid: UUID) -> Any:
    row = _own(uid, for_update=True)
    form = _triage_form(row)

    def decide() -> None:
        actions.triage(
            db(), actor(), today(), row, industry_id=int(form.industry.data), need_type=NeedType(form.need_type.data),
            urgency=Urgency(form.urgency.data), words=form.words.data or None, version=_version(form.version.data),
        )  # fmt: skip

    if form.accepts(decide):
        return done("已分诊并开放对接，下面是推荐的人选。", "matches.demand", uid=uid)
    if form.stale:
        newest = _own(uid)
        return _triage_page(newest, form, status=409)
    return _triage_page(_own(uid), form)
