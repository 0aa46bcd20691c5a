"""Databases for tests: one migrated template with reference data per backend, and quick copies of it."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.roles import system_actor
from app.storage import migrations
from app.storage.keyring import load_keyring
from app.storage.session import make_engine, writing
from tests.postgres import Cluster, binaries

BACKENDS = ("sqlite", "postgresql")


class Databases:
    """Makes, copies and drops databases of one backend below one folder."""

    def __init__(self, backend: str, folder: Path) -> None:
        self.backend, self.folder = backend, folder
        self.cluster: Cluster | None = None
        self.server_url = os.environ.get("KETEPAI_TEST_POSTGRESQL", "")
        if backend == "postgresql" and not self.server_url:
            if binaries() is None:
                self._missing()
            self.cluster = Cluster()
            self.server_url = self.cluster.url()
        self.keyring = load_keyring(folder, {})
        self.idle: list[sa.Engine] = []
        self.template = self.empty()
        self._fill(self.template)

    def _missing(self) -> None:
        words = "PostgreSQL is not installed: apt-get install postgresql (as root, ./scripts/test does it)"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)

    def _fill(self, url: str) -> None:
        from app.features.regions import actions as regions
        from app.features.vocabulary import actions as vocabulary

        engine = make_engine(url)
        migrations.upgrade(engine)
        with writing(engine, self.keyring) as session:
            regions.load_reference(session, system_actor("tests"))
            vocabulary.load_reference(session, system_actor("tests"))
        engine.dispose()

    def _server(self, statement: str) -> None:
        engine = sa.create_engine(self.server_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def _new_url(self) -> str:
        name = f"t{uuid.uuid4().hex[:16]}"
        if self.backend == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        return sa.make_url(self.server_url).set(database=name).render_as_string(hide_password=False)

    def empty(self) -> str:
        """A database without any table."""
        url = self._new_url()
        if self.backend == "postgresql":
            self._server(f'CREATE DATABASE "{sa.make_url(url).database}"')
        return url

    def copy(self) -> str:
        """A database as the template is: migrated, with divisions and dictionaries."""
        url = self._new_url()
        self._copy_to(url)
        return url

    def _copy_to(self, url: str) -> None:
        """Put a copy of the template where no database is."""
        name, template = sa.make_url(url).database, sa.make_url(self.template).database
        if self.backend == "sqlite":
            shutil.copy(str(template), str(name))
        else:
            self._server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    @contextmanager
    def lent(self) -> Iterator[sa.Engine]:
        """An engine on a copy of the template.

        The engine goes from borrower to borrower, because it keeps the statements that it has compiled; the database
        behind it is a new one each time, at the same address.
        """
        engine = self.idle.pop() if self.idle else make_engine(self._new_url())
        url = engine.url.render_as_string(hide_password=False)
        self._copy_to(url)
        yield engine
        engine.dispose()
        self.drop(url)
        self.idle.append(engine)

    def drop(self, url: str) -> None:
        parsed = sa.make_url(url)
        if self.backend == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(f"{parsed.database}{suffix}").unlink(missing_ok=True)
        else:
            self._server(f'DROP DATABASE IF EXISTS "{parsed.database}" WITH (FORCE)')

    def close(self) -> None:
        if self.cluster is not None:
            self.cluster.stop()
