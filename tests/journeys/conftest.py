"""A real server on loopback and a real Chromium, for journeys written with page objects."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.lively import City, copy_of, lively_city
from tests.journeys.serving import Town, serving
from tests.journeys.walking import Walk
from tests.journeys.walks import walks_of

# A page lives a second: to optimise its scripts, and axe's, for longer takes more time than it gives.
SHORT_LIVES = "--always-sparkplug --no-maglev --no-turbofan --min-semi-space-size=64"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def chromium(running_chromium: Browser) -> Iterator[Browser]:
    """The browser; whatever a test has opened in it is closed after the test, and costs the next one nothing."""
    yield running_chromium
    for context in running_chromium.contexts:
        context.close()


@pytest.fixture(scope="session")
def running_chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        words = "Chromium is not installed: apt-get install chromium (as root, ./scripts/test does it)"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as tool:
        browser = tool.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                *("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
                f"--js-flags={SHORT_LIVES}",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application of the test listens."""
    with serving(app) as listening:
        yield listening


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all test processes of this run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def lively(request: pytest.FixtureRequest, shared: Path) -> Path:
    """The lively city as it was made, walked by every role; nobody writes here."""
    return lively_city(lambda: request.getfixturevalue("sqlite_databases"), shared)


@pytest.fixture(scope="session")
def walks(lively: Path) -> dict[str, Walk]:
    """What each log-in name of the city can walk to; `nobody` is a stranger."""
    return walks_of(lively)


@pytest.fixture
def town(city: City) -> Iterator[Town]:
    """The lively city, served; people of it in browsers of their own."""
    app = city.open()
    with serving(app) as address:
        yield Town(city, app, address)
    app.extensions["ketepai"].engine.dispose()


@pytest.fixture
def city(lively: Path, tmp_path: Path) -> City:
    """A lively city of one's own."""
    return copy_of(lively, tmp_path / "city")
