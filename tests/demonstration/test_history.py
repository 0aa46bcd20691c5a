"""The demonstration's 2017-2020 come to the published totals, made through the actions that people use."""

from datetime import date

import sqlalchemy as sa

from app.demonstration import SEED, history
from app.demonstration.stage import Stage
from app.domain.calendar import years
from app.domain.coverage import summaries
from app.domain.roles import system_actor
from app.domain.tallies import Question
from app.domain.vocabulary import Level, Source
from app.features.commissioners import actions
from app.features.commissioners.models import Appointment, Commissioner, DeclaredCover
from app.features.coverage import queries as coverage
from app.features.tallies import queries
from app.features.vocabulary.models import Industry
from tests.builders import CITY

LEADING_FOUR = {"steel_equipment", "new_materials", "culture_tourism_health", "agriculture"}


def _every_township_and_industry(session):
    cover = coverage.cover(session, period=years(2020, 2020), today=date(2020, 12, 31), territory=CITY)
    appointed = next(one for one in summaries(cover) if one.definition.value == "appointed")
    assert (appointed.covered, appointed.townships) == (141, 141)
    declared = sa.select(Industry.code).join(DeclaredCover, DeclaredCover.industry_id == Industry.id).distinct()
    assert {code.partition(".")[0] for code in session.scalars(declared)} >= LEADING_FOUR


def test_history_comes_to_the_published_totals_and_withdrawing_one_makes_it_one_less(session, build):
    history.tell(Stage(session, system_actor("tests"), date(2017, 3, 1), CITY, SEED), lambda words: None)
    asked = Question(2017, 2020, CITY)
    levels = queries.totals(session, asked).levels
    province = levels[Level.PROVINCE]
    assert levels[Level.COUNTY].individual_people == 683
    assert levels[Level.CITY].individual_people == 215
    assert province.individual_appointments == 1771
    assert (province.team_appointments, province.entity_appointments) == (151, 17)
    beijing = Question(2017, 2020, CITY, source=Source.BEIJING)
    assert queries.totals(session, beijing).all_levels.individual_people == 50
    years_of_beijing = session.scalars(
        sa.select(Appointment.batch_year)
        .join(Commissioner)
        .where(Commissioner.source == Source.BEIJING, Appointment.batch_year <= 2020)
    )
    assert len(set(years_of_beijing)) == 2, "in two batches"
    assert session.scalar(sa.select(sa.func.count()).where(Commissioner.source == Source.UNIVERSITY_STATION)), (
        "of the station"
    )
    _every_township_and_industry(session)
    one = session.query(Appointment).filter_by(level=Level.PROVINCE, batch_year=2018).order_by(Appointment.id).first()
    actions.withdraw_appointment(session, build.bureau, build.today, one, "重复选认")
    assert queries.totals(session, asked).levels[Level.PROVINCE].individual_appointments == 1770
