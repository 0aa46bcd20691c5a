"""Nothing typed is lost when a session ends in the middle of a form.

A POST by someone no longer signed in is not refused but held: its fields travel, sealed, through the sign-in page,
are kept for the account that signs in, and fill the form again (files must be chosen anew, and the page says so).
"""

import json
from urllib.parse import urlsplit
from uuid import UUID

from flask import g, request

from app.storage.held import MOST_BYTES, Fields, held_fields, hold
from app.web.guards import actor_or_none
from app.web.platform import platform
from app.web.session import db

NOT_HELD = frozenset({"csrf_token", "password", "new_password", "repeat"})


def form_page() -> str:
    """The path of the page whose form was sent: where it came from on this site, else the address itself."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc == request.host and came_from.path:
        return came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return request.full_path.rstrip("?")


def sealed_typing() -> str:
    """What was just typed, sealed for a hidden field of the sign-in page; empty if there is nothing to hold."""
    fields: Fields = {k: v for k, v in request.form.lists() if k not in NOT_HELD}
    text = json.dumps({"path": form_page(), "fields": fields}, ensure_ascii=False)
    if not fields or len(text.encode()) > MOST_BYTES:
        return ""
    return platform().keyring.seal(text)


def unseal_typing(sealed: str) -> tuple[str, Fields] | None:
    """(path, fields) of a hidden field made by `sealed_typing`; None if it is empty or was tampered with."""
    if not sealed:
        return None
    try:
        content = json.loads(platform().keyring.open(sealed))
    except Exception:  # whatever a stranger puts there, the sign-in itself goes on
        return None
    return content["path"], content["fields"]


def hold_for(account_id: int, path: str, fields: Fields) -> str:
    """Keep the fields for the account; the path of the form page that will show them again."""
    row = hold(db(), account_id, path, fields)
    return f"{path}{'&' if '?' in path else '?'}held={row.uid}"


def held_for(form_kind: str) -> Fields | None:
    """The held fields that the address names, if they belong to this kind of form and to this person."""
    found = actor_or_none()
    if found is None or found.account_id is None or not request.args.get("held"):
        return None
    if "held_fields" not in g:
        try:
            uid = UUID(request.args["held"])
        except ValueError:
            return None
        g.held_fields = held_fields(db(), found.account_id, uid)
    fields: Fields | None = g.held_fields
    return fields if fields and fields.get("form_kind") == [form_kind] else None
