"""One database session per request, and the one place where it is committed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, g, make_response, request
from sqlalchemy.orm import Session

from app.storage.session import open_session
from app.web.platform import platform

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def db() -> Session:
    """The session of this request; on a writing method SQLite's lock is taken at its first statement."""
    if "db" not in g:
        held = platform()
        g.db = open_session(held.engine, held.keyring, writes=request.method not in READING_METHODS)
    session: Session = g.db
    return session


def commits(view: Callable[..., Any]) -> Callable[..., Any]:
    """The route keeps what it did when it answers below 400, and nothing otherwise."""

    @wraps(view)
    def committing(*args: Any, **kwargs: Any) -> Any:
        response = make_response(view(*args, **kwargs))
        if response.status_code < 400:
            db().commit()
        else:
            db().rollback()
        return response

    return committing


def close_session(error: BaseException | None = None) -> None:
    session = g.pop("db", None)
    if session is not None:
        session.close()


def install(app: Flask) -> None:
    app.teardown_request(close_session)
