"""Pages of demands as people use them: a township posts on a phone, the county triages, nothing typed is lost."""

import io

import pytest
from PIL import Image

from app.domain.demands import DemandState
from app.domain.roles import Role
from app.domain.vocabulary import Urgency
from app.features.demands import actions
from app.features.demands.models import Demand
from app.storage.session import reading
from tests.builders import COUNTY, TOWNSHIP, actor

ELSEWHERE = "350425100"


def jpeg(colour="green", **options):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG", **options)
    return out.getvalue()


@pytest.fixture
def village(client):
    with client.building() as build:
        return build.organisation("石壁村")


@pytest.fixture
def township(client, village):
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    return client


def only_demand(client):
    with reading(client.platform.engine, client.platform.keyring) as session:
        row = session.query(Demand).one()
        _ = [photo.file.media_type for photo in row.photos]
        return row


def somebody_else_edits(build, row, title):
    held = build.session.get(Demand, row.id)
    official = actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)
    actions.edit(build.session, official, build.today, held, held.version, title=title)


def test_a_township_posts_one_sentence_and_sees_by_when_somebody_is_found(township, village):
    page = township.get("/demands/new")
    assert "宁化县石壁镇" in page.text
    page = township.submit(page.form("/demands/new"), title="脐橙叶子卷了", organisation=str(village.id))
    assert page.h1[0].startswith("脐橙叶子卷了")
    assert "最迟 2026-06-08 前找到人" in page.text
    assert "待分诊" in page.text


def test_a_unit_that_is_not_listed_is_written_down(township):
    page = township.get("/demands/new")
    page = township.submit(
        page.form("/demands/new"), title="李子裂果", new_unit="石壁花果合作社", new_unit_kind="cooperative"
    )
    assert "石壁花果合作社" in page.text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"title": ""}, "请用一句话写明"),
        ({"organisation": ""}, "请选择谁需要帮助"),
        ({"wanted_by": "2199-01-01"}, "年份不合理"),
        ({"wanted_by": "2026-05-01"}, "已经过去"),
        ({"wanted_by": "明天"}, "2026-05-01 这样填写"),
        ({"contact_phone": "12345"}, "手机号"),
        ({"people_wanted": "99"}, "1到10之间"),
    ],
)
def test_what_is_wrong_is_told_and_everything_typed_stays(township, village, wrong, told):
    page = township.get("/demands/new")
    typed = {"title": "脐橙叶子卷了", "organisation": str(village.id), "scale": "五百亩", "description": "上周开始"}
    page = township.submit(page.form("/demands/new"), status=422, **{**typed, **wrong})
    assert told in page.text
    assert page.title.startswith("有误")
    for name, value in {**typed, **wrong}.items():
        assert str(page.form("/demands/new").values[name]).lstrip() == value


def test_a_draft_waits_for_its_township(township, village):
    page = township.get("/demands/new")
    page = township.submit(page.form("/demands/new"), title="脐橙叶子卷了", organisation=str(village.id), draft="1")
    assert "草稿" in page.text
    page = township.submit(page.form("submit"))
    assert "待分诊" in page.text


def test_the_county_chooses_a_township_of_its_own_first(client, village):
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    assert "先选需求所在的乡镇" in client.get("/demands/new").text
    assert "石壁村" in client.get(f"/demands/new?township={TOWNSHIP}").html


def test_another_countys_township_is_refused_by_name(client, village):
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get(f"/demands/new?township={ELSEWHERE}", status=422)
    assert "大田县均溪镇不在您的辖区（宁化县）内" in page.text
    page = client.get(f"/demands/new?township={TOWNSHIP}")
    sent = {"title": "叶子卷了", "region": ELSEWHERE, "new_unit": "某村", "new_unit_kind": "village"}
    page = client.submit(page.form("/demands/new"), status=422, **sent)
    assert "大田县均溪镇不在您的辖区" in page.text
    assert page.form("/demands/new").values["title"] == "叶子卷了"


def test_photos_are_kept_re_encoded_and_served_by_their_own_address(township, village):
    exif = Image.Exif()
    exif[0x010E] = "Standort geheim"
    page = township.get("/demands/new")
    photos = [(io.BytesIO(jpeg(exif=exif)), "../../etc/passwd.jpg"), (io.BytesIO(jpeg("red")), "b.png")]
    sent = {**page.form("/demands/new").values, "title": "叶子卷了", "organisation": str(village.id), "photos": photos}
    page = township._page(township.http.post("/demands/new", data=sent), 200)
    row = only_demand(township)
    assert [p.file.media_type for p in row.photos] == ["image/jpeg"] * 2
    answer = township.http.get(f"/matches/demands/photos/{row.photos[0].uid}")
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"geheim" not in answer.data
    assert "passwd" not in page.html


@pytest.mark.parametrize("content", [b"not a picture", b"<svg onload=alert(1)>"])
def test_what_is_no_photo_is_refused_at_its_field(township, village, content):
    page = township.get("/demands/new")
    sent = {**page.form("/demands/new").values, "title": "叶子卷了", "organisation": str(village.id)}
    sent["photos"] = [(io.BytesIO(content), "photo.jpg")]
    page = township._page(township.http.post("/demands/new", data=sent), 422)
    assert "不是能识别的照片" in page.text
    assert page.form("/demands/new").values["title"] == "叶子卷了"


def test_photos_of_somebody_elses_submitted_demand_are_not_found(client, township, village):
    page = township.get("/demands/new")
    sent = {**page.form("/demands/new").values, "title": "叶子卷了", "organisation": str(village.id)}
    township._page(township.http.post("/demands/new", data={**sent, "photos": (io.BytesIO(jpeg()), "a.jpg")}), 200)
    uid = only_demand(township).photos[0].uid
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=ELSEWHERE)
    client.get(f"/matches/demands/photos/{uid}", status=404)


def test_a_returned_demand_shows_why_and_is_mended(township, village):
    with township.building() as build:
        row = build.demand(title="叶子卷了", organisation_id=build.session.merge(village).id)
        actions.move(build.session, actor(Role.COUNTY_TRIAGE), build.today, row, "return", "请写明是什么果树")
    page = township.get(f"/demands/{row.uid}/edit")
    assert "请写明是什么果树" in page.text
    page = township.submit(
        page.form("edit") if "edit" in page.forms[-1].action else page.forms[-1], title="脐橙叶子卷了"
    )
    assert "脐橙叶子卷了" in page.h1[0]
    assert "待分诊" in page.text


def test_two_edits_at_once_show_both_texts(township, village):
    with township.building() as build:
        row = build.demand(title="叶子卷了", organisation_id=build.session.merge(village).id)
    page = township.get(f"/demands/{row.uid}/edit")
    with township.building() as build:
        held = build.session.get(Demand, row.id)
        actions.edit(
            build.session, actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP), build.today, held, held.version, title="他写的"
        )
    page = township.submit(page.forms[-1], status=409, title="我写的")
    assert "我写的" in page.text and "他写的" in page.text


@pytest.mark.parametrize("path", ["/matches/demands/{uid}", "/demands/{uid}/edit", "/demands/{uid}/triage"])
def test_somebody_elses_demand_is_not_found_rather_than_forbidden(client, village, path):
    with client.building() as build:
        row = build.demand()
    client.sign_in(Role.COUNTY_TRIAGE, region_code="350425")
    client.get(path.format(uid=row.uid), status=404)


def test_triage_begins_with_what_the_words_suggest_and_opens_the_demand(client, village):
    with client.building() as build:
        row = build.demand(title="茶树病虫害很重", description="")
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get(f"/demands/{row.uid}/triage")
    form = page.forms[-1]
    assert form.values["need_type"] == "plant_protection"
    assert form.values["industry"]
    page = client.submit(form, urgency="urgent")
    assert "待对接" in page.text
    assert "2026-06-04" in page.text


def test_triage_of_a_demand_edited_meanwhile_says_so_and_changes_nothing(client, village):
    with client.building() as build:
        row = build.demand(title="茶树病虫害很重")
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get(f"/demands/{row.uid}/triage")
    with client.building() as build:
        held = build.session.get(Demand, row.id)
        actions.edit(
            build.session, actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP), build.today, held, held.version, title="桃树"
        )
    page = client.submit(page.forms[-1], status=409)
    assert "刚刚有人改过" in page.text and "桃树" in page.text
    assert only_demand(client).state == DemandState.SUBMITTED


def test_the_queue_stands_by_due_date_with_what_is_late(client, village):
    with client.building() as build:
        build.demand(title="一般的事")
        build.demand(title="特急的事", urgency=Urgency.CRITICAL)
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get("/demands/?state=submitted&sort=due")
    assert page.text.index("特急的事") < page.text.index("一般的事")
    assert "待分诊2" in page.text.replace(" ", "")


def test_filters_stay_in_the_address_and_can_be_taken_off(client, village):
    with client.building() as build:
        build.demand(title="脐橙卷叶")
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get("/demands/?q=脐橙&urgency=normal")
    assert "脐橙卷叶" in page.text and "已选" in page.text
    page = client.get("/demands/?q=没有这样的事")
    assert "没有符合条件的需求" in page.text


@pytest.mark.parametrize("query", ["after=xxx", "after=WyJhIl0", "state=nonsense&industry=x&place=y&urgency=z&sort=q"])
def test_a_damaged_address_still_shows_the_list(client, village, query):
    with client.building() as build:
        build.demand(title="脐橙卷叶")
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    assert "脐橙卷叶" in client.get(f"/demands/?{query}").text


def test_a_commissioner_reads_what_is_open_city_wide(client, village):
    with client.building() as build:
        build.demand(title="还没分诊")
        build.open_demand(title="正在找人")
        build.open_demand(title="铸件气孔", confidential=True, organisation_id=build.organisation("秘密铸造厂").id)
        person_id = build.commissioner().person_id
    client.sign_in(Role.COMMISSIONER, person_id=person_id)
    page = client.get("/demands/")
    assert "正在找人" in page.text and "还没分诊" not in page.text
    assert "铸件气孔" in page.text and "秘密铸造厂" not in page.text
