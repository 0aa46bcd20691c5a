"""Every event that the code records has words of its own for the reader of the trail."""

import re
from pathlib import Path

import pytest

from app.domain.events import EVENTS, SUBJECTS, event_words, subject_words

APP = Path(__file__).resolve().parents[2] / "app"
RECORDED = re.compile(r"trail\.record\(\s*\w+,\s*\w+,\s*((?:\"[a-z_.]+\"(?: if \w+ else )?)+)")


def recorded_tags() -> set[str]:
    """The tags written out in calls of trail.record."""
    found: set[str] = set()
    for path in (APP / "features").rglob("*.py"):
        for call in RECORDED.findall(path.read_text(encoding="utf-8")):
            found |= set(re.findall(r"\"([a-z_.]+)\"", call))
    return found


def test_tags_are_found_in_the_code() -> None:
    assert {"menus.add", "menus.edit", "rounds.undo", "accounts.give_grant"} <= recorded_tags()


@pytest.mark.parametrize("tag", sorted(recorded_tags()))
def test_every_recorded_tag_is_called_something(tag: str) -> None:
    assert tag in EVENTS or not event_words(tag).endswith("有变动")


def test_a_move_is_called_what_its_record_calls_it() -> None:
    assert event_words("visits.pass") == "服务记录：审核通过"
    assert event_words("demands.triage") == "技术需求：分诊"


def test_an_unknown_event_still_says_what_it_is_about() -> None:
    assert event_words("demands.something_new") == f"{SUBJECTS['demands']}有变动"
    assert event_words("nonsense") == "其他有变动"
    assert subject_words("offers") == "服务菜单"
    assert subject_words("no_such_table") == "其他"
