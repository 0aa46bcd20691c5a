"""Better weights from decisions: found where there is something to find, measured on demands that were not seen."""

import random

import pytest

from app.domain.matching.learning import Judged, learn, quality
from app.domain.refusals import RuleBroken


def decisions(demands, telling, noise=0.0, seed=1):
    """Each demand: six proposals; officers like those high in the part `telling`, whatever the other says."""
    draw = random.Random(seed)
    made = {}
    for number in range(demands):
        rows = []
        for offer in range(6):
            parts = {"subject": draw.random(), "distance": draw.random()}
            liked = parts[telling] > 0.6 if draw.random() > noise else draw.random() > 0.5
            rows.append(Judged(str(offer), parts, 2.0 if liked else 0.0))
        made[f"d{number}"] = rows
    return made


def test_a_part_that_tells_gains_weight_and_unseen_demands_gain_by_it():
    found = learn(decisions(40, "distance"), {"subject": 0.5, "distance": 0.05})
    assert found.weights["distance"] / found.weights["subject"] > 0.2
    assert found.gain > 0.05 and found.better > found.worse == 0
    assert (found.folds, found.demands) == (5, len([rows for rows in decisions(40, "distance").values()
                                                   if len({r.grade for r in rows}) > 1]))  # fmt: skip


def test_where_nothing_is_to_be_found_nothing_is_promised():
    found = learn(decisions(40, "subject", noise=1.0), {"subject": 0.5, "distance": 0.05})
    assert found.gain < 0.05, "chance on the training side is no gain on the held-out side"


def test_good_weights_stay():
    weights = {"subject": 0.5, "distance": 0.0}
    found = learn(decisions(30, "subject"), weights)
    assert found.weights == weights and found.gain == 0


def test_it_is_the_same_every_time_and_in_any_order():
    made = decisions(20, "distance")
    mixed = dict(reversed(made.items()))
    start = {"subject": 0.5, "distance": 0.05}
    assert learn(made, start) == learn(mixed, start)


def test_too_little_is_refused():
    some = decisions(3, "subject") | {"all-alike": [Judged("1", {"subject": 1.0}, 2.0)]}
    with pytest.raises(RuleBroken, match="只有3条"):
        learn(some, {"subject": 0.5}, folds=5)
    with pytest.raises(RuleBroken, match="两份"):
        learn(some, {"subject": 0.5}, folds=1)


def test_quality_is_of_the_order():
    rows = {"d": [Judged("bad", {"a": 1.0, "b": 0.0}, 0.0), Judged("good", {"a": 0.0, "b": 1.0}, 3.0)]}
    assert quality(rows, {"a": 0.1, "b": 0.9}) == 1.0
    assert quality(rows, {"a": 0.9, "b": 0.1}) < 1.0
