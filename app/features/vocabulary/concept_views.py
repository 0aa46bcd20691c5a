"""Pages of the matching vocabulary: look a word up, change a concept from a day on, take files in and out."""

import csv
import io
from typing import Any

from flask import Response, abort, request

from app.domain.matching.vocabulary import COLUMNS, Concept
from app.domain.refusals import RuleBroken
from app.features.vocabulary import concepts, queries
from app.features.vocabulary.forms import ConceptFileForm, ConceptForm
from app.features.vocabulary.pages import blueprint
from app.web.guards import actor, permitted
from app.web.pages import done, page
from app.web.platform import today
from app.web.session import commits, db

KIN = ("broader", "related", "disciplines")  # lists of other concepts
LISTS = ("alternatives", "hidden", "broader", "related", "disciplines")


@blueprint.get("/concepts")
@permitted("vocabulary.keep")
def concept_list() -> Any:
    words = request.args.get("q", "")
    form = ConceptFileForm(formdata=None, data={"valid_from": today()})
    found = concepts.find(db(), today(), words)
    edited = len(concepts.edits_in_force(db(), today()))
    called = concepts.preferred_labels(db(), today()) if found else {}
    return page("vocabulary/concept_list.html", q=words, found=found, called=called, upload=form, edited=edited)


def _concept(concept_id: str) -> Concept | None:
    rows = (row for row in concepts.current_rows(db(), today()) if row["id"] == concept_id)
    return next((Concept.from_row(row) for row in rows), None)


def _form(found: Concept | None) -> ConceptForm:
    """The form of a concept, its industry to choose among the leading ones and what it says now."""
    start: dict[str, Any] = {"valid_from": today(), "facet": "", "industry": ""}
    if found is not None:
        row = found.as_row()
        start |= {name: row[name].replace("|", "\n") if name in LISTS else row[name] for name in COLUMNS}
        start["known"] = found.id
    form = ConceptForm(data=start)
    leading = [(row.code, row.title) for row in queries.leading_industries(db(), today())]
    now = found.industry if found is not None else ""
    form.industry.choices = [("", "不限产业"), *leading, *([(now, now)] if now not in ("", *dict(leading)) else [])]
    return form


def _ids(typed: str) -> list[str]:
    """What was typed into a list of concepts, an id or a preferred label a line, as ids."""
    by_label = {label: id_ for id_, label in concepts.preferred_labels(db(), today()).items()}
    lines = [line.strip() for line in typed.replace("|", "\n").split("\n")]
    return [by_label.get(line, line) for line in lines]


@blueprint.get("/concept")
@permitted("vocabulary.keep")
def concept() -> Any:
    """One concept with its history; without an id a new one."""
    concept_id = request.args.get("id", "")
    found = _concept(concept_id)
    past = concepts.history(db(), concept_id) if concept_id else []
    if concept_id and found is None and not past:
        abort(404)
    return _concept_page(_form(found), found, past)


def _concept_page(form: ConceptForm, found: Concept | None, past: Any) -> Any:
    called = concepts.preferred_labels(db(), today()) if found is not None else {}
    named = {name: [called.get(id_, id_) for id_ in getattr(found, name, ())] for name in KIN}
    return page("vocabulary/concept.html", form=form, found=found, past=past, named=named)


@blueprint.post("/concept")
@permitted("vocabulary.keep")
@commits
def keep_concept() -> Any:
    form = _form(_concept(request.form.get("known", "")))

    def keep() -> None:
        row = {name: getattr(form, name).data or "" for name in COLUMNS}
        row |= {name: "|".join(row[name].replace("|", "\n").split("\n")) for name in LISTS}
        row |= {name: "|".join(_ids(row[name])) for name in KIN}
        row["id"] = form.known.data or row["id"].strip()
        if not form.known.data and _concept(row["id"]) is not None:
            raise RuleBroken("这个编号已经有了，请换一个，或去修改原来的概念。", field="id")
        made = concepts.edit(db(), actor(), today(), [row], valid_from=form.valid_from.data, words=form.words.data)
        if not made:
            raise RuleBroken("内容没有变化，不需要保存。", field="preferred")

    if form.accepts(keep):
        return done("已保存，从启用那天起推荐都按新的词库。", "vocabulary.concept", id=form.known.data or form.id.data)
    return _concept_page(form, _concept(form.known.data or ""), [])


@blueprint.post("/concept/leave-out")
@permitted("vocabulary.keep")
@commits
def leave_out_concept() -> Any:
    found = _concept(request.form.get("id", "")) or abort(404)
    concepts.leave_out(db(), actor(), today(), found.id, valid_from=today(), words=request.form.get("reason", ""))
    return done(f"已去掉“{found.preferred}”。", "vocabulary.concept_list")


@blueprint.get("/concepts.csv")
@permitted("vocabulary.keep")
def export_concepts() -> Any:
    """The vocabulary of today in the exchange format; what the command `vocabulary export` writes."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(concepts.exchange_rows(db(), today()))
    headers = {"Content-Disposition": "attachment; filename=vocabulary.csv"}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


@blueprint.post("/concepts")
@permitted("vocabulary.keep")
@commits
def import_concepts() -> Any:
    form = ConceptFileForm()
    made: list[Any] = []

    def take_in() -> None:
        rows = _rows(form)
        made.extend(concepts.edit(db(), actor(), today(), rows, valid_from=form.valid_from.data, words=form.words.data))

    if form.accepts(take_in):
        return done(f"已导入 {len(made)} 个概念，没有变化的跳过了。", "vocabulary.concept_list")
    edited = len(concepts.edits_in_force(db(), today()))
    return page("vocabulary/concept_list.html", 422, q="", found=[], upload=form, edited=edited)


def _rows(form: ConceptFileForm) -> list[dict[str, str]]:
    """The rows of a sent file. Refused: another encoding, a missing column."""
    try:
        text = form.file.uploads[0].read().decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        rows = [{key: value or "" for key, value in row.items() if key} for row in reader]
    except UnicodeDecodeError:
        raise RuleBroken("文件不是 UTF-8 编码，请另存为“CSV UTF-8”后再试。", field="file") from None
    except csv.Error as error:
        raise RuleBroken(f"不是有效的 CSV 文件（{error}）。", field="file") from None
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise RuleBroken(f"文件缺少列：{'、'.join(missing)}。", field="file")
    return rows
