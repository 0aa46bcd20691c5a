"""The served side's word: by link, QR code, sealed sheet or call-back; what un-confirms; what a link still does."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.refusals import AlreadyDone, RuleBroken
from app.domain.roles import Role
from app.domain.visits import ConfirmationAnswer, VisitState
from app.domain.vocabulary import ConfirmationChannel
from app.features.visits import actions, confirmations
from app.features.visits.confirmations import LinkState
from app.storage.files import StoredFile
from app.storage.trail import Event
from tests.builders import COUNTY, actor

YES, NO = ConfirmationAnswer.CONFIRMED, ConfirmationAnswer.DISPUTED
LINK, QR = ConfirmationChannel.LINK, ConfirmationChannel.QR_ON_SITE


@pytest.fixture
def visit(build):
    return build.visit()


def unit_of(visit, place=0):
    return visit.served[place].organisation_id


def ask(build, visit, channel=LINK, unit=None):
    return actions.ask_confirmation(build.session, build.bureau, build.now, visit, unit or unit_of(visit), channel)


def answer(build, token, answer=YES, words=None, at=None, **more):
    return actions.answer_confirmation(build.session, at or build.now, build.today, token, answer, words, **more)


def reopen(build, visit, **changes):
    """The visit returned, changed and handed in again."""
    reviewer = actor(Role.COUNTY_REVIEWER, COUNTY)
    actions.review(build.session, reviewer, build.today, visit, "return", "请补充")
    said = {
        "region_code": visit.region_code,
        "service_date": visit.service_date,
        "days": visit.days,
        "industry_id": visit.industry_id,
        "mode": visit.mode,
        "work_done": visit.work_done,
        "served": [unit.organisation_id for unit in visit.served],
        "participants": [(p.person_id, p.half_days) for p in visit.participants],
    }
    writer = actor(Role.COMMISSIONER, person_id=visit.participants[0].person_id)
    actions.amend(build.session, writer, build.today, build.now, visit, visit.version, True, **{**said, **changes})


def test_one_tap_confirms_and_the_word_is_kept_with_its_channel(build, visit):
    word = answer(build, ask(build, visit, QR), name=" 李主任 ", satisfaction=5)
    assert (word.answer, word.channel, word.answered_by, word.satisfaction) == (YES, QR, "李主任", 5)
    assert visit.confirmed_on == build.today
    assert visit.state == VisitState.SUBMITTED


def test_a_token_is_never_kept_as_it_is(build, visit):
    token = ask(build, visit)
    assert token not in visit.confirmations[0].token_hash
    assert confirmations.by_token(build.session, token) is not None
    assert confirmations.by_token(build.session, visit.confirmations[0].token_hash) is None


@pytest.mark.parametrize("token", ["", "x", "nonsense' OR 1=1"])
def test_an_unknown_link_is_refused(build, token):
    with pytest.raises(RuleBroken, match="不存在"):
        answer(build, token)


def test_a_link_is_good_for_sixty_days(build, visit):
    token = ask(build, visit)
    asked = confirmations.by_token(build.session, token)
    late = build.now + timedelta(days=60)
    assert confirmations.link_state(asked, visit, late - timedelta(seconds=1)) == LinkState.OPEN
    assert confirmations.link_state(asked, visit, late) == LinkState.EXPIRED
    with pytest.raises(RuleBroken, match="过期"):
        answer(build, token, at=late)
    assert visit.confirmed_on is None


def test_the_same_answer_again_changes_nothing_and_another_is_refused(build, visit):
    token = ask(build, visit)
    answer(build, token, satisfaction=4)
    again = answer(build, token, at=build.now + timedelta(hours=1), satisfaction=1)
    assert (again.satisfaction, again.answered_at) == (4, build.now)
    with pytest.raises(AlreadyDone, match="第一次的答复为准"):
        answer(build, token, NO, "反悔了")
    assert visit.confirmed_on == build.today


def test_a_dispute_needs_words(build, visit):
    token = ask(build, visit)
    with pytest.raises(RuleBroken) as refused:
        answer(build, token, NO, "  ")
    assert refused.value.field == "words"
    word = answer(build, token, NO, "那天来的只有一个人")
    assert word.words == "那天来的只有一个人"
    assert confirmations.is_disputed(visit)


def test_a_second_units_dispute_unconfirms(build):
    visit = build.visit(served=[build.organisation().id, build.organisation().id])
    answer(build, ask(build, visit, unit=unit_of(visit, 0)))
    assert visit.confirmed_on == build.today
    answer(build, ask(build, visit, unit=unit_of(visit, 1)), NO, "没有到我们社")
    assert visit.confirmed_on is None


def test_after_a_dispute_was_cleared_up_the_unit_may_be_asked_again(build, visit):
    answer(build, ask(build, visit), NO, "记成别的村了吧")
    assert visit.confirmed_on is None
    answer(build, ask(build, visit))
    assert visit.confirmed_on == build.today


def test_a_unit_that_confirmed_is_not_asked_again_for_the_same_text(build, visit):
    answer(build, ask(build, visit))
    with pytest.raises(AlreadyDone, match="已经确认"):
        ask(build, visit)


def test_asking_again_ends_the_link_sent_before(build, visit):
    old = ask(build, visit)
    new = ask(build, visit)
    with pytest.raises(RuleBroken, match="过期"):
        answer(build, old)
    answer(build, new)


def test_a_changed_visit_must_be_confirmed_anew_and_old_links_say_so(build, visit):
    token = ask(build, visit)
    reopen(build, visit, work_done="改成了培训")
    asked = confirmations.by_token(build.session, token)
    assert confirmations.link_state(asked, visit, build.now) == LinkState.CHANGED
    with pytest.raises(RuleBroken, match="改过"):
        answer(build, token)
    answer(build, ask(build, visit))
    assert visit.confirmed_on == build.today


def test_a_change_takes_the_confirmation_away(build, visit):
    answer(build, ask(build, visit))
    reopen(build, visit, work_done="改成了培训")
    assert visit.confirmed_on is None
    assert confirmations.words_on(visit) == {}


def test_sending_on_without_a_change_keeps_the_word(build, visit):
    answer(build, ask(build, visit))
    reopen(build, visit)
    assert visit.confirmed_on == build.today


def test_a_withdrawn_visit_is_not_confirmed_any_more(build, visit):
    token = ask(build, visit)
    writer = actor(Role.COMMISSIONER, person_id=visit.participants[0].person_id)
    actions.withdraw(build.session, writer, visit, "填重了")
    with pytest.raises(RuleBroken, match="改过"):
        answer(build, token)
    with pytest.raises(RuleBroken, match="先提交"):
        ask(build, visit)


def test_a_draft_is_not_confirmed_and_a_stranger_not_asked(build):
    draft = build.visit(submit=False)
    with pytest.raises(RuleBroken, match="先提交"):
        ask(build, draft)
    other = build.visit()
    with pytest.raises(RuleBroken, match="不是这次服务的对象"):
        ask(build, other, unit=build.organisation().id)


def scan(session):
    file = StoredFile(sha256="ab" * 32, media_type="application/pdf", size=9)
    session.add(file)
    session.flush()
    return file


def test_a_sealed_sheet_is_a_word_with_its_own_channel_and_ends_open_links(session, build, visit):
    token = ask(build, visit)
    sheet = scan(session)
    word = actions.keep_sheet(session, build.bureau, build.now, build.today, visit, unit_of(visit), sheet)
    assert (word.channel, word.answer, word.scan_id) == (ConfirmationChannel.SEALED_SHEET, YES, sheet.id)
    assert visit.confirmed_on == build.today
    with pytest.raises(RuleBroken, match="过期"):
        answer(build, token, at=build.now + timedelta(seconds=1))


def test_the_county_calls_back_and_the_latest_word_of_a_unit_holds(session, build, visit):
    answer(build, ask(build, visit))
    reviewer = actor(Role.COUNTY_REVIEWER, COUNTY)
    later = build.now + timedelta(days=1)
    with pytest.raises(RuleBroken) as refused:
        actions.call_back(session, reviewer, later, build.today, visit, unit_of(visit), NO)
    assert refused.value.field == "words"
    actions.call_back(session, reviewer, later, build.today, visit, unit_of(visit), NO, "电话里说没有来")
    assert visit.confirmed_on is None
    word = confirmations.words_on(visit)[unit_of(visit)]
    assert (word.channel, word.words) == (ConfirmationChannel.CALL_BACK, "电话里说没有来")


@pytest.mark.parametrize(
    "caller",
    [actor(Role.COUNTY_REVIEWER, "350430"), actor(Role.COMMISSIONER, person_id=1), actor(Role.COUNTY_TRIAGE, COUNTY)],
)
def test_only_who_reviews_the_visit_registers_a_call_back(session, build, visit, caller):
    with pytest.raises(RuleBroken, match="审核员登记"):
        actions.call_back(session, caller, build.now, build.today, visit, unit_of(visit), YES)


def test_every_word_leaves_a_trail_with_its_channel_and_without_what_was_written(session, build, visit):
    answer(build, ask(build, visit, QR), NO, "请找王大姐", name="王大姐")
    wanted = sa.select(Event).where(Event.subject_table == "confirmations").order_by(Event.id)
    events = session.scalars(wanted).all()
    assert [(e.tag, e.words, e.actor_name) for e in events] == [
        ("visits.ask_confirmation", "现场扫码", Role.CITY_HEAD.label),
        ("visits.disputed", "现场扫码", "受援单位"),
    ]
    assert "王大姐" not in "".join(e.changes or "" for e in events).encode().decode("unicode_escape")
