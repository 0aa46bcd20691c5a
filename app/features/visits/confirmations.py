"""The served side's word on a visit: asked by link or QR code, taken from a sealed sheet, or called back for.

A word holds for what it was given on: the visit's fingerprint is kept with it, and a changed visit must be
confirmed anew. Whoever answers needs no account; the token in the address is all there is.
"""

import secrets
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.domain.visits import ConfirmationAnswer, VisitState, check_answer, reviews_at, stands_confirmed
from app.domain.vocabulary import ConfirmationChannel, Labelled
from app.domain.wording import spoken
from app.features.accounts.queries import token_hash
from app.features.organisations import actions as organisations
from app.features.visits import queries
from app.features.visits.models import Confirmation, Visit
from app.storage import trail
from app.storage.files import StoredFile

LINK_LIFE = timedelta(days=60)
BY_TOKEN = (ConfirmationChannel.LINK, ConfirmationChannel.QR_ON_SITE)
ANSWERED = "这次服务已经答复过了，以第一次的答复为准。需要更正请联系科技特派员或县（区）科技局。"
EXPIRED = "这个链接已过期，请联系科技特派员重新发送。"
CHANGED = "这次服务的记录在发出链接后改过，请联系科技特派员重新发送链接。"
UNKNOWN = "这个链接不完整或不存在，请从收到的消息里重新点开。"


class LinkState(Labelled):
    """What a link still does."""

    OPEN = ("open", "待确认")
    ANSWERED = ("answered", "已答复")
    EXPIRED = ("expired", "已过期")
    CHANGED = ("changed", "记录已改动")


def by_token(session: Session, token: str) -> Confirmation | None:
    """The request for confirmation that a link names, answered or not, expired or not."""
    return session.scalar(sa.select(Confirmation).where(Confirmation.token_hash == token_hash(token)))


def visit_of(session: Session, asked: Confirmation) -> Visit:
    """The visit that a request is about, whole, whoever asks."""
    return session.scalars(sa.select(Visit).where(Visit.id == asked.visit_id).options(*queries.WHOLE)).one()


def link_state(asked: Confirmation, visit: Visit, now: datetime) -> LinkState:
    """What the link of a request does now; an answer stays shown whatever happened to the visit since."""
    if asked.answer is not None:
        return LinkState.ANSWERED
    if asked.expires_at is not None and asked.expires_at <= now:
        return LinkState.EXPIRED
    if visit.fingerprint != asked.content_hash or visit.state == VisitState.WITHDRAWN:
        return LinkState.CHANGED
    return LinkState.OPEN


def words_on(visit: Visit) -> dict[int, Confirmation]:
    """Served unit → its latest word on the visit as it is now; units that have said nothing on it are missing."""
    given = [c for c in visit.confirmations if c.answer is not None and c.content_hash == visit.fingerprint]
    given.sort(key=lambda c: (c.answered_at, c.id))
    return {c.organisation_id: c for c in given}


def is_disputed(visit: Visit) -> bool:
    """Whether a served unit's standing word is that the visit was not so."""
    return any(c.answer == ConfirmationAnswer.DISPUTED for c in words_on(visit).values())


def ask_confirmation(
    session: Session, actor: Actor, now: datetime, visit: Visit, organisation_id: int, channel: ConfirmationChannel
) -> str:
    """Ask a served unit for its word; the token of the link or QR code. Earlier unanswered links of it end.

    Refused: a draft or withdrawn visit, a unit it did not serve, a unit that has confirmed it as it is.
    """
    _check_can_answer(visit, organisation_id)
    if channel not in BY_TOKEN:
        raise RuleBroken("链接和二维码之外的确认方式，请直接登记结果。")
    word = words_on(visit).get(organisation_id)
    if word is not None and word.answer == ConfirmationAnswer.CONFIRMED:
        raise AlreadyDone("这个单位已经确认过现在的内容，不用再发。")
    _end_open_links(visit, organisation_id, now)
    token = secrets.token_urlsafe(18)
    asked = Confirmation(
        visit_id=visit.id,
        organisation_id=organisation_id,
        channel=channel,
        token_hash=token_hash(token),
        content_hash=visit.fingerprint,
        expires_at=now + LINK_LIFE,
    )
    session.add(asked)
    trail.record(session, actor, "visits.ask_confirmation", asked, words=channel.label)
    session.flush()
    session.expire(visit, ["confirmations"])
    return token


def answer_confirmation(
    session: Session,
    now: datetime,
    today: date,
    token: str,
    answer: ConfirmationAnswer,
    words: str | None = None,
    name: str | None = None,
    satisfaction: int | None = None,
) -> Confirmation:
    """The served side's word, by the link it was sent. The first answer stands; the same one again changes nothing.

    Refused: an unknown or expired link, another answer than the one given, a visit changed since the link was
    sent, and a dispute without words.
    """
    asked = by_token(session, token)
    if asked is None:
        raise RuleBroken(UNKNOWN)
    visit = queries.locked(session, asked.visit_id)  # two units, or two taps, take turns
    state = link_state(asked, visit, now)
    if state == LinkState.ANSWERED:
        if asked.answer == answer:
            return asked
        raise AlreadyDone(ANSWERED)
    if state != LinkState.OPEN:
        raise RuleBroken(EXPIRED if state == LinkState.EXPIRED else CHANGED)
    check_answer(answer, words, satisfaction)
    asked.answer, asked.answered_at, asked.words = answer, now, spoken(words, "words")
    asked.answered_by, asked.satisfaction = (name or "").strip()[:60] or None, satisfaction
    by = Actor(None, "受援单位")
    trail.record(session, by, f"visits.{answer.value}", asked, words=asked.channel.label)
    settle(session, by, visit, today)
    return asked


def keep_sheet(
    session: Session, actor: Actor, now: datetime, today: date, visit: Visit, organisation_id: int, scan: StoredFile
) -> Confirmation:
    """A sealed confirmation sheet of a served unit, uploaded: its word with its seal."""
    _check_can_answer(visit, organisation_id)
    return _keep_word(
        session,
        actor,
        visit,
        today,
        Confirmation(
            visit_id=visit.id,
            organisation_id=organisation_id,
            channel=ConfirmationChannel.SEALED_SHEET,
            content_hash=visit.fingerprint,
            answer=ConfirmationAnswer.CONFIRMED,
            answered_at=now,
            scan_id=scan.id,
        ),
    )


def call_back(
    session: Session,
    actor: Actor,
    now: datetime,
    today: date,
    visit: Visit,
    organisation_id: int,
    answer: ConfirmationAnswer,
    words: str | None = None,
    name: str | None = None,
    satisfaction: int | None = None,
) -> Confirmation:
    """What a served unit said when the county called it; the latest word of a unit holds, so this may settle a
    dispute or raise one. Refused: for whoever does not review the visit, and a dispute without words."""
    if actor.role is not None and not reviews_at(actor, visit.region_code):
        raise RuleBroken("电话回访由服务所在县（区）的审核员登记。")
    _check_can_answer(visit, organisation_id)
    check_answer(answer, words, satisfaction)
    return _keep_word(
        session,
        actor,
        visit,
        today,
        Confirmation(
            visit_id=visit.id,
            organisation_id=organisation_id,
            channel=ConfirmationChannel.CALL_BACK,
            content_hash=visit.fingerprint,
            answer=answer,
            answered_at=now,
            words=spoken(words, "words"),
            answered_by=(name or "").strip()[:60] or None,
            satisfaction=satisfaction,
        ),
    )


def show_contact(session: Session, actor: Actor, visit: Visit, organisation_id: int) -> str | None:
    """The number by which a served unit can be called back, for whoever reviews the visit; leaves a trail row."""
    if not reviews_at(actor, visit.region_code):
        raise RuleBroken("联系电话只给服务所在县（区）的审核员回访时查看。")
    unit = next((row.organisation for row in visit.served if row.organisation_id == organisation_id), None)
    return organisations.reveal(session, actor, unit, "电话回访服务记录") if unit is not None else None


def _keep_word(session: Session, actor: Actor, visit: Visit, today: date, word: Confirmation) -> Confirmation:
    assert word.answered_at is not None
    _end_open_links(visit, word.organisation_id, word.answered_at)
    session.add(word)
    trail.record(session, actor, f"visits.{word.answer}", word, words=word.channel.label)
    session.flush()
    session.expire(visit, ["confirmations"])
    settle(session, actor, visit, today)
    return word


def settle(session: Session, by: Actor, visit: Visit, today: date) -> None:
    """Bring `confirmed_on` into line with the words given on what the visit says now (domain: stands_confirmed)."""
    words = [(c.organisation_id, c.answer) for c in words_on(visit).values() if c.answer is not None]
    confirmed = stands_confirmed(words)
    if confirmed != (visit.confirmed_on is not None):
        visit.confirmed_on = today if confirmed else None
        trail.record(session, by, "visits.stands_confirmed" if confirmed else "visits.stands_unconfirmed", visit)


def _check_can_answer(visit: Visit, organisation_id: int) -> None:
    if visit.state in (VisitState.DRAFT, VisitState.WITHDRAWN):
        raise RuleBroken("请先提交服务记录，再请受援单位确认。")
    if organisation_id not in {unit.organisation_id for unit in visit.served}:
        raise RuleBroken("这个单位不是这次服务的对象。")


def _end_open_links(visit: Visit, organisation_id: int, now: datetime) -> None:
    for earlier in visit.confirmations:
        if earlier.organisation_id == organisation_id and earlier.answer is None:
            earlier.expires_at = min(earlier.expires_at or now, now)
