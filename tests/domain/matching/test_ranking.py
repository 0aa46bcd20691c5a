"""The ranking as policy: who stands before whom and why, who is refused by which rule, what is said to
people.
"""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.matching.facts import DemandFacts, OfferFacts, Place, Rule, Tier
from app.domain.matching.ranking import Engine, rank
from app.domain.matching.vocabulary import Concept, Example, Vocabulary
from app.domain.matching.weights import Weights
from app.features.vocabulary.data import shipped_examples, shipped_rows

TOWNSHIP = Place(117.62, 26.27)
NEAR = Place(117.70, 26.30)
FAR = Place(116.65, 26.26)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.from_rows(shipped_rows(), shipped_examples())


@pytest.fixture(scope="module")
def engine(vocabulary) -> Engine:
    return Engine(vocabulary, place_names=["大田县", "建设镇"])


def offer(name: str, title: str = "茶园病虫害防治", **facts: object) -> OfferFacts:
    return OfferFacts(name, "个人", title, **facts)  # type: ignore[arg-type]


def order(engine: Engine, demand: DemandFacts, *offers: OfferFacts) -> list[str]:
    return [found.offer_id for found in engine.rank(demand, engine.collect(offers)).proposals]


TEA = DemandFacts("d", "茶叶上长虫，叶子被吃光", place=TOWNSHIP)


# -- content


def test_a_symptom_finds_the_discipline_and_a_member_finds_its_family(engine):
    found = order(
        engine,
        DemandFacts("d", "脐橙叶子卷起来，长势差"),
        offer("pathologist", "柑橘病虫害综合防治"),
        offer("brand", "农产品品牌设计"),
        offer("grape", "葡萄优质栽培"),
    )
    assert found[0] == "pathologist"
    assert "brand" not in found[:1]


def test_a_brand_problem_goes_to_the_designer_not_to_the_grower(engine):
    found = order(
        engine,
        DemandFacts("d", "蜜桃没有牌子，包装难看，想做品牌"),
        offer("grower", "桃树栽培与修剪"),
        offer("designer", "农产品品牌策划与包装设计"),
    )
    assert found[0] == "designer"


def test_generalists_stand_below_specialists_and_above_nothing(engine):
    found = order(
        engine,
        DemandFacts("d", "生猪发烧不吃食"),
        offer("general", "畜禽养殖与动物疫病综合服务"),
        offer("pig", "猪病诊断与防治"),
        offer("steel", "连铸坯表面裂纹控制"),
    )
    assert found == ["pig", "general"]


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("红薯粉丝一煮就断", "淀粉与粉丝加工", "短视频粉丝运营"),
        ("水稻直播怎么播", "水稻机械化直播技术", "直播带货与网店运营"),
        ("压铸件表面起泡", "铝合金压铸工艺", "塑料薄膜吹塑"),
    ],
)
def test_the_rest_of_the_text_chooses_between_meanings(engine, text, right, wrong):
    assert order(engine, DemandFacts("d", text), offer("right", right), offer("wrong", wrong))[0] == "right"


def test_numbers_places_and_phrases_that_every_text_has_are_no_content(engine):
    words = engine.reader.read([("大田县建设镇2000亩茶园，请省级科技特派员3次上门指导", 1.0)]).words
    assert set(words) <= {"茶园"}


def test_unknown_words_still_match_by_their_characters(engine):
    found = order(engine, DemandFacts("d", "勾头蓉溪草怎么种"), offer("a", "勾头蓉溪草引种"), offer("b", "钢管焊接"))
    assert found[:1] == ["a"]


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("嗦嗦虫咬了蕨芽", "植物保护", "混凝土制品"),
        ("噜噜机的铝壳有砂眼毛边", "铸造工艺", "茶叶种植"),
    ],
)
def test_words_that_nobody_wrote_down_lean_to_what_is_written_with_their_characters(vocabulary, text, right, wrong):
    engine = Engine(vocabulary, Weights().varied(nobody=0.0))
    found = engine.rank(
        DemandFacts("d", text), engine.collect([offer("right", right), offer("wrong", wrong)])
    ).proposals
    leaning = {one.offer_id: next(part.share for part in one.parts if part.name == "leaning") for one in found}
    assert found[0].offer_id == "right"
    assert leaning["right"] > leaning.get("wrong", 0.0)


def test_nearness_says_less_of_a_field_that_is_asked_for_every_day(engine):
    """Most example sentences speak of fruit and pests, hardly any of rare earths."""

    def rare(title: str) -> float:
        found = engine.rank(DemandFacts("d", title), engine.collect([offer("a", title)])).proposals[0]
        return next(part.share for part in found.parts if part.name == "rare")

    assert rare("稀土永磁材料") > rare("柑橘病虫害防治") + 0.3


def test_what_only_leans_to_a_demand_says_so_and_nothing_surer():
    concepts = [Concept("disc.b", "铸造", facet="discipline")]
    concepts += [
        Concept(label, label, facet="product", disciplines=("disc.b",)) for label in ("砂箱", "砂型", "浇口", "浇道")
    ]
    concepts += [Concept("tea", "茶叶", facet="product")]
    engine = Engine(Vocabulary(concepts), Weights().varied(nobody=0.0, guess=0.0))
    found = engine.rank(DemandFacts("d", "浇砂出了毛病"), engine.collect([offer("a", "砂浇的工艺")])).proposals
    assert [one.reasons for one in found] == ["用字近于铸造"]


def test_an_empty_vocabulary_leans_to_nothing():
    engine = Engine(Vocabulary([]))
    assert engine.profiler.profile("茶叶上长虫", "").leanings == {}
    assert order(engine, TEA, offer("a", "茶叶上长虫怎么办"), offer("b", "钢管焊接"))[:1] == ["a"]


def test_leanings_are_those_of_labels_and_of_length_one(engine):
    leanings = engine.profiler.profile("细纱断头飞花", "").leanings
    names = {engine.kinship.ids[number]: share for number, share in leanings.items()}
    assert "disc.textile" in sorted(names, key=names.__getitem__)[-2:]
    assert sum(share * share for share in names.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["豬發燒不吃食", "猪发烧不吃食２０天", "猪发烧，不吃食！！！"])
def test_characters_of_another_spelling_say_the_same(engine, text):
    demand = DemandFacts("d", text)
    assert order(engine, demand, offer("pig", "猪病诊断与防治"), offer("tea"))[0] == "pig"


def test_equal_offers_stand_in_the_order_of_their_ids(engine):
    assert order(engine, TEA, offer("b"), offer("c"), offer("a")) == ["a", "b", "c"]


def test_of_two_offers_with_one_id_the_later_counts(engine):
    collection = engine.collect([offer("a", "钢管焊接"), offer("a")])
    assert collection.size == 1
    assert [found.offer_id for found in engine.rank(TEA, collection).proposals] == ["a"]


def test_no_offers_at_all_means_nobody(engine):
    answer = engine.rank(TEA, engine.collect([]))
    assert answer.nobody_suits
    assert answer.advice


def test_an_empty_demand_means_nobody(engine):
    assert engine.rank(DemandFacts("d", "", ""), engine.collect([offer("a")])).nobody_suits


MOULD = DemandFacts("d", "香菇棒长绿霉", "出菇棚里一排排菌棒长绿毛，越传越多")
FARAWAY = (
    offer("tea", "茶园病虫害防治", description="茶小绿叶蝉、炭疽病绿色防控"),
    offer("poultry", "家禽疾病诊断", description="鸡鸭鹅疫病"),
    offer("herbs", "中药材栽培", description="黄精、重楼林下种植"),
)


def test_what_only_touches_the_matter_is_set_apart_below_what_suits(engine):
    growers = (
        offer("disease", "食用菌病虫害防控", description="香菇、木耳杂菌污染处理"),
        offer("grower", "香菇栽培与菌棒制作"),
    )
    found = engine.rank(MOULD, engine.collect([*growers, *FARAWAY])).proposals
    tiers = {proposal.offer_id: proposal.tier for proposal in found}
    assert tiers.pop("disease") == tiers.pop("grower") == Tier.SUITABLE
    assert set(tiers.values()) <= {Tier.MARGINAL}
    assert [proposal.tier for proposal in found] == sorted((p.tier for p in found), key=list(Tier).index)


def test_where_all_offers_are_for_other_things_nobody_suits(engine):
    answer = engine.rank(MOULD, engine.collect(FARAWAY))
    assert answer.nobody_suits
    assert {proposal.tier for proposal in answer.proposals} <= {Tier.MARGINAL}
    assert answer.summary.startswith("暂无合适人选")


# -- practical parts and what people read


def test_the_nearer_of_equals_stands_first_but_nearness_never_beats_knowledge(engine):
    assert order(engine, TEA, offer("far", place=FAR), offer("near", place=NEAR)) == ["near", "far"]
    assert order(engine, TEA, offer("tea", place=FAR), offer("rice", "水稻机插秧", place=NEAR))[0] == "tea"


def test_reasons_are_words_an_officer_can_check(engine):
    one = offer("a", "茶叶病虫害防治", place=NEAR, free_half_days=24, past_services=9, past_confirmed=8)
    proposal = engine.rank(TEA, engine.collect([one])).proposals[0]
    assert proposal.reasons.startswith("同为茶")
    for words in ("距 9 公里", "今年还可服务 12 天", "同类服务 9 次，确认 8 次"):
        assert words in proposal.reasons


def test_reasons_name_nothing_that_half_the_world_shares(engine):
    demand = DemandFacts("d", "水稻叶子有褐斑，种了几十亩庄稼")
    for found in engine.rank(
        demand, engine.collect([offer("a", "农作物病虫害防治"), offer("b", "水稻病害防治")])
    ).proposals:
        assert "种植业" not in found.reasons


def test_the_score_is_the_sum_of_its_parts(engine):
    proposal = engine.rank(TEA, engine.collect([offer("a", place=NEAR)])).proposals[0]
    assert proposal.score == pytest.approx(sum(part.points for part in proposal.parts), abs=1e-5)
    assert 0 < proposal.score <= 1
    assert sum(part.weight for part in proposal.parts) == pytest.approx(1)


def test_what_is_not_known_neither_helps_nor_harms(engine):
    known = [offer("a", past_services=4, past_confirmed=4), offer("b")]
    assert order(engine, TEA, *known) == ["a", "b"]
    silent = {part.name: part.share for part in engine.rank(TEA, engine.collect([offer("b")])).proposals[0].parts}
    assert silent["distance"] == silent["capacity"] == silent["level"] == silent["mode"] == 0.5


# -- hard rules


@pytest.mark.parametrize(
    ("demand", "facts", "rule"),
    [
        ({"service_on": date(2026, 6, 1)}, {"appointed_until": date(2026, 5, 31)}, Rule.NOT_APPOINTED),
        ({"service_on": date(2026, 6, 1)}, {"appointed_from": date(2026, 6, 2)}, Rule.NOT_APPOINTED),
        ({}, {"free_half_days": 0}, Rule.NO_CAPACITY),
        ({"modes": frozenset(["on_site"])}, {"modes": frozenset(["online"])}, Rule.MODE_EXCLUDED),
        ({"excluded_offers": frozenset(["a"])}, {}, Rule.EXCLUDED_BY_OFFICER),
    ],
)
def test_a_hard_rule_keeps_an_offer_out_and_is_named(engine, demand, facts, rule):
    answer = engine.rank(DemandFacts("d", "茶叶上长虫", **demand), engine.collect([offer("a", **facts)]))
    assert answer.proposals == ()
    assert [(refusal.offer_id, refusal.rule) for refusal in answer.refusals] == [("a", rule)]


def test_the_last_day_of_an_appointment_still_counts(engine):
    demand = DemandFacts("d", "茶叶上长虫", service_on=date(2026, 5, 31))
    assert order(engine, demand, offer("a", appointed_until=date(2026, 5, 31))) == ["a"]


def test_offers_that_do_not_suit_are_not_told_as_refused(engine):
    answer = engine.rank(TEA, engine.collect([offer("a", "钢管焊接", free_half_days=0), offer("b")]))
    assert answer.refusals == ()


def test_ranking_once_gives_what_the_engine_gives(engine, vocabulary):
    once = rank(TEA, [offer("a"), offer("b", "水稻机插秧")], vocabulary)
    assert once[0].offer_id == "a"


def test_example_sentences_teach_what_their_words_speak_of():
    concepts = [
        *(Concept(name, title, facet="discipline") for name, title in (("disc.a", "植物保护"), ("disc.b", "铸造"))),
        *(
            Concept(f"t{n}", label, facet="product", disciplines=("disc.b",))
            for n, label in enumerate(("砂箱", "砂型"))
        ),
    ]
    silent = Engine(Vocabulary(concepts))
    taught = Engine(Vocabulary(concepts, [Example("叶子卷筒", ("disc.a",)), Example("叶子焦边", ("disc.a",))]))
    asked = "叶子打蔫"
    assert silent.profiler.profile(asked, "").leanings == {}
    leanings = {taught.kinship.ids[number] for number in taught.profiler.profile(asked, "").leanings}
    assert leanings == {"disc.a"}
    assert silent.fingerprint != taught.fingerprint


def test_the_sort_of_help_that_was_chosen_is_asked_for_beside_the_words(engine):
    vague = DemandFacts("d", "葡萄这几天不对劲")
    collection = engine.collect([offer("market", "葡萄品牌营销"), offer("plant", "葡萄病虫害防治")])

    def shares(field: str) -> dict[str, float]:
        found = engine.rank(replace(vague, field=field), collection).proposals
        return {one.offer_id: next(part.share for part in one.parts if part.name == "discipline") for one in found}

    assert shares("品牌营销")["market"] > shares("")["market"]
    assert shares("病虫害防治")["plant"] > shares("品牌营销")["plant"]


def test_another_sort_of_help_names_nothing(engine):
    plain, other = (engine.profiler.profile("葡萄叶子发黄", "", field=field) for field in ("", "其他"))
    assert plain == other
