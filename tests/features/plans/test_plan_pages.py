"""Pages of plans: a planner makes two what-ifs, the worker computes them, they are compared, one is published."""

from dataclasses import dataclass, replace

import pytest

from app.domain.roles import Role
from app.features.plans import queries
from app.jobs import worker
from tests.builders import COUNTY

EMPTY = queries.Shown(None, None, (), (), None, (), (), (), None, "")


@pytest.fixture
def story(client):
    with client.building() as build:
        for _ in range(2):
            build.offer()
        build.open_demand()
    client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    return client


def make(client, title, **values):
    page = client.get("/plans/new")
    return client.submit(page.form("/plans/new"), title=title, **values)


def work(client):
    while worker.work_once(client.platform):
        pass


def test_two_plans_are_made_compared_and_one_is_published(story):
    assert "还没有方案" in story.get("/plans/").text
    page = make(story, "先匹配")
    assert "正在后台计算" in page.text
    make(story, "先覆盖", mode="cover", **{f"floor-{COUNTY}": "1"})
    work(story)
    page = story.get("/plans/")
    assert page.text.count("已算好") == 2
    uids = [link.split("/")[-1] for link in page.links if link.startswith("/plans/") and len(link) > 40]
    page = story.get(f"/plans/compare?plan={uids[0]}&plan={uids[1]}")
    assert "主要数字" in page.text and "排得不一样的人" in page.text
    page = story.get(f"/plans/{uids[1]}")
    assert "先匹配" in page.text and "封存输入的校验码" in page.text and "每个人的变化" in page.text
    page = story.submit(page.form("/check"))
    work(story)
    assert "结果完全相同" in story.get(f"/plans/{uids[1]}").text
    page = story.submit(page.form("/publish"))
    assert "已发出1份邀请" in page.text and "已发邀请" in page.text
    page = story.get(f"/plans/{uids[0]}")
    assert "看证明" in page.text
    assert "方案已放弃" in story.submit(page.form("/drop"), reason="用另一个").text


@pytest.mark.parametrize("values", [{f"floor-{COUNTY}": "五"}, {f"floor-{COUNTY}": "5", f"cap-{COUNTY}": "2"}])
def test_limits_that_cannot_be_are_refused_and_stay_typed(story, values):
    form = story.get("/plans/new").form("/plans/new")
    page = story.submit(form, status=422, title="试算", **values)
    assert "试算" in page.html and f'value="{values[f"floor-{COUNTY}"]}"' in page.html


def test_a_failing_solver_leaves_a_plan_that_says_so_and_can_be_tried_again(story, monkeypatch):
    def broken(held, plan_id):
        raise MemoryError("内存不够")

    monkeypatch.setitem(worker.HANDLERS, "plans.solve", broken)
    monkeypatch.setattr(worker.jobs, "BACK_OFF", ())
    make(story, "算不成")
    work(story)
    page = story.get("/plans/")
    uid = next(link for link in page.links if link.startswith("/plans/") and len(link) > 40)
    page = story.get(uid)
    assert "没有算成" in page.text and "内存不够" in page.text
    monkeypatch.undo()
    story.submit(page.form("/retry"))
    work(story)
    assert "已算好" in story.get(uid).text


def test_a_long_list_is_folded_by_county_or_by_township_and_a_short_one_is_not():
    @dataclass
    class Row:
        township: str

    def folds(*townships):
        names = {"350424": "宁化县", "350425": "大田县", "350424103": "石壁镇", "350424104": "曹坊镇"}
        shown = replace(EMPTY, names=names)
        return [(name, len(rows)) for name, rows in shown.folds([Row(code) for code in townships])]

    few, many = 2, queries.MOST_UNFOLDED
    assert folds() == []
    assert folds(*["350424103"] * few) == [("", few)]
    assert folds(*["350425101"] * many, "350424103") == [("宁化县", 1), ("大田县", many)]
    assert folds(*["350424104"] * many, "350424103") == [("石壁镇", 1), ("曹坊镇", many)]


def test_a_planner_of_another_county_and_a_township_do_not_see_it(story):
    make(story, "我们县的")
    uid = next(link for link in story.get("/plans/").links if link.startswith("/plans/") and len(link) > 40)
    story.sign_in(Role.COUNTY_HEAD, region_code="350425")
    story.get(uid, status=404)
    assert "我们县的" not in story.get("/plans/").text
    story.sign_in(Role.TOWNSHIP_OFFICIAL, region_code="350424103")
    story.get("/plans/", status=403)
    story.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    story.get("/plans/compare?plan=x", status=404)
    assert "请选两三个" in story.get("/plans/compare").text
