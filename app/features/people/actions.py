"""Writes of natural persons: kept once each, corrected, and their numbers shown only with a trail."""

from datetime import date

from sqlalchemy.orm import Session

from app.domain import identity
from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.features.people import queries
from app.features.people.models import Person
from app.storage import trail
from app.storage.keyring import keyring_of
from app.storage.names import pinyin_of
from app.storage.session import unique_or
from app.storage.versions import raise_version

GONE = "这个人的信息已匿名化，不能再改动；要再选认，请作为新的人登记。"
ID_TAKEN = "这个身份证号已登记在另一个姓名之下，请核对姓名和身份证号。"


def keep_person(
    session: Session,
    actor: Actor,
    today: date,
    *,
    name: str,
    id_number: str | None = None,
    phone: str | None = None,
    employer_id: int | None = None,
    professional_title: str | None = None,
    education: str | None = None,
) -> Person:
    """The one row of a person: found by identity number, else by name and phone, else made.

    What is given and not known yet is filled in; what is known stays (correcting it is `change_person`).
    Refused: a badly formed number, an identity number that belongs to somebody of another name.
    """
    name = plain_person_name(name)
    number = identity.id_number(id_number, today) if id_number else None
    digits = identity.mobile_phone(phone) if phone else None
    found = _known(session, name, number, digits)
    if found is None:
        found = Person(name=name)
        found.pinyin, found.initials = pinyin_of(name, person=True)
        filled = _fill(session, found, number, digits, employer_id, professional_title, education)
        with unique_or(session, AlreadyDone("刚刚有人登记了同一个身份证号，请刷新后再试。", field="id_number")):
            session.add(found)
        trail.record(session, actor, "people.keep", found)
        return found
    filled = _fill(session, found, number, digits, employer_id, professional_title, education)
    if filled:
        raise_version(found)
        trail.record(session, actor, "people.fill", found)
        session.flush()
    return found


def plain_person_name(name: str) -> str:
    """A name without the blanks that rosters put into short names (陈　明); refused when nothing is left."""
    bare = name.strip()
    plain = " ".join(bare.split()) if any(c.isascii() and c.isalpha() for c in bare) else "".join(bare.split())
    if not plain:
        raise RuleBroken("请填写姓名。", field="name")
    if len(plain) > 60:
        raise RuleBroken("姓名最多60个字，请检查是否填错了位置。", field="name")
    return plain


def _known(session: Session, name: str, number: str | None, digits: str | None) -> Person | None:
    by_number = queries.person_by_id_number(session, number) if number else None
    if by_number is not None:
        if by_number.name != name:
            raise RuleBroken(ID_TAKEN, field="id_number")
        return by_number
    by_phone = queries.person_by_phone(session, name, digits) if digits else None
    # Same name and phone, but another identity number: a shared phone, two persons.
    return None if by_phone is not None and number and by_phone.id_number_hash else by_phone


def _fill(
    session: Session,
    found: Person,
    number: str | None,
    digits: str | None,
    employer_id: int | None,
    professional_title: str | None,
    education: str | None,
) -> bool:
    """Fill in what is empty; whether anything was."""
    ring = keyring_of(session)
    filled = False
    if number and not found.id_number_hash:
        found.id_number_sealed, found.id_number_hash = ring.seal(number), ring.lookup_hash(f"id:{number}")
        filled = True
    if digits and not found.phone_hash:
        set_phone(session, found, digits)
        filled = True
    given = {"employer_id": employer_id, "professional_title": professional_title, "education": education}
    for column, value in given.items():
        if value and not getattr(found, column):
            setattr(found, column, value)
            filled = True
    return filled


def set_phone(session: Session, found: Person, digits: str) -> None:
    """Keep a number in normal form, sealed, with the hash by which it is found."""
    ring = keyring_of(session)
    found.phone_sealed, found.phone_hash = ring.seal(digits), ring.lookup_hash(f"phone:{digits}")


def change_person(
    session: Session,
    actor: Actor,
    found: Person,
    *,
    name: str,
    phone: str | None,
    professional_title: str | None,
    education: str | None,
) -> Person:
    """Correct a person; an empty `phone` leaves the number as it is (pages never show it to be retyped)."""
    if found.anonymised_at is not None:
        raise RuleBroken(GONE)
    name = plain_person_name(name)
    if name != found.name:
        found.name = name
        found.pinyin, found.initials = pinyin_of(name, person=True)
    if phone:
        set_phone(session, found, identity.mobile_phone(phone))
    found.professional_title = professional_title or None
    found.education = education or None
    if trail.changes_of(found):
        raise_version(found)
        trail.record(session, actor, "people.change", found)
    return found


def reveal(session: Session, actor: Actor, found: Person, purpose: str) -> str | None:
    """The phone number in clear, for `purpose` (Chinese words); each showing leaves a trail row.

    Whether the actor may see it is decided by the record through which it is asked for.
    """
    trail.record(session, actor, "people.reveal", found, words=purpose, changes={})
    return queries.phone_of(session, found)
