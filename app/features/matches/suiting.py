"""The other direction: the open demands of the city that suit a commissioner's own dishes, with the same reasons.

A shortlist comes from the demands' own collection, kept per process and checked against the database at each call
(keys and versions of what is open); each of the few is then ranked properly against the commissioner's dishes, so that
an officer and a commissioner read the same reasons.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.domain.demands import DemandState
from app.domain.matches import LIVE, MatchState
from app.domain.matching.facts import DemandFacts, OfferFacts, Proposal, Tier
from app.features.commissioners.models import Commissioner
from app.features.demands.models import Demand
from app.features.matches.matchmaker import Matchmaker, matchmaker
from app.features.matches.models import Match, ProposalRefusal
from app.features.matches.proposals import demand_facts
from app.features.matches.standing import standings
from app.features.menus.models import Offer
from app.features.vocabulary import queries as vocabulary

if TYPE_CHECKING:
    from app.domain.matching.collection import Collection
    from app.domain.matching.postings import Entry

# Demands looked at closely for all of one's dishes, and for each at least: ranking one costs over a millisecond.
SHORTLISTED, SHORTLISTED_EACH = 40, 10
# Answers that a process remembers, a kilobyte each: who looks again soon is not ranked again.
ANSWERS_KEPT = 2_000
MOST_OPEN = 5_000


@dataclass(frozen=True)
class Suiting:
    """One open demand that suits a dish of one's own; `reasons` as an officer would read them."""

    demand: Demand
    offer: Offer
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Suited:
    """What suits, best first; `kept_out` says which rule keeps which of one's commissioners out today."""

    found: tuple[Suiting, ...]
    kept_out: tuple[tuple[str, str], ...]
    has_menu: bool


def suiting(session: Session, mine: Sequence[Commissioner], today: date, directory: Path, top: int = 20) -> Suited:
    """Open demands that suit the published dishes of one's own commissioners.

    Left out: demands one is already invited to, has applied for or declined; dishes that an officer set aside for a
    demand; commissioners without an appointment or time left (they are named with the rule). Of a confidential demand
    only its industry and title are read.
    """
    standing = standings(session, mine, None, today)
    kept_out = tuple((row.name, words) for row in mine if (words := standing[row.id].refusal) is not None)
    able = [row.id for row in mine if standing[row.id].refusal is None]
    maker = matchmaker(session, directory, today)
    dishes = maker.offers_of(session, able)
    if not dishes:
        return Suited((), kept_out, has_menu=not able)
    shelf = _shelf(maker)
    wanted = shelf.shortlist(session, maker, dishes) - _busy(session, able)
    found = _ranked(session, maker, shelf, dishes, wanted)
    return Suited(tuple(found[:top]), kept_out, has_menu=True)


def _busy(session: Session, commissioner_ids: Sequence[int]) -> set[int]:
    """Demands that these commissioners are invited to, have applied for, or said no to."""
    states = (*LIVE, MatchState.DECLINED.value)
    rows = session.scalars(
        sa.select(Match.demand_id).where(Match.commissioner_id.in_(commissioner_ids), Match.state.in_(states))
    )
    return set(rows)


def _ranked(
    session: Session, maker: Matchmaker, shelf: "_Shelf", dishes: list[OfferFacts], wanted: set[int]
) -> list[Suiting]:
    """Each of the shortlisted demands ranked over one's dishes, those that suit at all, best first."""
    demands = session.scalars(
        sa.select(Demand)
        .where(Demand.id.in_(wanted), Demand.state == DemandState.OPEN)
        .options(joinedload(Demand.region), joinedload(Demand.organisation))
    ).all()
    offer_ids = [int(dish.id) for dish in dishes]
    offers = {
        row.id: row
        for row in session.scalars(
            sa.select(Offer).where(Offer.id.in_(offer_ids)).options(joinedload(Offer.commissioner))
        )
    }
    aside: dict[int, list[str]] = {}
    rows = session.execute(
        sa.select(ProposalRefusal.demand_id, ProposalRefusal.offer_id).where(ProposalRefusal.offer_id.in_(offer_ids))
    )
    for demand_id, offer_id in rows:
        aside.setdefault(demand_id, []).append(str(offer_id))
    titles = {id_: row.title for id_, row in vocabulary.industries_by_id(session).items()}
    facts = [
        demand_facts(
            demand,
            titles.get(demand.industry_id or 0, ""),
            maker.seats,
            aside.get(demand.id, ()),
            full=not demand.confidential,
        )
        for demand in demands
    ]
    found = []
    for demand, best in zip(demands, shelf.best_of(maker, facts, tuple(dishes)), strict=True):
        if best is None or best.tier is not Tier.SUITABLE:  # what only touches the matter is noise on one's own list
            continue
        words = tuple(part.reason for part in best.parts if part.reason)
        found.append(Suiting(demand, offers[int(best.offer_id)], round(best.score * 1000), words))
    return sorted(found, key=lambda one: (-one.score, one.demand.id))


class _Shelf:
    """Entries of the open demands of one database; one query at a time."""

    def __init__(self) -> None:
        self.engine: object = None
        self.entries: dict[int, tuple[int, Entry]] = {}
        self.collection: Collection | None = None
        self.answers: dict[tuple[DemandFacts, tuple[OfferFacts, ...]], Proposal | None] = {}
        self.turn = threading.Lock()

    def shortlist(self, session: Session, maker: Matchmaker, dishes: Sequence[OfferFacts]) -> set[int]:
        """Keys of the open demands that share most with any of the dishes."""
        with self.turn:
            collection = self._fresh(session, maker)
        texts = [DemandFacts(dish.id, dish.title, dish.description, dish.industry) for dish in dishes]
        each = max(SHORTLISTED_EACH, SHORTLISTED // len(texts))
        return {int(id_) for text in texts for id_ in maker.engine.nearest(text, collection, each)}

    def best_of(
        self, maker: Matchmaker, demands: Sequence[DemandFacts], dishes: tuple[OfferFacts, ...]
    ) -> list[Proposal | None]:
        """The dish that suits each demand best, if any; an answer depends on nothing but the facts and the engine."""
        with self.turn:
            unknown = [facts for facts in demands if (facts, dishes) not in self.answers]
            if len(self.answers) + len(unknown) > ANSWERS_KEPT:
                self.answers.clear()
                unknown = list(demands)
            own = maker.engine.collect(dishes) if unknown else None
            for facts in unknown:
                assert own is not None
                self.answers[facts, dishes] = next(iter(maker.engine.rank(facts, own, 1).proposals), None)
            return [self.answers[facts, dishes] for facts in demands]

    def _fresh(self, session: Session, maker: Matchmaker) -> "Collection":
        rows = session.execute(
            sa.select(Demand.id, Demand.version)
            .where(Demand.state == DemandState.OPEN)
            .order_by(Demand.id.desc())
            .limit(MOST_OPEN)
        )
        now = {row.id: row.version for row in rows}
        if self.engine is not maker.engine:  # other concepts or weights are in force: read every demand anew
            self.engine, self.entries, self.collection, self.answers = maker.engine, {}, None, {}
        changed = [id_ for id_, version in now.items() if self.entries.get(id_, (0, None))[0] != version]
        if self.collection is None or changed or now.keys() != self.entries.keys():
            self._take_in(session, maker, changed, now)
        assert self.collection is not None
        return self.collection

    def _take_in(self, session: Session, maker: Matchmaker, changed: list[int], now: dict[int, int]) -> None:
        from app.domain.matching.collection import Collection, Live  # numpy: only for suggestions
        from app.domain.matching.postings import build

        titles = {id_: row.title for id_, row in vocabulary.industries_by_id(session).items()}
        for row in session.scalars(sa.select(Demand).where(Demand.id.in_(changed))):
            words = "" if row.confidential else row.description
            text = OfferFacts(str(row.id), "", row.title, words, titles.get(row.industry_id or 0, ""))
            self.entries[row.id] = (now[row.id], maker.engine.entry(text))
        self.entries = {id_: entry for id_, entry in self.entries.items() if id_ in now}
        self.collection = Collection([Live(build([entry for _, entry in self.entries.values()]))])


_shelves: WeakKeyDictionary[Matchmaker, _Shelf] = WeakKeyDictionary()


def _shelf(maker: Matchmaker) -> _Shelf:
    return _shelves.setdefault(maker, _Shelf())
