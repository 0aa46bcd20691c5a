"""Words suggest industry, sort of help and urgency: as they are typed, or at the next step without JavaScript."""

import pytest

from app.domain.roles import Role
from app.domain.vocabulary import NeedType, Urgency
from app.features.menus.understanding import read
from tests.builders import TOWNSHIP


def test_words_are_read_and_too_few_say_nothing(session, today):
    told = read(session, "茶树生虫，再不治今年就绝收了，十万火急", "", today)
    assert told.need_type == NeedType.PLANT_PROTECTION and told.urgency == Urgency.CRITICAL
    assert told.industry and told.words == f"{told.industry} · 病虫害防治 · 特急"
    assert read(session, "茶", "", today).words == ""


def ask(client, status, page, **words):
    token = page.form("/sign-out").values["csrf_token"]
    answer = client.http.post("/menus/understand", data={"csrf_token": token, **words})
    assert answer.status_code == status
    return answer


@pytest.mark.parametrize("role", [Role.TOWNSHIP_OFFICIAL, Role.COMMISSIONER])
def test_the_endpoint_answers_those_who_write(client, role):
    with client.building() as build:
        person_id = build.appointment().commissioner.person_id
    scope = {"person_id": person_id} if role is Role.COMMISSIONER else {"region_code": TOWNSHIP}
    client.sign_in(role, **scope)
    told = ask(client, 200, client.get("/"), title="茶园冬季管护与病虫害防治").get_json()
    assert told["need_type"] == "plant_protection" and "病虫害防治" in told["words"] and told["industry"].isdigit()
    assert ask(client, 200, client.get("/"), title="").get_json()["words"] == ""


def test_the_endpoint_is_guarded(client):
    client.sign_in(Role.AUDITOR, region_code="350400")
    ask(client, 403, client.get("/"), title="茶园冬季管护")


def test_without_javascript_a_form_that_comes_back_says_it(client):
    with client.building() as build:
        person_id = build.appointment().commissioner.person_id
    client.sign_in(Role.COMMISSIONER, person_id=person_id)
    form = client.get("/menus/new").form("/menus/new")
    page = client.submit(form, status=422, title="茶园冬季管护与病虫害防治")
    assert "看起来是：" in page.text


def test_without_javascript_a_township_reads_it_after_posting(client):
    with client.building() as build:
        row = build.demand(title="茶树叶子发黄卷起来")
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    assert "待分诊，看起来是：" in client.get(f"/matches/demands/{row.uid}").text
