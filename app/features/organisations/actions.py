"""Writes of organisations: kept once each, corrected, and their contacts shown only with a trail."""

from sqlalchemy.orm import Session

from app.domain import identity
from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.domain.vocabulary import OrganisationKind
from app.features.organisations import queries
from app.features.organisations.models import Organisation
from app.features.regions import queries as regions
from app.storage import trail
from app.storage.keyring import keyring_of
from app.storage.names import pinyin_of
from app.storage.session import unique_or
from app.storage.versions import check_fresh, raise_version

KNOWN = "这里已经登记过同名的单位，请在单位列表中查找并使用原有记录。"
CODE_TAKEN = "这个统一社会信用代码已登记在另一个单位名下，请核对。"


def keep_organisation(
    session: Session,
    actor: Actor,
    *,
    kind: OrganisationKind,
    name: str,
    region_code: str | None,
    credit_code: str | None = None,
    contact_name: str | None = None,
    contact_phone: str | None = None,
) -> Organisation:
    """The one row of an organisation: found by place, kind and name, or by credit code and name, else made.

    Refused: an unknown place, one outside the actor's territory (for what is served), a badly formed credit
    code or phone, a credit code that belongs to an organisation of another name.
    """
    name = _plain_name(name)
    _check_place(session, actor, kind, region_code)
    code = identity.credit_code(credit_code) if credit_code else None
    found = queries.by_name(session, kind, name, region_code) or _by_code(session, code, name)
    if found is not None:
        return found
    found = Organisation(kind=kind, name=name, region_code=region_code, credit_code=code)
    found.pinyin, found.initials = pinyin_of(name)
    _set_contact(session, found, contact_name, contact_phone)
    with unique_or(session, AlreadyDone(KNOWN, field="name")):
        session.add(found)
    trail.record(session, actor, "organisations.keep", found)
    return found


def _by_code(session: Session, code: str | None, name: str) -> Organisation | None:
    known = queries.by_credit_code(session, code) if code else None
    if known is not None and known.name != name:
        raise AlreadyDone(CODE_TAKEN, field="credit_code")
    return known


def register_organisation(session: Session, actor: Actor, **values: object) -> Organisation:
    """A new organisation by hand; refused (AlreadyDone) where one of this place, kind and name is known."""
    name, kind, region_code = str(values["name"]), OrganisationKind(str(values["kind"])), values["region_code"]
    if queries.by_name(session, kind, _plain_name(name), str(region_code) if region_code else None) is not None:
        raise AlreadyDone(KNOWN, field="name")
    return keep_organisation(session, actor, **values)  # type: ignore[arg-type]


def keep_sending_unit(session: Session, actor: Actor, name: str | None) -> int | None:
    """The key of the unit or station of this name, recorded where it is new; None for an empty name."""
    plain = " ".join((name or "").split())
    if not plain:
        return None
    found = queries.sender_by_name(session, plain)
    kind = OrganisationKind.SENDING_UNIT
    return (found or keep_organisation(session, actor, kind=kind, name=plain, region_code=None)).id


def _plain_name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise RuleBroken("请填写单位名称。", field="name")
    return plain[:200]


def _check_place(session: Session, actor: Actor, kind: OrganisationKind, region_code: str | None) -> None:
    """What is served lies in a known place of the actor's territory; units that send may lie anywhere."""
    if region_code is None:
        if kind.can_be_served:
            raise RuleBroken("请选择单位所在的乡镇。", field="region_code")
        return
    if regions.region(session, region_code) is None:
        raise RuleBroken("没有这个乡镇，请重新选择。", field="region_code")
    territory = actor.reach.territory
    if kind.can_be_served and territory and not regions.is_inside(session, region_code, territory):
        place = regions.place_name(session, region_code)
        raise RuleBroken(f"{place}不在您的辖区，请选择辖区内的乡镇。", field="region_code")


def _set_contact(session: Session, found: Organisation, name: str | None, phone: str | None) -> None:
    found.contact_name = (name or "").strip() or None
    if phone:
        try:
            digits = identity.mobile_phone(phone)
        except RuleBroken as refusal:
            raise RuleBroken(refusal.message, field="contact_phone") from None
        found.contact_phone_sealed = keyring_of(session).seal(digits)


def change_organisation(
    session: Session,
    actor: Actor,
    found: Organisation,
    opened_version: int,
    *,
    kind: OrganisationKind,
    name: str,
    region_code: str | None,
    credit_code: str | None,
    contact_name: str | None,
    contact_phone: str | None,
) -> Organisation:
    """Correct an organisation (locked by the caller); an empty phone leaves the number as it is.

    Refused: a stale page (StaleEdit), and whatever `keep_organisation` refuses.
    """
    check_fresh(found, opened_version)
    name = _plain_name(name)
    _check_place(session, actor, kind, region_code)
    code = identity.credit_code(credit_code) if credit_code else None
    other = queries.by_credit_code(session, code) if code else None
    if other is not None and other.id != found.id:
        raise AlreadyDone(CODE_TAKEN, field="credit_code")
    with unique_or(session, AlreadyDone(KNOWN, field="name")):
        found.kind, found.name, found.region_code, found.credit_code = kind, name, region_code, code
        found.pinyin, found.initials = pinyin_of(name)
        _set_contact(session, found, contact_name, contact_phone)
        changes = trail.changes_of(found)
        raise_version(found)
    trail.record(session, actor, "organisations.change", found, changes=changes)
    return found


def reveal(session: Session, actor: Actor, found: Organisation, purpose: str) -> str | None:
    """The contact's number in clear, for `purpose` (Chinese words); each showing leaves a trail row."""
    trail.record(session, actor, "organisations.reveal", found, words=purpose, changes={})
    return queries.contact_phone_of(session, found)
