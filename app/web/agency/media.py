"""What may be attached, and the words for what may not; `judging` looks at the bytes."""

from __future__ import annotations

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise

WRONG_KIND = Text(
    "แนบได้เฉพาะไฟล์ PDF, PNG, JPEG, Word (.docx) และ Excel (.xlsx) ที่ไม่มีมาโคร ไฟล์นี้ไม่ใช่ไฟล์ดังกล่าว",
    "Only PDF, PNG, JPEG, Word (.docx) and Excel (.xlsx) files without macros can be attached; this is none of them",
)
WRONG_NAME = Text(
    "ชื่อไฟล์ลงท้ายไม่ตรงกับเนื้อหา ซึ่งเป็นไฟล์ {kind} กรุณาตรวจสอบว่าเลือกไฟล์ถูกต้อง",
    "The ending of the file's name does not fit its content, which is {kind}; check that it is the right file",
)
BAD_NAME = Text("ชื่อไฟล์มีอักขระที่อ่านไม่ได้ กรุณาเปลี่ยนชื่อไฟล์", "The file's name cannot be read; rename the file")
BROKEN = Text(
    "ไฟล์ {kind} นี้เสียหายหรือไม่ครบ กรุณาเปิดดู บันทึกใหม่ แล้วแนบไฟล์ที่บันทึกใหม่",
    "This {kind} file is damaged or incomplete; open it, save it again, and attach the new copy",
)
LOCKED = Text(
    "ไฟล์นี้ตั้งรหัสผ่านไว้ ผู้พิจารณาจะเปิดไม่ได้ กรุณาแนบฉบับที่ไม่มีรหัสผ่าน",
    "This file is locked with a password, so its readers could not open it; attach a copy without one",
)
LOCKED_OR_OLD = Text(
    "ไฟล์นี้เป็น Office รุ่นเก่าหรือตั้งรหัสผ่านไว้ กรุณาเอารหัสผ่านออกแล้วบันทึกเป็น .docx หรือ .xlsx",
    "This file is of an old Office format or locked with a password; save it as .docx or .xlsx without one",
)
MACROS = Text(
    "ไฟล์นี้มีมาโครหรือส่วนที่สั่งให้คอมพิวเตอร์ทำงานได้ กรุณาบันทึกเป็น .docx หรือ .xlsx แบบไม่มีมาโคร",
    "This file carries macros or other parts that can run; save it as a .docx or .xlsx without macros",
)
TWO_IN_ONE = Text(
    "ในไฟล์นี้มีไฟล์ชนิดอื่นซ่อนอยู่ กรุณาบันทึกใหม่จากโปรแกรมเดิมแล้วแนบอีกครั้ง",
    "Another kind of file is hidden inside this one; save it again from the program it was made with",
)
TOO_LARGE_INSIDE = Text(
    "เนื้อหาในไฟล์นี้ขยายออกแล้วใหญ่เกินกว่าที่ระบบรับได้ กรุณาลดเนื้อหาหรือบันทึกเป็น PDF",
    "Unpacked, this file is larger than can be taken; put less in it, or save it as a PDF",
)


@dataclass(frozen=True, slots=True)
class Media:
    """A kind of file we take. `endings` are the endings its name may have."""

    name: str
    media_type: str
    endings: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
PDF = Media("PDF", "application/pdf", (".pdf",))
PNG = Media("PNG", "image/png", (".png",))
JPEG = Media("JPEG", "image/jpeg", (".jpg", ".jpeg"))
WORD = Media("Word", f"{_OFFICE}.wordprocessingml.document", (".docx",))
EXCEL = Media("Excel", f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",))
ENDINGS = tuple(ending for media in (PDF, PNG, JPEG, WORD, EXCEL) for ending in media.endings)


class NotTaken(Exception):
    """A file that cannot be attached; `why` tells its owner, in both languages, what to do about it."""

    def __init__(self, why: Text):
        super().__init__(why.en)
        self.why = why


def broken(media: Media) -> NotTaken:
    """What is raised for a file that is not whole."""
    return NotTaken(BROKEN.fill(kind=media.name))


def plain_name(sent: str) -> str:
    """A file's own name for people: no folders, one spelling, at most 200 characters with its ending kept; "" when
    it cannot be read."""
    name = sent.replace("\\", "/").rsplit("/", 1)[-1]
    try:
        name = " ".join(normalise(name).split())
    except TextError:
        return ""
    if len(name) > 200:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: 200 - len(ending) - 1]}{dot}{ending}" if stem and len(ending) < 10 else name[:200]
    return name
