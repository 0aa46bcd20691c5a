"""Writes of the dated dictionaries: loading the schemes, industries and kinds of result that ship."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.roles import Actor
from app.features.vocabulary import queries
from app.features.vocabulary.models import ChainPart, Industry, IndustryScheme, ResultKind
from app.storage import trail

DATA = Path(__file__).parent / "data"


def load_reference(session: Session, actor: Actor) -> int:
    """Load schemes, industries and kinds of result from the files that ship; how many rows are new.

    May be repeated: what the bureau has changed since stays, only what is missing is added. The counties of
    the county chains must be there already.
    """
    added = 0
    for row in _read("schemes.csv"):
        added += _load_scheme(session, actor, row)
    session.flush()
    added += _load_chain_parts(session)
    for place, row in enumerate(_read("result_kinds.csv"), start=1):
        added += _load_result_kind(session, actor, row, place)
    session.flush()
    return added


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _load_scheme(session: Session, actor: Actor, row: dict[str, str]) -> int:
    scheme = session.scalar(sa.select(IndustryScheme).where(IndustryScheme.code == row["code"]))
    added = 0
    if scheme is None:
        scheme = IndustryScheme(
            code=row["code"],
            title=row["title"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
        )
        session.add(scheme)
        trail.record(session, actor, "vocabulary.load", scheme, words=row["source"])
        added = 1
    rows = [row for row in _read("industries.csv") if row["scheme"] == scheme.code]
    # Upper level first: a part points at the key of its industry.
    for upper in (True, False):
        added += _add_level(session, scheme, rows, upper)
    return added


def _add_level(session: Session, scheme: IndustryScheme, rows: list[dict[str, str]], upper: bool) -> int:
    known = {
        row.code: row.id
        for row in session.scalars(sa.select(Industry).where(Industry.scheme_id == scheme.id).limit(queries.MOST_ROWS))
    }
    missing = [
        Industry(
            scheme_id=scheme.id,
            code=row["code"],
            title=row["title"],
            parent_id=None if upper else known[row["parent"]],
            county_code=row["county"] or None,
            place=place,
            is_other=row["code"] == "other",
        )
        for place, row in enumerate(rows, start=1)
        if (row["parent"] == "") == upper and row["code"] not in known
    ]
    session.add_all(missing)
    session.flush()
    return len(missing)


def _load_chain_parts(session: Session) -> int:
    """What counts towards each county's chain, for chains of which nothing is known yet."""
    known = set(session.scalars(sa.select(ChainPart.chain_id).distinct()))
    ids: dict[tuple[str, str], int] = {
        (scheme, code): id_
        for scheme, code, id_ in session.execute(
            sa.select(IndustryScheme.code, Industry.code, Industry.id).join(
                IndustryScheme, IndustryScheme.id == Industry.scheme_id
            )
        )
    }
    missing = [
        ChainPart(chain_id=chain, industry_id=industry)
        for row in _read("chain_parts.csv")
        if (chain := ids[queries.CHAINS, row["chain"]]) not in known
        and (industry := ids.get((queries.LEADING, row["industry"])))
    ]
    session.add_all(missing)
    session.flush()
    return len(missing)


def _load_result_kind(session: Session, actor: Actor, row: dict[str, str], place: int) -> int:
    if session.scalar(sa.select(ResultKind.id).where(ResultKind.code == row["code"])) is not None:
        return 0
    kind = ResultKind(
        code=row["code"],
        title=row["title"],
        unit=row["unit"],
        smallest_unit=row["smallest_unit"],
        per_unit=int(row["per_unit"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        place=place,
    )
    session.add(kind)
    trail.record(session, actor, "vocabulary.load", kind)
    return 1
