"""The list of demands: filters, the queue by due date, paging that misses and repeats nothing."""

from datetime import timedelta

import pytest

from app.domain.demands import DemandState
from app.domain.roles import Role
from app.domain.vocabulary import Urgency
from app.features.demands import queries
from app.features.demands.queries import DemandFilter
from tests.builders import COUNTY, actor

WHO = actor(Role.COUNTY_TRIAGE, COUNTY)


def page(session, today, after=None, size=50, **asked):
    return queries.demands_page(session, WHO, today, DemandFilter(**asked), after, size)


def titles(rows):
    return [row.title for row in rows]


@pytest.fixture
def several(build):
    build.demand(title="甲", urgency=Urgency.NORMAL, region_code="350424103")
    build.demand(title="乙", urgency=Urgency.CRITICAL, region_code="350424102")
    build.open_demand(title="丙", urgency=Urgency.URGENT, description="五十个棚的香菇烂筒")
    build.demand(title="丁", submit=False, poster=actor(Role.COUNTY_TRIAGE, COUNTY))


def test_newest_first(session, today, several):
    assert titles(page(session, today)) == ["丙", "乙", "甲"]


def test_the_queue_stands_by_due_date(session, today, several):
    assert titles(page(session, today, sort="due")) == ["乙", "丙", "甲"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"states": (DemandState.SUBMITTED,)}, ["乙", "甲"]),
        ({"urgency": Urgency.URGENT}, ["丙"]),
        ({"place": "350424102"}, ["乙"]),
        ({"place": "350424"}, ["丙", "乙", "甲"]),
        ({"place": "350425"}, []),
        ({"search": "香菇"}, ["丙"]),
        ({"search": "100%"}, []),
        ({"search": "_"}, []),
    ],
)
def test_filters(session, today, several, asked, found):
    assert titles(page(session, today, **asked)) == found


def test_the_industry_filter_takes_its_parts_along(session, build, today, several):
    assert titles(page(session, today, industry_ids=(build.industry_id(),))) == ["丙"]
    assert titles(page(session, today, industry_ids=(build.industry_id("new_materials"),))) == []


def test_overdue_is_what_waits_for_the_bureau_after_its_day(session, build, today, several):
    late = today + timedelta(days=2)
    assert titles(page(session, late, overdue=True)) == ["乙"]
    assert [row.overdue for row in page(session, late, sort="due")] == [True, False, False]
    assert [row.overdue for row in page(session, today)] == [False, False, False]


@pytest.mark.parametrize("sort", ["new", "due"])
def test_pages_follow_each_other_without_gap_or_repetition(session, build, today, sort):
    for n in range(7):
        build.demand(title=f"需求{n}", urgency=list(Urgency)[n % 3])
    whole = titles(page(session, today, sort=sort))
    seen, after = [], None
    while True:
        rows = page(session, today, after=after, size=3, sort=sort)
        seen += titles(rows[:3])
        if len(rows) <= 3:
            break
        after = [str(v) if sort == "due" and i == 0 else v for i, v in enumerate(queries.sort_values(rows[2], sort))]
    assert seen == whole
    assert len(set(seen)) == 7


@pytest.mark.parametrize("after", [["morgen", 3], [None, 3], ["2026-01-01"], ["x"], [[1]], []])
def test_a_damaged_cursor_shows_the_first_page(session, today, several, after):
    assert titles(page(session, today, after=after, sort="due")) == ["乙", "丙", "甲"]
    assert titles(page(session, today, after=after)) == ["丙", "乙", "甲"]


def test_counts_of_what_waits(session, build, today, several):
    counts = queries.waiting_counts(session, WHO, today + timedelta(days=2))
    assert counts.of(DemandState.SUBMITTED) == 2
    assert counts.of(DemandState.SUBMITTED, DemandState.OPEN) == 3
    assert counts.overdue == 1
