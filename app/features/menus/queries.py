"""Reads of service menus: whose menus a person keeps, what is published city-wide, one dish with its commissioner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.domain.menus import OfferState
from app.domain.roles import Actor
from app.domain.vocabulary import Kind, Level, NeedType, ServiceMode
from app.features.commissioners.models import Appointment, Commissioner, TeamMember
from app.features.commissioners.queries import serving_on
from app.features.menus.models import Offer
from app.storage.keyset import behind, ordering
from app.storage.reach import inside, nothing

NEWEST_FIRST = ((Offer.id, True),)
MOST_OF_ONE = 200
MOST_KEPT = 20


def row_after(after: Sequence[object] | None) -> Sequence[object] | None:
    """A cursor of one key, or None when an address was damaged: PostgreSQL compares no number with a word."""
    fits = after is not None and len(after) == 1 and type(after[0]) is int
    return after if fits else None


def _kept(actor: Actor) -> sa.ColumnElement[bool]:
    """Commissioners in whose name a person acts: oneself, the teams one leads, the legal entity one works for."""
    reach = actor.reach
    if reach.person_id is not None:
        leads = sa.select(TeamMember.commissioner_id).where(
            TeamMember.person_id == reach.person_id, TeamMember.leads, TeamMember.ends.is_(None)
        )
        return sa.or_(Commissioner.person_id == reach.person_id, Commissioner.id.in_(leads))
    if reach.organisation_id is not None:
        return Commissioner.organisation_id == reach.organisation_id
    return nothing()


def kept_commissioners(session: Session, actor: Actor) -> list[Commissioner]:
    """The commissioners in whose name this person keeps menus and answers invitations, individuals first."""
    rows = session.scalars(
        sa.select(Commissioner)
        .where(_kept(actor))
        .order_by(Commissioner.kind, Commissioner.pinyin, Commissioner.id)
        .limit(MOST_KEPT)
    )
    return sorted(rows, key=lambda row: row.kind != Kind.INDIVIDUAL)


def keeps(session: Session, actor: Actor, commissioner_id: int) -> bool:
    """Whether this person acts in the name of this commissioner."""
    return commissioner_id in {row.id for row in kept_commissioners(session, actor)}


def offer(session: Session, uid: UUID, *, for_update: bool = False) -> Offer | None:
    """The dish with its commissioner, whatever its state."""
    wanted = sa.select(Offer).where(Offer.uid == uid).options(joinedload(Offer.commissioner))
    if for_update:
        wanted = wanted.with_for_update(of=Offer).execution_options(populate_existing=True)
    return session.scalar(wanted)


def offer_seen(session: Session, actor: Actor, uid: UUID) -> Offer | None:
    """The dish, if this person may know of it: published city-wide, otherwise to its keepers and their county."""
    found = offer(session, uid)
    if found is None or found.state == OfferState.PUBLISHED or actor.role is None:
        return found
    if keeps(session, actor, found.commissioner_id):
        return found
    territory = actor.reach.territory
    if territory and len(territory) == 6 and found.state == OfferState.WITHDRAWN:
        near = sa.select(Commissioner.id).where(
            Commissioner.id == found.commissioner_id, inside(Commissioner.county_code, territory)
        )
        return found if session.scalar(near) is not None else None
    return None


def offer_kept(session: Session, actor: Actor, uid: UUID, *, for_update: bool = False) -> Offer | None:
    """The dish, if this person keeps it."""
    found = offer(session, uid, for_update=for_update)
    return found if found is not None and keeps(session, actor, found.commissioner_id) else None


def offers_of(session: Session, commissioner_id: int, *, published_only: bool = False) -> list[Offer]:
    """The menu of one commissioner, newest first."""
    wanted = sa.select(Offer).where(Offer.commissioner_id == commissioner_id)
    if published_only:
        wanted = wanted.where(Offer.state == OfferState.PUBLISHED)
    return list(session.scalars(wanted.order_by(*ordering(NEWEST_FIRST)).limit(MOST_OF_ONE)))


@dataclass(frozen=True)
class OfferFilter:
    """What a reader of the menus asks for; empty values ask for nothing."""

    industry_ids: tuple[int, ...] = ()
    need_type: NeedType | None = None
    mode: ServiceMode | None = None
    county: str = ""
    kind: Kind | None = None
    search: str = ""


@dataclass(frozen=True)
class OfferRow:
    """A dish as the list shows it; `levels` are the levels held today, highest first."""

    id: int
    uid: UUID
    title: str
    need_type: NeedType
    mode: ServiceMode | None
    industry_id: int | None
    commissioner_id: int
    commissioner: str
    kind: Kind
    county_code: str
    specialities: str
    levels: tuple[Level, ...] = ()


def _found_by(search: str) -> sa.ColumnElement[bool]:
    """Words of the dish, or the commissioner's name, pinyin or initials."""
    text = search.strip()
    letters = text.lower().replace(" ", "")
    ways = [Offer.title.contains(text, autoescape=True), Offer.description.contains(text, autoescape=True)]
    ways.append(Commissioner.name.contains(text, autoescape=True))
    ways.append(Commissioner.specialities.contains(text, autoescape=True))
    if letters.isascii():
        ways.append(sa.func.replace(Commissioner.pinyin, " ", "").startswith(letters, autoescape=True))
        ways.append(Commissioner.initials.startswith(letters, autoescape=True))
    return sa.or_(*ways)


def _asked_for(asked: OfferFilter) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if asked.industry_ids:
        wanted.append(Offer.industry_id.in_(asked.industry_ids))
    if asked.need_type:
        wanted.append(Offer.need_type == asked.need_type)
    if asked.mode:
        wanted.append(sa.or_(Offer.mode == asked.mode, Offer.mode.is_(None)))
    if asked.county:
        wanted.append(inside(Commissioner.county_code, asked.county))
    if asked.kind:
        wanted.append(Commissioner.kind == asked.kind)
    if asked.search.strip():
        wanted.append(_found_by(asked.search))
    return wanted


def published_page(
    session: Session, today: date, asked: OfferFilter, after: Sequence[object] | None, size: int
) -> list[OfferRow]:
    """Published dishes of commissioners who hold an appointment today, newest first, at most size + 1.

    City-wide for every reader (decisions 10): facts and names, never contacts.
    """
    serving = sa.exists().where(Appointment.commissioner_id == Offer.commissioner_id, serving_on(today))
    rows = session.execute(
        sa.select(
            Offer.id,
            Offer.uid,
            Offer.title,
            Offer.need_type,
            Offer.mode,
            Offer.industry_id,
            Commissioner.id,
            Commissioner.name,
            Commissioner.kind,
            Commissioner.county_code,
            Commissioner.specialities,
        )
        .join(Commissioner, Commissioner.id == Offer.commissioner_id)
        .where(Offer.state == OfferState.PUBLISHED, serving, *_asked_for(asked), behind(NEWEST_FIRST, row_after(after)))
        .order_by(*ordering(NEWEST_FIRST))
        .limit(size + 1)
    ).all()
    levels = levels_on(session, {row[6] for row in rows}, today)
    return [OfferRow(*row, levels.get(row[6], ())) for row in rows]


def levels_on(session: Session, commissioner_ids: Iterable[int], day: date) -> dict[int, tuple[Level, ...]]:
    """The levels at which each commissioner holds an appointment on a day, highest first; none: not a key."""
    rows = session.execute(
        sa.select(Appointment.commissioner_id, Appointment.level)
        .where(Appointment.commissioner_id.in_(sorted(set(commissioner_ids))), serving_on(day))
        .distinct()
    )
    held: dict[int, list[Level]] = {}
    for commissioner_id, level in rows:
        held.setdefault(commissioner_id, []).append(level)
    return {key: tuple(sorted(found, key=lambda level: -level.rank)) for key, found in held.items()}


def appointment_on(session: Session, commissioner_id: int, day: date) -> Appointment | None:
    """The appointment under which a commissioner acts on a day: of the highest level, then the longest."""
    rows = session.scalars(
        sa.select(Appointment)
        .where(Appointment.commissioner_id == commissioner_id, serving_on(day))
        .order_by(Appointment.ends.desc(), Appointment.id.desc())
        .limit(MOST_OF_ONE)
    )
    return max(rows, key=lambda held: held.level.rank, default=None)
