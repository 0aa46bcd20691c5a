"""Pages of the vocabulary desk."""

from flask import Blueprint

blueprint = Blueprint("vocabulary", __name__)
