"""A box of a commissioner's first page: the open demands that suit his or her dishes best."""

from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from app.domain.roles import Actor
from app.features.home.queries import Todo, Work
from app.features.matches.suiting import suiting
from app.features.menus import queries as menus

BEST = 4


def suiting_demands(session: Session, actor: Actor, today: date, directory: Path) -> Work:
    """The few best, each with its reasons; the rest is a page of its own."""
    found = suiting(session, menus.kept_commissioners(session, actor), today, directory).found
    items = [
        Todo(
            one.demand.title, "需求", "matches.demand", {"uid": one.demand.uid}, "；".join(one.reasons[:3]),
            one.demand.urgency.label if one.demand.urgency.value != "normal" else "",
        )
        for one in found[:BEST]
    ]  # fmt: skip
    empty = "眼下没有适合您的服务菜单的新需求。"
    return Work("适合您的需求", items, len(found), "matches.suiting", {}, empty, duty=False)
