"""Undoing a batch leaves the database as it was, and refuses where somebody has built upon it since."""

import pytest
import sqlalchemy as sa

from app.domain.refusals import MoveRefused, RuleBroken
from app.domain.rosters.planning import BatchState
from app.domain.vocabulary import Kind, Level
from app.features.commissioners import actions as commissioners
from app.features.commissioners.models import Appointment, Commissioner
from app.features.people.models import Person
from app.features.rounds import actions
from app.features.rounds.models import ImportEffect, ImportWorkbook
from app.storage.trail import Event
from tests.builders import valid_id_number
from tests.conftest import NOW, TODAY
from tests.features.rounds.importing import applied, dump, setting
from tests.features.rounds.test_roster_import import CHEN, LIN
from tests.features.rounds.workbooks import roster, workbook

MIXED = [
    ["类别", "团队名称", "姓名", "身份证号", "负责人/成员", "单位名称", "工作单位", "专业特长", "服务乡镇", "产业"],
    ["个人", None, "陈某", valid_id_number(1), None, None, "甲单位", "茶树栽培", "石壁镇", "茶叶"],
    ["团队", "茶产业团队", "陈某", valid_id_number(1), "负责人", None, "甲单位", None, "石壁镇", "茶叶"],
    ["团队", "茶产业团队", "李某", valid_id_number(3), "成员", None, "乙单位", None, None, None],
    ["法人", None, None, None, None, "测试茶业有限公司", None, None, "全县", "茶叶"],
]


def test_undo_leaves_the_database_as_it_was(session, build):
    known = build.person("陈某", phone="13900000001")
    build.commissioner(person=known)
    build.commissioner(Kind.TEAM, name="茶产业团队", leader=build.person())
    before = dump(session)
    batch, plan = applied(session, roster([CHEN, LIN]))
    other, more = applied(session, workbook(宁化县=MIXED), setting(Level.CITY))
    assert (plan.totals.new_appointments, more.totals.new_appointments) == (2, 3)
    assert dump(session) != before
    for one in (other, batch):
        actions.undo(session, build.bureau, NOW, one)
        assert one.state is BatchState.UNDONE
    assert dump(session) == before


def test_what_was_filled_in_is_emptied_again(session, build):
    person = build.person("陈某", phone="13900000001")
    record = build.commissioner(person=person)
    batch, _ = applied(session, roster([CHEN]))
    session.refresh(person)
    assert person.id_number_hash is not None
    assert (record.specialities, record.version) == ("茶树栽培", 2)
    actions.undo(session, build.bureau, NOW, batch)
    assert (person.id_number_hash, person.employer_id, person.version) == (None, None, 1)
    assert (record.specialities, record.version, record.sending_unit_id) == ("", 1, None)


def test_every_row_taken_back_is_told_in_the_trail_and_the_papers_go(session, build):
    batch, _ = applied(session, roster([CHEN]))
    rows = session.scalars(sa.select(ImportEffect.table_name).where(ImportEffect.batch_id == batch.id)).all()
    assert set(rows) == {
        "people",
        "organisations",
        "commissioners",
        "commissioner_industries",
        "appointments",
        "declared_cover",
    }
    actions.undo(session, build.bureau, NOW, batch)
    told = session.scalars(sa.select(Event.subject_table).where(Event.tag == "rounds.take_back")).all()
    assert sorted(told) == ["appointments", "commissioners", "organisations", "people"]
    assert session.get(ImportWorkbook, batch.id) is None


def refused(session, build, batch):
    before = dump(session)
    with pytest.raises(RuleBroken, match="不能撤销") as told:
        actions.undo(session, build.bureau, NOW, batch)
    assert dump(session) == before
    assert batch.state is BatchState.APPLIED
    return told.value.message


def test_a_visit_keeps_the_batch(session, build):
    batch, _ = applied(session, roster([CHEN, LIN]))
    row = session.scalars(sa.select(Appointment).order_by(Appointment.id).limit(1)).one()
    build.visit(row)
    message = refused(session, build, batch)
    assert "陈某已有服务记录" in message
    assert "林某" not in message


def test_another_appointment_keeps_the_batch(session, build):
    batch, _ = applied(session, roster([CHEN]))
    build.appointment(session.scalars(sa.select(Commissioner)).one(), batch_year=2025)
    assert "陈某已有选认1条" in refused(session, build, batch)


def test_an_offer_and_a_match_keep_the_batch(session, build):
    batch, _ = applied(session, roster([CHEN]))
    build.offer(session.scalars(sa.select(Commissioner)).one())
    assert "陈某已有服务菜单1条" in refused(session, build, batch)


def test_a_withdrawn_appointment_keeps_the_batch(session, build):
    batch, _ = applied(session, roster([CHEN]))
    row = session.scalars(sa.select(Appointment)).one()
    commissioners.withdraw_appointment(session, build.bureau, TODAY, row, "本人申请")
    assert "陈某的选认已被更改" in refused(session, build, batch)


def test_a_corrected_person_keeps_the_batch(session, build):
    from app.features.people import actions as people

    batch, _ = applied(session, roster([CHEN]))
    person = session.scalars(sa.select(Person)).one()
    people.change_person(
        session, build.bureau, person, name="陈某", phone=None, professional_title="高级农艺师", education=None
    )
    assert "陈某的人员资料已被更改" in refused(session, build, batch)


def test_a_later_import_upon_it_must_be_undone_first(session, build):
    first, _ = applied(session, roster([CHEN]))
    second, _ = applied(session, roster([CHEN]), setting(Level.CITY))
    assert "陈某已有选认1条" in refused(session, build, first)
    actions.undo(session, build.bureau, NOW, second)
    actions.undo(session, build.bureau, NOW, first)
    assert first.state is BatchState.UNDONE


def test_a_batch_is_undone_once(session, build):
    batch, _ = applied(session, roster([CHEN]))
    actions.undo(session, build.bureau, NOW, batch)
    with pytest.raises(MoveRefused, match="现在是“已撤销”"):
        actions.undo(session, build.bureau, NOW, batch)


def test_after_undoing_the_roster_may_come_again(session, build):
    batch, first = applied(session, roster([CHEN, LIN]))
    actions.undo(session, build.bureau, NOW, batch)
    assert applied(session, roster([CHEN, LIN]))[1].totals == first.totals
