"""Past work as the ranking reads it: passed visits only, this year's time, the same industry, confirmed apart."""

from datetime import date

from app.domain.roles import Role
from app.features.matches.standing import Experience
from app.features.visits.experience import experience
from tests.builders import COUNTY


def test_only_passed_visits_of_the_industry_count_and_only_this_years_time(session, build, today):
    held = build.appointment()
    old = build.appointment(held.commissioner, batch_year=2025)
    who, tea = held.commissioner_id, build.industry_id("agriculture.tea")
    build.visit(held)
    assert experience(session, [who], build.industry_id(), today) == {}
    build.passed_visit(held)
    confirmed = build.passed_visit(held, industry_id=tea, participants=[(held.commissioner.person_id, 1)])
    confirmed.confirmed_on = today
    build.passed_visit(old, service_date=date(2025, 9, 1))
    build.passed_visit(held, industry_id=build.industry_id("new_materials"))
    session.flush()
    whole = experience(session, [who], build.industry_id(), today)
    assert whole == {who: Experience(served_half_days=5, passed=3, confirmed=1)}
    assert experience(session, [who], tea, today)[who] == Experience(5, 1, 1), "a part is not its whole"
    assert experience(session, [who], None, today)[who] == Experience(5, 0, 0)
    assert experience(session, [], None, today) == {}


def test_an_officer_reads_what_was_done_in_the_reasons(client):
    with client.building() as build:
        held = build.appointment()
        build.offer(held.commissioner)
        for day in (1, 2, 3):
            build.passed_visit(held, service_date=date(2026, 5, day)).confirmed_on = build.today if day > 1 else None
        demand = build.open_demand()
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    assert "同类服务 3 次，确认 2 次" in client.get(f"/matches/demands/{demand.uid}").text
