"""Rendering: what every template may rely on, versioned static addresses, keyset cursors, redirects after a write."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.domain.calendar import SHANGHAI
from app.domain.events import event_words, subject_words
from app.domain.masking import masked_id_number, masked_name, masked_phone
from app.web.guards import actor_or_none, opens
from app.web.navigation import Entry, menu_for
from app.web.platform import platform, today
from app.web.security import csp_nonce

STATIC = Path(__file__).resolve().parents[2] / "static"


def page(template: str, status: int = 200, **values: Any) -> tuple[str, int]:
    """A rendered template; a form that was refused answers 422."""
    form = values.get("form")
    if status == 200 and form is not None and getattr(form, "errors", None) and request.method == "POST":
        status = 422
    return render_template(template, **values), status


def done(message: str, endpoint: str, **values: Any) -> Response:
    """After a write: say what was done and show where it stands now (303, so that reloading repeats nothing)."""
    flash(message, "good")
    return redirect(url_for(endpoint, **values), 303)


def here(**changes: Any) -> str:
    """This address with some of its query changed (None removes); filters stay in the address."""
    query: dict[str, Any] = dict(request.args.lists())
    query.update(changes)
    query = {k: v for k, v in query.items() if v not in (None, "", [], [""])}
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **query})


def chips(filters: Iterable[tuple[str, str, Iterable[tuple[Any, Any]] | None]]) -> list[dict[str, str]]:
    """The filters in force, each with the address without it.

    `filters`: (name in the address, label, choices); without choices the value is shown as it was typed.
    A value that is no choice is not in force and gets no chip.
    """
    found = []
    for name, label, choices in filters:
        given = request.args.get(name, "")
        shown = given if choices is None else {str(value): title for value, title in choices}.get(given)
        if shown:
            found.append({"label": label, "value": str(shown), "remove_url": here(**{name: None, "after": None})})
    return found


def way_to(endpoint: str, **values: Any) -> str | None:
    """The address of a page, or None where its guard would refuse this reader: then the words stand without a link."""
    return url_for(endpoint, **values) if opens(current_app.view_functions[endpoint], actor_or_none()) else None


@lru_cache(maxsize=512)
def _digest(path: str, changed: float) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]


def static_url(path: str) -> str:
    """The address of a static file, with a digest of its content, so that it may be kept for a year."""
    file = STATIC / path
    return url_for("static", filename=path, v=_digest(path, file.stat().st_mtime) if file.is_file() else "0")


def day(value: date | datetime | None, form: str = "%Y-%m-%d") -> str:
    """A date, or the Shanghai date of a moment."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI)
    return value.strftime(form)


def minute(value: datetime | None) -> str:
    return day(value, "%Y-%m-%d %H:%M")


def grouped(value: int | None) -> str:
    """1771 → 1,771."""
    return "—" if value is None else f"{value:,}"


def half_days(value: int | None) -> str:
    """Half-days as days: 3 → 1.5 (integers in the database, words on the page)."""
    if value is None:
        return "—"
    whole, half = divmod(value, 2)
    return f"{whole:,}.5" if half else f"{whole:,}"


def _broken_context() -> dict[str, Any]:
    """What is left to say when even finding out who is signed in fails (the database is away)."""
    return {"actor": None, "navigation": [], "account_links": [], "csp_nonce": csp_nonce(), "product": "科特派"}


def _context(menu: tuple[Entry, ...]) -> dict[str, Any]:
    found = actor_or_none()
    return {
        "actor": found,
        "navigation": menu_for(found, menu),
        "account_links": [
            {"label": "登录记录与密码", "url": url_for("accounts.sessions"), "method": "get"},
            {"label": "退出登录", "url": url_for("accounts.sign_out"), "method": "post"},
        ]
        if found
        else [],
        "grant_switch_url": url_for("accounts.choose_grant") if found else "",
        "demonstration": platform().settings.demonstration,
        "product": platform().settings.product,
        "csp_nonce": csp_nonce(),
        "today": today(),
        "held_back": "held" in request.args,
    }


def install(app: Flask, menu: tuple[Entry, ...]) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    def context() -> dict[str, Any]:
        try:
            return _context(menu)
        except SQLAlchemyError:
            return _broken_context()

    app.context_processor(context)
    app.add_template_global(static_url)
    app.add_template_global(here)
    app.add_template_global(way_to)
    filters: dict[str, Callable[..., Any]] = {
        "day": day,
        "minute": minute,
        "grouped": grouped,
        "half_days": half_days,
        "event_words": event_words,
        "subject_words": subject_words,
        "masked_phone": masked_phone,
        "masked_id_number": masked_id_number,
        "masked_name": masked_name,
    }
    for name, filter_ in filters.items():
        app.add_template_filter(filter_, name)


def cache_static(response: Any) -> Any:
    """Files asked for by digest never change."""
    if request.endpoint == "static" and request.args.get("v"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
