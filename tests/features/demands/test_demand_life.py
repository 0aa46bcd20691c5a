"""The life of a demand: every step from the table, refused steps say why, each step stands in the history."""

from datetime import timedelta

import pytest

from app.domain.demands import MOVES, DemandState, Outcome
from app.domain.refusals import MoveRefused, RuleBroken, StaleEdit
from app.domain.roles import Role, system_actor
from app.domain.vocabulary import NeedType, Urgency
from app.features.demands import actions
from app.storage.trail import Event
from tests.builders import COUNTY, TOWNSHIP, actor

OFFICIAL = actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)
TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)
PLATFORM = system_actor("tests")


def triaged(session, build, today, demand, **values):
    values = {"industry_id": build.industry_id(), "need_type": NeedType.PLANTING, "urgency": Urgency.NORMAL, **values}
    return actions.triage(session, TRIAGE, today, demand, **values)


@pytest.mark.parametrize("verb", MOVES.moves)
def test_a_step_is_refused_from_every_state_that_does_not_lead_to_it(session, build, today, verb):
    demand = build.demand()
    for state in DemandState:
        if state.value in MOVES.moves[verb].sources:
            continue
        with session.no_autoflush:
            demand.state = state
            with pytest.raises(MoveRefused) as refused:
                actions.move(session, PLATFORM, today, demand, verb, "理由", Outcome.MET)
            assert state.label in refused.value.message
            assert MOVES.moves[verb].label in refused.value.message
            assert demand.state == state


@pytest.mark.parametrize("verb", [verb for verb, move in MOVES.moves.items() if move.needs_reason])
def test_a_step_that_needs_words_is_refused_without(session, build, today, verb):
    demand = build.demand()
    demand.state = DemandState(next(iter(MOVES.moves[verb].sources)))
    with session.no_autoflush, pytest.raises(MoveRefused, match="请写明") as refused:
        actions.move(session, PLATFORM, today, demand, verb, "  ")
    assert refused.value.field == "reason"


def test_triage_sets_industry_and_kind_of_help_and_opens_the_demand(session, build, today):
    demand = triaged(session, build, today, build.demand(), words="属茶叶病害")
    assert demand.state == DemandState.OPEN
    assert demand.industry_id == build.industry_id()
    assert demand.need_type == NeedType.PLANTING


def test_every_step_stands_in_the_history_with_role_day_and_words(session, build, today):
    demand = build.demand()
    tomorrow = today + timedelta(days=1)
    triaged(session, build, tomorrow, demand, words="属茶叶病害")
    told = [(s.verb, s.state, s.by, s.words) for s in demand.steps]
    assert told == [
        ("submit", DemandState.SUBMITTED, "乡镇干部", None),
        ("triage", DemandState.TRIAGED, "县级分诊员", "属茶叶病害"),
        ("open", DemandState.OPEN, "县级分诊员", None),
    ]
    days = [actions.datetime.astimezone(s.at, actions.SHANGHAI).date() for s in demand.steps]
    assert days == [today, tomorrow, tomorrow]


def test_a_step_leaves_a_trail_row_in_the_same_transaction(session, build, today):
    demand = triaged(session, build, today, build.demand())
    tags = [e.tag for e in session.query(Event).filter_by(subject_table="demands", subject_id=demand.id).order_by("id")]
    assert tags == ["demands.post", "demands.submit", "demands.triage", "demands.open"]


def test_triage_moves_the_due_date_with_the_urgency(session, build, today):
    demand = build.demand()
    triaged(session, build, today + timedelta(days=2), demand, urgency=Urgency.CRITICAL)
    assert demand.due_on == today + timedelta(days=1), "counted from the submission, not from the triage"


def test_triage_of_a_demand_that_was_edited_meanwhile_is_refused(session, build, today):
    demand = build.demand()
    opened = demand.version
    actions.edit(session, OFFICIAL, today, demand, opened, title="其实是桃树")
    with pytest.raises(StaleEdit):
        triaged(session, build, today, demand, version=opened)
    assert demand.state == DemandState.SUBMITTED


@pytest.mark.parametrize(("role", "verb"), [(Role.TOWNSHIP_OFFICIAL, "return"), (Role.COMMISSIONER, "submit")])
def test_a_step_is_refused_to_a_role_that_may_not_take_it(session, build, today, role, verb):
    demand = build.demand(submit=verb != "submit")
    who = actor(role, TOWNSHIP) if role == Role.TOWNSHIP_OFFICIAL else actor(role, person_id=1)
    with pytest.raises(MoveRefused, match=role.label):
        actions.move(session, who, today, demand, verb, "理由")


def test_closing_needs_an_outcome_and_remembers_the_day(session, build, today):
    demand = build.open_demand()
    for verb in ("choose", "agree", "begin"):
        actions.move(session, PLATFORM, today, demand, verb)
    actions.move(session, OFFICIAL, today, demand, "finish")
    with pytest.raises(RuleBroken) as refused:
        actions.move(session, TRIAGE, today, demand, "close")
    assert refused.value.field == "outcome"
    assert demand.state == DemandState.DONE
    actions.move(session, TRIAGE, today, demand, "close", outcome=Outcome.MET)
    assert (demand.state, demand.outcome, demand.closed_on) == (DemandState.CLOSED, Outcome.MET, today)


def test_none_suitable_is_reopened_with_a_new_due_date(session, build, today):
    demand = build.open_demand(urgency=Urgency.URGENT)
    actions.move(session, TRIAGE, today, demand, "none_suitable", "本市无此专业")
    later = today + timedelta(days=10)
    actions.move(session, TRIAGE, later, demand, "reopen", "京闽合作有专家")
    assert demand.state == DemandState.OPEN
    assert demand.due_on == later + timedelta(days=3)
    assert [s.verb for s in demand.steps][-3:] == ["none_suitable", "reopen", "open"]
