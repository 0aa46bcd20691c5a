"""Pages on a seeded city: time to answer, against raw SQL, memory of a worker, second start, matching quality.

Options: --scale city|province|smallest, --requests 40 (of each page by one user), --database sqlite|postgresql.
Times are what a client on the same machine sees, from connecting to the last byte: the wait for a free worker is in
them. Two sync workers without preload serve; the client runs on the same cores. Beside them stands the processor time
of the workers for one request, which other work on the machine moves little, and how busy the machine was.
"""

import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sqlalchemy as sa
from harness import ROOT, Bench, main
from harness.serving import (
    Client,
    gunicorn,
    processor_seconds,
    proportional_megabytes,
    start_seconds,
    workers_of,
)

USERS, WARM_UP, FORM_REQUESTS = 10, 6, 200
PAGE_MS, LIST_RATIO, WORKER_MB, START_SECONDS, QUALITY_PLACES = 100, 0.6, 90, 3, 10
SHARED = ROOT / "tests" / "domain" / "matching" / "shared"


@dataclass(frozen=True)
class Asked:
    """A page as somebody opens it: one or more addresses in turn, measured as one."""

    name: str
    role: str
    paths: tuple[str, ...]


def run(bench: Bench) -> None:
    scale, requests = bench.option("scale", "city"), bench.option("requests", 40)
    with installation(bench, scale, bench.option("database", "sqlite")) as environment:
        data = Path(environment["KETEPAI_DATA_DIR"])
        accounts = json.loads((data / "demonstration-accounts.json").read_text(encoding="utf-8"))
        busy(bench, "before")
        prepared(bench, environment)
        with gunicorn(environment, data / "server.log") as (port, master):
            people = {a["login"]: Client(port).sign_in(a["login"], a["password"]) for a in accounts}
            for asked in pages(people):
                measure(bench, people[asked.role], asked, requests, master)
            after_a_visit(bench, people, requests)
            rival(bench, people["county_head"], requests)
        memory(bench, environment, accounts, data)
        second_start(bench, environment)
        quality(bench)
        busy(bench, "after")


def busy(bench: Bench, when: str) -> None:
    bench.figure(f"load of the machine {when} (1 minute)", os.getloadavg()[0], "processes")


# The installation.


@contextmanager
def installation(bench: Bench, scale: str, database: str) -> Iterator[dict[str, str]]:
    """The environment of a fresh copy of a seeded installation; SQLite's is seeded once a day and kept."""
    with tempfile.TemporaryDirectory(prefix="ketepai-bench-") as folder:
        copy = Path(folder) / "data"
        environment = {"KETEPAI_DATA_DIR": str(copy)}
        if database == "sqlite":
            shutil.copytree(seeded(bench, scale), copy)
            yield environment
            return
        from app.storage.session import make_engine
        from tests.postgres import Cluster  # only where asked for

        cluster = Cluster()
        try:
            environment["KETEPAI_DATABASE_URL"] = url = cluster.url()
            seed(bench, scale, environment)
            with make_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))  # as the server itself does within minutes
            yield environment
        finally:
            cluster.stop()


def seeded(bench: Bench, scale: str) -> Path:
    """The kept installation of this scale and day; made anew when models, migrations or the seeding change."""
    sources = [
        *ROOT.glob("migrations/versions/*.py"),
        *ROOT.glob("app/cli/seed*.py"),
        *ROOT.glob("app/features/*/models.py"),
    ]
    sources += ROOT.glob("app/features/*/data/**/*.csv")
    said = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(sources))).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ketepai-bench"
    kept = cache / f"{scale}-{date.today():%Y%m%d}-{said}"  # noqa: DTZ011 (the machine's day is what serve will use)
    if not kept.exists():
        for old in cache.glob(f"{scale}-*"):
            shutil.rmtree(old)
        cache.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=cache, prefix="draft-"))
        seed(bench, scale, {"KETEPAI_DATA_DIR": str(draft)})
        draft.rename(kept)
    return kept


def seed(bench: Bench, scale: str, environment: dict[str, str]) -> None:
    bench.say(f"seeding {scale}")
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "seed", "--scale", scale],
        cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=sys.stderr,
    )  # fmt: skip


def prepared(bench: Bench, environment: dict[str, str]) -> None:
    """The matching index, which serve makes in the background; workers of the benchmark find it ready, as theirs do."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "prepare-matching"],
        cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=sys.stderr,
    )  # fmt: skip
    bench.figure("matching index made behind the start", time.perf_counter() - begun, "s")


# Pages.


def first_link(client: Client, path: str, pattern: str) -> str:
    """The first address on a page that looks like `pattern`; empty where there is no such page or link."""
    found = re.search(rf'href="({pattern})"', client.ask(path).text)
    return found.group(1).replace("&amp;", "&") if found else ""


UID = r"[0-9a-f]{8}-[0-9a-f-]{27}"


def pages(people: dict[str, Client]) -> list[Asked]:
    """Every page that is measured; records are the first of their lists."""
    this = date.today().year  # noqa: DTZ011 (the machine's day is what serve uses)
    five = f"from={this - 4}&to={this}"
    firsts = [Asked(f"first page, {role}", role, ("/",)) for role in people]
    record = first_link(people["county_head"], "/commissioners/", f"/commissioners/{UID}")
    demand = first_link(people["county_triage"], "/demands/?state=open", f"/matches/demands/{UID}")
    place = first_link(people["commissioner"], "/visits/new", r"/visits/new\?place=[0-9]{9}[^\"]*")
    return [
        *firsts,
        Asked("commissioners' list", "county_head", ("/commissioners/",)),
        Asked("one commissioner", "county_head", (record,)),
        Asked("demand list", "county_triage", ("/demands/",)),
        Asked("demands searched for a word", "city_head", ("/demands/?q=%E7%97%85",)),
        Asked("one demand with its ranking", "county_triage", (demand,)),
        Asked("visit form", "commissioner", (place,)),
        Asked("review list", "county_reviewer", ("/visits/review",)),
        Asked("map page with its values", "city_head", ("/coverage/",)),
        Asked("tally page", "city_head", ("/tallies/",)),
        Asked("tally of five years", "city_head", (f"/tallies/?{five}",)),
        Asked("tally of five years by level", "city_head", (f"/tallies/?{five}&by=level",)),
    ]


def once(client: Client, asked: Asked) -> float | None:
    """Milliseconds for one opening; None where any of its addresses does not answer 200."""
    spent = 0.0
    for path in asked.paths:
        answer = client.ask(path) if path else None
        if answer is None or answer.status != 200:
            return None
        spent += answer.seconds
    return spent * 1000


def measure(bench: Bench, client: Client, asked: Asked, requests: int, master: int) -> None:
    first = once(client, asked)
    if first is None:
        bench.say(f"{asked.name}: missing ({' '.join(asked.paths)})")
        bench.figure(f"{asked.name}, 1 user, p95", None, "ms", at_most=PAGE_MS)
        return
    for _ in range(WARM_UP):
        once(client, asked)
    used = processor_seconds(master)
    alone = times(lambda: once(client, asked), requests, 1)
    used = (processor_seconds(master) - used) / requests * 1000
    crowd = times(lambda: once(client, asked), 2 * requests, USERS)
    bench.figure(f"{asked.name}, first opening", first, "ms")
    for users, found in ((1, alone), (USERS, crowd)):
        bench.figure(f"{asked.name}, {users} user{'s' * (users > 1)}, p50", percentile(found, 50), "ms")
        wish = PAGE_MS if users == 1 else None
        bench.figure(f"{asked.name}, {users} user{'s' * (users > 1)}, p95", percentile(found, 95), "ms", at_most=wish)
    bench.figure(f"{asked.name}, processor time of a request", used, "ms")
    bench.say(
        f"{asked.name}: {used:.0f} ms of processor, {percentile(alone, 50):.0f} / {percentile(alone, 95):.0f} ms alone"
    )


def times(ask: Callable[[], float | None], requests: int, users: int) -> list[float]:
    with ThreadPoolExecutor(users) as pool:
        found = list(pool.map(lambda _: ask(), range(requests)))
    if any(value is None for value in found):
        raise RuntimeError("a page that answered before did not answer under load")
    return [value for value in found if value is not None]


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def after_a_visit(bench: Bench, people: dict[str, Client], requests: int) -> None:
    """The tally each time a visit has just been passed: one county's year has to be counted anew."""
    reviewer, head, spent = people["county_reviewer"], people["city_head"], []
    for _ in range(requests):
        form = first_link(reviewer, "/visits/review", rf"/visits/{UID}/review")
        if not form:
            break
        reviewer.send(form, {}, wanted=(303,), action=f"{form}/pass")
        spent.append(head.ask("/tallies/").seconds * 1000)
    name = "tally page right after a visit has passed"
    for share in (50, 95):
        bench.figure(f"{name}, p{share}", percentile(spent, share) if len(spent) > 1 else None, "ms")
    bench.say(f"{name}: {len(spent)} times")


# Against raw SQL, memory, start, quality.


def rival(bench: Bench, client: Client, requests: int) -> None:
    """The list and the raw page in turn, so that both see the same machine; refused where they show different rows."""
    ours, raw = "/commissioners/?county=350424", "/raw/commissioners?county=350424"
    shown = [re.findall(f"/commissioners/({UID})", client.ask(path).text) for path in (ours, raw)]
    if not shown[0] or shown[0] != shown[1]:
        raise RuntimeError("the list and its rival in raw SQL show different rows")
    spent: dict[str, list[float]] = {ours: [], raw: []}
    for path in (ours, raw) * (WARM_UP + 2 * requests):
        spent[path].append(client.ask(path).seconds * 1000)
    mine, theirs = (percentile(spent[path][WARM_UP:], 50) for path in (ours, raw))
    bench.figure("commissioners' list of a county, p50", mine, "ms")
    bench.figure("the same in raw SQL, p50", theirs, "ms")
    bench.figure("commissioners' list, speed against raw SQL", theirs / mine, "ratio", at_least=LIST_RATIO)


def memory(bench: Bench, environment: dict[str, str], accounts: list[dict[str, str]], data: Path) -> None:
    """The heaviest of two fresh workers after forms only, then after each has drawn the map."""
    passwords = {a["login"]: a["password"] for a in accounts}
    with gunicorn(environment, data / "memory.log") as (port, master):
        writer = Client(port).sign_in("commissioner", passwords["commissioner"])
        official = Client(port).sign_in("township_official", passwords["township_official"])
        head = Client(port).sign_in("city_head", passwords["city_head"])
        place = first_link(writer, "/visits/new", r"/visits/new\?place=[0-9]{9}[^\"]*")
        for _ in range(FORM_REQUESTS):  # two requests a turn: 200 for each of the two workers
            writer.ask(place)
            official.send("/demands/new", {"title": ""}, wanted=(422, 200))
        bench.figure(
            "worker after 200 form requests", max(map(proportional_megabytes, workers_of(master))), "MB PSS",
            at_most=WORKER_MB,
        )  # fmt: skip
        for _ in range(WARM_UP):
            head.ask("/coverage/")
        bench.figure("worker after a map", max(map(proportional_megabytes, workers_of(master))), "MB PSS")
    bench.say("memory weighed")


def second_start(bench: Bench, environment: dict[str, str]) -> None:
    """The first call sets up what is missing; the second is what is measured."""
    start_seconds(environment)
    bench.figure("second start of ./scripts/serve", start_seconds(environment), "s", at_most=START_SECONDS)


def quality(bench: Bench) -> None:
    """nDCG@10 on the shared set, by the command that people use."""
    files = [
        part for name in ("demands", "offers", "judgements") for part in (f"--{name}", str(SHARED / f"{name}.csv"))
    ]
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "match-evaluate", *files],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"^all\s+([\d.]+)", done.stdout, re.M)
    bench.figure(f"matching, nDCG@{QUALITY_PLACES} on the shared set", float(found.group(1)) if found else None, "")


if __name__ == "__main__":
    raise SystemExit(main("pages", sys.argv[1:]))
