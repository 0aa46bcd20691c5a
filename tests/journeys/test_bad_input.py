"""Bad input in a real browser: every refusal says in Chinese what to do, and nothing that was typed is lost."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from app.features.accounts.models import SignedInSession
from app.features.organisations.models import Organisation
from app.features.people.models import Person
from app.features.visits.models import Visit
from app.storage.session import reading, writing
from app.web import sheets
from tests.builders import TOWNSHIP
from tests.conftest import NOW
from tests.features.rounds.test_roster_files import SHEET, SIMPLE, altered
from tests.features.rounds.test_roster_import import CHEN
from tests.features.rounds.workbooks import roster
from tests.journeys.pages import Screen
from tests.journeys.serving import Town

WORDS = "查看茶园，教修剪和清园，写了很长的一段话"
ELSEWHERE = "350429"  # 泰宁县


def roster_upload(town: Town, chromium: Browser, content: bytes, folder: Path, name: str = "名册.xlsx") -> Screen:
    """A county's head has chosen a file and a level and pressed the button."""
    (folder / name).write_bytes(content)
    screen = town.browser_of(chromium, "xianju", "/rosters/new")
    screen.page.get_by_label("名册工作簿").set_input_files(folder / name)
    screen.hand.tick(screen.page.get_by_label("县级", exact=True))
    screen.fill("选认文号", "宁科〔2026〕3号")
    screen.press("上传并核对")
    return screen


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("这不是工作簿".encode(), "不是 Excel 工作簿"),
        (altered(SIMPLE, SHEET, lambda xml: xml + b" " * (sheets.MOST_UNPACKED_BYTES + 1)), "解压后过大"),
    ],
    ids=["a wrong workbook", "a zip bomb"],
)
def test_a_workbook_that_is_none(content: bytes, told: str, town: Town, chromium: Browser, tmp_path: Path) -> None:
    screen = roster_upload(town, chromium, content, tmp_path)
    screen.says(told)
    screen.holds("选认文号", "宁科〔2026〕3号")
    expect(screen.page.get_by_label("县级", exact=True)).to_be_checked()


def test_a_township_that_is_not_in_the_county(town: Town, chromium: Browser, tmp_path: Path) -> None:
    screen = roster_upload(town, chromium, roster([{**CHEN, "姓名": "郑某", "服务乡镇": "朱口镇"}]), tmp_path)
    screen.says("朱口镇")
    assert "宁化县" in screen.page.locator("main").inner_text()
    held = town.app.extensions["ketepai"]
    with reading(held.engine, held.keyring) as session:
        assert session.scalar(sa.select(Person).where(Person.name == "郑某")) is None


def test_a_unit_of_another_county_put_into_the_page_by_hand(town: Town, chromium: Browser) -> None:
    """An officer posts for units of the own township; whoever changes the page is refused at the field."""
    held = town.app.extensions["ketepai"]
    with reading(held.engine, held.keyring) as session:
        far = session.scalar(sa.select(Organisation.id).where(Organisation.region_code.like(f"{ELSEWHERE}%")))
    screen = town.browser_of(chromium, "xiangzhen", "/demands/new")
    screen.fill("遇到了什么问题", WORDS)
    units = screen.page.get_by_label("谁需要帮助")
    units.evaluate("(list, id) => { const option = [...list.options].pop(); option.value = id; }", str(far))
    units.select_option(value=str(far))
    screen.press("提交需求")
    expect(screen.page.locator("#organisation-error")).to_be_visible()
    screen.holds("遇到了什么问题", WORDS)


def test_a_date_in_2199(town: Town, chromium: Browser) -> None:
    screen = town.browser_of(chromium, "ketepai", f"/visits/new?place={TOWNSHIP}")
    screen.fill("做了什么", WORDS)
    screen.fill("服务日期", "2199-01-01")
    screen.press("提交审核")
    assert screen.page.locator("#service_date-error").inner_text().strip()
    screen.holds("做了什么", WORDS)
    screen.holds("服务日期", "2199-01-01")


def test_an_identity_number_with_a_wrong_check_digit(town: Town, chromium: Browser) -> None:
    screen = town.browser_of(chromium, "xianju", "/commissioners/new?kind=individual")
    screen.fill("姓名", "王测试")
    wrong = CHEN["身份证号"][:-1] + ("0" if CHEN["身份证号"][-1] != "0" else "1")
    screen.fill("身份证号", wrong)
    screen.fill("专长", WORDS)
    screen.press("登记")
    assert "校验" in screen.page.locator("#id_number-error").inner_text()
    screen.holds("专长", WORDS)
    screen.holds("身份证号", wrong)


LONG_FORMS = {
    "demand": ("xiangzhen", "/demands/new", "遇到了什么问题"),
    "visit": ("ketepai", f"/visits/new?place={TOWNSHIP}", "做了什么"),
    "commissioner": ("xianju", "/commissioners/new?kind=individual", "专长"),
    "offer": ("ketepai", "/menus/new", "能帮什么忙"),
}
SEND = {"demand": "提交需求", "visit": "提交审核", "commissioner": "登记", "offer": "公布"}


@pytest.mark.parametrize("form", LONG_FORMS)
def test_a_session_that_is_lost_in_the_middle(form: str, town: Town, chromium: Browser) -> None:
    """Somebody signs in again, and what was typed stands in the form."""
    login, path, label = LONG_FORMS[form]
    screen = town.browser_of(chromium, login, path)
    screen.fill(label, WORDS)
    held = town.app.extensions["ketepai"]
    with writing(held.engine, held.keyring) as session:
        session.execute(sa.update(SignedInSession).values(revoked_at=NOW))
    screen.press(SEND[form])
    town.sign_in_again(screen, login)
    screen.says("您刚才填写的内容还在")
    screen.holds(label, WORDS)
    assert path.split("?")[0] in screen.page.url


def test_the_second_of_two_who_edit_reads_both_texts(town: Town, chromium: Browser) -> None:
    path = next(p for p in town.city.ways["ketepai"] if p.startswith("/visits/") and "link" not in p)
    first, second = (town.browser_of(chromium, "ketepai", f"{path}/edit") for _ in range(2))
    first.fill("做了什么", "先保存的话")
    second.fill("做了什么", WORDS)
    first.press("先存着")
    with second.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        second.press("先存着")
    assert answered.value.status == 409
    second.says("先保存的话")
    second.says(WORDS)


def test_a_visit_sent_twice_is_one_visit(town: Town, chromium: Browser) -> None:
    """A double press, and the same form sent twice side by side by somebody's impatient browser."""
    screen = town.browser_of(chromium, "ketepai", f"/visits/new?place={TOWNSHIP}")
    screen.fill("做了什么", WORDS)
    screen.page.get_by_label("受援单位", exact=True).select_option(index=1)
    sent = screen.page.evaluate(
        """async () => {
            const form = document.querySelector("main form[data-once]");
            const send = () => fetch(form.action, {method: "POST", body: new FormData(form)}).then(a => a.status);
            return Promise.all([send(), send()]);
        }"""
    )
    assert sent == [200, 200]
    screen.page.get_by_role("button", name="提交审核").dblclick()
    screen.page.wait_for_url("**/visits/*-*")
    held = town.app.extensions["ketepai"]
    with reading(held.engine, held.keyring) as session:
        assert session.scalar(sa.select(sa.func.count()).where(Visit.work_done == WORDS)) == 1


def test_two_who_press_accept_at_once(town: Town, chromium: Browser) -> None:
    """One seat, two invited: one sits, the other reads who was faster."""
    screens = [town.browser_of(chromium, login, path) for login, path in town.city.rivals.items()]
    at = screens[0].page.evaluate("Date.now() + 1000")
    with (
        screens[0].page.expect_response(lambda answer: answer.request.method == "POST") as one,
        screens[1].page.expect_response(lambda answer: answer.request.method == "POST") as other,
    ):
        for screen in screens:
            screen.page.evaluate(
                """at => { const form = [...document.forms].find(form => form.action.endsWith("/accept"));
                    setTimeout(() => form.requestSubmit(), at - Date.now()); }""",
                at,
            )
    answers = {one.value.status: screens[0], other.value.status: screens[1]}
    assert sorted(answers) == [303, 409]
    answers[303].says("已接受")
    answers[409].says("先")
