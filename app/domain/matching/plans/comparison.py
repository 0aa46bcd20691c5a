"""Two plans side by side, or a plan and today: what changes for each commissioner and each demand.

Everything is by identifier, so plans over different inputs (other weights, other candidates, another year's lists)
can be compared; who the identifiers are is looked up by the page that shows it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.domain.matching.plans.outcome import Plan
from app.domain.matching.plans.problem import PlanInputs

Link = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for one commissioner (demands kept, added, dropped) or one demand (commissioners ...)."""

    uid: str
    kept: tuple[str, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The way from one plan to another.

    `people`: commissioners for whom anything changes; `demands`: demands for which anything changes, both sorted
    by identifier. `newly_served`, `no_longer_served`: demands that go from nobody to somebody and back.
    `kept`, `added`, `dropped`: numbers of pairs.
    """

    people: tuple[Change, ...]
    demands: tuple[Change, ...]
    newly_served: tuple[str, ...]
    no_longer_served: tuple[str, ...]
    kept: int
    added: int
    dropped: int


def compare(before: Plan, after: Plan) -> Comparison:
    """Every difference between two plans."""
    return compare_links(before.links, after.links)


def compare_links(before: Iterable[Link], after: Iterable[Link]) -> Comparison:
    """The same for (demand, offer) identifiers from anywhere, such as today's agreements."""
    old, new = set(before), set(after)
    served, will = {demand for demand, _ in old}, {demand for demand, _ in new}
    flipped = ({(offer, demand) for demand, offer in links} for links in (old, new))
    return Comparison(
        people=_changes(*flipped),
        demands=_changes(old, new),
        newly_served=tuple(sorted(will - served)),
        no_longer_served=tuple(sorted(served - will)),
        kept=len(old & new),
        added=len(new - old),
        dropped=len(old - new),
    )


def today(inputs: PlanInputs) -> frozenset[Link]:
    """The pairs that work together today, as far as they are among the candidates."""
    rows = inputs.pairs.taken(np.flatnonzero(inputs.pairs.renewal))
    pairs = zip(rows.demand.tolist(), rows.offer.tolist(), strict=True)
    return frozenset((inputs.demands[d].uid, inputs.offers[o].uid) for d, o in pairs)


def _changes(old: set[Link], new: set[Link]) -> tuple[Change, ...]:
    """Changes by the first part of the links; those without any are left out."""
    sides: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for place, links in enumerate((old, new)):
        for first, second in links:
            sides[first][place].add(second)
    return tuple(
        Change(uid, tuple(sorted(had & gets)), tuple(sorted(gets - had)), tuple(sorted(had - gets)))
        for uid, (had, gets) in sorted(sides.items())
        if had != gets
    )
