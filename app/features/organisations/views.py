"""Pages of the organisations desk: the list of a territory, a record, registering, correcting."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, request, url_for

from app.domain.masking import masked_phone
from app.domain.vocabulary import OrganisationKind
from app.features.organisations import actions, queries
from app.features.organisations.forms import OrganisationForm
from app.features.organisations.models import Organisation
from app.features.regions import queries as regions
from app.web.conflicts import conflict_page
from app.web.guards import actor, permitted, reach
from app.web.pages import chips, done, page
from app.web.paging import PAGE_ROWS, cursor, paged
from app.web.session import commits, db

blueprint = Blueprint("organisations", __name__)

READERS = ("organisations.keep", "visits.review", "commissioners.keep")


def _search() -> queries.Search:
    """The filters as they stand in the address."""
    kind = request.args.get("kind", "")
    return queries.Search(
        words=request.args.get("q", "")[:60],
        kind=kind if kind in dict(OrganisationKind.choices()) else "",
        place=request.args.get("place", "")[:9],
    )


@blueprint.get("/")
@permitted(*READERS)
def organisation_list() -> Any:
    search, places = _search(), _place_choices()
    rows = queries.organisations_page(db(), actor(), search, cursor(), PAGE_ROWS)
    return page(
        "organisations/organisation_list.html",
        rows=paged(rows, lambda row: [row.pinyin, row.id]),
        search=search,
        kinds=OrganisationKind.choices(),
        places=places,
        chips=chips([("q", "查找", None), ("kind", "类型", OrganisationKind.choices()), ("place", "所在地", places)]),
        may_keep=actor().may("organisations.keep"),
    )


def _place_choices() -> list[tuple[str, str]]:
    """(code, name) of the counties and townships in which one may record, a county's own code before its townships."""
    territory = reach().territory or ""
    groups = regions.township_choices(db(), territory)
    keeps = {name: code for code, name in regions.keeping_choices(db(), territory)}
    choices: list[tuple[str, str]] = []
    for county, townships in groups.items():
        choices += [(keeps[county], county)] if county in keeps else []
        choices += [(code, f"{county} {name}") for code, name in townships]
    return choices


def _form(found: Organisation | None = None, *, fresh: bool = False) -> OrganisationForm:
    """The form, filled from a record where there is one; `fresh` ignores what was sent."""
    held: dict[str, Any] = {}
    if found is not None:
        held = {
            "version": str(found.version),
            "kind": found.kind.value,
            "name": found.name,
            "region_code": found.region_code or "",
            "credit_code": found.credit_code,
            "contact_name": found.contact_name,
        }
    form = OrganisationForm(**({"formdata": None} if fresh else {}), **held)
    choices = _place_choices()
    if found is not None and found.region_code and found.region_code not in dict(choices):
        choices.append((found.region_code, regions.place_name(db(), found.region_code)))
    form.region_code.choices = [("", "市外或不在某个乡镇"), *choices]
    return form


@blueprint.get("/new")
@permitted("organisations.keep")
def new_organisation() -> Any:
    return page("organisations/new_organisation.html", form=_form())


@blueprint.post("/new")
@permitted("organisations.keep")
@commits
def add_organisation() -> Any:
    form = _form()
    made: list[Organisation] = []
    if form.accepts(lambda: made.append(actions.register_organisation(db(), actor(), **form.values))):
        return done("已登记。", "organisations.organisation", uid=made[0].uid)
    return page("organisations/new_organisation.html", form=form)


def _record_page(found: Organisation, revealed: str | None = None) -> Any:
    phone = queries.contact_phone_of(db(), found)
    mine = queries.may_change(actor(), found)
    return page(
        "organisations/organisation.html",
        found=found,
        place=regions.place_name(db(), found.region_code) if found.region_code else None,
        phone=revealed or (masked_phone(phone) if phone else None),
        revealed=revealed is not None,
        may_keep=mine and actor().may("organisations.keep"),
    )


@blueprint.get("/<uuid:uid>")
@permitted(*READERS)
def organisation(uid: UUID) -> Any:
    return _record_page(queries.organisation_seen_by(db(), actor(), uid) or abort(404))


def _kept(uid: UUID) -> Organisation:
    return queries.organisation_to_change(db(), actor(), uid) or abort(404)


@blueprint.post("/<uuid:uid>/reveal")
@permitted("organisations.keep")
@commits
def reveal(uid: UUID) -> Any:
    found = _kept(uid)
    return _record_page(found, actions.reveal(db(), actor(), found, "查看单位联系电话"))


@blueprint.get("/<uuid:uid>/edit")
@permitted("organisations.keep")
def edit(uid: UUID) -> Any:
    found = _kept(uid)
    return page("organisations/edit.html", form=_form(found), found=found)


@blueprint.post("/<uuid:uid>/edit")
@permitted("organisations.keep")
@commits
def save(uid: UUID) -> Any:
    found = _kept(uid)
    form = _form(found)
    if form.accepts(lambda: actions.change_organisation(db(), actor(), found, form.opened_version, **form.values)):
        return done("已保存。", "organisations.organisation", uid=uid)
    if form.stale:
        record, again = (url_for(f"organisations.{name}", uid=uid) for name in ("organisation", "edit"))
        return conflict_page(form, _form(_kept(uid), fresh=True), edit_url=again, record_url=record)
    return page("organisations/edit.html", form=form, found=_kept(uid))
