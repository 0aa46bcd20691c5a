"""Numbered migrations, one head: up, down and up again on both databases, with no difference to the models."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.storage import migrations
from app.storage.session import make_engine
from app.tables import Base
from tests.databases import Databases

VERSIONS = migrations.FOLDER / "versions"


@pytest.fixture
def empty(databases: Databases):
    """An engine on a database without any table."""
    url = databases.empty()
    engine = make_engine(url)
    yield engine
    engine.dispose()
    databases.drop(url)


def differences(engine: sa.Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        return list(compare_metadata(context, Base.metadata))


def made_of(engine: sa.Engine) -> dict[str, object]:
    """Tables with their columns, constraints and indexes, as the database itself tells them."""
    look = sa.inspect(engine)
    columns, keys, foreign = look.get_multi_columns(), look.get_multi_pk_constraint(), look.get_multi_foreign_keys()
    unique, indexes = look.get_multi_unique_constraints(), look.get_multi_indexes()
    checks = look.get_multi_check_constraints()
    return {
        at[1]: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in columns[at]},
            "key": keys[at]["constrained_columns"],
            "foreign": sorted(
                (f["name"] or "", tuple(f["constrained_columns"]), f["referred_table"]) for f in foreign[at]
            ),
            "unique": sorted((u["name"] or "", tuple(u["column_names"])) for u in unique[at]),
            # PostgreSQL lists the index of a unique constraint among the indexes, SQLite does not.
            "indexes": sorted(
                (i["name"] or "", tuple(i["column_names"]), bool(i["unique"]))
                for i in indexes[at]
                if not i.get("duplicates_constraint")
            ),
            "checks": sorted(c["name"] or "" for c in checks[at]),
        }
        for at in columns
        if at[1] != "alembic_version"
    }


def test_files_are_numbered_without_a_gap() -> None:
    names = sorted(p.name for p in VERSIONS.glob("*.py") if p.name != "__init__.py")
    assert names and all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_there_is_one_head_and_each_follows_the_number_before() -> None:
    script = ScriptDirectory.from_config(migrations.alembic_config())
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        number = int(Path(str(revision.path)).name[:4])
        before = revision.down_revision
        assert int(revision.revision[:4]) == number
        assert (before is None) == (number == 1) and (before is None or int(str(before)[:4]) == number - 1)


def test_up_gives_what_the_models_say(empty: sa.Engine) -> None:
    migrations.upgrade(empty)
    assert differences(empty) == []


def test_the_migrated_database_is_the_one_that_the_models_would_make(empty: sa.Engine, databases: Databases) -> None:
    """Checks and partial indexes too, which Alembic does not compare."""
    migrations.upgrade(empty)
    url = databases.empty()
    other = make_engine(url)
    Base.metadata.create_all(other)
    told, wanted = made_of(empty), made_of(other)
    other.dispose()
    databases.drop(url)
    assert sorted(told) == sorted(wanted)
    for table in wanted:
        assert told[table] == wanted[table], table


def test_down_leaves_nothing_and_up_makes_the_same_again(empty: sa.Engine) -> None:
    migrations.upgrade(empty)
    first = made_of(empty)
    migrations.downgrade(empty, "base")
    assert made_of(empty) == {}
    migrations.upgrade(empty)
    assert made_of(empty) == first and differences(empty) == []


def test_each_single_step_goes_both_ways(empty: sa.Engine) -> None:
    script = ScriptDirectory.from_config(migrations.alembic_config())
    steps = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    after = made_of(empty)
    for place, step in enumerate(steps):
        before = after
        migrations.upgrade(empty, step)
        after = made_of(empty)
        migrations.downgrade(empty, steps[place - 1] if place else "base")
        assert made_of(empty) == before, f"{step} does not undo itself"
        migrations.upgrade(empty, step)
        assert made_of(empty) == after


def test_a_second_upgrade_does_nothing(empty: sa.Engine) -> None:
    migrations.upgrade(empty)
    with empty.connect() as connection:
        assert migrations.is_current(connection)
    statements: list[str] = []
    sa.event.listen(empty, "before_cursor_execute", lambda c, u, statement, *rest: statements.append(statement))
    migrations.upgrade(empty)
    assert not [s for s in statements if s.startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE"))]


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: sa.Engine) -> None:
    """On both databases a migration is one transaction."""
    with empty.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visits (id integer)")
    before = sorted(sa.inspect(empty).get_table_names())
    with pytest.raises(sa.exc.DBAPIError):
        migrations.upgrade(empty)
    assert sorted(sa.inspect(empty).get_table_names()) == before


def test_the_reference_data_fits_the_migrated_tables(databases: Databases) -> None:
    engine = make_engine(databases.template)
    with engine.connect() as connection:
        counts = dict(
            connection.exec_driver_sql("SELECT rank, count(*) FROM regions GROUP BY rank").all()  # type: ignore[arg-type]
        )
    engine.dispose()
    assert counts["township"] == 141 and counts["county"] == 11 and counts["city"] == 1
