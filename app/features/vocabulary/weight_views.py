"""The page of the ranking's weights: what holds, what was proposed with its measured gain, adopting and dropping."""

import json
from typing import Any
from uuid import UUID

from flask import abort, request

from app.domain.matching.settings import PARTS, shares_of, shipped
from app.features.vocabulary import weights as settings
from app.features.vocabulary.forms import AdoptForm
from app.features.vocabulary.models import WeightSetting
from app.features.vocabulary.pages import blueprint
from app.web.guards import actor, permitted
from app.web.pages import done, page
from app.web.platform import today
from app.web.session import commits, db


def _page(status: int = 200, *, form: AdoptForm | None = None) -> Any:
    held = settings.in_force(db(), today())
    told = [(row, {**shipped(), **json.loads(row.values)}, json.loads(row.measured)) for row in settings.settings(db())]
    form = form or AdoptForm(formdata=None, data={"valid_from": today()})
    return page(
        "vocabulary/weights.html",
        status,
        held=held,
        told=told,
        parts=PARTS,
        shipped=shipped(),
        shares_of=shares_of,
        adopt=form,
    )


@blueprint.get("/weights")
@permitted("matches.invite", "vocabulary.keep")
def weights() -> Any:
    return _page()


def _setting(uid: UUID) -> WeightSetting:
    return settings.setting(db(), uid) or abort(404)


@blueprint.post("/weights/<uuid:uid>/adopt")
@permitted("vocabulary.keep")
@commits
def adopt_weights(uid: UUID) -> Any:
    row, form = _setting(uid), AdoptForm()
    if form.accepts(lambda: settings.adopt(db(), actor(), today(), row, form.valid_from.data, form.reason.data)):
        return done("已采用，从启用那天起推荐按新的权重排序。", "vocabulary.weights")
    return _page(422, form=form)


@blueprint.post("/weights/<uuid:uid>/drop")
@permitted("vocabulary.keep")
@commits
def drop_weights(uid: UUID) -> Any:
    settings.drop(db(), actor(), _setting(uid), request.form.get("reason"))
    return done("已记下不采用的理由。", "vocabulary.weights")
