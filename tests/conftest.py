"""Fixtures every test may use: a session on each database, an application, a client that inspects pages."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy.orm import Session

from app.storage.session import make_engine
from config import Settings
from tests.builders import Builder
from tests.databases import BACKENDS, Databases
from tests.templates import COMPILED

# A test says what is true, not how fast a busy machine is.
settings.register_profile("ketepai", deadline=None)
settings.load_profile("ketepai")

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
TODAY = date(2026, 6, 1)


LONG = ("journeys", "demonstration")
LOOK_FOR_GARBAGE_EVERY = (50_000, 20, 50)


def pytest_collection_finish() -> None:
    """All modules and tests are there to stay. Walking over them for garbage took a quarter of a page test's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*LOOK_FOR_GARBAGE_EVERY)


@pytest.hookimpl(trylast=True)  # after the tests have been put together by their databases
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, in one process: so all end together, and none waits while another walks the city."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


@pytest.fixture
def today() -> date:
    return TODAY


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """For page tests, which store through the same actions that run on both elsewhere."""
    return Databases("sqlite", tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session", params=BACKENDS)
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The databases of one backend; whatever hangs on this runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_databases")
        return
    made = Databases(request.param, tmp_path_factory.mktemp(request.param))
    yield made
    made.close()


@pytest.fixture(scope="session")
def _shared_engine(databases: Databases) -> Iterator[object]:
    engine = make_engine(databases.copy())  # a template somebody is connected to cannot be copied
    yield engine
    engine.dispose()


@pytest.fixture
def session(databases: Databases, _shared_engine) -> Iterator[Session]:
    """A session over divisions and dictionaries; nothing of it is kept after the test."""
    with _shared_engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection,
            join_transaction_mode="create_savepoint",
            info={"keyring": databases.keyring},
            expire_on_commit=False,
        ) as opened:
            yield opened
        outer.rollback()


@pytest.fixture
def reference(session: Session) -> Session:
    """The same session, for tests that want to say they read divisions and dictionaries."""
    return session


@pytest.fixture
def build(session: Session) -> Builder:
    """Makes people, demands, visits … through the same actions that people use."""
    return Builder(session, TODAY, NOW)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database of one's own that may be committed to (for concurrency and migrations)."""
    url = databases.copy()
    yield url
    databases.drop(url)


@pytest.fixture
def app(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An application on a fresh copy of the database, on the first of June 2026."""
    with application_on(sqlite_databases, tmp_path) as made:
        yield made


@pytest.fixture
def app_on_both(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """The same on each database, for the few journeys that must be walked on both."""
    with application_on(databases, tmp_path) as made:
        yield made


@contextmanager
def application_on(databases: Databases, folder: Path) -> Iterator[Flask]:
    from app import create_app

    (folder / "keys.json").write_bytes((databases.folder / "keys.json").read_bytes())
    with databases.lent() as engine:
        url = engine.url.render_as_string(hide_password=False)
        made = create_app(Settings(data_dir=folder, database_url=url), clock=lambda: NOW)
        made.testing = True
        made.extensions["ketepai"].engine = engine
        made.jinja_env.bytecode_cache = COMPILED
        yield made


@pytest.fixture
def client(app: Flask):
    """A browser without JavaScript that refuses badly made pages; see tests/browser.py."""
    from tests.browser import Browser

    return Browser(app)
