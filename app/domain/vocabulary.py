"""The words the whole platform shares: closed sets of values with their Chinese labels.

Industries are not here: they change by year and live in a dated dictionary (features/vocabulary).
"""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A value as stored in the database and in exchange files, with the label people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(value, label) pairs in the order of definition, for select fields."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def from_label(cls, text: str) -> Self | None:
        """The member whose label or value is `text`; None if there is none."""
        wanted = text.strip()
        return next((member for member in cls if wanted in (member.label, member.value)), None)


class Level(Labelled):
    """Who appoints; a higher level outranks a lower one when a visit must name one."""

    COUNTY = ("county", "县级")
    CITY = ("city", "市级")
    PROVINCE = ("province", "省级")

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Kind(Labelled):
    """What kind of commissioner holds an appointment, and the unit its appointments are counted in."""

    INDIVIDUAL = ("individual", "个人")
    TEAM = ("team", "团队")
    ENTITY = ("entity", "法人")

    @property
    def appointment_unit(self) -> str:
        return {"individual": "人次", "team": "组次", "entity": "家次"}[self.value]


class Source(Labelled):
    """Where a commissioner comes from (the plan of 2021 reports Beijing's and the university station's apart)."""

    COUNTY = ("county", "本县")
    CITY = ("city", "本市")
    PROVINCE = ("province", "省内")
    OTHER_PROVINCE = ("other_province", "省外")
    BEIJING = ("beijing", "北京（京闽）")
    SHANGHAI = ("shanghai", "上海（沪明）")
    TAIWAN = ("taiwan", "台湾")
    HONGKONG_MACAO = ("hongkong_macao", "港澳")
    ABROAD = ("abroad", "国外")
    UNIVERSITY_STATION = ("university_station", "高校工作站")


class Ground(Labelled):
    """Ground of recognition (选认依据), after the provincial notice of 2018 on selecting by recognition."""

    FREE_SERVICE = ("free_service", "已在当地无偿服务农户")
    LEADS_ENTITY = ("leads_entity", "创办或领办经济实体")
    COOPERATION = ("cooperation", "与实体有实质性技术合作")
    NOT_STATED = ("not_stated", "未注明")


class OrganisationKind(Labelled):
    VILLAGE = ("village", "村")
    COOPERATIVE = ("cooperative", "合作社")
    FAMILY_FARM = ("family_farm", "家庭农场")
    ENTERPRISE = ("enterprise", "企业")
    TOWNSHIP_GOVERNMENT = ("township_government", "乡镇政府")
    SENDING_UNIT = ("sending_unit", "派出单位")
    STATION = ("station", "工作站")
    OTHER = ("other", "其他")

    @property
    def can_be_served(self) -> bool:
        """Villages and firms receive service; sending units and stations send people."""
        return self not in (OrganisationKind.SENDING_UNIT, OrganisationKind.STATION)


class ServiceMode(Labelled):
    ON_SITE = ("on_site", "现场")
    ONLINE = ("online", "线上")


class Urgency(Labelled):
    """How soon a demand needs an answer; `due_days` is the neutral default the bureau may change."""

    CRITICAL = ("critical", "特急")
    URGENT = ("urgent", "急")
    NORMAL = ("normal", "一般")

    @property
    def due_days(self) -> int:
        return {"critical": 1, "urgent": 3, "normal": 7}[self.value]


class NeedType(Labelled):
    """What sort of help a demand asks for and an offer gives (the union of real demand forms)."""

    PLANTING = ("planting", "种植")
    BREEDING = ("breeding", "养殖")
    PLANT_PROTECTION = ("plant_protection", "病虫害防治")
    PROCESSING = ("processing", "加工贮藏")
    EQUIPMENT = ("equipment", "装备工艺")
    MATERIALS = ("materials", "材料化工")
    BRAND = ("brand", "品牌营销")
    PLANNING = ("planning", "规划文旅")
    DIGITAL = ("digital", "数字化")
    TESTING = ("testing", "检测认证")
    PROJECT = ("project", "项目申报")
    OTHER = ("other", "其他")


class CooperationMode(Labelled):
    """How commissioner and served unit share in an agreement (利益共同体 modes)."""

    PUBLIC = ("public", "公益服务")
    PAID = ("paid", "有偿服务")
    CONTRACT = ("contract", "技术承包")
    TECHNOLOGY_SHARE = ("technology_share", "技术入股")
    CAPITAL_SHARE = ("capital_share", "资金入股")
    FOUNDING = ("founding", "创办领办")
    PROJECT = ("project", "项目合作")


class ConfirmationChannel(Labelled):
    """How the served side gave its word; stronger channels say more about who answered."""

    LINK = ("link", "手机链接")
    QR_ON_SITE = ("qr_on_site", "现场扫码")
    SEALED_SHEET = ("sealed_sheet", "盖章确认单")
    CALL_BACK = ("call_back", "电话回访")

    @property
    def strength(self) -> int:
        """1 weak … 4 strong; a setting of reports, not a score of people."""
        return {"qr_on_site": 1, "link": 2, "sealed_sheet": 3, "call_back": 4}[self.value]


class CoverDefinition(Labelled):
    """The three definitions of cover; the bureau picks the one it reports."""

    APPOINTED = ("appointed", "任命覆盖")
    VISITED = ("visited", "服务覆盖")
    CONFIRMED = ("confirmed", "有效覆盖")

    @property
    def meaning(self) -> str:
        """What covers a township, in the words of the page and of every export."""
        return {
            "appointed": "有在任的选认，所申报的服务范围写明这个乡镇；在任以统计期最后一天（未到期的以今天）为准。",
            "visited": "统计期内有一次审核通过的服务在这个乡镇。",
            "confirmed": "统计期内有一次服务得到受援单位确认，或有一件需求办结并解决。",
        }[self.value]


class GeometryKind(Labelled):
    OFFICIAL = ("official", "法定界线")
    IMPORTED = ("imported", "导入界线")
    VORONOI = ("voronoi", "示意服务单元")
    POINT = ("point", "驻地点")
