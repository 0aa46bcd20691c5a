"""From texts to what is compared: subjects, disciplines and words, each with a weight.

A *subject* is what the help is about (a crop, an animal, a material, a process); a *symptom* is not
compared by itself but tells which disciplines are asked for (落花 asks for 栽培 and 植物保护). Where a
symptom or a word may mean several things, the disciplines of the subjects beside it decide (气泡 beside
压铸 is a matter of casting).
"""

from dataclasses import dataclass, field

from app.domain.matching.facts import DemandFacts, OfferFacts
from app.domain.matching.kinship import Kinship
from app.domain.matching.vocabulary import DISCIPLINE, Vocabulary
from app.domain.matching.weights import Weights
from app.domain.matching.words import Reader, Reading

SYMPTOM = "symptom"
PROCESS = "process"
# How much a facet weighs as a subject: what a text is about against what it happens beside.
SUBJECT_FACETS = {"process": 0.8, "equipment": 0.8, "place_use": 0.5, SYMPTOM: 0.35}


@dataclass
class Profile:
    """What one text is about. Weights are between 0 and 1; ids are the vocabulary's; `words` holds pairs
    too.
    """

    subjects: dict[str, float] = field(default_factory=dict)
    disciplines: dict[str, float] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    industries: set[str] = field(default_factory=set)
    length: float = 0.0


class Profiler:
    """Makes profiles of demands and offers with one vocabulary and one set of weights."""

    def __init__(self, reader: Reader, kinship: Kinship, weights: Weights) -> None:
        self.reader = reader
        self.kinship = kinship
        self.vocabulary: Vocabulary = reader.vocabulary
        self.weights = weights

    def of_demand(self, demand: DemandFacts) -> Profile:
        """Profile of a demand: title above description."""
        weights = self.weights
        reading = self.reader.read([(demand.title, weights.title), (demand.description, 1.0)])
        return self._profile(reading)

    def of_offer(self, offer: OfferFacts) -> Profile:
        """Profile of an offer: title above description."""
        weights = self.weights
        reading = self.reader.read([(offer.title, weights.title), (offer.description, 1.0)])
        return self._profile(reading)

    def _profile(self, reading: Reading) -> Profile:
        profile = Profile(labels=reading.labels, length=reading.length)
        profile.words = dict(reading.words)
        for pair, weight in reading.pairs.items():
            if pair not in profile.words:
                profile.words[pair] = self.weights.pair * weight
        context = self._context(reading)
        for concept_id, weight in reading.concepts.items():
            self._take(concept_id, weight, context, profile)
        return profile

    def _context(self, reading: Reading) -> dict[str, float]:
        """The disciplines of the plain subjects and of named disciplines: what the text is placed in."""
        context: dict[str, float] = {}
        for concept_id, weight in reading.concepts.items():
            concept = self.vocabulary.concepts[concept_id]
            if concept.facet == DISCIPLINE:
                context[concept_id] = context.get(concept_id, 0.0) + weight
            elif concept.facet != SYMPTOM:
                for discipline in concept.disciplines:
                    context[discipline] = context.get(discipline, 0.0) + weight
        return context

    def _take(self, concept_id: str, weight: float, context: dict[str, float], profile: Profile) -> None:
        concept = self.vocabulary.concepts[concept_id]
        strength = min(1.0, weight / self.weights.title)
        if concept.industry:
            profile.industries.add(concept.industry)
        if concept.facet == DISCIPLINE:
            self._add(profile.disciplines, concept_id, strength)
            return
        about = strength * SUBJECT_FACETS.get(concept.facet, 1.0) * self.kinship.says(concept_id)
        fitting = self._fitting(concept.disciplines, context)
        if concept.facet == SYMPTOM:
            share = strength
            about *= max(fitting.values(), default=0.0)
        else:
            share = strength * self.weights.subject_discipline
        self._add(profile.subjects, concept_id, about)
        for discipline, fit in fitting.items():
            self._add(profile.disciplines, discipline, share * fit)

    def _fitting(self, disciplines: tuple[str, ...], context: dict[str, float]) -> dict[str, float]:
        """Which of a concept's disciplines the context supports, from 0 to 1; all of them without a
        context.
        """
        known = [name for name in disciplines if name in self.vocabulary]
        if not known:
            return {}
        support = {
            name: max((self.kinship.between(name, other).nearness for other in context), default=1.0)
            for name in known
        }
        best = max(support.values())
        return {name: value if best < 0.5 else value / best * value for name, value in support.items()}

    @staticmethod
    def _add(bag: dict[str, float], key: str, value: float) -> None:
        if value > 0.0:
            bag[key] = max(bag.get(key, 0.0), min(1.0, value))
