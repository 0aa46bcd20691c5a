"""Who could serve a township's need of an industry that nobody has written down as a demand.

A demand is ranked by its words. A need has none: what speaks are the industries a commissioner offers or was appointed
for, and where he or she works from. The shares below are neutral defaults of ours; a plan's frozen inputs hold what
came of them, so that changing them changes no plan that exists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from app.domain.matching.facts import Place
from app.domain.matching.practical import EARTH_RADIUS_KM, HALVES_AT_KM

BY_OFFER = 0.60  # a published dish in the industry
BY_APPOINTMENT = 0.45  # appointed for the industry, nothing published
SAME_COUNTY = 0.10
NEARNESS = 0.30  # at the seat itself; halves at HALVES_AT_KM
EACH = 20  # candidates of a need


@dataclass(frozen=True)
class Ready:
    """A commissioner as a need sees one: row in the list of offers, industries offered and appointed for (codes of
    leading industries), county, place.
    """

    row: int
    offered: frozenset[str]
    appointed: frozenset[str]
    county: str
    place: Place | None


def candidates(industry: str, county: str, place: Place | None, ready: Iterable[Ready]) -> list[tuple[int, float]]:
    """The best `EACH` commissioners for a need with their scores from 0 to 1, best first, ties by row."""
    scored = [(one.row, _score(industry, county, place, one)) for one in ready]
    return sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))[:EACH]


def _score(industry: str, county: str, place: Place | None, one: Ready) -> float:
    base = BY_OFFER if industry in one.offered else BY_APPOINTMENT if industry in one.appointed else 0.0
    if not base:
        return 0.0
    near = 0.5 if place is None or one.place is None else 1 / (1 + kilometres(place, one.place) / HALVES_AT_KM)
    return min(1.0, base + SAME_COUNTY * (county == one.county) + NEARNESS * near)


def kilometres(a: Place, b: Place) -> float:
    """Great-circle distance."""
    lat, far = radians(a.latitude), radians(b.latitude)
    half = sin((far - lat) / 2) ** 2 + cos(lat) * cos(far) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))
