"""The cover problem in arrays: cells to cover, postings that cover them, and every limit on both.

A *cell* is one township and one industry. A *posting* sends one commissioner to one township: it takes one unit of
that commissioner's capacity and one way there, and may cover several industries of the township at once (which is
why this is not an assignment problem). A *link* is a cell that a posting can cover.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.matching.plans.outcome import Cell
from app.domain.matching.plans.problem import SCALE, BoolArray, IntArray, PlanInputs, PlanRefused, Side


@dataclass(frozen=True, eq=False)
class Limit:
    """At most (`most`) or at least (`least`) so many of these `links`; `name` says the rule in words."""

    name: str
    links: IntArray
    most: int | None = None
    least: int = 0


@dataclass(frozen=True, eq=False)
class CoverTask:
    """Links sorted by cell and offer; `row` is the candidate pair behind each.

    `link_cost` is the fit lost, `posting_cost` the way, both in 1/10,000 of a match. `limits` are quotas and county
    caps, `floors` county floors; both count links, that is covered cells.
    """

    cells: tuple[Cell, ...]
    capacities: IntArray
    row: IntArray
    cell: IntArray
    posting: IntArray
    link_cost: IntArray
    posting_offer: IntArray
    posting_cost: IntArray
    limits: tuple[Limit, ...] = ()
    floors: tuple[Limit, ...] = ()

    @property
    def offer(self) -> IntArray:
        """Offer of each link."""
        return self.posting_offer[self.posting]

    @cached_property
    def coverable(self) -> BoolArray:
        """Which cells have any link at all."""
        return np.bincount(self.cell, minlength=len(self.cells)) > 0

    @cached_property
    def links_of_posting(self) -> IntArray:
        """How many cells each posting can cover."""
        return np.bincount(self.posting, minlength=len(self.posting_offer))

    def restricted(self, cells: Iterable[int]) -> "CoverTask":
        """The same task asked for these cells only; everything else need not be covered."""
        wanted = np.zeros(len(self.cells), np.bool_)
        wanted[list(cells)] = True
        kept = np.flatnonzero(wanted[self.cell])
        place = np.full(len(self.cell), -1, np.int64)
        place[kept] = np.arange(len(kept))
        used, posting = np.unique(self.posting[kept], return_inverse=True)
        moved = [Limit(r.name, place[r.links][place[r.links] >= 0], r.most) for r in self.limits]
        number = np.cumsum(wanted) - 1
        return CoverTask(
            tuple(cell for cell, keep in zip(self.cells, wanted.tolist(), strict=True) if keep),
            self.capacities,
            self.row[kept],
            number[self.cell[kept]],
            posting,
            self.link_cost[kept],
            self.posting_offer[used],
            self.posting_cost[used],
            tuple(moved),
        )


def task_of(inputs: PlanInputs) -> CoverTask:
    """The cover task of these inputs. Refused (PlanRefused): a demand without township or industry.

    Several demands in one cell count as one need; the best of their candidate pairs stands for the cell.
    """
    for demand in inputs.demands:
        if not demand.township or not demand.industry:
            raise PlanRefused(f"全覆盖方案要求写明乡镇和产业，需求 {demand.uid} 缺少其中一项。")
    cells = tuple(sorted({Cell(d.township, d.industry) for d in inputs.demands}, key=cell_key))
    number = {cell: k for k, cell in enumerate(cells)}
    cell_of = np.array([number[Cell(d.township, d.industry)] for d in inputs.demands], np.int64)
    towns = {name: k for k, name in enumerate(sorted({cell.township for cell in cells}))}
    town_of_cell = np.array([towns[cell.township] for cell in cells], np.int64)
    row = _best_rows(inputs, cell_of)
    cell, offer = cell_of[inputs.pairs.demand[row]], inputs.pairs.offer[row]
    keys, posting = np.unique(offer * max(len(towns), 1) + town_of_cell[cell], return_inverse=True)
    # Every open pair of a posting has a link, so its key is there; their ways should agree, the shortest counts.
    opened = inputs.open_rows
    town = town_of_cell[cell_of[inputs.pairs.demand[opened]]]
    place = np.searchsorted(keys, inputs.pairs.offer[opened] * max(len(towns), 1) + town)
    posting_cost = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(posting_cost, place, inputs.travel_cost(inputs.rules.cover_travel_per_km)[opened])
    limits, floors = _limits(inputs, row)
    return CoverTask(
        cells,
        inputs.capacities,
        row,
        cell,
        posting,
        _lost_fit(inputs)[row],
        keys // max(len(towns), 1),
        posting_cost,
        limits,
        floors,
    )


def cell_key(cell: Cell) -> tuple[str, str]:
    """The order in which cells are kept and shown."""
    return cell.township, cell.industry


def _lost_fit(inputs: PlanInputs) -> IntArray:
    """What each pair falls short of a perfect renewed match; never negative."""
    return SCALE - inputs.pairs.fit + inputs.rules.renewal_bonus * ~inputs.pairs.renewal


def _best_rows(inputs: PlanInputs, cell_of: IntArray) -> IntArray:
    """The open pair of best fit for each cell, offer and class of demand, sorted by these.

    Demands of one cell that count differently towards a quota or a county's bound stay apart.
    """
    rows = inputs.open_rows
    counted = bool(inputs.rules.bounds) or any(offer.quotas for offer in inputs.offers)
    kinds = [(demand.group, demand.county) if counted else ("", "") for demand in inputs.demands]
    number = {kind: place for place, kind in enumerate(sorted(set(kinds)))}
    kind_of = np.array([number[kind] for kind in kinds], np.int64)
    demand = inputs.pairs.demand[rows]
    key = (cell_of[demand] * max(len(inputs.offers), 1) + inputs.pairs.offer[rows]) * max(len(number), 1)
    key += kind_of[demand]
    order = np.lexsort((rows, _lost_fit(inputs)[rows], key))
    first = np.unique(key[order], return_index=True)[1]
    return rows[order][first]


def _limits(inputs: PlanInputs, row: IntArray) -> tuple[tuple[Limit, ...], tuple[Limit, ...]]:
    """Quotas and county caps, and county floors, as sets of links."""
    offer = inputs.pairs.offer[row]
    demands = [inputs.demands[d] for d in inputs.pairs.demand[row].tolist()]
    limits: list[Limit] = []
    floors: list[Limit] = []
    if any(held.quotas for held in inputs.offers):
        groups = np.array([demand.group for demand in demands])
        for index, held in enumerate(inputs.offers):
            for group, most in held.quotas:
                links = np.flatnonzero((offer == index) & (groups == group))
                limits.append(Limit(f"{held.uid} 对「{group}」至多 {most} 个", links, most))
    for bound in inputs.rules.bounds:
        if bound.side is Side.SERVED:
            inside = np.array([demand.county == bound.county for demand in demands], np.bool_)
        else:
            inside = np.array([inputs.offers[o].county == bound.county for o in offer.tolist()], np.bool_)
        links = np.flatnonzero(inside)
        if bound.cap is not None:
            limits.append(Limit(f"{bound.county} {bound.side.label}至多 {bound.cap} 个", links, bound.cap))
        if bound.floor:
            floors.append(Limit(f"{bound.county} {bound.side.label}至少 {bound.floor} 个", links, least=bound.floor))
    return tuple(limits), tuple(floors)
