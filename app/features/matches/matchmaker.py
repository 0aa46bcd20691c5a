"""The matching index of a database with the engine of this process, kept right by the log of changed offers.

A worker opens it at its first suggestion. Its files stand below the data directory, apart for each database.
"""

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.matching.facts import DemandFacts, OfferFacts, Place, Suggestions
from app.domain.menus import OfferState
from app.domain.vocabulary import ServiceMode, Source
from app.features.commissioners.models import Commissioner
from app.features.menus import understanding
from app.features.menus.models import Offer
from app.features.organisations.models import Organisation
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary

if TYPE_CHECKING:
    from app.domain.matching.ranking import Engine

FROM_OUTSIDE = frozenset(
    {Source.OTHER_PROVINCE, Source.BEIJING, Source.SHANGHAI, Source.TAIWAN, Source.HONGKONG_MACAO, Source.ABROAD}
)
Seats = Mapping[str, tuple[float, float]]


class Matchmaker:
    """The index of one database with the engine of this process. One query at a time: the index is not shared."""

    def __init__(self, session: Session, directory: Path, today: date) -> None:
        self.directory = directory
        self.seats = _seats(session)
        self._turn = threading.Lock()
        self._take(understanding.engine(session, today))

    def renew(self, session: Session, today: date) -> None:
        """Take over the vocabulary and weights in force; an index of another vocabulary is built anew when asked."""
        engine = understanding.engine(session, today)
        with self._turn:
            if engine is not self.engine:
                self._take(engine)

    def _take(self, engine: "Engine") -> None:
        from app.storage.matching_index import MatchingIndex  # numpy: only for suggestions

        self.engine = engine
        self.index = MatchingIndex.open(self.directory, engine.fingerprint, engine.entry)

    def rank(self, session: Session, demand: DemandFacts, top: int) -> Suggestions:
        """Rank over every change committed so far."""
        with self._turn:
            self._bring_up_to_date(session)
            return self.engine.rank(demand, self.index.collection, top)

    def offers_of(self, session: Session, commissioner_ids: Sequence[int]) -> list[OfferFacts]:
        """The published dishes of some commissioners, as the engine knows them."""
        return list(_Gatherer(self.seats).of(session, commissioner_ids))

    def _bring_up_to_date(self, session: Session) -> None:
        from app.storage.matching_log import LogPruned, read_head

        gatherer = _Gatherer(self.seats)
        # A position beyond the log's head belongs to a database that has been restored to an earlier day.
        if not self.index.is_built or self.index.position > read_head(session).position:
            self.index.rebuild(session, gatherer.all)
        try:
            self.index.refresh(session, gatherer.some)
        except LogPruned:
            self.index.rebuild(session, gatherer.all)
        if self.index.fold_is_due:
            self.index.fold()


_made: dict[Path, Matchmaker] = {}
_making = threading.Lock()


def matchmaker(session: Session, directory: Path, today: date) -> Matchmaker:
    """The process's matchmaker for this database, with what is in force on a day.

    Its files stand below `directory`, apart for each database.
    """
    url = session.get_bind().engine.url.render_as_string(hide_password=True)
    own = directory / hashlib.sha256(url.encode()).hexdigest()[:12]
    with _making:
        if own not in _made:
            _made[own] = Matchmaker(session, own, today)
    _made[own].renew(session, today)
    return _made[own]


def prepare(session: Session, directory: Path, today: date) -> int:
    """Make the index before anybody asks (some seconds for 10,000 offers); the number of offers in it."""
    maker = matchmaker(session, directory, today)
    maker.rank(session, DemandFacts(id="0", title=""), 1)
    return maker.index.collection.size


class _Gatherer:
    """Published offers as the engine knows them."""

    def __init__(self, seats: Seats) -> None:
        self.seats = seats

    def all(self, session: Session) -> Iterable[OfferFacts]:
        return self._facts(session, sa.true())

    def some(self, session: Session, offer_ids: Sequence[int]) -> Iterable[OfferFacts]:
        return self._facts(session, Offer.id.in_(offer_ids))

    def of(self, session: Session, commissioner_ids: Sequence[int]) -> Iterable[OfferFacts]:
        return self._facts(session, Offer.commissioner_id.in_(commissioner_ids))

    def _facts(self, session: Session, which: sa.ColumnElement[bool]) -> Iterable[OfferFacts]:
        industries = {id_: row.title for id_, row in vocabulary.industries_by_id(session).items()}
        rows = session.execute(
            sa.select(Offer, Commissioner, Organisation.region_code)
            .join(Commissioner, Commissioner.id == Offer.commissioner_id)
            .outerjoin(Organisation, Organisation.id == Commissioner.sending_unit_id)
            .where(Offer.state == OfferState.PUBLISHED, which)
            .order_by(Offer.id)
            .execution_options(yield_per=1000)
        )
        for offer, commissioner, unit_region in rows:
            yield OfferFacts(
                id=str(offer.id),
                kind=commissioner.kind.label,
                title=offer.title,
                description=f"{offer.description} {commissioner.specialities}".strip(),
                industry=industries.get(offer.industry_id or 0, ""),
                place=self._place(commissioner, unit_region),
                modes=frozenset([offer.mode.value] if offer.mode else [mode.value for mode in ServiceMode]),
            )

    def _place(self, commissioner: Commissioner, unit_region: str | None) -> Place | None:
        """Where a commissioner sets out from: the sending unit's place, else the county; unknown for outsiders."""
        if unit_region:
            return place_of(self.seats, unit_region)
        return None if commissioner.source in FROM_OUTSIDE else place_of(self.seats, commissioner.county_code)


def _seats(session: Session) -> Seats:
    """Seats of townships, and for a county or city without one the middle of its townships' seats."""
    known = regions.seats(session)
    wholes: dict[str, list[tuple[float, float]]] = {}
    for code, seat in known.items():
        if len(code) == 9:
            wholes.setdefault(code[:6], []).append(seat)
            wholes.setdefault(f"{code[:4]}00", []).append(seat)
    middles = {
        code: (sum(lon for lon, _ in seats) / len(seats), sum(lat for _, lat in seats) / len(seats))
        for code, seats in wholes.items()
    }
    return {**middles, **known}


def place_of(seats: Seats, code: str) -> Place | None:
    seat = seats.get(code)
    return Place(*seat) if seat else None
