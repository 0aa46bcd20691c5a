"""Pages of the menus desk: what is offered city-wide, and keeping one's own dishes."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, jsonify, request, url_for

from app.domain.menus import MOVES
from app.domain.vocabulary import Kind, NeedType, ServiceMode
from app.features.menus import actions, queries, understanding
from app.features.menus.forms import OfferForm
from app.features.menus.models import Offer
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.storage.session import reading
from app.web.conflicts import conflict_page
from app.web.guards import actor, permitted
from app.web.pages import chips, done, page
from app.web.paging import cursor, paged
from app.web.platform import moment, platform, today
from app.web.session import commits, db

blueprint = Blueprint("menus", __name__)
PAGE = 50


@blueprint.get("/")
@permitted("menus.read")
def menu_list() -> Any:
    given = request.args
    industry = given.get("industry", "")
    asked = queries.OfferFilter(
        industry_ids=tuple(vocabulary.with_parts(db(), int(industry))) if industry.isdigit() else (),
        need_type=NeedType(given["need"]) if given.get("need") in list(NeedType) else None,
        kind=Kind(given["kind"]) if given.get("kind") in list(Kind) else None,
        county=given.get("county", ""),
        search=given.get("q", ""),
    )
    rows = paged(queries.published_page(db(), today(), asked, cursor(), PAGE), lambda r: [r.id], PAGE)
    filters = _filters()
    return page(
        "menus/menu_list.html",
        rows=rows,
        filters=filters,
        chips=chips([("q", "查找", None), *filters]),
        names=regions.names(db(), [r.county_code for r in rows.rows]),
        titles=vocabulary.industries_by_id(db()),
    )


def _filters() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(name in the address, label, choices) of each filter, in the page's order."""
    return [
        ("industry", "产业", vocabulary.industry_choices(db(), today())),
        ("need", "哪方面", NeedType.choices()),
        ("kind", "类别", Kind.choices()),
        ("county", "县（市、区）", regions.county_choices(db(), with_city=True)),
    ]


@blueprint.get("/mine")
@permitted("menus.keep")
def my_menu() -> Any:
    keepers = queries.kept_commissioners(db(), actor())
    dishes = [(keeper, queries.offers_of(db(), keeper.id)) for keeper in keepers]
    return page("menus/my_menu.html", dishes=dishes)


@blueprint.get("/<uuid:uid>")
@permitted("menus.read")
def offer(uid: UUID) -> Any:
    row = queries.offer_seen(db(), actor(), uid) or abort(404)
    keeps = actor().may("menus.keep") and queries.keeps(db(), actor(), row.commissioner_id)
    industry = vocabulary.industries_by_id(db()).get(row.industry_id or 0)
    held = queries.appointment_on(db(), row.commissioner_id, today())
    county = regions.place_name(db(), row.commissioner.county_code)
    moves = [verb for verb, move in MOVES.moves.items() if keeps and row.state in move.sources]
    return page(
        "menus/offer.html", row=row, keeps=keeps, industry=industry, held=held, county=county, moves=moves, names=MOVES
    )


def _form(row: Offer | None = None, fresh: bool = False) -> OfferForm:
    start: dict[str, Any] = {}
    if row is not None:
        start = {
            "commissioner": str(row.commissioner_id),
            "title": row.title,
            "description": row.description,
            "need_type": row.need_type.value,
            "industry": str(row.industry_id or ""),
            "mode": row.mode.value if row.mode else "",
            "version": str(row.version),
        }
    form = OfferForm(formdata=None, data=start) if fresh else OfferForm(data=start)
    form.commissioner.choices = [(str(c.id), c.name) for c in queries.kept_commissioners(db(), actor())]
    form.industry.choices = {
        "四大主导产业": [("", "不限"), *vocabulary.industry_choices(db(), today())],
        **vocabulary.sub_industry_choices(db(), today()),
    }
    return form


def _told(form: OfferForm) -> dict[str, Any]:
    return {
        "title": form.title.data,
        "description": form.description.data or "",
        "need_type": NeedType(form.need_type.data),
        "industry_id": int(form.industry.data) if form.industry.data else None,
        "mode": ServiceMode(form.mode.data) if form.mode.data else None,
    }


@blueprint.post("/understand")
@permitted("menus.keep", "demands.post")
def understand() -> Any:
    """What typed words suggest, as JSON for static/js/suggest.js. A POST, so that no address holds what people type."""
    db().rollback()  # nothing is written: other writers need not wait while the words are read
    title, words = request.form.get("title", "")[:200], request.form.get("description", "")[:2000]
    with reading(platform().engine, platform().keyring) as session:
        told = understanding.read(session, title, words, today())
    return jsonify(
        words=told.words,
        industry=str(told.industry_id or ""),
        need_type=told.need_type.value if told.need_type else "",
        urgency=told.urgency.value if told.urgency else "",
    )


def _told_by_words(form: OfferForm) -> understanding.Reading | None:
    """Without JavaScript: what the words suggest, when a form comes back without industry or sort of help."""
    if request.method != "POST" or (form.need_type.data and form.industry.data):
        return None
    return understanding.read(db(), form.title.data or "", form.description.data or "", today())


@blueprint.get("/new")
@permitted("menus.keep")
def new_offer() -> Any:
    return page("menus/new_offer.html", form=_form())


@blueprint.post("/new")
@permitted("menus.keep")
@commits
def add_offer() -> Any:
    form = _form()
    made: list[Offer] = []

    def add() -> None:
        keepers = {str(c.id): c for c in queries.kept_commissioners(db(), actor())}
        row = actions.keep_offer(db(), actor(), commissioner=keepers[form.commissioner.data], **_told(form))
        made.append(row if "draft" in request.form else actions.publish(db(), actor(), moment(), row))

    if form.accepts(add):
        return done("已保存。" if "draft" in request.form else "已公布，全市都能看到。", "menus.offer", uid=made[0].uid)
    return page("menus/new_offer.html", form=form, told=_told_by_words(form))


@blueprint.get("/<uuid:uid>/edit")
@permitted("menus.keep")
def edit_offer(uid: UUID) -> Any:
    row = queries.offer_kept(db(), actor(), uid) or abort(404)
    return page("menus/edit_offer.html", form=_form(row), row=row)


@blueprint.post("/<uuid:uid>/edit")
@permitted("menus.keep")
@commits
def save_offer(uid: UUID) -> Any:
    row = queries.offer_kept(db(), actor(), uid, for_update=True) or abort(404)
    form = _form(row)
    version = int(form.version.data) if (form.version.data or "").isdigit() else 0
    if form.accepts(lambda: actions.keep_offer(db(), actor(), offer=row, version=version, **_told(form))):
        return done("已保存。", "menus.offer", uid=uid)
    if form.stale:
        newest = queries.offer_kept(db(), actor(), uid) or abort(404)
        edit, record = url_for("menus.edit_offer", uid=uid), url_for("menus.offer", uid=uid)
        return conflict_page(form, _form(newest, fresh=True), edit_url=edit, record_url=record)
    return page("menus/edit_offer.html", form=form, row=row, told=_told_by_words(form))


@blueprint.post("/<uuid:uid>/publish")
@permitted("menus.keep")
@commits
def publish(uid: UUID) -> Any:
    row = queries.offer_kept(db(), actor(), uid, for_update=True) or abort(404)
    actions.publish(db(), actor(), moment(), row)
    return done("已公布，全市都能看到。", "menus.offer", uid=uid)


@blueprint.post("/<uuid:uid>/withdraw")
@permitted("menus.keep")
@commits
def withdraw(uid: UUID) -> Any:
    row = queries.offer_kept(db(), actor(), uid, for_update=True) or abort(404)
    actions.withdraw(db(), actor(), row)
    return done("已撤下，做过的服务都还在。", "menus.offer", uid=uid)
