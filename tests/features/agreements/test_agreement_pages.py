"""Pages of agreements: everything prefilled, an official sheet, filing with or without the sealed scan."""

import io

import pytest
from PIL import Image

from app.domain.roles import Role
from app.domain.vocabulary import OrganisationKind
from app.features.agreements import views
from app.features.demands.models import Demand
from app.features.matches import actions as matches
from app.storage.session import reading
from tests.builders import COUNTY, TOWNSHIP, actor

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def match(client):
    with client.building() as build:
        college = build.organisation("测试农林学院", kind=OrganisationKind.SENDING_UNIT, region_code=None)
        commissioner = build.appointment(build.commissioner(sending_unit_id=college.id)).commissioner
        demand = build.open_demand(title="茶树叶子发黄", organisation_id=build.organisation("石壁村").id)
        made = matches.invite(build.session, actor(Role.COUNTY_TRIAGE, COUNTY), build.today, demand, commissioner)
        who = actor(Role.COMMISSIONER, person_id=commissioner.person_id)
        return matches.answer(build.session, who, build.now, made, "accept")


@pytest.fixture
def triage(client, match):
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    return client


@pytest.fixture
def drafted(triage, match):
    page = triage.get(f"/agreements/of/{match.uid}")
    return triage.submit(page.form("/of/"))


def filed(browser, page, content=None, name="scan.pdf", status=200):
    form = page.form("/file")
    data = dict(form.values)
    if content is not None:
        data["scan"] = (io.BytesIO(content), name)
    return browser._page(browser.http.post(form.action, data=data), status)


def test_nothing_is_asked_twice(triage, match):
    page = triage.get(f"/agreements/of/{match.uid}")
    values = page.form("/of/").values
    assert (values["begins_on"], values["ends_on"]) == ("2026-06-01", "2026-12-31")
    for known in ("茶树叶子发黄", "石壁村", "测试农林学院", match.commissioner.name):
        assert known in page.text
    page = triage.submit(page.form("/of/"))
    assert "待签署" in page.text and "协议已起草" in page.text


def test_the_agreement_of_a_match_is_opened_not_drafted_again(triage, match, drafted):
    assert triage.get(f"/agreements/of/{match.uid}").path == drafted.path


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"ends_on": "2026-05-01"}, "结束日期早于开始日期"),
        ({"ends_on": "2199-01-01"}, "年份不合理"),
        ({"content": ""}, "请写明服务内容"),
    ],
)
def test_impossible_terms_are_told_and_what_was_typed_stays(triage, match, wrong, told):
    page = triage.get(f"/agreements/of/{match.uid}")
    page = triage.submit(page.form("/of/"), status=422, cooperation="paid", **wrong)
    assert told in page.text
    assert page.form("/of/").values["cooperation"] == "paid"


def test_filing_without_the_scan_is_marked_and_the_scan_follows_once(triage, match, drafted):
    page = filed(triage, drafted)
    assert "履行中" in page.text and "扫描件待补" in page.text
    with reading(triage.platform.engine, triage.platform.keyring) as session:
        assert session.query(Demand).one().state.value == "agreed"
    assert "茶树叶子发黄" in triage.get("/agreements/?scan=missing").text
    assert "请选择盖章协议" in filed(triage, page, status=422).text
    page = filed(triage, page, PDF)
    assert "扫描件待补" not in page.text
    answer = triage.http.get(f"{page.path}/scan")
    assert (answer.mimetype, answer.data) == ("application/pdf", PDF)
    assert "茶树叶子发黄" not in triage.get("/agreements/?scan=missing").text


def test_a_photo_of_the_sheet_will_do_and_another_file_will_not(triage, drafted):
    assert "不是能识别的扫描件" in filed(triage, drafted, b"MZ", "scan.exe", 422).text
    out = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(out, "PNG")
    page = filed(triage, drafted, out.getvalue(), "scan.png")
    assert "扫描件待补" not in page.text
    assert triage.http.get(f"{page.path}/scan").mimetype == "image/jpeg"


def test_the_sheet_names_the_three_parties_and_leaves_room_to_sign(triage, match, drafted):
    page = triage.get(f"{drafted.path}/sheet")
    assert page.h1 == ["科技特派员服务三方协议书"]
    for words in (match.commissioner.name, "测试农林学院", "石壁村", "2026年06月01日", "乙方（盖章）", "年　月　日"):
        assert words in page.html


def test_the_sheet_as_pdf_or_the_words_what_to_install(triage, drafted):
    answer = triage.http.get(f"{drafted.path}/sheet.pdf")
    if answer.status_code == 200:
        assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
    else:
        assert answer.status_code == 422 and views.PDF_PARTS in answer.get_data(as_text=True)


def test_where_pango_is_missing_the_page_names_the_apt_line(triage, drafted, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    page = triage.get(f"{drafted.path}/sheet.pdf", status=422)
    assert views.PDF_PARTS in page.text


def test_ending_needs_words_and_opens_the_demand_again(triage, match, drafted):
    page = filed(triage, drafted, PDF)
    triage.submit(page.form("/end"), status=422, reason=" ")
    page = triage.submit(page.form("/end"), reason="对方改派")
    assert "已终止" in page.text and "对方改派" in page.text
    assert "待对接" in triage.get(f"/matches/demands/{match.demand.uid}").text


def test_two_edits_at_once_show_both_texts(triage, drafted):
    first = triage.get(f"{drafted.path}/edit")
    triage.submit(first.forms[-1], content="他写的条款")
    page = triage.submit(first.forms[-1], status=409, content="我写的条款")
    assert "他写的条款" in page.text and "我写的条款" in page.text


def test_the_township_reads_and_does_not_draft(client, match):
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    page = client.get(f"/agreements/of/{match.uid}")
    assert "还没有起草协议" in page.text
    assert not [form for form in page.forms if "/of/" in form.action]


@pytest.mark.parametrize("path", ["", "/edit", "/sheet", "/sheet.pdf", "/scan"])
def test_somebody_elses_agreement_is_not_found(client, triage, drafted, path):
    filed(triage, drafted, PDF)
    client.sign_in(Role.COUNTY_TRIAGE, region_code="350425")
    client.get(drafted.path + path, status=404)
