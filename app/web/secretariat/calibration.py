"""Calibrated scores on the secretariat's desk."""

from __future__ import annotations

from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.web.calibration import Places, send_table, show_calibration
from app.web.door import needs
from app.web.secretariat.desk import blueprint

_PLACES = Places(
    "secretariat.calibration", "secretariat.calibration_table", "secretariat.reviews", "secretariat.proposal"
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
