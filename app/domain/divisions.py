"""Administrative divisions: what a code says by itself, and when a township on paper is the township we know.

Codes are those of the national statistics bureau (GB/T 2260 for six digits, GB/T 10114 for the next three):
350400 is a city, 350421 a county, 350421100 a township. Published lists disagree about 17 of Sanming's 141
township codes, and 56 of its township names also stand elsewhere in China. So neither code nor name alone
is a safe key: `resolve_township` joins only what agrees and sends the rest to a person.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled


class DivisionLevel(Labelled):
    """The level a code names, read from its digits."""

    PROVINCE = ("province", "省")
    CITY = ("city", "设区市")
    COUNTY = ("county", "县（市、区）")
    TOWNSHIP = ("township", "乡镇（街道）")
    STATISTICAL = ("statistical_unit", "统计用区划")


class TownshipKind(Labelled):
    """The kind that the last three digits of a township's code stand for (GB/T 10114)."""

    SUBDISTRICT = ("subdistrict", "街道")
    TOWN = ("town", "镇")
    RURAL = ("rural", "乡")
    STATISTICAL = ("statistical_unit", "统计用区划")


# Zones, farms and estates that the statistics bureau lists among the townships without their being one.
STATISTICAL_FIRST, STATISTICAL_LAST = 400, 599
_KIND_UP_TO = ((99, TownshipKind.SUBDISTRICT), (199, TownshipKind.TOWN), (399, TownshipKind.RURAL))


@dataclass(frozen=True)
class CodeAlias:
    """An abolished county code that people still write, and the county that took its place."""

    old_code: str
    old_name: str
    code: str
    since: date
    source: str


_MERGER = "福建省人民政府2021年2月3日公布的三明市部分行政区划调整：梅列区、三元区合并设立新的三元区，沙县改设沙县区"
COUNTY_ALIASES: tuple[CodeAlias, ...] = (
    CodeAlias("350402", "梅列区", "350404", date(2021, 2, 3), _MERGER),
    CodeAlias("350403", "三元区（旧）", "350404", date(2021, 2, 3), _MERGER),
    CodeAlias("350427", "沙县", "350405", date(2021, 2, 3), _MERGER),
)


def normal_code(value: str | int) -> str:
    """The code as it is stored: six digits down to a county, nine for a township.

    Accepts 6, 9 and 12 digits with trailing zeros (350404001000, 350404000), full-width digits, blanks and
    the ".0" that spreadsheets add. Refuses everything else, villages' codes too, in words for the person.
    """
    text = unicodedata.normalize("NFKC", str(value))
    text = re.sub(r"\s", "", text).removesuffix(".0")
    if not re.fullmatch(r"[1-9]\d{5}(\d{3}){0,2}", text):
        raise RuleBroken(f"区划代码“{value}”应为6位、9位或12位数字，请核对。", "code")
    if text[9:].strip("0"):
        raise RuleBroken(f"区划代码“{value}”是村级代码，请填写所属乡镇的9位代码。", "code")
    code = text[:6] if text[6:9] in ("", "000") else text[:9]
    if len(code) == 9 and (code[4:6] == "00" or int(code[6:]) > STATISTICAL_LAST):
        raise RuleBroken(f"区划代码“{value}”不是有效的乡镇代码，请核对。", "code")
    return code


def level_of(code: str) -> DivisionLevel:
    """The level of a code in normal form."""
    if len(code) == 9:
        statistical = STATISTICAL_FIRST <= int(code[6:]) <= STATISTICAL_LAST
        return DivisionLevel.STATISTICAL if statistical else DivisionLevel.TOWNSHIP
    if code.endswith("0000"):
        return DivisionLevel.PROVINCE
    return DivisionLevel.CITY if code.endswith("00") else DivisionLevel.COUNTY


def township_kind(code: str) -> TownshipKind:
    """Kind of a nine-digit code. A 民族乡 has the digits of a 乡."""
    digits = int(code[6:])
    return next((kind for last, kind in _KIND_UP_TO if digits <= last), TownshipKind.STATISTICAL)


def parent(code: str) -> str | None:
    """The next division above; None for a city, which is the top of one installation, and for a province."""
    level = level_of(code)
    if level in (DivisionLevel.PROVINCE, DivisionLevel.CITY):
        return None
    return code[:4] + "00" if level is DivisionLevel.COUNTY else code[:6]


def ancestors(code: str) -> tuple[str, ...]:
    """The divisions above, nearest first, up to the city; without the code itself."""
    above = parent(code)
    return () if above is None else (above, *ancestors(above))


def county_of(code: str) -> str | None:
    """The county of a township, a county itself, None for what lies above a county."""
    return code[:6] if level_of(code) not in (DivisionLevel.PROVINCE, DivisionLevel.CITY) else None


def prefix_of(territory: str) -> str:
    """The digits that the code of everything inside `territory` begins with."""
    level = level_of(territory)
    return territory[: {DivisionLevel.PROVINCE: 2, DivisionLevel.CITY: 4}.get(level, len(territory))]


def contains(territory: str, code: str) -> bool:
    """Whether `code` lies in `territory` or is it; both in normal form."""
    return code.startswith(prefix_of(territory)) and len(code) >= len(territory)


def current_county(code: str, aliases: Iterable[CodeAlias] = COUNTY_ALIASES) -> str:
    """The county code in force: an abolished one is replaced, any other comes back unchanged.

    Refuses an abolished county's township: 三元 and 梅列 numbered their townships apart, so the last three
    digits do not carry over, and only the name can tell (`resolve_township` does that).
    """
    alias = _alias_of(code, aliases)
    if alias is None:
        return code
    if len(code) == 9:
        raise RuleBroken(
            f"{code}属于已撤销的{alias.old_name}（{alias.old_code}），乡镇代码不能换算，请按名称核对。",
            "code",
        )
    return alias.code


def _alias_of(code: str, aliases: Iterable[CodeAlias]) -> CodeAlias | None:
    return next((alias for alias in aliases if alias.old_code == code[:6]), None)


# Longest first, so that 街道办事处 is not read as a place called 某街道办事.
_SUFFIXES = ("街道办事处", "街道办", "街道", "民族乡", "镇", "乡")
# Peoples whose townships exist in Fujian, and the three other most common ones; 畬 is written for 畲.
_PEOPLES = ("畲族", "回族", "满族", "高山族", "苗族", "土家族", "瑶族")
# Variant and traditional characters met in names of the region, each with the usual one.
_VARIANTS: Mapping[int, int] = str.maketrans(
    "俆畬鎮鄉衜縣區陳嶺谿鏞虯阪寧廣東華聯橋灣", "徐畲镇乡道县区陈岭溪镛虬坂宁广东华联桥湾"
)


def plain_name(name: str) -> str:
    """A name without blanks, in half-width letters, with variant and traditional characters made usual."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).translate(_VARIANTS)


def name_stem(name: str) -> str:
    """What is left of a township's name without its kind and people: 治平畲族乡, 治平乡 and 治平 are alike.

    Only to be compared inside one county: 城关街道, 城关乡 and 城关镇 are three places in three counties.
    """
    plain = plain_name(name)
    stem = plain.removesuffix(_suffix_of(plain))
    people = next((end for end in _PEOPLES if stem.endswith(end) and len(stem) > len(end)), "")
    return stem.removesuffix(people)


def _suffix_of(plain: str) -> str:
    return next((end for end in _SUFFIXES if plain.endswith(end) and len(plain) > len(end)), "")


def names_agree(one: str, other: str) -> bool:
    """Whether two names *of the same county* may be one place: a 乡 that became a 镇, a short form.

    A 街道 and a 镇 of one stem do not agree: they are often neighbours, and then two places.
    """
    suffixes = [_suffix_of(plain_name(name)) for name in (one, other)]
    urban = {suffix.startswith("街道") for suffix in suffixes if suffix}
    return len(urban) < 2 and name_stem(one) == name_stem(other)


@dataclass(frozen=True)
class TownshipEntry:
    """A township as the register has it; `former_names` are names it bore before, such as 某乡 of a 镇."""

    code: str
    name: str
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Denominator:
    """What cover is measured against on a day: townships, and those statistical units that the city counts with them.

    `known_units` are all statistical units of the territory, counted or not.
    """

    townships: int
    units: int = 0
    known_units: int = 0

    @property
    def total(self) -> int:
        return self.townships + self.units

    @property
    def in_words(self) -> str:
        """141个乡镇（不含6个统计用区划）; 147个，含6个统计用区划; without any statistical unit: 16个乡镇."""
        left_out = self.known_units - self.units
        if self.units:
            more = f"，另{left_out}个不计入" if left_out else ""
            return f"{self.total}个，含{self.units}个统计用区划{more}"
        return f"{self.total}个乡镇" + (f"（不含{left_out}个统计用区划）" if left_out else "")


class RefusalKind(Labelled):
    """What is to be done with a row that found no township."""

    REVIEW = ("review", "需人工核对")
    UNKNOWN = ("unknown", "查无此乡镇")
    MISSING = ("missing", "未填写")


@dataclass(frozen=True)
class TownshipMatch:
    """The township meant; `by` is "code and name", "code" or "name"."""

    code: str
    by: str


@dataclass(frozen=True)
class TownshipRefusal:
    """Why no township was chosen, in Chinese, and the codes a person may choose from."""

    kind: RefusalKind
    reason: str
    suggestions: tuple[str, ...] = ()


def resolve_township(
    candidates: Iterable[TownshipEntry],
    county_code: str | None,
    code: str | int | None,
    name: str | None,
    *,
    county_name: str = "",
    aliases: Iterable[CodeAlias] = COUNTY_ALIASES,
) -> TownshipMatch | TownshipRefusal:
    """Which of the `candidates` (any county's) a row means by its county, code and name.

    Joins when code and name agree, or when one is missing and the other is unique in the county. Code and
    name that disagree, and a name without a county, go to review: township codes differ between published
    lists, names repeat across counties. `county_name` lets "沙县区夏茂镇" be read. Abolished county codes are
    replaced first; a township code under one is set aside, and the name decides.
    """
    known, stated_aliases = tuple(candidates), tuple(aliases)
    try:
        county = _stated_county(county_code, stated_aliases)
        stated = normal_code(code) if code not in (None, "") else None
    except RuleBroken as broken:
        return TownshipRefusal(RefusalKind.REVIEW, broken.message)
    if stated is not None:
        stated, county_of_code = _split_stated(stated, stated_aliases)
        if county and county_of_code and county != county_of_code:
            reason = f"代码{code}属于{county_of_code}，与所填的县{county}不一致，请核对。"
            return TownshipRefusal(RefusalKind.REVIEW, reason)
        county = county or county_of_code
    wanted = _without_county(name or "", county_name)
    if stated is None and not wanted:
        return TownshipRefusal(RefusalKind.MISSING, "没有填写乡镇，请填写乡镇名称或9位代码。")
    if county is None:
        reason = f"只有乡镇名称“{wanted}”而没有县：全国同名乡镇很多，请补充所属县（市、区）。"
        return TownshipRefusal(RefusalKind.REVIEW, reason)
    inside = [entry for entry in known if contains(county, entry.code)]
    return _match_by_name(inside, wanted, known) if stated is None else _match_by_code(inside, stated, wanted)


def _stated_county(county_code: str | None, aliases: tuple[CodeAlias, ...]) -> str | None:
    if not county_code:
        return None
    county = normal_code(county_code)
    if level_of(county) is not DivisionLevel.COUNTY:
        raise RuleBroken(f"“{county_code}”不是县级代码，请填写县（市、区）的6位代码。", "county_code")
    return current_county(county, aliases)


def _split_stated(code: str, aliases: tuple[CodeAlias, ...]) -> tuple[str | None, str | None]:
    """The township code to look for (None if the digits cannot be trusted) and the county they name."""
    renumbered = next((alias for alias in aliases if alias.old_code == code), None)
    if renumbered is not None and len(code) == 9:
        return renumbered.code, county_of(renumbered.code)
    alias = _alias_of(code, aliases)
    if alias is not None:
        return None, alias.code
    return (code if len(code) == 9 else None), county_of(code)


def _without_county(name: str, county_name: str) -> str:
    """The township's own part of "三明市沙县区夏茂镇"; the whole name where no county stands before it."""
    plain, county = plain_name(name), plain_name(county_name)
    head, found, tail = plain.rpartition(county) if county else ("", "", plain)
    return tail if found and tail and (not head or head[-1] in "省市") else plain


def _names(entry: TownshipEntry) -> tuple[str, ...]:
    return (entry.name, *entry.former_names)


def _named(entries: list[TownshipEntry], wanted: str) -> list[TownshipEntry]:
    """Entries of one county with this name; only if none has it exactly, those whose name may be the same."""
    exact = [entry for entry in entries if wanted in map(plain_name, _names(entry))]
    return exact or [entry for entry in entries if any(names_agree(wanted, name) for name in _names(entry))]


def _match_by_name(
    inside: list[TownshipEntry], wanted: str, everywhere: Iterable[TownshipEntry]
) -> TownshipMatch | TownshipRefusal:
    found = _named(inside, wanted)
    if len(found) == 1:
        return TownshipMatch(found[0].code, "name")
    alike = found or [entry for entry in inside if name_stem(entry.name) == name_stem(wanted)]
    if alike:
        reason = f"“{wanted}”可能是{_listed(alike)}，请核对后选定。"
        return TownshipRefusal(RefusalKind.REVIEW, reason, tuple(entry.code for entry in alike))
    reason = f"所填的县里没有“{wanted}”，请核对乡镇名称和所属县。"
    elsewhere = [entry for entry in everywhere if wanted in map(plain_name, _names(entry))]
    if elsewhere:
        reason += f"其他县有：{_listed(elsewhere)}。"
    return TownshipRefusal(RefusalKind.UNKNOWN, reason, tuple(entry.code for entry in elsewhere))


def _listed(entries: Iterable[TownshipEntry]) -> str:
    return "、".join(f"{entry.name}（{entry.code}）" for entry in entries)


def _match_by_code(inside: list[TownshipEntry], code: str, wanted: str) -> TownshipMatch | TownshipRefusal:
    entry = next((known for known in inside if known.code == code), None)
    if not wanted:
        if entry is None:
            return TownshipRefusal(RefusalKind.UNKNOWN, f"没有代码为{code}的乡镇，请核对代码或填写名称。")
        return TownshipMatch(entry.code, "code")
    found = _named(inside, wanted)
    if entry is not None and entry in found:
        return TownshipMatch(entry.code, "code and name")
    of_code = f"代码{code}是{entry.name}" if entry else f"代码{code}不在本平台的乡镇表中"
    of_name = f"县里有{_listed(found)}" if found else f"县里没有“{wanted}”"
    suggestions = tuple(known.code for known in ([entry] if entry else []) + found)
    reason = f"{of_code}，名称写的是“{wanted}”（{of_name}），代码与名称不一致，请人工核对。"
    return TownshipRefusal(RefusalKind.REVIEW, reason, suggestions)
