"""Files that show an indicator's result: added to a report that is being written, taken off, kept for good."""

from __future__ import annotations

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.rules import Permission
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.monitoring.actions.reporting import ground_for, own_report
from app.monitoring.models import EvidenceFile, ProgressRecord
from app.monitoring.states import REPORT_LIFE, WRITABLE
from app.proposals.actions import StoredFile

MOST_FILES, MOST_BYTES = 50, 20 * 2**20

TOO_MANY = Text("แนบหลักฐานได้ไม่เกิน 50 ไฟล์ต่อรายงาน", "A report takes at most 50 evidence files")
TWICE = Text(
    "เนื้อหาตรงกับ “{name}” ที่แนบไว้แล้วทุกประการ", "The content is exactly that of “{name}”, attached already"
)


def attach_evidence(
    work: Work[Actor], record_id: int, number: str, position: int, file: StoredFile
) -> EvidenceFile:
    """Add a file, whose bytes are in the store, to an indicator of a report. Raises `NotFound`, and `Refused` for a
    report that is not being written, the same file twice, or too many."""
    record = _writable(work, record_id)
    ground = ground_for(work, record)
    if (number, position) not in ground.indicators:
        raise NotFound()
    kept = work.session.scalars(
        select(EvidenceFile).where(EvidenceFile.record_id == record_id, EvidenceFile.removed_at.is_(None))
    ).all()
    project_id = ground.project_ids[number]
    for other in kept:
        if (other.project_id, other.position, other.sha256) == (project_id, position, file.sha256):
            raise Refused(
                TWICE.fill(name=other.name), [Problem("evidence-file", TWICE.fill(name=other.name))]
            )
    if len(kept) >= MOST_FILES:
        raise Refused(TOO_MANY, [Problem("evidence-file", TOO_MANY)])
    row = EvidenceFile(
        record_id=record_id,
        project_id=project_id,
        position=position,
        name=file.name[:255],
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        uploaded_at=work.now,
        uploaded_by=work.actor.id,
    )
    work.session.add(row)
    work.session.flush()
    work.audit(
        "attach_evidence",
        f"report:{record_id}",
        agency_id=record.agency_id,
        after=file.sha256,
        detail={"file": row.id, "indicator": position, "project": project_id},
    )
    return row


def remove_evidence(work: Work[Actor], record_id: int, file_id: int) -> None:
    """Take a file off; its row and bytes stay for the record."""
    record = _writable(work, record_id)
    file = work.session.get(EvidenceFile, file_id)
    if file is None or file.record_id != record_id or file.removed_at is not None:
        raise NotFound()
    file.removed_at = work.now
    work.audit(
        "remove_evidence",
        f"report:{record_id}",
        agency_id=record.agency_id,
        before=file.sha256,
        detail={"file": file_id},
    )


def _writable(work: Work[Actor], record_id: int) -> ProgressRecord:
    record = own_report(work, record_id, Permission.REPORT_PROGRESS)
    if record.state not in WRITABLE:
        REPORT_LIFE.after(record.state, "send")  # says in which state it is
    return record
