"""Pages of the matches desk."""

from flask import Blueprint

blueprint = Blueprint("matches", __name__)
