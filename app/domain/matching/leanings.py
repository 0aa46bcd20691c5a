"""What a text leans to by its characters alone: the disciplines of labels that are written like its words.

No vocabulary holds every word of a workshop or a village, but new words are built of known characters: 飞花 and 细纱
look like words of textiles, 烂茎 like one of plant protection. Each character and each pair of characters gets a share
in every discipline, such that the shares of a label's characters add up as nearly as can be to the disciplines of what
it means (ridge regression; nothing but the vocabulary is learnt from, so what an editor adds counts at once). A text
leans to what its words' characters add up to. That is weaker evidence than a label, and never more than one part of
a score.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.domain.matching.vocabulary import DISCIPLINE, Vocabulary

# Characters and pairs that stand in fewer labels than this tell nothing that another word could share.
LEAST_LABELS = 2
# Strength of the ridge: how far a share is held back that few labels speak for.
RIDGE = 2.0
# Steps of the conjugate gradient; more of them fit the labels better and unseen words no better.
STEPS = 10
# Of the disciplines of a concept each further one counts this much of the one before it.
NEXT = 0.6
# Disciplines kept of a text, the strongest.
MOST = 12
# Power that brings the strong and the weak leanings of a text nearer to one another.
EVENLY = 0.75
# Words whose sums are kept at hand.
WORDS_KEPT = 20_000

Shares = NDArray[np.float32]


def grams(word: str) -> list[str]:
    """The characters of a word and its pairs of neighbours; none for words in Latin letters."""
    return [] if word.isascii() else [*word, *(word[start : start + 2] for start in range(len(word) - 1))]


class Leanings:
    """Learns from the labels of one vocabulary; 0.2 s to make."""

    def __init__(self, vocabulary: Vocabulary, labels: Mapping[str, Sequence[str]]) -> None:
        self.disciplines = sorted(concept.id for concept in vocabulary if concept.facet == DISCIPLINE)
        names = [label for label, meanings in labels.items() if meanings and grams(label)]
        having = Counter(gram for label in names for gram in set(grams(label)))
        told = sorted(gram for gram, times in having.items() if times >= LEAST_LABELS)
        self._row = {gram: row for row, gram in enumerate(told)}
        taught = _disciplines_of(vocabulary, labels, names, self.disciplines)
        self._shares = _ridge(self._table(names), taught - taught.mean(axis=0, dtype=np.float32)) if told else None
        self._of_word = lru_cache(WORDS_KEPT)(self._sum)

    def _rows(self, word: str) -> list[int]:
        return [self._row[gram] for gram in grams(word) if gram in self._row]

    def _table(self, names: Sequence[str]) -> sparse.csr_matrix:
        """Labels by characters and pairs, each label of length 1."""
        rows = [self._rows(label) for label in names]
        sizes = [len(found) for found in rows]
        values = np.repeat([1.0 / math.sqrt(max(1, size)) for size in sizes], sizes).astype(np.float32)
        columns = np.array([column for found in rows for column in found], dtype=np.int32)
        starts = np.concatenate(([0], np.cumsum(sizes)))
        return sparse.csr_matrix((values, columns, starts), shape=(len(names), len(self._row)))

    def _sum(self, word: str) -> Shares | None:
        rows = self._rows(word)
        return self._shares[rows].sum(axis=0) if rows and self._shares is not None else None

    def of(self, words: Iterable[tuple[str, float]]) -> dict[str, float]:
        """Disciplines that a text leans to, by id, as a vector of length 1; `words` with how much each tells."""
        total = np.zeros(len(self.disciplines), dtype=np.float32)
        for word, weight in words:
            shares = self._of_word(word)
            if shares is not None:
                total += np.float32(weight) * shares
        strongest = np.argsort(-total, kind="stable")[:MOST]
        kept = np.maximum(0.0, total[strongest].astype(np.float64)) ** EVENLY
        length = float(np.sqrt((kept * kept).sum()))
        if length <= 0.0:
            return {}
        return {
            self.disciplines[place]: value / length
            for place, value in zip(strongest.tolist(), kept.tolist(), strict=True)
            if value > 0.0
        }


def _disciplines_of(
    vocabulary: Vocabulary, labels: Mapping[str, Sequence[str]], names: Sequence[str], disciplines: Sequence[str]
) -> Shares:
    """For each label how much of each discipline its meanings have, 1 altogether."""
    place = {discipline: column for column, discipline in enumerate(disciplines)}
    taught = np.zeros((len(names), len(disciplines)), dtype=np.float32)
    for row, label in enumerate(names):
        for meaning in labels[label]:
            own = [place[name] for name in (meaning, *vocabulary.concepts[meaning].disciplines) if name in place]
            whole = sum(NEXT**step for step in range(len(own))) * len(labels[label])
            for step, column in enumerate(own):
                taught[row, column] += NEXT**step / whole
    return taught


def _ridge(table: sparse.csr_matrix, taught: Shares) -> Shares:
    """The shares whose sums over a label's characters come nearest to what is taught, all disciplines at once."""
    shares = np.zeros((table.shape[1], taught.shape[1]), dtype=np.float32)
    across = table.T.tocsr()
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
