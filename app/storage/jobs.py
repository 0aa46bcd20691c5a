"""Work that outlives a request: rows enqueued with the change that asks for them, leased by a worker, retried, kept.

The queue is a table of the same database, so that a job exists exactly if its business change does. A worker holds
a job by a lease that it renews; one that dies loses it and another takes over. A job that failed too often stays
as a dead letter for people to see.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.vocabulary import Labelled
from app.storage import columns
from app.storage.base import Base, choice

LEASE = timedelta(seconds=60)
# How long to wait after each failure; after the last the job is dead.
BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))
LONGEST_ERROR = 500
MOST_SHOWN = 100


class JobState(Labelled):
    WAITING = ("waiting", "等候")
    LEASED = ("leased", "正在办")
    DONE = ("done", "已办完")
    DEAD = ("dead", "多次失败")


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        sa.CheckConstraint("(state = 'leased') = (leased_until IS NOT NULL)", name="leased_has_its_end"),
        sa.Index("ix_jobs_state_due_at_id", "state", "due_at", "id"),
        {"comment": "work leased from the database; never holds personal values"},
    )

    id: Mapped[columns.key]
    kind: Mapped[str] = mapped_column(sa.String(40), comment="which handler, e.g. plans.solve")
    subject_id: Mapped[int] = mapped_column(columns.BIG, comment="key of the row it is about")
    state: Mapped[JobState] = choice(JobState, "state", comment="waiting, leased, done, dead")
    attempts: Mapped[int] = mapped_column(default=0, comment="how often it was begun")
    due_at: Mapped[datetime] = mapped_column(columns.Moment(), comment="not before")
    leased_until: Mapped[datetime | None] = mapped_column(columns.Moment(), comment="the lease, renewed while working")
    error: Mapped[str | None] = mapped_column(sa.String(LONGEST_ERROR), comment="what went wrong last")
    made_at: Mapped[columns.created_at]


def enqueue(session: Session, kind: str, subject_id: int, now: datetime) -> Job:
    """Ask for work in this transaction; it is there when the transaction is."""
    job = Job(kind=kind, subject_id=subject_id, state=JobState.WAITING, due_at=now)
    session.add(job)
    session.flush()
    return job


def lease(session: Session, now: datetime) -> Job | None:
    """Take the next job that is due or whose holder has died; None when there is none. Commit to hold it."""
    free = sa.or_(
        sa.and_(Job.state == JobState.WAITING, Job.due_at <= now),
        sa.and_(Job.state == JobState.LEASED, Job.leased_until < now),
    )
    job = session.scalar(
        sa.select(Job).where(free).order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True)
    )
    if job is None:
        return None
    if job.attempts > len(BACK_OFF):  # its holders died each time
        _end(job, JobState.DEAD, job.error or "办理的进程中断了")
        session.flush()
        return None
    job.state, job.leased_until, job.attempts = JobState.LEASED, now + LEASE, job.attempts + 1
    session.flush()
    return job


def renew(session: Session, job_id: int, attempt: int, now: datetime) -> bool:
    """Extend a lease; False when another worker has taken the job over."""
    mine = sa.update(Job).where(Job.id == job_id, Job.attempts == attempt, Job.state == JobState.LEASED)
    return bool(session.execute(mine.values(leased_until=now + LEASE)).rowcount)  # type: ignore[attr-defined]


def finish(session: Session, job_id: int, attempt: int) -> bool:
    """Say that a job is done; False (and nothing is to be kept) when another worker has taken it over."""
    mine = sa.update(Job).where(Job.id == job_id, Job.attempts == attempt, Job.state == JobState.LEASED)
    done = mine.values(state=JobState.DONE, leased_until=None, error=None)
    return bool(session.execute(done).rowcount)  # type: ignore[attr-defined]


def fail(session: Session, job_id: int, attempt: int, error: str, now: datetime) -> JobState | None:
    """Put a job back for later, or among the dead letters; its new state, None when another has taken it over."""
    job = session.scalar(sa.select(Job).where(Job.id == job_id).with_for_update())
    if job is None or job.attempts != attempt or job.state != JobState.LEASED:
        return None
    if attempt > len(BACK_OFF):
        _end(job, JobState.DEAD, error)
    else:
        _end(job, JobState.WAITING, error)
        job.due_at = now + BACK_OFF[attempt - 1]
    session.flush()
    return job.state


def _end(job: Job, state: JobState, error: str) -> None:
    job.state, job.leased_until, job.error = state, None, error[:LONGEST_ERROR]


def of_subject(session: Session, kinds: Sequence[str], subject_id: int) -> Job | None:
    """The latest job of these kinds about a row."""
    wanted = sa.select(Job).where(Job.kind.in_(kinds), Job.subject_id == subject_id)
    return session.scalar(wanted.order_by(Job.id.desc()).limit(1))
