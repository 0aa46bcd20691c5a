"""Pinyin of names: a surname is read as a surname, a blank separates syllables, initials find a name."""

import pytest

from app.storage.names import SURNAMES, pinyin_of

# After the usual readings of these surnames, which differ from the commonest reading of the character.
READINGS = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "查": "zha", "解": "xie", "任": "ren", "区": "ou", "朴": "piao",
    "盖": "ge", "翟": "zhai", "覃": "qin", "缪": "miao", "乐": "yue", "召": "shao", "折": "she", "种": "chong",
}  # fmt: skip


@pytest.mark.parametrize(("surname", "reading"), READINGS.items())
def test_a_surname_is_read_as_a_surname(surname: str, reading: str) -> None:
    key, initials = pinyin_of(f"{surname}小明", person=True)
    assert key == f"{reading} xiao ming" and initials == f"{reading[0]}xm"


@pytest.mark.parametrize(("surname", "reading"), [("尉迟", "yu chi"), ("万俟", "mo qi"), ("长孙", "zhang sun")])
def test_a_double_surname_is_one_of_two_syllables(surname: str, reading: str) -> None:
    assert pinyin_of(f"{surname}恭", person=True)[0] == f"{reading} gong"


def test_the_table_holds_surnames_of_one_or_two_characters_in_plain_letters() -> None:
    for surname, reading in SURNAMES.items():
        assert len(surname) in (1, 2) and len(reading.split()) == len(surname)
        assert reading.replace(" ", "").isascii() and reading == reading.lower()


def test_a_place_is_not_read_like_a_person() -> None:
    assert pinyin_of("单县")[0] != pinyin_of("单县", person=True)[0]


def test_a_name_sorts_by_syllables() -> None:
    assert pinyin_of("安溪")[0] < pinyin_of("鞍")[0] or pinyin_of("安溪")[0].startswith("an ")
    assert sorted(["方昂", "房安", "樊刚"], key=lambda n: pinyin_of(n, person=True)[0]) == ["樊刚", "房安", "方昂"]


@pytest.mark.parametrize("name", ["", "  ", "·", "Müller", "阿不都·热合曼", "A公司3号", "𠮷野", "李" * 300])
def test_any_name_gives_a_key_that_fits_its_column(name: str) -> None:
    key, initials = pinyin_of(name, person=True)
    assert len(key) <= 200 and len(initials) <= 60
    assert key == key.strip() and "  " not in key
    assert initials == "".join(s[0] for s in key.split())[:60] or len(name) > 50


def test_letters_and_digits_stay_as_they_are() -> None:
    assert pinyin_of("A公司3号")[1].startswith("a")
