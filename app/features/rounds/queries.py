"""Reads of roster imports: the batches of a territory, what a workbook would do, what a batch has done.

A batch belongs to the importer's territory: a county sees its own, the city all.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.domain.refusals import RuleBroken
from app.domain.roles import Actor
from app.domain.rosters import industries
from app.domain.rosters.entries import Problem, Reading, Setting
from app.domain.rosters.places import PlaceBook
from app.domain.rosters.planning import Outcome, Plan, Totals, plan
from app.domain.rosters.reading import read_roster
from app.domain.rosters.rows import Books
from app.domain.rosters.workbook import Sheet
from app.features.accounts.models import Account
from app.features.commissioners.models import Appointment
from app.features.regions import queries as regions
from app.features.rounds import facts
from app.features.rounds.models import BatchState, ImportBatch, ImportWorkbook
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary.models import Industry, IndustryScheme
from app.storage.keyring import keyring_of
from app.storage.keyset import behind, ordering
from app.storage.reach import inside, nothing

ORDER = ((ImportBatch.made_at, True), (ImportBatch.id, True))
MOST_APPOINTMENTS = 200


def sees(actor: Actor) -> sa.ColumnElement[bool]:
    territory = actor.reach.territory
    return inside(ImportBatch.county_code, territory) if territory else nothing()


def batches_page(
    session: Session, actor: Actor, after: Sequence[Any] | None, size: int
) -> list[tuple[ImportBatch, str]]:
    """Batches with the name of whoever sent them, the latest first, at most size + 1."""
    rows = session.execute(
        sa.select(ImportBatch, sa.func.coalesce(Account.name, "命令行"))
        .outerjoin(Account, Account.id == ImportBatch.account_id)
        .where(sees(actor), behind(ORDER, _moment_and_id(after)))
        .order_by(*ordering(ORDER))
        .limit(size + 1)
    )
    return [(batch, name) for batch, name in rows]


def _moment_and_id(after: Sequence[Any] | None) -> list[Any] | None:
    """The sort values of a cursor; None for the first page or a damaged address."""
    try:
        moment, id_ = after or ()
        return [datetime.fromisoformat(str(moment)).astimezone(UTC), int(id_)]
    except ValueError:
        return None


def batch(session: Session, actor: Actor, uid: UUID) -> ImportBatch | None:
    """The batch, if it belongs to the actor's territory."""
    return session.scalar(sa.select(ImportBatch).where(ImportBatch.uid == uid, sees(actor)))


def locked(session: Session, found: ImportBatch) -> ImportBatch:
    """The batch locked for a change and read afresh."""
    wanted = sa.select(ImportBatch).where(ImportBatch.id == found.id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def sender(session: Session, found: ImportBatch) -> str:
    account = session.get(Account, found.account_id) if found.account_id else None
    return account.name if account else "命令行"


def workbook_of(session: Session, found: ImportBatch) -> bytes:
    """The bytes that were sent. Refused once they were thrown away (imported, given up)."""
    kept = session.get(ImportWorkbook, found.id)
    if kept is None or kept.workbook_sealed is None:
        raise RuleBroken("这份名册已处理完，原文件不再保存。请重新上传。")
    return base64.b64decode(keyring_of(session).open(kept.workbook_sealed))


# ----- what a workbook would do


def city_code(session: Session) -> str:
    """The code of the one city of this installation."""
    found = regions.city(session)
    if found is None:
        raise RuleBroken("还没有装入行政区划，请先由系统管理员完成安装。")
    return found.code


def books(session: Session, setting: Setting) -> Books:
    """Divisions and industries as reading a roster needs them."""
    own = city_code(session)
    places = PlaceBook(
        city_code=own,
        city_name=regions.names(session, [own])[own],
        counties=tuple((county.code, county.name) for county in regions.counties(session)),
        townships=regions.township_entries(session),
        aliases=regions.code_aliases(session),
    )
    rows = session.execute(
        sa.select(Industry.id, Industry.code, Industry.title)
        .join(IndustryScheme, IndustryScheme.id == Industry.scheme_id)
        .where(IndustryScheme.code == vocabulary.LEADING, vocabulary.chosen_on(setting.today))
        .order_by(Industry.place, Industry.id)
        .limit(vocabulary.MOST_ROWS)
    )
    return Books(places, industries.book((row.id, row.code, row.title) for row in rows), setting)


def read(session: Session, sheets: Sequence[Sheet], setting: Setting) -> Reading:
    """What a workbook says, without looking at who is known."""
    return read_roster(sheets, books(session, setting))


def planned(session: Session, reading: Reading, setting: Setting, answers: Mapping[str, str] | None = None) -> Plan:
    """What importing would do now."""
    return plan(reading, facts.known(session, reading, setting), answers)


def setting_of(found: ImportBatch, today: date) -> Setting:
    """The setting a batch was previewed with."""
    options = summary_of(found).options
    return Setting(
        level=found.level,
        year=found.year,
        today=today,
        territory=found.county_code,
        county_code=options.get("county_code"),
        begins=date.fromisoformat(options["begins"]) if options.get("begins") else None,
        ends=date.fromisoformat(options["ends"]) if options.get("ends") else None,
        document=options.get("document") or "",
    )


# ----- what a batch has done


@dataclass(frozen=True)
class Summary:
    """Figures of a batch: as previewed, and as applied once it is."""

    totals: Totals
    counts: Mapping[Outcome, int]
    remarks: tuple[str, ...]
    options: Mapping[str, Any]


def summary_of(found: ImportBatch) -> Summary:
    kept = json.loads(found.summary)
    counts = {outcome: kept["counts"].get(outcome.value, 0) for outcome in Outcome}
    return Summary(Totals(**kept["totals"]), counts, tuple(kept["remarks"]), kept["options"])


@dataclass(frozen=True)
class LeftOut:
    """A row that was not imported, with why."""

    name: str
    outcome: Outcome
    problems: tuple[Problem, ...]


def left_out(session: Session, found: ImportBatch) -> list[LeftOut]:
    """The rows of an applied batch that were refused or left in doubt."""
    kept = session.get(ImportWorkbook, found.id)
    if found.state is not BatchState.APPLIED or kept is None or kept.report_sealed is None:
        return []
    rows = json.loads(keyring_of(session).open(kept.report_sealed))
    return [LeftOut(r["name"], Outcome(r["outcome"]), tuple(Problem(*p) for p in r["problems"])) for r in rows]


def appointments_of(session: Session, found: ImportBatch) -> list[Appointment]:
    """The first appointments that a batch made, with their commissioners, in the order of the roster."""
    return list(
        session.scalars(
            sa.select(Appointment)
            .where(Appointment.import_batch_id == found.id)
            .options(joinedload(Appointment.commissioner))
            .order_by(Appointment.id)
            .limit(MOST_APPOINTMENTS)
        )
    )
