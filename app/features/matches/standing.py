"""How commissioners stand today: appointed, with time left, with what experience; the hard rules read the same."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.domain.matches import RESERVED_HALF_DAYS
from app.domain.matching.facts import Rule
from app.domain.vocabulary import Level
from app.features.commissioners.models import Commissioner
from app.features.matches import queries
from app.features.menus import queries as menus

EXPERIENCE_HALF = 4.0  # services after which experience counts half, as in the ranking itself


@dataclass(frozen=True)
class Experience:
    """What a commissioner has done: half-days served this year, passed and confirmed visits in the same industry."""

    served_half_days: int = 0
    passed: int = 0
    confirmed: int = 0


# (session, commissioner ids, industry of the demand, today) → what each has done; the visits desk, which stands to
# the right, says how it is found.
Told = Callable[[Session, Sequence[int], int | None, date], Mapping[int, Experience]]
_experience: Told = lambda session, ids, industry_id, today: {}  # noqa: E731


def when_experience_is_told_by(told: Told) -> None:
    """Register how past work is found; called once, by the desk that keeps visits."""
    global _experience
    _experience = told


@dataclass(frozen=True)
class Standing:
    """How a commissioner stands today: the rule that keeps him or her out, shares from 0 to 1, and all in words."""

    refusal: str | None
    appointed: bool
    free_half_days: int
    promised: int
    capacity: float
    experience: float
    reasons: tuple[str, ...]


def standings(
    session: Session, commissioners: Iterable[Commissioner], industry_id: int | None, today: date
) -> dict[int, Standing]:
    """Appointment, free time and past work of some commissioners on a day, in four queries."""
    known = {row.id: row for row in commissioners}
    ids = sorted(known)
    levels = menus.levels_on(session, ids, today)
    promised = queries.under_way_of(session, ids)
    done = _experience(session, ids, industry_id, today)
    return {
        id_: _standing(row, levels.get(id_, ()), promised.get(id_, 0), done.get(id_, Experience()))
        for id_, row in known.items()
    }


def _standing(row: Commissioner, levels: tuple[Level, ...], promised: int, done: Experience) -> Standing:
    free = row.yearly_half_days - promised * RESERVED_HALF_DAYS - done.served_half_days
    reasons = ["、".join(level.label for level in levels)] if levels else []
    if free > 0:
        reasons.append(f"今年还可服务 {free / 2:g} 天")
    if done.passed:
        reasons.append(f"同类服务 {done.passed} 次，确认 {done.confirmed} 次")
    if promised:
        reasons.append(f"手上在办 {promised} 件")
    refusal = Rule.NOT_APPOINTED.value if not levels else Rule.NO_CAPACITY.value if free <= 0 else None
    counted = (done.passed + done.confirmed) / 2
    return Standing(
        refusal,
        appointed=bool(levels),
        free_half_days=free,
        promised=promised,
        capacity=min(1.0, max(0, free) / (3 * RESERVED_HALF_DAYS)),
        experience=counted / (counted + EXPERIENCE_HALF),
        reasons=tuple(reasons),
    )
