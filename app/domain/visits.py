"""What a visit is, how it is reviewed, and what it may not claim.

A visit is one event at one place on one service date. Only a *passed* visit counts; *confirmed* means passed
and confirmed by the served side. Service time is in half-days per participant.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.moves import Move, MoveTable, states
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled, Level, ServiceMode


class VisitState(Labelled):
    DRAFT = ("draft", "草稿")
    SUBMITTED = ("submitted", "待审核")
    PASSED = ("passed", "已通过")
    RETURNED = ("returned", "已退回")
    WITHDRAWN = ("withdrawn", "已撤回")


class ConfirmationAnswer(Labelled):
    CONFIRMED = ("confirmed", "确认属实")
    DISPUTED = ("disputed", "与实际不符")


S = VisitState

MOVES = MoveTable(
    "服务记录",
    VisitState,
    [
        Move("submit", "提交", states(S.DRAFT, S.RETURNED), S.SUBMITTED, "visits.log"),
        Move("pass", "审核通过", states(S.SUBMITTED), S.PASSED, "visits.review"),
        Move("return", "退回", states(S.SUBMITTED, S.PASSED), S.RETURNED, "visits.review", needs_reason=True),
        Move(
            "withdraw",
            "撤回",
            states(S.DRAFT, S.SUBMITTED, S.RETURNED),
            S.WITHDRAWN,
            "visits.log",
            needs_reason=True,
        ),
    ],
)

LATEST_REPORT_DAYS = 366
LONGEST_STAY_DAYS = 31
HALF_DAYS_A_DAY = 2


def check_service_date(service_date: date, today: date) -> None:
    """Refuse a service date in the future, or more than a year back (ask the bureau to enter it instead)."""
    if service_date > today:
        raise RuleBroken("服务日期在今天之后，请填实际服务的日期。", field="service_date")
    if service_date < today - timedelta(days=LATEST_REPORT_DAYS):
        raise RuleBroken("服务日期距今超过一年，请检查年份；确需补录请联系县（区）科技局。", field="service_date")


def check_stay(days: int) -> None:
    if not 1 <= days <= LONGEST_STAY_DAYS:
        raise RuleBroken(f"停留天数应在1到{LONGEST_STAY_DAYS}天之间；更长的服务请分次填写。", field="days")


def check_half_days(half_days: int, days: int) -> None:
    """A participant cannot have worked longer than the stay lasted."""
    if not 1 <= half_days <= days * HALF_DAYS_A_DAY:
        raise RuleBroken(
            f"参加人的服务时间应在1到{days * HALF_DAYS_A_DAY}个半天之间（停留{days}天）。", field="half_days"
        )


@dataclass(frozen=True)
class HeldAppointment:
    """An appointment as a participant may act under it on a date."""

    id: int
    level: Level
    begins: date
    ends: date

    def valid_on(self, day: date) -> bool:
        return self.begins <= day <= self.ends


def acting_appointment(held: list[HeldAppointment], day: date) -> HeldAppointment:
    """The appointment a participant acts under by default: the highest level valid on the day.

    Refused when none is valid on that day.
    """
    valid = [a for a in held if a.valid_on(day)]
    if not valid:
        raise RuleBroken("参加人在服务日期没有在任的选认，不能计入；请核对日期或参加人。", field="service_date")
    return max(valid, key=lambda a: (a.level.rank, a.begins, a.id))


@dataclass(frozen=True)
class VisitReport:
    """What a visit says of itself, as typed or as it arrives from a phone that had no signal.

    `participants` are (person id, half-days); `results` maps a result kind's id to its amount in the smallest unit.
    """

    region_code: str
    service_date: date
    days: int
    industry_id: int
    mode: ServiceMode
    work_done: str
    served: tuple[int, ...]
    participants: tuple[tuple[int, int], ...]
    results: tuple[tuple[int, int], ...] = ()
    place: str | None = None
    advice: str | None = None

    def check(self, today: date) -> None:
        """Refuse what no visit can be: in the future, without people on either side, longer than its stay."""
        check_service_date(self.service_date, today)
        check_stay(self.days)
        if not self.work_done.strip():
            raise RuleBroken("请写一两句做了什么，审核和受援单位都要看。", field="work_done")
        if not self.served:
            raise RuleBroken("请选择或填写这次服务的村、合作社或企业。", field="served")
        if not self.participants:
            raise RuleBroken("请至少填一位参加人。", field="participants")
        people = [person for person, _ in self.participants]
        if len(set(people)) < len(people):
            raise RuleBroken("同一个人在一次服务中只能填一次，请去掉重复的参加人。", field="participants")
        for _, half_days in self.participants:
            check_half_days(half_days, self.days)
        for _, amount in self.results:
            if not 0 < amount < 10**12:
                raise RuleBroken("成果数量应为大于0的整数；没有的请留空。", field="results")

    def fingerprint(self) -> str:
        """A hash of all it says: equal reports are the same visit, a changed one must be confirmed anew."""
        said = [
            self.region_code, self.service_date.isoformat(), self.days, self.industry_id, self.mode.value,
            self.work_done, sorted(self.served), sorted(self.participants), sorted(self.results),
            self.place or "", self.advice or "",
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
