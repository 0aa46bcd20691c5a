"""From ranked proposals to the frozen inputs of a plan.

The plan does not rank. It asks a ranking for each demand's best candidates (`CandidateMaker`), keeps their scores as
whole numbers, and adds what the ranking does not know: wishes of both sides, refusals, today's pairs, ways.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.domain.matching.facts import DemandFacts, OfferFacts, Place, Tier
from app.domain.matching.plans.problem import (
    SCALE,
    UNKNOWN_TRAVEL,
    IntArray,
    Pairs,
    PlanDemand,
    PlanInputs,
    PlanOffer,
    PlanRefused,
    PlanRules,
    freeze,
)
from app.domain.matching.practical import EARTH_RADIUS_KM
from app.domain.matching.ranking import Engine


class CandidateMaker(Protocol):
    """Names each demand's best offers: (row of the demand, row of the offer, score from 0 to 1)."""

    def __call__(
        self, demands: Sequence[DemandFacts], offers: Sequence[OfferFacts], top: int
    ) -> list[tuple[int, int, float]]: ...


class RankedCandidates:
    """The platform's own ranking as a maker of candidates.

    Its scores are meant to be read within one demand; the plan adds them up across demands, which is fair as far
    as the same share of the same parts means the same (all parts are shares of 1 with common weights).
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(
        self, demands: Sequence[DemandFacts], offers: Sequence[OfferFacts], top: int
    ) -> list[tuple[int, int, float]]:
        row = {offer.id: index for index, offer in enumerate(offers)}
        collection = self.engine.collect(offers)
        return [
            (index, row[proposal.offer_id], proposal.score)
            for index, demand in enumerate(demands)
            for proposal in self.engine.rank(demand, collection, top).proposals
            if proposal.tier is Tier.SUITABLE  # nobody is sent for what only touches the matter
        ]


@dataclass(frozen=True, slots=True)
class PairNote:
    """What is known of a pair besides its score; see `Pairs` for the meaning of each."""

    demand: str
    offer: str
    renewal: bool = False
    demand_wish: int = 0
    offer_wish: int = 0
    barred: bool = False


def scaled_fit(score: float) -> int:
    """A ranking's score as a whole number of 1/10,000; above 1 counts as 1. Refuses negative scores."""
    if score < 0:
        raise PlanRefused(f"匹配度 {score} 是负数，应在 0 到 1 之间。")
    return min(round(score * SCALE), SCALE)


def inputs_from_candidates(
    demands: Sequence[PlanDemand],
    offers: Sequence[PlanOffer],
    candidates: Iterable[tuple[int, int, float]],
    *,
    notes: Iterable[PairNote] = (),
    places: tuple[Sequence[Place | None], Sequence[Place | None]] | None = None,
    rules: PlanRules | None = None,
) -> PlanInputs:
    """Frozen inputs from a ranking's candidates.

    `notes` may name pairs the ranking did not propose: somebody wishes them, so they enter with a fit of 0.
    `places`: where each demand and each offer is, for the way between them in a straight line.
    Refused (PlanRefused): a note about a demand or offer that is not in the lists, and what `freeze` refuses.
    """
    scores = {(d, o): scaled_fit(score) for d, o, score in candidates}
    noted = _noted(demands, offers, notes)
    keys = sorted(scores.keys() | noted.keys())
    plain = PairNote("", "")
    rows = [noted.get(key, plain) for key in keys]
    demand = np.array([d for d, _ in keys], np.int64)
    offer = np.array([o for _, o in keys], np.int64)
    travel = np.full(len(keys), UNKNOWN_TRAVEL) if places is None else _metres(places, demand, offer)
    pairs = Pairs.of(
        demand,
        offer,
        [scores.get(key, 0) for key in keys],
        travel_m=travel,
        demand_wish=[note.demand_wish for note in rows],
        offer_wish=[note.offer_wish for note in rows],
        renewal=[note.renewal for note in rows],
        barred=[note.barred for note in rows],
    )
    return freeze(demands, offers, pairs, rules)


def _noted(
    demands: Sequence[PlanDemand], offers: Sequence[PlanOffer], notes: Iterable[PairNote]
) -> dict[tuple[int, int], PairNote]:
    """Notes by row numbers; of several notes about one pair, each adds what it says."""
    demand_at = {demand.uid: index for index, demand in enumerate(demands)}
    offer_at = {offer.uid: index for index, offer in enumerate(offers)}
    found: dict[tuple[int, int], PairNote] = {}
    for note in notes:
        if note.demand not in demand_at or note.offer not in offer_at:
            raise PlanRefused(f"需求 {note.demand} 或科特派 {note.offer} 不在名单里，请核对编号。")
        key = (demand_at[note.demand], offer_at[note.offer])
        held = found.get(key, note)
        found[key] = replace(
            held,
            renewal=held.renewal or note.renewal,
            demand_wish=held.demand_wish or note.demand_wish,
            offer_wish=held.offer_wish or note.offer_wish,
            barred=held.barred or note.barred,
        )
    return found


def _metres(
    places: tuple[Sequence[Place | None], Sequence[Place | None]], demand: IntArray, offer: IntArray
) -> IntArray:
    """Great-circle metres between the two sides of each pair; UNKNOWN_TRAVEL where a place is missing."""
    (lon, lat), (far_lon, far_lat) = _radians(places[0])[:, demand], _radians(places[1])[:, offer]
    half = np.sin((lat - far_lat) / 2) ** 2 + np.cos(lat) * np.cos(far_lat) * np.sin((lon - far_lon) / 2) ** 2
    metres = 2000 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return np.where(np.isnan(metres), UNKNOWN_TRAVEL, np.nan_to_num(metres)).round().astype(np.int64)


def _radians(places: Sequence[Place | None]) -> npt.NDArray[np.float64]:
    """Longitudes and latitudes as two rows; NaN where not known."""
    degrees = [(np.nan, np.nan) if place is None else (place.longitude, place.latitude) for place in places]
    return np.radians(np.array(degrees, np.float64).reshape(-1, 2).T)
