"""Asking further when nobody suits: who can be asked, who answers, and when it makes sense to ask.

A county asks the other counties, the city's Beijing co-operation (京闽) or, through the city, the province. Each asking
is a record with its answers, so that the township reads what has been tried and nobody asks twice.
"""

from app.domain.demands import DemandState
from app.domain.divisions import contains
from app.domain.refusals import MoveRefused
from app.domain.roles import Actor
from app.domain.vocabulary import Labelled


class Asked(Labelled):
    """Whom one asks; the label is the verb on the button."""

    COUNTIES = ("counties", "请其他县推荐")
    BEIJING = ("beijing", "通过京闽合作向北京专家求助")
    PROVINCE = ("province", "报省级协调")

    @property
    def told(self) -> str:
        """What happens when the button is pressed."""
        return _TOLD[self.value]

    @property
    def who(self) -> str:
        """Who was asked, as the history says it."""
        return _WHO[self.value]


_TOLD = {
    "counties": "其他县（市、区）和市科技局会在待办里看到，可以推荐他们的人选。",
    "beijing": "市科技局会在待办里看到，由市里联系北京市的合作单位，有了人选或答复会记在这里。",
    "province": "市科技局会在待办里看到，由市里报省级科技特派员工作联席会议办公室，答复会记在这里。",
}
_WHO = {"counties": "其他县（市、区）", "beijing": "北京专家（京闽合作）", "province": "省级联席会议办公室"}

ASKABLE = frozenset({DemandState.OPEN.value, DemandState.NONE_SUITABLE.value})
COUNTY_DIGITS = 6


def check_may_ask(state: DemandState) -> None:
    """Refuse asking for a demand that is not looking for anybody (any more)."""
    if state.value not in ASKABLE:
        raise MoveRefused(
            f"需求现在是“{state.label}”，只有“待对接”或“暂无合适人选”的需求可以请别处帮忙。请刷新页面查看。"
        )


def may_answer(actor: Actor, asked: Asked, region_code: str) -> bool:
    """Whether this person answers: other counties for what counties are asked, the city for all three.

    `region_code` is the demand's township. A county does not answer itself; townships answer nothing.
    """
    territory = actor.reach.territory
    if not territory or len(territory) > COUNTY_DIGITS or not actor.may("matches.invite"):
        return False
    if territory.endswith("00"):
        return contains(territory, region_code)
    return asked == Asked.COUNTIES and not contains(territory, region_code)
