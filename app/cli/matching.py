"""Commands of the matching engine: rank two files, and measure a ranking.

None of them needs a database or a key; they use the vocabulary that ships unless a file is given.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from app.domain.matching.facts import DemandFacts, OfferFacts
from app.domain.matching.vocabulary import Vocabulary
from app.features.vocabulary.data import shipped_examples, shipped_rows

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
    return Vocabulary.from_rows(shipped_rows(), shipped_examples())


@click.command("match-rank")
@click.option("--demands", required=True, type=FILE, help="需求 CSV：id,title,description,industry")
@click.option("--offers", required=True, type=FILE, help="服务 CSV：id,kind,title,description")
@click.option("--top", default=10, show_default=True, type=click.IntRange(1, 1000), help="每条需求最多几个")
@click.option("--out", required=True, type=FILE, help="结果 CSV：demand_id,rank,offer_id,score")
@click.option("--reasons", is_flag=True, help="结果多两列：tier（合适或沾边）、reasons（理由）")
def match_rank(demands: Path, offers: Path, top: int, out: Path, reasons: bool) -> None:
    """按需求给服务排序，不需要数据库。只列沾边以上的服务，一项也没有的需求在结果中没有行。"""
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
    from app.domain.matching.ranking import Engine
    from app.domain.matching.weights import Weights

    vocabulary, weights = shipped_vocabulary(), Weights()
    if ablation:
        measured = measuring.ablation(vocabulary, weights, wanted, given, graded)
    else:
        measured = [("all", measuring.measured(Engine(vocabulary, weights), wanted, given, graded))]
    click.echo(f"{'stage':<30}{'nDCG@10':>9}{'recall@5':>10}{'success@3':>11}{'nobody':>9}{'wrongly':>9}")
    for name, found in measured:
        nobody = f"{found.said_nobody}/{found.nobody_demands}"
        wrongly = f"{found.wrongly_nobody}/{found.demands}"
        measures = f"{found.ndcg:>9.4f}{found.recall:>10.4f}{found.success:>11.4f}"
        click.echo(f"{name:<30}{measures}{nobody:>9}{wrongly:>9}")
    click.echo(
        f"demands with a suitable offer: {measured[-1][1].demands}; words known: {known_words(vocabulary, wanted)}"
    )


def known_words(vocabulary: Vocabulary, demands: Sequence[DemandFacts]) -> str:
    """How many of the content words of some demands the vocabulary knows, in words."""
    from app.domain.matching.weights import Weights
    from app.domain.matching.words import Reader, known_share  # the cutter: only where words are counted

    reader = Reader(vocabulary, Weights())
    known, words = known_share(reader, (f"{demand.title} {demand.description}" for demand in demands))
    return f"{len(demands)} 条需求的 {words} 个实词中认得 {known} 个（{known / max(1, words):.1%}）"


COMMANDS: list[click.Command] = [match_rank, match_evaluate]
