"""Databases for tests: one migrated template with reference data per backend, and quick copies of it."""

import os
import shutil
import uuid
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

    def empty(self) -> str:
        """A database without any table."""
        name = f"t{uuid.uuid4().hex[:16]}"
        if self.backend == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        self._server(f'CREATE DATABASE "{name}"')
        return sa.make_url(self.server_url).set(database=name).render_as_string(hide_password=False)

    def copy(self) -> str:
        """A database as the template is: migrated, with divisions and dictionaries."""
        name = f"t{uuid.uuid4().hex[:16]}"
        if self.backend == "sqlite":
            path = self.folder / f"{name}.db"
            shutil.copy(str(sa.make_url(self.template).database), path)
            return f"sqlite:///{path}"
        template = sa.make_url(self.template).database
        self._server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return sa.make_url(self.server_url).set(database=name).render_as_string(hide_password=False)

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
