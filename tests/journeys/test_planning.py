"""An officer rejects one proposal with a word and invites another; a planner compares two plans and publishes one."""

from flask import Flask
from playwright.sync_api import Browser, expect

from app.domain.matches import Verdict
from app.domain.roles import Role
from app.features.matches.models import Match, ProposalDecision
from app.jobs import worker
from app.storage.session import reading
from tests.browser import Browser as PlainBrowser
from tests.builders import COUNTY
from tests.journeys.pages import Demand, Door, Plans
from tests.journeys.test_chain import PASSWORD, give_account

TITLE = "茶树叶子发黄卷起来"


def test_an_officer_decides_on_proposals_and_a_planner_on_plans(app: Flask, address: str, chromium: Browser) -> None:
    with PlainBrowser(app).building() as build:
        for name, dish in (("林春生", "茶园冬季管护与病虫害防治"), ("陈茶师", "茶树病虫害绿色防控")):
            build.offer(build.appointment(build.commissioner(name=name)).commissioner, title=dish)
        demand = build.open_demand(title=TITLE)
        build.open_demand(title="茶园要修剪")
    give_account(app, "xianju", Role.COUNTY_HEAD, region_code=COUNTY)

    page = chromium.new_page()
    Door(page).sign_in(address, "xianju", PASSWORD)
    page.goto(f"{address}/matches/demands/{demand.uid}")
    officer = Demand(page)
    officer.says("县级")
    officer.set_aside("陈茶师", "今年不在本县").invite("林春生")
    officer.says("已邀请林春生")
    expect(page.locator(".proposal", has_text="陈茶师")).to_have_count(0)

    planner = Plans(page)
    for title, mode in (("先匹配", "总体匹配最优"), ("先覆盖", "全覆盖优先")):
        planner.make(address, title, mode)
    while worker.work_once(app.extensions["ketepai"]):
        pass
    planner.compare(address, "先匹配", "先覆盖")
    expect(page.locator("figure.coverage-map")).to_have_count(2)
    expect(page.locator("figure.coverage-map path.coverage-shape").first).to_be_attached()
    planner.says("排得不一样的人")
    planner.open("先匹配").publish()
    planner.says("份邀请")

    held = app.extensions["ketepai"]
    with reading(held.engine, held.keyring) as session:
        told = {row.verdict: row.words for row in session.query(ProposalDecision)}
        assert told == {Verdict.SET_ASIDE: "今年不在本县", Verdict.INVITED: None}
        assert any("派驻方案“先匹配”" in (row.reasons or "") for row in session.query(Match))
    page.close()
