"""The inks of a workbook: its cell formats, made once, and the names its sheets may bear."""

from __future__ import annotations

import re
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from reports.document import Kind, Language
from reports.typeface import FAMILY

NAVY, INK, FAINT, RULE, RED = "#14305C", "#1B2733", "#52606D", "#D5DCE4", "#A61B1B"
HEAD, GROUP, TOTAL, ENTRY = "#E6ECF3", "#D6E0EB", "#EEF2F6", "#FFF8DC"
SIZE = 11
ROW_HEIGHT = 20.0
LINE_HEIGHT = 16.5  # Sarabun takes 15 points, and so do the fonts that step in for it

_STYLES: dict[str, dict[str, Any]] = {
    "": {},
    "in": {"bg_color": "#F0F7F6"},
    "out": {"bg_color": "#F4F5F7", "font_color": "#5B6672"},
    "grey": {"font_color": "#5B6672"},
    "strong": {"bold": True, "bg_color": TOTAL},
    "upstream": {"bg_color": "#E3F2F1"},
    "midstream": {"bg_color": "#C4E0E1"},
    "downstream": {"bg_color": "#A7CCD2"},
}
# What no sheet name may hold; an apostrophe is only forbidden at the ends but troubles formulas.
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")


def number_format(kind: Kind, language: Language) -> str:
    """The Excel number format of a kind; dates are shown in the Buddhist era."""
    return {
        "int": "#,##0",
        "money": "#,##0.00",
        "million": "#,##0.0000",
        "score": "#,##0.00",
        "percent": "#,##0.00",
        # in English the heading says that the years are of the Buddhist era
        "date": "[$-107041E]d mmm yyyy" if language == "th" else "[$-1070409]d mmm yyyy",
    }.get(kind, "@")


def plain_sheet_name(wanted: str, taken: set[str]) -> str:
    """A legal sheet name close to ``wanted`` that is not yet ``taken`` (and now is)."""
    base = _FORBIDDEN.sub(" ", wanted).strip()[:31].strip() or "Sheet"
    name, turn = base, 1
    while name.casefold() in taken:
        turn += 1
        name = f"{base[: 30 - len(str(turn))]} {turn}"
    taken.add(name.casefold())
    return name


class Ink:
    """Cell formats by name, each made once for a workbook."""

    def __init__(self, workbook: Workbook, language: Language) -> None:
        self._workbook = workbook
        self._language = language
        self._made: dict[tuple[Any, ...], Format] = {}

    def _format(self, key: tuple[Any, ...], **looks: Any) -> Format:
        if key not in self._made:
            base = {"font_name": FAMILY, "font_size": SIZE, "font_color": INK, "valign": "vcenter"}
            self._made[key] = self._workbook.add_format({**base, **looks})
        return self._made[key]

    def cell(self, kind: Kind, style: str = "", quoted: bool = False) -> Format:
        """A body cell; ``quoted`` keeps text that looks like a formula text when edited."""
        looks: dict[str, Any] = {"num_format": number_format(kind, self._language)}
        if kind in ("text", "long_text"):
            looks |= {"text_wrap": True, "indent": 1}
        else:
            looks["align"] = "center" if kind == "date" else "right"
        if quoted:
            looks["quote_prefix"] = True
        looks |= {"bottom": 1, "bottom_color": RULE, **_STYLES[style]}
        return self._format(("cell", kind, style, quoted), **looks)

    def entry(self, kind: Kind) -> Format:
        """A cell to type into: yellow, blue ink, not locked."""
        looks: dict[str, Any] = {"bg_color": ENTRY, "font_color": "#1D4ED8", "locked": False}
        looks |= {"border": 1, "border_color": "#D6B656", "num_format": number_format(kind, self._language)}
        looks["align"] = "center" if kind in ("text", "long_text") else "right"
        return self._format(("entry", kind), **looks)

    def result(self, kind: Kind) -> Format:
        """What a form calculates."""
        looks: dict[str, Any] = {"bold": True, "font_color": NAVY, "bottom": 1, "bottom_color": RULE}
        looks |= {"num_format": number_format(kind, self._language), "align": "right", "text_wrap": True}
        return self._format(("result", kind), **looks)

    def over(self, style: str) -> Format:
        """What a rule lays over a cell: colours alone."""
        if ("over", style) not in self._made:
            self._made["over", style] = self._workbook.add_format(_STYLES[style])
        return self._made["over", style]

    def total(self, kind: Kind) -> Format:
        looks = {"bold": True, "bg_color": TOTAL, "top": 1, "bottom": 6, "valign": "vcenter"}
        if kind in ("text", "long_text"):
            looks["indent"] = 1
        else:
            looks |= {"align": "right", "num_format": number_format(kind, self._language)}
        return self._format(("total", kind), **looks)

    def count(self) -> Format:
        return self.total("int")

    def head(self, flush: str) -> Format:
        return self._format(
            ("head", flush),
            bold=True,
            bg_color=HEAD,
            font_color=NAVY,
            text_wrap=True,
            align=flush,
            indent=1 if flush == "left" else 0,
            valign="vcenter",
            border=1,
            border_color=RULE,
            bottom=2,
            bottom_color=NAVY,
        )

    def group(self) -> Format:
        return self._format(
            ("group",),
            bold=True,
            bg_color=GROUP,
            font_color=NAVY,
            align="center",
            border=1,
            border_color=RULE,
        )

    def title(self) -> Format:
        return self._format(("title",), bold=True, font_size=16, font_color=NAVY, valign="vcenter")

    def heading(self) -> Format:
        return self._format(
            ("heading",), bold=True, font_size=13, font_color=NAVY, bottom=2, bottom_color=NAVY
        )

    def plain(self) -> Format:
        return self._format(("plain",))

    def wrapped(self) -> Format:
        return self._format(("wrapped",), text_wrap=True)

    def faint(self) -> Format:
        return self._format(("faint",), font_color=FAINT)

    def faint_note(self) -> Format:
        """What is said under a table, over its whole width."""
        return self._format(("faint_note",), font_color=FAINT, text_wrap=True, valign="top")

    def unit(self) -> Format:
        """A unit beside its figure."""
        return self._format(("unit",), font_color=FAINT, indent=1)

    def label(self) -> Format:
        return self._format(("label",), bold=True, font_color=RED)

    def figure(self) -> Format:
        return self._format(("figure",), bold=True, font_size=14, align="right", font_color=NAVY)

    def link(self) -> Format:
        return self._format(("link",), font_color="#1D4ED8", underline=1)

    def code(self) -> Format:
        return self._format(("code",), font_name="Consolas", font_size=9, text_wrap=True)
