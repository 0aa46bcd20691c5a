"""A browser without JavaScript for page tests: signs in, follows, fills forms, and inspects every page it opens."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.domain.roles import Actor, Role, system_actor, takes_territory
from app.features.accounts import actions as accounts
from app.storage.session import writing
from app.web.platform import Platform
from tests.builders import CITY, COUNTY, TOWNSHIP, Builder
from tests.inspection import Form, Page, inspect

TODAY = date(2026, 6, 1)


class Browser:
    """One person's browser. `get` and `submit` return inspected pages."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.platform: Platform = app.extensions["ketepai"]
        self.http = app.test_client()

    def sign_in(self, role: Role, **scope: Any) -> Actor:
        """Sign in as somebody with one grant (scope: region_code, organisation_id or person_id)."""
        scope = scope or {"region_code": next(c for c in (CITY, COUNTY, TOWNSHIP) if takes_territory(role, c))}
        login = f"{role.value}-{next(_numbers)}"
        with writing(self.platform.engine, self.platform.keyring) as session:
            account = accounts.open_account(session, system_actor("tests"), login, f"{role.label}甲")
            grant = accounts.give_grant(session, system_actor("tests"), account, role, TODAY, **scope)
            token = accounts.sign_in(session, account, self.platform.clock(), "tests", 14)
            made = Actor(account.id, account.name, role, grant.id)
        with self.http.session_transaction() as cookie:
            cookie["token"] = token
        return made

    def building(self):
        """`with browser.building() as build:` makes rows that stay."""
        numbers = self.app.extensions.setdefault("tests_numbers", _count())
        return _Building(self.platform, numbers)

    def get(self, path: str, status: int = 200) -> Page:
        return self._page(self.http.get(path), status)

    def submit(self, form: Form, status: int | None = None, **values: Any) -> Page:
        """Send a form of the last page with some fields changed; follows the answer's redirect."""
        data: dict[str, Any] = {**form.values, **values}
        response = self.http.open(form.action, method=form.method.upper(), data=data)
        if status is None and response.status_code in (302, 303):
            return self.get(response.headers["Location"])
        return self._page(response, status or 200)

    def post(self, path: str, status: int, **data: Any) -> Page:
        """A bare POST, without any page behind it."""
        return self._page(self.http.post(path, data=data), status)

    def _page(self, response: TestResponse, status: int) -> Page:
        while response.status_code in (302, 303) and status == 200:
            response = self.http.get(response.headers["Location"])
        assert response.status_code == status, f"{response.request.path}: {response.status_code}, expected {status}"
        return inspect(response)


class _Building:
    def __init__(self, platform: Platform, numbers: Iterator[int]) -> None:
        self.numbers = numbers
        self.context = writing(platform.engine, platform.keyring)
        self.now = platform.clock()

    def __enter__(self) -> Builder:
        return Builder(self.context.__enter__(), TODAY, self.now, self.numbers)

    def __exit__(self, *error: Any) -> Any:
        return self.context.__exit__(*error)


def _count() -> Iterator[int]:
    n = 0
    while True:
        n += 1
        yield n


_numbers = _count()
