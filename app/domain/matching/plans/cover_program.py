"""Solving a cover task: an integer program over few postings, with a bound that holds over all of them.

A city-size task with every possible pair has some 400,000 links, on which a general solver takes minutes. Almost
none of them matter. So the linear program is solved on the cheapest postings, its prices (what covering a cell is
worth, what a commissioner's capacity is worth) are charged to all others, and those that would pay enter; at the end
the prices give a lower bound over *all* postings (Lagrangian bound, valid for any prices). The integer program is
then solved on the postings that have entered. If it stays above the bound by more than the gap asked for, every
posting that a better plan could use, and only these, are added, and it is solved again.

Solver: scipy's own HiGHS (`linprog`, `milp`), which lives beside OR-tools in one process (`highspy` does not). Only
limits by gap are used, none by time: the same inputs must give the same plan on any machine.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from app.domain.matching.plans.cover_task import CoverTask, Limit
from app.domain.matching.plans.problem import BoolArray, IntArray

FloatArray = npt.NDArray[np.float64]

# Cheapest links of each cell that enter at the start; a matter of speed only.
START_LINKS = 8
# Tasks up to this many postings are solved whole.
WHOLE = 1_000
PRICING_ROUNDS = 60
# The first integer program sees the postings whose reduced cost is at most this share of the bound; a matter of
# speed only, since what it leaves out is called back if the gap asked for is not reached.
CORE_SHARE = 1e-3
# The last word on the gap is given up beyond this many postings; the gap is then reported as it stands.
LARGEST_REPAIR = 60_000
EPSILON = 1e-6


@dataclass(frozen=True, eq=False)
class Aim:
    """What to minimise, and what earlier aims have fixed.

    `link`, `posting`: cost of each; `open_cell`, `short`: cost of a cell left open and of a place missing to a
    floor; `most_open`, `most_short`: how many of these are allowed in all (None: any number).
    `whole`: the value is a count, so a bound may be rounded up.
    """

    link: FloatArray
    posting: FloatArray
    open_cell: float = 0.0
    short: float = 0.0
    most_open: int | None = None
    most_short: int | None = None
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Solution:
    """Chosen links, the value reached, and the bound that no solution can beat."""

    links: IntArray
    value: float
    bound: float


@dataclass(frozen=True, eq=False)
class _Prices:
    """Dual prices of the rows; all but `cell` are at least 0."""

    cell: FloatArray
    capacity: FloatArray
    limit: FloatArray
    floor: FloatArray
    open_cell: float
    short: float


def solve(task: CoverTask, aim: Aim, gap: float, seed: IntArray | None = None) -> Solution:
    """The best solution within the relative `gap`, or with the gap it has when repairing would cost too much.

    `seed`: links of a solution that keeps what `aim` fixes; needed when `aim` limits open cells or shortfalls, so
    that the small programs have a solution too. Raises RuntimeError if there is none.
    """
    active = _start(task)
    held = np.zeros(len(active), np.bool_)
    if seed is not None:
        held[task.posting[seed]] = True
    bound, reduced = _priced(task, aim, active | held, gap / 10)
    proved = float(ceil(bound - EPSILON)) if aim.whole else bound
    core = active | held if aim.whole else held | (reduced <= CORE_SHARE * abs(bound) + EPSILON)
    found = _Program(task, aim, core).whole(gap)
    # Whatever is better either stays within the core or uses a posting outside and pays its reduced cost.
    outside = bound + float(reduced[~core].min(initial=np.inf))
    proved = min(max(proved, min(found.bound, outside)), found.value)
    useful = core | (reduced <= found.value - bound + EPSILON)
    close = found.value - proved <= gap * abs(found.value) + EPSILON
    if close or (not aim.whole and int(useful.sum()) > LARGEST_REPAIR):
        return Solution(found.links, found.value, proved)
    better = _Program(task, aim, useful).whole(gap)
    return Solution(better.links, better.value, min(max(better.bound, proved), better.value))


def short_cells(task: CoverTask) -> BoolArray | None:
    """Cells that cannot all be covered, by the prices of the linear relaxation alone; None if these show nothing.

    A cell of price zero adds nothing to the bound, so those with a price are short by themselves.
    """
    aim = counting(task)
    prices = _Program(task, aim, np.ones(len(task.posting_offer), np.bool_)).relaxed()
    bound = _bound(task, aim, prices, _reduced_costs(task, aim, prices))
    return prices.cell > EPSILON if bound > len(task.cells) * EPSILON else None


def counting(task: CoverTask) -> Aim:
    """The first aim: as few cells left open as possible, whatever it costs."""
    return Aim(np.zeros(len(task.row)), np.zeros(len(task.posting_offer)), open_cell=1.0, whole=True)


def _priced(task: CoverTask, aim: Aim, active: BoolArray, tolerance: float) -> tuple[float, FloatArray]:
    """The best bound over all postings that prices give, and every posting's reduced cost at these prices."""
    bound, reduced = -np.inf, np.zeros(len(active))
    for _ in range(PRICING_ROUNDS):
        prices = _Program(task, aim, active).relaxed()
        costs = _reduced_costs(task, aim, prices)
        if (here := _bound(task, aim, prices, costs)) > bound:
            bound, reduced = here, costs
        entering = ~active & (costs < -EPSILON)
        if -float(costs[entering].sum()) <= tolerance * max(abs(here), 1.0):
            break
        active = active | _best_entering(task, entering, costs)
    return bound, reduced


def _start(task: CoverTask) -> BoolArray:
    if len(task.posting_offer) <= WHOLE:
        return np.ones(len(task.posting_offer), np.bool_)
    cost = task.link_cost + task.posting_cost[task.posting]
    order = np.lexsort((cost, task.cell))
    place = np.arange(len(order)) - np.searchsorted(task.cell[order], task.cell[order])
    active = np.zeros(len(task.posting_offer), np.bool_)
    active[task.posting[order[place < START_LINKS]]] = True
    return active


def _best_entering(task: CoverTask, entering: BoolArray, reduced: FloatArray) -> BoolArray:
    """The most promising postings for each cell; all at once would undo the saving."""
    links = np.flatnonzero(entering[task.posting])
    order = links[np.lexsort((reduced[task.posting[links]], task.cell[links]))]
    place = np.arange(len(order)) - np.searchsorted(task.cell[order], task.cell[order])
    chosen = np.zeros(len(entering), np.bool_)
    chosen[task.posting[order[place < START_LINKS]]] = True
    return chosen


def _link_worth(task: CoverTask, aim: Aim, prices: _Prices) -> FloatArray:
    """What each link earns at these prices, before its posting is paid."""
    worth: FloatArray = prices.cell[task.cell] - aim.link
    for limit, price in zip(task.limits, prices.limit.tolist(), strict=True):
        worth[limit.links] -= price
    for floor, price in zip(task.floors, prices.floor.tolist(), strict=True):
        worth[floor.links] += price
    return worth


def _reduced_costs(task: CoverTask, aim: Aim, prices: _Prices) -> FloatArray:
    """What each posting costs beyond what all its links earn; negative: it would pay."""
    earned = np.maximum(_link_worth(task, aim, prices), 0.0)
    total = np.bincount(task.posting, earned, minlength=len(task.posting_offer))
    return np.asarray(aim.posting + prices.capacity[task.posting_offer] - total, np.float64)


def _bound(task: CoverTask, aim: Aim, prices: _Prices, reduced: FloatArray) -> float:
    """The Lagrangian bound of these prices: no solution over all postings is cheaper."""
    value = float(prices.cell.sum()) - float(prices.capacity @ task.capacities)
    value += float(np.minimum(aim.open_cell + prices.open_cell - prices.cell, 0.0).sum())
    for price, limit in zip(prices.limit.tolist(), task.limits, strict=True):
        value -= float(price) * (limit.most or 0)
    for price, floor in zip(prices.floor.tolist(), task.floors, strict=True):
        value += (float(price) + min(aim.short + prices.short - float(price), 0.0)) * floor.least
    value -= prices.open_cell * (aim.most_open or 0) + prices.short * (aim.most_short or 0)
    return value + float(np.minimum(reduced, 0.0).sum())


class _Program:
    """The program over the active postings: columns are links, postings with several links, open cells, shortfalls.

    A posting with one link needs no column of its own: the link stands for both.
    """

    def __init__(self, task: CoverTask, aim: Aim, active: BoolArray) -> None:
        self.task, self.aim = task, aim
        self.links = np.flatnonzero(active[task.posting])
        self.several = np.flatnonzero(active & (task.links_of_posting > 1))
        self.first_posting = len(self.links)
        self.first_open = self.first_posting + len(self.several)
        self.first_short = self.first_open + len(task.cells)
        self.columns = self.first_short + len(task.floors)
        self.posting_column = np.full(len(active), -1, np.int64)
        self.posting_column[task.posting[self.links]] = np.arange(len(self.links))
        self.posting_column[self.several] = self.first_posting + np.arange(len(self.several))
        self.link_column = np.full(len(task.posting), -1, np.int64)
        self.link_column[self.links] = np.arange(len(self.links))
        self.used = np.flatnonzero(active)

    def relaxed(self) -> _Prices:
        """Prices of the rows in the linear relaxation."""
        from scipy.optimize import linprog  # late: half a second that only a planner should pay

        cells, (rows, most) = self._cell_rows(), self._limit_rows()
        bounds = np.column_stack((np.zeros(self.columns), self._upper()))
        found = linprog(self._costs(), rows, most, cells, np.ones(cells.shape[0]), bounds, method="highs-ipm")
        if found.status != 0:
            raise RuntimeError(f"cover relaxation ended with: {found.message}")
        task, dual = self.task, -np.asarray(found.ineqlin.marginals)
        ends = np.cumsum([len(task.capacities), len(task.limits), len(task.floors), 1, 1])
        capacity, limit, floor, still, short = (np.maximum(part, 0.0) for part in np.split(dual, ends)[:5])
        cell = np.asarray(found.eqlin.marginals)
        # A number that nothing limits has no price, whatever a degenerate basis says.
        open_price = 0.0 if self.aim.most_open is None else float(still.sum())
        short_price = 0.0 if self.aim.most_short is None else float(short.sum())
        return _Prices(cell, capacity, limit, floor, open_price, short_price)

    def whole(self, gap: float) -> Solution:
        """The integer optimum over the active postings, within the gap."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # late, as above

        cells, (rows, most) = self._cell_rows(), self._limit_rows()
        integral = np.zeros(self.columns)
        integral[self.posting_column[self.used]] = 1
        if self.task.limits or self.task.floors:
            integral[: self.first_posting] = 1
        found = milp(
            self._costs(),
            integrality=integral,
            bounds=Bounds(0, self._upper()),
            constraints=[LinearConstraint(cells, 1, 1), LinearConstraint(rows, -np.inf, most)],
            options={"mip_rel_gap": gap},
        )
        if found.x is None:
            raise RuntimeError(f"cover program ended with: {found.message}")
        # No posting left to decide on makes it a plain linear program, which is its own bound.
        bound = found.fun if found.mip_dual_bound is None else found.mip_dual_bound
        return Solution(self._chosen(np.asarray(found.x)), float(found.fun), float(bound))

    def _costs(self) -> FloatArray:
        costs = np.zeros(self.columns)
        costs[: self.first_posting] = self.aim.link[self.links]
        costs[self.posting_column[self.used]] += self.aim.posting[self.used]
        costs[self.first_open : self.first_short] = self.aim.open_cell
        costs[self.first_short :] = self.aim.short
        return costs

    def _upper(self) -> FloatArray:
        upper = np.ones(self.columns)
        upper[self.first_short :] = [floor.least for floor in self.task.floors]
        return upper

    def _cell_rows(self) -> Any:
        """One row a cell: its links and "left open" add up to 1."""
        count = len(self.task.cells)
        rows = np.concatenate((self.task.cell[self.links], np.arange(count)))
        columns = np.concatenate((np.arange(len(self.links)), self.first_open + np.arange(count)))
        return _matrix(rows, columns, np.ones(len(rows)), (count, self.columns))

    def _limit_rows(self) -> tuple[Any, FloatArray]:
        """Rows of the form "at most": capacities, limits, floors, open cells, shortfalls, links within postings."""
        task = self.task
        entries = [(task.posting_offer[self.used], self.posting_column[self.used], 1.0)]
        most: list[float] = [float(n) for n in task.capacities.tolist()]
        for limit in task.limits:
            entries.append(self._row(limit, most, 1.0))
            most.append(float(limit.most or 0))
        for place, floor in enumerate(task.floors):
            entries.append(self._row(floor, most, -1.0))
            entries.append((np.array([len(most)]), np.array([self.first_short + place]), -1.0))
            most.append(-float(floor.least))
        for first, last, allowed in (
            (self.first_open, self.first_short, self.aim.most_open),
            (self.first_short, self.columns, self.aim.most_short),
        ):
            entries.append((np.full(last - first, len(most)), np.arange(first, last), 1.0))
            most.append(float(self._upper()[first:last].sum()) if allowed is None else float(allowed))
        within = np.flatnonzero(task.links_of_posting[task.posting[self.links]] > 1)
        rows = len(most) + np.arange(len(within))
        entries.append((rows, within, 1.0))
        entries.append((rows, self.posting_column[task.posting[self.links[within]]], -1.0))
        values = np.concatenate([np.full(len(r), value) for r, _, value in entries])
        shape = (len(most) + len(within), self.columns)
        matrix = _matrix(
            np.concatenate([e[0] for e in entries]), np.concatenate([e[1] for e in entries]), values, shape
        )
        return matrix, np.concatenate((np.array(most), np.zeros(len(within))))

    def _row(self, limit: Limit, most: list[float], value: float) -> tuple[IntArray, IntArray, float]:
        columns = self.link_column[limit.links]
        columns = columns[columns >= 0]
        return np.full(len(columns), len(most)), columns, value

    def _chosen(self, x: FloatArray) -> IntArray:
        """The links of a solution. Without limits on links, each cell takes its cheapest open posting exactly."""
        task = self.task
        if task.limits or task.floors:
            return self.links[x[: self.first_posting] > 0.5]
        sent = np.zeros(len(task.posting_offer), np.bool_)
        sent[self.used] = x[self.posting_column[self.used]] > 0.5
        links = self.links[sent[task.posting[self.links]]]
        order = links[np.lexsort((links, task.link_cost[links], task.cell[links]))]
        return np.sort(order[np.unique(task.cell[order], return_index=True)[1]])


def _matrix(rows: IntArray, columns: IntArray, values: FloatArray, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_matrix  # late, as above

    return csr_matrix((values, (rows, columns)), shape=shape)
