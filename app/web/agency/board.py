"""What every page about one proposal starts from: the proposal, its call, what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, url_for

from app.calls.facts import Phase
from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission, Target, may
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.findings import Problem
from app.proposals.drafts import SECTIONS
from app.proposals.facts import AgencyRef, ProposalFacts
from app.proposals.queries import DraftView, agency_directory, draft_facts, get_draft
from app.proposals.sections import Ground, SectionProgress, list_progress
from app.proposals.states import DRAFT
from app.web.arrival import arrived
from app.web.signing import current_actor

blueprint = Blueprint("agency", __name__, url_prefix="/agency")


@dataclass(frozen=True, slots=True)
class OpenProposal:
    """A proposal on the desk, as its draft stands."""

    view: DraftView
    call: CallView
    directory: Mapping[str, AgencyRef]
    facts: ProposalFacts
    may_write: bool

    @property
    def id(self) -> int:
        return self.view.id

    @property
    def is_draft(self) -> bool:
        return self.view.state == DRAFT

    @property
    def window_is_open(self) -> bool:
        return self.call.phase(arrived()) is Phase.OPEN

    @property
    def ground(self) -> Ground:
        """What its sections are read against."""
        agencies = tuple(agency.code for agency in self.facts.agencies)
        return Ground(self.call.plan, self.call.limits, self.directory, agencies)

    @property
    def progress(self) -> list[SectionProgress]:
        return list_progress(self.view.draft, self.facts, self.call.plan, self.call.limits)


def open_proposal(proposal_id: int) -> OpenProposal:
    """Take a proposal of the reader's own agencies. Raises `NotFound`."""
    return lay_open(get_draft(db.session(), current_actor(), proposal_id))


def lay_open(view: DraftView) -> OpenProposal:
    """A proposal that was found, with everything its pages need."""
    session = db.session()
    call = get_call_by_id(session, view.call_id)
    directory = agency_directory(session)
    return OpenProposal(
        view=view,
        call=call,
        directory=directory,
        facts=draft_facts(session, view, call, directory),
        may_write=may(current_actor(), Permission.WRITE_PROPOSAL, Target(frozenset({view.lead_agency_id}))),
    )


def open_for_writing(proposal_id: int) -> OpenProposal:
    """The same for somebody who sends something: participants and certifiers find nothing to write to."""
    opened = open_proposal(proposal_id)
    if not opened.may_write:
        raise NotFound()
    return opened


def place_url(proposal_id: int, place: str) -> str:
    """The address of a field: its section's page, at the field."""
    section = place.split("-", 1)[0]
    if section == "attachments":
        return url_for("agency.attachments", proposal_id=proposal_id, _anchor=place)
    if section not in SECTIONS:
        return f"#{place}"
    return url_for("agency.section", proposal_id=proposal_id, section=section, _anchor=place)


def section_url(proposal_id: int, section: str) -> str:
    """The address of a section's page."""
    if section == "attachments":
        return url_for("agency.attachments", proposal_id=proposal_id)
    return url_for("agency.section", proposal_id=proposal_id, section=section)


def problem_linker(proposal_id: int) -> Callable[[Problem], str]:
    """A function problem -> address, for the error summary of a page that is not the section's own."""

    def link(problem: Problem) -> str:
        return place_url(proposal_id, problem.place)

    return link
