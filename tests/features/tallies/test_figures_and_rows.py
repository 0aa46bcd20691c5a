"""Every figure of the tally is what plain counting says, and opens into exactly as many rows, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.domain.counting import AppointmentFact, headcount
from app.domain.tallies import HEADCOUNT_FIGURES, SERVICE_FIGURES, Dimension, Figure, Question
from app.domain.vocabulary import Level
from app.features.tallies import queries
from app.features.tallies.rows import listed
from app.features.vocabulary import queries as vocabulary
from tests.conftest import TODAY
from tests.features.tallies import worlds

# The session fixture lives for the whole test; each example takes its own savepoint and gives it back.
invented = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # making a failing world smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@contextmanager
def world_of(session: Session, plan: dict[str, Any]) -> Iterator[worlds.World]:
    savepoint = session.begin_nested()
    try:
        yield worlds.build(session, plan)
    finally:
        savepoint.rollback()
        session.expunge_all()


def asked(session: Session, data: st.DataObject, times: int) -> list[Question]:
    """Everything of all years, and some narrower questions."""
    ids = {code: vocabulary.industry_by_code(session, code).id for code in worlds.INDUSTRIES}
    whole = Question(worlds.YEARS[0], worlds.YEARS[-1], worlds.CITY)
    return [whole, *(data.draw(worlds.questions(ids)) for _ in range(times))]


def facts_of(appointments: list[Any]) -> list[AppointmentFact]:
    return [
        AppointmentFact(a.level, a.commissioner.kind, a.batch_year, a.commissioner_id, a.commissioner.person_id)
        for a in appointments
    ]


@given(plan=worlds.plans, data=st.data())
@invented
def test_the_totals_are_what_plain_counting_says(session, plan, data):
    with world_of(session, plan) as world:
        for question in asked(session, data, 4):
            expected, found = worlds.Expected(world, question), queries.totals(session, question)
            assert found.service == expected.service
            assert found.team_members == expected.team_members
            assert found.all_levels == headcount(facts_of(expected.appointments))
            for level in Level:
                of_level = [a for a in expected.appointments if a.level in question.level_rule.counting_at(level)]
                assert found.levels[level] == headcount(facts_of(of_level))


@given(plan=worlds.plans, data=st.data())
@invented
def test_every_row_of_every_table_is_the_total_of_the_narrowed_question(session, plan, data):
    with world_of(session, plan):
        some = data.draw(st.sets(st.sampled_from(Dimension), min_size=3, max_size=3))
        for question, dimension in product(asked(session, data, 1), sorted(some)):
            tally = queries.tally(session, question, TODAY, dimension)
            for row in tally.rows:
                alone = queries.totals(session, question.narrowed(dimension, row.key))
                assert (row.key, row.service) == (row.key, alone.service)
                assert (row.key, row.all_levels) == (row.key, alone.all_levels)
                assert row.levels == alone.levels


def every_row(session: Session, question: Question, figure: Figure, result: str = "") -> tuple[int, int]:
    """Number of rows and sum of their amounts, turning pages of three."""
    rows, after = [], None
    while True:
        page = listed(session, question, figure, after, 3, result)
        rows += page.rows[:3]
        if len(page.rows) <= 3:
            break
        after = [str(page.rows[2].order[0]), page.rows[2].order[1]]
    assert (page.count, page.amount) == (len(rows), sum(r.amount for r in rows))
    return page.count, page.amount


@given(plan=worlds.plans, data=st.data())
@invented
def test_every_figure_opens_into_exactly_its_rows(session, plan, data):
    with world_of(session, plan):
        for question in asked(session, data, 1):
            tally = queries.tally(session, question, TODAY)
            totals = tally.totals
            for figure in HEADCOUNT_FIGURES:
                assert every_row(session, question, figure)[0] == getattr(totals.all_levels, figure.value)
            assert every_row(session, question, Figure.TEAM_MEMBERS)[0] == totals.team_members
            for figure in SERVICE_FIGURES:
                _, amount = every_row(session, question, figure)
                assert (figure, amount) == (figure, getattr(totals.service, figure.value))
            for result in tally.results:
                assert every_row(session, question, Figure.CLAIMED, result.code)[1] == result.claimed
                assert every_row(session, question, Figure.CONFIRMED, result.code)[1] == result.confirmed
