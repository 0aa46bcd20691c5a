"""The pages of the commissioners desk, as officials, other counties and strangers meet them."""

import sqlalchemy as sa

from app.domain.roles import Role
from app.domain.vocabulary import Kind, Level
from app.features.commissioners.models import Appointment, AppointmentState, Commissioner
from app.features.people.models import Person
from app.storage.session import reading
from app.storage.trail import Event
from tests.builders import CITY, COUNTY, TOWNSHIP, valid_id_number

ELSEWHERE = "350429"


def stored(client, statement):
    with reading(client.platform.engine, client.platform.keyring) as session:
        return session.scalar(statement)


def made(client, kind: Kind = Kind.INDIVIDUAL, *, appointed: bool = True, **values):
    with client.building() as build:
        found = build.commissioner(kind, **values)
        if appointed:
            build.appointment(found, county_code=found.county_code, cover=[])
    return found


def joining(page):
    return next(form for form in page.forms if form.action.endswith("/members"))


def head(client, territory: str = COUNTY):
    return client.sign_in(Role.COUNTY_HEAD, region_code=territory)


# ----- reading


def test_a_stranger_signs_in_first(client):
    assert "登录" in client.get("/commissioners/").h1[0]


def test_a_role_without_the_permission_is_told(client):
    client.sign_in(Role.AUDITOR)
    client.get("/commissioners/", 403)


def test_the_list_says_what_to_do_while_it_is_empty(client):
    head(client)
    assert "登记第一位科技特派员" in client.get("/commissioners/").text
    assert "去掉一个条件" in client.get("/commissioners/?q=zzz").text


def test_other_counties_are_listed_too_because_lists_are_published(client):
    made(client, name="陈测试", county_code=ELSEWHERE)
    head(client)
    page = client.get("/commissioners/")
    assert "陈测试" in page.text
    assert "泰宁县" in page.text


def test_filters_stay_in_the_address_and_can_be_taken_away(client):
    made(client, name="陈测试")
    made(client, name="林测试", county_code=ELSEWHERE)
    head(client)
    page = client.get(f"/commissioners/?county={ELSEWHERE}&when=serving&level=county&sort=county")
    assert "林测试" in page.text
    assert "陈测试" not in page.text
    assert any("去掉这个条件" in words and "when=serving" not in href for href, words in page.links.items())


def test_nonsense_in_the_address_is_no_filter(client):
    made(client, name="陈测试")
    head(client)
    nonsense = "/commissioners/?level=king&kind=x&source=y&industry=z&when=xx&sort=w&after=%25%25&when=99999"
    assert "陈测试" in client.get(nonsense).text


def test_the_next_page_begins_where_the_first_ends(client):
    with client.building() as build:
        for n in range(53):
            build.commissioner(name=f"陈测试{n:02d}")
    head(client)
    first = client.get("/commissioners/")
    following = next(href for href, words in first.links.items() if "下一页" in words)
    second = client.get(following)
    assert "陈测试02" in first.text + second.text
    on_both = [n for n in range(53) if f"陈测试{n:02d}" in first.text and f"陈测试{n:02d}" in second.text]
    assert on_both == []


def test_a_record_masks_the_phone_and_shows_terms_and_cover(client):
    with client.building() as build:
        found = build.commissioner(person=build.person("陈测试", phone="13912345678"))
        build.appointment(found, level=Level.PROVINCE, document="明科农〔2026〕5号")
    head(client)
    page = client.get(f"/commissioners/{found.uid}")
    assert "139****5678" in page.text
    assert "13912345678" not in page.html
    for words in ("2026 年度 省级", "2026-01-01", "2026-12-31", "明科农〔2026〕5号", "石壁镇", "特色现代农业", "在任"):
        assert words in page.text


def test_a_team_shows_its_members_and_who_leads(client):
    with client.building() as build:
        found = build.commissioner(Kind.TEAM, leader=build.person("甲测试"), members=[build.person("乙测试")])
    head(client)
    page = client.get(f"/commissioners/{found.uid}")
    assert "甲测试 负责人" in page.text
    assert "乙测试 负责人" not in page.text


def test_another_county_reads_a_record_but_finds_no_way_to_change_it(client):
    found = made(client, county_code=ELSEWHERE)
    head(client)
    page = client.get(f"/commissioners/{found.uid}")
    assert not any("edit" in href or "withdraw" in href or "appointments/new" in href for href in page.links)
    assert not any("reveal" in form.action for form in page.forms)
    for path in ("edit", "appointments/new"):
        client.get(f"/commissioners/{found.uid}/{path}", 404)
    client.get("/commissioners/00000000-0000-4000-8000-000000000000", 404)


# ----- showing a phone


def test_showing_a_phone_is_a_post_that_leaves_a_trail(client):
    with client.building() as build:
        found = build.commissioner(person=build.person("陈测试", phone="13912345678"))
    head(client)
    form = client.get(f"/commissioners/{found.uid}").form("reveal")
    page = client.submit(form)
    assert "13912345678" in page.text
    assert "查看已留痕" in page.text
    assert stored(client, sa.select(sa.func.count()).where(Event.tag == "people.reveal")) == 1
    assert "13912345678" not in client.get(f"/commissioners/{found.uid}").text


def test_a_phone_is_shown_only_inside_the_territory_and_only_with_the_permission(client):
    found = made(client, county_code=ELSEWHERE)
    person_uid = stored(client, sa.select(Person.uid).where(Person.id == found.person_id))
    head(client)
    token = client.get("/commissioners/new").form("/commissioners/new").values["csrf_token"]
    client.post(f"/commissioners/{found.uid}/people/{person_uid}/reveal", 404, csrf_token=token)
    client.sign_in(Role.COUNTY_REVIEWER, region_code=ELSEWHERE)
    client.post(f"/commissioners/{found.uid}/people/{person_uid}/reveal", 403, csrf_token=token)
    assert stored(client, sa.select(sa.func.count()).where(Event.tag == "people.reveal")) == 0


# ----- registering and appointing


def test_a_person_is_registered_and_appointed(client):
    head(client)
    form = client.get("/commissioners/new").form("/commissioners/new")
    page = client.submit(form, name="陈测试", phone="13912345678", sending_unit="测试农林大学", specialities="茶树栽培")
    assert "登记陈测试的选认" in page.h1[0]
    choices = {"cover-0-region_code": TOWNSHIP, "cover-0-industry_id": "4"}
    page = client.submit(
        page.form("appointments/new"), level="county", ground="free_service", document="明科农〔2026〕5号", **choices
    )
    assert "陈测试" in page.h1[0]
    assert "已登记2026年度选认" in page.text
    for words in ("测试农林大学", "茶树栽培", "石壁镇 · 特色现代农业", "2026 年度 县级"):
        assert words in page.text


def test_a_team_is_registered_with_its_members(client):
    head(client)
    form = client.get("/commissioners/new?kind=team").form("/commissioners/new")
    lines = "乙测试 13900000001\n丙测试，139 0000 0002\n丁测试\n"
    page = client.submit(form, name="茶产业团队", leader_name="甲测试", members=lines)
    assert "登记茶产业团队的选认" in page.h1[0]
    found = stored(client, sa.select(Commissioner))
    page = client.get(f"/commissioners/{found.uid}")
    for words in ("甲测试 负责人", "乙测试", "丙测试", "丁测试", "139****0002"):
        assert words in page.text


def test_a_firm_is_registered(client):
    head(client)
    form = client.get("/commissioners/new?kind=entity").form("/commissioners/new")
    page = client.submit(form, name="测试公司", region_code=TOWNSHIP, contact_phone="0598-8221234")
    assert "登记测试公司的选认" in page.h1[0]


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client):
    head(client)
    number = valid_id_number(1)
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    page = client.submit(
        client.get("/commissioners/new").form("/commissioners/new"),
        422,
        name="陈测试",
        id_number=wrong,
        specialities="茶树栽培",
    )
    assert "身份证号：身份证号最后一位校验码不对" in page.text
    assert page.form("/commissioners/new").values["specialities"] == "茶树栽培"
    assert page.title.startswith("有误")
    assert stored(client, sa.select(sa.func.count()).select_from(Commissioner)) == 0


def test_a_team_without_a_leader_and_a_member_with_a_bad_phone_are_refused(client):
    head(client)
    form = client.get("/commissioners/new?kind=team").form("/commissioners/new")
    assert "团队必须有一名负责人" in client.submit(form, 422, name="茶产业团队").text
    page = client.submit(form, 422, name="茶产业团队", leader_name="甲测试", members="乙测试 123")
    assert "第1名成员：电话应为11位手机号" in page.text
    page = client.submit(form, 422, name="茶产业团队", leader_name="甲测试", leader_phone="123")
    assert "负责人：电话应为11位手机号" in page.text


def test_somebody_on_the_roll_is_not_registered_twice(client):
    with client.building() as build:
        build.commissioner(person=build.person("陈测试", phone="13912345678"))
    head(client)
    page = client.submit(
        client.get("/commissioners/new").form("/commissioners/new"), 422, name="陈测试", phone="13912345678"
    )
    assert "已经在册" in page.text


def test_a_second_appointment_of_one_year_and_level_is_refused(client):
    found = made(client, name="陈测试")
    head(client)
    form = client.get(f"/commissioners/{found.uid}/appointments/new").form("appointments/new")
    page = client.submit(form, 422, level="county", ground="free_service")
    assert "陈测试已有2026年度的县级选认" in page.text


def test_a_term_into_2199_is_refused_and_stays_typed(client):
    found = made(client, appointed=False)
    head(client)
    form = client.get(f"/commissioners/{found.uid}/appointments/new").form("appointments/new")
    page = client.submit(form, 422, level="county", ground="free_service", ends="2199-12-31")
    assert "年份不合理" in page.text
    page = client.submit(form, 422, level="county", ground="free_service", ends="2046-12-31")
    assert "超过10年" in page.text
    assert page.form("appointments/new").values["ends"] == "2046-12-31"


def test_a_township_outside_the_recommending_county_is_refused(client):
    found = made(client, appointed=False)
    client.sign_in(Role.CITY_HEAD)
    form = client.get(f"/commissioners/{found.uid}/appointments/new").form("appointments/new")
    choices = {"cover-1-region_code": "350429202", "cover-1-industry_id": "4"}
    page = client.submit(form, 422, level="county", ground="free_service", county_code=COUNTY, **choices)
    assert "大田乡不在宁化县，请在宁化县的乡镇中选择" in page.text
    assert page.form("appointments/new").values["cover-1-region_code"] == "350429202"


def test_a_township_without_an_industry_is_refused(client):
    found = made(client, appointed=False)
    head(client)
    form = client.get(f"/commissioners/{found.uid}/appointments/new").form("appointments/new")
    page = client.submit(form, 422, level="county", ground="free_service", **{"cover-0-region_code": TOWNSHIP})
    assert "第1处的乡镇和产业要一起选" in page.text


def test_more_rows_for_townships_come_without_losing_anything(client):
    found = made(client, appointed=False)
    head(client)
    form = client.get(f"/commissioners/{found.uid}/appointments/new").form("appointments/new")
    page = client.submit(form, 200, more="1", document="明科农〔2026〕5号", **{"cover-2-region_code": TOWNSHIP})
    values = page.form("appointments/new").values
    assert "cover-5-region_code" in values
    assert values["cover-2-region_code"] == TOWNSHIP
    assert values["document"] == "明科农〔2026〕5号"
    assert stored(client, sa.select(sa.func.count()).select_from(Appointment)) == 0


def test_a_county_is_offered_its_own_places_only(client):
    found = made(client, appointed=False)
    head(client)
    page = client.get(f"/commissioners/{found.uid}/appointments/new")
    assert "宁化县（全县）" in page.text
    assert "泰宁县" not in page.text


# ----- withdrawing


def test_an_appointment_is_withdrawn_with_a_reason(client):
    found = made(client)
    uid = stored(client, sa.select(Appointment.uid))
    head(client)
    form = client.get(f"/commissioners/appointments/{uid}/withdraw").form("withdraw")
    assert "请写明原因" in client.submit(form, 422, reason="").text
    page = client.submit(form, reason="本人调离")
    assert "已撤销" in page.text
    assert "本人调离" in page.text
    assert stored(client, sa.select(Appointment.state)) is AppointmentState.WITHDRAWN
    assert "已经撤销" in client.submit(form, 422, reason="再来").text
    assert str(found.uid) in page.path


def test_another_countys_appointment_cannot_be_found_to_be_withdrawn(client):
    made(client, county_code=ELSEWHERE)
    uid = stored(client, sa.select(Appointment.uid))
    head(client)
    client.get(f"/commissioners/appointments/{uid}/withdraw", 404)


# ----- correcting


def test_a_correction_is_kept(client):
    found = made(client, name="陈测试")
    head(client)
    form = client.get(f"/commissioners/{found.uid}/edit").form("edit")
    page = client.submit(
        form, name="曾测试", professional_title="高级农艺师", sending_unit="测试农林大学", yearly_days="45"
    )
    for words in ("曾测试", "高级农艺师", "测试农林大学", "45 天"):
        assert words in page.text


def test_a_stale_correction_shows_both_texts(client):
    found = made(client)
    head(client)
    form = client.get(f"/commissioners/{found.uid}/edit").form("edit")
    client.submit(form, specialities="茶树栽培")
    page = client.submit(form, 409, specialities="食用菌菌种")
    assert "茶树栽培" in page.text
    assert "食用菌菌种" in page.text
    assert stored(client, sa.select(Commissioner.specialities)) == "茶树栽培"


def test_a_county_cannot_hand_a_record_to_another(client):
    found = made(client)
    head(client)
    form = client.get(f"/commissioners/{found.uid}/edit").form("edit")
    client.submit(form, 422, county_code=ELSEWHERE)
    assert stored(client, sa.select(Commissioner.county_code)) == COUNTY


def test_parts_of_industries_survive_a_correction(client):
    with client.building() as build:
        ids = [build.industry_id("agriculture"), build.industry_id("agriculture.tea")]
        found = build.commissioner(industry_ids=ids)
    head(client)
    page = client.submit(client.get(f"/commissioners/{found.uid}/edit").form("edit"), specialities="茶树栽培")
    assert "茶叶" in page.text
    assert "特色现代农业" in page.text


def test_a_firms_correction_leaves_its_name_to_its_own_page(client):
    found = made(client, Kind.ENTITY)
    head(client)
    form = client.get(f"/commissioners/{found.uid}/edit").form("edit")
    assert "name" not in form.values
    assert "食品检测" in client.submit(form, specialities="食品检测").text


# ----- team members


def test_members_join_lead_and_leave(client):
    found = made(client, Kind.TEAM, name="茶产业团队")
    head(client)
    record = f"/commissioners/{found.uid}"
    page = client.submit(joining(client.get(record)), member_name="丁测试", member_phone="13900000009")
    assert "丁测试已加入团队" in page.text
    form = next(f for f in page.forms if f.action.endswith("/lead"))
    assert "负责人已更换" in client.submit(form).text
    form = next(f for f in client.get(record).forms if f.action.endswith("/end"))
    assert "已退出" in client.submit(form).text


def test_a_member_joins_once_and_needs_a_name(client):
    with client.building() as build:
        member = build.person("丁测试", phone="13900000009")
        found = build.commissioner(Kind.TEAM, members=[member])
    head(client)
    form = joining(client.get(f"/commissioners/{found.uid}"))
    assert "请填写新成员的姓名" in client.submit(form, 422).text
    page = client.submit(form, 422, member_name="丁测试", member_phone="13900000009")
    assert "丁测试已经是团队成员" in page.text


def test_only_a_team_takes_members(client):
    found = made(client)
    head(client)
    token = client.get("/commissioners/new").form("/commissioners/new").values["csrf_token"]
    client.post(f"/commissioners/{found.uid}/members", 404, csrf_token=token, member_name="丁测试")


def test_the_city_changes_every_countys_records(client):
    found = made(client, county_code=ELSEWHERE)
    client.sign_in(Role.CITY_HEAD, region_code=CITY)
    assert client.get(f"/commissioners/{found.uid}/edit").status == 200
