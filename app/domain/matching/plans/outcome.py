"""What a plan says: who serves whom, what stays open and why, and how far from the best it can be at most.

A plan keeps its inputs and the rows it chose from them; everything shown (assignments, empty places, breached
bounds) is derived, so that the same plan cannot tell two stories.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from app.domain.matching.plans.problem import IntArray, PlanInputs, PlanRefused, Side
from app.domain.plans import Mode
from app.domain.vocabulary import Labelled


class OpenReason(Labelled):
    """Why a cell (township and industry) stays without a commissioner."""

    NO_CANDIDATE = ("no_candidate", "没有合适人选")
    ALL_BARRED = ("all_barred", "候选人选均被一方排除")
    CAPACITY_SHORT = ("capacity_short", "可选人选的服务名额不足")


@dataclass(frozen=True, slots=True)
class Cell:
    """One township and one industry, the unit of cover."""

    township: str
    industry: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A proof of shortage: these cells can only be served by these commissioners, and those cannot serve all.

    `cells` includes the open one; `offers` are all commissioners who could serve any of them; `capacity` is how
    many townships they may be sent to in all; `limits` names further rules that bind (quotas, county caps).
    `minimal`: leaving any one cell out would make the rest servable, so nothing in the list is beside the point.
    """

    cells: tuple[Cell, ...]
    offers: tuple[str, ...]
    capacity: int
    limits: tuple[str, ...]
    minimal: bool


@dataclass(frozen=True, slots=True)
class OpenCell:
    """A cell that the cover plan leaves open, with the reason; `cut` is there when capacity is short."""

    cell: Cell
    reason: OpenReason
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class BoundBreach:
    """A county outside its floor or cap: `reached` places instead of at least or at most `wanted`."""

    county: str
    side: Side
    wanted: int
    reached: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One commissioner for one demand. `fit` in 1/10,000, `travel_m` in metres (-1: not known)."""

    demand: str
    offer: str
    fit: int
    travel_m: int
    renewal: bool


@dataclass(frozen=True, eq=False)
class Plan:
    """A computed plan. `chosen` are ascending rows of `inputs.pairs`.

    `value` is what the mode maximises (fit: total gain less penalties; stable: the same figure, for comparison)
    or minimises (cover: total cost of travel and lost fit); `bound` is the best value any plan could have, as
    proved by the solver, None where the mode has no such figure (stable). `gap` is their relative distance.
    """

    mode: Mode
    inputs: PlanInputs
    chosen: IntArray
    value: int
    bound: float | None
    solver: str
    open_cells: tuple[OpenCell, ...] = ()

    @property
    def gap(self) -> float | None:
        """Relative optimality gap, 0.0 when proved optimal."""
        if self.bound is None:
            return None
        return abs(self.value - self.bound) / max(abs(self.value), 1)

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Who serves whom, in the order of demand and offer identifiers."""
        demands, offers = self.inputs.demands, self.inputs.offers
        rows = self.inputs.pairs.taken(self.chosen)
        columns = (rows.demand, rows.offer, rows.fit, rows.travel_m, rows.renewal)
        return tuple(
            Assignment(demands[d].uid, offers[o].uid, fit, travel, renewal)
            for d, o, fit, travel, renewal in zip(*(column.tolist() for column in columns), strict=True)
        )

    @cached_property
    def links(self) -> frozenset[tuple[str, str]]:
        """The (demand, offer) identifiers chosen."""
        return frozenset((a.demand, a.offer) for a in self.assignments)

    @cached_property
    def served_places(self) -> IntArray:
        """Places filled of each demand."""
        return np.bincount(self.inputs.pairs.demand[self.chosen], minlength=len(self.inputs.demands))

    @cached_property
    def used_places(self) -> IntArray:
        """Demands (in a cover plan: cells) given to each offer."""
        return np.bincount(self.inputs.pairs.offer[self.chosen], minlength=len(self.inputs.offers))

    @cached_property
    def journeys(self) -> IntArray:
        """The chosen rows, each way once: a cover plan's posting serves several cells of a township in one."""
        if self.mode is not Mode.COVER:
            return self.chosen
        rows = self.inputs.pairs.taken(self.chosen)
        towns = [self.inputs.demands[d].township for d in rows.demand.tolist()]
        first = {key: row for row, key in reversed(list(enumerate(zip(rows.offer.tolist(), towns, strict=True))))}
        return self.chosen[sorted(first.values())]

    @cached_property
    def used_capacity(self) -> IntArray:
        """What each offer's capacity is used by: demands, in a cover plan townships."""
        return np.bincount(self.inputs.pairs.offer[self.journeys], minlength=len(self.inputs.offers))

    @cached_property
    def unserved(self) -> tuple[tuple[str, int], ...]:
        """(demand identifier, places left empty) of every demand with an empty place.

        A cover plan serves cells: every demand of a covered cell is served in full.
        """
        demands = self.inputs.demands
        if self.mode is Mode.COVER:
            covered = {Cell(demands[d].township, demands[d].industry) for d in np.flatnonzero(self.served_places)}
            return tuple((d.uid, d.places) for d in demands if Cell(d.township, d.industry) not in covered)
        short = self.inputs.places - self.served_places
        return tuple((demands[i].uid, int(short[i])) for i in np.flatnonzero(short > 0))

    @cached_property
    def breaches(self) -> tuple[BoundBreach, ...]:
        """County floors and caps that this plan does not keep.

        Fit plans break a floor only when no plan can reach it; cover plans only where covering needs it; stable
        plans do not weigh county bounds at all (a stable choice within them need not exist), so the list says
        what stability costs.
        """
        found = []
        for bound in self.inputs.rules.bounds:
            reached = self.county_places(bound.county, bound.side)
            if reached < bound.floor:
                found.append(BoundBreach(bound.county, bound.side, bound.floor, reached))
            if bound.cap is not None and reached > bound.cap:
                found.append(BoundBreach(bound.county, bound.side, bound.cap, reached))
        return tuple(found)

    def county_places(self, county: str, side: Side) -> int:
        """Places that count towards a county's bound on `side` (cover plans: places of cells)."""
        if side is Side.SERVED:
            inside = np.array([demand.county == county for demand in self.inputs.demands], np.bool_)
            return int(self.served_places[inside].sum())
        inside = np.array([offer.county == county for offer in self.inputs.offers], np.bool_)
        return int(self.used_places[inside].sum())

    def as_json(self) -> dict[str, Any]:
        """The plan for keeping and for exchange; keys are stable, rows sorted, inputs cited by their SHA-256."""
        return {
            "mode": self.mode.value,
            "inputs_sha256": self.inputs.sha256,
            "solver": self.solver,
            "value": self.value,
            "bound": self.bound,
            "gap": self.gap,
            "assignments": [[a.demand, a.offer, a.fit, a.travel_m, a.renewal] for a in self.assignments],
            "unserved": [list(row) for row in self.unserved],
            "breaches": [[b.county, b.side.value, b.wanted, b.reached] for b in self.breaches],
            "open_cells": [_open_cell_json(cell) for cell in self.open_cells],
        }


def _open_cell_json(held: OpenCell) -> dict[str, Any]:
    row: dict[str, Any] = {
        "township": held.cell.township,
        "industry": held.cell.industry,
        "reason": held.reason.value,
    }
    if held.cut is not None:
        row["cut"] = {
            "cells": [[cell.township, cell.industry] for cell in held.cut.cells],
            "offers": list(held.cut.offers),
            "capacity": held.cut.capacity,
            "limits": list(held.cut.limits),
            "minimal": held.cut.minimal,
        }
    return row


def total_value(inputs: PlanInputs, chosen: IntArray) -> int:
    """Total gain of the chosen rows less the penalty of every place left empty (fit and stable plans)."""
    empty = int(inputs.places.sum()) - len(chosen)
    return int(inputs.gain[chosen].sum()) - inputs.rules.unserved_penalty * empty


def rows_of(inputs: PlanInputs, links: Iterable[tuple[str, str]]) -> IntArray:
    """Ascending pair rows of (demand, offer) identifiers; refuses a link that is not among the candidates."""
    demand_at = {demand.uid: i for i, demand in enumerate(inputs.demands)}
    offer_at = {offer.uid: i for i, offer in enumerate(inputs.offers)}
    keys = inputs.pairs.demand * max(len(offer_at), 1) + inputs.pairs.offer
    rows = []
    for demand, offer in links:
        key = demand_at.get(demand, -1) * max(len(offer_at), 1) + offer_at.get(offer, -1)
        row = int(np.searchsorted(keys, key))
        known = demand in demand_at and offer in offer_at
        if not known or row >= len(keys) or keys[row] != key:
            raise PlanRefused(f"需求 {demand} 与科特派 {offer} 不在这份方案的候选名单里。")
        rows.append(row)
    return np.array(sorted(rows), np.int64)


def rule_breaks(plan: Plan) -> list[str]:
    """What a plan breaks that no plan may break, in words; empty for a lawful plan.

    Checked from the inputs alone, not from how the plan was found: no barred pair, no pair twice, places and
    capacities kept, quotas kept. A cover plan counts a commissioner's capacity by townships, not by cells.
    """
    inputs, rows = plan.inputs, plan.inputs.pairs.taken(plan.chosen)
    found = [f"需求 {inputs.demands[i].uid} 与科特派已互相排除" for i in rows.demand[rows.barred].tolist()]
    if len(np.unique(plan.chosen)) < len(plan.chosen):
        found.append("同一对需求与科特派被选了两次")
    over = np.flatnonzero(plan.served_places > inputs.places)
    found += [f"需求 {inputs.demands[i].uid} 的名额超出" for i in over.tolist()]
    by_township = plan.mode is Mode.COVER
    used: dict[int, set[str]] = {}
    for d, o in zip(rows.demand.tolist(), rows.offer.tolist(), strict=True):
        demand = inputs.demands[d]
        used.setdefault(o, set()).add(demand.township if by_township else demand.uid)
    found += [
        f"科特派 {inputs.offers[o].uid} 超出容量" for o, at in used.items() if len(at) > inputs.offers[o].capacity
    ]
    return found + _quota_breaks(plan)


def _quota_breaks(plan: Plan) -> list[str]:
    inputs, rows = plan.inputs, plan.inputs.pairs.taken(plan.chosen)
    used: dict[tuple[int, str], set[str]] = {}
    for d, o in zip(rows.demand.tolist(), rows.offer.tolist(), strict=True):
        demand = inputs.demands[d]
        place = demand.township if plan.mode is Mode.COVER else demand.uid
        used.setdefault((o, demand.group), set()).add(place)
    return [
        f"科特派 {offer.uid} 超出对「{group}」的限额"
        for o, offer in enumerate(inputs.offers)
        for group, most in offer.quotas
        if len(used.get((o, group), ())) > most
    ]
