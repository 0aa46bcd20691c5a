"""Pages of confirming: asking by link or QR code, sealed sheets, call-backs, and the served side's own page."""

from typing import Any
from uuid import UUID

import segno
from flask import abort, redirect, request, url_for
from markupsafe import Markup

from app.domain.masking import masked_phone
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import ConfirmationChannel
from app.features.organisations import queries as organisations
from app.features.visits import actions, confirmations, queries, reviews
from app.features.visits.confirmations import LinkState
from app.features.visits.forms import AnswerForm, AskForm, CallBackForm, SheetForm
from app.features.visits.models import Visit
from app.features.visits.pages import blueprint, shown_of, stored
from app.storage.files import check_scan, keep
from app.web.forms import SelectField
from app.web.guards import actor, by_link, permitted
from app.web.pages import day, done, page
from app.web.platform import moment, platform, today
from app.web.session import commits, db


def _own(uid: UUID, *, to_change: bool = False) -> Visit:
    """A visit whose served side this actor may ask: one's own, or one that one reviews."""
    read = queries.visit_to_change if to_change else queries.visit
    found = read(db(), actor(), uid) or abort(404)
    if actor().reach.person_id is None and not reviews.may_review(db(), actor(), found):
        abort(404)
    return found


def _with_units(form: Any, found: Visit) -> Any:
    """The form with the units of the visit to choose from; a single one is chosen already."""
    field: SelectField = form.organisation
    field.choices = [(str(unit.organisation_id), unit.organisation.name) for unit in found.served]
    return form


@blueprint.get("/<uuid:uid>/ask")
@permitted("visits.confirm_link")
def ask(uid: UUID) -> Any:
    found = _own(uid)
    return _ask_page(found, _with_units(AskForm(channel=ConfirmationChannel.LINK.value), found))


def _ask_page(found: Visit, form: AskForm) -> Any:
    return page("visits/ask.html", found=found, form=form, shown=shown_of(found))


@blueprint.post("/<uuid:uid>/ask")
@permitted("visits.confirm_link")
@commits
def make_link(uid: UUID) -> Any:
    found = _own(uid, to_change=True)
    form, made = _with_units(AskForm(), found), []

    def make() -> None:
        unit, channel = int(form.organisation.data), ConfirmationChannel(form.channel.data)
        made.append(actions.ask_confirmation(db(), actor(), moment(), found, unit, channel))

    if form.accepts(make):
        # Shown by an address of its own: a phone that comes back from another app loads it again without asking.
        return redirect(url_for("visits.link", uid=uid, token=made[0]), 303)
    return _ask_page(_own(uid), form)


@blueprint.get("/<uuid:uid>/link/<token>")
@permitted("visits.confirm_link")
def link(uid: UUID, token: str) -> Any:
    found, asked = _own(uid), confirmations.by_token(db(), token)
    if asked is None or asked.visit_id != found.id:
        abort(404)
    address = _public_address(token)
    return page(
        "visits/link.html",
        found=found,
        asked=asked,
        state=confirmations.link_state(asked, found, moment()),
        address=address,
        code=_code(address),
        message=_message(found, asked.organisation.name, address),
    )


def _public_address(token: str) -> str:
    """The link as people get it: at the public address of the installation, if it has one."""
    base = platform().settings.public_address
    return (
        base + url_for("visits.confirm", token=token)
        if base
        else url_for("visits.confirm", token=token, _external=True)
    )


def _code(address: str) -> Markup:
    drawn = segno.make(address, error="m").svg_inline(omitsize=True, svgclass="qr", lineclass=None, light="#fff")
    return Markup(drawn)  # made here out of our own address; holds no text of anybody's


def _message(found: Visit, unit: str, address: str) -> str:
    names = "、".join(row.person.name for row in found.participants)
    return (
        f"您好！科技特派员{names}于{day(found.service_date)}为{unit}开展了服务。"
        f"请点开链接核对，属实就点“确认属实”（不用登录，不要密码）：\n{address}"
    )


@blueprint.get("/<uuid:uid>/sheet")
@permitted("visits.confirm_link")
def sheet(uid: UUID) -> Any:
    found = _own(uid)
    return page("visits/sheet.html", found=found, form=_with_units(SheetForm(), found), shown=shown_of(found))


@blueprint.post("/<uuid:uid>/sheet")
@permitted("visits.confirm_link")
@commits
def keep_sheet(uid: UUID) -> Any:
    found = _own(uid, to_change=True)
    form = _with_units(SheetForm(), found)

    def act() -> None:
        content, kind = check_scan(form.scan.uploads[0].read())
        file = keep(db(), platform().files, content, kind)
        actions.keep_sheet(db(), actor(), moment(), today(), found, int(form.organisation.data), file)

    if form.accepts(act):
        return done("盖章确认单已存档，确认已登记。", "visits.visit", uid=uid)
    return page("visits/sheet.html", found=_own(uid), form=form, shown=shown_of(_own(uid)))


@blueprint.get("/<uuid:uid>/scans/<uuid:file_uid>")
@permitted("visits.read")
def scan(uid: UUID, file_uid: UUID) -> Any:
    found = queries.visit(db(), actor(), uid) or abort(404)
    scans = [row.scan for row in found.confirmations if row.scan is not None and row.scan.uid == file_uid]
    return stored(scans[0]) if scans else abort(404)


def _to_call(uid: UUID, *, to_change: bool = False) -> Visit:
    read = queries.visit_to_change if to_change else queries.visit
    found = read(db(), actor(), uid) or abort(404)
    return found if reviews.may_review(db(), actor(), found) else abort(404)


@blueprint.get("/<uuid:uid>/call-back")
@permitted("visits.review")
def call_back(uid: UUID) -> Any:
    found = _to_call(uid)
    return _call_page(found, _with_units(CallBackForm(), found))


def _call_page(found: Visit, form: CallBackForm, revealed: dict[int, str | None] | None = None) -> Any:
    """The form beside the visit; each unit with its masked number, and in full for the one just asked for."""
    numbers = {unit.organisation_id: organisations.contact_phone_of(db(), unit.organisation) for unit in found.served}
    masked = {id_: masked_phone(number) for id_, number in numbers.items() if number}
    shown = shown_of(found)
    return page("visits/call_back.html", found=found, form=form, shown=shown, masked=masked, revealed=revealed or {})


@blueprint.post("/<uuid:uid>/call-back/contact")
@permitted("visits.review")
@commits
def show_contact(uid: UUID) -> Any:
    found = _to_call(uid)
    unit = next((u for u in found.served if str(u.organisation.uid) == request.form.get("unit")), None) or abort(404)
    number = confirmations.show_contact(db(), actor(), found, unit.organisation_id)
    return _call_page(found, _with_units(CallBackForm(formdata=None), found), {unit.organisation_id: number})


@blueprint.post("/<uuid:uid>/call-back")
@permitted("visits.review")
@commits
def keep_call_back(uid: UUID) -> Any:
    found = _to_call(uid, to_change=True)
    form = _with_units(CallBackForm(), found)

    def act() -> None:
        actions.call_back(
            db(), actor(), moment(), today(), found, int(form.organisation.data), form.chosen(),
            form.words.data, form.name.data, form.rating(),
        )  # fmt: skip

    if form.accepts(act):
        return done("回访结果已登记。", "visits.visit", uid=uid)
    return _call_page(_to_call(uid), form)


@blueprint.get("/c/<token>")
@by_link
def confirm(token: str) -> Any:
    return _confirm_page(token, AnswerForm(formdata=None, meta={"csrf": False}))


STATUS = {LinkState.OPEN: 200, LinkState.ANSWERED: 200, LinkState.EXPIRED: 410, LinkState.CHANGED: 410}


def _confirm_page(token: str, form: AnswerForm) -> Any:
    """What was done, for the served side; nothing of it once the link is useless, and never a phone number."""
    asked = confirmations.by_token(db(), token)
    if asked is None:
        return page("visits/confirm.html", 404, state=None, form=form)
    found = confirmations.visit_of(db(), asked)
    state = confirmations.link_state(asked, found, moment())
    same = asked.content_hash == found.fingerprint
    status = 422 if form.errors and state == LinkState.OPEN else STATUS[state]
    return page(
        "visits/confirm.html",
        409 if form.errors and state == LinkState.ANSWERED else status,
        state=state,
        asked=asked,
        found=found if same and state in (LinkState.OPEN, LinkState.ANSWERED) else None,
        shown=shown_of(found),
        form=form,
        token=token,
    )


@blueprint.post("/c/<token>")
@by_link
@commits
def answer(token: str) -> Any:
    form = AnswerForm(meta={"csrf": False})

    def act() -> None:
        chosen = form.chosen()
        if chosen is None:
            raise RuleBroken("请点“确认属实”或“与实际不符”。")
        actions.answer_confirmation(
            db(), moment(), today(), token, chosen, form.words.data, form.name.data, form.rating()
        )

    if form.accepts(act):
        return redirect(url_for("visits.confirm", token=token), 303)
    return _confirm_page(token, form)
