"""Importing in a test: a workbook read, planned, kept and applied as pages and command do; tables compared."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.roles import Actor, system_actor
from app.domain.rosters.entries import Setting
from app.domain.rosters.planning import Plan
from app.domain.vocabulary import Level
from app.features.rounds import actions, queries
from app.features.rounds.models import ImportBatch
from app.storage.base import Base
from app.web.sheets import read_workbook
from tests.conftest import NOW, TODAY

COMMAND = system_actor("import-roster")
NOT_COMPARED = ("events", "import_")


def setting(level: Level = Level.COUNTY, year: int = 2026, **more: Any) -> Setting:
    return Setting(level=level, year=year, today=TODAY, **more)


def planned(session: Session, content: bytes, chosen: Setting | None = None) -> Plan:
    """What importing would do now."""
    chosen = chosen or setting()
    return queries.planned(session, queries.read(session, read_workbook(content), chosen), chosen)


def sent(session: Session, content: bytes, chosen: Setting | None = None, actor: Actor = COMMAND) -> ImportBatch:
    """A batch waiting for its confirmation."""
    chosen = chosen or setting()
    reading = queries.read(session, read_workbook(content), chosen)
    return actions.keep_upload(
        session,
        actor,
        file_name="名册.xlsx",
        content=content,
        setting=chosen,
        previewed=queries.planned(session, reading, chosen),
        remarks=reading.remarks,
    )


def applied(
    session: Session,
    content: bytes,
    chosen: Setting | None = None,
    answers: Mapping[str, str] | None = None,
    actor: Actor = COMMAND,
) -> tuple[ImportBatch, Plan]:
    """A batch that was confirmed, and what it did."""
    chosen = chosen or setting()
    batch = sent(session, content, chosen, actor)
    reading = queries.read(session, read_workbook(queries.workbook_of(session, batch)), chosen)
    return batch, actions.apply(session, actor, TODAY, NOW, batch, reading, answers or {})


def dump(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the trail and the imports' own."""
    session.flush()
    found = {}
    for table in Base.metadata.sorted_tables:
        if not table.name.startswith(NOT_COMPARED):
            rows = session.execute(sa.select(table).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in rows]
    return found


def count(session: Session, table: type) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
