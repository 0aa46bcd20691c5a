"""Reads of the dated dictionaries: industries of a scheme on a day, kinds of result with their units.

The leading industries ("leading_four") are what cover, demands and visits are told apart by; the county chains
("county_chains") are a second way of dividing, a cell for each chain of a county.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.features.vocabulary.models import ChainPart, Industry, IndustryScheme, ResultKind

LEADING = "leading_four"
CHAINS = "county_chains"
MOST_ROWS = 2_000


def _in_use(table: type[IndustryScheme] | type[ResultKind], day: date) -> sa.ColumnElement[bool]:
    return sa.and_(table.valid_from <= day, sa.or_(table.valid_to.is_(None), table.valid_to >= day))


def chosen_on(day: date) -> sa.ColumnElement[bool]:
    """Industries that may be chosen on a day; most hold as long as their scheme."""
    begun = sa.or_(Industry.valid_from.is_(None), Industry.valid_from <= day)
    return sa.and_(begun, sa.or_(Industry.valid_to.is_(None), Industry.valid_to >= day))


def _of_scheme(scheme: str, day: date) -> sa.Select[Industry]:
    return (
        sa.select(Industry)
        .join(IndustryScheme, IndustryScheme.id == Industry.scheme_id)
        .where(IndustryScheme.code == scheme, _in_use(IndustryScheme, day), chosen_on(day))
        .order_by(Industry.place, Industry.id)
        .limit(MOST_ROWS)
    )


def leading_industries(session: Session, day: date) -> list[Industry]:
    """The leading industries on a day, in their order, without 其他: what cover is asked for."""
    wanted = _of_scheme(LEADING, day).where(Industry.parent_id.is_(None), sa.not_(Industry.is_other))
    return list(session.scalars(wanted))


def industry_choices(session: Session, day: date) -> list[tuple[str, str]]:
    """(id, title) of the leading industries on a day and 其他, for select fields."""
    wanted = _of_scheme(LEADING, day).where(Industry.parent_id.is_(None))
    return [(str(row.id), row.title) for row in session.scalars(wanted)]


def sub_industry_choices(session: Session, day: date) -> dict[str, list[tuple[str, str]]]:
    """Leading industry → (id, title) of its parts, for select fields with groups."""
    rows = list(session.scalars(_of_scheme(LEADING, day)))
    titles = {row.id: row.title for row in rows if row.parent_id is None}
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if row.parent_id in titles:
            groups.setdefault(titles[row.parent_id], []).append((str(row.id), row.title))
    return groups


def two_level_choices(session: Session, day: date) -> list[tuple[str, str]]:
    """(id, title) of the leading industries, each followed by its parts, set in: what figures are narrowed by."""
    rows = list(session.scalars(_of_scheme(LEADING, day)))
    parts: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        if row.parent_id is not None:
            parts.setdefault(row.parent_id, []).append((str(row.id), f"\u3000{row.title}"))
    return [
        line for top in rows if top.parent_id is None for line in ((str(top.id), top.title), *parts.get(top.id, ()))
    ]


def industries_by_id(session: Session) -> dict[int, Industry]:
    """Every industry of every scheme, whether in use or not: for naming what a record carries."""
    return {row.id: row for row in session.scalars(sa.select(Industry).order_by(Industry.id).limit(MOST_ROWS))}


def known_industry_ids(session: Session, ids: Iterable[int]) -> set[int]:
    """Which of these ids are industries: for checking what a record is about to carry."""
    return set(session.scalars(sa.select(Industry.id).where(Industry.id.in_(sorted(set(ids)))).limit(MOST_ROWS)))


def industry_by_code(session: Session, code: str, scheme: str = LEADING) -> Industry | None:
    """The industry with this stable name (agriculture, agriculture.tea) in a scheme."""
    return session.scalar(
        sa.select(Industry)
        .join(IndustryScheme, IndustryScheme.id == Industry.scheme_id)
        .where(IndustryScheme.code == scheme, Industry.code == code)
    )


def with_parts(session: Session, industry_id: int) -> list[int]:
    """An industry and its parts: who works in 茶叶 works in 特色现代农业.

    Of a county's chain: the leading industries that count towards it, with their parts, since records name those.
    """
    return parts_of_each(session, [industry_id])[industry_id]


def parts_of_each(session: Session, industry_ids: Iterable[int]) -> dict[int, list[int]]:
    """The same for many industries at once, in two questions however many they are."""
    below: dict[int, set[int]] = {}
    rows = sa.select(Industry.parent_id, Industry.id).limit(MOST_ROWS)
    for parent, part in session.execute(rows):
        if parent is not None:
            below.setdefault(parent, set()).add(part)
    counting: dict[int, set[int]] = {}
    for chain, counted in session.execute(sa.select(ChainPart.chain_id, ChainPart.industry_id).limit(MOST_ROWS)):
        counting.setdefault(chain, set()).add(counted)
    told: dict[int, list[int]] = {}
    for asked in industry_ids:
        own = {asked, *below.get(asked, ())}
        towards = set().union(*(counting.get(one, ()) for one in own))
        told[asked] = sorted(own | towards.union(*(below.get(one, ()) for one in towards)))
    return told


def chain_cells(session: Session, day: date) -> list[Industry]:
    """The live cells of the county chains on a day: each names a county and an industry."""
    return list(session.scalars(_of_scheme(CHAINS, day).where(Industry.county_code.is_not(None))))


def chain_heads(session: Session, day: date) -> list[Industry]:
    """The industries of the county chains on a day, without 其他: what their cells are parts of."""
    return list(
        session.scalars(_of_scheme(CHAINS, day).where(Industry.parent_id.is_(None), sa.not_(Industry.is_other)))
    )


def chain_parts(session: Session) -> dict[int, list[str]]:
    """Cell of a county chain → titles of the leading industries that count towards it."""
    rows = session.execute(
        sa.select(ChainPart.chain_id, Industry.title)
        .join(Industry, Industry.id == ChainPart.industry_id)
        .order_by(ChainPart.chain_id, Industry.place, Industry.id)
        .limit(MOST_ROWS)
    )
    found: dict[int, list[str]] = {}
    for chain_id, title in rows:
        found.setdefault(chain_id, []).append(title)
    return found


def result_kinds(session: Session, day: date) -> list[ResultKind]:
    """The kinds of result a visit of this service date may claim, in the order of forms and tables."""
    return list(
        session.scalars(
            sa.select(ResultKind)
            .where(_in_use(ResultKind, day))
            .order_by(ResultKind.place, ResultKind.id)
            .limit(MOST_ROWS)
        )
    )


def not_ended(session: Session, day: date) -> dict[str, dict[str, Industry | ResultKind]]:
    """Heading → key → what the bureau may still end: parts of the leading industries, kinds of result."""
    tops = {row.id: row.title for row in leading_industries(session, day)}
    parts = sa.select(Industry).where(Industry.parent_id.in_(tops), Industry.valid_to.is_(None))
    found: dict[str, dict[str, Industry | ResultKind]] = {title: {} for title in tops.values()}
    for part in session.scalars(parts.order_by(Industry.place, Industry.id).limit(MOST_ROWS)):
        found[tops[part.parent_id or 0]][f"industry-{part.code}"] = part
    found["成果种类"] = {f"result-{k.code}": k for k in every_result_kind(session) if k.valid_to is None}
    return found


def every_result_kind(session: Session) -> list[ResultKind]:
    """All kinds of result ever used, for tables over several years."""
    return list(session.scalars(sa.select(ResultKind).order_by(ResultKind.place, ResultKind.id).limit(MOST_ROWS)))


@dataclass(frozen=True)
class IndustryRow:
    """An upper-level industry with its parts, for the page of dictionaries."""

    title: str
    code: str
    is_other: bool
    parts: list[Industry]


@dataclass(frozen=True)
class SchemeTable:
    """A scheme with its industries; the parts of a county chain are the counties' cells."""

    scheme: IndustryScheme
    rows: list[IndustryRow]


def schemes(session: Session) -> list[SchemeTable]:
    """Every scheme with both levels, the oldest first."""
    ordered = sa.select(Industry).order_by(Industry.scheme_id, Industry.place, Industry.id).limit(MOST_ROWS)
    rows = list(session.scalars(ordered))
    tables = []
    for scheme in session.scalars(sa.select(IndustryScheme).order_by(IndustryScheme.valid_from, IndustryScheme.id)):
        tops = [row for row in rows if row.scheme_id == scheme.id and row.parent_id is None]
        parts: dict[int, list[Industry]] = {}
        for row in rows:
            if row.parent_id is not None:
                parts.setdefault(row.parent_id, []).append(row)
        tables.append(
            SchemeTable(scheme, [IndustryRow(t.title, t.code, t.is_other, parts.get(t.id, [])) for t in tops])
        )
    return tables
