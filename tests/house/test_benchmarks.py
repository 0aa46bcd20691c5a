"""The benchmarks keep to one shape, and a figure that misses its target, or is missing, says so."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

FOLDER = ROOT / "scripts" / "bench.d"
sys.path.insert(0, str(FOLDER))
from harness import Bench, benchmarks, main, options_of, title_of  # noqa: E402 (the folder is made importable first)

sys.path.remove(str(FOLDER))  # its `matching` would hide the package that the plans are tested against


@pytest.mark.parametrize("path", benchmarks().values(), ids=lambda p: p.stem)
def test_a_benchmark_has_a_title_and_a_run(path: Path) -> None:
    assert title_of(path)
    assert "\ndef run(" in path.read_text(encoding="utf-8")


def test_without_a_name_they_are_listed() -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / "harness")], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(benchmarks())


def test_options_take_the_type_of_their_default_and_are_written_down() -> None:
    given, rest = options_of(["--size", "7", "--scale=city", "12"])
    bench = Bench("x", given)
    assert (bench.option("size", 3), bench.option("scale", ""), bench.option("users", 2)) == (7, "city", 2)
    assert rest == ["12"] and bench.sizes == {"size": 7, "scale": "city", "users": 2}
    with pytest.raises(SystemExit, match="--json"):
        options_of(["--json"])


@pytest.mark.parametrize(
    ("value", "bounds", "met"),
    [
        (100.0, {"at_most": 100}, True), (100.1, {"at_most": 100}, False), (0.6, {"at_least": 0.6}, True),
        (0.5, {"at_least": 0.6}, False), (None, {"at_most": 100}, False), (None, {"at_least": 0}, False),
        (5.0, {}, None),
    ],
)  # fmt: skip
def test_a_target_is_met_or_missed_and_never_by_what_is_missing(value, bounds, met) -> None:
    bench = Bench("x")
    bench.figure("page", value, "ms", **bounds)
    assert bench.figures[0].met is met
    assert ("MISSED" in bench.table()) == (met is False) and ("missing" in bench.table()) == (value is None)


def test_json_names_every_figure_with_unit_sizes_and_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = tmp_path / "tiny.py"
    module.write_text('"""Tiny."""\ndef run(bench):\n    bench.figure("n", bench.option("size", 3), "rows")\n')
    monkeypatch.setattr("harness.benchmarks", lambda: {"tiny": module})
    assert main("tiny", ["--size", "4", "--json", str(tmp_path / "out.json")]) == 0
    told = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert told["figures"][0] | {"name": "n", "value": 4, "unit": "rows"} == told["figures"][0]
    assert told["sizes"] == {"size": 4} and {"python", "sqlalchemy"} <= set(told["versions"])
    assert "rows" in capsys.readouterr().out
