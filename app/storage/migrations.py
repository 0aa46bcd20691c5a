"""Bringing a database to the newest numbered migration, or to a given one."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(connection: sa.Connection | None = None) -> Config:
    config = Config(FOLDER / "alembic.ini")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def upgrade(engine: sa.Engine, target: str = "head") -> None:
    """Up to `target`, in one transaction; nothing happens (and nothing is imported) when already there."""
    with engine.execution_options(writes=True).begin() as connection:
        if target == "head" and is_current(connection):
            return
        command.upgrade(alembic_config(connection), target)


def downgrade(engine: sa.Engine, target: str) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        command.downgrade(alembic_config(connection), target)


def is_current(connection: sa.Connection) -> bool:
    heads = set(ScriptDirectory.from_config(alembic_config()).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) == heads
