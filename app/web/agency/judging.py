"""What a file really is, judged by its content; what its name says is only believed when it agrees.

Pictures and Office packages are walked through here, in bounded steps. PDFs are opened by a real reader (qpdf), and
because that is foreign code on foreign bytes, in a child process with little memory and little time.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.web.agency.media import (
    JPEG,
    LOCKED,
    LOCKED_OR_OLD,
    PDF,
    PNG,
    TWO_IN_ONE,
    WRONG_KIND,
    WRONG_NAME,
    Media,
    NotTaken,
    broken,
)
from app.web.agency.packages import hides_package, judge_package
from app.web.agency.pdf_child import BROKEN_PDF, LOCKED_PDF, SOUND
from app.web.agency.pictures import check_jpeg, check_png

log = logging.getLogger(__name__)

_CHILD = Path(__file__).with_name("pdf_child.py")
_PATIENCE = 20  # seconds; the child gives up by itself after fewer of its own
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def judge(name: str, data: bytes) -> Media:
    """The kind of the file `data` called `name`. Raises `NotTaken` saying why it cannot be attached."""
    media = recognise(data)
    if not name.lower().endswith(media.endings):
        raise NotTaken(WRONG_NAME.fill(kind=media.name))
    return media


def recognise(data: bytes) -> Media:
    """The kind of `data`, whole and of one kind only. Raises `NotTaken`."""
    if data.startswith(b"PK\x03\x04"):
        return judge_package(data)
    if data.startswith(_OLE):
        raise NotTaken(LOCKED_OR_OLD)
    for start, media, check in _KINDS:
        if data.startswith(start):
            # readers of PDF look for its beginning in the first kilobyte, readers of packages look from the end
            if hides_package(data) or (media is not PDF and b"%PDF-" in data[:1024]):
                raise NotTaken(TWO_IN_ONE)
            check(data)
            return media
    raise NotTaken(WRONG_KIND)


def _check_pdf(data: bytes) -> None:
    if b"%%EOF" not in data[-4096:]:
        raise broken(PDF)  # cut off: a reader would guess at the rest
    try:
        child = subprocess.run(  # noqa: S603 (our own interpreter and file)
            [sys.executable, "-I", str(_CHILD)],
            input=data,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        log.warning("a PDF of %s bytes kept its reader busy for %s s", len(data), _PATIENCE)
        raise broken(PDF) from None
    if child.returncode == SOUND:
        return
    if child.returncode == LOCKED_PDF:
        raise NotTaken(LOCKED)
    if child.returncode != BROKEN_PDF:
        log.warning("the reader of a PDF of %s bytes ended with %s", len(data), child.returncode)
    raise broken(PDF)


_KINDS: tuple[tuple[bytes, Media, Callable[[bytes], None]], ...] = (
    (b"%PDF-", PDF, _check_pdf),
    (b"\x89PNG\r\n\x1a\n", PNG, check_png),
    (b"\xff\xd8\xff", JPEG, check_jpeg),
)
