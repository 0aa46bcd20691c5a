"""The walks of all roles through the lively city, once for all test processes of a run."""

import fcntl
import json
from dataclasses import asdict
from pathlib import Path

from tests.journeys.lively import City, copy_of
from tests.journeys.walking import Walk, Walker

STRANGER = "nobody"


def walks_of(lively: Path) -> dict[str, Walk]:
    """Log-in name → walk; whoever comes first walks, in a copy that forms may change."""
    kept = lively.parent / "walks.json"
    with (lively.parent / "walks.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            walked = _walk(copy_of(lively, lively.parent / "walked"))
            kept.write_text(json.dumps({login: asdict(walk) for login, walk in walked.items()}), encoding="utf8")
    return {login: Walk(**told) for login, told in json.loads(kept.read_text(encoding="utf8")).items()}


def _walk(city: City) -> dict[str, Walk]:
    app = city.open()
    known: dict[str, set[str]] = {}
    walks = {}
    for login, cookie in city.cookies.items():
        walks[login] = Walker(app, cookie, known).from_pages("/", *city.ways.get(login, []))
    walks[STRANGER] = Walker(app, None, known).from_pages("/", *city.links.values())
    app.extensions["ketepai"].engine.dispose()
    return walks
