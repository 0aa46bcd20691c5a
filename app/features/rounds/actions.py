"""Writes of roster imports: a workbook kept for its preview, applied as previewed, given up, undone as one batch."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import check_year
from app.domain.refusals import RuleBroken, StaleEdit
from app.domain.roles import Actor
from app.domain.rosters.entries import Reading, Setting
from app.domain.rosters.planning import MOVES, BatchState, Outcome, Plan, plan
from app.features.commissioners.models import Appointment, Commissioner, TeamMember
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.features.rounds import effects, facts, queries
from app.features.rounds.applying import MOVED_ON, Applying
from app.features.rounds.models import ImportBatch, ImportEffect, ImportWorkbook
from app.storage import trail
from app.storage.keyring import keyring_of

MOST_TOLD = 10
NOTHING_TO_DO = "这份名册里没有可以导入的行：都已导入过、存疑或有误。请按下面的说明修改名册后重新上传。"


def check_setting(setting: Setting) -> None:
    """Refuse a batch year that cannot be meant, and a usual term that ends before it begins."""
    check_year(setting.year, setting.today)
    begins, ends = setting.usual_term
    if ends < begins:
        raise RuleBroken("任期结束日期早于开始日期，请检查。", field="ends")


def keep_upload(
    session: Session,
    actor: Actor,
    *,
    file_name: str,
    content: bytes,
    setting: Setting,
    previewed: Plan,
    remarks: tuple[str, ...],
) -> ImportBatch:
    """A batch waiting for confirmation, with its workbook sealed; nobody is entered yet."""
    check_setting(setting)
    batch = ImportBatch(
        level=setting.level,
        year=setting.year,
        county_code=setting.territory or queries.city_code(session),
        file_name=_plain_file_name(file_name),
        state=BatchState.PREVIEWED,
        summary=_summary(previewed, setting, remarks),
        account_id=actor.account_id,
    )
    session.add(batch)
    trail.record(session, actor, "rounds.preview", batch, words=f"{previewed.totals.rows}行")
    session.flush()
    sealed = keyring_of(session).seal(base64.b64encode(content).decode())
    session.add(ImportWorkbook(batch_id=batch.id, workbook_sealed=sealed))
    session.flush()
    return batch


def _plain_file_name(name: str) -> str:
    """The last part of whatever path was sent, without what does not print."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[-200:] or "名册.xlsx"


def _summary(plan: Plan, setting: Setting, remarks: tuple[str, ...]) -> str:
    """Counts and options; no personal value, since rows of jobs and batches are read by whoever keeps the machine."""
    options: dict[str, Any] = {
        "county_code": setting.county_code,
        "begins": setting.begins.isoformat() if setting.begins else None,
        "ends": setting.ends.isoformat() if setting.ends else None,
        "document": setting.document,
    }
    counts = {outcome.value: count for outcome, count in plan.counts.items()}
    kept = {"totals": asdict(plan.totals), "counts": counts, "remarks": list(remarks), "options": options}
    return json.dumps(kept, ensure_ascii=False)


def apply(
    session: Session,
    actor: Actor,
    today: date,
    now: datetime,
    batch: ImportBatch,
    reading: Reading,
    answers: Mapping[str, str],
    fingerprint: str | None = None,
) -> Plan:
    """Enter what the roster asks for: all of it or nothing; refused and doubtful rows stay out.

    `reading` is the batch's own workbook, read beforehand (reading takes longer than writing may). `fingerprint` is
    that of the preview somebody confirmed: StaleEdit where other rows would be entered now.
    Refused: a batch that is not waiting, one without a row to enter.
    """
    batch = queries.locked(session, batch)
    state = MOVES.take(batch.state, "apply")
    setting = queries.setting_of(batch, today)
    known = facts.known(session, reading, setting)
    if fingerprint is not None and plan(reading, known).fingerprint != fingerprint:
        raise StaleEdit(MOVED_ON)
    final = plan(reading, known, answers)
    if not final.totals.new_appointments:
        raise RuleBroken(NOTHING_TO_DO)
    places = queries.books(session, setting).places
    with effects.noting(session) as noted:
        Applying(session, actor, today, batch, places, known).carry_out(final)
    effects.keep(session, batch, noted)
    batch.state, batch.applied_at = BatchState(state), now
    batch.summary = _summary(final, setting, queries.summary_of(batch).remarks)
    kept = session.get_one(ImportWorkbook, batch.id)
    kept.workbook_sealed, kept.report_sealed = None, _report(session, final)
    trail.record(session, actor, "rounds.apply", batch, words=f"新增选认{final.totals.new_appointments}项", changes={})
    session.flush()
    return final


def _report(session: Session, plan: Plan) -> str:
    """The rows left out and why, sealed: the page of the batch shows them after the workbook is thrown away."""
    rows = [
        {
            "name": verdict.entry.name,
            "outcome": verdict.outcome.value,
            "problems": [[p.sheet, p.row, p.column, p.value, p.reason] for p in verdict.problems],
        }
        for verdict in plan.verdicts
        if verdict.outcome in (Outcome.REFUSED, Outcome.DOUBTFUL)
    ]
    return keyring_of(session).seal(json.dumps(rows, ensure_ascii=False))


def drop(session: Session, actor: Actor, batch: ImportBatch) -> None:
    """Give up a preview; its workbook is thrown away."""
    batch = queries.locked(session, batch)
    batch.state = BatchState(MOVES.take(batch.state, "drop"))
    _throw_away(session, batch)
    trail.record(session, actor, "rounds.drop", batch, changes={})
    session.flush()


def _throw_away(session: Session, batch: ImportBatch) -> None:
    session.execute(sa.delete(ImportWorkbook).where(ImportWorkbook.batch_id == batch.id))


def undo(session: Session, actor: Actor, now: datetime, batch: ImportBatch) -> int:
    """Take a whole batch back: rows it made are deleted, what it filled in is emptied; how many rows that were.

    Refused, naming them, while any of its rows was changed or used since (visits, matches, other appointments …):
    what counted is withdrawn, never deleted.
    """
    batch = queries.locked(session, batch)
    state = MOVES.take(batch.state, "undo")
    rows, hashes = effects.noted_of(session, batch)
    hindrances = _hindrances(session, rows, hashes)
    if hindrances:
        told = "；".join(hindrances[:MOST_TOLD])
        more = f"；另有{len(hindrances) - MOST_TOLD}处" if len(hindrances) > MOST_TOLD else ""
        raise RuleBroken(f"不能撤销，导入之后这些内容已被使用或更改：{told}{more}。请改为逐项撤销选认。")
    for table_name, keys in rows.items():
        _tell(session, actor, table_name, keys)
    effects.take_back(session, rows)
    batch = queries.locked(session, batch)
    batch.state, batch.undone_at = BatchState(state), now
    _throw_away(session, batch)
    session.execute(sa.update(ImportEffect).where(ImportEffect.batch_id == batch.id).values(before_sealed=None))
    count = sum(len(keys) for keys in rows.values())
    trail.record(session, actor, "rounds.undo", batch, words=f"撤回{count}行", changes={})
    session.flush()
    return count


class _Taken:
    """A row that is being taken back, as the trail names it."""

    def __init__(self, table_name: str, id_: int) -> None:
        self.__tablename__, self.id = table_name, id_


def _tell(session: Session, actor: Actor, table_name: str, keys: Mapping[effects.Key, Any]) -> None:
    """An event for each row taken back: keys may be given again, and a new row must not inherit an old row's trail."""
    if any(key[1] is not None for key in keys) or table_name == "declared_cover":
        return  # they go with the record they hang on
    for key, before in keys.items():
        tag = "rounds.take_back" if before is None else "rounds.restore"
        trail.record(session, actor, tag, _Taken(table_name, key[0]), changes={})


# ----- what stands in the way of undoing, in words

_TABLES = {
    "appointments": "选认",
    "team_members": "团队成员记录",
    "commissioners": "科技特派员档案",
    "commissioner_industries": "科技特派员产业",
    "declared_cover": "服务乡镇",
    "people": "人员资料",
    "organisations": "单位资料",
    "grants": "账号授权",
    "offers": "服务菜单",
    "matches": "对接",
    "agreements": "协议",
    "participants": "服务记录",
    "served_units": "服务记录",
    "confirmations": "服务确认",
    "demands": "需求",
}
_NAMES = {
    "people": lambda ids: sa.select(Person.id, Person.name).where(Person.id.in_(ids)),
    "organisations": lambda ids: sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids)),
    "commissioners": lambda ids: sa.select(Commissioner.id, Commissioner.name).where(Commissioner.id.in_(ids)),
    "appointments": lambda ids: (
        sa.select(Appointment.id, Commissioner.name)
        .join(Commissioner, Commissioner.id == Appointment.commissioner_id)
        .where(Appointment.id.in_(ids))
    ),
    "team_members": lambda ids: (
        sa.select(TeamMember.id, Person.name)
        .join(Person, Person.id == TeamMember.person_id)
        .where(TeamMember.id.in_(ids))
    ),
}


def _hindrances(session: Session, rows: effects.Rows, hashes: Mapping[tuple[str, effects.Key], str]) -> list[str]:
    used = effects.used_since(session, rows)
    changed = effects.changed_since(session, rows, hashes)
    names = _names(session, [*used, *((table, key[0]) for table, key in changed)])
    told = [
        f"{names.get((table, id_), '')}已有"
        + "、".join(f"{_TABLES.get(t, '其他记录')}{n}条" for t, n in leaning.items())
        for (table, id_), leaning in used.items()
    ]
    told += [f"{names.get((table, key[0]), '')}的{_TABLES.get(table, '记录')}已被更改" for table, key in changed]
    return list(dict.fromkeys(told))


def _names(session: Session, wanted: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for table, select in _NAMES.items():
        ids = [id_ for name, id_ in wanted if name == table][:200]
        if ids:
            found.update({(table, id_): name for id_, name in session.execute(select(ids))})
    return found
