"""What the ranking knows of a demand, of an offer and of the proposal that joins them.

Plain values: whoever calls gathers them from tables, from two files or from a test. Anything unknown is
None and then neither helps nor harms an offer.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import NamedTuple

# Languages that can be asked for; the order is that of the bits in an index and only grows at its end.
LANGUAGES = ("普通话", "客家话", "闽南语", "闽中话", "闽北话", "闽东话", "莆仙话", "畲话", "英语", "日语")


@dataclass(frozen=True)
class Place:
    """A point on the map in WGS 84 degrees: the township of a demand, or where a commissioner works from."""

    longitude: float
    latitude: float


@dataclass(frozen=True)
class DemandFacts:
    """One wish for help, as short and oral as people write it.

    `industry` and `field` are free words or dictionary ids; `modes` are the service modes asked for (empty:
    any); `service_on` is the Shanghai date on which help is wanted, `half_days` how much of it; `language`
    a dialect or language asked for; `excluded_offers` were refused by the officer with a word and are not
    proposed again.
    """

    id: str
    title: str
    description: str = ""
    industry: str = ""
    field: str = ""
    place: Place | None = None
    modes: frozenset[str] = frozenset()
    level: str | None = None
    language: str | None = None
    half_days: int | None = None
    service_on: date | None = None
    excluded_offers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OfferFacts:
    """What one commissioner, team or legal entity can do.

    `kind` is free text (个人, 团队, 推介成果 ...). `free_half_days` is what is left of this year's time;
    `appointed_from`/`appointed_until` bound the appointment it stands on (both inclusive; None: not known);
    `past_services` counts passed visits of the same kind, `past_confirmed` those the served side confirmed.
    """

    id: str
    kind: str
    title: str
    description: str = ""
    industry: str = ""
    place: Place | None = None
    modes: frozenset[str] = frozenset()
    level: str | None = None
    languages: frozenset[str] = frozenset()
    free_half_days: int | None = None
    appointed_from: date | None = None
    appointed_until: date | None = None
    past_services: int = 0
    past_confirmed: int = 0


class Rule(Enum):
    """The hard rules: an offer that breaks one is not proposed, and the officer is told which one."""

    NOT_APPOINTED = "没有在有效期内的选认（任期不含服务日期）"
    NO_CAPACITY = "本年度已没有可服务的时间"
    MODE_EXCLUDED = "不提供所要求的服务方式"
    EXCLUDED_BY_OFFICER = "经办人已说明理由不予推荐"


class Part(NamedTuple):
    """One part of a score: its name, the share reached (0 to 1), the weight, and the words the officer reads."""

    name: str
    share: float
    weight: float
    reason: str = ""

    @property
    def points(self) -> float:
        """What this part adds to the score."""
        return self.share * self.weight


class Tier(Enum):
    """How an offer is shown: as suitable, or apart, for officers who want to look further."""

    SUITABLE = "合适"
    MARGINAL = "沾边"


@dataclass(frozen=True)
class Proposal:
    """One offer proposed for one demand; `score` is between 0 and 1 and comparable within the demand only."""

    demand_id: str
    offer_id: str
    rank: int
    score: float
    parts: tuple[Part, ...] = ()
    tier: Tier = Tier.SUITABLE

    @property
    def reasons(self) -> str:
        """The parts that speak, in the order of the parts: 同为茶树; 病虫害防治; 距 42 公里."""
        return "; ".join(part.reason for part in self.parts if part.reason)


@dataclass(frozen=True)
class Refusal:
    """An offer that suits by content but that a hard rule keeps out."""

    offer_id: str
    rule: Rule


NOBODY = "暂无合适人选"
WHAT_NEXT = (
    "请其他县推荐",
    "通过京闽合作向北京专家求助",
    "报省级科技特派员工作联席会议办公室协调",
    "补充产业、品种或现象后再试",
)


@dataclass(frozen=True)
class Suggestions:
    """The answer to one demand: proposals best first; where nobody is likely to suit, what to do instead.

    Proposals may then still be there, all of them 沾边: who looks further loses nothing by the platform's doubt.
    """

    demand_id: str
    proposals: tuple[Proposal, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    advice: tuple[str, ...] = field(default=())

    @property
    def nobody_suits(self) -> bool:
        """Whether 暂无合适人选 is to be said."""
        return bool(self.advice)

    @property
    def summary(self) -> str:
        """One line for the page: the number of proposals, or 暂无合适人选 with what to do."""
        if not self.nobody_suits:
            return f"推荐 {len(self.proposals)} 个"
        return f"{NOBODY}。可以：{'；'.join(self.advice)}。"
