"""Ranked proposals for a demand: the matching index finds and explains, the database says who may serve today.

What an offer says (words, industry, place, mode) is in the index; what changes by the day (appointments, promised
time, work done) is read for the few that were found, so that no announcement is needed when it changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.domain.matches import LIVE, MatchState
from app.domain.matching.facts import WHAT_NEXT, DemandFacts, Rule, Suggestions, Tier
from app.domain.menus import OfferState
from app.features.commissioners.models import Commissioner
from app.features.demands.models import Demand
from app.features.matches import queries
from app.features.matches.matchmaker import Matchmaker, Seats, matchmaker, place_of
from app.features.matches.models import Match
from app.features.matches.standing import standings
from app.features.menus import understanding
from app.features.menus.models import Offer
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary import weights as settings
from app.features.vocabulary.weights import InForce

# Found at first, and when hard rules leave too few of them: explaining one costs a millisecond.
FOUND, FOUND_AT_MOST = 16, 80
MOST_REFUSED = 5


@dataclass(frozen=True)
class Proposed:
    """One offer for one demand as an officer reads it: place in the order, score in thousandths, reasons in words.

    `refusal` says which rule keeps the offer out; then there is no place in the order. `parts`: share reached of each
    part of the score, in thousandths, today's time and past work included.
    """

    place: int
    offer: Offer
    score: int
    reasons: tuple[str, ...]
    refusal: str | None = None
    tier: Tier = Tier.SUITABLE
    parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the platform proposes; when nobody suits, `advice` says what to do instead. `weights`: ranked by which."""

    proposed: tuple[Proposed, ...]
    refused: tuple[Proposed, ...]
    advice: tuple[str, ...]
    weights: InForce

    @property
    def suitable(self) -> tuple[Proposed, ...]:
        """Those that probably suit: what an officer reads first."""
        return tuple(item for item in self.proposed if item.tier is Tier.SUITABLE)

    @property
    def marginal(self) -> tuple[Proposed, ...]:
        """Those that only touch the matter: apart, for who wants to look further."""
        return tuple(item for item in self.proposed if item.tier is Tier.MARGINAL)


def proposals(session: Session, demand: Demand, today: date, directory: Path, top: int = 10) -> Answer:
    """The best offers for a demand, one a commissioner, with their reasons; those a hard rule keeps out are apart.

    Commissioners already invited or applying are left out (the page lists them), and so is what an officer set aside.
    """
    maker = matchmaker(session, directory, today)
    facts = _facts_of(session, demand, maker.seats)
    busy = _answers(session, demand.id)
    for wanted in (FOUND, FOUND_AT_MOST):
        found = maker.rank(session, facts, wanted)
        answer = _judged(session, demand, today, found, busy, maker, top)
        if len(answer.proposed) >= top or len(found.proposals) < wanted:
            break
    return answer


def looks_like(session: Session, demand: Demand, today: date) -> str:
    """What the words of a demand suggest before triage says it: 茶叶 · 植保; empty when they say too little."""
    return understanding.read(session, demand.title, demand.description, today).words


def _facts_of(session: Session, demand: Demand, seats: Seats) -> DemandFacts:
    industry = vocabulary.industries_by_id(session).get(demand.industry_id or 0)
    aside = [str(id_) for id_ in queries.set_aside(session, demand.id)]
    return demand_facts(demand, industry.title if industry else "", seats, aside)


def demand_facts(
    demand: Demand, industry: str, seats: Seats, aside: Iterable[str] = (), full: bool = True
) -> DemandFacts:
    """A demand as the engine knows it; `aside`: ids of offers set aside; not `full`: only what outsiders may read."""
    return DemandFacts(
        id=str(demand.id),
        title=demand.title,
        description=demand.description if full else "",
        industry=industry,
        field=demand.need_type.label if demand.need_type and full else "",
        place=place_of(seats, demand.region_code) if full else None,
        modes=frozenset([demand.mode.value] if demand.mode and full else []),
        excluded_offers=frozenset(aside),
    )


def _answers(session: Session, demand_id: int) -> dict[int, MatchState]:
    """Commissioner → how the last match with this demand stands."""
    rows = session.execute(
        sa.select(Match.commissioner_id, Match.state).where(Match.demand_id == demand_id).order_by(Match.id)
    )
    return {id_: state for id_, state in rows}  # noqa: C416 (a Row is no pair to the type checker)


def _judged(
    session: Session,
    demand: Demand,
    today: date,
    found: Suggestions,
    busy: Mapping[int, MatchState],
    maker: Matchmaker,
    top: int,
) -> Answer:
    mode_refused = [int(r.offer_id) for r in found.refusals if r.rule == Rule.MODE_EXCLUDED][:MOST_REFUSED]
    offers = _offers(session, [*(int(p.offer_id) for p in found.proposals), *mode_refused])
    standing = standings(session, [offer.commissioner for offer in offers.values()], demand.industry_id, today)
    weight = maker.engine.weights.scored
    waiting = {id_ for id_, state in busy.items() if state.value in LIVE}
    scored: list[_Scored] = []
    for proposal in found.proposals:
        offer = offers.get(int(proposal.offer_id))
        if offer is None or offer.commissioner_id in waiting:
            continue
        now = standing[offer.commissioner_id]
        words = tuple(part.reason for part in proposal.parts if part.reason)
        declined = ("曾谢绝这条需求",) if busy.get(offer.commissioner_id) == MatchState.DECLINED else ()
        score = proposal.score + weight["capacity"] * now.capacity + weight["experience"] * now.experience
        shares = {part.name: part.share for part in proposal.parts}
        shares |= {"capacity": now.capacity, "experience": now.experience}
        parts = tuple((name, round(share * 1000)) for name, share in shares.items())
        reasons = (*words, *now.reasons, *declined)
        scored.append(_Scored(score, offer, reasons, now.refusal, proposal.tier, parts))
    scored.sort(key=_Scored.order)
    distinct = {item.offer.commissioner_id: item for item in reversed(scored)}
    ordered = sorted(distinct.values(), key=_Scored.order)
    proposed = [item for item in ordered if item.refusal is None][:top]
    refused = [item for item in ordered if item.refusal is not None]
    refused += [_Scored(0.0, offers[id_], (), Rule.MODE_EXCLUDED.value) for id_ in mode_refused if id_ in offers]
    return Answer(
        tuple(item.proposed(place) for place, item in enumerate(proposed, start=1)),
        tuple(item.proposed(0) for item in refused[:MOST_REFUSED]),
        found.advice or (() if proposed else WHAT_NEXT),
        settings.in_force(session, today),
    )


@dataclass(frozen=True)
class _Scored:
    """One offer with its full score, before places are given."""

    score: float
    offer: Offer
    reasons: tuple[str, ...]
    refusal: str | None
    tier: Tier = Tier.SUITABLE
    parts: tuple[tuple[str, int], ...] = ()

    def order(self) -> tuple[bool, float, int]:
        """Those that suit before those that only touch the matter, then by score."""
        return self.tier is Tier.MARGINAL, -self.score, self.offer.id

    def proposed(self, place: int) -> Proposed:
        return Proposed(place, self.offer, round(self.score * 1000), self.reasons, self.refusal, self.tier, self.parts)


def _offers(session: Session, ids: Sequence[int]) -> dict[int, Offer]:
    rows = session.scalars(
        sa.select(Offer)
        .where(Offer.id.in_(ids), Offer.state == OfferState.PUBLISHED)
        .options(joinedload(Offer.commissioner).joinedload(Commissioner.sending_unit))
    )
    return {row.id: row for row in rows}
