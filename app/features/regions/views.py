"""Pages of the regions desk: the townships of a territory, and the files a map loads."""

import gzip
from typing import Any

from flask import Blueprint, Response, abort, request

from app.features.regions import queries
from app.web.guards import permitted, public, reach
from app.web.pages import page
from app.web.platform import platform
from app.web.session import db

blueprint = Blueprint("regions", __name__)


@blueprint.get("/")
@permitted("coverage.read", "regions.keep")
def townships() -> Any:
    territory = reach().territory or platform().settings.city_code
    rows = queries.township_table(db(), territory)
    return page(
        "regions/townships.html",
        rows=rows,
        counted=sum(row.counted for row in rows),
        place=queries.place_name(db(), territory),
        confidence={"high": "可靠", "medium": "较可靠", "low": "待核实"},
    )


@blueprint.get("/boundaries/<version>/townships.geojson")
@public("lines of divisions are published facts; the map of a link without an account loads them too")
def township_lines(version: str) -> Any:
    return _lines(version, of_counties=False)


@blueprint.get("/boundaries/<version>/counties.geojson")
@public("lines of divisions are published facts; the map of a link without an account loads them too")
def county_lines(version: str) -> Any:
    return _lines(version, of_counties=True)


def _lines(version: str, *, of_counties: bool) -> Any:
    """The stored bytes as they are: a version never changes, so it may be kept for ever."""
    zipped = queries.boundary_file(db(), version, of_counties=of_counties) or abort(404)
    takes_gzip = "gzip" in request.accept_encodings
    response = Response(zipped if takes_gzip else gzip.decompress(zipped), mimetype="application/geo+json")
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{version}-{'counties' if of_counties else 'townships'}{'-gzip' if takes_gzip else ''}")
    return response.make_conditional(request)
