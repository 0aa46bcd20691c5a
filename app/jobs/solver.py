"""A process of its own that solves one plan: frozen inputs in, the plan with its figures out, as JSON.

Solvers bring native libraries that must not meet in one process (OR-tools and another HiGHS) and memory that a worker
should not keep; a crash of one costs a retry, not the worker.

    python -m app.jobs.solver PARENT < {"mode": …, "inputs": …}

PARENT is the process id of whoever started it, with whom it ends.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from app.domain.matching.plans.fairness import fairness
from app.domain.matching.plans.outcome import Plan
from app.domain.matching.plans.problem import PlanInputs, Side
from app.domain.matching.plans.shortage import shortages
from app.domain.matching.plans.solving import solve_plan
from app.domain.plans import Mode
from app.jobs.lifeline import end_with


def solved(mode: Mode, canonical: str) -> dict[str, Any]:
    """The plan as `Plan.as_json`, with fairness on both sides and shortages joined; keys are stable."""
    plan = solve_plan(PlanInputs.from_json(canonical), mode)
    return {"plan": plan.as_json(), "served": _figures(plan, Side.SERVED), "sent": _figures(plan, Side.SENT)} | {
        "shortages": [
            {
                "cells": [[cell.township, cell.industry] for cell in one.cells],
                "offers": list(one.offers),
                "missing": [[cell.township, cell.industry] for cell in one.missing],
            }
            for one in shortages(plan.open_cells)
        ]
    }


def _figures(plan: Plan, side: Side) -> dict[str, Any]:
    told = fairness(plan, side)
    return {"whole": asdict(told.whole), "counties": [asdict(one) for one in told.counties]}


def main() -> None:
    end_with(int(sys.argv[1]))
    asked = json.load(sys.stdin)
    json.dump(solved(Mode(asked["mode"]), asked["inputs"]), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
