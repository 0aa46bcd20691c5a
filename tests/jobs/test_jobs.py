"""Work leased from the database: one holder at a time, taken over when a holder dies, retried, dead in the end."""

from datetime import timedelta

import pytest

from app.storage import jobs
from app.storage.jobs import BACK_OFF, LEASE, JobState


@pytest.fixture
def job(session, now):
    return jobs.enqueue(session, "plans.solve", 7, now)


def test_a_job_is_leased_once_and_only_when_due(session, job, now):
    assert jobs.lease(session, now - timedelta(seconds=1)) is None
    assert jobs.lease(session, now) is job and (job.state, job.attempts) == (JobState.LEASED, 1)
    assert jobs.lease(session, now + LEASE / 2) is None
    assert jobs.finish(session, job.id, 1)
    session.refresh(job)
    assert job.state == JobState.DONE and jobs.lease(session, now + 9 * LEASE) is None


def test_a_dead_holder_loses_its_job_and_its_word_no_longer_counts(session, job, now):
    jobs.lease(session, now)
    assert jobs.renew(session, job.id, 1, now + LEASE)
    session.refresh(job)
    late = now + 2 * LEASE + timedelta(seconds=1)
    assert jobs.lease(session, now + LEASE + timedelta(seconds=1)) is None, "the lease was renewed"
    assert jobs.lease(session, late) is job and job.attempts == 2
    assert not jobs.finish(session, job.id, 1) and not jobs.renew(session, job.id, 1, late)
    assert jobs.fail(session, job.id, 1, "zu spät", late) is None
    assert jobs.finish(session, job.id, 2)


def test_failures_wait_longer_each_time_and_end_among_the_dead(session, job, now):
    at = now
    for attempt, pause in enumerate(BACK_OFF, start=1):
        assert jobs.lease(session, at) is job
        assert jobs.fail(session, job.id, attempt, "内存不够", at) == JobState.WAITING
        assert jobs.lease(session, at + pause - timedelta(seconds=1)) is None
        at += pause
    assert jobs.lease(session, at) is job
    assert jobs.fail(session, job.id, job.attempts, "内存不够", at) == JobState.DEAD
    assert job.error == "内存不够" and jobs.lease(session, at + 9 * LEASE) is None
    assert jobs.of_subject(session, ["plans.solve"], 7) is job


def test_holders_that_die_every_time_end_it_too(session, job, now):
    at = now
    for _ in range(len(BACK_OFF) + 1):
        assert jobs.lease(session, at) is job
        at += LEASE + timedelta(seconds=1)
    assert jobs.lease(session, at) is None and job.state == JobState.DEAD
