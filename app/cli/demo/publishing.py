"""The demo's two years as the public sees them: frozen and published once everything else is loaded."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from app.calls.queries import get_call
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.work import open_work
from app.releases.actions import make_release, publish_release
from app.releases.making import prepare_release

YEARS = (2565, 2567)


def publish_years(now: datetime) -> None:
    """Make and publish a release of each year that is over."""
    for fiscal_year in YEARS:
        session = db.session()
        call = get_call(session, fiscal_year)
        prepared = prepare_release(session, SYSTEM, call, current_app.config["DGI"], now)
        session.rollback()
        with open_work(SYSTEM, now) as work:
            release = make_release(work, prepared)
            publish_release(work, release.id, release.version)
