"""A person's values are taken out for good: nothing of them is left in any table, and every figure stays as it was."""

from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.anonymising import Because, Leaving, hindrances
from app.domain.refusals import RuleBroken
from app.domain.roles import Role
from app.domain.tallies import Question
from app.domain.vocabulary import Kind, Level
from app.features.accounts import actions as accounts
from app.features.accounts.models import Account
from app.features.anonymising import actions, queries
from app.features.commissioners import actions as commissioners
from app.features.people import actions as people
from app.features.people.models import Person
from app.features.tallies import queries as tallies
from app.storage import seals
from app.storage.personal import ANONYMOUS
from app.storage.session import reading
from app.storage.trail import HIDDEN, Event, HiddenWords
from app.tables import Base
from tests.builders import CITY, COUNTY, TOWNSHIP, actor, valid_id_number

NAME, PHONE, NUMBER = "林退休", "13900001234", valid_id_number(77)
BUREAU = actor(Role.CITY_HEAD, CITY)
VALUES = (NAME, PHONE, NUMBER, "lintuixiu", "lin tui xiu", "ltx")


def left(build):
    """Somebody who served until today: an account, an offer, a visit and an agreement-less match that name him."""
    person = build.person(
        NAME, phone=PHONE, id_number=NUMBER, employer_id=build.organisation("退休前的单位").id,
        professional_title="林退休高级农艺师", education="硕士",
    )  # fmt: skip
    record = build.commissioner(person=person, specialities=f"茶（{NAME}）")
    record.introduction = f"{NAME}，种茶四十年"
    build.appointment(record, batch_year=2025)
    held = build.appointment(record)
    build.offer(record, title=f"{NAME}教您修剪茶树", description=f"电话{PHONE}")
    visit = build.passed_visit(held, work_done=f"{NAME}到园里看了三处")
    build.commissioner(
        Kind.TEAM, name=f"{NAME}茶叶团队", leader=build.person("赖接班"), members=[person, build.person()]
    )
    account = accounts.open_account(build.session, build.bureau, "lintuixiu", NAME)
    accounts.give_grant(build.session, build.bureau, account, Role.COMMISSIONER, build.today, person_id=person.id)
    commissioners.withdraw_appointment(build.session, build.bureau, build.today, held, f"{NAME}本人申请退出")
    build.session.flush()
    return person, record, visit


def take_out(build, person, by=BUREAU):
    return actions.anonymise(build.session, by, build.today, build.now, person, Because.ASKED)


def where_it_stands(session) -> set[str]:
    """Every column of every table in which one of the values can be read."""
    session.flush()
    found = set()
    for table in Base.metadata.sorted_tables:
        texts = [c for c in table.columns if isinstance(c.type, sa.String) and not isinstance(c.type, sa.Enum)]
        for column in texts:
            said = sa.or_(*(column.contains(value) for value in VALUES if len(value) > 3 or not value.isascii()))
            if session.scalar(sa.select(sa.func.count()).select_from(table).where(said)):
                found.add(f"{table.name}.{column.name}")
        if table.name in ("people", "commissioners"):
            initials = sa.select(sa.func.count()).select_from(table).where(table.c.initials.startswith("ltx"))
            found |= {f"{table.name}.initials"} if session.scalar(initials) else set()
    return found


def figures(session):
    asked = [Question(2025, 2026, place) for place in (CITY, COUNTY)]
    return [tallies.totals(session, one) for one in asked]


def test_nothing_is_left_in_any_table_and_every_figure_stays(session, build):
    person, record, visit = left(build)
    before, stood = figures(session), where_it_stands(session)
    assert {"people.name", "commissioners.pinyin", "accounts.login", "visits.work_done", "offers.title"} <= stood
    take_out(build, person)
    session.expire_all()
    # What is sealed stays: hidden words, and changes, which no page shows.
    assert where_it_stands(session) == {"events.words", "events.changes"}
    assert figures(session) == before
    assert (person.name, record.name) == (ANONYMOUS, ANONYMOUS)
    assert [person.phone_hash, person.id_number_hash, person.phone_sealed, person.id_number_sealed] == [None] * 4
    assert [person.employer_id, person.professional_title, person.education, record.introduction] == [None] * 4
    assert visit.work_done == f"{ANONYMOUS}到园里看了三处"


def test_the_account_is_closed_for_good(session, build):
    person, _, _ = left(build)
    take_out(build, person)
    (account,) = session.scalars(sa.select(Account).where(Account.closed_at.is_not(None)))
    assert (account.name, account.login, account.password_hash) == (ANONYMOUS, f"gone-{account.id}", None)


def test_the_trail_stays_sealed_and_words_that_name_the_person_are_hidden(session, build):
    person, _, _ = left(build)
    while seals.seal_new(session, everything=True) is not None:
        pass
    take_out(build, person)
    session.flush()
    while seals.seal_new(session, everything=True) is not None:
        pass
    assert seals.verify(session).faults == ()
    naming = set(session.scalars(sa.select(Event.id).where(sa.or_(*(Event.words.contains(v) for v in VALUES)))))
    assert naming and naming == set(session.scalars(sa.select(HiddenWords.event_id)))
    last = session.scalars(sa.select(Event).where(Event.tag == "people.anonymise")).one()
    assert last.words.startswith("本人（或亲属）提出；文字改写")
    assert not any(value in (last.words + (last.changes or "")) for value in VALUES)


def test_a_namesake_keeps_everything(session, build):
    person, _, _ = left(build)
    other = build.person(NAME, phone="13900009999", id_number=valid_id_number(78))
    build.appointment(build.commissioner(person=other))
    take_out(build, person)
    assert (other.name, other.pinyin) == (NAME, "lin tui xiu")
    assert other.id_number_sealed is not None


def test_who_comes_again_is_somebody_new_and_the_old_record_is_not_filled(session, build, today):
    person, record, _ = left(build)
    take_out(build, person)
    again = build.person(NAME, phone=PHONE, id_number=NUMBER)
    assert again.id != person.id
    with pytest.raises(RuleBroken, match="作为新的人登记"):
        build.appointment(record, level=Level.CITY)
    with pytest.raises(RuleBroken, match="作为新的人登记"):
        people.change_person(session, BUREAU, person, name=NAME, phone=None, professional_title=None, education=None)
    with pytest.raises(RuleBroken, match="不需要再办"):
        take_out(build, person)


def test_who_serves_or_is_waited_for_stays(session, build):
    mine = build.appointment()
    build.visit(mine)
    person = mine.commissioner.person
    with pytest.raises(RuleBroken, match=r"还在任，任期到 2026-12-31.*1 条服务记录等着审核"):
        take_out(build, person)
    assert person.name != ANONYMOUS
    member = build.person("在队里")
    build.appointment(build.commissioner(Kind.TEAM, members=[member, build.person()]))
    with pytest.raises(RuleBroken, match="还在任"):
        take_out(build, member)


@pytest.mark.parametrize(
    ("hanging", "said"),
    [
        ({"open_matches": 2}, "2 件对接没有办完"),
        ({"running_agreements": 1}, "1 份三方协议没有到期"),
        ({"other_roles": ("派出单位联络员",)}, "先由系统管理员收回"),
        ({"elsewhere": ("泰宁县",)}, "在泰宁县也有记录，请由市科技局办理"),
        ({"serves_until": date(2027, 1, 1)}, "任期到 2027-01-01"),
    ],
)
def test_each_hindrance_says_what_to_do(hanging, said):
    (words,) = hindrances(Leaving("林某", **hanging))
    assert said in words
    assert hindrances(Leaving("林某")) == []


def test_a_county_takes_out_its_own_and_what_lies_elsewhere_is_the_citys(session, build):
    person, _, _ = left(build)
    county, other = actor(Role.COUNTY_HEAD, COUNTY), actor(Role.COUNTY_HEAD, "350429")
    assert queries.person_to_anonymise(session, other, person.uid) is None
    assert queries.person_to_anonymise(session, county, person.uid) is person
    build.commissioner(Kind.TEAM, county_code="350429", leader=person)
    with pytest.raises(RuleBroken, match="在泰宁县也有记录"):
        take_out(build, person, county)
    take_out(build, person)


class TestPages:
    """From the record to the confirmation and back; then nothing can be found."""

    @pytest.fixture
    def county(self, client):
        client.sign_in(Role.COUNTY_HEAD)
        with client.building() as build:
            person, record, visit = left(build)
            client.person, client.record, client.visit = person.uid, record.uid, visit.uid
        return client

    def test_it_is_confirmed_with_a_reason_and_nothing_shows_the_person_afterwards(self, county):
        page = county.get(f"/commissioners/{county.record}")
        assert f"/anonymising/{county.person}" in page.links
        page = county.get(f"/anonymising/{county.person}")
        assert "停用 1 个" in page.text and "服务记录 1 条" in page.text and "不再显示" in page.text
        refused = county.submit(page.form("/anonymising/"), status=422, because="asked")
        assert "请先核对，再勾选这一项" in refused.text
        assert NAME in county.get(f"/commissioners/{county.record}").text
        page = county.submit(page.form("/anonymising/"), because="asked", sure="y")
        assert "已匿名化" in page.text and "已匿名" in page.text
        assert "登记选认" not in page.text and "职称" not in page.text
        assert "个人信息已于 2026-06-01 永久去掉" in page.text
        for path in (
            f"/commissioners/{county.record}", "/commissioners/", f"/commissioners/?q={NAME}", "/commissioners/?q=ltx",
            "/commissioners/?q=lintuixiu", f"/visits/{county.visit}", "/visits/", "/menus/",
            "/tallies/?from=2025&to=2026", f"/coverage/townships/{TOWNSHIP}?from=2025&to=2026",
            f"/anonymising/{county.person}",
        ):  # fmt: skip
            html = county.get(path).html.replace(f'value="{NAME}"', "").replace(f"q={NAME}", "")
            html = html.split("<main", 1)[1] if "q=" in path else html
            shown = [value for value in (NAME, PHONE, NUMBER) if value in html]
            assert shown == ([NAME] if f"查找：{NAME}" in html else []), path
        assert "没有" in county.get("/commissioners/?q=ltx").text

    def test_the_auditor_reads_that_it_was_done_and_not_who_it_was(self, county):
        page = county.get(f"/anonymising/{county.person}")
        county.submit(page.form("/anonymising/"), because="kept_long_enough", sure="y")
        county.sign_in(Role.AUDITOR)
        page = county.get("/trail")
        assert "匿名化" in page.text and "保存期限已过" in page.text and HIDDEN in page.text
        assert not any(value in page.html for value in (NAME, PHONE, NUMBER, "lintuixiu"))
        assert NAME not in county.get("/").html

    def test_it_is_not_there_for_others(self, county):
        for role, status in ((Role.COUNTY_TRIAGE, 403), (Role.ADMINISTRATOR, 403), (Role.AUDITOR, 403)):
            county.sign_in(role)
            county.get(f"/anonymising/{county.person}", status=status)
        county.sign_in(Role.COUNTY_HEAD)
        form = county.get(f"/anonymising/{county.person}").form("/anonymising/")
        county.sign_in(Role.COUNTY_HEAD, region_code="350429")
        county.get(f"/anonymising/{county.person}", status=404)
        county.submit(form, status=404, because="asked", sure="y")
        with reading(county.platform.engine, county.platform.keyring) as session:
            assert session.scalar(sa.select(Person.name).where(Person.uid == county.person)) == NAME

    def test_who_still_serves_is_told_what_to_do_first(self, county):
        with county.building() as build:
            serving = build.appointment().commissioner
            uid, record = serving.person.uid, serving.uid
        assert f"/anonymising/{uid}" not in county.get(f"/commissioners/{record}").links
        page = county.get(f"/anonymising/{uid}")
        assert "现在还不能匿名化" in page.text and "先撤销选认" in page.text
        assert "永久匿名化" not in page.text
