"""One text cut into words, character pairs and concepts.

The cutter (rjieba) knows the labels of the vocabulary as words; character pairs let unknown words still
match (石斑鱼 and 石斑 share a pair); concepts are found by their labels, the longest label first, and the
parts of a compound count when the cutter would cut them (水稻制种 speaks of 水稻 too, 山茶油 not of 山茶).
Loaded with the first suggestion only: the cutter's dictionary takes 0.1 s and 15 MB.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import rjieba

from app.domain.matching.noise import (
    EMPTY_WORDS,
    is_empty,
    place_pattern,
    without_phrases,
    without_places,
    without_quantities,
)
from app.domain.matching.spelling import plain
from app.domain.matching.vocabulary import DISCIPLINE, LONGEST_LABEL, ORGANISM, SYMPTOM, Vocabulary
from app.domain.matching.weights import Weights

# The cutter's own dictionary counts about 60 million running words of general Chinese.
GENERAL_WORDS = 6e7
# For each character of a text the span of the word it stands in.
Spans = list[tuple[int, int]]
# What may surround a label inside one word without changing what it means (葡萄 in 葡萄园).
HARMLESS = frozenset(
    "树园林场厂田地苗果叶花种业户农山村店站棚池塘圃籽仁根茎皮肉汁粉酱干片丝菜病虫害类老小大新鲜野"
    "棒板管块粒网膜线球环件材料液剂油泥砂石矿渣母公雌雄幼仔崽子"
)
TROUBLES = frozenset([SYMPTOM, ORGANISM])
THING_FACETS = frozenset(["product", "material"])
# A pair of characters that stands in the labels of more concepts than this hints at nothing.
MOST_HINTS = 6
# What stands further back in a text says nothing new about the matter, but would cost as much as what is in front.
LONGEST_TEXT = 4000
# Guesses weaker than this (a body word has 1) are dropped.
FAINTEST = 0.04


@dataclass(frozen=True)
class Found:
    """A label found in a text, with all it may mean (concept ids) and the weight of the place where it
    stands.
    """

    label: str
    meanings: tuple[str, ...]
    weight: float
    rarity: float
    is_guess: bool = False


@dataclass
class Reading:
    """What one text says. Weights count how often, title words for more than one (see `Reader.read`)."""

    words: dict[str, float] = field(default_factory=dict)
    pairs: dict[str, float] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)

    @property
    def length(self) -> float:
        """Weighted number of words, for the norm of long texts."""
        return sum(self.words.values())


class Reader:
    """Cuts texts with one vocabulary. Cheap to use (some 60 µs a sentence), 0.3 s to make."""

    def __init__(self, vocabulary: Vocabulary, weights: Weights, place_names: Iterable[str] = ()) -> None:
        self.vocabulary = vocabulary
        self._weights = weights
        self._places = place_pattern(place_names)
        self._labels = {
            label: [concept_id for concept_id in meanings if vocabulary.is_content(concept_id)]
            for label, meanings in vocabulary.labels.items()
            if label not in vocabulary.empty_labels and label not in EMPTY_WORDS
        }
        self._general = rjieba.Jieba()
        self._inner = self._compounds()
        self._cutter = rjieba.Jieba()
        for label in self._labels:
            if len(label) >= 2 and not self._cutter.has_word(label):
                self._cutter.add_word(label, None, None)
        self._starts = {label[:2] for label in self._labels}
        self._guesses = self._pairs_of_labels()
        self._rarity: dict[str, float] = {}

    @property
    def labels(self) -> Mapping[str, list[str]]:
        """Every label that finds something to compare, with the ids of the concepts it may mean."""
        return self._labels

    def _compounds(self) -> dict[str, list[str]]:
        """The shorter labels that stand as words in a longer one: 水稻 in 水稻制种, 羊 in the trouble 羊拉稀."""
        inner: dict[str, list[str]] = {}
        for label, meanings in self._labels.items():
            of_trouble = all(self.vocabulary.concepts[concept_id].facet in TROUBLES for concept_id in meanings)
            parts = self._general.cut(label) if len(label) >= (3 if of_trouble else 4) else []
            least = 1 if of_trouble else 2
            pieces = (
                "".join(parts[first:last]) for first in range(len(parts)) for last in range(first + 1, len(parts) + 1)
            )
            found = [
                piece
                for piece in pieces
                if least <= len(piece) < len(label)
                and piece in self._labels
                and self._speaks(piece, meanings, small=len(label) == 3 or len(piece) == 1)
            ]
            if found:
                inner[label] = found
        return inner

    def _speaks(self, piece: str, meanings: list[str], small: bool) -> bool:
        """Whether a part of a compound adds to it: not a mere family of it (食品 in 保健食品), which kinship
        knows anyway, nor a discipline inside another's name (医学 in 动物医学).
        """
        facets = [self.vocabulary.concepts[concept_id].facet for concept_id in self._labels[piece]]
        if small and not all(facet in THING_FACETS for facet in facets):
            return False
        if all(self.vocabulary.concepts[concept_id].facet == DISCIPLINE for concept_id in meanings):
            return any(facet in THING_FACETS for facet in facets)
        above = {up for concept_id in meanings for up in self.vocabulary.ancestors(concept_id)}
        return not all(concept_id in above for concept_id in self._labels[piece])

    def _pairs_of_labels(self) -> dict[str, tuple[str, ...]]:
        """Concepts that a pair of characters hints at: those few whose labels hold it (穗颈 hints at
        稻瘟病).
        """
        hints: dict[str, dict[str, None]] = {}
        for label, meanings in self._labels.items():
            for index in range(len(label) - 1):
                pair = label[index : index + 2]
                if not pair.isascii():
                    hints.setdefault(pair, {}).update(dict.fromkeys(meanings))
        return {pair: tuple(ids) for pair, ids in hints.items() if len(ids) <= MOST_HINTS}

    def rarity(self, word: str) -> float:
        """How rare a word is in general Chinese: 0 for the commonest, about 1 for a term of a trade."""
        known = self._rarity.get(word)
        if known is None:
            count = max(1, self._general.suggest_freq(word))
            known = min(1.0, max(0.0, (math.log(GENERAL_WORDS / count) - 7.0) / 6.0))
            self._rarity[word] = known
        return known

    def read(self, texts: Iterable[tuple[str, float]]) -> Reading:
        """All fields of one text, each with its weight (a title counts for several body words)."""
        reading = Reading()
        for text, weight in texts:
            text = without_places(without_quantities(plain(text[:LONGEST_TEXT])), self._places)
            found = self.mentions(text)
            self._read_concepts(found, weight, reading)
            self._read_words(text, weight, "".join(found), reading)
        return reading

    def _read_concepts(self, found: list[str], weight: float, reading: Reading) -> None:
        for label in found:
            reading.found.append(Found(label, tuple(self._labels[label]), weight, self.rarity(label)))

    def mentions(self, text: str) -> list[str]:
        """The labels found in `text` (plain spelling): the longest at each place, with the parts of
        compounds.

        A label that is only a piece of other words does not count (医学 in 医学院, 机壳 in 手机壳), one of
        a single character only where the cutter leaves it standing alone.
        """
        found: list[str] = []
        cut = self._cutter.cut(text)
        for start, end in self._labelled(text):
            label = text[start:end]
            found.append(label)
            found.extend(self._inner.get(label, ()))
        return found + self._single(cut)

    def _labelled(self, text: str) -> list[tuple[int, int]]:
        """Where labels stand in a text: at each place the longest. They may share a word (茶叶加工, 加工厂), but a
        short one for something done yields to the next if it cuts a word that the next leaves whole (灌水 in 灌水泥).
        """
        words = _spans(self._general.cut(text))
        standing: list[tuple[int, int]] = []
        reached = 0
        for start in range(len(text) - 1):
            end = self._longest(text, start, reached, words)
            if end is None:
                continue
            if start < reached and self._yields(text[slice(*standing[-1])], words, start, reached):
                standing.pop()
            standing.append((start, end))
            reached = end
        return standing

    def _longest(self, text: str, start: int, reached: int, words: Spans) -> int | None:
        """Where the longest label from `start` on ends, if any reaches beyond what is already read."""
        if text[start : start + 2] not in self._starts:
            return None
        ends = range(min(start + LONGEST_LABEL, len(text)), max(start + 1, reached), -1)
        return next(
            (end for end in ends if text[start:end] in self._labels and self._stands(text, start, end, words)), None
        )

    def _yields(self, label: str, words: Spans, start: int, reached: int) -> bool:
        """Whether a label that ends at `reached` yields to one from `start` on."""
        cuts_a_word = words[reached][0] != reached
        return len(label) == 2 and cuts_a_word and words[start][0] == start and not self._names_a_thing(label)

    def _names_a_thing(self, label: str) -> bool:
        return any(self.vocabulary.concepts[concept_id].facet in THING_FACETS for concept_id in self._labels[label])

    def _single(self, cut: Iterable[str]) -> list[str]:
        """Labels of one character that stand alone, beside a harmless one (母兔), or in a word nobody
        knows.
        """
        found: list[str] = []
        for word in cut:
            if word in self._labels:
                found.extend([word] if len(word) == 1 else [])
            elif len(word) == 2:
                strange = not self._general.has_word(word)
                for place in (0, 1):
                    if word[place] in self._labels and (strange or word[1 - place] in HARMLESS):
                        found.append(word[place])
        return found

    @staticmethod
    def _stands(text: str, start: int, end: int, words: Spans) -> bool:
        """Whether a label stands for itself: neither inside a longer word nor, if short, across two words."""
        first, last = words[start][0], words[end - 1][1]
        if first == start and last == end:
            return True
        if words[start] == words[end - 1]:
            return last == end or all(character in HARMLESS for character in text[first:start] + text[end:last])
        return end - start > 2 or first == start

    def _read_words(self, text: str, weight: float, known: str, reading: Reading) -> None:
        run: list[str] = []
        for word, tag in [*self._cutter.tag(without_phrases(text)), ("", "x")]:
            if is_empty(word, tag) or word in self.vocabulary.empty_labels:
                self._read_pairs(run, weight, reading.pairs)
                self._guess(run, weight, known, reading)
                run = []
                continue
            run.append(word)
            reading.words[word] = reading.words.get(word, 0.0) + weight

    def _guess(self, run: list[str], weight: float, known: str, reading: Reading) -> None:
        """Concepts hinted at by words that no label covers; pairs across two words hint at nothing."""
        for pair in self._telling_pairs(run):
            hints = self._guesses.get(pair, ())
            if not hints or pair in known:
                continue
            share = self._weights.guess * weight * self.rarity(pair) ** 2 / len(hints)
            if share >= FAINTEST:
                reading.found.append(Found(pair, hints, share, 1.0, is_guess=True))

    def _telling_pairs(self, run: list[str]) -> list[str]:
        """Pairs of characters inside words that are no longer ones of the dictionary (气管 tells nothing in 输气管),
        and of single characters that the cutter left side by side.
        """
        strange = [word for word in run if len(word) == 2 or not self._general.has_word(word)]
        pairs = [word[index : index + 2] for word in strange for index in range(len(word) - 1)]
        return pairs + [one + other for one, other in pairwise(run) if len(one) == 1 and len(other) == 1]

    @staticmethod
    def _read_pairs(run: list[str], weight: float, pairs: dict[str, float]) -> None:
        """Neighbouring characters of a run of content words, but for those that are a word already."""
        text = "".join(run)
        known = set(run)
        for index in range(len(text) - 1):
            pair = text[index : index + 2]
            if pair not in known and not pair.isascii():
                pairs[pair] = pairs.get(pair, 0.0) + weight


def _spans(words: Iterable[str]) -> Spans:
    """For each character of a text, cut into `words`, the span of the word it stands in."""
    spans: Spans = []
    for word in words:
        spans.extend([(len(spans), len(spans) + len(word))] * len(word))
    return spans


def known_share(reader: Reader, texts: Iterable[str]) -> tuple[int, int]:
    """How many content words of some texts the vocabulary knows, and how many there are."""
    known = total = 0
    for text in texts:
        labels = "".join(reader.mentions(plain(text)))
        for word in reader.read([(text, 1.0)]).words:
            total += 1
            known += word in labels
    return known, total
