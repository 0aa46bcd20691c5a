"""Invented texts for measuring: concepts of the shipped vocabulary put together as demands and offers say them.

The words are real ones of the field and the combinations are chance, so a ranking has something to rank; how good
a ranking is must be judged on the real texts in the tests.
"""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from app.features.vocabulary.data import shipped_rows

# Facets of the vocabulary, by what they are in a sentence.
Facets = tuple[str, ...]
NOUNS: Facets = ("product", "material", "equipment")
TROUBLES: Facets = ("symptom", "organism_problem")
WAYS: Facets = ("process", "business")
SCIENCES: Facets = ("discipline",)
# A few words are said by everybody and most by few: the n-th of a list is chosen in proportion to 1 / (n + 20).
SKEW = 20


@dataclass(frozen=True)
class Pool:
    """Words of one kind with their summed chances."""

    words: tuple[str, ...]
    chances: tuple[float, ...]

    def pick(self, random: Random) -> str:
        return random.choices(self.words, cum_weights=self.chances)[0]


class Words:
    """Says demands, offers, work and advice in the words of a leading industry; the same seed says the same."""

    def __init__(self, random: Random, industries: tuple[str, ...]) -> None:
        self.random = random
        rows = list(shipped_rows())
        self.pools = {
            (industry, kinds): self._pool([r for r in rows if r["facet"] in kinds], industry)
            for industry in industries
            for kinds in (NOUNS, TROUBLES, WAYS, SCIENCES)
        }

    def _pool(self, rows: list[dict[str, str]], industry: str) -> Pool:
        words = sorted({r["preferred"] for r in rows if r["industry"] in (industry, "")})
        self.random.shuffle(words)
        return Pool(tuple(words), tuple(accumulate(1 / (place + SKEW) for place in range(len(words)))))

    def _say(self, industry: str, kinds: Facets) -> str:
        return self.pools[industry, kinds].pick(self.random)

    def demand(self, industry: str) -> tuple[str, str]:
        """(title, description) as a village or a workshop would say it."""
        noun, trouble = self._say(industry, NOUNS), self._say(industry, TROUBLES)
        again, way = self._say(industry, TROUBLES), self._say(industry, WAYS)
        title = f"{noun}{trouble}，{self.random.choice(['请来看看', '怎么办', '求指导', '越来越多'])}"
        begun = self.random.choice(["上个月开始", "雨后出现", "换了一批料以后", "连着两年这样"])
        told = f"{begun}，{noun}有{trouble}，也见到{again}，试过{way}没有见效，想请懂行的人到现场看看。"
        return title[:80], told

    def offer(self, industry: str) -> tuple[str, str]:
        """(title, description) as a commissioner would offer it."""
        noun, way, science = (self._say(industry, kinds) for kinds in (NOUNS, WAYS, SCIENCES))
        troubles = "、".join(dict.fromkeys(self._say(industry, TROUBLES) for _ in range(3)))
        others = "、".join(dict.fromkeys(self._say(industry, NOUNS) for _ in range(2)))
        told = f"从事{science}多年，能到现场诊断{noun}的{troubles}，教{way}，也熟悉{others}。"
        return f"{noun}{way}与{self._say(industry, TROUBLES)}处理"[:80], told

    def work(self, industry: str) -> tuple[str, str]:
        """(what was done, advice) of a visit."""
        noun, trouble, way = (self._say(industry, kinds) for kinds in (NOUNS, TROUBLES, WAYS))
        return f"到现场查看{noun}，判断{trouble}的原因，示范{way}。", f"按说的做{way}，十天后再看一次。"

    def specialities(self, industry: str) -> str:
        return f"{self._say(industry, SCIENCES)}、{self._say(industry, WAYS)}"
