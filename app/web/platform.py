"""What the running application holds: settings, engine, keys, files and the clock, made once in create_app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from app.domain.calendar import shanghai_date
from app.storage.files import FileStore
from app.storage.keyring import KeyRing, load_keyring
from app.storage.session import make_engine
from config import Settings


@dataclass
class Platform:
    settings: Settings
    environ: dict[str, str]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @cached_property
    def engine(self) -> sa.Engine:
        Path(self.settings.data_dir).mkdir(parents=True, exist_ok=True)
        return make_engine(self.settings.database_url)

    @cached_property
    def keyring(self) -> KeyRing:
        return load_keyring(self.settings.data_dir, self.environ)

    @cached_property
    def files(self) -> FileStore:
        return FileStore(self.settings.file_store or str(self.settings.data_dir / "files"))


def platform() -> Platform:
    """The platform of the current application."""
    held: Platform = current_app.extensions["ketepai"]
    return held


def moment() -> datetime:
    """Now, in UTC. Only views ask; below them the moment is an argument."""
    return platform().clock()


def today() -> date:
    """Today's date in Shanghai."""
    return shanghai_date(moment())
