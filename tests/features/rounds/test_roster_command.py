"""`flask --app app import-roster`: the figures as JSON, exit status 1 if anything was refused."""

import json

import pytest

from app.storage.session import reading
from tests.builders import valid_id_number
from tests.features.rounds.importing import count
from tests.features.rounds.test_roster_import import CHEN, LIN
from tests.features.rounds.workbooks import HEADINGS, roster

WRONG = {**LIN, "姓名": "王某", "身份证号": valid_id_number(9)[:17] + "?"}
KEYS = [
    "rows",
    "new_people",
    "new_appointments",
    "known",
    "doubtful",
    "refused",
    "errors",
    "doubts",
    "assumed",
    "remarks",
    "batch",
]


@pytest.fixture
def run(app, tmp_path):
    """Run the command over a roster of these rows; exit status and what it printed."""

    def run(rows, *more):
        file = tmp_path / "名册.xlsx"
        file.write_bytes(rows if isinstance(rows, bytes) else roster(rows))
        arguments = ["import-roster", str(file), "--level", "county", "--year", "2026", *more]
        answer = app.test_cli_runner().invoke(args=arguments)
        return answer.exit_code, json.loads(answer.output)

    return run


def made(app, table):
    held = app.extensions["ketepai"]
    with reading(held.engine, held.keyring) as session:
        return count(session, table)


def test_it_imports_and_says_how_much(app, run):
    from app.features.commissioners.models import Appointment

    status, told = run([CHEN, LIN])
    assert (status, list(told)) == (0, KEYS)
    assert {key: told[key] for key in KEYS[:6]} == {
        "rows": 2,
        "new_people": 2,
        "new_appointments": 2,
        "known": 0,
        "doubtful": 0,
        "refused": 0,
    }
    assert told["errors"] == []
    assert told["batch"]
    assert made(app, Appointment) == 2


def test_a_dry_run_writes_nothing(app, run):
    from app.features.people.models import Person
    from app.features.rounds.models import ImportBatch

    status, told = run([CHEN, LIN], "--dry-run")
    assert (status, told["new_appointments"], told["batch"]) == (0, 2, None)
    assert (made(app, Person), made(app, ImportBatch)) == (0, 0)


def test_refused_rows_are_skipped_and_the_status_says_so(app, run):
    from app.features.commissioners.models import Appointment

    status, told = run([CHEN, WRONG])
    assert (status, told["new_appointments"], told["refused"]) == (1, 1, 1)
    (error,) = told["errors"]
    assert (error["sheet"], error["row"], error["column"]) == ("名册", 4, "身份证号")
    assert "应为18位" in error["reason"]
    assert WRONG["身份证号"] not in json.dumps(told)
    assert made(app, Appointment) == 1


def test_what_a_row_leaves_open_is_said_and_what_to_do(run):
    mining = {**CHEN, "产业": "挖矿", "服务乡镇": "石壁镇"}
    status, told = run(
        [mining, {**LIN, "产业": "挖矿、茶叶"}, {"姓名": "高某", "县（市、区）": "宁化县", "产业": "茶叶"}], "--dry-run"
    )
    assert (status, told["new_appointments"]) == (0, 3)
    said = {one["words"]: (one["rows"], one["row"]) for one in told["assumed"]}
    (mined,) = [words for words in said if "挖矿" in words]
    assert said[mined] == (2, 3)
    assert "不在产业字典中，记为“其他”" in mined and "请改成字典里的名称再传" in mined
    assert not any("高某" in words or "茶叶" in words for words in said)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("来源", "火星", "来源应为本县、本市"),
        ("类别", "机器人", "类别应为个人、团队或法人"),
        ("级别", "省级", "本次导入的是县级，这一行是省级"),
        ("级别", "特级", "级别应为县级、市级或省级"),
    ],
)
def test_a_word_that_cannot_be_bent_keeps_its_row_out_and_says_what_would_do(run, column, value, reason):
    status, told = run(roster([{**CHEN, column: value}, LIN], headings=[*HEADINGS, column]))
    (error,) = told["errors"]
    assert (status, told["new_appointments"], told["refused"]) == (1, 1, 1)
    assert (error["column"], error["value"], error["row"]) == (column, value, 3)
    assert reason in error["reason"] and ("请" in error["reason"])


def test_a_second_time_everything_is_known(run):
    run([CHEN, LIN])
    status, told = run([CHEN, LIN])
    assert (status, told["known"], told["new_appointments"], told["batch"]) == (0, 2, 0, None)


def test_doubtful_rows_are_not_entered_and_told(run):
    run([CHEN])
    status, told = run([{"姓名": "陈某", "工作单位": "另一单位", "县（市、区）": "泰宁县"}])
    assert (status, told["doubtful"], told["new_appointments"]) == (0, 1, 0)
    assert "是不是同一人" in told["doubts"][0]["reason"]


def test_the_county_may_be_given_by_name(run):
    nowhere = {"姓名": "陈某", "身份证号": valid_id_number(1)}
    assert run([nowhere])[1]["refused"] == 1
    assert run([nowhere], "--county", "沙县")[1]["new_appointments"] == 1


@pytest.mark.parametrize(("content", "year"), [(b"not a workbook", "2026"), (None, "1950")])
def test_what_cannot_be_imported_at_all_is_an_error_too(run, content, year):
    status, told = run(content or [CHEN], "--year", year)
    assert (status, told["rows"], told["batch"]) == (1, 0, None)
    assert "请" in told["errors"][0]["reason"]


def test_a_column_nobody_knows_is_named(run):
    _, told = run(roster([{**CHEN, "星座": "白羊"}], [*CHEN, "星座"]))
    assert told["new_appointments"] == 1 and "星座" in "".join(told["remarks"])


def test_a_roster_may_be_the_first_thing_in_an_installation(tmp_path, databases):
    """An empty database gets divisions and dictionaries, no demonstration; a tally of nothing is refused."""
    from app import create_app
    from config import Settings

    url = databases.empty()
    app = create_app(Settings(data_dir=tmp_path, database_url=url))
    refused = app.test_cli_runner().invoke(args=["tally", "--from", "2026", "--to", "2026"])
    assert refused.exit_code == 1 and "请先运行 ./scripts/serve" in refused.output
    file = tmp_path / "名册.xlsx"
    file.write_bytes(roster([CHEN]))
    arguments = ["import-roster", str(file), "--level", "county", "--year", "2026"]
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    told = app.test_cli_runner().invoke(args=["tally", "--from", "2026", "--to", "2026", "--format", "json"])
    assert json.loads(told.output)["levels"]["county"]["individual_appointments"] == 1
    app.extensions["ketepai"].engine.dispose()
    databases.drop(url)
