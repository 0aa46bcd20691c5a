"""What the routes of this desk share: its one blueprint, and a demand as this person may know it.

The routes stand in views.py, escalation_views.py and suiting_views.py.
"""

from uuid import UUID

from flask import Blueprint, abort

from app.features.demands.models import Demand
from app.features.matches import queries
from app.web.guards import actor
from app.web.session import db

blueprint = Blueprint("matches", __name__)


def known_demand(uid: UUID) -> queries.Known:
    return queries.known(db(), actor(), uid) or abort(404)


def own_demand(uid: UUID) -> Demand:
    """The demand, if it is this person's business; otherwise there is none."""
    found = known_demand(uid)
    return found.demand if found.own else abort(404)
