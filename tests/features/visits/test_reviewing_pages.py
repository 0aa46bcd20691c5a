"""The reviewer's screens: oldest first, one at a time and on to the next, several at once, others' counties look on."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.roles import Role
from app.domain.visits import VisitState
from app.features.visits.models import Visit
from app.storage.session import reading
from tests.builders import COUNTY, TOWNSHIP

ELSEWHERE = "350430201"  # 建宁县伊家乡


@pytest.fixture
def waiting(client):
    """Three visits handed in one after the other, by different people; the reviewer of 宁化县 is signed in."""
    with client.building() as build:
        made = []
        for hours in (1, 2, 3):
            build.now = build.now.replace(hour=hours)
            made.append(build.visit(work_done=f"第{hours}次看园").uid)
    client.sign_in(Role.COUNTY_REVIEWER, region_code=COUNTY)
    return made


def states(client):
    with reading(client.platform.engine, client.platform.keyring) as session:
        return [tuple(row) for row in session.execute(sa.select(Visit.state, Visit.review_words).order_by(Visit.id))]


def test_the_list_leads_a_reviewer_to_what_waits_and_shows_it_oldest_first(client, waiting):
    page = client.get("/visits/")
    assert "有 3 条服务记录等您审核" in page.text
    assert "/visits/review" in page.links
    narrowed = client.get("/visits/?state=submitted").text
    assert narrowed.index("第1次看园") < narrowed.index("第2次看园") < narrowed.index("第3次看园")
    newest = client.get("/visits/").text
    assert newest.index("第3次看园") < newest.index("第1次看园")


def test_passing_one_leads_to_the_next_until_nothing_is_left(client, waiting):
    page = client.get("/visits/review")
    page = client.get(next(path for path in page.links if path.endswith("/review") and path != "/visits/review"))
    for n in (1, 2, 3):
        assert f"第{n}次看园" in page.text
        assert f"还有 {4 - n} 条待审核" in page.text
        page = client.submit(page.form("/review/pass"))
    assert "没有其他待审核的记录了" in page.text
    assert "没有等您审核的服务记录" in page.text
    assert states(client) == [(VisitState.PASSED, None)] * 3


def test_everything_needed_is_on_one_screen(client, waiting):
    text = client.get(f"/visits/{waiting[0]}/review").text
    for words in ("第1次看园", "宁化县石壁镇", "2026-05-29", "县级个人", "测试村", "特色现代农业", "还没有请对方确认"):
        assert words in text


def test_returning_needs_words_and_the_writer_reads_them(client, waiting):
    page = client.get(f"/visits/{waiting[0]}/review")
    form = page.form("/review/return")
    assert "请写明退回的原因" in client.submit(form, status=422, reason=" ").text
    after = client.submit(form, reason="请写到具体的村")
    assert "已退回" in after.text
    assert "第2次看园" in after.text
    assert states(client)[0] == (VisitState.RETURNED, "请写到具体的村")
    assert "退回原因：请写到具体的村" in client.get(f"/visits/{waiting[0]}").text


def test_a_visit_decided_meanwhile_is_not_decided_twice(client, waiting):
    form = client.get(f"/visits/{waiting[0]}/review").form("/review/pass")
    client.submit(form)
    again = client.submit(form, status=422)
    assert "在您打开后改过" in again.text
    assert states(client)[0][0] == VisitState.PASSED
    assert client.get(f"/visits/{waiting[0]}/review").path == f"/visits/{waiting[0]}"


def test_several_are_ticked_and_passed_at_once(client, waiting):
    page = client.get("/visits/review")
    form = page.form("/visits/review")
    assert "chosen" not in form.values  # nothing is ticked for the reviewer
    done = client.submit(form, chosen=[f"{waiting[0]}:1", f"{waiting[2]}:1"])
    assert "已通过2条" in done.text
    assert [state for state, _ in states(client)] == [VisitState.PASSED, VisitState.SUBMITTED, VisitState.PASSED]


def test_those_that_could_not_be_passed_are_named(client, waiting):
    form = client.get("/visits/review").form("/visits/review")
    done = client.submit(form, chosen=[f"{waiting[0]}:1", f"{waiting[1]}:7", "nonsense", "x:y"])
    assert "已通过1条" in done.text
    assert "改过" in done.text
    assert "请先勾选" in client.submit(form, status=422).text


def test_what_stands_out_is_not_offered_for_passing_together(client):
    with client.building() as build:
        appointment = build.appointment()
        for n in (1, 2):
            build.visit(appointment, work_done=f"同一天的第{n}次")
        late = build.visit(
            build.appointment(), service_date=build.today - timedelta(days=40), work_done="很久以前的一次"
        ).uid
        plain = build.visit(build.appointment(), work_done="平常的一次").uid
    client.sign_in(Role.COUNTY_REVIEWER, region_code=COUNTY)
    page = client.get("/visits/review")
    assert f'value="{plain}:1"' in page.html
    assert f'value="{late}:1"' not in page.html
    assert page.html.count('name="chosen"') == 1
    assert "超过30天才提交" in page.text
    assert "超过实际天数" in page.text


def test_the_screen_of_a_crowded_day_shows_the_other_visit(client):
    with client.building() as build:
        appointment = build.appointment()
        first = build.visit(appointment, work_done="上午全天").uid
        build.visit(appointment, work_done="又是全天")
    client.sign_in(Role.COUNTY_REVIEWER, region_code=COUNTY)
    page = client.get(f"/visits/{first}/review")
    assert "参加人同期的其他服务" in page.text
    assert "又是全天" in page.text


def test_a_visit_in_another_county_shows_but_is_reviewed_there(client):
    with client.building() as build:
        uid = build.visit(region_code=ELSEWHERE, work_done="到建宁帮忙").uid
    client.sign_in(Role.COUNTY_REVIEWER, region_code=COUNTY)
    queue = client.get("/visits/review")
    assert "到建宁帮忙" in queue.text
    assert "由服务所在的县（市、区）审核" in queue.text
    assert 'name="chosen"' not in queue.html
    record = client.get(f"/visits/{uid}")
    assert "由建宁县科技局审核" in record.text
    assert client.get(f"/visits/{uid}/review").path == f"/visits/{uid}"
    assert not [f for f in record.forms if "/review/" in f.action]
    token = next(f.values["csrf_token"] for f in record.forms if "csrf_token" in f.values)
    page = client.post(f"/visits/{uid}/review/pass", 422, csrf_token=token)
    assert "由服务所在地的科技局审核" in page.text
    client.sign_in(Role.COUNTY_REVIEWER, region_code=ELSEWHERE[:6])
    assert "已通过" in client.submit(client.get(f"/visits/{uid}/review").form("/review/pass")).text


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        (Role.COUNTY_REVIEWER, {"region_code": "350421"}, 404),
        (Role.COUNTY_TRIAGE, {"region_code": COUNTY}, 403),
        (Role.TOWNSHIP_OFFICIAL, {"region_code": TOWNSHIP}, 403),
    ],
)
def test_others_do_not_get_to_the_screen(client, waiting, role, scope, status):
    client.sign_in(role, **scope)
    client.get(f"/visits/{waiting[0]}/review", status=status)
    client.get(f"/visits/{waiting[0]}", status=404 if status == 404 else 200)


def test_a_passed_visit_may_be_returned_with_words(client, waiting):
    client.submit(client.get(f"/visits/{waiting[0]}/review").form("/review/pass"))
    record = client.get(f"/visits/{waiting[0]}")
    assert "计入统计" in record.text
    client.submit(record.form("/review/return"), reason="抽查不实")
    assert states(client)[0] == (VisitState.RETURNED, "抽查不实")


def test_a_reviewer_who_took_part_is_led_past_the_own_visit(client):
    with client.building() as build:
        appointment = build.appointment()
        own = build.visit(appointment, work_done="自己去的").uid
        build.visit(build.appointment(), work_done="别人去的")
        person = appointment.commissioner.person_id
    made = client.sign_in(Role.COUNTY_REVIEWER, region_code=COUNTY)
    from app.domain.roles import system_actor
    from app.features.accounts import actions as accounts
    from app.features.accounts.models import Account
    from app.storage.session import writing
    from tests.conftest import TODAY

    with writing(client.platform.engine, client.platform.keyring) as session:
        account = session.get_one(Account, made.account_id)
        accounts.give_grant(session, system_actor("tests"), account, Role.COMMISSIONER, TODAY, person_id=person)
    queue = client.get("/visits/review")
    assert "自己去的" not in queue.text
    assert "别人去的" in queue.text
    assert client.get(f"/visits/{own}/review").path == f"/visits/{own}"


def test_the_history_says_who_did_what_with_which_words(client, waiting):
    page = client.get(f"/visits/{waiting[0]}/review")
    client.submit(page.form("/review/return"), reason="请补充成果")
    text = client.get(f"/visits/{waiting[0]}").text
    for words in ("填写", "提交审核", "退回", "县级审核员", "请补充成果"):
        assert words in text
