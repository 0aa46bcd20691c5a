"""Pages of the rounds desk: rosters sent, looked through row by row, confirmed, given up, undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, request, url_for

from app.domain.rosters.entries import Reading, Setting
from app.domain.rosters.planning import BatchState, Outcome, Plan
from app.domain.vocabulary import Level
from app.features.regions import queries as regions
from app.features.rounds import actions, exports, queries
from app.features.rounds.forms import ConfirmForm, UploadForm, confirm_form
from app.features.rounds.models import ImportBatch
from app.storage.session import reading as reading_session
from app.web.forms import Form, with_blank
from app.web.guards import actor, permitted, reach
from app.web.pages import done, page
from app.web.paging import PAGE_ROWS, cursor, paged
from app.web.platform import moment, platform, today
from app.web.session import commits, db
from app.web.sheets import XLSX, read_workbook

blueprint = Blueprint("rounds", __name__)
ROWS_A_PAGE = 100
MOST_QUESTIONS = 200
MOST_ASSUMPTIONS = 12


@contextmanager
def _aside() -> Iterator[Any]:
    """A session for reading while the request's own lets go: on SQLite a POST holds the write lock from its guard on,
    and reading a long workbook takes seconds that nobody else should wait for."""
    db().rollback()
    held = platform()
    with reading_session(held.engine, held.keyring) as own:
        yield own


@blueprint.get("/")
@permitted("rosters.import")
def batch_list() -> Any:
    rows = queries.batches_page(db(), actor(), cursor(), PAGE_ROWS)
    shown = paged(rows, lambda row: [row[0].made_at.isoformat(), row[0].id], PAGE_ROWS)
    summaries = {batch.id: queries.summary_of(batch) for batch, _ in shown.rows}
    places = regions.names(db(), {batch.county_code for batch, _ in shown.rows})
    return page("rounds/batch_list.html", rows=shown, summaries=summaries, places=places)


@blueprint.get("/template.xlsx")
@permitted("rosters.import")
def template_file() -> Any:
    answer = Response(exports.empty_roster(), mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename="roster-template.xlsx")
    return answer


def _upload_form() -> UploadForm:
    form = UploadForm()
    form.county_code.choices = with_blank(regions.keeping_choices(db(), reach().territory), "按名册上写的")
    if request.method == "GET" and form.year.data is None:
        form.year.data = today().year
    return form


@blueprint.get("/new")
@permitted("rosters.import")
def new_roster() -> Any:
    return page("rounds/new_roster.html", form=_upload_form())


@blueprint.post("/new")
@permitted("rosters.import")
@commits
def upload() -> Any:
    form = _upload_form()
    made: list[ImportBatch] = []
    if form.accepts(lambda: made.append(_preview_upload(form))):
        return redirect(url_for("rounds.preview", uid=made[0].uid), 303)
    return page("rounds/new_roster.html", form=form)


def _preview_upload(form: UploadForm) -> ImportBatch:
    """Read and plan with no lock held, then keep the batch."""
    sent = form.workbook.uploads[0]
    content = sent.read()
    setting = Setting(
        level=Level(form.level.data),
        year=form.year.data or today().year,
        today=today(),
        territory=reach().territory,
        county_code=form.county_code.data or None,
        begins=form.begins.data,
        ends=form.ends.data,
        document=form.document.data or "",
    )
    actions.check_setting(setting)
    with _aside() as own:
        reading = queries.read(own, read_workbook(content), setting)
        plan = queries.planned(own, reading, setting)
    return actions.keep_upload(
        db(),
        actor(),
        file_name=sent.filename or "",
        content=content,
        setting=setting,
        previewed=plan,
        remarks=reading.remarks,
    )


def _reading(own: Any, found: ImportBatch) -> Reading:
    """What the kept workbook says."""
    return queries.read(own, read_workbook(queries.workbook_of(own, found)), queries.setting_of(found, today()))


@blueprint.get("/<uuid:uid>/preview")
@permitted("rosters.import")
def preview(uid: UUID) -> Any:
    found = queries.batch(db(), actor(), uid) or abort(404)
    if found.state is not BatchState.PREVIEWED:
        return redirect(url_for("rounds.batch", uid=uid), 303)
    reading = _reading(db(), found)
    return _preview_page(db(), found, reading, _plan(db(), found, reading))


def _plan(session: Any, found: ImportBatch, reading: Reading) -> Plan:
    return queries.planned(session, reading, queries.setting_of(found, today()))


def _question_form(plan: Plan) -> ConfirmForm:
    return confirm_form(plan.of(Outcome.DOUBTFUL)[:MOST_QUESTIONS])


def _preview_page(
    session: Any, found: ImportBatch, reading: Reading, plan: Plan, refused: ConfirmForm | None = None
) -> Any:
    """What importing would do, one outcome at a time; `refused` is a confirmation that was not accepted."""
    form = refused or _question_form(plan)
    form.fingerprint.data = plan.fingerprint
    books = queries.books(session, queries.setting_of(found, today()))
    return page(
        "rounds/preview.html",
        409 if form.stale else 422 if refused else 200,
        batch=found,
        plan=plan,
        form=form,
        remarks=reading.remarks,
        assumptions=plan.assumptions,
        most_assumptions=MOST_ASSUMPTIONS,
        places=books.places,
        industries=books.industries.titles,
        most_questions=MOST_QUESTIONS,
        **_shown_rows(found, plan),
    )


def _shown_rows(found: ImportBatch, plan: Plan) -> dict[str, Any]:
    """The rows of the outcome that the address asks for, a hundred at a time, and the ways to the others."""

    def address(**query: Any) -> str:
        return url_for("rounds.preview", uid=found.uid, **query)

    present = [outcome for outcome in Outcome if plan.counts[outcome]]
    usual = Outcome.REFUSED if Outcome.REFUSED in present else present[0]
    shown = next((outcome for outcome in present if outcome.value == request.args.get("outcome")), usual)
    rows, wanted = plan.of(shown), request.args.get("page", "1")
    last = (len(rows) - 1) // ROWS_A_PAGE + 1
    number = min(max(int(wanted), 1), last) if wanted.isdecimal() and len(wanted) < 6 else 1
    first = (number - 1) * ROWS_A_PAGE
    return {
        "shown": shown,
        "outcomes": [(outcome, plan.counts[outcome], address(outcome=outcome.value)) for outcome in present],
        "rows": rows[first : first + ROWS_A_PAGE],
        "first": first + 1,
        "count": len(rows),
        "previous_url": address(outcome=shown.value, page=number - 1) if number > 1 else None,
        "next_url": address(outcome=shown.value, page=number + 1) if number < last else None,
    }


@blueprint.post("/<uuid:uid>/apply")
@permitted("rosters.import")
@commits
def apply(uid: UUID) -> Any:
    with _aside() as own:
        found = queries.batch(own, actor(), uid) or abort(404)
        if found.state is not BatchState.PREVIEWED:
            return done("这份名册已经处理过，下面是结果。", "rounds.batch", uid=uid)
        reading = _reading(own, found)
        form = _question_form(_plan(own, found, reading))
    if form.accepts(lambda: _apply(found, reading, form)):
        return done("名册已导入。", "rounds.batch", uid=uid)
    with _aside() as own:
        return _refused_confirmation(own, found, reading, form)


def _refused_confirmation(own: Any, found: ImportBatch, reading: Reading, form: ConfirmForm) -> Any:
    """The preview again: with the reason, and where others were faster with what would happen now."""
    plan = _plan(own, found, reading)
    if form.stale:
        form = _question_form(plan)
        form.stale = True
        form.form_errors.append(actions.MOVED_ON)
    return _preview_page(own, found, reading, plan, form)


def _apply(found: ImportBatch, reading: Reading, form: ConfirmForm) -> None:
    actions.apply(db(), actor(), today(), moment(), found, reading, form.answers, form.fingerprint.data)


@blueprint.post("/<uuid:uid>/drop")
@permitted("rosters.import")
@commits
def drop(uid: UUID) -> Any:
    actions.drop(db(), actor(), queries.batch(db(), actor(), uid) or abort(404))
    return done("已放弃这份名册，上传的文件已删除，没有导入任何内容。", "rounds.batch_list")


@blueprint.get("/<uuid:uid>")
@permitted("rosters.import")
def batch(uid: UUID) -> Any:
    found = queries.batch(db(), actor(), uid) or abort(404)
    if found.state is BatchState.PREVIEWED:
        return redirect(url_for("rounds.preview", uid=uid), 303)
    return _batch_page(found, Form())


def _batch_page(found: ImportBatch, form: Form) -> Any:
    appointments = queries.appointments_of(db(), found)
    left_out = queries.left_out(db(), found)
    return page(
        "rounds/batch.html",
        batch=found,
        form=form,
        summary=queries.summary_of(found),
        sender=queries.sender(db(), found),
        appointments=appointments,
        left_out=left_out,
        places=regions.names(db(), {row.county_code for row in appointments} | {found.county_code}),
        most=queries.MOST_APPOINTMENTS,
    )


@blueprint.post("/<uuid:uid>/undo")
@permitted("rosters.import")
@commits
def undo(uid: UUID) -> Any:
    found = queries.batch(db(), actor(), uid) or abort(404)
    form = Form()
    if form.accepts(lambda: actions.undo(db(), actor(), moment(), found)):
        return done("这次导入已撤销，名册恢复到导入之前的样子。", "rounds.batch", uid=uid)
    return _batch_page(queries.batch(db(), actor(), uid) or abort(404), form)
