"""Commands of the matching engine: rank two files, and measure a ranking.

None of them needs a database or a key; they use the vocabulary that ships unless a file is given.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from app.cli.files import FILE, NEEDED, BadInput, numbered_rows, read_table, write_table
from app.domain.matching.facts import DemandFacts, OfferFacts
from app.domain.matching.vocabulary import Vocabulary
from app.features.vocabulary.data import shipped_examples, shipped_rows

DEMAND_COLUMNS = (*NEEDED, "description", "industry")
OFFER_COLUMNS = (*NEEDED, "kind", "description")
JUDGEMENT_COLUMNS = ("demand_id", "offer_id", "grade")


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
    """Graded pairs: demand_id, offer_id, grade from 0 to 3; refused: a pair without both ids or graded twice."""
    graded: dict[str, dict[str, float]] = {}
    for line, row in numbered_rows(path, JUDGEMENT_COLUMNS):
        try:
            grade = float(row["grade"])
        except ValueError:
            grade = -1.0
        if not 0 <= grade <= 3:
            raise BadInput(f"{path} 第 {line} 行的 grade“{row['grade']}”不是 0 到 3 的数。")
        of_demand = graded.setdefault(row["demand_id"], {})
        if not row["demand_id"] or not row["offer_id"]:
            raise BadInput(f"{path} 第 {line} 行缺少 demand_id 或 offer_id，请补上后再试。")
        if row["offer_id"] in of_demand:
            raise BadInput(f"{path} 第 {line} 行：{row['demand_id']} 与 {row['offer_id']} 已经评判过，请只留一行。")
        of_demand[row["offer_id"]] = grade
    return graded


def _say_unknown(
    graded: dict[str, dict[str, float]], wanted: Sequence[DemandFacts], given: Sequence[OfferFacts]
) -> None:
    """Warns of judgements about what is in neither file: figures are measured against them all the same."""
    demands, offers = {one.id for one in wanted}, {one.id for one in given}
    unknown = [(d, o) for d, row in graded.items() for o in row if d not in demands or o not in offers]
    if unknown:
        first = "、".join(unknown[0])
        click.echo(f"注意：评判中有 {len(unknown)} 行的需求或服务不在文件里（如 {first}），请核对编号。", err=True)


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


@click.command("match-evaluate", short_help="用评判过的需求与服务衡量排序质量。")
@click.option("--demands", required=True, type=FILE, help="需求 CSV：id,title,description,industry")
@click.option("--offers", required=True, type=FILE, help="服务 CSV：id,kind,title,description")
@click.option("--judgements", required=True, type=FILE, help="评判 CSV：demand_id,offer_id,grade（0–3）")
@click.option("--ablation", is_flag=True, help="逐项列出字对、词、词库、学科等各自的贡献")
def match_evaluate(demands: Path, offers: Path, judgements: Path, ablation: bool) -> None:
    """用评判过的需求与服务衡量排序质量：nDCG@10、recall@5、success@3，以及该说“暂无”时说了几次（nobody）、不该说时说了几次（wrongly）。"""
    wanted, given, graded = read_demands(demands), read_offers(offers), read_judgements(judgements)
    _say_unknown(graded, wanted, given)
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
