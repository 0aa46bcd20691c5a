"""The practical parts beside the fit, and the hard rules: appointment, capacity, mode, the officer's own no.

Whatever is not known neither helps nor harms: it counts half. Distances are great-circle kilometres.
"""

import math

from app.domain.matching.facts import DemandFacts, OfferFacts, Part, Place, Rule
from app.domain.matching.weights import Weights

EARTH_RADIUS_KM = 6371.0
HALVES_AT_KM = (
    60.0  # distance at which nearness has fallen to one half: about an hour's drive in the mountains
)
UNKNOWN = 0.5
MODE_TITLES = {"on_site": "现场", "online": "线上"}
LEVEL_TITLES = {"county": "县级", "city": "市级", "province": "省级"}


def refused_by(demand: DemandFacts, offer: OfferFacts) -> Rule | None:
    """The first hard rule that keeps this offer out, or None."""
    if offer.id in demand.excluded_offers:
        return Rule.EXCLUDED_BY_OFFICER
    if demand.service_on is not None:
        too_early = offer.appointed_from is not None and demand.service_on < offer.appointed_from
        too_late = offer.appointed_until is not None and demand.service_on > offer.appointed_until
        if too_early or too_late:
            return Rule.NOT_APPOINTED
    if offer.free_half_days is not None and offer.free_half_days <= 0:
        return Rule.NO_CAPACITY
    if demand.modes and offer.modes and not demand.modes & offer.modes:
        return Rule.MODE_EXCLUDED
    return None


def kilometres(one: Place, other: Place) -> float:
    """Great-circle distance in kilometres."""
    lat1, lat2 = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def practical_parts(demand: DemandFacts, offer: OfferFacts, weights: Weights) -> list[Part]:
    """Distance, capacity, experience, level, mode and language, in the order in which people read them."""
    return [
        _distance(demand, offer, weights.distance),
        _capacity(demand, offer, weights.capacity),
        _experience(offer, weights.experience),
        _level(demand, offer, weights.level),
        _mode(demand, offer, weights.mode),
        _language(demand, offer, weights.language),
    ]


def _distance(demand: DemandFacts, offer: OfferFacts, weight: float) -> Part:
    if demand.place is None or offer.place is None:
        return Part("distance", UNKNOWN, weight)
    away = kilometres(demand.place, offer.place)
    near = 1.0 / (1.0 + away / HALVES_AT_KM)
    return Part("distance", near, weight, f"距 {away:.0f} 公里" if away >= 1 else "就在当地")


def _capacity(demand: DemandFacts, offer: OfferFacts, weight: float) -> Part:
    free = offer.free_half_days
    if free is None:
        return Part("capacity", UNKNOWN, weight)
    wanted = demand.half_days or 4
    days = f"{free / 2:g}"
    return Part("capacity", min(1.0, free / (3 * wanted)), weight, f"今年还可服务 {days} 天")


def _experience(offer: OfferFacts, weight: float) -> Part:
    done, confirmed = offer.past_services, offer.past_confirmed
    if not done:
        return Part("experience", 0.0, weight)
    counted = (done + confirmed) / 2
    return Part("experience", counted / (counted + 4.0), weight, f"同类服务 {done} 次，确认 {confirmed} 次")


def _level(demand: DemandFacts, offer: OfferFacts, weight: float) -> Part:
    if demand.level is None or offer.level is None:
        return Part("level", UNKNOWN, weight)
    same = demand.level == offer.level
    return Part("level", float(same), weight, LEVEL_TITLES.get(offer.level, offer.level) if same else "")


def _mode(demand: DemandFacts, offer: OfferFacts, weight: float) -> Part:
    if not demand.modes or not offer.modes:
        return Part("mode", UNKNOWN, weight)
    common = sorted(demand.modes & offer.modes, reverse=True)
    titles = "、".join(MODE_TITLES.get(mode, mode) for mode in common)
    return Part("mode", len(common) / len(demand.modes), weight, f"可{titles}服务" if common else "")


def _language(demand: DemandFacts, offer: OfferFacts, weight: float) -> Part:
    if demand.language is None or not offer.languages:
        return Part("language", UNKNOWN, weight)
    speaks = demand.language in offer.languages
    return Part("language", float(speaks), weight, f"会说{demand.language}" if speaks else "")
