"""Who gets in where: every route in every role, records of another territory, writes that nobody asked for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.domain.roles import Actor, Role, system_actor
from app.features.accounts import actions as accounts
from app.features.accounts import queries
from app.features.commissioners.models import Commissioner
from app.features.organisations.models import Organisation
from app.storage.session import reading, writing
from app.web.guards import opens
from tests.conftest import NOW, TODAY
from tests.inspection import inspect
from tests.journeys.lively import City
from tests.journeys.walking import Walk
from tests.journeys.walks import STRANGER

ELSEWHERE = "350429"  # 泰宁县; the walks of the people below are in 宁化县
OF_NINGHUA = ("xiangzhen", "fenzhen", "shenhe", "xianju", "ketepai", "tuanzhang")
# What is published to everybody who may read such pages at all (decision 10), and what belongs to the reader.
SEEN_EVERYWHERE = {
    "commissioners.commissioner": "the public part of a record",
    "menus.offer": "published menus",
    "matches.demand": "open demands, without contacts",
    "matches.photo": "photos of an open demand",
    "matches.invite_to_serve": "published menus may be invited from anywhere",
    "matches.send_invitation": "the form of that page",
    "matches.answer_asking": "a county that asks the others is answered by any of them",
    "organisations.organisation": "names of villages and firms, without contacts",
    "coverage.township": "counts",
    "regions.township_lines": "a map",
    "regions.county_lines": "a map",
}
WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.I)


@pytest.fixture
def app(city: City) -> Iterator[Flask]:
    made = city.open()
    yield made
    made.extensions["ketepai"].engine.dispose()


def client(app: Flask, cookie: str | None) -> FlaskClient:
    made = app.test_client()
    if cookie:
        made.set_cookie("ketepai", cookie)
    return made


@contextmanager
def written(app: Flask) -> Iterator[set[str]]:
    """The tables that statements inside the block write to."""
    tables: set[str] = set()

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if found := WRITES.match(statement):
            tables.add(found[2])

    engine = app.extensions["ketepai"].engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield tables
    sa.event.remove(engine, "before_cursor_execute", note)


def sample(walks: dict[str, Walk]) -> dict[str, str]:
    """One path of every page that anybody walked to."""
    return {endpoint: paths[-1] for walk in walks.values() for endpoint, paths in walk.pages.items()}


def actor_in(app: Flask, cookie: str | None) -> Actor | None:
    """Who a cookie stands for."""
    held, signed = app.extensions["ketepai"], app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    with reading(held.engine, held.keyring) as session:
        row = queries.live_session(session, signed.loads(cookie)["token"], NOW) if cookie else None
        return queries.actor_of(session, row, TODAY) if row else None


def test_every_route_asks_every_role(city: City, walks: dict[str, Walk], app: Flask) -> None:
    """Whoever lacks the permission is told so by page and by form; a stranger is asked to sign in."""
    pages = sample(walks)
    forms = {endpoint: path for walk in walks.values() for endpoint, path in walk.forms.items()}
    app.config["WTF_CSRF_ENABLED"] = False
    for login, cookie in {**city.cookies, STRANGER: None}.items():
        http, found = client(app, cookie), actor_in(app, cookie)
        wanted = (403,) if found else (302, 401)
        asked = [("GET", *pair) for pair in pages.items()] + [("POST", *pair) for pair in forms.items()]
        for method, endpoint, path in asked:
            if not opens(app.view_functions[endpoint], found):
                status = http.open(path, method=method).status_code
                assert status in wanted, f"{login}: {method} {path} answers {status}"


def foreigners(app: Flask) -> dict[str, str]:
    """Session cookies of people of another county, another unit, another commissioner: role → cookie."""
    held = app.extensions["ketepai"]
    signed = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    cookies = {}
    with writing(held.engine, held.keyring) as session:
        unit = session.scalar(sa.select(Organisation.id).where(Organisation.region_code.like(f"{ELSEWHERE}%")))
        person = session.scalar(
            sa.select(Commissioner.person_id).where(Commissioner.county_code == ELSEWHERE, Commissioner.person_id > 0)
        )
        scopes = {
            **{
                role: {"region_code": ELSEWHERE}
                for role in (Role.COUNTY_TRIAGE, Role.COUNTY_REVIEWER, Role.COUNTY_HEAD)
            },
            Role.TOWNSHIP_OFFICIAL: {"region_code": f"{ELSEWHERE}100"},
            **{role: {"organisation_id": unit} for role in (Role.SENDING_CONTACT, Role.SERVED_CONTACT)},
            **{role: {"person_id": person} for role in (Role.COMMISSIONER, Role.TEAM_HEAD)},
        }
        for role, scope in scopes.items():
            account = accounts.open_account(session, system_actor("tests"), f"elsewhere-{role.value}", role.label)
            accounts.give_grant(session, system_actor("tests"), account, role, TODAY, **scope)  # type: ignore[arg-type]
            cookies[role.value] = signed.dumps({"token": accounts.sign_in(session, account, NOW, "tests", 14)})
    return cookies


def own_records(app: Flask, paths: dict[str, list[str]]) -> list[tuple[str, str]]:
    """The pages of single records among `paths`, without what everybody may see."""
    keyed = {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments & {"uid"}}
    return [(e, p) for e, some in paths.items() if e in keyed and e not in SEEN_EVERYWHERE for p in some]


def test_records_of_another_territory_do_not_exist(city: City, walks: dict[str, Walk], app: Flask) -> None:
    """404, not 403: nobody learns that a record is there. By form neither, and nothing is written."""
    app.config["WTF_CSRF_ENABLED"] = False
    gets = [pair for login in OF_NINGHUA for pair in own_records(app, walks[login].pages)]
    posts = [p for login in OF_NINGHUA for p in own_records(app, {e: [f] for e, f in walks[login].forms.items()})]
    assert len(gets) > 30 and len(posts) > 20
    for role, cookie in foreigners(app).items():
        http, found = client(app, cookie), actor_in(app, cookie)
        asked = [("GET", *pair) for pair in gets] + [("POST", *pair) for pair in posts]
        open_to = [(method, path) for method, endpoint, path in asked if opens(app.view_functions[endpoint], found)]
        with written(app) as tables:
            answers = {(method, path): http.open(path, method=method).status_code for method, path in open_to}
        assert {asked: status for asked, status in answers.items() if status != 404} == {}, role
        assert tables == set(), role


def test_looking_changes_nothing(city: City, walks: dict[str, Walk], app: Flask) -> None:
    for login, walk in walks.items():
        http = client(app, city.cookies.get(login))
        with written(app) as tables:
            for paths in walk.pages.values():
                http.get(paths[0])
        assert tables == set(), f"{login}: a GET wrote"


def test_a_form_without_its_token_changes_nothing(city: City, walks: dict[str, Walk], app: Flask) -> None:
    """A page elsewhere that sends a form in somebody's name; only what was typed is held for its writer."""
    for login, walk in walks.items():
        http = client(app, city.cookies.get(login))
        for endpoint, path in walk.forms.items():
            if getattr(app.view_functions[endpoint], "guard", "") == "link":
                continue
            with written(app) as tables:
                status = http.post(path, data={"reason": "从别处送来"}).status_code
            assert status in (303, 400, 401), f"{login}: POST {path} answers {status}"
            assert tables <= {"held_forms"}, f"{login}: POST {path} wrote {tables}"


def test_a_session_is_ended_from_another_device(city: City, app: Flask) -> None:
    held = app.extensions["ketepai"]
    signed = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    with writing(held.engine, held.keyring) as session:
        account = queries.account_by_login(session, "xiangzhen")
        assert account is not None
        stolen = client(app, signed.dumps({"token": accounts.sign_in(session, account, NOW, "别的设备", 14)}))
    assert stolen.get("/").status_code == 200
    owner = client(app, city.cookies["xiangzhen"])
    page = inspect(owner.get("/account/sessions"))
    assert "别的设备" in page.text
    for form in [f for f in page.forms if f.action.endswith("/revoke")]:
        owner.post(form.action, data=form.values)
    assert stolen.get("/").status_code == 302
    assert stolen.post("/demands/new", data={}).status_code in (400, 401)


def test_guessing_is_slowed_down(city: City, app: Flask) -> None:
    """After five failures even the right password waits a quarter of an hour; another name does not."""
    app.config["WTF_CSRF_ENABLED"] = False
    http = app.test_client()

    def tried(login: str, password: str) -> int:
        return http.post("/account/sign-in", data={"login": login, "password": password}).status_code

    assert [tried("xiangzhen", f"wrong-guess-{n}") for n in range(5)] == [422] * 5
    assert tried("xiangzhen", city.passwords["xiangzhen"]) == 429
    assert tried("fenzhen", city.passwords["fenzhen"]) == 303
    http = app.test_client()
    app.extensions["ketepai"].clock = lambda: NOW + timedelta(minutes=16)
    assert tried("xiangzhen", city.passwords["xiangzhen"]) == 303
