"""The page of dictionaries: what may be chosen, and since when."""

from app.domain.roles import Role


def test_everyone_signed_in_reads_the_dictionaries(client):
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code="350424103")
    page = client.get("/vocabulary/")
    for words in (
        "四大主导产业",
        "特色现代农业",
        "茶叶",
        "县域产业链",
        "宁化县有机硅",
        "培训人次",
        "2023-11-01 起",
        "在用",
    ):
        assert words in page.text


def test_a_stranger_signs_in_first(client):
    assert "登录" in client.get("/vocabulary/").h1[0]
