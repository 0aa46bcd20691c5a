"""The life of a match: one commissioner and one demand, each side choosing.

The bureau or township invites, or the commissioner applies; the other side accepts or declines with words.
At most as many matches of a demand are accepted as it asks for people: the database decides who was first.
"""

from app.domain.matching.facts import Rule
from app.domain.moves import Move, MoveTable, states
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled, ServiceMode


class Initiative(Labelled):
    INVITATION = ("invitation", "邀请")
    APPLICATION = ("application", "申请")


class MatchState(Labelled):
    INVITED = ("invited", "待科特派答复")
    APPLIED = ("applied", "待选定")
    ACCEPTED = ("accepted", "已达成")
    DECLINED = ("declined", "已谢绝")
    WITHDRAWN = ("withdrawn", "已撤销")
    LAPSED = ("lapsed", "已由他人承接")

    def told(self, turn: bool) -> str:
        """The state in words for one reader; `turn`: it is he or she who must act."""
        return YOUR_TURN.get(self, self.label) if turn else self.label


YOUR_TURN = {MatchState.INVITED: "待您答复", MatchState.APPLIED: "待您选定"}


class Verdict(Labelled):
    """What an officer decides on a proposal; kept to measure and better the ranking by."""

    INVITED = ("invited", "邀请")
    SET_ASIDE = ("set_aside", "不合适")


S = MatchState

MOVES = MoveTable(
    "对接",
    MatchState,
    [
        Move("accept", "接受", states(S.INVITED), S.ACCEPTED, "matches.answer"),
        Move("choose", "选定", states(S.APPLIED), S.ACCEPTED, "matches.invite"),
        Move("decline", "谢绝", states(S.INVITED), S.DECLINED, "matches.answer", needs_reason=True),
        Move("refuse", "婉拒申请", states(S.APPLIED), S.DECLINED, "matches.invite", needs_reason=True),
        Move("withdraw", "撤销邀请", states(S.INVITED), S.WITHDRAWN, "matches.invite", needs_reason=True),
        Move("retract", "撤回申请", states(S.APPLIED), S.WITHDRAWN, "matches.answer", needs_reason=True),
        Move("undo", "解除对接", states(S.ACCEPTED), S.WITHDRAWN, "matches.invite", needs_reason=True),
        Move("lapse", "由他人承接", states(S.INVITED, S.APPLIED), S.LAPSED, None),
    ],
)

LIVE = states(S.INVITED, S.APPLIED, S.ACCEPTED)  # a commissioner has at most one of these with a demand
WAITING = states(S.INVITED, S.APPLIED)
OF_COMMISSIONER = frozenset({"accept", "decline", "retract"})  # who answers; every other verb is the demand's side

# What an accepted demand is reckoned to take until its visits are logged: two days. A neutral default, as in the
# ranking; real use shows in the visits.
RESERVED_HALF_DAYS = 4


def check_may_serve(
    name: str,
    *,
    appointed: bool,
    free_half_days: int,
    promised: int,
    wished: ServiceMode | None,
    offered: ServiceMode | None,
) -> None:
    """The hard rules before an invitation or application; the refusal names the rule.

    `free_half_days` is what is left of the year after what was served and promised; `promised` counts accepted
    demands not yet done; `wished` and `offered` None mean either mode.
    """
    if not appointed:
        raise RuleBroken(f"“{name}”{Rule.NOT_APPOINTED.value}，不能对接；请选其他人选，或先办理选认。")
    if free_half_days <= 0:
        raise RuleBroken(f"“{name}”{Rule.NO_CAPACITY.value}（手上在办{promised}件），请选其他人选。")
    if wished and offered and wished != offered:
        raise RuleBroken(
            f"“{name}”{Rule.MODE_EXCLUDED.value}：需求希望{wished.label}服务，这项服务只能{offered.label}提供。"
        )
