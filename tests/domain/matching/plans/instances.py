"""Plan inputs for tests: a table builder that reads like a table, random small rounds, and judges by brute force.

Nothing here uses the solvers. Lawfulness, stability and value are said once more from the policy, slowly, over all
subsets of the candidate pairs.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations

from hypothesis import strategies as st

from app.domain.matching.plans.problem import (
    CountyBound,
    Pairs,
    PlanDemand,
    PlanInputs,
    PlanOffer,
    PlanRules,
    Side,
    freeze,
)

Rows = tuple[int, ...]


def round_of(
    demands: Sequence[PlanDemand | str],
    offers: Sequence[PlanOffer | str],
    fits: dict[tuple[str, str], int],
    *,
    travel: dict[tuple[str, str], int] | None = None,
    demand_wish: dict[tuple[str, str], int] | None = None,
    offer_wish: dict[tuple[str, str], int] | None = None,
    renewal: Iterable[tuple[str, str]] = (),
    barred: Iterable[tuple[str, str]] = (),
    rules: PlanRules | None = None,
) -> PlanInputs:
    """A round written as {(demand, offer): fit}; bare identifiers are one place and a capacity of one."""
    wanted = [PlanDemand(d) if isinstance(d, str) else d for d in demands]
    given = [PlanOffer(o) if isinstance(o, str) else o for o in offers]
    demand_at, offer_at = {d.uid: i for i, d in enumerate(wanted)}, {o.uid: i for i, o in enumerate(given)}
    links, ends, refused = list(fits), set(renewal), set(barred)
    pairs = Pairs.of(
        [demand_at[d] for d, _ in links],
        [offer_at[o] for _, o in links],
        list(fits.values()),
        travel_m=[(travel or {}).get(link, -1) for link in links],
        demand_wish=[(demand_wish or {}).get(link, 0) for link in links],
        offer_wish=[(offer_wish or {}).get(link, 0) for link in links],
        renewal=[link in ends for link in links],
        barred=[link in refused for link in links],
    )
    return freeze(wanted, given, pairs, rules)


@st.composite
def rounds(
    draw: st.DrawFn, *, cover: bool = False, bounds: bool = True, quotas: bool = True, most_pairs: int = 9
) -> PlanInputs:
    """A small round with everything in it: places, capacities, quotas, ties, wishes, refusals, county bounds."""
    demands = [
        PlanDemand(
            f"d{i}",
            county=draw(st.sampled_from("AB")),
            township=draw(st.sampled_from(["t1", "t2"])) if cover else "",
            industry=draw(st.sampled_from(["i1", "i2"])) if cover else "",
            group=draw(st.sampled_from(["village", "enterprise"])),
            places=1 if cover else draw(st.integers(1, 2)),
        )
        for i in range(draw(st.integers(1, 4)))
    ]
    offers = [
        PlanOffer(
            f"o{i}",
            county=draw(st.sampled_from("AB")),
            capacity=draw(st.integers(0, 2)),
            quotas=(("enterprise", draw(st.integers(0, 1))),) if quotas and draw(st.booleans()) else (),
        )
        for i in range(draw(st.integers(1, 4)))
    ]
    cells = [(d, o) for d in range(len(demands)) for o in range(len(offers))]
    links = draw(st.lists(st.sampled_from(cells), unique=True, max_size=most_pairs))

    def column(values: st.SearchStrategy[int]) -> list[int]:
        return draw(st.lists(values, min_size=len(links), max_size=len(links)))

    pairs = Pairs.of(
        [d for d, _ in links],
        [o for _, o in links],
        column(st.sampled_from([0, 3000, 6000, 9000, 10_000])),
        travel_m=column(st.sampled_from([-1, 0, 20_000, 80_000])),
        demand_wish=column(st.integers(0, 2)),
        offer_wish=column(st.integers(0, 2)),
        renewal=column(st.integers(0, 1)),
        barred=column(st.sampled_from([0, 0, 0, 1])),
    )
    held = []
    if bounds:
        for county in sorted({d.county for d in demands} & {o.county for o in offers}):
            for side in Side:
                floor = draw(st.integers(0, 2))
                cap = draw(st.one_of(st.none(), st.integers(floor, 3)))
                held.append(CountyBound(county, side, floor, cap))
    rules = PlanRules(
        unserved_penalty=draw(st.sampled_from([0, 2000, 10_000])),
        renewal_bonus=draw(st.sampled_from([0, 1000])),
        travel_per_km=draw(st.sampled_from([0, 100])),
        cover_gap=0.0,
        bounds=tuple(held),
    )
    return freeze(demands, offers, pairs, rules)


def subsets(inputs: PlanInputs) -> Iterator[Rows]:
    """Every set of pairs that nobody refuses."""
    rows = [row for row in range(len(inputs.pairs)) if not inputs.pairs.barred[row]]
    yield from chain.from_iterable(combinations(rows, size) for size in range(len(rows) + 1))


def demand_of(inputs: PlanInputs, row: int) -> PlanDemand:
    return inputs.demands[inputs.pairs.demand[row]]


def offer_of(inputs: PlanInputs, row: int) -> PlanOffer:
    return inputs.offers[inputs.pairs.offer[row]]


def lawful(inputs: PlanInputs, rows: Rows, *, cover: bool = False) -> bool:
    """Places, capacities (in cover plans by townships) and quotas are kept."""
    for demand in inputs.demands:
        if sum(demand_of(inputs, row) == demand for row in rows) > demand.places:
            return False
    for offer in inputs.offers:
        own = [demand_of(inputs, row) for row in rows if offer_of(inputs, row) == offer]
        used = len({d.township for d in own}) if cover else len(own)
        if used > offer.capacity or any(sum(d.group == g for d in own) > most for g, most in offer.quotas):
            return False
    return True


def county_count(inputs: PlanInputs, rows: Rows, bound: CountyBound) -> int:
    side = demand_of if bound.side is Side.SERVED else offer_of
    return sum(side(inputs, row).county == bound.county for row in rows)


def within_caps(inputs: PlanInputs, rows: Rows) -> bool:
    return all(b.cap is None or county_count(inputs, rows, b) <= b.cap for b in inputs.rules.bounds)


def missing_to_floors(inputs: PlanInputs, rows: Rows) -> int:
    return sum(max(b.floor - county_count(inputs, rows, b), 0) for b in inputs.rules.bounds)


def gain(inputs: PlanInputs, row: int, per_km: int) -> int:
    pairs, rules = inputs.pairs, inputs.rules
    metres = int(pairs.travel_m[row])
    way = (rules.unknown_travel_m if metres < 0 else metres) * per_km // 1000
    return int(pairs.fit[row]) + (rules.renewal_bonus if pairs.renewal[row] else 0) - way


def value(inputs: PlanInputs, rows: Rows) -> int:
    """Total gain less penalties."""
    empty = sum(d.places for d in inputs.demands) - len(rows)
    total = sum(gain(inputs, row, inputs.rules.travel_per_km) for row in rows)
    return total - inputs.rules.unserved_penalty * empty


def level(inputs: PlanInputs, row: int, side: str) -> tuple[int, int]:
    """How a side ranks a pair, smaller is better: stated wishes first, then gain."""
    wish = int(getattr(inputs.pairs, f"{side}_wish")[row])
    return (wish or 99, -gain(inputs, row, inputs.rules.travel_per_km))


def blocking(inputs: PlanInputs, rows: Rows) -> set[tuple[str, str]]:
    """Pairs that would both rather have each other, by the words of the definition."""
    found = set()
    for row in (row for row in range(len(inputs.pairs)) if not inputs.pairs.barred[row] and row not in rows):
        demand, offer = demand_of(inputs, row), offer_of(inputs, row)
        mine = [r for r in rows if demand_of(inputs, r) == demand]
        if len(mine) == demand.places and all(level(inputs, r, "demand") <= level(inputs, row, "demand") for r in mine):
            continue
        theirs = [r for r in rows if offer_of(inputs, r) == offer]
        worse = [r for r in theirs if level(inputs, r, "offer") > level(inputs, row, "offer")]
        for dropped in [None, *worse]:
            kept = [inputs.pairs.demand[r] for r in theirs if r != dropped] + [inputs.pairs.demand[row]]
            groups = [inputs.demands[d].group for d in kept]
            if len(kept) <= offer.capacity and all(groups.count(g) <= most for g, most in offer.quotas):
                found.add((demand.uid, offer.uid))
    return found


def cover_cost(inputs: PlanInputs, rows: Rows) -> int:
    """Fit lost once a cell and the way once a posting."""
    rules = inputs.rules
    lost = sum(
        10_000 - int(inputs.pairs.fit[row]) + (0 if inputs.pairs.renewal[row] else rules.renewal_bonus) for row in rows
    )
    ways: dict[tuple[str, str], int] = {}
    for row in range(len(inputs.pairs)):
        if not inputs.pairs.barred[row]:
            key = (offer_of(inputs, row).uid, demand_of(inputs, row).township)
            metres = int(inputs.pairs.travel_m[row])
            way = (rules.unknown_travel_m if metres < 0 else metres) * rules.cover_travel_per_km // 1000
            ways[key] = min(ways.get(key, way), way)
    used = {(offer_of(inputs, row).uid, demand_of(inputs, row).township) for row in rows}
    return lost + sum(ways[key] for key in used)


def cells_of(inputs: PlanInputs, rows: Rows) -> list[tuple[str, str]]:
    return [(demand_of(inputs, row).township, demand_of(inputs, row).industry) for row in rows]
