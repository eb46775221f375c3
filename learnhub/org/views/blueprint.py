"""The blueprint that all pages of this feature share."""

from flask import Blueprint

blueprint = Blueprint("org", "learnhub.org", template_folder="templates")
