"""The life of a demand (订单式需求), as a table of moves.

draft → submitted → triaged → open → chosen → agreed → in service → done → evaluated → closed,
and returned, withdrawn, cancelled, none suitable, reopened, each with a reason. States passed through
automatically (triaged → open) are still recorded, so that deadlines can be measured later.
"""

from datetime import date, timedelta

from app.domain.moves import Move, MoveTable, states
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled, Urgency


class DemandState(Labelled):
    DRAFT = ("draft", "草稿")
    SUBMITTED = ("submitted", "待分诊")
    TRIAGED = ("triaged", "已分诊")
    OPEN = ("open", "待对接")
    CHOSEN = ("chosen", "已选定")
    AGREED = ("agreed", "已签协议")
    IN_SERVICE = ("in_service", "服务中")
    DONE = ("done", "服务完成")
    EVALUATED = ("evaluated", "已评价")
    CLOSED = ("closed", "已办结")
    RETURNED = ("returned", "已退回")
    WITHDRAWN = ("withdrawn", "已撤回")
    CANCELLED = ("cancelled", "已取消")
    NONE_SUITABLE = ("none_suitable", "暂无合适人选")
    REOPENED = ("reopened", "重新开放")


class Outcome(Labelled):
    """How a demand ended; only one closed as met counts toward confirmed cover."""

    MET = ("met", "已解决")
    PARTLY = ("partly", "部分解决")
    UNMET = ("unmet", "未解决")


S = DemandState

MOVES = MoveTable(
    "需求",
    DemandState,
    [
        Move("submit", "提交", states(S.DRAFT, S.RETURNED), S.SUBMITTED, "demands.post"),
        Move("triage", "分诊", states(S.SUBMITTED), S.TRIAGED, "demands.triage"),
        Move("return", "退回", states(S.SUBMITTED), S.RETURNED, "demands.triage", needs_reason=True),
        Move("open", "开放对接", states(S.TRIAGED, S.REOPENED), S.OPEN, None),
        Move("choose", "选定人选", states(S.OPEN), S.CHOSEN, None),
        Move("agree", "签订协议", states(S.CHOSEN), S.AGREED, None),
        Move("begin", "开始服务", states(S.AGREED), S.IN_SERVICE, None),
        Move("finish", "完成服务", states(S.IN_SERVICE), S.DONE, "demands.finish"),
        Move("evaluate", "评价", states(S.DONE), S.EVALUATED, None),
        Move("close", "办结", states(S.DONE, S.EVALUATED), S.CLOSED, "demands.close"),
        Move(
            "withdraw",
            "撤回",
            states(S.DRAFT, S.SUBMITTED, S.RETURNED, S.TRIAGED, S.OPEN, S.NONE_SUITABLE),
            S.WITHDRAWN,
            "demands.post",
            needs_reason=True,
        ),
        Move(
            "cancel",
            "取消",
            states(S.SUBMITTED, S.TRIAGED, S.OPEN, S.CHOSEN, S.AGREED, S.IN_SERVICE, S.NONE_SUITABLE),
            S.CANCELLED,
            "demands.triage",
            needs_reason=True,
        ),
        Move(
            "none_suitable",
            "标记暂无合适人选",
            states(S.OPEN),
            S.NONE_SUITABLE,
            "demands.triage",
            needs_reason=True,
        ),
        Move(
            "reopen",
            "重新开放",
            states(S.NONE_SUITABLE, S.CHOSEN, S.AGREED, S.DONE, S.CANCELLED),
            S.REOPENED,
            "demands.triage",
            needs_reason=True,
        ),
    ],
)

WAITING_FOR_BUREAU = frozenset({S.SUBMITTED.value, S.OPEN.value, S.NONE_SUITABLE.value})
FINISHED = frozenset({S.CLOSED.value, S.WITHDRAWN.value, S.CANCELLED.value})


def due_on(submitted: date, urgency: Urgency) -> date:
    """The day by which the county should have found someone; shown to the township from the start."""
    return submitted + timedelta(days=urgency.due_days)


def check_wanted_by(wanted_by: date | None, today: date) -> None:
    """Refuse a wished date that has passed or lies so far ahead that it must be a slip of the finger."""
    if wanted_by is None:
        return
    if wanted_by < today:
        raise RuleBroken("期望完成日期已经过去，请填今天或以后的日期。", field="wanted_by")
    if wanted_by > today + timedelta(days=3 * 366):
        raise RuleBroken("期望完成日期在三年以后，请检查年份是否写错。", field="wanted_by")
