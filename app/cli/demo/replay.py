"""Replaying a round through the real actions, each at its own moment and by its own person, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from sqlalchemy import select

from app.calls.queries import CallView
from app.cli.demo.attachments import synthetic_page
from app.cli.demo.dice import Dice
from app.cli.demo.people import officer_login
from app.identity.facts import SYSTEM, Actor
from app.identity.models import Agency
from app.identity.queries import get_actor
from app.jobs.comparing import screen_again
from app.kernel.audit import append
from app.kernel.clock import as_utc
from app.kernel.files import FileStore
from app.kernel.lean import dataclass
from app.kernel.money import SATANG_PER_BAHT
from app.kernel.work import Work
from app.proposals.actions import (
    attach_file,
    continue_proposal,
    create_proposal,
    save_section,
    store_file,
    submit_proposal,
)
from app.proposals.drafts import Draft
from app.proposals.models import Proposal
from app.proposals.queries import list_sources, read_draft
from app.proposals.states import APPROVED_STATES
from app.screening.actions import screen_proposal
from app.similarity.actions import compare_call


@dataclass
class Stage:
    """The transaction the demo is loaded in, and who may act in it."""

    work: Work[Actor]
    store: FileStore
    people: dict[str, int] = field(default_factory=dict)  # login -> user id
    _actors: dict[str, Actor] = field(default_factory=dict)
    _agencies: dict[str, int] = field(default_factory=dict)

    def by(self, login: str, at: datetime) -> Work[Actor]:
        """Work of one person at one moment, in the same transaction; "" is the system."""
        if login and login not in self._actors:
            self._actors[login] = get_actor(self.work.session, self.people[login])
        actor = self._actors[login] if login else SYSTEM
        return Work(self.work.session, actor, as_utc(at), self.work.entries)

    def settle_audit(self) -> None:
        """What was done so far enters the audit log now, still in this transaction: whatever is frozen next names the
        log's head."""
        append(self.work.session, self.work.entries)
        self.work.entries.clear()

    def agency_id(self, code: str) -> int:
        if not self._agencies:
            rows = self.work.session.execute(select(Agency.code, Agency.id))
            self._agencies.update({code: agency_id for code, agency_id in rows})
        return self._agencies[code]


@dataclass
class Timeline:
    """What happens when. Things of the same moment happen in the order they were added."""

    _events: list[tuple[datetime, int, Callable[[datetime], object]]] = field(default_factory=list)

    def at(self, moment: datetime, action: Callable[[datetime], object]) -> None:
        self._events.append((moment, len(self._events), action))

    def run(self) -> None:
        for moment, _, action in sorted(self._events, key=lambda event: event[:2]):
            action(moment)


def begin_draft(stage: Stage, call: CallView, agency: str, draft: Draft, at: datetime) -> int:
    """An officer creates a proposal and saves every section of the draft; returns its id."""
    work = stage.by(officer_login(agency), at)
    proposal = create_proposal(work, call.fiscal_year, stage.agency_id(agency))
    for section, value in draft.items():
        save_section(work, proposal.id, section, value, 1)
    return proposal.id


def continue_granted(stage: Stage, call: CallView, agency: str, at: datetime) -> int:
    """An officer continues the largest project its agency was granted in the latest call before; returns the draft's
    id."""
    work = stage.by(officer_login(agency), at)
    granted = [
        row
        for row in list_sources(work.session, work.actor, call.fiscal_year).rows
        if row.state in APPROVED_STATES
    ]
    source = max(granted, key=lambda row: (row.fiscal_year, row.asked))
    return continue_proposal(work, call.fiscal_year, stage.agency_id(agency), source.id).id


# kind -> (its file's name, its heading, wanted from baht of capital, of a hundred that want it how many bring it)
PAPERS = {
    "tor": ("ร่างขอบเขตของงาน", "Draft terms of reference", 0, 100),
    "quotation": ("ใบเสนอราคา", "Quotations", 500_000, 85),
    "computer_committee": ("มติคณะกรรมการจัดหาระบบคอมพิวเตอร์", "Computer committee", 5_000_000, 85),
}


def attach_papers(stage: Stage, agency: str, proposal_id: int, at: datetime) -> None:
    """The officer attaches the papers its capital lines want, each a synthetic page; some forget one."""
    work = stage.by(officer_login(agency), at)
    proposal = work.session.get_one(Proposal, proposal_id)
    rows = read_draft(work.session, proposal_id).draft["budget"]["rows"]
    capital = sum(
        int(row["quantity"]) * int(row["unit_price"].replace(".", ""))
        for row in rows
        if row["category"] == "capital"
    )
    for kind, (name, heading, least, brought) in PAPERS.items():
        if capital >= least * SATANG_PER_BAHT and Dice(f"papers-{kind}-{proposal.number}").chance(brought):
            data = synthetic_page(heading, proposal.number, proposal.title_en)
            stored = store_file(stage.store, f"{name} {proposal.number}.pdf", "application/pdf", data)
            attach_file(work, proposal_id, kind, stored)


def file_draft(stage: Stage, agency: str, proposal_id: int, at: datetime, *, again: bool = False) -> None:
    """The officer files, for the first time or after withdrawing, and the filing is screened."""
    work = stage.by(officer_login(agency), at)
    submit_proposal(work, proposal_id, f"demo-{proposal_id}-again" if again else f"demo-{proposal_id}")
    screen_proposal(work, proposal_id)


def compare_filings(stage: Stage, fiscal_year: int, at: datetime) -> None:
    """All filings of a call are compared with all that stand, and those it is news to screened again: what the runner
    does by and by."""
    work = stage.by("", at)
    screen_again(work, compare_call(work, fiscal_year))
