"""`tally`: the year-end figures of a span, the same as the page shows."""

import json

import click
from flask.cli import with_appcontext

from app.domain.calendar import check_year, shanghai_date
from app.domain.refusals import RuleBroken
from app.domain.tallies import Question
from app.features.tallies import queries
from app.storage.session import reading
from app.web.platform import platform


@click.command("tally")
@click.option("--from", "first", type=int, required=True, help="first batch year")
@click.option("--to", "last", type=int, required=True, help="last batch year")
@click.option("--territory", default=None, help="division code; default: the whole city")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text", show_default=True)
@with_appcontext
def tally(first: int, last: int, territory: str | None, form: str) -> None:
    """Print persons, appointments, visits and results of the years FROM to TO."""
    held = platform()
    today = shanghai_date(held.clock())
    try:
        question = Question(
            check_year(first, today, "from"), check_year(last, today, "to"), territory or held.settings.city_code
        )
        question.period.contains(today)
    except RuleBroken as refusal:
        raise click.ClickException(refusal.message) from None
    with reading(held.engine, held.keyring) as session:
        found = queries.tally(session, question, today)
    if form == "json":
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
        return
    for level, count in found.levels.items():
        click.echo(
            f"{level.label}：个人 {count.individual_people} 名（{count.individual_appointments} 人次），"
            f"团队 {count.team_appointments} 组次，法人 {count.entity_appointments} 家次"
        )
    service = found.service
    click.echo(f"服务：现场 {service.visits} 次，线上 {service.online_visits} 次，{service.half_days / 2:g} 天")


COMMANDS = [tally]
