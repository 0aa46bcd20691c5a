"""What triage may begin with: industry, sort of help and urgency read off a demand's words. The officer decides.

The disciplines that a text asks for come from the matching vocabulary; this table says to which part of the leading
industries and to which sort of help each belongs. A discipline without a row speaks through the one above it.
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

ENOUGH_OF_A_WHOLE = 0.3
MERELY_NAMED = 0.6


@dataclass(frozen=True)
class Suggested:
    """What the words suggest; None where they say too little. `industry_code` is of the scheme "leading_four"."""

    industry_code: str | None = None
    need_type: NeedType | None = None
    urgency: Urgency | None = None


def suggest(
    disciplines: Mapping[str, float], above: Callable[[str], Iterable[str]], pressing: Iterable[str]
) -> Suggested:
    """From the disciplines a text asks for (each with its weight) and its concepts of urgency.

    `above` gives the disciplines broader than one, nearest first. Of two parts of an industry the heavier wins; a
    part is named only when it carries enough of its whole industry, otherwise the industry itself is. Growing a crop
    is meant by every text that names one, so it yields to any other help that is asked for nearly as clearly.
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
    urgencies = {PRESSING[name] for name in pressing if name in PRESSING}
    return Suggested(
        _part(parts),
        max(needs, key=lambda need: needs[need], default=None),
        next((urgency for urgency in Urgency if urgency in urgencies), None),
    )


def _part(parts: Mapping[str, float]) -> str | None:
    wholes: dict[str, float] = {}
    for code, weight in parts.items():
        wholes[code.split(".")[0]] = wholes.get(code.split(".")[0], 0.0) + weight
    if not wholes:
        return None
    whole = max(wholes, key=lambda code: wholes[code])
    own = {code: weight for code, weight in parts.items() if code.startswith(f"{whole}.")}
    best = max(own, key=lambda code: own[code], default=whole)
    return best if own and own[best] >= ENOUGH_OF_A_WHOLE * wholes[whole] else whole
