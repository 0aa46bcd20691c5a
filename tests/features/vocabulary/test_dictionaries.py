"""Industries and kinds of result are dated dictionaries: what is on offer depends on the day."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.roles import system_actor
from app.features.vocabulary import actions, queries
from app.features.vocabulary.models import Industry, IndustryScheme, ResultKind


def test_four_leading_industries_are_what_cover_is_asked_for(session, today):
    rows = queries.leading_industries(session, today)
    assert [row.title for row in rows] == ["钢铁与装备制造", "新材料", "文旅康养", "特色现代农业"]
    assert [row.code for row in rows] == ["steel_equipment", "new_materials", "culture_tourism_health", "agriculture"]


def test_a_form_may_also_choose_other(session, today):
    assert [title for _, title in queries.industry_choices(session, today)][-1] == "其他"


def test_a_scheme_is_not_used_before_its_first_day_or_after_its_last(session):
    assert queries.leading_industries(session, date(2016, 12, 31)) == []
    assert queries.chain_cells(session, date(2023, 10, 31)) == []
    assert len(queries.chain_cells(session, date(2023, 11, 1))) == 22
    scheme = session.scalars(sa.select(IndustryScheme).where(IndustryScheme.code == "leading_four")).one()
    scheme.valid_to = date(2027, 12, 31)
    session.flush()
    assert len(queries.leading_industries(session, date(2027, 12, 31))) == 4
    assert queries.leading_industries(session, date(2028, 1, 1)) == []


def test_the_county_chains_are_22_cells_of_eight_industries_in_eleven_counties(session, today):
    cells = queries.chain_cells(session, today)
    assert len({cell.parent_id for cell in cells}) == 8
    assert len({cell.county_code for cell in cells}) == 11
    of_ninghua = {cell.title for cell in cells if cell.county_code == "350424"}
    assert of_ninghua == {"宁化县安全应急", "宁化县有机硅"}


def test_every_scheme_has_its_catch_all(session):
    others = session.scalars(sa.select(Industry).where(Industry.is_other)).all()
    assert {row.title for row in others} == {"其他"}
    assert len(others) == session.scalar(sa.select(sa.func.count()).select_from(IndustryScheme))


def test_parts_belong_to_their_industry(session, today):
    agriculture = queries.industry_by_code(session, "agriculture")
    tea = queries.industry_by_code(session, "agriculture.tea")
    assert tea.parent_id == agriculture.id
    assert {agriculture.id, tea.id} <= set(queries.with_parts(session, agriculture.id))
    groups = queries.sub_industry_choices(session, today)
    assert "水稻制种" in [title for _, title in groups["特色现代农业"]]
    assert "其他" not in groups


def test_the_same_code_means_another_industry_in_another_scheme(session):
    one = queries.industry_by_code(session, "steel_equipment")
    other = queries.industry_by_code(session, "steel_equipment", queries.CHAINS)
    assert one.id != other.id
    assert queries.industries_by_id(session)[other.id] is other


def test_results_are_integers_of_their_smallest_unit(session, today):
    kinds = {kind.code: kind for kind in queries.result_kinds(session, today)}
    assert kinds["people_trained"].title == "培训人次"
    assert (kinds["income_gained"].unit, kinds["income_gained"].smallest_unit) == ("元", "分")
    assert kinds["income_gained"].per_unit == 100
    assert [kind.place for kind in kinds.values()] == sorted(kind.place for kind in kinds.values())


def test_a_kind_of_result_that_ended_is_not_claimed_any_more_but_still_named(session, today):
    kind = session.scalars(sa.select(ResultKind).where(ResultKind.code == "jobs_created")).one()
    kind.valid_to = date(2025, 12, 31)
    session.flush()
    assert "jobs_created" in {k.code for k in queries.result_kinds(session, date(2025, 12, 31))}
    assert "jobs_created" not in {k.code for k in queries.result_kinds(session, today)}
    assert "jobs_created" in {k.code for k in queries.every_result_kind(session)}


def test_loading_again_adds_nothing_and_keeps_what_the_bureau_changed(session):
    tea = queries.industry_by_code(session, "agriculture.tea")
    tea.title = "茶叶和茶科技"
    session.flush()
    assert actions.load_reference(session, system_actor("tests")) == 0
    assert queries.industry_by_code(session, "agriculture.tea").title == "茶叶和茶科技"


def test_what_is_missing_is_added(session):
    session.execute(sa.delete(Industry).where(Industry.code == "agriculture.tea"))
    session.execute(sa.delete(ResultKind).where(ResultKind.code == "jobs_created"))
    session.expire_all()
    assert actions.load_reference(session, system_actor("tests")) == 2
    assert queries.industry_by_code(session, "agriculture.tea").title == "茶叶"


@pytest.mark.parametrize("scheme", ["leading_four", "county_chains"])
def test_codes_are_stable_names_within_a_scheme(session, scheme):
    rows = session.scalars(
        sa.select(Industry.code)
        .join(IndustryScheme, IndustryScheme.id == Industry.scheme_id)
        .where(IndustryScheme.code == scheme)
    ).all()
    assert len(rows) == len(set(rows)) > 20


def test_the_page_of_dictionaries_shows_both_levels(session):
    first, second = queries.schemes(session)
    assert (first.scheme.title, second.scheme.title) == ("四大主导产业", "县域产业链")
    assert [row.title for row in first.rows][-1] == "其他"
    assert "茶叶" in next([part.title for part in row.parts] for row in first.rows if row.code == "agriculture")
