"""The words in which an officer reads why an offer stands where it does: 同为茶树; 病虫害防治."""

from app.domain.matching.kinship import Kin, Tie
from app.domain.matching.vocabulary import Vocabulary

MOST_NAMED = 3


def subject_reason(ties: list[Kin], vocabulary: Vocabulary) -> str:
    """What both sides are about, the nearest kind of tie first: 同为茶树, 同属果树, 相关：有机肥."""
    words: list[str] = []
    for tie, title in (
        (Tie.SAME, "同为"),
        (Tie.NARROWER, "涉及"),
        (Tie.BROADER, "同属"),
        (Tie.FAMILY, "同属"),
    ):
        names = dict.fromkeys(
            vocabulary.preferred(kin.through) for kin in ties if kin.tie is tie and kin.nearness >= 0.25
        )
        if names:
            words.append(title + "、".join(list(names)[:MOST_NAMED]))
            break
    near = dict.fromkeys(
        vocabulary.preferred(kin.through) for kin in ties if kin.tie is Tie.RELATED and kin.nearness >= 0.5
    )
    if near and not words:
        words.append("相关：" + "、".join(list(near)[:MOST_NAMED]))
    return "; ".join(words)


def discipline_reason(ties: list[Kin], labels: dict[str, str], vocabulary: Vocabulary) -> str:
    """The disciplines that the demand asks for and the offer has, in the offer's own words where it has
    some.
    """
    names = dict.fromkeys(
        labels.get(kin.through, vocabulary.preferred(kin.through))
        for kin in ties
        if kin.tie in (Tie.SAME, Tie.NARROWER) and kin.nearness >= 0.5
    )
    return "、".join(list(names)[:MOST_NAMED])


def word_reason(words: tuple[str, ...]) -> str:
    """Words in common, whole words only."""
    shown = [word for word in words if len(word) >= 2]
    return "都提到" + "、".join(shown[:MOST_NAMED]) if shown else ""
