"""Two people press accept at the same moment: one sits, the other reads who was first, on both databases."""

import threading
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from app.domain.demands import DemandState
from app.domain.matches import MatchState
from app.domain.refusals import AlreadyDone
from app.domain.roles import Role
from app.features.demands.models import Demand
from app.features.matches import actions, queries
from app.features.matches.models import Match
from app.storage.session import make_engine, open_session, writing
from tests.builders import Builder, actor

TODAY, NOW = date(2026, 6, 1), datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def invite_all(engine, keyring, people, wanted=1):
    """An open demand with invitations to `people` commissioners; (match id, person id) of each."""
    with writing(engine, keyring) as session:
        build = Builder(session, TODAY, NOW)
        demand = build.open_demand(people_wanted=wanted)
        made = []
        for _ in range(people):
            commissioner = build.appointment().commissioner
            match = actions.invite(session, build.bureau, TODAY, demand, commissioner)
            made.append((match.id, commissioner.person_id))
        return demand.id, made


def press_accept_together(engine, keyring, made):
    """Everybody accepts in a transaction of his or her own, all at once; what each was told."""
    gate, told = threading.Barrier(len(made)), {}

    def press(match_id, person_id):
        who = actor(Role.COMMISSIONER, person_id=person_id)
        try:
            with open_session(engine, keyring, writes=True) as session:
                gate.wait(10)
                match = session.scalar(sa.select(Match).where(Match.id == match_id))
                actions.answer(session, who, NOW, match, "accept")
                session.commit()
            told[match_id] = "accepted"
        except Exception as error:
            told[match_id] = error

    threads = [threading.Thread(target=press, args=pair) for pair in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return told


@pytest.mark.parametrize(("people", "wanted"), [(2, 1), (5, 1), (5, 2)])
def test_as_many_as_wanted_are_accepted_and_the_others_are_told_who_was_first(databases, database_url, people, wanted):
    engine = make_engine(database_url)
    demand_id, made = invite_all(engine, databases.keyring, people, wanted)
    told = press_accept_together(engine, databases.keyring, made)
    refused = [words for words in told.values() if words != "accepted"]
    assert len(refused) == people - wanted
    with open_session(engine, databases.keyring, writes=False) as session:
        sitting = queries.accepted_for_demand(session, demand_id)
        assert [m.seat for m in sitting] == list(range(1, wanted + 1))
        assert session.get(Demand, demand_id).state == DemandState.CHOSEN
        lapsed = session.scalars(sa.select(Match.state).where(Match.demand_id == demand_id, Match.seat.is_(None)))
        assert set(lapsed) == ({MatchState.LAPSED} if people > wanted else set())
        for refusal in refused:
            assert isinstance(refusal, AlreadyDone), refusal
            assert all(m.commissioner.name in refusal.message for m in sitting)
    engine.dispose()


def test_two_officers_invite_the_same_person_at_once(databases, database_url):
    engine = make_engine(database_url)
    with writing(engine, databases.keyring) as session:
        build = Builder(session, TODAY, NOW)
        demand_id, commissioner_id = build.open_demand().id, build.appointment().commissioner.id
    gate, told = threading.Barrier(2), []

    def press():
        with open_session(engine, databases.keyring, writes=True) as session:
            gate.wait(10)
            demand = session.get(Demand, demand_id)
            commissioner = session.get(actions.Commissioner, commissioner_id)
            try:
                actions.invite(session, actor(Role.COUNTY_TRIAGE), TODAY, demand, commissioner)
                session.commit()
                told.append("invited")
            except AlreadyDone as refusal:
                told.append(refusal.message)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(words == "invited" for words in told) == [False, True], told
    engine.dispose()
