"""Imports every desk's tables, for Alembic and the tests; nothing of the application imports it."""

from app.features.accounts import models as accounts
from app.features.agreements import models as agreements
from app.features.commissioners import models as commissioners
from app.features.demands import models as demands
from app.features.matches import models as matches
from app.features.menus import models as menus
from app.features.organisations import models as organisations
from app.features.people import models as people
from app.features.periods import models as periods
from app.features.plans import models as plans
from app.features.regions import models as regions
from app.features.rounds import models as rounds
from app.features.tallies import models as tallies
from app.features.visits import models as visits
from app.features.vocabulary import models as vocabulary
from app.storage import files, held, jobs, matching_log, seals, stamps, trail
from app.storage.base import Base

__all__ = [
    "Base",
    "accounts",
    "agreements",
    "commissioners",
    "demands",
    "files",
    "held",
    "jobs",
    "matches",
    "matching_log",
    "menus",
    "organisations",
    "people",
    "periods",
    "plans",
    "regions",
    "rounds",
    "seals",
    "stamps",
    "tallies",
    "trail",
    "visits",
    "vocabulary",
]
