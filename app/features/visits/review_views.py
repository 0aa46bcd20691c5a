"""Pages of the county's reviewers: the queue, one screen a visit, passing several that stand out in nothing."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for

from app.domain.visits import VisitState
from app.features.visits import actions, queries, reviews
from app.features.visits.forms import ReasonForm
from app.features.visits.models import Visit
from app.features.visits.pages import blueprint, history_of, shown_of
from app.web.forms import Form
from app.web.guards import actor, permitted
from app.web.pages import done, page
from app.web.paging import cursor, paged
from app.web.platform import today
from app.web.session import commits, db

PAGE = 30


@blueprint.get("/review")
@permitted("visits.review")
def review_queue() -> Any:
    return _queue_page(Form(formdata=None))


def _queue_page(form: Form) -> Any:
    found = reviews.queue(db(), actor(), cursor(), PAGE)
    return page(
        "visits/review_queue.html",
        form=form,
        rows=paged(found, lambda waiting: queries.sort_values(waiting.row, "waiting"), PAGE),
        count=queries.waiting_for_review(db(), actor().reach.territory or "-"),
        elsewhere=reviews.reviewed_elsewhere(db(), actor()),
    )


@blueprint.post("/review")
@permitted("visits.review")
@commits
def pass_several() -> Any:
    form = Form()
    told: list[tuple[int, list[str]]] = []
    chosen = [pair for pair in map(_chosen, request.form.getlist("chosen")) if pair is not None]
    if not form.accepts(lambda: told.append(actions.pass_together(db(), actor(), today(), chosen))):
        return _queue_page(form)
    passed, refused = told[0]
    for words in refused:
        flash(words, "wrong")
    return done(f"已通过{passed}条。" if passed else "没有通过任何一条。", "visits.review_queue")


def _chosen(text: str) -> tuple[UUID, int] | None:
    """A ticked visit as of the version that was shown."""
    uid, _, version = text.partition(":")
    try:
        return UUID(uid), int(version)
    except ValueError:
        return None


def _to_review(uid: UUID) -> Visit:
    return queries.visit(db(), actor(), uid) or abort(404)


@blueprint.get("/<uuid:uid>/review")
@permitted("visits.review")
def review_visit(uid: UUID) -> Any:
    found = _to_review(uid)
    if found.state != VisitState.SUBMITTED or not reviews.may_review(db(), actor(), found):
        return redirect(url_for("visits.visit", uid=uid))
    return _review_page(found, ReasonForm(formdata=None))


def _review_page(found: Visit, form: ReasonForm) -> Any:
    (row,) = queries.rows(db(), [Visit.id == found.id], queries.ORDERS["newest"], 1)
    (waiting,) = reviews.looked_at(db(), [row])
    beside = reviews.same_time_as(db(), found)
    return page(
        "visits/review_visit.html",
        found=found,
        form=form,
        shown=shown_of(found),
        history=history_of(found),
        waiting=waiting,
        beside=queries.rows(db(), [Visit.id.in_(beside)], queries.ORDERS["newest"], PAGE) if beside else [],
        count=queries.waiting_for_review(db(), actor().reach.territory or "-"),
        next_uid=reviews.next_to_review(db(), actor(), found),
    )


@blueprint.post("/<uuid:uid>/review/<any('pass','return'):verb>")
@permitted("visits.review")
@commits
def decide(uid: UUID, verb: str) -> Any:
    found, form = _to_review(uid), ReasonForm()
    version = int(form.version.data) if (form.version.data or "").isdecimal() else None

    def act() -> None:
        actions.review(db(), actor(), today(), found, verb, form.reason.data, version)

    if not form.accepts(act):
        return _review_page(_to_review(uid), form)
    said = "已通过，计入统计。" if verb == "pass" else "已退回，填写人会看到您写的原因。"
    following = reviews.next_to_review(db(), actor(), found)
    if following is None:
        return done(said + "没有其他待审核的记录了。", "visits.review_queue")
    return done(said + "下一条：", "visits.review_visit", uid=following)
