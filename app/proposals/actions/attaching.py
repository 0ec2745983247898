"""Files of a draft: attached and taken off."""

from __future__ import annotations

from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.kernel.errors import NotFound, Refused
from app.kernel.files import FileStore
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.drafting import get_writable
from app.proposals.models import (
    Attachment,
)
from app.proposals.queries import (
    list_attachments,
)


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
    proposal = get_writable(work, proposal_id)
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
    get_writable(work, proposal_id)
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
