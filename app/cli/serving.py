"""`serve`: one process that prepares the database, says where it listens and who may sign in, then serves.

gunicorn forks its workers from the prepared application, so that they share its memory. Whatever ends this process, be
it SIGKILL or the closing of its terminal, ends all that it started.
"""

import contextvars
import ctypes.util
import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.preparing import prepare_installation
from app.jobs.lifeline import end_with
from app.web.platform import Platform, platform
from config import ROOT, Settings

# New objects between two looks for unreachable ones. Python's 700 come together several times a request, and every
# twentieth request would then wait a tenth of a second while everything that a worker holds is looked through.
LOOK_FOR_GARBAGE_EVERY = 10_000
# Seconds before a dead worker of jobs is begun again, so that one that cannot start does not keep the machine busy.
WORKER_PAUSE = 5.0


@click.command("serve")
@click.option("--empty", is_flag=True, help="a real installation: no demonstration data")
@click.option("--workers", default=2, show_default=True, help="gunicorn workers")
@with_appcontext
def serve(empty: bool, workers: int) -> None:
    """Prepare the installation and serve it."""
    lines = prepare_installation(platform(), empty=empty, say=click.echo)
    if (platform().settings.data_dir / "demonstration.json").exists() != platform().settings.demonstration:
        _restart_settings(platform())
    lines += _missing_parts()
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    platform().engine.dispose()
    _run(application, platform().settings, workers, lines)


def _restart_settings(held: Platform) -> None:
    """After the first start has loaded demonstration data, the pages must say so at once."""
    from dataclasses import replace

    held.settings = replace(held.settings, demonstration=held.settings.demonstration_mark.exists())


def _run(application: Flask, settings: Settings, workers: int, lines: list[str]) -> None:
    from gunicorn.app.base import BaseApplication

    chosen = {
        "bind": f"{settings.host}:{settings.port}",
        "workers": workers,
        "preload_app": True,
        "timeout": 120,
        "graceful_timeout": 10,
        "loglevel": "warning",
        "limit_request_line": 8190,
        **_moments(application, settings, lines),
    }

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in chosen.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return application

    settle()
    # The command stands in an application context, and a request would share its `g` with every other request: workers
    # begin in a fresh context, so that nobody is ever taken for somebody else.
    with _worker():
        contextvars.Context().run(Server().run)


def _moments(application: Flask, settings: Settings, lines: list[str]) -> dict[str, Any]:
    """What is done when the server is ready and when it has begun a web worker."""
    address = settings.public_address or f"http://{settings.host}:{settings.port}"
    outlives_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # as nohup asks

    def ready(server: Any) -> None:
        # gunicorn would begin its workers anew at a hang-up; whoever closes the terminal means to stop.
        signal.signal(signal.SIGHUP, signal.SIG_IGN if outlives_terminal else _stop)
        for line in ["", f"科特派已启动：{address}", *lines, "停止：按 Ctrl-C"]:
            click.echo(line)
        _prepare_matching()

    def forked(server: Any, worker: Any) -> None:
        application.extensions["ketepai"].engine.dispose(close=False)
        end_with(worker.ppid)

    def worker_ready(worker: Any) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the server is told too, and lets requests be answered

    return {"when_ready": ready, "post_fork": forked, "post_worker_init": worker_ready}


def _stop(number: int, frame: Any) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def settle() -> None:
    """What stands now stays: the collector passes it over, so that it stalls no request and copies no shared memory."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOK_FOR_GARBAGE_EVERY)


@contextmanager
def _worker() -> Iterator[None]:
    """One process for background jobs beside the web workers, begun again when it dies; it ends with the server."""
    server, ending = os.getpid(), threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not ending.is_set():
            running[:] = [subprocess.Popen(_command("work"), cwd=ROOT)]
            running[0].wait()
            ending.wait(WORKER_PAUSE)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        if os.getpid() == server:  # a forked web worker that ends leaves it alone
            ending.set()
            for process in running:
                process.terminate()
            keeper.join(timeout=30)


def _prepare_matching() -> None:
    """Make the matching index in a process of its own, behind everybody who works: the start does not wait for it.

    What it says and whether it succeeds matters to nobody: a worker makes at its first suggestion what is missing.
    """
    quiet, low = subprocess.DEVNULL, lambda: os.nice(15)
    subprocess.Popen(_command("prepare-matching"), cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet, preexec_fn=low)


def _command(name: str) -> list[str]:
    """A command that ends with this process."""
    return [sys.executable, "-m", "flask", "--app", "app", name, "--ends-with", str(os.getpid())]


def _missing_parts() -> list[str]:
    """What only PDF output needs, with its apt line; everything else works without it."""
    missing = []
    if not ctypes.util.find_library("pangoft2-1.0"):
        missing.append("libpango-1.0-0 libpangoft2-1.0-0")
    if not _chinese_font():
        missing.append("fonts-wqy-microhei")
    return (
        [f"提示：PDF 输出还缺组件，可执行 apt-get install {' '.join(missing)}；其他功能不受影响。"] if missing else []
    )


def _chinese_font() -> bool:
    listing = shutil.which("fc-list")
    if listing:
        found = subprocess.run([listing, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
        return bool(found.stdout.strip())
    return any(Path("/usr/share/fonts").glob("**/wqy*")) or any(Path("/usr/share/fonts").glob("**/*CJK*"))


COMMANDS = [serve]
