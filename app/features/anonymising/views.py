"""The page on which a bureau takes a person's values out for good, after reading what goes and what stays."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, url_for

from app.domain import anonymising
from app.domain.anonymising import Because
from app.features.anonymising import actions, queries
from app.features.anonymising.forms import AnonymiseForm
from app.features.anonymising.queries import Records
from app.web.guards import actor, permitted
from app.web.pages import done, page
from app.web.platform import moment, today
from app.web.session import commits, db

blueprint = Blueprint("anonymising", __name__)


def _found(uid: UUID) -> Records:
    return queries.records(db(), queries.person_to_anonymise(db(), actor(), uid) or abort(404))


def _shown(found: Records, form: AnonymiseForm) -> Any:
    record = found.own or found.teams[0]
    return page(
        "anonymising/ask.html",
        found=found,
        record=record,
        back=url_for("commissioners.commissioner", uid=record.uid),
        hindrances=anonymising.hindrances(queries.leaving(db(), actor(), found, today())),
        named=len(queries.named_in_trail(db(), found)),
        form=form,
    )


@blueprint.get("/<uuid:uid>")
@permitted("people.anonymise")
def ask(uid: UUID) -> Any:
    return _shown(_found(uid), AnonymiseForm())


@blueprint.post("/<uuid:uid>")
@permitted("people.anonymise")
@commits
def anonymise(uid: UUID) -> Any:
    found, form = _found(uid), AnonymiseForm()

    def take_out() -> None:
        actions.anonymise(db(), actor(), today(), moment(), found.person, Because(form.because.data))

    if form.accepts(take_out):
        record = found.own or found.teams[0]
        return done("已匿名化。各项统计不变。", "commissioners.commissioner", uid=record.uid)
    return _shown(found, form)
