"""Pages of the visits desk."""

from flask import Blueprint

blueprint = Blueprint("visits", __name__)
