"""Takes jobs one after the other: a lease, a heartbeat while working, one transaction for what came of it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.jobs import planning, sealing
from app.storage import jobs
from app.storage.session import writing
from app.web.platform import Platform

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 15.0
IDLE_SECONDS = 1.5

# A handler does the slow part outside any transaction and returns how to keep what came of it.

HANDLERS: dict[str, Callable[[Platform, int], Callable[[Session], object]]] = {
    "plans.solve": planning.solve,
    "plans.check": planning.check,
    sealing.CHECK: sealing.check,
}
# What is told to the subject when a job of a kind is given up.
GIVEN_UP = {"plans.solve": planning.give_up}


def work(held: Platform, stop: threading.Event) -> None:
    """Until `stop` is set: do what is due, seal the trail, rest a moment. A database that is away is waited for."""
    behind = True  # the first round also looks for events that were left out long ago
    while not stop.is_set():
        try:
            if work_once(held) or sealing.seal(held, everything=behind):
                continue
            behind = False
        except SQLAlchemyError:
            log.exception("the database did not answer; trying again")
        stop.wait(IDLE_SECONDS)


def work_once(held: Platform) -> bool:
    """Do one job that is due; False when there was none."""
    with writing(held.engine, held.keyring) as session:
        job = jobs.lease(session, held.clock())
        taken = (job.id, job.attempts, job.kind, job.subject_id) if job else None
    if taken is None:
        return False
    job_id, attempt, kind, subject_id = taken
    try:
        with _heartbeat(held, job_id, attempt):
            keep = HANDLERS[kind](held, subject_id)
        with writing(held.engine, held.keyring) as session:
            if jobs.finish(session, job_id, attempt):
                keep(session)
    except Exception as error:  # whatever it is: the job goes back or among the dead letters, where people read it
        _fail(held, job_id, attempt, kind, subject_id, f"{type(error).__name__}: {error}")
    return True


def _fail(held: Platform, job_id: int, attempt: int, kind: str, subject_id: int, words: str) -> None:
    with writing(held.engine, held.keyring) as session:
        state = jobs.fail(session, job_id, attempt, words, held.clock())
        if state is jobs.JobState.DEAD and kind in GIVEN_UP:
            GIVEN_UP[kind](session, subject_id, words)


@contextmanager
def _heartbeat(held: Platform, job_id: int, attempt: int) -> Iterator[None]:
    """Renews the lease while the block works."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            with writing(held.engine, held.keyring) as session:
                jobs.renew(session, job_id, attempt, held.clock())

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
