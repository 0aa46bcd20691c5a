"""Reads of demands: who may know of which, the list with its filters, what waits for whom.

Open demands are known city-wide to officials and commissioners, without contacts (decisions 10); all others only
inside their territory. A confidential demand shows outsiders its industry and title, nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from app.domain.demands import WAITING_FOR_BUREAU, DemandState
from app.domain.divisions import contains
from app.domain.roles import Actor
from app.domain.vocabulary import NeedType, Urgency
from app.features.demands.models import Demand, DemandPhoto
from app.features.menus import queries as menus
from app.features.organisations.models import Organisation
from app.storage.keyset import behind, ordering
from app.storage.reach import inside, nothing

CITY_WIDE = (DemandState.OPEN, DemandState.NONE_SUITABLE)
NO_DAY = date(9999, 12, 31)  # demands without a due date stand last
DUE = sa.func.coalesce(Demand.due_on, sa.literal(NO_DAY, sa.Date))
ORDERS = {"new": ((Demand.id, True),), "due": ((DUE, False), (Demand.id, False))}


def own(actor: Actor) -> sa.ColumnElement[bool]:
    """Demands that are this person's business: of the territory or the organisation. Drafts stay in the township."""
    reach = actor.reach
    if actor.role is None:
        return sa.true()
    if reach.territory:
        draft_seen = sa.or_(
            Demand.state != DemandState.DRAFT,
            Demand.region_code == reach.territory,
            Demand.poster_id == actor.account_id if actor.account_id is not None else sa.false(),
        )
        return sa.and_(inside(Demand.region_code, reach.territory), draft_seen)
    if reach.organisation_id is not None:
        return Demand.organisation_id == reach.organisation_id
    return nothing()


def known(actor: Actor) -> sa.ColumnElement[bool]:
    """Demands this person may know of: his or her own, and the open ones of the whole city."""
    if actor.reach.territory or actor.may("matches.answer"):
        return sa.or_(own(actor), Demand.state.in_(CITY_WIDE))
    return own(actor)


def is_own(actor: Actor, demand: Demand) -> bool:
    """Whether a demand is this person's business (the same rule as `own`, for a loaded row)."""
    reach = actor.reach
    if actor.role is None:
        return True
    if reach.territory:
        return contains(reach.territory, demand.region_code)
    return reach.organisation_id is not None and reach.organisation_id == demand.organisation_id


def sees_fully(actor: Actor, demand: Demand) -> bool:
    """Whether more than industry and title may be shown. Contacts are another matter (matches.queries.known)."""
    return not demand.confidential or is_own(actor, demand)


def _whole() -> sa.Select[Demand]:
    return sa.select(Demand).options(
        joinedload(Demand.region),
        joinedload(Demand.organisation),
        selectinload(Demand.steps),
        selectinload(Demand.photos).joinedload(DemandPhoto.file),
    )


def demand(session: Session, actor: Actor, uid: UUID) -> Demand | None:
    """The demand with unit, history and photos, if this person may know of it."""
    return session.scalar(_whole().where(Demand.uid == uid, known(actor)))


def own_demand(session: Session, actor: Actor, uid: UUID, *, for_update: bool = False) -> Demand | None:
    """The demand, if it is this person's business; locked when it is to be changed."""
    if for_update:
        lock(session, sa.and_(Demand.uid == uid, own(actor)))
    return session.scalar(_whole().where(Demand.uid == uid, own(actor)))


def any_demand(session: Session, uid: UUID) -> Demand | None:
    """The demand whoever asks; the desk that asks has decided that this person may know of it."""
    return session.scalar(_whole().where(Demand.uid == uid))


def lock(session: Session, which: sa.ColumnElement[bool]) -> Demand | None:
    """Hold the row until the transaction ends and read it afresh: two people may press at once."""
    wanted = sa.select(Demand).where(which).with_for_update(of=Demand)
    return session.scalar(wanted.execution_options(populate_existing=True))


@dataclass(frozen=True)
class DemandFilter:
    """What a reader of the list asks for; empty values ask for nothing.

    `city_wide` leaves the own territory; `sort` is `new` (newest first) or `due` (most pressing first).
    """

    city_wide: bool = False
    states: tuple[DemandState, ...] = ()
    place: str = ""
    industry_ids: tuple[int, ...] = ()
    need_type: NeedType | None = None
    urgency: Urgency | None = None
    overdue: bool = False
    search: str = ""
    sort: str = "new"


@dataclass(frozen=True)
class DemandRow:
    """A demand as the list shows it; of a confidential one outsiders get neither place nor unit."""

    id: int
    uid: UUID
    title: str
    region_code: str | None
    unit: str | None
    industry_id: int | None
    need_type: NeedType | None
    urgency: Urgency
    state: DemandState
    due_on: date | None
    submitted_on: date | None
    hidden: bool
    overdue: bool


def is_overdue(today: date) -> sa.ColumnElement[bool]:
    """Waits for the bureau although its day has passed."""
    return sa.and_(Demand.state.in_(WAITING_FOR_BUREAU), Demand.due_on < today)


def _asked_for(actor: Actor, today: date, asked: DemandFilter) -> Iterable[sa.ColumnElement[bool]]:
    told = sa.or_(sa.not_(Demand.confidential), own(actor))
    yield known(actor) if asked.city_wide else own(actor)
    if asked.states:
        yield Demand.state.in_(asked.states)
    if asked.place:
        yield sa.and_(inside(Demand.region_code, asked.place), told)
    if asked.industry_ids:
        yield Demand.industry_id.in_(asked.industry_ids)
    if asked.need_type:
        yield Demand.need_type == asked.need_type
    if asked.urgency:
        yield Demand.urgency == asked.urgency
    if asked.overdue:
        yield is_overdue(today)
    if asked.search.strip():
        text = asked.search.strip()
        beyond_title = sa.or_(
            Demand.description.contains(text, autoescape=True), Organisation.name.contains(text, autoescape=True)
        )
        yield sa.or_(Demand.title.contains(text, autoescape=True), sa.and_(beyond_title, told))


def sort_values(row: DemandRow, sort: str) -> list[object]:
    """What the next page of the list begins behind."""
    return [row.due_on or NO_DAY, row.id] if sort == "due" else [row.id]


def demands_page(
    session: Session, actor: Actor, today: date, asked: DemandFilter, after: Sequence[object] | None, size: int
) -> list[DemandRow]:
    """Demands this person may know of, in the order asked for, at most size + 1."""
    order = ORDERS.get(asked.sort, ORDERS["new"])
    after = _due_after(after) if len(order) == 2 else menus.row_after(after)
    hidden = sa.and_(Demand.confidential, sa.not_(own(actor)))
    rows = session.execute(
        sa.select(
            Demand.id,
            Demand.uid,
            Demand.title,
            sa.case((hidden, None), else_=Demand.region_code),
            sa.case((hidden, None), else_=Organisation.name),
            Demand.industry_id,
            Demand.need_type,
            Demand.urgency,
            Demand.state,
            Demand.due_on,
            Demand.submitted_on,
            sa.type_coerce(hidden, sa.Boolean),
            sa.func.coalesce(sa.type_coerce(is_overdue(today), sa.Boolean), sa.false()),
        )
        .join(Organisation, Organisation.id == Demand.organisation_id)
        .where(*_asked_for(actor, today, asked), behind(order, after))
        .order_by(*ordering(order))
        .limit(size + 1)
    )
    return [DemandRow(*row) for row in rows]


def _due_after(after: Sequence[object] | None) -> Sequence[object] | None:
    """A cursor of due date and key as it comes from an address; None when it was damaged."""
    if after is None or len(after) != 2 or type(after[1]) is not int:
        return None
    try:
        return [date.fromisoformat(str(after[0])), after[1]]
    except ValueError:
        return None


@dataclass(frozen=True)
class Waiting:
    """How many demands of one's own stand where; the counts of the list's tabs and of first pages."""

    by_state: dict[DemandState, int]
    overdue: int

    def of(self, *states: DemandState) -> int:
        return sum(self.by_state.get(state, 0) for state in states)


def waiting_counts(session: Session, actor: Actor, today: date, *, city_wide: bool = False) -> Waiting:
    """Unfinished demands by state, and how many of them are overdue. Counts rows of an index, not of the table."""
    unfinished = [s for s in DemandState if s not in (DemandState.CLOSED, DemandState.WITHDRAWN, DemandState.CANCELLED)]
    rows = session.execute(
        sa.select(Demand.state, sa.func.count(), sa.func.count().filter(is_overdue(today)))
        .where(known(actor) if city_wide else own(actor), Demand.state.in_(unfinished))
        .group_by(Demand.state)
    ).all()
    return Waiting({state: count for state, count, _ in rows}, sum(late for _, _, late in rows))
