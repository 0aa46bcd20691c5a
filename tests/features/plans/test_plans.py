"""What-ifs from making to publishing: frozen, computed again the same, each rule asked again at publishing."""

import json

import pytest

from app.domain.demands import DemandState
from app.domain.plans import CountyLimits, Mode, PlanState, WhatIf
from app.domain.refusals import MoveRefused, RuleBroken
from app.domain.roles import Role
from app.features.matches import actions as matches
from app.features.plans import actions, publishing, queries
from app.features.plans.gathering import freeze
from app.jobs.planning import digest, run_solver
from app.jobs.solver import solved
from app.storage import jobs
from tests.builders import CITY, COUNTY, TOWNSHIP, actor

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)
PLANNER = actor(Role.CITY_HEAD, CITY)


def made(session, now, mode=Mode.FIT, who=TRIAGE, **more):
    what_if = WhatIf(mode, **more)
    return actions.make(session, who, now, title="试算", territory=who.reach.territory, year=2026, what_if=what_if)


def computed(session, today, now, tmp_path, plan):
    """What the worker does, in this process and session."""
    what_if = WhatIf.from_json(plan.what_if)
    frozen = freeze(session, what_if, plan.territory, today, tmp_path)
    result = json.dumps(solved(what_if.mode, frozen.inputs.canonical), ensure_ascii=False)
    actions.keep_result(
        session, plan.id, now, inputs=frozen.inputs.canonical, inputs_sha256=frozen.inputs.sha256,
        today=frozen.today_json(), result=result, sha=digest(result),
    )  # fmt: skip
    return queries.shown(session, plan)


@pytest.fixture
def offers(build):
    return [build.offer(), build.offer()]


def test_a_what_if_is_enqueued_with_its_settings(session, build, now):
    plan = made(session, now, each=2, limits=(CountyLimits(COUNTY, 1, 5),))
    assert plan.state == PlanState.WAITING
    assert WhatIf.from_json(plan.what_if) == WhatIf(Mode.FIT, each=2, limits=(CountyLimits(COUNTY, 1, 5),))
    job = jobs.of_subject(session, [actions.SOLVE], plan.id)
    assert job is not None and job.state == jobs.JobState.WAITING


def test_settings_that_cannot_be_are_refused(session, now):
    for wrong in ({"each": 0}, {"each": 21}, {"limits": (CountyLimits(COUNTY, 5, 1),)}):
        with pytest.raises(RuleBroken):
            WhatIf(Mode.FIT, **wrong)
    with pytest.raises(RuleBroken, match="辖区"):
        actions.make(session, TRIAGE, now, title="x", territory=CITY, year=2026, what_if=WhatIf(Mode.FIT))
    with pytest.raises(RuleBroken, match="名字"):
        actions.make(session, TRIAGE, now, title=" ", territory=COUNTY, year=2026, what_if=WhatIf(Mode.FIT))


@pytest.mark.parametrize("mode", [Mode.FIT, Mode.STABLE])
def test_open_demands_get_the_commissioners_that_suit(session, build, today, now, tmp_path, offers, mode):
    demands = [build.open_demand(), build.open_demand(), build.open_demand(title="铸件气孔多怎么办", description="")]
    shown = computed(session, today, now, tmp_path, made(session, now, mode, each=1))
    assert {line.demand_uid for line in shown.lines} == {str(d.uid) for d in demands[:2]}
    assert {line.name for line in shown.lines} == {offer.commissioner.name for offer in offers}
    assert [(gap.what, gap.why) for gap in shown.gaps] == [("铸件气孔多怎么办", "没有合适人选")]
    assert (shown.whole.wanted, shown.whole.matched) == (3, 2)
    assert shown.plan.state == PlanState.READY


def test_cover_takes_in_every_township_and_proves_what_cannot_be_filled(session, build, today, now, tmp_path, offers):
    shown = computed(session, today, now, tmp_path, made(session, now, Mode.COVER, each=2))
    served = [line for line in shown.lines if line.demand_uid is None]
    assert len(served) == 4 and {line.industry for line in served} == {"特色现代农业"}
    whys = {gap.why for gap in shown.gaps}
    assert whys == {"没有合适人选", "人选不够分"}
    proof = next(gap.proof for gap in shown.gaps if gap.why == "人选不够分")
    assert "只能由这2位承担" in proof and "合计最多再去4个乡镇" in proof and "要补上" in proof
    assert len(shown.lines) + len(shown.gaps) == 4 * len(
        {g.township for g in shown.gaps} | {s.township for s in served}
    )


def test_who_serves_a_township_already_is_preferred_and_the_difference_is_named(
    session, build, today, now, tmp_path, offers
):
    shown = computed(session, today, now, tmp_path, made(session, now, needs=True, each=1))
    line = next(line for line in shown.lines if line.township == TOWNSHIP)
    assert line.renewal, "both were appointed for 石壁镇"
    plain = computed(session, today, now, tmp_path, made(session, now, needs=True, each=1, renewal=False))
    assert TOWNSHIP not in {other.township for other in plain.lines}, "without the bonus nearness decides"
    moved = next(change for change in shown.changes if change.added)
    assert moved.dropped == ("宁化县石壁镇",) and moved.name != line.name


def test_the_same_frozen_inputs_give_the_same_plan_in_a_process_of_its_own(
    session, build, today, now, tmp_path, offers
):
    build.open_demand()
    for mode in Mode:
        plan = made(session, now, mode, needs=True)
        computed(session, today, now, tmp_path, plan)
        assert digest(run_solver(mode, plan.inputs)) == plan.result_sha256
    assert "林测试" not in plan.inputs and "茶树" not in plan.inputs, "inputs hold identifiers only"


def test_publishing_invites_by_the_real_action_and_names_who_is_no_longer_free(
    session, build, today, now, tmp_path, offers
):
    demands = [build.open_demand(), build.open_demand()]
    plan = made(session, now, each=1)
    shown = computed(session, today, now, tmp_path, plan)
    late = next(o.commissioner for o in offers if o.commissioner.name == shown.lines[0].name)
    late.yearly_half_days = 0
    session.flush()
    told = publishing.publish(session, TRIAGE, now, plan, with_needs=False)
    assert (told.invited, told.skipped) == (1, 1)
    assert plan.state == PlanState.PUBLISHED
    skipped = next(o for o in plan.outcomes if o.match_id is None)
    assert late.name in skipped.words and "没有可服务的时间" in skipped.words
    sent = next(o.match for o in plan.outcomes if o.match_id is not None)
    assert sent.demand in demands and json.loads(sent.reasons) == ["派驻方案“试算”（总体匹配最优）"]
    with pytest.raises(MoveRefused):
        publishing.publish(session, TRIAGE, now, plan, with_needs=False)


def test_a_demand_that_is_no_longer_open_is_skipped(session, build, today, now, tmp_path, offers):
    demand = build.open_demand()
    plan = made(session, now)
    computed(session, today, now, tmp_path, plan)
    matches.move_demand(session, TRIAGE, now, demand, "cancel", "自己解决了")
    assert publishing.publish(session, TRIAGE, now, plan, with_needs=False).invited == 0
    assert "已取消" in plan.outcomes[0].words


def test_needs_become_demands_only_when_the_planner_says_so(session, build, today, now, tmp_path, offers):
    for with_needs in (False, True):
        plan = made(session, now, Mode.COVER, each=1)
        shown = computed(session, today, now, tmp_path, plan)
        told = publishing.publish(session, TRIAGE, now, plan, with_needs=with_needs)
        assert (told.invited, told.skipped) == ((len(shown.lines), 0) if with_needs else (0, len(shown.lines)))
    demand = plan.outcomes[0].demand
    assert demand.state == DemandState.OPEN and demand.organisation.name.endswith("人民政府")


def test_what_was_dropped_or_failed_keeps_nothing_and_says_why(session, build, today, now, tmp_path, offers):
    plan = made(session, now)
    with pytest.raises(MoveRefused, match="请写明"):
        actions.drop(session, TRIAGE, plan, " ")
    actions.drop(session, TRIAGE, plan, "换一种")
    assert computed(session, today, now, tmp_path, plan) is None
    failed = made(session, now)
    actions.keep_failure(session, failed.id, "内存不够")
    assert (failed.state, failed.error) == (PlanState.FAILED, "内存不够")
    actions.retry(session, TRIAGE, now, failed)
    assert failed.state == PlanState.WAITING and failed.error is None


def test_a_county_sees_its_own_plans_and_the_city_all(session, now):
    mine, citys = made(session, now), made(session, now, who=PLANNER)
    assert queries.plans(session, TRIAGE) == [mine]
    assert set(queries.plans(session, PLANNER)) == {mine, citys}
    assert queries.plan(session, TRIAGE, citys.uid) is None
    assert queries.plans(session, actor(Role.COMMISSIONER, person_id=1)) == []
