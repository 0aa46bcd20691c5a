"""The commands of the matching engine, as officers and scripts call them: files in, files out, plain words
for errors.
"""

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.files import write_table
from app.cli.matching import COMMANDS

SHARED = Path(__file__).parent / "shared"
COMMAND = {command.name: command for command in COMMANDS}


def call(name: str, *arguments: object) -> Result:
    return CliRunner().invoke(COMMAND[name], [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for table in ("demands", "offers", "judgements"):
        shutil.copy(SHARED / f"{table}.csv", tmp_path)
    return tmp_path


def match_rank(folder: Path, *more: object) -> Result:
    return call(
        "match-rank",
        *("--demands", folder / "demands.csv", "--offers", folder / "offers.csv", "--out", folder / "out.csv"),
        *more,
    )


def test_match_rank_keeps_its_contract(files):
    assert match_rank(files, "--top", 5).exit_code == 0
    with (files / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["demand_id", "rank", "offer_id", "score"]
    by_demand: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_demand.setdefault(row["demand_id"], []).append(row)
    for found in by_demand.values():
        assert [int(row["rank"]) for row in found] == list(range(1, len(found) + 1))
        assert len(found) <= 5
        assert len({row["offer_id"] for row in found}) == len(found)
        scores = [float(row["score"]) for row in found]
        assert scores == sorted(scores, reverse=True)
    assert "D053" not in by_demand, "a demand that nobody suits has no rows"


def test_match_rank_can_say_why(files):
    match_rank(files, "--reasons")
    with (files / "out.csv").open(encoding="utf-8", newline="") as file:
        first = next(row for row in csv.DictReader(file) if row["demand_id"] == "D004")
    assert first["reasons"].startswith("同为油茶")
    assert first["tier"] == "合适"


def test_a_byte_order_mark_and_unknown_columns_do_no_harm(files):
    text = (files / "demands.csv").read_text(encoding="utf-8")
    (files / "demands.csv").write_text(text, encoding="utf-8-sig")
    assert match_rank(files).exit_code == 0


def test_a_file_may_leave_out_what_is_not_needed_and_order_its_columns_as_it_likes(files):
    (files / "demands.csv").write_text(
        'note, Title ,ID\n"a,""b""",茶叶长虫,d1\n,"猪发烧\n不吃食",d2\n', encoding="utf-8"
    )
    (files / "offers.csv").write_text("id,title\no1,茶树病虫害防治\no2,猪病诊断与防治\n", encoding="utf-8")
    assert match_rank(files).exit_code == 0
    with (files / "out.csv").open(encoding="utf-8", newline="") as file:
        firsts = {row["demand_id"]: row["offer_id"] for row in csv.DictReader(file) if row["rank"] == "1"}
    assert firsts == {"d1": "o1", "d2": "o2"}


def test_a_very_long_text_and_empty_tables_do_no_harm(files):
    heading = "id,title,description,industry\n"
    (files / "demands.csv").write_text(f"{heading}d1,茶叶长虫,{'茶园里虫子打药没用' * 20_000},\n", encoding="utf-8")
    (files / "offers.csv").write_text("id,kind,title,description\no1,个人,茶树病虫害防治,\n", encoding="utf-8")
    assert match_rank(files).exit_code == 0
    assert len((files / "out.csv").read_text(encoding="utf-8").splitlines()) == 2
    (files / "offers.csv").write_text("id,kind,title,description\n", encoding="utf-8")
    assert match_rank(files).exit_code == 0
    assert (files / "out.csv").read_text(encoding="utf-8").splitlines() == ["demand_id,rank,offer_id,score"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "找不到文件"),
        ("title,description\n茶,\n", "缺少列：id；需要的列：id、title"),
        ("id\ttitle\n1\t茶\n", "不是用英文逗号分隔"),
        ('id,title\n1,"茶\n', "不是有效的 CSV"),
        ("id,title\n1,茶\n".encode("utf-16"), "不是 UTF-8 编码"),
        ("id,title,description,industry\n,茶,,\n", "第 2 行没有 id"),
        ("id,title,description,industry\n1,茶,,\n1,茶,,\n", "第 3 行的 id“1”与第 2 行重复"),
        ("id,title,description,industry\n1,,,\n", "标题和说明都是空的"),
        ("id,title,description,industry\n1,茶,,\n".encode("gb18030"), "不是 UTF-8 编码"),
        ("", "空文件"),
    ],
)
def test_bad_input_is_told_in_chinese_and_writes_nothing(files, content, words):
    path = files / "demands.csv"
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")
    answer = match_rank(files)
    assert answer.exit_code == 1
    assert words in answer.output
    assert not (files / "out.csv").exists()


def test_a_place_that_cannot_be_written_is_told(files):
    (files / "out.csv").mkdir()
    answer = match_rank(files)
    assert answer.exit_code == 1
    assert "无法写入" in answer.output


def test_a_row_is_named_by_its_line_in_the_file_whatever_stands_above_it(files):
    (files / "demands.csv").write_text('id,title\n1,"茶\n叶"\n\n,\n,卷叶\n', encoding="utf-8")
    assert "第 6 行没有 id" in match_rank(files).output


def test_a_column_that_stands_twice_is_refused(files):
    (files / "demands.csv").write_text("id,title, TITLE\n1,茶,\n", encoding="utf-8")
    assert "title 出现了两次" in match_rank(files).output


def test_a_result_is_written_whole_or_what_was_there_stays(files):
    def breaks():
        yield ["d1", 1]
        raise RuntimeError("power cut")

    (files / "out.csv").write_text("before", encoding="utf-8")
    with pytest.raises(RuntimeError, match="power cut"):
        write_table(files / "out.csv", ["demand_id", "rank"], breaks())
    assert (files / "out.csv").read_text(encoding="utf-8") == "before"
    assert not list(files.glob(".*"))
    write_table(files / "out.csv", ["demand_id"], [["d1"]])
    assert (files / "out.csv").read_text(encoding="utf-8").split() == ["demand_id", "d1"]


def test_judgements_about_nobody_are_warned_of_and_those_that_contradict_are_refused(files):
    paths = [f"--{name}={files / name}.csv" for name in ("demands", "offers", "judgements")]
    heading = "demand_id,offer_id,grade\n"
    (files / "judgements.csv").write_text(f"{heading}D001,O024,3\nD001,O999,1\n", encoding="utf-8")
    answer = call("match-evaluate", *paths)
    assert answer.exit_code == 0 and "有 1 行的需求或服务不在文件里（如 D001、O999）" in answer.stderr
    for rows, words in (
        ("D001,O024,3\nD001,O024,1\n", "第 3 行：D001 与 O024 已经评判过"),
        (",O024,1\n", "第 2 行缺少"),
    ):
        (files / "judgements.csv").write_text(heading + rows, encoding="utf-8")
        answer = call("match-evaluate", *paths)
        assert answer.exit_code == 1 and words in answer.output


def test_match_evaluate_prints_the_measures(files):
    paths = [f"--{name}={files / name}.csv" for name in ("demands", "offers", "judgements")]
    answer = call("match-evaluate", *paths)
    assert answer.exit_code == 0
    for words in ("nDCG@10", "recall@5", "success@3", "nobody", "words known"):
        assert words in answer.output


def test_a_grade_outside_the_scale_is_refused(files):
    (files / "judgements.csv").write_text("demand_id,offer_id,grade\nD001,O024,4\n", encoding="utf-8")
    paths = [f"--{name}={files / name}.csv" for name in ("demands", "offers", "judgements")]
    answer = call("match-evaluate", *paths)
    assert answer.exit_code == 1
    assert "0 到 3" in answer.output
