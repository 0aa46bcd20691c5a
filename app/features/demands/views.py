"""Pages of the demands desk."""

from flask import Blueprint

blueprint = Blueprint("demands", __name__)
