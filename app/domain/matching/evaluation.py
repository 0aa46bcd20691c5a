"""How good a ranking is, measured against pairs that careful readers have graded from 0 to 3.

The measures are the usual ones of information retrieval; gain 2^grade - 1 over the first ten, and a pair
counts as relevant from grade 1.5 on.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

FIRST = 10
RELEVANT = 1.5

Judgements = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Quality:
    """Means over the demands that somebody suits.

    `said_nobody` counts those of the demands that nobody suits for which this is said, `wrongly_nobody` those that
    somebody suits for which it is said too.
    """

    ndcg: float
    recall: float
    success: float
    demands: int
    said_nobody: int
    nobody_demands: int
    wrongly_nobody: int


def gain(grade: float) -> float:
    """What a proposal of this grade is worth."""
    return math.exp2(grade) - 1.0


def ndcg(ranked: Sequence[str], grades: Mapping[str, float], first: int = FIRST) -> float:
    """Normalised discounted cumulative gain over the first places; 0 when no grade is above 0."""
    ideal = sorted((gain(grade) for grade in grades.values()), reverse=True)[:first]
    best = sum(value / math.log2(place + 2) for place, value in enumerate(ideal))
    if best == 0:
        return 0.0
    reached = sum(gain(grades.get(offer, 0.0)) / math.log2(place + 2) for place, offer in enumerate(ranked[:first]))
    return reached / best


def recall(ranked: Sequence[str], grades: Mapping[str, float], first: int = 5) -> float:
    """Share of the relevant offers found in the first places."""
    relevant = {offer for offer, grade in grades.items() if grade >= RELEVANT}
    return len(relevant & set(ranked[:first])) / len(relevant) if relevant else 0.0


def success(ranked: Sequence[str], grades: Mapping[str, float], first: int = 3) -> float:
    """1 when a relevant offer stands in the first places, else 0."""
    return float(any(grades.get(offer, 0.0) >= RELEVANT for offer in ranked[:first]))


def suits_somebody(grades: Mapping[str, float]) -> bool:
    """Whether any offer is relevant for the demand."""
    return any(grade >= RELEVANT for grade in grades.values())


def quality(
    ranked: Mapping[str, Sequence[str]], nobody: Collection[str], demands: Iterable[str], judgements: Judgements
) -> Quality:
    """All measures of one ranking; `nobody`: the demands for which 暂无合适人选 was said."""
    served: list[str] = []
    unserved: list[str] = []
    for demand in demands:
        (served if suits_somebody(judgements.get(demand, {})) else unserved).append(demand)

    def mean(values: list[float]) -> float:
        return sum(values) / len(values) if values else 0.0

    return Quality(
        ndcg=mean([ndcg(ranked.get(demand, ()), judgements[demand]) for demand in served]),
        recall=mean([recall(ranked.get(demand, ()), judgements[demand]) for demand in served]),
        success=mean([success(ranked.get(demand, ()), judgements[demand]) for demand in served]),
        demands=len(served),
        said_nobody=len([demand for demand in unserved if demand in nobody]),
        nobody_demands=len(unserved),
        wrongly_nobody=len([demand for demand in served if demand in nobody]),
    )
