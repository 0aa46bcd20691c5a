"""Search engines over the same cut texts: ours and its rivals, each with its own index, all asked the same words.

Texts are synthetic: Zipf's law over 8,000 words, some 28 words a text; a query is words that stand together in a text.
"""

import gc
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.serving import proportional_megabytes

WORDS, MEAN_LENGTH, QUERIES, QUERY_WORDS, TOP = 8_000, 28, 60, 10, 20
K1, B = 1.2, 0.75
Search = Callable[[list[int]], list[int]]


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


# -- the engines: each builds, then answers one query with the numbers of the best texts


def ours(texts: Corpus, folder: Path) -> Search:
    from app.domain.matching.collection import Collection, Live
    from app.domain.matching.facts import OfferFacts
    from app.domain.matching.postings import FACTS, assemble, facts_row, keys_of
    from app.storage.matching_files import Writer, open_current
    from app.storage.matching_merge import merge

    owner, word, weight = weights_of(texts)
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


def tantivy_engine(texts: Corpus, folder: Path) -> Search:
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


def bm25s_engine(texts: Corpus, folder: Path) -> Search:
    import bm25s

    words = [texts.words[first:last].tolist() for first, last in zip(texts.starts, texts.starts[1:], strict=False)]
    names = {f"w{word}": word for word in range(WORDS)}
    index = bm25s.BM25(method="lucene", k1=K1, b=B, backend="numba")
    index.index(bm25s.tokenization.Tokenized(ids=words, vocab=names), show_progress=False)

    def search(query: list[int]) -> list[int]:
        found, _ = index.retrieve([[f"w{word}" for word in query]], k=TOP, show_progress=False, n_threads=1)
        return [int(number) for number in found[0]]

    return search


def fts5_engine(texts: Corpus, folder: Path) -> Search:
    database = sqlite3.connect(folder / "fts.db")
    database.execute("CREATE VIRTUAL TABLE offers USING fts5(text, content='', tokenize='unicode61')")
    database.executemany("INSERT INTO offers(rowid, text) VALUES (?, ?)", enumerate(texts.texts()))
    database.commit()

    def search(query: list[int]) -> list[int]:
        words = " OR ".join(f'"w{word}"' for word in query)
        sql = "SELECT rowid FROM offers WHERE offers MATCH ? ORDER BY rank LIMIT ?"
        return [row[0] for row in database.execute(sql, (words, TOP))]

    return search


def postgresql_engine(texts: Corpus, folder: Path) -> Search:
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


ENGINES: dict[str, Callable[[Corpus, Path], Search]] = {
    "ours": ours,
    "tantivy": tantivy_engine,
    "bm25s": bm25s_engine,
    "fts5": fts5_engine,
    "postgresql": postgresql_engine,
}


def serve(name: str, size: int, pipe: Connection) -> None:
    """In a process of its own: builds, tells seconds and memory, then answers queries by number until None."""
    with tempfile.TemporaryDirectory(prefix="ketepai-bench-") as folder:
        texts = corpus(size)
        queries = texts.queries
        begun, before = time.perf_counter(), proportional_megabytes(os.getpid())
        search = ENGINES[name](texts, Path(folder))
        built = time.perf_counter() - begun
        held = sum(part.nbytes for part in (texts.words, texts.starts)) / 2**20
        del texts
        for query in queries[:3]:
            search(query)
        gc.collect()
        try:
            pipe.send((built, proportional_megabytes(os.getpid()) - before + held))
            while (number := pipe.recv()) is not None:
                begun = time.perf_counter()
                found = search(queries[number])
                pipe.send((1000 * (time.perf_counter() - begun), found))
        finally:
            getattr(search, "close", int)()
