"""Drafts as their own agency sees them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.queries import AgencyName, list_agencies
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import Draft, LinkAnswer, Part, facts_from_draft, part_sha256
from app.proposals.facts import AgencyRef, AttachmentFacts, Continued, ProposalFacts
from app.proposals.models import (
    Attachment,
    LinkRequest,
    Participation,
    Proposal,
    ProposalDraft,
    Submission,
)
from app.proposals.queries.owners import OWNERS, read_owners
from app.proposals.states import JOINED, WITHDRAWN, WRITABLE_STATES


def agency_ref(agency: AgencyName) -> AgencyRef:
    return AgencyRef(agency.code, agency.name, agency.ministry_code, agency.ministry)


def agency_directory(session: Session) -> dict[str, AgencyRef]:
    """Agency code -> agency, in Thai order."""
    return {agency.code: agency_ref(agency) for agency in list_agencies(session)}


@dataclass(frozen=True, slots=True)
class PartView:
    """A participant's own part: invited, joined or declined, and what it has typed since it joined."""

    agency_id: int
    code: str
    state: str
    invited_at: datetime
    note: str
    answered_at: datetime | None
    reason: str
    part: Part
    section_versions: Mapping[str, int]
    confirmed_sha256: str | None
    confirmed_at: datetime | None

    @property
    def has_joined(self) -> bool:
        return self.state == JOINED

    @property
    def sha256(self) -> str:
        """What its officer confirms and its certifier signs."""
        return part_sha256(self.part)

    @property
    def is_confirmed(self) -> bool:
        """Whether its officer has declared the part complete, and it has not changed since."""
        return self.has_joined and self.confirmed_sha256 == self.sha256


@dataclass(frozen=True, slots=True)
class DraftView:
    """A proposal on its agency's desk. `parts` are those of all participants ever invited, in that order; `answers`
    maps the hash of a link to what its partner said. Both are left out once it is filed: the filing holds them."""

    id: int
    call_id: int
    number: str
    state: str
    title: Text
    lead_agency_id: int
    lead_code: str
    draft: Draft
    section_versions: Mapping[str, int]
    updated_at: datetime
    updated_by: Text
    submitted_at: datetime | None
    parts: tuple[PartView, ...]
    answers: Mapping[str, LinkAnswer]
    continues: Continued | None

    @property
    def joined(self) -> dict[str, Part]:
        """Code of each participant that joined and still takes part -> what it typed, in the order of the facts."""
        joined = {p.code: p.part for p in self.parts if p.has_joined}
        named = dict.fromkeys(self.draft["names"]["participants"])
        return {code: joined[code] for code in named if code in joined}

    def part_of(self, agency_id: int) -> PartView | None:
        return next((p for p in self.parts if p.agency_id == agency_id), None)


def get_draft(
    session: Session, actor: Actor, proposal_id: int, permission: Permission = Permission.READ_PROPOSAL
) -> DraftView:
    """A proposal of the actor's own agency with what was typed. Raises `NotFound`."""
    row = _find_draft(session, proposal_id)
    require(actor, permission, Target(read_owners(row.owners)))
    return _view(session, row)


def read_draft(session: Session, proposal_id: int) -> DraftView:
    """The same for actions that have checked the actor already. Raises `NotFound`."""
    return _view(session, _find_draft(session, proposal_id))


def _find_draft(session: Session, proposal_id: int) -> Any:
    row = session.execute(_one_draft(), {"proposal_id": proposal_id}).first()
    if row is None:
        raise NotFound()
    return row


def _view(session: Session, row: Any) -> DraftView:
    draft, is_written = json.loads(row.content), row.state in WRITABLE_STATES
    return DraftView(
        id=row.id,
        call_id=row.call_id,
        number=row.number,
        state=row.state,
        title=Text(row.title_th, row.title_en),
        lead_agency_id=row.lead_agency_id,
        lead_code=row.lead_code,
        draft=draft,
        section_versions=json.loads(row.section_versions),
        updated_at=row.updated_at,
        updated_by=Text(row.by_th or "", row.by_en or ""),
        submitted_at=row.submitted_at,
        parts=_parts(session, [row.id]).get(row.id, ()) if is_written else (),
        answers=_answers(session, [row.id]).get(row.id, {}) if is_written else {},
        continues=_continued(row),
    )


@cache
def _one_draft() -> Any:
    return _with_continued(
        select(
            Proposal.id,
            Proposal.call_id,
            Proposal.number,
            Proposal.state,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.lead_agency_id,
            Proposal.submitted_at,
            OWNERS,
            Agency.code.label("lead_code"),
            ProposalDraft.content,
            ProposalDraft.section_versions,
            ProposalDraft.updated_at,
            User.name_th.label("by_th"),
            User.name_en.label("by_en"),
        )
        .join(ProposalDraft, ProposalDraft.proposal_id == Proposal.id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .outerjoin(User, User.id == ProposalDraft.updated_by)
        .where(Proposal.id == bindparam("proposal_id"))
    )


def _parts(session: Session, proposal_ids: Collection[int]) -> dict[int, tuple[PartView, ...]]:
    found: dict[int, tuple[PartView, ...]] = {}
    for row in session.execute(
        select(Participation.__table__, Agency.code)
        .join(Agency, Agency.id == Participation.agency_id)
        .where(Participation.proposal_id.in_(proposal_ids))
        .order_by(Participation.id)
    ):
        part = PartView(
            agency_id=row.agency_id,
            code=row.code,
            state=row.state,
            invited_at=row.invited_at,
            note=row.note,
            answered_at=row.answered_at,
            reason=row.reason,
            part=json.loads(row.content),
            section_versions=json.loads(row.section_versions),
            confirmed_sha256=row.confirmed_sha256,
            confirmed_at=row.confirmed_at,
        )
        found[row.proposal_id] = (*found.get(row.proposal_id, ()), part)
    return found


def _answers(session: Session, proposal_ids: Collection[int]) -> dict[int, dict[str, LinkAnswer]]:
    found: dict[int, dict[str, LinkAnswer]] = {}
    for row in session.execute(
        select(
            LinkRequest.proposal_id, LinkRequest.link_sha256, LinkRequest.state, LinkRequest.own_money
        ).where(LinkRequest.proposal_id.in_(proposal_ids), LinkRequest.state != WITHDRAWN)
    ):
        found.setdefault(row.proposal_id, {})[row.link_sha256] = LinkAnswer(row.state, row.own_money)
    return found


_earlier, _earlier_call = aliased(Proposal, name="earlier"), aliased(Call, name="earlier_call")
_last, _later = aliased(Submission, name="last_filing"), aliased(Submission)


def _with_continued(statement: Any) -> Any:
    """`statement` over Proposal, with the last filing of the proposal it continues."""
    newest = select(func.max(_later.sequence)).where(_later.proposal_id == _earlier.id).scalar_subquery()
    return (
        statement.add_columns(
            _earlier_call.fiscal_year.label("earlier_year"),
            _earlier.number.label("earlier_number"),
            _earlier.title_th.label("earlier_th"),
            _earlier.title_en.label("earlier_en"),
            _last.sha256.label("earlier_sha256"),
            _last.total.label("earlier_total"),
        )
        .outerjoin(_earlier, _earlier.id == Proposal.continues_id)
        .outerjoin(_earlier_call, _earlier_call.id == _earlier.call_id)
        .outerjoin(_last, and_(_last.proposal_id == _earlier.id, _last.sequence == newest))
    )


def _continued(row: Any) -> Continued | None:
    """The last filing of an earlier proposal, as the proposal of `row` that continues it names it."""
    if row.earlier_sha256 is None:
        return None
    return Continued(
        row.earlier_year,
        row.earlier_number,
        row.earlier_sha256,
        Text(row.earlier_th, row.earlier_en),
        row.earlier_total,
    )


def draft_facts(
    session: Session, view: DraftView, call: CallView, directory: Mapping[str, AgencyRef]
) -> ProposalFacts:
    """The facts the present draft amounts to, complete or not."""
    return facts_from_draft(
        view.draft,
        fiscal_year=call.fiscal_year,
        number=view.number,
        origin=call.origin.value,
        lead=directory[view.lead_code],
        directory=directory,
        attachments=list_attached(session, view.id),
        parts=view.joined,
        answers=view.answers,
        continues=view.continues,
    )


@dataclass(frozen=True, slots=True)
class DraftState:
    """A draft in a list: its facts so far, and what they were made of."""

    facts: ProposalFacts
    draft: Draft
    parts: tuple[PartView, ...]

    @property
    def joined(self) -> dict[str, Part]:
        """Code of each participant that joined and still takes part -> what it typed, in the order of the facts."""
        joined = {p.code: p.part for p in self.parts if p.has_joined}
        return {a.code: joined[a.code] for a in self.facts.participants if a.code in joined}


def list_draft_facts(
    session: Session,
    proposal_ids: Collection[int],
    calls: Mapping[int, CallView],
    directory: Mapping[str, AgencyRef],
    answers: Mapping[int, Mapping[str, LinkAnswer]] | None = None,
) -> dict[int, DraftState]:
    """Proposal id -> its draft so far; three queries for any number of drafts, a fourth for the answers of partners
    unless the caller has read them. The caller has taken the ids from a list of the actor's own; `calls` are by id."""
    rows = session.execute(
        _with_continued(
            select(Proposal.id, Proposal.number, Proposal.call_id, ProposalDraft.content, Agency.code)
            .join(ProposalDraft, ProposalDraft.proposal_id == Proposal.id)
            .join(Agency, Agency.id == Proposal.lead_agency_id)
            .where(Proposal.id.in_(proposal_ids))
        )
    ).all()
    parts = _parts(session, proposal_ids)
    if answers is None:
        answers = _answers(session, proposal_ids)
    attached: dict[int, list[AttachmentFacts]] = {}
    for file in session.scalars(
        select(Attachment)
        .where(Attachment.proposal_id.in_(proposal_ids), Attachment.removed_at.is_(None))
        .order_by(Attachment.id)
    ):
        attached.setdefault(file.proposal_id, []).append(
            AttachmentFacts(file.kind, file.name, file.size, file.sha256)
        )
    found = {}
    for row in rows:
        draft, own, call = json.loads(row.content), parts.get(row.id, ()), calls[row.call_id]
        facts = facts_from_draft(
            draft,
            fiscal_year=call.fiscal_year,
            number=row.number,
            origin=call.origin.value,
            lead=directory[row.code],
            directory=directory,
            attachments=attached.get(row.id, ()),
            parts={p.code: p.part for p in own if p.has_joined},
            answers=answers.get(row.id),
            continues=_continued(row),
        )
        found[row.id] = DraftState(facts, draft, own)
    return found


def list_attachments(session: Session, proposal_id: int) -> list[Attachment]:
    """The files of a draft that were not removed, in the order they came."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.proposal_id == proposal_id, Attachment.removed_at.is_(None))
            .order_by(Attachment.id)
        )
    )


def list_attached(session: Session, proposal_id: int) -> list[AttachmentFacts]:
    """The same files as they stand in the facts."""
    return [AttachmentFacts(a.kind, a.name, a.size, a.sha256) for a in list_attachments(session, proposal_id)]
