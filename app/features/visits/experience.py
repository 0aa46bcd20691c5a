"""Past work of commissioners, as the ranking of proposals asks for it (features/matches/standing.py).

Only passed visits count (decisions 5): half-days of this calendar year use up this year's time; visits in the same
industry, whatever the year, are experience, and confirmed ones are named apart.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.visits import VisitState
from app.features.commissioners.models import Appointment
from app.features.matches.standing import Experience
from app.features.visits.models import Participant, Visit
from app.features.vocabulary import queries as vocabulary


def experience(
    session: Session, commissioner_ids: Sequence[int], industry_id: int | None, today: date
) -> Mapping[int, Experience]:
    """Commissioner → half-days served this year, visits passed and confirmed in the industry; none: not a key.

    An industry includes its parts. Without an industry nothing is of the same kind. A visit counts once for a
    commissioner, however many of a team took part. Two queries, whatever the number.
    """
    ids = sorted(set(commissioner_ids))
    served = _half_days(session, ids, today.year)
    done = _visits(session, ids, vocabulary.with_parts(session, industry_id)) if industry_id is not None else {}
    return {id_: Experience(served.get(id_, 0), *done.get(id_, (0, 0))) for id_ in sorted(served.keys() | done.keys())}


def _passed(ids: Sequence[int], *columns: sa.ColumnElement[int]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Appointment.commissioner_id, *columns)
        .join(Participant, Participant.appointment_id == Appointment.id)
        .join(Visit, Visit.id == Participant.visit_id)
        .where(Appointment.commissioner_id.in_(ids), Visit.state == VisitState.PASSED)
        .group_by(Appointment.commissioner_id)
    )


def _half_days(session: Session, ids: Sequence[int], year: int) -> dict[int, int]:
    wanted = _passed(ids, sa.func.sum(Participant.half_days)).where(
        Visit.service_date >= date(year, 1, 1), Visit.service_date <= date(year, 12, 31)
    )
    return {row[0]: int(row[1]) for row in session.execute(wanted)}


def _visits(session: Session, ids: Sequence[int], industry_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    passed = sa.func.count(sa.distinct(Visit.id))
    confirmed = sa.func.count(sa.distinct(sa.case((Visit.confirmed_on.is_not(None), Visit.id))))
    wanted = _passed(ids, passed, confirmed).where(Visit.industry_id.in_(industry_ids))
    return {row[0]: (row[1], row[2]) for row in session.execute(wanted)}
