"""The door: guessing is slowed down with words that say when to try again, and nobody ends another's session."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.refusals import RuleBroken
from app.domain.roles import Role
from app.features.accounts import actions, queries
from app.features.accounts.models import Account, SignedInSession
from app.storage.session import reading, writing
from tests.builders import CITY, COUNTY, actor


def guess(client, status, password="wrong"):
    form = client.get("/account/sign-in?next=/demands/").form("/sign-in")
    return client.submit(form, status=status, login="Someone", password=password)


def test_too_many_guesses_answer_429_with_the_time_and_keep_what_was_typed(client):
    for _ in range(queries.MOST_FAILURES_A_NAME):
        assert "用户名或密码不对" in guess(client, 422).text
    page = guess(client, 429, password="secret-of-mine")
    assert page.response.headers["Retry-After"] == "900"
    assert "请约15分钟后（10:15以后）再登录" in page.text
    form = page.form("/sign-in")
    assert form.values["login"] == "Someone" and form.values["next"] == "/demands/"
    assert "secret-of-mine" not in page.html


def test_the_time_to_wait_runs_from_the_failure_that_must_be_forgotten(session, now):
    def wait(login="a", address="1"):
        return queries.may_try_again_at(session, login, address, now)

    minutes = [20, 14, 9, 8, 7]  # the first has left the window
    for before in minutes:
        actions.note_failure(session, "a", "1", now - timedelta(minutes=before))
    assert wait() is None
    actions.note_failure(session, "a", "2", now - timedelta(minutes=1))
    assert wait() == now - timedelta(minutes=14) + queries.WINDOW
    assert wait(login="b") is None
    for _ in range(queries.MOST_FAILURES_AN_ADDRESS):
        actions.note_failure(session, "c", "3", now)
    assert wait(login="b", address="3") == now + queries.WINDOW


@pytest.mark.parametrize("whose", ["own", "another's"])
def test_only_ones_own_session_is_ended(client, whose):
    owner = client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    with reading(client.platform.engine, client.platform.keyring) as session:
        uid = session.scalar(sa.select(SignedInSession.uid).where(SignedInSession.account_id == owner.account_id))
    if whose == "another's":
        client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    token = client.get("/account/sessions").form("/sign-out").values["csrf_token"]
    answer = client.http.post(f"/account/sessions/{uid}/revoke", data={"csrf_token": token})
    assert answer.status_code == (303 if whose == "own" else 404)
    with reading(client.platform.engine, client.platform.keyring) as session:
        row = session.scalar(sa.select(SignedInSession).where(SignedInSession.uid == uid))
        assert (row.revoked_at is not None) == (whose == "own")


def test_a_password_is_set_by_its_link_and_two_that_differ_are_refused_in_words(client):
    client.sign_in(Role.ADMINISTRATOR, region_code=CITY)
    page = client.submit(client.get("/account/all").form("/account/all"), login="zhang.xin", name="张新")
    page = client.submit(page.form("/link"), status=200)
    link = re.search(r"/account/set-up/[\w-]+", page.html)[0]
    client.submit(client.get("/").form("/sign-out"))
    page = client.get(link)
    assert "zhang.xin" in page.text
    page = client.submit(page.form("/set-up/"), status=422, new_password="mima-1234567", repeat="mima-7654321")
    assert "两次填写的密码不一样" in page.text and "zhang.xin" in page.text
    page = client.submit(page.form("/set-up/"), new_password="mima-1234567", repeat="mima-1234567")
    assert page.form("/sign-in").values["login"] == "zhang.xin"
    client.submit(page.form("/sign-in"), password="mima-1234567")
    client.get(link, status=410)


def test_a_password_is_changed_by_who_knows_it_and_other_devices_are_signed_out(client):
    who = client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    with writing(client.platform.engine, client.platform.keyring) as session:
        account = session.get_one(Account, who.account_id)
        actions.set_password(session, who, account, "mima-1234567")
        actions.sign_in(session, account, client.platform.clock(), "another", 14)
    page, new = client.get("/account/sessions"), {"new_password": "mima-7654321", "repeat": "mima-7654321"}
    assert "another" in page.text
    page = client.submit(page.form("/password"), status=422, current="mima-0000000", **new)
    assert "现在的密码不对" in page.text and "another" in page.text
    page = client.submit(page.form("/password"), current="mima-1234567", **new)
    assert "密码已更改" in page.text and "another" not in page.text


def test_a_closed_account_has_no_link_and_gets_none(session, now):
    account = actions.open_account(session, actor(Role.ADMINISTRATOR, CITY), "likai", "离开")
    token = actions.make_set_up_link(session, actor(Role.ADMINISTRATOR, CITY), account, now)
    assert queries.set_up_link(session, token, now) is not None
    actions.close_account(session, actor(Role.ADMINISTRATOR, CITY), account, now)
    assert queries.set_up_link(session, token, now) is None
    with pytest.raises(RuleBroken, match="已停用"):
        actions.make_set_up_link(session, actor(Role.ADMINISTRATOR, CITY), account, now)
