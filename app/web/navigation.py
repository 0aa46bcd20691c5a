"""The menu of a page: entries a person's grant lets him or her open, in one order."""

from dataclasses import dataclass

from flask import request, url_for

from app.domain.roles import Actor


@dataclass(frozen=True)
class Entry:
    """A menu entry; shown when the grant holds one of `permissions` (none: to everyone who is signed in)."""

    label: str
    endpoint: str
    permissions: tuple[str, ...] = ()
    icon: str = ""
    pages: tuple[str, ...] = ()  # endpoints of a desk to the right that show this entry's records


def menu_for(actor: Actor | None, entries: tuple[Entry, ...]) -> list[dict[str, object]]:
    """What the layout draws: label, url, whether it is where one is."""
    if actor is None:
        return []
    place = request.endpoint or ""
    current = next((entry for entry in entries if place == entry.endpoint or place in entry.pages), None)
    desk = (request.blueprint or "") + "."
    return [
        {
            "label": entry.label,
            "url": url_for(entry.endpoint),
            "current": entry is current if current else entry.endpoint.startswith(desk),
            "count": None,
            "icon": entry.icon,
        }
        for entry in entries
        if not entry.permissions or any(actor.may(p) for p in entry.permissions)
    ]
