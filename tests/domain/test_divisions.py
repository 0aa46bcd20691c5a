"""Codes of divisions, and the joining of townships by code and name (domain/divisions.py)."""

from datetime import date

import pytest

from app.domain.divisions import (
    COUNTY_ALIASES,
    CodeAlias,
    Denominator,
    DivisionLevel,
    RefusalKind,
    TownshipEntry,
    TownshipKind,
    TownshipMatch,
    TownshipRefusal,
    ancestors,
    contains,
    county_of,
    current_county,
    level_of,
    name_stem,
    names_agree,
    normal_code,
    parent,
    prefix_of,
    resolve_township,
    township_kind,
)
from app.domain.refusals import RuleBroken

REGISTER = (
    TownshipEntry("350404001", "列东街道"),
    TownshipEntry("350404003", "徐碧街道"),
    TownshipEntry("350404004", "城关街道"),
    TownshipEntry("350405100", "青州镇"),
    TownshipEntry("350405101", "夏茂镇"),
    TownshipEntry("350421200", "城关乡"),
    TownshipEntry("350424108", "水茜镇", former_names=("水茜乡",)),
    TownshipEntry("350424109", "城郊镇"),
    TownshipEntry("350424110", "城南镇"),
    TownshipEntry("350424207", "治平畲族乡"),
    TownshipEntry("350426100", "城关镇"),
    TownshipEntry("350426110", "中仙镇"),
    TownshipEntry("350429202", "大田乡"),
    TownshipEntry("350481204", "青水畲族乡"),
)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("350000", DivisionLevel.PROVINCE),
        ("350400", DivisionLevel.CITY),
        ("350421", DivisionLevel.COUNTY),
        ("350481", DivisionLevel.COUNTY),
        ("350421399", DivisionLevel.TOWNSHIP),
        ("350404001", DivisionLevel.TOWNSHIP),
        ("350404400", DivisionLevel.STATISTICAL),
        ("350405403", DivisionLevel.STATISTICAL),
        ("350430599", DivisionLevel.STATISTICAL),
    ],
)
def test_the_level_is_read_from_the_digits(code, level):
    assert level_of(code) is level


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("350404001", TownshipKind.SUBDISTRICT),
        ("350404100", TownshipKind.TOWN),
        ("350404199", TownshipKind.TOWN),
        ("350404200", TownshipKind.RURAL),
        ("350404399", TownshipKind.RURAL),
        ("350404500", TownshipKind.STATISTICAL),
    ],
)
def test_the_kind_of_a_township_is_read_from_its_last_digits(code, kind):
    assert township_kind(code) is kind


def test_a_township_stands_under_its_county_and_city_and_the_city_on_top():
    assert ancestors("350421100") == ("350421", "350400")
    assert parent("350421") == "350400"
    assert parent("350400") is None
    assert ancestors("350400") == ()
    assert county_of("350421100") == county_of("350421") == "350421"
    assert county_of("350400") is None


@pytest.mark.parametrize(
    ("territory", "code", "inside"),
    [
        ("350400", "350400", True),
        ("350400", "350481", True),
        ("350400", "350481001", True),
        ("350400", "350500", False),
        ("350000", "350400", True),
        ("350421", "350421100", True),
        ("350421", "350423100", False),
        ("350421", "350400", False),
        ("350421100", "350421", False),
        ("350421100", "350421100", True),
        ("350421100", "350421101", False),
        # The city's own digits must not swallow its province.
        ("350400", "350000", False),
    ],
)
def test_a_territory_contains_itself_and_what_lies_below(territory, code, inside):
    assert contains(territory, code) is inside


def test_every_code_inside_a_territory_begins_with_its_prefix():
    assert [prefix_of(code) for code in ("350000", "350400", "350421", "350421100")] == [
        "35",
        "3504",
        "350421",
        "350421100",
    ]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("350421", "350421"),
        ("350400000000", "350400"),
        ("350421000", "350421"),
        ("350421000000", "350421"),
        ("350421100", "350421100"),
        ("350421100000", "350421100"),
        (350421100, "350421100"),
        ("350421100.0", "350421100"),
        (" 350421 100 ", "350421100"),
        ("３５０４２１１００", "350421100"),
    ],
)
def test_codes_are_accepted_in_the_forms_offices_write(written, stored):
    assert normal_code(written) == stored


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("35042", "6位、9位或12位"),
        ("3504211", "6位、9位或12位"),
        ("三元区", "6位、9位或12位"),
        ("", "6位、9位或12位"),
        ("050421", "6位、9位或12位"),
        ("350421100.5", "6位、9位或12位"),
        ("350421100201", "村级代码"),
        ("350421000201", "村级代码"),
        ("350421600", "不是有效的乡镇代码"),
        ("350400100", "不是有效的乡镇代码"),
    ],
)
def test_other_codes_are_refused_in_words(written, words):
    with pytest.raises(RuleBroken, match=words) as refused:
        normal_code(written)
    assert refused.value.field == "code"


@pytest.mark.parametrize(("old", "now"), [("350402", "350404"), ("350403", "350404"), ("350427", "350405")])
def test_the_county_codes_of_before_the_merger_lead_to_todays(old, now):
    assert current_county(old) == now
    assert current_county(now) == now


def test_aliases_name_their_source_and_date():
    assert all(alias.source and alias.since == date(2021, 2, 3) for alias in COUNTY_ALIASES)


def test_aliases_are_an_argument():
    renamed = (CodeAlias("350481", "永安市", "350406", date(2030, 1, 1), "测试"),)
    assert current_county("350481", renamed) == "350406"
    assert current_county("350427", renamed) == "350427"


def test_the_township_digits_of_an_abolished_county_do_not_carry_over():
    with pytest.raises(RuleBroken, match="已撤销的三元区"):
        current_county("350403001")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("水茜乡", "水茜镇"),
        ("治平畲族乡", "治平乡"),
        ("治平畬族乡", "治平"),
        ("列东街道办事处", "列东街道"),
        ("列东街道办", "列东"),
        ("俆碧街道", "徐碧街道"),
        (" 徐碧 街道", "徐碧街道"),
        ("陳大鎮", "陈大镇"),
        ("阪面镇", "坂面镇"),
    ],
)
def test_names_that_may_be_one_place_in_one_county(one, other):
    assert names_agree(one, other)
    assert names_agree(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("城关街道", "城关镇"), ("城关街道", "城关乡"), ("城郊镇", "城南镇"), ("镇", "乡")]
)
def test_names_that_are_two_places(one, other):
    assert not names_agree(one, other)


def test_a_stem_is_never_empty():
    assert name_stem("镇") == "镇"
    assert name_stem("畲族乡") == "畲族"


def resolved(county, code=None, name=None, **options):
    return resolve_township(REGISTER, county, code, name, **options)


def test_code_and_name_that_agree_are_a_match():
    assert resolved("350405", "350405101", "夏茂镇") == TownshipMatch("350405101", "code and name")
    assert resolved(None, "350405101000", "夏茂") == TownshipMatch("350405101", "code and name")


def test_a_code_of_the_other_published_series_goes_to_review_and_is_not_believed():
    # 350405101 is 夏茂镇 for the statistics bureau and 青州镇 in a list that is as widely used.
    outcome = resolved("350405", "350405101", "青州镇")
    assert isinstance(outcome, TownshipRefusal)
    assert outcome.kind is RefusalKind.REVIEW
    assert outcome.kind == "review"
    assert "350405101是夏茂镇" in outcome.reason
    assert "代码与名称不一致" in outcome.reason
    assert outcome.suggestions == ("350405101", "350405100")


def test_a_code_that_is_in_no_list_goes_to_review_even_if_the_name_is_known():
    outcome = resolved("350426", "350426203", "中仙镇")
    assert outcome.kind is RefusalKind.REVIEW
    assert outcome.suggestions == ("350426110",)


def test_a_code_alone_is_enough_if_it_is_known():
    assert resolved("350405", "350405100") == TownshipMatch("350405100", "code")
    assert resolved(None, 350405100) == TownshipMatch("350405100", "code")
    assert resolved("350405", "350405199").kind is RefusalKind.UNKNOWN


def test_a_name_alone_is_enough_inside_its_county():
    assert resolved("350426", name="城关镇") == TownshipMatch("350426100", "name")
    assert resolved("350421", name="城关乡") == TownshipMatch("350421200", "name")
    assert resolved("350404", name="城关街道办事处") == TownshipMatch("350404004", "name")
    assert resolved("350429", name="大田") == TownshipMatch("350429202", "name")
    assert resolved("350481", name="青水乡") == TownshipMatch("350481204", "name")


def test_a_former_name_finds_its_township():
    assert resolved("350424", name="水茜乡") == TownshipMatch("350424108", "name")


def test_a_name_never_matches_across_counties():
    outcome = resolved("350425", name="大田乡")
    assert outcome.kind is RefusalKind.UNKNOWN
    assert "大田乡（350429202）" in outcome.reason
    assert resolved("350423", name="城关镇").kind is RefusalKind.UNKNOWN


def test_a_name_without_a_county_is_not_looked_for():
    outcome = resolved(None, name="夏茂镇")
    assert outcome.kind is RefusalKind.REVIEW
    assert "请补充所属县" in outcome.reason
    assert resolved(None, "350400", "夏茂镇").kind is RefusalKind.REVIEW


def test_a_subdistrict_is_not_taken_for_a_town_of_the_same_stem():
    outcome = resolved("350404", name="城关镇")
    assert outcome.kind is RefusalKind.REVIEW
    assert outcome.suggestions == ("350404004",)


def test_two_that_may_be_meant_are_shown_and_none_is_chosen():
    twins = (TownshipEntry("350421200", "城关乡"), TownshipEntry("350421109", "城关镇"))
    outcome = resolve_township(twins, "350421", None, "城关")
    assert outcome.kind is RefusalKind.REVIEW
    assert set(outcome.suggestions) == {"350421200", "350421109"}
    # The exact name decides before the stem does.
    assert resolve_township(twins, "350421", None, "城关镇") == TownshipMatch("350421109", "name")


def test_an_abolished_county_code_is_replaced_and_its_township_digits_are_set_aside():
    assert resolved("350427", name="夏茂镇") == TownshipMatch("350405101", "name")
    assert resolved("350402", "350402001", "列东街道") == TownshipMatch("350404001", "name")
    assert resolved(None, "350427101", "夏茂镇") == TownshipMatch("350405101", "name")
    assert resolved(None, "350427101").kind is RefusalKind.MISSING


def test_code_and_county_that_disagree_go_to_review():
    outcome = resolved("350421", "350405101", "夏茂镇")
    assert outcome.kind is RefusalKind.REVIEW
    assert "与所填的县350421不一致" in outcome.reason


def test_a_name_written_with_its_county_is_read():
    for written in ("沙县区夏茂镇", "三明市沙县区夏茂镇", "福建省三明市沙县区夏茂镇"):
        assert resolved("350405", name=written, county_name="沙县区") == TownshipMatch("350405101", "name")
    # Another county's name before it is no match: the row contradicts itself.
    assert resolved("350405", name="尤溪县夏茂镇", county_name="沙县区").kind is RefusalKind.UNKNOWN


def test_broken_codes_and_empty_rows_say_what_is_wrong():
    assert "6位、9位或12位" in resolved("350405", "abc", "夏茂镇").reason
    assert "不是县级代码" in resolved("350400", None, "夏茂镇").reason
    empty = resolved("350405", "", " ")
    assert empty.kind is RefusalKind.MISSING
    assert "没有填写乡镇" in empty.reason


def test_only_the_candidates_handed_in_count():
    assert resolve_township((), "350405", "350405101", "夏茂镇").kind is RefusalKind.REVIEW
    assert resolve_township((), "350405", None, "夏茂镇").kind is RefusalKind.UNKNOWN


def test_a_renumbered_township_is_found_by_its_old_code_too():
    known = (TownshipEntry("350405199", "新夏茂镇"),)
    old = CodeAlias("350405101", "夏茂镇", "350405199", date(2026, 4, 1), "测试")
    assert resolve_township(known, "350405", "350405101", None, aliases=[old]) == TownshipMatch("350405199", "code")
    assert resolve_township(known, None, "350405101", "新夏茂镇", aliases=[old]).code == "350405199"
    assert resolve_township(known, "350405", "350405101", None).kind is RefusalKind.UNKNOWN


@pytest.mark.parametrize(
    ("denominator", "words"),
    [
        (Denominator(141, 0, 6), "141个乡镇（不含6个统计用区划）"),
        (Denominator(141, 6, 6), "147个，含6个统计用区划"),
        (Denominator(141, 2, 6), "143个，含2个统计用区划，另4个不计入"),
        (Denominator(16), "16个乡镇"),
    ],
)
def test_a_denominator_says_what_it_holds(denominator, words):
    assert denominator.in_words == words
