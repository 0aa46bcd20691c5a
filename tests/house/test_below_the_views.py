"""Nothing below the views reads a request or a clock, and nothing there commits (house habits 2 and 3)."""

from tests.house.source import Module, modules

# Calls that ask a clock, by the last two names.
CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.localtime", "time.gmtime",
    "func.now", "func.current_timestamp", "func.current_date",
}  # fmt: skip
COMMITS = {"commit", "rollback", "begin"}
# Where a clock may be asked below the views: when a row was written is no rule's business.
OWN_CLOCK = {"app/storage/columns.py": "the moment of writing of created_at"}
# Jobs of storage that own their transaction because no request carries them.
OWN_TRANSACTION = {
    "app/storage/session.py": "makes the transactions of commands and jobs",
    "app/storage/migrations.py": "a migration is one transaction of its own",
}


def below_the_views() -> list[Module]:
    """domain, storage, and every desk without its views and forms."""
    return [
        m
        for m in modules()
        if m.name.startswith(("app/domain/", "app/storage/")) or (m.desk and not m.serves and m.path.name != "forms.py")
    ]


def test_there_is_something_to_read() -> None:
    assert len(below_the_views()) > 60


def test_the_clock_is_an_argument() -> None:
    faults = [
        f"{m.name}:{line}: {name}() asks a clock; take `today` or `now` as an argument, views get it from web.platform"
        for m in below_the_views()
        if m.name not in OWN_CLOCK
        for name, line in m.calls()
        if ".".join(name.split(".")[-2:]) in CLOCKS
    ]
    assert not faults, "\n".join(["", *faults])


def test_the_request_is_never_read() -> None:
    faults = [
        f"{m.name}:{i.line}: imports {i.target}; take what is needed of the request as an argument"
        for m in below_the_views()
        for i in m.imports()
        if i.target.split(".")[0] in ("flask", "flask_login", "flask_wtf", "werkzeug")
    ]
    assert not faults, "\n".join(["", *faults])


def test_reads_and_writes_never_commit() -> None:
    faults = [
        f"{m.name}:{line}: {name}(); only @commits on a writing route, or storage.session.writing, ends a transaction"
        for m in below_the_views()
        if m.name not in OWN_TRANSACTION
        for name, line in m.calls()
        if name.split(".")[-1] in COMMITS and name.split(".")[0] in ("session", "db", "connection", "engine", "own")
    ]
    assert not faults, "\n".join(["", *faults])


def test_views_ask_one_clock() -> None:
    faults = [
        f"{m.name}:{line}: {name}(); ask web.platform.today() or moment(), so that a test can set the day"
        for m in modules()
        if m.serves or m.path.name == "forms.py" or m.name.startswith("app/web/")
        for name, line in m.calls()
        if m.name != "app/web/platform.py" and ".".join(name.split(".")[-2:]) in CLOCKS
    ]
    assert not faults, "\n".join(["", *faults])
