"""Ranked proposals for a demand: the matching index finds and explains, the database says who may serve today.

What an offer says (words, industry, place, mode) is in the index; what changes by the day (appointments, promised
time, work done) is read for the few that were found. A worker loads the engine at its first suggestion.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.domain.demands import DemandState, Outcome
from app.domain.matches import MatchState
from app.domain.matching.facts import DemandFacts, OfferFacts, Place, Suggestions
from app.domain.menus import OfferState
from app.features.commissioners.models import Appointment, AppointmentState, Commissioner
from app.features.demands.models import Demand
from app.features.matches import queries
from app.features.matches.models import Match
from app.features.menus import queries as menus
from app.features.menus.models import Offer
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary

if TYPE_CHECKING:
    from app.domain.matching.ranking import Engine
    from app.storage.matching_index import MatchingIndex

CANDIDATES = 40
MODES = ("on_site", "online")


@dataclass(frozen=True)
class Proposed:
    """One offer for one demand as an officer reads it: place in the order, score in thousandths, reasons in words."""

    place: int
    offer: Offer
    score: int
    reasons: tuple[str, ...]
    refusal: str | None = None


@dataclass(frozen=True)
class Answer:
    """What the platform proposes; when nobody suits, `advice` says what to do instead."""

    proposed: tuple[Proposed, ...]
    refused: tuple[Proposed, ...]
    advice: tuple[str, ...]


class Matchmaker:
    """The engine with its index, one of each in a process."""

    def __init__(self, engine: "Engine", index: "MatchingIndex", seats: dict[str, tuple[float, float]]) -> None:
        self.engine, self.index, self.seats = engine, index, _with_counties(seats)

    def rank(self, session: Session, demand: DemandFacts, top: int) -> Suggestions:
        """Rank after taking in every change committed so far."""
        from app.storage.matching_log import LogPruned

        gather = _Gatherer(self.seats)
        try:
            self.index.refresh(session, gather.some)
        except LogPruned:
            self.index.rebuild(session, gather.all)
        if self.index.fold_is_due:
            self.index.fold()
        return self.engine.rank(demand, self.index.collection, top)


def _with_counties(seats: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Townships' seats, and for each county the middle of its townships': where somebody known only by county is."""
    by_county: dict[str, list[tuple[float, float]]] = {}
    for code, seat in seats.items():
        by_county.setdefault(code[:6], []).append(seat)
    middles = {
        county: (sum(lon for lon, _ in inside) / len(inside), sum(lat for _, lat in inside) / len(inside))
        for county, inside in by_county.items()
    }
    return {**seats, **middles}


_made: dict[Path, Matchmaker] = {}


def matchmaker(session: Session, directory: Path) -> Matchmaker:
    """The process's matchmaker for an index directory; the first call loads the engine and, if need be, the index."""
    if directory not in _made:
        from app.domain.matching.ranking import Engine  # numpy and the word cutter: only for suggestions
        from app.domain.matching.vocabulary import Vocabulary
        from app.features.vocabulary.data import shipped_rows
        from app.storage.matching_index import MatchingIndex

        city = regions.city(session)
        names = [r.name for r in regions.counties(session)]
        names += [r.name for r in regions.townships(session, city.code)] if city else []
        engine = Engine(Vocabulary.from_rows(shipped_rows()), place_names=names)
        index = MatchingIndex.open(directory, engine.fingerprint, engine.entry)
        made = Matchmaker(engine, index, regions.seats(session))
        if not index.is_built:
            index.rebuild(session, _Gatherer(made.seats).all)
        _made[directory] = made
    return _made[directory]


class _Gatherer:
    """Published offers as the engine knows them."""

    def __init__(self, seats: dict[str, tuple[float, float]]) -> None:
        self.seats = seats

    def all(self, session: Session) -> Iterable[OfferFacts]:
        return self._facts(session, sa.true())

    def some(self, session: Session, offer_ids: Sequence[int]) -> Iterable[OfferFacts]:
        return self._facts(session, Offer.id.in_(offer_ids))

    def _facts(self, session: Session, which: sa.ColumnElement[bool]) -> Iterable[OfferFacts]:
        industries = {i: row.title for i, row in vocabulary.industries_by_id(session).items()}
        rows = session.execute(
            sa.select(
                Offer.id, Commissioner.kind, Offer.title, Offer.description, Offer.industry_id, Offer.mode,
                Commissioner.county_code,
            )
            .join(Commissioner, Commissioner.id == Offer.commissioner_id)
            .where(Offer.state == OfferState.PUBLISHED, which)
            .order_by(Offer.id)
        )  # fmt: skip
        for id_, kind, title, description, industry_id, mode, county in rows:
            yield OfferFacts(
                id=str(id_), kind=kind.label, title=title, description=description,
                industry=industries.get(industry_id or 0, ""), place=_place(self.seats.get(county)),
                modes=frozenset([mode.value] if mode else MODES),
            )  # fmt: skip


def _place(seat: tuple[float, float] | None) -> Place | None:
    return Place(*seat) if seat else None


def proposals(session: Session, demand: Demand, today: date, directory: Path, top: int = 6) -> Answer:
    """The best offers for a demand with their reasons, hard refusals apart, set-aside ones left out."""
    maker = matchmaker(session, directory)
    industry = vocabulary.industries_by_id(session).get(demand.industry_id or 0)
    facts = DemandFacts(
        id=str(demand.id), title=demand.title, description=demand.description,
        industry=industry.title if industry else "", field=demand.need_type.label if demand.need_type else "",
        place=_place(maker.seats.get(demand.region_code)), modes=frozenset([demand.mode.value] if demand.mode else []),
        excluded_offers=frozenset(str(i) for i in queries.set_aside(session, demand.id)),
    )  # fmt: skip
    found = maker.rank(session, facts, CANDIDATES)
    offers = _offers(session, [int(p.offer_id) for p in found.proposals])
    standing = _standing(session, [o.commissioner_id for o in offers.values()], today)
    proposed: list[Proposed] = []
    refused: list[Proposed] = []
    for proposal in found.proposals:
        offer = offers.get(int(proposal.offer_id))
        if offer is None:
            continue
        words = [part.reason for part in proposal.parts if part.reason]
        now = standing[offer.commissioner_id]
        into = refused if now.refusal else proposed
        into.append(Proposed(len(into) + 1, offer, round(proposal.score * 1000), (*words, *now.reasons), now.refusal))
    return Answer(tuple(proposed[:top]), tuple(refused[:5]), tuple(found.advice))


def _offers(session: Session, ids: Sequence[int]) -> dict[int, Offer]:
    rows = session.scalars(
        sa.select(Offer)
        .where(Offer.id.in_(ids), Offer.state == OfferState.PUBLISHED)
        .options(joinedload(Offer.commissioner).joinedload(Commissioner.sending_unit))
    )
    return {row.id: row for row in rows}


@dataclass(frozen=True)
class _Standing:
    reasons: tuple[str, ...]
    refusal: str | None


def _standing(session: Session, commissioner_ids: Sequence[int], today: date) -> dict[int, _Standing]:
    """Whether each may serve today, and what he, she or it has done and promised, in words."""
    ids = sorted(set(commissioner_ids))
    serving = set(
        session.scalars(
            sa.select(Appointment.commissioner_id).where(
                Appointment.commissioner_id.in_(ids), Appointment.state == AppointmentState.IN_FORCE,
                Appointment.begins <= today, Appointment.ends >= today,
            )
        )
    )  # fmt: skip
    live = Demand.state.in_(queries.UNDER_WAY)
    met = sa.and_(Demand.state == DemandState.CLOSED, Demand.outcome == Outcome.MET)
    work = {
        id_: (promised, done)
        for id_, promised, done in session.execute(
            sa.select(Match.commissioner_id, sa.func.count().filter(live), sa.func.count().filter(met))
            .join(Demand, Demand.id == Match.demand_id)
            .where(Match.commissioner_id.in_(ids), Match.state == MatchState.ACCEPTED)
            .group_by(Match.commissioner_id)
        )
    }
    levels = menus.levels_on(session, ids, today)
    found: dict[int, _Standing] = {}
    for id_ in ids:
        promised, done = work.get(id_, (0, 0))
        reasons = ["、".join(level.label for level in levels.get(id_, ()))] if levels.get(id_) else []
        if done:
            reasons.append(f"已办结并解决需求 {done} 件")
        reasons.append(f"手上有 {promised} 件在办" if promised else "手上没有在办的需求")
        refusal = None if id_ in serving else "今天没有在有效期内的选认"
        found[id_] = _Standing(tuple(reasons), refusal)
    return found
