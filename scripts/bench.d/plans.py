"""Plans: fit against scipy's optimum, fit and stable choice of 30,000 against 30,000, cover of the city's townships.

Options: --sizes 3000,30000, --repeats 3, --commissioners 3000. Fits are by chance, 20 candidates a demand; their
making is not in the times. Cover takes the 141 townships where they are, with commissioners placed in them by chance.
"""

import csv
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import ROOT, Bench, main

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import numpy as np

from app.domain.matching.facts import Place
from app.domain.matching.plans.candidates import inputs_from_candidates
from app.domain.matching.plans.cover import cover_first
from app.domain.matching.plans.fit import best_fit
from app.domain.matching.plans.outcome import Plan
from app.domain.matching.plans.problem import Pairs, PlanDemand, PlanInputs, PlanOffer, freeze
from app.domain.matching.plans.stable import blocking_pairs, stable_choice

CANDIDATES = 20
# Above this scipy's linear program takes minutes.
COMPARED_UP_TO = 3_000
INSTANCES, SMALL = 10, 300
WISHED_AT, FIT_SECONDS, STABLE_SECONDS, COVER_SECONDS = 30_000, 2, 0.5, 5
INDUSTRIES = 4
TOWNSHIPS = ROOT / "app" / "features" / "regions" / "data" / "townships.csv"


def run(bench: Bench) -> None:
    repeats = bench.option("repeats", 3)
    bench.say(f"{INSTANCES} instances of {SMALL} against scipy")
    apart = max(abs(best_fit(held).value - optimum(held)) for held in (by_chance(SMALL, i) for i in range(INSTANCES)))
    bench.figure(f"{INSTANCES} of {SMALL} × {SMALL}, fit apart from scipy's optimum", apart, "1/10,000", at_most=0)
    for size in [int(text) for text in bench.option("sizes", "3000,30000").split(",")]:
        two_sided(bench, size, repeats)
    cover(bench, bench.option("commissioners", 3000), repeats)


def by_chance(size: int, seed: int) -> PlanInputs:
    """As many commissioners as demands, one place each: tight, so that greedy choices fail. Fits are 0 to 10,000."""
    random = np.random.default_rng((seed, size))
    keys = np.unique(np.repeat(np.arange(size), CANDIDATES) * size + random.integers(0, size, size * CANDIDATES))
    demand, offer = np.divmod(keys, size)
    return freeze(
        [PlanDemand(f"{number:06}") for number in range(size)],
        [PlanOffer(f"{number:06}") for number in range(size)],
        Pairs.of(demand, offer, random.integers(0, 10_001, len(keys))),
    )


def optimum(inputs: PlanInputs) -> int:
    """The greatest value of any plan, by scipy's linear program over the same pairs (whole-numbered at its corners)."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix

    size, penalty = len(inputs.demands), inputs.rules.unserved_penalty
    demand, offer = inputs.pairs.demand, inputs.pairs.offer
    columns = np.tile(np.arange(len(demand)), 2)
    shape = (size + len(inputs.offers), len(demand))
    table = csr_matrix((np.ones(len(columns)), (np.concatenate((demand, size + offer)), columns)), shape)
    limits = np.concatenate((inputs.places, inputs.capacities))
    best = linprog(-(inputs.gain + float(penalty)), table, limits, bounds=(0, 1), method="highs")
    return round(-best.fun) - penalty * int(inputs.places.sum())


def two_sided(bench: Bench, size: int, repeats: int) -> None:
    """Best fit and stable choice of one size, with what proves them right."""
    bench.say(f"{size} × {size}")
    inputs, label = by_chance(size, 0), f"{size} × {size}"
    wish = {"at_most": FIT_SECONDS} if size == WISHED_AT else {}
    fit = timed(bench, f"{label}, fit", lambda: best_fit(inputs), repeats, wish)
    bench.figure(f"{label}, fit, demands served", len(fit.chosen), "demands")
    if size <= COMPARED_UP_TO:
        apart = abs(fit.value - optimum(inputs))
        bench.figure(f"{label}, fit apart from scipy's optimum", apart, "1/10,000", at_most=0)
    wish = {"at_most": STABLE_SECONDS} if size == WISHED_AT else {}
    stable = timed(bench, f"{label}, stable", lambda: stable_choice(inputs), repeats, wish)
    bench.figure(f"{label}, stable, pairs that would rather leave", len(blocking_pairs(stable)), "pairs", at_most=0)


def timed(bench: Bench, label: str, solve: Callable[[], Plan], repeats: int, wish: dict[str, float]) -> Plan:
    """Medians; the wish is for the clock. The processor's time beside it tells whether other work was in the way."""
    clock, processor = [], []
    plan = solve()  # loads the solver
    for _ in range(repeats):
        begun, used = time.perf_counter(), time.process_time()
        plan = solve()
        clock.append(time.perf_counter() - begun)
        processor.append(time.process_time() - used)
    bench.figure(label, statistics.median(clock), "s", **wish)
    bench.figure(f"{label}, processor time", statistics.median(processor), "s")
    return plan


def cover(bench: Bench, commissioners: int, repeats: int) -> None:
    """Every township and leading industry: all commissioners who know the industry are candidates."""
    bench.say("cover of the city")
    inputs = city(commissioners)
    bench.figure("cover, candidate pairs", len(inputs.pairs), "pairs")
    plan = timed(bench, "cover", lambda: cover_first(inputs), repeats, {"at_most": COVER_SECONDS})
    bench.figure("cover, cells left open", len(plan.open_cells), "cells")
    bench.figure("cover, optimality gap", plan.gap, "share", at_most=inputs.rules.cover_gap)


def city(commissioners: int) -> PlanInputs:
    random = np.random.default_rng(5)
    with TOWNSHIPS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = [Place(float(row["lon"]), float(row["lat"])) for row in rows]
    homes = random.integers(0, len(rows), commissioners)
    first, second = random.integers(0, INDUSTRIES, (2, commissioners))
    demands = [
        PlanDemand(f"{row['township_code']}-{industry}", row["county_code"], row["township_code"], str(industry))
        for row in rows
        for industry in range(INDUSTRIES)
    ]
    offers = [PlanOffer(f"{o:05}", rows[home]["county_code"]) for o, home in enumerate(homes)]
    pairs = [
        (town * INDUSTRIES + industry, int(offer), float(random.integers(3000, 10_001)) / 10_000)
        for town in range(len(rows))
        for industry in range(INDUSTRIES)
        for offer in np.flatnonzero((first == industry) | (second == industry))
    ]
    there = [place for place in places for _ in range(INDUSTRIES)]
    return inputs_from_candidates(demands, offers, pairs, places=(there, [places[home] for home in homes]))


if __name__ == "__main__":
    raise SystemExit(main("plans", sys.argv[1:]))
