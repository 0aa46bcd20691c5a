"""Pages of menus: a commissioner keeps dishes, everyone finds them city-wide, nobody else touches them."""

import pytest

from app.domain.roles import Role
from app.domain.vocabulary import NeedType
from app.features.menus import actions
from tests.builders import actor


@pytest.fixture
def commissioner(client):
    with client.building() as build:
        return build.appointment().commissioner


@pytest.fixture
def keeper(client, commissioner):
    client.sign_in(Role.COMMISSIONER, person_id=commissioner.person_id)
    return client


WORDS = {"title": "茶树修剪", "need_type": "planting", "description": "到园里教"}


def test_a_commissioner_publishes_a_dish_and_the_city_finds_it(client, keeper):
    page = keeper.get("/menus/new")
    page = keeper.submit(page.form("/menus/new"), **WORDS)
    assert "已公布" in page.text
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code="350425100")
    page = client.get("/menus/?q=修剪")
    assert "茶树修剪" in page.text and "县级" in page.text
    assert "没有符合条件" in client.get("/menus/?q=铸造").text


def test_a_draft_is_published_later_and_withdrawn(keeper):
    page = keeper.submit(keeper.get("/menus/new").form("/menus/new"), draft="1", **WORDS)
    assert "草稿" in page.text
    assert "茶树修剪" not in keeper.get("/menus/").text
    page = keeper.submit(page.form("/publish"))
    assert "已公布" in page.text
    page = keeper.submit(page.form("/withdraw"))
    assert "已撤下" in page.text


def test_what_is_missing_is_told_and_what_was_typed_stays(keeper):
    form = keeper.get("/menus/new").form("/menus/new")
    page = keeper.submit(form, status=422, title="茶树修剪", description="到园里教")
    assert "请选择是哪方面的帮助" in page.text
    assert page.form("/menus/new").values["title"] == "茶树修剪"


def test_without_an_appointment_it_can_only_be_kept_as_a_draft(client):
    with client.building() as build:
        person_id = build.commissioner().person_id
    client.sign_in(Role.COMMISSIONER, person_id=person_id)
    page = client.submit(client.get("/menus/new").form("/menus/new"), status=422, **WORDS)
    assert "没有在有效期内的选认" in page.text
    assert "茶树修剪" not in client.get("/menus/mine").text
    client.submit(client.get("/menus/new").form("/menus/new"), draft="1", **WORDS)
    assert "茶树修剪" in client.get("/menus/mine").text


def test_two_edits_at_once_show_both_texts(keeper):
    page = keeper.submit(keeper.get("/menus/new").form("/menus/new"), **WORDS)
    edit = keeper.get(f"{page.path}/edit")
    keeper.submit(edit.forms[-1], title="他写的")
    page = keeper.submit(edit.forms[-1], status=409, title="我写的")
    assert "他写的" in page.text and "我写的" in page.text


def test_nobody_publishes_in_somebody_elses_name(client, keeper):
    with client.building() as build:
        other = build.appointment(build.commissioner(name="另一位")).commissioner
    form = keeper.get("/menus/new").form("/menus/new")
    keeper.submit(form, status=422, commissioner=str(other.id), **WORDS)


def test_somebody_elses_dish_is_read_and_not_touched(client, keeper):
    with client.building() as build:
        other = build.appointment(build.commissioner(name="另一位")).commissioner
        offer = build.offer(other, title="别人的服务")
        draft = build.offer(other, title="别人的草稿", publish=False)
    page = keeper.get(f"/menus/{offer.uid}")
    assert "别人的服务" in page.text
    keeper.get(f"/menus/{offer.uid}/edit", status=404)
    keeper.get(f"/menus/{draft.uid}", status=404)
    token = page.form("/sign-out").values["csrf_token"]
    keeper.post(f"/menus/{offer.uid}/withdraw", 404, csrf_token=token)


def test_the_list_pages_on_and_keeps_its_filters(client, commissioner):
    with client.building() as build:
        held = build.session.merge(commissioner)
        for n in range(51):
            row = actions.keep_offer(
                build.session, build.bureau, commissioner=held, title=f"服务{n:02}", need_type=NeedType.PLANTING
            )
            actions.publish(build.session, actor(Role.COMMISSIONER, person_id=held.person_id), build.now, row)
    client.sign_in(Role.COUNTY_TRIAGE, region_code="350424")
    page = client.get("/menus/?need=planting")
    assert "服务50" in page.text and "服务00" not in page.text
    following = next(link for link in page.links if "after=" in link)
    assert "need=planting" in following
    assert "服务00" in client.get(following).text


@pytest.mark.parametrize("role", [Role.TOWNSHIP_OFFICIAL, Role.COUNTY_TRIAGE])
def test_officials_keep_no_menus(client, role):
    client.sign_in(role)
    client.get("/menus/mine", status=403)
    client.get("/menus/new", status=403)
