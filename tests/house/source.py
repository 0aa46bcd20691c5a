"""Reads the project's own source: its modules, what they import and call, where their functions begin and end."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
FEATURES = APP / "features"

# The row of desks, as app/README.md gives it; each looks left only.
DESKS = (
    "regions", "accounts", "people", "organisations", "commissioners", "rounds", "vocabulary", "menus", "demands",
    "matches", "agreements", "periods", "visits", "coverage", "plans", "tallies", "anonymising",
    "home",
)  # fmt: skip


@dataclass(frozen=True)
class Import:
    """One imported module, and whether the line runs when the importing module is loaded."""

    target: str
    line: int
    at_load: bool
    for_types_only: bool


@dataclass(frozen=True)
class Function:
    name: str
    line: int
    lines: int
    nesting: int
    is_route: bool


@dataclass(frozen=True)
class Module:
    """One Python file of the application."""

    path: Path

    @property
    def name(self) -> str:
        """app/features/demands/views.py"""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def dotted(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def desk(self) -> str | None:
        parts = self.path.relative_to(ROOT).parts
        return parts[2] if parts[:2] == ("app", "features") and len(parts) > 3 else None

    @property
    def serves(self) -> bool:
        """Whether this module of a desk answers requests: views.py, <noun>_views.py, and pages.py, what they share."""
        name = self.path.name
        return bool(self.desk) and (name in ("views.py", "pages.py", "api.py") or name.endswith("_views.py"))

    def imports(self) -> Iterator[Import]:
        """Every import, with `from package import module` resolved to the module where it is one."""
        yield from _imports(self.tree, at_load=True, for_types=False)

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                last = node.end_lineno or node.lineno
                yield Function(node.name, node.lineno, last - node.lineno + 1, _nesting(node), _is_route(node))

    def calls(self) -> Iterator[tuple[str, int]]:
        """(dotted name of what is called, line), as far as it is written as names: session.commit, date.today."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (name := dotted_name(node.func)):
                yield name, node.lineno


def _imports(node: ast.AST, *, at_load: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, at_load, for_types)
        elif isinstance(child, ast.ImportFrom):
            assert not child.level, "relative imports hide where a module stands"
            for alias in child.names:
                yield Import(_resolved(child.module or "", alias.name), child.lineno, at_load, for_types)
        elif isinstance(child, ast.If) and dotted_name(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            yield from _imports(child, at_load=False, for_types=True)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, at_load=at_load and not inside, for_types=for_types)


def _resolved(module: str, name: str) -> str:
    if not module.startswith("app"):
        return module
    base = ROOT.joinpath(*module.split("."), name)
    return f"{module}.{name}" if base.is_dir() or base.with_suffix(".py").is_file() else module


def dotted_name(node: ast.AST) -> str:
    """`a.b.c` of an expression that is only names and attributes; the last attribute where its root is a call."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return ""


def _is_route(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(d, ast.Call) and dotted_name(d.func).split(".")[0].endswith("blueprint") for d in node.decorator_list
    )


BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


def _nesting(node: ast.AST, depth: int = 0) -> int:
    """How deep blocks stand in blocks; an elif stands beside its if, a function begins anew."""
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        beside = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        deeper = isinstance(child, BLOCKS) and not beside
        deepest = max(deepest, _nesting(child, depth + 1 if deeper else depth))
    return deepest


def modules(*folders: Path) -> list[Module]:
    """Every Python file below the folders (default: the application), sorted by path."""
    found = {path for folder in folders or (APP,) for path in folder.rglob("*.py")}
    return [Module(path) for path in sorted(found) if "__pycache__" not in path.parts]
