"""Filled-in workbooks: taken in hand, read out of sight, then applied whole or dropped by the person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.files import FileStore
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.attaching import StoredFile
from app.proposals.actions.drafting import get_writable
from app.proposals.actions.saving import save_section, writable_page
from app.proposals.drafts import SECTIONS
from app.proposals.merging import resolve
from app.proposals.models import WorkbookUpload
from app.proposals.queries.uploads import count_unread, find_subject, read_sources
from app.proposals.sheets import bring_in, list_wrong
from app.proposals.uploads import (
    READING,
    UNREAD_STATES,
    UPLOAD_LIFE,
    WAITING,
    UploadResult,
    parse_result,
)

TOPIC = "read_workbook"
KEPT_FOR = timedelta(days=7)
MOST_UNREAD = 5
_FORGOTTEN_AT_ONCE = 50

TOO_MANY = Text(
    "ท่านมีไฟล์ที่ยังอ่านไม่เสร็จ {n} ไฟล์ กรุณารอให้เสร็จก่อน",
    "You have {n} workbooks that are still to be read; let them finish first",
)
CHANGED_SINCE_SEEN = Text(
    "ร่างเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้ ยังไม่มีสิ่งใดถูกนำเข้า ด้านล่างคือสิ่งที่จะเปลี่ยนเมื่อเทียบกับร่างล่าสุด กรุณาตรวจอีกครั้ง",
    "The draft changed after you opened this page, so nothing was taken in. Below is what would change in the draft as "
    "it is now; please look again",
)
UNDECIDED = Text(
    "ยังไม่ได้เลือกว่าจะใช้ของใครในบางรายการ จึงยังไม่มีสิ่งใดถูกนำเข้า",
    "For some entries it is not chosen yet whose to use, so nothing was taken in",
)
NOT_TAKEN = Text(
    "นำเข้าไม่ได้ จึงไม่มีสิ่งใดเปลี่ยน", "The workbook cannot be taken in as it is, so nothing was changed"
)


def upload_workbook(work: Work[Actor], proposal_id: int, agency_id: int, file: StoredFile) -> WorkbookUpload:
    """A workbook whose bytes are in the store, for an agency's part of a proposal; reading it is promised.

    Raises `NotFound`, and `Refused` for a proposal that cannot be written or too many workbooks not read yet.
    """
    proposal = get_writable(work, proposal_id, None, agency_id)
    writable_page(work, proposal, agency_id)
    require_room(work.session, work.actor)
    upload = WorkbookUpload(
        proposal_id=proposal_id,
        agency_id=agency_id,
        uploaded_at=work.now,
        uploaded_by=work.actor.id,
        name=file.name[:255],
        size=file.size,
        sha256=file.sha256,
        state=WAITING,
    )
    work.session.add(upload)
    work.session.flush()
    work.promise(TOPIC, {"upload": upload.id})
    work.audit(
        "upload_workbook",
        f"proposal:{proposal_id}",
        agency_id=agency_id,
        after=file.sha256,
        detail={"workbook": upload.id, "size": file.size},
    )
    return upload


def require_room(session: Session, actor: Actor) -> None:
    """Raise `Refused` while too many of this person's workbooks are not read yet; worth asking before bytes are put
    away."""
    unread = count_unread(session, actor)
    if unread >= MOST_UNREAD:
        raise Refused(TOO_MANY.fill(n=unread))


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """What to read, and for which agency of which proposal; a plain value that outlives its transaction."""

    proposal_id: int
    agency_id: int
    sha256: str


def begin_upload(work: Work[Actor], upload_id: int) -> UploadOrder | None:
    """Take a workbook in hand; None when there is nothing left to do for it."""
    upload = _unread(work, upload_id)
    if upload is None:
        return None
    upload.state = UPLOAD_LIFE.after(upload.state, "begin")
    upload.done = upload.total = 0
    return UploadOrder(upload.proposal_id, upload.agency_id, upload.sha256)


def note_rows(work: Work[Actor], upload_id: int, done: int, total: int) -> None:
    """Say how many rows are read; nothing once the workbook is out of hand."""
    upload = work.session.get(WorkbookUpload, upload_id)
    if upload is not None and upload.state == READING:
        upload.done, upload.total = done, total


def finish_upload(
    work: Work[Actor],
    upload_id: int,
    result: UploadResult,
    versions: Mapping[str, int],
    annotated_sha256: str | None,
) -> None:
    """What the workbook says is known. It is ready to be applied, or cannot be because of its faults. `versions` are
    the draft's at that moment."""
    upload = _unread(work, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "finish" if result.is_clean else "refuse")
        upload.done = upload.total
        upload.result = result.as_json()
        upload.versions = canonical_json(dict(versions))
        upload.annotated_sha256 = annotated_sha256


def refuse_upload(work: Work[Actor], upload_id: int, why: Text) -> None:
    """The workbook was not read, and its person is told why."""
    upload = _unread(work, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "refuse")
        upload.refusal_th, upload.refusal_en = why.th, why.en


def put_upload_back(work: Work[Actor], upload_id: int) -> None:
    """An attempt failed and another will follow."""
    upload = _unread(work, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "wait")


def _unread(work: Work[Actor], upload_id: int) -> WorkbookUpload | None:
    upload = work.session.get(WorkbookUpload, upload_id, with_for_update=True)
    return upload if upload is not None and upload.state in UNREAD_STATES else None


class Undecided(Refused):
    """Both the workbook and somebody else changed the same thing, and it was not chosen whose to use."""


def apply_upload(
    work: Work[Actor],
    upload_id: int,
    seen: Mapping[str, int],
    chosen: Mapping[str, str],
    otherwise: str = "",
) -> tuple[str, ...]:
    """Take all sheets of a workbook into the draft, or none: the sections that changed.

    `seen` are the versions its preview was compared with; `chosen` says "mine" (the workbook) or "theirs" for every
    place where both changed the same thing, `otherwise` for the places it leaves out. Raises `Stale` where the draft
    has other versions by now, `Undecided`, `Refused` with every problem of what would come out, `NotFound`.
    """
    upload = _own(work, upload_id)
    proposal_id, agency_id = upload.proposal_id, upload.agency_id
    get_writable(work, proposal_id, None, agency_id)
    after = UPLOAD_LIFE.after(upload.state, "apply")
    result = parse_result(upload.result or "")
    for section in result.values:
        get_writable(work, proposal_id, section, agency_id)
    subject = find_subject(work.session, proposal_id, agency_id)
    if any(subject.versions[section] != seen.get(section) for section in result.values):
        raise Stale(CHANGED_SINCE_SEEN)
    values: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    sources = read_sources(work.session, proposal_id, agency_id, result.came_from)
    for section, sheet in result.values.items():
        merged = bring_in(section, sources.get(section), sheet, subject.values[section])
        choices = {c.place: chosen.get(c.place, otherwise) for c in merged.conflicts}
        if not {"mine", "theirs"}.issuperset(choices.values()):
            raise Undecided(UNDECIDED)
        values[section] = resolve(merged, choices) if choices else merged.value
        problems += list_wrong(section, values[section], subject.ground)
    if problems:
        raise Refused(NOT_TAKEN, problems)
    saved = dict(subject.versions)
    for section, value in values.items():
        saved[section] = save_section(
            work,
            proposal_id,
            section,
            value,
            subject.versions[section],
            agency_id=agency_id,
            cause="uploaded",
        ).version
    changed = tuple(s for s in SECTIONS if s in values and saved[s] != subject.versions[s])
    upload.state, upload.ended_at = after, work.now
    upload.versions = canonical_json({section: saved[section] for section in values})
    work.audit(
        "apply_workbook",
        f"proposal:{proposal_id}",
        agency_id=agency_id,
        after=upload.sha256,
        detail={"workbook": upload_id, "sections": list(changed), "versions": json.loads(upload.versions)},
    )
    return changed


def drop_upload(work: Work[Actor], upload_id: int) -> None:
    """The person does not want it. Raises `NotFound`, and `Refused` once it is applied or dropped."""
    upload = _own(work, upload_id)
    upload.state = UPLOAD_LIFE.after(upload.state, "drop")
    upload.ended_at = work.now
    work.audit(
        "drop_workbook",
        f"proposal:{upload.proposal_id}",
        agency_id=upload.agency_id,
        after=upload.sha256,
        detail={"workbook": upload_id},
    )


def _own(work: Work[Actor], upload_id: int) -> WorkbookUpload:
    """A workbook of the actor's own agency, under lock."""
    require(work.actor, Permission.WRITE_PROPOSAL)
    upload = work.session.get(WorkbookUpload, upload_id, with_for_update=True)
    if upload is None:
        raise NotFound()
    require(work.actor, Permission.WRITE_PROPOSAL, Target(frozenset({upload.agency_id})))
    return upload


def forget_uploads(work: Work[Actor], store: FileStore) -> int:
    """Let go of workbooks past their time, whatever became of them, and of their bytes; returns how many. What was
    applied stands in the draft's revisions and in the log. Raises `StorageFault`; then all are still there."""
    old = work.session.scalars(
        select(WorkbookUpload)
        .where(WorkbookUpload.uploaded_at <= work.now - KEPT_FOR)
        .order_by(WorkbookUpload.id)
        .limit(_FORGOTTEN_AT_ONCE)
    ).all()
    for upload in old:
        work.session.delete(upload)
    work.session.flush()
    for key in {key for upload in old for key in (upload.sha256, upload.annotated_sha256) if key}:
        kept = or_(WorkbookUpload.sha256 == key, WorkbookUpload.annotated_sha256 == key)
        if work.session.scalars(select(WorkbookUpload.id).where(kept)).first() is None:
            store.remove(key)
    return len(old)
