"""Proposals: found by words, explained, one a commissioner, kept right by every change, judged by today's facts."""

import pytest

from app.domain.matches import MatchState
from app.domain.roles import Role
from app.domain.vocabulary import NeedType, ServiceMode
from app.features.matches import actions, proposals, standing
from app.features.matches.matchmaker import prepare
from app.features.menus import actions as menus
from app.features.menus.models import Offer
from app.storage.session import make_engine, open_session, writing
from tests.builders import COUNTY, Builder, actor
from tests.conftest import NOW, TODAY

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)


@pytest.fixture
def opened(databases, database_url):
    """A function that opens a transaction on a database of one's own: changes are announced when they commit."""
    engine = make_engine(database_url)
    yield lambda: writing(engine, databases.keyring)
    engine.dispose()


def tea(build, **values):
    values = {"title": "茶树病虫害防治", "description": "茶园绿色防控", **values}
    return build.offer(**values)


def asked(session, demand, folder, **values):
    return proposals.proposals(session, demand, TODAY, folder, **values)


def titles(answer):
    return [item.offer.title for item in answer.proposed]


def test_a_demand_in_a_farmers_words_finds_the_discipline_with_reasons(opened, tmp_path):
    with opened() as session:
        build = Builder(session, TODAY, NOW)
        tea(build)
        build.offer(title="数控机床精度恢复", description="机床导轨修复", need_type=NeedType.EQUIPMENT)
        demand = build.open_demand(title="茶叶叶子发黄卷起来", description="三十亩茶园")
    with opened() as session:
        answer = asked(session, session.merge(demand), tmp_path)
        assert titles(answer) == ["茶树病虫害防治"]
        words = "；".join(answer.proposed[0].reasons)
        assert "茶" in words and "今年还可服务 30 天" in words and "县级" in words and "公里" in words
        assert answer.proposed[0].place == 1


def test_an_offer_published_edited_or_withdrawn_is_right_in_the_next_answer(opened, tmp_path):
    with opened() as session:
        build = Builder(session, TODAY, NOW)
        demand = build.open_demand(title="茶叶叶子发黄卷起来")
        offer = tea(build, publish=False)

    def now():
        with opened() as session:
            return titles(asked(session, session.merge(demand), tmp_path))

    assert now() == []
    with opened() as session:
        menus.publish(session, TRIAGE, NOW, session.get(Offer, offer.id))
    assert now() == ["茶树病虫害防治"]
    with opened() as session:
        row = session.get(Offer, offer.id)
        menus.keep_offer(session, TRIAGE, offer=row, title="茶园病害诊断", need_type=NeedType.PLANT_PROTECTION)
    assert now() == ["茶园病害诊断"]
    with opened() as session:
        menus.withdraw(session, TRIAGE, session.get(Offer, offer.id))
    assert now() == []


def test_nobody_suits_is_said_with_what_to_do(opened, tmp_path):
    with opened() as session:
        build = Builder(session, TODAY, NOW)
        build.offer(title="数控机床精度恢复", description="机床导轨修复", need_type=NeedType.EQUIPMENT)
        answer = asked(session, build.open_demand(title="茶叶叶子发黄卷起来"), tmp_path)
    assert answer.proposed == ()
    assert "请其他县推荐" in answer.advice


def test_each_commissioner_is_proposed_once_with_the_best_offer(opened, tmp_path):
    with opened() as session:
        build = Builder(session, TODAY, NOW)
        commissioner = build.appointment().commissioner
        tea(build, commissioner=commissioner)
        tea(build, commissioner=commissioner, title="茶园管理", description="修剪和施肥")
        demand = build.open_demand(title="茶树病虫害越来越重")
    with opened() as session:
        assert titles(asked(session, session.merge(demand), tmp_path)) == ["茶树病虫害防治"]


def test_hard_rules_keep_an_offer_out_and_are_named(opened, tmp_path):
    with opened() as session:
        build = Builder(session, TODAY, NOW)
        held = build.appointment()
        tea(build, commissioner=held.commissioner, title="茶树病害甲")
        idle = build.appointment().commissioner
        idle.yearly_half_days = 0
        tea(build, commissioner=idle, title="茶树病害乙")
        tea(build, title="茶树病害丙", mode=ServiceMode.ONLINE)
        demand = build.open_demand(title="茶树病害严重", mode=ServiceMode.ON_SITE)
        held.ends = TODAY.replace(day=1, month=5)
        held.begins = TODAY.replace(day=1, month=1)
    with opened() as session:
        answer = asked(session, session.merge(demand), tmp_path)
        assert titles(answer) == []
        told = {item.offer.title: item.refusal for item in answer.refused}
        assert "选认" in told["茶树病害甲"]
        assert "没有可服务的时间" in told["茶树病害乙"]
        assert "服务方式" in told["茶树病害丙"]


def test_an_appointment_made_later_counts_without_touching_the_offer(opened, tmp_path):
    with opened() as session:
        build = Builder(session, TODAY, NOW)
        held = build.appointment(begins=TODAY.replace(month=1, day=1), ends=TODAY)
        tea(build, commissioner=held.commissioner)
        demand = build.open_demand(title="茶树病害严重")
        held.ends = TODAY.replace(month=5)
    with opened() as session:
        assert titles(asked(session, session.merge(demand), tmp_path)) == []
        session.get(type(held), held.id).ends = TODAY
        session.flush()
        assert titles(asked(session, session.merge(demand), tmp_path)) == ["茶树病虫害防治"]


def test_who_is_invited_or_set_aside_is_not_proposed_again_and_who_declined_is_marked(opened, tmp_path):
    with opened() as session:
        build = Builder(session, TODAY, NOW)
        offers = [tea(build, title=f"茶树病害{name}") for name in "甲乙丙"]
        demand = build.open_demand(title="茶树病害严重")
        actions.set_aside(session, TRIAGE, demand, offers[0], 1, "只做育种")
        actions.invite(session, TRIAGE, TODAY, demand, offers[1].commissioner, offers[1])
        declined = actions.invite(session, TRIAGE, TODAY, demand, offers[2].commissioner, offers[2])
        who = actor(Role.COMMISSIONER, person_id=offers[2].commissioner.person_id)
        actions.answer(session, who, NOW, declined, "decline", "在外地")
        assert declined.state == MatchState.DECLINED
    with opened() as session:
        answer = asked(session, session.merge(demand), tmp_path)
        assert titles(answer) == ["茶树病害丙"]
        assert "曾谢绝这条需求" in answer.proposed[0].reasons


def test_past_work_counts_and_is_told_once_the_visits_desk_says_how(opened, tmp_path, monkeypatch):
    with opened() as session:
        build = Builder(session, TODAY, NOW)
        first, second = tea(build), tea(build)
        demand = build.open_demand(title="茶树病害严重")
    known = {second.commissioner_id: standing.Experience(served_half_days=20, passed=9, confirmed=8)}
    monkeypatch.setattr(standing, "_experience", lambda session, ids, industry_id, today: known)
    with opened() as session:
        answer = asked(session, session.merge(demand), tmp_path)
        assert [item.offer.id for item in answer.proposed] == [second.id, first.id]
        assert "同类服务 9 次，确认 8 次" in answer.proposed[0].reasons
        assert "今年还可服务 20 天" in answer.proposed[0].reasons


def test_another_process_sees_an_offer_at_its_next_question(databases, database_url, tmp_path):
    engine = make_engine(database_url)
    with writing(engine, databases.keyring) as session:
        build = Builder(session, TODAY, NOW)
        demand = build.open_demand(title="茶树病害严重")
        assert prepare(session, tmp_path, TODAY) == 0
    from app.features.matches import matchmaker

    other = dict(matchmaker._made)
    matchmaker._made.clear()  # as a second worker, which has opened nothing yet
    with writing(engine, databases.keyring) as session:
        tea(Builder(session, TODAY, NOW))
    with open_session(engine, databases.keyring, writes=False) as session:
        assert len(titles(asked(session, session.merge(demand), tmp_path))) == 1
    matchmaker._made.clear()
    matchmaker._made.update(other)  # and the first one, which was open all the time
    with open_session(engine, databases.keyring, writes=False) as session:
        assert len(titles(asked(session, session.merge(demand), tmp_path))) == 1
    engine.dispose()
