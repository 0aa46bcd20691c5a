"""The vocabulary as the bureau edits it: dated, with a trail, in force in every worker, in and out as data."""

from datetime import timedelta

import pytest

from app.domain.matching.vocabulary import COLUMNS
from app.domain.refusals import RuleBroken
from app.domain.roles import Role, system_actor
from app.features.matches import proposals
from app.features.menus.understanding import engine
from app.features.vocabulary import concepts
from app.storage.trail import Event
from tests.builders import CITY, actor

BUREAU = actor(Role.CITY_HEAD, CITY)
OWN = {
    "id": "own.gall",
    "preferred": "鬼脸病",
    "alternatives": "麻脸",
    "disciplines": "disc.tea_science",
    "facet": "symptom",
    "industry": "agriculture",
}


def edit(session, today, *rows, since=None, who=BUREAU, words="乡镇常这样说"):
    return concepts.edit(session, who, today, rows or [OWN], valid_from=since or today, words=words)


def test_an_edit_holds_from_its_day_on_and_leaves_a_trail(session, today):
    before = concepts.stamp(session, today)
    edit(session, today, since=today + timedelta(days=2))
    assert concepts.stamp(session, today) == before and concepts.find(session, today, "鬼脸病") == []
    later = today + timedelta(days=2)
    assert [c.id for c in concepts.find(session, later, "鬼脸病")] == ["own.gall"]
    assert concepts.stamp(session, later) != before
    assert session.query(Event).filter_by(tag="vocabulary.edit").one().words == "修改概念 own.gall：乡镇常这样说"


def test_the_latest_edit_counts_and_what_is_equal_is_left_out(session, today):
    edit(session, today)
    assert edit(session, today) == []
    edit(session, today, {**OWN, "alternatives": "鬼画脸"})
    assert concepts.find(session, today, "麻脸") == [] and len(concepts.history(session, "own.gall")) == 2
    concepts.leave_out(session, BUREAU, today, "own.gall", valid_from=today, words="没人这样说")
    assert concepts.find(session, today, "鬼画脸") == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"broader": "own.nowhere"}, "上位词不存在"),
        ({"preferred": ""}, "没有编号或首选词"),
        ({"alternatives": "这是一句很长很长的话根本不是一个词条"}, "词条过长"),
        ({"broader": "own.gall|own.other"}, "不存在"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(session, today, row, message):
    with pytest.raises(RuleBroken, match=message):
        edit(session, today, {**OWN, "id": "own.fine"}, {**OWN, **row})
    assert concepts.stamp(session, today) == (0, "")


def test_no_reason_a_past_day_and_a_concept_in_use_are_refused(session, today):
    with pytest.raises(RuleBroken, match="为什么改"):
        edit(session, today, words=" ")
    with pytest.raises(RuleBroken, match="不能早于今天"):
        edit(session, today, since=today - timedelta(days=1))
    with pytest.raises(RuleBroken, match="用到它"):
        concepts.leave_out(session, BUREAU, today, "disc.tea_science", valid_from=today, words="x")


def test_an_edited_concept_reaches_the_ranking_at_the_next_question(session, build, today, tmp_path):
    """A farmer's word nobody knew finds the expert as soon as the bureau has said what it means."""
    demand = build.open_demand(title="茶园鬼脸病又来了", description="")
    first = engine(session, today)
    assert engine(session, today) is first, "nothing changed, nothing is made anew"
    known = proposals.looks_like(session, demand, today)
    edit(session, today)
    second = engine(session, today)
    assert second is not first and "own.gall" in second.vocabulary
    assert "own.gall" in {second.kinship.ids[n] for n in second.profiler.profile("鬼脸病", "").labels}
    proposals.proposals(session, demand, today, tmp_path)
    assert proposals.looks_like(session, demand, today) != known or known


def test_export_and_import_are_each_others_reverse(session, today):
    edit(session, today)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in concepts.exchange_rows(session, today)]
    assert rows[-1]["preferred"] == "鬼脸病"
    assert concepts.edit(session, system_actor("test"), today, rows, valid_from=today, words="再导入") == []


def test_the_bureau_edits_in_the_browser_and_others_may_not(client):
    client.sign_in(Role.CITY_REVIEWER, region_code=CITY)
    assert "匹配词库" in client.get("/vocabulary/").text
    page = client.get("/vocabulary/concepts?q=卷叶")
    assert "首选词" in page.text
    form = client.get("/vocabulary/concept").form("/concept")
    values = {"id": "own.gall", "preferred": "鬼脸病", "alternatives": "麻脸\n花脸", "words": "乡镇常这样说"}
    assert "请写明为什么改" in client.submit(form, status=422, **{**values, "words": ""}).text
    page = client.submit(form, **values, broader="茶树病害", facet="organism_problem", industry="agriculture")
    assert "已保存" in page.text and "修改记录" in page.text and "花脸" in page.html
    assert "现在是：茶树病害" in page.text, "a concept is named by what people call it"
    text = client.http.get("/vocabulary/concepts.csv").get_data(as_text=True)
    assert "own.gall,鬼脸病,麻脸|花脸,,dis.chashubinghai,,organism_problem,,agriculture" in text
    page = client.submit(page.form("/leave-out"), reason="没人这样说")
    assert "已去掉“鬼脸病”" in page.text
    client.sign_in(Role.COUNTY_HEAD, region_code="350424")
    client.get("/vocabulary/concepts", status=403)
    client.get("/vocabulary/concept?id=own.gall", status=403)


def test_a_file_is_taken_in_whole_or_not_at_all(client):
    import io

    client.sign_in(Role.CITY_HEAD, region_code=CITY)
    form = client.get("/vocabulary/concepts").form("/concepts")

    def send(text, status=None, encoding="utf-8"):
        return client.submit(form, status=status, words="批量", file=(io.BytesIO(text.encode(encoding)), "v.csv"))

    heading = ",".join(COLUMNS)
    assert "请选择词库文件" in client.submit(form, status=422, words="批量").text
    assert "缺少列" in send("id,preferred\nx,y\n", 422).text
    assert "UTF-8" in send("鬼脸病", 422, "gbk").text
    assert "上位词不存在" in send(f"{heading}\nown.a,甲,,,,,,,\nown.b,乙,,,own.zzz,,,,\n", 422).text
    assert "已导入 1 个概念" in send(f"{heading}\nown.a,甲级虫,,,,,,,\n").text


def test_the_list_calls_related_concepts_by_their_names(client):
    client.sign_in(Role.CITY_HEAD)
    page = client.get("/vocabulary/concepts?q=柑橘")
    assert "果树学、植物保护" in page.text and "disc.pomology、" not in page.text
