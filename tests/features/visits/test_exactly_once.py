"""A report that arrives twice at the same moment is one visit; two people deciding at once take turns."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Role
from app.domain.visits import ConfirmationAnswer, VisitState
from app.domain.vocabulary import ConfirmationChannel, ServiceMode
from app.features.visits import actions, queries
from app.features.visits.models import Confirmation, Participant, Visit
from app.storage.session import make_engine, open_session, writing
from app.storage.trail import Event
from tests.builders import TOWNSHIP, Builder, actor

TODAY, NOW = date(2026, 6, 1), datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url)
    yield made
    made.dispose()


def together(engine, keyring, acts: list[Callable]) -> list:
    """Each act in a session and thread of its own, all begun at once; what each returned or raised."""
    gate, told = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        gate.wait(10)
        try:
            with open_session(engine, keyring, writes=True) as session:
                told[place] = act(session)
                session.commit()
        except Exception as error:
            told[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return told


def a_report(engine, keyring):
    """A writer and what he or she reports, with nothing of it kept yet."""
    with writing(engine, keyring) as session:
        build = Builder(session, TODAY, NOW)
        person = build.appointment().commissioner.person_id
        said = {
            "region_code": TOWNSHIP,
            "service_date": TODAY,
            "days": 1,
            "industry_id": build.industry_id(),
            "mode": ServiceMode.ON_SITE,
            "work_done": "查看茶园",
            "served": [build.organisation().id],
            "participants": [(person, 2)],
        }
        return actor(Role.COMMISSIONER, person_id=person), said


def counts(engine, keyring, *tables):
    with open_session(engine, keyring, writes=False) as session:
        return [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]


def test_the_same_report_from_four_threads_is_one_visit_with_one_trail(databases, engine):
    writer, said = a_report(engine, databases.keyring)
    uid = uuid4()
    act = lambda session: actions.log(session, writer, TODAY, NOW, uid=uid, **said).uid  # noqa: E731
    assert together(engine, databases.keyring, [act] * 4) == [uid] * 4
    assert counts(engine, databases.keyring, Visit, Participant) == [1, 1]
    with open_session(engine, databases.keyring, writes=False) as session:
        tags = session.scalars(sa.select(Event.tag).where(Event.subject_table == "visits").order_by(Event.id)).all()
    assert tags == ["visits.log", "visits.submit"]


def test_other_words_under_the_same_uid_at_the_same_moment_are_refused(databases, engine):
    writer, said = a_report(engine, databases.keyring)
    uid = uuid4()
    acts = [
        lambda session, text=text: (
            actions.log(session, writer, TODAY, NOW, uid=uid, **{**said, "work_done": text}).work_done
        )
        for text in ("上午看园", "下午看园")
    ]
    told = together(engine, databases.keyring, acts)
    assert sum(isinstance(words, AlreadyDone) for words in told) == 1
    assert counts(engine, databases.keyring, Visit, Participant) == [1, 1]


def a_submitted_visit(engine, keyring, units=1):
    with writing(engine, keyring) as session:
        build = Builder(session, TODAY, NOW)
        visit = build.visit(served=[build.organisation().id for _ in range(units)])
        tokens = [
            actions.ask_confirmation(session, build.bureau, NOW, visit, unit.organisation_id, ConfirmationChannel.LINK)
            for unit in list(visit.served)
        ]
        return visit.uid, tokens


def test_one_unit_confirms_while_the_other_disputes_and_the_dispute_stands(databases, engine):
    uid, tokens = a_submitted_visit(engine, databases.keyring, units=2)
    answers = [(tokens[0], ConfirmationAnswer.CONFIRMED, None), (tokens[1], ConfirmationAnswer.DISPUTED, "没有来过")]
    acts = [
        lambda session, told=told: actions.answer_confirmation(session, NOW, TODAY, *told).answer for told in answers
    ]
    assert together(engine, databases.keyring, acts) == [ConfirmationAnswer.CONFIRMED, ConfirmationAnswer.DISPUTED]
    with open_session(engine, databases.keyring, writes=False) as session:
        assert queries.visit_by_uid(session, uid).confirmed_on is None


def test_two_taps_on_the_same_button_are_one_answer(databases, engine):
    uid, (token,) = a_submitted_visit(engine, databases.keyring)
    act = lambda session: (  # noqa: E731
        actions.answer_confirmation(session, NOW, TODAY, token, ConfirmationAnswer.CONFIRMED).answer
    )
    assert together(engine, databases.keyring, [act] * 3) == [ConfirmationAnswer.CONFIRMED] * 3
    with open_session(engine, databases.keyring, writes=False) as session:
        tags = session.scalars(sa.select(Event.tag).where(Event.tag == "visits.confirmed")).all()
        assert len(tags) == 1
        assert queries.visit_by_uid(session, uid).confirmed_on == TODAY
        assert session.scalar(sa.select(sa.func.count()).select_from(Confirmation)) == 1


def test_two_reviewers_who_decide_differently_take_turns(databases, engine):
    uid, _ = a_submitted_visit(engine, databases.keyring)
    with open_session(engine, databases.keyring, writes=False) as session:
        opened = queries.visit_by_uid(session, uid).version

    def decide(verb, words):
        def act(session):
            visit = queries.visit_by_uid(session, uid)
            return actions.review(session, actor(Role.COUNTY_REVIEWER), TODAY, visit, verb, words, version=opened).state

        return act

    told = together(engine, databases.keyring, [decide("pass", None), decide("return", "请补照片说明")])
    refused = [words for words in told if isinstance(words, RuleBroken)]
    assert len(refused) == 1
    with open_session(engine, databases.keyring, writes=False) as session:
        visit = queries.visit_by_uid(session, uid)
        assert [visit.state] == [words for words in told if isinstance(words, VisitState)]
