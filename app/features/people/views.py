"""Pages of the people desk."""

from flask import Blueprint

blueprint = Blueprint("people", __name__)
