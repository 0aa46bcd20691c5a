"""Moves as a table: which verb leads from which state to which, who may take it, and whether it needs a reason.

Demands, matches, agreements and visits each keep such a table; pages, tests and refusals read the same one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.refusals import MoveRefused
from app.domain.vocabulary import Labelled


@dataclass(frozen=True)
class Move:
    """One step of a record's life. `permission` is what the person must hold; None: the platform itself moves."""

    verb: str
    label: str
    sources: frozenset[str]
    target: Labelled
    permission: str | None
    needs_reason: bool = False


class MoveTable:
    """The moves of one kind of record, asked by verb or by state."""

    def __init__(self, noun: str, states: type[Labelled], moves: Iterable[Move]) -> None:
        self.noun = noun
        self.states = states
        self.moves = {move.verb: move for move in moves}

    def take(self, state: str, verb: str, reason: str | None = None) -> Labelled:
        """The state that `verb` leads to from `state`.

        Refused (MoveRefused) when the verb is not possible from there, or when it needs a reason and has none.
        """
        move = self.moves[verb]
        if state not in move.sources:
            now = self.states(state).label
            wanted = "、".join(s.label for s in self.states if s.value in move.sources)
            raise MoveRefused(
                f"{self.noun}现在是“{now}”，不能{move.label}；只有{wanted}的{self.noun}可以{move.label}。"
                "请刷新页面查看最新状态。"
            )
        if move.needs_reason and not (reason or "").strip():
            raise MoveRefused(f"请写明{move.label}的原因，让对方知道为什么。", field="reason")
        return move.target

    def open_from(self, state: str, permissions: Iterable[str]) -> list[Move]:
        """The moves a person with these permissions may take from `state`, in table order."""
        held = set(permissions)
        return [m for m in self.moves.values() if state in m.sources and m.permission in held]


def states(*members: Labelled) -> frozenset[str]:
    """A set of source states, by value."""
    return frozenset(member.value for member in members)
