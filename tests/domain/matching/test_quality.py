"""How good the ranking is on judged pairs; the figures are printed (pytest -s), floors guard against decline.

`shared/` is judged by others on real texts. `unseen/` was written and graded by three others before the vocabulary;
its errors have been looked at since, so it counts as known. `dev/`, `check/` and `check2/` were written by the maker of
the ranking: they guard what works and say nothing about unseen cases. `fresh/` was written and graded by three more
when the rest was done, `newest/` by six others after that; both are looked at since.
"""

import csv
from pathlib import Path

import pytest

from app.domain.matching import ablation
from app.domain.matching.evaluation import Quality
from app.domain.matching.facts import DemandFacts, OfferFacts
from app.domain.matching.ranking import Engine
from app.domain.matching.vocabulary import Vocabulary
from app.domain.matching.weights import Weights
from app.features.vocabulary.data import shipped_examples, shipped_rows

HERE = Path(__file__).parent


def rows(name: str, table: str) -> list[dict[str, str]]:
    with (HERE / name / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def demands(name: str) -> list[DemandFacts]:
    return [DemandFacts(row["id"], row["title"], row["description"], row["industry"]) for row in rows(name, "demands")]


def offers(name: str) -> list[OfferFacts]:
    return [OfferFacts(row["id"], row["kind"], row["title"], row["description"]) for row in rows(name, "offers")]


def judgements(name: str) -> dict[str, dict[str, float]]:
    graded: dict[str, dict[str, float]] = {}
    for row in rows(name, "judgements"):
        graded.setdefault(row["demand_id"], {})[row["offer_id"]] = float(row["grade"])
    return graded


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.from_rows(shipped_rows(), shipped_examples())


@pytest.fixture(scope="module")
def engine(vocabulary) -> Engine:
    return Engine(vocabulary)


@pytest.fixture(scope="module")
def found(engine) -> dict[str, Quality]:
    return {name: measured(engine, name) for name in FLOORS}


def measured(engine: Engine, name: str) -> Quality:
    found = ablation.measured(engine, demands(name), offers(name), judgements(name))
    print(
        f"\n{name}: nDCG@10 {found.ndcg:.4f}, recall@5 {found.recall:.4f}, success@3 {found.success:.4f}, "
        f"nobody said {found.said_nobody} of {found.nobody_demands}, wrongly {found.wrongly_nobody} of {found.demands}"
    )
    return found


FLOORS = {"shared": 0.92, "unseen": 0.90, "dev": 0.94, "check": 0.96, "check2": 0.95, "fresh": 0.85, "newest": 0.81}


@pytest.mark.parametrize("name", FLOORS)
def test_the_right_people_stand_first(found, name):
    assert found[name].ndcg >= FLOORS[name]


def test_nobody_is_said_where_nobody_suits_and_hardly_where_somebody_does(found):
    """Over the known sets: at least half of the demands that nobody suits, at most one in thirty of the others.

    In `fresh/` the demands that nobody suits are near to what is offered: there it is hardly ever said. Said wrongly,
    it hides nobody: what touches the matter is listed apart.
    """
    assert sum(one.said_nobody for one in found.values()) >= sum(one.nobody_demands for one in found.values()) / 2
    assert sum(one.wrongly_nobody for one in found.values()) <= sum(one.demands for one in found.values()) / 30
    assert found["newest"].said_nobody >= 0.6 * found["newest"].nobody_demands
    assert found["fresh"].wrongly_nobody <= found["fresh"].demands / 8


def test_every_piece_of_knowledge_earns_its_place(vocabulary):
    stages = ablation.ablation(vocabulary, Weights(), demands("fresh"), offers("fresh"), judgements("fresh"))
    reached = {name: found.ndcg for name, found in stages}
    for name, value in reached.items():
        print(f"\n{name:<30}{value:.4f}", end="")
    assert reached["words + bigrams"] < 0.45
    assert reached["+ vocabulary: things"] > reached["words + bigrams"] + 0.2
    assert reached["+ discipline"] > reached["+ vocabulary: things"] + 0.02
    assert reached["+ leanings of characters"] > reached["+ hints of unknown words"] + 0.03
    assert reached["+ rareness of offers"] > reached["+ leanings of characters"] + 0.005


def test_every_proposal_says_in_words_what_speaks_for_it(engine):
    for name in FLOORS:
        collection = engine.collect(offers(name))
        for demand in demands(name):
            for proposal in engine.rank(demand, collection).proposals:
                assert proposal.reasons, f"{name}: {demand.title} -> {proposal.offer_id}"


def test_a_demand_of_another_world_finds_nobody(engine):
    collection = engine.collect(offers("shared"))
    dentistry = next(demand for demand in demands("shared") if demand.id == "D053")
    answer = engine.rank(dentistry, collection)
    assert answer.nobody_suits
    assert answer.summary.startswith("暂无合适人选")
    assert "其他县" in answer.summary


def test_examples_name_known_disciplines_and_stand_in_no_set(vocabulary):
    known = {concept.id for concept in vocabulary if concept.facet == "discipline"}
    titles = {demand.title for name in FLOORS for demand in demands(name)}
    assert len(vocabulary.examples) > 1000
    for example in vocabulary.examples:
        assert example.disciplines
        assert set(example.disciplines) <= known
        assert not any(title in example.text for title in titles)
