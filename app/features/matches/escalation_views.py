"""Routes of asking further: the own side asks, other counties and the city answer and may name somebody."""

from typing import Any
from uuid import UUID

from flask import abort, request

from app.domain.escalations import Asked
from app.features.matches import actions, escalations, queries
from app.features.matches.pages import blueprint, own_demand
from app.web.guards import actor, permitted
from app.web.pages import done
from app.web.platform import today
from app.web.session import commits, db


@blueprint.post("/demands/<uuid:uid>/ask/<asked>")
@permitted("matches.invite")
@commits
def ask_further(uid: UUID, asked: str) -> Any:
    if asked not in list(Asked):
        abort(404)
    row = own_demand(uid)
    escalations.ask(db(), actor(), row, Asked(asked), request.form.get("reason"))
    return done(f"已{Asked(asked).label}，答复会显示在这里。", "matches.demand", uid=uid)


@blueprint.post("/askings/<uuid:uid>/invite/<answer>")
@permitted("matches.invite")
@commits
def invite_named(uid: UUID, answer: str) -> Any:
    """Invite whom an answer names; the place of the answer counts from 1."""
    asked = queries.escalation(db(), uid) or abort(404)
    row = own_demand(asked.demand.uid)
    named = {str(place): reply.commissioner for place, reply in enumerate(asked.answers, start=1)}
    who = named.get(answer) or abort(404)
    reasons = [f"{asked.asked.who}推荐"]
    actions.invite(db(), actor(), today(), row, who, None, reasons, request.form.get("reason") or None)
    return done(f"已邀请{who.name}，对方答复前可以撤销。", "matches.demand", uid=row.uid)


@blueprint.post("/askings/<uuid:uid>/answer")
@permitted("matches.invite")
@commits
def answer_asking(uid: UUID) -> Any:
    row = queries.escalation(db(), uid) or abort(404)
    words, name = request.form.get("reason", ""), request.form.get("name", "")
    who = escalations.named(db(), actor(), name)
    escalations.answer(db(), actor(), row, words, who)
    told = f"已答复，并推荐了{who.name}。" if who else "已答复，对方会在需求页看到。"
    return done(told, "matches.demand", uid=row.demand.uid)
