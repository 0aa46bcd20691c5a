"""Who may know of which demand: one's own territory, open ones city-wide, confidential ones by industry and title."""

import pytest

from app.domain.demands import DemandState
from app.domain.roles import Role
from app.features.demands import queries
from app.features.demands.queries import DemandFilter
from tests.builders import CITY, COUNTY, TOWNSHIP, actor

COMMISSIONER = actor(Role.COMMISSIONER, person_id=1)
STRANGERS = [
    actor(Role.TOWNSHIP_OFFICIAL, "350424102"),
    actor(Role.COUNTY_TRIAGE, "350425"),
    COMMISSIONER,
]
AT_HOME = [
    actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP),
    actor(Role.COUNTY_TRIAGE, COUNTY),
    actor(Role.CITY_HEAD, CITY),
]


def titles(session, who, today, **asked):
    return [row.title for row in queries.demands_page(session, who, today, DemandFilter(**asked), None, 50)]


@pytest.mark.parametrize("who", AT_HOME, ids=lambda a: a.role.value)
def test_a_submitted_demand_is_seen_by_its_township_county_and_city(session, build, today, who):
    demand = build.demand(title="茶叶发黄")
    assert queries.demand(session, who, demand.uid) is demand
    assert titles(session, who, today) == ["茶叶发黄"]


@pytest.mark.parametrize("who", STRANGERS, ids=lambda a: a.role.value)
def test_nobody_else_knows_of_it_before_it_is_open(session, build, today, who):
    demand = build.demand()
    assert queries.demand(session, who, demand.uid) is None
    assert titles(session, who, today, city_wide=True) == []


@pytest.mark.parametrize("who", STRANGERS, ids=lambda a: a.role.value)
def test_an_open_demand_is_known_city_wide_but_is_nobody_elses_to_change(session, build, today, who):
    demand = build.open_demand(title="茶叶发黄")
    assert queries.demand(session, who, demand.uid) is demand
    assert titles(session, who, today, city_wide=True) == ["茶叶发黄"]
    assert titles(session, who, today) == [], "the own list stays one's own"
    assert queries.own_demand(session, who, demand.uid) is None


def test_a_draft_stays_in_its_township(session, build, today):
    demand = build.demand(submit=False)
    assert queries.demand(session, AT_HOME[0], demand.uid) is demand
    assert queries.demand(session, AT_HOME[1], demand.uid) is None
    assert queries.demand(session, AT_HOME[2], demand.uid) is None


def test_a_unit_sees_its_own_demands_only(session, build, today):
    village = build.organisation()
    mine = build.demand(organisation_id=village.id, title="我们的")
    build.open_demand(title="别人的")
    contact = actor(Role.SERVED_CONTACT, organisation_id=village.id)
    assert titles(session, contact, today, city_wide=True) == ["我们的"]
    assert queries.demand(session, contact, mine.uid) is mine


def test_a_confidential_demand_shows_outsiders_its_industry_and_title_only(session, build, today):
    demand = build.open_demand(title="铸件气孔", description="配方如下", confidential=True)
    row = queries.demands_page(session, COMMISSIONER, today, DemandFilter(city_wide=True), None, 50)[0]
    assert (row.title, row.industry_id) == ("铸件气孔", build.industry_id())
    assert (row.region_code, row.unit, row.hidden) == (None, None, True)
    assert not queries.sees_fully(COMMISSIONER, demand)
    assert queries.sees_fully(AT_HOME[0], demand)


def test_a_confidential_demand_is_not_found_by_what_it_hides(session, build, today):
    village = build.organisation("石碧铸造厂")
    build.open_demand(title="铸件气孔", description="树脂砂配方", organisation_id=village.id, confidential=True)
    for hidden in ({"search": "树脂砂"}, {"search": "石碧铸造"}, {"place": TOWNSHIP}):
        assert titles(session, COMMISSIONER, today, city_wide=True, **hidden) == []
        assert titles(session, AT_HOME[1], today, **hidden) == ["铸件气孔"]
    assert titles(session, COMMISSIONER, today, city_wide=True, search="气孔") == ["铸件气孔"]


def test_what_was_withdrawn_or_cancelled_leaves_the_city_wide_list(session, build, today):
    demand = build.open_demand()
    demand.state = DemandState.CANCELLED
    session.flush()
    assert titles(session, COMMISSIONER, today, city_wide=True) == []
