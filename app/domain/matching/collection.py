"""Offers that can be searched: one or more segments, less what has been withdrawn from them.

The first pass adds up, over postings, an approximate score of every offer and keeps the best few hundred;
the second pass (`ranking`) compares these exactly. How many offers have a word is always the sum over all
segments less the withdrawn ones, so a ranking is the same before and after segments are folded into one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.postings import Segment

# Above so many documents the compiled kernel pays for the 0.3 s and 70 MB that loading it costs.
COMPILED_FROM = 30_000
# How many offers the first pass hands to the second, at least and for each proposal asked for.
CANDIDATES = 200
CANDIDATES_EACH = 10
# One unit of a factor is 1/2^18 of the whole: sums of factor times impact stay below 2^31 up to 32 wholes.
FACTOR_UNITS = 1 << 18
# The highest impact.
FULL = 255
# Scores are compared to this many decimals, so that the last bits of a float decide nothing.
DECIMALS = 6


class Live:
    """A segment with its withdrawn documents."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.dead: NDArray[np.bool_] = np.zeros(segment.size, dtype=bool)
        self.gone = 0
        self._lost: dict[int, int] = {}

    @property
    def size(self) -> int:
        """Documents that are not withdrawn."""
        return self.segment.size - self.gone

    def withdraw(self, document: int) -> None:
        """Takes one document out; once only."""
        if self.dead[document]:
            return
        self.dead[document] = True
        self.gone += 1
        segment = self.segment
        for place in segment.tokens[segment.token_starts[document] : segment.token_starts[document + 1]]:
            self._lost[int(place)] = self._lost.get(int(place), 0) + 1

    def frequencies(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many living documents have each token; `places` as from `Segment.find`."""
        starts = self.segment.starts
        known = places >= 0
        safe = np.where(known, places, 0)
        counts = np.where(known, starts[safe + 1] - starts[safe], 0) if len(starts) > 1 else safe * 0
        if self._lost:
            counts = counts - np.array([self._lost.get(int(place), 0) for place in places], dtype=np.int64)
        return counts


@dataclass(frozen=True)
class Batch:
    """Candidates gathered from all segments: one row each."""

    ids: list[str]
    facts: NDArray[np.void]
    impacts: NDArray[np.uint8]
    concept_starts: NDArray[np.int64]
    concepts: NDArray[np.uint16]
    strengths: NDArray[np.uint8]

    @property
    def size(self) -> int:
        return len(self.ids)

    def concepts_of(self, row: int) -> list[tuple[int, int]]:
        """Concept numbers of one candidate with their strengths (1 to 255)."""
        span = slice(int(self.concept_starts[row]), int(self.concept_starts[row + 1]))
        return list(zip(self.concepts[span].tolist(), self.strengths[span].tolist(), strict=True))


class Collection:
    """Living offers in some segments."""

    def __init__(self, lives: Sequence[Live]) -> None:
        self.lives = list(lives)

    @property
    def size(self) -> int:
        """Living offers."""
        return sum(live.size for live in self.lives)

    def frequencies(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many living offers have each token."""
        total = np.zeros(len(keys), dtype=np.int64)
        for live in self.lives:
            total += live.frequencies(live.segment.find(keys))
        return total

    def candidates(self, keys: NDArray[np.uint64], factors: NDArray[np.int32], top: int) -> list[NDArray[np.int64]]:
        """For each segment the documents among the best `top` by the sum of factor times impact.

        `top` at or above the number of offers returns every living document: nothing is to be gained there.
        """
        if top >= self.size:
            return [np.flatnonzero(~live.dead) for live in self.lives]
        return [documents for _, documents in self._ranked(keys, factors, top)]

    def search(self, keys: NDArray[np.uint64], values: NDArray[np.float64], top: int) -> list[tuple[str, float]]:
        """The best `top` offers by the sum of value times impact over all tokens, ties by the facts' `order`.

        `values` (0 to 1) are what a token is worth in full.
        """
        whole = max(1e-9, float(values.sum()))
        factors = np.round(values / whole * FACTOR_UNITS).astype(np.int32)
        best: list[tuple[int, bytes]] = []
        for live, (ranks, documents) in zip(self.lives, self._ranked(keys, factors, top), strict=True):
            best += zip(ranks.tolist(), live.segment.ids[documents].tolist(), strict=True)
        unit = whole / FACTOR_UNITS / FULL
        return [
            (offer_id.decode(), round((rank >> 32) * unit, DECIMALS))
            for rank, offer_id in sorted(best)[: -top - 1 : -1]
        ]

    def _ranked(
        self, keys: NDArray[np.uint64], factors: NDArray[np.int32], top: int
    ) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """For each segment (score and tie-break as one number, document) of its part of the best `top`."""
        compiled = self.size >= COMPILED_FROM
        wanted = factors > 0
        keys, factors = keys[wanted], factors[wanted]
        scored = [_best(live, keys, factors, top, compiled) for live in self.lives]
        if sum(len(ranks) for ranks, _ in scored) <= top:
            return scored
        ranks = np.concatenate([ranks for ranks, _ in scored])
        limit = np.partition(ranks, len(ranks) - top)[len(ranks) - top]
        return [(ranks[ranks >= limit], documents[ranks >= limit]) for ranks, documents in scored]

    def gather(self, found: Iterable[NDArray[np.int64]], keys: NDArray[np.uint64]) -> Batch:
        """The arrays of the candidates; `keys` are the tokens whose impacts the second pass needs."""
        parts = [_gather(live.segment, documents, keys) for live, documents in zip(self.lives, found, strict=True)]
        sizes = np.concatenate([part.concept_starts[1:] - part.concept_starts[:-1] for part in parts])
        return Batch(
            ids=[offer_id for part in parts for offer_id in part.ids],
            facts=np.concatenate([part.facts for part in parts]),
            impacts=np.concatenate([part.impacts for part in parts]),
            concept_starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            concepts=np.concatenate([part.concepts for part in parts]),
            strengths=np.concatenate([part.strengths for part in parts]),
        )


def _best(
    live: Live, keys: NDArray[np.uint64], factors: NDArray[np.int32], top: int, compiled: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The best `top` living documents of one segment: (score and tie-break as one number, document)."""
    segment = live.segment
    places = segment.find(keys)
    known = places >= 0
    places, factors = places[known], factors[known]
    if compiled and len(places):
        from app.domain.matching import kernels  # compiled code: only where a collection is large

        return kernels.best(segment, live.dead, places, factors, top)
    if not len(places):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    spans = list(zip(segment.starts[places].tolist(), segment.starts[places + 1].tolist(), strict=True))
    posted = np.concatenate([segment.documents[first:last] for first, last in spans])
    sizes = segment.starts[places + 1] - segment.starts[places]
    adds = np.concatenate([segment.impacts[first:last] for first, last in spans]) * np.repeat(factors * 1.0, sizes)
    scores = np.bincount(posted, adds, segment.size).astype(np.int64)
    scores[live.dead] = 0
    # Only those that can be among the best are looked at closely; there may be more of them, with equal scores.
    least = max(1, np.partition(scores, len(scores) - top)[len(scores) - top]) if len(scores) > top else 1
    documents = np.flatnonzero(scores >= least)
    ranks = (scores[documents] << 32) | segment.facts["order"][documents].astype(np.int64)
    if len(documents) > top:
        kept = np.argpartition(ranks, len(ranks) - top)[len(ranks) - top :]
        return ranks[kept], documents[kept]
    return ranks, documents


def _spans(starts: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the concatenated spans of some rows, and the size of each span."""
    first, sizes = starts[rows], starts[rows + 1] - starts[rows]
    ends = np.cumsum(sizes)
    flat = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    return flat + np.repeat(first - (ends - sizes), sizes), sizes


def _gather(segment: Segment, documents: NDArray[np.int64], keys: NDArray[np.uint64]) -> Batch:
    flat, sizes = _spans(segment.concept_starts, documents)
    return Batch(
        ids=[offer_id.decode() for offer_id in segment.ids[documents].tolist()],
        facts=segment.facts[documents],
        impacts=_impacts(segment, documents, keys),
        concept_starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        concepts=segment.concepts[flat],
        strengths=segment.strengths[flat],
    )


def _impacts(segment: Segment, documents: NDArray[np.int64], keys: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Impact of each wanted token (columns) in each document (rows); 0 where the document has it not."""
    table = np.zeros((len(documents), len(keys)), dtype=np.uint8)
    places = segment.find(keys)
    columns = np.flatnonzero(places >= 0)
    if not len(columns) or not len(documents):
        return table
    column_of = np.full(len(segment.keys), -1, dtype=np.int16)
    column_of[places[columns]] = columns
    flat, sizes = _spans(segment.token_starts, documents)
    found = column_of[segment.tokens[flat]]
    hit = np.flatnonzero(found >= 0)
    rows = np.repeat(np.arange(len(documents)), sizes)[hit]
    table[rows, found[hit]] = segment.token_impacts[flat[hit]]
    return table
