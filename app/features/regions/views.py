"""Pages of the regions desk."""

from flask import Blueprint

blueprint = Blueprint("regions", __name__)
