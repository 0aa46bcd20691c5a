"""Logging on a phone, page by page: prefilled, nothing asked twice, nothing lost, sent twice is one visit."""

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from app.domain.demands import DemandState
from app.domain.roles import Role
from app.domain.visits import VisitState
from app.domain.vocabulary import Kind, Level
from app.features.commissioners.models import Appointment
from app.features.demands.models import Demand
from app.features.organisations.models import Organisation
from app.features.visits import actions
from app.features.visits.models import Participant, Visit, VisitResult
from app.features.vocabulary.models import ResultKind
from app.storage.files import StoredFile
from app.storage.session import reading
from tests.builders import COUNTY, TOWNSHIP, actor
from tests.features.visits.test_logging import agreed_demand


@pytest.fixture
def people(client):
    """A commissioner signed in, with a village to serve: ids only, rows live in the page's own sessions."""
    with client.building() as build:
        appointment = build.appointment()
        village = build.organisation("石壁村")
        made = {
            "appointment": appointment.id,
            "person": appointment.commissioner.person_id,
            "village": village.id,
            "name": appointment.commissioner.name,
        }
    client.sign_in(Role.COMMISSIONER, person_id=made["person"])
    return made


def rows(client, *wanted):
    with reading(client.platform.engine, client.platform.keyring) as session:
        return list(session.execute(sa.select(*wanted)).all())


def filled(page, people, **changes):
    """The form of the page with what a person types."""
    form = page.form("/visits/new")
    form.values |= {"served": str(people["village"]), "work_done": "查看茶园，教修剪", "industry_id": industry(page)}
    form.values |= changes
    return form


def industry(page):
    """The industry 特色现代农业 as the page offers it."""
    return page.html.split("特色现代农业</option>")[0].rsplit('value="', 1)[1].split('"')[0]


def test_one_chooses_the_township_first_and_usual_ones_are_a_tap_away(client, people):
    page = client.get("/visits/new")
    assert page.links[f"/visits/new?place={TOWNSHIP}"] == "宁化县石壁镇"
    assert "翠江镇" in page.text
    assert "承接的需求" not in page.text


def test_the_form_begins_with_today_one_day_and_oneself(client, people):
    form = client.get(f"/visits/new?place={TOWNSHIP}").form("/visits/new")
    me = people["person"]
    assert form.values["service_date"] == "2026-06-01"
    assert form.values["days"] == "1"
    assert form.values["mode"] == "on_site"
    assert form.values[f"went_{me}"] == "y"
    assert form.values[f"half_days_{me}"] == "2"
    assert len(form.values["uid"]) == 36


def test_a_visit_is_handed_in_in_one_go(client, people):
    page = client.get(f"/visits/new?place={TOWNSHIP}")
    area = next(id_ for id_, code in rows(client, ResultKind.id, ResultKind.code) if code == "demonstration_area")
    form = filled(page, people, days="2", advice="十天后再看", place="大坪", **{f"result_{area}": "12.5"})
    form.values[f"half_days_{people['person']}"] = "3"
    shown = client.submit(form)
    assert "服务记录已提交审核" in shown.text
    assert "12.5 亩" in shown.text
    assert "1.5" in shown.text
    assert rows(client, Visit.state, Visit.place, Visit.advice) == [(VisitState.SUBMITTED, "大坪", "十天后再看")]
    assert rows(client, Participant.half_days) == [(3,)]
    assert rows(client, VisitResult.amount) == [(125,)]


def test_sent_twice_it_is_one_visit(client, people):
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people)
    first, again = client.submit(form), client.submit(form)
    assert first.path == again.path
    assert len(rows(client, Visit.id)) == 1


def test_going_back_and_sending_other_words_is_refused_with_a_way_to_the_record(client, people):
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people)
    record = client.submit(form).path
    page = client.submit(form, status=422, work_done="又改了一番")
    assert "已经记过" in page.text
    assert record in page.links
    assert page.form("/visits/new").values["work_done"].strip() == "又改了一番"
    assert len(rows(client, Visit.id)) == 1


def test_a_draft_sent_on_from_the_same_page_is_handed_in(client, people):
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people)
    assert "草稿已保存" in client.submit(form, draft="1").text
    assert rows(client, Visit.state) == [(VisitState.DRAFT,)]
    assert "已提交审核" in client.submit(form).text
    assert rows(client, Visit.state) == [(VisitState.SUBMITTED,)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"service_date": "2026-06-02"}, "服务日期在今天之后"),
        ({"service_date": "2199-01-01"}, "年份不合理"),
        ({"service_date": "昨天"}, "2026-05-01 这样填写"),
        ({"service_date": ""}, "请填服务日期"),
        ({"days": "0"}, "停留天数应在1到31之间"),
        ({"days": "很久"}, "停留天数"),
        ({"work_done": " "}, "请写一两句做了什么"),
        ({"served": ""}, "请选择或填写这次服务的村"),
        ({"industry_id": ""}, "产业"),
        ({"mode": "teleport"}, "服务方式"),
        ({"work_done": "长" * 2001}, "最多2000个字"),
    ],
)
def test_what_is_wrong_is_said_in_chinese_and_nothing_typed_is_lost(client, people, changes, words):
    page = client.get(f"/visits/new?place={TOWNSHIP}")
    form = filled(page, people, advice="别忘了写的建议", **changes)
    again = client.submit(form, status=422)
    assert words in again.text
    assert again.title.startswith("有误：")
    assert again.form("/visits/new").values["advice"].strip() == "别忘了写的建议"
    assert again.form("/visits/new").values["uid"] == form.values["uid"]
    assert rows(client, Visit.id) == []


def test_half_days_are_bounded_by_the_stay_and_asked_for_those_who_went(client, people):
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people)
    name = f"half_days_{people['person']}"
    assert "1到2个半天之间" in client.submit(form, status=422, **{name: "3"}).text
    assert "服务了几个半天" in client.submit(form, status=422, **{name: ""}).text


def test_an_amount_that_is_none_is_said_at_its_line_and_stays(client, people):
    page = client.get(f"/visits/new?place={TOWNSHIP}")
    kind = rows(client, ResultKind.id)[0][0]
    again = client.submit(filled(page, people), status=422, **{f"result_{kind}": "好多"})
    assert "“好多”不是数量" in again.text
    assert again.form("/visits/new").values[f"result_{kind}"] == "好多"


def test_a_unit_that_is_not_in_the_list_is_written_down_once(client, people):
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people, served="")
    shown = client.submit(form, new_unit_kind="cooperative", new_unit_name="大坪茶叶专业合作社")
    assert "大坪茶叶专业合作社" in shown.text
    assert "大坪茶叶专业合作社" in client.get(f"/visits/new?place={TOWNSHIP}").text
    assert ("大坪茶叶专业合作社",) in rows(client, Organisation.name)


def test_team_mates_are_ticked_and_a_choice_of_appointment_is_offered_where_there_is_one(client):
    with client.building() as build:
        leader, member = build.person("张组长"), build.person("李组员")
        team = build.appointment(
            build.commissioner(Kind.TEAM, name="茶叶组", leader=leader, members=[member]), level=Level.PROVINCE
        )
        own = build.appointment(build.commissioner(person=leader))
        village, ids = build.organisation(), (leader.id, member.id, team.id, own.id)
        people = {"village": village.id}
    leader_id, member_id, team_id, own_id = ids
    client.sign_in(Role.COMMISSIONER, person_id=leader_id)
    page = client.get(f"/visits/new?place={TOWNSHIP}")
    assert "李组员" in page.text
    assert f"acting_{member_id}" not in page.form("/visits/new").values
    form = filled(page, people)
    more = {f"went_{member_id}": "y", f"half_days_{member_id}": "1", f"acting_{leader_id}": str(own_id)}
    shown = client.submit(form, **more)
    assert "县级个人" in shown.text
    assert "省级团队" in shown.text
    assert sorted(rows(client, Participant.appointment_id)) == sorted([(own_id,), (team_id,)])


def test_a_demand_fills_in_place_unit_and_industry_and_its_service_begins(client):
    with client.building() as build:
        appointment = build.appointment()
        demand, _ = agreed_demand(build, appointment)
        person, uid, unit, title = appointment.commissioner.person_id, demand.uid, demand.organisation_id, demand.title
    client.sign_in(Role.COMMISSIONER, person_id=person)
    assert f"/visits/new?demand={uid}" in client.get("/visits/new").links
    page = client.get(f"/visits/new?demand={uid}")
    form = page.form("/visits/new")
    assert form.values["served"] == str(unit)
    assert form.values["region_code"] == TOWNSHIP
    assert form.values["industry_id"] == industry(page)
    assert title in page.text
    assert "2026-05-01 至 2026-12-31" in page.text
    shown = client.submit(form, work_done="到园里看了")
    assert title in shown.text
    assert rows(client, Demand.state) == [(DemandState.IN_SERVICE,)]


@pytest.mark.parametrize("query", ["demand=nonsense", "demand=11111111-1111-4111-8111-111111111111"])
def test_a_demand_one_has_not_taken_on_is_not_found(client, people, query):
    client.get(f"/visits/new?{query}", status=404)


def test_a_place_that_is_no_township_leads_back_to_choosing(client, people):
    for code in ("350424", "999999999", "nonsense"):
        assert "在哪个乡镇" in client.get(f"/visits/new?place={code}").text
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people)
    client.post("/visits/new", 404, **{**form.values, "region_code": "350424"})


def test_somebody_who_acts_for_a_county_does_not_log(client):
    client.sign_in(Role.COUNTY_REVIEWER, region_code=COUNTY)
    client.get("/visits/new", status=403)


def a_photo(place=True):
    picture = Image.new("RGB", (640, 480), "green")
    held = io.BytesIO()
    exif = Image.Exif()
    if place:
        exif[0x8825] = {1: "N", 2: (26.0, 16.0, 0.0)}
        exif[0x010F] = "a phone"
    picture.save(held, "JPEG", exif=exif)
    held.seek(0)
    return held


def test_photos_lose_their_position_and_are_seen_only_by_those_who_may(client, people):
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people)
    data = {**form.values, "photos": [(a_photo(), "IMG_1.jpg")]}
    answer = client.http.post(form.action, data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    address = next(path for path in page.links if "/visits/photos/" in path)
    got = client.http.get(address)
    assert got.mimetype == "image/jpeg"
    assert "private" in got.headers["Cache-Control"]
    assert not Image.open(io.BytesIO(got.data)).getexif()
    assert [row[0] for row in rows(client, StoredFile.media_type)] == ["image/jpeg"]
    client.sign_in(Role.COUNTY_REVIEWER, region_code="350421")
    client.get(address, status=404)


def test_a_file_that_is_no_picture_is_refused_and_the_text_stays(client, people):
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people)
    data = {**form.values, "photos": [(io.BytesIO(b"PK not a picture"), "x.jpg")]}
    answer = client.http.post(form.action, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "不是能识别的照片" in answer.text
    assert "查看茶园，教修剪" in answer.text
    assert rows(client, Visit.id) == []


def returned(client, people):
    """The uid of a returned visit of this person."""
    with client.building() as build:
        visit = build.visit(build.session.get(Appointment, people["appointment"]), work_done="原来写的")
        actions.review(build.session, actor(Role.COUNTY_REVIEWER, COUNTY), build.today, visit, "return", "请写具体些")
        return visit.uid


def test_a_returned_visit_says_why_and_is_mended_in_place(client, people):
    uid = returned(client, people)
    assert "请写具体些" in client.get(f"/visits/{uid}").text
    page = client.get(f"/visits/{uid}/edit")
    form = page.form(f"/visits/{uid}/edit")
    assert form.values["work_done"].strip() == "原来写的"
    assert form.values["service_date"] == "2026-05-29"
    shown = client.submit(form, work_done="写具体了：看了三户")
    assert "已提交审核" in shown.text
    assert rows(client, Visit.state, Visit.work_done) == [(VisitState.SUBMITTED, "写具体了：看了三户")]


def test_a_stale_edit_shows_both_texts_and_keeps_neither_silently(client, people):
    uid = returned(client, people)
    form = client.get(f"/visits/{uid}/edit").form(f"/visits/{uid}/edit")
    client.submit(form, work_done="先保存的", draft="1")
    page = client.submit(form, status=409, work_done="后保存的")
    assert "先保存的" in page.text
    assert "后保存的" in page.text
    assert f"/visits/{uid}/edit" in page.links
    assert [tuple(row) for row in rows(client, Visit.work_done)] == [("先保存的",)]


def test_another_township_is_chosen_while_mending_and_the_unit_anew(client, people):
    uid = returned(client, people)
    page = client.get(f"/visits/{uid}/edit?place=350424100")
    form = page.form(f"/visits/{uid}/edit")
    assert form.values["region_code"] == "350424100"
    assert not form.values.get("served")
    assert "宁化县翠江镇" in page.text
    shown = client.submit(form, new_unit_name="翠江村", new_unit_kind="village")
    assert "宁化县翠江镇" in shown.text


def test_what_was_handed_in_opens_as_a_record_not_as_a_form(client, people):
    record = client.submit(filled(client.get(f"/visits/new?place={TOWNSHIP}"), people)).path
    assert client.get(f"{record}/edit").path == record


def test_withdrawing_asks_for_words(client, people):
    page = client.submit(filled(client.get(f"/visits/new?place={TOWNSHIP}"), people))
    form = page.form("/withdraw")
    assert "请写明撤回的原因" in client.submit(form, status=422, reason="").text
    assert "不再计入统计" in client.submit(form, reason="记重了").text
    assert rows(client, Visit.state) == [(VisitState.WITHDRAWN,)]


def test_a_strangers_visit_is_not_found(client, people):
    with client.building() as build:
        uid = build.visit(build.appointment(build.commissioner(name="旁人"))).uid
    for path in (f"/visits/{uid}", f"/visits/{uid}/edit", f"/visits/{uid}/ask", f"/visits/{uid}/sheet"):
        client.get(path, status=404)
    form = client.get("/visits/").forms  # a page with a token
    token = next(f.values["csrf_token"] for f in form if "csrf_token" in f.values)
    for path in ("withdraw", "submit", "edit", "ask", "sheet"):
        client.post(f"/visits/{uid}/{path}", 404, csrf_token=token, reason="x", region_code=TOWNSHIP)


def test_a_session_that_ended_in_the_middle_loses_nothing(client, people):
    form = filled(client.get(f"/visits/new?place={TOWNSHIP}"), people, work_done="写了很久的一段话")
    with client.http.session_transaction() as cookie:
        cookie.pop("token")
    page = client.submit(form, status=401)
    assert page.form("/sign-in").values["typed"]
    assert "写了很久的一段话" not in page.html
    assert rows(client, Visit.id) == []


def test_the_list_is_narrowed_by_its_address_and_forgives_nonsense(client, people):
    client.submit(filled(client.get(f"/visits/new?place={TOWNSHIP}"), people))
    assert "查看茶园" in client.get("/visits/").text
    assert "查看茶园" in client.get(f"/visits/?state=submitted&place={TOWNSHIP}&mode=on_site&from=2026-06-01").text
    assert "查看茶园" not in client.get("/visits/?state=passed").text
    assert "没有符合条件" in client.get("/visits/?confirmed=1").text
    for query in ("state=x&place=y&industry=z&mode=q&from=abc&to=9&confirmed=7&after=!!", "after=WzEsMl0"):
        assert "查看茶园" in client.get(f"/visits/?{query}").text


def test_the_first_list_says_what_to_do(client, people):
    page = client.get("/visits/")
    assert "还没有服务记录" in page.text
    assert page.links["/visits/new"].strip().startswith("记一次服务")
