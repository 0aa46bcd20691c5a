"""The compiled first pass for large collections (numba). Imported only by `collection`, only when one is
large.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from app.domain.matching.postings import Segment


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _accumulate(
    starts: NDArray[np.int64],
    documents: NDArray[np.int32],
    impacts: NDArray[np.uint8],
    places: NDArray[np.int64],
    factors: NDArray[np.int32],
    scores: NDArray[np.int32],
) -> None:
    for index in range(len(places)):
        factor = factors[index]
        for posting in range(starts[places[index]], starts[places[index] + 1]):
            scores[documents[posting]] += factor * impacts[posting]


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _keep_best(
    scores: NDArray[np.int32],
    dead: NDArray[np.bool_],
    order: NDArray[np.uint32],
    ranks: NDArray[np.int64],
    found: NDArray[np.int64],
) -> int:
    """A min-heap of the best ranks; `scores` are set back to zero on the way."""
    top = len(ranks)
    count = 0
    for document in range(len(scores)):
        score = scores[document]
        if score == 0:
            continue
        scores[document] = 0
        if count == top and score < ranks[0] >> 32:
            continue
        if dead[document]:
            continue
        rank = (np.int64(score) << 32) | np.int64(order[document])
        if count < top:
            place = count
            count += 1
            while place > 0 and ranks[(place - 1) // 2] > rank:
                ranks[place] = ranks[(place - 1) // 2]
                found[place] = found[(place - 1) // 2]
                place = (place - 1) // 2
        else:
            if rank <= ranks[0]:
                continue
            place = 0
            while True:
                child = 2 * place + 1
                if child >= top:
                    break
                if child + 1 < top and ranks[child + 1] < ranks[child]:
                    child += 1
                if ranks[child] >= rank:
                    break
                ranks[place] = ranks[child]
                found[place] = found[child]
                place = child
        ranks[place] = rank
        found[place] = document
    return count


_scratch: dict[int, NDArray[np.int32]] = {}


def best(
    segment: Segment,
    dead: NDArray[np.bool_],
    places: NDArray[np.int64],
    factors: NDArray[np.int32],
    top: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The best `top` living documents by the sum of factor times impact; see `collection._best`."""
    scores = _scratch.pop(segment.size, None)
    if scores is None:
        scores = np.zeros(segment.size, dtype=np.int32)
    _accumulate(segment.starts, segment.documents, segment.impacts, places, factors, scores)
    ranks = np.empty(top, dtype=np.int64)
    found = np.empty(top, dtype=np.int64)
    count = _keep_best(scores, dead, segment.facts["order"], ranks, found)
    _scratch[segment.size] = scores
    return ranks[:count], found[:count]
