"""The county's word: who reviews what, passing one or several, what stands out, what comes next."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.domain.refusals import AlreadyDone, MoveRefused, RuleBroken
from app.domain.roles import Actor, Reach, Role, ScopeKind
from app.domain.tallies import Question
from app.domain.visits import Concern, ConfirmationAnswer, VisitState
from app.domain.vocabulary import ConfirmationChannel
from app.features.accounts.models import Account, Grant
from app.features.tallies import queries as tallies
from app.features.visits import actions, queries, reviews
from tests.builders import CITY, COUNTY, actor

REVIEWER = actor(Role.COUNTY_REVIEWER, COUNTY)
ELSEWHERE = "350430201"  # 建宁县伊家乡


def review(build, visit, verb="pass", words=None, by=REVIEWER, **more):
    return actions.review(build.session, by, build.today, visit, verb, words, **more)


def counted(build):
    question = Question(build.today.year, build.today.year, CITY)
    return tallies.tally(build.session, question, build.today).as_json()["visits"]


def test_only_a_passed_visit_counts(build):
    visit = build.visit()
    assert counted(build) == 0
    review(build, visit)
    assert (visit.state, visit.passed_on, counted(build)) == (VisitState.PASSED, build.today, 1)
    review(build, visit, "return", "抽查发现日期不符")
    assert (visit.state, visit.passed_on, counted(build)) == (VisitState.RETURNED, None, 0)
    assert visit.review_words == "抽查发现日期不符"


def test_returning_needs_words_for_the_commissioner(build):
    visit = build.visit()
    with pytest.raises(MoveRefused, match="原因"):
        review(build, visit, "return", " ")
    assert visit.state == VisitState.SUBMITTED


@pytest.mark.parametrize("verb", ["pass", "return"])
def test_a_draft_or_withdrawn_visit_is_not_decided_on(build, verb):
    draft = build.visit(submit=False)
    with pytest.raises(MoveRefused):
        review(build, draft, verb, "原因")


@pytest.mark.parametrize(
    "other",
    [
        actor(Role.COUNTY_REVIEWER, "350430"),
        actor(Role.COUNTY_TRIAGE, COUNTY),
        actor(Role.TOWNSHIP_OFFICIAL, "350424103"),
        actor(Role.COMMISSIONER, person_id=1),
    ],
)
def test_nobody_but_the_county_of_service_decides(build, other):
    visit = build.visit()
    with pytest.raises(RuleBroken, match="服务所在地"):
        review(build, visit, by=other)
    assert not reviews.may_review(build.session, other, visit)


def test_the_city_may_decide_in_every_county(build):
    assert review(build, build.visit(), by=actor(Role.CITY_REVIEWER, CITY)).state == VisitState.PASSED


def account_of(build, person_id):
    """A county reviewer who is a commissioner too, in two grants of one account."""
    account = Account(login=f"both-{person_id}", name="两岗")
    build.session.add(account)
    build.session.flush()
    build.session.add(
        Grant(
            account_id=account.id,
            role=Role.COMMISSIONER,
            scope=ScopeKind.ONESELF,
            person_id=person_id,
            begins=date(2026, 1, 1),
        )
    )
    build.session.flush()
    return Actor(account.id, account.name, Role.COUNTY_REVIEWER, reach=Reach(territory=COUNTY))


def test_a_reviewer_who_took_part_leaves_it_to_another(build):
    appointment = build.appointment()
    own, other = build.visit(appointment), build.visit()
    me = account_of(build, appointment.commissioner.person_id)
    with pytest.raises(RuleBroken, match="另一位审核员"):
        review(build, own, by=me)
    assert [waiting.row.uid for waiting in reviews.queue(build.session, me, None, 10)] == [other.uid]
    assert review(build, other, by=me).state == VisitState.PASSED


def test_a_reviewer_who_wrote_it_leaves_it_to_another(build):
    appointment = build.appointment()
    me = account_of(build, build.person().id)
    visit = build.visit(appointment)
    visit.writer_id = me.account_id
    build.session.flush()
    with pytest.raises(RuleBroken, match="另一位审核员"):
        review(build, visit, by=me)


def test_a_visit_that_changed_since_the_page_was_opened_is_looked_at_again(build):
    visit = build.visit()
    with pytest.raises(AlreadyDone, match="改过"):
        review(build, visit, version=visit.version + 1)
    review(build, visit, version=visit.version)


def test_those_waiting_longest_come_first_and_only_from_the_own_county(build):
    made = []
    for hours in (3, 1, 2):
        build.now = build.now.replace(hour=hours)
        made.append(build.visit())
    build.visit(region_code=ELSEWHERE)
    shown = [waiting.row.uid for waiting in reviews.queue(build.session, REVIEWER, None, 10)]
    assert shown == [made[1].uid, made[2].uid, made[0].uid]
    page = reviews.queue(build.session, REVIEWER, None, 1)
    after = queries.sort_values(page[0].row, "waiting")
    rest = reviews.queue(build.session, REVIEWER, [str(after[0]), after[1]], 10)
    assert [waiting.row.uid for waiting in rest] == shown[1:]


def test_after_a_decision_comes_the_next_of_the_queue_then_its_first_then_nothing(build):
    made = []
    for hours in (1, 2, 3):
        build.now = build.now.replace(hour=hours)
        made.append(build.visit())
    review(build, made[1])
    assert reviews.next_to_review(build.session, REVIEWER, made[1]) == made[2].uid
    review(build, made[2])
    assert reviews.next_to_review(build.session, REVIEWER, made[2]) == made[0].uid
    review(build, made[0])
    assert reviews.next_to_review(build.session, REVIEWER, made[0]) is None


def test_several_are_passed_together_and_one_that_cannot_be_keeps_none_of_the_others(build):
    first, second, moved, foreign = build.visit(), build.visit(), build.visit(), build.visit(region_code=ELSEWHERE)
    opened = moved.version
    review(build, moved, "return", "请补充")
    chosen = [(first.uid, 1), (moved.uid, opened), (foreign.uid, 1), (second.uid, 1), (first.uid, 1), (uuid4(), 1)]
    passed, refused = actions.pass_together(build.session, REVIEWER, build.today, chosen)
    assert passed == 2
    assert len(refused) == 3
    assert "改过" in refused[0]
    assert [v.state for v in (first, second, moved, foreign)] == ["passed", "passed", "returned", "submitted"]


def test_passing_nothing_or_everything_at_once_is_refused(build):
    with pytest.raises(RuleBroken, match="勾选"):
        actions.pass_together(build.session, REVIEWER, build.today, [])
    with pytest.raises(RuleBroken, match="最多"):
        actions.pass_together(build.session, REVIEWER, build.today, [(uuid4(), 1) for _ in range(101)])


def concerns_of(build, visit):
    found = {waiting.row.uid: waiting for waiting in reviews.queue(build.session, REVIEWER, None, 20)}
    return found[visit.uid]


def test_an_unconfirmed_visit_stands_out_in_nothing(build):
    waiting = concerns_of(build, build.visit())
    assert waiting.plain
    assert waiting.answer is None


@pytest.mark.parametrize(
    ("answer", "plain"), [(ConfirmationAnswer.CONFIRMED, True), (ConfirmationAnswer.DISPUTED, False)]
)
def test_a_disputed_visit_is_read_by_itself(build, answer, plain):
    visit = build.visit()
    unit = visit.served[0].organisation_id
    token = actions.ask_confirmation(build.session, build.bureau, build.now, visit, unit, ConfirmationChannel.LINK)
    actions.answer_confirmation(build.session, build.now, build.today, token, answer, "说明")
    waiting = concerns_of(build, visit)
    assert (waiting.answer, waiting.plain) == (answer, plain)


def test_a_day_given_twice_stands_out_on_both_visits(build):
    appointment = build.appointment()
    person = appointment.commissioner.person_id
    day = build.today - timedelta(days=5)
    whole = build.visit(appointment, service_date=day)
    half = build.visit(appointment, service_date=day, participants=[(person, 1)], work_done="另一处")
    assert concerns_of(build, whole).concerns == [Concern.SAME_TIME]
    assert concerns_of(build, half).concerns == [Concern.SAME_TIME]
    assert reviews.same_time_as(build.session, whole) == [half.id]


def test_two_half_days_on_one_day_stand_out_in_nothing(build):
    appointment = build.appointment()
    person = appointment.commissioner.person_id
    one = build.visit(appointment, participants=[(person, 1)])
    build.visit(appointment, participants=[(person, 1)], work_done="下午在另一个村")
    assert concerns_of(build, one).plain


def test_what_was_withdrawn_takes_no_time(build):
    appointment = build.appointment()
    gone, kept = build.visit(appointment), build.visit(appointment, work_done="改记在这里")
    actions.withdraw(
        build.session, actor(Role.COMMISSIONER, person_id=appointment.commissioner.person_id), gone, "填重了"
    )
    assert concerns_of(build, kept).plain


def test_a_visit_told_late_stands_out(build):
    late = build.visit(service_date=build.today - timedelta(days=31))
    assert concerns_of(build, late).concerns == [Concern.LATE]


def test_visits_of_own_people_in_other_counties_are_shown_and_reviewed_there(build):
    appointment = build.appointment()
    visit = build.visit(appointment, region_code=ELSEWHERE)
    assert [row.uid for row in reviews.reviewed_elsewhere(build.session, REVIEWER)] == [visit.uid]
    assert reviews.queue(build.session, REVIEWER, None, 10) == []
    there = actor(Role.COUNTY_REVIEWER, ELSEWHERE[:6])
    assert reviews.reviewed_elsewhere(build.session, there) == []
    assert review(build, visit, by=there).state == VisitState.PASSED
