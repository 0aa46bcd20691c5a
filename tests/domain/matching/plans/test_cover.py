"""Cover first: no cell is left open that could be filled, then least travel and lost fit; shortage is proved."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from app.domain.matching.plans import cover_program
from app.domain.matching.plans.cover import cover_first
from app.domain.matching.plans.outcome import Cell, Cut, OpenReason, Plan, rule_breaks
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
from app.domain.matching.plans.shortage import shortages
from tests.domain.matching.plans import instances as brute
from tests.domain.matching.plans.instances import round_of, rounds

EXACT = PlanRules(cover_gap=0.0)


def cell(township: str, industry: str, county: str = "A") -> PlanDemand:
    return PlanDemand(f"{township}{industry}", county, township, industry)


def random_city(
    townships: int, offers: int, capacity: int, *, versatile: float, near: int, seed: int, rules: PlanRules = EXACT
) -> PlanInputs:
    """Townships and commissioners on a map, four industries; a share of commissioners knows two of them."""
    random = np.random.default_rng(seed)
    towns, homes = random.uniform(0, 150, (townships, 2)), random.uniform(0, 150, (offers, 2))
    first = random.integers(0, 4, offers)
    second = np.where(random.random(offers) < versatile, random.integers(0, 4, offers), first)
    away = np.hypot(*(towns[:, None, axis] - homes[None, :, axis] for axis in (0, 1))) * 1000
    rows = []
    for town in range(townships):
        for industry in range(4):
            able = np.flatnonzero((first == industry) | (second == industry))
            for offer in able[np.argsort(away[town, able])][:near].tolist():
                rows.append((town * 4 + industry, offer, int(random.integers(3000, 10_000)), int(away[town, offer])))
    demand, offer, fit, travel = np.array(rows).T
    demands = [cell(f"t{t:03}", f"i{i}", f"c{t % 5}") for t in range(townships) for i in range(4)]
    given_offers = [PlanOffer(f"o{o:04}", f"c{o % 5}", capacity) for o in range(offers)]
    return freeze(demands, given_offers, Pairs.of(demand, offer, fit, travel_m=travel), rules)


def test_one_posting_serves_two_industries_of_a_township() -> None:
    """o1 could do both townships' tea, but one way to t1 fills two cells."""
    demands = [cell("t1", "tea"), cell("t1", "bamboo"), cell("t2", "tea")]
    fits = {("t1tea", "o1"): 5000, ("t1bamboo", "o1"): 5000, ("t2tea", "o1"): 9000, ("t2tea", "o2"): 1000}
    plan = cover_first(round_of(demands, ["o1", "o2"], fits, rules=EXACT))
    assert plan.links == {("t1tea", "o1"), ("t1bamboo", "o1"), ("t2tea", "o2")}
    assert plan.used_capacity.tolist() == [1, 1]
    assert (plan.open_cells, plan.unserved, plan.gap) == ((), (), 0.0)


def test_cover_comes_before_travel_and_fit() -> None:
    demands = [cell("t1", "tea"), cell("t2", "tea")]
    fits = {("t1tea", "o1"): 10_000, ("t1tea", "o2"): 0, ("t2tea", "o1"): 0}
    far = {("t1tea", "o2"): 150_000, ("t2tea", "o1"): 150_000, ("t1tea", "o1"): 0}
    plan = cover_first(round_of(demands, ["o1", "o2"], fits, travel=far, rules=EXACT))
    assert plan.links == {("t1tea", "o2"), ("t2tea", "o1")}


def test_travel_is_paid_once_a_posting_and_weighed_against_fit() -> None:
    demands = [cell("t1", "tea"), cell("t1", "bamboo")]
    fits = {(d.uid, o): 8000 for d in demands for o in ("o1", "o2")} | {("t1tea", "o2"): 8400}
    ways = dict.fromkeys(fits, 10000)
    plan = cover_first(
        round_of(demands, ["o1", "o2"], fits, travel=ways, rules=PlanRules(renewal_bonus=0, cover_gap=0))
    )
    assert plan.value == 500 + 2000 + 1600
    assert {offer for _, offer in plan.links} == {"o2"}


def test_several_demands_of_a_cell_need_one_commissioner_between_them() -> None:
    demands = [PlanDemand("d1", "A", "t1", "tea"), PlanDemand("d2", "A", "t1", "tea")]
    plan = cover_first(round_of(demands, ["o1"], {("d1", "o1"): 3000, ("d2", "o1"): 8000}, rules=EXACT))
    assert plan.links == {("d2", "o1")}
    assert plan.unserved == ()


def test_a_demand_without_township_or_industry_is_refused() -> None:
    with pytest.raises(PlanRefused, match="需求 d1 缺少其中一项"):
        cover_first(round_of(["d1"], ["o1"], {("d1", "o1"): 1}))


def test_an_empty_city_has_an_empty_plan() -> None:
    assert cover_first(round_of([], [], {})).open_cells == ()
    nobody = cover_first(round_of([cell("t1", "tea")], [], {}))
    assert [held.reason for held in nobody.open_cells] == [OpenReason.NO_CANDIDATE]


def test_each_open_cell_says_why() -> None:
    demands = [cell(f"t{i}", "tea") for i in range(5)] + [cell("t5", "steel"), cell("t6", "steel")]
    fits = {(f"t{i}tea", o): 5000 for i in range(4) for o in ("o1", "o2")} | {("t5steel", "o3"): 9000}
    offers = ["o1", PlanOffer("o2", capacity=2), "o3"]
    plan = cover_first(round_of(demands, offers, fits, barred=[("t5steel", "o3")], rules=EXACT))
    reasons = {held.cell.township: held.reason for held in plan.open_cells}
    short = next(held for held in plan.open_cells if held.reason is OpenReason.CAPACITY_SHORT)
    assert len(reasons) == 4
    assert (reasons["t4"], reasons["t5"]) == (OpenReason.NO_CANDIDATE, OpenReason.ALL_BARRED)
    assert reasons["t6"] == OpenReason.NO_CANDIDATE
    cells = tuple(Cell(f"t{i}", "tea") for i in range(4))
    assert short.cut == Cut(cells, ("o1", "o2"), capacity=3, limits=(), minimal=True)
    assert [len(held.missing) for held in shortages(plan.open_cells)] == [1]


def test_cuts_that_share_commissioners_are_told_as_one_shortage() -> None:
    demands = [cell(f"t{i}", "tea") for i in range(4)] + [cell("t8", "steel"), cell("t9", "steel")]
    fits = {(f"t{i}tea", "o1"): 5000 for i in range(4)} | {("t8steel", "o2"): 1, ("t9steel", "o2"): 1}
    found = shortages(cover_first(round_of(demands, ["o1", "o2"], fits, rules=EXACT)).open_cells)
    assert [(len(one.cells), one.offers, len(one.missing)) for one in found] == [(4, ("o1",), 3), (2, ("o2",), 1)]


def test_a_county_floor_comes_after_cover_and_before_cost() -> None:
    demands = [cell("t1", "tea", "A"), cell("t2", "tea", "B")]
    offers = [PlanOffer("o1", "A", 2), PlanOffer("o2", "B", 2)]
    fits = {(d.uid, o): fit for d in demands for o, fit in (("o1", 9000), ("o2", 10))}
    free = cover_first(round_of(demands, offers, fits, rules=EXACT))
    assert free.county_places("B", Side.SENT) == 0
    bounds = (CountyBound("B", Side.SENT, 1), CountyBound("A", Side.SERVED, 2))
    bound = cover_first(round_of(demands, offers, fits, rules=PlanRules(cover_gap=0, bounds=bounds)))
    assert bound.county_places("B", Side.SENT) == 1
    assert [(b.county, b.wanted, b.reached) for b in bound.breaches] == [("A", 2, 1)]


def check_against_all_subsets(inputs: PlanInputs, plan: Plan) -> None:
    cells = {(d.township, d.industry) for d in inputs.demands}

    def aims(held: brute.Rows) -> tuple[int, int, int]:
        covered = set(brute.cells_of(inputs, held))
        return len(cells - covered), brute.missing_to_floors(inputs, held), brute.cover_cost(inputs, held)

    best = min(
        aims(held)
        for held in brute.subsets(inputs)
        if len(set(brute.cells_of(inputs, held))) == len(held)
        and brute.lawful(inputs, held, cover=True)
        and brute.within_caps(inputs, held)
    )
    rows = tuple(plan.chosen.tolist())
    assert brute.lawful(inputs, rows, cover=True) and brute.within_caps(inputs, rows) and rule_breaks(plan) == []
    assert aims(rows) == best
    assert (plan.value, len(plan.open_cells)) == (best[2], best[0])
    assert plan.bound == pytest.approx(plan.value, abs=1e-3)


@settings(max_examples=250)
@given(rounds(cover=True, most_pairs=8))
def test_no_subset_of_pairs_is_better(inputs: PlanInputs) -> None:
    check_against_all_subsets(inputs, cover_first(inputs))


@settings(max_examples=250)
@given(rounds(cover=True, most_pairs=8))
def test_no_subset_is_better_when_postings_enter_by_price(inputs: PlanInputs) -> None:
    """The same with the machinery for large cities forced upon small ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cover_program, "WHOLE", 0)
        patch.setattr(cover_program, "START_LINKS", 1)
        patch.setattr(cover_program, "CORE_SHARE", 0.0)
        check_against_all_subsets(inputs, cover_first(inputs))


def coverable(inputs: PlanInputs, cells: set[Cell]) -> bool:
    """Whether some lawful set of pairs covers all these cells."""
    return any(
        {Cell(*held) for held in brute.cells_of(inputs, rows)} == cells
        and brute.lawful(inputs, rows, cover=True)
        and brute.within_caps(inputs, rows)
        for rows in brute.subsets(inputs)
        if len(rows) == len(cells) == len(set(brute.cells_of(inputs, rows)))
    )


@settings(max_examples=250)
@given(rounds(cover=True, most_pairs=8))
def test_every_shortage_is_one_and_none_names_a_cell_too_many(inputs: PlanInputs) -> None:
    for held in cover_first(inputs).open_cells:
        if held.cut is None:
            continue
        cells = set(held.cut.cells)
        assert held.cell in cells and held.cut.minimal
        assert not coverable(inputs, cells)
        assert all(coverable(inputs, set(rest)) for rest in combinations(cells, len(cells) - 1))
        able = {
            brute.offer_of(inputs, row).uid
            for row in range(len(inputs.pairs))
            if not inputs.pairs.barred[row] and Cell(*brute.cells_of(inputs, (row,))[0]) in cells
        }
        assert set(held.cut.offers) == able


def whole_program(inputs: PlanInputs, most_open: int | None) -> float:
    """The textbook formulation over all pairs at once: link within posting, postings within capacity."""
    pairs, rules = inputs.pairs, inputs.rules
    towns = np.array([d.township for d in inputs.demands])[pairs.demand]
    _, posting = np.unique([f"{o} {t}" for o, t in zip(pairs.offer, towns, strict=True)], return_inverse=True)
    links, postings, cells = len(pairs), posting.max() + 1, len(inputs.demands)
    width = links + postings + cells
    first = np.unique(posting, return_index=True)[1]
    cost = np.zeros(width)
    if most_open is None:
        cost[links + postings :] = 1
    else:
        cost[:links] = 10_000 - pairs.fit + rules.renewal_bonus * ~pairs.renewal
        cost[links : links + postings] = pairs.travel_m[first] * rules.cover_travel_per_km // 1000
    each = np.arange(links)
    cover = csr_matrix(
        (
            np.ones(links + cells),
            (np.r_[pairs.demand, np.arange(cells)], np.r_[each, links + postings + np.arange(cells)]),
        )
    )
    within = csr_matrix(
        (np.r_[np.ones(links), -np.ones(links)], (np.r_[each, each], np.r_[each, links + posting])), (links, width)
    )
    offers = len(inputs.offers)
    used = csr_matrix((np.ones(postings), (pairs.offer[first], links + np.arange(postings))), (offers, width))
    still = csr_matrix((np.ones(cells), (np.zeros(cells, int), links + postings + np.arange(cells))), (1, width))
    found = milp(
        cost,
        integrality=np.ones(width),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(cover, 1, 1),
            LinearConstraint(within, -np.inf, 0),
            LinearConstraint(used, -np.inf, inputs.capacities),
            LinearConstraint(still, -np.inf, cells if most_open is None else most_open),
        ],
        options={"mip_rel_gap": 0},
    )
    return float(found.fun)


@pytest.mark.parametrize(
    ("townships", "offers", "capacity", "versatile", "near"),
    [(12, 60, 1, 0.3, 20), (25, 30, 3, 0.5, 15), (20, 25, 2, 0.0, 10), (20, 25, 2, 0.6, 12), (40, 400, 1, 0.2, 60)],
)
def test_equal_to_the_whole_program(townships: int, offers: int, capacity: int, versatile: float, near: int) -> None:
    inputs = random_city(townships, offers, capacity, versatile=versatile, near=near, seed=townships)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cover_program, "WHOLE", 100)
        plan = cover_first(inputs)
    fewest = round(whole_program(inputs, None))
    assert (len(plan.open_cells), rule_breaks(plan)) == (fewest, [])
    assert plan.value == pytest.approx(whole_program(inputs, fewest), abs=0.5)
    assert plan.gap is not None and plan.gap < 1e-6


def test_the_gap_is_what_it_says() -> None:
    """With a loose gap the bound must still lie below the true optimum."""
    loose = PlanRules(cover_gap=0.02)
    exact = cover_first(random_city(25, 30, 3, versatile=0.5, near=15, seed=25))
    rough = cover_first(random_city(25, 30, 3, versatile=0.5, near=15, seed=25, rules=loose))
    assert rough.gap is not None and rough.bound is not None and 0 <= rough.gap <= 0.02
    assert rough.bound <= exact.value + 1e-6 <= rough.value + 1e-6


def test_a_shortage_where_postings_serve_one_cell_each_balances_to_the_unit() -> None:
    """Hall's condition: minimal cuts have exactly one cell more than the commissioners have places."""
    plan = cover_first(random_city(30, 20, 3, versatile=0.0, near=8, seed=3))
    cuts = [held.cut for held in plan.open_cells if held.cut is not None]
    assert cuts
    assert all(len(cut.cells) == cut.capacity + 1 and cut.minimal for cut in cuts)


def test_effort_for_small_cuts_is_bounded_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.domain.matching.plans import shortage

    monkeypatch.setattr(shortage, "EFFORT", 0)
    plan = cover_first(random_city(30, 20, 2, versatile=1.0, near=8, seed=3))
    cuts = [held.cut for held in plan.open_cells if held.cut is not None]
    assert cuts and not all(cut.minimal for cut in cuts)
