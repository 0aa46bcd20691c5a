"""200 MB: told in the browser before anything is sent; the server as it is started answers in Chinese, unbroken."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.journeys.lively import City
from tests.journeys.pages import Door, Screen
from tests.journeys.serving import Town, started

LARGE = 200 * 1024 * 1024
CHUNK = b"x" * 1024 * 1024


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of 200 MB that takes no room."""
    path = tmp_path / "名册.xlsx"
    with path.open("wb") as file:
        file.truncate(LARGE)
    return path


@pytest.fixture
def started_city(city: City) -> Iterator[str]:
    """The lively city behind the server that people start."""
    with started(city.folder, KETEPAI_DATABASE_URL=f"sqlite:///{city.folder / 'city.db'}") as (address, _):
        yield address


def test_the_browser_tells_before_it_sends(town: Town, large: Path, chromium: Browser) -> None:
    screen = town.browser_of(chromium, "xianju", "/rosters/new")
    sent: list[str] = []
    screen.page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    screen.page.get_by_label("名册工作簿").set_input_files(large)
    screen.says("有 200 MB，超过了 20 MB 的上限")
    screen.fill("选认文号", "宁科〔2026〕3号")
    screen.page.get_by_role("button", name="上传并核对").click()
    screen.page.wait_for_timeout(300)
    assert sent == []
    assert screen.page.evaluate("document.activeElement.id") == "workbook"
    screen.holds("选认文号", "宁科〔2026〕3号")


def test_without_javascript_the_server_says_it(city: City, started_city: str, large: Path, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(60_000)
    screen = Screen(context.new_page())
    screen.as_(Door).sign_in(started_city, "xianju", city.passwords["xianju"])
    screen.go(f"{started_city}/rosters/new")
    screen.page.get_by_label("名册工作簿").set_input_files(large)
    screen.press("上传并核对")
    assert "太大" in screen.page.locator("h1").inner_text()
    assert "MB" in screen.page.locator("main").inner_text()
    _by_hand(started_city)


def _by_hand(address: str) -> None:
    """Whoever sends with another program reads the same page, on a connection that was not broken."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.putrequest("POST", "/account/sign-in")
    connection.putheader("Content-Length", str(LARGE))
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.endheaders()
    for _ in range(LARGE // len(CHUNK)):
        connection.send(CHUNK)
    answer = connection.getresponse()
    assert answer.status == 413
    assert "太大" in answer.read().decode()
    connection.close()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/nowhere")
    assert refused.value.code == 404, "the worker serves on"
    refused.value.close()
