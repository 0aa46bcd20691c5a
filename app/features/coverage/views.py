"""Pages of the coverage desk."""

from flask import Blueprint

blueprint = Blueprint("coverage", __name__)
