"""`set-up-link`: a new one-time link for somebody who has lost the password, from the server's terminal."""

import click
from flask.cli import with_appcontext

from app.domain.roles import system_actor
from app.features.accounts import actions, queries
from app.storage.session import writing
from app.web.platform import platform


@click.command("set-up-link")
@click.argument("login")
@with_appcontext
def set_up_link(login: str) -> None:
    """Print a one-time link by which LOGIN sets a new password (48 hours)."""
    held = platform()
    with writing(held.engine, held.keyring) as session:
        account = queries.account_by_login(session, login)
        if account is None:
            raise click.ClickException(f"没有用户名为 {login} 的账号。")
        token = actions.make_set_up_link(session, system_actor("set-up-link"), account, held.clock())
    base = held.settings.public_address or f"http://{held.settings.host}:{held.settings.port}"
    click.echo(f"{base}/account/set-up/{token}")


COMMANDS = [set_up_link]
