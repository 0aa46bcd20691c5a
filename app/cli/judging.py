"""Commands that turn what officers decided into an evaluation set, and into weights that a person may adopt."""

import json
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.files import BadInput, reason, write_table
from app.cli.matching import DEMAND_COLUMNS, JUDGEMENT_COLUMNS, OFFER_COLUMNS
from app.cli.preparing import installed
from app.cli.usage import Subject
from app.domain.calendar import shanghai_date
from app.domain.matching.settings import PARTS
from app.domain.refusals import RuleBroken
from app.domain.roles import system_actor
from app.features.demands import understanding
from app.features.demands.understanding import Triaged
from app.features.matches import judgements
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary import weights
from app.storage.session import reading, writing

TRIAGE_COLUMNS = [
    "demand_id", "title", "description", "industry", "need_type", "urgency",
    "suggested_industry", "suggested_need_type", "suggested_urgency",
]  # fmt: skip


@click.group("match-judgements", cls=Subject)
def judgements_group() -> None:
    """经办人对推荐的判断。"""


@judgements_group.command("export")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="输出文件夹")
@with_appcontext
def export(out: Path) -> None:
    """导出为评判集：demands.csv、offers.csv、judgements.csv（可交给 match-evaluate）、parts.csv 和 triage.csv。

    triage.csv 是分诊员定的产业、帮助类别和缓急，旁边是平台按文字建议的。涉密需求不导出。
    """
    held = installed()
    with reading(held.engine, held.keyring) as session:
        told = list(judgements.judgements(session))
        demands, offers = judgements.texts(session)
        titles = {str(id_): row.title for id_, row in vocabulary.industries_by_id(session).items()}
        triaged = list(understanding.triaged(session, shanghai_date(held.clock())))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"无法建立文件夹 {out}：{reason(error)}。") from None
    write_table(out / "demands.csv", list(DEMAND_COLUMNS), [[*row[:3], titles.get(row[3], "")] for row in demands])
    write_table(out / "offers.csv", list(OFFER_COLUMNS), offers)
    write_table(out / "judgements.csv", list(JUDGEMENT_COLUMNS), [[one.demand, one.offer, one.grade] for one in told])
    parts = [[one.demand, one.offer, *(one.parts.get(name, "") for name in PARTS)] for one in told]
    write_table(out / "parts.csv", ["demand_id", "offer_id", *PARTS], parts)
    write_table(out / "triage.csv", TRIAGE_COLUMNS, [_placed(one, titles) for one in triaged])
    counts = {"demands": len(demands), "offers": len(offers), "judgements": len(told), "triaged": len(triaged)}
    click.echo(json.dumps({**counts, "suggestions_kept": _kept(triaged)}))


def _placed(one: Triaged, titles: dict[str, str]) -> list[object]:
    """A row of triage.csv."""
    decided = one.demand
    return [
        decided.uid, decided.title, decided.description,
        titles.get(str(decided.industry_id), ""), decided.need_type, decided.urgency,
        titles.get(str(one.industry_id), ""), one.need_type or "", one.urgency,
    ]  # fmt: skip


def _kept(triaged: list[Triaged]) -> dict[str, float]:
    """Of each thing that is suggested the share that officers let stand."""
    names = ("industry", "need_type", "urgency")
    return {name: round(sum(one.agreed[name] for one in triaged) / len(triaged), 4) for name in names if triaged}


@click.group("match-weights", cls=Subject)
def weights_group() -> None:
    """排序权重。"""


@weights_group.command("propose")
@click.option("--folds", default=5, show_default=True, type=click.IntRange(2, 20), help="交叉检验分几份")
@click.option("--dry-run", is_flag=True, help="只算不存")
@with_appcontext
def propose(folds: int, dry_run: bool) -> None:
    """从经办人的判断算出权重建议和交叉检验的效果。只是建议：由市科技局在“排序权重”页决定是否采用。"""
    from app.domain.matching.learning import Judged, learn  # only here

    held = installed()
    decided: dict[str, list[Judged]] = {}
    with reading(held.engine, held.keyring) as session:
        for one in judgements.judgements(session):
            decided.setdefault(one.demand, []).append(Judged(one.offer, one.parts, one.grade))
        now = dict(weights.in_force(session, shanghai_date(held.clock())).values)
    try:
        found = learn(decided, now, folds)
    except RuleBroken as refused:
        raise BadInput(refused.message) from None
    changed = {name: value for name, value in found.weights.items() if value != now[name]}
    kept = bool(changed) and found.gain > 0 and not dry_run
    if kept:
        with writing(held.engine, held.keyring) as session:
            weights.propose(session, system_actor("match-weights"), dict(found.weights), found.measured)
    click.echo(json.dumps({**found.measured, "changed": changed, "proposed": kept}, ensure_ascii=False))


COMMANDS: list[click.Command] = [judgements_group, weights_group]
