"""Matching: ours against tantivy, bm25s, SQLite FTS5 and PostgreSQL, whole suggestions, how soon an offer is found.

Options: --sizes 10000,100000,1000000, --rounds 3. Every engine gets the same words and lives in a process of its own;
all are there at once and are asked each query in turn, so that they see the same machine. An engine that is not
installed is named and left out.
"""

import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import ROOT, Bench, main

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import numpy as np
from harness.offers import Sample, found_elsewhere
from harness.search_engines import ENGINES, QUERIES, TOP, corpus, exact, serve

AGREEMENT, UNFOLDED, UNFOLDED_RATIO = 0.95, 10_000, 3
# How many times faster than each rival ours has to be from `LARGE` offers on.
FASTER = {"tantivy": 1.5, "bm25s": 1.5, "fts5": 100, "postgresql": 100}
LARGE, SMALL = 1_000_000, 10_000
SUGGESTION_MS = {SMALL: 5}
LARGE_SUGGESTION_MS = 25
# At a million texts one query of these takes seconds: fewer are asked, once.
SLOW, SLOW_FROM, SLOW_QUERIES = frozenset(["fts5", "postgresql"]), 200_000, 12
SUGGESTIONS, WARM_UP = 200, 10


def run(bench: Bench) -> None:
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / "ketepai-numba"))
    rounds = bench.option("rounds", 3)
    for size in [int(text) for text in bench.option("sizes", "10000,100000").split(",")]:
        compare(bench, size, rounds)
        sample = Sample()
        with tempfile.TemporaryDirectory(prefix="ketepai-bench-") as folder:
            suggestions(bench, sample, Path(folder), size)
            found_elsewhere(bench, sample, Path(folder), size)


# Against rivals, with words that are cut already.


@dataclass
class Asked:
    """An engine in its process, and what it has answered: milliseconds of each round and agreement, by query."""

    name: str
    pipe: Connection
    process: Any
    times: dict[int, list[float]] = field(default_factory=dict)
    agreed: dict[int, float] = field(default_factory=dict)

    def ask(self, number: int, right: list[int]) -> None:
        self.pipe.send(number)
        spent, found = self.pipe.recv()
        self.times.setdefault(number, []).append(spent)
        self.agreed[number] = len(set(found) & set(right)) / TOP

    def milliseconds(self, numbers: list[int]) -> list[float]:
        return [statistics.median(self.times[number]) for number in numbers]


def compare(bench: Bench, size: int, rounds: int) -> None:
    """All engines at one size; ratios are between medians over the same queries."""
    bench.say(f"{size}: the exact order of {QUERIES} queries")
    truth = exact(corpus(size))
    engines = [engine for name in ENGINES if (engine := started(bench, name, size)) is not None]
    for turn in range(rounds):
        ask_all(engines, truth, size, first=turn == 0)
    ours = next(engine for engine in engines if engine.name == "ours")
    for engine in engines:
        told(bench, engine, ours, size)
        engine.pipe.send(None)
        engine.process.join()


def ask_all(engines: list[Asked], truth: list[list[int]], size: int, *, first: bool) -> None:
    """One round: every engine each query in turn; the slow ones a few, and only in the first round."""
    for number, right in enumerate(truth):
        for engine in engines:
            slow = engine.name in SLOW and size >= SLOW_FROM
            if not slow or (first and number < SLOW_QUERIES):
                engine.ask(number, right)


def started(bench: Bench, name: str, size: int) -> Asked | None:
    """An engine that has built its index and is warm; None where it cannot."""
    bench.say(f"{size}: {name} builds")
    spawn = multiprocessing.get_context("spawn")
    mine, theirs = spawn.Pipe()
    process = spawn.Process(target=serve, args=(name, size, theirs))
    process.start()
    theirs.close()
    try:
        built, memory = mine.recv()
    except EOFError:
        process.join()
        bench.say(f"{size}: {name} is not available here (exit {process.exitcode})")
        return None
    bench.figure(f"{size} {name}, build", built, "s")
    if name != "postgresql":  # what its server holds is not this process's
        bench.figure(f"{size} {name}, memory", memory, "MB PSS")
    return Asked(name, mine, process)


def told(bench: Bench, engine: Asked, ours: Asked, size: int) -> None:
    numbers = sorted(engine.times)
    times = engine.milliseconds(numbers)
    bench.figure(f"{size} {engine.name}, p50", percentile(times, 50), "ms")
    bench.figure(f"{size} {engine.name}, p95", percentile(times, 95), "ms")
    bench.figure(
        f"{size} {engine.name}, agreement with exact BM25", statistics.mean(engine.agreed.values()), "share",
        at_least=AGREEMENT if engine is ours else None,
    )  # fmt: skip
    if engine is not ours:
        ratio = percentile(times, 50) / percentile(ours.milliseconds(numbers), 50)
        wish = FASTER[engine.name] if size >= LARGE else None
        bench.figure(f"{size} ours, times faster than {engine.name}", ratio, "ratio", at_least=wish)


def percentile(values: list[float], share: int) -> float:
    return float(np.percentile(values, share))


# Whole suggestions with the real vocabulary, and what unfolded changes cost.


def suggestions(bench: Bench, sample: Sample, folder: Path, size: int) -> None:
    bench.say(f"{size}: whole suggestions, building")
    index = sample.opened(folder)
    begun = time.perf_counter()
    index.build_from(sample.offer(number) for number in range(size))
    bench.figure(f"{size} suggestions, build", time.perf_counter() - begun, "s")
    begun = time.perf_counter()
    plain = sample.opened(folder)
    bench.figure(f"{size} suggestions, open", 1000 * (time.perf_counter() - begun), "ms")
    changed = sample.opened(folder)
    bench.say(f"{size}: {UNFOLDED} changes are taken in")
    sample.change(changed, size, UNFOLDED)
    demands = [sample.demand(number) for number in range(WARM_UP + SUGGESTIONS)]
    spent = alternately(
        lambda number: sample.engine.rank(demands[number], plain.collection, TOP),
        lambda number: sample.engine.rank(demands[number], changed.collection, TOP),
        lambda number: sample.search(plain, number),
        lambda number: sample.search(changed, number),
    )
    most = SUGGESTION_MS.get(size, LARGE_SUGGESTION_MS)
    label = f"{size} suggestion with reasons"
    clock, processor = ([1000 * pair[place] for pair in spent[0]] for place in (0, 1))
    bench.figure(f"{label}, p50", percentile(clock, 50), "ms")
    bench.figure(f"{label}, p95", percentile(clock, 95), "ms", at_most=most)
    bench.figure(f"{label}, processor time, p50", percentile(processor, 50), "ms")
    bench.figure(f"{label}, processor time, p95", percentile(processor, 95), "ms")
    for what, without, having in (("suggestion", spent[0], spent[1]), ("search", spent[2], spent[3])):
        ratio = statistics.median(used for _, used in having) / statistics.median(used for _, used in without)
        bench.figure(f"{size} {what}, cost of {UNFOLDED} unfolded changes", ratio, "ratio", at_most=UNFOLDED_RATIO)


def alternately(*asks: Callable[[int], Any]) -> list[list[tuple[float, float]]]:
    """(clock, processor) seconds of each way of asking, one after the other for each number; the first few warm up.

    The processor's time is what the clock shows on an idle machine; other work hardly moves it.
    """
    spent: list[list[tuple[float, float]]] = [[] for _ in asks]
    for number in range(WARM_UP + SUGGESTIONS):
        for ask, times in zip(asks, spent, strict=True):
            begun, used = time.perf_counter(), time.process_time()
            ask(number)
            times.append((time.perf_counter() - begun, time.process_time() - used))
    return [times[WARM_UP:] for times in spent]


if __name__ == "__main__":
    raise SystemExit(main("matching", sys.argv[1:]))
