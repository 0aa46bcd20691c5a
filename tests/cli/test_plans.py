"""`match-plan`: a round from two files, in each mode; frozen inputs that give the same again; bad input in words."""

import csv
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli.plans import match_plan
from app.domain.matching.plans.problem import PlanInputs
from app.domain.matching.plans.solving import solve_plan
from app.domain.plans import Mode

DEMANDS = """id,title,description,industry,county,place,places,lon,lat
d1,茶树叶子发黄卷起来,三十亩,特色现代农业,350424,350424103,,116.5,26.3
d2,香菇棒长绿霉,,特色现代农业,350424,350424104,,116.6,26.2
d3,铸件气孔多怎么办,树脂砂,钢铁与装备制造,350402,350402001,,117.6,26.2
"""
OFFERS = """id,kind,title,description,county,capacity,lon,lat
o1,个人,茶园病虫害绿色防控,教修剪和清园,350424,1,116.5,26.3
o2,团队,食用菌栽培与杂菌防治,香菇黑木耳,350425,,117.8,25.7
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "d.csv").write_text(DEMANDS, encoding="utf-8")
    (tmp_path / "o.csv").write_text(OFFERS, encoding="utf-8-sig")
    return tmp_path


def run(folder: Path, mode="fit", out="r.csv", *more: str, code=0):
    command = ["--demands", str(folder / "d.csv"), "--offers", str(folder / "o.csv"), "--mode", mode]
    result = CliRunner().invoke(match_plan, [*command, "--out", str(folder / out), *more])
    assert result.exit_code == code, result.output
    return json.loads(result.output) if code == 0 else result.output


@pytest.mark.parametrize("mode", [mode.value for mode in Mode])
def test_each_mode_sends_those_who_suit_and_names_who_is_left(files, mode):
    told = run(files, mode)
    with (files / "r.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["demand_id"], row["offer_id"]) for row in rows} == {("d1", "o1"), ("d2", "o2")}
    assert told["unserved"] == ["d3"] and told["mode"] == mode and told["assigned"] == 2
    assert 0 < float(rows[0]["fit"]) <= 1 and float(rows[0]["travel_km"]) < 5
    if mode == "cover":
        assert told["open_cells"] == [["350402001", "钢铁与装备制造", "no_candidate"]]


def test_frozen_inputs_give_the_same_plan_again(files):
    told = run(files, "fit", "r.json", "--freeze", str(files / "frozen.json"))
    text = (files / "frozen.json").read_text(encoding="utf-8")
    inputs = PlanInputs.from_json(text)
    assert inputs.sha256 == told["inputs_sha256"] and inputs.canonical == text
    assert solve_plan(inputs, Mode.FIT).as_json() == json.loads((files / "r.json").read_text(encoding="utf-8"))
    assert run(files, "fit", "again.json")["inputs_sha256"] == told["inputs_sha256"]


def test_frozen_inputs_are_solved_again_by_the_command(files):
    told = run(files, "fit", "r.csv", "--freeze", str(files / "frozen.json"))
    again = ["--inputs", str(files / "frozen.json"), "--mode", "fit", "--out", str(files / "again.csv")]
    result = CliRunner().invoke(match_plan, again)
    assert result.exit_code == 0 and json.loads(result.output) == told
    assert (files / "again.csv").read_bytes() == (files / "r.csv").read_bytes()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1}', "id,title\n1,茶\n", None])
def test_what_is_not_frozen_inputs_is_refused(files, text):
    if text is not None:
        (files / "frozen.json").write_text(text, encoding="utf-8")
    command = ["--inputs", str(files / "frozen.json"), "--mode", "fit", "--out", str(files / "r.csv")]
    result = CliRunner().invoke(match_plan, command)
    assert result.exit_code == 1 and result.output.startswith("错误：") and not (files / "r.csv").exists()
    assert "--inputs" in CliRunner().invoke(match_plan, [*command[2:]]).output


def test_capacity_binds(files):
    text = OFFERS.replace("county,capacity", "county, Capacity").replace("350424,1,", "350424,0,")
    (files / "o.csv").write_text(text, encoding="utf-8")
    assert run(files)["unserved"] == ["d1", "d3"]
    (files / "o.csv").write_text(OFFERS.replace("350424,1,", "350424,0,"), encoding="utf-8")
    assert run(files)["unserved"] == ["d1", "d3"]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("d.csv", "id,title", "no,title", "缺少列：id"),
        ("d.csv", "d2,", "d1,", "重复"),
        ("d.csv", "350424103,,", "350424103,一,", "places 是“一”，应为不超过六位的整数"),
        ("d.csv", "116.5,26.3", "东,26.3", "不是数字"),
        ("d.csv", "116.5,26.3", "500,26.3", "超出范围"),
        ("d.csv", "350424103,,", "350424103,0,", "名额是 0"),
        ("o.csv", "350424,1,", "350424,-1,", "capacity 是“-1”"),
        ("o.csv", "o2,", ",", "没有 id"),
    ],
)
def test_bad_input_is_told_in_words_and_writes_nothing(files, name, old, new, words):
    text = (DEMANDS if name == "d.csv" else OFFERS).replace(old, new, 1)
    (files / name).write_text(text, encoding="utf-8")
    assert words in run(files, code=1)
    assert not (files / "r.csv").exists()


def test_files_that_are_not_there_and_places_that_cannot_be_written(files):
    (files / "d.csv").unlink()
    assert "找不到文件" in run(files, code=1)
    (files / "d.csv").write_text(DEMANDS, encoding="utf-8")
    assert "无法写入" in run(files, "fit", "no/such/r.csv", code=1)
    (files / "d.csv").write_bytes("标题".encode("gbk"))
    assert "UTF-8" in run(files, code=1)


def test_cover_needs_township_and_industry(files):
    (files / "d.csv").write_text(DEMANDS.replace("350424103", ""), encoding="utf-8")
    assert "缺少其中一项" in run(files, "cover", code=1)


def test_an_unknown_mode_is_refused_by_its_name(files):
    assert "'best' is not one of" in run(files, "best", code=2)
    assert isinstance(match_plan, click.Command)
