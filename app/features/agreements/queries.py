"""Reads of agreements: one with its parties, what is on file in a territory, what waits for its sealed scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.domain.agreements import AgreementState
from app.domain.matches import MatchState
from app.domain.roles import Actor
from app.features.agreements.models import Agreement
from app.features.commissioners.models import Commissioner
from app.features.demands import queries as demands
from app.features.demands.models import Demand
from app.features.matches import queries as matches
from app.features.matches.models import Match
from app.features.menus import queries as menus
from app.features.organisations.models import Organisation
from app.features.regions import queries as regions
from app.storage.keyset import behind, ordering

NEWEST_FIRST = ((Agreement.id, True),)


def _whole() -> sa.Select[Agreement]:
    of_match = joinedload(Agreement.match)
    return sa.select(Agreement).options(
        of_match.joinedload(Match.commissioner).joinedload(Commissioner.person),
        of_match.joinedload(Match.demand).joinedload(Demand.region),
        joinedload(Agreement.sending_unit),
        joinedload(Agreement.served_unit),
        joinedload(Agreement.scan),
    )


def seen(actor: Actor) -> sa.ColumnElement[bool]:
    """Agreements this person may open: of matches he or she may know of, or as sending or served unit."""
    if actor.role is None:
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = [Agreement.match_id.in_(sa.select(Match.id).where(matches.seen(actor)))]
    if actor.reach.organisation_id is not None:
        own = actor.reach.organisation_id
        ways += [Agreement.sending_unit_id == own, Agreement.served_unit_id == own]
    return sa.or_(*ways)


def agreement(session: Session, actor: Actor, uid: UUID) -> Agreement | None:
    """The agreement with its parties, if this person may open it."""
    return session.scalar(_whole().where(Agreement.uid == uid, seen(actor)))


def of_match(session: Session, match_id: int) -> Agreement | None:
    """The agreement of a match; there is at most one."""
    return session.scalar(_whole().where(Agreement.match_id == match_id))


def lock(session: Session, agreement_id: int) -> None:
    """Hold the row until the transaction ends and read it afresh."""
    wanted = sa.select(Agreement).where(Agreement.id == agreement_id).with_for_update(of=Agreement)
    session.scalar(wanted.execution_options(populate_existing=True))


@dataclass(frozen=True)
class AgreementRow:
    """An agreement as the list shows it."""

    id: int
    uid: UUID
    title: str
    commissioner: str
    served_unit: str
    region_code: str
    begins_on: date
    ends_on: date
    state: AgreementState
    filed_on: date | None
    has_scan: bool


def agreements_page(
    session: Session,
    actor: Actor,
    states: Sequence[AgreementState],
    after: Sequence[object] | None,
    size: int,
    *,
    scan_missing: bool = False,
) -> list[AgreementRow]:
    """Agreements this person may open, newest first, at most size + 1; on request only those without a scan."""
    wanted = (
        sa.select(
            Agreement.id,
            Agreement.uid,
            Demand.title,
            Commissioner.name,
            Organisation.name,
            Demand.region_code,
            Agreement.begins_on,
            Agreement.ends_on,
            Agreement.state,
            Agreement.filed_on,
            sa.type_coerce(Agreement.scan_id.is_not(None), sa.Boolean),
        )
        .join(Match, Match.id == Agreement.match_id)
        .join(Demand, Demand.id == Match.demand_id)
        .join(Commissioner, Commissioner.id == Match.commissioner_id)
        .join(Organisation, Organisation.id == Agreement.served_unit_id)
        .where(seen(actor), behind(NEWEST_FIRST, menus.row_after(after)))
    )
    if states:
        wanted = wanted.where(Agreement.state.in_(states))
    if scan_missing:
        wanted = wanted.where(Agreement.scan_id.is_(None), Agreement.state == AgreementState.IN_FORCE)
    return [AgreementRow(*row) for row in session.execute(wanted.order_by(*ordering(NEWEST_FIRST)).limit(size + 1))]


def _without_agreement(actor: Actor, *wanted: Any) -> sa.Select[Any]:
    """Accepted matches of this person that are still under way and have no agreement on file."""
    filed = sa.exists().where(Agreement.match_id == Match.id, Agreement.state != AgreementState.DRAFT)
    return (
        sa.select(*wanted)
        .select_from(Match)
        .join(Demand, Demand.id == Match.demand_id)
        .where(
            Match.state == MatchState.ACCEPTED,
            Demand.state.in_(matches.UNDER_WAY),
            matches.seen(actor),
            sa.not_(filed),
        )
    )


def waiting_for_agreement(session: Session, actor: Actor, most: int) -> list[Match]:
    """At most `most` accepted matches of this person without an agreement on file, the oldest first."""
    also = (contains_eager(Match.demand).joinedload(Demand.organisation), joinedload(Match.commissioner))
    wanted = _without_agreement(actor, Match).options(*also).order_by(Match.id).limit(most)
    return list(session.scalars(wanted))


def count_waiting_for_agreement(session: Session, actor: Actor) -> int:
    """How many accepted matches of this person have no agreement on file."""
    return session.scalar(_without_agreement(actor, sa.func.count())) or 0


@dataclass(frozen=True)
class Prefilled:
    """What an agreement's form begins with: nothing is asked that the match already says."""

    begins_on: date
    ends_on: date
    content: str
    sending_unit_id: int | None
    sending_unit: str | None


def prefilled(session: Session, match: Match, today: date) -> Prefilled:
    """Term and parties from the appointment, words from the demand.

    The term begins today and ends with the appointment under which the commissioner acts.
    """
    held = menus.appointment_on(session, match.commissioner_id, today)
    commissioner, demand = match.commissioner, match.demand
    unit = session.get(Organisation, commissioner.sending_unit_id) if commissioner.sending_unit_id else None
    place = regions.place_name(session, demand.region_code)
    lines = [f"围绕{place}{demand.organisation.name}提出的“{demand.title}”开展科技服务："]
    lines.append("一、到现场查明情况，提出可操作的技术方案；")
    lines.append("二、指导实施，服务后填写服务记录，由受援单位确认；")
    lines.append("三、受援单位提供必要的现场条件，如实反映效果。")
    return Prefilled(
        begins_on=max(today, held.begins) if held else today,
        ends_on=held.ends if held else date(today.year, 12, 31),
        content="\n".join(lines),
        sending_unit_id=unit.id if unit else None,
        sending_unit=unit.name if unit else None,
    )


def is_bureau_of(actor: Actor, agreement: Agreement) -> bool:
    """Whether the agreement's demand lies in this person's territory; only the bureau's side ends an agreement."""
    return demands.is_own(actor, agreement.match.demand)
