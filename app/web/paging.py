"""Keyset paging: a page ends at a row, the next begins behind it; no offset, no count over big tables."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request

from app.web.pages import here

Row = TypeVar("Row")
PAGE_ROWS = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page with the addresses of its neighbours (None: there is none)."""

    rows: Sequence[Row]
    next_url: str | None
    first_url: str | None


def cursor() -> list[Any] | None:
    """The sort values of the row behind which this page begins; None for the first page or a damaged address."""
    text = request.args.get("after")
    if not text:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text.encode() + b"=="))
    except (ValueError, binascii.Error):
        return None
    return values if isinstance(values, list) else None


def paged(rows: Sequence[Row], key: Callable[[Row], Sequence[Any]], size: int = PAGE_ROWS) -> Page[Row]:
    """A page out of at most size + 1 fetched rows; `key` gives the sort values of a row (JSON-able)."""
    shown, more = rows[:size], len(rows) > size
    next_url = None
    if more:
        text = json.dumps(list(key(shown[-1])), default=str, ensure_ascii=False)
        next_url = here(after=base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))
    return Page(shown, next_url, here(after=None) if request.args.get("after") else None)
