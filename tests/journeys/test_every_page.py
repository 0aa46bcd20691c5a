"""Every page, in every role: axe finds nothing, nothing scrolls sideways, focus is seen, nobody outside is asked.

Pages are those that a walk over the links of each role finds (tests/journeys/walking.py). Of all pages of all roles as
many are read in Chromium, at 360 and 1440 pixels, as hold between them whatever any page is made of
(tests/journeys/makings.py); `scripts/test --long` reads every single one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, abort
from playwright.sync_api import Browser

from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Role
from app.web.errors import PAGES
from app.web.guards import public
from tests.journeys.lively import City, copy_of
from tests.journeys.looking import Reader
from tests.journeys.serving import serving
from tests.journeys.walking import Walk
from tests.journeys.walks import STRANGER, parts

READERS = [*(role.value for role in Role), STRANGER]

# What no link of any role leads to, and why it is no page.
NOT_PAGES = {
    "static": "files of the pages themselves",
    "regions.county_lines": "the map's lines, fetched by its script",
    "regions.township_lines": "the map's cells, fetched by its script",
}
# Forms that no walk finds on a page, and why.
FORMS_ELSEWHERE = {
    "menus.understand": "sent by a script while somebody types",
}


@pytest.fixture(scope="module")
def sight(lively: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, str]]:
    """The lively city, served for everybody who only looks, and where."""
    city = copy_of(lively, tmp_path_factory.mktemp("sight") / "city")
    app = city.open()
    with serving(app) as address:
        yield city, address
    app.extensions["ketepai"].engine.dispose()


@pytest.fixture
def faulty(city: City) -> Iterator[Flask]:
    """The application with a route for each way to fail, answered by its own error pages."""
    app = city.open()
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @public("fails on purpose")
    def fail(how: str) -> str:
        if how == "rule":
            raise RuleBroken("乡镇不在本县（区），请重新选择。")
        if how == "done":
            raise AlreadyDone("这条邀请已被接受。")
        return "" if how == "0" else abort(int(how))

    app.add_url_rule("/fails/<how>", "fails", fail)
    yield app
    app.extensions["ketepai"].engine.dispose()


def of(role: str, city: City) -> str | None:
    """The log-in name of whoever acts in a role when signing in."""
    return next((login for login, roles in city.roles.items() if roles[0] == role), None)


def read(login: str, walk: Walk, wanted: list[str], sight: tuple[City, str], chromium: Browser) -> None:
    """Read pages of a walk as the person who walked there."""
    city, address = sight
    reader = Reader(chromium, address, city.cookies.get(login))
    names = {name: name.replace(" ", "-") for name in wanted}
    faults = [fault for name, path in names.items() for fault in reader.read(path, walk.answers.get(name))]
    reader.close()
    assert not faults, "\n".join(["", *faults])
    assert reader.looked == {(path, width) for path in names.values() for width in (360, 1440)}


@pytest.mark.parametrize("role", READERS)
def test_a_page_is_for_everybody(role: str, walks: dict[str, Walk], sight: tuple[City, str], chromium: Browser) -> None:
    login = of(role, sight[0]) or STRANGER
    read(login, walks[login], walks[login].chosen, sight, chromium)


@pytest.mark.long
@pytest.mark.parametrize("role", READERS)
def test_every_single_page_is_for_everybody(
    role: str, walks: dict[str, Walk], sight: tuple[City, str], chromium: Browser
) -> None:
    login = of(role, sight[0]) or STRANGER
    read(login, walks[login], list(walks[login].made), sight, chromium)


def test_nothing_on_any_page_of_any_role_is_left_unread(walks: dict[str, Walk]) -> None:
    """What the readers above have read holds every part of every page of every role, a page of every route, and
    everybody's first page."""
    made = parts(walks)
    assert {reader for reader, _ in made} == walks.keys(), "somebody has no page"
    assert all(path in walk.made for walk in walks.values() for paths in walk.pages.values() for path in paths)
    known = set().union(*(made[reader, name] for reader, walk in walks.items() for name in walk.chosen))
    assert {page: sorted(of_it - known) for page, of_it in made.items() if of_it - known} == {}


def test_the_pages_of_refusal_are_for_everybody(city: City, faulty: Flask, chromium: Browser) -> None:
    signed_in = city.cookies["xiangzhen"]
    with serving(faulty) as address:
        for cookie in (signed_in, None):
            reader = Reader(chromium, address, cookie)
            faults = [f for how in [*PAGES, "rule", "done"] for f in reader.read(f"/fails/{how}")]
            reader.close()
            own = [f for f in faults if "console: Failed to load resource" not in f]  # the status itself
            assert not own, "\n".join(["", *own])


def test_no_page_escapes(city: City, walks: dict[str, Walk]) -> None:
    """A new route is walked to by some role, or stands above with its reason."""
    reached = {endpoint for walk in walks.values() for endpoint in (*walk.pages, *walk.files)}
    posted = {endpoint for walk in walks.values() for endpoint in walk.forms}
    rules = list(city.open().url_map.iter_rules())
    shown = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    sent = {rule.endpoint for rule in rules if "POST" in (rule.methods or ())}
    assert (shown - reached) - NOT_PAGES.keys() == set(), "no role is led to these"
    assert NOT_PAGES.keys() - (shown - reached) == set(), "these are reached after all"
    assert (sent - posted) - FORMS_ELSEWHERE.keys() == set(), "no page shows a form to these"
    assert FORMS_ELSEWHERE.keys() - (sent - posted) == set(), "these are shown after all"


def test_no_link_ends_in_a_refusal(walks: dict[str, Walk]) -> None:
    broken = {f"{login}: {path}": status for login, walk in walks.items() for path, status in walk.broken.items()}
    assert broken == {}


def test_every_role_has_somebody(city: City) -> None:
    assert {roles[0] for roles in city.roles.values()} == {role.value for role in Role}
