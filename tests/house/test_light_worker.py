"""A worker that serves forms stays light: what draws, solves or cuts words is loaded where it is used.

Decision 26: the matching index at the first suggestion, geopandas and folium at the first map.
"""

import json
import subprocess
import sys

import pytest

from tests.databases import Databases
from tests.house.source import ROOT, modules

HEAVY = ("geopandas", "folium", "pandas", "shapely", "pyogrio", "ortools", "scipy", "numba", "rjieba", "numpy")
# Folders and files that nothing a form needs imports while it loads: the engine, and the modules that draw.
LATE = ("app/domain/matching/", "app/storage/matching_", "maps.py", "app/features/plans/gathering.py", "app/jobs/")

WORKER = """
import json, sys
from datetime import UTC, date, datetime
from pathlib import Path

from app import create_app
from app.domain.roles import Role, system_actor
from app.features.accounts import actions as accounts
from app.storage.session import writing
from config import Settings

app = create_app(Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2]))
held, tests = app.extensions["ketepai"], system_actor("tests")
with writing(held.engine, held.keyring) as session:
    account = accounts.open_account(session, tests, "light", "轻")
    accounts.give_grant(session, tests, account, Role.COUNTY_HEAD, date(2026, 1, 1), region_code="350424")
    token = accounts.sign_in(session, account, datetime.now(UTC), "tests", 1)
browser = app.test_client()
with browser.session_transaction() as cookie:
    cookie["token"] = token
answers = {path: browser.get(path).status_code for path in sys.argv[3:]}
print(json.dumps({"answers": answers, "loaded": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def answer(sqlite_databases: Databases) -> dict:
    """What a fresh process has loaded after signing in and opening lists and a form."""
    url = sqlite_databases.copy()
    paths = ["/commissioners/", "/demands/", "/visits/", "/account/sessions"]
    command = [sys.executable, "-W", "error", "-c", WORKER, str(sqlite_databases.folder), url, *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    sqlite_databases.drop(url)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_pages_were_really_served(answer: dict) -> None:
    assert set(answer["answers"].values()) == {200}


@pytest.mark.parametrize("library", HEAVY)
def test_lists_and_forms_load_nothing_heavy(answer: dict, library: str) -> None:
    loaded = [name for name in answer["loaded"] if name == library or name.startswith(f"{library}.")]
    assert not loaded, f"{library} was loaded by a page that does not need it; import it inside the function that does"


def test_heavy_libraries_stand_at_the_top_of_late_modules_only() -> None:
    faults = [
        f"{m.name}:{i.line}: imports {i.target} when it is loaded; move the import into the function, with its reason"
        for m in modules()
        for i in m.imports()
        if i.at_load and i.target.split(".")[0] in HEAVY
        if not (m.name.startswith(LATE) or m.path.name == "maps.py")
    ]
    assert not faults, "\n".join(["", *faults])


def test_late_modules_are_imported_late() -> None:
    """A view, action or query that loads maps.py or the engine at its top would bring numpy into every worker."""
    heavy = {m.dotted for m in modules() if any(i.at_load and i.target.split(".")[0] in HEAVY for i in m.imports())}
    faults = [
        f"{m.name}:{i.line}: loads {i.target}, and with it a heavy library; import it inside the function"
        for m in modules()
        for i in m.imports()
        if i.at_load and i.target in heavy and not (m.name.startswith(LATE) or m.path.name == "maps.py")
        if not m.name.startswith(("app/cli/", "app/jobs/", "app/demonstration/"))
    ]
    assert heavy and not faults, "\n".join(["", *faults])


def test_reading_the_policy_brings_no_framework() -> None:
    code = (
        "import sys, pkgutil, importlib, app.domain\n"
        "for found in pkgutil.iter_modules(app.domain.__path__, 'app.domain.'):\n"
        "    found.ispkg or importlib.import_module(found.name)\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('flask', 'sqlalchemy', 'wtforms', 'jinja2')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
