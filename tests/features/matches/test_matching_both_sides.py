"""Both sides choose: the bureau invites or a commissioner applies, the other side answers, seats are limited."""

import json
from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.demands import DemandState, Outcome
from app.domain.matches import MOVES, OF_COMMISSIONER, MatchState
from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken
from app.domain.roles import Role, system_actor
from app.domain.vocabulary import ServiceMode
from app.features.demands import actions as demand_actions
from app.features.matches import actions, queries
from app.features.matches.models import Match
from app.storage.trail import Event
from tests.builders import COUNTY, TOWNSHIP, actor

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)
OFFICIAL = actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)
PLATFORM = system_actor("tests")


def me(commissioner):
    return actor(Role.COMMISSIONER, person_id=commissioner.person_id)


def serving(build, **values):
    return build.appointment(build.commissioner(**values)).commissioner


def invited(session, build, today, demand=None, commissioner=None, **values):
    demand = demand or build.open_demand()
    return actions.invite(session, TRIAGE, today, demand, commissioner or serving(build), **values)


def test_an_invitation_keeps_the_reasons_as_they_were_shown(session, build, today):
    offer = build.offer()
    reasons = ["同为茶树", "病虫害防治", "距 42 公里"]
    match = actions.invite(
        session, TRIAGE, today, build.open_demand(), offer.commissioner, offer, reasons, "请这周到村里看看"
    )
    assert match.state == MatchState.INVITED
    assert json.loads(match.reasons) == reasons
    assert match.words == "请这周到村里看看"
    assert actions.shanghai_date(match.answer_by) == date(2026, 6, 8)


def test_accepting_takes_the_seat_and_the_demand_is_chosen(session, build, today, now):
    match = invited(session, build, today)
    actions.answer(session, me(match.commissioner), now, match, "accept", "周五到")
    assert (match.state, match.seat, match.answered_at) == (MatchState.ACCEPTED, 1, now)
    assert match.demand.state == DemandState.CHOSEN
    step = match.demand.steps[-1]
    assert (step.verb, step.words) == ("choose", f"由{match.commissioner.name}承接")


def test_the_others_are_told_who_was_first(session, build, today, now):
    demand = build.open_demand()
    first, second = invited(session, build, today, demand), invited(session, build, today, demand)
    applicant = serving(build)
    third = actions.apply(session, me(applicant), today, demand, applicant)
    actions.answer(session, me(first.commissioner), now, first, "accept")
    for other in (second, third):
        session.refresh(other)
        assert other.state == MatchState.LAPSED
        assert other.answer_words == f"已由{first.commissioner.name}承接"
    with pytest.raises(AlreadyDone, match=f"{first.commissioner.name}已先一步承接"):
        actions.answer(session, me(second.commissioner), now, second, "accept")
    with pytest.raises(AlreadyDone, match="名额已满"):
        actions.answer(session, TRIAGE, now, third, "choose")


def test_a_demand_for_two_stays_open_until_the_second_accepts(session, build, today, now):
    demand = build.open_demand(people_wanted=2)
    matches = [invited(session, build, today, demand) for _ in range(3)]
    actions.answer(session, me(matches[0].commissioner), now, matches[0], "accept")
    assert demand.state == DemandState.OPEN
    assert matches[1].state == MatchState.INVITED
    actions.answer(session, me(matches[2].commissioner), now, matches[2], "accept")
    assert demand.state == DemandState.CHOSEN
    assert [m.seat for m in matches] == [1, None, 2]
    assert matches[1].state == MatchState.LAPSED


def test_the_database_refuses_two_on_one_seat(session, build, today):
    demand = build.open_demand()
    matches = [invited(session, build, today, demand) for _ in range(2)]
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        for match in matches:
            match.state, match.seat = MatchState.ACCEPTED, 1
        session.flush()


def test_the_database_refuses_an_accepted_match_without_a_seat(session, build, today):
    match = invited(session, build, today)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        match.state = MatchState.ACCEPTED
        session.flush()


def test_going_on_with_those_found_so_far(session, build, today, now):
    demand = build.open_demand(people_wanted=3)
    first, second = (invited(session, build, today, demand) for _ in range(2))
    with pytest.raises(MoveRefused):
        actions.settle(session, TRIAGE, now, demand)
    actions.answer(session, me(first.commissioner), now, first, "accept")
    actions.settle(session, TRIAGE, now, demand)
    assert (demand.state, demand.people_wanted) == (DemandState.CHOSEN, 1)
    assert second.state == MatchState.LAPSED


def test_nobody_is_invited_twice_while_an_answer_is_open(session, build, today, now):
    match = invited(session, build, today)
    with pytest.raises(AlreadyDone, match=match.commissioner.name):
        invited(session, build, today, match.demand, match.commissioner)
    with pytest.raises(AlreadyDone):
        actions.apply(session, me(match.commissioner), today, match.demand, match.commissioner)
    actions.answer(session, me(match.commissioner), now, match, "decline", "在外地")
    again = invited(session, build, today, match.demand, match.commissioner)
    assert again.state == MatchState.INVITED, "who declined may be asked again"


def test_without_a_valid_appointment_nobody_is_invited(session, build, today):
    ended = build.appointment(batch_year=2025)
    with pytest.raises(RuleBroken, match="没有在有效期内的选认"):
        invited(session, build, today, commissioner=ended.commissioner)


def test_without_time_left_nobody_is_invited(session, build, today, now):
    busy = serving(build)
    busy.yearly_half_days = 4
    session.flush()
    match = invited(session, build, today, commissioner=busy)
    actions.answer(session, me(busy), now, match, "accept")
    with pytest.raises(RuleBroken, match=r"没有可服务的时间.*手上在办1件"):
        invited(session, build, today, commissioner=busy)


@pytest.mark.parametrize(
    ("wished", "offered", "refused"),
    [
        (ServiceMode.ON_SITE, ServiceMode.ONLINE, True),
        (ServiceMode.ONLINE, ServiceMode.ON_SITE, True),
        (ServiceMode.ON_SITE, None, False),
        (None, ServiceMode.ONLINE, False),
        (ServiceMode.ONLINE, ServiceMode.ONLINE, False),
    ],
)
def test_an_excluded_mode_is_refused_and_named(session, build, today, wished, offered, refused):
    demand, offer = build.open_demand(mode=wished), build.offer(mode=offered)
    if not refused:
        assert invited(session, build, today, demand, offer.commissioner, offer=offer)
        return
    with pytest.raises(RuleBroken, match="不提供所要求的服务方式"):
        invited(session, build, today, demand, offer.commissioner, offer=offer)


def test_only_an_open_demand_is_matched(session, build, today):
    with pytest.raises(MoveRefused, match="待分诊"):
        invited(session, build, today, build.demand())


def test_one_invites_for_ones_own_demands_and_applies_in_ones_own_name(session, build, today):
    demand, commissioner = build.open_demand(), serving(build)
    with pytest.raises(RuleBroken, match="不在您的辖区"):
        actions.invite(session, actor(Role.COUNTY_TRIAGE, "350425"), today, demand, commissioner)
    with pytest.raises(RuleBroken, match="名义"):
        actions.apply(session, me(serving(build)), today, demand, commissioner)


@pytest.mark.parametrize("verb", [v for v in MOVES.moves if v != "lapse"])
def test_a_step_is_refused_from_every_state_that_does_not_lead_to_it(session, build, today, now, verb):
    match = invited(session, build, today)
    for state in MatchState:
        if state.value in MOVES.moves[verb].sources or (state == MatchState.LAPSED and verb in ("accept", "choose")):
            continue
        session.execute(
            sa.update(Match).where(Match.id == match.id).values(state=state, seat=1 if state == "accepted" else None)
        )
        with pytest.raises(MoveRefused, match=state.label):
            actions.answer(session, PLATFORM, now, match, verb, "理由")


@pytest.mark.parametrize("verb", MOVES.moves)
def test_a_step_is_refused_to_the_other_side(session, build, today, now, verb):
    match = invited(session, build, today)
    wrong = [me(serving(build))]
    wrong.append(TRIAGE if verb in OF_COMMISSIONER else me(match.commissioner))
    wrong.append(actor(Role.COUNTY_TRIAGE, "350425"))
    for who in wrong:
        with pytest.raises(MoveRefused):
            actions.answer(session, who, now, match, verb, "理由")
    assert match.state == MatchState.INVITED


@pytest.mark.parametrize("verb", ["decline", "refuse", "withdraw", "retract"])
def test_saying_no_needs_words_and_frees_nothing(session, build, today, now, verb):
    match = invited(session, build, today)
    if verb in ("refuse", "retract"):
        applicant = serving(build)
        match = actions.apply(session, me(applicant), today, match.demand, applicant)
    who = me(match.commissioner) if verb in OF_COMMISSIONER else TRIAGE
    with pytest.raises(MoveRefused, match="请写明") as refused:
        actions.answer(session, who, now, match, verb, "")
    assert refused.value.field == "reason"
    actions.answer(session, who, now, match, verb, "时间不合适")
    assert match.answer_words == "时间不合适"
    assert match.demand.state == DemandState.OPEN


def test_an_applicant_is_chosen_by_the_township(session, build, today, now):
    demand, applicant = build.open_demand(), serving(build)
    match = actions.apply(session, me(applicant), today, demand, applicant, words="我做过三年脐橙")
    assert match.state == MatchState.APPLIED
    actions.answer(session, OFFICIAL, now, match, "choose")
    assert demand.state == DemandState.CHOSEN


def test_undoing_a_match_opens_the_demand_again(session, build, today, now):
    match = invited(session, build, today)
    actions.answer(session, me(match.commissioner), now, match, "accept")
    actions.answer(session, OFFICIAL, now, match, "undo", "本人出国")
    assert (match.state, match.seat) == (MatchState.WITHDRAWN, None)
    assert match.demand.state == DemandState.OPEN
    assert invited(session, build, today, match.demand).state == MatchState.INVITED


def test_nothing_is_undone_once_an_agreement_is_on_file(session, build, today, now):
    match = invited(session, build, today)
    actions.answer(session, me(match.commissioner), now, match, "accept")
    demand_actions.move(session, PLATFORM, today, match.demand, "agree")
    with pytest.raises(MoveRefused, match="协议"):
        actions.answer(session, OFFICIAL, now, match, "undo", "本人出国")
    with pytest.raises(MoveRefused, match="先到协议页终止协议"):
        actions.move_demand(session, TRIAGE, now, match.demand, "reopen", "换人")


@pytest.mark.parametrize(("who", "verb"), [(OFFICIAL, "withdraw"), (TRIAGE, "cancel"), (TRIAGE, "none_suitable")])
def test_ending_a_demand_ends_what_still_waits(session, build, today, now, who, verb):
    demand = build.open_demand()
    match, applicant = invited(session, build, today, demand), serving(build)
    application = actions.apply(session, me(applicant), today, demand, applicant)
    actions.move_demand(session, who, now, demand, verb, "已自行解决")
    assert (match.state, application.state) == (MatchState.WITHDRAWN, MatchState.DECLINED)
    assert "已自行解决" in match.answer_words


def test_cancelling_a_chosen_demand_frees_its_people_for_others(session, build, today, now):
    match = invited(session, build, today)
    actions.answer(session, me(match.commissioner), now, match, "accept")
    assert queries.under_way(session, match.commissioner_id) == 1
    actions.move_demand(session, TRIAGE, now, match.demand, "cancel", "村里改种了")
    assert match.state == MatchState.WITHDRAWN
    assert queries.under_way(session, match.commissioner_id) == 0


def test_nobody_suits_cannot_be_said_when_somebody_has_accepted(session, build, today, now):
    demand = build.open_demand(people_wanted=2)
    match = invited(session, build, today, demand)
    actions.answer(session, me(match.commissioner), now, match, "accept")
    with pytest.raises(MoveRefused, match="人选已够"):
        actions.move_demand(session, TRIAGE, now, demand, "none_suitable", "没有别人")


def test_reopening_a_finished_demand_frees_the_seat(session, build, today, now):
    match = invited(session, build, today)
    actions.answer(session, me(match.commissioner), now, match, "accept")
    for verb in ("agree", "begin", "finish"):
        demand_actions.move(session, PLATFORM, today, match.demand, verb)
    actions.move_demand(session, TRIAGE, now, match.demand, "reopen", "又发病了")
    assert match.demand.state == DemandState.OPEN
    assert invited(session, build, today, match.demand).state == MatchState.INVITED


def test_closing_goes_through_with_its_outcome(session, build, today, now):
    demand = build.open_demand()
    for verb in ("choose", "agree", "begin", "finish"):
        demand_actions.move(session, PLATFORM, today, demand, verb)
    actions.move_demand(session, TRIAGE, now, demand, "close", outcome=Outcome.PARTLY)
    assert demand.outcome == Outcome.PARTLY


def test_every_answer_leaves_a_trail(session, build, today, now):
    match = invited(session, build, today)
    actions.answer(session, me(match.commissioner), now, match, "accept")
    events = session.query(Event).filter_by(subject_table="matches", subject_id=match.id).order_by("id")
    assert [e.tag for e in events] == ["matches.invite", "matches.accept"]


def test_a_proposal_set_aside_keeps_why_and_where_it_stood(session, build):
    demand, offer = build.open_demand(), build.offer()
    with pytest.raises(RuleBroken):
        actions.set_aside(session, TRIAGE, demand, offer, 2, " ")
    actions.set_aside(session, TRIAGE, demand, offer, 2, "只做育种，不做植保")
    assert queries.set_aside(session, demand.id) == {offer.id: "只做育种，不做植保"}
    with pytest.raises(AlreadyDone):
        actions.set_aside(session, TRIAGE, demand, offer, 2, "再说一遍")
