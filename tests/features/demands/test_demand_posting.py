"""Posting a demand: one sentence on behalf of a village, inside one's own territory, nothing typed twice."""

from datetime import date, timedelta

import pytest

from app.domain.demands import DemandState
from app.domain.refusals import MoveRefused, RuleBroken, StaleEdit
from app.domain.roles import Role
from app.domain.vocabulary import OrganisationKind, ServiceMode, Urgency
from app.features.demands import actions
from app.storage.files import StoredFile
from app.storage.keyring import keyring_of
from app.storage.trail import Event
from tests.builders import COUNTY, TOWNSHIP, actor

OTHER_TOWNSHIP = "350424102"  # 湖村镇, same county
ELSEWHERE = "350425100"  # 均溪镇 in 大田县
OFFICIAL = actor(Role.TOWNSHIP_OFFICIAL, TOWNSHIP)


def post(session, today, village, poster=OFFICIAL, **told):
    told = {"title": "果树叶子卷了", "region_code": TOWNSHIP, "organisation_id": village.id, **told}
    return actions.post(session, poster, today, **told)


def test_one_sentence_and_a_village_are_enough(session, build, today):
    demand = post(session, today, build.organisation())
    assert demand.state == DemandState.SUBMITTED
    assert demand.submitted_on == today
    assert (demand.urgency, demand.people_wanted, demand.mode) == (Urgency.NORMAL, 1, None)


@pytest.mark.parametrize(("urgency", "days"), [(Urgency.CRITICAL, 1), (Urgency.URGENT, 3), (Urgency.NORMAL, 7)])
def test_the_township_sees_from_the_start_by_when_somebody_will_be_found(session, build, today, urgency, days):
    assert post(session, today, build.organisation(), urgency=urgency).due_on == today + timedelta(days=days)


def test_a_draft_has_no_due_date_until_it_is_submitted(session, build, today):
    draft = post(session, today, build.organisation(), submit=False)
    assert (draft.state, draft.submitted_on, draft.due_on) == (DemandState.DRAFT, None, None)
    actions.move(session, OFFICIAL, today + timedelta(days=2), draft, "submit")
    assert draft.submitted_on == today + timedelta(days=2)
    assert draft.due_on == today + timedelta(days=9)


def test_a_new_unit_is_kept_with_the_demand_and_found_again_the_next_time(session, build, today):
    new = (OrganisationKind.COOPERATIVE, "  石壁  花果合作社 ")
    told = {"title": "李子裂果", "region_code": TOWNSHIP, "new_unit": new}
    first = actions.post(session, OFFICIAL, today, **told)
    again = actions.post(session, OFFICIAL, today, **told)
    assert first.organisation.name == "石壁 花果合作社"
    assert first.organisation.region_code == TOWNSHIP
    assert first.organisation_id == again.organisation_id


@pytest.mark.parametrize("place", [OTHER_TOWNSHIP, ELSEWHERE])
def test_a_township_posts_for_itself_only_and_the_message_names_the_place(session, build, today, place):
    village = build.organisation(region_code=place)
    with pytest.raises(RuleBroken) as refused:
        post(session, today, village, region_code=place)
    assert refused.value.field == "region"
    assert "宁化县石壁镇" in refused.value.message
    assert {"350424102": "湖村镇", "350425100": "大田县均溪镇"}[place] in refused.value.message


def test_the_county_posts_for_any_of_its_townships_but_not_for_another_county(session, build, today):
    county = actor(Role.COUNTY_TRIAGE, COUNTY)
    village = build.organisation(region_code=OTHER_TOWNSHIP)
    assert post(session, today, village, county, region_code=OTHER_TOWNSHIP).region_code == OTHER_TOWNSHIP
    with pytest.raises(RuleBroken, match="大田县均溪镇不在您的辖区（宁化县）内"):
        post(session, today, build.organisation(region_code=ELSEWHERE), county, region_code=ELSEWHERE)


@pytest.mark.parametrize("code", ["350424999", "350424", "", "350405400x"])
def test_a_place_that_is_no_township_is_refused(session, build, today, code):
    with pytest.raises(RuleBroken) as refused:
        post(session, today, build.organisation(), actor(Role.CITY_TRIAGE, "350400"), region_code=code)
    assert refused.value.field == "region"


def test_a_unit_of_another_township_is_refused(session, build, today):
    with pytest.raises(RuleBroken, match="不是这个乡镇的单位") as refused:
        post(session, today, build.organisation(region_code=OTHER_TOWNSHIP))
    assert refused.value.field == "organisation"


def test_units_that_send_people_are_not_served(session, build, today):
    college = build.organisation(kind=OrganisationKind.SENDING_UNIT, region_code=COUNTY)
    with pytest.raises(RuleBroken, match="不是这个乡镇的单位"):
        post(session, today, college)


def test_somebody_must_need_it(session, today):
    with pytest.raises(RuleBroken) as refused:
        actions.post(session, OFFICIAL, today, title="果树叶子卷了", region_code=TOWNSHIP)
    assert refused.value.field == "organisation"


def test_blanks_are_not_a_sentence(session, build, today):
    with pytest.raises(RuleBroken) as refused:
        post(session, today, build.organisation(), title=" \n　")
    assert refused.value.field == "title"


@pytest.mark.parametrize("day", [date(2026, 5, 31), date(2029, 12, 31), date(2099, 1, 1)])
def test_a_wished_day_in_the_past_or_far_ahead_is_refused_at_its_field(session, build, today, day):
    with pytest.raises(RuleBroken) as refused:
        post(session, today, build.organisation(), wanted_by=day)
    assert refused.value.field == "wanted_by"


def test_contacts_are_sealed_and_never_stand_in_the_trail(session, build, today):
    demand = post(session, today, build.organisation(), contact_name="赖联系", contact_phone="138 5980 1234")
    assert "13859801234" not in demand.contact_phone_sealed
    assert keyring_of(session).open(demand.contact_phone_sealed) == "13859801234"
    demand.contact_name = "别人"
    actions.edit(session, OFFICIAL, today, demand, demand.version, contact_phone="13859805678")
    trail = " ".join(f"{e.changes} {e.words}" for e in session.query(Event).filter_by(subject_table="demands"))
    assert "1385980" not in trail
    assert "赖联系" not in trail and "别人" not in trail


def test_a_wrong_number_is_told_at_the_field_of_the_form(session, build, today):
    with pytest.raises(RuleBroken) as refused:
        post(session, today, build.organisation(), contact_phone="12345")
    assert refused.value.field == "contact_phone"


def test_a_returned_demand_is_edited_and_sent_again_with_a_new_due_date(session, build, today):
    demand = post(session, today, build.organisation(), scale="三十亩")
    triage = actor(Role.COUNTY_TRIAGE)
    actions.move(session, triage, today, demand, "return", "请写明是什么果树")
    later = today + timedelta(days=4)
    actions.edit(session, OFFICIAL, later, demand, demand.version, title="脐橙叶子卷了", submit=True)
    assert (demand.title, demand.scale) == ("脐橙叶子卷了", "三十亩")
    assert demand.state == DemandState.SUBMITTED
    assert demand.submitted_on == today, "the first submission is remembered"
    assert demand.due_on == later + timedelta(days=7)


def test_two_people_editing_one_demand_do_not_overwrite_each_other(session, build, today):
    demand = post(session, today, build.organisation())
    opened = demand.version
    actions.edit(session, OFFICIAL, today, demand, opened, scale="三十亩")
    with pytest.raises(StaleEdit):
        actions.edit(session, OFFICIAL, today, demand, opened, scale="五十亩")
    assert demand.scale == "三十亩"


def test_what_the_county_has_triaged_is_not_rewritten(session, build, today):
    demand = build.open_demand()
    with pytest.raises(MoveRefused, match="待对接"):
        actions.edit(session, OFFICIAL, today, demand, demand.version, title="别的事")


def test_a_more_urgent_demand_is_due_sooner_counted_from_its_submission(session, build, today):
    demand = post(session, today, build.organisation())
    actions.edit(session, OFFICIAL, today + timedelta(days=2), demand, demand.version, urgency=Urgency.URGENT)
    assert demand.due_on == today + timedelta(days=3)


def photo(session, n):
    row = StoredFile(sha256=f"{n:064d}", media_type="image/jpeg", size=1)
    session.add(row)
    session.flush()
    return row


def test_six_photos_are_kept_in_their_order_and_a_seventh_is_refused(session, build, today):
    six = [photo(session, n) for n in range(6)]
    demand = post(session, today, build.organisation(), photos=[*six, six[0]])
    assert [p.file_id for p in demand.photos] == [f.id for f in six]
    with pytest.raises(RuleBroken) as refused:
        actions.edit(session, OFFICIAL, today, demand, demand.version, photos=[photo(session, 7)])
    assert refused.value.field == "photos"


def test_a_photo_can_be_taken_back_before_triage(session, build, today):
    demand = post(session, today, build.organisation(), photos=[photo(session, 1), photo(session, 2)])
    gone = demand.photos[0]
    actions.edit(session, OFFICIAL, today, demand, demand.version, drop_photos=[str(gone.uid)])
    session.refresh(demand)
    assert [p.file.sha256 for p in demand.photos] == [f"{2:064d}"]


def test_wished_mode_and_number_of_people_are_kept(session, build, today):
    demand = post(session, today, build.organisation(), mode=ServiceMode.ONLINE, people_wanted=3)
    assert (demand.mode, demand.people_wanted) == (ServiceMode.ONLINE, 3)
    with pytest.raises(RuleBroken):
        post(session, today, build.organisation(), people_wanted=0)
