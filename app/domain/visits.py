"""What a visit is, how it is reviewed, and what it may not claim.

A visit is one event at one place on one service date. Only a *passed* visit counts; *confirmed* means passed
and confirmed by the served side. Service time is in half-days per participant.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.domain.divisions import contains
from app.domain.moves import Move, MoveTable, states
from app.domain.refusals import RuleBroken
from app.domain.roles import Actor
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
LARGEST_AMOUNT = 10**12  # smallest units of one result of one visit; above it a slip of the finger is certain
# Neutral default: a visit handed in later than this is shown to the reviewer as late, never refused for it.
LATE_AFTER_DAYS = 30


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


def acting_appointment(
    held: Sequence[HeldAppointment], day: date, wanted: int | None = None, who: str = "参加人"
) -> HeldAppointment:
    """The appointment a participant acts under: the one he or she names, else the highest level valid on the day.

    Refused when none is valid on that day, and when the one that was named (`wanted`) is not. `who` is the
    participant's name as the refusal says it.
    """
    valid = [a for a in held if a.valid_on(day)]
    if not valid:
        raise RuleBroken(
            f"{who}在{day:%Y-%m-%d}没有在任的选认，不能计入；请核对服务日期或参加人。", field="service_date"
        )
    if wanted is not None:
        named = next((a for a in valid if a.id == wanted), None)
        if named is None:
            raise RuleBroken(f"{who}所选的身份在{day:%Y-%m-%d}不在任期内，请重新选择。", field="service_date")
        return named
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
            if not 0 < amount < LARGEST_AMOUNT:
                raise RuleBroken("成果数量应为大于0的整数；没有的请留空。", field="results")

    def fingerprint(self) -> str:
        """A hash of all it says: equal reports are the same visit, a changed one must be confirmed anew."""
        said = [
            self.region_code, self.service_date.isoformat(), self.days, self.industry_id, self.mode.value,
            self.work_done, sorted(self.served), sorted(self.participants), sorted(self.results),
            self.place or "", self.advice or "",
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


# What the served side says, and what the reviewer should look at.


def stands_confirmed(words: Iterable[tuple[int, ConfirmationAnswer]]) -> bool:
    """Whether a visit stands confirmed by (served unit, its answer) pairs in the order they were given.

    Of each unit its latest word holds. One unit's yes confirms; one unit's standing dispute un-confirms.
    """
    latest = dict(words)
    return ConfirmationAnswer.CONFIRMED in latest.values() and ConfirmationAnswer.DISPUTED not in latest.values()


def check_answer(answer: ConfirmationAnswer, words: str | None, satisfaction: int | None) -> None:
    """A dispute needs words that the county can look into; satisfaction is 1 to 5 or left out."""
    if answer == ConfirmationAnswer.DISPUTED and not (words or "").strip():
        raise RuleBroken("请写一句哪里与实际不符，县（区）科技局会核实。", field="words")
    if satisfaction is not None and not 1 <= satisfaction <= 5:
        raise RuleBroken("满意度请在1到5之间选择。", field="satisfaction")


@dataclass(frozen=True)
class Stay:
    """When one participant was away on one visit."""

    visit_id: int
    first: date
    days: int
    half_days: int

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def fits_with(self, other: "Stay") -> bool:
        """Whether both can be true: no day in common, or together no more half-days than both stays hold."""
        if self.last < other.first or other.last < self.first:
            return True
        days = (max(self.last, other.last) - min(self.first, other.first)).days + 1
        return self.half_days + other.half_days <= days * HALF_DAYS_A_DAY


class Concern(Labelled):
    """What a reviewer is told to look at before passing a visit; none of it refuses the visit by itself."""

    DISPUTED = ("disputed", "受援单位表示与实际不符")
    SAME_TIME = ("same_time", "参加人同期另有服务记录，时间加起来超过实际天数")
    LATE = ("late", f"服务结束超过{LATE_AFTER_DAYS}天才提交")


def concerns(*, disputed: bool, last_day: date, submitted_on: date, same_time: bool) -> list[Concern]:
    """Why a visit should be read by itself and not be passed together with others. Empty: nothing stands out.

    That no unit has confirmed yet is no concern: such a visit is unconfirmed, not invalid.
    """
    found = []
    if disputed:
        found.append(Concern.DISPUTED)
    if same_time:
        found.append(Concern.SAME_TIME)
    if submitted_on > last_day + timedelta(days=LATE_AFTER_DAYS):
        found.append(Concern.LATE)
    return found


def reviews_at(actor: Actor, region_code: str) -> bool:
    """Whether a visit made in this township is this actor's to review: the county of service, or the city above it."""
    territory = actor.reach.territory
    return actor.may("visits.review") and territory is not None and contains(territory, region_code)


def check_reviewer(*, took_part: bool, wrote_it: bool) -> None:
    """Nobody reviews a visit of his or her own."""
    if took_part or wrote_it:
        raise RuleBroken("您参加或填写了这次服务，请由另一位审核员审核。")


# Results are written as people say them (12.5 亩, 3万 元) and kept in integers of the smallest unit.

_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(万)?")


def amount_in_smallest(text: str, per_unit: int, unit: str) -> int:
    """ "12.5" with 10 smallest units in one → 125. Accepts full-width digits, thousands separators and 万.

    Refused: no number, zero, more decimals than the smallest unit has, more than a visit can bring.
    """
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").removesuffix(unit)
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise RuleBroken(f"“{text}”不是数量，请填数字（单位：{unit}）；没有的请留空。", field="results")
    whole, decimals, ten_thousand = match.groups()
    exact = Decimal(whole.replace(",", "") + (decimals or "")) * (10_000 if ten_thousand else 1) * per_unit
    if exact != exact.to_integral_value():
        raise RuleBroken(f"小数位数太多，最小填到{shown_amount(1, per_unit)}{unit}。", field="results")
    if not 0 < exact < LARGEST_AMOUNT:
        raise RuleBroken("成果数量应大于0；没有的请留空。", field="results")
    return int(exact)


def shown_amount(amount: int, per_unit: int) -> str:
    """125 with 10 smallest units in one → "12.5"; thousands separated, no needless zeros."""
    whole, rest = divmod(amount, per_unit)
    if not rest:
        return f"{whole:,}"
    decimals = f"{Decimal(rest) / per_unit:f}".split(".", 1)[1]
    return f"{whole:,}.{decimals}"
