"""Page objects: what a person sees and does; each method returns the page that follows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.journeys.hands import Hand, Mouse

CONFIRMATION = re.compile(r"https?:[^\s\"<]*/visits/c/[\w-]+")


@dataclass
class Screen:
    """A page that is open in somebody's browser."""

    page: Page
    hand: Hand = field(default_factory=Mouse)

    def as_(self, kind: type[Any]) -> Any:
        """The same screen as another page object."""
        return kind(self.page, self.hand)

    def go(self, address: str) -> None:
        self.page.goto(address)

    def press(self, name: str) -> None:
        """Press a button by its words and wait for what comes."""
        self._leave(self.page.get_by_role("button", name=name, exact=True).first)

    def follow(self, name: str) -> None:
        self._leave(self.page.get_by_role("link", name=name).first)

    def _leave(self, target: Locator) -> None:
        with self.page.expect_navigation():
            self.hand.press(target)

    def fill(self, label: str, text: str) -> None:
        self.hand.write(self.page.get_by_label(label).first, text)

    def choose(self, label: str, words: str) -> None:
        self.hand.choose(self.page.get_by_label(label, exact=True).first, words)

    def says(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def holds(self, label: str, text: str) -> None:
        """A field still has what was typed."""
        expect(self.page.get_by_label(label).first).to_have_value(text)


class Door(Screen):
    def sign_in(self, address: str, login: str, password: str) -> Home:
        self.go(f"{address}/account/sign-in")
        return self.sign_in_here(login, password)

    def sign_in_here(self, login: str, password: str) -> Home:
        self.fill("用户名", login)
        self.fill("密码", password)
        self.press("登录")
        return self.as_(Home)


class Home(Screen):
    def open_todo(self, what: str) -> Any:
        self.follow(what)
        return self.as_(Demand)

    def post_demand(self, title: str, unit: str) -> Demand:
        self.follow("发布需求")
        self.fill("遇到了什么问题", title)
        self.hand.choose(self.page.get_by_label("谁需要帮助"), unit)
        self.press("提交需求")
        return self.as_(Demand)


class Demand(Screen):
    def triage(self, industry: str, need: str) -> Demand:
        self.follow("分诊")
        self.choose("产业", industry)
        self.hand.choose(self.page.get_by_label("要哪方面的帮助"), need)
        self.press("完成分诊，开放对接")
        return self

    def invite(self, name: str) -> Demand:
        """Open the invitation of the proposal that names somebody, and send it."""
        card = self.page.locator(".proposal", has_text=name).first
        self.hand.press(card.locator("summary", has_text="邀请"))
        self._leave(card.get_by_role("button", name="发出邀请"))
        return self

    def set_aside(self, name: str, why: str) -> Demand:
        """Say of a proposal that it does not suit, with a word."""
        card = self.page.locator(".proposal", has_text=name).first
        card.locator("summary", has_text="不合适").click()
        card.get_by_label("为什么不合适").fill(why)
        card.get_by_role("button", name="标记为不合适").click()
        self.page.wait_for_load_state()
        return self

    def finish(self) -> Demand:
        self.press("服务已完成")
        return self

    def close_as_met(self) -> Demand:
        self.hand.tick(self.page.get_by_label("已解决", exact=True))
        self.press("办结需求")
        return self


class Match(Screen):
    def accept(self) -> Match:
        self.press("接受")
        return self

    def agree(self) -> Agreement:
        self.follow("三方协议")
        self.press("起草协议")
        return self.as_(Agreement)


class Agreement(Screen):
    def file(self) -> Agreement:
        self.press("归档生效")
        return self


class Visit(Screen):
    def log(self, work: str) -> Visit:
        self.fill("做了什么", work)
        self.press("提交审核")
        return self

    def link_for_the_village(self) -> str:
        """Ask for a confirmation by link; its address as it is sent."""
        self.go(self.page.url.rstrip("/") + "/ask")
        self._leave(self.page.locator("main form button[type=submit]").first)
        found = CONFIRMATION.search(self.page.content())
        assert found is not None, "the page shows no link for the village"
        return found[0]


class Plans(Screen):
    def make(self, address: str, title: str, mode: str) -> Plans:
        self.page.goto(f"{address}/plans/new")
        self.page.get_by_label("方案名称").fill(title)
        self.page.get_by_label(mode, exact=True).check()
        self.press("开始计算")
        return self

    def compare(self, address: str, *titles: str) -> Plans:
        self.page.goto(f"{address}/plans/")
        for title in titles:
            self.page.get_by_label(f"选中{title}").check()
        self.press("比较选中的方案")
        return self

    def open(self, title: str) -> Plans:
        self.follow(title)
        return self

    def publish(self) -> Plans:
        self.page.locator("summary", has_text="发布方案").click()
        self.press("发出邀请")
        return self
