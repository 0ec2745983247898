"""Making the book of a meeting that is being closed, in the same transaction."""

from __future__ import annotations

from app.calls.queries import get_call_by_id
from app.decisions.actions.books import keep_book
from app.decisions.models import DecisionBook, Meeting
from app.figures.books.chain import write_book
from app.figures.books.freezing import read_contents
from app.figures.books.replaying import replay_book
from app.figures.books.sections import sections_of
from app.identity.facts import Actor
from app.kernel.errors import Refused
from app.kernel.files import FileStore
from app.kernel.text import Text
from app.kernel.work import Work

DOES_NOT_REPLAY = Text(
    "ปิดการประชุมไม่ได้ เพราะสมุดมติคำนวณซ้ำแล้วไม่ตรงกัน: {fault}",
    "The meeting cannot be closed: its decision book does not recompute to the same. {fault}",
)


def make_book(work: Work[Actor], meeting: Meeting, store: FileStore) -> DecisionBook:
    """Freeze what the meeting rested on. Raises `Refused` for a book that does not replay: then nothing is closed."""
    work.session.flush()
    contents = read_contents(work.session, get_call_by_id(work.session, meeting.call_id), meeting)
    data, head = write_book(sections_of(contents))
    fault = replay_book(data).fault
    if fault is not None:
        raise Refused(DOES_NOT_REPLAY.fill(fault=fault))
    return keep_book(
        work,
        meeting,
        sha256=store.put(data),
        size=len(data),
        head=head,
        audit_seq=contents.audit.count,
        audit_sha256=contents.audit.sha256,
    )
