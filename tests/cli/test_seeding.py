"""`seed` fills a fresh database, the same every time but for secrets, with rows that every constraint lets in."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cli.seeding import SCALES, fill
from app.domain.roles import Role
from app.domain.visits import VisitState
from app.features.accounts.models import Account
from app.features.commissioners.models import Appointment, Commissioner
from app.features.demands.models import Demand
from app.features.menus.models import Offer
from app.features.people.models import Person
from app.features.visits.models import Participant, Visit
from app.tables import Base
from app.web.platform import Platform
from config import Settings
from tests.databases import Databases

DAY = date(2026, 6, 1)
SMALLEST = SCALES["smallest"]
# Drawn anew at each run: nonces of seals, keyed hashes, passwords, stamps, moments of writing by accounts and trail.
SECRET = {"password_hash", "made_at", "at", "begins", "id_number_hash", "phone_hash", "stamp"}


def filled(databases: Databases, folder: Path) -> Platform:
    url = databases.copy()
    (folder / "keys.json").write_bytes((databases.folder / "keys.json").read_bytes())
    held = Platform(Settings(data_dir=folder, database_url=url), {})
    fill(held, SMALLEST, DAY, lambda text: None)
    return held


@pytest.fixture(scope="module")
def city(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    held = filled(databases, tmp_path_factory.mktemp("seed"))
    yield held
    held.engine.dispose()
    databases.drop(held.settings.database_url)


@pytest.fixture
def rows(city: Platform) -> Iterator[Session]:
    with Session(city.engine) as session:
        yield session


def digest(engine: sa.Engine) -> dict[str, str]:
    """Table → a hash of what it holds, secrets left out."""
    found = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            kept = [c for c in table.columns if c.name not in SECRET and not c.name.endswith("_sealed")]
            if table.name in ("boundary_versions", "region_geometries"):
                continue  # reference data of the template
            if table.name == "accounts":
                kept = [c for c in kept if c.name != "uid"]  # made by the actions, like any account
            said = [repr(tuple(row)) for row in connection.execute(sa.select(*kept))]
            found[table.name] = hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()
    return found


def count(session: Session, mapped: type, *conditions: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(mapped).where(*conditions)) or 0


def test_it_makes_as_much_as_the_scale_says(rows: Session) -> None:
    assert count(rows, Commissioner) == SMALLEST.commissioners
    assert count(rows, Appointment) == SMALLEST.commissioners * 4
    assert count(rows, Offer) == SMALLEST.offers
    assert count(rows, Demand) == SMALLEST.demands
    assert count(rows, Visit) == SMALLEST.visits
    assert SCALES["city"].commissioners == 3_000 and SCALES["city"].visits == 50_000
    assert SCALES["province"].offers == 10 * SCALES["city"].offers


def test_there_is_one_account_a_role_and_every_role_may_act(rows: Session) -> None:
    accounts = rows.scalars(sa.select(Account)).all()
    assert sorted(a.login for a in accounts) == sorted(role.value for role in Role)
    assert all(a.password_hash and a.grants for a in accounts)


def test_visits_lie_in_the_last_year_under_an_appointment_that_was_valid_then(rows: Session) -> None:
    first, last = rows.execute(sa.select(sa.func.min(Visit.service_date), sa.func.max(Visit.service_date))).one()
    assert (DAY - first).days == 364 and last <= DAY
    wrong = (
        sa.select(sa.func.count())
        .select_from(Participant)
        .join(Visit, Visit.id == Participant.visit_id)
        .join(Appointment, Appointment.id == Participant.appointment_id)
        .where(sa.not_(Visit.service_date.between(Appointment.begins, Appointment.ends)))
    )
    assert rows.scalar(wrong) == 0
    assert count(rows, Visit, Visit.state == VisitState.PASSED) > SMALLEST.visits * 0.8
    assert count(rows, Visit, Visit.state == VisitState.SUBMITTED) > 0


def test_rows_can_be_added_behind_what_was_made(city: Platform, rows: Session) -> None:
    """On PostgreSQL the sequences stand behind the keys that were given out."""
    person = Person(name="后来人", pinyin="hou lai ren", initials="hlr")
    rows.add(person)
    rows.flush()
    assert person.id > SMALLEST.commissioners
    rows.rollback()


def test_a_database_that_holds_anything_is_refused(city: Platform) -> None:
    with pytest.raises(click.ClickException, match="空库"):
        fill(city, SMALLEST, DAY, lambda text: None)


def test_the_same_day_gives_the_same_city(city: Platform, databases: Databases, tmp_path: Path) -> None:
    again = filled(databases, tmp_path)
    try:
        assert digest(again.engine) == digest(city.engine)
    finally:
        again.engine.dispose()
        databases.drop(again.settings.database_url)


def test_first_pages_open_on_it(city: Platform) -> None:
    from datetime import UTC, datetime

    from app import create_app
    from app.features.accounts import actions
    from app.storage.session import writing

    noon = datetime(2026, 6, 1, 4, tzinfo=UTC)
    app = create_app(city.settings, clock=lambda: noon)
    for role in Role:
        with writing(city.engine, city.keyring) as session:
            account = session.scalars(sa.select(Account).where(Account.login == role.value)).one()
            token = actions.sign_in(session, account, noon, "tests", 1)
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["token"] = token
        assert browser.get("/").status_code == 200, role
    app.extensions["ketepai"].engine.dispose()
