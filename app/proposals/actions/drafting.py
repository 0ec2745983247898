"""Drafts: made, written section by section, kept in step with what lists show."""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.calls.facts import deadline_of
from app.calls.models import Call
from app.calls.queries import CallView, get_call
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.clock import format_moment
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.money import LARGEST_SATANG
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.kernel.work import Work
from app.proposals.actions.answering import require_time_left
from app.proposals.actions.taking_back import take_questions_back
from app.proposals.drafts import SECTIONS, Draft, Part, empty_draft, empty_section, money_by_agency
from app.proposals.merging import Merged, merge_section
from app.proposals.models import (
    DraftRevision,
    Participation,
    Proposal,
    ProposalAgency,
    ProposalDraft,
)
from app.proposals.queries import find_open_return, target_of
from app.proposals.states import DRAFT, JOINED, RETURNED

_MOST_SINCE = 500  # versions looked back over; a form that was open longer finds nothing to begin from
CHANGED_MEANWHILE = Text(
    "มีผู้อื่นบันทึกข้อความอื่นในช่องเดียวกันหลังจากที่ท่านเปิดหน้านี้ ข้อความของท่านยังอยู่ กรุณาเลือกข้อความที่จะใช้",
    "Somebody else saved another text in the same field after you opened it. Your text is still here; choose which to keep",
)
FILED_ALREADY = Text("ข้อเสนอนี้ยื่นแล้ว จึงแก้ไขไม่ได้", "This proposal was filed and can no longer be changed")
NOT_OPENED = Text(
    "ส่วนนี้ไม่ได้เปิดให้แก้ไขในการส่งคืนครั้งนี้", "This section was not opened when the proposal was returned"
)
OWN_LINES = Text(
    "หน่วยงานร่วมที่ตอบรับแล้วกรอกรายการงบประมาณของตนเอง", "A participant that has joined fills in its own lines"
)


WINDOW_SHUT = Text(
    "ขณะนี้ {now} อยู่นอกช่วงเปิดรับของหน่วยงาน ({opens} ถึงก่อน {closes}{grace}) จึงยื่นหรือสร้างข้อเสนอไม่ได้ "
    "แต่ร่างที่บันทึกไว้ยังอยู่ครบ",
    "It is {now}, outside the agency's submission window ({opens} until just before {closes}{grace}), so nothing can "
    "be created or filed. Saved drafts are kept",
)
WITH_GRACE = Text(" และผ่อนผันถึงก่อน {until}", ", with grace until just before {until}")


def require_open(call: CallView, work: Work[Actor], agency_id: int) -> datetime:
    """The closing moment this agency is judged by; the filing is in its grace if it arrived later.

    Raises `Refused` unless the request arrived within the agency's half-open window, grace included.
    """
    deadline = deadline_of(call, agency_id)
    if not deadline.judge(work.now).accepts:
        grace = WITH_GRACE.fill(until=_moment(deadline.grace_until)) if deadline.has_grace else Text("", "")
        raise Refused(
            WINDOW_SHUT.fill(
                now=_moment(work.now),
                opens=_moment(deadline.opens_at),
                closes=_moment(deadline.closes_at),
                grace=grace,
            )
        )
    return deadline.closes_at


def _moment(at: Any) -> Text:
    return Text(format_moment(at, "th", seconds=True), format_moment(at, "en", seconds=True))


def create_proposal(work: Work[Actor], fiscal_year: int, agency_id: int) -> Proposal:
    """A new empty draft of an agency, with its number. Raises `Refused` outside the window."""
    require(work.actor, Permission.WRITE_PROPOSAL, Target(agency_ids=frozenset({agency_id})))
    call = get_call(work.session, fiscal_year)
    require_open(call, work, agency_id)
    return new_proposal(work, call, agency_id, empty_draft())


def new_proposal(
    work: Work[Actor], call: CallView, agency_id: int, draft: Draft, continues_id: int | None = None
) -> Proposal:
    """A proposal with the call's next number and this draft; the caller has checked who and when."""
    row = work.session.get(Call, call.id, with_for_update=True)
    if row is None:
        raise NotFound()
    row.last_number += 1
    proposal = Proposal(
        call_id=call.id,
        number=f"{call.fiscal_year}-{row.last_number:04d}",
        lead_agency_id=agency_id,
        state=DRAFT,
        created_at=work.now,
        created_by=work.actor.id,
        updated_at=work.now,
        continues_id=continues_id,
    )
    work.session.add(proposal)
    work.session.flush()
    work.session.add(
        ProposalDraft(
            proposal_id=proposal.id,
            content=canonical_json(draft),
            section_versions=canonical_json(dict.fromkeys(SECTIONS, 1)),
            updated_at=work.now,
            updated_by=work.actor.id,
        )
    )
    for section, value in draft.items():
        if value != empty_section(section):
            keep_revision(work, proposal.id, agency_id, section, 1, value, "carried")
    mirror_draft(work, proposal, draft, {}, draft)
    work.audit("create_proposal", f"proposal:{proposal.id}", agency_id=agency_id)
    return proposal


def get_of_lead(work: Work[Actor], proposal_id: int, permission: Permission) -> Proposal:
    """The proposal under lock, if the actor holds `permission` for its lead agency; participants only read."""
    require(work.actor, permission)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    require(work.actor, permission, Target(agency_ids=frozenset({proposal.lead_agency_id})))
    return proposal


def get_writable(
    work: Work[Actor], proposal_id: int, section: str | None, agency_id: int | None = None
) -> Proposal:
    """The proposal under lock, if this actor may write this section now: of the lead, or of the participant
    `agency_id`. None asks for no section in particular. Raises `Refused` once it is filed, or for a section that its
    return did not open, `NotFound` for a participant that is no longer named."""
    require(work.actor, Permission.WRITE_PROPOSAL)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    owner = agency_id or proposal.lead_agency_id
    require(work.actor, Permission.WRITE_PROPOSAL, Target(agency_ids=frozenset({owner})))
    if owner != proposal.lead_agency_id and owner not in target_of(work.session, proposal_id).agency_ids:
        raise NotFound()
    if proposal.state == RETURNED:
        opened = find_open_return(work.session, proposal_id)
        if opened is None or (section is not None and _opened_as(section) not in opened.sections):
            raise Refused(NOT_OPENED)
        require_time_left(opened.due_at, work.now)
    elif proposal.state != DRAFT:
        raise Refused(FILED_ALREADY)
    return proposal


def _opened_as(section: str) -> str:
    """The section a return opens for it: the links of a participant belong to the integration."""
    return "integration" if section == "links" else section


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to. `taken` are the places where another person's change came in beside one's own."""

    version: int
    value: dict[str, Any]
    taken: tuple[str, ...] = ()


class Conflict(Stale):
    """Two people changed the same field: both texts, for the second to choose. Nothing was saved."""

    def __init__(self, merged: Merged, version: int, by: Text):
        super().__init__(CHANGED_MEANWHILE)
        self.merged = merged
        self.version = version
        self.by = by


def save_section(
    work: Work[Actor],
    proposal_id: int,
    section: str,
    value: dict[str, Any],
    version: int,
    *,
    agency_id: int | None = None,
    cause: str = "typed",
    page: str = "",
) -> Saved:
    """Save one section of a draft, of the lead or of the participant `agency_id`, and keep it as a revision.

    `value` has the section's shape (see `drafts`), `version` is the one the form was opened with, `page` the open page
    that saves by itself: when the answer to a save was lost, it sends its text again with the version before. What
    somebody else saved in other fields since is kept beside it; raises `Conflict` where both changed the same field, and
    nothing is overwritten. Raises `NotFound` for a section drafts lack.
    """
    proposal = get_writable(work, proposal_id, section, agency_id)
    owner = agency_id or proposal.lead_agency_id
    kept = writable_page(work, proposal, owner)
    content: dict[str, Any] = json.loads(kept.content)
    versions: dict[str, int] = json.loads(kept.section_versions)
    if section not in content:
        raise NotFound()
    theirs = content[section]
    saved = Saved(versions[section], value)
    if versions[section] != version:
        opened = _Opened(proposal_id, owner, section, version, page[:40])
        saved = _merge(work, opened, value, theirs, versions[section])
        cause = "merged" if saved.taken else cause
    if theirs == saved.value:
        return saved
    content[section] = saved.value
    versions[section] += 1
    kept.content = canonical_json(content)
    kept.section_versions = canonical_json(versions)
    proposal.updated_at = work.now
    if isinstance(kept, ProposalDraft):
        kept.updated_at, kept.updated_by = work.now, work.actor.id
    keep_revision(work, proposal_id, owner, section, versions[section], saved.value, cause, page)
    _follow(work, proposal, owner, section)
    work.audit(
        "save_section",
        f"proposal:{proposal_id}",
        agency_id=owner,
        before=sha256_text(canonical_json(theirs)),
        after=sha256_text(canonical_json(saved.value)),
        detail={"section": section, "version": versions[section], "cause": cause},
    )
    return Saved(versions[section], saved.value, saved.taken)


def writable_page(work: Work[Actor], proposal: Proposal, owner: int) -> ProposalDraft | Participation:
    """What an agency writes on: the lead's draft, or the part of a participant that joined."""
    if owner == proposal.lead_agency_id:
        return work.session.get_one(ProposalDraft, proposal.id)
    part = work.session.scalars(
        select(Participation).where(
            Participation.proposal_id == proposal.id, Participation.agency_id == owner
        )
    ).first()
    if part is None or part.state != JOINED:
        raise NotFound()
    return part


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a form was opened on."""

    proposal_id: int
    owner: int
    section: str
    version: int
    page: str


def _merge(
    work: Work[Actor], opened: _Opened, mine: dict[str, Any], theirs: dict[str, Any], current: int
) -> Saved:
    """Both changes since the form was opened, or `Conflict`."""
    since = {
        row.version: row
        for row in work.session.execute(
            select(
                DraftRevision.version,
                DraftRevision.content,
                DraftRevision.page,
                DraftRevision.cause,
                User.name_th,
                User.name_en,
            )
            .outerjoin(User, User.id == DraftRevision.by)
            .where(
                DraftRevision.proposal_id == opened.proposal_id,
                DraftRevision.agency_id == opened.owner,
                DraftRevision.section == opened.section,
                DraftRevision.version >= opened.version,
            )
            .order_by(DraftRevision.version)
            .limit(_MOST_SINCE)
        )
    }
    base = opened.version
    # what this very page saved right after: its answer was lost, and the page still counts from the version before
    while (
        opened.page and (own := since.get(base + 1)) and (own.page, own.cause) == (opened.page, "autosaved")
    ):
        base += 1
    known = since.get(base)
    began = json.loads(known.content) if known else empty_section(opened.section)
    merged = merge_section(opened.section, began, mine, theirs)
    if merged.conflicts:
        last = since.get(current)
        raise Conflict(
            merged, current, Text(last.name_th or "", last.name_en or "") if last else Text("", "")
        )
    return Saved(current, merged.value, merged.taken)


def keep_revision(
    work: Work[Actor],
    proposal_id: int,
    owner: int,
    section: str,
    version: int,
    value: Mapping[str, Any],
    cause: str,
    page: str = "",
) -> None:
    """Keep one save of one section for good."""
    work.session.add(
        DraftRevision(
            proposal_id=proposal_id,
            agency_id=owner,
            section=section,
            version=version,
            content=canonical_json(dict(value)),
            cause=cause,
            page=page[:40],
            at=work.now,
            by=work.actor.id,
        )
    )


def _follow(work: Work[Actor], proposal: Proposal, owner: int, section: str) -> None:
    """Whatever goes with a save: what lists show, and questions to partners about links that are no more."""
    if section not in ("names", "plan", "budget", "integration", "links"):
        return
    draft, parts = draft_and_parts(work, proposal)
    if owner == proposal.lead_agency_id and section == "budget":
        joined = {code for code in parts if code in draft["names"]["participants"]}
        if any(row["agency"] in joined for row in draft["budget"]["rows"]):
            raise Refused(OWN_LINES)
    if section in ("names", "plan", "budget"):
        show_draft(work, proposal, draft, parts, (section,))
    if section in ("names", "integration", "links"):
        take_questions_back(work, proposal.id, draft, parts)


def draft_and_parts(work: Work[Actor], proposal: Proposal) -> tuple[Draft, dict[str, Part]]:
    """The lead's draft and, by agency code, the parts of participants that joined."""
    work.session.flush()
    draft: Draft = json.loads(work.session.get_one(ProposalDraft, proposal.id).content)
    parts = {
        row.code: json.loads(row.content)
        for row in work.session.execute(
            select(Agency.code, Participation.content)
            .join(Agency, Agency.id == Participation.agency_id)
            .where(Participation.proposal_id == proposal.id, Participation.state == JOINED)
            .order_by(Participation.id)
        )
    }
    return draft, parts


def show_draft(
    work: Work[Actor],
    proposal: Proposal,
    draft: Draft,
    parts: Mapping[str, Part],
    sections: Container[str],
) -> None:
    """Keep what lists show in step with the draft; of a returned filing they go on showing what was filed, and only
    agencies that now take part are let in."""
    if proposal.state != RETURNED:
        mirror_draft(work, proposal, draft, parts, sections)
        return
    proposal.updated_at = work.now
    if "names" in sections:
        kept = {row.code: row.amount for row in _money_of(work, proposal.id)}
        write_agencies(work, proposal, [*draft["names"]["participants"], *kept], kept)


def _money_of(work: Work[Actor], proposal_id: int) -> Sequence[Any]:
    return work.session.execute(
        select(Agency.code, ProposalAgency.amount)
        .join(ProposalAgency, ProposalAgency.agency_id == Agency.id)
        .where(ProposalAgency.proposal_id == proposal_id)
    ).all()


def mirror_draft(
    work: Work[Actor],
    proposal: Proposal,
    draft: Draft,
    parts: Mapping[str, Part],
    sections: Container[str],
) -> None:
    """Keep what lists show in step with the sections that changed."""
    names, plan = draft["names"], draft["plan"]
    proposal.updated_at = work.now
    if "plan" in sections:
        proposal.stage, proposal.guideline = plan["stage"], plan["guideline"]
        proposal.strategy, proposal.focus_area = plan["strategy"], plan["focus_area"]
    if "names" in sections:
        proposal.title_th, proposal.title_en = names["title_th"], names["title_en"]
        lead = work.session.get_one(Agency, proposal.lead_agency_id)
        proposal.search_key = search_key(
            " ".join((proposal.number, names["title_th"], names["title_en"], lead.name_th, lead.name_en))
        )
    if "names" in sections or "budget" in sections:
        counted = {code: part for code, part in parts.items() if code in names["participants"]}
        money = money_by_agency(draft, counted)
        # a draft may say more than can ever be filed; what lists show fits the column
        proposal.total = min(sum(money.values()), LARGEST_SATANG)
        write_agencies(work, proposal, names["participants"], money)


def write_agencies(
    work: Work[Actor], proposal: Proposal, participants: Collection[str], money: Mapping[str, int]
) -> None:
    """The agencies of a proposal, each with its own money (satang), as they now are."""
    wanted = {
        row.id: min(money.get(row.code, 0), LARGEST_SATANG)
        for row in work.session.execute(
            select(Agency.id, Agency.code).where(
                Agency.code.in_(participants) | (Agency.id == proposal.lead_agency_id)
            )
        )
    }
    kept = {
        row.agency_id: row
        for row in work.session.scalars(
            select(ProposalAgency).where(ProposalAgency.proposal_id == proposal.id)
        )
    }
    for agency_id, row in kept.items():
        if agency_id not in wanted:
            work.session.delete(row)
        elif row.amount != wanted[agency_id]:
            row.amount = wanted[agency_id]
    for agency_id, amount in wanted.items():
        if agency_id not in kept:
            work.session.add(
                ProposalAgency(
                    proposal_id=proposal.id,
                    agency_id=agency_id,
                    is_lead=agency_id == proposal.lead_agency_id,
                    amount=amount,
                )
            )
    work.session.flush()
