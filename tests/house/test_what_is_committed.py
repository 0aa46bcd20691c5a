"""What is handed on: nothing of the machine it was written on, and a floor plan that names every room."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.source import APP, DESKS, FEATURES, ROOT

README, APP_README = ROOT / "README.md", APP / "README.md"
GLOSSARY_TERMS = ("名", "人次", "组次", "家次", "在任", "需求", "菜单", "对接", "三方协议", "服务记录", "覆盖", "留痕")


def committed() -> list[Path]:
    """Text files under version control; the whole tree but for what is ignored where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name]
    if not names:
        skipped = {".venv", "node_modules", "var", ".git", "__pycache__", "vendor"}
        names = [p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if not skipped & set(p.parts)]
    paths = [ROOT / name for name in names]
    return [p for p in paths if p.is_file() and b"\0" not in p.read_bytes()[:4096]]


FILES = committed()
# Spelt apart, so that this file does not hold what it looks for.
MACHINE = re.compile(r"(?<![\w.])/(?:ro" + r"ot|work/[a-z]+|home/[a-z]+|Users/[A-Za-z]+)(?:/|\b)")
REGISTRY = re.compile(
    r"registry\.np" + r"mjs\.org|py" + r"pi\.org|files\.pythonh" + r"osted\.org|index-u" + r"rl|npmmi" + r"rror|"
    r"registry\.y" + r"arnpkg|(?:mirrors?|pypi|npm)\.[a-z0-9-]+\.(?:com|cn|edu|org|internal)|\"res" + r"olved\":"
)


def found_in(pattern: re.Pattern[str]) -> list[str]:
    faults = []
    for path in FILES:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := pattern.search(line):
                faults.append(f"{path.relative_to(ROOT)}:{number}: {match.group(0)}")
    return faults


def test_there_is_something_to_read() -> None:
    assert len(FILES) > 100


def test_no_file_names_a_path_of_one_machine() -> None:
    assert found_in(MACHINE) == [], "take addresses from the project's own folder, or from a setting"


def test_no_file_names_where_packages_came_from() -> None:
    """Lock files carry no download addresses (decision 30): each site has its own mirror."""
    assert found_in(REGISTRY) == [], "leave the address to pip's and npm's own settings"


def test_nothing_generated_or_secret_is_committed() -> None:
    names = {p.relative_to(ROOT).as_posix() for p in FILES}
    bad = [n for n in names if n.startswith(("var/", "static/vendor/", "node_modules/", ".venv/"))]
    bad += [n for n in names if n.endswith((".db", ".pyc", ".bak", "keys.json", "-accounts.json", ".orig", ".rej"))]
    assert bad == []


# The floor plan.


def test_the_floor_plan_names_every_room() -> None:
    plan = APP_README.read_text(encoding="utf-8")
    rooms = [p for p in sorted(APP.iterdir()) if not p.name.startswith(("_", ".")) and p.suffix in ("", ".py")]
    missing = [p.name for p in rooms if p.name not in plan]
    assert not missing, f"app/README.md does not say what these are for: {missing}"


@pytest.mark.parametrize("room", ["domain", "storage", "web"])
def test_the_floor_plan_names_every_module_below_the_desks(room: str) -> None:
    plan = APP_README.read_text(encoding="utf-8")
    patterns = re.findall(r"([a-z_]+)_\*\.py", plan)
    missing = [
        p.name
        for p in sorted((APP / room).iterdir())
        if not p.name.startswith("_") and p.suffix in ("", ".py")
        if p.name not in plan and p.stem + "/" not in plan and not p.stem.startswith(tuple(f"{x}_" for x in patterns))
    ]
    assert not missing, f"app/README.md, {room}/: one line for each of {missing}"


def test_the_floor_plan_gives_the_row_of_desks_in_order() -> None:
    plan = " ".join(APP_README.read_text(encoding="utf-8").split())
    assert " ".join(DESKS) in plan
    assert sorted(p.name for p in FEATURES.iterdir() if p.is_dir() and not p.name.startswith("_")) == sorted(DESKS)


def test_the_glossary_explains_the_words_that_are_counted() -> None:
    glossary = APP_README.read_text(encoding="utf-8").split("## Glossary")[1]
    assert [term for term in GLOSSARY_TERMS if term not in glossary] == []


def test_the_readme_names_every_command_and_setting() -> None:
    text = README.read_text(encoding="utf-8")
    commands = [p.name for p in sorted((ROOT / "scripts").iterdir()) if p.is_file() and not p.name.startswith(".")]
    unnamed = [name for name in commands if f"scripts/{name}" not in text]
    assert not unnamed, f"README.md does not name scripts/{unnamed}"
    source = "\n".join(p.read_text(encoding="utf-8") for p in [ROOT / "config.py", *APP.rglob("*.py")])
    settings = set(re.findall(r"[\"'](KETEPAI_[A-Z_]+)[\"']", source))
    assert sorted(s for s in settings if s not in text) == [], "README.md lists every variable"
    assert re.search(r"[\u4e00-\u9fff]{10}", text.split("\n\n")[1] + text.split("\n\n")[2]), "opens with Chinese"


def test_every_folder_of_tests_is_a_package() -> None:
    """Two desks may both have a test_who_sees.py; without packages pytest mistakes one for the other."""
    folders = {p.parent for p in (ROOT / "tests").rglob("test_*.py")}
    up = {parent for f in folders for parent in [f, *f.parents] if parent.is_relative_to(ROOT / "tests")}
    missing = [str(f.relative_to(ROOT)) for f in sorted(up) if not (f / "__init__.py").is_file()]
    assert not missing, f"add an __init__.py to {missing}"


def test_scripts_can_be_run() -> None:
    for path in (ROOT / "scripts").iterdir():
        if path.is_file():
            assert path.stat().st_mode & 0o111, f"chmod +x {path.relative_to(ROOT)}"
            assert path.read_bytes().startswith(b"#!"), (
                f"{path.relative_to(ROOT)} has no first line that names its program"
            )
