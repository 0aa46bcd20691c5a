"""Asking further when nobody suits: on record, answered by who was asked, once; hard refusals say which rule."""

from datetime import date

import pytest

from app.domain.escalations import Asked, may_answer
from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken
from app.domain.roles import Role
from app.domain.vocabulary import ServiceMode
from app.features.matches import actions, escalations, queries
from app.storage.trail import Event
from tests.builders import CITY, COUNTY, TOWNSHIP, actor

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)
NEAR = "350425"  # 大田县
OTHER = actor(Role.COUNTY_TRIAGE, NEAR)
BUREAU = actor(Role.CITY_TRIAGE, CITY)
OFFICIAL = actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)


@pytest.mark.parametrize(
    ("who", "answers"),
    [
        (TRIAGE, set()),
        (OTHER, {Asked.COUNTIES}),
        (BUREAU, set(Asked)),
        (OFFICIAL, set()),
        (actor(Role.COUNTY_REVIEWER, NEAR), set()),
        (actor(Role.COMMISSIONER, person_id=1), set()),
    ],
)
def test_who_answers_what(who, answers):
    assert {asked for asked in Asked if may_answer(who, asked, TOWNSHIP)} == answers


def test_asking_and_answering_are_on_record_and_wait_for_who_was_asked(session, build, today):
    demand = build.open_demand()
    assert list(queries.escalations_to_answer(session, OTHER)) == []
    row = escalations.ask(session, TRIAGE, demand, Asked.COUNTIES, "要会修剪的")
    assert list(queries.escalations_to_answer(session, OTHER)) == [row]
    assert list(queries.escalations_to_answer(session, TRIAGE)) == []
    theirs = build.appointment(build.commissioner(county_code=NEAR, name="大田茶师"), county_code=NEAR, cover=[])
    named = escalations.named(session, OTHER, " 大田茶师 ")
    assert named is theirs.commissioner
    reply = escalations.answer(session, OTHER, row, "做了十年茶园", named)
    assert list(queries.escalations_to_answer(session, OTHER)) == []
    assert list(queries.escalations_to_answer(session, BUREAU)) == [row], "each asked side answers for itself"
    held = queries.escalations_of_demand(session, demand.id)
    assert [(one.asked, [a.id for a in one.answers]) for one in held] == [(Asked.COUNTIES, [reply.id])]
    assert {e.tag for e in session.query(Event)} >= {"matches.ask_further", "matches.answer_asking"}


def test_the_same_is_not_asked_or_answered_twice(session, build):
    row = escalations.ask(session, TRIAGE, build.open_demand(), Asked.BEIJING)
    with pytest.raises(AlreadyDone, match="已经通过京闽合作"):
        escalations.ask(session, TRIAGE, row.demand, Asked.BEIJING)
    escalations.answer(session, BUREAU, row, "北京暂无")
    with pytest.raises(AlreadyDone):
        escalations.answer(session, BUREAU, row, "再说一次")


def test_who_was_not_asked_does_not_answer_and_strangers_do_not_ask(session, build):
    row = escalations.ask(session, TRIAGE, build.open_demand(), Asked.PROVINCE)
    for who in (OTHER, TRIAGE, OFFICIAL):
        with pytest.raises(RuleBroken, match="没有问到"):
            escalations.answer(session, who, row, "我们有人")
    with pytest.raises(RuleBroken, match="不在您的辖区"):
        escalations.ask(session, OTHER, row.demand, Asked.COUNTIES)
    with pytest.raises(RuleBroken, match="请写明") as refused:
        escalations.answer(session, BUREAU, row, "  ")
    assert refused.value.field == "reason"


def test_a_demand_that_seeks_nobody_is_not_asked_about(session, build, now):
    demand = build.open_demand()
    row = escalations.ask(session, TRIAGE, demand, Asked.COUNTIES)
    actions.move_demand(session, TRIAGE, now, demand, "cancel", "村里改种了")
    assert list(queries.escalations_to_answer(session, OTHER)) == []
    with pytest.raises(MoveRefused, match="已取消"):
        escalations.answer(session, OTHER, row, "我们有人")
    with pytest.raises(MoveRefused):
        escalations.ask(session, TRIAGE, demand, Asked.BEIJING)


def test_a_name_that_means_nobody_or_two_is_refused(session, build):
    assert escalations.named(session, OTHER, " ") is None
    with pytest.raises(RuleBroken, match="没有叫") as refused:
        escalations.named(session, OTHER, "查无此人")
    assert refused.value.field == "name"
    for _ in range(2):
        build.commissioner(county_code=NEAR, name="同名")
    with pytest.raises(RuleBroken, match="几位"):
        escalations.named(session, OTHER, "同名")


def test_nobody_suits_and_the_officer_asks_another_county_which_names_somebody(client):
    with client.building() as build:
        demand = build.open_demand(title="单晶硅棒拉制断线怎么办", description="直拉炉")
        build.appointment(build.commissioner(county_code=NEAR, name="大田硅师"), county_code=NEAR, cover=[])
    path = f"/matches/demands/{demand.uid}"
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get(path)
    assert "暂无合适人选" in page.text and "通过京闽合作向北京专家求助" in page.text and "报省级协调" in page.text
    page = client.submit(page.form("/ask/counties"), reason="要懂拉晶的")
    assert "已问：其他县（市、区）" in page.text and not [f for f in page.forms if f.action.endswith("/ask/counties")]
    client.sign_in(Role.COUNTY_TRIAGE, region_code=NEAR)
    assert "请您帮忙找人选" in client.get("/").text
    page = client.get(path)
    form = page.form("/answer")
    assert "没有叫“某某”的科特派" in client.submit(form, status=422, reason="有", name="某某").text
    page = client.submit(form, reason="在硅厂干过八年", name="大田硅师")
    assert "已答复，并推荐了大田硅师" in page.text
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get(path)
    assert "大田县：推荐大田硅师" in page.text.replace(" ", "").replace("\n", "")
    page = client.submit(page.form("/invite/1"))
    assert "已邀请大田硅师" in page.text


def test_what_is_nobodys_business_is_not_found(client):
    with client.building() as build:
        demand = build.open_demand()
        row = escalations.ask(build.session, TRIAGE, demand, Asked.COUNTIES)
        uid = row.uid
    client.sign_in(Role.COUNTY_TRIAGE, region_code=NEAR)
    token = client.get(f"/matches/demands/{demand.uid}").form("/sign-out").values["csrf_token"]
    client.post(f"/matches/demands/{demand.uid}/ask/beijing", 404, csrf_token=token)
    client.post(f"/matches/askings/{uid}/invite/1", 404, csrf_token=token)
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    token = client.get(f"/matches/demands/{demand.uid}").form("/sign-out").values["csrf_token"]
    client.post(f"/matches/demands/{demand.uid}/ask/moon", 404, csrf_token=token)
    client.post(f"/matches/askings/{uid}/invite/1", 404, csrf_token=token)
    client.post(f"/matches/askings/{uid}/answer", 422, csrf_token=token, reason="我自己答")


@pytest.mark.parametrize("why", ["appointment", "capacity", "mode"])
def test_what_a_hard_rule_keeps_out_says_which(client, why):
    with client.building() as build:
        held = build.appointment()
        build.offer(held.commissioner, mode=ServiceMode.ONLINE)
        if why == "capacity":
            held.commissioner.yearly_half_days = 0
        if why == "appointment":
            held.ends = date(2026, 5, 1)
        demand = build.open_demand(mode=ServiceMode.ON_SITE if why == "mode" else None)
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get(f"/matches/demands/{demand.uid}")
    words = {
        "appointment": "没有在有效期内的选认",
        "capacity": "本年度已没有可服务的时间",
        "mode": "不提供所要求的服务方式",
    }
    assert "暂无合适人选" in page.text and words[why] in page.text
