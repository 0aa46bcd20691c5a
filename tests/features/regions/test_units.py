"""Which statistical units count as townships: decided with a day and a reason, on both databases."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.calendar import years
from app.domain.coverage import summaries
from app.domain.refusals import RuleBroken
from app.domain.roles import Role
from app.features.coverage import queries as coverage
from app.features.regions import actions, queries
from app.features.regions.models import UnitDecision
from app.storage.trail import Event
from tests import told_by_map
from tests.builders import CITY, actor

ALL_SIX = ("350404500", "350405400", "350405402", "350405403", "350425400", "350430400")
ZONE = "350405400"
BUREAU = actor(Role.CITY_HEAD, CITY)


def decide(session, today, counted=True, codes=(ZONE,), holds_from=date(2026, 1, 1), because="明科〔2026〕2号"):
    return actions.count_units(
        session, BUREAU, today, codes=codes, counted=counted, holds_from=holds_from, because=because
    )


def townships_on(session, day=None, territory=CITY):
    return queries.denominator(session, territory, day).total


def test_by_default_no_unit_counts(session, today):
    assert queries.units_counted(session, today) == dict.fromkeys(ALL_SIX, False)
    found = queries.denominator(session, CITY, today)
    assert (found.townships, found.units, found.known_units) == (141, 0, 6)
    assert found.in_words == "141个乡镇（不含6个统计用区划）"
    assert queries.denominator(session, "350424", today).in_words == "16个乡镇"


def test_all_six_make_147_from_their_day_on_and_not_before(session, today):
    decide(session, today, codes=ALL_SIX, holds_from=date(2026, 3, 1))
    assert [townships_on(session, day) for day in (date(2026, 2, 28), date(2026, 3, 1), None)] == [141, 147, 147]
    assert queries.denominator(session, CITY, today).in_words == "147个，含6个统计用区划"
    assert [row.code for row in queries.townships(session, "350405", today)][-3:] == list(ALL_SIX[1:4])
    assert queries.denominator(session, "350405", today).total == 12 + 3


def test_of_several_decisions_the_last_holds_from_its_day_on(session, today):
    decide(session, today, holds_from=date(2024, 1, 1))
    decide(session, today, counted=False, holds_from=date(2025, 7, 1))
    days = [date(2023, 12, 31), date(2024, 1, 1), date(2025, 6, 30), date(2025, 7, 1)]
    assert [townships_on(session, day) for day in days] == [141, 142, 142, 141]
    decide(session, today, holds_from=date(2025, 1, 1))  # a correction: what came after its day falls with it
    assert [townships_on(session, day) for day in [*days, None]] == [141, 142, 142, 142, 142]


def test_a_decision_leaves_a_trail_row_with_its_reason_for_each_unit(session, today):
    decide(session, today, codes=ALL_SIX[:2])
    events = session.scalars(sa.select(Event).where(Event.tag == "regions.count_unit").order_by(Event.id)).all()
    assert [event.subject_id for event in events] == [350404500, 350405400]
    assert {event.words for event in events} == {"明科〔2026〕2号"}
    assert '"counted": [false, true]' in events[0].changes
    assert "2026-01-01" in events[0].changes


def test_only_what_changes_is_written(session, today):
    decide(session, today, codes=ALL_SIX[:1])
    made = decide(session, today, codes=ALL_SIX[:3])
    assert [row.region_code for row in made] == list(ALL_SIX[1:3])


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"holds_from": date(2026, 6, 2)}, "holds_from", "不能晚于今天（2026-06-01）"),
        ({"holds_from": date(1998, 12, 31)}, "holds_from", "不能早于1999年"),
        ({"codes": ()}, "codes", "至少勾选一个"),
        ({"codes": (ZONE, "350424103")}, "codes", "不是统计用区划"),
        ({"counted": False}, "counted", "已经是“不计入”"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_writes_nothing(session, today, change, field, words):
    with pytest.raises(RuleBroken, match=words) as refused:
        decide(session, today, **change)
    assert refused.value.field == field
    assert session.scalar(sa.select(sa.func.count()).select_from(UnitDecision)) == 0


def test_the_database_itself_refuses_a_day_to_come(session, today):
    session.add(
        UnitDecision(region_code=ZONE, counted=True, holds_from=date(2026, 6, 2), decided_on=today, because="x")
    )
    with pytest.raises(sa.exc.IntegrityError, match="day_has_come"):
        session.flush()


def test_cover_is_measured_against_what_counts_on_the_last_day_of_the_period(session, build, today):
    build.passed_visit(region_code=ZONE)
    decide(session, today, codes=ALL_SIX)

    def measured(year):
        found = coverage.cover(session, period=years(year, year), today=today, territory=CITY)
        visited = summaries(found)[1]
        return visited.covered, visited.townships

    assert measured(2025) == (0, 141)
    assert measured(2026) == (1, 147)
    decide(session, today, counted=False)
    assert measured(2026) == (0, 146)


class TestPages:
    """The same through the browser, as the city bureau does it."""

    @pytest.fixture
    def city(self, app_on_both):
        from tests.browser import Browser

        browser = Browser(app_on_both)
        browser.sign_in(Role.CITY_HEAD)
        return browser

    def test_the_bureau_counts_all_six_and_every_page_says_so(self, city):
        assert "分母是141个乡镇（不含6个统计用区划）" in city.get("/coverage/").text
        page = city.get("/regions/units")
        assert "今天的分母：141个乡镇（不含6个统计用区划）" in page.text
        form = page.form("units")
        page = city.submit(form, codes=list(ALL_SIX), counted="yes", holds_from="2026-01-01", because="明科〔2026〕2号")
        assert "统计用区划已更改" in page.text
        assert page.text.count("明科〔2026〕2号") == 12  # of each unit: how it stands, and what was decided
        page = city.get("/coverage/?by=appointed")
        assert page.text.count("/ 147 个（含统计用区划）") == 3
        assert "分母是147个，含6个统计用区划" in page.text
        assert '<span class="of">/15</span>' in page.html  # 沙县区 in the matrix
        assert len(told_by_map.townships(page.html)) == 147
        assert "分母是141个乡镇（不含6个统计用区划）" in city.get("/coverage/?from=2025&to=2025").text
        with city.building() as build:
            build.appointment()
        page = city.get("/tallies/?by=township")
        assert "共147个，含6个统计用区划" in page.text
        assert page.html.count('<th scope="row" role="rowheader">') == 147 + 1
        assert "更改统计用区划是否计入" in self.trail(city)

    def trail(self, city) -> str:
        city.sign_in(Role.AUDITOR)
        return city.get("/trail").text

    def test_what_was_typed_stays_when_it_is_refused(self, city):
        form = city.get("/regions/units").form("units")
        page = city.submit(form, 422, codes=[ZONE], counted="yes", holds_from="2026-07-01", because="明科")
        assert "起算日期不能晚于今天" in page.text
        kept = page.form("units").values
        assert (kept["codes"], kept["counted"], kept["because"]) == (ZONE, "yes", "明科")
        page = city.submit(page.form("units"), 422, codes=[], because="")
        assert "请至少勾选一个统计用区划" in page.text
        assert "请写明依据" in page.text

    @pytest.mark.parametrize("role", [Role.COUNTY_HEAD, Role.CITY_REVIEWER, Role.ADMINISTRATOR])
    def test_nobody_else_decides(self, client, role):
        client.sign_in(role, region_code="350424" if role is Role.COUNTY_HEAD else CITY)
        client.get("/regions/units", 403)
        token = client.get("/regions/").form("sign-out").values["csrf_token"]
        client.post("/regions/units", 403, csrf_token=token)
        assert "/regions/units" not in client.get("/regions/").links
