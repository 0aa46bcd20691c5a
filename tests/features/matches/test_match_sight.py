"""What a party of a match may know: the demand whatever its state, contacts and confidential parts from acceptance."""

import pytest

from app.domain.matches import MatchState
from app.domain.roles import Role
from app.domain.vocabulary import Kind
from app.features.demands.models import DemandPhoto
from app.features.matches import actions, queries
from app.storage.files import StoredFile
from tests.builders import COUNTY, TOWNSHIP, actor

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)


def me(commissioner):
    return actor(Role.COMMISSIONER, person_id=commissioner.person_id)


@pytest.fixture
def match(session, build, today):
    demand = build.open_demand(confidential=True, contact_name="赖联系", contact_phone="13859801234")
    return actions.invite(session, TRIAGE, today, demand, build.appointment().commissioner)


def test_an_invited_commissioner_reads_industry_and_title_of_a_confidential_demand_until_accepting(session, match, now):
    who = me(match.commissioner)
    known = queries.known(session, who, match.demand.uid)
    assert (known.own, known.full, known.contacts) == (False, False, False)
    actions.answer(session, who, now, match, "accept")
    known = queries.known(session, who, match.demand.uid)
    assert (known.own, known.full, known.contacts) == (False, True, True)
    assert [m.id for m in known.mine] == [match.id]


def test_who_declined_or_came_too_late_loses_sight_of_a_chosen_demand(session, build, today, now, match):
    late = actions.invite(session, TRIAGE, today, match.demand, build.appointment().commissioner)
    actions.answer(session, me(match.commissioner), now, match, "accept")
    session.refresh(late)
    assert late.state == MatchState.LAPSED
    assert queries.known(session, me(late.commissioner), match.demand.uid) is None
    assert queries.match(session, me(late.commissioner), late.uid) is late, "but one's own invitation stays readable"


def test_an_open_demand_shows_contacts_to_no_outsider(session, build):
    demand = build.open_demand()
    known = queries.known(session, me(build.commissioner()), demand.uid)
    assert (known.full, known.contacts) == (True, False)


def test_the_township_and_the_county_see_everything_of_their_own(session, match):
    for who in (actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP), TRIAGE):
        known = queries.known(session, who, match.demand.uid)
        assert (known.own, known.full, known.contacts) == (True, True, True)


def test_a_match_is_known_to_its_parties_and_the_demands_officials_only(session, build, match):
    strangers = [
        me(build.commissioner()),
        actor(Role.TOWNSHIP_OFFICIAL, "350424102"),
        actor(Role.COUNTY_TRIAGE, "350425"),
    ]
    for who in strangers:
        assert queries.match(session, who, match.uid) is None
        assert queries.matches_page(session, who, (), None, 50) == []
    for who in (me(match.commissioner), TRIAGE, actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)):
        assert queries.match(session, who, match.uid) is match
        assert queries.matches_page(session, who, (), None, 50) == [match]


def test_team_members_read_what_their_team_is_invited_to_and_the_leader_answers(session, build, today, now):
    leader, member = build.person(), build.person()
    team = build.appointment(build.commissioner(Kind.TEAM, leader=leader, members=[leader, member])).commissioner
    match = actions.invite(session, TRIAGE, today, build.open_demand(), team)
    of_member = actor(Role.COMMISSIONER, person_id=member.id)
    assert queries.match(session, of_member, match.uid) is match
    with pytest.raises(actions.MoveRefused, match="负责人"):
        actions.answer(session, of_member, now, match, "accept")
    actions.answer(session, actor(Role.TEAM_HEAD, person_id=leader.id), now, match, "accept")
    assert match.state == MatchState.ACCEPTED


def test_photos_of_a_confidential_demand_are_closed_to_outsiders(session, build, match, now):
    file = StoredFile(sha256="0" * 64, media_type="image/jpeg", size=1)
    match.demand.photos.append(DemandPhoto(file=file, place=1))
    session.flush()
    uid = match.demand.photos[0].uid
    who = me(match.commissioner)
    assert queries.photo(session, TRIAGE, uid).file is file
    assert queries.photo(session, who, uid) is None
    assert queries.photo(session, actor(Role.TOWNSHIP_OFFICIAL, "350424102"), uid) is None
    actions.answer(session, who, now, match, "accept")
    assert queries.photo(session, who, uid).file is file


def test_lists_for_first_pages(session, build, today, now, match):
    commissioner = match.commissioner
    assert queries.waiting_for_commissioner(session, [commissioner.id]) == [match]
    assert queries.accepted_of(session, [commissioner.id]) == []
    actions.answer(session, me(commissioner), now, match, "accept")
    assert queries.waiting_for_commissioner(session, [commissioner.id]) == []
    assert queries.accepted_of(session, [commissioner.id]) == [match]
    other = build.open_demand()
    applicant = build.appointment().commissioner
    application = actions.apply(session, me(applicant), today, other, applicant)
    assert queries.waiting_applications(session, TRIAGE) == [application]
    assert queries.waiting_applications(session, actor(Role.COUNTY_TRIAGE, "350425")) == []
