"""How much room text takes in a cell."""

from __future__ import annotations


def lines_in(text: str, width: int) -> int:
    """About how many lines `text` takes in a column `width` characters wide; Thai marks take no width."""
    return sum(max(1, -(-_wide(line) // width)) for line in text.split("\n"))


def _wide(line: str) -> int:
    return sum(
        letter != "\u0e31" and not "\u0e34" <= letter <= "\u0e3a" and not "\u0e47" <= letter <= "\u0e4e"
        for letter in line
    )
