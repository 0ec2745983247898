"""A kept decision book, read again: to print it, to show it, to hand it out."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.decisions.queries.books import get_book
from app.figures.books.chain import Tampered, read_book
from app.figures.books.content import PrintableContents
from app.figures.books.sections import contents_of
from app.identity.facts import Actor
from app.kernel.errors import Refused
from app.kernel.files import FileStore
from app.kernel.lean import dataclass
from app.kernel.text import Text

NOT_PRINTABLE = Text(
    "สมุดมตินี้ทำโดยโปรแกรมรุ่นก่อน ตรวจซ้ำได้ แต่โปรแกรมรุ่นนี้พิมพ์ไม่ได้ กรุณาใช้แฟ้มที่พิมพ์ไว้ หรือโปรแกรมรุ่นที่ทำสมุด",
    "This decision book was made by an earlier version of the program. It can be replayed but not printed by this "
    "one; use the papers printed then, or that version",
)


@dataclass(frozen=True)
class FrozenBook:
    """A book as kept: its bytes, the head of its chain, and what it says."""

    data: bytes
    head: str
    contents: PrintableContents


def thaw_book(data: bytes) -> FrozenBook:
    """A book from its bytes. Raises `Refused` where its chain is broken, or this program cannot print it."""
    try:
        book = read_book(data)
        contents = contents_of(book.sections)
    except Tampered as fault:
        raise Refused(fault.text) from None
    if not isinstance(contents, PrintableContents):
        raise Refused(NOT_PRINTABLE)
    return FrozenBook(data, book.head, contents)


def frozen_book(session: Session, actor: Actor, meeting_id: int, store: FileStore) -> FrozenBook:
    """The book of a meeting. Raises `NotFound` where there is none, `Forbidden` without READ_PORTFOLIO."""
    view = get_book(session, actor, meeting_id)
    return thaw_book(store.get(view.sha256))
