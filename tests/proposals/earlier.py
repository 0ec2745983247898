"""Earlier years for the tests: calls that are over, what was filed in them, and what was recorded from documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from app.calls.actions import load_document, open_call
from app.calls.facts import DocumentKind
from app.calls.queries import find_call, get_call
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.identity.facts import SYSTEM
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import (
    StoredFile,
    attach_file,
    create_proposal,
    record_proposal,
    save_section,
    submit_proposal,
)
from app.proposals.drafts import Draft, empty_draft, facts_from_draft
from app.proposals.facts import BudgetLine
from app.proposals.queries import agency_directory
from app.screening.actions import screen_proposal
from tests.proposals.consortium import LINK, PART_ROW, joint
from tests.world import CALL, NOW, World, complete_draft, read_data

LAST_YEAR, ARCHIVE_YEAR = 2569, 2565
LAST_TIME = NOW - timedelta(days=365)  # inside last year's window


def open_last_call(fiscal_year: int = LAST_YEAR) -> None:
    """The call of an earlier year, its window a year and more ago; once."""
    if find_call(db.session(), fiscal_year) is not None:
        db.session.rollback()
        return
    db.session.rollback()
    at = LAST_TIME.astimezone(BANGKOK)
    with open_work(SYSTEM, LAST_TIME) as work:
        open_call(
            work,
            CALL
            | {
                "fiscal_year": fiscal_year,
                "opens_at": datetime(at.year, at.month, at.day - 3),  # noqa: DTZ001 (Bangkok time, as in call files)
                "closes_at": datetime(at.year, at.month, at.day + 7),  # noqa: DTZ001
            },
        )


def file_earlier(
    world: World,
    draft: Draft | None = None,
    *,
    by: str = "officer",
    agency: str = "alpha",
    fiscal_year: int = LAST_YEAR,
    files: Iterable[StoredFile] = (),
) -> int:
    """File and screen a proposal of an earlier year, with these attachments; returns its id."""
    open_last_call(fiscal_year)
    with open_work(world.actor(by), LAST_TIME) as work:
        proposal_id = create_proposal(work, fiscal_year, world.agencies[agency]).id
        for section, value in (draft or complete_draft()).items():
            save_section(work, proposal_id, section, value, 1)
        for file in files:
            attach_file(work, proposal_id, "tor", file)
        submit_proposal(work, proposal_id, f"earlier-{proposal_id}")
        screen_proposal(work, proposal_id)
    return proposal_id


def record_joint(world: World) -> int:
    """Recorded for last year: alpha's, with beta, which claimed a link, an indicator and a line of its own."""
    open_last_call()
    part = {
        "links": {"rows": [LINK]},
        "indicators": {
            "rows": [{"name": "ชุดข้อมูลที่ส่ง", "unit": "ชุด", "baseline": "", "target": "3"}],
        },
        "budget": {"rows": [PART_ROW]},
    }
    with open_work(SYSTEM, LAST_TIME) as work:
        directory = agency_directory(work.session)
        facts = facts_from_draft(
            joint(),
            fiscal_year=LAST_YEAR,
            number="",
            origin="synthetic",
            lead=directory["alpha"],
            directory=directory,
            attachments=(),
            parts={"beta": part},
        )
        call = get_call(work.session, LAST_YEAR)
        return record_proposal(work, call, world.agencies["alpha"], facts).id


def decide(world: World, proposal_id: int, amount: int, verdict: Verdict = Verdict.APPROVED) -> None:
    """The committee's word on it; `amount` in satang."""
    with open_work(world.actor("committee"), LAST_TIME) as work:
        record_decision(work, proposal_id, verdict, amount, reason="ปรับตามกรอบวงเงิน")


def record_earlier(world: World, agency: str = "alpha", title: str = "โครงการจากเอกสารงบประมาณ") -> int:
    """A proposal recorded from published documents, of two lines; returns its id."""
    with open_work(SYSTEM, LAST_TIME) as work:
        if find_call(work.session, ARCHIVE_YEAR) is None:
            load_document(work, DocumentKind.PLAN, read_data("plan-2565.toml"))
            load_document(work, DocumentKind.RULEBOOK, read_data("rulebook-2565.toml"))
            open_call(work, read_data("call-2565.toml"))
        call = get_call(work.session, ARCHIVE_YEAR)
        directory = agency_directory(work.session)
        facts = facts_from_draft(
            empty_draft(),
            fiscal_year=ARCHIVE_YEAR,
            number="",
            origin="imported",
            lead=directory[agency],
            directory=directory,
            attachments=(),
        )
        lines = tuple(
            BudgetLine(agency, category, item, 1, "รายการ", price, (0, 0, 0, 0), (), "2022.3.1 หน้า 12")
            for category, item, price in (
                ("capital", "ระบบคอมพิวเตอร์", 250_000_000),
                ("operations", "ค่าจ้างเหมาบริการ", 1_250_050),
            )
        )
        facts = replace(
            facts,
            title=Text(title, title),
            stage="upstream",
            guideline="1.1",
            strategy="unstated",
            focus_area="unstated",
            lines=lines,
        )
        return record_proposal(work, call, world.agencies[agency], facts).id
