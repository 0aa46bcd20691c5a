"""The words in which an officer reads why an offer stands where it does: 同为茶树; 病虫害防治."""

from collections.abc import Iterable, Mapping, Sequence

from app.domain.matching.kinship import STRANGERS, Kin, Tie
from app.domain.matching.vocabulary import DISCIPLINE, Vocabulary

MOST_NAMED = 3
# Kinship fainter than this is not worth telling.
FAMILY_WORTH = 0.25
RELATED_WORTH = 0.5
# A roof over more concepts than this (种植业, 食品) tells an officer nothing.
MOST_COVERED = 300
# Of the disciplines asked for only those are told that weigh at least this much of the heaviest.
WORTH_TELLING = 0.3
# Ties of subjects, the nearest sort first: how it is told, and from which nearness on.
SUBJECTS = (
    (frozenset([Tie.SAME]), "同为", 0.0),
    (frozenset([Tie.NARROWER]), "涉及", FAMILY_WORTH),
    (frozenset([Tie.BROADER, Tie.FAMILY]), "同属", FAMILY_WORTH),
    (frozenset([Tie.RELATED]), "相关：", RELATED_WORTH),
)


def subject_reason(ties: Sequence[Kin], vocabulary: Vocabulary) -> str:
    """What both sides are about, the nearest sort of tie only: 同为茶树, 涉及柑橘, 同属果树, 相关：有机肥."""
    present = {kin.tie for kin in ties}
    for sorts, title, worth in SUBJECTS:
        if present.isdisjoint(sorts):
            continue
        names = _names(
            vocabulary.preferred(kin.through)
            for kin in ties
            if kin.tie in sorts and kin.nearness >= worth and vocabulary.extent[kin.through] <= MOST_COVERED
        )
        if names:
            return title + names
    return ""


def doing_reason(ties: Sequence[Kin], vocabulary: Vocabulary) -> str:
    """The work or trouble that both sides name: 修剪, 烂根."""
    return _names(
        vocabulary.preferred(kin.through)
        for kin in ties
        if kin.tie in (Tie.SAME, Tie.NARROWER, Tie.BROADER) and kin.nearness >= RELATED_WORTH
    )


def discipline_reason(ties: Sequence[Kin], labels: Mapping[str, str], vocabulary: Vocabulary) -> str:
    """The disciplines asked for and offered, in the demand's own words where these name nothing else (not 茶叶)."""
    return _names(
        _own_word(labels.get(kin.through, ""), vocabulary) or vocabulary.preferred(kin.through)
        for kin in ties
        if kin.tie in (Tie.SAME, Tie.NARROWER) and kin.nearness >= RELATED_WORTH
    )


def _own_word(label: str, vocabulary: Vocabulary) -> str:
    """A demand's own word for a discipline; empty when it names a thing or a doing as well."""
    meanings = vocabulary.labels.get(label, ())
    return label if all(vocabulary.concepts[meant].facet == DISCIPLINE for meant in meanings) else ""


def word_reason(words: Sequence[str]) -> str:
    """Words in common."""
    names = _names(word for word in words if len(word) >= 2)
    return f"都提到{names}" if names else ""


def leaning_reason(disciplines: Sequence[str], vocabulary: Vocabulary) -> str:
    """Disciplines that both sides are written like: 用字近于铸造. Told only where nothing surer can be told."""
    names = _names(vocabulary.preferred(discipline) for discipline in disciplines)
    return f"用字近于{names}" if names else ""


def faint_reason(ties: Iterable[Kin], vocabulary: Vocabulary) -> str:
    """What is nearest where nothing near can be told: 学科相近（植物生产）, 略沾果树; best what is no half world."""
    nearest = max(
        ties, key=lambda kin: (vocabulary.extent[kin.through] <= MOST_COVERED, kin.nearness), default=STRANGERS
    )
    if nearest is STRANGERS:
        return ""
    name = vocabulary.preferred(nearest.through)
    return f"学科相近（{name}）" if vocabulary.concepts[nearest.through].facet == DISCIPLINE else f"略沾{name}"


def _names(names: Iterable[str]) -> str:
    """The first names, once each."""
    return "、".join(list(dict.fromkeys(names))[:MOST_NAMED])
