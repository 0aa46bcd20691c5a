"""Solvers come late, and both live in one process whichever came first."""

import subprocess
import sys

import pytest

FIT = """
from tests.domain.matching.plans.instances import round_of
from app.domain.matching.plans.fit import best_fit
assert best_fit(round_of(["d"], ["o"], {("d", "o"): 1})).links == {("d", "o")}
"""
COVER = """
from tests.domain.matching.plans.instances import round_of
from app.domain.matching.plans.cover import cover_first
from app.domain.matching.plans.problem import PlanDemand
assert cover_first(round_of([PlanDemand("d", "A", "t", "i")], ["o"], {("d", "o"): 1})).links == {("d", "o")}
"""
LIGHT = """
import sys
import app.domain.matching.plans.solving, app.domain.matching.plans.fairness, app.domain.matching.plans.comparison
heavy = {"ortools", "scipy", "numba", "pandas", "highspy"} & set(sys.modules)
assert not heavy, heavy
"""


@pytest.mark.parametrize(
    "program", [FIT + COVER + FIT, COVER + FIT + COVER, LIGHT], ids=["fit first", "cover first", "light"]
)
def test_in_a_process_of_its_own(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
