"""Who is on the roll, appointed at which level for which year: one row per person and one per appointment."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken, StaleEdit
from app.domain.roles import Role
from app.domain.vocabulary import Kind, Level, OrganisationKind, Source
from app.features.commissioners import actions, queries
from app.features.commissioners.models import Appointment, AppointmentState, Commissioner, TeamMember
from app.storage.trail import Event
from tests.builders import CITY, COUNTY, TOWNSHIP, actor

ELSEWHERE = "350429"  # 泰宁县
ELSEWHERE_TOWNSHIP = "350429202"  # 大田乡


def count(session, table) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def last_event(session, tag: str) -> Event:
    session.flush()
    return session.scalars(sa.select(Event).where(Event.tag == tag).order_by(Event.id.desc()).limit(1)).one()


# ----- kept once each


def test_a_person_is_one_commissioner_however_often_recorded(session, build):
    person = build.person("陈测试")
    one = build.commissioner(person=person, specialities="茶树栽培")
    again = build.commissioner(person=person, specialities="别的", source=Source.CITY)
    assert again.id == one.id
    assert (one.specialities, one.source) == ("茶树栽培", Source.COUNTY)
    assert count(session, Commissioner) == 1


def test_what_was_empty_is_filled_in(session, build):
    person, unit = build.person(), build.organisation(kind=OrganisationKind.SENDING_UNIT, region_code=None)
    one = build.commissioner(person=person, industry_ids=[build.industry_id("agriculture")])
    build.commissioner(person=person, sending_unit_id=unit.id, industry_ids=[build.industry_id("new_materials")])
    assert one.sending_unit_id == unit.id
    assert len(queries.industry_ids(session, [one.id])[one.id]) == 2
    assert one.version == 2


def test_a_firm_is_one_commissioner(session, build):
    firm = build.organisation("测试公司", kind=OrganisationKind.ENTERPRISE)
    one = build.commissioner(Kind.ENTITY, organisation=firm)
    assert build.commissioner(Kind.ENTITY, organisation=firm).id == one.id
    assert (one.name, one.kind) == ("测试公司", Kind.ENTITY)


def test_a_team_has_a_leader_who_is_one_of_its_members(session, build):
    leader, two = build.person("甲测试"), build.person("乙测试")
    team = build.commissioner(Kind.TEAM, name="茶产业团队", leader=leader, members=[two, leader])
    members = session.scalars(sa.select(TeamMember).where(TeamMember.commissioner_id == team.id)).all()
    assert {m.person_id: m.leads for m in members} == {leader.id: True, two.id: False}


def test_a_team_recorded_again_gains_members_and_keeps_its_leader(session, build):
    leader, newcomer = build.person("甲测试"), build.person("丁测试")
    team = build.commissioner(Kind.TEAM, name="茶产业团队", leader=leader)
    again = build.commissioner(Kind.TEAM, name="茶产业团队", leader=newcomer, members=[leader])
    assert again.id == team.id
    leading = session.scalars(sa.select(TeamMember.person_id).where(TeamMember.leads)).all()
    assert leading == [leader.id]
    assert last_event(session, "commissioners.add_member").subject_table == "team_members"


def test_a_team_without_a_leader_is_refused(session, build):
    with pytest.raises(RuleBroken, match="必须有一名负责人") as refused:
        actions.keep_team(
            session, build.bureau, name="茶产业团队", source=Source.COUNTY, county_code=COUNTY, leader=None
        )
    assert refused.value.field == "leader_name"
    assert count(session, Commissioner) == 0


@pytest.mark.parametrize("code", [TOWNSHIP, "350499", "350405400"])
def test_a_record_is_kept_by_a_county_or_the_city(session, build, code):
    with pytest.raises(RuleBroken, match="县"):
        build.commissioner(county_code=code)


def test_a_county_records_only_its_own(session, build):
    values = {"person": build.person(), "source": Source.COUNTY}
    with pytest.raises(RuleBroken, match="泰宁县不在您的辖区"):
        actions.keep_individual(session, actor(), county_code=ELSEWHERE, **values)
    with pytest.raises(RuleBroken, match="三明市不在您的辖区"):
        actions.keep_individual(session, actor(), county_code=CITY, **values)
    assert actions.keep_individual(session, actor(), county_code=COUNTY, **values).county_code == COUNTY


@pytest.mark.parametrize("by", [actor(Role.COMMISSIONER, person_id=1), actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)])
def test_a_grant_without_a_county_records_nobody(session, build, by):
    with pytest.raises(RuleBroken, match="不在您的辖区"):
        actions.keep_individual(session, by, person=build.person(), source=Source.COUNTY, county_code=COUNTY)


# ----- appointed


def test_three_levels_are_three_appointments_of_one_person(session, build):
    one = build.commissioner()
    for level in Level:
        build.appointment(one, level=level)
    assert count(session, Appointment) == 3
    assert count(session, Commissioner) == 1


def test_a_second_appointment_of_one_level_and_year_is_refused(session, build):
    one = build.commissioner(name="陈测试")
    build.appointment(one, batch_year=2025)
    with pytest.raises(AlreadyDone, match="陈测试已有2025年度的县级选认") as refused:
        build.appointment(one, batch_year=2025)
    assert refused.value.field == "batch_year"
    assert build.appointment(one, batch_year=2025, level=Level.CITY)
    assert build.appointment(one, batch_year=2026)
    assert count(session, Appointment) == 3


def test_a_withdrawn_appointment_makes_room_for_the_right_one(session, build, today):
    one = build.commissioner()
    wrong = build.appointment(one, batch_year=2025)
    actions.withdraw_appointment(session, build.bureau, today, wrong, "文号录错")
    assert build.appointment(one, batch_year=2025).state is AppointmentState.IN_FORCE
    assert count(session, Appointment) == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends": date(2199, 12, 31)}, "ends"),
        ({"begins": date(2199, 1, 1), "ends": date(2199, 12, 31)}, "begins"),
        ({"begins": date(1926, 1, 1)}, "begins"),
        ({"begins": date(2026, 12, 31), "ends": date(2026, 1, 1)}, "ends"),
        ({"batch_year": 2199, "begins": date(2026, 1, 1), "ends": date(2026, 12, 31)}, "batch_year"),
        ({"batch_year": 2026, "begins": date(2016, 1, 1), "ends": date(2016, 12, 31)}, "ends"),
    ],
)
def test_a_term_that_cannot_be_meant_is_refused(session, build, values, field):
    with pytest.raises(RuleBroken) as refused:
        build.appointment(**values)
    assert refused.value.field == field
    assert count(session, Appointment) == 0


def test_a_term_of_three_years_is_nothing_special(session, build):
    row = build.appointment(batch_year=2023, begins=date(2023, 6, 1), ends=date(2026, 5, 31))
    assert row.ends == date(2026, 5, 31)


def test_declared_townships_lie_in_the_recommending_county(session, build):
    industry = build.industry_id()
    with pytest.raises(RuleBroken, match="大田乡不在宁化县，请在宁化县的乡镇中选择") as refused:
        build.appointment(cover=[(TOWNSHIP, industry), (ELSEWHERE_TOWNSHIP, industry)])
    assert refused.value.field == "cover"
    with pytest.raises(RuleBroken, match="没有代码为350424999"):
        build.appointment(cover=[("350424999", industry)])
    with pytest.raises(RuleBroken, match="没有这个产业"):
        build.appointment(cover=[(TOWNSHIP, 10**6)])


def test_an_appointment_of_the_city_may_declare_townships_of_any_county(session, build):
    industry = build.industry_id()
    row = build.appointment(county_code=CITY, cover=[(TOWNSHIP, industry), (ELSEWHERE_TOWNSHIP, industry)])
    assert {pair.region_code for pair in row.cover} == {TOWNSHIP, ELSEWHERE_TOWNSHIP}
    with pytest.raises(RuleBroken, match="不能选全市"):
        build.appointment(county_code=CITY, cover=[(CITY, industry)])


def test_a_whole_county_is_declared_as_such(session, build):
    row = build.appointment(cover=[(COUNTY, build.industry_id())])
    assert [pair.region_code for pair in row.cover] == [COUNTY]


def test_the_same_pair_declared_twice_is_declared_once(session, build):
    pair = (TOWNSHIP, build.industry_id())
    assert len(build.appointment(cover=[pair, pair]).cover) == 1


def test_a_county_recommends_for_itself(session, build, today):
    one = build.commissioner()
    values = {
        "commissioner": one,
        "level": Level.PROVINCE,
        "batch_year": 2026,
        "begins": date(2026, 1, 1),
        "ends": date(2026, 12, 31),
        "ground": "free_service",
    }
    with pytest.raises(RuleBroken, match="不在您的辖区"):
        actions.appoint(session, actor(), today, county_code=ELSEWHERE, **values)
    assert actions.appoint(session, actor(), today, county_code=COUNTY, **values).level is Level.PROVINCE


def test_a_renewal_renews_an_appointment_of_the_same_commissioner(session, build):
    first = build.appointment(batch_year=2025)
    second = build.appointment(first.commissioner, renewal_of=first)
    assert second.renewal_of_id == first.id
    with pytest.raises(RuleBroken, match="同一科技特派员"):
        build.appointment(renewal_of=first)


# ----- withdrawn


def test_a_withdrawal_needs_a_reason_and_stays_on_the_record(session, build, today):
    row = build.appointment()
    with pytest.raises(MoveRefused, match="原因"):
        actions.withdraw_appointment(session, build.bureau, today, row, "  ")
    actions.withdraw_appointment(session, build.bureau, today, row, "本人调离")
    assert (row.state, row.withdrawn_on, row.withdrawn_because) == (AppointmentState.WITHDRAWN, today, "本人调离")
    assert last_event(session, "commissioners.withdraw").words == "本人调离"
    with pytest.raises(AlreadyDone, match="已经撤销"):
        actions.withdraw_appointment(session, build.bureau, today, row, "再来一次")


def test_another_countys_appointment_is_not_withdrawn(session, build, today):
    row = build.appointment(county_code=ELSEWHERE, cover=[])
    with pytest.raises(RuleBroken, match="不在您的辖区"):
        actions.withdraw_appointment(session, actor(), today, row, "本人调离")
    assert row.state is AppointmentState.IN_FORCE


# ----- what a person may act under


def test_a_person_acts_under_own_and_team_appointments_in_force(session, build, today):
    leader = build.person()
    team = build.commissioner(Kind.TEAM, leader=leader)
    own = build.appointment(build.commissioner(person=leader))
    of_team = build.appointment(team, level=Level.PROVINCE)
    gone = build.appointment(own.commissioner, level=Level.CITY)
    actions.withdraw_appointment(session, build.bureau, today, gone, "本人调离")
    held = queries.held_appointments(session, leader.id)
    assert {(h.id, h.level) for h in held} == {(own.id, Level.COUNTY), (of_team.id, Level.PROVINCE)}
    assert [c.id for c in queries.commissioners_of_person(session, leader.id)] == [own.commissioner_id, team.id]


def test_a_member_acts_under_the_teams_appointment_only_while_a_member(session, build, today):
    two = build.person()
    team = build.commissioner(Kind.TEAM, members=[two, build.person()])
    build.appointment(team)
    member = session.scalars(sa.select(TeamMember).where(TeamMember.person_id == two.id)).one()
    actions.end_member(session, build.bureau, today, member)
    (held,) = queries.held_appointments(session, two.id)
    assert (held.begins, held.ends) == (date(2026, 1, 1), today)
    assert queries.commissioners_of_person(session, two.id) == []


def test_who_answers_for_a_commissioner(session, build):
    person, leader, member = build.person(), build.person(), build.person()
    one = build.commissioner(person=person)
    team = build.commissioner(Kind.TEAM, leader=leader, members=[member])
    firm = build.commissioner(Kind.ENTITY)
    assert queries.representatives(session, [one.id, team.id, firm.id]) == {
        one.id: [person.id],
        team.id: [leader.id, member.id],
        firm.id: [],
    }


# ----- teams change


def test_the_leader_hands_over_before_leaving(session, build, today):
    leader, two = build.person(), build.person()
    made = build.commissioner(Kind.TEAM, leader=leader, members=[two])
    team = queries.commissioner(session, made.uid)
    rows = {row.person_id: row for row in team.members}
    with pytest.raises(RuleBroken, match="先更换负责人"):
        actions.end_member(session, build.bureau, today, rows[leader.id])
    actions.change_leader(session, build.bureau, team, rows[two.id])
    actions.end_member(session, build.bureau, today, rows[leader.id])
    assert queries.representatives(session, [team.id])[team.id] == [two.id]


def test_a_member_joins_once_and_may_come_back(session, build, today):
    team, newcomer = build.commissioner(Kind.TEAM), build.person("丁测试")
    row = actions.add_member(session, build.bureau, today, team, newcomer)
    with pytest.raises(AlreadyDone, match="丁测试已经是团队成员"):
        actions.add_member(session, build.bureau, today, team, newcomer)
    actions.end_member(session, build.bureau, today, row)
    assert actions.add_member(session, build.bureau, today, team, newcomer).ends is None


# ----- corrected


def change(session, build, found, opened=None, **values):
    values = {
        "name": found.name,
        "source": found.source,
        "county_code": found.county_code,
        "sending_unit_id": None,
        "specialities": "",
        "introduction": None,
        "yearly_half_days": 60,
        "industry_ids": [],
        **values,
    }
    if found.kind is Kind.INDIVIDUAL:
        values.setdefault("contact", {"phone": "", "professional_title": None, "education": None})
    return actions.change_commissioner(session, build.bureau, found, opened or found.version, **values)


def test_a_correction_of_a_persons_name_corrects_the_person(session, build):
    made = build.commissioner(name="陈测试")
    found = queries.commissioner(session, made.uid)
    change(session, build, found, name="曾测试", industry_ids=[build.industry_id()])
    assert (found.name, found.person.name) == ("曾测试", "曾测试")
    assert found.pinyin.startswith("zeng")
    assert len(found.industries) == 1


def test_a_stale_page_does_not_overwrite(session, build):
    found = queries.commissioner(session, build.commissioner(name="陈测试").uid)
    opened = found.version
    change(session, build, found, opened, specialities="茶树栽培")
    with pytest.raises(StaleEdit, match="别人修改过"):
        change(session, build, found, opened, specialities="食用菌")
    assert found.specialities == "茶树栽培"


def test_the_trail_names_no_person(session, build):
    found = queries.commissioner(session, build.commissioner(name="陈测试").uid)
    change(session, build, found, name="林改名", specialities="食用菌")
    event = last_event(session, "commissioners.change")
    assert "食用菌" in event.changes
    assert "陈" not in event.changes
    assert "林" not in event.changes
