"""What the form for logging a visit begins with: nothing is asked that a demand or an appointment says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.domain.agreements import AgreementState
from app.domain.matches import MatchState
from app.domain.visits import HeldAppointment
from app.domain.vocabulary import Kind
from app.features.agreements import queries as agreements
from app.features.agreements.models import Agreement
from app.features.commissioners import queries as commissioners
from app.features.commissioners.models import Appointment, Commissioner, DeclaredCover
from app.features.demands.models import Demand
from app.features.matches import queries as matches
from app.features.matches.models import Match
from app.features.people.models import Person
from app.features.regions import queries as regions
from app.features.visits import queries
from app.features.visits.models import Visit

RECENT_VISITS = 20
USUAL_PLACES = 12


@dataclass(frozen=True)
class Companion:
    """Somebody who may have taken part, with the appointments to choose from: (id, words)."""

    person_id: int
    name: str
    appointments: list[tuple[str, str]] = field(default_factory=list)


def commissioner_ids(session: Session, person_id: int) -> list[int]:
    """What a person acts as: the own record and teams."""
    return [row.id for row in commissioners.commissioners_of_person(session, person_id)]


def taken_on(session: Session, person_id: int) -> list[Match]:
    """Accepted matches under way: what a visit is likely about."""
    return matches.accepted_of(session, commissioner_ids(session, person_id))


def accepted_match(session: Session, person_id: int, demand_uid: UUID) -> Match | None:
    """The match under which this person (or a team of his or hers) has taken on a demand, whatever became of it."""
    return session.scalar(
        sa.select(Match)
        .join(Demand, Demand.id == Match.demand_id)
        .where(
            Demand.uid == demand_uid,
            Match.state == MatchState.ACCEPTED,
            Match.commissioner_id.in_(commissioner_ids(session, person_id)),
        )
        .options(joinedload(Match.demand).joinedload(Demand.organisation))
        .order_by(Match.id)
        .limit(1)
    )


def agreement_on(session: Session, match_id: int | None) -> Agreement | None:
    """The agreement on file under which a match is served."""
    found = agreements.of_match(session, match_id) if match_id is not None else None
    return found if found is not None and found.state != AgreementState.DRAFT else None


def companions(
    session: Session, person_id: int, day: date, demand_id: int | None = None, also: Iterable[int] = ()
) -> list[Companion]:
    """Oneself, then the members of one's teams, whoever took on the same demand, and `also` (already in the visit)."""
    wanted = [person_id]
    mine = commissioner_ids(session, person_id)
    if demand_id is not None:
        mine += [row.commissioner_id for row in matches.accepted_for_demand(session, demand_id)]
    together = commissioners.representatives(session, mine)
    wanted += [person for commissioner_id in dict.fromkeys(mine) for person in together[commissioner_id]]
    wanted = list(dict.fromkeys([*wanted, *also]))
    names = dict(session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted))).all())
    held = {person: _recent(commissioners.held_appointments(session, person), day) for person in wanted}
    words = _appointment_words(session, [row.id for rows in held.values() for row in rows])
    return [Companion(p, names[p], [(str(row.id), words[row.id]) for row in held[p]]) for p in wanted if p in names]


def _recent(held: Iterable[HeldAppointment], day: date) -> list[HeldAppointment]:
    """Appointments under which a visit of the last year may have been made, the highest level first."""
    last_year = day.replace(year=day.year - 1, day=min(day.day, 28))
    kept = [row for row in held if row.ends >= last_year and row.begins <= day]
    return sorted(kept, key=lambda row: (-row.level.rank, -row.begins.toordinal(), row.id))


def _appointment_words(session: Session, ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        sa.select(Appointment.id, Appointment.level, Appointment.batch_year, Commissioner.kind, Commissioner.name)
        .join(Commissioner, Commissioner.id == Appointment.commissioner_id)
        .where(Appointment.id.in_(ids))
    )
    return {
        id_: f"{level.label}{kind.label}（{year}年{'，' + name if kind == Kind.TEAM else ''}）"
        for id_, level, year, kind, name in rows
    }


def usual_places(session: Session, person_id: int, today: date) -> list[tuple[str, str]]:
    """(code, name) of the townships where this person serves: visited lately, then declared; the latest first."""
    lately = (
        sa.select(Visit.region_code)
        .where(Visit.id.in_(queries.made_by(person_id)))
        .order_by(Visit.service_date.desc(), Visit.id.desc())
        .limit(RECENT_VISITS)
    )
    declared = (
        sa.select(DeclaredCover.region_code)
        .join(Appointment, Appointment.id == DeclaredCover.appointment_id)
        .where(
            Appointment.commissioner_id.in_(commissioner_ids(session, person_id)),
            commissioners.serving_on(today),
            sa.func.length(DeclaredCover.region_code) > queries.COUNTY_DIGITS,
        )
        .order_by(DeclaredCover.region_code)
        .distinct()
        .limit(USUAL_PLACES)
    )
    codes = list(dict.fromkeys([*session.scalars(lately), *session.scalars(declared)]))[:USUAL_PLACES]
    named = regions.place_names(session, codes)
    return [(code, named[code]) for code in codes if code in named]


def likely_industry(session: Session, person_id: int, demand: Demand | None) -> str:
    """The industry the form begins with: the demand's, else the first one this person works in; "" if unknown."""
    if demand is not None and demand.industry_id is not None:
        return str(demand.industry_id)
    mine = commissioner_ids(session, person_id)
    works_in = commissioners.industry_ids(session, mine)
    known = [id_ for commissioner_id in mine for id_ in works_in.get(commissioner_id, [])]
    return str(known[0]) if known else ""
