"""The administrator gives accounts their roles: over territories of the right level, for commissioners, for units."""

import re
from datetime import date

import pytest

from app.domain.refusals import RuleBroken
from app.domain.roles import TERRITORIES, Role, ScopeKind, check_scope, scope_of
from app.domain.vocabulary import Kind, OrganisationKind
from app.features.accounts import queries
from app.storage.session import reading
from tests.builders import CITY, COUNTY, TOWNSHIP


@pytest.fixture
def admin(client):
    client.sign_in(Role.ADMINISTRATOR, region_code=CITY)
    page = client.get("/account/all")
    client.page = client.submit(page.form("/account/all"), login="zhang.xin", name="张新")
    client.grants = f"/commissioners/accounts/{client.page.path.split('/')[-1]}/grants"
    return client


def held(client):
    """(role, territory, unit, person) of the new account's grants."""
    with reading(client.platform.engine, client.platform.keyring) as session:
        account = queries.account_by_login(session, "zhang.xin")
        found = queries.grants_of(session, account.id, client.platform.clock().date())
        return [(h.title, h.grant.region_code, h.grant.organisation_id, h.grant.person_id) for h in found]


def test_a_territory_is_chosen_among_those_that_the_role_can_have(admin):
    page = admin.get(f"{admin.grants}/county_triage")
    assert "宁化县" in page.text and "石壁镇" not in page.text and "三明市（全市）" not in page.text
    page = admin.submit(page.form("/grants/"), region=COUNTY)
    assert "已授予“县级分诊员”" in page.text and "宁化县" in page.text
    assert held(admin) == [("宁化县 · 县级分诊员", COUNTY, None, None)]
    page = admin.get(f"{admin.grants}/auditor")
    assert "三员分立" in admin.submit(page.form("/grants/"), status=422, region=CITY).text
    page = admin.get(f"{admin.grants}/county_head")
    admin.submit(page.form("/grants/"), status=422, region=TOWNSHIP)
    assert len(held(admin)) == 1


def test_a_commissioner_is_found_by_name_and_the_account_acts_for_the_person(admin):
    with admin.building() as build:
        record = build.appointment(build.commissioner(name="林找到")).commissioner
    assert "没有找到科技特派员" in admin.get(f"{admin.grants}/commissioner?q=查无此人").text
    page = admin.get(f"{admin.grants}/commissioner?q=林找到")
    assert "林找到（个人" in page.text
    assert "请选定一个" in admin.submit(page.form("/grants/"), status=422).text
    admin.submit(page.form("/grants/"), subject=f"person-{record.person_id}")
    assert held(admin) == [("科技特派员", None, None, record.person_id)]


def test_a_head_stands_for_the_team_and_a_contact_for_the_unit(admin):
    with admin.building() as build:
        leader = build.person("赖带头")
        build.commissioner(Kind.TEAM, name="茶叶服务团", leader=leader)
        sends = build.organisation("茶叶研究所", kind=OrganisationKind.SENDING_UNIT)
        served = build.organisation("茶香村")
    page = admin.get(f"{admin.grants}/team_head?q=茶叶")
    assert "赖带头（团队，茶叶服务团）" in page.text
    admin.submit(page.form("/grants/"), subject=f"person-{leader.id}")
    page = admin.get(f"{admin.grants}/sending_contact?q=茶")
    assert "茶叶研究所" in page.text and "茶香村" not in page.text
    admin.submit(page.form("/grants/"), status=422, subject=f"unit-{served.id}")
    admin.submit(page.form("/grants/"), subject=f"unit-{sends.id}")
    page = admin.get(f"{admin.grants}/served_contact?q=茶香")
    page = admin.submit(page.form("/grants/"), subject=f"unit-{served.id}")
    assert "茶香村" in page.text
    assert [grant[0] for grant in held(admin)] == [
        "团队（工作站）负责人", "茶叶研究所 · 派出单位联络员", "茶香村 · 受援单位联络员"
    ]  # fmt: skip


def test_a_stations_head_is_found_by_the_station_and_by_whoever_it_sends(admin):
    with admin.building() as build:
        station = build.organisation("理工大学工作站", kind=OrganisationKind.STATION)
        build.organisation("理工大学", kind=OrganisationKind.SENDING_UNIT)
        sent = build.appointment(build.commissioner(name="温工程", sending_unit_id=station.id)).commissioner
        leader = build.person("赖带头")
        build.commissioner(Kind.TEAM, name="茶叶服务团", leader=leader)
    for words in ("理工大学", "温工程", "wengongcheng", "wgc"):
        page = admin.get(f"{admin.grants}/team_head?q={words}")
        assert "理工大学工作站（工作站）" in page.text
        assert "理工大学（派出单位）" not in page.text
    for words in ("laidaitou", "带头"):
        assert "赖带头（团队，茶叶服务团）" in admin.get(f"{admin.grants}/team_head?q={words}").text
    page = admin.get(f"{admin.grants}/team_head?q=温工程")
    admin.submit(page.form("/grants/"), status=422, subject=f"person-{sent.person_id}")  # leads no team
    admin.submit(page.form("/grants/"), subject=f"unit-{station.id}")
    assert held(admin) == [("理工大学工作站 · 团队（工作站）负责人", None, station.id, None)]


@pytest.mark.parametrize("role", Role)
def test_every_role_can_be_given_and_over_nothing_else(admin, role):
    assert role.label in admin.get(f"{admin.grants}/{role.value}").text
    wrong = next(kind for kind in ScopeKind if kind not in scope_of(role))
    with pytest.raises(RuleBroken):
        check_scope(role, wrong, None)
    if role in TERRITORIES:
        with pytest.raises(RuleBroken):
            check_scope(role, ScopeKind.TERRITORY, "350000")


def test_others_do_not_give_roles(client):
    client.sign_in(Role.CITY_HEAD)
    client.get("/commissioners/accounts/00000000-0000-4000-8000-000000000000/grants/commissioner", status=403)


def test_commissioners_get_their_accounts_together_each_with_a_name_and_a_link(client):
    with client.building() as build:
        people = [build.appointment(build.commissioner(name=name)).commissioner.person for name in ("林芳", "林方")]
        build.appointment(build.commissioner(name="赖退"), ends=date(2025, 12, 31), batch_year=2025)
        uids = [str(person.uid) for person in people]
    client.sign_in(Role.ADMINISTRATOR)
    assert "还没有账号的科特派" in client.get("/").text
    page = client.get("/commissioners/accounts?county=350424")
    assert "林芳" in page.text and "林方" in page.text and "赖退" not in page.text
    assert "林芳" not in client.get("/commissioners/accounts?county=350425").text
    form = page.form("/accounts")
    assert "请先勾选" in client.submit(form, status=422).text
    page = client.submit(form, status=200, chosen=uids)
    assert "用户名 linfang，" in page.text and "用户名 linfang2，" in page.text
    assert len(set(re.findall(r"/account/set-up/[\w-]+", page.html))) == 2
    assert "都已经有账号" in client.submit(form, status=422, chosen=uids).text
    assert "在任的科特派都有账号了" in client.get("/commissioners/accounts").text
    with reading(client.platform.engine, client.platform.keyring) as session:
        account = queries.account_by_login(session, "linfang2")
        grant = queries.grants_of(session, account.id, client.platform.clock().date())[0].grant
        assert grant.person_id in {person.id for person in people} and grant.role == Role.COMMISSIONER
