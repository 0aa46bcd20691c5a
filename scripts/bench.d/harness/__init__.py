"""What every benchmark is handed: options, a voice, and a place for its figures; prints them and writes JSON.

A benchmark is a module in scripts/bench.d whose first docstring line is its title, with `run(bench: Bench) -> None`.
"""

import ast
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).resolve().parents[1]
ROOT = FOLDER.parents[1]
PACKAGES = ("flask", "sqlalchemy", "gunicorn", "psycopg", "numpy", "numba", "rjieba", "folium", "geopandas")


@dataclass(frozen=True)
class Figure:
    """One measured value; `target` says what is wished and `met` whether it was, where there is a wish."""

    name: str
    value: float | None
    unit: str
    target: str = ""
    met: bool | None = None


@dataclass
class Bench:
    """One run of one benchmark."""

    name: str
    given: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    sizes: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    begun: float = field(default_factory=time.perf_counter)

    def option(self, name: str, default: Any) -> Any:
        """`--name value` of the command line in the type of the default; what was used is written with the figures."""
        self.asked.add(name)
        value = type(default)(self.given[name]) if name in self.given else default
        self.sizes[name] = value
        return value

    def say(self, text: str) -> None:
        print(f"[{time.perf_counter() - self.begun:6.1f} s] {text}", file=sys.stderr, flush=True)

    def figure(
        self, name: str, value: float | None, unit: str, *, at_most: float | None = None, at_least: float | None = None
    ) -> None:
        """Keep a figure; None for what could not be measured, which never meets a target."""
        target = f"≤ {at_most:g}" if at_most is not None else f"≥ {at_least:g}" if at_least is not None else ""
        met: bool | None = None
        if target:
            low = at_least is None or (value is not None and value >= at_least)
            met = value is not None and low and (at_most is None or value <= at_most)
        self.figures.append(Figure(name, value, unit, target, met))

    def table(self) -> str:
        """Figures under one another, targets beside them."""
        width = max((len(f.name) for f in self.figures), default=10)
        lines = []
        for f in self.figures:
            value = "missing" if f.value is None else f"{f.value:,.3f}" if abs(f.value) < 10 else f"{f.value:,.1f}"
            verdict = "" if f.met is None else f"  target {f.target}: {'met' if f.met else 'MISSED'}"
            lines.append(f"{f.name:<{width}}  {value:>12} {f.unit:<8}{verdict}".rstrip())
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "benchmark": self.name,
            "sizes": self.sizes,
            "versions": {**machine(), **self.versions},
            "figures": [vars(f) for f in self.figures],
        }


def machine() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.platform(), "cores": str(os.cpu_count())}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def benchmarks() -> dict[str, Path]:
    return {path.stem: path for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith("_")}


def title_of(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]


def load(path: Path) -> ModuleType:
    """The module of a benchmark; the project is importable from it."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    spec = spec_from_file_location(f"bench_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def options_of(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """(--name value pairs, the rest); `--name=value` too. Refused: an option without its value."""
    given, rest, words = {}, [], iter(arguments)
    for word in words:
        if not word.startswith("--"):
            rest.append(word)
            continue
        name, equals, value = word[2:].partition("=")
        if not equals:
            value = next(words, "")
            if not value or value.startswith("--"):
                raise SystemExit(f"--{name} needs a value")
        given[name] = value
    return given, rest


def main(name: str, arguments: Sequence[str]) -> int:
    """Run one benchmark: progress on the error stream, the table on the output, JSON where --json says."""
    given, rest = options_of(arguments)
    if rest:
        raise SystemExit(f"not an option: {' '.join(rest)}")
    target = given.pop("json", "")
    bench = Bench(name, given)
    module = load(benchmarks()[name])
    module.run(bench)
    print(bench.table())
    unknown = sorted(set(given) - bench.asked)
    if unknown:
        bench.say(f"not an option of {name}: {', '.join(unknown)}")
    if target:
        Path(target).write_text(json.dumps(bench.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    return 0
