"""What triage may begin with: industry, sort of help and urgency read off a demand's words. The officer decides.

What a text is about and the disciplines it asks for come from the matching vocabulary. `MEANS` says to which part of
the leading industries and to which sort of help each discipline belongs, `PRODUCES` of which part a crop or a product
is. Whatever has no row speaks through what is above it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.domain.vocabulary import NeedType, Urgency

N = NeedType
# discipline → (code in the scheme "leading_four", sort of help)
MEANS: dict[str, tuple[str, NeedType]] = {
    "disc.agriculture": ("agriculture", N.PLANTING),
    "disc.plant_protection": ("agriculture", N.PLANT_PROTECTION),
    "disc.crop_science": ("agriculture.grain", N.PLANTING),
    "disc.seed_science": ("agriculture.rice_seed", N.PLANTING),
    "disc.pomology": ("agriculture.fruit_vegetables", N.PLANTING),
    "disc.vegetable": ("agriculture.fruit_vegetables", N.PLANTING),
    "disc.facility_horticulture": ("agriculture.fruit_vegetables", N.PLANTING),
    "disc.tea_science": ("agriculture.tea", N.PLANTING),
    "disc.fungi": ("agriculture.edible_fungi", N.PLANTING),
    "disc.medicinal_plants": ("agriculture.medicinal", N.PLANTING),
    "disc.ornamental": ("agriculture.flowers", N.PLANTING),
    "disc.forestry": ("agriculture.forest_bamboo", N.PLANTING),
    "disc.forest_protection": ("agriculture.forest_bamboo", N.PLANT_PROTECTION),
    "disc.wood_processing": ("agriculture.forest_bamboo", N.PROCESSING),
    "disc.forest_chemistry": ("agriculture.forest_bamboo", N.PROCESSING),
    "disc.economic_forest": ("agriculture.camellia", N.PLANTING),
    "disc.farm_machinery": ("agriculture.machinery_digital", N.EQUIPMENT),
    "disc.agri_engineering": ("agriculture", N.EQUIPMENT),
    "disc.irrigation": ("agriculture", N.EQUIPMENT),
    "disc.postharvest": ("agriculture.processing", N.PROCESSING),
    "disc.food_science": ("agriculture.processing", N.PROCESSING),
    "disc.food_safety": ("agriculture.processing", N.TESTING),
    "disc.animal_husbandry": ("agriculture.livestock", N.BREEDING),
    "disc.forage": ("agriculture.livestock", N.BREEDING),
    "disc.aquaculture": ("agriculture.aquatic", N.BREEDING),
    "disc.apiculture": ("agriculture.bees", N.BREEDING),
    "disc.sericulture": ("agriculture.livestock", N.BREEDING),
    "disc.agri_economics": ("agriculture", N.PROJECT),
    "disc.digital_agriculture": ("agriculture.machinery_digital", N.DIGITAL),
    "disc.marketing": ("agriculture.brand", N.BRAND),
    "disc.brand_design": ("agriculture.brand", N.BRAND),
    "disc.packaging": ("agriculture.brand", N.BRAND),
    "disc.cultural_creative": ("culture_tourism_health.culture", N.BRAND),
    "disc.cultural_heritage": ("culture_tourism_health.heritage", N.PLANNING),
    "disc.tourism": ("culture_tourism_health.rural_tourism", N.PLANNING),
    "disc.planning": ("culture_tourism_health.planning", N.PLANNING),
    "disc.architecture": ("culture_tourism_health.heritage", N.PLANNING),
    "disc.landscape": ("culture_tourism_health.planning", N.PLANNING),
    "disc.health_care": ("culture_tourism_health.care", N.PLANNING),
    "disc.medicine": ("culture_tourism_health.care", N.OTHER),
    "disc.tcm": ("culture_tourism_health.care", N.OTHER),
    "disc.sports": ("culture_tourism_health.sports", N.PLANNING),
    "disc.management": ("other", N.PROJECT),
    "disc.standardisation": ("other", N.TESTING),
    "disc.metrology": ("other", N.TESTING),
    "disc.information": ("steel_equipment.electrical", N.DIGITAL),
    "disc.automation": ("steel_equipment.electrical", N.EQUIPMENT),
    "disc.electrical": ("steel_equipment.electrical", N.EQUIPMENT),
    "disc.electronics": ("steel_equipment.electrical", N.EQUIPMENT),
    "disc.machinery": ("steel_equipment.equipment", N.EQUIPMENT),
    "disc.machine_tools": ("steel_equipment.machine_tools", N.EQUIPMENT),
    "disc.casting": ("steel_equipment.casting", N.EQUIPMENT),
    "disc.forging": ("steel_equipment.casting", N.EQUIPMENT),
    "disc.automotive": ("steel_equipment.automotive", N.EQUIPMENT),
    "disc.metallurgy": ("steel_equipment.steel", N.EQUIPMENT),
    "disc.metal_materials": ("steel_equipment.steel", N.MATERIALS),
    "disc.safety_engineering": ("steel_equipment.safety", N.EQUIPMENT),
    "disc.energy_saving": ("steel_equipment.energy_saving", N.EQUIPMENT),
    "disc.environment": ("steel_equipment.energy_saving", N.EQUIPMENT),
    "disc.materials": ("new_materials", N.MATERIALS),
    "disc.light_alloy": ("new_materials.light_alloy", N.MATERIALS),
    "disc.carbon_materials": ("new_materials.graphite", N.MATERIALS),
    "disc.battery": ("new_materials.lithium", N.MATERIALS),
    "disc.chemical_engineering": ("new_materials.fine_chemicals", N.MATERIALS),
    "disc.chemistry": ("new_materials.fine_chemicals", N.MATERIALS),
    "disc.fluorine": ("new_materials.fluorine", N.MATERIALS),
    "disc.silicone": ("new_materials.silicon", N.MATERIALS),
    "disc.textile": ("new_materials.textile", N.MATERIALS),
    "disc.pulp_paper": ("agriculture.forest_bamboo", N.PROCESSING),
    "disc.inorganic": ("new_materials.building", N.MATERIALS),
    "disc.rare_earth": ("new_materials.rare_earth", N.MATERIALS),
    "disc.biotechnology": ("new_materials.biomedicine", N.MATERIALS),
}
# Thing or practice of the vocabulary → code in the scheme "leading_four".
PRODUCES: dict[str, str] = {
    "crop.liangshizuowu": "agriculture.grain",
    "crop.youliaozuowu": "agriculture.grain",
    "crop.zhizhongdao": "agriculture.rice_seed",
    "seed.zhizhong": "agriculture.rice_seed",
    "crop.lian": "agriculture.lotus_coix",
    "crop.yiyi": "agriculture.lotus_coix",
    "tea.cha": "agriculture.tea",
    "fungi.shiyongjun": "agriculture.edible_fungi",
    "veg.shiyongjunlei": "agriculture.edible_fungi",
    "forest.linchanpin": "agriculture.forest_bamboo",
    "forest.youcha": "agriculture.camellia",
    "forest.youchazi": "agriculture.camellia",
    "forest.chayou": "agriculture.camellia",
    "fruit.guoshu": "agriculture.fruit_vegetables",
    "veg.shucai": "agriculture.fruit_vegetables",
    "flower.huahui": "agriculture.flowers",
    "forest.lvhuamiaomu": "agriculture.flowers",
    "med.zhongyaocai": "agriculture.medicinal",
    "stock.chuqin": "agriculture.livestock",
    "bee.mifeng": "agriculture.bees",
    "aqua.shuichandongwu": "agriculture.aquatic",
    "food.shipin": "agriculture.processing",
    "food.difangxiaochi": "agriculture.snacks",
    "food.bianrou": "agriculture.snacks",
}
# Concepts of the vocabulary's urgency facet: what they say about the days one may wait.
PRESSING: dict[str, Urgency] = {
    "urg.shiwanhuoji": Urgency.CRITICAL,
    "urg.sunshida": Urgency.CRITICAL,
    "urg.zaihaiyingji": Urgency.CRITICAL,
    "gen.u.stop": Urgency.CRITICAL,
    "gen.u.accident": Urgency.CRITICAL,
    "urg.jixu": Urgency.URGENT,
    "urg.zhengzaiehua": Urgency.URGENT,
    "urg.gannongshi": Urgency.URGENT,
    "urg.xianqi": Urgency.URGENT,
    "gen.u.deadline": Urgency.URGENT,
}

# A part of an industry is named when the words say this much of it, and when it leads the other parts this clearly;
# below that only the industry is sure.
SAID_ENOUGH = 0.2
LEADS = 0.4
MERELY_NAMED = 0.6


@dataclass(frozen=True)
class Suggested:
    """What the words suggest; None where they say too little. `industry_code` is of the scheme "leading_four"."""

    industry_code: str | None = None
    need_type: NeedType | None = None
    urgency: Urgency | None = None


def suggest(
    disciplines: Mapping[str, float],
    above: Callable[[str], Iterable[str]],
    pressing: Iterable[str],
    about: Mapping[str, float] | None = None,
) -> Suggested:
    """From the disciplines a text asks for, its concepts of urgency, and the things and practices it is about.

    Weights are from 0 to 1; `above` gives the concepts broader than one, nearest first. The most specific part of an
    industry that the words bear is named: a discipline that serves a whole industry (plant protection) speaks for the
    industry and against none of its parts. Growing a crop is meant by every text that names one, so it yields to any
    other help that is asked for nearly as clearly.
    """
    needs: dict[NeedType, float] = {}
    parts: dict[str, float] = {}
    for discipline, weight in disciplines.items():
        meaning = next((MEANS[name] for name in (discipline, *above(discipline)) if name in MEANS), None)
        if meaning is None:
            continue
        code, need = meaning
        needs[need] = max(needs.get(need, 0.0), weight * (MERELY_NAMED if need == N.PLANTING else 1.0))
        parts[code] = parts.get(code, 0.0) + weight
    for concept, weight in (about or {}).items():
        part = next((PRODUCES[name] for name in (concept, *above(concept)) if name in PRODUCES), None)
        if part is not None:
            parts[part] = parts.get(part, 0.0) + weight
    urgencies = {PRESSING[name] for name in pressing if name in PRESSING}
    return Suggested(
        _part(parts),
        max(needs, key=lambda need: needs[need], default=None),
        next((urgency for urgency in Urgency if urgency in urgencies), None),
    )


def _part(parts: Mapping[str, float]) -> str | None:
    """The heaviest industry, or its heaviest part when that is said clearly enough."""
    wholes: dict[str, float] = {}
    for code, weight in parts.items():
        wholes[code.split(".")[0]] = wholes.get(code.split(".")[0], 0.0) + weight
    if not wholes:
        return None
    whole = max(wholes, key=lambda code: wholes[code])
    own = {code: weight for code, weight in parts.items() if code.startswith(f"{whole}.")}
    best = max(own, key=lambda code: own[code], default=whole)
    clear = own and own[best] >= max(SAID_ENOUGH, LEADS * sum(own.values()))
    return best if clear else whole
