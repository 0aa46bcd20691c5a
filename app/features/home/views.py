"""Pages of the home desk."""

from flask import Blueprint

blueprint = Blueprint("home", __name__)
