"""Edits of rows that people change: the version a page was opened with decides whether it is still fresh."""

from typing import Any

from app.domain.refusals import StaleEdit


def check_fresh(row: Any, opened_version: int) -> None:
    """Refuse (StaleEdit, answered 409) when the row has been changed since the page was opened."""
    if row.version != opened_version:
        raise StaleEdit("这条记录刚刚被别人修改过。下面并排列出现在的内容和您填写的内容，请核对后再保存。")


def raise_version(row: Any) -> None:
    row.version += 1
