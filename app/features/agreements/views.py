"""Pages of the agreements desk: drafting with everything prefilled, the sheet to print and seal, filing."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for

from app.domain.agreements import AgreementState
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import CooperationMode
from app.features.agreements import actions, queries
from app.features.agreements.forms import ScanForm, TermsForm
from app.features.agreements.models import Agreement
from app.features.matches import queries as matches
from app.features.matches.models import Match
from app.features.regions import queries as regions
from app.storage.files import StoredFile, check_scan, keep
from app.web.conflicts import conflict_page
from app.web.guards import actor, permitted
from app.web.pages import chips, done, page
from app.web.paging import cursor, paged
from app.web.platform import moment, platform, today
from app.web.session import commits, db

blueprint = Blueprint("agreements", __name__)
PAGE = 50
PDF_PARTS = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 fonts-wqy-microhei"


def _agreement(uid: UUID) -> Agreement:
    return queries.agreement(db(), actor(), uid) or abort(404)


@blueprint.get("/")
@permitted("agreements.read")
def agreement_list() -> Any:
    state = request.args.get("state", "")
    missing = request.args.get("scan") == "missing"
    states = [AgreementState(state)] if state in list(AgreementState) else []
    found = queries.agreements_page(db(), actor(), states, cursor(), PAGE, scan_missing=missing)
    rows = paged(found, lambda r: [r.id], PAGE)
    places = regions.place_names(db(), [r.region_code for r in rows.rows])
    return page(
        "agreements/agreement_list.html",
        rows=rows,
        places=places,
        state=state,
        missing=missing,
        states=AgreementState,
        chips=chips([("state", "状态", AgreementState.choices()), ("scan", "扫描件", [("missing", "只看待补")])]),
    )


def _accepted(uid: UUID) -> Match:
    return matches.match(db(), actor(), uid) or abort(404)


def _terms(start: dict[str, Any], fresh: bool = False) -> TermsForm:
    return TermsForm(formdata=None, data=start) if fresh else TermsForm(data=start)


@blueprint.get("/of/<uuid:uid>")
@permitted("agreements.read")
def of_match(uid: UUID) -> Any:
    """The agreement of a match, or the form that drafts it."""
    match = _accepted(uid)
    known = queries.of_match(db(), match.id)
    if known is not None:
        return redirect(url_for("agreements.agreement", uid=known.uid))
    begin = queries.prefilled(db(), match, today())
    form = None
    if actor().may("agreements.file"):
        form = _terms({"begins_on": begin.begins_on, "ends_on": begin.ends_on, "content": begin.content})
    return page("agreements/of_match.html", form=form, match=match, begin=begin)


@blueprint.post("/of/<uuid:uid>")
@permitted("agreements.file")
@commits
def draft(uid: UUID) -> Any:
    match, form = _accepted(uid), TermsForm()
    begin = queries.prefilled(db(), match, today())
    made: list[Agreement] = []
    if form.accepts(
        lambda: made.append(
            actions.draft(db(), actor(), today(), match, sending_unit_id=begin.sending_unit_id, **_told(form))
        )
    ):
        return done("协议已起草，请打印后三方签字盖章。", "agreements.agreement", uid=made[0].uid)
    return page("agreements/of_match.html", form=form, match=match, begin=begin)


def _told(form: TermsForm) -> dict[str, Any]:
    return {
        "cooperation": CooperationMode(form.cooperation.data),
        "begins_on": form.begins_on.data,
        "ends_on": form.ends_on.data,
        "content": form.content.data,
    }


@blueprint.get("/<uuid:uid>")
@permitted("agreements.read")
def agreement(uid: UUID) -> Any:
    return _record(_agreement(uid), ScanForm(formdata=None))


def _record(row: Agreement, form: ScanForm) -> Any:
    place = regions.place_name(db(), row.match.demand.region_code)
    return page(
        "agreements/agreement.html", row=row, form=form, place=place, bureau=queries.is_bureau_of(actor(), row),
        may_file=actor().may("agreements.file"),
    )  # fmt: skip


def _start(row: Agreement) -> dict[str, Any]:
    names = ("begins_on", "ends_on", "content")
    start = {name: getattr(row, name) for name in names}
    return start | {"cooperation": row.cooperation.value, "version": str(row.version)}


@blueprint.get("/<uuid:uid>/edit")
@permitted("agreements.file")
def edit_agreement(uid: UUID) -> Any:
    row = _agreement(uid)
    if row.state != AgreementState.DRAFT:
        flash("协议已经归档，不能再修改；条款要变请终止后重新签订。", "waiting")
        return redirect(url_for("agreements.agreement", uid=uid))
    return page("agreements/edit_agreement.html", form=_terms(_start(row)), row=row)


@blueprint.post("/<uuid:uid>/edit")
@permitted("agreements.file")
@commits
def save_agreement(uid: UUID) -> Any:
    row, form = _agreement(uid), TermsForm()
    version = int(form.version.data) if (form.version.data or "").isdigit() else 0
    if form.accepts(
        lambda: actions.edit(db(), actor(), row, version, sending_unit_id=row.sending_unit_id, **_told(form))
    ):
        return done("协议已修改。", "agreements.agreement", uid=uid)
    if form.stale:
        edit, record = url_for("agreements.edit_agreement", uid=uid), url_for("agreements.agreement", uid=uid)
        return conflict_page(form, _terms(_start(_agreement(uid)), fresh=True), edit_url=edit, record_url=record)
    return page("agreements/edit_agreement.html", form=form, row=row)


def _scan(form: ScanForm) -> StoredFile | None:
    if not form.scan.uploads:
        return None
    db().rollback()  # nothing is locked while a photo is re-encoded
    content, media_type = check_scan(form.scan.uploads[0].read())
    return keep(db(), platform().files, content, media_type)


@blueprint.post("/<uuid:uid>/file")
@permitted("agreements.file")
@commits
def file(uid: UUID) -> Any:
    """Put it on file, with or without the scan; a scan may follow once."""
    row, form = _agreement(uid), ScanForm()

    def put() -> None:
        scan = _scan(form)
        if row.state == AgreementState.DRAFT:
            actions.file(db(), actor(), today(), row, scan)
        elif scan is not None:
            actions.add_scan(db(), actor(), row, scan)
        else:
            raise RuleBroken("请选择盖章协议的照片或PDF。", field="scan")

    if form.accepts(put):
        return done("协议已归档，可以开始服务；每次服务后记一条服务记录。", "agreements.agreement", uid=uid)
    return _record(_agreement(uid), form)


@blueprint.post("/<uuid:uid>/end")
@permitted("agreements.file")
@commits
def end(uid: UUID) -> Any:
    actions.end(db(), actor(), moment(), _agreement(uid), request.form.get("reason", ""))
    return done("协议已终止。", "agreements.agreement", uid=uid)


@blueprint.get("/<uuid:uid>/scan")
@permitted("agreements.read")
def scan(uid: UUID) -> Any:
    row = _agreement(uid)
    if row.scan is None:
        abort(404)
    headers = {"Content-Disposition": "inline; filename=agreement", "Cache-Control": "private"}
    return Response(platform().files.read(row.scan.sha256), mimetype=row.scan.media_type, headers=headers)


@blueprint.get("/<uuid:uid>/sheet")
@permitted("agreements.read")
def sheet(uid: UUID) -> Any:
    row = _agreement(uid)
    return page("agreements/sheet.html", row=row, place=regions.place_name(db(), row.match.demand.region_code))


@blueprint.get("/<uuid:uid>/sheet.pdf")
@permitted("agreements.read")
def sheet_pdf(uid: UUID) -> Any:
    row = _agreement(uid)
    try:
        from weasyprint import HTML  # heavy, and only where Pango is installed
    except (OSError, ImportError):
        raise RuleBroken(f"这台服务器还不能生成PDF，请用网页打印；管理员可执行 {PDF_PARTS}。") from None
    place = regions.place_name(db(), row.match.demand.region_code)
    made = HTML(string=render_template("agreements/sheet_pdf.html", row=row, place=place)).write_pdf()
    return Response(made, mimetype="application/pdf", headers={"Content-Disposition": "inline; filename=agreement.pdf"})
