"""Measures the matching engine against its rivals: the same synthetic texts, words and queries for all, in
one run.

`run(sizes, progress)` returns (name, value, unit) triples; run directly it prints them:
    python scripts/bench.d/matching.py 10000 100000 [1000000]
Each engine is measured in a process of its own. A rival that is not installed is left out and named.
"""

import multiprocessing
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

WORDS, MEAN_LENGTH, QUERIES, QUERY_WORDS, TOP = 8_000, 28, 60, 10, 20
K1, B = 1.2, 0.75
Figure = tuple[str, float, str]


@dataclass(frozen=True)
class Corpus:
    """Texts as word numbers side by side: text i is words[starts[i]:starts[i + 1]]; and the queries."""

    words: NDArray[np.int32]
    starts: NDArray[np.int64]
    queries: list[list[int]]

    @property
    def size(self) -> int:
        return len(self.starts) - 1

    def texts(self) -> Iterator[str]:
        names = [f"w{word}" for word in range(WORDS)]
        for first, last in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True):
            yield " ".join(names[word] for word in self.words[first:last].tolist())


def corpus(size: int) -> Corpus:
    """A reproducible corpus with Zipf's law; queries are words that stand together in a text."""
    random = np.random.default_rng(7)
    lengths = np.maximum(4, random.poisson(MEAN_LENGTH, size))
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    chances = 1.0 / np.arange(10, WORDS + 10)
    words = random.choice(WORDS, int(starts[-1]), p=chances / chances.sum()).astype(np.int32)
    picked = random.choice(size, QUERIES, replace=size < QUERIES)
    queries = [list(dict.fromkeys(words[starts[at] : starts[at + 1]].tolist()))[:QUERY_WORDS] for at in picked]
    return Corpus(words, starts, queries)


def weights_of(texts: Corpus) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """(text, word, BM25 term weight without rarity) of every distinct word of every text, ordered by text."""
    lengths = np.diff(texts.starts)
    owners = np.repeat(np.arange(texts.size, dtype=np.int64), lengths)
    pairs, counts = np.unique(owners * WORDS + texts.words, return_counts=True)
    owner, word = pairs // WORDS, (pairs % WORDS).astype(np.int32)
    norm = K1 * (1 - B + B * lengths[owner] / lengths.mean())
    return owner, word, counts * (K1 + 1) / (counts + norm)


def rarity(having: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """BM25's inverse document frequency."""
    return np.log1p((size - having + 0.5) / (having + 0.5))


def exact(texts: Corpus) -> list[list[int]]:
    """The true BM25 order of every query: the best `TOP` texts."""
    owner, word, weight = weights_of(texts)
    order = np.argsort(word, kind="stable")
    owner, weight = owner[order], weight[order]
    starts = np.searchsorted(word[order], np.arange(WORDS + 1))
    idf = rarity(np.diff(starts), texts.size)
    found = []
    for query in texts.queries:
        scores = np.zeros(texts.size)
        for one in query:
            span = slice(starts[one], starts[one + 1])
            scores[owner[span]] += idf[one] * weight[span]
        best = np.argpartition(-scores, TOP)[:TOP]
        found.append(best[np.argsort(-scores[best], kind="stable")].tolist())
    return found


def held_memory() -> float:
    """Proportional memory of this process in MB (pages shared with others count in parts)."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return float("nan")


# -- the engines: each builds, then answers one query with the numbers of the best texts


def ours(texts: Corpus, folder: Path) -> Callable[[list[int]], list[int]]:
    from app.domain.matching.facts import OfferFacts
    from app.domain.matching.postings import FACTS, assemble, facts_row, keys_of
    from app.storage.matching_files import Writer, open_current
    from app.storage.matching_merge import merge

    _, word, weight = weights_of(texts)
    owner = weights_of(texts)[0]
    sizes = np.bincount(owner, minlength=texts.size)
    keys = keys_of(f"w:{name}" for name in range(WORDS))
    facts = np.zeros(texts.size, dtype=FACTS)
    facts[:] = np.array([facts_row(OfferFacts("0", "", ""))], dtype=FACTS)
    facts["order"] = np.random.default_rng(3).integers(0, 2**32, texts.size)
    segment = assemble(
        keys[word],
        np.clip(np.round(255 * weight / (K1 + 1)), 1, 255).astype(np.uint8),
        owner.astype(np.int32),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        np.zeros(texts.size + 1, dtype=np.int64),
        np.zeros(0, dtype=np.uint16),
        np.zeros(0, dtype=np.uint8),
        np.char.zfill(np.arange(texts.size).astype("S8"), 8),
        facts,
    )
    from app.domain.matching.collection import Collection, Live

    writer = Writer(folder)
    merge([Live(segment)], writer)
    writer.switch_in(0, "bench")
    base = open_current(folder)
    assert base is not None
    collection = Collection([Live(base.segment)])
    highest = float(np.log1p((texts.size + 0.5) / 0.5))

    def search(query: list[int]) -> list[int]:
        wanted = keys[query]
        values = rarity(collection.frequencies(wanted), texts.size) / highest
        return [int(offer_id) for offer_id, _ in collection.search(wanted, values, TOP)]

    return search


def tantivy_engine(texts: Corpus, folder: Path) -> Callable[[list[int]], list[int]]:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_integer_field("number", stored=True)
    schema.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
    index = tantivy.Index(schema.build(), path=str(folder))
    writer = index.writer(200_000_000)
    for number, text in enumerate(texts.texts()):
        writer.add_document(tantivy.Document(number=number, text=text))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(query: list[int]) -> list[int]:
        parsed = index.parse_query(" ".join(f"w{word}" for word in query), ["text"])
        return [searcher.doc(address)["number"][0] for _, address in searcher.search(parsed, TOP).hits]

    return search


def bm25s_engine(texts: Corpus, folder: Path) -> Callable[[list[int]], list[int]]:
    import bm25s

    words = [texts.words[first:last].tolist() for first, last in zip(texts.starts, texts.starts[1:], strict=False)]
    names = {f"w{word}": word for word in range(WORDS)}
    index = bm25s.BM25(method="lucene", k1=K1, b=B, backend="numba")
    index.index(bm25s.tokenization.Tokenized(ids=words, vocab=names), show_progress=False)

    def search(query: list[int]) -> list[int]:
        found, _ = index.retrieve([[f"w{word}" for word in query]], k=TOP, show_progress=False, n_threads=1)
        return [int(number) for number in found[0]]

    return search


def fts5_engine(texts: Corpus, folder: Path) -> Callable[[list[int]], list[int]]:
    database = sqlite3.connect(folder / "fts.db")
    database.execute("CREATE VIRTUAL TABLE offers USING fts5(text, content='', tokenize='unicode61')")
    database.executemany("INSERT INTO offers(rowid, text) VALUES (?, ?)", enumerate(texts.texts()))
    database.commit()

    def search(query: list[int]) -> list[int]:
        words = " OR ".join(f'"w{word}"' for word in query)
        sql = "SELECT rowid FROM offers WHERE offers MATCH ? ORDER BY rank LIMIT ?"
        return [row[0] for row in database.execute(sql, (words, TOP))]

    return search


def postgresql_engine(texts: Corpus, folder: Path) -> Callable[[list[int]], list[int]]:
    import psycopg

    from tests.postgres import Cluster

    cluster = Cluster()
    database = psycopg.connect(cluster.url().replace("+psycopg", ""), autocommit=True)
    database.execute("CREATE TABLE bench_offers (number int, words tsvector)")
    with database.cursor().copy("COPY bench_offers FROM STDIN") as copy:
        for number, text in enumerate(texts.texts()):
            copy.write_row((number, " ".join(f"'{word}'" for word in set(text.split()))))
    database.execute("CREATE INDEX ON bench_offers USING gin (words)")
    database.execute("ANALYZE bench_offers")

    def search(query: list[int]) -> list[int]:
        words = " | ".join(f"w{word}" for word in query)
        sql = (
            "SELECT number FROM bench_offers, to_tsquery('simple', %s) asked WHERE words @@ asked"
            " ORDER BY ts_rank(words, asked) DESC, number LIMIT %s"
        )
        return [row[0] for row in database.execute(sql, (words, TOP)).fetchall()]

    search.close = cluster.stop  # type: ignore[attr-defined]
    return search


ENGINES: dict[str, Callable[[Corpus, Path], Callable[[list[int]], list[int]]]] = {
    "ours": ours,
    "tantivy": tantivy_engine,
    "bm25s": bm25s_engine,
    "fts5": fts5_engine,
    "postgresql": postgresql_engine,
}
# At a million texts one query of these takes seconds: fewer are asked.
SLOW = frozenset(["fts5", "postgresql"])


def measure(name: str, size: int, answers: "multiprocessing.Queue[list[Figure]]", truth: list[list[int]]) -> None:
    """Builds one engine, asks it all queries, and tells its figures (in its own process)."""
    folder = Path(tempfile.mkdtemp(prefix="ketepai-bench-"))
    search: Callable[[list[int]], list[int]] | None = None
    try:
        texts = corpus(size)
        begun = time.perf_counter()
        search = ENGINES[name](texts, folder)
        built = time.perf_counter() - begun
        queries = texts.queries[: 12 if name in SLOW and size > 200_000 else QUERIES]
        for query in queries[:3]:
            search(query)
        times, agreed = [], []
        for query, right in zip(queries, truth, strict=False):
            begun = time.perf_counter()
            found = search(query)
            times.append(1000 * (time.perf_counter() - begun))
            agreed.append(len(set(found) & set(right)) / TOP)
        label = f"{name} {size}"
        answers.put(
            [
                (f"{label} p50", float(np.percentile(times, 50)), "ms"),
                (f"{label} p95", float(np.percentile(times, 95)), "ms"),
                (f"{label} agreement with exact BM25", float(np.mean(agreed)), "share"),
                (f"{label} build", built, "s"),
                (f"{label} memory with the corpus", held_memory(), "MB"),
            ]
        )
    finally:
        if search is not None and hasattr(search, "close"):
            search.close()
        shutil.rmtree(folder, ignore_errors=True)


def compare(size: int, progress: Callable[[str], None]) -> list[Figure]:
    """All engines at one size."""
    progress(f"{size}: exact order of {QUERIES} queries")
    truth = exact(corpus(size))
    spawn = multiprocessing.get_context("spawn")
    figures: list[Figure] = []
    for name in ENGINES:
        progress(f"{size}: {name}")
        answers = spawn.Queue()
        worker = spawn.Process(target=measure, args=(name, size, answers, truth))
        worker.start()
        while worker.is_alive() and answers.empty():
            time.sleep(0.05)
        if answers.empty():
            progress(f"{size}: {name} is not available here (exit {worker.exitcode})")
        else:
            figures += answers.get()
        worker.join()
    return figures


# -- a whole suggestion, and a new offer found elsewhere: with the real vocabulary


def suggestions(size: int, progress: Callable[[str], None]) -> list[Figure]:
    """A full suggestion with reasons over offers made of the vocabulary's own words."""
    from app.domain.matching.facts import DemandFacts, OfferFacts, Place
    from app.domain.matching.ranking import Engine
    from app.domain.matching.vocabulary import Vocabulary
    from app.features.vocabulary.data import shipped_rows
    from app.storage.matching_index import MatchingIndex

    begun = time.perf_counter()
    engine = Engine(Vocabulary.from_rows(shipped_rows()))
    made = time.perf_counter() - begun
    random = np.random.default_rng(11)
    labels = [concept.preferred for concept in engine.vocabulary if concept.facet not in ("generic", "scale")]

    def words(count: int) -> str:
        return "、".join(labels[place] for place in random.integers(0, len(labels), count))

    def offer(number: int) -> OfferFacts:
        place = Place(116.5 + 2 * random.random(), 25.5 + 1.5 * random.random())
        return OfferFacts(str(number), "个人", words(2), words(4), place=place, free_half_days=number % 40)

    folder = Path(tempfile.mkdtemp(prefix="ketepai-bench-"))
    try:
        progress(f"{size}: whole suggestions, building")
        index = MatchingIndex.open(folder, engine.fingerprint, engine.entry)
        begun = time.perf_counter()
        index.build_from(offer(number) for number in range(size))
        built = time.perf_counter() - begun
        begun = time.perf_counter()
        index = MatchingIndex.open(folder, engine.fingerprint, engine.entry)
        opened = time.perf_counter() - begun
        times = []
        for number in range(210):
            demand = DemandFacts(str(number), words(2), words(2), place=Place(117.5, 26.2))
            begun = time.perf_counter()
            engine.rank(demand, index.collection, TOP)
            times.append(1000 * (time.perf_counter() - begun))
        times = times[10:]
        return [
            (f"suggestion {size} p50", float(np.percentile(times, 50)), "ms"),
            (f"suggestion {size} p95", float(np.percentile(times, 95)), "ms"),
            (f"suggestion {size} build", built, "s"),
            (f"suggestion {size} open", 1000 * opened, "ms"),
            ("engine made", made, "s"),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(sizes: Sequence[int] | None = None, progress: Callable[[str], None] = lambda text: None) -> list[Figure]:
    """Every figure at every size (default 10,000 and 100,000; a million takes some ten minutes)."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / "ketepai-numba"))
    figures: list[Figure] = []
    for size in sizes or (10_000, 100_000):
        figures += compare(size, progress)
        figures += suggestions(size, progress)
    return figures


if __name__ == "__main__":
    for figure_name, figure_value, figure_unit in run(
        [int(text) for text in sys.argv[1:]], lambda text: print(text, file=sys.stderr, flush=True)
    ):
        print(f"{figure_name:<48}{figure_value:>12.3f} {figure_unit}")
