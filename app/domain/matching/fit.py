"""How well what an offer is about fits what a demand is about: subject, discipline, both together, words.

Each share (0 to 1) is the part of what the demand asks for that the offer meets. Practical matters (distance,
time) are elsewhere.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.matching.kinship import STRANGERS, Kin, Kinship, Tie
from app.domain.matching.profiles import Profile
from app.domain.matching.weights import Weights


@dataclass(frozen=True)
class Fit:
    """Shares of one pair, what speaks for them, and their weighted sum."""

    subject: float
    discipline: float
    both: float
    text: float
    total: float
    subject_ties: tuple[Kin, ...] = ()
    discipline_ties: tuple[Kin, ...] = ()
    words: tuple[str, ...] = ()


def fit_of(
    wanted: Profile, offered: Profile, rarity: Mapping[str, float], kinship: Kinship, weights: Weights
) -> Fit:
    """The fit of one offer for one demand. `rarity` gives each word of the demand a value from 0 to 1."""
    subject, subject_ties = bag_fit(wanted.subjects, offered.subjects, kinship)
    discipline, discipline_ties = bag_fit(wanted.disciplines, offered.disciplines, kinship)
    text, words = text_fit(wanted.words, offered, rarity, weights)
    both = math.sqrt(subject * discipline)
    total = (
        weights.subject * subject
        + weights.discipline * discipline
        + weights.both * both
        + weights.text * text
    )
    return Fit(subject, discipline, both, text, total, tuple(subject_ties), tuple(discipline_ties), words)


def bag_fit(
    wanted: Mapping[str, float], offered: Mapping[str, float], kinship: Kinship
) -> tuple[float, list[Kin]]:
    """How much of `wanted` is met by `offered` (0 to 1), and for each wanted concept the nearest offered
    one.
    """
    total = sum(wanted.values())
    if not total or not offered:
        return 0.0, []
    met = 0.0
    ties = []
    for concept, weight in wanted.items():
        best, value = STRANGERS, 0.0
        for other, strength in offered.items():
            kin = kinship.between(concept, other)
            reached = kin.nearness * (0.5 + 0.5 * min(1.0, 2 * strength))
            if reached > value:
                best, value = kin, reached
        met += weight * value
        if best.tie is not Tie.NONE:
            ties.append(best)
    return met / total, ties


def text_fit(
    wanted: Mapping[str, float], offered: Profile, rarity: Mapping[str, float], weights: Weights
) -> tuple[float, tuple[str, ...]]:
    """BM25-like share of the demand's words that the offer has, rare ones counting more; and these words."""
    norm = 1 - weights.length + weights.length * offered.length / weights.usual_length
    total = met = 0.0
    common = []
    for word, weight in wanted.items():
        value = weight * rarity[word]
        total += value
        if word in offered.words:
            amount = offered.words[word] / norm
            met += value * min(1.0, amount * (weights.saturation + 1) / (weights.saturation + amount) / 1.6)
            common.append(word)
    return (met / total if total else 0.0), tuple(common)
