"""How well offers fit a demand by content: subject, discipline, both together, words. The second, exact pass.

Each share (0 to 1) is the part of what the demand asks for that an offer meets. Practical matters are
elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.collection import Batch
from app.domain.matching.entries import HIGHEST, Query, asked_weights, present
from app.domain.matching.kinship import DISCIPLINES, Kin, Kinship, Sort
from app.domain.matching.profiles import Profile
from app.domain.matching.weights import Weights

Shares = NDArray[np.float64]
# Of a demand's concepts only the heaviest are told of: a reason names three at most.
MOST_TOLD = 6
# What a discipline adds to the share of leanings in common, from which it is told of.
WORTH_LEANING = 0.1
# What an offer says of things, all strengths together, below which it is a trade (冲压, 节能) and not about a thing.
FAINTLY_NAMED = 0.2


@dataclass(frozen=True)
class Fits:
    """Shares of all candidates, one element each, their weighted sum, and how sure it is (0 to 1) that one suits."""

    subject: Shares
    doing: Shares
    discipline: Shares
    both: Shares
    text: Shares
    leaning: Shares
    focus: Shares
    total: Shares
    sure: Shares


def fits_of(wanted: Profile, query: Query, batch: Batch, kinship: Kinship, weights: Weights) -> Fits:
    """The fit of every candidate of a batch for one demand.

    A demand that names no thing (车间闷热) is judged by what is done, one that names no doing by its
    disciplines, one of which the vocabulary knows nothing by its words and characters alone.
    """
    offered = _Offered(batch, kinship, weights)
    discipline = offered.meets(wanted.disciplines, Sort.DISCIPLINE)
    doing = offered.meets(wanted.doings, Sort.DOING) if wanted.doings else discipline
    subject = offered.meets(wanted.things, Sort.THING) if wanted.things else (doing + discipline) / 2
    subject = subject + (1 - subject) * weights.method * _mastery(wanted, offered, kinship)
    open_minded = np.where(offered.named(Sort.THING) <= FAINTLY_NAMED, weights.unnamed * discipline, 0.0)
    subject = np.maximum(subject, open_minded)
    both = np.sqrt(subject * (doing + discipline) / 2)
    text = _words_met(query, batch, weights)
    leaning = batch.impacts[:, len(query.words) :] @ query.leanings / HIGHEST
    things, doings = offered.asked_for(wanted.things, Sort.THING), offered.asked_for(wanted.doings, Sort.DOING)
    focus = weights.focus_things * things + (1 - weights.focus_things) * doings
    if wanted.things or wanted.doings or wanted.disciplines:
        total = (
            weights.subject * subject
            + weights.doing * doing
            + weights.discipline * discipline
            + weights.both * both
            + weights.text * text
            + weights.leaning * leaning
            + weights.focus * focus
        )
    elif wanted.leanings:
        total = (weights.text * text + weights.leaning * leaning) / (weights.text + weights.leaning)
    else:
        total = text
    sure = _sure(wanted, total, text, offered.asked_for(wanted.disciplines, Sort.DISCIPLINE), weights)
    return Fits(subject, doing, discipline, both, text, leaning, focus, total, sure)


def _words_met(query: Query, batch: Batch, weights: Weights) -> Shares:
    """How far words are in common: half from a small share of the demand's on, for the first ones tell most."""
    words = query.values.sum() * HIGHEST
    if not words:
        return np.zeros(batch.size)
    met = batch.impacts[:, : len(query.words)] @ query.values / words
    shares: Shares = met / (met + weights.half_words)
    return shares


def _sure(wanted: Profile, total: Shares, text: Shares, disciplines: Shares, weights: Weights) -> Shares:
    """How sure it is that each candidate suits: by its fit, and by how much of its disciplines is asked for at all.

    The fit alone cannot tell: of offers for other things the least strange one still stands first. What names no thing
    known is easily fitted, for its subject is judged by what is done.
    """
    told = (
        weights.sure_base
        + (0.0 if wanted.things else weights.sure_nameless)
        + weights.sure_fit * total
        + weights.sure_words * text
        + weights.sure_disciplines * disciplines
    )
    sure: Shares = 1.0 / (1.0 + np.exp(-told))
    return sure


def _mastery(wanted: Profile, offered: "_Offered", kinship: Kinship) -> Shares:
    """How far candidates master the methods that serve any thing, as far as the demand is about these.

    Who designs brands need not know the crop: for such demands the master stands in for one of the very
    thing.
    """
    methods = {number: weight for number, weight in wanted.disciplines.items() if kinship.is_method[number]}
    business = {number: weight for number, weight in wanted.doings.items() if kinship.is_business[number]}
    mastery = np.zeros(offered.size)
    if methods:
        asked = sum(methods.values()) / sum(wanted.disciplines.values())
        mastery = asked * offered.meets(methods, Sort.DISCIPLINE)
    if business:
        asked = sum(business.values()) / (sum(wanted.doings.values()) + sum(wanted.things.values()))
        mastery = np.maximum(mastery, asked * offered.meets(business, Sort.DOING))
    return mastery


@lru_cache(maxsize=4)
def _present_by_strength(weights: Weights) -> NDArray[np.float32]:
    """`present` of every strength that an index holds, as exact as nearness is kept."""
    return present(np.arange(HIGHEST + 1) / HIGHEST, weights).astype(np.float32)


class _Offered:
    """The concepts of all candidates side by side."""

    def __init__(self, batch: Batch, kinship: Kinship, weights: Weights) -> None:
        self._kinship = kinship
        self._weights = weights
        self._nearness: dict[tuple[int, bool], NDArray[np.float32]] = {}
        self.size = batch.size
        concepts = batch.concepts.astype(np.int64)
        rows = np.repeat(np.arange(batch.size), np.diff(batch.concept_starts))
        strengths = _present_by_strength(weights)[batch.strengths]
        matter = batch.strengths / HIGHEST * kinship.matter_of(concepts)
        sorts = kinship.sorts[concepts]
        self._sides = {}
        for is_discipline in (False, True):
            chosen = np.flatnonzero((sorts == DISCIPLINES) == is_discipline)
            firsts = np.flatnonzero(np.diff(rows[chosen], prepend=-1))
            self._sides[is_discipline] = (
                concepts[chosen],
                strengths[chosen],
                matter[chosen],
                sorts[chosen],
                firsts,
                rows[chosen][firsts],
            )

    def _near(self, wanted: int, side: bool) -> NDArray[np.float32]:
        """Nearness of one wanted concept to each concept offered on one side; looked up once for all comparisons."""
        near = self._nearness.get((wanted, side))
        if near is None:
            near = self._nearness[wanted, side] = self._kinship.row(wanted).take(self._sides[side][0])
        return near

    def meets(self, wanted: Mapping[int, float], sort: Sort) -> Shares:
        """Share of the wanted concepts that each candidate meets, by its nearest concept of the same sort."""
        met = np.zeros(self.size)
        side = sort == Sort.DISCIPLINE
        concepts, strengths, _, sorts, firsts, rows = self._sides[side]
        if not len(concepts):
            return met
        asked = asked_weights(wanted, self._kinship)
        whole = sum(asked.values())
        if not asked:
            return met
        strengths = np.where(sorts == int(sort), strengths, strengths * np.float32(self._weights.cross))
        near = np.stack([self._near(number, side) for number in asked]) * strengths
        nearest = np.maximum.reduceat(near, firsts, axis=1)
        met[rows] = np.array(list(asked.values())) / whole @ nearest
        return met

    def named(self, sort: Sort) -> Shares:
        """How much each candidate says of one sort: the strengths of its concepts by what these say, added up."""
        said = np.zeros(self.size)
        _, _, matter, sorts, firsts, rows = self._sides[sort == Sort.DISCIPLINE]
        if len(matter):
            said[rows] = np.add.reduceat(np.where(sorts == int(sort), matter, 0.0), firsts)
        return said

    def asked_for(self, wanted: Mapping[int, float], sort: Sort) -> Shares:
        """Share of what each candidate offers of one sort that comes near to something wanted."""
        shares = np.full(self.size, self._weights.silent)
        side = sort == Sort.DISCIPLINE
        concepts, _, matter, sorts, firsts, rows = self._sides[side]
        if not len(concepts):
            return shares
        matter = np.where(sorts == int(sort), matter, 0.0)
        heaviest = max(wanted.values(), default=0.0)
        rows_near = [self._near(number, side) * min(1.0, 2 * weight / heaviest) for number, weight in wanted.items()]
        near = np.max(rows_near, axis=0, initial=0.0) if rows_near else np.zeros(len(concepts))
        whole = np.add.reduceat(matter, firsts)
        named = whole > 0
        shares[rows[named]] = np.add.reduceat(matter * near, firsts)[named] / whole[named]
        return shares


class Ties:
    """What some candidates offer that is near to what is wanted, to be told to people."""

    def __init__(self, batch: Batch, rows: Sequence[int], kinship: Kinship) -> None:
        starts = batch.concept_starts
        self._kinship = kinship
        self._rows = rows
        self._telling = [row for row in rows if starts[row] < starts[row + 1]]
        spans = [slice(starts[row], starts[row + 1]) for row in self._telling]
        self._concepts = np.concatenate([batch.concepts[span] for span in spans] or [batch.concepts[:0]])
        self._sizes = np.array([span.stop - span.start for span in spans], dtype=np.int64)
        self._are_disciplines = kinship.sorts[self._concepts] == DISCIPLINES
        self._firsts = np.cumsum(self._sizes) - self._sizes
        self._places = np.arange(len(self._concepts))

    def of(self, wanted: Mapping[int, float], sort: Sort, worth: float = 0.0) -> dict[int, list[Kin]]:
        """For each candidate the nearest it offers to each of the heaviest wanted concepts, in their order.

        What is less near than `worth` is left out: nobody is told of it.
        """
        ties: dict[int, list[Kin]] = {row: [] for row in self._rows}
        asked = sorted(wanted, key=lambda number: -wanted[number])[:MOST_TOLD]
        if not asked or not self._telling:
            return ties
        other_sort = self._are_disciplines != (sort == Sort.DISCIPLINE)
        near = np.where(other_sort, 0.0, np.stack([self._kinship.row(number)[self._concepts] for number in asked]))
        nearest = np.maximum.reduceat(near, self._firsts, axis=1)
        is_nearest = near == np.repeat(nearest, self._sizes, axis=1)
        places = np.where(is_nearest, self._places, len(self._concepts))
        offered = self._concepts[np.minimum.reduceat(places, self._firsts, axis=1)].tolist()
        for place, candidate in np.argwhere((nearest > 0) & (nearest >= worth)).tolist():
            ties[self._telling[candidate]].append(self._kinship.between(asked[place], offered[place][candidate]))
        return ties


def words_in_common(query: Query, batch: Batch, rows: Sequence[int]) -> list[list[str]]:
    """For each of some candidates the words of the demand that it has too, the most telling first."""
    return [
        [query.words[place] for place, _ in met] for met in _met(query.values, batch, rows, slice(len(query.words)))
    ]


def leanings_in_common(wanted: Profile, query: Query, batch: Batch, rows: Sequence[int]) -> list[list[int]]:
    """For each of some candidates the disciplines that it and the demand lean to, what weighs most first.

    What hardly weighs is left out, but for the first one.
    """
    disciplines = list(wanted.leanings)
    return [
        [disciplines[place] for at, (place, value) in enumerate(met) if not at or value >= WORTH_LEANING * HIGHEST]
        for met in _met(query.leanings, batch, rows, slice(len(query.words), None))
    ]


def _met(values: Shares, batch: Batch, rows: Sequence[int], columns: slice) -> list[list[tuple[int, float]]]:
    """For each of some candidates the tokens of these columns that it has, as (place, worth), worth most first."""
    worth = values * batch.impacts[list(rows), columns]
    order = np.argsort(-worth, axis=1, kind="stable")
    sorted_worth = np.take_along_axis(worth, order, axis=1)
    return [
        [(place, value) for place, value in zip(places, values, strict=True) if value > 0]
        for places, values in zip(order.tolist(), sorted_worth.tolist(), strict=True)
    ]
