"""One way to limit rows to a jurisdiction: by the code of a division, prefix by prefix.

A city's code covers its counties (3504…), a county's its townships (350421…), a township's itself.
Ranges of digits are used instead of LIKE: they use the same index on both databases.
"""

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.divisions import prefix_of

CodeColumn = InstrumentedAttribute[str] | InstrumentedAttribute[str | None] | sa.ColumnElement[str]


def inside(column: CodeColumn, territory: str) -> sa.ColumnElement[bool]:
    """Rows whose division code lies in `territory` (which may be the code itself)."""
    prefix = prefix_of(territory)
    return sa.and_(column >= prefix, column <= prefix.ljust(12, "9"))


def nothing() -> sa.ColumnElement[bool]:
    """The condition that no row meets: a grant without a scope reaches nothing."""
    return sa.false()
