"""Taking a person's values out of every row, for good. The confirmation stands on the page; there is no way back."""

import json
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain import anonymising
from app.domain.anonymising import Because
from app.domain.menus import OfferState
from app.domain.roles import Actor
from app.features.accounts import actions as accounts
from app.features.anonymising import queries
from app.features.anonymising.queries import Records
from app.features.menus import actions as menus
from app.features.people.models import Person
from app.features.rounds.models import ImportEffect, ImportWorkbook
from app.storage import matching_log, personal, trail
from app.storage.held import HeldForm
from app.storage.keyring import keyring_of
from app.storage.names import pinyin_of
from app.storage.versions import raise_version


def anonymise(session: Session, actor: Actor, today: date, now: datetime, person: Person, because: Because) -> Person:
    """Take out name, pinyin, numbers, phone, employer, title, education and account, and the name from free words.

    Counts stay: the row of the person and all that hangs on it remain. Sealed scans of agreements stay as evidence
    (decision 12), the trail stays sealed, and words of it that name the person are shown no more. Refused while the
    person serves or something waits for an answer (domain/anonymising.py).
    """
    session.scalars(
        sa.select(Person).where(Person.id == person.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    found = queries.records(session, person)
    anonymising.check(queries.leaving(session, actor, found, today))
    gone = queries.values(session, found)
    trail.hide_words(session, queries.named_in_trail(session, found))
    for offer in found.offers:
        if offer.state == OfferState.PUBLISHED:
            menus.withdraw(session, actor, offer)
    mended = _free_words(session, found, gone)
    _accounts(session, actor, found, now)
    for row in found.whose_values_go():
        personal.blank(row)
        raise_version(row)
    for account in found.accounts:
        account.login = f"gone-{account.id}"
    person.anonymised_at = now
    _imports(session, found, gone)
    trail.record(session, actor, "people.anonymise", person, words=f"{because.label}；文字改写{mended}处")
    session.flush()
    return person


def _free_words(session: Session, found: Records, gone: list[str]) -> int:
    """Put the substitute where the name stands in words that people wrote; in how many rows.

    A visit's fingerprint stays: it is of what the served side confirmed, which this does not change.
    """
    mended = [row for row in found.that_may_name() if personal.replace(row, gone)]
    for row in mended:
        if hasattr(row, "version"):
            raise_version(row)
    for team in found.teams:
        if team in mended:
            team.pinyin, team.initials = pinyin_of(team.name)
    matching_log.announce(session, [row.id for row in found.offers])
    return len(mended)


def _accounts(session: Session, actor: Actor, found: Records, now: datetime) -> None:
    """Close the accounts; nothing that was typed in them is kept."""
    for account in found.accounts:
        if account.closed_at is None:
            accounts.close_account(session, actor, account, now)
        account.password_hash = None
        session.execute(sa.delete(HeldForm).where(HeldForm.account_id == account.id))


def _imports(session: Session, found: Records, gone: list[str]) -> None:
    """What roster imports keep: values from before an import, and reports of rows that were left out."""
    ring = keyring_of(session)
    rows: list[Any] = [found.person, *([found.own] if found.own else [])]
    for row in rows:
        session.execute(
            sa.update(ImportEffect)
            .where(
                ImportEffect.table_name == row.__tablename__,
                ImportEffect.row_id == row.id,
                ImportEffect.before_sealed.is_not(None),
            )
            .values(before_sealed=ring.seal("{}"))
        )
    for kept in session.scalars(sa.select(ImportWorkbook).where(ImportWorkbook.report_sealed.is_not(None))):
        told = json.loads(ring.open(kept.report_sealed or "[]"))
        plain = _mended(told, gone)
        if plain != told:
            kept.report_sealed = ring.seal(json.dumps(plain, ensure_ascii=False))


def _mended(told: object, gone: list[str]) -> object:
    """A JSON value in whose texts the values are replaced."""
    if isinstance(told, str):
        return personal.without(told, gone)
    if isinstance(told, list):
        return [_mended(one, gone) for one in told]
    if isinstance(told, dict):
        return {key: _mended(one, gone) for key, one in told.items()}
    return told
