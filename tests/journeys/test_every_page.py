"""Every page, in every role: axe finds nothing, nothing scrolls sideways, focus is seen, nobody outside is asked.

Pages are those that a walk over the links of each role finds (tests/journeys/walking.py). Of each route, whatever is
made of something new is read in Chromium at 360 and 1440 pixels; `scripts/test --long` reads every page of every role.
"""

from collections.abc import Iterator

import pytest
from flask import Flask, abort
from playwright.sync_api import Browser

from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Role
from app.web.errors import PAGES
from app.web.guards import public
from tests.journeys.lively import City
from tests.journeys.looking import Reader
from tests.journeys.serving import serving
from tests.journeys.walking import Walk
from tests.journeys.walks import STRANGER

pytestmark = pytest.mark.long  # every page of every role takes minutes; it joins the short run when it is quicker

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
    "plans.retry": "on a plan whose computation failed",
    "vocabulary.leave_out_concept": "on a concept that the vocabulary holds; the walk opens the form of a new one",
    "vocabulary.adopt_weights": "beside weights that a command has proposed",
    "vocabulary.drop_weights": "beside weights that a command has proposed",
    "matches.settle": "on a demand that wants several people and has one",
    "matches.answer_asking": "on a demand that another county was asked about",
    "matches.invite_named": "on a demand for which another county has named somebody",
}


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


def read(reader: Reader, walk: Walk, wanted: list[str]) -> list[str]:
    faults: list[str] = []
    for name in wanted:
        faults += reader.read(name.replace(" ", "-"), walk.answers.get(name))
    return faults


@pytest.mark.parametrize("role", READERS)
def test_a_page_is_for_everybody(role: str, city: City, walks: dict[str, Walk], chromium: Browser) -> None:
    login = of(role, city) or STRANGER
    walk = walks[login]
    assert walk.pages, f"{role} has no page"
    with serving(city.open()) as address:
        reader = Reader(chromium, address, city.cookies.get(login))
        faults = read(reader, walk, list(dict.fromkeys(["/", *walk.fresh])))
        reader.close()
    assert not faults, "\n".join(["", *faults])


@pytest.mark.long
@pytest.mark.parametrize("role", READERS)
def test_every_single_page_is_for_everybody(role: str, city: City, walks: dict[str, Walk], chromium: Browser) -> None:
    login = of(role, city) or STRANGER
    walk = walks[login]
    with serving(city.open()) as address:
        reader = Reader(chromium, address, city.cookies.get(login))
        faults = read(reader, walk, [*(p for paths in walk.pages.values() for p in paths), *walk.answers])
        reader.close()
    assert not faults, "\n".join(["", *faults])


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
