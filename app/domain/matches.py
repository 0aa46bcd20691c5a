"""The life of a match: one commissioner and one demand, each side choosing.

The bureau or township invites, or the commissioner applies; the other side accepts or declines with words.
At most as many matches of a demand are accepted as it asks for people: the database decides who was first.
"""

from app.domain.moves import Move, MoveTable, states
from app.domain.vocabulary import Labelled


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
