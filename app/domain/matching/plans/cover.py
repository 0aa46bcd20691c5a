"""The plan that covers first: every township has each leading industry at least once, then least travel, best fit.

Three aims, strictly one after the other, each proved before the next is asked for:

1. as few cells (township and industry) left open as the commissioners' capacities, quotas and county caps allow;
2. county floors missed by as few places as possible;
3. the least sum of travel (once a posting) and lost fit (once a cell), within the optimality gap that is reported.

For each cell left open the plan says why (`shortage`): nobody suits, one side refuses, or capacity is short, and then
which cells compete for which commissioners.
"""

from dataclasses import replace

import numpy as np

from app.domain.matching.plans.cover_program import Aim, counting, solve
from app.domain.matching.plans.cover_task import CoverTask, task_of
from app.domain.matching.plans.outcome import Plan
from app.domain.matching.plans.problem import IntArray, PlanInputs
from app.domain.matching.plans.shortage import open_cells
from app.domain.plans import Mode


def cover_first(inputs: PlanInputs) -> Plan:
    """The cover plan. `value` is the cost of travel and lost fit in 1/10,000 of a match, `bound` its proved minimum.

    A commissioner's capacity counts townships here: one posting may cover several industries of its township.
    Several demands of one cell need one commissioner between them. Refused (PlanRefused): a demand without
    township or industry.
    """
    task = task_of(inputs)
    if not len(task.row):
        open_now = open_cells(inputs, task, np.empty(0, np.int64))
        return Plan(Mode.COVER, inputs, np.empty(0, np.int64), 0, 0.0, _solver(), open_now)
    covered = solve(task, counting(task), 0.0)
    most_open = round(covered.value)
    if covered.bound < most_open - 0.5:
        raise RuntimeError("the largest cover was found but not proved; its shortage proofs would not hold")
    links, most_short = covered.links, None
    if task.floors:
        aim = replace(counting(task), open_cell=0.0, short=1.0, most_open=most_open)
        floors = solve(task, aim, 0.0, seed=links)
        links, most_short = floors.links, round(floors.value)
    cost = Aim(
        task.link_cost.astype(np.float64),
        task.posting_cost.astype(np.float64),
        most_open=most_open,
        most_short=most_short,
    )
    cheapest = solve(task, cost, inputs.rules.cover_gap, seed=links)
    value = _cost(task, cheapest.links)
    chosen = np.sort(task.row[cheapest.links])
    bound = min(cheapest.bound, float(value))
    return Plan(Mode.COVER, inputs, chosen, value, bound, _solver(), open_cells(inputs, task, cheapest.links))


def _cost(task: CoverTask, links: IntArray) -> int:
    """Cost of the chosen links in whole numbers, each posting once."""
    postings = np.unique(task.posting[links])
    return int(task.link_cost[links].sum()) + int(task.posting_cost[postings].sum())


def _solver() -> str:
    import scipy  # late: see cover_program

    return f"scipy {scipy.__version__} HiGHS, priced columns"
