"""Offers as arrays: postings by token, tokens by offer, concepts by offer, and the facts of each offer.

A segment is never changed once it is built, so that it may lie in memory or be mapped from files by many
processes. Impacts are whole numbers from 1 to 255 and the factors of a query whole numbers too: sums are
exact, and a ranking does not depend on the order in which segments or tokens are visited.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.facts import LANGUAGES, OfferFacts
from app.domain.vocabulary import Level, ServiceMode

UNKNOWN_DAY = -1
UNKNOWN = -1

FACTS = np.dtype(
    [
        ("longitude", "<f4"),
        ("latitude", "<f4"),
        ("free", "<i4"),
        ("since", "<i4"),
        ("until", "<i4"),
        ("past", "<u4"),
        ("confirmed", "<u4"),
        ("languages", "<u2"),
        ("modes", "u1"),
        ("level", "i1"),
        ("commonness", "u1"),
        ("order", "<u4"),
    ]
)


@lru_cache(maxsize=200_000)
def token_key(token: str) -> int:
    """The 64-bit key of a token: the same in every process, so that no dictionary of words is kept."""
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "little")


def keys_of(tokens: Iterable[str]) -> NDArray[np.uint64]:
    """Keys of some tokens, in their order."""
    return np.array([token_key(token) for token in tokens], dtype=np.uint64)


@dataclass(frozen=True)
class Entry:
    """One offer made ready: impact (1 to 255) by token key, strength (1 to 255) by concept number, its
    facts, and how near it comes to what people usually ask for (0 to 255).
    """

    id: str
    tokens: Mapping[int, int]
    concepts: Mapping[int, int]
    facts: OfferFacts
    commonness: int = 0


def mode_bits(modes: Iterable[str]) -> int:
    """Service modes as bits, in the order of `ServiceMode`; unknown modes are left out."""
    wanted = set(modes)
    return sum(1 << place for place, mode in enumerate(ServiceMode) if mode.value in wanted)


def language_bits(languages: Iterable[str]) -> int:
    """Languages as bits, in the order of `LANGUAGES`; others are left out."""
    wanted = set(languages)
    return sum(1 << place for place, name in enumerate(LANGUAGES) if name in wanted)


def level_number(level: str | None) -> int:
    """Rank of a level (county 0), or -1 when it is not known."""
    return next((known.rank for known in Level if known.value == level), UNKNOWN)


def day_number(day: date | None) -> int:
    """Days since year 1, or -1 when the day is not known."""
    return UNKNOWN_DAY if day is None else day.toordinal()


def facts_row(offer: OfferFacts, commonness: int = 0) -> tuple[object, ...]:
    """One row of `FACTS`. `order` breaks ties between equal scores, the same in every segment."""
    place = offer.place
    return (
        float("nan") if place is None else place.longitude,
        float("nan") if place is None else place.latitude,
        UNKNOWN if offer.free_half_days is None else max(0, offer.free_half_days),
        day_number(offer.appointed_from),
        day_number(offer.appointed_until),
        offer.past_services,
        offer.past_confirmed,
        language_bits(offer.languages),
        mode_bits(offer.modes),
        level_number(offer.level),
        commonness,
        token_key(offer.id) & 0xFFFFFFFF,
    )


@dataclass(frozen=True)
class Segment:
    """Arrays of some offers; documents are numbered from 0 in the order of their ids (as UTF-8 bytes).

    `keys` (sorted) and `starts` lead to `documents` and `impacts`, the postings of each token, documents ascending.
    `token_starts` leads from a document to `tokens` (positions in `keys`, ascending) and `token_impacts`;
    `concept_starts` to `concepts` and `strengths`. `ids` are UTF-8 bytes, `facts` rows of `FACTS`.
    """

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    impacts: NDArray[np.uint8]
    token_starts: NDArray[np.int64]
    tokens: NDArray[np.uint32]
    token_impacts: NDArray[np.uint8]
    concept_starts: NDArray[np.int64]
    concepts: NDArray[np.uint16]
    strengths: NDArray[np.uint8]
    ids: NDArray[np.bytes_]
    facts: NDArray[np.void]

    @property
    def size(self) -> int:
        """Number of documents."""
        return len(self.ids)

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Position of each key in `keys`, or -1."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int64)
        places = np.searchsorted(self.keys, keys)
        places[places == len(self.keys)] = 0
        return np.where(self.keys[places] == keys, places, -1)

    def document_of(self, offer_id: str) -> int:
        """The document of an offer, or -1."""
        wanted = offer_id.encode()
        if not self.size or len(wanted) > self.ids.dtype.itemsize:
            return -1
        place = int(np.searchsorted(self.ids, np.bytes_(wanted)))
        return place if place < self.size and self.ids[place] == wanted else -1

    def array_names(self) -> list[str]:
        """Names of the arrays, for keeping them in files."""
        return [item.name for item in fields(self)]


def build(entries: Sequence[Entry]) -> Segment:
    """A segment of some entries, which must be of distinct offers (not checked)."""
    entries = sorted(entries, key=lambda entry: entry.id.encode())
    sizes = np.array([len(entry.tokens) for entry in entries], dtype=np.int64)
    token_starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    keys = np.fromiter((key for entry in entries for key in entry.tokens), np.uint64, int(token_starts[-1]))
    impacts = np.fromiter(
        (value for entry in entries for value in entry.tokens.values()), np.uint8, int(token_starts[-1])
    )
    documents = np.repeat(np.arange(len(entries), dtype=np.int32), sizes)
    return assemble(keys, impacts, documents, token_starts, *_concepts(entries), *_facts(entries))


def assemble(
    keys: NDArray[np.uint64],
    impacts: NDArray[np.uint8],
    documents: NDArray[np.int32],
    token_starts: NDArray[np.int64],
    concept_starts: NDArray[np.int64],
    concepts: NDArray[np.uint16],
    strengths: NDArray[np.uint8],
    ids: NDArray[np.bytes_],
    facts: NDArray[np.void],
) -> Segment:
    """A segment from (key, impact, document) triples ordered by document, and the other arrays as they are."""
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    first = np.ones(len(keys), dtype=bool)
    first[1:] = sorted_keys[1:] != sorted_keys[:-1]
    starts = np.append(np.flatnonzero(first), len(keys)).astype(np.int64)
    positions = np.empty(len(keys), dtype=np.uint32)
    positions[order] = (np.cumsum(first) - 1).astype(np.uint32)
    within = np.lexsort((positions, documents))
    return Segment(
        keys=sorted_keys[first],
        starts=starts,
        documents=documents[order],
        impacts=impacts[order],
        token_starts=token_starts,
        tokens=positions[within],
        token_impacts=impacts[within],
        concept_starts=concept_starts,
        concepts=concepts,
        strengths=strengths,
        ids=ids,
        facts=facts,
    )


def _concepts(
    entries: Sequence[Entry],
) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint8]]:
    starts = np.concatenate(([0], np.cumsum([len(entry.concepts) for entry in entries]))).astype(np.int64)
    numbers = [number for entry in entries for number in entry.concepts]
    strengths = [value for entry in entries for value in entry.concepts.values()]
    return starts, np.array(numbers, dtype=np.uint16), np.array(strengths, dtype=np.uint8)


def _facts(entries: Sequence[Entry]) -> tuple[NDArray[np.bytes_], NDArray[np.void]]:
    ids = np.array([entry.id.encode() for entry in entries], dtype=np.bytes_)
    if not entries:
        ids = np.array([], dtype="S1")
    return ids, np.array([facts_row(entry.facts, entry.commonness) for entry in entries], dtype=FACTS)
