"""Transactions: writers in a crowd all get their turn, and the database decides who was first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.refusals import AlreadyDone
from app.domain.vocabulary import OrganisationKind
from app.features.organisations.models import Organisation
from app.storage.keyring import KeyRing
from app.storage.session import make_engine, open_session, reading, unique_or, writing
from tests.databases import Databases

RING = KeyRing({"k": b"k" * 32}, "k", lookup=b"l" * 32, signing=b"s" * 32)
WRITERS, TURNS = 6, 15


def village(name: str, **values: object) -> Organisation:
    values.setdefault("region_code", "350424103")
    return Organisation(kind=OrganisationKind.VILLAGE, name=name, pinyin=name, initials="x", **values)


@pytest.fixture
def engine(database_url: str):
    made = make_engine(database_url, pool_size=WRITERS, max_overflow=0)
    yield made
    made.dispose()


def test_readers_who_then_write_never_fail_in_a_crowd(engine: sa.Engine) -> None:
    """Read, then write what was read plus one: on SQLite deferred transactions would fail here by the thousand."""
    with writing(engine, RING) as session:
        counter = village("计数村")
        session.add(counter)

    def add_one(_: int) -> None:
        for _turn in range(TURNS):
            with writing(engine, RING) as session:
                found = session.scalars(
                    sa.select(Organisation).where(Organisation.name == "计数村").with_for_update()
                ).one()
                found.version = found.version + 1

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(add_one, range(WRITERS)))
    with reading(engine, RING) as session:
        version = session.scalar(sa.select(Organisation.version).where(Organisation.name == "计数村"))
    assert version == 1 + WRITERS * TURNS


def test_of_many_who_make_the_same_row_one_is_first_and_the_others_are_told(engine: sa.Engine) -> None:
    def make(n: int) -> bool:
        try:
            with writing(engine, RING) as session, unique_or(session, AlreadyDone("已登记")):
                session.add(village("同名村"))
        except AlreadyDone:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        won = list(pool.map(make, range(WRITERS)))
    assert sorted(won) == [False] * (WRITERS - 1) + [True]


def test_a_refusal_leaves_the_rest_of_the_transaction_standing(engine: sa.Engine) -> None:
    with writing(engine, RING) as session:
        session.add(village("先有村"))
    with writing(engine, RING) as session:
        session.add(village("同去村"))
        with pytest.raises(AlreadyDone) as told, unique_or(session, AlreadyDone("已登记", field="name")):
            session.add(village("先有村"))
        assert told.value.field == "name" and isinstance(told.value.__cause__, IntegrityError)
        session.add(village("再来村"))
    with reading(engine, RING) as session:
        names = set(session.scalars(sa.select(Organisation.name).where(Organisation.name.like("%村"))))
    assert {"先有村", "同去村", "再来村"} <= names


def test_other_faults_than_a_broken_constraint_are_not_hidden(session: Session) -> None:
    with pytest.raises(ZeroDivisionError), unique_or(session, AlreadyDone("已登记")):
        _ = 1 / 0


def test_a_block_that_fails_keeps_nothing(engine: sa.Engine) -> None:
    with pytest.raises(RuntimeError), writing(engine, RING) as session:
        session.add(village("半途村"))
        session.flush()
        raise RuntimeError
    with reading(engine, RING) as session:
        assert session.scalar(sa.select(Organisation.id).where(Organisation.name == "半途村")) is None


def test_a_row_that_points_nowhere_is_refused_on_both_databases(engine: sa.Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine, RING) as session:
        session.add(village("无处村", region_code="999999999"))


@pytest.mark.parametrize("writes", [True, False])
def test_only_writers_take_sqlites_lock_at_begin(databases: Databases, database_url: str, writes: bool) -> None:
    if databases.backend != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    engine = make_engine(database_url)
    begun: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda c, u, statement, *rest: begun.append(statement))
    with open_session(engine, RING, writes=writes) as session:
        session.scalar(sa.select(sa.literal(1)))
    engine.dispose()
    assert begun[0] == ("BEGIN IMMEDIATE" if writes else "BEGIN")


def test_readers_see_through_a_writer(databases: Databases, database_url: str) -> None:
    """A page opens while somebody saves: it shows the state before, and does not wait."""
    engine = make_engine(database_url)
    with writing(engine, RING) as writer:
        writer.add(village("未存村"))
        writer.flush()
        with reading(engine, RING) as reader:
            assert reader.scalar(sa.select(Organisation.id).where(Organisation.name == "未存村")) is None
    engine.dispose()


def test_sqlite_is_set_up_as_the_platform_needs_it(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    engine.dispose()
    assert pragma == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 15_000}


def test_a_plain_postgresql_address_uses_the_driver_we_ship() -> None:
    engine = make_engine("postgresql://somebody@nowhere/ketepai")
    assert engine.dialect.driver == "psycopg"
    engine.dispose()
