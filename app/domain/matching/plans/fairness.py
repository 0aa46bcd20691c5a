"""Who fares how under a plan: fit, travel and first choices, county by county and on both sides.

Totals are whole numbers; means and shares are made only where they are shown, and are None where there is nothing to
divide by. A county appears if it has a demand, or on its commissioners' side an offer.
"""

from dataclasses import dataclass, field

import numpy as np

from app.domain.matching.plans.outcome import Plan
from app.domain.matching.plans.problem import UNKNOWN_TRAVEL, BoolArray, IntArray, Side
from app.domain.matching.plans.stable import preferences


@dataclass
class Figures:
    """One county's (or the whole plan's) figures on one side.

    `wanted`: places asked for (served side) or capacity offered (sent side); `matched`: how many of these are used.
    `fit` in 1/10,000 summed over `pairs` chosen; `travel_m` summed over the `with_travel` ways that are known (in a
    cover plan one way serves all cells of a township).
    `choosers`: rows with at least one acceptable candidate; `first_choices`: those who got (one of) their best.
    """

    county: str
    wanted: int = 0
    matched: int = 0
    pairs: int = 0
    fit: int = 0
    travel_m: int = 0
    with_travel: int = 0
    choosers: int = 0
    first_choices: int = 0

    @property
    def matched_share(self) -> float | None:
        return self.matched / self.wanted if self.wanted else None

    @property
    def mean_fit(self) -> float | None:
        """Mean fit of the pairs chosen, in 1/10,000."""
        return self.fit / self.pairs if self.pairs else None

    @property
    def mean_travel_km(self) -> float | None:
        return self.travel_m / self.with_travel / 1000 if self.with_travel else None

    @property
    def first_choice_share(self) -> float | None:
        return self.first_choices / self.choosers if self.choosers else None


@dataclass(frozen=True)
class Fairness:
    """Figures of both sides: all counties in the order of their codes, and the whole."""

    side: Side
    counties: tuple[Figures, ...]
    whole: Figures = field(default_factory=lambda: Figures(""))

    def spread(self, figure: str) -> tuple[Figures, Figures] | None:
        """The counties with the lowest and the highest `figure` (a property such as "mean_fit"); None if none has it.

        Of equal counties the one with the smaller code is named.
        """
        known = [held for held in self.counties if getattr(held, figure) is not None]
        if not known:
            return None
        return (
            min(known, key=lambda held: (getattr(held, figure), held.county)),
            min(known, key=lambda held: (-getattr(held, figure), held.county)),
        )


def fairness(plan: Plan, side: Side = Side.SERVED) -> Fairness:
    """The figures of a plan on the side of the demands (default) or of the commissioners.

    First choice: the best acceptable candidate by stated wish and then by gain (`stable.preferences`); where
    several tie for best, any of them counts.
    """
    counties = _counties(plan, side)
    wanted, matched = _places(plan, side)
    choosers, first = _first_choices(plan, side)
    whole = Figures("")
    figures = {county: Figures(county) for county in sorted(set(counties))}
    columns = (wanted.tolist(), matched.tolist(), choosers.tolist(), first.tolist())
    for county, places, used, choosing, happy in zip(counties, *columns, strict=True):
        for held in (figures[county], whole):
            held.wanted += places
            held.matched += used
            held.choosers += choosing
            held.first_choices += happy
    _add_pairs(plan, side, counties, figures, whole)
    return Fairness(side, tuple(figures.values()), whole)


def _counties(plan: Plan, side: Side) -> list[str]:
    if side is Side.SERVED:
        return [demand.county for demand in plan.inputs.demands]
    return [offer.county for offer in plan.inputs.offers]


def _places(plan: Plan, side: Side) -> tuple[IntArray, IntArray]:
    """Places asked for or offered, and how many of them are used, along the rows of the side."""
    if side is Side.SENT:
        return plan.inputs.capacities, plan.used_capacity
    short = dict(plan.unserved)
    empty = np.array([short.get(demand.uid, 0) for demand in plan.inputs.demands], np.int64)
    return plan.inputs.places, plan.inputs.places - empty


def _add_pairs(plan: Plan, side: Side, counties: list[str], figures: dict[str, Figures], whole: Figures) -> None:
    """Sums over the chosen pairs and their ways, to the county they count for."""
    pairs = plan.inputs.pairs
    rows = pairs.demand if side is Side.SERVED else pairs.offer
    for row, fit in zip(rows[plan.chosen].tolist(), pairs.fit[plan.chosen].tolist(), strict=True):
        for held in (figures[counties[row]], whole):
            held.pairs += 1
            held.fit += fit
    known = plan.journeys[pairs.travel_m[plan.journeys] != UNKNOWN_TRAVEL]
    for row, metres in zip(rows[known].tolist(), pairs.travel_m[known].tolist(), strict=True):
        for held in (figures[counties[row]], whole):
            held.with_travel += 1
            held.travel_m += metres


def _first_choices(plan: Plan, side: Side) -> tuple[BoolArray, BoolArray]:
    """Which rows of a side have any acceptable candidate, and which of them got one of their best."""
    wanted = preferences(plan.inputs)
    served = side is Side.SERVED
    rows, level = (wanted.demand, wanted.demand_level) if served else (wanted.offer, wanted.offer_level)
    count = len(plan.inputs.demands if served else plan.inputs.offers)
    best: IntArray = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(best, rows, level)
    held = np.isin(wanted.rows, plan.chosen) & (level == best[rows])
    return np.bincount(rows, minlength=count) > 0, np.bincount(rows[held], minlength=count) > 0
