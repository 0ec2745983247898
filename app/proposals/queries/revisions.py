"""Earlier versions of a draft's sections, and what a person had read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.models import User
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import Draft, Part, empty_section
from app.proposals.facts import AttachmentFacts
from app.proposals.models import Attachment, DraftRevision, LastLook
from app.proposals.queries.drafts import DraftView

CAUSES = {
    "typed": Text("บันทึก", "Saved"),
    "autosaved": Text("บันทึกอัตโนมัติ", "Saved by itself"),
    "merged": Text("บันทึกรวมกับข้อความของผู้อื่น", "Saved together with another person's change"),
    "uploaded": Text("นำเข้าจาก Excel", "From Excel"),
    "restored": Text("นำฉบับก่อนกลับมาใช้", "An earlier version brought back"),
    "carried": Text("ยกมาจากโครงการเดิม", "Carried over from an earlier project"),
    "handed": Text("ส่งมอบรายการให้หน่วยงานร่วม", "Lines handed to a participant"),
}


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One save in a list."""

    id: int
    version: int
    cause: str
    at: datetime
    by: Text


def list_revisions(
    session: Session,
    proposal_id: int,
    agency_id: int,
    section: str,
    *,
    before: int | None = None,
    most: int = 50,
) -> list[RevisionRow]:
    """The saves of one section, latest first; `before` continues a list after that version. The caller has checked who
    may read the draft."""
    statement = (
        select(
            DraftRevision.id,
            DraftRevision.version,
            DraftRevision.cause,
            DraftRevision.at,
            User.name_th,
            User.name_en,
        )
        .outerjoin(User, User.id == DraftRevision.by)
        .where(
            DraftRevision.proposal_id == proposal_id,
            DraftRevision.agency_id == agency_id,
            DraftRevision.section == section,
        )
        .order_by(DraftRevision.version.desc())
        .limit(most)
    )
    if before is not None:
        statement = statement.where(DraftRevision.version < before)
    return [
        RevisionRow(r.id, r.version, r.cause, r.at, Text(r.name_th or "", r.name_en or ""))
        for r in session.execute(statement)
    ]


def list_savers(session: Session, proposal_id: int, agency_id: int) -> dict[str, Text]:
    """Section -> who saved it last, of the sections of one agency."""
    newest = (
        select(func.max(DraftRevision.id))
        .where(DraftRevision.proposal_id == proposal_id, DraftRevision.agency_id == agency_id)
        .group_by(DraftRevision.section)
    )
    rows = session.execute(
        select(DraftRevision.section, User.name_th, User.name_en)
        .outerjoin(User, User.id == DraftRevision.by)
        .where(DraftRevision.id.in_(newest))
    )
    return {r.section: Text(r.name_th or "", r.name_en or "") for r in rows}


def count_revisions(session: Session, proposal_id: int) -> dict[tuple[int, str], int]:
    """(agency id, section) -> how many saves were kept."""
    rows = session.execute(
        select(DraftRevision.agency_id, DraftRevision.section, func.count())
        .where(DraftRevision.proposal_id == proposal_id)
        .group_by(DraftRevision.agency_id, DraftRevision.section)
    )
    return {(agency_id, section): n for agency_id, section, n in rows}


def read_revision(
    session: Session, proposal_id: int, agency_id: int, section: str, version: int
) -> dict[str, Any]:
    """A section as it was at a version; before its first save it was empty. Raises `NotFound`."""
    content = session.scalar(
        select(DraftRevision.content).where(
            DraftRevision.proposal_id == proposal_id,
            DraftRevision.agency_id == agency_id,
            DraftRevision.section == section,
            DraftRevision.version == version,
        )
    )
    if content is not None:
        value: dict[str, Any] = json.loads(content)
        return value
    if version == 1:
        return empty_section(section)
    raise NotFound()


@dataclass(frozen=True, slots=True)
class Look:
    """What a person last said to have read: the draft, the parts and the files of that time, in the order they came."""

    at: datetime
    draft: Draft
    parts: Mapping[str, Part]
    files: tuple[AttachmentFacts, ...]


def find_look(session: Session, actor: Actor, view: DraftView) -> Look | None:
    """What this reader last said to have read, or None when that never was. Two queries."""
    rows = session.execute(
        select(LastLook.at, LastLook.versions, Attachment)
        .outerjoin(
            Attachment,
            (Attachment.proposal_id == LastLook.proposal_id)
            & (Attachment.uploaded_at <= LastLook.at)
            & (Attachment.removed_at.is_(None) | (Attachment.removed_at > LastLook.at)),
        )
        .where(LastLook.proposal_id == view.id, LastLook.user_id == actor.id)
        .order_by(Attachment.id)
    ).all()
    if not rows:
        return None
    row, files = rows[0], [r.Attachment for r in rows if r.Attachment is not None]
    versions: dict[str, dict[str, int]] = json.loads(row.versions)
    wanted = {
        (view.lead_agency_id if agency == "" else int(agency), section, version)
        for agency, sections in versions.items()
        for section, version in sections.items()
    }
    found = read_revisions(session, view.id, wanted)

    def at(agency_id: int, section: str, of: Mapping[str, int]) -> dict[str, Any]:
        return found.get((agency_id, section, of.get(section, 1))) or empty_section(section)

    lead = versions[""]
    draft = {section: at(view.lead_agency_id, section, lead) for section in view.draft}
    parts = {
        part.code: {
            section: at(part.agency_id, section, versions.get(str(part.agency_id), {}))
            for section in part.part
        }
        for part in view.parts
    }
    return Look(row.at, draft, parts, tuple(AttachmentFacts(a.kind, a.name, a.size, a.sha256) for a in files))


def read_revisions(
    session: Session, proposal_id: int, wanted: Collection[tuple[int, str, int]]
) -> dict[tuple[int, str, int], dict[str, Any]]:
    """Those that were kept of many (agency id, section, version) at once."""
    rows = session.execute(
        select(
            DraftRevision.agency_id, DraftRevision.section, DraftRevision.version, DraftRevision.content
        ).where(
            DraftRevision.proposal_id == proposal_id,
            tuple_(DraftRevision.agency_id, DraftRevision.section, DraftRevision.version).in_(list(wanted)),
        )
    )
    return {(r.agency_id, r.section, r.version): json.loads(r.content) for r in rows}


def mark_of_draft(view: DraftView, attachments: Iterable[AttachmentFacts]) -> str:
    """What a page sends back to say which text it showed: it changes with every save of any part and every file."""
    files = [[a.kind, a.name, a.sha256] for a in attachments]
    parts = {part.code: [part.state, dict(part.section_versions)] for part in view.parts}
    return sha256_text(canonical_json({"": dict(view.section_versions), "parts": parts, "files": files}))
