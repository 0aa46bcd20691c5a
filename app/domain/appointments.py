"""What an appointment (认定) may say: its term, what it declares to cover, and who makes up a team.

Terms differ by place and level (one year in some cities, three in others), so no length is prescribed; only
what cannot be meant is refused. Limits on who may apply are local rules and not decided here.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from app.domain.calendar import FIRST_YEAR, YEARS_AHEAD, check_year
from app.domain.divisions import DivisionLevel, contains, level_of
from app.domain.refusals import RuleBroken

# The longest term found anywhere is three years; ten leaves room and still catches a slip of the pen.
LONGEST_TERM_YEARS = 10


def check_term(batch_year: int, begins: date, ends: date, today: date) -> None:
    """Refuse a batch year, a first or a last day that cannot be meant; the message names the field.

    Refused: a year before 1999 or more than five ahead, an end before the beginning, a beginning outside the
    same span, a term longer than ten years (2199 instead of 2019), a term over before its batch year began.
    """
    check_year(batch_year, today, field="batch_year")
    if not FIRST_YEAR <= begins.year <= today.year + YEARS_AHEAD:
        raise RuleBroken(
            f"任期开始日期应在{FIRST_YEAR}到{today.year + YEARS_AHEAD}年之间，请检查年份。", field="begins"
        )
    if ends < begins:
        raise RuleBroken("任期结束日期早于开始日期，请检查。", field="ends")
    if ends > begins + timedelta(days=366 * LONGEST_TERM_YEARS):
        raise RuleBroken(
            f"任期结束日期{ends:%Y-%m-%d}离开始日期超过{LONGEST_TERM_YEARS}年，请检查年份是否写错。", field="ends"
        )
    if ends.year < batch_year:
        raise RuleBroken(f"任期在{batch_year}年度开始之前就已结束，请核对选认年度和任期。", field="ends")


def check_cover(county_code: str, region_codes: Iterable[str], names: Mapping[str, str]) -> None:
    """Refuse declared places outside the recommending county; `names` gives the names of those that are known.

    A county's own code is the declaration 全县, which covers no township by itself. An appointment of the city
    (市直) may declare townships of any county, but not the whole city.
    """
    county = names.get(county_code, county_code)
    for code in region_codes:
        if code not in names:
            raise RuleBroken(f"没有代码为{code}的乡镇，请重新选择。", field="cover")
        if level_of(code) in (DivisionLevel.CITY, DivisionLevel.PROVINCE):
            raise RuleBroken("服务区域请选到县（全县）或乡镇，不能选全市。", field="cover")
        if not contains(county_code, code):
            raise RuleBroken(f"{names[code]}不在{county}，请在{county}的乡镇中选择。", field="cover")


def check_team(name: str, has_leader: bool) -> None:
    """Refuse a team without a name or without somebody who leads it (负责人)."""
    if not name.strip():
        raise RuleBroken("请填写团队名称。", field="name")
    if not has_leader:
        raise RuleBroken("团队必须有一名负责人，请填写负责人。", field="leader_name")
