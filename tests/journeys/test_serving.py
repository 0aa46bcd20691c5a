"""The server as it is really started: one person's session is never another's; a dead worker of jobs comes back, and
however the server ends, all that it started ends with it.
"""

import os
import re
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
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


def processes(folder: Path) -> dict[int, bytes]:
    """What runs over this data directory: process ids and command lines."""
    found = {}
    for told in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"KETEPAI_DATA_DIR={folder}".encode() in told.read_bytes():
                found[int(told.parent.name)] = told.with_name("cmdline").read_bytes()
        except OSError:  # it ended while we looked, or is somebody else's
            continue
    return found


def worker_of_jobs(folder: Path) -> int | None:
    """The process that serves this data directory's background jobs."""
    return next((number for number, line in processes(folder).items() if b"\0work\0" in line), None)


def seen(look: Callable[[], bool]) -> bool:
    """Whether something comes true within a minute."""
    for _ in range(300):
        if look():
            return True
        time.sleep(0.2)
    return False


def test_a_worker_of_jobs_that_dies_is_begun_again_and_ends_with_the_server(tmp_path: Path) -> None:
    with started(tmp_path):
        assert seen(lambda: worker_of_jobs(tmp_path) is not None)
        first = worker_of_jobs(tmp_path)
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert seen(lambda: worker_of_jobs(tmp_path) not in (None, first))
    assert seen(lambda: worker_of_jobs(tmp_path) is None)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGHUP])
def test_nothing_outlives_a_server_that_is_killed_or_whose_terminal_is_closed(
    tmp_path: Path, sent: signal.Signals
) -> None:
    with started(tmp_path) as (address, _):
        assert seen(lambda: worker_of_jobs(tmp_path) is not None)
        assert urllib.request.urlopen(f"{address}/account/sign-in").status == 200
        server = int((tmp_path / "pid").read_text())
        if sent is signal.SIGHUP:
            os.killpg(server, sent)  # as a terminal does
        else:
            os.kill(server, sent)
        assert seen(lambda: set(processes(tmp_path)) <= {server}), processes(tmp_path)
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", int(address.rsplit(":", 1)[1])))
