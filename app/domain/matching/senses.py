"""Which meanings of the labels found in a text count, and how much.

粉丝 is a food or an audience, 直播 a way of sowing or of selling, 气泡 a fault of castings, plastics or
paint: the disciplines of everything else in the text decide, and the industry a demand names. A label that
is a word of everyday life counts less than a term of a trade, a guess from two characters less than a
label.
"""

from collections.abc import Sequence

import numpy as np

from app.domain.matching.kinship import Kinship
from app.domain.matching.vocabulary import DISCIPLINE, Vocabulary
from app.domain.matching.weights import Weights
from app.domain.matching.words import Found

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
        return weights

    def _context(self, one: Found) -> list[int]:
        """The disciplines that a label speaks for; an ambiguous one speaks for none."""
        named = [self._kinship.number[name] for name in one.meanings if self._is_discipline(name)]
        others = [name for name in one.meanings if not self._is_discipline(name)]
        if len(others) == 1 and not one.is_guess:
            named.extend(self.disciplines[others[0]])
        return named

    def _is_discipline(self, concept_id: str) -> bool:
        return self._vocabulary.concepts[concept_id].facet == DISCIPLINE

    def _shares(self, one: Found, beside: np.typing.NDArray[np.int64]) -> dict[str, float]:
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
        return shares

    def _support(self, concept_id: str, beside: np.typing.NDArray[np.int64]) -> float:
        if not len(beside) or not self.disciplines[concept_id]:
            return 0.0
        return max(float(self._kinship.row(number)[beside].max()) for number in self.disciplines[concept_id])

    def _of_everyday(self, concept_id: str, one: Found) -> float:
        if self._vocabulary.concepts[concept_id].facet not in GENERAL_FACETS:
            return 1.0
        return self._weights.common_word + (1 - self._weights.common_word) * one.rarity

    def _of_industry(self, concept_id: str, industry: str) -> float:
        own = self._vocabulary.concepts[concept_id].industry
        return self._weights.other_industry if industry and own and own != industry else 1.0
