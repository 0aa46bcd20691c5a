"""Every route has a guard and a way to it; every page stands where its name says; every form is guarded."""

import ast
import inspect
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app import create_app
from app.domain.roles import PERMISSIONS
from app.urls import BLUEPRINTS, MENU
from config import Settings
from tests.house.source import FEATURES, ROOT, Module, dotted_name, modules

# GET endpoints without arguments that no menu leads to, and how one comes there instead.
REACHED_OTHERWISE = {
    "accounts.sign_in_form": "the door",
    "accounts.choose_grant": "the page header",
    "accounts.sessions": "the page header",
    "tallies.counting_rule": "the tally page, for the city bureau",
}
# Templates that are not named after a view function, and why.
OTHER_TEMPLATES = {
    "accounts/link_useless.html": "answers for accounts.set_up when the link is used up",
    "demands/choose_township.html": "the first question of demands.new_demand",
    "visits/choose_place.html": "the first question of visits.new_visit",
}
# Addresses with an integer key, and why.
INTEGER_KEYS = {
    "accounts.end_grant": "a grant is named within its account, to administrators only",
    "commissioners.end_member": "a member is named within the team",
    "commissioners.lead": "a member is named within the team",
}
VIEWS = [m for m in modules(FEATURES) if m.serves]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("house")
    return create_app(Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'house.db'}"))


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def where(app: Flask, endpoint: str) -> str:
    view = inspect.unwrap(app.view_functions[endpoint])
    code = view.__code__
    return f"{code.co_filename.removeprefix(f'{ROOT}/')}:{code.co_firstlineno}: {endpoint}"


def guard_of(app: Flask, endpoint: str) -> str:
    return str(getattr(app.view_functions[endpoint], "guard", ""))


def test_every_route_has_a_guard(served: Flask) -> None:
    faults = [
        f"{where(served, rule.endpoint)}: no guard; put @permitted, @signed_in, @public or @by_link below the route"
        for rule in rules(served)
        if not guard_of(served, rule.endpoint)
    ]
    assert not faults, "\n".join(["", *faults])


def test_a_guard_asks_for_permissions_that_some_role_holds(served: Flask) -> None:
    """A misspelt permission would shut a page to everybody."""
    held = set().union(*PERMISSIONS.values())
    for rule in rules(served):
        guard = guard_of(served, rule.endpoint)
        if guard and guard not in ("signed in", "link") and not guard.startswith("public: "):
            assert set(guard.split(" or ")) <= held, f"{where(served, rule.endpoint)}: no role holds {guard}"


def test_the_menu_asks_for_what_its_page_asks_for(served: Flask) -> None:
    for entry in MENU:
        guard = guard_of(served, entry.endpoint)
        assert guard, f"the menu's {entry.label} leads nowhere: there is no endpoint {entry.endpoint}"
        wanted = " or ".join(entry.permissions) or "signed in"
        assert guard == wanted, f"{entry.label} is shown to {wanted}, its page is open to {guard}"


def test_every_page_without_arguments_is_reached(served: Flask) -> None:
    """From the menu, or from another page of its desk (a link to it stands in a template), or by a stated exception."""
    menu = {entry.endpoint for entry in MENU}
    linked = linked_endpoints()
    lost = [
        f"{where(served, rule.endpoint)}: neither in the menu nor linked from any page; link it, or say in "
        "REACHED_OTHERWISE how one comes there"
        for rule in rules(served)
        if "GET" in (rule.methods or ()) and not rule.arguments
        if rule.endpoint not in menu | linked | set(REACHED_OTHERWISE)
    ]
    assert not lost, "\n".join(["", *lost])


def linked_endpoints() -> set[str]:
    """Endpoints named in url_for of a template, or in url_for and done of a view."""
    named = re.compile(r"url_for\(\s*[\"']([a-z_.]+)[\"']")
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        found |= set(named.findall(path.read_text(encoding="utf-8")))
    for module in VIEWS:
        found |= set(re.findall(r"[\"']([a-z]+\.[a-z_]+)[\"']", module.text))
    return found


def test_every_link_leads_somewhere(served: Flask) -> None:
    named = re.compile(r"url_for\(\s*[\"']([a-z_.]+)[\"']")
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for found in named.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            assert found.group(1) in served.view_functions, (
                f"{path.relative_to(ROOT)}:{line}: no endpoint {found.group(1)}"
            )


def test_exceptions_are_still_needed(served: Flask) -> None:
    assert set(REACHED_OTHERWISE) <= set(served.view_functions)
    assert all((ROOT / "templates" / name).is_file() for name in OTHER_TEMPLATES)


def test_a_writing_route_only_takes_posts_and_reads_only_gets(served: Flask) -> None:
    """GET and POST stand apart, and what changes something is never behind a GET."""
    for rule in rules(served):
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), f"{where(served, rule.endpoint)}: {methods}; one verb a route"


def test_only_a_route_behind_a_link_goes_without_the_form_token(served: Flask) -> None:
    exempt = {e for e, view in served.view_functions.items() if getattr(view, "csrf_exempt", False)}
    assert {e for e in exempt if guard_of(served, e) != "link"} == set()
    installed = served.extensions["csrf"]
    assert installed._exempt_blueprints == set()
    assert len(installed._exempt_views) == len(exempt), "exempted past @by_link"
    assert served.config.get("WTF_CSRF_ENABLED", True) and served.config.get("WTF_CSRF_CHECK_DEFAULT", True)


def test_records_stand_in_addresses_by_uid(served: Flask) -> None:
    """Integer keys stay inside (decision 14): an address must not say how many there are."""
    for rule in rules(served):
        kinds = {type(c).__name__ for c in rule._converters.values()}
        allowed = "IntegerConverter" not in kinds or rule.endpoint in INTEGER_KEYS
        assert allowed, f"{where(served, rule.endpoint)}: {rule.rule}; use <uuid:uid>"


# What the source of the views says.


def view_functions(module: Module) -> Iterator[tuple[ast.FunctionDef, set[str]]]:
    """(function, its verbs) of each route."""
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef):
            called = [d for d in node.decorator_list if isinstance(d, ast.Call)]
            verbs = {dotted_name(d.func).split(".")[-1] for d in called if "blueprint" in dotted_name(d.func)}
            if verbs:
                yield node, verbs


def pages(node: ast.AST) -> Iterator[tuple[str, int]]:
    """(template, line) of each page("…") below a node."""
    for child in ast.walk(node):
        if isinstance(child, ast.Call) and dotted_name(child.func) == "page" and child.args:
            first = child.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, child.lineno


@pytest.mark.parametrize("module", VIEWS, ids=lambda m: m.name)
def test_a_template_stands_where_its_view_is(module: Module) -> None:
    desk = [m for m in VIEWS if m.desk == module.desk]
    allowed = {f"{m.desk}/{f.name}.html" for m in desk for f, _ in view_functions(m)} | set(OTHER_TEMPLATES)
    for template, line in pages(module.tree):
        assert template in allowed, (
            f"{module.name}:{line}: {template} is named after no view function of this desk; "
            f"rename it to {module.desk}/<view function>.html"
        )
    for function, verbs in view_functions(module):
        if "get" in verbs:
            shown = {template for template, _ in pages(function)} - set(OTHER_TEMPLATES)
            assert shown <= {f"{module.desk}/{function.name}.html"}, (
                f"{module.name}:{function.lineno}: {function.name} shows {sorted(shown)}; pages are named after views"
            )


def test_every_template_of_a_desk_belongs_to_a_view() -> None:
    wanted = {f"{m.desk}/{f.name}.html" for m in VIEWS for f, _ in view_functions(m)} | set(OTHER_TEMPLATES)
    desks = {m.desk for m in VIEWS}
    assert len(desks) > 12
    there = {
        path.relative_to(ROOT / "templates").as_posix()
        for desk in desks
        for path in (ROOT / "templates" / str(desk)).glob("*.html")
        if not path.name.startswith("_")
    }
    assert there - wanted == set(), "named after no view function: rename, or begin a shared piece with _"


@pytest.mark.parametrize("module", VIEWS, ids=lambda m: m.name)
def test_the_guard_stands_directly_below_the_route_and_commits_innermost(module: Module) -> None:
    guards = {"permitted", "signed_in", "public", "by_link"}
    for function, verbs in view_functions(module):
        names = [dotted_name(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list]
        routes = [n for n in names if "blueprint" in n]
        rest = names[len(routes) :]
        where = f"{module.name}:{function.lineno}: {function.name}"
        assert names[: len(routes)] == routes and rest and rest[0] in guards, f"{where}: guard first below the route"
        if "commits" in rest:
            assert rest[-1] == "commits", f"{where}: @commits innermost"
            assert "post" in verbs, f"{where}: a GET keeps nothing"


def test_every_blueprint_is_in_the_contents_page() -> None:
    names = {blueprint.name for blueprint, _ in BLUEPRINTS}
    assert names == {m.desk for m in VIEWS}
