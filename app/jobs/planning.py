"""What a worker does for plans: freeze the inputs and solve them, or solve frozen inputs again and compare."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.domain.calendar import shanghai_date
from app.domain.plans import Mode, WhatIf
from app.features.plans import actions
from app.features.plans.models import DispatchPlan
from app.storage.session import reading
from app.web.platform import Platform
from config import ROOT

SOLVER_SECONDS = 900
Keep = Callable[[Session], None]


def solve(held: Platform, plan_id: int) -> Keep:
    """Freeze what the plan depends on now, solve it in a process of its own, and keep both."""
    from app.features.plans.gathering import freeze  # numpy and the engine: only where a plan is made

    with reading(held.engine, held.keyring) as session:
        plan = session.get_one(DispatchPlan, plan_id)
        what_if, territory = WhatIf.from_json(plan.what_if), plan.territory
        frozen = freeze(session, what_if, territory, shanghai_date(held.clock()), held.settings.data_dir / "matching")
    inputs, sha256, today = frozen.inputs.canonical, frozen.inputs.sha256, frozen.today_json()
    result = run_solver(what_if.mode, inputs)
    return lambda session: actions.keep_result(
        session,
        plan_id,
        held.clock(),
        inputs=inputs,
        inputs_sha256=sha256,
        today=today,
        result=result,
        sha=digest(result),
    )


def check(held: Platform, plan_id: int) -> Keep:
    """Solve the frozen inputs once more and say whether the same came out."""
    with reading(held.engine, held.keyring) as session:
        plan = session.get_one(DispatchPlan, plan_id)
        mode, inputs, before = plan.mode, plan.inputs or "", plan.result_sha256
    whole = hashlib.sha256(inputs.encode()).hexdigest() == plan.inputs_sha256
    same = whole and digest(run_solver(mode, inputs)) == before
    return lambda session: actions.keep_check(session, plan_id, held.clock(), same)


def give_up(session: Session, plan_id: int, words: str) -> None:
    """The job is among the dead letters: the plan says so, with what went wrong."""
    actions.keep_failure(session, plan_id, words)


def run_solver(mode: Mode, inputs: str) -> str:
    """What the solver's process says, as JSON text. Fails with the end of its complaint."""
    done = subprocess.run(
        [sys.executable, "-m", "app.jobs.solver", str(os.getpid())],
        input=json.dumps({"mode": mode.value, "inputs": inputs}),
        capture_output=True,
        text=True,
        timeout=SOLVER_SECONDS,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"solver ended with {done.returncode}")
    return done.stdout


def digest(result: str) -> str:
    """SHA-256 of the plan inside a result (the canonical JSON of `Plan.as_json`), without the figures about it."""
    plan: Any = json.loads(result)["plan"]
    return hashlib.sha256(json.dumps(plan, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
