"""From one demand to ranked proposals: read, find candidates, compare, refuse by hard rules, order, explain.

The engine is made once for a vocabulary and a set of weights; a collection holds the offers, in memory here
or on disk in `app/storage/matching_index.py`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.collection import CANDIDATES, CANDIDATES_EACH, DECIMALS, Batch, Collection, Live
from app.domain.matching.entries import Query, entry_of, query_of
from app.domain.matching.facts import (
    WHAT_NEXT,
    DemandFacts,
    OfferFacts,
    Part,
    Proposal,
    Refusal,
    Suggestions,
    Tier,
)
from app.domain.matching.kinship import Kinship, Sort
from app.domain.matching.postings import Entry, build, keys_of
from app.domain.matching.practical import practical_parts, refusals
from app.domain.matching.profiles import Profile, Profiler
from app.domain.matching.reasons import (
    FAMILY_WORTH,
    RELATED_WORTH,
    WORTH_TELLING,
    discipline_reason,
    doing_reason,
    faint_reason,
    leaning_reason,
    subject_reason,
    word_reason,
)
from app.domain.matching.scoring import Fits, Ties, fits_of, leanings_in_common, words_in_common
from app.domain.matching.vocabulary import Vocabulary
from app.domain.matching.weights import CONTENT, Weights
from app.domain.matching.words import Reader

# How much further down to look when hard rules keep the best out.
MORE_CANDIDATES = 8
# Demands whose reading a process keeps; each takes a few kilobytes.
TEXTS_REMEMBERED = 512


class Engine:
    """Everything that does not depend on the demand: vocabulary, cutter, kinship, weights. 0.8 s to make; the
    first one of a vocabulary in a process learns its leanings too: another two seconds.
    """

    def __init__(self, vocabulary: Vocabulary, weights: Weights | None = None, place_names: Iterable[str] = ()) -> None:
        self.vocabulary = vocabulary
        self.weights = weights or Weights()
        self.reader = Reader(vocabulary, self.weights, place_names)
        self.kinship = Kinship(vocabulary, self.weights)
        self.profiler = Profiler(self.reader, self.kinship, self.weights)
        # What a text means does not change while this vocabulary holds: open demands are read once, not once a visitor.
        self.wanted = lru_cache(TEXTS_REMEMBERED)(self.profiler.profile)

    @property
    def fingerprint(self) -> str:
        """What an index of offers depends on; it is made anew when this changes."""
        return f"{self.vocabulary.fingerprint}-{self.weights.reading_fingerprint}"

    def entry(self, offer: OfferFacts) -> Entry:
        """One offer made ready for a collection or an index."""
        profile = self.profiler.profile(offer.title, offer.description)
        return entry_of(offer, profile, self.profiler.commonness(profile), self.kinship, self.weights)

    def collect(self, offers: Iterable[OfferFacts]) -> Collection:
        """Offers in memory, ready for ranking; of two with the same id the later one counts."""
        distinct = {offer.id: offer for offer in offers}
        return Collection([Live(build([self.entry(offer) for offer in distinct.values()]))])

    def rank(self, demand: DemandFacts, collection: Collection, top: int = 20) -> Suggestions:
        """At most `top` proposals, best first, ties by offer id; and the offers that a hard rule keeps out.

        Where no offer is likely to suit, the answer says so and what to do instead; what is listed all the same only
        touches the matter, and noise never is listed. Each proposal says its tier.
        """
        wanted = self.wanted(demand.title, demand.description, demand.industry, demand.field)
        query = self._query(wanted, collection)
        most = max(CANDIDATES, CANDIDATES_EACH * top)
        while True:
            found = collection.candidates(query.keys, query.factors, most)
            batch = collection.gather(found, query.compared_keys)
            fits = fits_of(wanted, query, batch, self.kinship, self.weights)
            answer = _Answer(self, demand, wanted, query, batch, fits).suggestions(top)
            if len(answer.proposals) >= top or not answer.refusals or batch.size < most:
                return answer
            most *= MORE_CANDIDATES  # hard rules keep many of the best out: look further down

    def nearest(self, text: DemandFacts, collection: Collection, most: int) -> list[str]:
        """Ids of the `most` that share most with a text by the first pass alone, by id: a shortlist, not a ranking.

        For looking the other way (demands for an offer): whoever asks ranks the few properly, each for itself.
        """
        query = self._query(self.wanted(text.title, text.description, text.industry, text.field), collection)
        found = collection.candidates(query.keys, query.factors, most)
        return sorted(collection.gather(found, query.compared_keys).ids)

    def _query(self, wanted: Profile, collection: Collection) -> Query:
        having = collection.frequencies(keys_of(f"w:{word}" for word in wanted.words))
        weights = np.array(list(wanted.words.values()), dtype=np.float64)
        values = weights * self._rarity(list(wanted.words), having, collection.size)
        return query_of(wanted, values, self.kinship, self.weights)

    def _rarity(self, words: list[str], having: NDArray[np.int64], offers: int) -> NDArray[np.float64]:
        """Rarity of words from 0 to 1: in general Chinese and, the more offers there are, among them."""
        trust = offers / (offers + self.weights.prior_offers)
        here = np.log1p((offers - having + 0.5) / (having + 0.5)) / math.log1p((offers + 0.5) / 0.5)
        general = np.array([self.reader.rarity(word) for word in words], dtype=np.float64)
        return trust * here + (1 - trust) * general


@dataclass(frozen=True)
class _Answer:
    """Everything known once the candidates are compared."""

    engine: Engine
    demand: DemandFacts
    wanted: Profile
    query: Query
    batch: Batch
    fits: Fits

    def suggestions(self, top: int) -> Suggestions:
        weights, batch, total = self.engine.weights, self.batch, self.fits.total
        enough = total >= self._floor()
        broken = {row: rule for row, rule in refusals(self.demand, batch).items() if enough[row]}
        practical = practical_parts(self.demand, batch, weights)
        reached = total / weights.highest + sum(part.shares * part.weight for part in practical)
        scores = np.round(reached, DECIMALS).tolist()
        rows = sorted(
            (row for row in np.flatnonzero(enough).tolist() if row not in broken),
            key=lambda row: (-scores[row], batch.ids[row]),
        )
        shown = rows[:top]
        columns = [*self._content_parts(shown), *(part.parts(shown) for part in practical)]
        suitable = self._suitable()
        proposals = tuple(
            Proposal(
                self.demand.id,
                batch.ids[row],
                place,
                scores[row],
                tuple(parts),
                Tier.SUITABLE if suitable[row] else Tier.MARGINAL,
            )
            for place, (row, *parts) in enumerate(zip(shown, *columns, strict=True), start=1)
        )
        refused = sorted(((batch.ids[row], rule) for row, rule in broken.items()), key=lambda pair: pair[0])
        return Suggestions(
            self.demand.id,
            proposals,
            tuple(Refusal(offer_id, rule) for offer_id, rule in refused),
            () if proposals and self._somebody() else WHAT_NEXT,
        )

    def _floor(self) -> float:
        """The fit below which an offer is noise; nobody reaches it when all are."""
        weights, fits = self.engine.weights, self.fits
        if not self.batch.size or float(fits.sure.max()) < weights.nobody:
            return math.inf
        return max(weights.least, weights.share_of_best * float(fits.total.max()))

    def _somebody(self) -> bool:
        """Whether any offer is likely to suit."""
        return float(self.fits.sure.max()) >= self.engine.weights.doubt

    def _suitable(self) -> list[bool]:
        """For each candidate whether it is 合适: it probably suits and is not far behind the best; else 沾边."""
        weights, fits = self.engine.weights, self.fits
        near_best = fits.total >= weights.beside_best * fits.total.max(initial=0.0)
        suitable: list[bool] = (near_best & (fits.sure >= weights.suits)).tolist()
        return suitable

    def _content_parts(self, rows: Sequence[int]) -> list[list[Part]]:
        """Each content part of some candidates, with its reasons."""
        weight, told = self.engine.weights.scored, self._content_reasons(rows)
        shares = {name: getattr(self.fits, name)[list(rows)].tolist() for name in CONTENT}
        return [
            [
                Part(name, share, weight[name], reason)
                for share, reason in zip(shares[name], told.get(name) or [""] * len(rows), strict=True)
            ]
            for name in CONTENT
        ]

    def _content_reasons(self, rows: Sequence[int]) -> dict[str, list[str]]:
        """What is told of some candidates by content part; of words and leanings only where nothing surer is told."""
        vocabulary = self.engine.vocabulary
        labels = {self.engine.kinship.ids[number]: label for number, label in self.wanted.labels.items()}
        ties = Ties(self.batch, rows, self.engine.kinship)
        things = ties.of(self.wanted.things, Sort.THING, FAMILY_WORTH)
        doings = ties.of(self.wanted.doings, Sort.DOING, RELATED_WORTH)
        heaviest = max(self.wanted.disciplines.values(), default=0.0)
        asked = {n: w for n, w in self.wanted.disciplines.items() if w >= WORTH_TELLING * heaviest}
        disciplines = ties.of(asked, Sort.DISCIPLINE, RELATED_WORTH)
        words_met = words_in_common(self.query, self.batch, rows)
        leanings_met = leanings_in_common(self.wanted, self.query, self.batch, rows)
        told: dict[str, list[str]] = {name: [] for name in ("subject", "doing", "discipline", "text", "leaning")}
        for place, row in enumerate(rows):
            subject = subject_reason(things[row], vocabulary)
            doing = doing_reason(doings[row], vocabulary)
            discipline = discipline_reason(disciplines[row], labels, vocabulary)
            words = "" if subject or doing else word_reason(words_met[place])
            leaning = "" if subject or doing or discipline or words else self._leaning_reason(leanings_met[place])
            if not (subject or doing or discipline or words or leaning):
                discipline = self._faint_reason(row)
            for name, reason in zip(told, (subject, doing, discipline, words, leaning), strict=True):
                told[name].append(reason)
        return told

    def _faint_reason(self, row: int) -> str:
        """For a candidate to which nothing near can be told: whatever is nearest."""
        ties = Ties(self.batch, [row], self.engine.kinship)
        kin = [
            *ties.of(self.wanted.disciplines, Sort.DISCIPLINE)[row],
            *ties.of(self.wanted.things, Sort.THING)[row],
            *ties.of(self.wanted.doings, Sort.DOING)[row],
        ]
        return faint_reason(kin, self.engine.vocabulary)

    def _leaning_reason(self, numbers: Sequence[int]) -> str:
        return leaning_reason([self.engine.kinship.ids[number] for number in numbers], self.engine.vocabulary)


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
