"""The one blueprint of this desk. The routes stand in views.py, concept_views.py and weight_views.py."""

from flask import Blueprint

blueprint = Blueprint("vocabulary", __name__)
