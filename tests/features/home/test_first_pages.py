"""First pages: every role finds its own work, figures that agree with the pages behind them, an honest empty state."""

from datetime import timedelta

import pytest

from app.domain.calendar import years
from app.domain.coverage import CoverDefinition
from app.domain.roles import Role
from app.domain.vocabulary import ConfirmationChannel, Level
from app.features.coverage import queries as coverage
from app.features.home import figures, watching
from app.features.visits import confirmations
from app.features.vocabulary import queries as vocabulary
from tests.builders import CITY, COUNTY, TOWNSHIP, actor

TERRITORIAL = [
    (Role.TOWNSHIP_OFFICIAL, TOWNSHIP), (Role.COUNTY_TRIAGE, COUNTY), (Role.COUNTY_REVIEWER, COUNTY),
    (Role.COUNTY_HEAD, COUNTY), (Role.CITY_TRIAGE, CITY), (Role.CITY_REVIEWER, CITY), (Role.CITY_HEAD, CITY),
    (Role.FINANCE_OFFICER, CITY), (Role.PANEL_MEMBER, CITY), (Role.AUDITOR, CITY), (Role.ADMINISTRATOR, CITY),
]  # fmt: skip


@pytest.mark.parametrize(("role", "territory"), TERRITORIAL)
def test_a_new_installation_greets_every_role_with_an_honest_empty_page(client, role, territory):
    client.sign_in(role, region_code=territory)
    page = client.get("/")
    assert "今日待办" in page.text
    assert "没有" in page.text


def test_the_reviewers_week_counts_passed_visits_only(session, reference, build, today):
    build.passed_visit()
    build.visit()
    week = figures.by_week(session, COUNTY, today)
    assert sum(row.value for row in week.figures) == 1
    assert len(week.figures) == figures.WEEKS
    assert sum(row.value for row in figures.by_week(session, "350430", today).figures) == 0


def test_townships_are_counted_once_in_an_industry_its_parts_included(session, reference, build, today):
    build.passed_visit()
    build.passed_visit(industry_id=build.industry_id("agriculture.tea"))
    leading = vocabulary.leading_industries(session, today)
    cover = coverage.covers(
        session,
        period=years(today.year, today.year),
        today=today,
        territory=COUNTY,
        industry_ids=[industry.id for industry in leading],
    )
    sight = figures.by_industry(leading, cover, COUNTY, today.year)
    assert {row.label: row.value for row in sight.figures if row.value} == {"特色现代农业": 1}
    assert sight.maximum == 16  # townships of 宁化县


def test_a_person_sees_his_own_time_and_a_township_everybodys(session, reference, build, today):
    appointment, other = build.appointment(), build.appointment()
    mine, his = appointment.commissioner.person_id, other.commissioner.person_id
    build.passed_visit(appointment, participants=[(mine, 3), (his, 2)], days=2)
    own = figures.own_year(session, actor(Role.COMMISSIONER, None, person_id=mine), today)
    assert [row.value for row in own.figures] == [1, 1.5, 0]
    place = figures.own_year(session, actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP), today)
    assert [row.value for row in place.figures] == [1, 2.5, 0]


def test_a_served_unit_is_asked_for_its_word_only_once_a_link_is_on_its_way(session, reference, build, now):
    visit = build.passed_visit()
    unit = visit.served[0].organisation_id

    def waiting(unit_id):
        return watching.to_be_confirmed(session, actor(Role.SERVED_CONTACT, None, organisation_id=unit_id), now)

    assert [item.arguments["uid"] for item in waiting(unit).items] == [visit.uid]
    assert not waiting(unit).duty and waiting(unit).count == 0
    writer = actor(Role.COMMISSIONER, None, person_id=visit.participants[0].person_id)
    confirmations.ask_confirmation(session, writer, now, visit, unit, ConfirmationChannel.LINK)
    assert waiting(unit).duty and waiting(unit).count == 1
    assert waiting(unit).items[0].urgency == "waiting"
    assert not waiting(unit + 10_000).items


def test_terms_that_end_within_sixty_days_are_shown_to_the_sending_unit(session, reference, build, today):
    unit = build.organisation()
    for days in (59, 61):
        commissioner = build.commissioner(sending_unit_id=unit.id)
        build.appointment(commissioner, level=Level.COUNTY, ends=today + timedelta(days=days))
    found = watching.terms_ending(session, unit.id, today)
    assert len(found.items) == 1
    assert figures.serving_from(session, unit.id, today).figures[0].value == 2


def test_what_waits_for_others_is_not_called_ones_own_work(client):
    with client.building() as build:
        build.demand(title="茶叶卷了")
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    page = client.get("/")
    assert "茶叶卷了" in page.text
    assert "眼下没有等您办的事" in page.text
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    assert "有 1 件事等您办" in client.get("/").text


def test_the_administrator_is_led_to_accounts_that_are_not_ready(client):
    client.sign_in(Role.ADMINISTRATOR, region_code=CITY)
    page = client.get("/account/all")
    client.submit(page.form("/account/all"), login="wangxia", name="王霞")
    page = client.get("/")
    assert page.text.count("用户名 wangxia") == 2  # no password, no role
    assert "件事等您办" in page.text


def test_the_trail_speaks_chinese_and_is_narrowed_by_what_it_is_about(client):
    client.sign_in(Role.AUDITOR, region_code=CITY)
    page = client.get("/trail?tag=accounts.")
    assert "已选" in page.text and "账号" in page.text
    assert "没有符合条件" in client.get("/trail?tag=visits.").text


def test_cover_on_the_first_page_is_the_maps(client):
    with client.building() as build:
        build.passed_visit()
    client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    page = client.get("/")
    assert any(f"by={CoverDefinition.VISITED.value}" in link for link in page.links)
