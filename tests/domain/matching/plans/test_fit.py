"""The plan of best total fit: what a planner expects of it, and that nothing better exists."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import csr_matrix

from app.domain.matching.plans.fit import best_fit
from app.domain.matching.plans.outcome import BoundBreach, rule_breaks
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
from app.domain.plans import Mode
from tests.domain.matching.plans import instances as brute
from tests.domain.matching.plans.instances import round_of, rounds


def test_the_whole_counts_not_each_demand_for_itself() -> None:
    """d1 likes o1 a little better, but d2 has nobody else."""
    inputs = round_of(["d1", "d2"], ["o1", "o2"], {("d1", "o1"): 9000, ("d1", "o2"): 8000, ("d2", "o1"): 5000})
    plan = best_fit(inputs)
    assert plan.links == {("d1", "o2"), ("d2", "o1")}
    assert (plan.mode, plan.value, plan.bound, plan.gap) == (Mode.FIT, 13_000, 13_000, 0.0)


def test_those_who_work_together_stay_together_if_little_is_lost() -> None:
    fits = {("d1", "o1"): 8000, ("d1", "o2"): 8500}
    assert best_fit(round_of(["d1"], ["o1", "o2"], fits)).links == {("d1", "o2")}
    assert best_fit(round_of(["d1"], ["o1", "o2"], fits, renewal=[("d1", "o1")])).links == {("d1", "o1")}
    little = PlanRules(renewal_bonus=400)
    assert best_fit(round_of(["d1"], ["o1", "o2"], fits, renewal=[("d1", "o1")], rules=little)).links == {("d1", "o2")}


def test_an_empty_place_costs_what_the_rules_say() -> None:
    """Serving d2 at all would cost d1 more than the penalty of leaving it open."""
    fits = {("d1", "o1"): 9000, ("d1", "o2"): 1000, ("d2", "o1"): 2000}
    cheap, dear = PlanRules(unserved_penalty=3000), PlanRules(unserved_penalty=7000)
    left = best_fit(round_of(["d1", "d2"], ["o1", "o2"], fits, rules=cheap))
    assert (left.links, left.unserved, left.value) == ({("d1", "o1")}, (("d2", 1),), 6000)
    assert best_fit(round_of(["d1", "d2"], ["o1", "o2"], fits, rules=dear)).unserved == ()


def test_a_way_too_long_is_not_taken() -> None:
    rules = PlanRules(travel_per_km=200, unserved_penalty=1000)
    inputs = round_of(["d1"], ["o1"], {("d1", "o1"): 9000}, travel={("d1", "o1"): 60_000}, rules=rules)
    assert best_fit(inputs).links == set()


def test_who_refuses_is_not_sent() -> None:
    inputs = round_of(["d1"], ["o1", "o2"], {("d1", "o1"): 9000, ("d1", "o2"): 10}, barred=[("d1", "o1")])
    assert best_fit(inputs).links == {("d1", "o2")}


def test_a_commissioner_signs_with_no_more_enterprises_than_the_quota() -> None:
    demands = [PlanDemand(f"d{i}", group="企业") for i in range(3)] + [PlanDemand("d3", group="村")]
    fits = {(d.uid, "o1"): 9000 - 1000 * i for i, d in enumerate(demands)}
    plan = best_fit(round_of(demands, [PlanOffer("o1", capacity=3, quotas=(("企业", 2),))], fits))
    assert plan.links == {("d0", "o1"), ("d1", "o1"), ("d3", "o1")}


def test_a_demand_takes_different_commissioners_for_its_places() -> None:
    demands = [PlanDemand("d1", places=3)]
    plan = best_fit(round_of(demands, [PlanOffer("o1", capacity=3), "o2"], {("d1", "o1"): 9000, ("d1", "o2"): 1}))
    assert plan.links == {("d1", "o1"), ("d1", "o2")}
    assert plan.unserved == (("d1", 1),)


@pytest.mark.parametrize("side", list(Side))
def test_a_county_gets_its_floor_and_not_more_than_its_cap(side: Side) -> None:
    """County A has the better pairs; B's floor and A's cap shift places to B."""
    demands = [PlanDemand("a1", "A"), PlanDemand("a2", "A"), PlanDemand("b1", "B")]
    offers = [PlanOffer("oa", "A", 2), PlanOffer("ob", "B", 2)]
    fits = {("a1", "oa"): 9000, ("a2", "oa"): 9000, ("a1", "ob"): 100, ("a2", "ob"): 100}
    fits |= {("b1", "oa"): 50, ("b1", "ob"): 50}
    free = best_fit(round_of(demands, offers, fits, rules=PlanRules(unserved_penalty=0)))
    assert free.county_places("A", side) == 2
    bounds = (CountyBound("A", side, 0, 1), CountyBound("B", side, 1))
    bound = best_fit(round_of(demands, offers, fits, rules=PlanRules(unserved_penalty=0, bounds=bounds)))
    assert (bound.county_places("A", side), bound.breaches) == (1, ())
    assert bound.county_places("B", side) >= 1


def test_a_floor_that_nobody_can_reach_is_missed_by_as_little_as_possible() -> None:
    demands = [PlanDemand("a1", "A"), PlanDemand("a2", "A")]
    rules = PlanRules(bounds=(CountyBound("A", Side.SERVED, 2),))
    plan = best_fit(round_of(demands, ["o1"], {("a1", "o1"): 10, ("a2", "o1"): 20}, rules=rules))
    assert plan.breaches == (BoundBreach("A", Side.SERVED, 2, 1),)
    assert plan.links == {("a2", "o1")}


def test_without_demands_or_candidates_the_plan_is_empty() -> None:
    assert best_fit(round_of([], [], {})).chosen.tolist() == []
    nobody = best_fit(round_of(["d1"], [], {}))
    assert (nobody.unserved, nobody.value) == ((("d1", 1),), -10_000)


def test_costs_beyond_exact_arithmetic_are_refused() -> None:
    rules = PlanRules(unserved_penalty=2**60)
    with pytest.raises(PlanRefused, match="超出精确计算的范围"):
        best_fit(round_of(["d1"], ["o1"], {("d1", "o1"): 1}, rules=rules))


@settings(max_examples=300)
@given(rounds())
def test_no_subset_of_pairs_is_better(inputs: PlanInputs) -> None:
    plan = best_fit(inputs)
    rows = tuple(plan.chosen.tolist())
    assert rule_breaks(plan) == [] and brute.lawful(inputs, rows) and brute.within_caps(inputs, rows)
    best = min(
        (brute.missing_to_floors(inputs, held), -brute.value(inputs, held))
        for held in brute.subsets(inputs)
        if brute.lawful(inputs, held) and brute.within_caps(inputs, held)
    )
    assert (brute.missing_to_floors(inputs, rows), -brute.value(inputs, rows)) == best
    assert plan.value == brute.value(inputs, rows)
    missed = sum(b.wanted - b.reached for b in plan.breaches)
    assert missed == best[0]


@pytest.mark.parametrize("size", [1, 2, 5, 20, 60, 150])
def test_equal_to_scipys_assignment_on_full_tables(size: int) -> None:
    random = np.random.default_rng(size)
    fits = random.integers(0, 10_001, (size, size))
    rows, columns = np.divmod(np.arange(size * size), size)
    inputs = freeze(
        [PlanDemand(f"{i:04}") for i in range(size)],
        [PlanOffer(f"{i:04}") for i in range(size)],
        Pairs.of(rows, columns, fits.ravel()),
    )
    assert best_fit(inputs).value == fits[linear_sum_assignment(fits, maximize=True)].sum()


@pytest.mark.parametrize(("demands", "offers", "seed"), [(30, 10, 1), (120, 40, 2), (300, 300, 3), (500, 120, 4)])
def test_equal_to_the_linear_program(demands: int, offers: int, seed: int) -> None:
    """Places, capacities and refusals as a linear program solved by scipy's HiGHS."""
    random = np.random.default_rng(seed)
    keys = np.unique(random.integers(0, demands * offers, demands * 8))
    demand, offer = np.divmod(keys, offers)
    fits = random.integers(0, 10_001, len(keys))
    places, capacities = random.integers(1, 3, demands), random.integers(0, 5, offers)
    inputs = freeze(
        [PlanDemand(f"{i:04}", places=int(n)) for i, n in enumerate(places)],
        [PlanOffer(f"{i:04}", capacity=int(n)) for i, n in enumerate(capacities)],
        Pairs.of(demand, offer, fits),
    )
    columns = np.tile(np.arange(len(keys)), 2)
    table = csr_matrix((np.ones(len(columns)), (np.concatenate((demand, demands + offer)), columns)))
    limits = np.concatenate((places, capacities))[: table.shape[0]]
    relaxed = linprog(-(fits + 10_000.0), table, limits, bounds=(0, 1), method="highs")
    assert best_fit(inputs).value == round(-relaxed.fun) - 10_000 * places.sum()
