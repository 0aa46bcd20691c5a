"""Logging, amending and withdrawing a visit: what it may say, who writes it, under which appointment people act."""

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.domain.demands import DemandState
from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken, StaleEdit
from app.domain.roles import Role, system_actor
from app.domain.visits import ConfirmationAnswer, VisitState
from app.domain.vocabulary import ConfirmationChannel, CooperationMode, Kind, Level, OrganisationKind, ServiceMode
from app.features.agreements import actions as agreements
from app.features.commissioners import actions as commissioners
from app.features.demands import queries as demands
from app.features.matches import actions as matches
from app.features.visits import actions
from app.features.visits.models import Participant, Visit, VisitResult
from app.features.vocabulary import queries as vocabulary
from app.storage.trail import Event
from tests.builders import COUNTY, TOWNSHIP, actor


def what(build, appointment, **changes):
    """The arguments of a visit of one commissioner to a village of 石壁镇 three days ago."""
    said = {
        "region_code": TOWNSHIP,
        "service_date": build.today - timedelta(days=3),
        "days": 1,
        "industry_id": build.industry_id(),
        "mode": ServiceMode.ON_SITE,
        "work_done": "查看茶园，教修剪和清园",
        "served": [build.organisation().id],
        "participants": [(appointment.commissioner.person_id, 2)],
    }
    return {**said, **changes}


def writer(appointment):
    return actor(Role.COMMISSIONER, person_id=appointment.commissioner.person_id)


def log(build, appointment, by=None, **changes):
    return actions.log(
        build.session, by or writer(appointment), build.today, build.now, **what(build, appointment, **changes)
    )


def amend(build, visit, appointment, *, version=None, submit=True, **changes):
    said = what(build, appointment, served=[unit.organisation_id for unit in visit.served])
    return actions.amend(
        build.session,
        writer(appointment),
        build.today,
        build.now,
        visit,
        visit.version if version is None else version,
        submit,
        **{**said, **changes},
    )


def test_a_visit_is_submitted_with_people_units_and_results(session, build):
    appointment = build.appointment()
    kinds = {kind.code: kind.id for kind in vocabulary.result_kinds(session, build.today)}
    visit = log(build, appointment, results={kinds["people_trained"]: 20, kinds["demonstration_area"]: 125})
    assert visit.state == VisitState.SUBMITTED
    assert visit.submitted_at == build.now
    assert [(p.person_id, p.appointment_id, p.half_days) for p in visit.participants] == [
        (appointment.commissioner.person_id, appointment.id, 2)
    ]
    assert sorted(row.amount for row in visit.results) == [20, 125]


def test_a_draft_waits_until_it_is_submitted_and_both_leave_a_trail(session, build):
    appointment = build.appointment()
    visit = log(build, appointment, submit=False)
    assert visit.state == VisitState.DRAFT
    assert visit.submitted_at is None
    actions.submit(session, writer(appointment), build.today, build.now, visit)
    assert visit.state == VisitState.SUBMITTED
    tags = session.scalars(sa.select(Event.tag).where(Event.subject_table == "visits").order_by(Event.id)).all()
    assert tags == ["visits.log", "visits.submit"]


@pytest.mark.parametrize("code", ["350424", "350400", "350424999", "", "nonsense"])
def test_a_place_that_is_no_township_is_refused_at_its_field(build, code):
    with pytest.raises(RuleBroken) as refused:
        log(build, build.appointment(), region_code=code)
    assert refused.value.field == "region_code"


def test_an_industry_that_does_not_exist_is_refused_at_its_field(build):
    with pytest.raises(RuleBroken) as refused:
        log(build, build.appointment(), industry_id=999_999)
    assert refused.value.field == "industry_id"


@pytest.mark.parametrize("day", [date(2026, 6, 2), date(2199, 1, 1), date(2025, 5, 30)])
def test_a_day_that_cannot_be_is_refused_and_nothing_is_kept(session, build, day):
    with pytest.raises(RuleBroken) as refused:
        log(build, build.appointment(), service_date=day)
    assert refused.value.field == "service_date"
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 0


def test_somebody_not_appointed_on_the_day_cannot_take_part(build):
    late = build.appointment(begins=build.today, ends=date(2026, 12, 31))
    with pytest.raises(RuleBroken, match="没有在任的选认") as refused:
        log(build, late)
    assert late.commissioner.name in refused.value.message
    log(build, late, service_date=build.today)


def test_a_withdrawn_appointment_carries_no_visit(session, build):
    appointment = build.appointment()
    commissioners.withdraw_appointment(session, build.bureau, build.today, appointment, "重复登记")
    with pytest.raises(RuleBroken, match="没有在任的选认"):
        log(build, appointment)


def test_the_highest_level_valid_on_the_day_is_acted_under_unless_a_person_names_another(session, build):
    county = build.appointment()
    province = build.appointment(county.commissioner, level=Level.PROVINCE)
    build.appointment(county.commissioner, level=Level.CITY, ends=build.today - timedelta(days=4))
    assert log(build, county).participants[0].appointment_id == province.id
    person = county.commissioner.person_id
    named = log(build, county, acting={person: county.id})
    assert named.participants[0].appointment_id == county.id
    other = build.appointment()
    with pytest.raises(RuleBroken, match="任期"):
        log(build, county, acting={person: other.id})


def test_members_act_under_their_team_and_a_member_may_write_for_the_others(session, build):
    leader, member = build.person(), build.person()
    team = build.commissioner(Kind.TEAM, leader=leader, members=[member])
    appointment = build.appointment(team, level=Level.PROVINCE)
    said = what(build, appointment, participants=[(leader.id, 2)])
    by_member = actor(Role.COMMISSIONER, person_id=member.id)
    visit = actions.log(session, by_member, build.today, build.now, **said)
    assert visit.participants[0].appointment_id == appointment.id


def test_a_visit_is_not_written_by_somebody_who_had_no_part_in_it(build):
    appointment, stranger = build.appointment(), build.appointment()
    with pytest.raises(RuleBroken, match="没有参加") as refused:
        log(build, appointment, by=writer(stranger))
    assert refused.value.field == "participants"
    with pytest.raises(RuleBroken, match="本人或其团队"):
        log(build, appointment, by=actor(Role.COUNTY_REVIEWER))
    log(build, appointment, by=system_actor("seed"))


def test_the_served_are_villages_and_firms_not_those_who_send(build):
    sender = build.organisation(kind=OrganisationKind.SENDING_UNIT, region_code=COUNTY)
    for served in ([sender.id], [999_999]):
        with pytest.raises(RuleBroken) as refused:
            log(build, build.appointment(), served=served)
        assert refused.value.field == "served"


def test_a_unit_that_is_not_on_record_is_kept_with_the_visit_and_found_again(build):
    appointment = build.appointment()
    new = (OrganisationKind.COOPERATIVE, " 大坪茶叶专业合作社 ")
    first = log(build, appointment, served=[], new_unit=new)
    again = log(build, appointment, served=[], new_unit=new)
    assert [unit.organisation.name for unit in first.served] == ["大坪茶叶专业合作社"]
    assert first.served[0].organisation_id == again.served[0].organisation_id


def test_a_result_that_the_dictionary_does_not_hold_is_refused(build):
    with pytest.raises(RuleBroken) as refused:
        log(build, build.appointment(), results={999_999: 3})
    assert refused.value.field == "results"


def agreed_demand(build, appointment):
    """A demand of 石壁镇 that this commissioner has taken on, with its agreement on file."""
    demand = build.open_demand()
    match = matches.invite(build.session, build.bureau, build.today, demand, appointment.commissioner)
    matches.answer(build.session, writer(appointment), build.now, match, "accept")
    agreement = agreements.draft(
        build.session,
        build.bureau,
        build.today,
        match,
        cooperation=CooperationMode.PUBLIC,
        begins_on=date(2026, 5, 1),
        ends_on=date(2026, 12, 31),
        content="指导茶园管护",
    )
    agreements.file(build.session, build.bureau, build.today, agreement)
    assert demand.state == DemandState.AGREED
    return demand, match


def test_the_first_visit_handed_in_begins_the_service_of_an_agreed_demand(session, build):
    appointment = build.appointment()
    demand, match = agreed_demand(build, appointment)
    draft = log(build, appointment, demand_id=demand.id, submit=False)
    assert draft.match_id == match.id
    assert demand.state == DemandState.AGREED
    actions.submit(session, writer(appointment), build.today, build.now, draft)
    assert demand.state == DemandState.IN_SERVICE
    log(build, appointment, demand_id=demand.id, work_done="第二次去")
    steps = [step.verb for step in demands.any_demand(session, demand.uid).steps]
    assert steps.count("begin") == 1


def test_a_demand_is_served_by_those_who_took_it_on(build):
    demand, _ = agreed_demand(build, build.appointment())
    with pytest.raises(RuleBroken, match="没有承接"):
        log(build, build.appointment(), demand_id=demand.id)


def test_a_returned_visit_is_amended_and_handed_in_again(session, build):
    appointment = build.appointment()
    visit = log(build, appointment)
    actions.review(session, actor(Role.COUNTY_REVIEWER), build.today, visit, "return", "请写清楚服务了哪几户")
    before = visit.version
    amend(build, visit, appointment, work_done="到三户茶园教修剪", participants=[(visit.participants[0].person_id, 1)])
    assert visit.state == VisitState.SUBMITTED
    assert visit.review_words is None
    assert visit.version > before
    assert [p.half_days for p in visit.participants] == [1]
    assert session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 1


@pytest.mark.parametrize("state", ["submitted", "passed", "withdrawn"])
def test_what_was_handed_in_is_not_rewritten(session, build, state):
    appointment = build.appointment()
    visit = log(build, appointment)
    if state == "passed":
        actions.review(session, actor(Role.COUNTY_REVIEWER), build.today, visit, "pass")
    if state == "withdrawn":
        actions.withdraw(session, writer(appointment), visit, "日期填错")
    with pytest.raises(RuleBroken, match="只有草稿和被退回"):
        amend(build, visit, appointment, work_done="改写")


def test_a_page_opened_before_somebody_elses_change_is_stale(build):
    appointment = build.appointment()
    visit = log(build, appointment, submit=False)
    opened = visit.version
    amend(build, visit, appointment, submit=False, work_done="甲的改动")
    with pytest.raises(StaleEdit):
        amend(build, visit, appointment, version=opened, work_done="乙的改动")
    assert visit.work_done == "甲的改动"


def test_a_changed_visit_must_be_confirmed_anew_and_the_old_word_comes_back_with_the_old_text(session, build):
    appointment = build.appointment()
    visit = log(build, appointment)
    unit = visit.served[0].organisation_id
    token = actions.ask_confirmation(session, writer(appointment), build.now, visit, unit, ConfirmationChannel.LINK)
    actions.answer_confirmation(session, build.now, build.today, token, ConfirmationAnswer.CONFIRMED)
    actions.review(session, actor(Role.COUNTY_REVIEWER), build.today, visit, "return", "请补充")
    assert visit.confirmed_on == build.today
    amend(build, visit, appointment, submit=False, work_done="另写了一番")
    assert visit.confirmed_on is None
    amend(build, visit, appointment)
    assert visit.confirmed_on == build.today


def test_line_ends_of_other_systems_make_no_other_visit(build):
    appointment = build.appointment()
    one = log(build, appointment, work_done="第一行\r\n第二行 ", served=[build.organisation("同村").id])
    other = log(build, appointment, work_done="第一行\n第二行", served=[one.served[0].organisation_id])
    assert one.fingerprint == other.fingerprint


def test_withdrawing_needs_words_and_a_passed_visit_stays(session, build):
    appointment = build.appointment()
    visit = log(build, appointment)
    with pytest.raises(MoveRefused, match="原因"):
        actions.withdraw(session, writer(appointment), visit, " ")
    actions.withdraw(session, writer(appointment), visit, "记到别的县去了")
    assert visit.state == VisitState.WITHDRAWN
    passed = build.passed_visit(appointment)
    with pytest.raises(MoveRefused):
        actions.withdraw(session, writer(appointment), passed, "不要了")


def test_names_phones_and_what_the_served_side_wrote_never_stand_in_the_trail(session, build):
    person = build.person("欧阳测试", phone="13912345678")
    appointment = build.appointment(build.commissioner(person=person))
    visit = log(build, appointment)
    unit = visit.served[0].organisation_id
    token = actions.ask_confirmation(session, writer(appointment), build.now, visit, unit, ConfirmationChannel.LINK)
    words = "找老罗13887654321核实"
    actions.answer_confirmation(session, build.now, build.today, token, ConfirmationAnswer.DISPUTED, words, "罗某某", 2)
    actions.review(session, actor(Role.COUNTY_REVIEWER), build.today, visit, "return", "请核对")
    amend(build, visit, appointment, work_done="改写过")
    session.flush()
    text = json.dumps([(e.words, e.changes, e.actor_name) for e in session.scalars(sa.select(Event))], default=str)
    text = text.encode().decode("unicode_escape")
    for secret in ("欧阳测试", "13912345678", "13887654321", "罗某某", token):
        assert secret not in text


def test_results_and_people_go_with_the_visit_in_one_piece(session, build):
    """A refusal half-way keeps nothing of the report."""
    appointment = build.appointment()
    with pytest.raises(RuleBroken), session.begin_nested():
        log(build, appointment, results={999_999: 1})
    for table in (Visit, Participant, VisitResult):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_the_same_uid_with_the_same_words_is_the_same_visit_and_with_others_is_refused(session, build):
    appointment = build.appointment()
    said = what(build, appointment)
    by = writer(appointment)
    first = actions.log(session, by, build.today, build.now, **said)
    again = actions.log(session, by, build.today, build.now, uid=first.uid, **said)
    assert again.id == first.id
    with pytest.raises(AlreadyDone, match="已经记过"):
        actions.log(session, by, build.today, build.now, uid=first.uid, **{**said, "work_done": "别的内容"})
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 1


def test_a_draft_sent_again_to_be_handed_in_is_handed_in(session, build):
    appointment = build.appointment()
    said, by = what(build, appointment), writer(appointment)
    draft = actions.log(session, by, build.today, build.now, submit=False, **said)
    again = actions.log(session, by, build.today, build.now, uid=draft.uid, **said)
    assert again.id == draft.id
    assert draft.state == VisitState.SUBMITTED
    tags = session.scalars(sa.select(Event.tag).where(Event.subject_table == "visits")).all()
    assert sorted(tags) == ["visits.log", "visits.submit"]
