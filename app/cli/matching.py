"""Commands of the matching engine: rank two files, measure a ranking, and keep the vocabulary.

None of them needs a database or a key; they use the vocabulary that ships unless a file is given.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from app.domain.matching.facts import DemandFacts, OfferFacts
from app.domain.matching.vocabulary import Vocabulary
from app.features.vocabulary.data import shipped_rows

IN = click.Path(path_type=Path, dir_okay=False)
OUT = click.Path(path_type=Path, dir_okay=False, writable=True)
DEMAND_COLUMNS = ("id", "title", "description", "industry")
OFFER_COLUMNS = ("id", "kind", "title", "description")


class BadInput(click.ClickException):
    """Wrong input: said in Chinese, exit status 1, nothing written."""

    def format_message(self) -> str:
        return self.message

    def show(self, file: object = None) -> None:
        click.echo(f"错误：{self.message}", err=True)


def read_table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a CSV file (UTF-8, with or without a byte-order mark), unknown columns ignored.

    Refused: a missing file, another encoding, a missing column, a row without an id, an id that stands twice.
    """
    wanted = tuple(columns)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
            heading = set(rows[0]) if rows else set(_heading(path))
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
    missing = [name for name in wanted if name not in heading]
    if missing:
        raise BadInput(f"{path} 缺少列：{'、'.join(missing)}；需要的列：{'、'.join(wanted)}。")
    return list(_checked(path, rows, wanted))


def _heading(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file), [])


def _checked(path: Path, rows: list[dict[str, str]], wanted: tuple[str, ...]) -> Iterator[dict[str, str]]:
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        cells = {name: (row.get(name) or "").strip() for name in wanted}
        if not any(cells.values()):
            continue
        if not cells["id"]:
            raise BadInput(f"{path} 第 {line} 行没有 id，请补上后再试。")
        if cells["id"] in seen:
            raise BadInput(f"{path} 第 {line} 行的 id“{cells['id']}”与第 {seen[cells['id']]} 行重复。")
        if not cells.get("title") and not cells.get("description"):
            raise BadInput(f"{path} 第 {line} 行（{cells['id']}）标题和说明都是空的，请至少填写一项。")
        seen[cells["id"]] = line
        yield cells


def read_demands(path: Path) -> list[DemandFacts]:
    return [
        DemandFacts(row["id"], row["title"], row["description"], row["industry"])
        for row in read_table(path, DEMAND_COLUMNS)
    ]


def read_offers(path: Path) -> list[OfferFacts]:
    return [
        OfferFacts(row["id"], row["kind"], row["title"], row["description"]) for row in read_table(path, OFFER_COLUMNS)
    ]


def shipped_vocabulary() -> Vocabulary:
    """The vocabulary that ships with the platform."""
    return Vocabulary.from_rows(shipped_rows())


@click.command("match-rank")
@click.option("--demands", required=True, type=IN, help="需求 CSV：id,title,description,industry")
@click.option("--offers", required=True, type=IN, help="服务 CSV：id,kind,title,description")
@click.option("--top", default=10, show_default=True, type=click.IntRange(1, 1000), help="每条需求最多几个")
@click.option("--out", required=True, type=OUT, help="结果 CSV：demand_id,rank,offer_id,score")
@click.option("--reasons", is_flag=True, help="结果多一列 reasons，写明理由")
def match_rank(demands: Path, offers: Path, top: int, out: Path, reasons: bool) -> None:
    """按需求给服务排序，不需要数据库。没有合适人选的需求在结果中没有行。"""
    wanted, given = read_demands(demands), read_offers(offers)
    from app.domain.matching.ranking import Engine  # numpy and the cutter: only where something is ranked

    engine = Engine(shipped_vocabulary())
    collection = engine.collect(given)
    nobody = 0
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["demand_id", "rank", "offer_id", "score", *(["reasons"] if reasons else [])])
            for demand in wanted:
                answer = engine.rank(demand, collection, top)
                nobody += answer.nobody_suits
                for item in answer.proposals:
                    row = [item.demand_id, item.rank, item.offer_id, f"{item.score:.6f}"]
                    writer.writerow([*row, item.reasons] if reasons else row)
    except OSError as error:
        raise BadInput(f"无法写入 {out}：{error.strerror}。") from None
    click.echo(f"{len(wanted)} 条需求，{len(given)} 项服务；{nobody} 条暂无合适人选。结果：{out}", err=True)


COMMANDS: list[click.Command] = [match_rank]
