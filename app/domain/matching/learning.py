"""Better weights from what officers decided: a search over the weights of the parts, measured by cross-validation.

What was decided is kept with the parts of each score as they were shown, so nothing has to be ranked again: a score
is the sum of share times weight. Each fold of demands is measured with weights that were found without it, so that a
gain is one on unseen demands. The measure is nDCG@10 over the proposals judged (domain/matching/evaluation.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.matching.evaluation import RELEVANT, ndcg
from app.domain.refusals import RuleBroken

# A weight is tried at these multiples of itself, again and again while it helps.
STEPS = (0.5, 0.8, 1.25, 2.0)
ROUNDS = 6
# A change must gain at least this much nDCG: smaller ones are chance.
WORTH = 0.001
MOST_WEIGHT = 1.0
DECIMALS = 4


@dataclass(frozen=True)
class Judged:
    """One proposal as it was decided on: share (0 to 1) reached of each part, and a grade from 0 to 3."""

    offer: str
    parts: Mapping[str, float]
    grade: float


@dataclass(frozen=True)
class Learnt:
    """Weights found on all demands, and what cross-validation says of finding weights in this way.

    `before`, `after`: mean nDCG@10 on held-out demands with the old and the found weights; `better`, `worse`: folds.
    """

    weights: Mapping[str, float]
    demands: int
    pairs: int
    folds: int
    before: float
    after: float
    better: int
    worse: int

    @property
    def gain(self) -> float:
        return self.after - self.before

    @property
    def measured(self) -> dict[str, float | int]:
        """The figures for keeping beside the weights."""
        names = ("demands", "pairs", "folds", "before", "after", "gain", "better", "worse")
        return {name: round(getattr(self, name), DECIMALS) for name in names}


Decided = Mapping[str, Sequence[Judged]]


def learn(decided: Decided, weights: Mapping[str, float], folds: int = 5) -> Learnt:
    """The weights that order the judged proposals best, and their measured gain.

    Only demands that tell good from bad count: one proposal worth having, and one of another grade. Refused: fewer of
    them than folds, fewer than two folds. The same input gives the same weights.
    """
    telling = {name: rows for name, rows in sorted(decided.items()) if _tells(rows)}
    if folds < 2:
        raise RuleBroken("至少要分两份才能交叉检验。")
    if len(telling) < folds:
        raise RuleBroken(
            f"能分出好坏的需求只有{len(telling)}条，至少要{folds}条（既有邀请又有“不合适”的）。请再积累一些判断。"
        )
    names = list(telling)
    before, after = [], []
    for fold in range(folds):
        held_out = {name: telling[name] for name in names[fold::folds]}
        rest = {name: rows for name, rows in telling.items() if name not in held_out}
        found = _search(rest, weights)
        before.append((quality(held_out, weights), len(held_out)))
        after.append((quality(held_out, found), len(held_out)))
    pairs = list(zip(before, after, strict=True))
    return Learnt(
        weights=_search(telling, weights),
        demands=len(telling),
        pairs=sum(len(rows) for rows in telling.values()),
        folds=folds,
        before=_mean(before),
        after=_mean(after),
        better=sum(new > old + WORTH for (old, _), (new, _) in pairs),
        worse=sum(new < old - WORTH for (old, _), (new, _) in pairs),
    )


def quality(decided: Decided, weights: Mapping[str, float]) -> float:
    """Mean nDCG@10 of the order that these weights give."""
    total = 0.0
    for rows in decided.values():
        ordered = sorted(rows, key=lambda row: (-_score(row, weights), row.offer))
        total += ndcg([row.offer for row in ordered], {row.offer: row.grade for row in rows})
    return total / len(decided) if decided else 0.0


def _score(row: Judged, weights: Mapping[str, float]) -> float:
    return sum(share * weights.get(name, 0.0) for name, share in row.parts.items())


def _tells(rows: Sequence[Judged]) -> bool:
    grades = {row.grade for row in rows}
    return len(grades) > 1 and max(grades) >= RELEVANT


def _mean(values: Sequence[tuple[float, int]]) -> float:
    return sum(value * times for value, times in values) / sum(times for _, times in values)


def _search(decided: Decided, start: Mapping[str, float]) -> dict[str, float]:
    """Coordinate ascent: one weight after the other to the multiple that helps most, until none is worth it."""
    now = dict(start)
    best = quality(decided, now)
    for _ in range(ROUNDS):
        moved = False
        for name in start:
            tried = [now | {name: min(MOST_WEIGHT, round(now[name] * step, DECIMALS))} for step in STEPS]
            scored = [(quality(decided, weights), -place) for place, weights in enumerate(tried)]
            top, place = max(scored)
            if top >= best + WORTH:
                now, best, moved = tried[-place], top, True
        if not moved:
            break
    return now
