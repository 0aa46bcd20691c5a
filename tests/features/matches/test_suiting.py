"""The other direction: open demands that suit one's own dishes, fresh at each call, and 申请 from there."""

import pytest

from app.domain.demands import Outcome
from app.domain.roles import Role
from app.features.matches import actions
from app.features.matches.suiting import suiting
from tests.builders import COUNTY, actor

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)


def me(commissioner):
    return actor(Role.COMMISSIONER, person_id=commissioner.person_id)


@pytest.fixture
def mine(build):
    return build.offer().commissioner


def titles(session, mine, today, tmp_path):
    return [one.demand.title for one in suiting(session, [mine], today, tmp_path).found]


def test_what_suits_is_found_with_its_reasons_and_noise_is_not(session, build, today, tmp_path, mine):
    build.open_demand(title="茶树叶子发黄卷起来")
    build.open_demand(title="铸件气孔多怎么办", description="树脂砂造型")
    found = suiting(session, [mine], today, tmp_path)
    assert [one.demand.title for one in found.found] == ["茶树叶子发黄卷起来"]
    assert any("茶" in words for words in found.found[0].reasons)
    assert found.found[0].offer.commissioner_id == mine.id and found.kept_out == ()


def test_a_new_an_edited_and_a_closed_demand_are_right_in_the_next_call(session, build, today, now, tmp_path, mine):
    assert titles(session, mine, today, tmp_path) == []
    demand = build.open_demand(title="茶园小绿叶蝉怎么防")
    assert titles(session, mine, today, tmp_path) == ["茶园小绿叶蝉怎么防"]
    actions.move_demand(session, TRIAGE, now, demand, "cancel", "自己解决了")
    assert titles(session, mine, today, tmp_path) == []


def test_what_one_knows_already_or_was_set_aside_for_is_left_out(session, build, today, now, tmp_path, mine):
    offer = actions.menus.offers_of(session, mine.id)[0]
    invited, aside = build.open_demand(title="茶树要修剪"), build.open_demand(title="茶树生了虫")
    match = actions.invite(session, TRIAGE, today, invited, mine, offer)
    actions.set_aside(session, TRIAGE, aside, offer, 1, "只做育种")
    assert titles(session, mine, today, tmp_path) == []
    actions.answer(session, me(mine), now, match, "decline", "在外地")
    assert titles(session, mine, today, tmp_path) == [], "who said no is not asked by a list again"


def test_of_a_confidential_demand_only_title_and_industry_are_read(session, build, today, tmp_path, mine):
    build.open_demand(title="急缺一位师傅", description="茶树叶子发黄", confidential=True)
    assert titles(session, mine, today, tmp_path) == []
    build.open_demand(title="茶园病虫害防治", description="", confidential=True)
    assert titles(session, mine, today, tmp_path) == ["茶园病虫害防治"]


def test_a_hard_rule_is_named(session, build, today, tmp_path, mine):
    build.open_demand()
    mine.yearly_half_days = 0
    session.flush()
    found = suiting(session, [mine], today, tmp_path)
    assert found.found == () and found.kept_out == ((mine.name, "本年度已没有可服务的时间"),)


def test_a_commissioner_sees_it_on_the_first_page_and_applies(client):
    with client.building() as build:
        offer = build.offer()
        build.open_demand(title="茶树叶子发黄卷起来")
        secret = build.open_demand(title="茶园冬季清园治虫", description="秘方", confidential=True).organisation.name
        person_id = offer.commissioner.person_id
    client.sign_in(Role.COMMISSIONER, person_id=person_id)
    page = client.get("/")
    assert "适合您的需求" in page.text and "茶树叶子发黄卷起来" in page.text
    page = client.get("/matches/suiting")
    assert "涉及商业秘密" in page.text and secret not in page.text
    page = client.submit(page.form("/apply"), reason="做过三年")
    assert "申请已送出" in page.text
    assert "对接" in client.get("/matches/").text
    assert client.get("/matches/suiting").text.count("申请承接") < 3


def test_without_a_menu_one_is_told_to_write_one(client):
    with client.building() as build:
        person_id = build.appointment().commissioner.person_id
    client.sign_in(Role.COMMISSIONER, person_id=person_id)
    assert "还没有公布的服务" in client.get("/matches/suiting").text


def test_closing_as_met_takes_it_off_the_list(session, build, today, now, tmp_path, mine):
    demand = build.open_demand()
    other = build.appointment().commissioner
    match = actions.invite(session, TRIAGE, today, demand, other)
    actions.answer(session, me(other), now, match, "accept")
    for verb in ("agree", "begin", "finish"):
        actions.demand_actions.move(session, TRIAGE, today, demand, verb, follows=True)
    actions.move_demand(session, TRIAGE, now, demand, "close", None, Outcome.MET)
    assert titles(session, mine, today, tmp_path) == []
