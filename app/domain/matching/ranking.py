"""From one demand to ranked proposals: read, compare, refuse by hard rules, order, explain.

The engine is made once for a vocabulary and a set of weights; a collection holds the offers, in memory here
or on disk in `app/storage/matching_index.py`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.matching.facts import (
    WHAT_NEXT,
    DemandFacts,
    OfferFacts,
    Part,
    Proposal,
    Refusal,
    Suggestions,
)
from app.domain.matching.fit import Fit, fit_of
from app.domain.matching.kinship import Kinship
from app.domain.matching.practical import practical_parts, refused_by
from app.domain.matching.profiles import Profile, Profiler
from app.domain.matching.reasons import discipline_reason, subject_reason, word_reason
from app.domain.matching.vocabulary import Vocabulary
from app.domain.matching.weights import Weights
from app.domain.matching.words import Reader


@dataclass
class Collection:
    """Offers in memory with their profiles and the number of offers that have each word."""

    offers: list[OfferFacts]
    profiles: list[Profile]
    frequencies: dict[str, int] = field(default_factory=dict)


class Engine:
    """Everything that does not depend on the demand: vocabulary, cutter, kinship, weights."""

    def __init__(
        self, vocabulary: Vocabulary, weights: Weights | None = None, place_names: Iterable[str] = ()
    ) -> None:
        self.vocabulary = vocabulary
        self.weights = weights or Weights()
        self.reader = Reader(vocabulary, place_names)
        self.kinship = Kinship(vocabulary, self.weights)
        self.profiler = Profiler(self.reader, self.kinship, self.weights)

    def collect(self, offers: Iterable[OfferFacts]) -> Collection:
        """Offers made ready for ranking; of two with the same id the later one counts."""
        distinct = list({offer.id: offer for offer in offers}.values())
        collection = Collection(distinct, [self.profiler.of_offer(offer) for offer in distinct])
        for profile in collection.profiles:
            for word in profile.words:
                collection.frequencies[word] = collection.frequencies.get(word, 0) + 1
        return collection

    def rank(self, demand: DemandFacts, collection: Collection, top: int = 20) -> Suggestions:
        """At most `top` proposals, best first, ties by offer id; and the offers that a hard rule keeps out.

        An offer below `Weights.enough`, or far below the best, is not proposed: better nobody than noise.
        """
        wanted = self.profiler.of_demand(demand)
        rarity = self._rarity(wanted, collection)
        fits = [
            fit_of(wanted, profile, rarity, self.kinship, self.weights) for profile in collection.profiles
        ]
        best = max((fit.total for fit in fits), default=0.0)
        floor = max(self.weights.enough, self.weights.share_of_best * best)
        scored, refusals = [], []
        for offer, profile, fit in zip(collection.offers, collection.profiles, fits, strict=True):
            if fit.total < floor:
                continue
            rule = refused_by(demand, offer)
            if rule is not None:
                refusals.append(Refusal(offer.id, rule))
                continue
            parts = self._parts(demand, offer, profile, fit)
            scored.append((sum(part.points for part in parts), offer.id, parts))
        scored.sort(key=lambda entry: (-entry[0], entry[1]))
        proposals = tuple(
            Proposal(demand.id, offer_id, place, score, parts)
            for place, (score, offer_id, parts) in enumerate(scored[:top], start=1)
        )
        return Suggestions(demand.id, proposals, tuple(refusals), () if proposals else WHAT_NEXT)

    def _rarity(self, wanted: Profile, collection: Collection) -> dict[str, float]:
        """Rarity of each word of the demand: in general Chinese and, the more offers there are, among them."""
        offers = len(collection.offers)
        trust = offers / (offers + self.weights.prior_offers)
        highest = math.log(1 + (offers + 0.5) / 0.5)
        values = {}
        for word in wanted.words:
            having = collection.frequencies.get(word, 0)
            here = math.log(1 + (offers - having + 0.5) / (having + 0.5)) / highest
            values[word] = trust * here + (1 - trust) * self.reader.rarity(word)
        return values

    def _parts(self, demand: DemandFacts, offer: OfferFacts, profile: Profile, fit: Fit) -> tuple[Part, ...]:
        weights, vocabulary = self.weights, self.vocabulary
        subject = subject_reason(list(fit.subject_ties), vocabulary)
        discipline = discipline_reason(list(fit.discipline_ties), profile.labels, vocabulary)
        words = "" if subject else word_reason(fit.words)
        return (
            Part("subject", fit.subject, weights.subject, subject),
            Part("discipline", fit.discipline, weights.discipline, discipline),
            Part("both", fit.both, weights.both),
            Part("text", fit.text, weights.text, words),
            *practical_parts(demand, offer, weights),
        )


def rank(
    demand: DemandFacts,
    offers: Iterable[OfferFacts],
    vocabulary: Vocabulary,
    weights: Weights | None = None,
    top: int = 20,
) -> list[Proposal]:
    """Ranks some offers for one demand once; keep an `Engine` and its collection where it is asked often."""
    engine = Engine(vocabulary, weights)
    return list(engine.rank(demand, engine.collect(offers), top).proposals)
