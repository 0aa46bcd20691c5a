"""A natural person has one row, whatever he or she holds; numbers are sealed and shown only with a trail."""

import pytest
import sqlalchemy as sa

from app.domain.refusals import RuleBroken
from app.features.people import actions, queries
from app.features.people.models import Person
from app.storage.trail import Event
from tests.builders import actor, valid_id_number


def keep(session, today, **values):
    return actions.keep_person(session, actor(), today, **values)


def last_event(session) -> Event:
    session.flush()
    return session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(1)).one()


def test_the_same_identity_number_is_the_same_person(session, today):
    number = valid_id_number(1)
    one = keep(session, today, name="陈测试", id_number=number)
    again = keep(session, today, name="陈 测试", id_number=f" {number} ", phone="13900001111")
    assert again.id == one.id
    assert queries.phone_of(session, again) == "13900001111"


def test_without_a_number_name_and_phone_make_the_person(session, today):
    one = keep(session, today, name="陈测试", phone="139 0000 1111")
    assert keep(session, today, name="陈测试", phone="+8613900001111").id == one.id
    assert keep(session, today, name="林测试", phone="13900001111").id != one.id
    assert keep(session, today, name="陈测试", phone="13900002222").id != one.id


def test_a_bare_name_is_never_joined_to_somebody(session, today):
    assert keep(session, today, name="陈测试").id != keep(session, today, name="陈测试").id


def test_two_people_who_share_a_name_and_a_phone_but_not_a_number_are_two(session, today):
    one = keep(session, today, name="陈测试", phone="13900001111", id_number=valid_id_number(1))
    assert keep(session, today, name="陈测试", phone="13900001111", id_number=valid_id_number(2)).id != one.id


def test_an_identity_number_of_another_name_is_refused_without_saying_whose(session, today):
    keep(session, today, name="陈测试", id_number=valid_id_number(1))
    with pytest.raises(RuleBroken, match="另一个姓名") as refused:
        keep(session, today, name="林测试", id_number=valid_id_number(1))
    assert refused.value.field == "id_number"
    assert "陈" not in refused.value.message


def test_a_wrong_check_digit_is_refused(session, today):
    number = valid_id_number(1)
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    with pytest.raises(RuleBroken, match="校验码"):
        keep(session, today, name="陈测试", id_number=wrong)
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


def test_what_is_known_stays_and_what_is_empty_is_filled(session, today):
    one = keep(session, today, name="陈测试", phone="13900001111", professional_title="农艺师")
    before = one.version
    keep(session, today, name="陈测试", phone="13900001111", professional_title="高级农艺师", education="本科")
    assert (one.professional_title, one.education) == ("农艺师", "本科")
    assert one.version == before + 1
    keep(session, today, name="陈测试", phone="13900001111")
    assert one.version == before + 1


def test_numbers_are_sealed_and_never_stand_in_the_trail(session, today):
    number = valid_id_number(7)
    one = keep(session, today, name="陈测试", phone="13900001111", id_number=number)
    session.flush()
    raw = session.execute(sa.text("SELECT * FROM people WHERE id = :id"), {"id": one.id}).one()
    stored = " ".join(str(value) for value in raw)
    assert number not in stored
    assert "13900001111" not in stored
    actions.change_person(
        session, actor(), one, name="陈新名", phone="13900002222", professional_title=None, education=None
    )
    event = last_event(session)
    assert event.tag == "people.change"
    assert "陈" not in (event.changes or "")
    assert "139" not in (event.changes or "")


def test_names_sort_and_are_found_by_the_surnames_own_reading(session, today):
    one = keep(session, today, name="曾测试")
    assert one.pinyin.startswith("zeng ")
    assert one.initials == "zcs"


def test_an_empty_phone_in_a_correction_leaves_the_number(session, today):
    one = keep(session, today, name="陈测试", phone="13900001111")
    actions.change_person(session, actor(), one, name="陈测试", phone="", professional_title="教授", education=None)
    assert queries.phone_of(session, one) == "13900001111"
    assert one.professional_title == "教授"


def test_showing_a_phone_leaves_a_trail_row_without_the_number(session, today):
    one = keep(session, today, name="陈测试", phone="13900001111")
    assert actions.reveal(session, actor(), one, "联系本人") == "13900001111"
    event = last_event(session)
    assert (event.tag, event.subject_table, event.subject_id) == ("people.reveal", "people", one.id)
    assert event.words == "联系本人"
    assert event.changes is None


@pytest.mark.parametrize("name", ["", "　 "])
def test_a_person_needs_a_name(session, today, name):
    with pytest.raises(RuleBroken, match="姓名"):
        keep(session, today, name=name)
