"""How long things may be: file 400 (300 wished), function 40, route 25, template 200, nesting 3 (house "Sizes")."""

import pytest

from tests.house.source import ROOT, Module, modules

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


@pytest.mark.parametrize("module", SOURCES, ids=lambda m: m.name)
def test_a_file_can_be_read_at_one_sitting(module: Module) -> None:
    lines = module.text.count("\n")
    assert lines <= FILE or module.name in LONGER_FILES, (
        f"{module.name}: {lines} lines, at most {FILE}; it holds two nouns: give one of them a module of its own"
    )


@pytest.mark.parametrize("module", SOURCES, ids=lambda m: m.name)
def test_a_function_fits_on_a_screen(module: Module) -> None:
    faults = []
    for found in module.functions():
        most = ROUTE if found.is_route else FUNCTION
        where = f"{module.name}:{found.name}"
        if found.lines > most and where not in LONGER_FUNCTIONS:
            faults.append(
                f"{module.name}:{found.line}: {found.name} has {found.lines} lines, at most {most}; name its parts"
            )
        if found.nesting > NESTING and where not in NESTED_DEEPER:
            faults.append(
                f"{module.name}:{found.line}: {found.name} nests {found.nesting} deep, at most {NESTING}; "
                "return early, or name the inner part"
            )
    assert not faults, "\n".join(["", *faults])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.relative_to(ROOT).as_posix())
def test_a_template_is_mostly_sentences(template: object) -> None:
    name = template.relative_to(ROOT).as_posix()  # type: ignore[attr-defined]
    lines = template.read_text(encoding="utf-8").count("\n")  # type: ignore[attr-defined]
    assert lines <= TEMPLATE or name in LONGER_TEMPLATES, (
        f"{name}: {lines} lines, at most {TEMPLATE}; make a part of what two pages could show"
    )


def test_exceptions_are_still_needed() -> None:
    files = {m.name: m for m in SOURCES}
    assert all(name in files and files[name].text.count("\n") > FILE for name in LONGER_FILES)
    functions = {f"{m.name}:{f.name}": f for m in SOURCES for f in m.functions()}
    for name in LONGER_FUNCTIONS:
        assert name in functions and functions[name].lines > (ROUTE if functions[name].is_route else FUNCTION), name
    for name in NESTED_DEEPER:
        assert name in functions and functions[name].nesting > NESTING, name


@pytest.mark.parametrize("module", SOURCES, ids=lambda m: m.name)
def test_a_module_opens_with_what_it_is_for(module: Module) -> None:
    import ast

    empty = not module.text.strip()
    assert empty or ast.get_docstring(module.tree), f"{module.name}:1: no docstring; say what the module is for"


def test_there_is_no_room_for_odds_and_ends() -> None:
    names = {"utils", "helpers", "common", "misc"}
    assert [m.name for m in PYTHON if names & set(m.path.relative_to(ROOT).with_suffix("").parts)] == []
