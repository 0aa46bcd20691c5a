"""`seed`: a large invented city or province in a fresh database, for measuring; the same every time but for secrets.

Rows are written in bulk past the actions, which would take hours; pages show the demonstration's mark on it.
"""

import json
import secrets
import time
from collections import defaultdict
from datetime import date
from random import Random

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app.cli.preparing import ACCOUNTS_FILE, Say, write_accounts
from app.cli.seeded_city import City, Place, Scale
from app.cli.seeded_rows import Rows
from app.cli.seeded_visits import visits
from app.domain.calendar import shanghai_date
from app.domain.roles import Role, system_actor
from app.domain.vocabulary import Kind
from app.features.accounts import actions as accounts
from app.features.accounts.models import Account
from app.features.commissioners.models import Commissioner
from app.features.people.models import Person
from app.features.regions import actions as regions
from app.features.regions import queries as region_queries
from app.features.regions.models import Region
from app.features.vocabulary import actions as vocabulary
from app.features.vocabulary import queries as dictionaries
from app.storage import migrations
from app.storage.session import writing
from app.web.platform import Platform, platform

SEED = 20_260_601
# The city: 3,000 commissioners in four batch years are 12,000 appointments; 50,000 visits a year. A province: tenfold.
SCALES = {
    "city": Scale(commissioners=3_000, offers=10_000, demands=5_000, visits=50_000, served_per_township=14),
    "province": Scale(commissioners=30_000, offers=100_000, demands=50_000, visits=500_000, served_per_township=140),
    "smallest": Scale(commissioners=120, offers=200, demands=330, visits=400, served_per_township=3),
}


def fill(held: Platform, scale: Scale, today: date, say: Say) -> list[dict[str, str]]:
    """Fill a migrated database; the accounts, one a role. Refused: a database that holds people already."""
    with writing(held.engine, held.keyring) as session:
        if any(session.scalar(sa.select(table.id).limit(1)) for table in (Person, Commissioner, Account)):
            raise click.ClickException(
                f"{held.settings.database_url} 里已有数据；seed 只写入空库，请用 --data-dir 另指一个目录。"
            )
        if session.scalar(sa.select(Region.code).limit(1)) is None:
            say("Divisions, dictionaries and schematic cells")
            regions.load_reference(session, system_actor("seed"))
            vocabulary.load_reference(session, system_actor("seed"))
        rows = Rows(session, Random(SEED), say)
        city = City(rows, held.keyring, _place(session, held.settings.city_code, today), scale, today)
        for title, step in (
            ("organisations", city.organisations),
            (f"{scale.commissioners:,} commissioners with their appointments", city.commissioners),
            (f"{scale.offers:,} offers", city.offers),
            (f"{scale.demands:,} demands with matches and agreements", city.demands),
            (f"{scale.visits:,} visits", lambda: visits(city)),
        ):
            say(title.capitalize())
            step()
            rows.flush()
        rows.finish()
        say(f"{rows.written:,} rows; accounts, one a role")
        return _accounts(session, city, today)


def _place(session: Session, city_code: str, today: date) -> Place:
    townships: dict[str, list[str]] = defaultdict(list)
    for township in region_queries.townships(session, city_code):
        townships[township.code[:6]].append(township.code)
    leading = dictionaries.leading_industries(session, today)
    parts: dict[int, list[int]] = defaultdict(list)
    for row in dictionaries.industries_by_id(session).values():
        if row.parent_id is not None:
            parts[row.parent_id].append(row.id)
    return Place(
        city_code,
        dict(townships),
        {row.code: row.id for row in leading},
        {row.code: parts[row.id] for row in leading},
        {kind.code: kind.id for kind in dictionaries.result_kinds(session, today)},
    )


def _accounts(session: Session, city: City, today: date) -> list[dict[str, str]]:
    """One account a role, all with one random password, so that hashing it once is enough."""
    county = city.counties[-1]
    individual = next(f for f in city.by_county[county] if f.kind is Kind.INDIVIDUAL)
    team = next(f for f in city.figures if f.kind is Kind.TEAM)
    scopes: dict[Role, dict[str, object]] = {
        Role.TOWNSHIP_OFFICIAL: {"region_code": city.place.townships[county][0]},
        Role.COMMISSIONER: {"person_id": individual.people[0]},
        Role.TEAM_HEAD: {"person_id": team.people[0]},
        Role.SENDING_CONTACT: {"organisation_id": city.sending[0]},
        Role.SERVED_CONTACT: {"organisation_id": city.units[city.place.townships[county][0]][0]},
    }
    actor, password, listed, kept = system_actor("seed"), secrets.token_urlsafe(9), [], ""
    for role in Role:
        scope = scopes.get(role) or {"region_code": county if role.value.startswith("county") else city.place.city}
        account = accounts.open_account(session, actor, role.value, f"{role.label}（演示）")
        accounts.give_grant(session, actor, account, role, today, **scope)  # type: ignore[arg-type]
        if not kept:
            accounts.set_password(session, actor, account, password)
            kept = account.password_hash or ""
        account.password_hash = kept
        listed.append({"login": role.value, "password": password, "who": role.label})
    return listed


@click.command("seed")
@click.option("--scale", type=click.Choice(sorted(SCALES)), required=True, help="city; province: ten times that")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="the day that counts as today")
@with_appcontext
def seed(scale: str, day: object) -> None:
    """Fill a fresh database with an invented city or province, for measuring."""
    held, begun = platform(), time.perf_counter()
    today = day.date() if day is not None else shanghai_date(held.clock())  # type: ignore[attr-defined]

    def say(text: str) -> None:
        click.echo(f"[{time.perf_counter() - begun:6.1f} s] {text}")

    migrations.upgrade(held.engine)
    listed = fill(held, SCALES[scale], today, say)
    write_accounts(held.settings.data_dir / ACCOUNTS_FILE, listed)
    mark = {"anchor": today.isoformat(), "scale": scale}
    held.settings.demonstration_mark.write_text(json.dumps(mark), encoding="utf8")
    say(f"{held.settings.data_dir}: sign in with {ACCOUNTS_FILE}, serve with KETEPAI_DATA_DIR={held.settings.data_dir}")


COMMANDS = [seed]
