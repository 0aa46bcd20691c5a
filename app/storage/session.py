"""Engine and sessions: one code for SQLite (WAL, embedded) and PostgreSQL.

SQLite writers take the lock at BEGIN (BEGIN IMMEDIATE): a deferred transaction that reads and then writes fails
under load however long it waits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.refusals import RuleBroken
from app.storage.keyring import KeyRing

BUSY_TIMEOUT_MS = 15_000


def make_engine(url: str, **options: Any) -> sa.Engine:
    """An engine for the database at `url`; on SQLite foreign keys are on and writers lock at BEGIN."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(parsed, **options)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself; _begin_sqlite does
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def open_session(engine: sa.Engine, keyring: KeyRing, *, writes: bool) -> Session:
    """A session that carries its key ring; `writes` says whether SQLite must lock at once."""
    bind = engine.execution_options(writes=True) if writes else engine
    return Session(bind, expire_on_commit=False, info={"keyring": keyring, "reads_only": not writes})


@contextmanager
def writing(engine: sa.Engine, keyring: KeyRing) -> Iterator[Session]:
    """One transaction that is kept when the block ends well and undone otherwise (commands, jobs, seeding)."""
    with open_session(engine, keyring, writes=True) as session, session.begin():
        yield session


@contextmanager
def reading(engine: sa.Engine, keyring: KeyRing) -> Iterator[Session]:
    with open_session(engine, keyring, writes=False) as session:
        yield session


@contextmanager
def unique_or(session: Session, refusal: RuleBroken) -> Iterator[None]:
    """Let the database decide who was first: what is flushed in the block breaks a constraint → `refusal`.

    The block runs in a savepoint, so that the rest of the transaction can go on.
    """
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        raise refusal from error
