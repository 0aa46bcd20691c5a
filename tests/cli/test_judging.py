"""Decisions on proposals become an evaluation set and a proposal of weights; nothing is adopted by a command."""

import csv
import json

import pytest
from flask import Flask

from app.domain.matches import Verdict
from app.domain.matching.settings import SettingState
from app.domain.roles import Role
from app.domain.vocabulary import NeedType
from app.features.matches import actions as matches
from app.features.matches.models import ProposalDecision
from app.features.vocabulary import weights
from app.storage.session import reading
from tests.builders import COUNTY, actor

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)


def call(app: Flask, *words: str, code=0):
    result = app.test_cli_runner().invoke(args=list(words))
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def decided(client):
    """Eight demands with two proposals each: officers like what is near and set aside what is far."""
    with client.building() as build:
        offers = [build.offer(), build.offer()]
        for number in range(8):
            demand = build.open_demand(title=f"茶树发黄第{number}处", confidential=number == 7)
            for offer, near in zip(offers, (900, 100), strict=True):
                parts = {"subject": 300 if near > 500 else 700, "distance": near}
                told = {"place": 1, "score": 400, "parts": parts, "setting": ""}
                verdict = Verdict.INVITED if near > 500 else Verdict.SET_ASIDE
                matches.keep_decision(build.session, TRIAGE, demand, offer, verdict, told, "太远")
    return client


def test_decisions_are_exported_as_match_evaluate_reads_them(app, decided, tmp_path):
    told = json.loads(call(app, "match-judgements", "export", "--out", str(tmp_path / "set")))
    counts = {name: told[name] for name in ("demands", "offers", "judgements")}
    assert counts == {"demands": 7, "offers": 2, "judgements": 14}, "confidential demands stay inside"
    with (tmp_path / "set" / "judgements.csv").open(encoding="utf-8") as file:
        assert {row["grade"] for row in csv.DictReader(file)} == {"0.0", "2.0"}
    names = [str(tmp_path / "set" / f"{name}.csv") for name in ("demands", "offers", "judgements")]
    out = call(app, "match-evaluate", "--demands", names[0], "--offers", names[1], "--judgements", names[2])
    assert "nDCG@10" in out


def test_what_officers_corrected_at_triage_is_exported_beside_what_was_suggested(app, client, tmp_path):
    with client.building() as build:
        build.open_demand(title="茶树叶片上长满了茶尺蠖")
        build.open_demand(title="茶园的茶尺蠖越来越多了", need_type=NeedType.PROCESSING)
        build.open_demand(title="茶树叶片上全是虫子", confidential=True)
    told = json.loads(call(app, "match-judgements", "export", "--out", str(tmp_path / "set")))
    assert told["triaged"] == 2
    assert told["suggestions_kept"]["need_type"] == 0.5
    with (tmp_path / "set" / "triage.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["need_type"] for row in rows] == [NeedType.PLANT_PROTECTION, NeedType.PROCESSING]
    assert {row["suggested_need_type"] for row in rows} == {NeedType.PLANT_PROTECTION}


def test_weights_are_proposed_with_their_gain_and_adopted_by_nobody(app, decided):
    told = json.loads(call(app, "match-weights", "propose", "--folds", "3", "--dry-run"))
    assert told["gain"] > 0.1 and not told["proposed"] and set(told["changed"]) & {"distance", "subject"}
    told = json.loads(call(app, "match-weights", "propose", "--folds", "3"))
    assert told["proposed"] and told["worse"] == 0
    with reading(decided.platform.engine, decided.platform.keyring) as session:
        row = weights.settings(session)[0]
        assert row.state == SettingState.PROPOSED and json.loads(row.measured)["gain"] == told["gain"]
        assert weights.in_force(session, row.made_at.date()).uid == ""


def test_too_few_decisions_are_refused_in_words(app, client):
    assert "能分出好坏的需求只有0条" in call(app, "match-weights", "propose", code=1)


def test_pages_keep_what_was_shown_and_nobody_can_make_it_up(client):
    with client.building() as build:
        build.offer(title="茶树栽培")
        build.offer(title="茶树病虫害防治")
        demand = build.open_demand()
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    path = f"/matches/demands/{demand.uid}"
    client.submit(client.get(path).form("/set-aside"), reason="只做育种")
    form = client.get(path).form("/invite")
    client.submit(form)
    with reading(client.platform.engine, client.platform.keyring) as session:
        rows = session.query(ProposalDecision).order_by(ProposalDecision.id).all()
        assert [row.verdict for row in rows] == [Verdict.SET_ASIDE, Verdict.INVITED]
        parts = json.loads(rows[0].parts)
        assert rows[0].words == "只做育种" and {"subject", "discipline", "distance", "capacity"} <= set(parts)
        assert all(0 <= share <= 1000 for share in parts.values()) and rows[0].by == "县级分诊员"
    with client.building() as build:
        other = build.open_demand(title="茶树又黄了")
    form = client.get(f"/matches/demands/{other.uid}").form("/invite")
    client.submit(form, seen=form.values["seen"][:-3] + "xyz")
    with reading(client.platform.engine, client.platform.keyring) as session:
        assert session.query(ProposalDecision).filter_by(demand_id=other.id).count() == 0
