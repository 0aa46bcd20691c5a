"""What a person reads when something is refused or goes wrong: plain words, what to do, and no lost typing."""

import time
from typing import Any

from flask import Flask, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.domain.refusals import AlreadyDone, RuleBroken, StaleEdit
from app.web import held
from app.web.guards import actor_or_none, ask_to_sign_in
from app.web.session import db

PAGES = frozenset({400, 403, 404, 405, 409, 413, 422, 500})
DRAIN_SECONDS = 120
DRAIN_BYTES = 2 * 1024**3


def _page(status: int, **values: Any) -> tuple[str, int]:
    name = status if status in PAGES else (500 if status >= 500 else 400)
    return render_template(f"errors/{name}.html", back=held.form_page(), **values), status


def on_rule_broken(refusal: RuleBroken) -> Any:
    db().rollback()
    status = 409 if isinstance(refusal, AlreadyDone | StaleEdit) else 422
    return _page(status, message=refusal.message)


def on_http_error(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error
    if error.code == 401:
        return ask_to_sign_in()
    return _page(error.code or 500, message=None)


def on_too_large(error: RequestEntityTooLarge) -> Any:
    """Read on to the end of what is being sent, so that the browser shows the answer and no broken connection."""
    stream, begun, read = request.environ["wsgi.input"], time.monotonic(), 0
    left = min(request.content_length or 0, DRAIN_BYTES)
    while read < left and time.monotonic() - begun < DRAIN_SECONDS:
        chunk = stream.read(min(1024 * 1024, left - read))
        if not chunk:
            break
        read += len(chunk)
    return _page(413, message=None, limit_words=f"{(request.max_content_length or 0) // 1024**2} MB")


def on_csrf_error(error: CSRFError) -> Any:
    """An old page was sent: someone signed out signs in first; someone signed in gets the typing back to send again."""
    found = actor_or_none()
    if found is None or found.account_id is None:
        return ask_to_sign_in()
    kept = held.unseal_typing(held.sealed_typing())
    if kept is None:
        return _page(400, message="页面已经过期，请刷新后再试。")
    address = held.hold_for(found.account_id, *kept)
    db().commit()
    return redirect(address, 303)


def on_crash(error: Exception) -> Any:
    return _page(500, message=None)


def install(app: Flask) -> None:
    app.register_error_handler(RuleBroken, on_rule_broken)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(RequestEntityTooLarge, on_too_large)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(500, on_crash)
