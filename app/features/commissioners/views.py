"""Pages of the commissioners desk."""

from flask import Blueprint

blueprint = Blueprint("commissioners", __name__)
