"""Pinyin of names: the key by which they sort, and the initials by which they are found.

pypinyin reads some surnames by their commonest sound; the table gives the surname's own (单 Shan, 曾 Zeng ...).
"""

from functools import lru_cache

SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "查": "zha", "解": "xie", "任": "ren", "区": "ou", "朴": "piao",
    "盖": "ge", "华": "hua", "盛": "sheng", "尹": "yin", "纪": "ji", "翟": "zhai", "覃": "qin", "缪": "miao",
    "牟": "mu", "乐": "yue", "隗": "wei", "宓": "mi", "种": "chong", "召": "shao", "晟": "cheng", "折": "she",
    "尉迟": "yu chi", "万俟": "mo qi", "澹台": "tan tai", "长孙": "zhang sun", "令狐": "ling hu",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def pinyin_of(name: str, *, person: bool = False) -> tuple[str, str]:
    """(sort key, initials) of a name in lower-case ASCII; a person's surname is read as a surname.

    The sort key separates syllables with a blank, so that 安溪 (an xi) sorts before 鞍 (an) is never confused
    with a longer syllable.
    """
    from pypinyin import (
        Style,
        lazy_pinyin,
    )  # its tables weigh 10 MB; a worker that only serves pages needs none

    rest, head = name, ""
    if person:
        for length in (2, 1):
            if name[:length] in SURNAMES:
                head, rest = SURNAMES[name[:length]], name[length:]
                break
    syllables = [*head.split(), *lazy_pinyin(rest, style=Style.NORMAL, errors=list)]  # type: ignore[arg-type]
    cleaned = ["".join(c for c in s.lower() if c.isalnum()) for s in syllables]
    cleaned = [s for s in cleaned if s]
    return " ".join(cleaned)[:200], "".join(s[0] for s in cleaned)[:60]
