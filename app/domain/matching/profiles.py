"""From texts to what is compared: things, doings, disciplines and words, each with a weight.

A *thing* is what the help is about (a crop, an animal, a material, a product), a *doing* what is done or
happens (a process, a pest, a business); a *symptom* hardly counts itself but tells which disciplines are
asked for (落花 asks for 栽培 and 植物保护). Where a symptom or a word may mean several things, the
disciplines of the subjects beside it decide (气泡 beside 压铸 is a matter of casting).
"""

from dataclasses import dataclass, field

import numpy as np

from app.domain.matching.kinship import Kinship, Sort
from app.domain.matching.leanings import Leanings
from app.domain.matching.senses import Senses, industry_of
from app.domain.matching.spelling import plain
from app.domain.matching.vocabulary import DISCIPLINE, ORGANISM, SYMPTOM, Concept
from app.domain.matching.weights import Weights
from app.domain.matching.words import Reader, Reading

# A context that comes no nearer than this to any discipline of a concept does not speak about it.
SUPPORT = 0.5
# Support below this is that of another world altogether.
SAME_WORLD = 0.02
# Doings that imply the thing they belong to; a symptom is related to too many to imply one.
HOSTED = frozenset([ORGANISM, "process"])

# What was learnt from vocabularies lately, by their fingerprints: some 30 MB each.
MOST_LEARNT = 2
_learnt: dict[str, Leanings] = {}


@dataclass
class Profile:
    """What one text is about. Concepts by number, weights from 0 to 1; `words` holds character pairs too."""

    things: dict[int, float] = field(default_factory=dict)
    doings: dict[int, float] = field(default_factory=dict)
    disciplines: dict[int, float] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    leanings: dict[int, float] = field(default_factory=dict)
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
        self._senses = Senses(reader.vocabulary, kinship, weights)
        # Every engine of one vocabulary learns the same: only the first one of a process pays for it.
        lessons = f"{reader.vocabulary.fingerprint}-{weights.telling}"
        self._leanings = _learnt.get(lessons) or _learnt.setdefault(lessons, self._learn())
        while len(_learnt) > MOST_LEARNT:
            del _learnt[next(iter(_learnt))]

    def profile(self, title: str, body: str, industry: str = "", field: str = "") -> Profile:
        """The profile of a text; title words weigh more, concepts of another industry than named less.

        `field` is the sort of help that was chosen (病虫害防治): its disciplines are asked for too.
        """
        reading = self.reader.read([(title, self.weights.title), (body, 1.0)])
        number = self.kinship.number
        profile = Profile(length=reading.length, words=self._words(reading), leanings=self._leaning(reading))
        for found in reading.found:
            for concept_id in found.meanings:
                profile.labels.setdefault(number[concept_id], found.label)
        concepts = self._senses.weigh(reading.found, industry_of(industry))
        context = self._context(concepts)
        for concept_id, weight in concepts.items():
            beside = context or self._symptoms_beside(concept_id, concepts)
            self._take(self.reader.vocabulary.concepts[concept_id], weight, beside, profile)
        for discipline in self._of_field(field):
            _raise(profile.disciplines, discipline, self.weights.field)
        return profile

    def _of_field(self, field: str) -> set[int]:
        """The disciplines that the words for a sort of help name, or else those of what they name (数字化)."""
        if not field:
            return set()
        meant = [name for label in self.reader.mentions(plain(field)) for name in self.reader.labels[label]]
        numbers = {self.kinship.number[name] for name in meant}
        named = {number for number in numbers if self.kinship.sort_of[number] is Sort.DISCIPLINE}
        return named or {discipline for name in meant for discipline in self._senses.disciplines[name]}

    def _words(self, reading: Reading) -> dict[str, float]:
        """Words and pairs of characters in one bag; a word of two characters counts as a word."""
        bag = {word: self.weights.word * weight for word, weight in reading.words.items()}
        for pair, weight in reading.pairs.items():
            bag.setdefault(pair, self.weights.pair * weight)
        if not self.weights.word:
            for word, weight in reading.words.items():
                bag.pop(word)
                for start in range(len(word) - 1):
                    bag[word[start : start + 2]] = self.weights.pair * weight
        return {word: weight for word, weight in bag.items() if weight > 0}

    def _learn(self) -> Leanings:
        """What the characters of labels and of the examples' words say of disciplines."""
        examples = self.reader.vocabulary.examples
        told = [(self._telling(self.reader.read([(one.text, 1.0)])), one.disciplines) for one in examples]
        return Leanings(self.reader.vocabulary, self.reader.labels, told)

    def _leaning(self, reading: Reading) -> dict[int, float]:
        """The disciplines that the words lean to by their characters."""
        return {self.kinship.number[name]: share for name, share in self._leanings.of(self._telling(reading)).items()}

    def commonness(self, profile: Profile) -> float:
        """How near a text comes to what people usually ask for, from 0 to 1 (see `Leanings.commonness`)."""
        leanings = {self.kinship.ids[number]: share for number, share in profile.leanings.items()}
        return self._leanings.commonness(leanings, self.weights.usual)

    def _telling(self, reading: Reading) -> list[tuple[str, float]]:
        """The words of a text with how much each tells of its disciplines: everyday words less."""
        power = self.weights.telling
        return [(word, weight * self.reader.rarity(word) ** power) for word, weight in reading.words.items()]

    def _context(self, concepts: dict[str, float]) -> dict[int, float]:
        """The disciplines of plain subjects and those named: what the text is placed in."""
        context: dict[int, float] = {}
        for concept_id, weight in concepts.items():
            concept = self.reader.vocabulary.concepts[concept_id]
            if concept.facet == DISCIPLINE:
                _raise(context, self.kinship.number[concept_id], weight / self.weights.title)
            elif concept.facet != SYMPTOM:
                for discipline in self._senses.disciplines[concept_id]:
                    _raise(context, discipline, weight / self.weights.title)
        return context

    def _symptoms_beside(self, concept_id: str, concepts: dict[str, float]) -> dict[int, float]:
        """Where a text names nothing but symptoms they place one another: 裂 beside 渗水 is a matter of buildings."""
        context: dict[int, float] = {}
        for other, weight in concepts.items():
            if other != concept_id:
                for discipline in self._senses.disciplines[other]:
                    _raise(context, discipline, weight / self.weights.title)
        return context

    def _take(self, concept: Concept, weight: float, context: dict[int, float], profile: Profile) -> None:
        number = self.kinship.number[concept.id]
        strength = min(1.0, weight / self.weights.title)
        if concept.facet == DISCIPLINE:
            _raise(profile.disciplines, number, strength)
            return
        about = strength * self._facets.get(concept.facet, self.weights.product)
        disciplines = self._senses.disciplines[concept.id]
        if concept.facet in HOSTED:
            for host in self._hosts(number):
                _raise(profile.things, host, strength * self.weights.host * self.kinship.says(host))
        if concept.facet == SYMPTOM:
            fitting = self._fitting(disciplines, context)
            about *= max(fitting, default=1.0)
            shares = [strength * fit for fit in fitting]
        else:
            first = strength * self.weights.subject_discipline
            shares = [first * self.weights.next_discipline**place for place in range(len(disciplines))]
        doing = self.kinship.sort_of[number] is Sort.DOING
        _raise(profile.doings if doing else profile.things, number, about)
        for discipline, share in zip(disciplines, shares, strict=True):
            _raise(profile.disciplines, discipline, share)

    def _hosts(self, doing: int) -> list[int]:
        """The things that a pest, a disease or a process is related to: 茶尺蠖 to tea, 消失模 to foam moulds."""
        return [other for other in self.kinship.related(doing) if self.kinship.sort_of[other] is Sort.THING]

    def _fitting(self, disciplines: list[int], context: dict[int, float]) -> list[float]:
        """How far the context supports each discipline, from 0 to 1; without a context all count fully.

        Where it speaks for none of them (开裂 of a mushroom, of glass), those of its own world come first and methods
        that serve anything stay; where all are of another world it cannot tell them apart, and all stay.
        """
        if not context or not disciplines:
            return [1.0] * len(disciplines)
        beside = np.array(list(context))
        told = np.sqrt(np.array(list(context.values())) / max(context.values()))
        support = [float(np.max(self.kinship.row(discipline)[beside] * told)) for discipline in disciplines]
        best = max(support)
        if best < SUPPORT:
            return [
                self.weights.unsupported * (1.0 if self.kinship.serves_all[number] else _fallen(value, best))
                for number, value in zip(disciplines, support, strict=True)
            ]
        return [value * value / best for value in support]


def _fallen(support: float, best: float) -> float:
    """How much a discipline still counts that the context hardly supports."""
    return (support / best) ** 2 if best >= SAME_WORLD else 1.0


def _raise(bag: dict[int, float], key: int, value: float) -> None:
    """Keeps the greater of two weights of one concept."""
    if value > 0.0:
        bag[key] = max(bag.get(key, 0.0), min(1.0, value))
