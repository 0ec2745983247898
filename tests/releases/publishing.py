"""Releases for the tests: made and published through the real actions."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from app.calls.queries import get_call
from app.kernel.db import db
from app.kernel.work import open_work
from app.monitoring.models import Project
from app.monitoring.periods import ReportKind
from app.monitoring.queries import ground_of
from app.releases.actions import make_release, publish_release
from app.releases.making import PreparedRelease, prepare_release
from tests.monitoring.reports import YEAR_END, money_cells, number_of, report_month
from tests.proposals.earlier import LAST_YEAR
from tests.world import NOW, World


def prepare(world: World, fiscal_year: int = LAST_YEAR, at: datetime = NOW) -> PreparedRelease:
    """What a release of that year would be."""
    session, actor = db.session(), world.actor("secretariat")
    call = get_call(session, fiscal_year)
    prepared = prepare_release(session, actor, call, current_app.config["DGI"], at)
    session.rollback()
    return prepared


def make(world: World, fiscal_year: int = LAST_YEAR, at: datetime = NOW, note: str = "") -> int:
    """A release of that year, not yet published; its id."""
    prepared = prepare(world, fiscal_year, at)
    with open_work(world.actor("secretariat"), at) as work:
        return make_release(work, prepared, note).id


def publish(world: World, fiscal_year: int = LAST_YEAR, at: datetime = NOW, note: str = "") -> int:
    """A published release of that year; its id."""
    release_id = make(world, fiscal_year, at, note)
    with open_work(world.actor("secretariat"), at) as work:
        publish_release(work, release_id, 1)
    return release_id


def report(world: World, month: int, project_id: int, committed: str, disbursed: str) -> None:
    """A month of alpha's that counts: this much capital of one project, and nothing of all others."""
    call_id = db.session.scalars(select(Project.call_id).where(Project.id == project_id)).one()
    ground = ground_of(db.session(), call_id, world.agencies["alpha"], ReportKind.MONEY, month, YEAR_END)
    db.session.rollback()
    cells = {}
    for number, category in ground.allotted:
        is_it = (number, category) == (number_of(project_id), "capital")
        cells |= money_cells(number, *((committed, disbursed) if is_it else ("0", "0")), category)
    report_month(world, month, cells)
