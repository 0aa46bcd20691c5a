"""Pages on which the bureau adds to the dictionaries and ends what is no longer to be chosen."""

from typing import Any

from app.features.vocabulary import dictionaries, queries
from app.features.vocabulary.forms import EndForm, NewIndustryForm, NewResultForm
from app.features.vocabulary.pages import blueprint
from app.web.forms import with_blank
from app.web.guards import actor, permitted
from app.web.pages import done, page
from app.web.platform import today
from app.web.session import commits, db


def _industry_form() -> NewIndustryForm:
    form = NewIndustryForm()
    tops = [(str(row.id), row.title) for row in queries.leading_industries(db(), today())]
    form.parent.choices = with_blank(tops)
    if form.valid_from.data is None and not form.errors:
        form.valid_from.data = today()
    return form


@blueprint.get("/industries/new")
@permitted("vocabulary.keep")
def new_industry() -> Any:
    return page("vocabulary/new_industry.html", form=_industry_form())


@blueprint.post("/industries/new")
@permitted("vocabulary.keep")
@commits
def add_industry() -> Any:
    form = _industry_form()

    def add() -> None:
        dictionaries.add_industry(
            db(), actor(), today(), parent_id=int(form.parent.data), title=form.title.data or "",
            valid_from=form.valid_from.data, because=form.because.data or "",
        )  # fmt: skip

    if form.accepts(add):
        return done("已增加，从启用那天起可以选用。", "vocabulary.dictionaries")
    return page("vocabulary/new_industry.html", form=form)


def _result_form() -> NewResultForm:
    form = NewResultForm()
    if form.valid_from.data is None and not form.errors:
        form.valid_from.data = today()
    return form


@blueprint.get("/results/new")
@permitted("vocabulary.keep")
def new_result() -> Any:
    return page("vocabulary/new_result.html", form=_result_form())


@blueprint.post("/results/new")
@permitted("vocabulary.keep")
@commits
def add_result() -> Any:
    form = _result_form()

    def add() -> None:
        dictionaries.add_result_kind(
            db(), actor(), title=form.title.data or "", unit=form.unit.data or "", places=int(form.places.data),
            valid_from=form.valid_from.data, because=form.because.data or "",
        )  # fmt: skip

    if form.accepts(add):
        return done("已增加，服务日期在启用日期以后的服务记录可以填写。", "vocabulary.dictionaries")
    return page("vocabulary/new_result.html", form=form)


def _end_form() -> tuple[EndForm, dict[str, Any]]:
    """The form, and what can be ended by the key under which it is chosen."""
    entries = queries.not_ended(db(), today())
    form = EndForm()
    listed = {heading: [(key, row.title) for key, row in rows.items()] for heading, rows in entries.items()}
    form.entry.choices = {"": with_blank([])} | listed
    if form.last_day.data is None and not form.errors:
        form.last_day.data = today()
    return form, {key: row for rows in entries.values() for key, row in rows.items()}


@blueprint.get("/end")
@permitted("vocabulary.keep")
def end_entry() -> Any:
    """Which entry is chosen for the last time, and when."""
    return page("vocabulary/end_entry.html", form=_end_form()[0])


@blueprint.post("/end")
@permitted("vocabulary.keep")
@commits
def end_from() -> Any:
    form, entries = _end_form()

    def end() -> None:
        dictionaries.end(
            db(), actor(), today(), entries[form.entry.data], last_day=form.last_day.data,
            because=form.because.data or "",
        )  # fmt: skip

    if form.accepts(end):
        return done("已定下停用日期。", "vocabulary.dictionaries")
    return page("vocabulary/end_entry.html", form=form)
