"""Words that go with a step (why it is returned, what did not suit): kept whole or not at all, never cut."""

from app.domain.refusals import RuleBroken

LONGEST = 500
LONGEST_WHY = 300  # why a proposal does not suit, why the vocabulary or the weights are changed


def spoken(words: str | None, field: str = "reason", longest: int = LONGEST) -> str | None:
    """The words without blanks around them; None where there are none. Refused: more than `longest` characters."""
    text = (words or "").strip()
    if len(text) > longest:
        raise RuleBroken(f"最多写{longest}个字，现在有{len(text)}个。请返回写短一些，再提交。", field=field)
    return text or None
