"""The condition of keyset paging: rows strictly behind a given one in a stated order."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def behind(order: Sequence[tuple[Any, bool]], values: Sequence[Any] | None) -> sa.ColumnElement[bool]:
    """Rows after `values` when ordered by `order`: (column, descending) pairs, the last one unique.

    True for the first page (values None), or when the number of values does not fit (a damaged address).
    """
    if values is None or len(values) != len(order):
        return sa.true()
    either: list[sa.ColumnElement[bool]] = []
    for place, (column, descending) in enumerate(order):
        same = [earlier == value for (earlier, _), value in zip(order[:place], values[:place], strict=True)]
        beyond = column < values[place] if descending else column > values[place]
        either.append(sa.and_(*same, beyond))
    return sa.or_(*either)


def ordering(order: Sequence[tuple[Any, bool]]) -> list[sa.UnaryExpression[Any]]:
    """ORDER BY for the same pairs."""
    return [column.desc() if descending else column.asc() for column, descending in order]
