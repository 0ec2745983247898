"""Reports for the tests: written, sent, signed and accepted through the real actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.identity.facts import Actor
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.work import open_work
from app.monitoring.actions import accept_report, begin_report, save_report, send_report, sign_report
from app.monitoring.models import ProgressRecord, Project
from app.monitoring.periods import ReportKind
from app.proposals.models import Proposal
from tests.proposals.earlier import LAST_YEAR
from tests.world import World

YEAR_END = datetime(2026, 11, 1, 9, 0, tzinfo=BANGKOK)  # after all twelve months of FY2569


def number_of(project_id: int) -> str:
    session = db.session()
    project = session.get_one(Project, project_id)
    number = session.get_one(Proposal, project.proposal_id).number
    session.rollback()
    return number


def money_cells(number: str, committed: str, disbursed: str, category: str = "capital") -> dict[str, str]:
    """A project's row of a month as it is typed."""
    at = f"money-{number}-{category}"
    return {f"{at}-committed": committed, f"{at}-disbursed": disbursed}


def begin(
    world: World,
    period: int,
    cells: Mapping[str, str],
    *,
    kind: ReportKind = ReportKind.MONEY,
    agency: str = "alpha",
    by: Actor | None = None,
    at: datetime = YEAR_END,
) -> int:
    """A draft with these cells; its id."""
    with open_work(by or world.actor("officer"), at) as work:
        record = begin_report(work, LAST_YEAR, world.agencies[agency], kind, period)
        save_report(work, record.id, cells, record.version)
        return record.id


def hand_in(world: World, record_id: int, at: datetime = YEAR_END) -> int:
    """Send and sign a draft; its version then."""
    with open_work(world.actor("officer"), at) as work:
        send_report(work, record_id, version_of(work.session.get_one(ProgressRecord, record_id)))
    with open_work(world.actor("certifier"), at) as work:
        return sign_report(
            work, record_id, version_of(work.session.get_one(ProgressRecord, record_id))
        ).version


def version_of(record: ProgressRecord) -> int:
    return record.version


def accept(world: World, record_id: int, version: int, at: datetime = YEAR_END) -> None:
    with open_work(world.actor("secretariat"), at) as work:
        accept_report(work, record_id, version)


def report_month(world: World, period: int, cells: Mapping[str, str], at: datetime = YEAR_END) -> int:
    """A month of alpha's that counts; its id."""
    record_id = begin(world, period, cells, at=at)
    accept(world, record_id, hand_in(world, record_id, at), at)
    return record_id
