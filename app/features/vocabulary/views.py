"""Pages of the vocabulary desk: the dated dictionaries, to be read by everyone who signs in."""

from typing import Any

from app.features.vocabulary import concept_views, dictionary_views, queries, weight_views
from app.features.vocabulary.pages import blueprint
from app.web.guards import signed_in
from app.web.pages import page
from app.web.session import db

__all__ = ["blueprint", "concept_views", "dictionary_views", "weight_views"]


@blueprint.get("/")
@signed_in
def dictionaries() -> Any:
    return page("vocabulary/dictionaries.html", tables=queries.schemes(db()), kinds=queries.every_result_kind(db()))
