"""The pages of importing, in a browser without JavaScript: sent, looked through, confirmed, given up, undone."""

import io
from contextlib import contextmanager

import pytest

from app.domain.roles import Role
from app.storage.session import reading
from tests.builders import CITY, COUNTY
from tests.features.rounds.importing import count
from tests.features.rounds.test_roster_import import CHEN, LIN
from tests.features.rounds.workbooks import roster

WRONG = {**LIN, "姓名": "王某", "身份证号": LIN["身份证号"][:-1]}


@pytest.fixture
def county(client):
    client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    return client


def file_of(rows, name="名册.xlsx"):
    return (io.BytesIO(rows if isinstance(rows, bytes) else roster(rows)), name)


def send(browser, rows, status=None, **values):
    form = browser.get("/rosters/new").form("/rosters/new")
    values = {"workbook": file_of(rows), "level": "county", **values}
    return browser.submit(form, status, **values)


def confirm(browser, page, status=None, **values):
    return browser.submit(page.form("/apply"), status, **values)


@contextmanager
def looking(browser):
    with reading(browser.platform.engine, browser.platform.keyring) as session:
        yield session


def people(browser):
    from app.features.people.models import Person

    with looking(browser) as session:
        return count(session, Person)


def test_an_empty_desk_says_how_to_begin(county):
    page = county.get("/rosters/")
    assert "还没有导入过名册" in page.text
    assert "/rosters/new" in page.links


def test_a_roster_is_sent_looked_through_and_confirmed(county):
    page = send(county, [CHEN, LIN, WRONG])
    assert page.path.endswith("/preview")
    assert "现在还没有写入任何人员" in page.text
    assert people(county) == 0
    assert "身份证号应为18位" in page.text
    assert WRONG["身份证号"] not in page.html
    done = confirm(county, page)
    assert people(county) == 2
    assert "名册已导入" in done.text
    assert "没有导入的行" in done.text
    assert "陈某" in done.text
    assert any(link.startswith("/commissioners/") for link in done.links)
    assert "已导入" in county.get("/rosters/").text


def test_the_preview_says_at_the_top_what_is_made_of_an_unknown_industry(county):
    page = send(county, [{**CHEN, "产业": "挖矿"}, {**LIN, "产业": "挖矿、茶叶"}])
    assert page.text.index("会这样处理") < page.text.index("确认导入")
    assert "产业“挖矿”不在产业字典中，记为“其他”；要按别的产业记，请改成字典里的名称再传" in page.text
    assert "产业字典" not in send(county, [{"姓名": "高某", "县（市、区）": "宁化县", "产业": "茶叶"}]).text


def test_outcomes_are_looked_at_one_by_one(county):
    page = send(county, [CHEN, WRONG])
    new = next(link for link, words in page.links.items() if "outcome=new" in link)
    shown = county.get(new.split("#")[0])
    assert "石壁镇、淮土镇" in shown.text
    assert "2026-01-01 至 2026-12-31" in shown.text
    assert county.get(f"{page.path}?outcome=nonsense&page=99999999").status == 200


def test_a_doubt_is_asked_and_its_answer_taken(county):
    with county.building() as build:
        build.person("王某", professional_title="农艺师")
    page = send(county, [CHEN, {"姓名": "王某", "工作单位": "另一单位"}])
    assert "是不是同一人" in page.text
    assert "王某（农艺师）" in page.text
    question = next(name for name in page.form("/apply").values if name.startswith("answer-"))
    assert page.form("/apply").values[question] == ""
    confirm(county, page, **{question: "new"})
    assert people(county) == 3


def test_an_unanswered_doubt_stays_out(county):
    with county.building() as build:
        build.person("王某")
    page = send(county, [CHEN, {"姓名": "王某"}])
    done = confirm(county, page)
    assert people(county) == 2
    assert "存疑（需确认）" in done.text


def test_a_county_brings_in_only_its_own(county):
    page = send(county, [{**LIN, "县（市、区）": "泰宁县"}])
    assert "泰宁县不在您的辖区" in page.text
    assert "没有可以导入的行" in page.text
    answer = confirm(county, page, 422)
    assert "没有可以导入的行" in answer.text


def test_another_countys_batch_is_not_there(county):
    page = send(county, [CHEN])
    county.sign_in(Role.COUNTY_HEAD, region_code="350429")
    base = page.path.removesuffix("/preview")
    for path in (base, page.path):
        county.get(path, 404)
    county.sign_in(Role.CITY_HEAD, region_code=CITY)
    assert county.get(page.path).status == 200


@pytest.mark.parametrize("role", [Role.COUNTY_TRIAGE, Role.COUNTY_REVIEWER, Role.TOWNSHIP_OFFICIAL, Role.ADMINISTRATOR])
def test_only_heads_import(client, role):
    client.sign_in(role)
    client.get("/rosters/", 403)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"%PDF-1.7", "不是 Excel 工作簿"), (b"", "文件是空的"), (bytes.fromhex("d0cf11e0a1b11ae1"), "旧格式")],
)
def test_a_wrong_file_is_told_at_its_field_and_the_rest_stays(county, content, told):
    page = send(county, content, 422, document="明科农〔2026〕1号")
    assert told in page.text
    assert page.title.startswith("有误：")
    form = page.form("/rosters/new")
    assert (form.values["document"], form.values["level"]) == ("明科农〔2026〕1号", "county")


def test_no_file_no_level_no_year(county):
    form = county.get("/rosters/new").form("/rosters/new")
    page = county.submit(form, 422, year="")
    assert "请选择这份名册是哪一级选认的" in page.text
    assert "请填写选认年度" in page.text
    assert "请选择名册工作簿" in county.submit(form, 422, level="county").text


def test_the_limit_is_told_before_sending(county):
    assert 'data-max-bytes="20971520"' in county.get("/rosters/new").html


def test_a_roster_given_up_leaves_nothing(county):
    page = send(county, [CHEN])
    assert "没有导入任何内容" in county.submit(page.form("/drop")).text
    base = page.path.removesuffix("/preview")
    assert "已放弃" in county.get(base).text
    assert "已经处理过" in county.submit(page.form("/apply")).text
    assert people(county) == 0


def test_confirming_twice_enters_once(county):
    page = send(county, [CHEN])
    confirm(county, page)
    assert "已经处理过" in confirm(county, page).text
    assert people(county) == 1


def test_what_changed_since_the_preview_is_shown_before_it_is_entered(county):
    page = send(county, [CHEN, LIN])
    with county.building() as build:
        build.person("陈某", id_number=CHEN["身份证号"])
    again = confirm(county, page, 409)
    assert "请重新核对后再确认" in again.text
    assert people(county) == 1
    confirm(county, again)
    assert people(county) == 2


def test_a_batch_is_undone_from_its_page(county):
    done = confirm(county, send(county, [CHEN]))
    answer = county.submit(done.form("/undo"))
    assert "已撤销" in answer.text
    assert people(county) == 0


def test_a_batch_that_was_used_says_what_stands_in_the_way(county):
    import sqlalchemy as sa

    from app.features.commissioners.models import Commissioner

    done = confirm(county, send(county, [CHEN]))
    with county.building() as build:
        found = build.session.scalars(sa.select(Commissioner)).one()
        build.appointment(found, batch_year=2025)
    answer = county.submit(done.form("/undo"), 422)
    assert "陈某已有选认1条" in answer.text
    assert people(county) == 1


def test_the_empty_roster_can_be_downloaded_and_is_understood(county):
    from app.domain.rosters.headings import find_headings
    from app.features.rounds.exports import COLUMNS
    from app.web.sheets import read_workbook

    page = county.get("/rosters/template.xlsx")
    sheet = read_workbook(page.response.data)[0]
    found = find_headings(sheet)
    assert set(found.columns) == set(COLUMNS)
    assert found.unread == ()


def test_a_long_roster_is_shown_in_pages(county):
    rows = [{"姓名": f"林{chr(0x4E00 + n)}", "联系电话": f"139{n:08d}"} for n in range(130)]
    page = send(county, rows)
    assert "第 1–100 条，共 130 条" in page.text
    following = next(link for link in page.links if "page=2" in link)
    assert "第 101–130 条，共 130 条" in county.get(following).text
