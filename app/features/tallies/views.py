"""Pages of the tallies desk."""

from flask import Blueprint

blueprint = Blueprint("tallies", __name__)
