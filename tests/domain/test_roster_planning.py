"""What importing will do with each row: who is somebody known, who is new, and where a person must decide."""

from dataclasses import replace
from uuid import UUID

from app.domain.rosters.known import Known, KnownOrganisation, KnownPerson, KnownTeam
from app.domain.rosters.persons import NEW
from app.domain.rosters.planning import Outcome, plan
from app.domain.vocabulary import OrganisationKind
from tests.builders import valid_id_number
from tests.domain.roster_books import read, sheet

HEADINGS = ["姓名", "身份证号", "电话", "工作单位", "类别", "团队名称", "负责人", "成员", "单位名称", "信用代码"]
ONE, TWO = valid_id_number(1), valid_id_number(2)
PHONE, OTHER_PHONE = "13900000001", "13900000002"


def person(id_=1, name="陈某", **more):
    more = {"has_number": False, "has_phone": False, **more}
    return KnownPerson(id_, UUID(int=id_), name, **more)


def known(*people, numbers=None, **more):
    by_name = {}
    for one in people:
        by_name.setdefault(one.name, []).append(one)
    return Known(by_number=numbers or {}, by_name={n: tuple(p) for n, p in by_name.items()}, **more)


def planned(rows, facts=None, answers=None):
    """The plan for rows of dicts."""
    return plan(read(sheet(HEADINGS, *[[row.get(h) for h in HEADINGS] for row in rows])), facts or Known(), answers)


def outcomes(rows, facts=None, answers=None):
    return [verdict.outcome for verdict in planned(rows, facts, answers).verdicts]


# ----- one person


def test_nobody_known_is_new():
    assert outcomes([{"姓名": "陈某", "身份证号": ONE}]) == [Outcome.NEW]


def test_the_identity_number_decides():
    here = person(has_number=True)
    assert outcomes([{"姓名": "陈某", "身份证号": ONE}], known(here, numbers={ONE: here})) == [Outcome.APPOINTED]
    holding = replace(here, holds_in="350424")
    assert outcomes([{"姓名": "陈某", "身份证号": ONE}], known(holding, numbers={ONE: holding})) == [Outcome.KNOWN]


def test_a_number_on_record_under_another_name_is_refused():
    other = person(name="林某", has_number=True)
    verdict = planned([{"姓名": "陈某", "身份证号": ONE}], known(other, numbers={ONE: other})).verdicts[0]
    assert verdict.outcome is Outcome.REFUSED
    assert "另一个姓名" in verdict.problems[0].reason
    assert ONE not in str(verdict.problems)


def test_two_numbers_are_two_persons_whatever_the_name():
    assert outcomes([{"姓名": "陈某", "身份证号": ONE}], known(person(has_number=True))) == [Outcome.NEW]
    assert outcomes([{"姓名": "陈某", "身份证号": ONE}, {"姓名": "陈某", "身份证号": TWO}]) == [Outcome.NEW] * 2


def test_name_and_phone_decide_where_a_number_is_missing():
    here = person(has_phone=True, phone=PHONE)
    assert outcomes([{"姓名": "陈某", "电话": PHONE}], known(here)) == [Outcome.APPOINTED]
    assert outcomes([{"姓名": "陈某", "电话": PHONE, "身份证号": ONE}], known(here)) == [Outcome.APPOINTED]
    assert outcomes([{"姓名": "林某", "电话": PHONE}], known(here)) == [Outcome.NEW]


def test_one_phone_and_two_numbers_are_in_doubt():
    here = person(has_number=True, has_phone=True, phone=PHONE)
    assert outcomes([{"姓名": "陈某", "电话": PHONE, "身份证号": ONE}], known(here)) == [Outcome.DOUBTFUL]


def test_a_namesake_without_a_number_is_in_doubt_and_both_answers_are_taken():
    row, facts = {"姓名": "陈某", "电话": PHONE}, known(person(said="陈某（甲单位）"))
    verdict = planned([row], facts).verdicts[0]
    assert verdict.outcome is Outcome.DOUBTFUL
    (doubted,) = verdict.people
    assert [c.said for c in doubted.candidates] == ["陈某（甲单位）"]
    key = verdict.entry.people[0].key
    assert outcomes([row], facts, {key: doubted.candidates[0].answer}) == [Outcome.APPOINTED]
    assert outcomes([row], facts, {key: NEW}) == [Outcome.NEW]
    assert outcomes([row], facts, {key: "person:nonsense"}) == [Outcome.DOUBTFUL]


def test_name_and_unit_are_likely_enough_unless_phones_or_namesakes_speak_against_it():
    row = {"姓名": "陈某", "工作单位": "甲单位（莘口）"}
    here = person(units=("甲单位(莘口)",))
    assert outcomes([row], known(here)) == [Outcome.APPOINTED]
    assert outcomes([row], known(here, replace(here, id=2, uid=UUID(int=2)))) == [Outcome.DOUBTFUL]
    assert outcomes([{**row, "电话": PHONE}], known(replace(here, has_phone=True))) == [Outcome.DOUBTFUL]
    assert outcomes([{**row, "工作单位": "乙单位"}], known(here)) == [Outcome.DOUBTFUL]


def test_the_only_namesake_with_this_very_appointment_was_imported_before():
    facts = known(person(holds_in="350424"))
    assert outcomes([{"姓名": "陈某"}], facts) == [Outcome.KNOWN]
    assert outcomes([{"姓名": "陈某"}], known(person(holds_in="350429"))) == [Outcome.DOUBTFUL]
    elsewhere = known(person(holds_in="350424", units=("甲单位",)))
    assert outcomes([{"姓名": "陈某", "工作单位": "乙单位"}], elsewhere) == [Outcome.DOUBTFUL]


# ----- within one workbook


def test_a_person_listed_twice_is_appointed_once():
    found = planned([{"姓名": "陈某", "身份证号": ONE}, {"姓名": "陈 某", "身份证号": ONE}])
    assert [v.outcome for v in found.verdicts] == [Outcome.NEW, Outcome.KNOWN]
    assert "与第2行重复" in found.verdicts[1].notes[0]
    assert (found.totals.new_people, found.totals.new_appointments, found.totals.known) == (1, 1, 1)


def test_one_number_under_two_names_is_refused_with_the_other_row():
    found = planned([{"姓名": "陈某", "身份证号": ONE}, {"姓名": "林某", "身份证号": ONE}])
    assert [v.outcome for v in found.verdicts] == [Outcome.NEW, Outcome.REFUSED]
    assert "与第2行身份证号相同、姓名不同" in found.verdicts[1].problems[0].reason


def test_namesakes_in_one_workbook():
    same_unit = [{"姓名": "陈某", "工作单位": "甲"}, {"姓名": "陈某", "工作单位": "甲"}]
    assert outcomes(same_unit) == [Outcome.NEW, Outcome.KNOWN]
    nothing_else = [{"姓名": "陈某"}, {"姓名": "陈某"}]
    found = planned(nothing_else)
    assert [v.outcome for v in found.verdicts] == [Outcome.NEW, Outcome.DOUBTFUL]
    (candidate,) = found.verdicts[1].people[0].candidates
    assert "本表第2行的陈某" in candidate.said
    key = found.verdicts[1].entry.people[0].key
    assert outcomes(nothing_else, None, {key: candidate.answer}) == [Outcome.NEW, Outcome.KNOWN]
    assert outcomes(nothing_else, None, {key: NEW}) == [Outcome.NEW, Outcome.NEW]


def test_two_rows_of_one_person_are_one_candidate():
    found = planned([{"姓名": "陈某", "身份证号": ONE}, {"姓名": "陈某", "身份证号": ONE}, {"姓名": "陈某"}])
    assert len(found.verdicts[2].people[0].candidates) == 1


def test_a_refused_row_is_nobody_to_compare_with():
    assert outcomes([{"姓名": "陈某", "电话": "12"}, {"姓名": "陈某"}]) == [Outcome.REFUSED, Outcome.NEW]


# ----- teams and entities


TEAM = {"类别": "团队", "团队名称": "茶产业团队", "负责人": "陈某", "成员": "林某、王某"}


def test_a_team_brings_its_people():
    found = planned([TEAM])
    assert [v.outcome for v in found.verdicts] == [Outcome.NEW]
    assert (found.totals.new_people, found.totals.new_appointments) == (3, 1)


def test_a_team_on_record_is_appointed_or_skipped_whoever_its_members_are():
    doubtful = person(name="林某")
    for holds, outcome in ((False, Outcome.DOUBTFUL), (True, Outcome.KNOWN)):
        facts = known(doubtful, teams={("茶产业团队", "350424"): KnownTeam(7, holds)})
        assert outcomes([TEAM], facts) == [outcome]
    assert outcomes([TEAM], known(teams={("茶产业团队", "350424"): KnownTeam(7, False)})) == [Outcome.APPOINTED]
    assert outcomes([TEAM], known(teams={("茶产业团队", "350429"): KnownTeam(7, True)})) == [Outcome.NEW]


def test_a_person_new_in_a_team_and_alone_is_one_newcomer():
    rows = [{"姓名": "陈某", "身份证号": ONE}, {"类别": "团队", "团队名称": "队", "姓名": "陈某", "身份证号": ONE}]
    found = planned(rows)
    assert [v.outcome for v in found.verdicts] == [Outcome.NEW, Outcome.NEW]
    assert (found.totals.new_people, found.totals.new_appointments) == (1, 2)


def firm(**more):
    more = {"region_code": "350424", "credit_code": None, **more}
    return KnownOrganisation(5, "测试公司", OrganisationKind.ENTERPRISE, **more)


def test_an_entity_on_record_in_the_county_is_the_same():
    row = {"类别": "法人", "单位名称": "测试公司"}
    assert outcomes([row]) == [Outcome.NEW]
    assert outcomes([row], known(organisations=(firm(region_code="350424103"),))) == [Outcome.APPOINTED]
    assert outcomes([row], known(organisations=(firm(holds=True),))) == [Outcome.KNOWN]
    assert outcomes([row], known(organisations=(firm(region_code="350429"),))) == [Outcome.NEW]
    assert outcomes([row, row]) == [Outcome.NEW, Outcome.KNOWN]


def test_a_credit_code_that_contradicts_the_record_is_refused():
    from app.domain.identity import credit_check_character

    one, two = (f + credit_check_character(f) for f in ("91350424000000001", "91350424000000002"))
    row = {"类别": "法人", "单位名称": "测试公司", "信用代码": one}
    assert outcomes([row], known(organisations=(firm(credit_code=two),))) == [Outcome.REFUSED]
    other = replace(firm(credit_code=one), name="另一公司")
    assert outcomes([row], known(organisations=(other,))) == [Outcome.REFUSED]


# ----- totals


def test_rows_add_up():
    rows = [
        {"姓名": "陈某", "身份证号": ONE},
        {"姓名": "陈某", "身份证号": ONE},
        {"姓名": "林某", "电话": "12"},
        {"姓名": "王某", "电话": PHONE},
        TEAM | {"负责人": "张某", "成员": "李某"},
    ]
    found = planned(rows, known(person(name="王某")))
    totals = found.totals
    applied = sum(len(v.entry.rows) for v in found.verdicts if v.outcome.is_applied)
    assert totals.rows == 5 == applied + totals.known + totals.doubtful + totals.refused
    assert (totals.known, totals.doubtful, totals.refused, totals.new_people) == (1, 1, 1, 3)


def test_the_fingerprint_changes_with_what_would_happen():
    rows = [{"姓名": "陈某", "身份证号": ONE}]
    here = person(has_number=True)
    assert planned(rows).fingerprint == planned(rows).fingerprint
    assert planned(rows).fingerprint != planned(rows, known(here, numbers={ONE: here})).fingerprint
