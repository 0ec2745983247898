"""The body of a paper: blocks turned into what the page template prints."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import segno

from reports.charts import chart_svg
from reports.document import (
    Chart,
    Column,
    Document,
    Fields,
    Heading,
    KeyFigures,
    Memo,
    PageBreak,
    Paragraph,
    QrCode,
    Signature,
    Table,
)
from reports.paper_blocks import Attendance, Beside, Clauses, Contents, Items, Section
from reports.pdf_facts import Entry
from reports.pdf_table import Slice, table_values
from reports.thai import cell_text, page_digits, thai_digits, thai_prose, word

_SIGNATURE_LINE = "ลงชื่อ ........................................"


class Compositor:
    """Turns blocks into template values, with digits as the paper wants them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.language = document.language
        self.pictures: dict[str, str] = {}
        self.entries: list[Entry] = []
        # Whether every row of every table is marked, as a place where the next part may begin.
        self.marks_rows = False

    def prose(self, text: str) -> str:
        return thai_prose(text) if self.document.thai_digits else text

    def cell(self, value: Any, column: Column) -> str:
        text = cell_text(value, column.kind, self.language)
        if not self.document.thai_digits:
            return text
        return thai_digits(text) if column.is_number or column.kind == "date" else thai_prose(text)

    def word(self, key: str) -> str:
        return word(key, self.language)

    def groups(self, slices: list[Slice], shapes: list[str], fresh: list[bool]) -> list[dict[str, Any]]:
        """Neighbouring blocks that share their pages, ready for the template. ``shapes`` and ``fresh``
        tell of every printed block of the paper which way it lies and whether it begins a page."""
        groups: list[dict[str, Any]] = []
        for piece in slices:
            if not groups or (fresh[piece.at] and groups[-1]["blocks"]):
                groups.append({"page": shapes[piece.at], "blocks": []})
            groups[-1]["page"] = shapes[piece.at]
            inside = groups[-1]["blocks"]
            if isinstance(piece.block, PageBreak):
                continue
            values = self.block(piece)
            if values["is"] == "signatures" and inside and inside[-1]["is"] == "signatures":
                inside[-1]["entries"] += values["entries"]
            else:
                inside.append({**values, "at": piece.at})
        return groups

    def title(self) -> dict[str, Any]:
        """The head of a paper that is no memo."""
        return {
            "is": "title",
            "organisation": self.document.organisation,
            "title": self.prose(self.document.title),
            "subtitle": self.prose(self.document.subtitle),
        }

    def block(self, piece: Slice) -> dict[str, Any]:
        """One block as template values; ``is`` names its kind."""
        match piece.block:
            case Heading(text, level):
                return {"is": "heading", "text": self.prose(text), "level": min(3, max(1, level))}
            case Paragraph(text, style):
                return {"is": "paragraph", "text": self.prose(text), "style": style}
            case KeyFigures(items):
                entries = [tuple(self.prose(text) for text in item) for item in items]
                return {"is": "figures", "entries": entries}
            case Fields(items, title, code):
                lines = [
                    (self.prose(name), value if name in code else self.prose(value), name in code)
                    for name, value in items
                ]
                return {"is": "fields", "title": self.prose(title), "entries": lines}
            case Signature(name, post, role):
                one = {"line": _SIGNATURE_LINE, "name": name, "post": post, "role": role}
                if self.language == "en":
                    one["line"] = _SIGNATURE_LINE.replace("ลงชื่อ", "Signed")
                return {"is": "signatures", "entries": [one]}
            case QrCode() as code:
                return self._qr(code)
            case Chart() as chart:
                return self._chart(chart)
            case Memo() as memo:
                return self._memo(memo)
            case Table():
                return table_values(self, piece)
            case Section(title, level):
                return {"is": "heading", "text": self.prose(title), "level": min(3, max(1, level))}
            case Contents() as contents:
                return self._contents(contents)
            case Beside(charts):
                return {"is": "beside", "charts": [self._chart(chart, len(charts)) for chart in charts]}
            case Items(texts, numbered, first):
                return {"is": "list", "entries": self._listed(texts, first if numbered else None)}
            case Clauses() as clauses:
                return self._clauses(clauses)
            case Attendance(title, people, first):
                numbers = self._listed([name for name, _, _ in people], first)
                entries = [
                    (*one, *map(self.prose, rest)) for one, (_, *rest) in zip(numbers, people, strict=True)
                ]
                return {"is": "attendance", "title": self.prose(title), "entries": entries}
            case PageBreak():
                return {"is": "break"}

    def _picture(self, svg: str) -> str:
        name = f"picture-{len(self.pictures)}.svg"
        self.pictures[name] = svg
        return f"asset:{name}"

    def _qr(self, code: QrCode) -> dict[str, Any]:
        out = io.BytesIO()
        segno.make(code.data, error="m", micro=False).save(
            out, kind="svg", xmldecl=False, border=2, scale=4, dark="#1b2733"
        )
        source = self._picture(out.getvalue().decode())
        alt = code.caption or code.data
        return {"is": "qr", "source": source, "alt": alt, "caption": code.caption}

    def _listed(self, texts: Iterable[str], first: int | None) -> list[tuple[str, str]]:
        """Each text with its number before it, or a dot."""
        digits = thai_digits if self.document.thai_digits else str
        return [
            ("•" if first is None else digits(f"{number}."), self.prose(text))
            for number, text in enumerate(texts, first or 0)
        ]

    def _clauses(self, clauses: Clauses) -> dict[str, Any]:
        digits = thai_digits if self.document.thai_digits else str
        entries = []
        for clause, number in zip(clauses.items, clauses.numbers(), strict=True):
            heads = bool(clauses.word) and clause.level == 1
            shown = f"{clauses.word} {number}" if heads else f"{number}." if clause.level == 1 else number
            entries.append(
                {
                    "level": clause.level,
                    "heads": heads,
                    "number": digits(shown),
                    "label": self.prose(clause.label),
                    "text": self.prose(clause.text),
                }
            )
        return {"is": "clauses", "entries": entries}

    def _contents(self, contents: Contents) -> dict[str, Any]:
        entries = [
            (entry.level, entry.label, page_digits(str(entry.page), self.language), entry.mark)
            for entry in self.entries
        ]
        title = self.prose(contents.title) or self.word("contents")
        return {"is": "contents", "title": title, "page": self.word("page"), "entries": entries}

    def _chart(self, chart: Chart, abreast: int = 1) -> dict[str, Any]:
        # Letters keep their size on paper, however many charts stand abreast.
        width = 680 / abreast
        svg = chart_svg(chart, True, self.language, self.document.thai_digits, width)
        alt = svg.partition("<desc")[2].partition(">")[2].partition("</desc>")[0]
        return {
            "is": "chart",
            "title": self.prose(chart.title),
            "question": self.prose(chart.question),
            "source": self._picture(svg),
            "alt": alt,
        }

    def _memo(self, memo: Memo) -> dict[str, Any]:
        def entry(key: str, value: str) -> dict[str, str]:
            return {"name": self.word(key), "value": self.prose(value)}

        def several(key: str, texts: tuple[str, ...]) -> list[dict[str, Any]]:
            """One entry; its texts are numbered where there are more."""
            numbered = [f"{n}. {text}" for n, text in enumerate(texts, 1)] if len(texts) > 1 else texts
            return (
                [{"name": self.word(key), "values": [self.prose(text) for text in numbered]}] if texts else []
            )

        lines = [
            *several("to", (memo.to,)),
            *several("references", memo.references),
            *several("enclosures", memo.enclosures),
        ]
        return {
            "is": "memo",
            "heading": self.word("memo"),
            "agency": entry("agency", memo.agency),
            "number": entry("number", memo.number),
            "date": entry("date", memo.date),
            "subject": entry("subject", memo.subject),
            "lines": lines,
        }
