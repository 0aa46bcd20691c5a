"""Page objects: what a person sees and does; each method returns the page that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect


@dataclass
class Screen:
    """A page that is open in somebody's browser."""

    page: Page

    def press(self, name: str) -> None:
        """Press a button by its words and wait for what comes."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()

    def says(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()


class Door(Screen):
    def sign_in(self, address: str, login: str, password: str) -> Home:
        self.page.goto(f"{address}/account/sign-in")
        self.page.get_by_label("用户名").fill(login)
        self.page.get_by_label("密码").fill(password)
        self.press("登录")
        return Home(self.page)


class Home(Screen):
    def open_todo(self, what: str) -> Any:
        self.page.get_by_role("link", name=what).first.click()
        self.page.wait_for_load_state()
        return Demand(self.page)

    def post_demand(self, title: str, unit: str) -> Demand:
        self.follow("发布需求")
        self.page.get_by_label("遇到了什么问题").fill(title)
        self.page.get_by_label("谁需要帮助").select_option(label=unit)
        self.press("提交需求")
        return Demand(self.page)


class Demand(Screen):
    def triage(self, industry: str, need: str) -> Demand:
        self.follow("分诊")
        self.page.get_by_label("产业", exact=True).select_option(label=industry)
        self.page.get_by_label("要哪方面的帮助").select_option(label=need)
        self.press("完成分诊，开放对接")
        return self

    def invite(self, name: str) -> Demand:
        """Open the invitation of the proposal that names somebody, and send it."""
        card = self.page.locator(".proposal", has_text=name).first
        card.locator("summary", has_text="邀请").click()
        card.get_by_role("button", name="发出邀请").click()
        self.page.wait_for_load_state()
        return self

    def finish(self) -> Demand:
        self.press("服务已完成")
        return self

    def close_as_met(self) -> Demand:
        self.page.get_by_label("已解决", exact=True).check()
        self.press("办结需求")
        return self


class Match(Screen):
    def accept(self) -> Match:
        self.press("接受")
        return self

    def agree(self) -> Agreement:
        self.follow("三方协议")
        self.press("起草协议")
        return Agreement(self.page)


class Agreement(Screen):
    def file(self) -> Agreement:
        self.press("归档生效")
        return self


class Visit(Screen):
    def log(self, work: str) -> Visit:
        self.page.get_by_label("做了什么").fill(work)
        self.page.locator("form button[type=submit]", has_text="提交").first.click()
        self.page.wait_for_load_state()
        return self

    def link_for_the_village(self) -> str:
        """Ask for a confirmation by link; its address as it is sent."""
        self.page.goto(self.page.url.rstrip("/") + "/ask")
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_load_state()
        return self.page.evaluate(
            'document.documentElement.outerHTML.match(/https?:[^\\s"<]*\\/visits\\/c\\/[\\w-]+/)[0]'
        )
