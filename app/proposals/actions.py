"""What is done with proposals: drafted, attached to, filed, moved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select

from app.calls.models import Call
from app.calls.queries import CallView, get_call, get_call_by_id
from app.identity.facts import Actor
from app.identity.queries import agency_ids
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.clock import format_moment
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.files import FileStore
from app.kernel.findings import Problem
from app.kernel.money import LARGEST_SATANG
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.kernel.work import Work
from app.proposals.drafts import SECTIONS, Draft, empty_draft
from app.proposals.facts import FrozenFacts, ProposalFacts, freeze
from app.proposals.models import (
    Attachment,
    Proposal,
    ProposalAgency,
    ProposalDraft,
    ProposalMove,
    Submission,
    SubmittedLine,
)
from app.proposals.queries import (
    agency_directory,
    draft_facts,
    get_draft,
    list_attachments,
)
from app.proposals.rules import list_problems
from app.proposals.states import DRAFT, LIFECYCLE

NOT_FILED = Text(
    "ยังยื่นข้อเสนอไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "The proposal cannot be filed yet; please mend the following"
)
CHANGED_MEANWHILE = Text(
    "มีผู้อื่นบันทึกส่วนนี้ไปแล้วหลังจากที่ท่านเปิดหน้านี้ ข้อความของท่านยังอยู่ กรุณาเทียบก่อนบันทึกอีกครั้ง",
    "Somebody else saved this section after you opened it. Your text is still here; compare before saving again",
)
WINDOW_SHUT = Text(
    "ขณะนี้ {now} อยู่นอกช่วงเปิดรับ ({opens} ถึงก่อน {closes}) จึงยื่นหรือสร้างข้อเสนอไม่ได้ แต่ร่างที่บันทึกไว้ยังอยู่ครบ",
    "It is {now}, outside the submission window ({opens} until just before {closes}), so nothing can be created or "
    "filed. Saved drafts are kept",
)


def _require_open(call: CallView, work: Work[Actor]) -> None:
    if not call.opens_at <= work.now < call.closes_at:
        raise Refused(
            WINDOW_SHUT.fill(
                now=_moment(work.now), opens=_moment(call.opens_at), closes=_moment(call.closes_at)
            )
        )


def _moment(at: Any) -> Text:
    return Text(format_moment(at, "th", seconds=True), format_moment(at, "en", seconds=True))


def create_proposal(work: Work[Actor], fiscal_year: int, agency_id: int) -> Proposal:
    """A new empty draft of an agency, with its number. Raises `Refused` outside the window."""
    require(work.actor, Permission.WRITE_PROPOSAL, Target(agency_ids=frozenset({agency_id})))
    call = get_call(work.session, fiscal_year)
    _require_open(call, work)
    return _new_proposal(work, call, agency_id, empty_draft())


def _new_proposal(work: Work[Actor], call: CallView, agency_id: int, draft: Draft) -> Proposal:
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
    )
    work.session.add(proposal)
    work.session.flush()
    work.session.add(ProposalAgency(proposal_id=proposal.id, agency_id=agency_id, is_lead=True))
    work.session.add(
        ProposalDraft(
            proposal_id=proposal.id,
            content=canonical_json(draft),
            section_versions=canonical_json(dict.fromkeys(SECTIONS, 1)),
            updated_at=work.now,
            updated_by=work.actor.id,
        )
    )
    work.session.flush()
    work.audit("create_proposal", f"proposal:{proposal.id}", agency_id=agency_id)
    return proposal


def _of_lead(work: Work[Actor], proposal_id: int, permission: Permission) -> Proposal:
    """The proposal under lock, if the actor holds `permission` for its lead agency; participants only read."""
    require(work.actor, permission)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    require(work.actor, permission, Target(agency_ids=frozenset({proposal.lead_agency_id})))
    return proposal


def _writable(work: Work[Actor], proposal_id: int) -> Proposal:
    """The proposal under lock, if this actor may write it and it is still a draft."""
    proposal = _of_lead(work, proposal_id, Permission.WRITE_PROPOSAL)
    if proposal.state != DRAFT:
        raise Refused(Text("ข้อเสนอนี้ยื่นแล้ว จึงแก้ไขไม่ได้", "This proposal was filed and can no longer be changed"))
    return proposal


def save_section(
    work: Work[Actor], proposal_id: int, section: str, value: dict[str, Any], version: int
) -> int:
    """Save one section of a draft; returns its new version.

    `value` has the section's shape (see `drafts`), `version` is the one the form was opened with. Raises `Stale`
    when somebody saved the section since; nothing is overwritten. Raises `NotFound` for a section drafts lack.
    """
    proposal = _writable(work, proposal_id)
    kept = work.session.get_one(ProposalDraft, proposal_id)
    versions = json.loads(kept.section_versions)
    draft: Draft = json.loads(kept.content)
    if section not in draft:
        raise NotFound()
    if draft[section] == value:
        return int(versions[section])
    if versions[section] != version:
        raise Stale(CHANGED_MEANWHILE)
    before = sha256_text(canonical_json(draft[section]))
    draft[section] = value
    versions[section] += 1
    kept.content = canonical_json(draft)
    kept.section_versions = canonical_json(versions)
    kept.updated_at, kept.updated_by = work.now, work.actor.id
    _mirror(work, proposal, draft)
    work.audit(
        "save_section",
        f"proposal:{proposal_id}",
        before=before,
        after=sha256_text(canonical_json(value)),
        detail={"section": section, "version": versions[section]},
    )
    return int(versions[section])


def _mirror(work: Work[Actor], proposal: Proposal, draft: Draft) -> None:
    """Keep what lists show in step with the draft."""
    names, plan = draft["names"], draft["plan"]
    proposal.title_th, proposal.title_en = names["title_th"], names["title_en"]
    proposal.stage, proposal.guideline = plan["stage"], plan["guideline"]
    proposal.strategy, proposal.focus_area = plan["strategy"], plan["focus_area"]
    proposal.updated_at = work.now
    directory = agency_directory(work.session)
    ids = agency_ids(work.session)
    view = get_draft(work.session, work.actor, proposal.id)
    call = get_call_by_id(work.session, proposal.call_id)
    facts = draft_facts(work.session, view, call, directory)
    # a draft may say more than can ever be filed; what lists show fits the column
    proposal.total = min(facts.total, LARGEST_SATANG)
    proposal.search_key = search_key(
        " ".join((proposal.number, facts.title.th, facts.title.en, facts.lead.name.th, facts.lead.name.en))
    )
    _write_agencies(work, proposal, facts, ids)


def _write_agencies(work: Work[Actor], proposal: Proposal, facts: ProposalFacts, ids: dict[str, int]) -> None:
    work.session.execute(delete(ProposalAgency).where(ProposalAgency.proposal_id == proposal.id))
    rows = [
        {
            "proposal_id": proposal.id,
            "agency_id": ids[agency.code],
            "is_lead": agency.code == facts.lead.code,
            "amount": min(facts.total_of(agency.code), LARGEST_SATANG),
        }
        for agency in facts.agencies
    ]
    work.session.execute(ProposalAgency.__table__.insert(), rows)  # type: ignore[attr-defined]


def attach_file(
    work: Work[Actor],
    store: FileStore,
    proposal_id: int,
    *,
    kind: str,
    name: str,
    media_type: str,
    data: bytes,
) -> Attachment:
    """Keep a file with the draft. The shell has checked its content; counts and sizes are checked here."""
    proposal = _writable(work, proposal_id)
    call = get_call_by_id(work.session, proposal.call_id)
    problems = []
    if kind not in {choice.code for choice in call.plan.attachment_kinds}:
        problems.append(
            Problem(
                "attachments-kind", Text("กรุณาเลือกประเภทเอกสาร", "Choose the kind of document"), "attachments"
            )
        )
    if len(list_attachments(work.session, proposal_id)) >= call.limits.attachments:
        problems.append(
            Problem(
                "attachments-file",
                Text("แนบได้ไม่เกิน {n} แฟ้ม", "At most {n} files may be attached").fill(
                    n=call.limits.attachments
                ),
                "attachments",
            )
        )
    if len(data) > call.limits.attachment_megabytes * 1024 * 1024:
        problems.append(
            Problem(
                "attachments-file",
                Text("แฟ้มใหญ่เกิน {n} เมกะไบต์", "The file is larger than {n} megabytes").fill(
                    n=call.limits.attachment_megabytes
                ),
                "attachments",
            )
        )
    if not data:
        problems.append(Problem("attachments-file", Text("แฟ้มว่างเปล่า", "The file is empty"), "attachments"))
    if problems:
        raise Refused(Text("ยังแนบแฟ้มไม่ได้", "The file was not attached"), problems)
    attachment = Attachment(
        proposal_id=proposal_id,
        kind=kind,
        name=name[:255],
        media_type=media_type,
        size=len(data),
        sha256=store.put(data),
        uploaded_at=work.now,
        uploaded_by=work.actor.id,
    )
    work.session.add(attachment)
    work.session.flush()
    proposal.updated_at = work.now
    work.audit(
        "attach_file",
        f"proposal:{proposal_id}",
        after=attachment.sha256,
        detail={"attachment": attachment.id, "kind": kind},
    )
    return attachment


def remove_attachment(work: Work[Actor], proposal_id: int, attachment_id: int) -> None:
    """Take a file off the draft; its row and bytes stay for the record."""
    _writable(work, proposal_id)
    attachment = work.session.get(Attachment, attachment_id)
    if attachment is None or attachment.proposal_id != proposal_id or attachment.removed_at is not None:
        raise NotFound()
    attachment.removed_at = work.now
    work.audit(
        "remove_attachment",
        f"proposal:{proposal_id}",
        before=attachment.sha256,
        detail={"attachment": attachment_id},
    )


def submit_proposal(work: Work[Actor], proposal_id: int, idempotency_key: str) -> Submission:
    """File a complete proposal: freeze its facts and give the receipt.

    The same key again, or a proposal that is filed already, gives the same submission. Raises `Refused` with every
    problem at once, or when `work.now` (the arrival of the request) lies outside the half-open window.
    """
    proposal = _of_lead(work, proposal_id, Permission.FILE_PROPOSAL)
    key = sha256_text(f"{proposal_id}:{idempotency_key}")  # of this proposal only, whatever a browser sends
    earlier = work.session.scalars(
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).first()
    if earlier is not None and (earlier.idempotency_key == key or proposal.state != DRAFT):
        return earlier
    call = get_call_by_id(work.session, proposal.call_id)
    _require_open(call, work)
    view = get_draft(work.session, work.actor, proposal_id)
    facts = draft_facts(work.session, view, call, agency_directory(work.session))
    problems = list_problems(facts, call.plan, call.limits)
    if problems:
        raise Refused(NOT_FILED, problems)
    submission = _freeze_submission(work, proposal, call, facts, key)
    move_proposal(work, proposal, "submit")
    return submission


def record_proposal(work: Work[Actor], call: CallView, agency_id: int, facts: ProposalFacts) -> Proposal:
    """Record a past proposal known only from published budget documents: frozen, never screened or scored.

    `facts.number` is replaced by the number given here. Used by imports; needs MANAGE_CALL.
    """
    require(work.actor, Permission.MANAGE_CALL)
    proposal = _new_proposal(work, call, agency_id, empty_draft())
    facts = replace(facts, number=proposal.number)
    proposal.title_th, proposal.title_en = facts.title.th, facts.title.en
    proposal.stage, proposal.guideline = facts.stage, facts.guideline
    proposal.strategy, proposal.focus_area = facts.strategy, facts.focus_area
    proposal.total = facts.total
    proposal.search_key = search_key(
        " ".join((proposal.number, facts.title.th, facts.title.en, facts.lead.name.th, facts.lead.name.en))
    )
    ids = agency_ids(work.session)
    _write_agencies(work, proposal, facts, ids)
    _freeze_submission(work, proposal, call, facts, f"record-{proposal.number}")
    move_proposal(work, proposal, "record")
    return proposal


def _freeze_submission(
    work: Work[Actor], proposal: Proposal, call: CallView, facts: ProposalFacts, key: str
) -> Submission:
    frozen: FrozenFacts = freeze(facts)
    sequence = 1 + (
        work.session.scalar(
            select(Submission.sequence)
            .where(Submission.proposal_id == proposal.id)
            .order_by(Submission.sequence.desc())
            .limit(1)
        )
        or 0
    )
    submission = Submission(
        proposal_id=proposal.id,
        sequence=sequence,
        receipt_number=f"R{proposal.number}-{sequence}",
        idempotency_key=key,
        submitted_at=work.now,
        submitted_by=work.actor.id,
        content=frozen.content,
        sha256=frozen.sha256,
        total=facts.total,
        plan_id=call.plan_id,
        rubric_id=call.rubric_id,
        rulebook_id=call.rulebook_id,
    )
    work.session.add(submission)
    work.session.flush()
    ids = agency_ids(work.session)
    rows = []
    for position, line in enumerate(facts.lines, 1):
        later = (*line.later_years, 0, 0, 0, 0)[:4]
        rows.append(
            {
                "submission_id": submission.id,
                "position": position,
                "agency_id": ids[line.agency],
                "category": line.category,
                "item": line.item,
                "quantity": line.quantity or 0,
                "unit": line.unit,
                "unit_price": line.unit_price or 0,
                "amount": line.amount,
                "q0": line.amount - sum(line.quarters),
                "q1": line.quarters[0],
                "q2": line.quarters[1],
                "q3": line.quarters[2],
                "q4": line.quarters[3],
                "later1": later[0],
                "later2": later[1],
                "later3": later[2],
                "later4": later[3],
                "source": line.source,
            }
        )
    if rows:
        work.session.execute(SubmittedLine.__table__.insert(), rows)  # type: ignore[attr-defined]
    proposal.submitted_at = work.now
    proposal.facts_sha256 = frozen.sha256
    work.audit(
        "freeze_submission",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        after=frozen.sha256,
        detail={"receipt": submission.receipt_number},
    )
    return submission


def move_proposal(work: Work[Actor], proposal: Proposal, move: str, reason: str = "") -> None:
    """Move a proposal along its lifecycle: state, history, audit and outbox together.

    Later rooms call this; they hold the permission for their own verb. Raises `Refused` when the table has no
    such move from the present state.
    """
    before = proposal.state
    after = LIFECYCLE.after(before, move)
    if after == before:
        return
    proposal.state = after
    proposal.updated_at = work.now
    work.session.add(
        ProposalMove(
            proposal_id=proposal.id,
            move=move,
            from_state=before,
            to_state=after,
            at=work.now,
            actor_id=work.actor.id,
            reason=reason,
        )
    )
    work.audit(
        "move_proposal",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        detail={"move": move, "from": before, "to": after},
    )
