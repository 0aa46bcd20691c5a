"""Villages, firms and sending units have one row each, in the territory of whoever records them."""

import pytest
import sqlalchemy as sa

from app.domain.identity import credit_check_character
from app.domain.refusals import AlreadyDone, RuleBroken, StaleEdit
from app.domain.roles import Role
from app.domain.vocabulary import OrganisationKind
from app.features.organisations import actions, queries
from app.features.organisations.models import Organisation
from app.storage.trail import Event
from tests.builders import CITY, actor

SHIBI, OTHER_COUNTY = "350424103", "350429202"


def keep(session, by=None, **values):
    values = {"kind": OrganisationKind.VILLAGE, "name": "测试村", "region_code": SHIBI, **values}
    return actions.keep_organisation(session, by or actor(), **values)


def valid_credit_code(serial: int) -> str:
    first = f"91350424MA{serial:07d}"
    return first + credit_check_character(first)


def test_place_kind_and_name_make_one_organisation(session):
    one = keep(session)
    assert keep(session, name=" 测试村 ").id == one.id
    assert keep(session, kind=OrganisationKind.COOPERATIVE).id != one.id
    assert keep(session, region_code="350424104").id != one.id


def test_a_unit_outside_the_city_has_one_row_too(session):
    values = {"kind": OrganisationKind.SENDING_UNIT, "name": "测试农林大学", "region_code": None}
    assert keep(session, **values).id == keep(session, **values).id


def test_a_credit_code_finds_the_firm_that_has_it(session):
    code = valid_credit_code(1)
    firm = {"kind": OrganisationKind.ENTERPRISE, "name": "测试公司"}
    one = keep(session, credit_code=code, **firm)
    assert keep(session, credit_code=code, **{**firm, "region_code": "350424104"}).id == one.id
    with pytest.raises(AlreadyDone, match="信用代码"):
        keep(session, credit_code=code, **{**firm, "name": "另一公司"})


def test_a_wrong_credit_code_is_refused(session):
    code = valid_credit_code(1)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    with pytest.raises(RuleBroken, match="校验码") as refused:
        keep(session, kind=OrganisationKind.ENTERPRISE, credit_code=wrong)
    assert refused.value.field == "credit_code"


def test_what_is_served_lies_in_the_recorders_territory(session):
    with pytest.raises(RuleBroken, match="泰宁县大田乡不在您的辖区") as refused:
        keep(session, region_code=OTHER_COUNTY)
    assert refused.value.field == "region_code"
    assert keep(session, actor(Role.CITY_HEAD, CITY), region_code=OTHER_COUNTY).region_code == OTHER_COUNTY


def test_a_village_needs_a_place_that_exists(session):
    with pytest.raises(RuleBroken, match="乡镇"):
        keep(session, region_code=None)
    with pytest.raises(RuleBroken, match="没有这个乡镇"):
        keep(session, region_code="350424999")


def test_registering_by_hand_what_is_known_says_so(session):
    keep(session)
    with pytest.raises(AlreadyDone, match="已经登记过"):
        actions.register_organisation(session, actor(), kind=OrganisationKind.VILLAGE, name="测试村", region_code=SHIBI)


def test_a_stale_page_does_not_overwrite(session):
    one = keep(session)
    values = {
        "kind": OrganisationKind.VILLAGE,
        "name": "测试一村",
        "region_code": SHIBI,
        "credit_code": None,
        "contact_name": "林测试",
        "contact_phone": "13900001111",
    }
    opened = one.version
    actions.change_organisation(session, actor(), one, opened, **values)
    assert one.pinyin == "ce shi yi cun"
    with pytest.raises(StaleEdit, match="别人修改过"):
        actions.change_organisation(session, actor(), one, opened, **{**values, "name": "测试二村"})
    assert one.name == "测试一村"


def test_a_change_into_a_known_name_is_refused(session):
    keep(session, name="甲村")
    two = keep(session, name="乙村")
    with pytest.raises(AlreadyDone):
        actions.change_organisation(
            session, actor(), two, two.version, kind=OrganisationKind.VILLAGE, name="甲村", region_code=SHIBI,
            credit_code=None, contact_name=None, contact_phone=None,
        )  # fmt: skip
    session.refresh(two)
    assert two.name == "乙村"


def test_an_empty_phone_in_a_change_leaves_the_number_and_showing_it_leaves_a_trail(session):
    one = keep(session, contact_name="林测试", contact_phone="13900001111")
    actions.change_organisation(
        session, actor(), one, one.version, kind=one.kind, name=one.name, region_code=SHIBI,
        credit_code=None, contact_name="林测试", contact_phone="",
    )  # fmt: skip
    assert actions.reveal(session, actor(), one, "联系单位") == "13900001111"
    event = session.scalars(sa.select(Event).where(Event.tag == "organisations.reveal")).one()
    assert event.subject_id == one.id
    assert "139" not in str(event.changes)


def test_a_bad_phone_is_refused_at_its_own_field(session):
    with pytest.raises(RuleBroken) as refused:
        keep(session, contact_phone="12345")
    assert refused.value.field == "contact_phone"


def test_a_township_sees_its_own_and_the_units_that_send(session):
    inside = keep(session, name="甲村")
    keep(session, actor(Role.CITY_HEAD, CITY), name="乙村", region_code=OTHER_COUNTY)
    sender = keep(session, kind=OrganisationKind.SENDING_UNIT, name="测试大学", region_code=None)
    official = actor(Role.TOWNSHIP_OFFICIAL, SHIBI)
    rows = queries.organisations_page(session, official, queries.Search(), None, 50)
    assert {row.name for row in rows} == {"甲村", "测试大学"}
    assert queries.may_change(official, inside)
    assert not queries.may_change(official, sender)
    assert queries.may_change(actor(), sender)


@pytest.mark.parametrize("words", ["双坑", "shuangk", "SKC", "skc"])
def test_a_village_is_found_by_name_pinyin_or_initials(session, words):
    keep(session, name="双坑村")
    keep(session, name="测试村")
    rows = queries.organisations_page(session, actor(), queries.Search(words=words), None, 50)
    assert [row.name for row in rows] == ["双坑村"]


@pytest.mark.parametrize("words", ["%", "_", "100%"])
def test_signs_of_the_query_language_are_ordinary_letters(session, words):
    keep(session)
    assert queries.organisations_page(session, actor(), queries.Search(words=words), None, 50) == []


def test_pages_follow_one_another_without_gap_or_doubling(session):
    for n in range(7):
        keep(session, name=f"测试{n}村")
    seen, after = [], None
    while True:
        rows = queries.organisations_page(session, actor(), queries.Search(), after, 3)
        seen += [row.name for row in rows[:3]]
        if len(rows) <= 3:
            break
        after = [rows[2].pinyin, rows[2].id]
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize("after", [["x"], ["x", "y"], [1, 2], []])
def test_a_damaged_address_shows_the_first_page(session, after):
    keep(session)
    assert len(queries.organisations_page(session, actor(), queries.Search(), after, 3)) == 1


def test_choices_of_a_township_are_what_can_be_served(session):
    village = keep(session, name="乙村")
    keep(session, kind=OrganisationKind.SENDING_UNIT, name="甲站", region_code=SHIBI)
    assert queries.served_unit_choices(session, SHIBI) == [(str(village.id), "乙村")]
    assert [name for _, name in queries.sending_unit_choices(session)] == ["甲站"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Organisation)) == 2
