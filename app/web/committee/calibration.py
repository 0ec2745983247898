"""Calibrated scores on the committee's desk."""

from __future__ import annotations

from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.web.calibration import Places, send_table, show_calibration
from app.web.committee.desk import blueprint
from app.web.door import needs

_PLACES = Places(
    "committee.calibration", "committee.calibration_table", "committee.ranking", "committee.proposal"
)


@blueprint.get("/calls/<int:fiscal_year>/calibration")
@needs(Permission.READ_REVIEWS)
def calibration(fiscal_year: int) -> str:
    """Calibrated scores beside raw ones."""
    return show_calibration(fiscal_year, _PLACES)


@blueprint.get("/calls/<int:fiscal_year>/calibration/<string:name>.csv")
@needs(Permission.READ_REVIEWS)
def calibration_table(fiscal_year: int, name: str) -> Response:
    """One of its tables, for a spreadsheet."""
    return send_table(fiscal_year, name)
