"""Weights as a dated setting: proposed by a command, adopted only by a person with a trail, named by proposals."""

from datetime import timedelta

import pytest

from app.domain.matching.settings import PARTS, shipped, weights_of
from app.domain.refusals import MoveRefused, RuleBroken
from app.domain.roles import Role, system_actor
from app.features.menus.understanding import engine
from app.features.vocabulary import weights
from app.storage.trail import Event
from tests.builders import CITY, COUNTY, actor

BUREAU = actor(Role.CITY_HEAD, CITY)
MEASURED = {"demands": 12, "pairs": 40, "folds": 5, "before": 0.7, "after": 0.74, "gain": 0.04, "better": 4, "worse": 1}


def proposed(session, **values):
    return weights.propose(session, system_actor("match-weights"), {**shipped(), **values}, MEASURED)


def test_every_part_is_a_weight_of_the_ranking():
    assert set(shipped()) == set(PARTS)
    assert weights_of({"distance": 0.2}).distance == 0.2
    for wrong in ({"distance": 1.5}, {"distance": -0.1}, {"title": 0.1}):
        with pytest.raises(RuleBroken):
            weights_of(wrong)


def test_a_proposal_changes_nothing_until_a_person_adopts_it_from_a_day_on(session, today):
    row = proposed(session, distance=0.2)
    assert weights.in_force(session, today).name == "出厂权重"
    before = engine(session, today)
    with pytest.raises(RuleBroken, match="理由"):
        weights.adopt(session, BUREAU, today, row, today, " ")
    with pytest.raises(RuleBroken, match="今天或以后"):
        weights.adopt(session, BUREAU, today, row, today - timedelta(days=1), "更准")
    tomorrow = today + timedelta(days=1)
    weights.adopt(session, BUREAU, today, row, tomorrow, "更准")
    assert engine(session, today) is before
    held = weights.in_force(session, tomorrow)
    assert held.values["distance"] == 0.2 and held.name == "2026年06月02日起的权重"
    assert engine(session, tomorrow).weights.distance == 0.2
    assert {e.tag for e in session.query(Event)} >= {"weights.propose", "weights.adopt"}
    with pytest.raises(MoveRefused, match="已采用"):
        weights.drop(session, BUREAU, row, "反悔")


def test_the_bureau_sees_what_holds_and_decides_on_the_page(client):
    with client.building() as build:
        proposed(build.session, distance=0.2)
        build.offer()
        demand = build.open_demand()
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    page = client.get(f"/matches/demands/{demand.uid}")
    assert "出厂权重" in page.text
    page = client.get("/vocabulary/weights")
    assert "提高 0.040" in page.text and not [f for f in page.forms if "/adopt" in f.action]
    client.sign_in(Role.CITY_HEAD, region_code=CITY)
    page = client.get("/vocabulary/weights")
    page = client.submit(page.form("/adopt"), reason="交叉检验变好")
    assert "已采用" in page.text and "2026年06月01日起的权重" in page.text
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    assert "2026年06月01日起的权重" in client.get(f"/matches/demands/{demand.uid}").text
