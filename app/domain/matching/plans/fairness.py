"""Who fares how under a plan: fit, travel and first choices, county by county and on both sides.

Totals are whole numbers; means and shares are made only where they are shown, and are None where there is nothing to
divide by. A county appears if it has a demand, or on its commissioners' side an offer.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from app.domain.matching.plans.outcome import Plan
from app.domain.matching.plans.problem import UNKNOWN_TRAVEL, BoolArray, IntArray, Side
from app.domain.matching.plans.stable import preferences


@dataclass
class Figures:
    """One county's (or the whole plan's) figures on one side.

    `wanted`: places asked for (served side) or capacity offered (sent side); `matched`: places filled. `fit` in
    1/10,000 summed over filled places; `travel_m` summed over the `with_travel` places whose way is known.
    `choosers`: rows with at least one acceptable candidate; `first_choices`: those who got (one of) their best.
    """

    county: str
    wanted: int = 0
    matched: int = 0
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
        """Mean fit of the filled places, in 1/10,000."""
        return self.fit / self.matched if self.matched else None

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
    inputs = plan.inputs
    rows = inputs.demands if side is Side.SERVED else inputs.offers
    wanted = inputs.places if side is Side.SERVED else inputs.capacities
    figures: dict[str, Figures] = {}
    whole = Figures("")
    choosers, first = _first_choices(plan, side)
    short = {uid: places for uid, places in plan.unserved} if side is Side.SERVED else {}
    for index, row in enumerate(rows):
        county = figures.setdefault(row.county, Figures(row.county))
        for held in (county, whole):
            held.wanted += int(wanted[index])
            held.matched += int(wanted[index]) - short.get(row.uid, 0) if side is Side.SERVED else 0
            held.choosers += int(choosers[index])
            held.first_choices += int(first[index])
    _add_chosen(plan, side, figures, whole)
    return Fairness(side, tuple(figures[county] for county in sorted(figures)), whole)


def _add_chosen(plan: Plan, side: Side, figures: dict[str, Figures], whole: Figures) -> None:
    """Sums over the chosen pairs, to the county they count for."""
    pairs, inputs = plan.inputs.pairs.taken(plan.chosen), plan.inputs
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    columns = (pairs.demand.tolist(), pairs.offer.tolist(), pairs.fit.tolist(), pairs.travel_m.tolist())
    for demand, offer, fit, travel in zip(*columns, strict=True):
        county = inputs.demands[demand].county if side is Side.SERVED else inputs.offers[offer].county
        known = travel != UNKNOWN_TRAVEL
        for place, value in enumerate((1, fit, travel if known else 0, int(known))):
            sums[county][place] += value
    for county, (count, fit, travel, known) in sums.items():
        for held in (figures[county], whole):
            held.matched += count if side is Side.SENT else 0
            held.fit += fit
            held.travel_m += travel
            held.with_travel += known


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
