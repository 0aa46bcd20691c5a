"""What a demand's words suggest to triage: industry, sort of help, urgency. The officer decides."""

import pytest

from app.domain.triage import MEANS, PRESSING, PRODUCES, suggest
from app.domain.vocabulary import NeedType, Urgency
from app.features.demands import understanding
from app.features.menus.understanding import engine
from app.features.vocabulary import queries as vocabulary


@pytest.mark.parametrize(
    ("title", "industry", "need"),
    [
        ("铸件总有砂眼", "steel_equipment", NeedType.EQUIPMENT),
        ("民宿客人住一晚就走", "culture_tourism_health", NeedType.PLANNING),
        ("草莓滞销，想做品牌", "agriculture", NeedType.BRAND),
        ("母猪不吃料", "agriculture", NeedType.BREEDING),
        ("茶树病虫害很重", "agriculture", NeedType.PLANT_PROTECTION),
        ("蜜柚脱苦怎么加工", "agriculture", NeedType.PROCESSING),
    ],
)
def test_industry_and_sort_of_help_are_read_off_the_words(session, build, today, title, industry, need):
    told = understanding.suggested(session, build.demand(title=title, description=""), today)
    assert told.industry_code.split(".")[0] == industry
    assert told.need_type == need


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("茶树叶子发黄", "agriculture.tea"),
        ("香菇菌棒发霉", "agriculture.edible_fungi"),
        ("毛竹林退化", "agriculture.forest_bamboo"),
        ("莲子田里死苗", "agriculture.lotus_coix"),
        ("油茶落果", "agriculture.camellia"),
        ("制种田父本母本花期不遇", "agriculture.rice_seed"),
        ("蜜蜂爬蜂", "agriculture.bees"),
        ("叶子卷了", "agriculture"),
    ],
)
def test_the_most_specific_industry_that_the_words_bear_is_suggested(session, build, today, title, code):
    told = understanding.suggested(session, build.demand(title=title, description=""), today)
    assert told.industry_code == code


def test_words_that_say_nothing_suggest_nothing(session, build, today):
    told = understanding.suggested(session, build.demand(title="请帮忙看看", description=""), today)
    assert (told.industry_code, told.need_type, told.urgency) == (None, None, None)


@pytest.mark.parametrize(
    ("words", "urgency"), [("损失惨重", Urgency.CRITICAL), ("急需专家", Urgency.URGENT), ("想了解一下", None)]
)
def test_urgency_is_read_off_the_words(session, build, today, words, urgency):
    assert understanding.suggested(session, build.demand(title="茶树发黄", description=words), today).urgency == urgency


def test_a_suggested_industry_is_one_that_triage_can_choose(session, build, today):
    told = understanding.suggested(session, build.demand(title="茶树病虫害很重", description=""), today)
    industry_id = understanding.suggested_industry_id(session, told, today)
    assert vocabulary.industries_by_id(session)[industry_id].code.startswith("agriculture")


def test_every_industry_of_the_table_is_in_the_scheme_and_every_discipline_in_the_vocabulary(session, today):
    known = engine(session, today).vocabulary
    codes = {*(code for code, _ in MEANS.values()), *PRODUCES.values()}
    assert [code for code in codes if vocabulary.industry_by_code(session, code) is None] == []
    assert [name for name in (*MEANS, *PRODUCES, *PRESSING) if name not in known] == []


def test_a_part_is_named_when_the_words_bear_it_and_a_help_for_all_does_not_speak_against_it():
    def alone(name):
        return []

    assert suggest({"disc.tea_science": 1.0}, alone, []).industry_code == "agriculture.tea"
    spread = {"disc.tea_science": 0.1, "disc.agriculture": 1.0}
    assert suggest(spread, alone, []).industry_code == "agriculture"
    sick_tea = {"disc.tea_science": 0.3, "disc.plant_protection": 1.0}
    assert suggest(sick_tea, alone, []).industry_code == "agriculture.tea"
    torn = {"disc.tea_science": 0.3, "disc.fungi": 0.3, "disc.pomology": 0.3}
    assert suggest(torn, alone, []).industry_code == "agriculture"
