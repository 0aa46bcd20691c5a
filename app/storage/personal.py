"""Taking personal values out of rows for good. Which columns hold them is said in the models, by `columns.personal`.

A row stays, and so does everything that is counted from it; who it was cannot be read from it any more.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.storage.names import pinyin_of

ANONYMOUS = "（已匿名）"


def blank(row: Any) -> None:
    """Replace the value of every column marked personal: by nothing, or by `ANONYMOUS` where something must stand."""
    pinyin, initials = pinyin_of(ANONYMOUS)
    stands = {"pinyin": pinyin, "initials": initials}
    for attribute in sa.inspect(type(row)).column_attrs:
        column = attribute.columns[0]
        if column.info.get("person"):
            setattr(row, attribute.key, None if column.nullable else stands.get(attribute.key, ANONYMOUS))


def replace(row: Any, values: Sequence[str]) -> bool:
    """Put `ANONYMOUS` for these values wherever they stand in the free text of a row; whether any did."""
    found = False
    for attribute in sa.inspect(type(row)).column_attrs:
        column, text = attribute.columns[0], getattr(row, attribute.key)
        if isinstance(text, str) and _is_free(column):
            plain = without(text, values)
            if plain != text:
                setattr(row, attribute.key, plain)
                found = True
    return found


def _is_free(column: Any) -> bool:
    """Text that people wrote: no closed set, no code of a division, nothing that a key is made of."""
    closed = isinstance(column.type, sa.Enum) or column.foreign_keys or column.unique or column.primary_key
    return isinstance(column.type, sa.String) and not closed


def without(text: str, values: Sequence[str]) -> str:
    """A text in which these values cannot be read any more."""
    for value in values:
        text = text.replace(value, ANONYMOUS)
    return text
