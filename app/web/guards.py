"""Who may enter a route. Every view carries exactly one guard; a house test refuses a view without."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, g

from app.domain.roles import Actor, Reach

View = Callable[..., Any]

# Set once by the accounts desk: how to find who is signed in, and what to show when nobody is.
_find_actor: Callable[[], Actor | None] = lambda: None  # noqa: E731
_ask_to_sign_in: Callable[[], Any] = lambda: abort(401)  # noqa: E731


def when_signed_in_by(find_actor: Callable[[], Actor | None], ask_to_sign_in: Callable[[], Any]) -> None:
    """Register how actors are found and what a guarded route answers to a stranger."""
    global _find_actor, _ask_to_sign_in
    _find_actor, _ask_to_sign_in = find_actor, ask_to_sign_in


def actor_or_none() -> Actor | None:
    """Who is signed in, looked up once per request."""
    if "actor" not in g:
        g.actor = _find_actor()
    found: Actor | None = g.actor
    return found


def actor() -> Actor:
    """Who acts; only inside a guarded route."""
    found = actor_or_none()
    if found is None:
        abort(401)
    return found


def reach() -> Reach:
    """What the grant in which one acts reaches."""
    return actor().reach


def ask_to_sign_in() -> Any:
    return _ask_to_sign_in()


def permitted(*permissions: str) -> Callable[[View], View]:
    """Only for people whose grant holds one of `permissions`; others are told 403, strangers sign in first."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            found = actor_or_none()
            if found is None:
                return _ask_to_sign_in()
            if not any(found.may(permission) for permission in permissions):
                abort(403)
            return view(*args, **kwargs)

        guarded.guard = " or ".join(permissions)  # type: ignore[attr-defined]
        return guarded

    return guard


def signed_in(view: View) -> View:
    """For anyone who is signed in, whatever the grant."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs) if actor_or_none() else _ask_to_sign_in()

    guarded.guard = "signed in"  # type: ignore[attr-defined]
    return guarded


def opens(view: View, found: Actor | None) -> bool:
    """Whether a view's guard lets this reader in: no page shows a link that ends in a refusal."""
    asked: str = getattr(view, "guard", "")
    if asked == "link" or asked.startswith("public"):
        return True
    return found is not None and (asked == "signed in" or any(found.may(p) for p in asked.split(" or ")))


def public(reason: str) -> Callable[[View], View]:
    """Open to everyone, for a stated reason."""

    def guard(view: View) -> View:
        view.guard = f"public: {reason}"  # type: ignore[attr-defined]
        return view

    return guard


def by_link(view: View) -> View:
    """For whoever holds the token in the address: no cookie, no account, no JavaScript; POST decides, GET only shows.

    Such a POST carries no CSRF token: the secret in its address is what authorises it.
    """
    view.guard = "link"  # type: ignore[attr-defined]
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view
