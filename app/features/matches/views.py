"""Pages of the matches desk: a demand with its proposals and matches, invitations, applications, answers."""

import json
from typing import Any
from uuid import UUID

from flask import Response, abort, request

from app.domain.demands import MOVES as DEMAND_MOVES
from app.domain.demands import WAITING_FOR_BUREAU, DemandState, Outcome
from app.domain.escalations import ASKABLE, Asked, may_answer
from app.domain.masking import masked_phone
from app.domain.matches import MOVES, OF_COMMISSIONER, MatchState, Verdict
from app.features.demands import queries as demands
from app.features.demands.models import Demand
from app.features.matches import actions, escalation_views, proposals, queries, suiting_views
from app.features.matches.forms import CloseForm, InvitationForm
from app.features.matches.models import Match
from app.features.matches.pages import blueprint, known_demand, own_demand
from app.features.menus import queries as menus
from app.features.menus.models import Offer
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.web.guards import actor, permitted
from app.web.pages import chips, done, page
from app.web.paging import cursor, paged
from app.web.platform import moment, platform, today
from app.web.security import signed, unsigned
from app.web.session import commits, db

__all__ = ["blueprint", "escalation_views", "suiting_views"]
PAGE = 50
# Steps of a demand that are taken with words on its page; closing asks for the outcome, the rest have pages.
WORDED = {
    "return": "退回后由乡镇补充，请写清要补什么。",
    "withdraw": "撤回后不再寻找专家。",
    "cancel": "取消后不能再办理，乡镇会看到原因。",
    "none_suitable": "标记后乡镇会看到；可以请其他县、市局或省里帮忙。",
    "reopen": "重新开放后可以再邀请。",
}


@blueprint.get("/demands/<uuid:uid>")
@permitted("demands.read")
def demand(uid: UUID) -> Any:
    return _demand_page(uid)


def _demand_page(uid: UUID, status: int = 200, *, close: CloseForm | None = None, phone: str | None = None) -> Any:
    found = known_demand(uid)
    row = found.demand
    moves = DEMAND_MOVES.open_from(row.state, _permissions()) if found.own else []
    verbs = {move.verb for move in moves}
    masked = queries.contact_phone(db(), row) if found.contacts else None
    matches = queries.matches_of_demand(db(), row.id) if found.own else list(found.mine)
    answer = _answer(found)
    return page(
        "matches/demand.html",
        status,
        known=found,
        row=row,
        place=regions.place_name(db(), row.region_code),
        industry=vocabulary.industries_by_id(db()).get(row.industry_id or 0),
        answer=answer,
        seen=_seen(row, answer),
        aside=queries.set_aside_named(db(), row.id) if answer else [],
        asking=_asking(found),
        looks_like=proposals.looks_like(db(), row, today()) if found.own and row.state == DemandState.SUBMITTED else "",
        matches=matches,
        turns=queries.turns(db(), actor(), matches),
        # Who may cancel need not withdraw too: one way to end it is enough on one page.
        moves=[m for m in moves if m.verb in WORDED and not (m.verb == "withdraw" and "cancel" in verbs)],
        verbs=verbs,
        worded=WORDED,
        mine=menus.kept_commissioners(db(), actor()) if actor().may("matches.answer") else [],
        overdue=row.due_on is not None and row.due_on < today() and row.state.value in WAITING_FOR_BUREAU,
        close=close or CloseForm(formdata=None, prefix="close"),
        phone=phone or (masked_phone(masked) if masked else None),
        revealed=phone is not None,
    )


def _answer(found: queries.Known) -> proposals.Answer | None:
    """The proposals, for those who may invite to this demand now."""
    if not (found.own and found.demand.state == DemandState.OPEN and actor().may("matches.invite")):
        return None
    return proposals.proposals(db(), found.demand, today(), platform().settings.data_dir / "matching")


def _asking(found: queries.Known) -> dict[str, Any]:
    """Whom one asked further with the answers, whom one may still ask, and what this reader is asked to answer."""
    row = found.demand
    rows = queries.escalations_of_demand(db(), row.id)
    seeks = row.state.value in ASKABLE
    may_ask = found.own and seeks and actor().may("matches.invite")
    asked = {one.asked for one in rows}
    answered = {(one.id, reply.territory) for one in rows for reply in one.answers}
    mine = [
        one
        for one in rows
        if seeks
        and may_answer(actor(), one.asked, row.region_code)
        and (one.id, actor().reach.territory) not in answered
    ]
    places = regions.names(db(), {reply.territory for one in rows for reply in one.answers})
    can = [one for one in Asked if may_ask and one not in asked]
    may_invite = may_ask and row.state == DemandState.OPEN
    return {"rows": rows if found.own else mine, "can": can, "mine": mine, "places": places, "may_invite": may_invite}


def _permissions() -> list[str]:
    return [
        m.permission
        for m in (*DEMAND_MOVES.moves.values(), *MOVES.moves.values())
        if m.permission and actor().may(m.permission)
    ]


@blueprint.post("/demands/<uuid:uid>/submit")
@permitted("demands.post")
@commits
def submit(uid: UUID) -> Any:
    actions.move_demand(db(), actor(), moment(), own_demand(uid), "submit")
    return done("需求已提交，接下来由科技局分诊。", "matches.demand", uid=uid)


@blueprint.post("/demands/<uuid:uid>/move/<verb>")
@permitted("demands.post", "demands.triage", "demands.finish")
@commits
def move(uid: UUID, verb: str) -> Any:
    row = own_demand(uid)
    if verb not in (*WORDED, "finish"):
        abort(404)
    actions.move_demand(db(), actor(), moment(), row, verb, request.form.get("reason"))
    return done(f"已{DEMAND_MOVES.moves[verb].label}。", "matches.demand", uid=uid)


@blueprint.post("/demands/<uuid:uid>/close")
@permitted("demands.close")
@commits
def close(uid: UUID) -> Any:
    row, form = own_demand(uid), CloseForm(prefix="close")
    if form.accepts(
        lambda: actions.move_demand(
            db(), actor(), moment(), row, "close", form.reason.data or None, Outcome(form.outcome.data)
        )
    ):
        return done("需求已办结，计入统计。", "matches.demand", uid=uid)
    return _demand_page(uid, 422, close=form)


@blueprint.post("/demands/<uuid:uid>/contact")
@permitted("demands.read")
@commits
def show_contact(uid: UUID) -> Any:
    """Show the phone in full; who may is decided by `Known.contacts`, and each showing leaves a trail row."""
    found = known_demand(uid)
    if not found.contacts:
        abort(404)  # whether there is a number at all is for those who may see it (decisions 10)
    return _demand_page(uid, phone=actions.reveal_contact(db(), actor(), found.demand))


@blueprint.get("/demands/photos/<uuid:uid>")
@permitted("demands.read")
def photo(uid: UUID) -> Any:
    found = queries.photo(db(), actor(), uid) or abort(404)
    content = platform().files.read(found.file.sha256)
    return Response(content, mimetype=found.file.media_type, headers={"Cache-Control": "private, max-age=3600"})


def _offer(row: Demand) -> Any:
    offer = menus.offer(db(), _uuid(request.form.get("offer")))
    return offer or abort(404)


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        abort(404)


@blueprint.post("/demands/<uuid:uid>/invite")
@permitted("matches.invite")
@commits
def invite(uid: UUID) -> Any:
    row = own_demand(uid)
    offer = _offer(row)
    shown = [words for words in request.form.get("shown", "").split("；")[:20] if words]
    words = request.form.get("reason") or None
    actions.invite(db(), actor(), today(), row, offer.commissioner, offer, shown, words)
    _keep_decision(row, offer, Verdict.INVITED, None)
    return done(f"已邀请{offer.commissioner.name}，对方答复前可以撤销。", "matches.demand", uid=uid)


def _keep_decision(row: Demand, offer: Offer, verdict: Verdict, words: str | None) -> None:
    """Keep what was decided on a proposal as it was shown; the page carried it signed, so nobody can make it up."""
    told = unsigned(request.form.get("seen", ""))
    if isinstance(told, dict) and told.get("offer") == str(offer.uid) and told.get("demand") == str(row.uid):
        actions.keep_decision(db(), actor(), row, offer, verdict, told, words)


def _seen(row: Demand, answer: proposals.Answer | None) -> dict[int, str]:
    """Offer → what is shown of its proposal, signed."""
    if answer is None:
        return {}
    return {
        item.offer.id: signed(
            {
                "demand": str(row.uid),
                "offer": str(item.offer.uid),
                "place": item.place,
                "score": item.score,
                "parts": dict(item.parts),
                "setting": answer.weights.uid,
            }
        )
        for item in answer.proposed
    }


def _invitation(uid: UUID) -> tuple[Offer, InvitationForm]:
    """A published dish, and the form with one's own open demands, the most pressing first."""
    offer = menus.offer_seen(db(), actor(), uid) or abort(404)
    asked = demands.DemandFilter(states=(DemandState.OPEN,), sort="due")
    rows = demands.demands_page(db(), actor(), today(), asked, None, PAGE)
    form = InvitationForm()
    form.demand.choices = [("", "请选择"), *((str(row.uid), f"{row.title}（{row.unit}）") for row in rows)]
    return offer, form


@blueprint.get("/offers/<uuid:uid>")
@permitted("matches.invite")
def invite_to_serve(uid: UUID) -> Any:
    offer, form = _invitation(uid)
    return page("matches/invite_to_serve.html", offer=offer, form=form)


@blueprint.post("/offers/<uuid:uid>")
@permitted("matches.invite")
@commits
def send_invitation(uid: UUID) -> Any:
    offer, form = _invitation(uid)

    def send() -> None:
        row = own_demand(_uuid(form.demand.data))
        actions.invite(db(), actor(), today(), row, offer.commissioner, offer, None, form.reason.data or None)

    if form.accepts(send):
        name = offer.commissioner.name
        return done(f"已邀请{name}，对方答复前可以撤销。", "matches.demand", uid=_uuid(form.demand.data))
    return page("matches/invite_to_serve.html", offer=offer, form=form)


@blueprint.post("/demands/<uuid:uid>/set-aside")
@permitted("matches.invite")
@commits
def set_aside(uid: UUID) -> Any:
    row = own_demand(uid)
    place = request.form.get("place", "1")
    offer, words = _offer(row), request.form.get("reason", "")
    actions.set_aside(db(), actor(), row, offer, int(place) if place.isdigit() else 1, words)
    _keep_decision(row, offer, Verdict.SET_ASIDE, words)
    return done("已标记为不合适，不再推荐；理由会用来改进排序。", "matches.demand", uid=uid)


@blueprint.post("/demands/<uuid:uid>/apply")
@permitted("matches.answer")
@commits
def apply(uid: UUID) -> Any:
    found = known_demand(uid)
    wanted = request.form.get("commissioner")
    mine = {str(c.uid): c for c in menus.kept_commissioners(db(), actor())}
    who = mine.get(wanted or "") or abort(404)
    offer = _offer(found.demand) if request.form.get("offer") else None
    actions.apply(db(), actor(), today(), found.demand, who, offer, request.form.get("reason") or None)
    return done("申请已送出，等对方选定。", "matches.demand", uid=uid)


@blueprint.post("/demands/<uuid:uid>/settle")
@permitted("matches.invite")
@commits
def settle(uid: UUID) -> Any:
    actions.settle(db(), actor(), moment(), own_demand(uid))
    return done("人选已够，需求已选定。", "matches.demand", uid=uid)


@blueprint.get("/")
@permitted("matches.read")
def match_list() -> Any:
    state = request.args.get("state", "")
    states = [MatchState(state)] if state in list(MatchState) else []
    rows = paged(queries.matches_page(db(), actor(), states, cursor(), PAGE), lambda m: [m.id], PAGE)
    places = regions.place_names(db(), [m.demand.region_code for m in rows.rows])
    # A commissioner's list holds invitations that wait for him and some that wait for the head of his team.
    named = {MatchState.INVITED.value: "待答复"} if actor().may("matches.answer") else {}
    choices = [(value, named.get(value, title)) for value, title in MatchState.choices()]
    return page(
        "matches/match_list.html",
        rows=rows,
        places=places,
        state=state,
        states=choices,
        turns=queries.turns(db(), actor(), rows.rows),
        chips=chips([("state", "状态", choices)]),
    )


def _match(uid: UUID) -> Match:
    return queries.match(db(), actor(), uid) or abort(404)


@blueprint.get("/<uuid:uid>")
@permitted("matches.read")
def match(uid: UUID) -> Any:
    return _match_page(_match(uid))


def _match_page(row: Match, phone: str | None = None) -> Any:
    as_party = menus.keeps(db(), actor(), row.commissioner_id)
    side = OF_COMMISSIONER if as_party else frozenset(MOVES.moves) - OF_COMMISSIONER
    known = queries.known(db(), actor(), row.demand.uid)
    accepted = row.state == MatchState.ACCEPTED and known is not None
    theirs = queries.commissioner_phone(db(), row.commissioner) if accepted and known and known.own else None
    return page(
        "matches/match.html",
        row=row,
        moves=[m for m in MOVES.open_from(row.state, _permissions()) if m.verb in side],
        place=regions.place_name(db(), row.demand.region_code),
        industry=vocabulary.industries_by_id(db()).get(row.demand.industry_id or 0),
        as_party=as_party,
        turn=bool(queries.turns(db(), actor(), [row])),
        known=known,
        reasons=json.loads(row.reasons) if row.reasons and known and known.own else [],
        phone=phone or (masked_phone(theirs) if theirs else None),
        revealed=phone is not None,
    )


@blueprint.post("/<uuid:uid>/contact")
@permitted("matches.invite")
@commits
def show_commissioner_contact(uid: UUID) -> Any:
    """Show the commissioner's phone in full to the demand's side of an accepted match."""
    row = _match(uid)
    return _match_page(row, actions.reveal_commissioner(db(), actor(), row))


@blueprint.post("/<uuid:uid>/<verb>")
@permitted("matches.answer", "matches.invite")
@commits
def answer(uid: UUID, verb: str) -> Any:
    if verb not in MOVES.moves:
        abort(404)
    row = _match(uid)
    actions.answer(db(), actor(), moment(), row, verb, request.form.get("reason"))
    told = {"accept": "已接受，接下来签订三方协议。", "choose": "已选定，接下来签订三方协议。"}
    if verb in told:
        return done(told[verb], "matches.match", uid=uid)
    return done(f"已{MOVES.moves[verb].label}。", "matches.match", uid=uid)
