"""The counting rules at their edges, each through the actions that people use, on both databases."""

from datetime import UTC, date, datetime

import pytest

from app.domain.calendar import Period, shanghai_date
from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Role
from app.domain.tallies import Dimension, Figure, Question
from app.domain.visits import ConfirmationAnswer, VisitState
from app.domain.vocabulary import ConfirmationChannel, Kind, Level
from app.features.commissioners import actions as commissioners
from app.features.coverage import queries as coverage
from app.features.regions import queries as regions
from app.features.regions.models import Region, RegionAlias
from app.features.tallies import queries
from app.features.tallies.rows import listed
from app.features.visits import actions as visits
from tests.builders import CITY, COUNTY, TOWNSHIP, Builder, actor

REVIEWER = actor(Role.COUNTY_REVIEWER, COUNTY)


def totals(session, first, last=None, territory=CITY, **narrowed):
    return queries.totals(session, Question(first, last or first, territory, **narrowed))


def heads(session, first, last=None, **narrowed):
    found = totals(session, first, last, **narrowed).all_levels
    return found.individual_people, found.individual_appointments


def visits_in(session, year, **narrowed):
    return totals(session, year, **narrowed).service.visits


def appointed(session, first, last, today):
    found = coverage.cover(session, period=Period(first, last), today=today, territory=COUNTY)
    return {one.code: one.appointments for one in found if one.appointments}


# When a visit counts.


def test_a_visit_of_30_december_logged_on_3_january_counts_in_the_old_year(session):
    build = Builder(session, date(2026, 1, 3), datetime(2026, 1, 3, 2, 0, tzinfo=UTC))
    held = build.appointment(batch_year=2025)
    build.passed_visit(held, service_date=date(2025, 12, 30))
    assert (visits_in(session, 2025), visits_in(session, 2026)) == (1, 0)
    assert totals(session, 2025).service.half_days == 2


@pytest.mark.parametrize(("hour", "day"), [(15, date(2025, 12, 31)), (16, date(2026, 1, 1))])
def test_the_year_ends_at_midnight_in_shanghai(session, hour, day):
    now = datetime(2025, 12, 31, hour, 30, tzinfo=UTC)  # half past eleven at night there, or half past midnight
    assert shanghai_date(now) == day
    build = Builder(session, shanghai_date(now), now)
    held = build.appointment(batch_year=2025, ends=date(2026, 12, 31))
    build.passed_visit(held, service_date=shanghai_date(now))
    assert visits_in(session, day.year) == 1


def test_a_stay_over_new_year_counts_in_the_year_of_its_first_day(session):
    build = Builder(session, date(2026, 1, 5), datetime(2026, 1, 5, 2, 0, tzinfo=UTC))
    held = build.appointment(batch_year=2025)
    build.passed_visit(held, service_date=date(2025, 12, 30), days=5, participants=[(held.commissioner.person_id, 10)])
    assert totals(session, 2025).service.half_days == 10
    assert visits_in(session, 2026) == 0


def test_a_visit_that_is_returned_and_corrected_counts_once_as_it_was_corrected(session, build, today, now):
    held = build.appointment()
    visit = build.passed_visit(held, service_date=date(2026, 5, 1))
    assert (visits_in(session, 2026), visits_in(session, 2026, township=TOWNSHIP)) == (1, 1)
    visits.review(session, REVIEWER, today, visit, "return", "地点写错了")
    assert visits_in(session, 2026) == 0
    writer = actor(Role.COMMISSIONER, person_id=held.commissioner.person_id)
    said = {
        "region_code": "350424100",
        "service_date": date(2026, 5, 2),
        "days": 1,
        "industry_id": visit.industry_id,
        "mode": visit.mode,
        "work_done": visit.work_done,
        "served": [row.organisation_id for row in visit.served],
        "participants": [(held.commissioner.person_id, 1)],
    }
    visits.amend(session, writer, today, now, visit, visit.version, True, **said)
    assert (visit.state, visits_in(session, 2026)) == (VisitState.SUBMITTED, 0)
    visits.review(session, REVIEWER, today, visit, "pass")
    assert totals(session, 2026).service.visits == 1
    assert totals(session, 2026).service.half_days == 1
    assert visits_in(session, 2026, township=TOWNSHIP) == 0
    assert visits_in(session, 2026, township="350424100") == 1


def test_a_confirmed_visit_that_is_corrected_is_unconfirmed_until_it_is_confirmed_anew(session, build, today, now):
    held = build.appointment()
    visit = build.passed_visit(held)
    unit = visit.served[0].organisation_id

    def confirm():
        token = visits.ask_confirmation(session, build.bureau, now, visit, unit, ConfirmationChannel.LINK)
        visits.answer_confirmation(session, now, today, token, ConfirmationAnswer.CONFIRMED)

    confirm()
    assert totals(session, 2026).service.confirmed_visits == 1
    visits.review(session, REVIEWER, today, visit, "return", "时间多写了")
    writer = actor(Role.COMMISSIONER, person_id=held.commissioner.person_id)
    said = {
        "region_code": visit.region_code,
        "service_date": visit.service_date,
        "days": 1,
        "industry_id": visit.industry_id,
        "mode": visit.mode,
        "work_done": "查看茶园，只教了修剪",
        "served": [unit],
        "participants": [(held.commissioner.person_id, 1)],
    }
    visits.amend(session, writer, today, now, visit, visit.version, True, **said)
    visits.review(session, REVIEWER, today, visit, "pass")
    assert (visits_in(session, 2026), totals(session, 2026).service.confirmed_visits) == (1, 0)
    confirm()
    assert totals(session, 2026).service.confirmed_visits == 1


# Whom an appointment counts, and in which year.


def test_an_appointment_counts_in_its_batch_year_and_covers_through_its_term(session, build, today):
    terms = {"begins": date(2024, 7, 1), "ends": date(2027, 6, 30)}
    build.appointment(batch_year=2024, **terms)
    assert [heads(session, year) for year in (2023, 2024, 2025, 2026)] == [(0, 0), (1, 1), (0, 0), (0, 0)]
    days = [(date(2024, 1, 1), date(2024, 6, 30)), (date(2024, 1, 1), date(2024, 12, 31)), (date(2026, 1, 1), today)]
    assert [bool(appointed(session, first, last, today)) for first, last in days] == [False, True, True]


def test_a_term_that_begins_after_its_batch_year_counts_in_the_batch_year_still(session, build, today):
    build.appointment(batch_year=2025, begins=date(2026, 2, 1), ends=date(2027, 1, 31))
    assert (heads(session, 2025), heads(session, 2026)) == ((1, 1), (0, 0))
    assert not appointed(session, date(2025, 1, 1), date(2025, 12, 31), today)
    assert appointed(session, date(2026, 1, 1), date(2026, 12, 31), today)


def test_two_appointments_of_a_person_in_a_year_are_one_person_and_two_appointments(session, build):
    one = build.commissioner()
    build.appointment(one, level=Level.COUNTY)
    build.appointment(one, level=Level.PROVINCE)
    assert heads(session, 2026) == (1, 2)
    levels = totals(session, 2026).levels
    assert [levels[level].individual_people for level in Level] == [1, 0, 1]
    with pytest.raises(AlreadyDone, match="已"):
        build.appointment(one, level=Level.COUNTY)
    build.appointment(one, level=Level.COUNTY, batch_year=2025)
    assert heads(session, 2025, 2026) == (1, 3)
    assert totals(session, 2025, 2026).levels[Level.COUNTY].individual_people == 1


def test_a_team_is_one_whatever_its_members_do_besides(session, build):
    person = build.person()
    build.appointment(build.commissioner(person=person))
    team = build.commissioner(Kind.TEAM, leader=person)
    build.appointment(team)
    found = totals(session, 2026)
    assert (found.all_levels.individual_people, found.all_levels.team_appointments) == (1, 1)
    assert found.team_members == 3


def test_a_withdrawn_appointment_counts_no_longer_in_any_year_or_place(session, build, today):
    one = build.commissioner()
    kept = build.appointment(one, level=Level.COUNTY)
    revoked = build.appointment(one, level=Level.PROVINCE)
    commissioners.withdraw_appointment(session, build.bureau, today, revoked, "重复选认")
    assert heads(session, 2026) == (1, 1)
    assert not totals(session, 2026).levels[Level.PROVINCE]
    assert appointed(session, date(2026, 1, 1), today, today) == {TOWNSHIP: 1}
    commissioners.withdraw_appointment(session, build.bureau, today, kept, "本人申请退出")
    assert heads(session, 2026) == (0, 0)
    assert not appointed(session, date(2026, 1, 1), today, today)


def test_what_was_done_under_an_appointment_before_it_was_withdrawn_was_done(session, build, today):
    revoked = build.appointment(level=Level.PROVINCE)
    build.passed_visit(revoked)
    commissioners.withdraw_appointment(session, build.bureau, today, revoked, "本人申请退出")
    assert (heads(session, 2026), visits_in(session, 2026)) == ((0, 0), 1)
    assert visits_in(session, 2026, level=Level.PROVINCE) == 1
    with pytest.raises(RuleBroken, match="没有在任的选认"):
        build.visit(revoked, service_date=date(2026, 5, 2))


def test_an_anonymised_person_still_counts_once(session, build, now):
    people = [build.person() for _ in range(2)]
    for person in people:
        mine = build.commissioner(person=person)
        for year in (2025, 2026):
            build.appointment(mine, batch_year=year)
        build.passed_visit(build.appointment(mine, level=Level.CITY))
    before = totals(session, 2025, 2026)
    for person in people:  # nothing that tells the two apart is left
        person.name, person.pinyin, person.initials = "（已匿名）", "", ""
        person.id_number_hash = person.id_number_sealed = person.phone_hash = person.phone_sealed = None
        person.anonymised_at = now
    session.flush()
    after = totals(session, 2025, 2026)
    assert after == before
    assert (after.all_levels.individual_people, after.all_levels.individual_appointments) == (2, 6)
    assert after.service.half_days == 4
    asked = Question(2025, 2026, CITY)
    rows = listed(session, asked, Figure.INDIVIDUAL_PEOPLE, None, 50)
    assert (rows.count, len(rows.rows)) == (2, 2)


# Townships that begin, end, or are numbered anew within the span.

NEW = "350424111"  # what 石壁镇 is called from the first of April on


def renumbered(session, on=date(2026, 4, 1)):
    """石壁镇 ends and stands under a new code from a day on; the old code leads to the new one."""
    old = session.get_one(Region, TOWNSHIP)
    old.valid_to = date.fromordinal(on.toordinal() - 1)
    new = Region(code=NEW, name="新石壁镇", rank="township", kind="镇", parent_code=COUNTY, valid_from=on)
    new.pinyin, new.initials = "xin shi bi zhen", "xsbz"
    session.add(new)
    session.flush()
    session.add(RegionAlias(alias=TOWNSHIP, region_code=NEW, note="石壁镇：测试"))
    session.flush()


def covered(session, first, last, today, **narrowed):
    found = coverage.cover(session, period=Period(first, last), today=today, territory=COUNTY, **narrowed)
    return len(found), {one.code: (one.appointments, one.visits) for one in found if one.appointments or one.visits}


def test_a_township_that_ended_stands_in_the_periods_it_lasted_out_and_in_none_after(session, today):
    session.get_one(Region, TOWNSHIP).valid_to = date(2025, 6, 30)
    session.flush()
    half_years = [(2024, 7, 12), (2025, 1, 6), (2025, 7, 12), (2026, 1, 6)]
    spans = [(date(y, first, 1), date(y, last, 30)) for y, first, last in half_years]
    assert [covered(session, first, last, today)[0] for first, last in spans] == [16, 16, 15, 15]
    assert regions.denominator(session, CITY, date(2025, 6, 30)).total == 141
    assert regions.denominator(session, CITY, date(2025, 7, 1)).total == 140


def test_a_township_that_began_within_the_span_stands_in_it_and_not_before(session, today):
    new = Region(code=NEW, name="新设镇", rank="township", kind="镇", parent_code=COUNTY, valid_from=date(2025, 7, 1))
    new.pinyin, new.initials = "xin she zhen", "xsz"
    session.add(new)
    session.flush()
    assert covered(session, date(2025, 1, 1), date(2025, 6, 30), today)[0] == 16
    assert covered(session, date(2025, 1, 1), date(2025, 12, 31), today)[0] == 17


def test_what_was_done_under_the_old_code_covers_the_township_that_took_its_place(session, build, today):
    held = build.appointment()
    build.passed_visit(held, service_date=date(2026, 3, 2))
    renumbered(session)
    build.passed_visit(held, service_date=date(2026, 5, 2), region_code=NEW)
    whole = covered(session, date(2026, 1, 1), date(2026, 12, 31), today)
    assert whole == (16, {NEW: (1, 2)})
    first_quarter = covered(session, date(2026, 1, 1), date(2026, 3, 31), today)
    assert first_quarter == (16, {TOWNSHIP: (1, 1)})
    period = Period(date(2026, 1, 1), date(2026, 12, 31))
    behind = coverage.behind_township(session, code=NEW, period=period, today=today)
    assert (len(behind.appointments), len(behind.visits)) == (1, 2)


def test_an_appointment_that_declares_the_old_code_and_the_new_covers_once(session, build, today):
    renumbered(session)
    build.appointment(cover=[(TOWNSHIP, build.industry_id()), (NEW, build.industry_id("agriculture.tea"))])
    period = (date(2026, 1, 1), date(2026, 12, 31))
    assert covered(session, *period, today)[1] == {NEW: (1, 0)}
    assert covered(session, *period, today, industry_id=build.industry_id())[1] == {NEW: (1, 0)}


def test_codes_lead_on_through_several_changes_and_across_counties(session, build, today):
    build.passed_visit(service_date=date(2026, 3, 2))
    renumbered(session)
    last = Region(code="350423111", name="又改镇", rank="township", kind="镇", parent_code="350423", valid_from=today)
    last.pinyin, last.initials = "you gai zhen", "ygz"
    session.add(last)
    session.get_one(Region, NEW).valid_to = date(2026, 5, 31)
    session.flush()
    session.add(RegionAlias(alias=NEW, region_code=last.code, note="新石壁镇：测试"))
    session.flush()
    assert covered(session, date(2026, 1, 1), today, today) == (15, {})
    found = coverage.cover(session, period=Period(date(2026, 1, 1), today), today=today, territory="350423")
    assert {one.code: one.visits for one in found if one.visits} == {last.code: 1}


def test_the_tally_keeps_figures_where_they_were_recorded_and_lists_both_townships(session, build, today):
    held = build.appointment()
    build.passed_visit(held, service_date=date(2026, 3, 2))
    renumbered(session)
    build.passed_visit(held, service_date=date(2026, 5, 2), region_code=NEW)
    tally = queries.tally(session, Question(2026, 2026, COUNTY), today, Dimension.TOWNSHIP)
    served = {row.key: row.service.visits for row in tally.rows}
    assert len(served) == 16 + 1
    assert (served[TOWNSHIP], served[NEW], tally.totals.service.visits) == (1, 1, 2)
    year_before = queries.tally(session, Question(2025, 2025, COUNTY), today, Dimension.TOWNSHIP)
    assert NEW not in {row.key for row in year_before.rows}
