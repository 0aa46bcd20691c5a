"""What the auditor asks for."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.roles import Actor
from app.features.home.queries import TRAIL_CHECK, WHOLE_TRAIL, being_checked
from app.storage import jobs, trail


def ask_for_check(session: Session, actor: Actor, now: datetime) -> bool:
    """Have the whole chain of the trail checked by the worker; False when that is already waiting or under way."""
    if being_checked(session):
        return False
    job = jobs.enqueue(session, TRAIL_CHECK, WHOLE_TRAIL, now)
    trail.record(session, actor, TRAIL_CHECK, job)
    return True
