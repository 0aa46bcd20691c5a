"""`import-roster`: a roster workbook imported from the terminal, the same way as in the browser."""

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.cli.preparing import installed
from app.domain.calendar import shanghai_date
from app.domain.refusals import RuleBroken
from app.domain.roles import system_actor
from app.domain.rosters.entries import Setting
from app.domain.rosters.planning import Outcome, Plan, Totals
from app.domain.vocabulary import Level
from app.features.rounds import actions, queries
from app.features.rounds.models import ImportBatch
from app.storage.files import LARGEST_SHEET_BYTES
from app.storage.session import reading, writing
from app.web.platform import Platform
from app.web.sheets import read_workbook

LEVELS = click.Choice([level.value for level in Level])
WORKBOOK = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import-roster")
@click.argument("file", type=WORKBOOK)
@click.option("--level", type=LEVELS, required=True, help="选认级别")
@click.option("--year", type=int, required=True, help="选认年度")
@click.option("--county", default=None, help="名册没有写县的行属于哪个县（名称或代码）")
@click.option("--dry-run", is_flag=True, help="只核对，不写入")
@with_appcontext
def import_roster(file: Path, level: str, year: int, county: str | None, dry_run: bool) -> None:
    """导入选认名册 FILE（.xlsx），输出 JSON。有行不能导入时退出码为 1，其余行照常导入；存疑的行不导入。"""
    held = installed(prepare_new=True)
    today = shanghai_date(held.clock())
    try:
        outcome = _import(held, file, Level(level), year, county, today, dry_run=dry_run)
    except RuleBroken as refusal:
        whole = {"sheet": None, "row": None, "column": None, "value": file.name, "reason": refusal.message}
        outcome = {**asdict(Totals()), "errors": [whole], "doubts": [], "assumed": [], "remarks": [], "batch": None}
    click.echo(json.dumps(outcome, ensure_ascii=False, indent=1))
    if outcome["errors"]:
        sys.exit(1)


def _import(
    held: Platform, file: Path, level: Level, year: int, county: str | None, today: date, *, dry_run: bool
) -> dict[str, Any]:
    """What importing did, or with `dry_run` would do, as it is printed."""
    content = _content(file)
    sheets = read_workbook(content)
    with reading(held.engine, held.keyring) as session:
        setting = Setting(level, year, today, county_code=county)
        if county:
            places = queries.books(session, setting).places
            setting = Setting(level, year, today, county_code=places.county(county)[0])
        actions.check_setting(setting)
        read = queries.read(session, sheets, setting)
        plan = queries.planned(session, read, setting)
    if dry_run or not plan.totals.new_appointments:
        return _told(plan, read.remarks, None)
    actor = system_actor("import-roster")
    with writing(held.engine, held.keyring) as session:
        batch = actions.keep_upload(
            session,
            actor,
            file_name=file.name,
            content=content,
            setting=setting,
            previewed=plan,
            remarks=read.remarks,
        )
        plan = actions.apply(session, actor, today, held.clock(), batch, read, {})
    return _told(plan, read.remarks, batch)


def _content(file: Path) -> bytes:
    if file.stat().st_size > LARGEST_SHEET_BYTES:
        raise RuleBroken(f"工作簿超过{LARGEST_SHEET_BYTES // 1024**2} MB，请分成几个文件。")
    return file.read_bytes()


def _told(plan: Plan, remarks: tuple[str, ...], batch: ImportBatch | None) -> dict[str, Any]:
    def problems(outcome: Outcome) -> list[dict[str, Any]]:
        return [asdict(problem) for verdict in plan.of(outcome) for problem in verdict.problems]

    return {
        **asdict(plan.totals),
        "errors": problems(Outcome.REFUSED),
        "doubts": problems(Outcome.DOUBTFUL),
        "assumed": [asdict(one) for one in plan.assumptions],
        "remarks": list(remarks),
        "batch": str(batch.uid) if batch else None,
    }


COMMANDS = [import_roster]
