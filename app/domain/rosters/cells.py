"""How single cells are read: names, numbers that Excel has spoilt, units, lists, and what stands for "nothing"."""

import re
import unicodedata
from datetime import date, datetime

from app.domain import identity
from app.domain.masking import masked_id_number, masked_phone
from app.domain.refusals import RuleBroken
from app.domain.rosters.headings import Field
from app.domain.rosters.workbook import Value
from app.domain.vocabulary import Ground, Kind, Level, OrganisationKind, Source

NOTHING = frozenset(
    {"", "无", "暂无", "没有", "未填", "不详", "/", "\\", "-", "--", "—", "——", "n/a", "na", "null", "none", "空"}
)
EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
EXCEL_DIGITS = 15  # Excel keeps no more of a number
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_WIDE = str.maketrans(
    {**{chr(0xFF01 + i): chr(0x21 + i) for i in range(94) if chr(0x21 + i).isalnum()}, "\u3000": " ", "\u00a0": " "}
)
_SEPARATORS = re.compile(r"[、,;/|\n]+")
_DOTS = str.maketrans("•‧∙．・", "·····")

EXCEL_SPOILT = (
    "Excel 把身份证号当成数字，只保留了前15位，后面的已经丢失，无法恢复。"
    "请先把这一列的格式设为“文本”，再按原始材料重新填写（或在号码前加一个英文单引号）。"
)


def text_of(value: Value) -> str:
    """A cell as text to be kept: blanks of every kind made plain, letters and digits half-width; "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        value = int(value) if value.is_integer() and abs(value) < 1e18 else value
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    text = _INVISIBLE.sub("", str(value)).translate(_WIDE)
    text = " ".join(text.split())
    if text in EXCEL_ERRORS:
        raise RuleBroken(f"单元格显示的是公式错误 {text}，请改成真实内容。")
    return "" if text.lower() in NOTHING else text


def folded(text: str) -> str:
    """Text for comparing: half-width, without blanks, in lower case."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


def bounded(text: str, most: int, what: str) -> str:
    """Text that a column has room for."""
    if len(text) > most:
        raise RuleBroken(f"{what}最多{most}个字，这里有{len(text)}个，请检查是否填错了列。")
    return text


def listed(text: str) -> list[str]:
    """The parts of a cell that holds several: by 、 , ; / | and line ends, else by blanks."""
    parts = [part.strip() for part in _SEPARATORS.split(unicodedata.normalize("NFKC", text)) if part.strip()]
    if len(parts) == 1 and " " in parts[0]:
        pieces = parts[0].split()
        parts = pieces if all(len(piece) > 1 for piece in pieces) else ["".join(pieces)]
    return parts


def person_name(text: str) -> str:
    """A name as people are kept under: without the blanks of 张 三, without remarks in brackets.

    Refused: several names in one cell, digits, more than 60 characters.
    """
    bare = re.sub(r"[(（][^)）]*[)）]", "", text).strip().translate(_DOTS)
    latin = any(c.isascii() and c.isalpha() for c in bare)
    plain = " ".join(bare.split()) if latin else "".join(bare.split())
    if not plain:
        raise RuleBroken("请填写姓名。")
    if re.search(r"[、,，;；/]", plain):
        raise RuleBroken("一格里写了几个姓名，请每人一行。")
    if re.search(r"\d", plain):
        raise RuleBroken("姓名里有数字，请检查是否填错了列。")
    return bounded(plain, 60, "姓名")


def id_number(value: Value, today: date) -> str | None:
    """The identity number in normal form; None for an empty cell.

    Refused: a number that Excel has cut (15 digits are kept, the rest becomes zeros), and what
    `identity.id_number` refuses.
    """
    if isinstance(value, float) and abs(value) >= 10**EXCEL_DIGITS:
        raise RuleBroken(EXCEL_SPOILT)
    if isinstance(value, int) and not isinstance(value, bool) and len(str(value)) > EXCEL_DIGITS and value % 1000 == 0:
        raise RuleBroken(EXCEL_SPOILT)
    text = folded(text_of(value)).strip("'`‘’")
    if re.fullmatch(r"\d(\.\d+)?e\+?\d+", text):
        raise RuleBroken(EXCEL_SPOILT)
    return identity.id_number(text, today) if text else None


def phone(value: Value) -> str | None:
    """A phone number in normal form; of several the first mobile one; None for an empty cell."""
    text = unicodedata.normalize("NFKC", text_of(value)).strip("'`‘’ ")
    if not text:
        return None
    for part in [text, *re.split(r"[、,;/|\s]+", text)]:
        try:
            return identity.mobile_phone(part)
        except RuleBroken:
            continue
    return identity.mobile_phone(text)


def gender_fits(text: str, number: str | None) -> bool:
    """Whether 男 or 女 agrees with the identity number (its 17th digit is odd for men)."""
    if not number or text not in ("男", "女"):
        return True
    return (text == "男") == (int(number[16]) % 2 == 1)


def kind(text: str) -> Kind | None:
    """个人, 团队 or 法人 in the wordings of rosters; None for an empty cell. Refused: anything else."""
    if not text:
        return None
    for found, words in ((Kind.TEAM, "团队 特派团 服务团 team"), (Kind.ENTITY, "法人 企业 单位 机构 entity")):
        if any(word in text.lower() for word in words.split()):
            return found
    if any(word in text.lower() for word in ("个人", "自然人", "individual")):
        return Kind.INDIVIDUAL
    raise RuleBroken("类别应为个人、团队或法人，请改正。")


def level(text: str) -> Level | None:
    """县级, 市级 or 省级; None for an empty cell. Refused: anything else."""
    if not text:
        return None
    plain = re.sub(r"[(（][^)）]*[)）]", "", text).lower()
    words = ((Level.PROVINCE, ("省", "province")), (Level.CITY, ("市", "city")), (Level.COUNTY, ("县", "区", "county")))
    for found, marks in words:
        if any(plain.startswith(mark) for mark in marks):
            return found
    raise RuleBroken("级别应为县级、市级或省级，请改正。")


_SOURCES: tuple[tuple[Source, str], ...] = (
    (Source.UNIVERSITY_STATION, "工作站 高校"),
    (Source.BEIJING, "北京 京闽"),
    (Source.SHANGHAI, "上海 沪明"),
    (Source.TAIWAN, "台湾 台籍 台胞"),
    (Source.HONGKONG_MACAO, "港澳 香港 澳门"),
    (Source.ABROAD, "国外 境外 外籍 海外"),
    (Source.OTHER_PROVINCE, "省外 外省"),
    (Source.COUNTY, "本县 县内 本区 本地 当地 县级 county"),
    (Source.CITY, "本市 市内 市直 市级 三明 city"),
    (Source.PROVINCE, "省内 本省 省直 省级 福建 province"),
)


def source(text: str) -> Source | None:
    """Where somebody comes from; None for an empty cell. Refused: a wording that is not known."""
    if not text:
        return None
    exact = Source.from_label(text)
    if exact is not None:
        return exact
    for found, words in _SOURCES:
        if any(word in text.lower() for word in words.split()):
            return found
    raise RuleBroken("来源应为" + "、".join(member.label for member in Source) + "之一，请改正。")


def ground(text: str) -> Ground | None:
    """The ground of recognition that a wording means; None for one that is not known."""
    if not text:
        return Ground.NOT_STATED
    exact = Ground.from_label(text)
    if exact is not None:
        return exact
    for found, words in (
        (Ground.FREE_SERVICE, "无偿 公益 免费 义务"),
        (Ground.LEADS_ENTITY, "创办 领办 星创"),
        (Ground.COOPERATION, "合作 协议"),
        (Ground.NOT_STATED, "未注明"),
    ):
        if any(word in text for word in words.split()):
            return found
    return None


def organisation_kind(name: str) -> OrganisationKind:
    """What sort of organisation a legal entity is, as far as its name says."""
    for found, words in (
        (OrganisationKind.COOPERATIVE, "合作社 合作联社"),
        (OrganisationKind.FAMILY_FARM, "家庭农场"),
        (OrganisationKind.ENTERPRISE, "公司 企业 工厂 集团 农场 茶厂 加工厂 厂"),
    ):
        if any(word in name for word in words.split()):
            return found
    return OrganisationKind.OTHER


def shown(column: Field, value: Value) -> str:
    """A refused value as messages show it: short, and numbers of persons masked (the row number finds the rest)."""
    text = f"{value:.4E}" if isinstance(value, float) and value >= 10**EXCEL_DIGITS else str(value or "").strip()
    digits = re.sub(r"\D", "", text)
    if column in (Field.ID_NUMBER, Field.LEADER_ID):
        if "E+" in text:
            return text
        return masked_id_number(text) if len(text) == 18 else f"{text[:3]}…（{len(text)}位）" if text else ""
    if column in (Field.PHONE, Field.LEADER_PHONE):
        return masked_phone(digits) if len(digits) >= 11 else f"{digits[:3]}…（{len(digits)}位）" if text else ""
    text = without_numbers(text)
    return text if len(text) <= 60 else text[:59] + "…"


def without_numbers(text: str) -> str:
    """Text in which numbers of persons, which stray into other columns too, cannot be read."""
    text = re.sub(r"\d{14,17}[\dXx]", "（身份证号）", text)
    return re.sub(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)", r"\1****\2", text)
