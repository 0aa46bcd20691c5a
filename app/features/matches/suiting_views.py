"""The page of open demands that suit a commissioner, with 申请 for each."""

from typing import Any

from app.features.matches import suiting as suits
from app.features.matches.pages import blueprint
from app.features.menus import queries as menus
from app.features.regions import queries as regions
from app.features.vocabulary import queries as vocabulary
from app.web.guards import actor, permitted
from app.web.pages import page
from app.web.platform import platform, today
from app.web.session import db


@blueprint.get("/suiting")
@permitted("matches.answer")
def suiting() -> Any:
    mine = menus.kept_commissioners(db(), actor())
    found = suits.suiting(db(), mine, today(), platform().settings.data_dir / "matching")
    places = regions.place_names(db(), [one.demand.region_code for one in found.found])
    return page(
        "matches/suiting.html",
        found=found,
        mine=mine,
        places=places,
        industries=vocabulary.industries_by_id(db()),
    )
