"""The commands that keep the vocabulary of an installation: export, check, and import as the bureau's dated edits."""

from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.files import FILE, BadInput, read_rows, write_table
from app.cli.matching import known_words, read_demands
from app.cli.preparing import installed
from app.cli.usage import Subject
from app.domain.calendar import shanghai_date
from app.domain.matching.health import findings, health
from app.domain.matching.vocabulary import COLUMNS, Concept, Vocabulary
from app.domain.refusals import RuleBroken
from app.domain.roles import system_actor
from app.features.vocabulary import concepts
from app.features.vocabulary.data import shipped_rows
from app.storage.session import reading, writing

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("vocabulary", cls=Subject)
def vocabulary_group() -> None:
    """词库：导出、检查、导入。"""


@vocabulary_group.command("export")
@click.option("--out", required=True, type=FILE, help="导出的 CSV，一行一个概念")
@with_appcontext
def export_vocabulary(out: Path) -> None:
    """把今天的词库（随附的加上本局修改的）导出为一个 CSV 文件。"""
    rows = _current()
    write_table(out, list(COLUMNS), rows)
    click.echo(f"已导出 {len(rows)} 个概念到 {out}", err=True)


@vocabulary_group.command("check")
@click.option("--file", "path", type=FILE, help="要检查的 CSV；不填则检查今天的词库")
@click.option("--demands", type=FILE, help="需求 CSV：另外打印词库认得其中多少词")
@with_appcontext
def check_vocabulary(path: Path | None, demands: Path | None) -> None:
    """打印词库的健康状况；有问题时退出码为 1。"""
    rows = read_rows(path, COLUMNS) if path else [dict(zip(COLUMNS, row, strict=True)) for row in _current()]
    known = [Concept.from_row(row) for row in rows]
    vocabulary = Vocabulary(known)
    state = health(vocabulary)
    click.echo(f"概念 {state.concepts}，词条 {state.labels}，孤立概念 {state.orphans}")
    click.echo(f"有上位词 {state.with_broader:.1%}，有学科 {state.with_discipline:.1%}，", nl=False)
    click.echo(f"有俗称或别名 {state.with_everyday_label:.1%}")
    for industry, count in state.by_industry.items():
        click.echo(f"  {industry:<26}{count:>6}")
    click.echo("各类：" + "，".join(f"{sort} {count}" for sort, count in state.by_sort.items()))
    if demands:
        click.echo(known_words(vocabulary, read_demands(demands)))
    wrong = findings(known)
    for finding in wrong:
        click.echo(f"问题：{finding.concept_id}：{finding.message}")
    if wrong:
        raise BadInput(f"词库有 {len(wrong)} 处问题，请按上面的提示修改。")


@vocabulary_group.command("import")
@click.argument("path", type=FILE)
@click.option("--valid-from", type=DAY, help="启用日期，默认今天")
@click.option("--words", default="从文件导入", show_default=True, help="为什么改，记入留痕")
@click.option("--dry-run", is_flag=True, help="只检查，不保存")
@with_appcontext
def import_vocabulary(path: Path, valid_from: datetime | None, words: str, dry_run: bool) -> None:
    """导入本局的概念：编号相同的替换，其余新增，没有变化的跳过。有问题则一个也不导入。"""
    rows = read_rows(path, COLUMNS)
    held = installed()
    today = shanghai_date(held.clock())
    since = valid_from.date() if valid_from else today
    try:
        with writing(held.engine, held.keyring) as session:
            made = concepts.edit(session, system_actor("vocabulary import"), today, rows, valid_from=since, words=words)
            if dry_run:
                session.rollback()
    except RuleBroken as refused:
        raise BadInput(refused.message) from None
    click.echo(
        f"{'可导入' if dry_run else '已导入'} {len(made)} 个概念，{len(rows) - len(made)} 个没有变化。", err=True
    )


def _current() -> list[list[str]]:
    """The vocabulary of today; before there is an installation, the one that ships."""
    try:
        held = installed()
    except click.ClickException:
        return [list(Concept.from_row(row).as_row().values()) for row in shipped_rows()]
    with reading(held.engine, held.keyring) as session:
        return concepts.exchange_rows(session, shanghai_date(held.clock()))


COMMANDS: list[click.Command] = [vocabulary_group]
