"""Pages of the organisations desk."""

from flask import Blueprint

blueprint = Blueprint("organisations", __name__)
