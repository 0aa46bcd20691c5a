"""The bureau adds to the dictionaries and ends entries, dated and with a trail; what records carry stays."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.domain.refusals import RuleBroken
from app.domain.roles import Role
from app.domain.tallies import Question
from app.features.tallies import queries as tallies
from app.features.vocabulary import dictionaries, queries
from app.storage.trail import Event
from tests.builders import CITY, actor

BUREAU = actor(Role.CITY_HEAD, CITY)
BECAUSE = "明科〔2026〕9号"


def added(session, build, title="富硒农业", valid_from=date(2026, 7, 1)):
    parent = build.industry_id("agriculture")
    return dictionaries.add_industry(
        session, BUREAU, build.today, parent_id=parent, title=title, valid_from=valid_from, because=BECAUSE
    )


def titles(session, day):
    return [title for _, title in queries.sub_industry_choices(session, day)["特色现代农业"]]


def test_a_part_can_be_chosen_from_its_day_on_and_counts_in_its_industry(session, build, today):
    row = added(session, build)
    assert "富硒农业" not in titles(session, today)
    assert titles(session, date(2026, 7, 1))[-1] == "富硒农业"
    assert row.id in queries.with_parts(session, build.industry_id("agriculture"))
    event = session.scalars(sa.select(Event).where(Event.tag == "vocabulary.add_industry")).one()
    assert event.words == f"特色现代农业：富硒农业；{BECAUSE}"


def test_a_part_that_ends_is_chosen_no_more_and_what_carries_it_counts_as_before(session, build, today):
    tea = queries.industry_by_code(session, "agriculture.tea")
    build.passed_visit(industry_id=tea.id)
    asked = [Question(2026, 2026, CITY, industry_id=id_) for id_ in (tea.id, tea.parent_id)]
    before = [tallies.totals(session, one) for one in asked]
    dictionaries.end(session, BUREAU, today, tea, last_day=today, because=BECAUSE)
    session.flush()
    assert "茶叶" in titles(session, today)
    assert "茶叶" not in titles(session, today + timedelta(days=1))
    assert [tallies.totals(session, one) for one in asked] == before
    assert before[0].service.visits == 1
    again = added(session, build, "茶叶", today + timedelta(days=1))
    assert again.code != tea.code


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "茶叶"}, "已经有“茶叶”"),
        ({"title": " 　"}, "请填写名称"),
        ({"valid_from": date(1998, 1, 1)}, "不能早于1999年"),
        ({"because": " "}, "请写明依据"),
        ({"parent_id": 10**6}, "在用的主导产业"),
    ],
)
def test_a_part_is_refused_in_words(session, build, today, change, said):
    given = {
        "parent_id": build.industry_id("agriculture"), "title": "富硒农业", "valid_from": today, "because": BECAUSE
    } | change  # fmt: skip
    with pytest.raises(RuleBroken, match=said):
        dictionaries.add_industry(session, BUREAU, today, **given)


def test_a_kind_of_result_is_claimed_by_service_date_in_its_smallest_unit(session, build, today):
    kind = dictionaries.add_result_kind(
        session, BUREAU, title="富硒面积", unit="亩", places=1, valid_from=date(2026, 6, 1), because=BECAUSE
    )
    assert (kind.smallest_unit, kind.per_unit) == ("0.1亩", 10)
    assert kind not in queries.result_kinds(session, date(2026, 5, 31))
    assert queries.result_kinds(session, date(2026, 6, 1))[-1] is kind
    visit = build.passed_visit(service_date=date(2026, 6, 1), results=[(kind.id, 125)])
    dictionaries.end(session, BUREAU, today, kind, last_day=today, because=BECAUSE)
    session.flush()
    assert kind not in queries.result_kinds(session, today + timedelta(days=1))
    assert [row.amount for row in visit.results] == [125]
    money = dictionaries.add_result_kind(
        session, BUREAU, title="节约水费", unit="元", places=2, valid_from=today, because=BECAUSE
    )
    assert (money.smallest_unit, money.per_unit) == ("分", 100)


def test_what_cannot_be_ended(session, build, today):
    tea = queries.industry_by_code(session, "agriculture.tea")
    for row, last_day, said in (
        (queries.industry_by_code(session, "agriculture"), today, "不能单独停用"),
        (tea, today - timedelta(days=1), "不能早于今天"),
        (added(session, build), today, "不能早于今天"),
    ):
        with pytest.raises(RuleBroken, match=said):
            dictionaries.end(session, BUREAU, today, row, last_day=last_day, because=BECAUSE)
    dictionaries.end(session, BUREAU, today, tea, last_day=today, because=BECAUSE)
    with pytest.raises(RuleBroken, match="已经定了停用日期"):
        dictionaries.end(session, BUREAU, today, tea, last_day=today, because=BECAUSE)


class TestPages:
    @pytest.fixture
    def city(self, client):
        client.sign_in(Role.CITY_HEAD)
        return client

    def test_the_bureau_adds_and_ends_and_forms_follow(self, city):
        page = city.get("/vocabulary/")
        assert "/vocabulary/industries/new" in page.links
        page = city.get("/vocabulary/industries/new")
        (parent,) = options(page.html, "特色现代农业")
        refused = city.submit(page.form("/industries/new"), status=422, title="富硒", because=BECAUSE)
        assert "请选择主导产业" in refused.text
        refused = city.submit(page.form("/industries/new"), status=422, parent=parent, title="茶叶", because=BECAUSE)
        assert "已经有“茶叶”" in refused.text
        page = city.submit(refused.form("/industries/new"), parent=parent, title="特种水蛭", because=BECAUSE)
        assert "已增加" in page.text and "特种水蛭" in page.text
        page = city.get("/vocabulary/results/new")
        page = city.submit(page.form("/results/new"), title="富硒面积", unit="亩", places="1", because=BECAUSE)
        assert "富硒面积" in page.text and "0.1亩" in page.text
        assert "特种水蛭" in city.get("/coverage/").text

        page = city.get("/vocabulary/end")
        (key,) = options(page.html, "特种水蛭")
        page = city.submit(page.form("/vocabulary/end"), entry=key, last_day="2026-06-01", because=BECAUSE)
        assert "特种水蛭（2026-06-01 后停用）" in page.text

    def test_a_record_keeps_a_part_that_has_ended(self, city):
        with city.building() as build:
            tea = queries.industry_by_code(build.session, "agriculture.tea")
            record = build.commissioner(industry_ids=[tea.id])
            build.appointment(record)
            tea.valid_to = date(2026, 5, 31)
            uid = record.uid
        page = city.get(f"/commissioners/{uid}/edit")
        assert "茶叶（已停用）" in page.text
        assert "茶叶" in city.submit(page.form("/edit"), specialities="修剪").text

    def test_others_read_only(self, city):
        city.sign_in(Role.COUNTY_HEAD)
        assert "增加细分产业" not in city.get("/vocabulary/").text
        for path in ("industries/new", "results/new", "end"):
            city.get(f"/vocabulary/{path}", status=403)


def options(html: str, title: str) -> list[str]:
    """Values of the options of this name."""
    return re.findall(rf'<option[^>]* value="([^"]+)"[^>]*>\s*{title}\s*</option>', html)
