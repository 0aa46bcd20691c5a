"""Making an installation ready: migrated, with divisions and dictionaries, with its first way in."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from app.domain.calendar import shanghai_date
from app.domain.roles import Role, system_actor
from app.features.accounts import actions as accounts
from app.features.accounts.models import Account, Grant
from app.features.regions import actions as regions
from app.features.regions.models import Region
from app.features.vocabulary import actions as vocabulary
from app.jobs.lifeline import end_with
from app.storage import migrations
from app.storage.session import reading, writing
from app.web.platform import Platform, platform

Say = Callable[[str], object]
ACCOUNTS_FILE = "demonstration-accounts.json"


def prepare_installation(held: Platform, *, empty: bool, say: Say) -> list[str]:
    """Migrate, load reference data, and demonstration data on a first start (unless `empty`).

    Returns what the person at the terminal must read: demonstration accounts, or the administrator's set-up link.
    """
    settings = held.settings
    migrations.upgrade(held.engine)
    if empty and settings.demonstration_mark.exists():
        raise click.ClickException(
            f"数据目录 {settings.data_dir} 里是演示数据，不能用作正式系统。请用 KETEPAI_DATA_DIR 另指一个目录。"
        )
    if not _has(held, Region):
        _first_load(held, empty=empty, say=say)
    else:  # a later version may ship dictionary entries that this installation has never seen
        with writing(held.engine, held.keyring) as session:
            vocabulary.load_reference(session, system_actor("serve"))
    if settings.demonstration_mark.exists():
        return _account_lines(settings.data_dir / ACCOUNTS_FILE)
    return _first_administrator(held)


def installed(*, prepare_new: bool = False) -> Platform:
    """The platform of a command that reads or writes the database, once that is ready.

    With `prepare_new` an empty database gets what every installation has (divisions, dictionaries), so that a roster
    can be the first thing in it. Otherwise refused in words: a command neither invents data nor migrates unasked.
    """
    held = platform()
    with held.engine.connect() as connection:
        current, empty = migrations.is_current(connection), not sa.inspect(connection).get_table_names()
    if empty and prepare_new:
        migrations.upgrade(held.engine)
        _first_load(held, empty=True, say=lambda words: click.echo(words, err=True))
    elif empty:
        raise click.ClickException(f"数据目录 {held.settings.data_dir} 里还没有数据。请先运行 ./scripts/serve。")
    elif not current:
        raise click.ClickException("数据库还不是这一版本的结构。请先运行 ./scripts/serve，它会自动升级。")
    return held


def _has(held: Platform, table: type) -> bool:
    with reading(held.engine, held.keyring) as session:
        return session.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)) is not None


def _first_load(held: Platform, *, empty: bool, say: Say) -> None:
    """Everything in one transaction: a first start that is interrupted begins again from nothing."""
    actor, settings, listed = system_actor("首次启动"), held.settings, []
    with writing(held.engine, held.keyring) as session:
        say("装入三明市行政区划、产业字典和示意服务单元……")
        regions.load_reference(session, actor)
        vocabulary.load_reference(session, actor)
        if not empty:
            from app.demonstration import load  # its story is long, and only told once

            say("首次启动：装入演示数据（约需一分钟）……")
            listed = load(session, settings.city_code, held.clock(), say)
    if listed:
        write_accounts(settings.data_dir / ACCOUNTS_FILE, listed)
        settings.demonstration_mark.write_text(json.dumps({"anchor": held.clock().isoformat()}), encoding="utf8")


def _first_administrator(held: Platform) -> list[str]:
    """While no administrator has a password, each start prints a fresh one-time link and ends the one before."""
    actor, now = system_actor("首次启动"), held.clock()
    with writing(held.engine, held.keyring) as session:
        ready = (
            sa.select(Account.id)
            .join(Grant)
            .where(Grant.role == Role.ADMINISTRATOR, Account.password_hash.is_not(None), Account.closed_at.is_(None))
        )
        if session.scalar(ready.limit(1)):
            return []
        account = session.scalar(sa.select(Account).where(Account.login == "admin"))
        if account is None:
            account = accounts.open_account(session, actor, "admin", "系统管理员")
            accounts.give_grant(
                session, actor, account, Role.ADMINISTRATOR, now.date(), region_code=held.settings.city_code
            )
        token = accounts.make_set_up_link(session, actor, account, now)
    base = held.settings.public_address or f"http://{held.settings.host}:{held.settings.port}"
    return [
        "这是一套没有任何账号密码的新系统。请用下面的一次性链接设置系统管理员（用户名 admin）的密码，48小时内有效：",
        f"  {base}/account/set-up/{token}",
    ]


def write_accounts(path: Path, rows: list[dict[str, str]]) -> None:
    """Demonstration accounts with their random passwords, readable by the owner of the data directory only."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf8") as file:
        json.dump(rows, file, ensure_ascii=False, indent=1)


def _account_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    rows = json.loads(path.read_text(encoding="utf8"))
    lines = [f"演示账号（密码随机生成，保存在 {path}）："]
    return lines + [f"  {row['login']:<12} {row['password']:<16} {row['who']}" for row in rows]


@click.command("prepare")
@click.option("--empty", is_flag=True, help="no demonstration data")
@with_appcontext
def prepare(empty: bool) -> None:
    """Migrate and load what a first start loads, without serving."""
    for line in prepare_installation(platform(), empty=empty, say=click.echo):
        click.echo(line)


@click.command("prepare-matching")
@click.option("--ends-with", type=int, hidden=True, help="the process that started it and that it ends with")
@with_appcontext
def prepare_matching(ends_with: int | None) -> None:
    """Make the matching index, so that nobody's first suggestion waits for it; harmless at any time."""
    if ends_with is not None:
        end_with(ends_with)
    from app.features.matches import matchmaker  # numpy and the word cutter: this command only

    held = platform()
    with reading(held.engine, held.keyring) as session:
        size = matchmaker.prepare(session, held.settings.data_dir / "matching", shanghai_date(held.clock()))
    click.echo(f"匹配索引已备好：{size} 项服务。")


COMMANDS = [prepare, prepare_matching]
