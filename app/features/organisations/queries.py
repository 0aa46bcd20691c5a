"""Reads of organisations: villages and firms that are served, units and stations that send."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.divisions import contains
from app.domain.roles import Actor
from app.domain.vocabulary import OrganisationKind
from app.features.organisations.models import Organisation
from app.features.regions.models import Region
from app.storage.keyring import keyring_of
from app.storage.keyset import behind, ordering
from app.storage.reach import inside, nothing

MOST_CHOICES = 500
SENDERS = tuple(kind for kind in OrganisationKind if not kind.can_be_served)
ORDER = ((Organisation.pinyin, False), (Organisation.id, False))


def sees(actor: Actor) -> sa.ColumnElement[bool]:
    """Organisations an actor may know of: those of the territory, one's own, and everywhere the units that send."""
    territory, own = actor.reach.territory, actor.reach.organisation_id
    if territory:
        return sa.or_(inside(Organisation.region_code, territory), Organisation.kind.in_(SENDERS))
    return Organisation.id == own if own else nothing()


def may_change(actor: Actor, found: Organisation) -> bool:
    """Whether an organisation lies in the actor's territory; units outside the city are kept by counties and city."""
    territory = actor.reach.territory
    if not territory:
        return False
    return contains(territory, found.region_code) if found.region_code else len(territory) == 6


def organisation(session: Session, uid: UUID) -> Organisation | None:
    return session.scalar(sa.select(Organisation).where(Organisation.uid == uid))


def organisation_seen_by(session: Session, actor: Actor, uid: UUID) -> Organisation | None:
    """The organisation, if the actor may know of it."""
    return session.scalar(sa.select(Organisation).where(Organisation.uid == uid, sees(actor)))


def organisation_to_change(session: Session, actor: Actor, uid: UUID) -> Organisation | None:
    """The organisation locked for a change, if it lies in the actor's territory."""
    found = session.scalar(sa.select(Organisation).where(Organisation.uid == uid).with_for_update())
    return found if found is not None and may_change(actor, found) else None


def by_name(session: Session, kind: OrganisationKind, name: str, region_code: str | None) -> Organisation | None:
    place = Organisation.region_code.is_(None) if region_code is None else Organisation.region_code == region_code
    return session.scalar(
        sa.select(Organisation)
        .where(Organisation.kind == kind, Organisation.name == name, place)
        .order_by(Organisation.id)
        .limit(1)
    )


def sender_by_name(session: Session, name: str) -> Organisation | None:
    """The sending unit or station of this name, wherever it lies; the one recorded first."""
    return session.scalar(
        sa.select(Organisation)
        .where(Organisation.kind.in_(SENDERS), Organisation.name == name)
        .order_by(Organisation.id)
        .limit(1)
    )


def by_credit_code(session: Session, code: str) -> Organisation | None:
    return session.scalar(sa.select(Organisation).where(Organisation.credit_code == code))


def served_unit_choices(session: Session, township_code: str) -> list[tuple[str, str]]:
    """(id, name) of what can be served in a township, by name: villages, co-operatives, farms, firms."""
    rows = session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(inside(Organisation.region_code, township_code), Organisation.kind.not_in(SENDERS))
        .order_by(*ordering(ORDER))
        .limit(MOST_CHOICES)
    )
    return [(str(id_), name) for id_, name in rows]


def sending_unit_choices(session: Session) -> list[tuple[str, str]]:
    """(id, name) of the units and stations that send commissioners, by name."""
    rows = session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(Organisation.kind.in_(SENDERS))
        .order_by(*ordering(ORDER))
        .limit(MOST_CHOICES)
    )
    return [(str(id_), name) for id_, name in rows]


@dataclass(frozen=True)
class Search:
    """What the list of organisations is narrowed by; empty strings narrow nothing."""

    words: str = ""
    kind: str = ""
    place: str = ""


def called(words: str) -> sa.ColumnElement[bool]:
    """Organisations whose name contains the words, or whose pinyin or initials begin with them."""
    text = words.strip()
    letters = text.lower().replace(" ", "")
    return sa.or_(
        Organisation.name.contains(text, autoescape=True),
        sa.func.replace(Organisation.pinyin, " ", "").startswith(letters, autoescape=True),
        Organisation.initials.startswith(letters, autoescape=True),
    )


def organisations_page(
    session: Session, actor: Actor, search: Search, after: Sequence[Any] | None, size: int
) -> Sequence[Any]:
    """Rows (uid, name, kind, region_code, township, county, pinyin, id) by name, at most size + 1."""
    county = aliased(Region)
    wanted = (
        sa.select(
            Organisation.uid,
            Organisation.name,
            Organisation.kind,
            Organisation.region_code,
            Region.name.label("place"),
            county.name.label("county"),
            Organisation.pinyin,
            Organisation.id,
        )
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(county, sa.and_(county.code == Region.parent_code, Region.rank != "county"))
        .where(sees(actor), behind(ORDER, after if _fits(after) else None))
        .order_by(*ordering(ORDER))
        .limit(size + 1)
    )
    if search.words.strip():
        wanted = wanted.where(called(search.words))
    if search.kind:
        wanted = wanted.where(Organisation.kind == search.kind)
    if search.place:
        wanted = wanted.where(inside(Organisation.region_code, search.place))
    return session.execute(wanted).all()


def _fits(after: Sequence[Any] | None) -> bool:
    """Whether a cursor from an address has the shape of one of ours."""
    return bool(after) and len(after or ()) == 2 and isinstance(after[0], str) and isinstance(after[1], int)  # type: ignore[index]


def contact_phone_of(session: Session, found: Organisation) -> str | None:
    """The contact's number in clear. Pages mask it; showing it in full goes through `actions.reveal`."""
    return keyring_of(session).open(found.contact_phone_sealed) if found.contact_phone_sealed else None
