"""Which industry a roster's words mean: titles of the dictionary, else the longest telling word in them.

The dictionary itself is dated and the bureau's (features/vocabulary); the words here only lead to its codes, and a code
that it no longer holds falls back to the one above it, then to 其他.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from app.domain.rosters.cells import folded, listed

OTHER = "other"
_WORDS = {
    "agriculture": "农业 种植 栽培 农技 植保 农",
    "agriculture.rice_seed": "制种 种业",
    "agriculture.grain": "粮 水稻 油料 稻",
    "agriculture.tea": "茶",
    "agriculture.edible_fungi": "食用菌 菌 菇 竹荪 灵芝",
    "agriculture.forest_bamboo": "林业 林下 竹 木材 林木 林产 森林培育",
    "agriculture.camellia": "油茶",
    "agriculture.fruit_vegetables": "果 蔬菜 蔬 柑 橘 梨 桃 葡萄 瓜",
    "agriculture.livestock": "畜 禽 兽医 养殖 养猪 养牛 养羊 生猪",
    "agriculture.aquatic": "水产 渔 养鱼 鱼",
    "agriculture.medicinal": "药材 中药 草药",
    "agriculture.flowers": "花卉 苗木 园林 园艺",
    "agriculture.lotus_coix": "莲 薏",
    "agriculture.bees": "蜂",
    "agriculture.processing": "农产品加工 食品加工 食品科学 食品工程 食品",
    "agriculture.snacks": "小吃",
    "agriculture.machinery_digital": "农机 智慧农业 数字农业 农业机械",
    "agriculture.brand": "电商 品牌 营销",
    "steel_equipment": "钢铁与装备 装备制造 机械 制造",
    "steel_equipment.steel": "钢 冶金",
    "steel_equipment.casting": "铸 锻",
    "steel_equipment.machine_tools": "机床 数控",
    "steel_equipment.automotive": "汽车",
    "steel_equipment.electrical": "电气 自动化 机电",
    "steel_equipment.safety": "应急",
    "steel_equipment.energy_saving": "节能 环保设备",
    "new_materials": "新材料 材料",
    "new_materials.fluorine": "氟",
    "new_materials.graphite": "石墨",
    "new_materials.silicon": "硅",
    "new_materials.rare_earth": "稀土",
    "new_materials.light_alloy": "合金",
    "new_materials.lithium": "锂 储能",
    "new_materials.fine_chemicals": "化工 精细化学",
    "new_materials.textile": "纺织",
    "new_materials.biomedicine": "生物医药 制药 医药",
    "new_materials.building": "建材 水泥 矿物",
    "culture_tourism_health": "文旅 旅游 康养 文化",
    "culture_tourism_health.rural_tourism": "乡村旅游",
    "culture_tourism_health.forest_health": "森林康养",
    "culture_tourism_health.culture": "文创 文化创意",
    "culture_tourism_health.heritage": "古建 传统村落",
    "culture_tourism_health.planning": "规划 景观",
    "culture_tourism_health.care": "养老",
    "culture_tourism_health.sports": "研学 户外",
    OTHER: "其他 其它",
}


def _first_to_ask(pair: tuple[str, str]) -> tuple[int, bool]:
    """Longer words first; of equal ones what is grown or made (油茶) before what is done with it (栽培)."""
    word, code = pair
    return -len(word), "." not in code


_TELLING = sorted(((word, code) for code, words in _WORDS.items() for word in words.split()), key=_first_to_ask)


@dataclass(frozen=True)
class IndustryEntry:
    """An industry of the dictionary in use."""

    id: int
    code: str
    title: str


@dataclass(frozen=True)
class IndustryBook:
    """The dictionary as imports need it."""

    entries: tuple[IndustryEntry, ...]

    @cached_property
    def _by_code(self) -> dict[str, IndustryEntry]:
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def _by_title(self) -> dict[str, IndustryEntry]:
        return {folded(entry.title): entry for entry in reversed(self.entries)}

    @cached_property
    def titles(self) -> dict[int, str]:
        return {entry.id: entry.title for entry in self.entries}

    @property
    def other(self) -> IndustryEntry | None:
        return self._by_code.get(OTHER)

    def read(self, text: str) -> tuple[list[int], list[str]]:
        """(ids, parts that mean no industry) of a cell that may hold several."""
        ids: list[int] = []
        unknown: list[str] = []
        for part in listed(text):
            found = self._meant(folded(part))
            if found is None:
                unknown.append(part)
            elif found.id not in ids:
                ids.append(found.id)
        return ids, unknown

    def _meant(self, part: str) -> IndustryEntry | None:
        for written in (part, part.removesuffix("产业"), part.removesuffix("行业")):
            if written in self._by_title:
                return self._by_title[written]
        code = next((code for word, code in _TELLING if word in part), None)
        if code is None:
            return None
        return self._by_code.get(code) or self._by_code.get(code.split(".")[0])


def book(rows: Iterable[tuple[int, str, str]]) -> IndustryBook:
    """A book out of (id, code, title) rows in the dictionary's order."""
    return IndustryBook(tuple(IndustryEntry(*row) for row in rows))
