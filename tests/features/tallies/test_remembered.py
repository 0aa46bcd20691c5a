"""What tallies and cover remember is what counting anew says, after any change, and while others write."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import years
from app.domain.refusals import RuleBroken
from app.domain.roles import Role
from app.domain.tallies import Dimension, Question
from app.domain.visits import VisitState
from app.domain.vocabulary import Level
from app.features.commissioners.models import Appointment, AppointmentState, DeclaredCover
from app.features.coverage import queries as coverage
from app.features.tallies import queries
from app.features.visits import reviews
from app.features.visits.models import Participant, ServedUnit, Visit, VisitResult
from app.features.vocabulary.models import Industry, ResultKind
from app.storage import stamps
from app.storage.session import make_engine, open_session, writing
from tests.builders import Builder, actor

TODAY, NOW = date(2026, 6, 1), datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
PLACES = ("350421101", "350421102", "350424101")
QUESTIONS = (
    (Question(2025, 2026, "350400"), Dimension.COUNTY),
    (Question(2025, 2026, "350400"), Dimension.YEAR),
    (Question(2026, 2026, "350400"), Dimension.LEVEL),
    (Question(2026, 2026, "350421"), Dimension.INDUSTRY),
    (Question(2025, 2026, "350400", level=Level.COUNTY), Dimension.TOWNSHIP),
)


@pytest.fixture
def engine(databases, database_url):
    """A database with twelve visits in two counties and two years, half of them passed."""
    made = make_engine(database_url)
    with writing(made, databases.keyring) as session:
        build = Builder(session, TODAY, NOW)
        for n in range(12):
            day = TODAY - timedelta(days=(3, 100)[n % 2])
            made_visit = build.visit(region_code=PLACES[n % 3], service_date=day)
            if n % 4 < 2:
                _review(session, made_visit, "pass")
    yield made
    made.dispose()


def _review(session: Session, visit: Visit, verb: str) -> None:
    reviewer = actor(Role.COUNTY_REVIEWER, visit.region_code[:6])
    reviews.review(session, reviewer, TODAY, visit, verb, "请补充" if verb == "return" else None)


def _any(session: Session, random: Random, table: type, *where: sa.ColumnElement[bool]):
    ids = session.scalars(sa.select(table.id).where(*where).order_by(table.id)).all()
    return session.get(table, random.choice(ids), with_for_update=True) if ids else None


def _passed(session: Session, random: Random) -> None:
    if visit := _any(session, random, Visit, Visit.state == VisitState.SUBMITTED):
        _review(session, visit, "pass")


def _no_longer_passed(session: Session, random: Random) -> None:
    if visit := _any(session, random, Visit, Visit.state == VisitState.PASSED):
        visit.state, visit.passed_on, visit.confirmed_on = VisitState.SUBMITTED, None, None


def _confirmed(session: Session, random: Random) -> None:
    if visit := _any(session, random, Visit, Visit.state == VisitState.PASSED):
        visit.confirmed_on = None if visit.confirmed_on else TODAY


def _moved(session: Session, random: Random) -> None:
    """To another township, day or industry, as correcting a record does."""
    if visit := _any(session, random, Visit):
        visit.region_code = random.choice(PLACES)
        visit.service_date = TODAY - timedelta(days=random.choice((3, 200)))
        visit.industry_id = random.choice(session.scalars(sa.select(Industry.id).order_by(Industry.id)).all()[:9])


def _took_longer(session: Session, random: Random) -> None:
    if row := _any(session, random, Participant):
        row.half_days = random.randint(1, 9)


def _result(session: Session, random: Random) -> None:
    """The visit is locked before its results are looked at, or two writers would both find none and both add one."""
    if visit := _any(session, random, Visit):
        kind = session.scalars(sa.select(ResultKind.id).order_by(ResultKind.id)).first()
        row = session.scalar(sa.select(VisitResult).filter_by(visit_id=visit.id, kind_id=kind))
        if row is not None:
            session.delete(row)
        else:
            session.add(VisitResult(visit_id=visit.id, kind_id=kind, amount=random.randint(1, 50)))


def _served_another(session: Session, random: Random) -> None:
    if row := _any(session, random, ServedUnit):
        row.organisation_id = Builder(session, TODAY, NOW).organisation(region_code=random.choice(PLACES)).id


def _of_another_level(session: Session, random: Random) -> None:
    if row := _any(session, random, Appointment):
        row.level = random.choice(list(Level))


def _in_bulk(session: Session, random: Random) -> None:
    session.execute(sa.update(Participant).values(half_days=Participant.half_days % 9 + 1))


def _taken_back(session: Session, random: Random) -> None:
    """Table by table, past the mapped classes, as a roster import is taken back."""
    table = DeclaredCover.__table__
    row = session.scalars(sa.select(table.c.id).order_by(table.c.id)).first()
    session.execute(sa.delete(table).where(table.c.id == sa.bindparam("one")), [{"one": row}])


def _given_up(session: Session, random: Random) -> None:
    """A savepoint that is rolled back, beside a change that stays."""
    nested = session.begin_nested()
    _moved(session, random)
    session.flush()
    nested.rollback()
    _confirmed(session, random)


def _withdrawn(session: Session, random: Random) -> None:
    if row := _any(session, random, Appointment, Appointment.state == AppointmentState.IN_FORCE):
        row.state, row.withdrawn_on = AppointmentState.WITHDRAWN, TODAY


def _appointed(session: Session, random: Random) -> None:
    build = Builder(session, TODAY, NOW)
    somebody = build.commissioner(person=build.person(phone=f"138{random.randrange(10**8):08d}"))
    build.appointment(somebody, county_code="350421", cover=[(random.choice(PLACES[:2]), build.industry_id())])


def _declared_elsewhere(session: Session, random: Random) -> None:
    if row := _any(session, random, DeclaredCover):
        row.region_code = next(place for place in PLACES if place != row.region_code)


CHANGES: tuple[Callable[[Session, Random], None], ...] = (
    _passed, _no_longer_passed, _confirmed, _moved, _took_longer, _result, _served_another, _of_another_level,
    _in_bulk, _given_up, _appointed, _declared_elsewhere, _withdrawn, _taken_back,
)  # fmt: skip


def remembered_and_anew(session: Session) -> list[tuple[object, object]]:
    """Every question as a reading page answers it, and counted anew in the same snapshot."""
    assert session.info["reads_only"]
    pages = answers(session)
    session.info["reads_only"] = False
    return list(zip(pages, answers(session), strict=True))


def answers(session: Session) -> list[object]:
    """The tallies of all questions, and the cover of the city and a county in two spans of years."""
    tallies = [queries.tally(session, *asked_by(q)).as_json() for q in QUESTIONS]
    industries = [None, *session.scalars(sa.select(Industry.id).order_by(Industry.id).limit(4))]
    covers = [
        coverage.covers(session, period=period, today=TODAY, territory=place, industry_ids=industries)
        for period in (years(2026, 2026), years(2025, 2026))
        for place in ("350400", "350421")
    ]
    return [*tallies, *covers]


def asked_by(question: tuple[Question, Dimension]) -> tuple[Question, date, Dimension]:
    return question[0], TODAY, question[1]


def _still(engine: sa.Engine) -> sa.Engine:
    """Readers that see one moment from beginning to end, so that two counts of theirs can be compared."""
    return engine.execution_options(isolation_level="REPEATABLE READ") if engine.dialect.name != "sqlite" else engine


def test_after_any_change_nothing_old_is_shown(databases, engine):
    random = Random(2026)
    for change in (*CHANGES, *random.sample(CHANGES, len(CHANGES))):
        with writing(engine, databases.keyring) as session:
            change(session, random)
        with open_session(engine, databases.keyring, writes=False) as session:
            for page, anew in remembered_and_anew(session):
                assert (change.__name__, page) == (change.__name__, anew)


def test_what_is_not_passed_renews_no_stamp(databases, engine):
    def stood():
        with open_session(engine, databases.keyring, writes=False) as session:
            return {row.place: row.stamp for row in session.scalars(sa.select(stamps.ChangeStamp))}

    before = stood()
    with writing(engine, databases.keyring) as session:
        visit = session.scalars(sa.select(Visit).where(Visit.state == VisitState.SUBMITTED)).first()
        visit.work_done = "补充了经过"
        _review(session, visit, "return")
    assert stood() == before
    with writing(engine, databases.keyring) as session:
        visit = session.scalars(sa.select(Visit).where(Visit.state == VisitState.SUBMITTED)).first()
        _review(session, visit, "pass")
    changed = {place for place, stamp in stood().items() if before.get(place) != stamp}
    assert changed == {visit.region_code[:6]}


def test_a_session_that_writes_sees_its_own_rows(databases, engine):
    question = Question(2026, 2026, "350400")
    with open_session(engine, databases.keyring, writes=False) as session:
        before = queries.tally(session, question, TODAY).totals.service.visits
    with open_session(engine, databases.keyring, writes=True) as session:
        visit = session.scalars(sa.select(Visit).where(Visit.state == VisitState.SUBMITTED)).first()
        visit.service_date = TODAY
        _review(session, visit, "pass")
        assert queries.tally(session, question, TODAY).totals.service.visits == before + 1
        session.rollback()
    with open_session(engine, databases.keyring, writes=False) as session:
        assert queries.tally(session, question, TODAY).totals.service.visits == before


def test_readers_never_see_old_figures_while_others_write(databases, engine):
    stop, wrong, failed = threading.Event(), [], []

    def guarded(act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            failed.append(error)

    def write(seed: int) -> None:
        random = Random(seed)
        for _ in range(12):
            # One change a transaction: several would lock rows in any order. Who comes second may be refused.
            with suppress(RuleBroken), writing(engine, databases.keyring) as session:
                random.choice(CHANGES[:6])(session, random)

    def read() -> None:
        while not stop.is_set():
            with open_session(_still(engine), databases.keyring, writes=False) as session:
                wrong.extend(pair for pair in remembered_and_anew(session) if pair[0] != pair[1])

    writers = [threading.Thread(target=guarded, args=(lambda seed=seed: write(seed),)) for seed in range(3)]
    readers = [threading.Thread(target=guarded, args=(read,)) for _ in range(2)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join(120)
    stop.set()
    for thread in readers:
        thread.join(60)
    assert not failed
    assert not wrong
    with open_session(engine, databases.keyring, writes=False) as session:
        assert all(page == anew for page, anew in remembered_and_anew(session))
