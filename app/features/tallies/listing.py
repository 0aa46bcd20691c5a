"""How the rows behind a figure are written out, the same on the page and in the workbook."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from app.domain.tallies import Figure
from app.features.tallies.rows import BehindRow

Cell = str | int | float | date | None
HEADS: dict[str, tuple[str, ...]] = {
    "people": ("姓名", "所属地", "选认次数", "选认年度"),
    "appointments": ("科特派", "推荐地", "层级", "选认年度", "任期开始", "任期结束", "文号"),
    "members": ("姓名", "所在团队", "团队所属地"),
    "visits": ("服务内容", "服务日期", "服务地点", "参加人", "方式", "受援单位确认"),
    "participants": ("参加人", "服务日期", "服务地点", "服务内容", "服务时间（天）"),
    "units": ("受援单位", "单位类型", "所在地", "服务次数", "最近一次服务"),
    "demands": ("需求", "所在地", "提交日期", "办结日期"),
    "results": ("服务内容", "服务日期", "服务地点", "参加人", "受援单位确认", "数量"),
}


def written(
    figure: Figure, row: BehindRow, places: Mapping[str, str], people: Mapping[UUID, str], per_unit: int = 1
) -> Sequence[Cell]:
    """The cells of a row below HEADS[figure.opens]; the first names the record that the row opens.

    `people`: who took part, by the visit's uid; `per_unit`: smallest units in one unit of the result counted.
    """
    place, more = places.get(row.region_code or "", ""), row.details
    match figure.opens:
        case "people":
            first, last = more[1], more[2]
            return row.name, place, more[0], f"{first}年" if first == last else f"{first}—{last}年"
        case "appointments":
            return row.name, place, more[0].label, f"{more[1]}年", more[2], more[3], more[4]
        case "members":
            return row.name, more[0], place
        case "visits":
            return row.name, row.day, place, people.get(row.uid, ""), more[0].label, _confirmed(more[1])
        case "participants":
            return row.name, row.day, place, more[0], row.amount / 2
        case "units":
            return row.name, more[0].label, place, more[1], row.day
        case "demands":
            return row.name, place, more[0], row.day
        case _:
            return row.name, row.day, place, people.get(row.uid, ""), _confirmed(more[0]), row.amount / per_unit


def _confirmed(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else "未确认"
