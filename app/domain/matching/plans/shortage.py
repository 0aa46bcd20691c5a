"""Why a cell stays open, with a proof that a planner can check by hand.

Take a plan that covers as many cells as can be covered, and a cell it leaves open. Every commissioner who could serve
that cell is fully used; collect the cells where they serve, then everybody who could serve those, and so on until
nothing new is reached. No commissioner reached serves anything outside this set. If the set could be covered as a
whole, doing so would touch nothing outside it and the plan would cover one cell more, which it cannot. So these
cells and these commissioners are a shortage by themselves.

Where each posting covers one cell of the set at most, the set is also minimal (leave any one cell out and the rest
can be shifted along the chain that led to it). Where postings cover several, cells are left out one after the other
as long as the rest still cannot be covered, until that is minimal or the stated effort is used up.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.matching.plans.cover_program import counting, short_cells, solve
from app.domain.matching.plans.cover_task import CoverTask, cell_key
from app.domain.matching.plans.outcome import Cell, Cut, OpenCell, OpenReason
from app.domain.matching.plans.problem import IntArray, PlanInputs

# Links handed to the solver in all while making cuts minimal; a count, not a time, so that plans repeat exactly.
EFFORT = 60_000


def open_cells(inputs: PlanInputs, task: CoverTask, links: IntArray) -> tuple[OpenCell, ...]:
    """Every cell that the chosen `links` leave open, with its reason; `links` must cover as many as possible."""
    covered = np.zeros(len(task.cells), np.bool_)
    covered[task.cell[links]] = True
    barred_demands = (inputs.demands[d] for d in np.unique(inputs.pairs.demand[inputs.pairs.barred]).tolist())
    barred = {Cell(demand.township, demand.industry) for demand in barred_demands}
    still_open = np.flatnonzero(~covered).tolist()
    cuts = _Chains(task, links).cuts(inputs, [index for index in still_open if task.coverable[index]])
    found = []
    for index in still_open:
        cell = task.cells[index]
        if index in cuts:
            found.append(OpenCell(cell, OpenReason.CAPACITY_SHORT, cuts[index]))
        else:
            found.append(OpenCell(cell, OpenReason.ALL_BARRED if cell in barred else OpenReason.NO_CANDIDATE))
    return tuple(found)


class _Chains:
    """Who could serve what, who serves what, and the effort left for making cuts minimal."""

    def __init__(self, task: CoverTask, links: IntArray) -> None:
        self.task = task
        self.effort = EFFORT
        # Resources are offers (0 ..) and, after them, limits; a link uses its offer and the limits it counts in.
        self.uses: dict[int, list[int]] = defaultdict(list)
        for number, limit in enumerate(task.limits):
            for link in limit.links.tolist():
                self.uses[link].append(len(task.capacities) + number)
        self.offer = task.offer
        self.first = np.searchsorted(task.cell, np.arange(len(task.cells) + 1)).tolist()
        self.served: dict[int, set[int]] = defaultdict(set)
        for link in links.tolist():
            for resource in (int(self.offer[link]), *self.uses[link]):
                self.served[resource].add(int(task.cell[link]))

    def cuts(self, inputs: PlanInputs, indices: list[int]) -> dict[int, Cut]:
        """The shortage around each of these open cells; small ones first while there is effort left."""
        closures = {index: self._closure(index) for index in indices}
        found = {}
        for index in sorted(indices, key=lambda index: (len(closures[index][0]), index)):
            cells, resources = closures[index]
            minimal = self._one_cell_a_posting(cells, resources)
            if not minimal:
                cells, minimal = self._shrunk(index, cells)
            found[index] = self._cut(inputs, cells, minimal)
        return found

    def _cut(self, inputs: PlanInputs, cells: set[int], minimal: bool) -> Cut:
        links = [link for cell in cells for link in range(self.first[cell], self.first[cell + 1])]
        offers = np.unique(self.offer[links])
        limits = sorted({resource for link in links for resource in self.uses.get(link, ())})
        return Cut(
            tuple(self.task.cells[cell] for cell in sorted(cells)),
            tuple(inputs.offers[offer].uid for offer in offers.tolist()),
            int(self.task.capacities[offers].sum()),
            tuple(self.task.limits[resource - len(self.task.capacities)].name for resource in limits),
            minimal,
        )

    def _closure(self, index: int) -> tuple[set[int], set[int]]:
        """Cells and resources reached from an open cell."""
        cells, resources, waiting = {index}, set[int](), [index]
        while waiting:
            cell = waiting.pop()
            span = range(self.first[cell], self.first[cell + 1])
            reached = set(self.offer[span.start : span.stop].tolist())
            for link in span:
                reached.update(self.uses.get(link, ()))
            for resource in reached - resources:
                new = self.served.get(resource, set()) - cells
                cells |= new
                waiting.extend(new)
            resources |= reached
        return cells, resources

    def _one_cell_a_posting(self, cells: set[int], resources: set[int]) -> bool:
        """Whether the argument from chains already shows that the cut is minimal."""
        if any(resource >= len(self.task.capacities) for resource in resources):
            return False
        links = [link for cell in cells for link in range(self.first[cell], self.first[cell + 1])]
        return bool(np.bincount(self.task.posting[links]).max() <= 1)

    def _shrunk(self, index: int, cells: set[int]) -> tuple[set[int], bool]:
        """Leave out cells, first many at once, then singly, while the rest still cannot be covered."""
        part = self._part(cells)
        priced = None if part is None else short_cells(part)
        if priced is not None:
            # `restricted` keeps the order of the cells.
            cells = {cell for cell, needed in zip(sorted(cells), priced.tolist(), strict=True) if needed}
        kept = sorted(cells - {index})
        size = max(len(kept) // 2, 1)
        while True:
            for start in range(0, len(kept), size)[::-1]:
                part = self._part({index, *kept[:start], *kept[start + size :]})
                if part is None:
                    return {index, *kept}, False
                if solve(part, counting(part), 0.0).value > 0.5:
                    kept = kept[:start] + kept[start + size :]
            if size == 1:
                return {index, *kept}, True
            size = max(size // 2, 1)

    def _part(self, cells: set[int]) -> CoverTask | None:
        """The task of covering these cells alone; None when solving it would exceed the effort left."""
        size = sum(self.first[cell + 1] - self.first[cell] for cell in cells)
        if size > self.effort:
            return None
        self.effort -= size
        return self.task.restricted(cells)


@dataclass(frozen=True, slots=True)
class Shortage:
    """Cuts that share commissioners, told as one: `missing` of these `cells` stay open in any largest cover."""

    cells: tuple[Cell, ...]
    offers: tuple[str, ...]
    missing: tuple[Cell, ...]


def shortages(found: Sequence[OpenCell]) -> tuple[Shortage, ...]:
    """Open cells for want of capacity, joined where their cuts share a commissioner; the largest shortage first."""
    groups: list[tuple[set[Cell], set[str], set[Cell]]] = []
    for held in found:
        if held.cut is None:
            continue
        cells, offers, missing = set(held.cut.cells), set(held.cut.offers), {held.cell}
        for group in [group for group in groups if group[1] & offers]:
            groups.remove(group)
            cells, offers, missing = cells | group[0], offers | group[1], missing | group[2]
        groups.append((cells, offers, missing))
    told = [
        Shortage(tuple(sorted(c, key=cell_key)), tuple(sorted(o)), tuple(sorted(m, key=cell_key))) for c, o, m in groups
    ]
    return tuple(sorted(told, key=lambda one: (-len(one.missing), cell_key(one.missing[0]))))
