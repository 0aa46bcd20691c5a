"""How near two concepts are: the same, one above the other, of one family, or related.

Nearness of a concept and one above it, or of two under one roof, follows Lin (1998): twice what the roof
says over what the two say, where a concept says the more the fewer concepts it covers. 果树 covers many and
says little, 柑橘 covers few and says much.
"""

import math
from enum import IntEnum
from typing import NamedTuple

from app.domain.matching.vocabulary import Vocabulary
from app.domain.matching.weights import Weights


class Tie(IntEnum):
    """What sort of kinship; higher is nearer."""

    NONE = 0
    RELATED = 1
    FAMILY = 2
    BROADER = 3
    NARROWER = 4
    SAME = 5


class Kin(NamedTuple):
    """Nearness (0 to 1), its sort, and the concept through which the two are kin (roof or partner)."""

    nearness: float
    tie: Tie
    through: str


STRANGERS = Kin(0.0, Tie.NONE, "")


class Kinship:
    """Nearness between concepts of one vocabulary; every answer is remembered."""

    def __init__(self, vocabulary: Vocabulary, weights: Weights) -> None:
        self.vocabulary = vocabulary
        self._weights = weights
        self._ancestors = {concept.id: vocabulary.ancestors(concept.id) for concept in vocabulary}
        whole = math.log(max(2, len(vocabulary)))
        self._says = {
            concept.id: 1.0 - math.log(vocabulary.extent[concept.id]) / whole for concept in vocabulary
        }
        self._known: dict[tuple[str, str], Kin] = {}

    def says(self, concept_id: str) -> float:
        """How much a concept says: 1 for one that covers only itself, towards 0 for one that covers all."""
        return self._says[concept_id]

    def between(self, wanted: str, offered: str) -> Kin:
        """How near what is offered comes to what is wanted."""
        known = self._known.get((wanted, offered))
        if known is None:
            known = self._known[(wanted, offered)] = self._compare(wanted, offered)
        return known

    def _compare(self, wanted: str, offered: str) -> Kin:
        if wanted == offered:
            return Kin(1.0, Tie.SAME, wanted)
        best = self._under_one_roof(wanted, offered)
        for partner in self.vocabulary.related.get(wanted, ()):
            if partner == offered:
                near = self._weights.related
            else:
                near = self._weights.related * self._under_one_roof(partner, offered).nearness
            if near > best.nearness:
                best = Kin(near, Tie.RELATED, offered)
        return best

    def _under_one_roof(self, wanted: str, offered: str) -> Kin:
        above_wanted, above_offered = self._ancestors[wanted], self._ancestors[offered]
        best = STRANGERS
        for roof in above_wanted.keys() & above_offered.keys():
            near = 2 * self._says[roof] / max(1e-6, self._says[wanted] + self._says[offered])
            tie = Tie.FAMILY
            if roof == offered:
                tie = Tie.BROADER
            elif roof == wanted:
                tie = Tie.NARROWER
            else:
                near *= self._weights.sibling
            if near > best.nearness:
                best = Kin(min(1.0, near), tie, roof)
        return best
