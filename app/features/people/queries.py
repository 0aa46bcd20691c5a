"""Reads of natural persons: by uid, by identity number, by name and phone."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.features.people.models import Person
from app.storage.keyring import keyring_of


def person(session: Session, uid: UUID) -> Person | None:
    return session.scalar(sa.select(Person).where(Person.uid == uid))


def called(words: str) -> sa.ColumnElement[bool]:
    """Persons whose name contains the words, or whose pinyin or initials begin with them."""
    text = words.strip()
    letters = text.lower().replace(" ", "")
    return sa.or_(
        Person.name.contains(text, autoescape=True),
        sa.func.replace(Person.pinyin, " ", "").startswith(letters, autoescape=True),
        Person.initials.startswith(letters, autoescape=True),
    )


def person_by_id_number(session: Session, number: str) -> Person | None:
    """The person with an identity number in normal form (domain.identity)."""
    found = keyring_of(session).lookup_hash(f"id:{number}")
    return session.scalar(sa.select(Person).where(Person.id_number_hash == found))


def person_by_phone(session: Session, name: str, digits: str) -> Person | None:
    """The person of this name with this phone number; the one recorded first where there are several."""
    found = keyring_of(session).lookup_hash(f"phone:{digits}")
    return session.scalar(
        sa.select(Person).where(Person.phone_hash == found, Person.name == name).order_by(Person.id).limit(1)
    )


def phone_of(session: Session, found: Person) -> str | None:
    """The phone number in clear. Pages mask it; showing it in full goes through `actions.reveal`."""
    return keyring_of(session).open(found.phone_sealed) if found.phone_sealed else None
