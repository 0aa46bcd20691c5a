"""`serve`: one process that prepares the database, says where it listens and who may sign in, then serves.

gunicorn forks its workers from the prepared application, so that they share its memory.
"""

import contextvars
import ctypes.util
import gc
import os
import shutil
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

    address = settings.public_address or f"http://{settings.host}:{settings.port}"

    class Server(BaseApplication):
        def load_config(self) -> None:
            self.cfg.set("bind", f"{settings.host}:{settings.port}")
            self.cfg.set("workers", workers)
            self.cfg.set("preload_app", True)
            self.cfg.set("timeout", 120)
            self.cfg.set("graceful_timeout", 10)
            self.cfg.set("loglevel", "warning")
            self.cfg.set("post_fork", _after_fork)
            self.cfg.set("when_ready", _ready)
            self.cfg.set("limit_request_line", 8190)

        def load(self) -> Flask:
            return application

    def _ready(server: Any) -> None:
        click.echo("")
        click.echo(f"科特派已启动：{address}")
        for line in lines:
            click.echo(line)
        click.echo("停止：按 Ctrl-C")
        _prepare_matching()

    def _after_fork(server: Any, worker: Any) -> None:
        application.extensions["ketepai"].engine.dispose(close=False)

    settle()
    # The command stands in an application context, and a request would share its `g` with every other request: workers
    # begin in a fresh context, so that nobody is ever taken for somebody else.
    with _worker():
        contextvars.Context().run(Server().run)


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
            running[:] = [subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", "work"], cwd=ROOT)]
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
    command = [sys.executable, "-m", "flask", "--app", "app", "prepare-matching"]
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet, preexec_fn=lambda: os.nice(15))


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
