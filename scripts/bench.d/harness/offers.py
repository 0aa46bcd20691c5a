"""Offers made of the shipped vocabulary's words by chance, their index, and another process that looks for them."""

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.matching.facts import DemandFacts, OfferFacts, Place
from app.domain.matching.postings import Entry
from app.domain.matching.ranking import Engine
from app.domain.matching.vocabulary import Vocabulary
from app.features.vocabulary.data import shipped_examples, shipped_rows
from app.storage import matching_log
from app.storage.keyring import load_keyring
from app.storage.matching_index import Change, MatchingIndex
from app.storage.session import make_engine, open_session
from harness import Bench

# Texts repeat after so many offers: reading a million of them would take ten minutes and change no list's length.
TEXTS = 50_000
SAVED = 20
# An offer is saved with the first, edited to the second, then withdrawn; nobody else has these words.
TITLES = ("龘靐齉爩", "麤鱻灪籲", None)
OFFERS = sa.Table(
    "bench_offers",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("title", sa.String(200)),
)


class Sample:
    """An engine with the shipped vocabulary, and offers and demands by number, the same in every process."""

    def __init__(self) -> None:
        self.engine = Engine(Vocabulary.from_rows(shipped_rows(), shipped_examples()))
        facets = ("generic", "scale")
        self._labels = [concept.preferred for concept in self.engine.vocabulary if concept.facet not in facets]
        self._entry_of_text = lru_cache(maxsize=TEXTS)(self._read)

    def words(self, seed: int, number: int, count: int) -> str:
        random = np.random.default_rng((seed, number))
        return "、".join(self._labels[place] for place in random.integers(0, len(self._labels), count))

    def offer(self, number: int) -> OfferFacts:
        random = np.random.default_rng((1, number))
        place = Place(116.5 + 2 * random.random(), 25.5 + 1.5 * random.random())
        text = number % TEXTS
        return OfferFacts(
            str(number), "个人", self.words(2, text, 2), self.words(3, text, 4), place=place, free_half_days=number % 40
        )

    def demand(self, number: int) -> DemandFacts:
        return DemandFacts(str(number), self.words(4, number, 2), self.words(5, number, 2), place=Place(117.5, 26.2))

    def _read(self, title: str, description: str) -> Entry:
        return self.engine.entry(OfferFacts("", "个人", title, description))

    def entry(self, offer: OfferFacts) -> Entry:
        return replace(self._entry_of_text(offer.title, offer.description), id=offer.id, facts=offer)

    def opened(self, folder: Path) -> MatchingIndex:
        return MatchingIndex.open(folder, self.engine.fingerprint, self.entry)

    def change(self, index: MatchingIndex, size: int, changes: int) -> None:
        """Edits of offers spread over all, a hundred at a time as a busy worker sees them."""
        step = max(1, size // changes)
        for first in range(0, changes, 100):
            index.apply(
                Change(position, str(position * step % size), self.entry(self._edited(position * step % size)))
                for position in range(first + 1, first + 101)
            )

    def _edited(self, number: int) -> OfferFacts:
        return replace(self.offer(number + 17), id=str(number))

    def search(self, index: MatchingIndex, number: int) -> list[tuple[str, float]]:
        """By the words of one demand alone."""
        demand = self.demand(number)
        words = self.engine.profiler.profile(demand.title, demand.description).words
        return index.search(dict.fromkeys(words, 1.0))


def found_elsewhere(bench: Bench, sample: Sample, folder: Path, size: int) -> None:
    """New, edited and withdrawn offers: is the next query of another process right, and how long after the commit."""
    databases = {"sqlite": f"sqlite:///{folder / 'offers.db'}"}
    cluster = None
    try:
        from tests.postgres import Cluster  # only where it is installed

        cluster = Cluster()
        databases["postgresql"] = cluster.url()
    except (ImportError, OSError, RuntimeError) as reason:
        bench.say(f"PostgreSQL is not available here: {reason}")
    try:
        for name, url in databases.items():
            bench.say(f"{size}: saved here, looked for in another process, {name}")
            _watch(bench, f"{size} {name}", url, folder)
    finally:
        if cluster is not None:
            cluster.stop()


def _watch(bench: Bench, label: str, url: str, folder: Path) -> None:
    database = make_engine(url)
    tables = [matching_log.OfferChange.__table__, matching_log.OfferChangeHead.__table__]
    matching_log.Base.metadata.create_all(database, tables=tables)
    OFFERS.create(database)
    spawn = multiprocessing.get_context("spawn")
    mine, theirs = spawn.Pipe()
    process = spawn.Process(target=_look, args=(url, folder, theirs))
    process.start()
    mine.recv()
    times, right = [], []
    with tempfile.TemporaryDirectory() as keys:
        keyring = load_keyring(Path(keys), {})
        for number in range(3 * SAVED):
            title = TITLES[number % len(TITLES)]
            with open_session(database, keyring, writes=True) as session:
                _save(session, 10**8 + number // 3, title)
                session.commit()
            begun = time.perf_counter()
            mine.send(number)
            found = mine.recv()
            times.append(1000 * (time.perf_counter() - begun))
            right.append(found == title)
    mine.send(None)
    process.join()
    database.dispose()
    bench.figure(f"{label}, changed offer right in another process's next query", statistics.mean(right), "share",
                 at_least=1)  # fmt: skip
    bench.figure(f"{label}, found by another process after the commit, p50", statistics.median(times), "ms")


def _save(session: Session, number: int, title: str | None) -> None:
    session.execute(sa.delete(OFFERS).where(OFFERS.c.id == number))
    if title is not None:
        session.execute(sa.insert(OFFERS).values(id=number, title=title))
    matching_log.announce(session, [number])


def _gather(session: Session, numbers: Sequence[int]) -> list[OfferFacts]:
    rows = session.execute(sa.select(OFFERS).where(OFFERS.c.id.in_(numbers)))
    return [OfferFacts(str(row.id), "个人", row.title) for row in rows]


def _look(url: str, folder: Path, pipe: Connection) -> None:
    """The other process: at each word, brings its index up to date, ranks, and says which title it found."""
    sample = Sample()
    index = sample.opened(folder)
    database = make_engine(url)
    with tempfile.TemporaryDirectory() as keys:
        keyring = load_keyring(Path(keys), {})
        pipe.send(None)
        while (number := pipe.recv()) is not None:
            wanted = str(10**8 + number // 3)
            with open_session(database, keyring, writes=False) as session:
                index.refresh(session, _gather)
            found = [
                title
                for title in TITLES
                if title is not None
                for proposal in sample.engine.rank(DemandFacts("d", title), index.collection).proposals
                if proposal.offer_id == wanted
            ]
            pipe.send(found[0] if found else None)
