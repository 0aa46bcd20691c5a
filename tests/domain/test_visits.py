"""What a visit is, may claim, and how it is confirmed and reviewed."""

from datetime import date, timedelta

import pytest

from app.domain.refusals import MoveRefused, RuleBroken
from app.domain.roles import Actor, Reach, Role
from app.domain.visits import (
    MOVES,
    Concern,
    ConfirmationAnswer,
    HeldAppointment,
    Stay,
    VisitReport,
    VisitState,
    acting_appointment,
    amount_in_smallest,
    check_answer,
    check_reviewer,
    concerns,
    reviews_at,
    shown_amount,
    stands_confirmed,
)
from app.domain.vocabulary import Level, ServiceMode

TODAY = date(2026, 6, 1)
YES, NO = ConfirmationAnswer.CONFIRMED, ConfirmationAnswer.DISPUTED


def report(**changes):
    said = {
        "region_code": "350424103",
        "service_date": TODAY,
        "days": 1,
        "industry_id": 4,
        "mode": ServiceMode.ON_SITE,
        "work_done": "查看茶园",
        "served": (7,),
        "participants": ((1, 2),),
        "results": ((3, 20),),
    }
    return VisitReport(**{**said, **changes})


ALLOWED = {
    "submit": {"draft": "submitted", "returned": "submitted"},
    "pass": {"submitted": "passed"},
    "return": {"submitted": "returned", "passed": "returned"},
    "withdraw": {"draft": "withdrawn", "submitted": "withdrawn", "returned": "withdrawn"},
}


@pytest.mark.parametrize("verb", sorted(MOVES.moves))
@pytest.mark.parametrize("state", [s.value for s in VisitState])
def test_every_verb_from_every_state(state, verb):
    target = ALLOWED[verb].get(state)
    if target is None:
        with pytest.raises(MoveRefused, match="不能"):
            MOVES.take(state, verb, "有原因")
    else:
        assert MOVES.take(state, verb, "有原因") == target


@pytest.mark.parametrize("verb", ["return", "withdraw"])
def test_returning_and_withdrawing_need_words(verb):
    with pytest.raises(MoveRefused, match="原因"):
        MOVES.take("submitted", verb, "  ")


@pytest.mark.parametrize(
    "day", [TODAY + timedelta(days=1), date(2199, 1, 1), TODAY - timedelta(days=367), date(2019, 6, 1)]
)
def test_a_service_date_in_the_future_or_over_a_year_ago_is_refused_at_its_field(day):
    with pytest.raises(RuleBroken) as refused:
        report(service_date=day).check(TODAY)
    assert refused.value.field == "service_date"


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=366)])
def test_today_and_a_year_ago_are_in_time(day):
    report(service_date=day).check(TODAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 32}, "days"),
        ({"work_done": " \n"}, "work_done"),
        ({"served": ()}, "served"),
        ({"participants": ()}, "participants"),
        ({"participants": ((1, 2), (1, 1))}, "participants"),
        ({"participants": ((1, 0),)}, "half_days"),
        ({"participants": ((1, 3),)}, "half_days"),
        ({"days": 3, "participants": ((1, 6), (2, 7))}, "half_days"),
        ({"results": ((3, 0),)}, "results"),
        ({"results": ((3, 10**12),)}, "results"),
    ],
)
def test_what_no_visit_can_be_is_refused_at_its_field(changes, field):
    with pytest.raises(RuleBroken) as refused:
        report(**changes).check(TODAY)
    assert refused.value.field == field


def test_nobody_works_longer_than_the_stay_lasted():
    report(days=3, participants=((1, 6), (2, 1))).check(TODAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"work_done": "查看茶园和苗圃"},
        {"days": 2},
        {"served": (7, 8)},
        {"participants": ((1, 1),)},
        {"results": ()},
        {"service_date": TODAY - timedelta(days=1)},
        {"mode": ServiceMode.ONLINE},
        {"place": "大坪"},
        {"advice": "十天后再看"},
    ],
)
def test_whatever_changes_in_what_it_says_changes_the_fingerprint(changes):
    assert report(**changes).fingerprint() != report().fingerprint()


def test_the_order_of_units_people_and_results_does_not_matter():
    one = report(served=(7, 8), participants=((1, 2), (5, 1)), results=((3, 20), (4, 1)))
    other = report(served=(8, 7), participants=((5, 1), (1, 2)), results=((4, 1), (3, 20)))
    assert one.fingerprint() == other.fingerprint()


def held(id_, level, begins=date(2026, 1, 1), ends=date(2026, 12, 31)):
    return HeldAppointment(id_, level, begins, ends)


def test_one_acts_under_the_highest_level_valid_on_the_day():
    mine = [
        held(1, Level.COUNTY),
        held(2, Level.PROVINCE, ends=date(2026, 3, 31)),
        held(3, Level.CITY),
        held(4, Level.PROVINCE, begins=date(2026, 9, 1)),
    ]
    assert acting_appointment(mine, date(2026, 3, 31)).id == 2
    assert acting_appointment(mine, date(2026, 4, 1)).id == 3
    assert acting_appointment(mine, date(2026, 9, 1)).id == 4


def test_one_may_name_a_lower_appointment_but_not_one_that_does_not_hold():
    mine = [held(1, Level.COUNTY), held(2, Level.PROVINCE), held(3, Level.CITY, ends=date(2026, 3, 31))]
    assert acting_appointment(mine, TODAY, wanted=1).id == 1
    with pytest.raises(RuleBroken, match="任期"):
        acting_appointment(mine, TODAY, wanted=3)
    with pytest.raises(RuleBroken):
        acting_appointment(mine, TODAY, wanted=99)


def test_without_a_valid_appointment_the_refusal_names_person_and_day():
    with pytest.raises(RuleBroken, match=r"陈甲在2026-06-01没有在任的选认") as refused:
        acting_appointment([held(1, Level.CITY, ends=date(2026, 5, 31))], TODAY, who="陈甲")
    assert refused.value.field == "service_date"


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ([], False),
        ([(1, YES)], True),
        ([(1, NO)], False),
        ([(1, YES), (2, NO)], False),
        ([(1, NO), (1, YES)], True),
        ([(1, YES), (1, NO)], False),
        ([(1, YES), (2, NO), (2, YES)], True),
    ],
)
def test_of_each_unit_the_latest_word_holds_and_a_standing_dispute_unconfirms(words, stands):
    assert stands_confirmed(words) is stands


def test_a_dispute_needs_words_and_satisfaction_is_one_to_five():
    check_answer(YES, None, None)
    check_answer(NO, "那天没有来", 1)
    for answer, words, satisfaction, field in ((NO, " ", None, "words"), (YES, None, 6, "satisfaction")):
        with pytest.raises(RuleBroken) as refused:
            check_answer(answer, words, satisfaction)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        (Stay(1, TODAY, 1, 2), Stay(2, TODAY + timedelta(days=1), 1, 2), True),
        (Stay(1, TODAY, 1, 1), Stay(2, TODAY, 1, 1), True),
        (Stay(1, TODAY, 1, 2), Stay(2, TODAY, 1, 1), False),
        (Stay(1, TODAY, 3, 4), Stay(2, TODAY + timedelta(days=1), 1, 2), True),
        (Stay(1, TODAY, 3, 6), Stay(2, TODAY + timedelta(days=2), 1, 1), False),
    ],
)
def test_two_visits_of_one_person_fit_beside_each_other_or_not(one, other, fits):
    assert one.fits_with(other) is fits
    assert other.fits_with(one) is fits


def test_what_a_reviewer_is_told_to_look_at():
    plain = {"disputed": False, "last_day": TODAY, "submitted_on": TODAY + timedelta(days=30), "same_time": False}
    assert concerns(**plain) == []
    assert concerns(**{**plain, "submitted_on": TODAY + timedelta(days=31)}) == [Concern.LATE]
    assert concerns(**{**plain, "disputed": True, "same_time": True}) == [Concern.DISPUTED, Concern.SAME_TIME]


@pytest.mark.parametrize(
    ("role", "territory", "may"),
    [
        (Role.COUNTY_REVIEWER, "350424", True),
        (Role.COUNTY_HEAD, "350424", True),
        (Role.CITY_REVIEWER, "350400", True),
        (Role.COUNTY_REVIEWER, "350430", False),
        (Role.COUNTY_TRIAGE, "350424", False),
        (Role.TOWNSHIP_OFFICIAL, "350424103", False),
        (Role.COMMISSIONER, None, False),
    ],
)
def test_the_county_of_service_reviews(role, territory, may):
    assert reviews_at(Actor(None, "某人", role, reach=Reach(territory=territory)), "350424103") is may


@pytest.mark.parametrize(("took_part", "wrote_it"), [(True, False), (False, True)])
def test_nobody_reviews_a_visit_of_his_or_her_own(took_part, wrote_it):
    check_reviewer(took_part=False, wrote_it=False)
    with pytest.raises(RuleBroken, match="另一位审核员"):
        check_reviewer(took_part=took_part, wrote_it=wrote_it)


@pytest.mark.parametrize(
    ("text", "per_unit", "unit", "amount"),
    [
        ("20", 1, "人次", 20),
        ("12.5", 10, "亩", 125),
        ("12.50亩", 10, "亩", 125),
        ("１２，０００", 100, "元", 1_200_000),
        ("1.5万", 100, "元", 1_500_000),
        ("3万元", 100, "元", 3_000_000),
        ("0.01", 100, "元", 1),
    ],
)
def test_amounts_are_written_as_people_say_them_and_kept_in_the_smallest_unit(text, per_unit, unit, amount):
    assert amount_in_smallest(text, per_unit, unit) == amount


@pytest.mark.parametrize("text", ["", "很多", "-3", "0", "1.05", "1e9", "99999999999999", "1,23", "二十"])
def test_what_is_no_amount_is_refused_at_the_results(text):
    with pytest.raises(RuleBroken) as refused:
        amount_in_smallest(text, 10, "亩")
    assert refused.value.field == "results"


@pytest.mark.parametrize(
    ("amount", "per_unit", "shown"),
    [(20, 1, "20"), (125, 10, "12.5"), (1_200_000, 100, "12,000"), (1_205, 100, "12.05"), (1, 100, "0.01")],
)
def test_amounts_are_shown_in_their_unit(amount, per_unit, shown):
    assert shown_amount(amount, per_unit) == shown
    assert amount_in_smallest(shown, per_unit, "元") == amount
