"""An agency's own proposals as they go on paper: each as it was filed, or as its draft stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView, get_call_by_id
from app.figures.facts import FilingChoice
from app.identity.facts import Actor
from app.identity.models import User
from app.identity.queries import AgencyName, list_agencies
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import AgencyRef, ProposalFacts
from app.proposals.freezing import freeze
from app.proposals.models import Proposal, ProposalDraft, Submission
from app.proposals.queries import (
    OwnFilter,
    agency_ref,
    latest_submission,
    list_draft_facts,
    list_own_ids,
    read_facts,
    target_of,
)
from app.proposals.states import DRAFT, RECORDED, WRITABLE_STATES


@dataclass(frozen=True, slots=True)
class FilingPaper:
    """One proposal for paper. `receipt_number` and `filed_at` are empty for a draft, `filed_by` also for the system.

    `sha256` is the hash of `facts`: for a filing the one its receipt shows. `is_working` says that `facts` are what is
    being written and not what was filed.
    """

    proposal_id: int
    state: str
    facts: ProposalFacts
    sha256: str
    is_working: bool
    receipt_number: str
    sequence: int
    filed_at: datetime | None
    filed_by: Text | None
    changed_at: datetime

    @property
    def has_receipt(self) -> bool:
        """Whether the filing came in through the system; what was recorded from documents has no receipt."""
        return bool(self.receipt_number) and self.state != RECORDED


@dataclass(frozen=True, slots=True)
class FilingsBook:
    """The proposals of one call that an agency's paper holds, by number. `agencies` names whose they are.

    `as_of` is the latest change in them and `sha256` the fingerprint of all: the same proposals give the same two.
    """

    call: CallView
    choice: FilingChoice
    agencies: Text
    papers: tuple[FilingPaper, ...]
    as_of: datetime
    sha256: str

    @property
    def total(self) -> int:
        """What they ask for together, satang."""
        return sum(paper.facts.total for paper in self.papers)


def own_agencies(actor: Actor, choice: FilingChoice) -> frozenset[int]:
    """The agencies of the choice that are the actor's own, all of the actor's where it names none.

    Raises `NotFound` when none is left: another agency's proposals do not exist for this actor.
    """
    require(actor, Permission.READ_PROPOSAL)
    own = actor.agency_ids & choice.agency_ids if choice.agency_ids else actor.agency_ids
    if not own:
        raise NotFound()
    return own


def list_chosen(session: Session, actor: Actor, fiscal_year: int, choice: FilingChoice) -> list[int]:
    """The ids of the actor's own proposals of a year that the choice holds, by number. Raises `NotFound`."""
    wanted = OwnFilter(fiscal_year, choice.text, choice.state, choice.stage, choice.side)
    return list_own_ids(session, own_agencies(actor, choice), wanted)


def filings_book(session: Session, actor: Actor, call: CallView, choice: FilingChoice) -> FilingsBook:
    """What the actor's agencies filed in a call and are writing for it, as far as the choice goes.

    Ten queries at most, however many proposals; call `hold_still` before, so that all of it is of one moment. Raises
    `Forbidden`, and `NotFound` for other agencies' proposals.
    """
    ids = list_chosen(session, actor, call.fiscal_year, choice)
    directory = list_agencies(session)
    own = own_agencies(actor, choice)
    names = [agency.name for agency in directory if agency.id in own]
    agencies = Text(", ".join(n.th for n in names), ", ".join(n.en or n.th for n in names))
    return _book(session, call, choice, agencies, directory, ids, {DRAFT})


def one_filing(session: Session, actor: Actor, proposal_id: int) -> FilingsBook:
    """A single proposal as its page shows it: one returned for revision as it is being revised. Raises `NotFound`."""
    require(actor, Permission.READ_PROPOSAL, target_of(session, proposal_id))
    call_id = session.execute(select(Proposal.call_id).where(Proposal.id == proposal_id)).scalar_one()
    call = get_call_by_id(session, call_id)
    nothing, nobody = FilingChoice(), Text("", "")
    return _book(session, call, nothing, nobody, list_agencies(session), [proposal_id], WRITABLE_STATES)


def _book(
    session: Session,
    call: CallView,
    choice: FilingChoice,
    agencies: Text,
    directory: Sequence[AgencyName],
    ids: Sequence[int],
    working: Collection[str],
) -> FilingsBook:
    """The proposals of these ids, those in a state of `working` as they are being written."""
    rows = session.execute(select(Proposal.id, Proposal.state).where(Proposal.id.in_(ids)))
    states = {row.id: row.state for row in rows}
    drafts = [key for key in ids if states[key] in working]
    found = _filed(session, [key for key in ids if states[key] not in working])
    if drafts:
        found |= _working(session, call, drafts, {a.code: agency_ref(a) for a in directory})
    papers = tuple(found[key] for key in ids)
    return FilingsBook(
        call=call,
        choice=choice,
        agencies=agencies,
        papers=papers,
        as_of=max((paper.changed_at for paper in papers), default=call.opens_at),
        sha256=sha256_text(
            canonical_json([[p.facts.number, p.state, p.sha256, p.receipt_number] for p in papers])
        ),
    )


def _filed(session: Session, ids: Collection[int]) -> dict[int, FilingPaper]:
    rows = session.execute(
        latest_submission()
        .with_only_columns(
            Proposal.id,
            Proposal.state,
            Proposal.updated_at,
            Submission.receipt_number,
            Submission.sequence,
            Submission.submitted_at,
            Submission.sha256,
            Submission.content,
            User.name_th,
            User.name_en,
        )
        .outerjoin(User, User.id == Submission.submitted_by)
        .where(Proposal.id.in_(ids))
    )
    return {
        row.id: FilingPaper(
            proposal_id=row.id,
            state=row.state,
            facts=read_facts(row.sha256, row.content),
            sha256=row.sha256,
            is_working=False,
            receipt_number=row.receipt_number,
            sequence=row.sequence,
            filed_at=row.submitted_at,
            filed_by=Text(row.name_th, row.name_en) if row.name_th else None,
            changed_at=max(row.submitted_at, row.updated_at),
        )
        for row in rows
    }


def _working(
    session: Session, call: CallView, ids: Collection[int], directory: Mapping[str, AgencyRef]
) -> dict[int, FilingPaper]:
    drafts = list_draft_facts(session, ids, {call.id: call}, directory)
    rows = session.execute(
        select(Proposal.id, Proposal.state, Proposal.updated_at, ProposalDraft.updated_at.label("written_at"))
        .join(ProposalDraft, ProposalDraft.proposal_id == Proposal.id)
        .where(Proposal.id.in_(ids))
    )
    found = {}
    for row in rows:
        facts = drafts[row.id].facts
        found[row.id] = FilingPaper(
            proposal_id=row.id,
            state=row.state,
            facts=facts,
            sha256=freeze(facts).sha256,
            is_working=True,
            receipt_number="",
            sequence=0,
            filed_at=None,
            filed_by=None,
            changed_at=max(row.updated_at, row.written_at),
        )
    return found
