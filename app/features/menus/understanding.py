"""What words are about: the matching engine of this process, and what a form or triage may begin with.

The engine (vocabulary, cutter, kinship, leanings) takes three seconds and, with its libraries, some 270 MB; a worker
makes it at its first suggestion.
"""

import gc
import threading
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.domain.matching.settings import weights_of
from app.domain.triage import PRESSING, Suggested, suggest
from app.domain.vocabulary import NeedType, Urgency
from app.features.regions import queries as regions
from app.features.vocabulary import concepts, weights
from app.features.vocabulary import queries as vocabulary
from app.features.vocabulary.data import shipped_examples

if TYPE_CHECKING:
    from app.domain.matching.ranking import Engine

Stamp = tuple[tuple[int, str], str]
_made: dict[Stamp, "Engine"] = {}
_making = threading.Lock()
# A worker holds the engine of today, and that of yesterday while somebody is still using it.
MOST_HELD = 2
# Fewer characters than this say nothing yet.
SHORTEST = 4


def engine(session: Session, today: date) -> "Engine":
    """The engine of this process for a day: the vocabulary and the weights in force, and the city's place names.

    Two indexed rows are asked at each call, so that what the bureau has changed holds in every worker at once; making
    an engine anew takes as long.
    """
    held = weights.in_force(session, today)
    stamp = (concepts.stamp(session, today), held.uid)
    with _making:
        if stamp not in _made:
            from app.domain.matching.ranking import Engine  # numpy and the word cutter: only for suggestions
            from app.domain.matching.vocabulary import Vocabulary

            city = regions.city(session)
            places = [row.name for row in regions.counties(session)]
            places += [row.name for row in regions.townships(session, city.code)] if city else []
            known = Vocabulary.from_rows(concepts.current_rows(session, today), shipped_examples())
            gc.unfreeze()
            while len(_made) >= MOST_HELD:
                del _made[next(iter(_made))]
            _made[stamp] = Engine(known, weights_of(held.values), place_names=places)
            # A hundred thousand objects that stay: the collector of garbage, which would stall a request while it looks
            # them all through, passes them over.
            gc.collect()
            gc.freeze()
        return _made[stamp]


def suggested(session: Session, title: str, description: str, today: date) -> Suggested:
    """Industry, sort of help and urgency as some words suggest them."""
    reader = engine(session, today)
    profile = reader.profiler.profile(title, description)
    ids, known = reader.kinship.ids, reader.vocabulary
    text = f"{title} {description}".lower()
    pressing = [
        concept.id
        for concept in (known.concepts[name] for name in PRESSING if name in known)
        if any(label and label.lower() in text for label in concept.labels)
    ]
    disciplines = {ids[number]: weight for number, weight in profile.disciplines.items()}
    about = {ids[number]: weight for number, weight in (profile.things | profile.doings).items()}
    return suggest(disciplines, lambda name: list(known.ancestors(name)) if name in known else [], pressing, about)


def industry_id(session: Session, told: Suggested, today: date) -> int | None:
    """The suggested industry as a row of today's scheme, or the industry above it when the scheme has no such part."""
    for code in filter(None, (told.industry_code, (told.industry_code or "").split(".")[0])):
        row = vocabulary.industry_by_code(session, code)
        if row is not None and str(row.id) in _choosable(session, today):
            return row.id
    return None


def _choosable(session: Session, today: date) -> set[str]:
    parts = vocabulary.sub_industry_choices(session, today).values()
    return {id_ for group in (vocabulary.industry_choices(session, today), *parts) for id_, _ in group}


@dataclass(frozen=True)
class Reading:
    """What words suggest, with names for people; whatever they do not say is None."""

    industry_id: int | None
    industry: str | None
    need_type: NeedType | None
    urgency: Urgency | None

    @property
    def words(self) -> str:
        """茶叶 · 植保 · 急; empty when nothing is suggested."""
        named = (self.industry, self.need_type and self.need_type.label, self.urgency and self.urgency.label)
        return " · ".join(part for part in named if part)


def read(session: Session, title: str, description: str, today: date) -> Reading:
    """What a title and description suggest; nothing for too few words. Loads the engine at its first call."""
    if len(f"{title}{description}".strip()) < SHORTEST:
        return Reading(None, None, None, None)
    told = suggested(session, title, description, today)
    found = industry_id(session, told, today)
    named = vocabulary.industries_by_id(session).get(found or 0)
    return Reading(found, named.title if named else None, told.need_type, told.urgency)
