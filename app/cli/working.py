"""`work`: the process that does what was put off: it leases jobs from the database until it is told to stop."""

import signal
import threading

import click
from flask.cli import with_appcontext

from app.cli.preparing import installed
from app.jobs.lifeline import end_with


@click.command("work")
@click.option("--once", is_flag=True, help="办完眼下到期的就结束")
@click.option("--ends-with", type=int, hidden=True, help="the process that started it and that it ends with")
@with_appcontext
def work(once: bool, ends_with: int | None) -> None:
    """办理后台任务（计算方案）；./scripts/serve 会自己启动一个。"""
    from app.jobs.worker import work as work_until  # numpy and the engine: only in this process
    from app.jobs.worker import work_once

    held, stop = installed(), threading.Event()
    if once:
        while work_once(held):
            pass
        return
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:  # under nohup it outlives its terminal
            signal.signal(name, lambda number, frame: stop.set())
    if ends_with is not None:
        end_with(ends_with)
    work_until(held, stop)


COMMANDS: list[click.Command] = [work]
