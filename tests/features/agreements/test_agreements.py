"""Three-party agreements: drafted from the match with nothing asked twice, filed with or without the scan, ended."""

from datetime import date

import pytest

from app.domain.agreements import MOVES, AgreementState
from app.domain.demands import DemandState
from app.domain.matches import MatchState
from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken, StaleEdit
from app.domain.roles import Role, system_actor
from app.domain.vocabulary import CooperationMode, OrganisationKind
from app.features.agreements import actions, queries
from app.features.demands import actions as demand_actions
from app.features.matches import actions as matches
from app.storage.files import StoredFile
from tests.builders import COUNTY, TOWNSHIP, actor

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)
OFFICIAL = actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)
PLATFORM = system_actor("tests")
TERMS = {
    "cooperation": CooperationMode.PUBLIC,
    "begins_on": date(2026, 6, 1),
    "ends_on": date(2026, 12, 31),
    "content": "到园里看，教修剪",
}


def me(match):
    return actor(Role.COMMISSIONER, person_id=match.commissioner.person_id)


@pytest.fixture
def match(session, build, today, now):
    college = build.organisation("测试农林学院", kind=OrganisationKind.SENDING_UNIT, region_code=None)
    commissioner = build.appointment(build.commissioner(sending_unit_id=college.id)).commissioner
    made = matches.invite(session, TRIAGE, today, build.open_demand(title="茶树叶子发黄"), commissioner)
    return matches.answer(session, me(made), now, made, "accept")


@pytest.fixture
def draft(session, today, match):
    return actions.draft(session, TRIAGE, today, match, **TERMS)


def scan(session, n=1):
    row = StoredFile(sha256=f"{n:064d}", media_type="application/pdf", size=1)
    session.add(row)
    session.flush()
    return row


def test_everything_the_match_says_is_filled_in(session, today, match):
    filled = queries.prefilled(session, match, today)
    assert (filled.begins_on, filled.ends_on) == (today, date(2026, 12, 31)), "until the appointment ends"
    assert filled.sending_unit == "测试农林学院"
    assert "茶树叶子发黄" in filled.content
    assert match.demand.organisation.name in filled.content
    assert "宁化县石壁镇" in filled.content


def test_a_draft_names_the_three_parties(draft, match):
    assert draft.state == AgreementState.DRAFT
    assert draft.served_unit_id == match.demand.organisation_id
    assert draft.match is match
    assert match.demand.state == DemandState.CHOSEN, "a draft moves nothing"


def test_there_is_one_agreement_a_match(session, today, draft):
    with pytest.raises(AlreadyDone, match="已经有一份协议"):
        actions.draft(session, TRIAGE, today, draft.match, **TERMS)


def test_only_what_both_sides_agreed_to_becomes_an_agreement(session, build, today):
    invited = matches.invite(session, TRIAGE, today, build.open_demand(), build.appointment().commissioner)
    with pytest.raises(MoveRefused, match="双方都同意以后"):
        actions.draft(session, TRIAGE, today, invited, **TERMS)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"ends_on": date(2026, 5, 31)}, "ends_on"),
        ({"ends_on": date(2040, 1, 1)}, "ends_on"),
        ({"content": "  "}, "content"),
    ],
)
def test_impossible_terms_are_refused_at_their_field(session, today, match, terms, field):
    with pytest.raises(RuleBroken) as refused:
        actions.draft(session, TRIAGE, today, match, **{**TERMS, **terms})
    assert refused.value.field == field


def test_filing_with_the_scan_makes_the_demand_agreed(session, today, draft):
    sheet = scan(session)
    actions.file(session, TRIAGE, today, draft, sheet)
    assert (draft.state, draft.filed_on, draft.scan) == (AgreementState.IN_FORCE, today, sheet)
    assert draft.match.demand.state == DemandState.AGREED


def test_filing_without_the_scan_is_possible_and_it_can_be_added_once(session, today, draft):
    with pytest.raises(MoveRefused):
        actions.add_scan(session, TRIAGE, draft, scan(session))
    actions.file(session, me(draft.match), today, draft)
    assert draft.match.demand.state == DemandState.AGREED
    missing = queries.agreements_page(session, TRIAGE, (), None, 50, scan_missing=True)
    assert [row.uid for row in missing] == [draft.uid]
    sheet = scan(session, 2)
    actions.add_scan(session, OFFICIAL, draft, sheet)
    assert draft.scan is sheet
    assert queries.agreements_page(session, TRIAGE, (), None, 50, scan_missing=True) == []
    with pytest.raises(AlreadyDone, match="不能替换"):
        actions.add_scan(session, TRIAGE, draft, scan(session, 3))


def test_nothing_is_filed_while_people_are_still_looked_for(session, build, today, now):
    demand = build.open_demand(people_wanted=2)
    first = matches.invite(session, TRIAGE, today, demand, build.appointment().commissioner)
    matches.answer(session, me(first), now, first, "accept")
    agreement = actions.draft(session, TRIAGE, today, first, **TERMS)
    with pytest.raises(MoveRefused, match="人选已够"):
        actions.file(session, TRIAGE, today, agreement)
    matches.settle(session, TRIAGE, now, demand)
    actions.file(session, TRIAGE, today, agreement)
    assert demand.state == DemandState.AGREED


def test_the_second_agreement_of_a_demand_is_filed_without_moving_it_again(session, build, today, now):
    demand = build.open_demand(people_wanted=2)
    both = [matches.invite(session, TRIAGE, today, demand, build.appointment().commissioner) for _ in range(2)]
    for one in both:
        matches.answer(session, me(one), now, one, "accept")
    for one in both:
        actions.file(session, TRIAGE, today, actions.draft(session, TRIAGE, today, one, **TERMS))
    assert demand.state == DemandState.AGREED
    assert [s.verb for s in demand.steps].count("agree") == 1


@pytest.mark.parametrize("verb", MOVES.moves)
def test_steps_from_the_wrong_state_are_refused(session, today, now, draft, verb):
    for state in AgreementState:
        if state.value in MOVES.moves[verb].sources:
            continue
        draft.state, draft.filed_on = state, today
        draft.ended_on = today if state == AgreementState.ENDED else None
        session.flush()
        with pytest.raises(MoveRefused, match=state.label):
            if verb == "file":
                actions.file(session, PLATFORM, today, draft)
            else:
                actions.end(session, PLATFORM, now, draft, "理由")


def test_terms_change_until_filing_and_never_over_somebody_elses_edit(session, today, draft):
    opened = draft.version
    actions.edit(session, TRIAGE, draft, opened, **{**TERMS, "content": "改过"})
    with pytest.raises(StaleEdit):
        actions.edit(session, TRIAGE, draft, opened, **TERMS)
    actions.file(session, TRIAGE, today, draft)
    with pytest.raises(MoveRefused, match="已经归档"):
        actions.edit(session, TRIAGE, draft, draft.version, **TERMS)
    assert draft.content == "改过"


def test_ending_before_service_opens_the_demand_again(session, build, today, now, draft):
    actions.file(session, TRIAGE, today, draft)
    with pytest.raises(MoveRefused, match="请写明"):
        actions.end(session, TRIAGE, now, draft, " ")
    actions.end(session, TRIAGE, now, draft, "对方改派")
    assert (draft.state, draft.ended_on, draft.ended_because) == (AgreementState.ENDED, today, "对方改派")
    assert draft.match.state == MatchState.WITHDRAWN
    assert draft.match.demand.state == DemandState.OPEN


def test_ending_after_service_began_leaves_what_was_done(session, today, now, draft):
    actions.file(session, TRIAGE, today, draft)
    demand_actions.move(session, PLATFORM, today, draft.match.demand, "begin")
    actions.end(session, TRIAGE, now, draft, "提前结束")
    assert draft.match.state == MatchState.ACCEPTED
    assert draft.match.demand.state == DemandState.IN_SERVICE


def test_the_commissioner_does_not_end_an_agreement_alone(session, today, now, draft):
    with pytest.raises(MoveRefused, match="科技部门终止"):
        actions.end(session, me(draft.match), now, draft, "不想做了")


def test_strangers_neither_see_nor_handle_it(session, build, today, draft):
    stranger = actor(Role.COMMISSIONER, person_id=build.person().id)
    elsewhere = actor(Role.COUNTY_TRIAGE, "350425")
    for who in (stranger, elsewhere):
        assert queries.agreement(session, who, draft.uid) is None
        with pytest.raises(MoveRefused, match="双方"):
            actions.file(session, who, today, draft)


def test_the_three_parties_and_the_bureau_read_it(session, draft):
    served, sending = draft.served_unit_id, draft.match.commissioner.sending_unit_id
    readers = [
        TRIAGE,
        OFFICIAL,
        me(draft.match),
        actor(Role.SERVED_CONTACT, organisation_id=served),
        actor(Role.SENDING_CONTACT, organisation_id=sending),
    ]
    for who in readers:
        assert queries.agreement(session, who, draft.uid) is draft, who.role


def test_accepted_matches_wait_for_their_agreement(session, today, match):
    assert queries.waiting_for_agreement(session, TRIAGE, 8) == [match]
    assert queries.count_waiting_for_agreement(session, TRIAGE) == 1
    agreement = actions.draft(session, TRIAGE, today, match, **TERMS)
    assert queries.waiting_for_agreement(session, me(match), 8) == [match]
    actions.file(session, TRIAGE, today, agreement)
    assert queries.waiting_for_agreement(session, TRIAGE, 8) == []
    assert queries.count_waiting_for_agreement(session, TRIAGE) == 0
