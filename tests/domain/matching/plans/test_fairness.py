"""Figures by county: fit, travel and first choices, on the side of demands and of commissioners."""

from hypothesis import given, settings

from app.domain.matching.plans.cover import cover_first
from app.domain.matching.plans.fairness import fairness
from app.domain.matching.plans.fit import best_fit
from app.domain.matching.plans.problem import PlanDemand, PlanInputs, PlanOffer, PlanRules, Side
from app.domain.matching.plans.solving import solve_plan
from app.domain.plans import Mode
from tests.domain.matching.plans.instances import round_of, rounds


def small_round() -> PlanInputs:
    demands = [PlanDemand("a1", "A"), PlanDemand("a2", "A", places=2), PlanDemand("b1", "B"), PlanDemand("c1", "C")]
    offers = [PlanOffer("o1", "A"), PlanOffer("o2", "B", 2)]
    fits = {("a1", "o1"): 8000, ("a2", "o2"): 6000, ("b1", "o2"): 4000, ("b1", "o1"): 9000}
    return round_of(demands, offers, fits, travel={("a1", "o1"): 10_000, ("b1", "o2"): 30_000})


def test_each_county_sees_what_it_got() -> None:
    told = fairness(best_fit(small_round()))
    a, b, c = told.counties
    assert [held.county for held in told.counties] == ["A", "B", "C"]
    assert (a.wanted, a.matched, a.mean_fit, a.mean_travel_km) == (3, 2, 7000, 10)
    assert (b.wanted, b.matched, b.mean_fit, b.mean_travel_km) == (1, 1, 4000, 30)
    assert (c.wanted, c.matched, c.mean_fit, c.mean_travel_km, c.first_choice_share) == (1, 0, None, None, None)
    assert (told.whole.matched_share, told.whole.mean_fit, told.whole.mean_travel_km) == (0.6, 6000, 20)


def test_first_choices_count_those_who_had_a_choice() -> None:
    told = fairness(best_fit(small_round()))
    assert (told.whole.choosers, told.whole.first_choices) == (3, 2)
    assert told.spread("first_choice_share") == (told.counties[1], told.counties[0])


def test_the_commissioners_side_is_told_by_their_own_counties() -> None:
    a, b = fairness(best_fit(small_round()), Side.SENT).counties
    assert (a.county, a.wanted, a.matched, a.mean_fit) == ("A", 1, 1, 8000)
    assert (b.county, b.wanted, b.matched, b.mean_fit, b.mean_travel_km) == ("B", 2, 2, 5000, 30)


def test_one_way_of_a_posting_is_counted_once() -> None:
    demands = [PlanDemand(f"t{i}", "A", "t", f"i{i}") for i in range(3)]
    fits = {(d.uid, "o"): 5000 for d in demands}
    inputs = round_of(demands, ["o"], fits, travel=dict.fromkeys(fits, 12_000), rules=PlanRules(cover_gap=0))
    whole = fairness(cover_first(inputs)).whole
    assert (whole.matched, whole.pairs, whole.with_travel, whole.travel_m) == (3, 3, 1, 12_000)
    sent = fairness(cover_first(inputs), Side.SENT).whole
    assert (sent.wanted, sent.matched, sent.pairs) == (1, 1, 3)


def test_nothing_to_divide_by_is_not_zero() -> None:
    told = fairness(best_fit(round_of([], [], {})))
    assert (told.counties, told.whole.mean_fit, told.spread("mean_fit")) == ((), None, None)


@settings(max_examples=100)
@given(rounds(cover=True))
def test_the_counties_add_up_to_the_whole(inputs: PlanInputs) -> None:
    for mode in Mode:
        plan = solve_plan(inputs, mode)
        for side in Side:
            told = fairness(plan, side)
            for name in ("wanted", "matched", "pairs", "fit", "travel_m", "with_travel", "choosers", "first_choices"):
                assert sum(getattr(held, name) for held in told.counties) == getattr(told.whole, name)
            assert told.whole.pairs == len(plan.chosen)
            assert told.whole.first_choices <= told.whole.choosers
