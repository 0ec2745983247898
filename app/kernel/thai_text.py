"""Thai text: one spelling on the way in, digits, sort keys and search keys.

Unicode lets น้ำ be typed in several ways that look alike. `normalise` gives each word one spelling, so that
equality, hashing and search mean what a reader thinks they mean.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from app.kernel.text import Text

_TO_ARABIC = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_UNREADABLE = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]")
_MARKS_AND_SIGNS = re.compile(r"[^\w\s\x00-\x7f]+")
_MOST_MARKS = 500
_LEADING = re.compile("([เแโใไ])([ก-ฮ])")
_TONE_MARKS = re.compile("[\u0e47-\u0e4e]")
_BASE = re.compile("[^\u0e47-\u0e4e]")

_TONES = "\u0e48-\u0e4b"
_VOWELS = "\u0e31\u0e34-\u0e3a"
_MARK_RUN = re.compile(f"[{_VOWELS}\u0e33\u0e47-\u0e4e]{{2,}}")
_TYPED_ORDER = re.compile(f"([{_VOWELS}])|([\u0e47\u0e4c-\u0e4e])|([{_TONES}])|(\u0e33)")
_SPLIT_SARA_AM = re.compile(f"\u0e4d([{_TONES}]*)\u0e32")
_DUPLICATE_MARK = re.compile("([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])\\1+")

UNREADABLE = Text(
    "ข้อความมีอักขระที่อ่านไม่ได้ กรุณาพิมพ์ใหม่", "The text has unreadable characters; please type it again"
)


class TextError(ValueError):
    """Text that cannot be kept; `text` says why in both languages."""

    def __init__(self, text: Text):
        super().__init__(text.en)
        self.text = text


# a form that saves itself sends its long texts again and again, most of them unchanged
@lru_cache(maxsize=256)
def normalise(typed: str) -> str:
    """One spelling for text that looks the same; line ends become "\\n".

    Raises `TextError` for NUL, other control characters, non-characters and lone surrogates, which break
    databases, workbooks and PDF writers further down. Direction marks, which can make a name read as another, go.
    """
    if not typed.isascii():
        try:
            typed.encode("utf-8")
        except UnicodeEncodeError:
            raise TextError(UNREADABLE) from None
        _refuse_heaps_of_marks(typed)
        typed = unicodedata.normalize("NFC", _INVISIBLE.sub("", typed))
        typed = typed.replace("\u0e40\u0e40", "\u0e41")  # two เ typed for แ
        typed = _MARK_RUN.sub(_in_order, typed)
        typed = _SPLIT_SARA_AM.sub("\\1\u0e33", typed)  # nikhahit + aa, a tone between or before, is sara am
        typed = _MARK_RUN.sub(_in_order, typed)  # the sara am just made may stand before a tone
        typed = _DUPLICATE_MARK.sub(r"\1", unicodedata.normalize("NFC", typed))
    if "\r" in typed:
        typed = typed.replace("\r\n", "\n").replace("\r", "\n")
    if _UNREADABLE.search(typed):
        raise TextError(UNREADABLE)
    return typed.strip()


def _refuse_heaps_of_marks(typed: str) -> None:
    """NFC sorts the marks on a letter in quadratic time: megabytes of them would hold the server for minutes."""
    if len(typed) > _MOST_MARKS and any(
        len(run[0]) > _MOST_MARKS for run in _MARKS_AND_SIGNS.finditer(typed)
    ):
        raise TextError(UNREADABLE)


def _in_order(run: re.Match[str]) -> str:
    """The marks on one consonant in the order of Thai keyboards: vowel, silencer, tone, sara am."""
    kinds: tuple[list[str], ...] = ([], [], [], [])
    for mark in _TYPED_ORDER.finditer(run[0]):
        kinds[(mark.lastindex or 1) - 1].append(mark[0])
    return "".join(mark for kind in kinds for mark in kind)


def arabic_digits(text: str) -> str:
    """Thai digits as Arabic ones; everything else unchanged."""
    return text.translate(_TO_ARABIC)


def thai_digits(text: str) -> str:
    """Arabic digits as Thai ones; everything else unchanged."""
    return text.translate(_TO_THAI)


def sort_key(text: str) -> str:
    """A key whose code-point order is Thai dictionary order (Royal Institute): leading vowels after their
    consonant; tone and silencing marks only break ties, the first letter that carries one deciding."""
    folded = unicodedata.normalize("NFC", text).casefold()
    swapped = _LEADING.sub(r"\2\1", folded)
    ties = _BASE.sub("\u0002", swapped).rstrip("\u0002")
    return _TONE_MARKS.sub("", swapped) + "\u0001" + ties


def search_key(text: str) -> str:
    """Text folded for finding: one spelling, no case, Arabic digits, single spaces."""
    return " ".join(arabic_digits(normalise(text)).casefold().split())
