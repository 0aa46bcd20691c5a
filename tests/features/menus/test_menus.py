"""Service menus: kept by their commissioner, published while he or she is appointed, found city-wide."""

from datetime import date

import pytest

from app.domain.menus import MOVES, OfferState
from app.domain.refusals import MoveRefused, RuleBroken, StaleEdit
from app.domain.roles import Role
from app.domain.vocabulary import Kind, Level, NeedType, ServiceMode
from app.features.menus import actions, queries
from app.features.menus.queries import OfferFilter
from app.storage.trail import Event
from tests.builders import actor


def me(commissioner):
    return actor(Role.COMMISSIONER, person_id=commissioner.person_id)


def titles(session, today, **asked):
    return [row.title for row in queries.published_page(session, today, OfferFilter(**asked), None, 50)]


def test_a_dish_begins_as_a_draft_and_only_its_keeper_knows_of_it(session, build, today):
    offer = build.offer(publish=False)
    assert offer.state == OfferState.DRAFT
    assert queries.offer_seen(session, me(offer.commissioner), offer.uid) is offer
    stranger = build.commissioner()
    assert queries.offer_seen(session, me(stranger), offer.uid) is None
    assert queries.offer_seen(session, actor(Role.COUNTY_HEAD), offer.uid) is None
    assert titles(session, today) == []


def test_a_published_dish_is_seen_city_wide(session, build, today):
    offer = build.offer(title="茶树修剪")
    assert titles(session, today) == ["茶树修剪"]
    assert queries.offer_seen(session, actor(Role.TOWNSHIP_OFFICIAL, "350425100"), offer.uid) is offer
    assert queries.offer_kept(session, actor(Role.CITY_HEAD, "350400"), offer.uid) is None


def test_nobody_publishes_without_an_appointment(session, build, now):
    offer = build.offer(build.commissioner(), publish=False)
    with pytest.raises(RuleBroken, match="有效期内的选认"):
        actions.publish(session, me(offer.commissioner), now, offer)
    assert offer.state == OfferState.DRAFT


def test_a_dish_leaves_the_list_when_the_appointment_ends_and_comes_back_with_the_next(session, build, today):
    held = build.appointment(begins=date(2026, 1, 1), ends=date(2026, 6, 30))
    build.offer(held.commissioner, title="茶树修剪")
    assert titles(session, date(2026, 6, 30)) == ["茶树修剪"]
    assert titles(session, date(2026, 7, 1)) == []
    build.appointment(held.commissioner, level=Level.CITY, begins=date(2026, 9, 1), ends=date(2027, 8, 31))
    assert titles(session, date(2026, 9, 1)) == ["茶树修剪"]


def test_a_withdrawn_dish_leaves_the_list_and_may_be_published_again(session, build, today, now):
    offer = build.offer(title="茶树修剪")
    first = offer.published_at
    actions.withdraw(session, me(offer.commissioner), offer)
    assert titles(session, today) == []
    actions.publish(session, me(offer.commissioner), now.replace(month=7), offer)
    assert offer.published_at == first, "the first publication is remembered"


@pytest.mark.parametrize("verb", MOVES.moves)
def test_steps_from_the_wrong_state_are_refused(session, build, now, verb):
    offer = build.offer()
    for state in OfferState:
        if state.value in MOVES.moves[verb].sources:
            continue
        offer.state = state
        with pytest.raises(MoveRefused, match=state.label):
            if verb == "publish":
                actions.publish(session, build.bureau, now, offer)
            else:
                actions.withdraw(session, build.bureau, offer)


def test_an_edit_of_a_stale_page_is_refused_and_nothing_is_changed(session, build):
    offer = build.offer(title="茶树修剪")
    opened = offer.version
    values = {"need_type": NeedType.PLANTING, "offer": offer, "version": opened}
    actions.keep_offer(session, me(offer.commissioner), title="茶树整形修剪", **values)
    with pytest.raises(StaleEdit):
        actions.keep_offer(session, me(offer.commissioner), title="别的", **values)
    assert offer.title == "茶树整形修剪"
    assert offer.state == OfferState.PUBLISHED, "a published dish stays published"


def test_a_dish_has_words(session, build):
    with pytest.raises(RuleBroken) as refused:
        build.offer(title="  ", publish=False)
    assert refused.value.field == "title"


def test_every_change_leaves_a_trail(session, build):
    offer = build.offer()
    actions.withdraw(session, build.bureau, offer)
    tags = [e.tag for e in session.query(Event).filter_by(subject_table="offers", subject_id=offer.id).order_by("id")]
    assert tags == ["menus.add", "menus.publish", "menus.withdraw"]


def test_a_team_leader_keeps_the_teams_menu_and_a_member_does_not(session, build):
    leader, member = build.person(), build.person()
    team = build.commissioner(Kind.TEAM, leader=leader, members=[leader, member])
    assert [c.id for c in queries.kept_commissioners(session, actor(Role.TEAM_HEAD, person_id=leader.id))] == [team.id]
    assert queries.kept_commissioners(session, actor(Role.COMMISSIONER, person_id=member.id)) == []


def test_a_legal_entity_is_kept_by_its_own_people(session, build):
    entity = build.commissioner(Kind.ENTITY)
    assert queries.keeps(session, actor(Role.TEAM_HEAD, organisation_id=entity.organisation_id), entity.id)
    assert not queries.keeps(session, actor(Role.TEAM_HEAD, organisation_id=entity.organisation_id + 1), entity.id)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "修剪"}, ["茶树修剪"]),
        ({"search": "红蜘蛛"}, ["茶树修剪"]),
        ({"search": "陈丹桂"}, ["茶树修剪"]),
        ({"search": "chendan"}, ["茶树修剪"]),
        ({"search": "CDG"}, ["茶树修剪"]),
        ({"search": "%"}, []),
        ({"need_type": NeedType.BRAND}, ["包装设计"]),
        ({"mode": ServiceMode.ONLINE}, ["包装设计", "茶树修剪"]),
        ({"mode": ServiceMode.ON_SITE}, ["茶树修剪"]),
        ({"county": "350425"}, ["包装设计"]),
        ({"kind": Kind.TEAM}, []),
    ],
)
def test_filters(session, build, today, asked, found):
    tea = build.appointment(build.commissioner(name="陈丹桂")).commissioner
    design = build.appointment(build.commissioner(county_code="350425")).commissioner
    build.offer(tea, title="茶树修剪", description="兼防红蜘蛛")
    build.offer(design, title="包装设计", description="", need_type=NeedType.BRAND, mode=ServiceMode.ONLINE)
    assert titles(session, today, **asked) == found


def test_the_list_names_the_levels_held_today_highest_first(session, build, today):
    held = build.appointment()
    build.appointment(held.commissioner, level=Level.PROVINCE)
    build.appointment(held.commissioner, level=Level.CITY, batch_year=2025)
    build.offer(held.commissioner)
    row = queries.published_page(session, today, OfferFilter(), None, 50)[0]
    assert row.levels == (Level.PROVINCE, Level.COUNTY)
    assert queries.appointment_on(session, held.commissioner_id, today).level == Level.PROVINCE


def test_pages_follow_each_other(session, build, today):
    held = build.appointment()
    for n in range(5):
        build.offer(held.commissioner, title=f"服务{n}")
    first = queries.published_page(session, today, OfferFilter(), None, 2)
    assert len(first) == 3, "one more than asked for tells that there is a next page"
    rest = queries.published_page(session, today, OfferFilter(), [first[1].id], 10)
    assert [row.title for row in [*first[:2], *rest]] == [f"服务{n}" for n in (4, 3, 2, 1, 0)]
