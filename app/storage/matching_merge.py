"""Several segments and what has been withdrawn from them, written as one: the fold and the last step of a
rebuild.

Only the ids are sorted anew: postings are copied list by list and their runs merged, token lists document by document,
a few million elements at a time, so that a million offers are folded in seconds and in little memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.collection import Live
from app.domain.matching.postings import FACTS, Segment
from app.storage.matching_files import Writer

CHUNK = 4_000_000


@dataclass
class _Source:
    """One segment on its way: where its living documents and its tokens go."""

    segment: Segment
    alive: NDArray[np.int64]  # living documents, ascending
    to_document: NDArray[np.int32]  # by document: its number in the result, -1 if withdrawn
    counts: NDArray[np.int64]  # by token: living postings
    to_token: NDArray[np.int64]  # by token: its number in the result, -1 if no posting is left


def merge(lives: Sequence[Live], writer: Writer) -> None:
    """Writes the living offers of all segments as one segment. An offer may live in one of them only (not
    checked).
    """
    sources = [_source(live) for live in lives]
    _number_documents(sources, writer)
    _number_tokens(sources, writer)
    _copy_postings(sources, writer)
    _copy_lists(sources, writer)


def _source(live: Live) -> _Source:
    segment = live.segment
    return _Source(
        segment=segment,
        alive=np.flatnonzero(~live.dead),
        to_document=np.full(segment.size, -1, dtype=np.int32),
        counts=live.frequencies(np.arange(len(segment.keys))),
        to_token=np.full(len(segment.keys), -1, dtype=np.int64),
    )


def _number_documents(sources: list[_Source], writer: Writer) -> None:
    """Documents of the result stand in the order of their ids."""
    ids = np.concatenate([source.segment.ids[source.alive] for source in sources])
    facts = np.concatenate([source.segment.facts[source.alive] for source in sources])
    order = np.argsort(ids, kind="stable")
    numbers = np.empty(len(ids), dtype=np.int32)
    numbers[order] = np.arange(len(ids), dtype=np.int32)
    first = 0
    for source in sources:
        source.to_document[source.alive] = numbers[first : first + len(source.alive)]
        first += len(source.alive)
    writer.put("ids", ids[order] if len(ids) else np.zeros(0, dtype="S1"))
    writer.put("facts", facts[order] if len(ids) else np.zeros(0, dtype=FACTS))


def _number_tokens(sources: list[_Source], writer: Writer) -> None:
    keys = np.unique(np.concatenate([source.segment.keys[source.counts > 0] for source in sources]))
    for source in sources:
        used = np.flatnonzero(source.counts > 0)
        source.to_token[used] = np.searchsorted(keys, source.segment.keys[used])
    writer.put("keys", keys)


def _copy_postings(sources: list[_Source], writer: Writer) -> None:
    tokens = 1 + max((int(source.to_token.max(initial=-1)) for source in sources), default=-1)
    totals = np.zeros(tokens, dtype=np.int64)
    for source in sources:
        used = source.to_token >= 0
        totals[source.to_token[used]] += source.counts[used]
    starts = np.concatenate(([0], np.cumsum(totals))).astype(np.int64)
    writer.put("starts", starts)
    documents = writer.array("documents", int(starts[-1]), np.dtype(np.int32))
    impacts = writer.array("impacts", int(starts[-1]), np.dtype(np.uint8))
    filled = starts[:-1].copy()
    for source in sources:
        segment = source.segment
        for first, last in _chunks(segment.starts):
            span = slice(int(segment.starts[first]), int(segment.starts[last]))
            renumbered = source.to_document[segment.documents[span]]
            kept = renumbered >= 0
            targets = source.to_token[first:last]
            sizes = np.where(targets >= 0, source.counts[first:last], 0)
            into = _places(filled[np.maximum(targets, 0)] if tokens else targets, sizes)
            documents[into] = renumbered[kept]
            impacts[into] = segment.impacts[span][kept]
            used = targets >= 0
            filled[targets[used]] += sizes[used]
    if len(sources) > 1:
        _put_in_order(starts, documents, impacts)


def _put_in_order(starts: NDArray[np.int64], documents: NDArray[np.int32], impacts: NDArray[np.uint8]) -> None:
    """Each list in the order of its documents, which the compiled first pass relies on: sources interleave.

    Every list is made of as many rising runs as there are sources: a sort that merges runs hardly takes longer than
    reading them.
    """
    for first, last in _chunks(starts):
        span = slice(int(starts[first]), int(starts[last]))
        lists = np.repeat(np.arange(last - first, dtype=np.int64), np.diff(starts[first : last + 1]))
        order = np.argsort((lists << 32) | documents[span], kind="stable")
        documents[span] = documents[span][order]
        impacts[span] = impacts[span][order]


def _copy_lists(sources: list[_Source], writer: Writer) -> None:
    """The tokens and the concepts of each document."""

    def renumber(source: _Source) -> Callable[[NDArray[Any]], NDArray[Any]]:
        return lambda tokens: source.to_token[tokens].astype(np.uint32)

    def same(source: _Source) -> Callable[[NDArray[Any]], NDArray[Any]]:
        return lambda concepts: concepts

    _copy_spans(sources, writer, "token_starts", ("tokens", "token_impacts"), renumber)
    _copy_spans(sources, writer, "concept_starts", ("concepts", "strengths"), same)


def _copy_spans(
    sources: list[_Source],
    writer: Writer,
    starts_name: str,
    names: tuple[str, str],
    change: Callable[[_Source], Callable[[NDArray[Any]], NDArray[Any]]],
) -> None:
    size = sum(len(source.alive) for source in sources)
    sizes = np.zeros(size, dtype=np.int64)
    for source in sources:
        spans = np.diff(getattr(source.segment, starts_name))
        sizes[source.to_document[source.alive]] = spans[source.alive]
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    writer.put(starts_name, starts)
    kinds = [getattr(sources[0].segment, name).dtype for name in names]
    whole = [writer.array(name, int(starts[-1]), kind) for name, kind in zip(names, kinds, strict=True)]
    for source in sources:
        own = np.asarray(getattr(source.segment, starts_name))
        for first, last in _chunks(own):
            rows = np.arange(first, last)[source.to_document[first:last] >= 0]
            spans = own[rows + 1] - own[rows]
            out_of = _places(own[rows], spans)
            into = _places(starts[source.to_document[rows]], spans)
            whole[0][into] = change(source)(getattr(source.segment, names[0])[out_of])
            whole[1][into] = getattr(source.segment, names[1])[out_of]


def _places(firsts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices of consecutive spans: `sizes[i]` of them from `firsts[i]` on, one span after the other."""
    ends = np.cumsum(sizes)
    flat: NDArray[np.int64] = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    flat += np.repeat(firsts - (ends - sizes), sizes)
    return flat


def _chunks(starts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of rows that together span some millions of elements."""
    rows = len(starts) - 1
    bounds = [0]
    while bounds[-1] < rows:
        reach = int(np.searchsorted(starts, starts[bounds[-1]] + CHUNK, side="right")) - 1
        bounds.append(min(rows, max(bounds[-1] + 1, reach)))
    return list(pairwise(bounds))
