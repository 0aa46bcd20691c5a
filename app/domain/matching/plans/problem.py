"""What a plan is computed from, frozen: demands, commissioners, candidate pairs and the rules of the round.

A plan must be recomputable years later, so its inputs hold nothing but these four, carry identifiers instead of
names (a stored plan keeps nobody's personal data), and have one canonical JSON text with a SHA-256. The order in
which rows were fetched leaves no trace: everything is sorted by identifier before it is hashed or solved.

Units: a fit is an integer in 1/10,000 (`SCALE` is a perfect match), travel is in whole metres one way; no floats,
because gains are added up and compared for equality (ties).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled

SCALE = 10_000
UNKNOWN_TRAVEL = -1
SCHEMA = 1

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class PlanRefused(RuleBroken):
    """The inputs contradict themselves or lie outside what can be solved exactly; the message says which and why."""


class Side(Labelled):
    """What a county's floor or cap counts."""

    SERVED = ("served", "本县需求获派的名额")
    SENT = ("sent", "本县科特派承担的名额")


@dataclass(frozen=True, slots=True)
class PlanDemand:
    """One demand, or one township's need of one industry.

    `county` and `township` are codes of the place of need; `group` is the class that commissioners' quotas count
    (an enterprise, a village ...); `places` is how many different commissioners it takes, at least 1.
    """

    uid: str
    county: str = ""
    township: str = ""
    industry: str = ""
    group: str = ""
    places: int = 1


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """One commissioner's readiness: the recommending county, how many places in all, and how many of a group.

    `capacity` 0 is allowed (nothing left this year). `quotas` are (group, most) pairs, each at least 0, for rules
    such as "one person signs with at most three enterprises"; a group without a quota is limited by capacity only.
    """

    uid: str
    county: str = ""
    capacity: int = 1
    quotas: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CountyBound:
    """At least `floor` and at most `cap` places of a county, counted on one side; None: no cap."""

    county: str
    side: Side
    floor: int = 0
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class PlanRules:
    """The weights of one what-if, all in 1/10,000 of a perfect match.

    `unserved_penalty`: what one place left empty costs; the default says an empty place weighs as much as one
    perfect match, so that serving comes before serving well unless serving one would spoil several others.
    `renewal_bonus`: added to the fit of a pair that already works together. `travel_per_km` is taken off the gain
    in the fit and stable plans (0 by default: the ranking's fit already weighs distance);
    `cover_travel_per_km` is its counterpart in the cover plan, whose order of aims is cover, travel, fit.
    `unknown_travel_m` stands in where a distance is not known (about half the breadth of the city).
    `cover_gap` is the relative optimality gap at which the cover solver may stop.
    """

    unserved_penalty: int = SCALE
    renewal_bonus: int = SCALE // 10
    travel_per_km: int = 0
    cover_travel_per_km: int = 50
    unknown_travel_m: int = 75_000
    cover_gap: float = 1e-4
    bounds: tuple[CountyBound, ...] = ()


@dataclass(frozen=True, eq=False)
class Pairs:
    """Candidate pairs in columns of equal length, one row a pair; only these can be chosen.

    `demand`, `offer`: row numbers. `fit`: 0 to SCALE. `travel_m`: metres, or UNKNOWN_TRAVEL. `demand_wish`,
    `offer_wish`: the place of the pair on that side's own list, 1 first, 0 not stated; equal numbers are a tie.
    `renewal`: they work together today. `barred`: one side refuses the other; kept so that a plan can say so.
    """

    demand: IntArray
    offer: IntArray
    fit: IntArray
    travel_m: IntArray
    demand_wish: IntArray
    offer_wish: IntArray
    renewal: BoolArray
    barred: BoolArray

    # What a column holds when it is not given; a column of nothing else is left out of the canonical text.
    DEFAULTS = {"travel_m": UNKNOWN_TRAVEL, "demand_wish": 0, "offer_wish": 0, "renewal": 0, "barred": 0}
    COLUMNS = ("demand", "offer", "fit", *DEFAULTS)

    @classmethod
    def of(cls, demand: npt.ArrayLike, offer: npt.ArrayLike, fit: npt.ArrayLike, **more: npt.ArrayLike) -> Self:
        """The table with every column not given at its default."""
        first = np.array(demand, np.int64)
        given: dict[str, npt.ArrayLike] = {"demand": first, "offer": offer, "fit": fit, **more}
        columns = {name: given.get(name, np.full(len(first), cls.DEFAULTS.get(name, 0))) for name in cls.COLUMNS}
        return cls(
            **{
                name: np.array(values, np.bool_ if name in ("renewal", "barred") else np.int64)
                for name, values in columns.items()
            }
        )

    def __len__(self) -> int:
        return len(self.demand)

    def taken(self, rows: npt.NDArray[Any]) -> "Pairs":
        """The rows named (or kept by a mask), in that order, read-only."""
        columns = {name: getattr(self, name)[rows] for name in self.COLUMNS}
        for column in columns.values():
            column.setflags(write=False)
        return Pairs(**columns)


@dataclass(frozen=True, eq=False)
class PlanInputs:
    """Everything a plan depends on. Made by `freeze` or `from_json`, which sort and check; never by hand."""

    demands: tuple[PlanDemand, ...]
    offers: tuple[PlanOffer, ...]
    pairs: Pairs
    rules: PlanRules = field(default_factory=PlanRules)

    @cached_property
    def places(self) -> IntArray:
        """Places of each demand."""
        return np.fromiter((demand.places for demand in self.demands), np.int64, len(self.demands))

    @cached_property
    def capacities(self) -> IntArray:
        """Capacity of each offer."""
        return np.fromiter((offer.capacity for offer in self.offers), np.int64, len(self.offers))

    @cached_property
    def open_rows(self) -> IntArray:
        """Rows of the pairs that neither side refuses, in canonical order."""
        return np.flatnonzero(~self.pairs.barred)

    def travel_cost(self, per_km: int) -> IntArray:
        """What the way of each pair costs at `per_km`, rounded down to 1/10,000 of a match."""
        metres = self.pairs.travel_m
        return np.where(metres == UNKNOWN_TRAVEL, self.rules.unknown_travel_m, metres) * per_km // 1000

    @cached_property
    def gain(self) -> IntArray:
        """What choosing each pair is worth in the fit and stable plans; may be negative over long ways."""
        bonus = self.rules.renewal_bonus * self.pairs.renewal
        return self.pairs.fit + bonus - self.travel_cost(self.rules.travel_per_km)

    @cached_property
    def canonical(self) -> str:
        """The one JSON text of these inputs: keys sorted, no spaces, rows sorted by identifier."""
        pairs = {
            name: getattr(self.pairs, name).astype(np.int64).tolist()
            for name in Pairs.COLUMNS
            if name not in Pairs.DEFAULTS or (getattr(self.pairs, name) != Pairs.DEFAULTS[name]).any()
        }
        rules = {name: getattr(self.rules, name) for name in PlanRules.__slots__ if name != "bounds"}
        rules["bounds"] = [[b.county, b.side.value, b.floor, b.cap] for b in self.rules.bounds]
        text = {
            "schema": SCHEMA,
            "demands": [[d.uid, d.county, d.township, d.industry, d.group, d.places] for d in self.demands],
            "offers": [[o.uid, o.county, o.capacity, [list(q) for q in o.quotas]] for o in self.offers],
            "pairs": pairs,
            "rules": rules,
        }
        return json.dumps(text, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical text in UTF-8, hexadecimal: the name under which a plan cites its inputs."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "PlanInputs":
        """The inputs that `canonical` wrote; refuses (PlanRefused) a schema it does not know."""
        held = json.loads(text)
        if held.get("schema") != SCHEMA:
            raise PlanRefused(f"方案数据的格式版本是 {held.get('schema')}，本系统只认识版本 {SCHEMA}，请升级后再打开。")
        rules = dict(held["rules"])
        bounds = tuple(CountyBound(c, Side(side), low, cap) for c, side, low, cap in rules.pop("bounds"))
        return freeze(
            [PlanDemand(*row) for row in held["demands"]],
            [PlanOffer(u, c, n, tuple((g, most) for g, most in quotas)) for u, c, n, quotas in held["offers"]],
            Pairs.of(**held["pairs"]),
            PlanRules(**rules, bounds=bounds),
        )


def freeze(
    demands: Iterable[PlanDemand], offers: Iterable[PlanOffer], pairs: Pairs, rules: PlanRules | None = None
) -> PlanInputs:
    """Sort everything by identifier, check it, and make it unchangeable.

    `pairs` number the demands and offers in the order given here. Refused (PlanRefused): identifiers used twice,
    a pair named twice or outside the lists, a fit outside 0..SCALE, negative numbers where none can be, bounds
    that contradict one another or name a county that no row has.
    """
    demand_list, offer_list = list(demands), list(offers)
    given = rules or PlanRules()
    _check_rows(demand_list, offer_list)
    _check_pairs(pairs, len(demand_list), len(offer_list))
    _check_rules(given, demand_list, offer_list)
    demand_order = sorted(range(len(demand_list)), key=lambda i: demand_list[i].uid)
    offer_order = sorted(range(len(offer_list)), key=lambda i: offer_list[i].uid)
    moved = Pairs(
        **{name: getattr(pairs, name) for name in Pairs.COLUMNS[2:]},
        demand=_inverse(demand_order)[pairs.demand],
        offer=_inverse(offer_order)[pairs.offer],
    )
    keys = moved.demand * max(len(offer_list), 1) + moved.offer
    order = np.argsort(keys, kind="stable")
    if (np.diff(keys[order]) == 0).any():
        raise PlanRefused("同一需求与同一科特派的候选关系出现了两次，请先合并。")
    ordered_offers = (offer_list[i] for i in offer_order)
    return PlanInputs(
        tuple(demand_list[i] for i in demand_order),
        tuple(PlanOffer(o.uid, o.county, o.capacity, tuple(sorted(o.quotas))) for o in ordered_offers),
        moved.taken(order),
        _sorted_rules(given),
    )


def _inverse(order: Sequence[int]) -> IntArray:
    inverse = np.empty(len(order), np.int64)
    inverse[np.array(order, np.int64)] = np.arange(len(order))
    return inverse


def _sorted_rules(rules: PlanRules) -> PlanRules:
    bounds = tuple(sorted(rules.bounds, key=lambda bound: (bound.side.value, bound.county)))
    values = {name: getattr(rules, name) for name in PlanRules.__slots__}
    return PlanRules(**{**values, "bounds": bounds})


def _check_rows(demands: Sequence[PlanDemand], offers: Sequence[PlanOffer]) -> None:
    for noun, uids in (("需求", [d.uid for d in demands]), ("科特派", [o.uid for o in offers])):
        twice = next((a for a, b in pairwise(sorted(uids)) if a == b), None)
        if twice is not None:
            raise PlanRefused(f"{noun}编号 {twice} 出现了两次，每个编号只能有一行。")
    for demand in demands:
        if demand.places < 1:
            raise PlanRefused(f"需求 {demand.uid} 的名额是 {demand.places}，至少应为 1。")
    for offer in offers:
        if offer.capacity < 0 or any(most < 0 for _, most in offer.quotas):
            raise PlanRefused(f"科特派 {offer.uid} 的容量或分类限额是负数，请改为 0 或更大。")
        if len({group for group, _ in offer.quotas}) < len(offer.quotas):
            raise PlanRefused(f"科特派 {offer.uid} 对同一类对象设了两个限额，请只留一个。")


def _check_pairs(pairs: Pairs, demands: int, offers: int) -> None:
    if any(len(getattr(pairs, name)) != len(pairs) for name in Pairs.COLUMNS):
        raise PlanRefused("候选关系各列的行数不一致。")
    if not len(pairs):
        return
    if min(pairs.demand.min(), pairs.offer.min()) < 0 or pairs.demand.max() >= demands or pairs.offer.max() >= offers:
        raise PlanRefused("候选关系指向了名单以外的需求或科特派。")
    if pairs.fit.min() < 0 or pairs.fit.max() > SCALE:
        raise PlanRefused(f"匹配度应在 0 到 {SCALE} 之间（万分之一为单位）。")
    if pairs.travel_m.min() < UNKNOWN_TRAVEL:
        raise PlanRefused("路程不能是负数；不知道时请填 -1。")
    if min(pairs.demand_wish.min(), pairs.offer_wish.min()) < 0:
        raise PlanRefused("志愿顺序从 1 开始；没有填报时为 0。")


def _check_rules(rules: PlanRules, demands: Sequence[PlanDemand], offers: Sequence[PlanOffer]) -> None:
    for name in PlanRules.__slots__:
        value = getattr(rules, name)
        if name != "bounds" and value < 0:
            raise PlanRefused(f"方案参数 {name} 是 {value}，不能是负数。", name)
    seen = set()
    known = {Side.SERVED: {d.county for d in demands}, Side.SENT: {o.county for o in offers}}
    for bound in rules.bounds:
        if bound.floor < 0 or (bound.cap is not None and bound.cap < bound.floor):
            raise PlanRefused(f"{bound.county} 的下限 {bound.floor} 与上限 {bound.cap} 相互矛盾。", "bounds")
        if bound.county not in known[bound.side]:
            raise PlanRefused(f"名单里没有 {bound.county} 的{bound.side.label}，无法设置上下限。", "bounds")
        if (bound.county, bound.side) in seen:
            raise PlanRefused(f"{bound.county} 的{bound.side.label}设了两次上下限，请只留一次。", "bounds")
        seen.add((bound.county, bound.side))
