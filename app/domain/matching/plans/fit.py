"""The plan of best total fit under all capacities, quotas and county bounds: one min-cost flow, solved exactly.

Every place of a demand is a unit of flow. It leaves its demand (or, where a county has a floor or cap, its county)
and reaches the sink through a commissioner or through an "unserved" arc that costs the stated penalty:

    county -> demand -> [quota of the commissioner for the group] -> commissioner -> [county of origin] -> sink

All limits are nested, so the flow's optimum is whole-numbered and no rounding is involved. Floors are soft in form
only: each place missing costs more than everything else together, hence they are missed only if no plan can keep
them, and then by the least number of places.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from app.domain.matching.plans.outcome import Plan, total_value
from app.domain.matching.plans.problem import BoolArray, IntArray, PlanInputs, PlanRefused, Side
from app.domain.plans import Mode

# OR-tools multiplies costs by the number of nodes inside 64-bit integers; we refuse earlier, with room to spare.
LARGEST_COST_TIMES_NODES = 2**60


@dataclass
class _Network:
    """Arcs as growing column blocks; nodes are numbered as they are asked for."""

    nodes: int
    tails: list[IntArray] = field(default_factory=list)
    heads: list[IntArray] = field(default_factory=list)
    capacities: list[IntArray] = field(default_factory=list)
    costs: list[IntArray] = field(default_factory=list)

    def node(self) -> int:
        self.nodes += 1
        return self.nodes - 1

    def arcs(self, tail: npt.ArrayLike, head: npt.ArrayLike, capacity: npt.ArrayLike, cost: npt.ArrayLike = 0) -> None:
        columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(c, np.int64)) for c in (tail, head, capacity, cost)))
        for block, column in zip((self.tails, self.heads, self.capacities, self.costs), columns, strict=True):
            block.append(column)


def best_fit(inputs: PlanInputs) -> Plan:
    """The plan of greatest total gain less penalties; exact, so its bound is its value.

    Total gain is the sum over chosen pairs of fit + renewal bonus - travel cost, less the penalty of each place
    left empty. A pair whose gain is below minus the penalty is never chosen. Among plans of equal value the
    solver's choice stands (the same for the same inputs and solver version). Refuses (PlanRefused) costs too
    large for exact arithmetic.
    """
    rows = inputs.open_rows
    dearest = max(int(inputs.gain[rows].max(initial=0)), 0)
    costs = dearest - inputs.gain[rows]
    unserved = dearest + inputs.rules.unserved_penalty
    worst = max(int(costs.max(initial=0)), unserved)
    missing_floor = (worst + 1) * (int(inputs.places.sum()) + 1)
    network = _Network(len(inputs.demands) + len(inputs.offers))
    sink = network.node()
    _add_pairs(network, inputs, rows, costs)
    _add_offers(network, inputs, sink, missing_floor)
    supplies = _add_demands(network, inputs, sink, unserved, missing_floor)
    flows, solver = _solve(network, supplies)
    chosen = rows[flows[: len(rows)] > 0]
    value = total_value(inputs, chosen)
    return Plan(Mode.FIT, inputs, chosen, value, float(value), solver)


def _add_pairs(network: _Network, inputs: PlanInputs, rows: IntArray, costs: IntArray) -> None:
    """One arc a pair, first in the network so that its flow is found by row; quotas get a node between."""
    demands, offers = inputs.pairs.demand[rows], inputs.pairs.offer[rows]
    heads = len(inputs.demands) + offers
    gates: list[tuple[int, int, int]] = []
    if any(offer.quotas for offer in inputs.offers):
        groups = np.array([demand.group for demand in inputs.demands])[demands]
        first, last = _spans(offers, len(inputs.offers))
        by_offer = np.argsort(offers, kind="stable")
        for index, offer in enumerate(inputs.offers):
            own = by_offer[first[index] : last[index]]
            for group, most in offer.quotas:
                gate = network.node()
                heads[own[groups[own] == group]] = gate
                gates.append((gate, len(inputs.demands) + index, most))
    network.arcs(demands, heads, 1, costs)
    if gates:
        gate_table = np.array(gates, np.int64)
        network.arcs(gate_table[:, 0], gate_table[:, 1], gate_table[:, 2])


def _spans(keys: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """First and one-past-last position of each key in the sorted keys."""
    ends = np.cumsum(np.bincount(keys, minlength=count))
    return ends - np.bincount(keys, minlength=count), ends


def _add_offers(network: _Network, inputs: PlanInputs, sink: int, missing_floor: int) -> None:
    """Commissioners to the sink, through their county where it has a bound on places sent."""
    ends = np.full(len(inputs.offers), sink, np.int64)
    for bound in (bound for bound in inputs.rules.bounds if bound.side is Side.SENT):
        county = network.node()
        ends[_of_county([offer.county for offer in inputs.offers], bound.county)] = county
        most = int(inputs.places.sum()) if bound.cap is None else bound.cap
        network.arcs(county, sink, bound.floor, -missing_floor)
        network.arcs(county, sink, most - min(bound.floor, most))
    network.arcs(len(inputs.demands) + np.arange(len(inputs.offers)), ends, inputs.capacities)


def _add_demands(
    network: _Network, inputs: PlanInputs, sink: int, unserved: int, missing_floor: int
) -> list[tuple[int, int]]:
    """Where the flow starts, as (node, supply), with an "unserved" arc for each start.

    A cap on places served is kept by starting only so many units; the places beyond it stay empty in any plan and
    their penalty, being constant, is left out of the flow.
    """
    supplies = []
    free = np.ones(len(inputs.demands), np.bool_)
    for bound in (bound for bound in inputs.rules.bounds if bound.side is Side.SERVED):
        inside = _of_county([demand.county for demand in inputs.demands], bound.county)
        free &= ~inside
        members = np.flatnonzero(inside)
        total = int(inputs.places[members].sum())
        start = total if bound.cap is None else min(total, bound.cap)
        owed = min(bound.floor, start)
        county = network.node()
        network.arcs(county, members, inputs.places[members])
        network.arcs(county, sink, start - owed, unserved)
        network.arcs(county, sink, owed, unserved + missing_floor)
        supplies.append((county, start))
    alone = np.flatnonzero(free)
    network.arcs(alone, sink, inputs.places[alone], unserved)
    supplies += zip(alone.tolist(), inputs.places[alone].tolist(), strict=True)
    return [*supplies, (sink, -sum(units for _, units in supplies))]


def _of_county(counties: list[str], county: str) -> BoolArray:
    return np.array([held == county for held in counties], np.bool_)


def _solve(network: _Network, supplies: list[tuple[int, int]]) -> tuple[IntArray, str]:
    """Flow of each arc in the order added, and the solver's name and version."""
    # Here and not above: a worker that never makes a plan does not pay 30 MB for the solver.
    import ortools
    from ortools.graph.python import min_cost_flow

    tails, heads, capacities, costs = (
        np.concatenate(blocks) for blocks in (network.tails, network.heads, network.capacities, network.costs)
    )
    if int(np.abs(costs).max(initial=0)) * (network.nodes + 1) > LARGEST_COST_TIMES_NODES:
        raise PlanRefused("方案参数过大，超出精确计算的范围，请减小未满足惩罚或缩小方案规模。")
    flow: Any = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), capacities, costs)
    table = np.array(supplies, np.int64)
    flow.set_nodes_supplies(table[:, 0].astype(np.int32), table[:, 1])
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"min-cost flow ended with status {status} although the zero plan is feasible")
    return np.asarray(flow.flows(arcs), np.int64), f"ortools {ortools.__version__} SimpleMinCostFlow"
