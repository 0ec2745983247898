"""The pages' blueprint."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("monitoring", __name__, url_prefix="/monitoring")
