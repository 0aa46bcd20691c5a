"""A what-if for a year's dispatch: what a planner may set, and the life of a plan until it is published or dropped.

Light on purpose: forms and tables read this; the engine that solves is in domain/matching/plans/.
"""

import json
from dataclasses import asdict, dataclass

from app.domain.moves import Move, MoveTable, states
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled


class Mode(Labelled):
    """What a plan puts first."""

    FIT = ("fit", "总体匹配最优")
    STABLE = ("stable", "双向选择稳定")
    COVER = ("cover", "全覆盖优先")


class Travel(Labelled):
    """How much a long way counts against a good fit, in 1/10,000 of a perfect match a kilometre."""

    FREE = ("free", "不限路程")
    LESS = ("less", "尽量少跑路")
    NEAR = ("near", "就近优先")

    @property
    def per_km(self) -> int:
        """100 km cost nothing, a fifth, or three fifths of a perfect match (neutral defaults of ours)."""
        return {"free": 0, "less": 20, "near": 60}[self.value]


class PlanState(Labelled):
    WAITING = ("waiting", "正在计算")
    FAILED = ("failed", "没有算成")
    READY = ("ready", "已算好")
    PUBLISHED = ("published", "已发布")
    DROPPED = ("dropped", "已放弃")


S = PlanState
MOVES = MoveTable(
    "方案",
    PlanState,
    [
        Move("keep", "算好", states(S.WAITING), S.READY, None),
        Move("fail", "没有算成", states(S.WAITING), S.FAILED, None),
        Move("retry", "重新计算", states(S.FAILED), S.WAITING, "plans.keep"),
        Move("publish", "发布", states(S.READY), S.PUBLISHED, "plans.keep"),
        Move("drop", "放弃", states(S.READY, S.FAILED, S.WAITING), S.DROPPED, "plans.keep", needs_reason=True),
    ],
)

MOST_EACH = 20
MOST_PLACES = 10_000


@dataclass(frozen=True)
class CountyLimits:
    """At least and at most so many places for a county's townships; None: no limit."""

    county: str
    floor: int | None = None
    cap: int | None = None


@dataclass(frozen=True)
class WhatIf:
    """What a planner sets. `each`: demands one commissioner takes at most; `needs`: townships' needs of the leading
    industries besides the open demands (always in a cover plan); `renewal`: who served a township before is preferred.
    """

    mode: Mode
    needs: bool = False
    renewal: bool = True
    each: int = 3
    travel: Travel = Travel.FREE
    limits: tuple[CountyLimits, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.each <= MOST_EACH:
            raise RuleBroken(f"每人最多承担几条，应在1到{MOST_EACH}之间。", field="each")
        for one in self.limits:
            if any(n is not None and not 0 <= n <= MOST_PLACES for n in (one.floor, one.cap)):
                raise RuleBroken(f"各县名额应在0到{MOST_PLACES}之间。", field="limits")
            if one.floor is not None and one.cap is not None and one.floor > one.cap:
                raise RuleBroken(f"至少（{one.floor}）不能多于至多（{one.cap}），请改其中一个。", field="limits")

    @property
    def with_needs(self) -> bool:
        """Whether townships' needs enter: in a cover plan they are the question itself."""
        return self.needs or self.mode is Mode.COVER

    @property
    def words(self) -> list[str]:
        """The settings as people read them, county limits by their codes left out."""
        told = [self.mode.label, f"每人最多{self.each}条", self.travel.label]
        told.append("含乡镇产业需要" if self.with_needs else "只排已有需求")
        told.append("老搭档优先" if self.renewal else "不看老搭档")
        if self.limits:
            told.append(f"{len(self.limits)}个县有上下限")
        return told

    def as_json(self) -> str:
        """One text for one setting: keys sorted."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=str)

    @classmethod
    def from_json(cls, text: str) -> "WhatIf":
        held = json.loads(text)
        limits = tuple(CountyLimits(**row) for row in held.pop("limits"))
        return cls(Mode(held.pop("mode")), travel=Travel(held.pop("travel")), limits=limits, **held)
