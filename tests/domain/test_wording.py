"""Words that go with a step are kept whole or refused, never cut."""

import pytest

from app.domain.refusals import RuleBroken
from app.domain.wording import LONGEST, spoken


def test_words_are_kept_whole_without_the_blanks_around_them():
    longest = "字" * LONGEST
    assert spoken(f"  {longest}\n") == longest


def test_no_words_are_none():
    assert spoken(None) is None and spoken(" \n ") is None


def test_too_many_words_are_refused_with_how_many_there_are():
    with pytest.raises(RuleBroken, match="最多写10个字，现在有11个") as refused:
        spoken("字" * 11, "words", longest=10)
    assert refused.value.field == "words"
