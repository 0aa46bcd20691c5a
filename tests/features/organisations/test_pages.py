"""The pages of the organisations desk, as a township, a county and a neighbour meet them."""

import sqlalchemy as sa

from app.domain.identity import credit_check_character
from app.domain.roles import Role
from app.domain.vocabulary import OrganisationKind
from app.features.organisations.models import Organisation
from app.storage.session import reading
from app.storage.trail import Event
from tests.builders import COUNTY, TOWNSHIP


def stored(client, statement):
    with reading(client.platform.engine, client.platform.keyring) as session:
        return session.scalar(statement)


def made(client, **values):
    with client.building() as build:
        return build.organisation(**values)


def official(client, territory: str = TOWNSHIP):
    return client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=territory)


def test_the_list_shows_ones_own_territory_and_says_what_to_do_while_empty(client):
    official(client)
    assert "登记单位" in client.get("/organisations/").text
    made(client, name="双坑村")
    made(client, name="远处村", region_code="350429202")
    page = client.get("/organisations/?q=skc")
    assert "双坑村" in page.text
    assert "宁化县石壁镇" in page.text
    assert "远处村" not in client.get("/organisations/").text


def test_filters_by_kind_and_place(client):
    made(client, name="双坑村")
    made(client, name="测试公司", kind=OrganisationKind.ENTERPRISE, region_code="350424104")
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    assert "双坑村" not in client.get("/organisations/?kind=enterprise").text
    page = client.get("/organisations/?place=350424104")
    assert "测试公司" in page.text
    assert "双坑村" not in page.text


def test_a_township_registers_a_village(client):
    official(client)
    form = client.get("/organisations/new").form("organisations/new")
    page = client.submit(form, name="双坑村", region_code=TOWNSHIP, contact_name="林测试", contact_phone="13912345678")
    assert "双坑村" in page.h1[0]
    assert "139****5678" in page.text
    assert "13912345678" not in page.html


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client):
    official(client)
    form = client.get("/organisations/new").form("organisations/new")
    wrong = "91350424MA0000001" + ("A" if credit_check_character("91350424MA0000001") != "A" else "B")
    page = client.submit(form, 422, name="双坑村", region_code=TOWNSHIP, credit_code=wrong)
    assert "统一社会信用代码：统一社会信用代码最后一位校验码不对" in page.text
    assert page.form("organisations/new").values["name"] == "双坑村"
    assert "请选择单位所在的乡镇" in client.submit(form, 422, name="双坑村").text
    page = client.submit(form, 422, name="双坑村", region_code=TOWNSHIP, contact_phone="12")
    assert "联系电话：电话应为11位" in page.text


def test_a_known_village_is_not_registered_twice(client):
    made(client, name="双坑村")
    official(client)
    form = client.get("/organisations/new").form("organisations/new")
    assert "已经登记过同名的单位" in client.submit(form, 422, name="双坑村", region_code=TOWNSHIP).text


def test_a_neighbours_village_does_not_exist_for_this_township(client):
    found = made(client, region_code="350424104")
    official(client)
    for path in ("", "/edit"):
        client.get(f"/organisations/{found.uid}{path}", 404)


def test_a_unit_that_sends_is_seen_but_not_changed_by_a_township(client):
    found = made(client, name="测试农林大学", kind=OrganisationKind.SENDING_UNIT, region_code=None)
    official(client)
    assert "市外" in client.get(f"/organisations/{found.uid}").text
    client.get(f"/organisations/{found.uid}/edit", 404)
    client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    assert client.get(f"/organisations/{found.uid}/edit").status == 200


def test_showing_a_phone_is_a_post_that_leaves_a_trail(client):
    found = made(client, contact_phone="13912345678")
    official(client)
    page = client.submit(client.get(f"/organisations/{found.uid}").form("reveal"))
    assert "13912345678" in page.text
    assert stored(client, sa.select(sa.func.count()).where(Event.tag == "organisations.reveal")) == 1


def test_who_only_reviews_reads_without_changing_or_showing(client):
    found = made(client, contact_phone="13912345678")
    client.sign_in(Role.COUNTY_REVIEWER, region_code=COUNTY)
    page = client.get(f"/organisations/{found.uid}")
    assert "139****5678" in page.text
    assert not any("reveal" in form.action for form in page.forms)
    client.get("/organisations/new", 403)


def test_a_stale_correction_shows_both_texts(client):
    found = made(client, name="双坑村")
    official(client)
    form = client.get(f"/organisations/{found.uid}/edit").form("edit")
    assert "双坑一村" in client.submit(form, name="双坑一村").h1[0]
    page = client.submit(form, 409, name="双坑二村")
    assert "双坑一村" in page.text
    assert "双坑二村" in page.text
    assert stored(client, sa.select(Organisation.name)) == "双坑一村"
