"""Frozen inputs: one text, one hash, whatever the order of arrival; contradictions are refused with words."""

import json
from dataclasses import replace

import pytest
from hypothesis import given

from app.domain.matching.plans.outcome import rows_of
from app.domain.matching.plans.problem import (
    CountyBound,
    Pairs,
    PlanDemand,
    PlanInputs,
    PlanOffer,
    PlanRefused,
    PlanRules,
    Side,
    freeze,
)
from app.domain.matching.plans.solving import solve_plan
from app.domain.plans import Mode
from tests.domain.matching.plans.instances import round_of, rounds


def test_the_order_in_which_rows_arrive_leaves_no_trace() -> None:
    demands, offers = [PlanDemand("d1"), PlanDemand("d2")], [PlanOffer("o1"), PlanOffer("o2")]
    one = freeze(demands, offers, Pairs.of([0, 1], [1, 0], [5, 7]))
    other = freeze(demands[::-1], offers[::-1], Pairs.of([0, 1], [1, 0], [7, 5]))
    assert one.sha256 == other.sha256


def test_anything_that_matters_changes_the_hash() -> None:
    fits = {("d1", "o1"): 5000, ("d1", "o2"): 5000}
    base = round_of(["d1"], ["o1", "o2"], fits)
    others = [
        round_of(["d1"], ["o1", "o2"], {**fits, ("d1", "o2"): 5001}),
        round_of(["d1"], ["o1", PlanOffer("o2", capacity=2)], fits),
        round_of([PlanDemand("d1", county="350404")], ["o1", "o2"], fits),
        round_of(["d1"], ["o1", "o2"], fits, barred=[("d1", "o2")]),
        round_of(["d1"], ["o1", "o2"], fits, travel={("d1", "o2"): 0}),
        round_of(["d1"], ["o1", "o2"], fits, demand_wish={("d1", "o2"): 1}),
        round_of(["d1"], ["o1", "o2"], fits, rules=PlanRules(renewal_bonus=0)),
    ]
    assert len({inputs.sha256 for inputs in (base, *others)}) == len(others) + 1


def test_the_hash_is_that_of_the_first_schema_for_ever() -> None:
    """A stored plan cites its inputs by this hash; if this fails, a new schema number is due."""
    inputs = round_of(
        [PlanDemand("d1", "350404", "350404001", "新材料", "企业", 2)],
        [PlanOffer("o1", "350405", 3, (("企业", 1),))],
        {("d1", "o1"): 9000},
        travel={("d1", "o1"): 1200},
        rules=PlanRules(bounds=(CountyBound("350404", Side.SERVED, 1),)),
    )
    assert json.loads(inputs.canonical)["pairs"] == {"demand": [0], "fit": [9000], "offer": [0], "travel_m": [1200]}
    assert inputs.sha256 == "432d873be59f0452c5aebd7ff5dd50f8a10a748e7b1b531b993a2da7bc841b87"


@given(rounds())
def test_inputs_survive_being_written_and_read(inputs: PlanInputs) -> None:
    again = PlanInputs.from_json(inputs.canonical)
    assert again.canonical == inputs.canonical
    assert (again.demands, again.offers, again.rules) == (inputs.demands, inputs.offers, inputs.rules)


@given(rounds(cover=True))
def test_a_plan_is_found_again_from_its_frozen_inputs(inputs: PlanInputs) -> None:
    again = PlanInputs.from_json(inputs.canonical)
    for mode in Mode:
        assert solve_plan(again, mode).as_json() == solve_plan(inputs, mode).as_json()


def test_frozen_columns_cannot_be_changed() -> None:
    inputs = round_of(["d1"], ["o1"], {("d1", "o1"): 1})
    with pytest.raises(ValueError, match="read-only"):
        inputs.pairs.fit[0] = 2


@pytest.mark.parametrize(
    ("demands", "offers", "pairs", "rules", "words"),
    [
        ([PlanDemand("d"), PlanDemand("d")], [], Pairs.of([], [], []), None, "需求编号 d 出现了两次"),
        ([], [PlanOffer("o"), PlanOffer("o")], Pairs.of([], [], []), None, "科特派编号 o 出现了两次"),
        ([PlanDemand("d", places=0)], [], Pairs.of([], [], []), None, "至少应为 1"),
        ([], [PlanOffer("o", capacity=-1)], Pairs.of([], [], []), None, "负数"),
        ([], [PlanOffer("o", quotas=(("g", -1),))], Pairs.of([], [], []), None, "负数"),
        ([], [PlanOffer("o", quotas=(("g", 1), ("g", 2)))], Pairs.of([], [], []), None, "两个限额"),
        ([PlanDemand("d")], [PlanOffer("o")], Pairs.of([0], [1], [1]), None, "名单以外"),
        ([PlanDemand("d")], [PlanOffer("o")], Pairs.of([0], [-1], [1]), None, "名单以外"),
        ([PlanDemand("d")], [PlanOffer("o")], Pairs.of([0, 0], [0, 0], [1, 1]), None, "出现了两次"),
        ([PlanDemand("d")], [PlanOffer("o")], Pairs.of([0], [0], [10_001]), None, "匹配度"),
        ([PlanDemand("d")], [PlanOffer("o")], Pairs.of([0], [0], [1], travel_m=[-2]), None, "路程"),
        ([PlanDemand("d")], [PlanOffer("o")], Pairs.of([0], [0], [1], offer_wish=[-1]), None, "志愿"),
        ([PlanDemand("d")], [PlanOffer("o")], Pairs.of([0], [0], [1, 2]), None, "行数不一致"),
        ([], [], Pairs.of([], [], []), PlanRules(unserved_penalty=-1), "unserved_penalty"),
    ],
)
def test_contradictions_are_refused_in_words(
    demands: list[PlanDemand], offers: list[PlanOffer], pairs: Pairs, rules: PlanRules | None, words: str
) -> None:
    with pytest.raises(PlanRefused, match=words):
        freeze(demands, offers, pairs, rules)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((CountyBound("A", Side.SERVED, 2, 1),), "矛盾"),
        ((CountyBound("A", Side.SERVED, -1),), "矛盾"),
        ((CountyBound("A", Side.SENT),), "名单里没有"),
        ((CountyBound("A", Side.SERVED), CountyBound("A", Side.SERVED, 1)), "两次"),
    ],
)
def test_county_bounds_are_checked(bounds: tuple[CountyBound, ...], words: str) -> None:
    with pytest.raises(PlanRefused, match=words):
        freeze([PlanDemand("d", "A")], [], Pairs.of([], [], []), PlanRules(bounds=bounds))


def test_a_schema_of_the_future_is_refused() -> None:
    text = json.loads(round_of([], [], {}).canonical)
    with pytest.raises(PlanRefused, match="版本是 99"):
        PlanInputs.from_json(json.dumps({**text, "schema": 99}))


def test_links_are_found_among_the_candidates_and_nowhere_else() -> None:
    inputs = round_of(["d1", "d2"], ["o1", "o2"], {("d1", "o2"): 1, ("d2", "o1"): 2})
    assert rows_of(inputs, [("d2", "o1"), ("d1", "o2")]).tolist() == [0, 1]
    for link in [("d1", "o1"), ("d2", "o2"), ("d9", "o1"), ("d1", "o9")]:
        with pytest.raises(PlanRefused, match="候选名单"):
            rows_of(inputs, [link])


def test_rules_can_be_varied_for_a_what_if() -> None:
    inputs = round_of(["d1"], ["o1"], {("d1", "o1"): 1})
    other = freeze(inputs.demands, inputs.offers, inputs.pairs, replace(inputs.rules, renewal_bonus=5))
    assert other.rules.renewal_bonus == 5 and other.sha256 != inputs.sha256
