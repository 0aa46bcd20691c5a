"""`tally`: the year-end figures of a span, the same as the page shows; docs/commands.md lists the JSON keys."""

import json

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app.cli.preparing import installed
from app.domain.calendar import check_year, shanghai_date
from app.domain.refusals import RuleBroken
from app.domain.tallies import Dimension, Figure, Question, Tally
from app.domain.vocabulary import Kind, Level, Source
from app.features.regions import queries as regions
from app.features.tallies import queries
from app.features.vocabulary import queries as vocabulary
from app.storage.session import reading


def _one_of(values: type[Level] | type[Kind] | type[Source] | type[Dimension]) -> click.Choice[str]:
    return click.Choice([value.value for value in values])


@click.command("tally")
@click.option("--from", "first", type=int, required=True, help="first batch year")
@click.option("--to", "last", type=int, required=True, help="last batch year")
@click.option("--territory", default=None, help="division code; default: the whole city")
@click.option("--level", type=_one_of(Level), help="only appointments of one level, and service under them")
@click.option("--kind", type=_one_of(Kind), help="only one kind of commissioner")
@click.option("--source", type=_one_of(Source), help="only commissioners from one source")
@click.option("--industry", default=None, help="code of an industry, e.g. agriculture or agriculture.tea")
@click.option("--by", type=_one_of(Dimension), default=Dimension.COUNTY.value, show_default=True, help="rows")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text", show_default=True)
@with_appcontext
def tally(
    first: int,
    last: int,
    territory: str | None,
    level: str | None,
    kind: str | None,
    source: str | None,
    industry: str | None,
    by: str,
    form: str,
) -> None:
    """Print persons, appointments, visits and results of the years FROM to TO."""
    held = installed()
    today = shanghai_date(held.clock())
    with reading(held.engine, held.keyring) as session:
        try:
            question = Question(
                first_year=check_year(first, today, "from"),
                last_year=check_year(last, today, "to"),
                territory=_territory(session, territory or held.settings.city_code),
                level=Level(level) if level else None,
                kind=Kind(kind) if kind else None,
                source=Source(source) if source else None,
                industry_id=_industry(session, industry),
                level_rule=queries.level_rule(session),
            )
            found = queries.tally(session, question, today, Dimension(by))
        except RuleBroken as refusal:
            raise click.ClickException(refusal.message) from None
    click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1) if form == "json" else _in_text(found))


def _territory(session: Session, code: str) -> str:
    if regions.region(session, code) is None:
        raise RuleBroken(f"没有代码为{code}的行政区划，请核对 --territory。")
    return code


def _industry(session: Session, code: str | None) -> int | None:
    if not code:
        return None
    found = vocabulary.industry_by_code(session, code)
    if found is None:
        raise RuleBroken(f"没有代码为{code}的产业，请核对 --industry。")
    return found.id


def _in_text(found: Tally) -> str:
    service = found.totals.service
    words = [
        found.in_words(),
        f"{Figure.TEAM_MEMBERS.label}{found.totals.team_members:,}{Figure.TEAM_MEMBERS.unit}",
        f"现场服务{service.visits:,}次，线上服务{service.online_visits:,}次，其中已确认{service.confirmed_visits:,}次，"
        f"服务时间{service.half_days / 2:,g}天",
        f"受援单位{service.served_units:,}个，已解决的需求{service.demands_met:,}件",
    ]
    words += [
        f"{r.title}{r.claimed / r.per_unit:,.15g}{r.unit}（已确认{r.confirmed / r.per_unit:,.15g}）"
        for r in found.results
    ]
    return "\n".join(words)


COMMANDS = [tally]
