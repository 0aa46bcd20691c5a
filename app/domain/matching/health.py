"""The health of the vocabulary: what is wrong in it, and how well it covers its fields.

Findings are told to whoever edits it; they never stop a ranking, which ignores what it cannot resolve.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.matching.vocabulary import DISCIPLINE, LONGEST_LABEL, Concept, Vocabulary


@dataclass(frozen=True)
class Finding:
    """One thing to mend, in words for the editor."""

    concept_id: str
    message: str


@dataclass(frozen=True)
class Health:
    """Shares (0 to 1) are over the concepts that name something to compare, disciplines left out."""

    concepts: int
    labels: int
    by_industry: dict[str, int]
    with_broader: float
    with_discipline: float
    with_everyday_label: float
    orphans: int
    by_sort: dict[str, int]


def findings(concepts: Iterable[Concept]) -> list[Finding]:
    """Repeated ids, unknown references, circles, labels too long to be a term, concepts without a name."""
    rows = list(concepts)
    times = Counter(concept.id for concept in rows)
    vocabulary = Vocabulary(rows)
    found = [Finding(name, f"编号重复 {count} 次") for name, count in times.items() if count > 1]
    for concept in vocabulary:
        for title, references in (
            ("上位词", concept.broader),
            ("相关词", concept.related),
            ("学科", concept.disciplines),
        ):
            unknown = [name for name in references if name not in vocabulary]
            if unknown:
                found.append(Finding(concept.id, f"{title}不存在：{'、'.join(unknown)}"))
        long = [label for label in concept.labels if len(label) > LONGEST_LABEL and not label.isascii()]
        if long:
            found.append(Finding(concept.id, f"词条过长，应是一个词：{'、'.join(long)}"))
        if _in_circle(concept.id, vocabulary):
            found.append(Finding(concept.id, "上位关系成环"))
    return found


def _in_circle(concept_id: str, vocabulary: Vocabulary) -> bool:
    return any(concept_id in vocabulary.ancestors(up) for up in vocabulary.broader(concept_id))


def health(vocabulary: Vocabulary) -> Health:
    """Counts and shares; an orphan has neither broader, narrower, related concepts nor a discipline."""
    subjects = [concept for concept in vocabulary if concept.facet != DISCIPLINE and vocabulary.is_content(concept.id)]
    total = max(1, len(subjects))

    def share(chosen: Iterable[Concept]) -> float:
        return sum(1 for _ in chosen) / total

    orphans = [
        concept
        for concept in subjects
        if not vocabulary.broader(concept.id)
        and not vocabulary.narrower.get(concept.id)
        and not vocabulary.related.get(concept.id)
        and not concept.disciplines
    ]
    return Health(
        concepts=len(vocabulary),
        labels=len(vocabulary.labels),
        by_industry=dict(sorted(Counter(concept.industry or "-" for concept in subjects).items())),
        with_broader=share(concept for concept in subjects if vocabulary.broader(concept.id)),
        with_discipline=share(concept for concept in subjects if concept.disciplines),
        with_everyday_label=share(concept for concept in subjects if concept.alternatives),
        orphans=len(orphans),
        by_sort=dict(
            Counter(concept.facet for concept in vocabulary if vocabulary.is_content(concept.id)).most_common()
        ),
    )
