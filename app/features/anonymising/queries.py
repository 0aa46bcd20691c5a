"""Reads about a person who leaves: what still hangs on him or her, and every row in which the name may stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.agreements import AgreementState
from app.domain.anonymising import Leaving
from app.domain.divisions import contains
from app.domain.matches import LIVE
from app.domain.roles import Actor
from app.domain.visits import VisitState
from app.features.accounts.models import Account, Grant, SetUpLink, SignedInSession
from app.features.agreements.models import Agreement
from app.features.commissioners.models import Appointment, Commissioner, TeamMember
from app.features.commissioners.queries import in_force
from app.features.demands.models import Demand
from app.features.matches.models import EscalationAnswer, Match, ProposalDecision, ProposalRefusal
from app.features.matches.queries import UNDER_WAY
from app.features.menus.models import Offer
from app.features.people.models import Person
from app.features.people.queries import phone_of
from app.features.regions import queries as regions
from app.features.visits.models import Confirmation, Participant, Visit
from app.storage import trail
from app.storage.keyring import keyring_of


@dataclass(frozen=True)
class Records:
    """Every row that is about a person: his or her own, whose values go, and those that may name him or her."""

    person: Person
    own: Commissioner | None
    teams: list[Commissioner]
    accounts: list[Account]
    appointments: list[Appointment]
    offers: list[Offer]
    matches: list[Match]
    visits: list[Visit]
    agreements: list[Agreement]
    said: list[Any]  # demands, confirmations, answers, decisions on proposals
    keys_of_accounts: dict[str, list[int]]  # grants, links and sessions: table → ids, for the trail

    def whose_values_go(self) -> Iterator[Any]:
        yield self.person
        if self.own is not None:
            yield self.own
        yield from self.accounts

    def that_may_name(self) -> Iterator[Any]:
        """Rows whose free text may hold the name; a team may be called by its leader's."""
        yield from self.whose_values_go()
        for rows in (self.teams, self.appointments, self.offers, self.matches, self.visits, self.agreements, self.said):
            yield from rows

    def subjects(self) -> dict[str, list[int]]:
        """Table → keys of the rows that events may be about."""
        found: dict[str, list[int]] = dict(self.keys_of_accounts)
        for row in self.that_may_name():
            found.setdefault(row.__tablename__, []).append(row.id)
        return found

    def places(self) -> set[str]:
        """Which counties (or the city) keep something of the person."""
        kept = [row.county_code for row in ([self.own] if self.own else []) + self.teams]
        return {*kept, *(row.county_code for row in self.appointments)}


def person_to_anonymise(session: Session, actor: Actor, uid: UUID) -> Person | None:
    """The person, if the actor's territory keeps his or her record or a team of his or hers."""
    found = session.scalar(sa.select(Person).where(Person.uid == uid))
    territory = actor.reach.territory
    if found is None or not territory:
        return None
    kept = session.scalars(sa.select(Commissioner.county_code).where(_of(found.id)))
    return found if any(contains(territory, code) for code in kept) else None


def _of(person_id: int) -> sa.ColumnElement[bool]:
    """The person's own record and every team he or she ever belonged to."""
    teams = sa.select(TeamMember.commissioner_id).where(TeamMember.person_id == person_id)
    return sa.or_(Commissioner.person_id == person_id, Commissioner.id.in_(teams))


def records(session: Session, person: Person) -> Records:
    """Gather them all; a handful of queries, each bounded by what one person did."""

    def rows(table: Any, where: sa.ColumnElement[bool]) -> list[Any]:
        return list(session.scalars(sa.select(table).where(where).order_by(table.id)))

    commissioners = rows(Commissioner, _of(person.id))
    own = next((row for row in commissioners if row.person_id == person.id), None)
    mine = own.id if own else 0
    accounts = rows(Account, Account.id.in_(sa.select(Grant.account_id).where(Grant.person_id == person.id)))
    offers = rows(Offer, Offer.commissioner_id == mine)
    matches = rows(Match, Match.commissioner_id.in_([row.id for row in commissioners]))
    visits = rows(Visit, Visit.id.in_(sa.select(Participant.visit_id).where(Participant.person_id == person.id)))
    offered = [row.id for row in offers]
    return Records(
        person=person,
        own=own,
        teams=[row for row in commissioners if row is not own],
        accounts=accounts,
        appointments=rows(Appointment, Appointment.commissioner_id == mine),
        offers=offers,
        matches=matches,
        visits=visits,
        agreements=rows(Agreement, Agreement.match_id.in_([row.id for row in matches])),
        said=[
            *rows(Demand, Demand.id.in_([row.demand_id for row in matches])),
            *rows(Confirmation, Confirmation.visit_id.in_([row.id for row in visits])),
            *rows(EscalationAnswer, EscalationAnswer.commissioner_id.in_([row.id for row in commissioners])),
            *rows(ProposalRefusal, ProposalRefusal.offer_id.in_(offered)),
            *rows(ProposalDecision, ProposalDecision.offer_id.in_(offered)),
        ],
        keys_of_accounts=_keys(session, [row.id for row in accounts]),
    )


def _keys(session: Session, account_ids: list[int]) -> dict[str, list[int]]:
    tables: tuple[Any, ...] = (Grant, SetUpLink, SignedInSession)
    return {
        table.__tablename__: list(session.scalars(sa.select(table.id).where(table.account_id.in_(account_ids))))
        for table in tables
    }


def values(session: Session, found: Records) -> list[str]:
    """What must not be read anywhere afterwards: name, identity number and phone in clear, names typed at the door."""
    ring, person = keyring_of(session), found.person
    number = ring.open(person.id_number_sealed) if person.id_number_sealed else None
    said = [person.name, number, phone_of(session, person), *(account.login for account in found.accounts)]
    return [value for value in said if value and len(value) > 1]


def named_in_trail(session: Session, found: Records) -> list[int]:
    """Events in whose words one of these values stands."""
    return trail.naming(session, found.subjects(), values(session, found))


def leaving(session: Session, actor: Actor, found: Records, today: date) -> Leaving:
    """What stands in the way today."""
    person_id, matches = found.person.id, [row.id for row in found.matches if row.state in LIVE]
    mine = found.own.id if found.own else 0
    member = sa.select(TeamMember.commissioner_id).where(
        TeamMember.person_id == person_id, sa.or_(TeamMember.ends.is_(None), TeamMember.ends >= today)
    )
    whose = sa.or_(Appointment.commissioner_id == mine, Appointment.commissioner_id.in_(member))
    lasts = sa.select(sa.func.max(Appointment.ends)).where(in_force(), Appointment.ends >= today, whose)
    under_way = sa.select(sa.func.count(Match.id)).join(Demand, Demand.id == Match.demand_id)
    own = [row.id for row in found.matches if row.commissioner_id == mine]
    elsewhere = sorted(code for code in found.places() if not contains(actor.reach.territory or "", code))
    return Leaving(
        name=found.person.name,
        anonymised=found.person.anonymised_at is not None,
        serves_until=session.scalar(lasts),
        open_matches=session.scalar(under_way.where(Match.id.in_(set(matches) & set(own)), Demand.state.in_(UNDER_WAY)))
        or 0,
        waiting_visits=sum(row.state == VisitState.SUBMITTED for row in found.visits),
        running_agreements=sum(
            row.state == AgreementState.IN_FORCE and row.ends_on >= today and row.match_id in own
            for row in found.agreements
        ),
        other_roles=_other_roles(session, found, today),
        elsewhere=list(regions.names(session, elsewhere).values()),
    )


def _other_roles(session: Session, found: Records, today: date) -> list[str]:
    wanted = sa.select(Grant).where(
        Grant.account_id.in_([row.id for row in found.accounts]),
        sa.or_(Grant.person_id.is_(None), Grant.person_id != found.person.id),
        sa.or_(Grant.ends.is_(None), Grant.ends >= today),
    )
    return [row.role.label for row in session.scalars(wanted.order_by(Grant.id))]
