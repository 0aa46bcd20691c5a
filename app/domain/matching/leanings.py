"""What a text leans to by its characters alone: the disciplines of labels that are written like its words.

No vocabulary holds every word of a workshop or a village, but new words are built of known characters: 飞花 and 细纱
look like words of textiles, 烂茎 like one of plant protection. Each character, and each two or three neighbours, get a
share in every discipline, such that the shares of a label's characters add up as nearly as can be to the disciplines of
what it means, and those of an example sentence to its own (ridge regression; nothing but the vocabulary is learnt from,
so what an editor adds counts at once). A text leans to what its words' characters add up to. That is weaker evidence
than a label, and never more than one part of a score.

The example sentences also tell what people usually ask for. An offer from a field that many of them lean to (fruit,
pests) comes near to many demands by leaning alone: such nearness says less than that of an offer that seldom has it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.domain.matching.vocabulary import DISCIPLINE, Vocabulary

# Neighbouring characters that are looked at together: one, two or three.
LONGEST_GRAM = 3
# What stands in fewer labels and sentences than this tells nothing that another word could share.
LEAST_LESSONS = 2
# Strength of the ridge: how far a share is held back that few lessons speak for.
RIDGE = 3.0
# Steps of the conjugate gradient; more of them fit the labels better and unseen words no better.
STEPS = 10
# Disciplines worked out at once.
AT_ONCE = 32
# An example sentence against a label.
EXAMPLE = 2.0
# Of the disciplines of a concept each further one counts this much of the one before it.
NEXT = 0.6
# Disciplines kept of a text, the strongest.
MOST = 12
# Power that brings the strong and the weak leanings of a text nearer to one another.
EVENLY = 0.75
# Mean nearness to the examples it comes nearest to that hardly any text exceeds.
COMMONEST = 0.6
# Words whose sums are kept at hand.
WORDS_KEPT = 20_000

Shares = NDArray[np.float32]
# The words of a text with how much each tells.
Words = Sequence[tuple[str, float]]


def grams(word: str) -> list[str]:
    """The characters of a word, its pairs and its threes of neighbours; none for words in Latin letters."""
    if word.isascii():
        return []
    return [word[start : start + size] for size in range(1, LONGEST_GRAM + 1) for start in range(len(word) - size + 1)]


class Leanings:
    """Learns from the labels of one vocabulary and from example sentences with their disciplines; two seconds."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        labels: Mapping[str, Sequence[str]],
        examples: Sequence[tuple[Words, Sequence[str]]] = (),
    ) -> None:
        self.disciplines = sorted(concept.id for concept in vocabulary if concept.facet == DISCIPLINE)
        self._place = place = {discipline: column for column, discipline in enumerate(self.disciplines)}
        names = [label for label in labels if not label.isascii()]
        lessons = [_grams_of([(label, 1.0)]) for label in names] + [_grams_of(words) for words, _ in examples]
        of_concept = {
            concept.id: _shares_of((concept.id, *concept.disciplines), place)
            for concept in vocabulary
            if vocabulary.is_content(concept.id)
        }
        told = [
            [(column, share / len(labels[label])) for meaning in labels[label] for column, share in of_concept[meaning]]
            for label in names
        ]
        told += [_shares_of(disciplines, place) for _, disciplines in examples]
        taught = _taught(told, len(place))
        usual = np.asarray(taught[: len(names)].sum(axis=0), dtype=np.float32)[0] / np.float32(max(1, len(names)))
        having = Counter(gram for lesson in lessons for gram in lesson)
        self._row = {gram: row for row, gram in enumerate(sorted(g for g, n in having.items() if n >= LEAST_LESSONS))}
        weights = np.array([1.0] * len(names) + [EXAMPLE] * len(examples), dtype=np.float32)
        table = self._table(lessons, weights)
        self._shares = _ridge(table, taught, usual, weights) if self._row else None
        # What people usually ask for: the leanings of the examples, one column each.
        self._usual = np.zeros((len(place), len(examples)), dtype=np.float32)
        if self._shares is not None:
            for column, total in enumerate(table[len(names) :] @ self._shares):
                strongest, kept = _strongest(total)
                self._usual[strongest, column] = kept
        self._of_word = lru_cache(WORDS_KEPT)(self._sum)

    def _table(self, lessons: Sequence[Mapping[str, float]], weights: Shares) -> sparse.csr_matrix:
        """Lessons by characters, pairs and threes; each is as long as it weighs."""
        values: list[float] = []
        columns: list[int] = []
        starts = [0]
        for lesson, weight in zip(lessons, weights, strict=True):
            known = [(self._row[gram], value) for gram, value in lesson.items() if gram in self._row]
            length = math.sqrt(sum(value * value for _, value in known)) or 1.0
            columns.extend(column for column, _ in known)
            values.extend(float(weight) * value / length for _, value in known)
            starts.append(len(columns))
        return sparse.csr_matrix(
            (np.array(values, dtype=np.float32), np.array(columns, dtype=np.int32), np.array(starts, dtype=np.int32)),
            shape=(len(lessons), len(self._row)),
        )

    def _sum(self, word: str) -> Shares | None:
        rows = [self._row[gram] for gram in grams(word) if gram in self._row]
        return self._shares[rows].sum(axis=0) if rows and self._shares is not None else None

    def of(self, words: Iterable[tuple[str, float]]) -> dict[str, float]:
        """Disciplines that a text leans to, by id, as a vector of length 1; `words` with how much each tells."""
        total = np.zeros(len(self.disciplines), dtype=np.float32)
        for word, weight in words:
            shares = self._of_word(word)
            if shares is not None:
                total += np.float32(weight) * shares
        strongest, kept = _strongest(total)
        return {
            self.disciplines[place]: value
            for place, value in zip(strongest.tolist(), kept.tolist(), strict=True)
            if value > 0.0
        }

    def commonness(self, leanings: Mapping[str, float], share: float) -> float:
        """How near a text that leans so comes to what people usually ask for: its mean nearness to that `share` of the
        examples to which it comes nearest, against that of the commonest texts (0 to 1); 0 without examples.
        """
        most = round(share * self._usual.shape[1])
        if not most:
            return 0.0
        rows = [self._place[discipline] for discipline in leanings]
        near = np.array(list(leanings.values()), dtype=np.float32) @ self._usual[rows]
        return min(1.0, float(np.partition(near, -most)[-most:].mean()) / COMMONEST)


def _strongest(total: Shares) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the strongest of some sums stand, and these brought nearer to one another, as a vector of length 1."""
    strongest = np.argsort(-total, kind="stable")[:MOST]
    kept = np.maximum(0.0, total[strongest].astype(np.float64)) ** EVENLY
    length = float(np.sqrt((kept * kept).sum()))
    return strongest, kept / length if length > 0.0 else kept


def _grams_of(words: Words) -> dict[str, float]:
    """Characters, pairs and threes of some words with their weights, added up."""
    told: dict[str, float] = defaultdict(float)
    for word, weight in words:
        for gram in grams(word):
            told[gram] += weight
    return told


def _shares_of(names: Sequence[str], place: Mapping[str, int]) -> list[tuple[int, float]]:
    """Columns of those names that are disciplines, with a share each: falling, 1 altogether."""
    columns = [place[name] for name in names if name in place]
    whole = sum(NEXT**step for step in range(len(columns)))
    return [(column, NEXT**step / whole) for step, column in enumerate(columns)]


def _taught(told: Sequence[Sequence[tuple[int, float]]], disciplines: int) -> sparse.csr_matrix:
    """Lessons by disciplines; the shares of one discipline of a lesson are added up."""
    sizes = [len(shares) for shares in told]
    rows = np.repeat(np.arange(len(told)), sizes)
    columns = [column for shares in told for column, _ in shares]
    values = np.array([share for shares in told for _, share in shares], dtype=np.float32)
    return sparse.coo_matrix((values, (rows, columns)), shape=(len(told), disciplines)).tocsr()


def _ridge(table: sparse.csr_matrix, taught: sparse.csr_matrix, usual: Shares, weights: Shares) -> Shares:
    """The shares whose sums over a lesson's characters come nearest to what is taught beyond the usual.

    Disciplines do not depend on one another: a few at a time, so that little memory is taken.
    """
    shares = np.zeros((table.shape[1], taught.shape[1]), dtype=np.float32)
    across = table.T.tocsr()
    for first in range(0, taught.shape[1], AT_ONCE):
        few = slice(first, first + AT_ONCE)
        shares[:, few] = _few(table, across, weights[:, None] * (taught[:, few].toarray() - usual[few]))
    return shares


def _few(table: sparse.csr_matrix, across: sparse.csr_matrix, taught: Shares) -> Shares:
    shares = np.zeros((table.shape[1], taught.shape[1]), dtype=np.float32)
    rest = across @ taught
    step = rest.copy()
    size = (rest * rest).sum(axis=0)
    for _ in range(STEPS):
        image = across @ (table @ step) + np.float32(RIDGE) * step
        length = size / np.maximum(np.float32(1e-12), (step * image).sum(axis=0))
        shares += length * step
        rest -= length * image
        new = (rest * rest).sum(axis=0)
        step = rest + new / np.maximum(np.float32(1e-12), size) * step
        size = new
    return shares
