"""The demonstration's 2017-2020 come to the published totals, made through the actions that people use.

Asked the way the bureau asks: by the command, in a process of its own, on each database; and one appointment withdrawn
on its page makes the command print one less.
"""

import json
import os
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.demonstration import SEED, history
from app.demonstration.stage import Stage
from app.domain.calendar import years
from app.domain.coverage import summaries
from app.domain.roles import Role, system_actor
from app.domain.vocabulary import Level, Source
from app.features.commissioners.models import Appointment, Commissioner, DeclaredCover
from app.features.coverage import queries as coverage
from app.features.vocabulary.models import Industry
from app.storage.session import reading, writing
from config import ROOT
from tests.browser import Browser
from tests.builders import CITY

LEADING_FOUR = {"steel_equipment", "new_materials", "culture_tourism_health", "agriculture"}


@pytest.fixture
def told(app_on_both):
    """A browser on a database in which 2017-2020 have been told."""
    browser = Browser(app_on_both)
    with writing(browser.platform.engine, browser.platform.keyring) as session:
        history.tell(Stage(session, system_actor("tests"), date(2017, 3, 1), CITY, SEED), lambda words: None)
    return browser


def printed(browser: Browser, *options: str) -> Any:
    """What `flask --app app tally --from 2017 --to 2020 --format json` prints."""
    settings = browser.platform.settings
    command = [sys.executable, "-m", "flask", "--app", "app", "tally", "--from", "2017", "--to", "2020", *options]
    where = {"KETEPAI_DATABASE_URL": settings.database_url, "KETEPAI_DATA_DIR": str(settings.data_dir)}
    run = subprocess.run(
        [*command, "--format", "json"], cwd=ROOT, env=os.environ | where, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    return json.loads(run.stdout)


def test_history_comes_to_the_published_totals_and_withdrawing_one_makes_it_one_less(told):
    before = printed(told)
    levels, province = before["levels"], before["levels"]["province"]
    assert levels["county"]["individual_people"] == 683
    assert levels["city"]["individual_people"] == 215
    assert province["individual_appointments"] == 1771
    assert (province["team_appointments"], province["entity_appointments"]) == (151, 17)
    assert printed(told, "--source", "beijing")["total"]["individual_people"] == 50
    with reading(told.platform.engine, told.platform.keyring) as session:
        _two_batches_from_beijing_and_the_station(session)
        _every_township_and_industry(session)
        chosen = sa.select(Appointment.uid).where(Appointment.level == Level.PROVINCE, Appointment.batch_year == 2018)
        uid = session.scalars(
            chosen.join(Commissioner).where(Commissioner.kind == "individual").order_by(Appointment.id)
        ).first()
    told.sign_in(Role.CITY_HEAD)
    told.submit(told.get(f"/commissioners/appointments/{uid}/withdraw").form("withdraw"), reason="重复选认")
    after = printed(told)
    assert after["levels"]["province"]["individual_appointments"] == 1770
    assert after["levels"]["county"] == levels["county"]
    assert after["levels"]["city"] == levels["city"]


def _two_batches_from_beijing_and_the_station(session):
    years_of_beijing = session.scalars(
        sa.select(Appointment.batch_year)
        .join(Commissioner)
        .where(Commissioner.source == Source.BEIJING, Appointment.batch_year <= 2020)
    )
    assert len(set(years_of_beijing)) == 2
    assert session.scalar(sa.select(sa.func.count()).where(Commissioner.source == Source.UNIVERSITY_STATION))


def _every_township_and_industry(session):
    cover = coverage.cover(session, period=years(2020, 2020), today=date(2020, 12, 31), territory=CITY)
    appointed = next(one for one in summaries(cover) if one.definition.value == "appointed")
    assert (appointed.covered, appointed.townships) == (141, 141)
    declared = sa.select(Industry.code).join(DeclaredCover, DeclaredCover.industry_id == Industry.id).distinct()
    assert {code.partition(".")[0] for code in session.scalars(declared)} >= LEADING_FOUR
