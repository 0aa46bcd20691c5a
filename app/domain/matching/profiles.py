"""From texts to what is compared: things, doings, disciplines and words, each with a weight.

A *thing* is what the help is about (a crop, an animal, a material, a product), a *doing* what is done or
happens (a process, a pest, a business); a *symptom* hardly counts itself but tells which disciplines are
asked for (落花 asks for 栽培 and 植物保护). Where a symptom or a word may mean several things, the
disciplines of the subjects beside it decide (气泡 beside 压铸 is a matter of casting).
"""

from dataclasses import dataclass, field

import numpy as np

from app.domain.matching.kinship import Kinship, Sort
from app.domain.matching.vocabulary import DISCIPLINE, ORGANISM, SYMPTOM, Concept
from app.domain.matching.weights import Weights
from app.domain.matching.words import Reader, Reading

# A context that comes no nearer than this to any discipline of a concept does not speak about it.
SUPPORT = 0.5


# Words by which a leading industry is recognised, however the scheme of the year spells it.
INDUSTRIES = {
    "agriculture": ("agriculture", "农", "林", "牧", "渔", "种植", "养殖", "食品"),
    "culture_tourism_health": ("culture_tourism_health", "旅", "康养", "文化", "文创"),
    "steel_equipment": ("steel_equipment", "钢铁", "装备", "机械", "铸造", "汽车", "冶金"),
    "new_materials": ("new_materials", "材料", "化工", "氟", "硅", "石墨", "纺织", "生物医药"),
}


def industry_of(name: str) -> str:
    """The industry of the vocabulary that a name or id of a scheme means; empty when it tells nothing."""
    for industry, words in INDUSTRIES.items():
        if any(word in name for word in words):
            return industry
    return ""


@dataclass
class Profile:
    """What one text is about. Concepts by number, weights from 0 to 1; `words` holds character pairs too."""

    things: dict[int, float] = field(default_factory=dict)
    doings: dict[int, float] = field(default_factory=dict)
    disciplines: dict[int, float] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    length: float = 0.0


class Profiler:
    """Makes profiles of texts with one vocabulary and one set of weights."""

    def __init__(self, reader: Reader, kinship: Kinship, weights: Weights) -> None:
        self.reader = reader
        self.kinship = kinship
        self.weights = weights
        self._facets = {
            "process": weights.process,
            "equipment": weights.equipment,
            ORGANISM: weights.organism,
            "business": weights.business,
            "place_use": weights.place,
            SYMPTOM: weights.symptom,
        }
        self._disciplines = {
            concept.id: [
                kinship.number[discipline] for discipline in concept.disciplines if discipline in kinship.number
            ]
            for concept in reader.vocabulary
        }

    def profile(self, title: str, body: str, industry: str = "") -> Profile:
        """The profile of a text; words of the title weigh more, concepts of another industry than named
        less.
        """
        reading = self.reader.read([(title, self.weights.title), (body, 1.0)])
        place = industry_of(industry)
        if place:
            for concept_id, weight in reading.concepts.items():
                other = self.reader.vocabulary.concepts[concept_id].industry
                if other and other != place:
                    reading.concepts[concept_id] = weight * self.weights.other_industry
        return self._profile(reading)

    def _profile(self, reading: Reading) -> Profile:
        number = self.kinship.number
        profile = Profile(length=reading.length)
        profile.labels = {number[concept]: label for concept, label in reading.labels.items()}
        profile.words = dict(reading.words)
        for pair, weight in reading.pairs.items():
            if pair not in profile.words:
                profile.words[pair] = self.weights.pair * weight
        context = self._context(reading)
        for concept_id, weight in reading.concepts.items():
            self._take(self.reader.vocabulary.concepts[concept_id], weight, context, profile)
        return profile

    def _context(self, reading: Reading) -> list[int]:
        """The disciplines of plain subjects and those named: what the text is placed in."""
        context: dict[int, None] = {}
        for concept_id in reading.concepts:
            concept = self.reader.vocabulary.concepts[concept_id]
            if concept.facet == DISCIPLINE:
                context[self.kinship.number[concept_id]] = None
            elif concept.facet != SYMPTOM:
                context.update(dict.fromkeys(self._disciplines[concept_id]))
        return list(context)

    def _take(self, concept: Concept, weight: float, context: list[int], profile: Profile) -> None:
        number = self.kinship.number[concept.id]
        strength = min(1.0, weight / self.weights.title)
        if concept.facet == DISCIPLINE:
            _raise(profile.disciplines, number, strength)
            return
        about = strength * self._facets.get(concept.facet, self.weights.product)
        disciplines = self._disciplines[concept.id]
        if concept.facet == ORGANISM:
            for host in self._hosts(number):
                _raise(profile.things, host, strength * self.weights.host * self.kinship.says(host))
        if concept.facet == SYMPTOM:
            fitting = self._fitting(disciplines, context)
            about *= max(fitting, default=1.0)
            shares = [strength * fit for fit in fitting]
        else:
            first = strength * self.weights.subject_discipline
            shares = [first * self.weights.next_discipline**place for place in range(len(disciplines))]
        doing = self.kinship.sorts[number] == Sort.DOING
        _raise(profile.doings if doing else profile.things, number, about)
        for discipline, share in zip(disciplines, shares, strict=True):
            _raise(profile.disciplines, discipline, share)

    def _hosts(self, organism: int) -> list[int]:
        """The crops and animals related to a pest or disease."""
        return [other for other in self.kinship.related(organism) if self.kinship.sorts[other] == Sort.THING]

    def _fitting(self, disciplines: list[int], context: list[int]) -> list[float]:
        """How far the context supports each discipline, from 0 to 1; without a context all count fully."""
        if not context or not disciplines:
            return [1.0] * len(disciplines)
        support = [float(np.max(self.kinship.row(discipline)[np.array(context)])) for discipline in disciplines]
        best = max(support)
        if best < SUPPORT:
            return [self.weights.unsupported] * len(disciplines)
        return [value * value / best for value in support]


def _raise(bag: dict[int, float], key: int, value: float) -> None:
    """Keeps the greater of two weights of one concept."""
    if value > 0.0:
        bag[key] = max(bag.get(key, 0.0), min(1.0, value))
