"""Which meanings of the labels found in a text count, and how much.

粉丝 is a food or an audience, 直播 a way of sowing or of selling, 气泡 a fault of castings, plastics or
paint: the disciplines of everything else in the text decide, and the industry a demand names. A label that
is a word of everyday life counts less than a term of a trade, a guess from two characters less than a
label.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.kinship import DISCIPLINES, Kinship
from app.domain.matching.vocabulary import DISCIPLINE, Vocabulary
from app.domain.matching.weights import Weights
from app.domain.matching.words import THING_FACETS, Found

# Words by which a leading industry is recognised, however the scheme of the year spells it.
INDUSTRIES = {
    "agriculture": ("agriculture", "农", "林", "牧", "渔", "种植", "养殖", "食品"),
    "culture_tourism_health": ("culture_tourism_health", "旅", "康养", "文化", "文创"),
    "steel_equipment": ("steel_equipment", "钢铁", "装备", "机械", "铸造", "汽车", "冶金"),
    "new_materials": ("new_materials", "材料", "化工", "氟", "硅", "石墨", "纺织", "生物医药"),
}
# Facets whose labels are often words of everyday life (安全, 文化, 申请) that say little about the matter.
GENERAL_FACETS = frozenset(["process", "business", "place_use"])
# Support below which a text is taken to say nothing about any meaning.
NO_SUPPORT = 0.3
# Fewer concepts than this are no world in which one of them could be a stranger.
FEW = 3


def industry_of(name: str) -> str:
    """The industry of the vocabulary that a name or id of a scheme means; empty when it tells nothing."""
    for industry, words in INDUSTRIES.items():
        if any(word in name for word in words):
            return industry
    return ""


class Senses:
    """Weighs the meanings of labels with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary, kinship: Kinship, weights: Weights) -> None:
        self._vocabulary = vocabulary
        self._kinship = kinship
        self._weights = weights
        self.disciplines = {
            concept.id: [kinship.number[name] for name in concept.disciplines if name in kinship.number]
            for concept in vocabulary
        }
        studied = np.flatnonzero(kinship.sorts == DISCIPLINES)
        self._place = {number: place for place, number in enumerate(studied.tolist())}
        rows = [kinship.row(number)[studied] for number in studied.tolist()]
        self._near = np.array(rows, dtype=np.float64).reshape(len(rows), len(rows))  # of discipline to discipline

    def weigh(self, found: Sequence[Found], industry: str = "") -> dict[str, float]:
        """Weight of each concept meant, summed over the labels that mean it."""
        context = [self._context(one) for one in found]
        weights: dict[str, float] = {}
        for place, one in enumerate(found):
            beside = np.array(
                sorted({d for other, named in enumerate(context) for d in named if found[other].label != one.label}),
                dtype=np.int64,
            )
            for concept_id, share in self._shares(one, beside).items():
                share *= self._of_everyday(concept_id, one) * self._of_industry(concept_id, industry)
                weights[concept_id] = weights.get(concept_id, 0.0) + share * found[place].weight
        return self._coherent(weights)

    def _coherent(self, weights: dict[str, float]) -> dict[str, float]:
        """Concepts that share their world with little else in the text count less.

        开片 beside 银耳, 菇房 and 烘干 splits no bamboo. What serves any thing (a brand, waste water) stands on
        its own, and a text of no clear world is left as it is.
        """
        names = [name for name in weights if self._named(name)]
        if len(names) < FEW:
            return weights
        support = self._support_among(names, weights)
        best = float(support.max())
        if best < NO_SUPPORT:
            return weights
        stray, settled = self._weights.stray, self._weights.settled
        shares = stray + (1 - stray) * np.minimum(1.0, support / best / settled)
        kept = dict(weights)
        for name, share in zip(names, shares.tolist(), strict=True):
            if not any(self._kinship.serves_all[number] for number in self._named(name)):
                kept[name] *= share
        return kept

    def _support_among(self, names: list[str], weights: dict[str, float]) -> NDArray[np.float64]:
        """How much each concept is supported: the weights of the others times how near their disciplines come."""
        places = [self._place[number] for name in names for number in self._named(name)]
        starts = np.cumsum([0, *(len(self._named(name)) for name in names[:-1])])
        near = self._near[np.ix_(places, places)]
        near = np.maximum.reduceat(np.maximum.reduceat(near, starts, axis=0), starts, axis=1)
        np.fill_diagonal(near, 0.0)
        told = np.array([min(1.0, weights[name] / self._weights.title) for name in names])
        support: NDArray[np.float64] = near @ told
        return support

    def _named(self, concept_id: str) -> list[int]:
        """The disciplines that a concept stands for: itself, or those that deal with it."""
        return [self._kinship.number[concept_id]] if self._is_discipline(concept_id) else self.disciplines[concept_id]

    def _context(self, one: Found) -> list[int]:
        """The disciplines that a label speaks for; an ambiguous one speaks for none."""
        named = [self._kinship.number[name] for name in one.meanings if self._is_discipline(name)]
        others = [name for name in one.meanings if not self._is_discipline(name)]
        if len(others) == 1 and not one.is_guess:
            named.extend(self.disciplines[others[0]])
        return named

    def _is_discipline(self, concept_id: str) -> bool:
        return self._vocabulary.concepts[concept_id].facet == DISCIPLINE

    def _shares(self, one: Found, beside: NDArray[np.int64]) -> dict[str, float]:
        """How much each meaning of a label counts, at most 1."""
        others = [name for name in one.meanings if not self._is_discipline(name)]
        shares = dict.fromkeys(one.meanings, 1.0)
        if one.is_guess or len(others) < 2:
            return shares
        support = {name: self._support(name, beside) for name in others}
        best = max(support.values())
        for name in others:
            plain = 1.0 / len(others) ** 0.5
            shares[name] = plain if best < NO_SUPPORT else (support[name] / best) ** 2
        for name in set(one.meanings).difference(others):
            dealt_with = [shares[other] for other in others if self._kinship.number[name] in self.disciplines[other]]
            shares[name] = max(dealt_with, default=1.0)
        return shares

    def _support(self, concept_id: str, beside: NDArray[np.int64]) -> float:
        if not len(beside) or not self.disciplines[concept_id]:
            return 0.0
        return max(float(self._kinship.row(number)[beside].max()) for number in self.disciplines[concept_id])

    def _of_everyday(self, concept_id: str, one: Found) -> float:
        facet = self._vocabulary.concepts[concept_id].facet
        if facet in THING_FACETS:
            commonest = self._weights.common_thing
        elif facet in GENERAL_FACETS:
            commonest = self._weights.common_word
        else:
            return 1.0
        return commonest + (1 - commonest) * one.rarity

    def _of_industry(self, concept_id: str, industry: str) -> float:
        own = self._vocabulary.concepts[concept_id].industry
        return self._weights.other_industry if industry and own and own != industry else 1.0
