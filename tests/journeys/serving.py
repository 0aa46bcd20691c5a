"""Real servers on loopback: in a thread of the test, or started as people start one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.journeys.lively import City
from tests.journeys.pages import Door, Home, Screen

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Where the application listens while the block runs."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def started(folder: Path, **environ: str) -> Iterator[tuple[str, str]]:
    """`serve` over a data directory with one worker: its address, and what it printed.

    In a process group of its own, as under a terminal; its process id is noted in `folder / "pid"`.
    """
    port = 18_000 + os.getpid() % 10_000
    given = {**os.environ, "KETEPAI_DATA_DIR": str(folder), "KETEPAI_PORT": str(port), **environ}
    command = [sys.executable, "-m", "flask", "--app", "app", "serve", "--empty", "--workers", "1"]
    with (folder / "log").open("w") as log:
        # Tests that were started under nohup hand an ignored hang-up on; the server's own start is not under it.
        inherited = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=subprocess.STDOUT, process_group=0)
        signal.signal(signal.SIGHUP, inherited)
        (folder / "pid").write_text(str(process.pid))
        try:
            _wait_for(process, folder / "log")
            yield f"http://127.0.0.1:{port}", (folder / "log").read_text()
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server says how it is stopped, or has stopped by itself."""
    for _ in range(600):
        if "Ctrl-C" in log.read_text() or process.poll() is not None:
            return
        time.sleep(0.2)


@dataclass
class Town:
    """The lively city with a server; `browser_of` is somebody of it who has signed in."""

    city: City
    app: Flask
    address: str

    def browser_of(self, chromium: Browser, login: str | None, path: str = "/", *, scripts: bool = True) -> Screen:
        context = chromium.new_context(
            viewport={"width": 360, "height": 780}, locale="zh-CN", java_script_enabled=scripts
        )
        context.set_default_timeout(60_000)
        if login:
            context.add_cookies([{"name": "ketepai", "value": self.city.cookies[login], "url": self.address}])
        screen = Screen(context.new_page())
        screen.go(self.address + path)
        return screen

    def sign_in_again(self, screen: Screen, login: str) -> Home:
        return screen.as_(Door).sign_in_here(login, self.city.passwords[login])
