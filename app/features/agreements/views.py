"""Pages of the agreements desk."""

from flask import Blueprint

blueprint = Blueprint("agreements", __name__)
