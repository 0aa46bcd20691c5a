"""Pages of the menus desk."""

from flask import Blueprint

blueprint = Blueprint("menus", __name__)
