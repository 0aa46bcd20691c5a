"""The whole job, with real clicks: from a village's demand to the bureau's map and year-end tally."""

from datetime import date

from flask import Flask
from playwright.sync_api import Browser

from app.domain.calendar import years
from app.domain.coverage import summaries
from app.domain.roles import Role, system_actor
from app.domain.tallies import Question
from app.features.accounts import actions as accounts
from app.features.coverage import queries as coverage
from app.features.tallies import queries as tallies
from app.storage.session import reading, writing
from tests.browser import Browser as PlainBrowser
from tests.builders import CITY, COUNTY, TOWNSHIP
from tests.journeys.pages import Agreement, Demand, Door, Match, Screen, Visit

TODAY = date(2026, 6, 1)
PASSWORD = "long-enough-1"
TITLE = "茶树叶子发黄卷起来"


def give_account(app: Flask, login: str, role: Role, **scope: object) -> None:
    held = app.extensions["ketepai"]
    with writing(held.engine, held.keyring) as session:
        account = accounts.open_account(session, system_actor("tests"), login, login)
        accounts.set_password(session, system_actor("tests"), account, PASSWORD)
        accounts.give_grant(session, system_actor("tests"), account, role, TODAY, **scope)  # type: ignore[arg-type]


def figures(app: Flask) -> dict[str, int]:
    """What the map and the tally say now."""
    held = app.extensions["ketepai"]
    with reading(held.engine, held.keyring) as session:
        cover = coverage.cover(session, period=years(2026, 2026), today=TODAY, territory=CITY)
        tally = tallies.tally(session, Question(2026, 2026, CITY), TODAY).totals
    here = next(t for t in cover if t.code == TOWNSHIP)
    return {
        "visits": tally.service.visits,
        "confirmed": tally.service.confirmed_visits,
        "demands met": tally.service.demands_met,
        "visits here": here.visits,
        "townships visited": next(s.covered for s in summaries(cover) if s.definition.value == "visited"),
        "townships confirmed": next(s.covered for s in summaries(cover) if s.definition.value == "confirmed"),
    }


def test_from_a_villages_demand_to_the_year_end_tally(app: Flask, address: str, chromium: Browser) -> None:
    with PlainBrowser(app).building() as build:
        appointment = build.appointment(build.commissioner(name="林春生"))
        build.offer(appointment.commissioner)
        build.organisation(name="上云村")
        person_id = appointment.commissioner.person_id
    give_account(app, "xiangzhen", Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    give_account(app, "xianju", Role.COUNTY_HEAD, region_code=COUNTY)
    give_account(app, "lin", Role.COMMISSIONER, person_id=person_id)
    before = figures(app)

    def person(login: str) -> Screen:
        context = chromium.new_context(viewport={"width": 360, "height": 780}, locale="zh-CN")
        context.set_default_timeout(10_000)
        return Door(context.new_page()).sign_in(address, login, PASSWORD)

    township, bureau, expert = person("xiangzhen"), person("xianju"), person("lin")
    township.post_demand(TITLE, "上云村").says("需求已提交")
    bureau.page.reload()
    demand: Demand = bureau.open_todo(TITLE)
    demand.triage("特色现代农业", "病虫害防治").invite("林春生").says("已邀请林春生")

    expert.page.reload()
    expert.open_todo(TITLE)
    match = Match(expert.page)
    match.accept().says("已接受")
    match.agree()
    Agreement(expert.page).file().says("协议已归档")
    expert.page.goto(f"{address}/")
    expert.open_todo(TITLE)
    visit = Visit(expert.page)
    visit.log("查看茶园，教修剪和清园")
    visit.says("已提交")
    link = visit.link_for_the_village()

    village = Screen(chromium.new_context(java_script_enabled=False).new_page())
    village.page.goto(link)
    village.says("林春生")
    village.press("确认属实")
    village.says("谢谢")

    assert figures(app) == before, "nothing counts before the county has passed it"
    bureau.page.goto(f"{address}/visits/review")
    bureau.follow("查看茶园")
    bureau.press("通过")
    bureau.page.goto(f"{address}/demands/")
    bureau.open_todo(TITLE).finish().close_as_met().says("已办结")

    assert figures(app) == {name: count + 1 for name, count in before.items()}
