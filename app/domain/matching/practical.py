"""The parts beside the fit, most of them practical, and the hard rules: appointment, capacity, mode, the officer's own
no.

Whatever is not known neither helps nor harms: it counts half. Distances are great-circle kilometres.
Computed for all candidates at once; the words are made only for those that are shown.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.collection import FULL, Batch
from app.domain.matching.facts import DemandFacts, Part, Rule
from app.domain.matching.postings import UNKNOWN, day_number, language_bits, level_number, mode_bits
from app.domain.matching.weights import Weights
from app.domain.vocabulary import Level, ServiceMode

Shares = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0
HALVES_AT_KM = 60.0  # distance at which nearness has fallen to one half: an hour's drive in the mountains
USUAL_HALF_DAYS = 4  # what a demand asks for when it does not say: two days
ROOMY = 3.0  # free time of three times what is asked counts as plenty
SEASONED = 4.0  # services of the same kind after which experience counts half
NEUTRAL = 0.5


def refusals(demand: DemandFacts, batch: Batch) -> dict[int, Rule]:
    """For each candidate that a hard rule keeps out, the first rule it breaks."""
    facts = batch.facts
    broken: dict[int, Rule] = {}
    excluded = np.array([offer_id in demand.excluded_offers for offer_id in batch.ids], dtype=bool)
    day = day_number(demand.service_on)
    outside = ((facts["since"] >= 0) & (day < facts["since"])) | ((facts["until"] >= 0) & (day > facts["until"]))
    outside &= demand.service_on is not None
    wanted_modes = mode_bits(demand.modes)
    wrong_mode = (wanted_modes > 0) & (facts["modes"] > 0) & ((facts["modes"] & wanted_modes) == 0)
    for rule, mask in (
        (Rule.EXCLUDED_BY_OFFICER, excluded),
        (Rule.NOT_APPOINTED, outside),
        (Rule.NO_CAPACITY, facts["free"] == 0),
        (Rule.MODE_EXCLUDED, wrong_mode),
    ):
        for row in np.flatnonzero(mask).tolist():
            broken.setdefault(row, rule)
    return broken


@dataclass(frozen=True)
class PracticalPart:
    """One part for all candidates: shares, weight, and the words for one of them."""

    name: str
    shares: Shares
    weight: float
    reason: Callable[[int], str]

    def parts(self, rows: Sequence[int]) -> list[Part]:
        """This part for some candidates."""
        shares = self.shares[list(rows)].tolist()
        return [Part(self.name, share, self.weight, self.reason(row)) for row, share in zip(rows, shares, strict=True)]


def practical_parts(demand: DemandFacts, batch: Batch, weights: Weights) -> list[PracticalPart]:
    """Rareness, distance, capacity, experience, level, mode and language, in the order in which people read them."""
    weight = weights.scored
    return [
        _rare(batch, weight["rare"]),
        _distance(demand, batch, weight["distance"]),
        _capacity(demand, batch, weight["capacity"]),
        _experience(batch, weight["experience"]),
        _level(demand, batch, weight["level"]),
        _mode(demand, batch, weight["mode"]),
        _language(demand, batch, weight["language"]),
    ]


def _rare(batch: Batch, weight: float) -> PracticalPart:
    """Of two that come equally near, the one that seldom comes near to a demand means more by it."""
    return PracticalPart("rare", 1.0 - batch.facts["commonness"] / FULL, weight, lambda row: "")


def _distance(demand: DemandFacts, batch: Batch, weight: float) -> PracticalPart:
    if demand.place is None:
        return PracticalPart("distance", np.full(batch.size, NEUTRAL), weight, lambda row: "")
    lon, lat = np.radians(batch.facts["longitude"]), np.radians(batch.facts["latitude"])
    here_lon, here_lat = np.radians(demand.place.longitude), np.radians(demand.place.latitude)
    half = np.sin((lat - here_lat) / 2) ** 2
    half += np.cos(lat) * np.cos(here_lat) * np.sin((lon - here_lon) / 2) ** 2
    away = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))).astype(np.float64)
    shares = np.where(np.isnan(away), NEUTRAL, 1.0 / (1.0 + away / HALVES_AT_KM))
    distances: list[float] = away.tolist()

    def reason(row: int) -> str:
        distance = distances[row]
        if math.isnan(distance):
            return ""
        return f"距 {distance:.0f} 公里" if distance >= 1 else "就在当地"

    return PracticalPart("distance", shares, weight, reason)


def _capacity(demand: DemandFacts, batch: Batch, weight: float) -> PracticalPart:
    free = batch.facts["free"].astype(np.float64)
    plenty = ROOMY * (demand.half_days or USUAL_HALF_DAYS)
    shares = np.where(free == UNKNOWN, NEUTRAL, np.minimum(1.0, free / plenty))

    half_days: list[float] = free.tolist()

    def reason(row: int) -> str:
        return "" if half_days[row] == UNKNOWN else f"今年还可服务 {half_days[row] / 2:g} 天"

    return PracticalPart("capacity", shares, weight, reason)


def _experience(batch: Batch, weight: float) -> PracticalPart:
    past, confirmed = batch.facts["past"].astype(np.float64), batch.facts["confirmed"].astype(np.float64)
    counted = (past + confirmed) / 2

    def reason(row: int) -> str:
        return f"同类服务 {past[row]:.0f} 次，确认 {confirmed[row]:.0f} 次" if past[row] else ""

    return PracticalPart("experience", counted / (counted + SEASONED), weight, reason)


def _level(demand: DemandFacts, batch: Batch, weight: float) -> PracticalPart:
    levels = batch.facts["level"].astype(np.int64)
    wanted = level_number(demand.level)
    known = (levels != UNKNOWN) & (wanted != UNKNOWN)
    titles = [level.label for level in Level]

    def reason(row: int) -> str:
        return titles[levels[row]] if known[row] and levels[row] == wanted else ""

    return PracticalPart("level", np.where(known, levels == wanted, NEUTRAL), weight, reason)


def _mode(demand: DemandFacts, batch: Batch, weight: float) -> PracticalPart:
    wanted = mode_bits(demand.modes)
    modes = batch.facts["modes"].astype(np.int64)
    common = modes & wanted
    known = (modes > 0) & (wanted > 0)
    met = np.bitwise_count(common) / max(1, wanted.bit_count())

    def reason(row: int) -> str:
        if not common[row]:
            return ""
        titles = [mode.label for place, mode in enumerate(ServiceMode) if common[row] >> place & 1]
        return f"可{'、'.join(titles)}服务"

    return PracticalPart("mode", np.where(known, met, NEUTRAL), weight, reason)


def _language(demand: DemandFacts, batch: Batch, weight: float) -> PracticalPart:
    wanted = language_bits([demand.language] if demand.language else [])
    languages = batch.facts["languages"].astype(np.int64)
    known = (languages > 0) & (wanted > 0)
    speaks = (languages & wanted) > 0

    def reason(row: int) -> str:
        return f"会说{demand.language}" if known[row] and speaks[row] else ""

    return PracticalPart("language", np.where(known, speaks, NEUTRAL), weight, reason)
