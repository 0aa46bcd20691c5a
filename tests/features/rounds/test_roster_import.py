"""Importing a roster: what the preview says is what happens, through the same rules as by hand, on both databases."""

import json

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.refusals import MoveRefused, RuleBroken, StaleEdit
from app.domain.roles import Role
from app.domain.rosters.persons import NEW
from app.domain.rosters.planning import BatchState, Outcome
from app.domain.vocabulary import Kind, Level, OrganisationKind, Source
from app.features.commissioners.models import Appointment, Commissioner, DeclaredCover, TeamMember
from app.features.organisations.models import Organisation
from app.features.people.actions import plain_person_name
from app.features.people.models import Person
from app.features.rounds import actions, queries
from app.features.rounds.models import ImportEffect, ImportWorkbook
from app.storage.trail import Event
from app.web.sheets import read_workbook
from tests.builders import COUNTY, TOWNSHIP, actor, valid_id_number
from tests.conftest import NOW, TODAY
from tests.features.rounds.importing import applied, count, planned, sent, setting
from tests.features.rounds.workbooks import HEADINGS, roster, workbook

CHEN = {
    "姓名": "陈 某",
    "身份证号": valid_id_number(1),
    "联系电话": "13900000001",
    "工作单位": "宁化县农业农村局",
    "职称": "农艺师",
    "专业特长": "茶树栽培",
    "县（市、区）": "宁化县",
    "服务乡镇": "石壁镇、淮土镇",
    "产业": "茶叶",
}
LIN = {"姓名": "林某", "身份证号": valid_id_number(2), "县（市、区）": "宁化县"}


def test_a_row_becomes_a_person_a_commissioner_and_an_appointment(session):
    batch, plan = applied(session, roster([CHEN]))
    row = session.scalars(sa.select(Appointment)).one()
    who = row.commissioner
    assert (who.name, who.kind, who.source, who.county_code) == ("陈某", Kind.INDIVIDUAL, Source.COUNTY, COUNTY)
    assert (who.person.professional_title, who.specialities) == ("农艺师", "茶树栽培")
    unit = session.get_one(Organisation, who.person.employer_id)
    assert (unit.name, unit.kind, unit.region_code) == ("宁化县农业农村局", OrganisationKind.SENDING_UNIT, COUNTY)
    assert who.sending_unit_id == unit.id
    assert (row.level, row.batch_year, row.county_code, row.import_batch_id) == (Level.COUNTY, 2026, COUNTY, batch.id)
    assert (str(row.begins), str(row.ends)) == ("2026-01-01", "2026-12-31")
    assert {pair.region_code for pair in row.cover} == {TOWNSHIP, "350424106"}
    assert (plan.totals.rows, plan.totals.new_people, plan.totals.new_appointments) == (1, 1, 1)


def test_nothing_is_entered_before_it_is_confirmed(session):
    batch = sent(session, roster([CHEN, LIN]))
    assert batch.state is BatchState.PREVIEWED
    assert (count(session, Person), count(session, Organisation), count(session, Appointment)) == (0, 0, 0)
    assert queries.summary_of(batch).totals.new_appointments == 2


def test_personal_values_stand_nowhere_in_clear(session):
    wrong = {**LIN, "身份证号": LIN["身份证号"][:17] + "9", "联系电话": "1390000"}
    content = roster([CHEN, wrong])
    batch = sent(session, content)
    kept = session.get_one(ImportWorkbook, batch.id)
    assert queries.workbook_of(session, batch) == content
    told = [batch.summary, kept.workbook_sealed]
    reading = queries.read(session, read_workbook(content), setting())
    actions.apply(session, actor(Role.CITY_HEAD, "350400"), TODAY, NOW, batch, reading, {})
    session.flush()
    told += [batch.summary, kept.report_sealed, *map(str, session.scalars(sa.select(Event.words)))]
    told += [str(event) for event in session.scalars(sa.select(Event.changes))]
    told += [str(row.before_sealed) for row in session.scalars(sa.select(ImportEffect))]
    for value in ("陈某", "林某", CHEN["身份证号"], wrong["身份证号"], "13900000001"):
        assert not any(value in text for text in told), value


def test_the_workbook_is_thrown_away_once_imported_or_given_up(session):
    batch, _ = applied(session, roster([CHEN]))
    assert session.get_one(ImportWorkbook, batch.id).workbook_sealed is None
    other = sent(session, roster([LIN]))
    actions.drop(session, actor(), other)
    assert (other.state, session.get(ImportWorkbook, other.id)) == (BatchState.DROPPED, None)
    with pytest.raises(RuleBroken, match="原文件不再保存"):
        queries.workbook_of(session, other)


def test_importing_twice_finds_everything_known(session):
    rows = [
        CHEN,
        LIN,
        {"姓名": "王某", "县（市、区）": "泰宁县"},
    ]
    teams = [
        ["类别", "团队名称", "姓名", "单位名称", "负责人/成员"],
        ["团队", "茶产业团队", "张某", None, "负责人"],
        ["团队", "茶产业团队", "李某", None, "成员"],
        ["法人", None, None, "测试茶业有限公司", None],
    ]
    for content, appointments in ((roster(rows), 3), (workbook(宁化县=teams), 2)):
        first = applied(session, content)[1].totals
        assert (first.new_appointments, first.refused, first.doubtful) == (appointments, 0, 0)
        again = planned(session, content).totals
        assert (again.known, again.rows) == (first.rows, first.rows)
        assert (again.new_people, again.new_appointments) == (0, 0)
    with pytest.raises(RuleBroken, match="没有可以导入的行"):
        applied(session, roster(rows))


def test_somebody_known_is_appointed_and_filled_in(session, build):
    person = build.person("陈某", phone="13900000001")
    _, plan = applied(session, roster([CHEN]))
    assert plan.counts[Outcome.APPOINTED] == 1
    assert count(session, Person) == 1
    assert person.id_number_hash is not None
    assert person.professional_title == "农艺师"


def test_another_level_or_year_is_another_appointment_of_the_same_person(session):
    for chosen in (setting(), setting(Level.CITY), setting(year=2025)):
        _, plan = applied(session, roster([CHEN]), chosen)
        assert plan.totals.new_appointments == 1
    assert (count(session, Person), count(session, Appointment)) == (1, 3)


def test_a_withdrawn_appointment_may_be_made_again(session, build):
    from app.features.commissioners.actions import withdraw_appointment

    applied(session, roster([CHEN]))
    withdraw_appointment(session, build.bureau, TODAY, session.scalars(sa.select(Appointment)).one(), "登记有误")
    assert applied(session, roster([CHEN]))[1].totals.new_appointments == 1


def test_refused_and_doubtful_rows_stay_out_and_the_others_go_in(session, build):
    build.person("王某")
    wrong = {**LIN, "身份证号": LIN["身份证号"][:17] + ("0" if LIN["身份证号"][17] != "0" else "1")}
    doubtful = {"姓名": "王某", "县（市、区）": "宁化县"}
    batch, plan = applied(session, roster([CHEN, wrong, doubtful]))
    assert (plan.totals.new_appointments, plan.totals.refused, plan.totals.doubtful) == (1, 1, 1)
    assert {person.name for person in session.scalars(sa.select(Person))} == {"陈某", "王某"}
    left = {item.name: item for item in queries.left_out(session, batch)}
    assert left["林某"].outcome is Outcome.REFUSED
    assert "校验码不对" in left["林某"].problems[0].reason
    assert left["王某"].outcome is Outcome.DOUBTFUL


@pytest.mark.parametrize(("same", "people"), [(True, 1), (False, 2)])
def test_a_doubt_is_decided_by_the_officer(session, build, same, people):
    known = build.person("王某")
    content = roster([{"姓名": "王某", "县（市、区）": "宁化县"}])
    doubt = planned(session, content).verdicts[0]
    answer = doubt.people[0].candidates[0].answer if same else NEW
    _, plan = applied(session, content, answers={doubt.entry.people[0].key: answer})
    assert plan.totals.new_people == people - 1
    assert count(session, Person) == people
    assert (session.scalars(sa.select(Commissioner)).one().person_id == known.id) is same


def test_teams_and_entities(session):
    rows = [
        ["类别", "团队名称", "负责人", "成员", "单位名称", "服务乡镇", "产业"],
        ["团队", "茶产业团队", "张某", "李某、王某", None, "石壁镇", "茶叶"],
        ["法人", None, None, None, "测试茶业有限公司", "全县", "茶叶"],
    ]
    _, plan = applied(session, workbook(宁化县=rows))
    assert (plan.totals.new_people, plan.totals.new_appointments) == (3, 2)
    members = session.scalars(sa.select(TeamMember).order_by(TeamMember.id)).all()
    assert [(m.person.name, m.leads) for m in members] == [("张某", True), ("李某", False), ("王某", False)]
    firm = session.scalars(sa.select(Commissioner).where(Commissioner.kind == Kind.ENTITY)).one()
    assert firm.organisation.kind is OrganisationKind.ENTERPRISE
    assert set(session.scalars(sa.select(DeclaredCover.region_code))) == {TOWNSHIP, COUNTY}


def test_obsolete_counties_become_todays(session):
    rows = [
        {"姓名": f"陈某{c}", "县（市、区）": code}
        for c, code in zip("甲乙丙", ("350402", "350403", "沙县"), strict=True)
    ]
    applied(session, roster(rows))
    codes = session.scalars(sa.select(Appointment.county_code).order_by(Appointment.id)).all()
    assert codes == ["350404", "350404", "350405"]


def test_a_county_imports_only_its_own(session):
    county = actor(Role.COUNTY_HEAD, COUNTY)
    chosen = setting(territory=COUNTY)
    elsewhere = {**LIN, "县（市、区）": "泰宁县"}
    batch, plan = applied(session, roster([CHEN, elsewhere]), chosen, actor=county)
    assert (plan.totals.new_appointments, plan.totals.refused) == (1, 1)
    assert "泰宁县不在您的辖区" in plan.of(Outcome.REFUSED)[0].problems[0].reason
    assert queries.batch(session, county, batch.uid) is not None
    assert queries.batch(session, actor(Role.COUNTY_HEAD, "350429"), batch.uid) is None
    assert queries.batch(session, actor(Role.COMMISSIONER, person_id=1), batch.uid) is None


def test_another_countys_record_is_appointed_but_not_filled_in(session, build):
    person = build.person("陈某", id_number=CHEN["身份证号"])
    record = build.commissioner(person=person, county_code="350429")
    _, plan = applied(session, roster([CHEN]), setting(territory=COUNTY), actor=actor(Role.COUNTY_HEAD, COUNTY))
    assert plan.totals.new_appointments == 1
    assert (record.specialities, record.version) == ("", 1)


def test_a_preview_that_no_longer_holds_is_not_applied(session, build):
    content = roster([CHEN])
    batch = sent(session, content)
    seen = planned(session, content).fingerprint
    build.person("陈某", id_number=CHEN["身份证号"])
    reading = queries.read(session, read_workbook(content), setting())
    with pytest.raises(StaleEdit, match="重新核对"):
        actions.apply(session, build.bureau, TODAY, NOW, batch, reading, {}, seen)
    assert (batch.state, count(session, Appointment)) == (BatchState.PREVIEWED, 0)


def test_a_batch_is_applied_once_and_dropped_only_before(session, build):
    content = roster([CHEN])
    batch, _ = applied(session, content)
    reading = queries.read(session, read_workbook(content), setting())
    with pytest.raises(MoveRefused, match="现在是“已导入”"):
        actions.apply(session, build.bureau, TODAY, NOW, batch, reading, {})
    with pytest.raises(MoveRefused):
        actions.drop(session, build.bureau, batch)


@pytest.mark.parametrize("year", [1998, 2032])
def test_a_year_that_cannot_be_meant_is_refused(session, year):
    with pytest.raises(RuleBroken, match="年度应在"):
        sent(session, roster([CHEN]), setting(year=year))


def test_the_trail_tells_who_imported_how_much(session):
    applied(session, roster([CHEN, LIN]))
    events = session.execute(sa.select(Event.tag, Event.words).where(Event.tag.like("rounds.%")).order_by(Event.id))
    assert [tuple(event) for event in events] == [("rounds.preview", "2行"), ("rounds.apply", "新增选认2项")]


def test_the_summary_holds_counts_and_options(session):
    batch = sent(session, roster([CHEN]), setting(document="明科农〔2026〕1号"))
    kept = json.loads(batch.summary)
    assert kept["totals"]["new_appointments"] == 1
    assert queries.setting_of(batch, TODAY).document == "明科农〔2026〕1号"


def test_names_are_made_plain_as_the_people_desk_does(session):
    for written in ("张 三", "陈　某", "Jane  Doe"):
        (verdict,) = planned(session, roster([{"姓名": written, "县（市、区）": "宁化县"}])).verdicts
        assert verdict.entry.people[0].name == plain_person_name(written)


people = st.lists(
    st.fixed_dictionaries(
        {
            "姓名": st.sampled_from(["陈某", "林某", "王 某", "张某、李某", ""]),
            "身份证号": st.sampled_from([None, *(valid_id_number(n) for n in range(3)), "123"]),
            "联系电话": st.sampled_from([None, "13900000001", "13900000002", 12]),
            "工作单位": st.sampled_from([None, "甲单位", "乙单位"]),
            "县（市、区）": st.sampled_from(["宁化县", "泰宁县", "350427", "火星县"]),
            "服务乡镇": st.sampled_from([None, "石壁镇", "全县", "大田乡"]),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(people, st.sampled_from([None, NEW]))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_roster_says_the_preview_is_what_happens(session, rows, answer):
    """Numbers of the preview = rows made; and a second time everything that went in is known."""
    content = roster([{"专业特长": "茶", **row} for row in rows], HEADINGS)
    inner = session.begin_nested()
    try:
        first = planned(session, content)
        doubts = [m.key for v in first.of(Outcome.DOUBTFUL) for m in v.entry.people]
        answers = dict.fromkeys(doubts, answer) if answer else {}
        before = count(session, Person), count(session, Appointment)
        if not first.totals.new_appointments:
            return
        _, done = applied(session, content, answers=answers)
        if not answers:
            assert done.totals == first.totals
        made = count(session, Person) - before[0], count(session, Appointment) - before[1]
        assert made == (done.totals.new_people, done.totals.new_appointments)
        if not answers and not done.totals.doubtful:
            again = planned(session, content).totals
            assert (again.new_appointments, again.refused) == (0, done.totals.refused)
    finally:
        inner.rollback()
        session.expire_all()
