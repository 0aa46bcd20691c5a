"""Starts gunicorn as an installation does (two sync workers, no preload), signs in, asks, and weighs workers."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness import FOLDER, ROOT

READY_SECONDS = 60
COOKIE = re.compile(r"ketepai=([^;]+)")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    seconds: float


@dataclass
class Client:
    """One person's browser over loopback; a connection for each request, as sync workers want it."""

    port: int
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, form: dict[str, str] | None = None) -> Answer:
        """The answer and the time from connecting to the last byte."""
        headers = dict(self.headers)
        if self.cookie:
            headers["Cookie"] = f"ketepai={self.cookie}"
        body = urllib.parse.urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("POST" if form is not None else "GET", path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        spent = time.perf_counter() - begun
        for name, value in response.getheaders():
            if name.lower() == "set-cookie" and (found := COOKIE.search(value)):
                self.cookie = found.group(1)
        return Answer(response.status, content.decode("utf-8", "replace"), spent)

    def sign_in(self, login: str, password: str) -> "Client":
        self.send("/account/sign-in", {"login": login, "password": password}, wanted=(302, 303))
        return self

    def send(self, path: str, values: dict[str, str], wanted: tuple[int, ...], action: str = "") -> Answer:
        """Open a form, send it (to `action`, or back) with its token; fails where the answer is not one wanted."""
        found = TOKEN.search(self.ask(path).text)
        if found is None:
            raise RuntimeError(f"no form at {path}")
        answer = self.ask(action or path, {"csrf_token": found.group(1), **values})
        if answer.status not in wanted:
            raise RuntimeError(f"{action or path} answered {answer.status}")
        return answer


def wait_until_ready(port: int, process: subprocess.Popen[bytes], begun: float) -> float:
    """Seconds from `begun` until the door opens."""
    while time.perf_counter() - begun < READY_SECONDS:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            if Client(port).ask("/account/sign-in").status == 200:
                return time.perf_counter() - begun
        time.sleep(0.02)
    raise RuntimeError("the server did not answer")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def gunicorn(environment: dict[str, str], log: Path, workers: int = 2) -> Iterator[tuple[int, int]]:
    """(port, process id of the master) of a server that ends with the block; what it says goes to `log`."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--workers", str(workers), "--worker-class", "sync", "--timeout", "120",
        "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--chdir", str(ROOT),
        "--pythonpath", str(FOLDER), "harness.rival:application",
    ]  # fmt: skip
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=out, stderr=out)
    try:
        wait_until_ready(port, process, time.perf_counter())
        yield port, process.pid
    finally:
        stop(process)


def start_seconds(environment: dict[str, str]) -> float:
    """From calling ./scripts/serve to its first page; the server is ended again."""
    port, begun = free_port(), time.perf_counter()
    process = subprocess.Popen(
        ["./scripts/serve"], cwd=ROOT, env={**os.environ, **environment, "KETEPAI_PORT": str(port)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return wait_until_ready(port, process, begun)
    finally:
        stop(process)


def workers_of(master: int) -> list[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii")
    return [int(text) for text in children.split()]


def processor_seconds(master: int) -> float:
    """What the workers have used of the processor so far, in user and system mode; counted in steps of 10 ms."""
    spent = 0
    for worker in workers_of(master):
        # The command's name stands in brackets and may hold anything; user and system time are the 12th and 13th
        # values behind it.
        values = Path(f"/proc/{worker}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        spent += int(values[11]) + int(values[12])
    return spent / os.sysconf("SC_CLK_TCK")


def proportional_megabytes(process: int) -> float:
    """PSS: own pages, and of pages shared with other processes the share of this one."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    assert found is not None
    return int(found.group(1)) / 1024
