"""Pages of the people desk: none of its own.

A person is seen through what he or she holds: an individual's record, a team's members, the participants of a visit.
There, the desk that knows the territory decides whose phone may be shown, and `actions.reveal` leaves the trail.
"""

from flask import Blueprint

blueprint = Blueprint("people", __name__)
