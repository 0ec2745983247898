"""Files of a draft: attached, exchanged for others, taken off. The lead agency's officers write them."""

from __future__ import annotations

from app.calls.facts import Limits
from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.kernel.errors import NotFound, Refused
from app.kernel.files import FileStore
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.drafting import get_writable
from app.proposals.models import Attachment
from app.proposals.queries import list_attachments

EMPTY = Text("ไฟล์ว่างเปล่า", "The file is empty")
TOO_LARGE = Text("ไฟล์ใหญ่เกิน {n} เมกะไบต์", "The file is larger than {n} megabytes")
NOT_ATTACHED = Text("ยังแนบไฟล์ไม่ได้", "The file was not attached")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose bytes are in the store already. `size` in bytes; the shell has judged the content."""

    name: str
    media_type: str
    size: int
    sha256: str


def store_file(store: FileStore, name: str, media_type: str, data: bytes) -> StoredFile:
    """Put the bytes away before any transaction begins: a slow storage must not hold up other people's saves.

    Raises `StorageFault`. Bytes that no draft takes afterwards lie there unused.
    """
    return StoredFile(name, media_type, len(data), store.put(data))


def attach_file(work: Work[Actor], proposal_id: int, kind: str, file: StoredFile) -> Attachment:
    """Put a stored file on the draft. Raises `Refused` with every reason; then nothing has changed."""
    proposal = get_writable(work, proposal_id, "attachments")
    call = get_call_by_id(work.session, proposal.call_id)
    attached = list_attachments(work.session, proposal_id)
    problems = []
    if kind not in {choice.code for choice in call.plan.attachment_kinds}:
        problems.append(
            _problem("attachments-kind", Text("กรุณาเลือกประเภทเอกสาร", "Choose the kind of document"))
        )
    if len(attached) >= call.limits.attachments:
        most = Text("แนบได้ไม่เกิน {n} ไฟล์", "At most {n} files may be attached")
        problems.append(_problem("attachments-file", most.fill(n=call.limits.attachments)))
    problems += _problems_of(file, call.limits, [a for a in attached if a.kind == kind])
    if problems:
        raise Refused(NOT_ATTACHED, problems)
    attachment = _add(work, proposal_id, kind, file)
    proposal.updated_at = work.now
    work.audit(
        "attach_file",
        f"proposal:{proposal_id}",
        after=attachment.sha256,
        detail={"attachment": attachment.id, "kind": kind},
    )
    return attachment


def replace_attachment(
    work: Work[Actor], proposal_id: int, attachment_id: int, file: StoredFile
) -> Attachment:
    """Put a stored file in the place of an attached one, of the same kind; the old row and bytes stay for the
    record. Raises `NotFound`, and `Refused` with every reason."""
    proposal = get_writable(work, proposal_id, "attachments")
    old = _get(work, proposal_id, attachment_id)
    call = get_call_by_id(work.session, proposal.call_id)
    others = [a for a in list_attachments(work.session, proposal_id) if a.kind == old.kind]
    problems = _problems_of(file, call.limits, others)
    if problems:
        raise Refused(NOT_ATTACHED, problems)
    old.removed_at = work.now
    attachment = _add(work, proposal_id, old.kind, file)
    proposal.updated_at = work.now
    work.audit(
        "replace_attachment",
        f"proposal:{proposal_id}",
        before=old.sha256,
        after=attachment.sha256,
        detail={"attachment": attachment.id, "replaces": old.id, "kind": old.kind},
    )
    return attachment


def remove_attachment(work: Work[Actor], proposal_id: int, attachment_id: int) -> None:
    """Take a file off the draft; its row and bytes stay for the record."""
    proposal = get_writable(work, proposal_id, "attachments")
    attachment = _get(work, proposal_id, attachment_id)
    attachment.removed_at = work.now
    proposal.updated_at = work.now
    work.audit(
        "remove_attachment",
        f"proposal:{proposal_id}",
        before=attachment.sha256,
        detail={"attachment": attachment_id},
    )


def _get(work: Work[Actor], proposal_id: int, attachment_id: int) -> Attachment:
    attachment = work.session.get(Attachment, attachment_id)
    if attachment is None or attachment.proposal_id != proposal_id or attachment.removed_at is not None:
        raise NotFound()
    return attachment


def _add(work: Work[Actor], proposal_id: int, kind: str, file: StoredFile) -> Attachment:
    attachment = Attachment(
        proposal_id=proposal_id,
        kind=kind,
        name=file.name[:255],
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        uploaded_at=work.now,
        uploaded_by=work.actor.id,
    )
    work.session.add(attachment)
    work.session.flush()
    return attachment


def _problems_of(file: StoredFile, limits: Limits, of_the_kind: list[Attachment]) -> list[Problem]:
    """What is wrong with the file itself, beside those attached under the same kind."""
    problems = []
    if not file.size:
        problems.append(_problem("attachments-file", EMPTY))
    if file.size > limits.attachment_megabytes * 1024 * 1024:
        problems.append(_problem("attachments-file", TOO_LARGE.fill(n=limits.attachment_megabytes)))
    same = next((a.name for a in of_the_kind if a.sha256 == file.sha256), None)
    if same is not None:
        twice = Text(
            "เนื้อหาตรงกับ “{name}” ที่แนบไว้แล้วทุกประการ",
            "The content is exactly that of “{name}”, attached already",
        )
        problems.append(_problem("attachments-file", twice.fill(name=same)))
    return problems


def _problem(place: str, text: Text) -> Problem:
    return Problem(place, text, "attachments")
