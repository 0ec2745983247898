"""What every page about one proposal starts from: the proposal, its call, what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

from flask import Blueprint, url_for

from app.calls.facts import Deadline, deadline_of
from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission, Target, may
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.proposals.drafts import SECTIONS, facts_from_draft, home_of
from app.proposals.facts import AgencyRef, ProposalFacts
from app.proposals.homes import at_home
from app.proposals.queries import (
    DraftView,
    PartView,
    agency_directory,
    draft_facts,
    find_open_return,
    get_draft,
)
from app.proposals.returns import OpenReturn
from app.proposals.sections import Ground, SectionProgress, list_obstacles, list_progress
from app.proposals.states import RETURNED, WRITABLE_STATES
from app.web.arrival import arrived
from app.web.signing import current_actor

blueprint = Blueprint("agency", __name__, url_prefix="/agency")


@dataclass(frozen=True)
class OpenProposal:
    """A proposal on the desk, as its draft stands. Whoever writes for the lead may write all of its sections, and an
    officer of a participant that joined the part of that agency."""

    view: DraftView
    call: CallView
    directory: Mapping[str, AgencyRef]
    facts: ProposalFacts
    may_write: bool
    returned: OpenReturn | None

    @property
    def id(self) -> int:
        return self.view.id

    @property
    def is_draft(self) -> bool:
        """Whether it can be written at all: a draft, or a filing returned for revision."""
        return self.view.state in WRITABLE_STATES

    @property
    def is_returned(self) -> bool:
        return self.view.state == RETURNED

    @property
    def deadline(self) -> Deadline:
        """By when the lead must file."""
        return deadline_of(self.call, self.view.lead_agency_id)

    @property
    def window_is_open(self) -> bool:
        """Whether what arrives now can be filed: a returned proposal until it is due, whatever the call's window."""
        if self.returned is not None:
            return not self.returned.is_over(arrived())
        return self.deadline.judge(arrived()).accepts

    def is_open(self, section: str) -> bool:
        """Whether a section may be written now, as far as a return is concerned."""
        return self.returned is None or section in self.returned.sections

    @property
    def ground(self) -> Ground:
        """What the lead's sections are read against: its own lines, and those of participants that have not joined."""
        joined = self.view.joined
        agencies = tuple(agency.code for agency in self.facts.agencies if agency.code not in joined)
        return Ground(self.call.plan, self.call.limits, self.directory, agencies)

    def ground_of(self, code: str) -> Ground:
        """What a participant's part is read against."""
        return Ground(self.call.plan, self.call.limits, self.directory, (code,), is_part=True)

    def reread(self, view: DraftView) -> OpenProposal:
        """The same proposal with another draft, by the same call, register and attachments."""
        facts = facts_from_draft(
            view.draft,
            fiscal_year=self.call.fiscal_year,
            number=view.number,
            origin=self.call.origin.value,
            lead=self.facts.lead,
            directory=self.directory,
            attachments=self.facts.attachments,
            parts=view.joined,
            answers=view.answers,
            continues=view.continues,
        )
        return replace(self, view=view, facts=facts)

    @cached_property
    def obstacles(self) -> tuple[Problem, ...]:
        """Everything between the draft with all its parts and the filing, but for answers and signatures."""
        return tuple(
            list_obstacles(self.view.draft, self.view.joined, self.facts, self.call.plan, self.call.limits)
        )

    @cached_property
    def obstacles_by_agency(self) -> dict[str, tuple[Problem, ...]]:
        """ "" for the lead, or the code of a participant that joined -> what it has to mend, at the places of its own
        form."""
        found: dict[str, list[Problem]] = {"": []}
        for problem in self.obstacles:
            agency, told = at_home(problem, self.view.draft, self.view.joined)
            found.setdefault(agency, []).append(told)
        return {agency: tuple(problems) for agency, problems in found.items()}

    @property
    def progress(self) -> list[SectionProgress]:
        """The lead's sections."""
        return list_progress(self.view.draft, self.facts, self.obstacles_by_agency[""])

    def part(self, code: str) -> PartView:
        """The part of one participant. Raises `NotFound` where there is none."""
        found = next((p for p in self.view.parts if p.code == code), None)
        if found is None:
            raise NotFound()
        return found

    def may_write_part(self, agency_id: int) -> bool:
        """Whether the reader writes for this participant."""
        part = self.view.part_of(agency_id)
        return (
            part is not None
            and part.code in self.view.joined
            and may(current_actor(), Permission.WRITE_PROPOSAL, Target(frozenset({agency_id})))
        )

    def may_answer(self, agency_id: int) -> bool:
        """Whether the reader answers for this participant, joined or only invited."""
        return may(current_actor(), Permission.WRITE_PROPOSAL, Target(frozenset({agency_id})))


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
        returned=find_open_return(session, view.id) if view.state == RETURNED else None,
    )


def open_for_writing(proposal_id: int) -> OpenProposal:
    """The same for somebody who sends something for the lead: others find nothing to write to."""
    opened = open_proposal(proposal_id)
    if not opened.may_write:
        raise NotFound()
    return opened


def open_for_filing(proposal_id: int) -> OpenProposal:
    """The same for whoever files for the lead: its officers and its certifiers."""
    opened = open_proposal(proposal_id)
    if not may(current_actor(), Permission.FILE_PROPOSAL, Target(frozenset({opened.view.lead_agency_id}))):
        raise NotFound()
    return opened


def open_part(proposal_id: int, code: str) -> tuple[OpenProposal, PartView]:
    """A proposal and the part of one participant in it. Raises `NotFound` where there is none."""
    opened = open_proposal(proposal_id)
    return opened, opened.part(code)


def section_url(proposal_id: int, section: str) -> str:
    """The address of a section's page of the lead."""
    if section == "attachments":
        return url_for("agency.attachments", proposal_id=proposal_id)
    return url_for("agency.section", proposal_id=proposal_id, section=section)


def place_url(opened: OpenProposal, place: str) -> str:
    """The address of a place of the whole proposal: the page it is typed on, at the field."""
    home = home_of(place, opened.view.draft, opened.view.joined)
    if home.agency:
        return url_for(
            "agency.part_section",
            proposal_id=opened.id,
            code=home.agency,
            section=home.section,
            _anchor=home.place,
        )
    if home.section == "attachments":
        return url_for("agency.attachments", proposal_id=opened.id, _anchor=place)
    if home.section == "answer":
        return url_for("agency.returned", proposal_id=opened.id, _anchor=place)
    if home.section in ("partners", "sign"):
        return url_for(f"agency.{home.section}", proposal_id=opened.id, _anchor=place)
    if home.section not in SECTIONS:
        return f"#{place}"
    return url_for("agency.section", proposal_id=opened.id, section=home.section, _anchor=place)


def problem_linker(opened: OpenProposal) -> Callable[[Problem], str]:
    """A function problem -> address, for the error summary of a page that is not the section's own."""

    def link(problem: Problem) -> str:
        return place_url(opened, problem.place)

    return link
