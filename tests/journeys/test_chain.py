"""The whole job in the browser: from a village's demand to the bureau's map and year-end tally.

Walked with the mouse on both databases, with the keyboard alone, and without JavaScript.
"""

from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.domain.roles import Role, system_actor
from app.features.accounts import actions as accounts
from app.storage.session import writing
from tests.browser import Browser as PlainBrowser
from tests.builders import COUNTY, TOWNSHIP
from tests.journeys import figures
from tests.journeys.hands import Hand, Keyboard, Mouse
from tests.journeys.pages import Agreement, Demand, Door, Home, Match, Screen, Visit
from tests.journeys.serving import serving

TODAY = date(2026, 6, 1)
PASSWORD = "long-enough-1"
TITLE = "茶树叶子发黄卷起来"


@dataclass
class People:
    """Everybody of the chain, each in a browser of one's own."""

    chromium: Browser
    address: str
    hand: Hand
    scripts: bool = True

    def screen(self) -> Screen:
        context = self.chromium.new_context(
            viewport={"width": 360, "height": 780}, locale="zh-CN", java_script_enabled=self.scripts
        )
        context.set_default_timeout(60_000)
        return Screen(context.new_page(), self.hand)

    def signed_in(self, login: str) -> Home:
        return self.screen().as_(Door).sign_in(self.address, login, PASSWORD)


def give_account(app: Flask, login: str, role: Role, **scope: object) -> None:
    held = app.extensions["ketepai"]
    with writing(held.engine, held.keyring) as session:
        account = accounts.open_account(session, system_actor("tests"), login, login)
        accounts.set_password(session, system_actor("tests"), account, PASSWORD)
        accounts.give_grant(session, system_actor("tests"), account, role, TODAY, **scope)  # type: ignore[arg-type]


def cast(app: Flask) -> None:
    """An expert with a menu, a village, and an account for each who acts."""
    with PlainBrowser(app).building() as build:
        appointment = build.appointment(build.commissioner(name="林春生"))
        build.offer(appointment.commissioner)
        build.organisation(name="上云村")
        person_id = appointment.commissioner.person_id
    give_account(app, "xiangzhen", Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    give_account(app, "xianju", Role.COUNTY_HEAD, region_code=COUNTY)
    give_account(app, "lin", Role.COMMISSIONER, person_id=person_id)


def all_figures(app: Flask, bureau: Screen, address: str) -> dict[str, dict[str, int]]:
    return {
        "map": figures.of_the_map(bureau.page, address, TOWNSHIP),
        "tally page": figures.of_the_tally_page(bureau.page, address),
        "tally command": figures.of_the_command(app),
    }


def find_somebody(people: People, bureau: Home) -> Screen:
    """Posted by the township, triaged and matched by the bureau, accepted by the expert, put on file."""
    people.signed_in("xiangzhen").post_demand(TITLE, "上云村").says("需求已提交")
    bureau.go(f"{people.address}/")
    demand: Demand = bureau.open_todo(TITLE)
    demand.triage("特色现代农业", "病虫害防治").invite("林春生").says("已邀请林春生")
    expert = people.signed_in("lin")
    expert.open_todo(TITLE)
    match: Match = expert.as_(Match)
    match.accept().says("已接受")
    agreement: Agreement = match.agree()
    agreement.file().says("协议已归档")
    return expert


def serve(people: People, expert: Screen) -> None:
    """Logged by the expert, confirmed by the village: a link on a phone without account or JavaScript."""
    expert.go(f"{people.address}/")
    expert.as_(Home).open_todo(TITLE)
    visit: Visit = expert.as_(Visit)
    visit.log("查看茶园，教修剪和清园").says("已提交")
    link = visit.link_for_the_village()
    village = Screen(people.chromium.new_context(java_script_enabled=False).new_page(), people.hand)
    village.go(link)
    village.says("林春生")
    village.press("确认属实")
    village.says("谢谢")


def count_it(people: People, bureau: Screen) -> None:
    """Passed by the county, and the demand closed as met."""
    bureau.go(f"{people.address}/visits/review")
    bureau.follow("查看茶园")
    bureau.press("通过")
    bureau.go(f"{people.address}/demands/")
    demand: Demand = bureau.as_(Home).open_todo(TITLE)
    demand.finish().close_as_met().says("已办结")


def walk(app: Flask, people: People) -> None:
    cast(app)
    bureau = people.signed_in("xianju")
    before = all_figures(app, bureau, people.address)
    serve(people, find_somebody(people, bureau))
    assert all_figures(app, bureau, people.address) == before, "nothing counts before the county has passed it"
    count_it(people, bureau)
    after = all_figures(app, bureau, people.address)
    moved = {told: {name: after[told][name] - n for name, n in values.items()} for told, values in before.items()}
    once = {told: dict.fromkeys(values, 1) for told, values in before.items()}
    assert moved == once, "one visit, one demand, one township, everywhere the same"


def test_from_a_villages_demand_to_the_year_end_tally(app_on_both: Flask, chromium: Browser) -> None:
    with serving(app_on_both) as address:
        walk(app_on_both, People(chromium, address, Mouse()))


@pytest.mark.parametrize(("hand", "scripts"), [(Keyboard(), True), (Mouse(), False)], ids=["keyboard", "no JavaScript"])
def test_the_same_by_keyboard_alone_and_without_javascript(
    hand: Hand, scripts: bool, app: Flask, address: str, chromium: Browser
) -> None:
    walk(app, People(chromium, address, hand, scripts))
