"""The page of townships, and the files that a map loads once and keeps."""

import gzip
import json

from app.domain.roles import Role
from app.features.regions import queries
from app.storage.session import reading
from tests.builders import COUNTY, TOWNSHIP


def version(client) -> str:
    with reading(client.platform.engine, client.platform.keyring) as session:
        return queries.current_boundaries(session)


def test_a_county_sees_its_townships_and_how_far_their_lines_may_be_trusted(client):
    client.sign_in(Role.COUNTY_HEAD, region_code=COUNTY)
    page = client.get("/regions/")
    assert "计入覆盖的有16个乡镇" in page.text
    assert "石壁镇" in page.text
    assert "大田乡" not in page.text
    assert "不是行政区域界线" in page.text


def test_a_township_sees_itself_and_who_has_no_territory_the_city(client):
    client.sign_in(Role.TOWNSHIP_OFFICIAL, region_code=TOWNSHIP)
    assert "计入覆盖的有1个乡镇" in client.get("/regions/").text
    with client.building() as build:
        person = build.person()
        build.session.flush()
    client.sign_in(Role.COMMISSIONER, person_id=person.id)
    page = client.get("/regions/")
    assert "计入覆盖的有141个乡镇" in page.text
    assert "三明高新技术产业开发区" in page.text
    assert "不计入" in page.text


def test_lines_are_served_zipped_as_they_are_stored_and_kept_for_ever(client):
    path = f"/regions/boundaries/{version(client)}/townships.geojson"
    answer = client.http.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    lines = json.loads(gzip.decompress(answer.data))
    assert len(lines["features"]) == 141
    assert {feature["properties"]["kind"] for feature in lines["features"]} == {"voronoi"}
    again = client.http.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_who_cannot_unzip_gets_plain_text(client):
    path = f"/regions/boundaries/{version(client)}/counties.geojson"
    answer = client.http.get(path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.mimetype == "application/geo+json"
    assert len(answer.json["features"]) == 11


def test_another_version_is_not_found(client):
    assert client.http.get("/regions/boundaries/0000/townships.geojson").status_code == 404
