"""Commands of `flask --app app`: each in the module of its subject, collected here."""

from importlib import import_module

import click
from flask import Flask

from app.cli.usage import chinese

# The modules stay unread until a command of theirs is asked for: a web worker needs none of them.
MODULES = {
    "match-rank": "matching",
    "match-evaluate": "matching",
    "vocabulary": "vocabulary",
    "match-judgements": "judging",
    "match-weights": "judging",
    "match-plan": "plans",
    "import-roster": "rosters",
    "tally": "tallies",
    "seed": "seeding",
    "prepare": "preparing",
    "prepare-matching": "preparing",
    "serve": "serving",
    "work": "working",
    "set-up-link": "accounts",
}


class LateGroup(click.Group):
    """Finds a command's module when it is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(MODULES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in MODULES:
            return None
        module = import_module(f"app.cli.{MODULES[name]}")
        return next((c for c in module.COMMANDS if c.name == name), None)


class LateCommand(click.Command):
    """Stands in Flask's list under a name; hands everything to the real command."""

    def __init__(self, name: str) -> None:
        super().__init__(name, callback=None, add_help_option=False)

    def real(self) -> click.Command:
        found = LateGroup().get_command(click.Context(LateGroup()), self.name or "")
        if found is None:
            raise click.ClickException(f"no command {self.name}")
        return found

    def get_short_help_str(self, limit: int = 60) -> str:
        return self.real().get_short_help_str(limit)

    def make_context(self, *args: object, **options: object) -> click.Context:
        with chinese():
            return self.real().make_context(*args, **options)  # type: ignore[arg-type]

    def invoke(self, context: click.Context) -> object:
        return self.real().invoke(context)


def install(app: Flask) -> None:
    for name in MODULES:
        app.cli.add_command(LateCommand(name))
