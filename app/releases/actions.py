"""What is done with releases: noted, published, withdrawn; never changed."""

from __future__ import annotations

from sqlalchemy import func, select

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.values import freeze_value
from app.kernel.work import Work
from app.releases.making import PreparedRelease
from app.releases.models import Release

LONGEST_NOTE = 1000
CHANGED = Text("มีผู้อื่นดำเนินการกับข้อมูลเผยแพร่ชุดนี้แล้ว", "Somebody else has dealt with this release meanwhile")
TOLD_ALREADY = Text("ข้อมูลชุดนี้เผยแพร่ไปแล้ว", "This release was published already")
NOT_TOLD = Text("ถอนได้เฉพาะข้อมูลที่เผยแพร่อยู่", "Only what is published can be withdrawn")
REASON_NEEDED = Text(
    "กรุณาระบุเหตุผลที่ถอน อย่างน้อย 10 ตัวอักษร ประชาชนจะเห็นข้อความนี้",
    "Say why it is withdrawn, in at least 10 characters; the public reads it",
)
TOO_LONG = Text("ยาวเกิน 1,000 ตัวอักษร", "Longer than 1,000 characters")
OVERTAKEN = Text(
    "มีข้อมูลชุดใหม่กว่าเผยแพร่แล้ว กรุณาจัดทำชุดใหม่แทน",
    "A later release of this year was published already; make a new one instead",
)


def make_release(work: Work[Actor], prepared: PreparedRelease, note: str = "") -> Release:
    """Note a release that was made ready; `note` says what is new in it, and is told with it. Raises `Forbidden`, and
    `Refused` for a note that is too long."""
    require(work.actor, Permission.PUBLISH_DATA)
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Refused(TOO_LONG, [Problem("note", TOO_LONG)])
    work.session.get_one(Call, prepared.call_id, with_for_update=True)  # two made at once take two ordinals
    ordinal = work.session.scalar(
        select(func.max(Release.ordinal)).where(Release.call_id == prepared.call_id)
    )
    release = Release(
        call_id=prepared.call_id,
        ordinal=(ordinal or 0) + 1,
        phase=prepared.year.phase.value,
        sha256=prepared.sha256,
        size=prepared.size,
        files=canonical_json(freeze_value(prepared.files)),
        note=note,
        made_at=work.now,
        made_by=work.actor.id,
    )
    work.session.add(release)
    work.session.flush()
    work.audit(
        "make_release", f"release:{release.id}", after=prepared.sha256, detail={"ordinal": release.ordinal}
    )
    return release


def publish_release(work: Work[Actor], release_id: int, expected: int) -> Release:
    """Show a release to the public, from now on. Raises `Refused` for one that was published before, or that a later
    one has overtaken; `Stale` when somebody else was quicker."""
    release = _hold(work, release_id, expected)
    if release.published_at is not None:
        raise Refused(TOLD_ALREADY)
    later = work.session.scalar(
        select(Release.id).where(
            Release.call_id == release.call_id,
            Release.ordinal > release.ordinal,
            Release.published_at.is_not(None),
        )
    )
    if later is not None:
        raise Refused(OVERTAKEN)
    release.published_at, release.published_by = work.now, work.actor.id
    work.audit("publish_release", f"release:{release.id}", after=release.sha256)
    work.session.flush()
    return release


def withdraw_release(work: Work[Actor], release_id: int, expected: int, reason: str) -> Release:
    """Show a published release no longer; its place says why. Raises `Refused` without a reason, or for one that is not
    shown; `Stale`."""
    release = _hold(work, release_id, expected)
    if release.published_at is None or release.withdrawn_at is not None:
        raise Refused(NOT_TOLD)
    reason = reason.strip()
    if len(reason) < 10 or len(reason) > LONGEST_NOTE:
        text = REASON_NEEDED if len(reason) < 10 else TOO_LONG
        raise Refused(text, [Problem("reason", text)])
    release.withdrawn_at, release.withdrawn_by = work.now, work.actor.id
    release.withdrawn_reason = reason
    work.audit("withdraw_release", f"release:{release.id}", before=release.sha256, detail={"reason": reason})
    work.session.flush()
    return release


def _hold(work: Work[Actor], release_id: int, expected: int) -> Release:
    require(work.actor, Permission.PUBLISH_DATA)
    release = work.session.get(Release, release_id, with_for_update=True)
    if release is None:
        raise NotFound()
    work.session.get_one(Call, release.call_id, with_for_update=True)
    if release.version != expected:
        raise Stale(CHANGED)
    return release
