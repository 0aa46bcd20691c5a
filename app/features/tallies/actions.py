"""Writes of the tallies desk: how the city wants things counted."""

from datetime import date

from sqlalchemy.orm import Session

from app.domain.refusals import RuleBroken
from app.domain.roles import Actor
from app.domain.tallies import LevelRule
from app.features.tallies import queries
from app.features.tallies.models import TallyRule
from app.storage import trail


def decide_level_rule(session: Session, actor: Actor, today: date, rule: LevelRule, because: str) -> TallyRule:
    """From now on appointments count at levels by `rule`, in every year asked for; the reason is kept in the trail.

    Refused where that is the rule already.
    """
    before = queries.level_rule(session)
    if before is rule:
        raise RuleBroken(f"现在就是“{rule.label}”，不需要更改。", field="rule")
    made = TallyRule(level_rule=rule, decided_on=today, because=because)
    session.add(made)
    session.flush()
    changes = {"level_rule": (before.value, rule.value)}
    trail.record(session, actor, "tallies.decide_level_rule", made, words=because, changes=changes)
    return made
