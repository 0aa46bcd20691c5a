"""Pages of the vocabulary desk: the dated dictionaries, to be read by everyone who signs in."""

from typing import Any

from flask import Blueprint

from app.features.vocabulary import queries
from app.web.guards import signed_in
from app.web.pages import page
from app.web.session import db

blueprint = Blueprint("vocabulary", __name__)


@blueprint.get("/")
@signed_in
def dictionaries() -> Any:
    return page("vocabulary/dictionaries.html", tables=queries.schemes(db()), kinds=queries.every_result_kind(db()))
