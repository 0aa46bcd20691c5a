"""The chain over the trail: whoever alters, removes, slips in or cuts short is seen; writers never wait."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.domain.roles import system_actor
from app.storage import seals, trail
from app.storage.seals import Anchor, EventSeal
from app.storage.trail import Event

PLATFORM = system_actor("tests")


@pytest.fixture
def event_ids(session, build):
    """Five events, the first four sealed."""
    unit = build.organisation()
    session.execute(sa.delete(Event))
    events = [trail.record(session, PLATFORM, "organisations.change", unit, f"第{n}次") for n in range(4)]
    session.flush()
    assert seals.seal_new(session) is not None
    events.append(trail.record(session, PLATFORM, "organisations.change", unit, "还没有封"))
    session.flush()
    return [event.id for event in events]


def test_what_stands_unchanged_is_found_unchanged_and_says_up_to_where(session, event_ids):
    assert seals.verify(session) == seals.Verdict(4, ())
    assert seals.waiting(session) == 1
    end = seals.seal_new(session)
    assert end is not None and end.sequence == 5 and seals.waiting(session) == 0
    assert seals.verify(session, end) == seals.Verdict(5, ())
    assert seals.seal_new(session) is None


@pytest.mark.parametrize("column", ["words", "tag", "actor_name", "subject_id", "account_id", "at"])
def test_an_altered_event_is_named(session, event_ids, column, now):
    value = {"subject_id": 999, "account_id": 7, "at": now}.get(column, "别的")
    session.execute(sa.update(Event).where(Event.id == event_ids[1]).values({column: value}))
    assert seals.verify(session).faults == (f"第 2 条的留痕（编号 {event_ids[1]}）与封签不符",)


def test_a_removed_event_is_named(session, event_ids):
    session.execute(sa.delete(Event).where(Event.id == event_ids[2]))
    assert seals.verify(session).faults == (f"第 3 条的留痕（编号 {event_ids[2]}）不见了",)


def test_an_event_removed_with_its_seal_leaves_a_gap(session, event_ids):
    session.execute(sa.delete(Event).where(Event.id == event_ids[1]))
    session.execute(sa.delete(EventSeal).where(EventSeal.event_id == event_ids[1]))
    assert seals.verify(session).faults[0] == "缺少第 2 条到第 2 条的封签"


def test_a_chain_cut_short_is_seen_by_the_end_noted_outside(session, event_ids):
    end = Anchor(4, seals.last(session).seal)
    session.execute(sa.delete(Event).where(Event.id == event_ids[3]))
    session.execute(sa.delete(EventSeal).where(EventSeal.sequence == 4))
    assert seals.verify(session).faults == (), "the chain alone cannot know"
    assert seals.verify(session, end).faults == ("曾经封存到第 4 条，现在这一条没有了或者被换过",)


def test_an_event_that_is_committed_late_is_sealed_after_those_before_which_it_was_numbered(session, event_ids):
    session.execute(sa.delete(EventSeal).where(EventSeal.sequence >= 3))
    session.execute(sa.update(EventSeal).where(EventSeal.sequence == 2).values(event_id=event_ids[3]))
    end = seals.seal_new(session)
    assert end is not None and end.sequence == 5
    order = session.scalars(sa.select(EventSeal.event_id).order_by(EventSeal.sequence)).all()
    assert order == [event_ids[0], event_ids[3], event_ids[1], event_ids[2], event_ids[4]]


def test_two_sealers_at_once_collide_on_the_sequence(session, event_ids):
    end = seals.last(session)
    session.add(EventSeal(sequence=end.sequence, event_id=event_ids[4], key_id=end.key_id, seal=end.seal))
    session.expunge(end)
    with pytest.raises(IntegrityError):
        session.flush()


def test_what_a_check_found_is_kept(session, event_ids):
    assert seals.latest_check(session) is None
    seals.keep_check(session, seals.Verdict(4, ("第 2 条不符",)))
    session.flush()
    assert seals.latest_check(session)[1] == seals.Verdict(4, ("第 2 条不符",))
