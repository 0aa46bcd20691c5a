"""Column kinds with one meaning everywhere: keys, division codes, moments, titles, sealed text, sort keys."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

# SQLite counts rows only in an INTEGER primary key; PostgreSQL wants room for 15 million visits and more.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Names sort by a stored pinyin key with binary collation, the same on both databases.
BINARY_TEXT = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; kept as naive UTC where the database has no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must carry its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """The moment of writing; storage's own clock for when a row was made, never for what a rule decides."""
    return datetime.now(UTC)


key = Annotated[int, mapped_column(BIG, primary_key=True)]
uid = Annotated[
    uuid.UUID,
    mapped_column(
        sa.Uuid(),
        default=uuid.uuid4,
        unique=True,
        comment="stands in URLs, exchange files and offline records",
    ),
]
created_at = Annotated[datetime, mapped_column(Moment(), default=now, comment="UTC")]
moment = Annotated[datetime, mapped_column(Moment())]
division_code = Annotated[
    str, mapped_column(sa.String(12), comment="administrative code: 6 digits, or 9 for a township")
]
title = Annotated[str, mapped_column(sa.String(200))]
long_text = Annotated[str, mapped_column(sa.Text())]
sort_key = Annotated[str, mapped_column(BINARY_TEXT, comment="pinyin, binary collation")]
version = Annotated[
    int, mapped_column(sa.Integer(), default=1, comment="raised at each edit; a stale edit answers 409")
]


def personal(purpose: str, **info: Any) -> dict[str, Any]:
    """`info` of a column that holds a personal value; export, masking, anonymising and leak tests walk it."""
    return {"person": purpose, **info}
