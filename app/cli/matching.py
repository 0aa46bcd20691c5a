"""Commands of the matching engine: rank two files, measure a ranking, and keep the vocabulary.

None of them needs a database or a key; they use the vocabulary that ships unless a file is given.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from app.domain.matching.facts import DemandFacts, OfferFacts
from app.domain.matching.health import findings, health
from app.domain.matching.vocabulary import COLUMNS, Concept, Vocabulary
from app.features.vocabulary.data import bureau_file, current_rows, shipped_rows

FILE = click.Path(path_type=Path)
# Columns that a file must have, and those that count as empty where it has them not.
NEEDED = ("id", "title")
DEMAND_COLUMNS = (*NEEDED, "description", "industry")
OFFER_COLUMNS = (*NEEDED, "kind", "description")
LONGEST_CELL = 16 * 1024 * 1024
JUDGEMENT_COLUMNS = ("demand_id", "offer_id", "grade")


class BadInput(click.ClickException):
    """Wrong input: said in Chinese, exit status 1, nothing written."""

    def format_message(self) -> str:
        return self.message

    def show(self, file: object = None) -> None:
        click.echo(f"错误：{self.message}", err=True)


def read_rows(path: Path, columns: Iterable[str], needed: Iterable[str] | None = None) -> list[dict[str, str]]:
    """The rows of a CSV file (UTF-8, with or without a byte-order mark), unknown columns ignored.

    Columns outside `needed` (default: all) may be missing and then count as empty. Headings are read without regard
    to blanks around them and to capitals. Refused: a missing file, another encoding, a broken table, a needed column
    that is missing.
    """
    wanted = tuple(columns)
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            heading = [name.strip().lower() for name in next(lines, [])]
            rows = [dict(zip(heading, line, strict=False)) for line in lines]
    except FileNotFoundError:
        raise BadInput(f"找不到文件 {path}，请检查路径。") from None
    except IsADirectoryError:
        raise BadInput(f"{path} 是文件夹，请给出 CSV 文件。") from None
    except OSError as error:
        raise BadInput(f"无法读取 {path}：{error.strerror}。") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} 不是 UTF-8 编码，请另存为“CSV UTF-8”后再试。") from None
    except csv.Error as error:
        raise BadInput(f"{path} 不是有效的 CSV 文件（{error}）。") from None
    _check_heading(path, heading, wanted if needed is None else tuple(needed))
    cells = ({name: (row.get(name) or "").strip() for name in wanted} for row in rows)
    return [row for row in cells if any(row.values())]


def _check_heading(path: Path, heading: Sequence[str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in heading]
    if not missing:
        return
    if not heading:
        raise BadInput(f"{path} 是空文件；第一行应是列名：{'、'.join(needed)}。")
    if len(heading) == 1 and any(mark in heading[0] for mark in "\t;；，"):
        raise BadInput(f"{path} 的各列不是用英文逗号分隔的，请另存为“CSV UTF-8（逗号分隔）”后再试。")
    raise BadInput(f"{path} 缺少列：{'、'.join(missing)}；需要的列：{'、'.join(needed)}。")


def read_table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Rows of things with an id. Refused besides: a row without an id or any text, an id that stands twice."""
    seen: dict[str, int] = {}
    rows = read_rows(path, columns, NEEDED)
    for line, row in enumerate(rows, start=2):
        if not row["id"]:
            raise BadInput(f"{path} 第 {line} 行没有 id，请补上后再试。")
        if row["id"] in seen:
            raise BadInput(f"{path} 第 {line} 行的 id“{row['id']}”与第 {seen[row['id']]} 行重复。")
        if not row["title"] and not row["description"]:
            raise BadInput(f"{path} 第 {line} 行（{row['id']}）标题和说明都是空的，请至少填写一项。")
        seen[row["id"]] = line
    return rows


def write_table(path: Path, heading: list[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a CSV file (UTF-8); refused where it cannot be written."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heading)
            writer.writerows(rows)
    except OSError as error:
        raise BadInput(f"无法写入 {path}：{error.strerror}。") from None


def read_demands(path: Path) -> list[DemandFacts]:
    return [
        DemandFacts(row["id"], row["title"], row["description"], row["industry"])
        for row in read_table(path, DEMAND_COLUMNS)
    ]


def read_offers(path: Path) -> list[OfferFacts]:
    return [
        OfferFacts(row["id"], row["kind"], row["title"], row["description"]) for row in read_table(path, OFFER_COLUMNS)
    ]


def read_judgements(path: Path) -> dict[str, dict[str, float]]:
    """Graded pairs: demand_id, offer_id, grade from 0 to 3."""
    graded: dict[str, dict[str, float]] = {}
    for line, row in enumerate(read_rows(path, JUDGEMENT_COLUMNS), start=2):
        try:
            grade = float(row["grade"])
        except ValueError:
            grade = -1.0
        if not 0 <= grade <= 3:
            raise BadInput(f"{path} 第 {line} 行的 grade“{row['grade']}”不是 0 到 3 的数。")
        graded.setdefault(row["demand_id"], {})[row["offer_id"]] = grade
    return graded


def shipped_vocabulary() -> Vocabulary:
    """The vocabulary that ships with the platform."""
    return Vocabulary.from_rows(shipped_rows())


@click.command("match-rank")
@click.option("--demands", required=True, type=FILE, help="需求 CSV：id,title,description,industry")
@click.option("--offers", required=True, type=FILE, help="服务 CSV：id,kind,title,description")
@click.option("--top", default=10, show_default=True, type=click.IntRange(1, 1000), help="每条需求最多几个")
@click.option("--out", required=True, type=FILE, help="结果 CSV：demand_id,rank,offer_id,score")
@click.option("--reasons", is_flag=True, help="结果多两列：tier（合适或沾边）、reasons（理由）")
def match_rank(demands: Path, offers: Path, top: int, out: Path, reasons: bool) -> None:
    """按需求给服务排序，不需要数据库。没有合适人选的需求在结果中没有行。"""
    wanted, given = read_demands(demands), read_offers(offers)
    from app.domain.matching.ranking import Engine  # numpy and the cutter: only where something is ranked

    engine = Engine(shipped_vocabulary())
    collection = engine.collect(given)
    answers = [engine.rank(demand, collection, top) for demand in wanted]
    heading = ["demand_id", "rank", "offer_id", "score", *(["tier", "reasons"] if reasons else [])]
    rows = [
        [
            *(found.demand_id, found.rank, found.offer_id, f"{found.score:.6f}"),
            *((found.tier.value, found.reasons) if reasons else ()),
        ]
        for answer in answers
        for found in answer.proposals
    ]
    write_table(out, heading, rows)
    nobody = sum(answer.nobody_suits for answer in answers)
    click.echo(f"{len(wanted)} 条需求，{len(given)} 项服务；{nobody} 条暂无合适人选。结果：{out}", err=True)


@click.command("match-evaluate")
@click.option("--demands", required=True, type=FILE, help="需求 CSV：id,title,description,industry")
@click.option("--offers", required=True, type=FILE, help="服务 CSV：id,kind,title,description")
@click.option("--judgements", required=True, type=FILE, help="评判 CSV：demand_id,offer_id,grade（0–3）")
@click.option("--ablation", is_flag=True, help="逐项列出字对、词、词库、学科等各自的贡献")
def match_evaluate(demands: Path, offers: Path, judgements: Path, ablation: bool) -> None:
    """用评判过的需求与服务衡量排序质量：nDCG@10、recall@5、success@3，以及该说“暂无”时说了几次（nobody）、不该说时说了几次（wrongly）。"""
    wanted, given, graded = read_demands(demands), read_offers(offers), read_judgements(judgements)
    from app.domain.matching import ablation as measuring  # numpy and the cutter, as above
    from app.domain.matching.weights import Weights

    vocabulary, weights = shipped_vocabulary(), Weights()
    if ablation:
        measured = measuring.ablation(vocabulary, weights, wanted, given, graded)
    else:
        measured = [("all", measuring.measured(vocabulary, weights, wanted, given, graded))]
    click.echo(f"{'stage':<30}{'nDCG@10':>9}{'recall@5':>10}{'success@3':>11}{'nobody':>9}{'wrongly':>9}")
    for name, found in measured:
        nobody = f"{found.said_nobody}/{found.nobody_demands}"
        wrongly = f"{found.wrongly_nobody}/{found.demands}"
        measures = f"{found.ndcg:>9.4f}{found.recall:>10.4f}{found.success:>11.4f}"
        click.echo(f"{name:<30}{measures}{nobody:>9}{wrongly:>9}")
    click.echo(
        f"demands with a suitable offer: {measured[-1][1].demands}; words known: {_known_words(vocabulary, wanted)}"
    )


@click.group("vocabulary")
def vocabulary_group() -> None:
    """词库：导出、检查、导入。"""


@vocabulary_group.command("export")
@click.option("--out", required=True, type=FILE, help="导出的 CSV，一行一个概念")
def export_vocabulary(out: Path) -> None:
    """把现用词库（随附的加上本局导入的）导出为一个 CSV 文件。"""
    concepts = list(Vocabulary.from_rows(current_rows(_data_dir())))
    write_table(out, list(COLUMNS), [list(concept.as_row().values()) for concept in concepts])
    click.echo(f"已导出 {len(concepts)} 个概念到 {out}", err=True)


@vocabulary_group.command("check")
@click.option("--file", "path", type=FILE, help="要检查的 CSV；不填则检查现用词库")
@click.option("--demands", type=FILE, help="需求 CSV：另外打印词库认得其中多少词")
def check_vocabulary(path: Path | None, demands: Path | None) -> None:
    """打印词库的健康状况；有问题时退出码为 1。"""
    rows = read_rows(path, COLUMNS) if path else list(current_rows(_data_dir()))
    concepts = [Concept.from_row(row) for row in rows]
    vocabulary = Vocabulary(concepts)
    state = health(vocabulary)
    click.echo(f"概念 {state.concepts}，词条 {state.labels}，孤立概念 {state.orphans}")
    click.echo(f"有上位词 {state.with_broader:.1%}，有学科 {state.with_discipline:.1%}，", nl=False)
    click.echo(f"有俗称或别名 {state.with_everyday_label:.1%}")
    for industry, count in state.by_industry.items():
        click.echo(f"  {industry:<26}{count:>6}")
    click.echo("各类：" + "，".join(f"{sort} {count}" for sort, count in state.by_sort.items()))
    if demands:
        click.echo(_known_words(vocabulary, read_demands(demands)))
    wrong = findings(concepts)
    for finding in wrong:
        click.echo(f"问题：{finding.concept_id}：{finding.message}")
    if wrong:
        raise BadInput(f"词库有 {len(wrong)} 处问题，请按上面的提示修改。")


def _known_words(vocabulary: Vocabulary, demands: Sequence[DemandFacts]) -> str:
    """How many of the content words of some demands the vocabulary knows, in words."""
    from app.domain.matching.weights import Weights
    from app.domain.matching.words import Reader, known_share  # the cutter: only where words are counted

    reader = Reader(vocabulary, Weights())
    known, words = known_share(reader, (f"{demand.title} {demand.description}" for demand in demands))
    return f"{len(demands)} 条需求的 {words} 个实词中认得 {known} 个（{known / max(1, words):.1%}）"


@vocabulary_group.command("import")
@click.argument("path", type=FILE)
@click.option("--dry-run", is_flag=True, help="只检查，不保存")
def import_vocabulary(path: Path, dry_run: bool) -> None:
    """导入本局的概念：编号相同的替换随附概念，其余新增。有问题则一个也不导入。"""
    rows = read_rows(path, COLUMNS)
    own = [Concept.from_row(row) for row in rows]
    nameless = [line for line, concept in enumerate(own, start=2) if not concept.id or not concept.preferred]
    if nameless:
        raise BadInput(f"{path} 第 {nameless[0]} 行没有编号或首选词，请补上后再试。")
    mine = {concept.id for concept in own}
    rest = [concept for concept in shipped_vocabulary() if concept.id not in mine]
    wrong = [finding for finding in findings([*own, *rest]) if finding.concept_id in mine]
    if wrong:
        raise BadInput("；".join(f"{finding.concept_id}：{finding.message}" for finding in wrong[:20]) + "。")
    if not dry_run:
        target = bureau_file(_data_dir())
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        write_table(beside, list(COLUMNS), [list(concept.as_row().values()) for concept in own])
        beside.replace(target)
    click.echo(f"{'可导入' if dry_run else '已导入'} {len(own)} 个概念。", err=True)


def _data_dir() -> Path:
    """Where this installation keeps its data; needs no key and no database."""
    from config import settings_from_environment  # the environment is read only when a command needs it

    return settings_from_environment().data_dir


COMMANDS: list[click.Command] = [match_rank, match_evaluate, vocabulary_group]
