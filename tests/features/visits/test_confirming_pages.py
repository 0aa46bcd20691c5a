"""The served side's page: opened from a message, without account, cookie or script; and asking for its word."""

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from app.domain.roles import Role
from app.domain.visits import ConfirmationAnswer
from app.domain.vocabulary import ConfirmationChannel, OrganisationKind
from app.features.visits import actions
from app.features.visits.models import Confirmation, Visit
from app.storage.session import reading, writing
from app.storage.trail import Event
from tests.browser import Browser
from tests.builders import COUNTY, TOWNSHIP, actor

PHONES = ("13900001111", "13900002222")


@pytest.fixture
def asked(client):
    """A visit of a commissioner to a village, both with phones, and the token of a link to that village."""
    with client.building() as build:
        person = build.person("罗特派", phone=PHONES[0])
        appointment = build.appointment(build.commissioner(person=person))
        village = build.organisation("石壁村", contact_name="张主任", contact_phone=PHONES[1])
        visit = build.visit(appointment, served=[village.id], advice="十天后再看一次", place="大坪")
        token = actions.ask_confirmation(
            build.session, build.bureau, build.now, visit, village.id, ConfirmationChannel.LINK
        )
        return {"token": token, "uid": visit.uid, "person": person.id, "village": village.id}


@pytest.fixture
def village(app):
    """A browser that never signed in: the in-app browser of somebody in the village."""
    return Browser(app)


def rows(client, *wanted):
    with reading(client.platform.engine, client.platform.keyring) as session:
        return [tuple(row) for row in session.execute(sa.select(*wanted))]


def test_it_says_what_was_done_when_where_by_whom_and_one_tap_confirms(village, asked):
    page = village.get(f"/visits/c/{asked['token']}")
    for words in ("2026-05-29", "宁化县石壁镇 大坪", "罗特派", "查看茶园，教修剪和清园", "十天后再看一次", "石壁村"):
        assert words in page.text
    thanks = village.submit(page.form("/c/"), answer="confirmed")
    assert "您已经答复，谢谢" in thanks.h1
    assert "确认属实" in thanks.text
    assert rows(village, Confirmation.answer, Confirmation.channel) == [
        (ConfirmationAnswer.CONFIRMED, ConfirmationChannel.LINK)
    ]
    assert rows(village, Visit.confirmed_on)[0][0] is not None


def test_opening_it_decides_nothing_however_often(village, asked):
    for _ in range(3):
        village.get(f"/visits/c/{asked['token']}")
        village.http.head(f"/visits/c/{asked['token']}")
    assert rows(village, Confirmation.answer) == [(None,)]


def test_it_needs_and_leaves_no_cookie_and_is_never_kept_by_a_proxy(village, asked):
    address = f"/visits/c/{asked['token']}"
    for answer in (
        village.http.get(address),
        village.http.post(address, data={"answer": "disputed"}),
        village.http.post(address, data={"answer": "confirmed"}),
        village.http.get(address),
    ):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_it_never_shows_a_phone_or_a_contact_or_a_way_into_the_desk(village, asked):
    page = village.get(f"/visits/c/{asked['token']}")
    for secret in (*PHONES, "张主任", "csrf_token"):
        assert secret not in page.html
    assert not any(path.startswith("/visits") for path in page.links)


def test_satisfaction_and_a_name_may_be_given(village, asked):
    form = village.get(f"/visits/c/{asked['token']}").form("/c/")
    village.submit(form, answer="confirmed", satisfaction="5", name="村主任老李")
    assert rows(village, Confirmation.satisfaction, Confirmation.answered_by) == [(5, "村主任老李")]


def test_a_dispute_needs_words_and_what_was_typed_stays(village, asked):
    form = village.get(f"/visits/c/{asked['token']}").form("/c/")
    again = village.submit(form, status=422, answer="disputed", name="老李", words=" ")
    assert "请写一句哪里与实际不符" in again.text
    assert again.form("/c/").values["name"] == "老李"
    thanks = village.submit(again.form("/c/"), answer="disputed", words="那天没有人来")
    assert "科技局会核实" in thanks.text
    assert rows(village, Confirmation.words) == [("那天没有人来",)]
    assert rows(village, Visit.confirmed_on) == [(None,)]


def test_two_taps_and_a_second_opening_say_that_it_was_answered(village, asked):
    form = village.get(f"/visits/c/{asked['token']}").form("/c/")
    for _ in range(2):
        assert "您已经答复，谢谢" in village.submit(form, answer="confirmed").h1
    other = village.submit(form, status=409, answer="disputed", words="反悔")
    assert "以第一次的答复为准" in other.text
    assert "您已经答复" in village.get(f"/visits/c/{asked['token']}").text
    assert len(rows(village, Event.id)) == len(set(rows(village, Event.id)))
    assert rows(village, sa.func.count(Event.id).filter(Event.tag == "visits.confirmed")) == [(1,)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请点“确认属实”或“与实际不符”"),
        ({"answer": "nonsense"}, "请点“确认属实”"),
        ({"answer": "confirmed", "satisfaction": "9"}, "对这次服务满意吗"),
        ({"answer": "disputed", "words": "长" * 501}, "最多500个字"),
        ({"answer": "confirmed", "name": "长" * 61}, "最多60个字"),
    ],
)
def test_nonsense_is_refused_in_words_and_keeps_nothing(village, asked, data, words):
    assert words in village.post(f"/visits/c/{asked['token']}", 422, **data).text
    assert rows(village, Confirmation.answer) == [(None,)]


@pytest.mark.parametrize("token", ["x", "%00", "a" * 500, "'--"])
def test_an_incomplete_link_says_what_to_do(village, token):
    page = village.get(f"/visits/c/{token}", status=404)
    assert "重新点一次完整的链接" in page.text
    village.post(f"/visits/c/{token}", 404, answer="confirmed")


def test_an_expired_link_says_so_and_shows_nothing_more(village, asked, app):
    later = app.extensions["ketepai"].clock() + timedelta(days=61)
    app.extensions["ketepai"].clock = lambda: later
    page = village.get(f"/visits/c/{asked['token']}", status=410)
    assert "已经过期" in page.text
    assert "罗特派" not in page.text
    village.post(f"/visits/c/{asked['token']}", 410, answer="confirmed")
    assert rows(village, Confirmation.answer) == [(None,)]


def change(client, asked):
    """The visit returned and sent on with other words."""
    with writing(client.platform.engine, client.platform.keyring) as session:
        visit = session.scalar(sa.select(Visit).where(Visit.uid == asked["uid"]))
        now = client.platform.clock()
        today = now.date()
        actions.review(session, actor(Role.COUNTY_REVIEWER, COUNTY), today, visit, "return", "请补充")
        actions.amend(
            session, actor(Role.COMMISSIONER, person_id=asked["person"]), today, now, visit, visit.version, True,
            region_code=TOWNSHIP, service_date=visit.service_date, days=1, industry_id=visit.industry_id,
            mode=visit.mode, work_done="后来改的内容", served=[asked["village"]], participants=[(asked["person"], 2)],
        )  # fmt: skip


def test_an_old_link_to_a_changed_visit_says_so_and_shows_neither_text(village, asked):
    change(village, asked)
    page = village.get(f"/visits/c/{asked['token']}", status=410)
    assert "后来改过" in page.text
    assert "后来改的内容" not in page.text
    assert "查看茶园" not in page.text
    village.post(f"/visits/c/{asked['token']}", 410, answer="confirmed")
    assert rows(village, Visit.confirmed_on) == [(None,)]


def test_an_answered_link_stays_answered_when_the_visit_changed_and_shows_no_other_text(village, asked):
    village.submit(village.get(f"/visits/c/{asked['token']}").form("/c/"), answer="confirmed")
    change(village, asked)
    page = village.get(f"/visits/c/{asked['token']}")
    assert "确认属实" in page.text
    assert "后来改的内容" not in page.text


def test_asking_gives_a_link_a_code_and_words_to_send(client, asked):
    client.sign_in(Role.COMMISSIONER, person_id=asked["person"])
    record = client.get(f"/visits/{asked['uid']}")
    assert "等答复" in record.text
    page = client.submit(client.get(f"/visits/{asked['uid']}/ask").form("/ask"))
    assert page.path.startswith(f"/visits/{asked['uid']}/link/")
    token = page.path.rsplit("/", 1)[1]
    assert f"http://localhost/visits/c/{token}" in page.text
    assert "罗特派于2026-05-29为石壁村开展了服务" in page.text
    assert re.search(r'<svg [^>]*class="qr"', page.html)
    assert client.get(page.path).status == 200  # coming back from another app loads it again
    assert Browser(client.app).get(f"/visits/c/{token}").status == 200
    assert Browser(client.app).get(f"/visits/c/{asked['token']}", status=410)


def test_a_code_on_the_spot_is_kept_as_such(client, asked):
    client.sign_in(Role.COMMISSIONER, person_id=asked["person"])
    page = client.submit(client.get(f"/visits/{asked['uid']}/ask").form("/ask"), channel="qr_on_site")
    assert "扫码" in page.h1[0]
    token = page.path.rsplit("/", 1)[1]
    phone = Browser(client.app)
    phone.submit(phone.get(f"/visits/c/{token}").form("/c/"), answer="confirmed")
    assert (ConfirmationChannel.QR_ON_SITE, ConfirmationAnswer.CONFIRMED) in rows(
        client, Confirmation.channel, Confirmation.answer
    )
    assert "对方已经答复：确认属实" in client.get(page.path).text
    assert "受援单位已确认" in client.get(f"/visits/{asked['uid']}").text


def test_a_link_of_another_visit_is_not_shown(client, asked):
    with client.building() as build:
        other = build.visit(build.appointment(build.commissioner(name="旁人")))
        uid, person = other.uid, other.participants[0].person_id
    client.sign_in(Role.COMMISSIONER, person_id=person)
    client.get(f"/visits/{uid}/link/{asked['token']}", status=404)
    client.get(f"/visits/{asked['uid']}/link/{asked['token']}", status=404)


def test_the_link_bears_the_public_address_of_the_installation(client, asked, app):
    from dataclasses import replace

    held = app.extensions["ketepai"]
    held.settings = replace(held.settings, public_address="https://ktp.example.gov.cn")
    client.sign_in(Role.COMMISSIONER, person_id=asked["person"])
    page = client.submit(client.get(f"/visits/{asked['uid']}/ask").form("/ask"))
    assert "https://ktp.example.gov.cn/visits/c/" in page.text


def a_sheet():
    held = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(held, "PNG")
    held.seek(0)
    return held


def send_sheet(client, uid, file):
    page = client.get(f"/visits/{uid}/sheet")
    form = page.form("/sheet")
    data = {**form.values, **({"scan": [file]} if file else {})}
    return client.http.post(form.action, data=data, content_type="multipart/form-data")


def test_a_sealed_sheet_is_kept_and_opened_only_by_those_who_see_the_visit(client, asked):
    client.sign_in(Role.COMMISSIONER, person_id=asked["person"])
    assert "请选择盖章确认单" in send_sheet(client, asked["uid"], None).text
    refused = send_sheet(client, asked["uid"], (io.BytesIO(b"MZ"), "x.exe"))
    assert refused.status_code == 422
    assert send_sheet(client, asked["uid"], (a_sheet(), "确认单.png")).status_code == 303
    record = client.get(f"/visits/{asked['uid']}")
    assert "盖章确认单" in record.text
    scan = next(path for path in record.links if "/scans/" in path)
    assert client.http.get(scan).mimetype == "image/jpeg"
    client.sign_in(Role.COUNTY_REVIEWER, region_code="350421")
    client.get(scan, status=404)


def test_the_county_calls_back_sees_the_number_with_a_trail_and_writes_down_what_was_said(client, asked):
    client.sign_in(Role.COUNTY_REVIEWER, region_code=COUNTY)
    page = client.get(f"/visits/{asked['uid']}/call-back")
    assert PHONES[1] not in page.html
    assert "139****2222" in page.text
    shown = client.submit(page.form("/call-back/contact"))
    assert PHONES[1] in shown.text
    assert ("organisations.reveal",) in rows(client, Event.tag)
    form = page.form("/call-back")
    form = next(f for f in page.forms if f.action.endswith("/call-back"))
    assert "请选择对方的答复" in client.submit(form, status=422).text
    assert "请写一句哪里与实际不符" in client.submit(form, status=422, answer="disputed").text
    done = client.submit(form, answer="confirmed", name="张主任", satisfaction="4")
    assert "回访结果已登记" in done.text
    assert "电话回访" in done.text


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        (Role.COUNTY_REVIEWER, {"region_code": "350430"}, 404),
        (Role.TOWNSHIP_OFFICIAL, {"region_code": TOWNSHIP}, 403),
        (Role.COUNTY_TRIAGE, {"region_code": COUNTY}, 403),
    ],
)
def test_who_does_not_review_neither_calls_back_nor_asks(client, asked, role, scope, status):
    client.sign_in(role, **scope)
    for page in ("call-back", "ask", "sheet"):
        client.get(f"/visits/{asked['uid']}/{page}", status=status)


def test_a_second_unit_is_asked_by_itself(client):
    with client.building() as build:
        units = [build.organisation("甲村"), build.organisation("乙社", kind=OrganisationKind.COOPERATIVE)]
        visit = build.visit(served=[unit.id for unit in units])
        uid, person, second = visit.uid, visit.participants[0].person_id, units[1].id
    client.sign_in(Role.COMMISSIONER, person_id=person)
    page = client.submit(client.get(f"/visits/{uid}/ask").form("/ask"), organisation=str(second))
    assert "为乙社开展了服务" in page.text
    client.submit(client.get(f"/visits/{uid}/ask").form("/ask"), status=422, organisation="999")
