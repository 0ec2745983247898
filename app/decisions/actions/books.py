"""Keeping the decision book of a closed meeting."""

from __future__ import annotations

from sqlalchemy import select

from app.decisions.models import DecisionBook, Meeting
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.work import Work


def keep_book(
    work: Work[Actor],
    meeting: Meeting,
    *,
    sha256: str,
    size: int,
    head: str,
    audit_seq: int,
    audit_sha256: str,
) -> DecisionBook:
    """Note the book whose bytes lie in the file store under `sha256`, following the book before it.

    The entry in the audit log carries the book's SHA-256, as the book carries the log's head: neither can be changed
    without the other. Raises `Forbidden` without MANAGE_MEETING.
    """
    require(work.actor, Permission.MANAGE_MEETING)
    previous = work.session.scalar(
        select(DecisionBook.id)
        .where(DecisionBook.call_id == meeting.call_id)
        .order_by(DecisionBook.id.desc())
        .limit(1)
    )
    book = DecisionBook(
        call_id=meeting.call_id,
        meeting_id=meeting.id,
        previous_id=previous,
        sha256=sha256,
        size=size,
        head=head,
        audit_seq=audit_seq,
        audit_sha256=audit_sha256,
        made_at=work.now,
        made_by=work.actor.id,
    )
    work.session.add(book)
    work.session.flush()
    work.audit("keep_book", f"meeting:{meeting.id}", after=sha256, detail={"head": head, "size": size})
    return book
