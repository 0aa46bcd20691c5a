"""The vocabulary: concepts with their labels, and how they hang together, in the shape of SKOS.

A concept has one preferred label, alternative labels (synonyms, everyday words, customary and old
spellings) and hidden labels (misspellings that should be found but never shown); it may have broader and
related concepts, the disciplines that deal with it, an industry, and a facet (what sort of thing it is).
Rows are handed in: the files that ship stand in the vocabulary desk, the bureau's edits in its tables.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.domain.matching.spelling import plain

COLUMNS = (
    "id",
    "preferred",
    "alternatives",
    "hidden",
    "broader",
    "related",
    "facet",
    "disciplines",
    "industry",
)
DISCIPLINE = "discipline"
SYMPTOM = "symptom"
ORGANISM = "organism_problem"
# What sort of thing a concept is, as the bureau reads it.
FACETS = {
    "product": "作物、产品",
    "symptom": "症状、现象",
    "organism_problem": "病虫草害",
    "process": "做法、工艺",
    "equipment": "设备",
    "material": "材料",
    "business": "经营、服务",
    "place_use": "场所、用地",
    "discipline": "学科",
    "scale": "规模、数量",
    "urgency": "紧急程度",
    "generic": "通用词（不算内容）",
}
# Facets that name nothing to compare: empty words, measures, urgency. Their labels are stop words.
EMPTY_FACETS = frozenset(["generic", "scale", "urgency"])
LONGEST_LABEL = 16


def split_list(cell: str) -> tuple[str, ...]:
    """A `|`-separated cell as its parts, blanks and repeats dropped, in order."""
    return tuple(dict.fromkeys(part.strip() for part in cell.split("|") if part.strip()))


@dataclass(frozen=True)
class Concept:
    """One row of the vocabulary; lists are tuples, references are concept ids."""

    id: str
    preferred: str
    alternatives: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    facet: str = ""
    disciplines: tuple[str, ...] = ()
    industry: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that finds the concept in a text."""
        return (self.preferred, *self.alternatives, *self.hidden)

    @classmethod
    def from_row(cls, row: Mapping[str, str | None]) -> "Concept":
        """A concept from one row of the exchange file; missing cells count as empty."""

        def cell(name: str) -> str:
            return (row.get(name) or "").strip()

        lists = {
            name: split_list(cell(name)) for name in ("alternatives", "hidden", "broader", "related", "disciplines")
        }
        return cls(
            id=cell("id"),
            preferred=cell("preferred"),
            facet=cell("facet"),
            industry=cell("industry"),
            **lists,
        )

    def as_row(self) -> dict[str, str]:
        """The row of the exchange file, in `COLUMNS`."""
        values = {name: getattr(self, name) for name in COLUMNS}
        return {name: value if isinstance(value, str) else "|".join(value) for name, value in values.items()}


@dataclass(frozen=True)
class Example:
    """A sentence as people speak, and the ids of the disciplines that deal with it, the first one first."""

    text: str
    disciplines: tuple[str, ...]


class Vocabulary:
    """All concepts, asked by id, by label and by relation. References to unknown ids are ignored (see
    health). `examples` show how people speak of what the disciplines deal with.
    """

    def __init__(self, concepts: Iterable[Concept], examples: Iterable[Example] = ()) -> None:
        self.examples = tuple(examples)
        self.concepts: dict[str, Concept] = {}
        for concept in concepts:
            self.concepts.setdefault(concept.id, concept)
        self._by_label: dict[str, list[str]] = defaultdict(list)
        self._ancestors: dict[str, dict[str, int]] = {}  # asked for each part of each compound label
        for concept in self.concepts.values():
            for label in dict.fromkeys(plain(label) for label in concept.labels):
                if label:
                    self._by_label[label].append(concept.id)

    @classmethod
    def from_rows(
        cls, rows: Iterable[Mapping[str, str | None]], examples: Iterable[Mapping[str, str]] = ()
    ) -> "Vocabulary":
        """From rows of the exchange file; rows without an id or a preferred label are left out.

        `examples` are rows with a `text` and its `disciplines`, separated by `|`.
        """
        concepts = (Concept.from_row(row) for row in rows)
        told = (Example(row["text"], split_list(row["disciplines"])) for row in examples)
        return cls((concept for concept in concepts if concept.id and concept.preferred), told)

    def __len__(self) -> int:
        return len(self.concepts)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts.values())

    def __contains__(self, concept_id: str) -> bool:
        return concept_id in self.concepts

    @property
    def labels(self) -> Mapping[str, list[str]]:
        """Every label in plain spelling, with the ids of the concepts it may mean."""
        return self._by_label

    @cached_property
    def empty_labels(self) -> frozenset[str]:
        """Labels that say nothing about what is asked or offered."""
        return frozenset(
            label
            for label, meanings in self._by_label.items()
            if not any(self.is_content(concept_id) for concept_id in meanings)
        )

    def is_content(self, concept_id: str) -> bool:
        """Whether the concept names something to compare."""
        return self.concepts[concept_id].facet not in EMPTY_FACETS

    def preferred(self, concept_id: str) -> str:
        """The label that people read."""
        return self.concepts[concept_id].preferred

    def broader(self, concept_id: str) -> list[str]:
        """Known broader concepts, one step up."""
        return [up for up in self.concepts[concept_id].broader if up in self.concepts and up != concept_id]

    @cached_property
    def narrower(self) -> Mapping[str, list[str]]:
        """For each concept the concepts one step below it."""
        below: dict[str, list[str]] = defaultdict(list)
        for concept in self.concepts.values():
            for up in self.broader(concept.id):
                below[up].append(concept.id)
        return below

    @cached_property
    def related(self) -> Mapping[str, list[str]]:
        """For each concept its related ones; the relation holds both ways even if one row alone says it."""
        both: dict[str, dict[str, None]] = defaultdict(dict)
        for concept in self.concepts.values():
            for other in concept.related:
                if other in self.concepts and other != concept.id:
                    both[concept.id][other] = None
                    both[other][concept.id] = None
        return {concept_id: list(others) for concept_id, others in both.items()}

    def ancestors(self, concept_id: str) -> Mapping[str, int]:
        """Every concept above (and this one at 0), with the fewest steps up to it. Circles end by
        themselves.
        """
        known = self._ancestors.get(concept_id)
        if known is None:
            known = self._ancestors[concept_id] = self._climbed(concept_id)
        return known

    def _climbed(self, concept_id: str) -> dict[str, int]:
        found = {concept_id: 0}
        edge = [concept_id]
        while edge:
            above = [up for low in edge for up in self.broader(low) if up not in found]
            steps = found[edge[0]] + 1
            found.update(dict.fromkeys(above, steps))
            edge = list(dict.fromkeys(above))
        return found

    @cached_property
    def extent(self) -> Mapping[str, int]:
        """How many concepts each concept covers, itself included: the smaller, the more it says."""
        covered: dict[str, int] = defaultdict(int)
        for concept_id in self.concepts:
            for up in self.ancestors(concept_id):
                covered[up] += 1
        return covered

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all content: an index that was made with another vocabulary is rebuilt."""
        digest = hashlib.blake2b(digest_size=12)
        for concept_id in sorted(self.concepts):
            digest.update("\t".join(self.concepts[concept_id].as_row().values()).encode())
            digest.update(b"\n")
        for example in self.examples:
            digest.update("\t".join((example.text, *example.disciplines)).encode())
        return digest.hexdigest()
