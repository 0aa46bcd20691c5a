"""The bureau's changes to the dated dictionaries: parts of industries and kinds of result, added and ended from a day.

Nothing is renamed or taken out: records carry the entries, and figures of past years are told by them. Whoever finds a
name wrong ends it and adds another.
"""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.calendar import FIRST_YEAR
from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Actor
from app.features.vocabulary import queries
from app.features.vocabulary.models import Industry, ResultKind
from app.storage import trail
from app.storage.names import pinyin_of
from app.storage.session import unique_or

# Decimal places of a unit → how many of its smallest units make one (decision 15: integers of the smallest unit).
PLACES = {0: 1, 1: 10, 2: 100}


def add_industry(
    session: Session, actor: Actor, today: date, *, parent_id: int, title: str, valid_from: date, because: str
) -> Industry:
    """A part of one of the leading industries, to be chosen from a day on.

    Refused: an industry that has no parts (其他) or is not in use, a name that stands there already, a day before 1999.
    """
    parent = session.get(Industry, parent_id)
    tops = {row.id for row in queries.leading_industries(session, today)}
    if parent is None or parent.id not in tops:
        raise RuleBroken("请选择一个在用的主导产业。", field="parent")
    title, because = _named(title, because, valid_from)
    taken = sa.select(Industry.id).where(Industry.scheme_id == parent.scheme_id, Industry.title == title)
    if session.scalar(taken.where(_open(Industry, valid_from)).limit(1)) is not None:
        raise RuleBroken(f"已经有“{title}”，不需要再加。", field="title")
    last = session.scalar(sa.select(sa.func.max(Industry.place)).where(Industry.scheme_id == parent.scheme_id))
    row = Industry(
        scheme_id=parent.scheme_id,
        code=f"{parent.code}.{_code(title)}{f'_{valid_from:%Y%m%d}' if session.scalar(taken) else ''}",
        title=title,
        parent_id=parent.id,
        place=(last or 0) + 1,
        valid_from=valid_from,
    )
    with unique_or(session, AlreadyDone("刚刚有人加了同名的产业，请刷新后再看。", field="title")):
        session.add(row)
    trail.record(session, actor, "vocabulary.add_industry", row, words=f"{parent.title}：{title}；{because}")
    return row


def add_result_kind(
    session: Session, actor: Actor, *, title: str, unit: str, places: int, valid_from: date, because: str
) -> ResultKind:
    """A kind of result that visits may claim from a service date on, in whole units or down to `places` decimals."""
    title, because = _named(title, because, valid_from)
    unit = "".join(unit.split())
    if not unit or len(unit) > 10:
        raise RuleBroken("请填写单位，最多10个字，例如 亩、人次、元。", field="unit")
    if places not in PLACES:
        raise RuleBroken("请选择记到几位小数。", field="places")
    taken = sa.select(ResultKind.id).where(ResultKind.title == title)
    if session.scalar(taken.where(_open(ResultKind, valid_from)).limit(1)) is not None:
        raise RuleBroken(f"已经有“{title}”，不需要再加。", field="title")
    row = ResultKind(
        code=f"own_{_code(title)}{f'_{valid_from:%Y%m%d}' if session.scalar(taken) else ''}"[:40],
        title=title,
        unit=unit,
        smallest_unit=_smallest(unit, places),
        per_unit=PLACES[places],
        valid_from=valid_from,
        place=(session.scalar(sa.select(sa.func.max(ResultKind.place))) or 0) + 1,
    )
    with unique_or(session, AlreadyDone("刚刚有人加了同名的成果，请刷新后再看。", field="title")):
        session.add(row)
    trail.record(session, actor, "vocabulary.add_result", row, words=f"{title}（{unit}）；{because}")
    return row


def end(
    session: Session, actor: Actor, today: date, row: Industry | ResultKind, *, last_day: date, because: str
) -> None:
    """Let an entry be chosen up to a day, not earlier than today; what carries it keeps it and counts as before.

    Refused: one that has ended, a leading industry itself or 其他, which the scheme cannot do without.
    """
    if isinstance(row, Industry) and row.parent_id is None:
        raise RuleBroken("主导产业和“其他”不能单独停用。")
    if row.valid_to is not None:
        raise AlreadyDone(f"“{row.title}”已经定了停用日期。")
    if last_day < max(today, row.valid_from or today):
        raise RuleBroken("最后一天不能早于今天，也不能早于启用日期。", field="last_day")
    because = _because(because)
    row.valid_to = last_day
    tag = "vocabulary.end_industry" if isinstance(row, Industry) else "vocabulary.end_result"
    trail.record(session, actor, tag, row, words=f"{row.title}，{last_day + timedelta(days=1)} 起停用；{because}")


def _open(table: type[Industry] | type[ResultKind], day: date) -> sa.ColumnElement[bool]:
    """Entries that have not ended before a day."""
    return sa.or_(table.valid_to.is_(None), table.valid_to >= day)


def _named(title: str, because: str, valid_from: date) -> tuple[str, str]:
    title = "".join(title.split())
    if not title or len(title) > 30:
        raise RuleBroken("请填写名称，最多30个字。", field="title")
    if valid_from.year < FIRST_YEAR:
        raise RuleBroken(f"启用日期不能早于{FIRST_YEAR}年，请检查。", field="valid_from")
    return title, _because(because)


def _because(words: str) -> str:
    words = " ".join(words.split())
    if not words:
        raise RuleBroken("请写明依据，例如文号。", field="because")
    return words


def _code(title: str) -> str:
    return pinyin_of(title)[0].replace(" ", "_")[:30] or "x"


def _smallest(unit: str, places: int) -> str:
    """What the integers count, in words: 分 for money, a hundredth of anything else."""
    if unit == "元" and places == 2:
        return "分"
    return unit if places == 0 else f"{10**-places:.{places}f}{unit}"
