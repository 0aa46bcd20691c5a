"""One door to the three kinds of plan, for commands and pages that let a planner choose the mode."""

from app.domain.matching.plans.cover import cover_first
from app.domain.matching.plans.fit import best_fit
from app.domain.matching.plans.outcome import Plan
from app.domain.matching.plans.problem import PlanInputs
from app.domain.matching.plans.stable import stable_choice
from app.domain.plans import Mode

SOLVERS = {Mode.FIT: best_fit, Mode.STABLE: stable_choice, Mode.COVER: cover_first}


def solve_plan(inputs: PlanInputs, mode: Mode) -> Plan:
    """The plan of these inputs in this mode; the same inputs and solver versions give the same plan again."""
    return SOLVERS[mode](inputs)
