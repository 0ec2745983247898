"""Thai text: one spelling on the way in, digits, sort keys and search keys.

Unicode lets น้ำ be typed in several ways that look alike. `normalise` gives each word one spelling, so that
equality, hashing and search mean what a reader thinks they mean.
"""

from __future__ import annotations

import re
import unicodedata

from app.kernel.text import Text

_TO_ARABIC = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_TONES = "\u0e48\u0e49\u0e4a\u0e4b"
_UPPER_LOWER_VOWELS = "\u0e31\u0e34-\u0e3a"
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2060\ufeff\u00ad]")
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]")
_LEADING = re.compile("([เแโใไ])([ก-ฮ])")
_MARKS = re.compile("[\u0e47-\u0e4e]")
_DUPLICATE_MARK = re.compile("([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])\\1+")

UNREADABLE = Text(
    "ข้อความมีอักขระที่อ่านไม่ได้ กรุณาพิมพ์ใหม่", "The text has unreadable characters; please type it again"
)


class TextError(ValueError):
    """Text that cannot be kept; `text` says why in both languages."""

    def __init__(self, text: Text):
        super().__init__(text.en)
        self.text = text


def normalise(typed: str) -> str:
    """One spelling for text that looks the same; line ends become "\\n".

    Raises `TextError` for NUL, other control characters, and lone surrogates, which break databases and PDF
    writers further down.
    """
    if not typed.isascii():
        try:
            typed.encode("utf-8")
        except UnicodeEncodeError:
            raise TextError(UNREADABLE) from None
        typed = unicodedata.normalize("NFC", _INVISIBLE.sub("", typed))
        typed = typed.replace("\u0e40\u0e40", "\u0e41")  # two เ typed for แ
        # a tone typed before its vowel goes after it
        typed = re.sub(f"([{_TONES}])([{_UPPER_LOWER_VOWELS}])", r"\2\1", typed)
        # nikhahit + aa, with the tone on either side, is sara am
        typed = re.sub(f"\u0e4d([{_TONES}]?)\u0e32", "\\1\u0e33", typed)
        typed = re.sub(f"([{_TONES}])\u0e4d\u0e32", "\\1\u0e33", typed)
        typed = re.sub(f"\u0e33([{_TONES}])", "\\1\u0e33", typed)
        typed = _DUPLICATE_MARK.sub(r"\1", typed)
    if "\r" in typed:
        typed = typed.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(typed):
        raise TextError(UNREADABLE)
    return typed.strip()


def arabic_digits(text: str) -> str:
    """Thai digits as Arabic ones; everything else unchanged."""
    return text.translate(_TO_ARABIC)


def thai_digits(text: str) -> str:
    """Arabic digits as Thai ones; everything else unchanged."""
    return text.translate(_TO_THAI)


def sort_key(text: str) -> str:
    """A key whose code-point order is Thai dictionary order (Royal Institute): leading vowels after their
    consonant, tone and silencing marks only to break ties."""
    folded = unicodedata.normalize("NFC", text).casefold()
    swapped = _LEADING.sub(r"\2\1", folded)
    return f"{_MARKS.sub('', swapped)}\u0001{''.join(_MARKS.findall(swapped))}"


def search_key(text: str) -> str:
    """Text folded for finding: one spelling, no case, Arabic digits, single spaces."""
    return " ".join(arabic_digits(normalise(text)).casefold().split())
