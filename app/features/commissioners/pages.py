"""What the routes of this desk share: its one blueprint. The routes stand in views.py and grant_views.py."""

from flask import Blueprint

blueprint = Blueprint("commissioners", __name__)
