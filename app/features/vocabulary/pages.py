"""The one blueprint of this desk. The routes stand in views.py and in the modules named ..._views.py."""

from flask import Blueprint

blueprint = Blueprint("vocabulary", __name__)
