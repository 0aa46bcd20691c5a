"""The walks of all roles through the lively city, once for all test processes of a run."""

import fcntl
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tests.journeys.lively import City, copy_of
from tests.journeys.makings import enough
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
    walks = {}
    for login, cookie in city.cookies.items():
        walks[login] = Walker(app, cookie).from_pages("/", *city.ways.get(login, []))
    walks[STRANGER] = Walker(app, None).from_pages("/", *city.links.values())
    app.extensions["ketepai"].engine.dispose()
    for reader, name in enough(parts(walks)):
        walks[reader].chosen.append(name)
    return walks


def parts(walks: Mapping[str, Walk]) -> dict[tuple[str, str], set[str]]:
    """What each reader's each page is made of; being of its route and being a reader's first page are parts, too.

    So whatever is chosen to hold every part holds a page of every route and the first page of every reader.
    """
    found = {(reader, name): set(made) for reader, walk in walks.items() for name, made in walk.made.items()}
    for reader, walk in walks.items():
        first = next(name for name in walk.made)
        found[reader, first].add(f"first page of {reader}")
        for endpoint, paths in walk.pages.items():
            for path in paths:
                found[reader, path].add(f"a page of {endpoint}")
    return found
