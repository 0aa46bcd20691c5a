"""Writes of service menus: keep a dish, publish it city-wide, withdraw it. Each tells the matching index."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.calendar import shanghai_date
from app.domain.menus import MOVES, OfferState
from app.domain.refusals import RuleBroken
from app.domain.roles import Actor
from app.domain.vocabulary import NeedType, ServiceMode
from app.features.commissioners.models import Commissioner
from app.features.menus import queries
from app.features.menus.models import Offer
from app.storage import matching_log, trail
from app.storage.versions import check_fresh, raise_version


def keep_offer(
    session: Session,
    actor: Actor,
    *,
    title: str,
    need_type: NeedType,
    commissioner: Commissioner | None = None,
    description: str = "",
    industry_id: int | None = None,
    mode: ServiceMode | None = None,
    offer: Offer | None = None,
    version: int | None = None,
) -> Offer:
    """A new dish (a draft) of `commissioner`, or `offer` with new words; a published one stays published.

    Refused: no title; an edit of a page opened before somebody else's edit (StaleEdit).
    """
    title = " ".join(title.split())
    if not title:
        raise RuleBroken("请用一句话写明能提供什么服务。", field="title")
    if offer is None:
        if commissioner is None:
            raise RuleBroken("请选择以谁的名义提供服务。", field="commissioner")
        offer = Offer(commissioner_id=commissioner.id, state=OfferState.DRAFT)
        session.add(offer)
    elif version is not None:
        check_fresh(offer, version)
    offer.title, offer.description, offer.need_type = title, description.strip(), need_type
    offer.industry_id, offer.mode = industry_id, mode
    new = offer.id is None
    if not new:
        raise_version(offer)
    trail.record(session, actor, "menus.add" if new else "menus.edit", offer)
    session.flush()
    if offer.state == OfferState.PUBLISHED:
        _tell_index(session, offer)
    return offer


def publish(session: Session, actor: Actor, now: datetime, offer: Offer) -> Offer:
    """Show a dish city-wide. Refused when its commissioner holds no appointment today."""
    target = OfferState(MOVES.take(offer.state, "publish"))
    if queries.appointment_on(session, offer.commissioner_id, shanghai_date(now)) is None:
        raise RuleBroken("目前没有在有效期内的选认，暂时不能公布；可先存为草稿，选认后再公布。")
    offer.state, offer.published_at = target, offer.published_at or now
    return _moved(session, actor, offer, "menus.publish")


def withdraw(session: Session, actor: Actor, offer: Offer) -> Offer:
    """Take a dish off the menu; what came of it stays."""
    offer.state = OfferState(MOVES.take(offer.state, "withdraw"))
    return _moved(session, actor, offer, "menus.withdraw")


def _moved(session: Session, actor: Actor, offer: Offer, tag: str) -> Offer:
    raise_version(offer)
    trail.record(session, actor, tag, offer)
    session.flush()
    _tell_index(session, offer)
    return offer


def _tell_index(session: Session, offer: Offer) -> None:
    """Say in this transaction that the offer changed, so that the next suggestion of any worker sees it."""
    matching_log.announce(session, [offer.id])
