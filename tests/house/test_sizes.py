"""How long things may be: file 400 (300 wished), function 40, route 25, template 200, nesting 3 (house "Sizes")."""

import ast
from collections.abc import Iterable
from functools import cache

from tests.house.source import ROOT, Function, Module, modules

FILE, FUNCTION, ROUTE, TEMPLATE, NESTING = 400, 40, 25, 200, 3

# By name, each with its reason. Nothing stands here that could be cut at a noun.
LONGER_FILES: dict[str, str] = {}
LONGER_FUNCTIONS: dict[str, str] = {
    "app/features/visits/actions.py:log": "half of it says what a report is, what is refused and why",
    "app/features/visits/actions.py:amend": "half of it says what a report is, what is refused and why",
    "tests/domain/matching/plans/instances.py:rounds": "one strategy that draws a whole round",
}
LONGER_TEMPLATES: dict[str, str] = {}
NESTED_DEEPER: dict[str, str] = {
    "app/domain/matching/words.py:_single": "the three ways of cutting one word, side by side",
    "tests/storage/test_trail.py:test_sealed_columns_hold_seals": "walks tables, columns and rows",
}

PYTHON = modules(ROOT / "app", ROOT / "tests", ROOT / "scripts")
COMMANDS = [Module(ROOT / "scripts" / name) for name in ("vendor-assets", "pictures")]
SOURCES = [*PYTHON, *[m for m in COMMANDS if m.path.exists()]]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@cache
def functions() -> list[tuple[Module, Function]]:
    return [(module, found) for module in SOURCES for found in module.functions()]


def told(found: Iterable[str]) -> None:
    """Fail with every fault, each with its place and its cure."""
    faults = list(found)
    assert not faults, "\n".join(["", *faults])


def test_a_file_can_be_read_at_one_sitting() -> None:
    told(
        f"{module.name}: {lines} lines, at most {FILE}; it holds two nouns: give one of them a module of its own"
        for module in SOURCES
        if (lines := module.text.count("\n")) > FILE and module.name not in LONGER_FILES
    )


def test_a_function_fits_on_a_screen() -> None:
    told(
        f"{module.name}:{found.line}: {found.name} has {found.lines} lines, at most {most}; name its parts"
        for module, found in functions()
        if found.lines > (most := ROUTE if found.is_route else FUNCTION)
        and f"{module.name}:{found.name}" not in LONGER_FUNCTIONS
    )


def test_a_function_does_not_nest_deeply() -> None:
    told(
        f"{module.name}:{found.line}: {found.name} nests {found.nesting} deep, at most {NESTING}; "
        "return early, or name the inner part"
        for module, found in functions()
        if found.nesting > NESTING and f"{module.name}:{found.name}" not in NESTED_DEEPER
    )


def test_a_template_is_mostly_sentences() -> None:
    told(
        f"{name}: {lines} lines, at most {TEMPLATE}; make a part of what two pages could show"
        for template in TEMPLATES
        if (lines := template.read_text(encoding="utf-8").count("\n")) > TEMPLATE
        and (name := template.relative_to(ROOT).as_posix()) not in LONGER_TEMPLATES
    )


def test_exceptions_are_still_needed() -> None:
    files = {m.name: m for m in SOURCES}
    assert all(name in files and files[name].text.count("\n") > FILE for name in LONGER_FILES)
    known = {f"{m.name}:{f.name}": f for m, f in functions()}
    for name in LONGER_FUNCTIONS:
        assert name in known and known[name].lines > (ROUTE if known[name].is_route else FUNCTION), name
    for name in NESTED_DEEPER:
        assert name in known and known[name].nesting > NESTING, name


def test_a_module_opens_with_what_it_is_for() -> None:
    told(
        f"{module.name}:1: no docstring; say what the module is for"
        for module in SOURCES
        if module.text.strip() and not ast.get_docstring(module.tree)
    )


def test_there_is_no_room_for_odds_and_ends() -> None:
    names = {"utils", "helpers", "common", "misc"}
    assert [m.name for m in PYTHON if names & set(m.path.relative_to(ROOT).with_suffix("").parts)] == []
