"""What a demand's words are about, for triage to begin with (features/menus/understanding.py reads the words)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.triage import Suggested
from app.domain.vocabulary import NeedType, Urgency
from app.features.demands.models import Demand
from app.features.menus import understanding

NEWEST_TRIAGED = 5_000


def suggested(session: Session, demand: Demand, today: date) -> Suggested:
    """Industry, sort of help and urgency as the words of a demand suggest them."""
    return understanding.suggested(session, demand.title, demand.description, today)


def suggested_industry_id(session: Session, told: Suggested, today: date) -> int | None:
    """The suggested industry as a row of today's scheme."""
    return understanding.industry_id(session, told, today)


@dataclass(frozen=True)
class Triaged:
    """A demand as the officer placed it, beside what its words suggest by the vocabulary in force."""

    demand: Demand
    industry_id: int | None
    need_type: NeedType | None
    urgency: Urgency

    @property
    def agreed(self) -> dict[str, bool]:
        """Of each of the three whether the officer let it stand."""
        decided = self.demand
        return {
            "industry": decided.industry_id == self.industry_id,
            "need_type": decided.need_type == self.need_type,
            "urgency": decided.urgency == self.urgency,
        }


def triaged(session: Session, today: date) -> Iterator[Triaged]:
    """The newest demands that an officer has placed, oldest first, but confidential ones: their words go nowhere."""
    newest = (
        sa.select(Demand.id)
        .where(Demand.industry_id.is_not(None), Demand.need_type.is_not(None), sa.not_(Demand.confidential))
        .order_by(Demand.id.desc())
        .limit(NEWEST_TRIAGED)
    )
    for demand in session.scalars(sa.select(Demand).where(Demand.id.in_(newest)).order_by(Demand.id)):
        told = suggested(session, demand, today)
        industry_id = suggested_industry_id(session, told, today)
        yield Triaged(demand, industry_id, told.need_type, told.urgency or Urgency.NORMAL)
