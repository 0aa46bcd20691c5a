"""Pages of matches: reasons read, somebody invited, accepted, too late for the second; contacts shown with a trail."""

import json
import re
from dataclasses import replace

import pytest

from app.domain.matching.facts import Tier
from app.domain.roles import Role
from app.features.matches import actions, proposals
from app.features.matches.models import Match
from app.storage.session import reading
from app.storage.trail import Event
from tests.builders import COUNTY, TOWNSHIP, actor

TRIAGE = actor(Role.COUNTY_TRIAGE, COUNTY)


@pytest.fixture
def story(client):
    """An open demand of a village, and a commissioner with a dish that suits it."""
    with client.building() as build:
        village = build.organisation("石壁村")
        demand = build.open_demand(
            title="茶树叶子发黄", organisation_id=village.id, contact_name="赖联系", contact_phone="13859801234"
        )
        offer = build.offer()
        return {"demand": demand.uid, "offer": offer.uid, "person": offer.commissioner.person_id,
                "name": offer.commissioner.name, "commissioner": offer.commissioner.uid}  # fmt: skip


def invited(client, story):
    with client.building() as build:
        demand = actions.demands.any_demand(build.session, story["demand"])
        offer = actions.menus.offer(build.session, story["offer"])
        return actions.invite(build.session, TRIAGE, build.today, demand, offer.commissioner, offer, ["同为茶树"]).uid


def accepted(client, story):
    uid = invited(client, story)
    with client.building() as build:
        row = build.session.query(Match).filter_by(uid=uid).one()
        who = actor(Role.COMMISSIONER, person_id=story["person"])
        actions.answer(build.session, who, build.now, row, "accept")
    return uid


def as_triage(client):
    client.sign_in(Role.COUNTY_TRIAGE, region_code=COUNTY)
    return client


def as_commissioner(client, story):
    client.sign_in(Role.COMMISSIONER, person_id=story["person"])
    return client


def test_an_officer_reads_the_reasons_and_invites(client, story):
    as_triage(client)
    page = client.get(f"/matches/demands/{story['demand']}")
    assert "推荐的人选" in page.text and "茶园冬季管护与病虫害防治" in page.text and "今年还可服务" in page.text
    shown = page.form("/invite").values["shown"]
    page = client.submit(page.form("/invite"), reason="请来看看")
    assert f"已邀请{story['name']}" in page.text and "待科特派答复" in page.text
    with reading(client.platform.engine, client.platform.keyring) as session:
        row = session.query(Match).one()
        assert "；".join(json.loads(row.reasons)) == shown
        assert row.words == "请来看看"


def test_an_officer_sets_a_proposal_aside_with_a_word(client, story):
    as_triage(client)
    page = client.get(f"/matches/demands/{story['demand']}")
    page = client.submit(page.form("/set-aside"), reason="只做育种")
    assert f"/matches/demands/{story['demand']}/invite" not in page.html
    assert "已标记为不合适的（1）" in page.text and "茶园冬季管护与病虫害防治（只做育种）" in page.text
    assert "暂无合适人选" in page.text and "请其他县推荐" in page.text


def test_a_word_too_long_is_told_and_nothing_is_kept(client, story):
    as_triage(client)
    page = client.get(f"/matches/demands/{story['demand']}")
    refused = client.submit(page.form("/set-aside"), status=422, reason="只做育种" * 76)
    assert "最多写300个字，现在有304个" in refused.text
    assert f"/matches/demands/{story['demand']}/invite" in client.get(f"/matches/demands/{story['demand']}").html


def test_a_commissioner_accepts_and_both_sides_go_on_to_the_agreement(client, story):
    uid = invited(client, story)
    as_commissioner(client, story)
    page = client.get(f"/matches/{uid}")
    assert "请看看能不能接" in page.text
    page = client.submit(page.form("/accept"))
    assert "已达成" in page.text
    assert f"/agreements/of/{uid}" in page.links


def test_whose_turn_it_is_reads_so_in_every_place(client, story):
    uid = invited(client, story)
    places = (f"/matches/{uid}", "/matches/", f"/matches/demands/{story['demand']}")
    as_triage(client)
    assert [words for words in map(client.get, places) if "待科特派答复" not in words.text] == []
    as_commissioner(client, story)
    for page in map(client.get, places):
        assert "待您答复" in page.text and "待科特派答复" not in page.text
    with client.building() as build:
        other = build.appointment().commissioner
        demand = actions.demands.any_demand(build.session, story["demand"])
        who = actor(Role.COMMISSIONER, person_id=other.person_id)
        applied = actions.apply(build.session, who, build.today, demand, other).uid
    as_triage(client)
    assert "待您选定" in client.get(f"/matches/{applied}").text
    client.sign_in(Role.COMMISSIONER, person_id=other.person_id)
    page = client.get(f"/matches/{applied}")
    assert "待选定" in page.text and "待您选定" not in page.text


def test_the_unlikely_go_on_counting_where_the_suitable_end(client, story, monkeypatch):
    real = proposals.proposals

    def with_unlikely(session, demand, today, directory, top=10):
        answer = real(session, demand, today, directory, top)
        first = answer.proposed[0]
        return replace(answer, proposed=(first, replace(first, place=2, tier=Tier.MARGINAL)))

    monkeypatch.setattr(proposals, "proposals", with_unlikely)
    as_triage(client)
    page = client.get(f"/matches/demands/{story['demand']}")
    assert re.findall(r'class="proposal-place">(\d+)<', page.html) == ["1", "2"]
    assert "只是沾边的（1）" in page.text


def test_saying_no_needs_words(client, story):
    uid = invited(client, story)
    as_commissioner(client, story)
    page = client.get(f"/matches/{uid}")
    assert "请写明谢绝的原因" in client.submit(page.form("/decline"), status=422, reason=" ").text
    assert "已谢绝" in client.submit(page.form("/decline"), reason="在外地").text


def test_the_second_to_press_reads_who_was_first(client, story):
    with client.building() as build:
        demand = actions.demands.any_demand(build.session, story["demand"])
        late = build.appointment().commissioner
        second = actions.invite(build.session, TRIAGE, build.today, demand, late).uid
    client.sign_in(Role.COMMISSIONER, person_id=late.person_id)
    open_page = client.get(f"/matches/{second}")
    accepted(client, story)
    page = client.submit(open_page.form("/accept"), status=409)
    assert f"{story['name']}已先一步承接" in page.text


def test_a_commissioner_applies_and_the_township_chooses(client, story):
    as_commissioner(client, story)
    page = client.get(f"/matches/demands/{story['demand']}")
    page = client.submit(page.form("/apply"), reason="做过三年")
    assert "申请已送出" in page.text
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    page = client.get("/matches/")
    uid = next(link for link in page.links if link.startswith("/matches/") and len(link) > 30)
    page = client.submit(client.get(uid).form("/choose"))
    assert "已达成" in page.text


def test_nobody_applies_in_somebody_elses_name(client, story):
    with client.building() as build:
        other = build.appointment().commissioner
    client.sign_in(Role.COMMISSIONER, person_id=other.person_id)
    form = client.get(f"/matches/demands/{story['demand']}").form("/apply")
    client.submit(form, status=404, commissioner=str(story["commissioner"]))


def test_a_phone_is_masked_and_shown_in_full_only_with_a_trail(client, story):
    as_triage(client)
    page = client.get(f"/matches/demands/{story['demand']}")
    assert "138****1234" in page.text and "13859801234" not in page.html
    page = client.submit(page.form("/contact"))
    assert "13859801234" in page.text
    with reading(client.platform.engine, client.platform.keyring) as session:
        event = session.query(Event).filter_by(tag="demands.reveal").one()
        assert event.actor_name == "县级分诊员" and "1385980" not in f"{event.words}{event.changes}"


def test_contacts_open_to_both_parties_with_acceptance_and_to_nobody_before(client, story):
    uid = invited(client, story)
    as_commissioner(client, story)
    page = client.get(f"/matches/demands/{story['demand']}")
    assert "赖联系" not in page.html and "138****" not in page.html
    client.http.post(f"/matches/demands/{story['demand']}/contact")
    token = page.form("/sign-out").values["csrf_token"]
    client.post(f"/matches/demands/{story['demand']}/contact", 404, csrf_token=token)
    client.submit(client.get(f"/matches/{uid}").form("/accept"))
    page = client.get(f"/matches/demands/{story['demand']}")
    assert "赖联系" in page.text
    assert "13859801234" in client.submit(page.form("/contact")).text
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    page = client.get(f"/matches/{uid}")
    assert "139****" in page.text
    assert "1390000" in client.submit(page.form("/contact")).text


def test_a_confidential_demand_hides_all_but_industry_and_title(client):
    with client.building() as build:
        unit = build.organisation("秘密铸造厂")
        row = build.open_demand(title="铸件气孔", description="树脂砂配方", organisation_id=unit.id, confidential=True)
        person_id = build.appointment().commissioner.person_id
    client.sign_in(Role.COMMISSIONER, person_id=person_id)
    page = client.get(f"/matches/demands/{row.uid}")
    assert "铸件气孔" in page.text and "特色现代农业" in page.text
    for hidden in ("秘密铸造厂", "树脂砂", "石壁镇", "县级分诊员"):
        assert hidden not in page.html


@pytest.mark.parametrize("path", ["/matches/demands/{demand}", "/matches/{match}"])
def test_what_one_may_not_know_of_is_not_found(client, story, path):
    uid = accepted(client, story)
    for role, scope in (
        (Role.TOWNSHIP_OFFICIAL, {"region_code": "350425100"}),
        (Role.COUNTY_TRIAGE, {"region_code": "350425"}),
    ):
        client.sign_in(role, **scope)
        client.get(path.format(demand=story["demand"], match=uid), status=404)


def test_a_stranger_may_not_move_an_open_demand_that_he_may_read(client, story):
    client.sign_in(Role.COUNTY_TRIAGE, region_code="350425")
    page = client.get(f"/matches/demands/{story['demand']}")
    assert not [form for form in page.forms if "/move/" in form.action]
    token = page.form("/sign-out").values["csrf_token"]
    client.post(f"/matches/demands/{story['demand']}/move/cancel", 404, csrf_token=token, reason="x")


def test_inviting_from_the_menu_for_one_of_ones_own_demands(client, story):
    as_triage(client)
    page = client.get(f"/menus/{story['offer']}")
    assert f"/matches/offers/{story['offer']}" in page.links
    page = client.get(f"/matches/offers/{story['offer']}")
    assert "请选择为哪条需求" in client.submit(page.forms[-1], status=422).text
    page = client.submit(page.forms[-1], demand=str(story["demand"]), reason="请来看看")
    assert f"已邀请{story['name']}" in page.text


def test_none_suitable_and_reopening_with_words(client, story):
    as_triage(client)
    page = client.get(f"/matches/demands/{story['demand']}")
    page = client.submit(page.form("/none_suitable"), reason="本市无此专业")
    assert "暂无合适人选" in page.text and "本市无此专业" in page.text
    page = client.submit(page.form("/reopen"), reason="京闽合作有专家")
    assert "待对接" in page.text


def test_only_one_primary_action_stands_on_the_page_in_each_state(client, story):
    as_triage(client)
    page = client.get(f"/matches/demands/{story['demand']}")
    bar = page.html.split('class="record-actions')[1].split("</h2>")[0]
    assert bar.count('class="button button-primary" href') == 1
