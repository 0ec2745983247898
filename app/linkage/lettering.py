"""Names in lines that fit a box. Thai is written without spaces: a line breaks at a blank, else before a word that is
known to begin one, else between two syllable clusters, so that no mark is torn from its letter."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

# letters that stay together: a Thai syllable cluster, or a word of another script as far as it may fit a line
_CLUSTER = re.compile(
    r"[\u0e40-\u0e44]?[\u0e00-\u0e30\u0e32\u0e33\u0e3f\u0e45\u0e46\u0e4f-\u0e5b][\u0e30-\u0e3a\u0e45-\u0e4e]*\u0e2f?"
    r"|[^\s\u0e00-\u0e7f]{1,24}|.",
    re.DOTALL,
)
_HUNDREDTHS = 100  # widths are whole hundredths of a pixel
_STRAY, _NARROWEST = (
    2,
    120,
)  # clusters too few for a line of their own, and pixels below which they have to be
_EARLIEST = 2  # a line is broken at a word only past one half of its width

# words official names are made of; where one begins, a line may end
_WORDS = re.compile(
    "(?<!ราช)(?<!อา)การ|ความ|ระบบ|ข้อมูล|เพื่อ|และ|หรือ|ของ|ด้วย|ด้าน|กลาง|ภาครัฐ|บริการ|พัฒนา|ดิจิทัล|แพลตฟอร์ม|เชื่อมโยง|ทะเบียน"
    "|ประชาชน|หน่วยงาน|สำหรับ|แห่งชาติ|ต่างประเทศ|ช่วยเหลือ|จัดการ|ผ่าน|ศูนย์|โครงการ|จัดทำ|ยกระดับ|มาตรฐาน|อิเล็กทรอนิกส์|สำนักงาน|กระทรวง|ระหว่าง|ผู้"
    "|ใบอนุญาต|ใบรับรอง|อนุญาต|ธุรกิจ|คุ้มครอง|ส่งเสริม|ปกครอง|ท้องถิ่น|สวัสดิการ|สาธารณสุข|อุตสาหกรรม|เศรษฐกิจ|สังคม|คณะกรรมการ"
    "|แลกเปลี่ยน|ตรวจสอบ|ประเมิน|บูรณาการ|ติดตาม|เฝ้าระวัง|ขึ้นทะเบียน|จดทะเบียน|รายบุคคล|ต่อเนื่อง|องค์การ|นายกรัฐมนตรี|สถาบัน|กองทุน"
)


@cache
def _advance(letter: str, size: int, weight: int) -> int:
    from reports.outlines import text_width  # imported late: shaping is for those who draw

    return (
        0 if unicodedata.category(letter) == "Mn" else round(text_width(letter, size, weight) * _HUNDREDTHS)
    )


def width_of(text: str, size: int, weight: int = 400) -> int:
    """How wide a text stands, in whole pixels, rounded up."""
    return -(-sum(_advance(letter, size, weight) for letter in text) // _HUNDREDTHS)


@lru_cache(maxsize=8192)
def in_lines(text: str, size: int, width: int, indent: int = 0, weight: int = 400) -> tuple[str, ...]:
    """`text` in lines of at most `width` pixels, the first after `indent` pixels kept free. A single cluster wider than
    the line stands alone."""
    breaks = {match.start() for match in _WORDS.finditer(text)}
    lines: list[str] = []
    line, wide, room = "", 0, (width - indent) * _HUNDREDTHS
    best = best_wide = 0  # where the line could end after a word: letters, and how wide
    at = 0
    for cluster in _CLUSTER.findall(text):
        if line and (at in breaks or line[-1] == " ") and line[-1] not in "(“":
            best, best_wide = len(line), wide
        step = sum(_advance(letter, size, weight) for letter in cluster)
        if line and wide + step > room and cluster != " ":
            if best and best_wide * _EARLIEST >= room:
                lines.append(line[:best].rstrip())
                line, wide = line[best:], wide - best_wide
            else:
                lines.append(line.rstrip())
                line, wide = "", 0
            best, best_wide, room = 0, 0, width * _HUNDREDTHS
        line += cluster
        wide += step
        at += len(cluster)
    if not line.strip():
        return tuple(lines)
    if (
        lines
        and len(_CLUSTER.findall(line.strip())) <= _STRAY
        and width > _NARROWEST
        and line.strip() != text
    ):
        return in_lines(
            text, size, width * 9 // 10, indent, weight
        )  # no letter or two alone on the last line
    return (*lines, line.rstrip())
