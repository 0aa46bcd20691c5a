"""The server as it is really started: one person's session is never another's."""

import re
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.journeys.serving import started


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A fresh installation served by one worker: its address and what it printed."""
    with started(tmp_path) as told:
        yield told


def browser() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def send(person: urllib.request.OpenerDirector, address: str, **fields: str) -> str:
    """Open a page with a form, fill it and send it; the page that follows."""
    html = person.open(address).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert token is not None
    return person.open(address, urlencode({"csrf_token": token[1], **fields}).encode()).read().decode()


def test_a_stranger_is_asked_to_sign_in_after_somebody_has_signed_in(served: tuple[str, str]) -> None:
    address, printed = served
    link = re.search(r"http://\S+/account/set-up/\S+", printed)
    assert link is not None, printed
    administrator, stranger = browser(), browser()
    send(administrator, link[0], new_password="correct-horse-9", repeat="correct-horse-9")
    page = send(administrator, f"{address}/account/sign-in", login="admin", password="correct-horse-9")
    assert "系统管理员" in page
    for _ in range(3):
        assert stranger.open(f"{address}/").geturl().startswith(f"{address}/account/sign-in")
