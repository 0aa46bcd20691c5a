"""The compiled first pass for large collections (numba). Imported only by `collection`, only when one is
large.

All postings of all tokens are added up, a block of documents at a time, so that the sums of a block stay in the
processor's cache; then only those stretches of a block are looked through whose highest sum can come among the best.
Reading every posting in order is faster here than skipping: leaving out long lists and looking their postings up for
the few offers that still can come among the best read half as many and took twice as long.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from app.domain.matching.postings import Segment

# Documents added up at a time: their sums take 128 KB.
BLOCK = 32_768
# Documents looked through together; divides BLOCK.
STRETCH = 128


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _first_from(documents: NDArray[np.int32], first: int, last: int, wanted: int) -> int:
    """The first posting from `first` on, and before `last`, whose document is `wanted` or later; else `last`."""
    while first < last:
        middle = (first + last) >> 1
        if documents[middle] < wanted:
            first = middle + 1
        else:
            last = middle
    return first


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _add(
    documents: NDArray[np.int32], impacts: NDArray[np.uint8], factor: int, first: int, sums: NDArray[np.int32]
) -> None:
    for posting in range(len(documents)):
        sums[documents[posting] - first] += factor * np.int32(impacts[posting])


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _highest(sums: NDArray[np.int32]) -> np.int32:
    highest = np.int32(0)
    for place in range(len(sums)):
        highest = max(highest, sums[place])
    return highest


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _keep(rank: np.int64, document: int, ranks: NDArray[np.int64], found: NDArray[np.int64], count: int) -> int:
    """Puts one document into a min-heap of the best ranks; returns its size."""
    if count < len(ranks):
        place = count
        count += 1
        while place > 0 and ranks[(place - 1) // 2] > rank:
            ranks[place] = ranks[(place - 1) // 2]
            found[place] = found[(place - 1) // 2]
            place = (place - 1) // 2
    elif rank <= ranks[0]:
        return count
    else:
        place = 0
        while True:
            child = 2 * place + 1
            if child + 1 < count and ranks[child + 1] < ranks[child]:
                child += 1
            if child >= count or ranks[child] >= rank:
                break
            ranks[place] = ranks[child]
            found[place] = found[child]
            place = child
    ranks[place] = rank
    found[place] = document
    return count


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _sift(
    sums: NDArray[np.int32],
    first: int,
    dead: NDArray[np.bool_],
    order: NDArray[np.uint32],
    ranks: NDArray[np.int64],
    found: NDArray[np.int64],
    count: int,
) -> int:
    """Keeps the best of one block and sets its sums back to zero; returns how many are kept by now."""
    for start in range(0, len(sums), STRETCH):
        stretch = sums[start : start + STRETCH]
        least = ranks[0] >> 32 if count == len(ranks) else 1
        if _highest(stretch) < least:
            continue
        for place in range(len(stretch)):
            document = first + start + place
            if stretch[place] >= least and not dead[document]:
                rank = (np.int64(stretch[place]) << 32) | np.int64(order[document])
                count = _keep(rank, document, ranks, found, count)
    sums[:] = 0
    return count


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _best(
    starts: NDArray[np.int64],
    documents: NDArray[np.int32],
    impacts: NDArray[np.uint8],
    order: NDArray[np.uint32],
    dead: NDArray[np.bool_],
    places: NDArray[np.int64],
    factors: NDArray[np.int32],
    ranks: NDArray[np.int64],
    found: NDArray[np.int64],
) -> int:
    """Fills in `ranks` and `found`, as a heap, and returns how many there are."""
    sums = np.zeros(BLOCK, dtype=np.int32)
    reached = starts[places]
    count = 0
    for first in range(0, len(dead), BLOCK):
        for token in range(len(places)):
            begin, end = reached[token], starts[places[token] + 1]
            reached[token] = _first_from(documents, begin, min(end, begin + BLOCK), first + BLOCK)
            span = slice(begin, reached[token])
            _add(documents[span], impacts[span], factors[token], first, sums)
        count = _sift(sums, first, dead, order, ranks, found, count)
    return count


def best(
    segment: Segment, dead: NDArray[np.bool_], places: NDArray[np.int64], factors: NDArray[np.int32], top: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The best `top` living documents by the sum of factor times impact; see `collection._best`."""
    ranks = np.empty(top, dtype=np.int64)
    found = np.empty(top, dtype=np.int64)
    order = segment.facts["order"]
    count = _best(segment.starts, segment.documents, segment.impacts, order, dead, places, factors, ranks, found)
    return ranks[:count], found[:count]
