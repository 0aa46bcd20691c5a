"""Reads of matches: what a person may know of a demand as a party to it, who is invited, who has accepted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.demands import DemandState
from app.domain.escalations import ASKABLE, COUNTY_DIGITS, Asked
from app.domain.matches import LIVE, WAITING, MatchState
from app.domain.roles import Actor
from app.features.commissioners import queries as commissioners
from app.features.commissioners.models import Commissioner, TeamMember
from app.features.demands import queries as demands
from app.features.demands.models import Demand, DemandPhoto
from app.features.matches.models import Escalation, EscalationAnswer, Match, ProposalRefusal
from app.features.menus import queries as menus
from app.features.menus.models import Offer
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.storage.keyring import keyring_of
from app.storage.keyset import behind, ordering
from app.storage.reach import inside, nothing

UNDER_WAY = (DemandState.OPEN, DemandState.CHOSEN, DemandState.AGREED, DemandState.IN_SERVICE)
MOST_OF_A_DEMAND = 200
MOST_WAITING = 100
NEWEST_FIRST = ((Match.id, True),)


def of_actor(actor: Actor) -> sa.ColumnElement[bool]:
    """Matches of the commissioners a person is: oneself, the teams one belongs to, one's legal entity."""
    reach = actor.reach
    if reach.person_id is not None:
        own = sa.select(Commissioner.id).where(Commissioner.person_id == reach.person_id)
        teams = sa.select(TeamMember.commissioner_id).where(
            TeamMember.person_id == reach.person_id, TeamMember.ends.is_(None)
        )
        return Match.commissioner_id.in_(own.union_all(teams))
    if reach.organisation_id is not None:
        return Match.commissioner_id.in_(
            sa.select(Commissioner.id).where(
                sa.or_(
                    Commissioner.organisation_id == reach.organisation_id,
                    Commissioner.sending_unit_id == reach.organisation_id,
                )
            )
        )
    return nothing()


def seen(actor: Actor) -> sa.ColumnElement[bool]:
    """Matches this person may know of: as a party, or because the demand is his or her own business."""
    return sa.or_(of_actor(actor), Match.demand_id.in_(sa.select(Demand.id).where(demands.own(actor))))


@dataclass(frozen=True)
class Known:
    """A demand with what of it may be shown to one person, and what he or she has to do with it.

    `own`: of the territory or organisation; `full`: more than industry and title; `contacts`: may ask to see
    names and numbers in full (each showing leaves a trail); `mine`: live matches as a party.
    """

    demand: Demand
    own: bool
    full: bool
    contacts: bool
    mine: tuple[Match, ...]


def known(session: Session, actor: Actor, uid: UUID) -> Known | None:
    """The demand as this person may know it; None when he or she may not know of it.

    A party to a live match knows the demand whatever its state; contacts and confidential parts open to it from
    acceptance on (decisions 10).
    """
    found = demands.demand(session, actor, uid)
    mine = _live_as_party(session, actor, uid)
    if found is None:
        if not mine:
            return None
        found = demands.any_demand(session, uid)
        assert found is not None
    own = demands.is_own(actor, found)
    accepted = any(row.state == MatchState.ACCEPTED for row in mine)
    full = demands.sees_fully(actor, found) or accepted
    return Known(found, own, full, own or accepted, mine)


def _live_as_party(session: Session, actor: Actor, uid: UUID) -> tuple[Match, ...]:
    if actor.reach.territory:
        return ()
    rows = session.scalars(
        _with_parties()
        .join(Demand, Demand.id == Match.demand_id)
        .where(Demand.uid == uid, of_actor(actor), Match.state.in_(LIVE))
        .order_by(Match.id)
        .limit(MOST_WAITING)
    )
    return tuple(rows)


def contact_phone(session: Session, demand: Demand) -> str | None:
    """The number of the demand's contact in clear. Pages mask it; showing it in full goes through an action."""
    sealed = demand.contact_phone_sealed
    return keyring_of(session).open(sealed) if sealed else None


def commissioner_phone(session: Session, commissioner: Commissioner) -> str | None:
    """The number of who answers for a commissioner in clear: the person, the leader, the entity's contact."""
    people = commissioners.representatives(session, [commissioner.id])[commissioner.id]
    person = session.get(Person, people[0]) if people else None
    entity = session.get(Organisation, commissioner.organisation_id) if commissioner.organisation_id else None
    sealed = (person.phone_sealed if person else None) or (entity.contact_phone_sealed if entity else None)
    return keyring_of(session).open(sealed) if sealed else None


def photo(session: Session, actor: Actor, uid: UUID) -> DemandPhoto | None:
    """A demand's photo, if this person sees the demand in full."""
    found = session.scalar(
        sa.select(DemandPhoto)
        .where(DemandPhoto.uid == uid)
        .options(joinedload(DemandPhoto.file), joinedload(DemandPhoto.demand))
    )
    if found is None:
        return None
    seen_demand = known(session, actor, found.demand.uid)
    return found if seen_demand is not None and seen_demand.full else None


def _with_parties() -> sa.Select[Match]:
    return sa.select(Match).options(
        joinedload(Match.commissioner),
        joinedload(Match.offer),
        joinedload(Match.demand).joinedload(Demand.organisation),
        joinedload(Match.demand).joinedload(Demand.region),
    )


def match(session: Session, actor: Actor, uid: UUID) -> Match | None:
    """The match with its demand and commissioner, if this person is a party or responsible for the demand."""
    return session.scalar(_with_parties().where(Match.uid == uid, seen(actor)))


def turns(session: Session, actor: Actor, rows: Iterable[Match]) -> set[int]:
    """Ids of those matches in which it is this person who must act: to answer an invitation, to choose an applicant."""
    waiting = [row for row in rows if row.state in WAITING]
    if not waiting:
        return set()
    mine = {one.id for one in menus.kept_commissioners(session, actor)} if actor.may("matches.answer") else set()
    chooses = actor.may("matches.invite")
    return {row.id for row in waiting if (row.commissioner_id in mine if row.state == MatchState.INVITED else chooses)}


def matches_of_demand(session: Session, demand_id: int) -> list[Match]:
    """Everyone ever invited or applying, the latest first."""
    return list(
        session.scalars(
            _with_parties()
            .where(Match.demand_id == demand_id)
            .order_by(*ordering(NEWEST_FIRST))
            .limit(MOST_OF_A_DEMAND)
        )
    )


def accepted_for_demand(session: Session, demand_id: int) -> list[Match]:
    """Who has taken on the demand, by seat."""
    return list(
        session.scalars(
            _with_parties()
            .where(Match.demand_id == demand_id, Match.state == MatchState.ACCEPTED)
            .order_by(Match.seat)
            .limit(MOST_OF_A_DEMAND)
        )
    )


def waiting_for_demand(session: Session, demand_id: int) -> list[Match]:
    """Invitations and applications without an answer, by their keys: locks are taken in one order."""
    return list(
        session.scalars(
            _with_parties()
            .where(Match.demand_id == demand_id, Match.state.in_(WAITING))
            .order_by(Match.id)
            .limit(MOST_OF_A_DEMAND)
        )
    )


def waiting_for_commissioner(session: Session, commissioner_ids: Iterable[int]) -> list[Match]:
    """Invitations that these commissioners have not answered, the soonest answer first."""
    return list(
        session.scalars(
            _with_parties()
            .where(Match.commissioner_id.in_(sorted(set(commissioner_ids))), Match.state == MatchState.INVITED)
            .order_by(Match.answer_by, Match.id)
            .limit(MOST_WAITING)
        )
    )


def accepted_of(session: Session, commissioner_ids: Iterable[int]) -> list[Match]:
    """What these commissioners have taken on and not finished, the latest first; what a visit may be logged under."""
    return list(
        session.scalars(
            _with_parties()
            .join(Demand, Demand.id == Match.demand_id)
            .where(
                Match.commissioner_id.in_(sorted(set(commissioner_ids))),
                Match.state == MatchState.ACCEPTED,
                Demand.state.in_(UNDER_WAY),
            )
            .order_by(*ordering(NEWEST_FIRST))
            .limit(MOST_WAITING)
        )
    )


def waiting_applications(session: Session, actor: Actor) -> list[Match]:
    """Applications for this person's own demands that nobody has answered, the oldest first."""
    return list(
        session.scalars(
            _with_parties()
            .join(Demand, Demand.id == Match.demand_id)
            .where(Match.state == MatchState.APPLIED, demands.own(actor))
            .order_by(Match.id)
            .limit(MOST_WAITING)
        )
    )


def under_way(session: Session, commissioner_id: int) -> int:
    """How many accepted demands of a commissioner are not yet done: time already promised."""
    return under_way_of(session, [commissioner_id]).get(commissioner_id, 0)


def under_way_of(session: Session, commissioner_ids: Iterable[int]) -> dict[int, int]:
    """Commissioner → accepted demands not yet done; none: not a key."""
    rows = session.execute(
        sa.select(Match.commissioner_id, sa.func.count().label("promised"))
        .join(Demand, Demand.id == Match.demand_id)
        .where(
            Match.commissioner_id.in_(sorted(set(commissioner_ids))),
            Match.state == MatchState.ACCEPTED,
            Demand.state.in_(UNDER_WAY),
        )
        .group_by(Match.commissioner_id)
    )
    return {row.commissioner_id: row.promised for row in rows}


def matches_page(
    session: Session, actor: Actor, states: Sequence[MatchState], after: Sequence[object] | None, size: int
) -> list[Match]:
    """Matches this person may know of, newest first, at most size + 1."""
    wanted = _with_parties().where(seen(actor), behind(NEWEST_FIRST, menus.row_after(after)))
    if states:
        wanted = wanted.where(Match.state.in_(states))
    return list(session.scalars(wanted.order_by(*ordering(NEWEST_FIRST)).limit(size + 1)))


def set_aside(session: Session, demand_id: int) -> dict[int, str]:
    """Offer id → why an officer found it unsuitable for this demand."""
    rows = session.execute(
        sa.select(ProposalRefusal.offer_id, ProposalRefusal.words)
        .where(ProposalRefusal.demand_id == demand_id)
        .order_by(ProposalRefusal.id)
        .limit(MOST_OF_A_DEMAND)
    )
    return {row.offer_id: row.words for row in rows}


def set_aside_named(session: Session, demand_id: int) -> list[tuple[str, str, str]]:
    """What officers set aside for a demand, in order: title of the offer, name of the commissioner, why."""
    rows = session.execute(
        sa.select(Offer.title, Commissioner.name, ProposalRefusal.words)
        .join(Offer, Offer.id == ProposalRefusal.offer_id)
        .join(Commissioner, Commissioner.id == Offer.commissioner_id)
        .where(ProposalRefusal.demand_id == demand_id)
        .order_by(ProposalRefusal.id)
        .limit(MOST_OF_A_DEMAND)
    )
    return [(title, name, words) for title, name, words in rows]


def escalations_of_demand(session: Session, demand_id: int) -> list[Escalation]:
    """Whom one asked for a demand, with the answers, in the order of asking."""
    return list(
        session.scalars(
            sa.select(Escalation)
            .where(Escalation.demand_id == demand_id)
            .options(selectinload(Escalation.answers).joinedload(EscalationAnswer.commissioner))
            .order_by(Escalation.id)
            .limit(len(Asked))
        )
    )


def escalation(session: Session, uid: UUID) -> Escalation | None:
    """One asking with its demand; who may know of it is decided by `may_answer` and `demands.is_own`."""
    return session.scalar(
        sa.select(Escalation)
        .where(Escalation.uid == uid)
        .options(joinedload(Escalation.demand).joinedload(Demand.organisation), joinedload(Escalation.demand))
    )


def escalations_to_answer(session: Session, actor: Actor) -> Sequence[Escalation]:
    """What was asked of this person's county or city and not answered by it, the longest waiting first."""
    territory = actor.reach.territory or ""
    if not territory or len(territory) > COUNTY_DIGITS or not actor.may("matches.invite"):
        return []
    answered = sa.exists().where(
        EscalationAnswer.escalation_id == Escalation.id, EscalationAnswer.territory == territory
    )
    wanted = (
        sa.select(Escalation)
        .join(Demand, Demand.id == Escalation.demand_id)
        .where(Demand.state.in_(ASKABLE), sa.not_(answered))
        .options(joinedload(Escalation.demand).joinedload(Demand.region))
        .order_by(Escalation.id)
        .limit(MOST_WAITING)
    )
    if not territory.endswith("00"):
        near = inside(Demand.region_code, territory)
        wanted = wanted.where(Escalation.asked == Asked.COUNTIES, sa.not_(near))
    return session.scalars(wanted).all()
