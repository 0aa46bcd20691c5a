"""The worker seals what has been committed, and checks the chain when the auditor asks."""

import sqlalchemy as sa

from app.domain.roles import Role
from app.jobs import sealing
from app.jobs.worker import work_once
from app.storage.session import writing
from app.storage.trail import Event
from tests.builders import CITY


def sealed(client) -> None:
    with client.building() as build:
        build.open_demand()
    while sealing.seal(client.platform):
        pass


def test_the_trail_is_sealed_checked_at_the_auditors_word_and_found_whole(client):
    client.sign_in(Role.AUDITOR, region_code=CITY)
    assert "留痕还没有封存" in client.get("/trail").text
    sealed(client)
    page = client.get("/trail")
    assert "封签还没有核对过" in page.text
    page = client.submit(page.form("/trail/check"))
    assert "正在核对" in page.text
    assert "核对正在进行" in client.submit(page.form("/trail/check")).text, "asked twice, checked once"
    assert work_once(client.platform) and not work_once(client.platform)
    assert "全部相符" in client.get("/trail").text


def test_what_somebody_changed_behind_the_platforms_back_is_told_to_the_auditor(client):
    client.sign_in(Role.AUDITOR, region_code=CITY)
    sealed(client)
    with writing(client.platform.engine, client.platform.keyring) as session:
        session.execute(sa.update(Event).where(Event.tag == "demands.triage").values(words="改过"))
    client.submit(client.get("/trail").form("/trail/check"))
    work_once(client.platform)
    assert "与封签不符" in client.get("/trail").text
    assert "留痕与封签不符" in client.get("/").text


def test_a_chain_cut_short_behind_the_platforms_back_is_told_by_the_end_noted_in_the_data_directory(client):
    sealed(client)
    end = sealing.noted_end(client.platform.settings.data_dir)
    with writing(client.platform.engine, client.platform.keyring) as session:
        session.execute(sa.text("DELETE FROM event_seals WHERE sequence = :n"), {"n": end.sequence})
    client.sign_in(Role.AUDITOR, region_code=CITY)
    client.submit(client.get("/trail").form("/trail/check"))
    work_once(client.platform)
    assert f"曾经封存到第 {end.sequence} 条" in client.get("/trail").text
