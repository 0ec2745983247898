"""Filled-in workbooks of drafts: who may send one, and what becomes of the draft when it is taken in or dropped.
`workbooks.actions` has the rest of their life."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.attaching import StoredFile
from app.proposals.actions.drafting import get_writable
from app.proposals.actions.saving import save_section, writable_page
from app.proposals.drafts import SECTIONS
from app.proposals.merging import resolve
from app.proposals.models import WorkbookUpload
from app.proposals.queries.uploads import find_subject, read_sources
from app.proposals.sheets import bring_in, list_wrong
from app.workbooks.actions import NOT_TAKEN, UNDECIDED, Undecided, end_upload, take_in_hand
from app.workbooks.uploads import UPLOAD_LIFE, parse_result

TOPIC = "read_workbook"

CHANGED_SINCE_SEEN = Text(
    "ร่างเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้ ยังไม่มีสิ่งใดถูกนำเข้า ด้านล่างคือสิ่งที่จะเปลี่ยนเมื่อเทียบกับร่างล่าสุด กรุณาตรวจอีกครั้ง",
    "The draft changed after you opened this page, so nothing was taken in. Below is what would change in the draft as "
    "it is now; please look again",
)


def upload_workbook(work: Work[Actor], proposal_id: int, agency_id: int, file: StoredFile) -> WorkbookUpload:
    """A workbook whose bytes are in the store, for an agency's part of a proposal; reading it is promised.

    Raises `NotFound`, and `Refused` for a proposal that cannot be written or too many workbooks not read yet.
    """
    proposal = get_writable(work, proposal_id, None, agency_id)
    writable_page(work, proposal, agency_id)
    upload = take_in_hand(work, WorkbookUpload(proposal_id=proposal_id, agency_id=agency_id), file, TOPIC)
    work.audit(
        "upload_workbook",
        f"proposal:{proposal_id}",
        agency_id=agency_id,
        after=file.sha256,
        detail={"workbook": upload.id, "size": file.size},
    )
    return upload


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
    UPLOAD_LIFE.after(upload.state, "apply")
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
    end_upload(work, upload, "apply")
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
    end_upload(work, upload, "drop")
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
