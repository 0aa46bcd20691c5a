"""The three-party agreement (三方协议) between commissioner, sending unit and served unit.

A one-tap acknowledgement is never a signature: the sealed scan is the evidence, the record says what it holds.
"""

from datetime import date

from app.domain.moves import Move, MoveTable, states
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled


class AgreementState(Labelled):
    DRAFT = ("draft", "待签署")
    IN_FORCE = ("in_force", "履行中")
    ENDED = ("ended", "已终止")


S = AgreementState

MOVES = MoveTable(
    "协议",
    AgreementState,
    [
        Move("file", "归档生效", states(S.DRAFT), S.IN_FORCE, "agreements.file"),
        Move("end", "终止", states(S.DRAFT, S.IN_FORCE), S.ENDED, "agreements.file", needs_reason=True),
    ],
)

LONGEST_TERM_YEARS = 5  # appointments run 1 to 3 years (domain facts 1.3); longer is a slip of the finger


def check_term(begins: date, ends: date) -> None:
    """Refuse a term that ends before it begins or outlives any appointment."""
    if ends < begins:
        raise RuleBroken("结束日期早于开始日期，请检查。", field="ends_on")
    if ends.year - begins.year > LONGEST_TERM_YEARS:
        raise RuleBroken(f"协议期限超过{LONGEST_TERM_YEARS}年，请检查年份是否写错。", field="ends_on")
