"""Demonstration data: a fixed history of 2017-2020 and a lively present around the day of the first start.

Everything goes through the same actions that people use, so that every rule held. Nothing in it is real: people,
villages, firms and units are invented; only the divisions, and the texts of demands and menus, come from life.
The history reproduces the totals that Sanming's plan publishes for 2017-2020. All is deterministic but passwords.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from app.demonstration import history, present
from app.demonstration.cast import Cast
from app.demonstration.stage import Stage
from app.demonstration.visiting import Visiting
from app.domain.calendar import shanghai_date
from app.domain.roles import system_actor

SEED = 20210414
VISITS_A_YEAR = 90
VISITS_NOW = 260
SERVED_UNITS_DEMAND = "D070"  # in service, with one visit confirmed and one that waits for its word


def load(session: Session, city_code: str, now: datetime, say: Callable[[str], object]) -> list[dict[str, str]]:
    """Tell the whole story in a session; the accounts (log-in, password, who) for whoever shows it."""
    anchor = shanghai_date(now)
    stage = Stage(session, system_actor("演示数据"), anchor, city_code, SEED)
    pools = history.tell(stage, say)
    visiting = Visiting(stage)
    say("  2017—2020年：服务记录……")
    present.past_visits(stage, visiting, pools, VISITS_A_YEAR)
    say("  当前：续聘、服务菜单、需求、对接、服务……")
    cast = Cast(stage, anchor, now)
    story = present.Present(stage, cast, visiting, anchor)
    serving = story.renewals(pools)
    cast.hire()
    cast.give_accounts()
    story.demands()
    cast.give_served_account(story.units[SERVED_UNITS_DEMAND])
    story.visits(serving, VISITS_NOW)
    return cast.listed
