"""What a demand's words are about, for triage to begin with (features/menus/understanding.py reads the words)."""

from datetime import date

from sqlalchemy.orm import Session

from app.domain.triage import Suggested
from app.features.demands.models import Demand
from app.features.menus import understanding


def suggested(session: Session, demand: Demand, today: date) -> Suggested:
    """Industry, sort of help and urgency as the words of a demand suggest them."""
    return understanding.suggested(session, demand.title, demand.description, today)


def suggested_industry_id(session: Session, told: Suggested, today: date) -> int | None:
    """The suggested industry as a row of today's scheme."""
    return understanding.industry_id(session, told, today)
