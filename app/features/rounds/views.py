"""Pages of the rounds desk."""

from flask import Blueprint

blueprint = Blueprint("rounds", __name__)
