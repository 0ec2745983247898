"""Sentences as formulas: the same words the pages use, with amounts that follow the cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.figures.pen import Pen
from app.kernel.text import Text
from app.portfolio.facts import Ground

_FIELD = re.compile(r"\{(\w+)\}")

# the order in which the walk numbers its reasons, from 1
GROUNDS: tuple[Ground, ...] = (
    Ground.RANK,
    Ground.REDUCED,
    Ground.MUST_FUND,
    Ground.TAKEN,
    Ground.CEILING,
    Ground.CAP,
    Ground.LEFT_OUT,
    Ground.MUST_REDUCED,
)


def quoted(text: str) -> str:
    """A text as a formula writes it."""
    return '"' + text.replace('"', '""') + '"'


def sentence(text: str, fields: Mapping[str, str]) -> str:
    """A text with {fields} as a formula that joins it with the expressions given for them."""
    parts, at = [], 0
    for found in _FIELD.finditer(text):
        if found.start() > at:
            parts.append(quoted(text[at : found.start()]))
        parts.append(fields[found[1]])
        at = found.end()
    if at < len(text):
        parts.append(quoted(text[at:]))
    return "&".join(parts) if parts else '""'


def million(satang: str) -> str:
    """An expression of satang as million baht with four decimals, rounded as `format_million` does."""
    return f"FIXED(INT(({satang}+5000)/10000)/10000,4)"


def chosen(which: str, texts: Sequence[str]) -> str:
    """The expression whose number, from 1, `which` comes to."""
    return f"CHOOSE({which},{','.join(texts)})"


def inclusion_words(pen: Pen) -> dict[int, str]:
    """What may be typed in for a project: 0 by rank, 1 take, -1 leave."""
    return {0: pen("ตามลำดับ", "by rank"), 1: pen("รับ", "take"), -1: pen("ไม่รับ", "leave")}


YES = Text("ใช่", "yes")
NO = Text("ไม่", "no")
