"""Counties and townships as rosters write them: codes or names, old names, several in a cell, 全县."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain.divisions import (
    CodeAlias,
    TownshipEntry,
    TownshipMatch,
    contains,
    normal_code,
    plain_name,
    resolve_township,
)
from app.domain.refusals import RuleBroken
from app.domain.rosters.cells import listed

_OF_THE_CITY = frozenset({"市直", "市本级", "市属", "本级", "市级", "市直单位", "市"})
_WHOLE_COUNTY = re.compile(r"(全县|全区|全域|县域|区域内|各乡镇|所有乡镇)")
_WHOLE_CITY = frozenset({"全市", "三明市", "全市各乡镇", "全市范围"})


@dataclass(frozen=True)
class PlaceBook:
    """The divisions of an installation as imports need them: the city, today's counties, all townships, old codes."""

    city_code: str
    city_name: str
    counties: tuple[tuple[str, str], ...]
    townships: tuple[TownshipEntry, ...]
    aliases: tuple[CodeAlias, ...]

    @cached_property
    def names(self) -> dict[str, str]:
        """Code → name, of the city, counties and townships."""
        return {
            self.city_code: self.city_name,
            **dict(self.counties),
            **{township.code: township.name for township in self.townships},
        }

    @cached_property
    def _codes(self) -> dict[str, tuple[str, str]]:
        """Every way to write a county → (its code, the old name if it is one)."""
        found: dict[str, tuple[str, str]] = {}
        for code, name in self.counties:
            found[name] = found[_stem(name)] = (code, "")
        today = {name for _, name in self.counties}
        for alias in self.aliases:
            old = re.sub(r"[(（].*", "", alias.old_name)
            if old not in today:  # 三元区 is an old name and a new one
                found[old] = found[_stem(old)] = (alias.code, old)
        return found

    def county(self, text: str) -> tuple[str, str]:
        """(code, note) of the county or city that a cell names. Refused: what is none of this city's."""
        plain = plain_name(text)
        found = re.fullmatch(r"(\d{6}(?:\d{3}|\d{6})?(?:\.0)?)(\D*)", plain)
        if found:
            code, note = self._county_by_code(found[1], text)
            if found[2] and self.county(found[2])[0] != code:
                raise RuleBroken(f"代码{found[1]}是{self.names[code]}，与所写的{found[2]}不一致，请改正。")
            return code, note
        without = re.sub(rf"^(福建省)?({self.city_name})?", "", plain)
        if not without or without in _OF_THE_CITY:
            return self.city_code, ""
        known = self._codes.get(without) or self._beginning(without)
        if known is None:
            raise RuleBroken(
                f"{self.city_name}没有“{text[:20]}”这个县（市、区），请写现在的名称或6位代码，市直单位写“{self.city_name}”。"
            )
        code, old = known
        return code, f"{old}现为{self.names[code]}" if old else ""

    def _county_by_code(self, digits: str, text: str) -> tuple[str, str]:
        code = normal_code(digits)[:6]
        alias = next((known for known in self.aliases if known.old_code == code), None)
        if alias is not None:
            return alias.code, f"旧代码{code}（{alias.old_name}）现为{self.names[alias.code]}"
        if code != self.city_code and code not in dict(self.counties):
            raise RuleBroken(f"“{text[:20]}”不是{self.city_name}的县级代码，请改为现在的6位代码或名称。")
        return code, ""

    def _beginning(self, text: str) -> tuple[str, str] | None:
        """The county whose full name a text begins with (宁化县科技局)."""
        return next(
            (known for name, known in self._codes.items() if name[-1] in "县市区" and text.startswith(name)), None
        )

    def county_in(self, text: str) -> str | None:
        """The one county whose full name stands in a title, a sheet's or a unit's name; None if none or several."""
        plain = plain_name(text)
        found = {code for name, (code, _) in self._codes.items() if name[-1] in "县市区" and name in plain}
        if not found:  # a sheet called 宁化
            found = {code for name, (code, _) in self._codes.items() if plain == name}
        return found.pop() if len(found) == 1 else None

    def service_areas(self, text: str, county: str) -> tuple[list[str], list[str], list[tuple[str, str]]]:
        """(codes, notes, refusals) of a cell of townships; `county` is where they lie unless the cell says otherwise.

        A county's code stands for 全县. A refusal is (what was written, why).
        """
        codes: list[str] = []
        notes: list[str] = []
        refused: list[tuple[str, str]] = []
        for part in listed(text):
            written = re.sub(r"等(地|乡镇|[\d一二三四五六七八九十]+个.*)?$", "", plain_name(part))
            if not written:
                continue
            if written in _WHOLE_CITY and (county == self.city_code or not self.names[county].endswith("市")):
                notes.append("“全市”不记为任何乡镇的覆盖")
                continue
            try:
                code = self._area(written, county)
            except RuleBroken as broken:
                refused.append((part, broken.message))
                continue
            if code not in codes:
                codes.append(code)
        return codes, notes, refused

    def _area(self, written: str, county: str) -> str:
        """The township, or for 全县 the county."""
        if re.fullmatch(r"\d{6,12}(\.0)?", written):
            return self._match(None, written, None, "")
        home, rest = self._split(written, county)
        if not rest or _WHOLE_COUNTY.search(rest) or rest in _WHOLE_CITY:
            if home == self.city_code:
                raise RuleBroken(f"“{written}”没有说是哪个县，请写成“宁化县全县”这样。")
            return home
        return self._match(home if home != self.city_code else None, None, rest, self.names[home])

    def _split(self, written: str, county: str) -> tuple[str, str]:
        """(county, what follows) of 宁化县石壁镇, 三明市宁化县石壁镇, or 石壁镇 alone."""
        plain = re.sub(rf"^(福建省)?{self.city_name}", "", written)
        for name, (code, _) in self._codes.items():
            if plain.startswith(name) and (name[-1] in "县市区" or plain[len(name) :].startswith("全")):
                return code, plain[len(name) :]
        return county, plain

    def _match(self, county: str | None, code: str | None, name: str | None, county_name: str) -> str:
        found = resolve_township(self.townships, county, code, name, county_name=county_name, aliases=self.aliases)
        if isinstance(found, TownshipMatch):
            return found.code
        longer = self._village_of(county, name or "")
        if longer:
            return longer
        raise RuleBroken(found.reason)

    def _village_of(self, county: str | None, name: str) -> str | None:
        """The township of 石壁镇石碧村, where a county is known."""
        inside = [t for t in self.townships if county and contains(county, t.code) and name.startswith(t.name)]
        return inside[0].code if len(inside) == 1 else None

    def listed_names(self, codes: Sequence[str]) -> str:
        """石壁镇、宁化县（全县） for messages and previews."""
        return "、".join(f"{self.names[code]}（全县）" if len(code) == 6 else self.names[code] for code in codes)


def _stem(name: str) -> str:
    """宁化 of 宁化县; 沙县 of 沙县区."""
    return name[:-1] if len(name) > 2 and name[-1] in "县市区" else name


def within(territory: str | None, code: str) -> bool:
    """Whether an importer's territory holds a county; no territory is a command's and holds all."""
    return territory is None or contains(territory, code)
