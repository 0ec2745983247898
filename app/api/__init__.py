"""The machine door: what systems of agencies, of the joint secretariat and of a data exchange read and write.

In: requests with a token, JSON only. Out: JSON by the same queries and actions the pages use, under the same table of
permissions. Why: an agency that keeps its budget in a system of its own should not have to type it twice.

Every operation is declared once (`operations.py`) with the shapes of what it takes and gives (`shapes.py`); the
declaration checks the request, and is printed as the OpenAPI document. An operation that is not declared cannot be
served, and one without a guard stops the start. A session's cookie opens nothing here.
"""

from __future__ import annotations

from flask import Flask

from app.api import (
    calls,
    filings,
    links,
    office,
    page,
    parts,
    plan_changes,
    projects,
    proposals,
    receipts,
    reports,
    sections,
)
from app.api.faults import catch
from app.api.operations import blueprint

MODULES = (
    calls,
    proposals,
    sections,
    parts,
    receipts,
    links,
    projects,
    plan_changes,
    reports,
    filings,
    office,
)


def register(app: Flask) -> None:
    """Put the machine door on the app. Before the pages: their door walks these routes, too."""
    catch(app)
    app.register_blueprint(blueprint)
    app.register_blueprint(page.blueprint)
