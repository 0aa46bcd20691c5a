"""The server as it is really started: one person's session is never another's."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(tmp_path: Path):
    """A fresh installation served by one worker: its address and what it printed."""
    port = 18_000 + os.getpid() % 10_000
    environ = {**os.environ, "KETEPAI_DATA_DIR": str(tmp_path), "KETEPAI_PORT": str(port)}
    command = [sys.executable, "-m", "flask", "--app", "app", "serve", "--empty", "--workers", "1"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            if "set-up/" in (tmp_path / "log").read_text() and "Ctrl-C" in (tmp_path / "log").read_text():
                break
            time.sleep(0.2)
        yield address, (tmp_path / "log").read_text()
        process.terminate()
        process.wait(20)


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
