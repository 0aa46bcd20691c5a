"""Two-way choice: nobody has a reason to leave, judged by the words of the definition over all subsets."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.matching.plans import stable
from app.domain.matching.plans.outcome import Plan, rows_of, rule_breaks, total_value
from app.domain.matching.plans.problem import Pairs, PlanDemand, PlanInputs, PlanOffer, freeze
from app.domain.matching.plans.stable import blocking_pairs, stable_choice
from app.domain.plans import Mode
from tests.domain.matching.plans import instances as brute
from tests.domain.matching.plans.instances import round_of, rounds


def plan_of(inputs: PlanInputs, rows: brute.Rows) -> Plan:
    chosen = np.array(rows, np.int64)
    return Plan(Mode.STABLE, inputs, chosen, total_value(inputs, chosen), None, "by hand")


def crowd(size: int, offers: int, candidates: int, seed: int) -> PlanInputs:
    random = np.random.default_rng(seed)
    keys = np.unique(random.integers(0, size * offers, size * candidates))
    demand, offer = np.divmod(keys, offers)
    return freeze(
        [PlanDemand(f"{i:05}", group="ab"[i % 2], places=1 + i % 2) for i in range(size)],
        [PlanOffer(f"{i:05}", capacity=1 + i % 3, quotas=(("a", 1),) if i % 5 == 0 else ()) for i in range(offers)],
        Pairs.of(demand, offer, random.integers(0, 12, len(keys)) * 800, demand_wish=random.integers(0, 4, len(keys))),
    )


def test_wishes_come_before_fit() -> None:
    fits = {("d1", "o1"): 9000, ("d1", "o2"): 100}
    assert stable_choice(round_of(["d1"], ["o1", "o2"], fits)).links == {("d1", "o1")}
    wished = round_of(["d1"], ["o1", "o2"], fits, demand_wish={("d1", "o2"): 1})
    assert stable_choice(wished).links == {("d1", "o2")}


def test_the_commissioner_chooses_too() -> None:
    fits = {("d1", "o1"): 9000, ("d2", "o1"): 9000}
    inputs = round_of(["d1", "d2"], ["o1"], fits, offer_wish={("d2", "o1"): 1, ("d1", "o1"): 2})
    assert stable_choice(inputs).links == {("d2", "o1")}


def test_demands_get_the_best_of_all_stable_plans() -> None:
    """Both "each demand its first" and "each commissioner his first" are stable here."""
    demand_wish = {("d1", "o1"): 1, ("d1", "o2"): 2, ("d2", "o2"): 1, ("d2", "o1"): 2}
    offer_wish = {("d2", "o1"): 1, ("d1", "o1"): 2, ("d1", "o2"): 1, ("d2", "o2"): 2}
    fits = dict.fromkeys(demand_wish, 5000)
    inputs = round_of(["d1", "d2"], ["o1", "o2"], fits, demand_wish=demand_wish, offer_wish=offer_wish)
    assert stable_choice(inputs).links == {("d1", "o1"), ("d2", "o2")}


def test_equal_candidates_are_told_apart_by_the_shorter_way_and_then_by_identifier() -> None:
    fits = {("d1", "o1"): 5000, ("d1", "o2"): 5000, ("d1", "o3"): 5000}
    assert stable_choice(round_of(["d1"], ["o1", "o2", "o3"], fits)).links == {("d1", "o1")}
    near = round_of(["d1"], ["o1", "o2", "o3"], fits, travel={("d1", "o1"): 9, ("d1", "o2"): 5, ("d1", "o3"): 5})
    assert stable_choice(near).links == {("d1", "o2")}


def test_an_indifferent_side_does_not_block() -> None:
    fits = {("d1", "o1"): 5000, ("d2", "o1"): 5000}
    inputs = round_of(["d1", "d2"], ["o1"], fits)
    assert blocking_pairs(plan_of(inputs, (1,))) == []


def test_a_quota_makes_room_for_others_even_if_they_are_liked_less() -> None:
    demands = [PlanDemand("d1", group="企业"), PlanDemand("d2", group="企业"), PlanDemand("d3", group="村")]
    offers = [PlanOffer("o1", capacity=2, quotas=(("企业", 1),))]
    inputs = round_of(demands, offers, {("d1", "o1"): 9000, ("d2", "o1"): 8000, ("d3", "o1"): 10})
    assert stable_choice(inputs).links == {("d1", "o1"), ("d3", "o1")}


@settings(max_examples=400)
@given(rounds(bounds=False))
def test_nobody_would_rather_leave(inputs: PlanInputs) -> None:
    plan = stable_choice(inputs)
    rows = tuple(plan.chosen.tolist())
    assert rule_breaks(plan) == [] and brute.lawful(inputs, rows)
    assert brute.blocking(inputs, rows) == set()
    assert plan.value == brute.value(inputs, rows)


@settings(max_examples=400)
@given(rounds(bounds=False), st.data())
def test_the_checker_finds_exactly_the_pairs_of_the_definition(inputs: PlanInputs, data: st.DataObject) -> None:
    rows = data.draw(st.sampled_from([held for held in brute.subsets(inputs) if brute.lawful(inputs, held)]))
    assert set(blocking_pairs(plan_of(inputs, rows))) == brute.blocking(inputs, rows)


@settings(max_examples=150)
@given(rounds(bounds=False, most_pairs=8))
def test_no_demand_does_better_in_any_other_stable_plan(inputs: PlanInputs) -> None:
    """Holds without ties and with one place each (Gale and Shapley)."""
    sides = (("demand", brute.demand_of), ("offer", brute.offer_of))
    for side, row_of in sides:
        levels = [(row_of(inputs, r).uid, brute.level(inputs, r, side)) for r in range(len(inputs.pairs))]
        assume(len(set(levels)) == len(levels))
    assume(all(demand.places == 1 for demand in inputs.demands))
    mine = {inputs.pairs.demand[r]: brute.level(inputs, r, "demand") for r in stable_choice(inputs).chosen.tolist()}
    for held in brute.subsets(inputs):
        if brute.lawful(inputs, held) and not brute.blocking(inputs, held):
            for row in held:
                assert mine[inputs.pairs.demand[row]] <= brute.level(inputs, row, "demand")


@pytest.mark.parametrize(("size", "offers", "candidates"), [(40, 40, 4), (400, 90, 12), (1500, 1500, 8)])
def test_rounds_in_arrays_and_single_steps_agree(
    size: int, offers: int, candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of proposals is free, so all at once, one by one and the usual mixture must end alike."""
    inputs = crowd(size, offers, candidates, seed=size)
    usual = stable_choice(inputs)
    assert blocking_pairs(usual) == [] and rule_breaks(usual) == []
    for share in (1, 10**9):
        monkeypatch.setattr(stable, "TAIL_SHARE", share)
        assert stable_choice(inputs).chosen.tolist() == usual.chosen.tolist()


def test_a_long_chain_of_displacement_is_walked_to_its_end() -> None:
    """Each newcomer displaces the next: thousands of steps, one open demand at a time."""
    length = 3000
    demand_wish = {}
    offer_wish = {}
    for i in range(length):
        demand_wish[(f"d{i:05}", f"o{i:05}")] = 1
        demand_wish[(f"d{i:05}", f"o{i + 1:05}")] = 2
        offer_wish[(f"d{i:05}", f"o{i:05}")] = 2
        offer_wish[(f"d{i:05}", f"o{i + 1:05}")] = 1
    demand_wish[("e", "o00000")] = offer_wish[("e", "o00000")] = 1
    demands = ["e", *(f"d{i:05}" for i in range(length))]
    offers = [f"o{i:05}" for i in range(length + 1)]
    fits = dict.fromkeys(demand_wish, 5000)
    plan = stable_choice(round_of(demands, offers, fits, demand_wish=demand_wish, offer_wish=offer_wish))
    assert plan.links == {("e", "o00000"), *((f"d{i:05}", f"o{i + 1:05}") for i in range(length))}


def test_preferences_too_wide_for_one_key_are_sorted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = crowd(60, 30, 6, seed=5)
    usual = stable_choice(inputs).chosen.tolist()
    pairs = Pairs(**{name: getattr(inputs.pairs, name) for name in Pairs.COLUMNS})
    wide = freeze(inputs.demands, inputs.offers, pairs)
    far = np.where(wide.pairs.fit > 0, 2**50, 2**50)
    object.__setattr__(wide.pairs, "travel_m", far)
    assert stable_choice(wide).chosen.tolist() == usual


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_the_matching_package(seed: int) -> None:
    """Hospitals and residents with strict preferences; the package cannot go far beyond this size."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from matching.games import HospitalResident

    random = np.random.default_rng(seed)
    demands, offers = [f"d{i:03}" for i in range(40)], [f"o{i:03}" for i in range(15)]
    chosen = {d: [offers[i] for i in random.permutation(15)[:6]] for d in demands}
    liked = {o: [d for d in random.permutation(demands).tolist() if o in chosen[d]] for o in offers}
    offers = [o for o in offers if liked[o]]
    capacity = {o: int(random.integers(1, 4)) for o in offers}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = HospitalResident.create_from_dictionaries(chosen, {o: liked[o] for o in offers}, capacity).solve(
            optimal="resident"
        )
    links = {(d.name, o.name) for o, held in theirs.items() for d in held}
    wish = {(d, o): 1 + place for d, row in chosen.items() for place, o in enumerate(row)}
    inputs = round_of(
        demands,
        [PlanOffer(o, capacity=capacity[o]) for o in offers],
        dict.fromkeys(wish, 5000),
        demand_wish=wish,
        offer_wish={(d, o): 1 + liked[o].index(d) for d, o in wish},
    )
    assert stable_choice(inputs).links == links


def test_by_hand_chosen_links_can_be_checked() -> None:
    inputs = round_of(["d1", "d2"], ["o1"], {("d1", "o1"): 9000, ("d2", "o1"): 5000})
    worse = plan_of(inputs, tuple(rows_of(inputs, [("d2", "o1")]).tolist()))
    assert blocking_pairs(worse) == [("d1", "o1")]
