"""How near two concepts are: the same, one above the other, of one family, or related.

A concept says the more the fewer concepts it covers: 柑橘 says much, 种植业 little (the measure of Lin and
Resnik). An offer for a whole family meets a demand for one member nearly as well as one for the member
itself, if the family says enough; two members of one family (葡萄, 桃) meet the better the closer their
common roof.
"""

from collections import OrderedDict
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.postings import keys_of
from app.domain.matching.vocabulary import DISCIPLINE, ORGANISM, SYMPTOM, Vocabulary
from app.domain.matching.weights import Weights

# What a roof must say at least for those under it to be kin: half a world (种植业) makes no family.
HOME = 0.2
# Rows of nearness kept at hand: 1,000 rows of seven thousand concepts are about 28 MB.
ROWS_KEPT = 1000
# Pairs that were told to people, kept at hand: some 10 MB.
PAIRS_KEPT = 50_000


class Sort(IntEnum):
    """What a concept is in a comparison: what is dealt with, what is done or happens, or who studies it."""

    THING = 0
    DOING = 1
    DISCIPLINE = 2


# Disciplines that serve any thing: who designs brands or treats waste gas need not know the crop or the part.
METHODS = frozenset(
    f"disc.{name}"
    for name in (
        *("ecommerce", "marketing", "brand_design", "cultural_creative", "tourism", "planning", "landscape"),
        *("architecture", "health_care", "education", "project_application", "technology_transfer", "ip"),
        *("finance", "law", "management", "logistics", "standardisation", "metrology", "food_safety", "media"),
        *("digital_agriculture", "information", "ai", "iot", "geomatics", "automation", "electrical", "packaging"),
        *("mechanical_design", "machine_tools", "heat_treatment", "welding", "additive", "equipment_maintenance"),
        *("environment", "water_treatment", "air_dust", "solid_waste", "energy_saving", "safety_engineering"),
        *("soil_fertiliser", "irrigation", "farm_machinery", "meteorology", "characterisation", "hospitality"),
        *("industrial_design", "rural_governance", "carbon_management", "new_energy", "refrigeration", "mould"),
        *("environmental_assessment", "cultural_heritage", "chemical_machinery", "agri_engineering"),
        *("agri_economics", "agro_ecology", "ecological_restoration", "fermentation", "postharvest"),
    )
)

# Industries of methods that belong to no world of things: brands, rights, money, tourism, health, environment.
WORLDLESS = frozenset(["", "culture_tourism_health"])

DOINGS = frozenset([SYMPTOM, "process", "business", ORGANISM])


DISCIPLINES = int(Sort.DISCIPLINE)  # compared in arrays, where an enum costs
# Two nearnesses closer than this are the same (rows are kept in single precision).
NEGLIGIBLE = 1e-5


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
    """Nearness between the concepts of one vocabulary, which it numbers in the order of their ids."""

    def __init__(self, vocabulary: Vocabulary, weights: Weights) -> None:
        self.vocabulary = vocabulary
        self._weights = weights
        self.ids = sorted(vocabulary.concepts)
        self.number = {concept_id: number for number, concept_id in enumerate(self.ids)}
        self.keys = keys_of(f"c:{concept_id}" for concept_id in self.ids)
        facets = [vocabulary.concepts[concept_id].facet for concept_id in self.ids]
        self.sort_of = [_sort(facet) for facet in facets]
        self.sorts = np.array(self.sort_of, dtype=np.int8)
        # A branch of a method is one, too: 信息技术 serves any thing, 制造业信息化 beneath it as well.
        self.is_method = np.array(
            [not METHODS.isdisjoint(vocabulary.ancestors(concept_id)) for concept_id in self.ids], dtype=bool
        )
        self.serves_all = self.is_method & np.array(
            [vocabulary.concepts[concept_id].industry in WORLDLESS for concept_id in self.ids], dtype=bool
        )
        # Two symptoms of one group (烂果, 落花) are two troubles: nothing is shared by knowing one of them.
        self._sibling = np.array([0.0 if facet == SYMPTOM else weights.sibling for facet in facets])
        self.is_business = np.array([facet == "business" for facet in facets], dtype=bool)
        self._says = self._what_each_says()
        self._matter = self._says**weights.vague
        # How far the name of each stands for its members: 1 for a family, less for half a world (种植业).
        self._family: list[float] = (np.minimum(1.0, self._says / weights.family) ** weights.half_world).tolist()
        self.ancestors = [[self.number[above] for above in vocabulary.ancestors(concept_id)] for concept_id in self.ids]
        below: list[list[int]] = [[] for _ in self.ids]
        for number, above in enumerate(self.ancestors):
            for roof in above:
                if roof != number:
                    below[roof].append(number)
        self._roofs = [
            sorted((roof for roof in above if roof != number), key=self.says)
            for number, above in enumerate(self.ancestors)
        ]
        self._beneath = [np.array(numbers, dtype=np.int64) for numbers in below]
        self._related = [
            [self.number[other] for other in vocabulary.related.get(concept_id, ())] for concept_id in self.ids
        ]
        self._kin: dict[tuple[int, int], Kin] = {}
        self._steps: dict[int, dict[int, float]] = {}
        self._rows: OrderedDict[int, NDArray[np.float32]] = OrderedDict()

    def _what_each_says(self) -> NDArray[np.float64]:
        """1 for a concept that covers only itself, 0 for one that covers all of its sort; never quite 0."""
        disciplines = int((self.sorts == Sort.DISCIPLINE).sum())
        wholes = {True: disciplines, False: len(self.ids) - disciplines}
        extents = np.array([self.vocabulary.extent[concept_id] for concept_id in self.ids], dtype=np.float64)
        whole = np.where(self.sorts == Sort.DISCIPLINE, wholes[True], wholes[False])
        return np.maximum(0.02, 1.0 - np.log(extents) / np.log(np.maximum(2, whole)))

    def says(self, number: int) -> float:
        """How much a concept says: 1 for one that covers only itself, towards 0 for one that covers all."""
        return float(self._says[number])

    def matter(self, number: int) -> float:
        """How much a concept counts among others for what it says; `Weights.vague` decides how far that matters."""
        return float(self._matter[number])

    def matter_of(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same of several concepts."""
        return self._matter[numbers]

    def related(self, number: int) -> list[int]:
        """Concepts related to one."""
        return self._related[number]

    def row(self, wanted: int) -> NDArray[np.float32]:
        """Nearness of every concept to `wanted` (not to be changed by the caller)."""
        row = self._rows.get(wanted)
        if row is None:
            row = self._rows[wanted] = self._compute(wanted)
            if len(self._rows) > ROWS_KEPT:
                self._rows.popitem(last=False)
        else:
            self._rows.move_to_end(wanted)
        return row

    def steps(self, wanted: int) -> dict[int, float]:
        """What sharing each concept adds: an offer gets the sum over all concepts above it that it shares."""
        found = self._steps.get(wanted)
        if found is None:
            found = self._steps[wanted] = self._steps_of(wanted)
        return found

    def _steps_of(self, wanted: int) -> dict[int, float]:
        row = self.row(wanted)
        steps: dict[int, float] = {}
        before = 0.0
        for above in sorted(self.ancestors[wanted], key=self.says):
            near = float(row[above])
            if above != wanted:
                near = 0.5 * near + 0.5 * float(self._sibling[wanted]) * self.says(above)
            steps[above] = max(0.0, near - before)
            before = max(before, near)
        for partner in self._related[wanted]:
            steps[partner] = max(steps.get(partner, 0.0), self._weights.related)
        return steps

    def _compute(self, wanted: int) -> NDArray[np.float32]:
        row = np.zeros(len(self.ids), dtype=np.float32)
        self._raise_siblings(row, wanted)
        self._raise_line(row, wanted, 1.0)
        for partner in self._related[wanted]:  # its line only: who else is under its roofs is no relation of ours
            self._raise_line(row, partner, self._weights.related)
        return row

    def _raise_siblings(self, row: NDArray[np.float32], wanted: int) -> None:
        """Raises a row to how near those are that share a roof with `wanted`: a few hundred concepts at most."""
        homes = [roof for roof in self._roofs[wanted] if self._says[roof] >= HOME]
        if not homes:
            return
        # Of one concept under several roofs the last counts: the one that says most.
        under = np.concatenate([self._beneath[roof] for roof in homes])
        common = np.repeat(self._says[homes], [len(self._beneath[roof]) for roof in homes])
        near = 2 * self._sibling[wanted] * common / (self._says[wanted] + self._says[under])
        row[under] = np.minimum(1.0, near)

    def _raise_line(self, row: NDArray[np.float32], wanted: int, share: float) -> None:
        """Raises a row to a share of how near `wanted` itself is, what stands above it and what beneath."""
        weights = self._weights
        of_disciplines = self.sort_of[wanted] is Sort.DISCIPLINE
        above = weights.broader_discipline if of_disciplines else weights.broader
        narrower = weights.narrower_discipline if of_disciplines else weights.narrower
        for roof in self._roofs[wanted]:
            row[roof] = max(row[roof], share * min(1.0, above * self._family[roof]))
        if len(beneath := self._beneath[wanted]):
            row[beneath] = np.maximum(row[beneath], share * min(1.0, narrower * self._family[wanted]))
        row[wanted] = max(row[wanted], share)

    def between(self, wanted: int, offered: int) -> Kin:
        """Nearness of two concepts with its sort, for telling people."""
        kin = self._kin.get((wanted, offered))
        if kin is None:
            if len(self._kin) >= PAIRS_KEPT:
                self._kin.clear()
            kin = self._kin[(wanted, offered)] = self._tie(wanted, offered)
        return kin

    def _tie(self, wanted: int, offered: int) -> Kin:
        near = float(self.row(wanted)[offered])
        if near <= 0.0:
            return STRANGERS
        if wanted == offered:
            return Kin(1.0, Tie.SAME, self.ids[wanted])
        roof = self._nearest_roof(wanted, offered)
        if roof is None or self._under(roof, wanted, offered) < near - NEGLIGIBLE:
            return Kin(near, Tie.RELATED, self.ids[offered])
        tie = Tie.BROADER if roof == offered else Tie.NARROWER if roof == wanted else Tie.FAMILY
        return Kin(near, tie, self.ids[roof])

    def _nearest_roof(self, wanted: int, offered: int) -> int | None:
        """The concept above both under which they are nearest; the smaller number among equals."""
        both = set(self.ancestors[wanted]).intersection(self.ancestors[offered])
        common = [roof for roof in both if roof in (wanted, offered) or self._says[roof] >= HOME]
        return max(common, key=lambda roof: (self._under(roof, wanted, offered), -roof), default=None)

    def _under(self, roof: int, wanted: int, offered: int) -> float:
        """Nearness of two different concepts under one roof: one element of its row."""
        weights, says = self._weights, self._says
        of_disciplines = self.sort_of[wanted] is Sort.DISCIPLINE
        family = self._family[roof]
        if roof == wanted:
            return family * (weights.narrower_discipline if of_disciplines else weights.narrower)
        if roof == offered:
            return family * (weights.broader_discipline if of_disciplines else weights.broader)
        return min(1.0, float(self._sibling[wanted] * says[roof] * 2 / (says[wanted] + says[offered])))


def _sort(facet: str) -> Sort:
    if facet == DISCIPLINE:
        return Sort.DISCIPLINE
    return Sort.DOING if facet in DOINGS else Sort.THING
