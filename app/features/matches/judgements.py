"""What officers decided on proposals, as judged pairs: for measuring the ranking and for finding better weights."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.matches import MatchState, Verdict
from app.features.demands.models import Demand
from app.features.matches.models import Match, ProposalDecision
from app.features.menus.models import Offer

# Grades as expert readers use them: set aside 0, invited 2, invited and agreed to 3.
GRADES = {Verdict.SET_ASIDE: 0.0, Verdict.INVITED: 2.0}
AGREED = 3.0


@dataclass(frozen=True)
class Judgement:
    """One decision: uids, the grade it stands for, and the share (0 to 1) of each part as it was shown."""

    demand: str
    offer: str
    grade: float
    parts: dict[str, float]
    words: str


def judgements(session: Session) -> Iterator[Judgement]:
    """Every decision in the order it was made. Confidential demands are left out: their words go nowhere."""
    agreed = sa.exists().where(
        Match.demand_id == ProposalDecision.demand_id,
        Match.offer_id == ProposalDecision.offer_id,
        Match.state == MatchState.ACCEPTED,
    )
    rows = session.execute(
        sa.select(ProposalDecision, Demand.uid, Offer.uid, agreed)
        .join(Demand, Demand.id == ProposalDecision.demand_id)
        .join(Offer, Offer.id == ProposalDecision.offer_id)
        .where(sa.not_(Demand.confidential))
        .order_by(ProposalDecision.id)
    )
    for row, demand, offer, taken in rows:
        parts = {name: share / 1000 for name, share in json.loads(row.parts).items()}
        grade = AGREED if taken else GRADES[row.verdict]
        yield Judgement(str(demand), str(offer), grade, parts, row.words or "")


def texts(session: Session) -> tuple[list[list[str]], list[list[str]]]:
    """Demands and offers that were decided on, as `match-evaluate` reads them: no contact and no name of a person."""
    decided = sa.select(ProposalDecision.demand_id), sa.select(ProposalDecision.offer_id)
    demands = session.scalars(
        sa.select(Demand).where(Demand.id.in_(decided[0]), sa.not_(Demand.confidential)).order_by(Demand.id)
    )
    offers = session.scalars(sa.select(Offer).where(Offer.id.in_(decided[1])).order_by(Offer.id))
    return (
        [[str(row.uid), row.title, row.description, str(row.industry_id or "")] for row in demands],
        [[str(row.uid), "", row.title, row.description] for row in offers],
    )
