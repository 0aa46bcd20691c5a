"""From profiles to what is searched: the tokens of an offer with their impacts, and those of a demand's
query.

Tokens are words and character pairs (`w:`) and concepts with everything above them (`c:`), so that 葡萄 and
荔枝 meet at 果树. The factors of a query are made so that the sum over its tokens comes near the fit that
the second pass computes exactly; it only has to bring the right offers among the few hundred candidates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.collection import FACTOR_UNITS
from app.domain.matching.facts import OfferFacts
from app.domain.matching.kinship import Kinship
from app.domain.matching.postings import Entry, keys_of, token_key
from app.domain.matching.profiles import Profile
from app.domain.matching.weights import Weights

HIGHEST = 255
# Strength below which a concept is hardly there: a guess, or one meaning of many.
BARELY = 0.1


def text_impacts(profile: Profile, weights: Weights) -> dict[str, int]:
    """BM25 weight of each word of an offer as a whole number from 1 to 255 (255: twice in the title)."""
    norm = 1 - weights.length + weights.length * profile.length / weights.usual_length
    full = 2 * weights.title / (weights.saturation + 2 * weights.title)
    impacts = {}
    for word, amount in profile.words.items():
        share = (amount / norm) / (weights.saturation + amount / norm) / full
        impacts[word] = max(1, min(HIGHEST, round(HIGHEST * share)))
    return impacts


def entry_of(offer: OfferFacts, profile: Profile, commonness: float, kinship: Kinship, weights: Weights) -> Entry:
    """One offer made ready for an index; `commonness` (0 to 1) is how near it comes to what people usually ask for."""
    tokens = {token_key(f"w:{word}"): impact for word, impact in text_impacts(profile, weights).items()}
    for number, share in profile.leanings.items():
        tokens[token_key(f"l:{kinship.ids[number]}")] = max(1, round(HIGHEST * share))
    concepts: dict[int, int] = {}
    for bag in (profile.things, profile.doings, profile.disciplines):
        for number, strength in bag.items():
            concepts[number] = max(1, round(HIGHEST * strength))
            impact = max(1, round(HIGHEST * float(present(np.array(strength), weights))))
            for above in kinship.ancestors[number]:
                key = int(kinship.keys[above])
                tokens[key] = max(tokens.get(key, 0), impact)
    return Entry(offer.id, tokens, dict(sorted(concepts.items())), offer, round(HIGHEST * commonness))


def present(strength: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """How much concepts of these strengths count as offered: fully from half the full strength on."""
    full = weights.faint + (1.0 - weights.faint) * np.minimum(1.0, 2.0 * strength)
    return full * np.minimum(1.0, strength / BARELY)


def asked_weights(wanted: Mapping[int, float], kinship: Kinship) -> dict[int, float]:
    """How much each wanted concept weighs: one that says little (农产品) weighs less than one that says much."""
    return {number: value * kinship.matter(number) for number, value in wanted.items()}


@dataclass(frozen=True)
class Query:
    """A demand as tokens: words with their values, leanings with theirs, concepts. `factors` steer the first pass."""

    words: list[str]
    values: NDArray[np.float64]
    leanings: NDArray[np.float64]
    keys: NDArray[np.uint64]
    factors: NDArray[np.int32]

    @property
    def compared_keys(self) -> NDArray[np.uint64]:
        """The tokens whose impacts the second pass compares: words, then leanings."""
        return self.keys[: len(self.words) + len(self.leanings)]


def query_of(wanted: Profile, values: NDArray[np.float64], kinship: Kinship, weights: Weights) -> Query:
    """The query of a demand; `values` are the weights of its words (in order) times their rarity."""
    words = list(wanted.words)
    total = float(values.sum()) or 1.0
    text = weights.text * values / total
    concepts: dict[int, float] = {}
    for bag, share in (
        (wanted.things, weights.subject + weights.both / 2),
        (wanted.doings, weights.doing + weights.both / 4),
        (wanted.disciplines, weights.discipline + weights.both / 4),
    ):
        asked = asked_weights(bag, kinship)
        whole = sum(asked.values()) or 1.0
        for number, weight in asked.items():
            for above, value in kinship.steps(number).items():
                concepts[above] = concepts.get(above, 0.0) + share * weight / whole * value
    keys = np.concatenate(
        (
            keys_of(f"w:{word}" for word in words),
            keys_of(f"l:{kinship.ids[number]}" for number in wanted.leanings),
            kinship.keys[np.fromiter(concepts, np.int64, len(concepts))],
        )
    )
    leanings = np.array(list(wanted.leanings.values()), dtype=np.float64)
    shares = np.concatenate((text, weights.leaning * leanings, np.array(list(concepts.values()), dtype=np.float64)))
    return Query(words, values, leanings, keys, np.round(FACTOR_UNITS * shares).astype(np.int32))
