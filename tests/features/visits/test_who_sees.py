"""Who may know of a visit, what the list shows whom, and how it pages and narrows."""

from datetime import date, timedelta

import pytest

from app.domain.roles import Role
from app.domain.visits import VisitState
from app.domain.vocabulary import Kind, OrganisationKind, ServiceMode
from app.features.visits import actions, queries
from app.features.visits.queries import VisitFilter
from tests.builders import CITY, COUNTY, TOWNSHIP, actor

ELSEWHERE = "350430201"  # 建宁县伊家乡


def sees(session, who, visit):
    listed = visit.uid in {row.uid for row in queries.visits_page(session, who, VisitFilter())}
    assert (queries.visit(session, who, visit.uid) is not None) == listed
    return listed


def test_both_counties_and_the_city_see_a_visit_and_a_third_county_does_not(session, build):
    visit = build.visit(region_code=ELSEWHERE)  # by somebody whom 宁化县 recommended
    for territory, seen in ((COUNTY, True), (ELSEWHERE[:6], True), (CITY, True), ("350421", False)):
        assert sees(session, actor(Role.COUNTY_REVIEWER, territory), visit) is seen


def test_a_township_sees_what_was_done_in_it_and_nothing_else(session, build):
    here, there = build.visit(), build.visit(region_code="350424100")
    official = actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)
    assert sees(session, official, here)
    assert not sees(session, official, there)


def test_people_see_their_own_visits_and_those_of_their_teams(session, build):
    leader, member = build.person(), build.person()
    team = build.appointment(build.commissioner(Kind.TEAM, leader=leader, members=[member]))
    of_team = build.visit(team, participants=[(leader.id, 2)])
    other = build.visit()
    me = actor(Role.COMMISSIONER, person_id=member.id)
    assert sees(session, me, of_team)
    assert not sees(session, me, other)


def test_the_served_unit_and_the_sending_unit_see_what_concerns_them(session, build):
    sender = build.organisation(kind=OrganisationKind.SENDING_UNIT, region_code=COUNTY)
    appointment = build.appointment(build.commissioner(sending_unit_id=sender.id))
    visit, other = build.visit(appointment), build.visit()
    served = visit.served[0].organisation_id
    for who, role in ((served, Role.SERVED_CONTACT), (sender.id, Role.SENDING_CONTACT)):
        contact = actor(role, organisation_id=who)
        assert sees(session, contact, visit)
        assert not sees(session, contact, other)


def test_a_draft_is_seen_by_its_people_alone(session, build):
    draft = build.visit(submit=False)
    assert sees(session, actor(Role.COMMISSIONER, person_id=draft.participants[0].person_id), draft)
    for official in (actor(Role.COUNTY_HEAD, COUNTY), actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)):
        assert not sees(session, official, draft)
    assert not sees(session, actor(Role.SERVED_CONTACT, organisation_id=draft.served[0].organisation_id), draft)


def test_a_grant_that_reaches_nothing_sees_nothing(session, build):
    visit = build.visit()
    assert not sees(session, actor(Role.PANEL_MEMBER, None), visit)


def uids(rows):
    return [row.uid for row in rows]


@pytest.fixture
def officer():
    return actor(Role.COUNTY_HEAD, COUNTY)


def test_a_list_pages_by_its_last_row_without_gap_or_repeat(session, build, officer):
    day = build.today
    made = [build.visit(service_date=day - timedelta(days=n // 2)) for n in range(5)]
    wanted = [v.uid for v in sorted(made, key=lambda v: (v.service_date, v.id), reverse=True)]
    shown, after = [], None
    while True:
        page = queries.visits_page(session, officer, VisitFilter(), after=after, size=2)
        shown += uids(page[:2])
        if len(page) <= 2:
            break
        after = [str(value) if isinstance(value, date) else value for value in queries.sort_values(page[1], "newest")]
    assert shown == wanted


@pytest.mark.parametrize("after", [[], ["x", 1], ["2026-05-01"], ["2026-05-01", "1"], [None, None], ["2026-13-40", 2]])
def test_a_damaged_address_begins_at_the_beginning(session, build, officer, after):
    visit = build.visit()
    assert uids(queries.visits_page(session, officer, VisitFilter(), after=after)) == [visit.uid]


def test_filters_narrow_and_combine(session, build, officer):
    appointment = build.appointment()
    plain = build.visit(appointment, service_date=date(2026, 5, 1))
    online = build.passed_visit(mode=ServiceMode.ONLINE, service_date=date(2026, 5, 20))
    other = build.visit(industry_id=build.industry_id("new_materials"), region_code="350424100")

    def found(**wanted):
        return set(uids(queries.visits_page(session, officer, VisitFilter(**wanted))))

    assert found() == {plain.uid, online.uid, other.uid}
    assert found(states=("passed",)) == {online.uid}
    assert found(mode="online") == {online.uid}
    assert found(territory="350424100") == {other.uid}
    assert found(industry_ids=(build.industry_id(),)) == {plain.uid, online.uid}
    assert found(first_day=date(2026, 5, 2), last_day=date(2026, 5, 20)) == {online.uid}
    assert found(first_day=date(2026, 5, 20), last_day=date(2026, 5, 20)) == {online.uid}
    assert found(person_id=appointment.commissioner.person_id) == {plain.uid}
    assert found(confirmed=True) == set()
    assert found(confirmed=False, states=("submitted",)) == {plain.uid, other.uid}
    assert found(demand_id=999_999) == set()


def test_a_row_names_people_units_place_and_time(session, build, officer):
    one, two = build.appointment(), build.appointment()
    visit = build.visit(one, days=2, participants=[(one.commissioner.person_id, 4), (two.commissioner.person_id, 1)])
    (row,) = queries.visits_page(session, officer, VisitFilter())
    assert row.who == f"{one.commissioner.name}、{two.commissioner.name}"
    assert row.served == visit.served[0].organisation.name
    assert (row.county, row.place, row.half_days, row.mode) == ("宁化县", "石壁镇", 5, ServiceMode.ON_SITE)


def test_what_waits_for_the_county_and_what_waits_for_the_writer(session, build):
    appointment = build.appointment()
    person = appointment.commissioner.person_id
    submitted, returned = build.visit(appointment), build.visit(appointment, work_done="要补充的")
    draft = build.visit(appointment, submit=False, work_done="没写完的")
    actions.review(session, actor(Role.COUNTY_REVIEWER), build.today, returned, "return", "请补充")
    build.visit(region_code=ELSEWHERE)
    assert queries.waiting_for_review(session, COUNTY) == 1
    assert queries.waiting_for_review(session, CITY) == 2
    assert set(uids(queries.to_mend(session, person))) == {returned.uid, draft.uid}
    since = build.today - timedelta(days=30)
    assert uids(queries.to_confirm(session, person, since)) == [submitted.uid]
    assert submitted.state == VisitState.SUBMITTED


def test_a_visit_to_change_is_read_afresh(session, build):
    visit = build.visit()
    me = actor(Role.COMMISSIONER, person_id=visit.participants[0].person_id)
    assert queries.visit_to_change(session, me, visit.uid) is visit
    assert queries.visit_to_change(session, actor(Role.COUNTY_HEAD, "350421"), visit.uid) is None
