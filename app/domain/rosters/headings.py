"""Which column of a roster means what: headings in any order and wording, titles above them, headings over two rows."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.rosters.workbook import Sheet, SheetRow, Value
from app.domain.vocabulary import Labelled


class Field(Labelled):
    """What a column may tell; the label is the heading of the template and of messages."""

    NAME = ("name", "姓名")
    GENDER = ("gender", "性别")
    ID_NUMBER = ("id_number", "身份证号")
    PHONE = ("phone", "联系电话")
    EMPLOYER = ("employer", "工作单位")
    SENDING_UNIT = ("sending_unit", "派出单位")
    TITLE = ("title", "职称")
    EDUCATION = ("education", "学历")
    SPECIALITY = ("speciality", "专业特长")
    KIND = ("kind", "类别")
    LEVEL = ("level", "级别")
    SOURCE = ("source", "来源")
    YEAR = ("year", "选认年度")
    TERM = ("term", "聘期")
    BEGINS = ("begins", "聘期起")
    ENDS = ("ends", "聘期止")
    COUNTY = ("county", "县（市、区）")
    SERVICE_COUNTY = ("service_county", "服务县")
    TOWNSHIPS = ("townships", "服务乡镇")
    INDUSTRY = ("industry", "产业")
    GROUND = ("ground", "选认依据")
    DOCUMENT = ("document", "文号")
    TEAM = ("team", "团队名称")
    LEADER = ("leader", "负责人")
    LEADER_ID = ("leader_id", "负责人身份证号")
    LEADER_PHONE = ("leader_phone", "负责人电话")
    MEMBERS = ("members", "成员")
    ROLE = ("role", "负责人/成员")
    ENTITY = ("entity", "单位名称")
    CREDIT_CODE = ("credit_code", "统一社会信用代码")
    SERIAL = ("serial", "序号")
    REMARK = ("remark", "备注")


# One of these must be among the headings: without them nobody can be named.
NAMING = frozenset({Field.NAME, Field.LEADER, Field.TEAM, Field.ENTITY})
# Several columns of these belong together (专业 and 特长, 成员1 and 成员2); of all others the first filled one counts.
JOINED = frozenset({Field.SPECIALITY, Field.INDUSTRY, Field.TOWNSHIPS, Field.MEMBERS})
# Columns that rosters have and the platform has no place for; not worth a word.
PASSED_OVER = frozenset({Field.SERIAL, Field.REMARK})

_SYNONYMS: dict[Field, str] = {
    Field.NAME: (
        "姓名 名字 名称 科技特派员 科技特派员姓名 科特派 科特派姓名 特派员姓名 人员姓名 成员姓名 团队成员姓名 个人姓名"
    ),
    Field.GENDER: "性别 男女",
    Field.ID_NUMBER: (
        "身份证号 身份证号码 身份证 证件号 证件号码 公民身份号码 居民身份证号 居民身份证号码 有效证件号码"
    ),
    Field.PHONE: "联系电话 手机 手机号 手机号码 电话 电话号码 联系方式 移动电话 联系手机",
    Field.EMPLOYER: "工作单位 所在单位 单位 现工作单位 单位全称 人员单位 工作单位及职务",
    Field.SENDING_UNIT: "派出单位 选派单位 派员单位 推荐派出单位 所属派出单位",
    Field.TITLE: "职称 技术职称 专业技术职务 职称等级 专业技术职称 技术职务 职务职称",
    Field.EDUCATION: "学历 文化程度 最高学历 学历学位",
    Field.SPECIALITY: (
        "专业 特长 专业特长 服务领域 专长 专业领域 所学专业 从事专业 技术专长 技术领域 研究方向 专业方向"
    ),
    Field.KIND: "类别 类型 科技特派员类别 科技特派员类型 特派员类别 选认类别 选派类别 种类",
    Field.LEVEL: "级别 选认级别 层级 科技特派员级别 认定级别",
    Field.SOURCE: "来源 来源地 人员来源 来源类型 来源地区",
    Field.YEAR: "选认年度 年度 年份 选派年度 认定年度 批次年度 选认年份",
    Field.TERM: (
        "聘期 任期 服务期 服务期限 聘任期限 起止时间 选认期限 任期起止 聘期起止 服务起止时间 任职期限 起止日期 服务时间"
    ),
    Field.BEGINS: (
        "聘期起 任期起 聘期开始 任期开始 聘期起始 任期起始 开始日期 起始日期 开始时间 起始时间 聘期自 任期自 "
        "起 开始 服务期起 服务期限起 聘任日期 聘期开始日期 任期开始日期 聘期起始日期 任期起始日期 "
        "聘期开始时间 任期开始时间 服务开始时间 选认日期"
    ),
    Field.ENDS: (
        "聘期止 任期止 聘期结束 任期结束 聘期截止 任期截止 结束日期 截止日期 结束时间 截止时间 聘期至 任期至 "
        "止 至 结束 截止 服务期止 服务期限止 聘期结束日期 任期结束日期 聘期截止日期 任期截止日期 聘期结束时间 "
        "任期结束时间 服务结束时间 到期日期 到期时间"
    ),
    Field.COUNTY: (
        "县 县市区 县区 区县 县域 所在县 所属县 推荐县 选派县 推荐单位 推荐县市区 所属县市区 所在县市区 地区 "
        "所属地区 县名 县市 区划代码 县区代码 县代码 县市区代码 行政区划代码 行政区划 区划 选认县 选认单位"
    ),
    Field.SERVICE_COUNTY: "服务县 服务县市区 服务县区 受援县 派驻县 服务所在县",
    Field.TOWNSHIPS: (
        "服务乡镇 乡镇 乡镇街道 服务乡镇街道 派驻乡镇 对接乡镇 服务区域 服务地区 服务地点 服务地 服务乡 "
        "服务范围 服务乡镇村 所在乡镇 挂钩乡镇 服务乡镇代码 乡镇代码"
    ),
    Field.INDUSTRY: "产业 服务产业 所属产业 主导产业 产业领域 行业 所属行业 服务行业 产业类别 产业链",
    Field.GROUND: "选认依据 选认条件 选认理由 认定依据 选认类型 选认情形",
    Field.DOCUMENT: "文号 文件号 文件文号 选认文件 认定文号 选认文号 文件 文件名称及文号",
    Field.TEAM: "团队名称 团队 所在团队 团队名 科技特派员团队 科技特派员团队名称 所属团队 特派团名称",
    Field.LEADER: "负责人 团队负责人 负责人姓名 团队负责人姓名 领队 团长 组长 牵头人 首席专家 团队带头人 带头人",
    Field.LEADER_ID: "负责人身份证号 负责人身份证号码 团队负责人身份证号 负责人身份证 负责人证件号",
    Field.LEADER_PHONE: "负责人电话 负责人联系电话 负责人手机 负责人手机号 负责人联系方式 团队负责人电话",
    Field.MEMBERS: "成员 团队成员 成员名单 团队成员名单 主要成员 其他成员 成员姓名单位",
    Field.ROLE: "负责人成员 团队角色 角色 成员类型 成员类别 团队职务 是否负责人 担任角色 团队分工",
    Field.ENTITY: (
        "单位名称 法人名称 法人单位名称 企业名称 法人单位 法人科技特派员 法人科技特派员名称 机构名称 实体名称"
    ),
    Field.CREDIT_CODE: "统一社会信用代码 社会信用代码 信用代码 统一信用代码 组织机构代码",
    Field.SERIAL: "序号 编号 序 号",
    Field.REMARK: (
        "备注 说明 备注说明 民族 出生年月 出生日期 政治面貌 邮箱 电子邮箱 通讯地址 住址 籍贯 职务 年龄 照片 "
        "签名 毕业院校 微信 qq 联系人 证件类型 参加工作时间 开户行 银行卡号 账号 学位 邮编 地址"
    ),
}
_EXACT = {word: column for column, words in _SYNONYMS.items() for word in words.split()}
# Where no wording fits exactly, a word that can mean nothing else decides; the longer one first.
_TELLING = tuple(
    {
        "负责人身份证": Field.LEADER_ID, "负责人电话": Field.LEADER_PHONE, "负责人手机": Field.LEADER_PHONE,
        "身份证": Field.ID_NUMBER, "证件号": Field.ID_NUMBER, "信用代码": Field.CREDIT_CODE, "团队名称": Field.TEAM,
        "联系电话": Field.PHONE, "手机": Field.PHONE, "联系方式": Field.PHONE, "职称": Field.TITLE,
        "学历": Field.EDUCATION,
        "文号": Field.DOCUMENT, "服务乡镇": Field.TOWNSHIPS, "乡镇": Field.TOWNSHIPS, "产业": Field.INDUSTRY,
        "特长": Field.SPECIALITY, "专长": Field.SPECIALITY, "服务领域": Field.SPECIALITY, "选认年度": Field.YEAR,
        "工作单位": Field.EMPLOYER, "派出单位": Field.SENDING_UNIT, "团队成员": Field.MEMBERS, "姓名": Field.NAME,
    }.items()
)  # fmt: skip
_SPAN = re.compile(r"聘期|任期|服务期|起止")
# A heading that ends like this is the edge of a term, whatever the word before it (选认起, 有效期止, 聘用截止日期).
_EDGE = re.compile(r"(起|始|开始|止|至|终|结束|到期)(日|日期|时间|年月)?$")
_FIRST, _LAST = re.compile(r"起|始|自|开始"), re.compile(r"止|终|至|结束|到期")
_LOOK_AT = 25  # nonblank rows from the top among which the headings must be


def read_heading(text: Value) -> Field | None:
    """What a heading means; None for one that is not known (or no heading at all)."""
    plain = plain_heading(text)
    if not plain or len(plain) > 20:
        return None
    if plain in _EXACT:
        return _EXACT[plain]
    if _SPAN.search(plain) or _EDGE.search(plain):
        first, last = _FIRST.search(plain), _LAST.search(plain)
        if bool(first) == bool(last):
            return Field.TERM
        return Field.BEGINS if first else Field.ENDS
    return next((column for word, column in _TELLING if word in plain), None)


def plain_heading(text: Value) -> str:
    """A heading without blanks, remarks in brackets, punctuation and running numbers, in half-width letters."""
    if not isinstance(text, str):
        return ""
    folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()
    without = re.sub(r"\((?!起|止|开始|结束|截止|自|至)[^)]*\)|\[[^\]]*\]|【[^】]*】", "", folded)
    plain = re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", without or folded)
    return re.sub(r"^\d+|\d+$", "", plain)


@dataclass(frozen=True)
class Headings:
    """The headings of a sheet: which columns tell each field, what stands there literally, what is not read."""

    first_data_row: int
    columns: dict[Field, tuple[int, ...]]
    words: dict[Field, str]
    titles: str
    unread: tuple[str, ...]
    row_texts: frozenset[str] = field(default=frozenset())

    def has(self, column: Field) -> bool:
        return column in self.columns

    def word(self, column: Field) -> str:
        """The heading as the roster words it, for messages."""
        return self.words.get(column, column.label)

    def value(self, row: SheetRow, column: Field) -> Value:
        """The first filled cell of a field; of joined fields all of them, separated by 、."""
        values = [v for v in (row.value(place) for place in self.columns.get(column, ())) if v is not None]
        if column in JOINED and len(values) > 1:
            return "、".join(str(v) for v in values)
        return values[0] if values else None

    def repeats(self, row: SheetRow) -> bool:
        """Whether a row only repeats the headings, as on every printed page."""
        texts = [plain_heading(value) for value in row.values if value is not None]
        return len(texts) > 1 and all(text in self.row_texts for text in texts)


def find_headings(sheet: Sheet) -> Headings | None:
    """The headings of a sheet, over one row or two; None where there are none (a cover sheet, a list of choices)."""
    best, most = -1, 0
    for place, row in enumerate(sheet.rows[:_LOOK_AT]):
        known = {found for found in map(read_heading, row.values) if found and found not in PASSED_OVER}
        if known & NAMING and (len(known) > 1 or len(row.values) == 1) and len(known) > most:
            best, most = place, len(known)
    if best < 0:
        return None
    texts, last = _with_second_row(sheet.rows, best)
    columns: dict[Field, tuple[int, ...]] = {}
    words: dict[Field, str] = {}
    unread = []
    for place, text in enumerate(texts):
        found = read_heading(text)
        if found is not None:
            columns[found] = (*columns.get(found, ()), place)
            words.setdefault(found, _shown(text))
        elif text:
            unread.append(_shown(text))
    titles = " ".join(str(v) for row in sheet.rows[:best] for v in row.values if isinstance(v, str))
    heading_rows = sheet.rows[best : last + 1]
    repeated = frozenset(plain_heading(v) for row in heading_rows for v in row.values) - {""}
    return Headings(last + 1, columns, words, f"{titles} {sheet.name}", tuple(unread), repeated)


def _shown(text: Value) -> str:
    return re.sub(r"\s", "", str(text))[:20]


def _with_second_row(rows: Sequence[SheetRow], first: int) -> tuple[list[Value], int]:
    """The headings with those of a second row below a merged one (聘期 above 起 and 止), and the last heading row."""
    upper = rows[first]
    if first + 1 >= len(rows) or not _is_second_row(upper, rows[first + 1]):
        return list(upper.values), first
    lower = rows[first + 1]
    texts: list[Value] = []
    over: Value = None
    for place in range(max(len(upper.values), len(lower.values))):
        above, below = upper.value(place), lower.value(place)
        over = above if above is not None else over
        if below is None or below == above:
            texts.append(above)
        else:
            texts.append(_joined(over, below))
    return texts, first + 1


def _joined(over: Value, below: Value) -> Value:
    """聘期 + 起 → 聘期起; a second heading that speaks for itself stays as it is."""
    alone = read_heading(below)
    return f"{over}{below}" if over and (alone is None or len(plain_heading(below)) < 3) else below


def _is_second_row(upper: SheetRow, lower: SheetRow) -> bool:
    """Whether a row refines the headings above it: each new cell is a heading below a wide one, or below none."""
    filled = [(place, value) for place, value in enumerate(lower.values) if value is not None]
    new = [(place, value) for place, value in filled if value != upper.value(place)]
    return bool(new) and all(
        read_heading(value) is not None and (upper.value(place) is None or _is_wide(upper, lower, place))
        for place, value in new
    )


def _is_wide(upper: SheetRow, lower: SheetRow, place: int) -> bool:
    """Whether a heading stretches over the next column: nothing stands beside it, but something below that."""
    return upper.value(place + 1) is None and lower.value(place + 1) is not None
