"""From the database to a plan's frozen inputs: open demands and townships' needs, commissioners with time, candidates.

Identifiers in the inputs: a demand by its uid, a need as `need:TOWNSHIP:INDUSTRY`, a commissioner by uid. No name and
no words of anybody enter, so that inputs may be kept for good.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.demands import DemandState
from app.domain.matches import LIVE, RESERVED_HALF_DAYS, MatchState
from app.domain.matching.facts import Place, Tier
from app.domain.matching.plans import needs
from app.domain.matching.plans.candidates import PairNote, inputs_from_candidates
from app.domain.matching.plans.problem import SCALE, CountyBound, PlanDemand, PlanInputs, PlanOffer, PlanRules, Side
from app.domain.plans import WhatIf
from app.features.commissioners.models import Appointment, Commissioner, CommissionerIndustry, DeclaredCover
from app.features.commissioners.queries import serving_on
from app.features.demands.models import Demand
from app.features.matches.matchmaker import Matchmaker, matchmaker, place_of
from app.features.matches.models import Match, ProposalRefusal
from app.features.matches.proposals import demand_facts
from app.features.matches.queries import UNDER_WAY
from app.features.matches.standing import standings
from app.features.menus.models import Offer
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary.models import Industry
from app.storage.reach import inside

CANDIDATES_EACH = 20
MOST_DEMANDS = 3_000


@dataclass(frozen=True)
class Frozen:
    """The inputs, and who serves which township today (township code, commissioner uid), both by identifiers."""

    inputs: PlanInputs
    today: tuple[tuple[str, str], ...]

    def today_json(self) -> str:
        return json.dumps(self.today)


def freeze(session: Session, what_if: WhatIf, territory: str, today: date, directory: Path) -> Frozen:
    """Gather everything a plan of this territory depends on, as it is in this session's snapshot."""
    gathered = _Gathered(session, what_if, territory, today, matchmaker(session, directory, today))
    rules = PlanRules(
        renewal_bonus=SCALE // 10 if what_if.renewal else 0,
        travel_per_km=what_if.travel.per_km,
        cover_travel_per_km=max(50, what_if.travel.per_km),
        bounds=gathered.bounds(),
    )
    inputs = inputs_from_candidates(
        [row.plan for row in gathered.wanted],
        [PlanOffer(str(c.uid), c.county_code, gathered.capacity[c.id]) for c in gathered.ready],
        gathered.found,
        notes=gathered.notes(),
        places=([row.place for row in gathered.wanted], gathered.places),
        rules=rules,
    )
    return Frozen(inputs, tuple(sorted(gathered.serving)))


@dataclass(frozen=True)
class _Wanted:
    """One row to be served: an open demand or a township's need."""

    plan: PlanDemand
    place: Place | None
    demand: Demand | None = None


class _Gathered:
    """What is read once for all parts of the inputs."""

    def __init__(self, session: Session, what_if: WhatIf, territory: str, today: date, maker: Matchmaker) -> None:
        self.session, self.what_if, self.territory, self.maker = session, what_if, territory, maker
        self.titles = vocabulary.industries_by_id(session)
        self.leading = vocabulary.leading_industries(session, today)
        demands = self._demands()
        self.wanted = [*demands, *(self._needs(today, demands) if what_if.with_needs else [])]
        self.ready, self.capacity = self._commissioners(today)
        self.at = {row.id: place for place, row in enumerate(self.ready)}
        self.dishes = maker.offers_of(session, [row.id for row in self.ready]) if self.ready else []
        self.owner = self._owners()
        self.places = self._places()
        self.serving = self._serving(today)
        self.found = self._candidates()

    def top_code(self, industry_id: int | None) -> str:
        """The leading industry that an industry belongs to; empty when there is none."""
        row: Industry | None = self.titles.get(industry_id or 0)
        while row is not None and row.parent_id is not None:
            row = self.titles.get(row.parent_id)
        return row.code if row else ""

    def _demands(self) -> list[_Wanted]:
        rows = self.session.scalars(
            sa.select(Demand)
            .where(Demand.state == DemandState.OPEN, inside(Demand.region_code, self.territory))
            .order_by(Demand.id)
            .limit(MOST_DEMANDS)
        )
        taken = dict(
            self.session.execute(
                sa.select(Match.demand_id, sa.func.count())
                .where(Match.state == MatchState.ACCEPTED)
                .group_by(Match.demand_id)
            ).all()
        )
        return [
            _Wanted(
                PlanDemand(
                    str(row.uid), row.region_code[:6], row.region_code, self.top_code(row.industry_id), "",
                    max(1, row.people_wanted - taken.get(row.id, 0)),
                ),
                place_of(self.maker.seats, row.region_code),
                row,
            )
            for row in rows
        ]  # fmt: skip

    def _needs(self, today: date, demands: list[_Wanted]) -> list[_Wanted]:
        """Each township and leading industry without an open demand of its own."""
        asked = {(row.plan.township, row.plan.industry) for row in demands}
        return [
            _Wanted(
                PlanDemand(f"need:{town.code}:{one.code}", town.code[:6], town.code, one.code),
                place_of(self.maker.seats, town.code),
            )
            for town in regions.townships(self.session, self.territory, today)
            for one in self.leading
            if (town.code, one.code) not in asked
        ]

    def _commissioners(self, today: date) -> tuple[list[Commissioner], dict[int, int]]:
        """Those who may serve today, with how many more demands each takes."""
        serving = sa.select(Appointment.commissioner_id).where(serving_on(today))
        known = self.session.scalars(
            sa.select(Commissioner).where(Commissioner.id.in_(serving)).order_by(Commissioner.id)
        ).all()
        standing = standings(self.session, known, None, today)
        ready = [row for row in known if standing[row.id].refusal is None]
        capacity = {
            row.id: min(self.what_if.each, -(-standing[row.id].free_half_days // RESERVED_HALF_DAYS)) for row in ready
        }
        return ready, capacity

    def _owners(self) -> dict[str, int]:
        """Offer id → row of its commissioner in the list of the ready."""
        rows = self.session.execute(
            sa.select(Offer.id, Offer.commissioner_id).where(Offer.id.in_([int(dish.id) for dish in self.dishes]))
        )
        return {str(id_): self.at[commissioner_id] for id_, commissioner_id in rows}

    def _places(self) -> list[Place | None]:
        """Where each sets out from: as the dishes say, else the county."""
        told = {self.owner[dish.id]: dish.place for dish in self.dishes}
        return [
            told[row] if row in told else place_of(self.maker.seats, one.county_code)
            for row, one in enumerate(self.ready)
        ]

    def _candidates(self) -> list[tuple[int, int, float]]:
        """(row wanted, row of a commissioner, score): demands by the ranking, needs by industry and place."""
        best: dict[tuple[int, int], float] = {}
        collection, aside = self.maker.engine.collect(self.dishes), self._set_aside()
        for row, wanted in enumerate(self.wanted):
            if wanted.demand is None:
                continue
            industry = self.titles.get(wanted.demand.industry_id or 0)
            title, kept_out = industry.title if industry else "", aside.get(wanted.demand.id, ())
            facts = demand_facts(wanted.demand, title, self.maker.seats, kept_out)
            for one in self.maker.engine.rank(facts, collection, CANDIDATES_EACH).proposals:
                if one.tier is not Tier.SUITABLE:  # nobody is sent for what only touches the matter
                    continue
                key = (row, self.owner[one.offer_id])
                best[key] = max(best.get(key, 0.0), one.score)
        ready = self._as_needs_see_them()
        for row, wanted in enumerate(self.wanted):
            if wanted.demand is None:
                found = needs.candidates(wanted.plan.industry, wanted.plan.county, wanted.place, ready)
                best |= {(row, at): score for at, score in found}
        return [(row, at, score) for (row, at), score in sorted(best.items())]

    def _set_aside(self) -> dict[int, list[str]]:
        """Demand → offers that an officer set aside for it."""
        found: dict[int, list[str]] = {}
        rows = sa.select(ProposalRefusal.demand_id, ProposalRefusal.offer_id).order_by(ProposalRefusal.id)
        for demand_id, offer_id in self.session.execute(rows):
            found.setdefault(demand_id, []).append(str(offer_id))
        return found

    def _as_needs_see_them(self) -> list[needs.Ready]:
        offered: dict[int, set[str]] = {}
        by_title = {row.title: self.top_code(row.id) for row in self.titles.values()}
        for dish in self.dishes:
            offered.setdefault(self.owner[dish.id], set()).add(by_title.get(dish.industry, ""))
        appointed: dict[int, set[str]] = {}
        for commissioner_id, industry_id in self.session.execute(
            sa.select(CommissionerIndustry.commissioner_id, CommissionerIndustry.industry_id)
        ):
            if commissioner_id in self.at:
                appointed.setdefault(self.at[commissioner_id], set()).add(self.top_code(industry_id))
        return [
            needs.Ready(
                row,
                frozenset(offered.get(row, ())),
                frozenset(appointed.get(row, ())),
                one.county_code,
                self.places[row],
            )
            for row, one in enumerate(self.ready)
        ]

    def notes(self) -> list[PairNote]:
        """Wishes, refusals and today's pairs: an application is a commissioner's wish, an invitation a demand's."""
        found = [
            PairNote(self.wanted[row].plan.uid, str(self.ready[at].uid), renewal=True)
            for row, at, _ in self.found
            if (self.wanted[row].plan.township, str(self.ready[at].uid)) in self.serving
        ]
        uid_of = {one.id: str(one.uid) for one in self.ready}
        named = {row.demand.id: row.plan.uid for row in self.wanted if row.demand is not None}
        rows = self.session.execute(
            sa.select(Match.demand_id, Match.commissioner_id, Match.state)
            .where(Match.demand_id.in_(named), Match.state.in_((*LIVE, MatchState.DECLINED.value)))
            .order_by(Match.id)
        )
        for demand_id, commissioner_id, state in rows:
            if commissioner_id in uid_of:
                found.append(_note(named[demand_id], uid_of[commissioner_id], state))
        return found

    def _serving(self, today: date) -> set[tuple[str, str]]:
        """(township, commissioner uid) of accepted work under way and of townships declared in appointments."""
        under_way = (
            sa.select(Demand.region_code, Commissioner.uid)
            .join(Match, Match.demand_id == Demand.id)
            .join(Commissioner, Commissioner.id == Match.commissioner_id)
            .where(Match.state == MatchState.ACCEPTED, Demand.state.in_(UNDER_WAY))
        )
        declared = (
            sa.select(DeclaredCover.region_code, Commissioner.uid)
            .join(Appointment, Appointment.id == DeclaredCover.appointment_id)
            .join(Commissioner, Commissioner.id == Appointment.commissioner_id)
            .where(serving_on(today))
        )
        rows = [*self.session.execute(under_way), *self.session.execute(declared)]
        return {(code, str(uid)) for code, uid in rows if len(code) == 9 and code.startswith(self._prefix())}

    def _prefix(self) -> str:
        return self.territory[:4] if self.territory.endswith("00") else self.territory

    def bounds(self) -> tuple[CountyBound, ...]:
        """County limits, as far as the county has anything to serve."""
        there = {row.plan.county for row in self.wanted}
        return tuple(
            CountyBound(one.county, Side.SERVED, one.floor or 0, one.cap)
            for one in self.what_if.limits
            if one.county in there
        )


def _note(demand: str, offer: str, state: MatchState) -> PairNote:
    if state == MatchState.INVITED:
        return PairNote(demand, offer, demand_wish=1)
    if state == MatchState.APPLIED:
        return PairNote(demand, offer, offer_wish=1)
    return PairNote(demand, offer, barred=True)  # said no, or has a seat already
