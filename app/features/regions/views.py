"""Pages of the regions desk: the townships of a territory, which statistical units count, and the files a map loads."""

import gzip
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, request

from app.features.regions import actions, queries
from app.features.regions.forms import UnitsForm
from app.web.guards import actor, permitted, public, reach
from app.web.pages import done, page
from app.web.platform import platform, today
from app.web.session import commits, db

blueprint = Blueprint("regions", __name__)


@blueprint.get("/")
@permitted("coverage.read", "regions.keep")
def townships() -> Any:
    territory = reach().territory or platform().settings.city_code
    rows = queries.township_table(db(), territory)
    return page(
        "regions/townships.html",
        counties=[(county, list(places)) for county, places in groupby(rows, key=lambda row: row.county)],
        denominator=queries.denominator(db(), territory, today()),
        place=queries.place_name(db(), territory),
        confidence={"high": "可靠", "medium": "较可靠", "low": "待核实"},
    )


def _units_page(form: UnitsForm) -> Any:
    known = queries.units(db(), today())
    form.codes.choices = [(row.code, f"{county}　{row.name}") for row, county, _, _ in known]
    decided = queries.unit_decisions(db())
    return page(
        "regions/units.html",
        form=form,
        units=known,
        decided=decided,
        names=queries.names(db(), {row.region_code for row in decided}),
        denominator=queries.denominator(db(), platform().settings.city_code, today()),
    )


@blueprint.get("/units")
@permitted("regions.decide")
def units() -> Any:
    """The statistical units, whether they count, and the form that changes it."""
    return _units_page(UnitsForm(data={"holds_from": today()}))


@blueprint.post("/units")
@permitted("regions.decide")
@commits
def count_units() -> Any:
    form = UnitsForm()
    form.codes.choices = [(code, code) for code in queries.units_counted(db(), today())]

    def count() -> None:
        actions.count_units(
            db(),
            actor(),
            today(),
            codes=form.codes.data or [],
            counted=form.counted.data == "yes",
            holds_from=form.holds_from.data,
            because=form.because.data,
        )

    if form.accepts(count):
        return done("统计用区划已更改，覆盖地图和按乡镇的统计都按新的分母计算。", "regions.units")
    return _units_page(form)


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
