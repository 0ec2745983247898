"""The text layer of a Thai PDF, set right while it is being written.

A PDF shows glyphs and keeps beside them the text they stand for. WeasyPrint notes one text for each
glyph, the first it meets, which goes wrong in three ways in Thai:

* a glyph met first inside a cluster is noted with the whole cluster's text, so that later words
  copy with letters too many or too few. Here every Thai glyph is given the text the font itself
  declares for it.
* SARA AM (ำ) is drawn as two glyphs around a tone mark, NIKHAHIT above and SARA AA beside, and no
  table of single glyphs can say so, as the SARA AA glyph is also a plain า.
* a mark moved sideways or raised over its consonant (ฝั่ง, ญี่) is taken by readers that go by
  position for a piece of another word.

Clusters of the last two sorts are wrapped in a marked span whose ActualText is what was written.
All this happens in WeasyPrint's ``finisher`` hook, on the objects in memory: nothing visible is
altered, and no finished file is parsed again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pydyf  # type: ignore[import-untyped]

from reports.typeface import FAMILY, NIKHAHIT, WEIGHTS, glyph_texts

_SARA_AA, _SARA_AM = "\u0e32", "\u0e33"
_TONES = "\u0e48-\u0e4b"
_SARA_AM_DRAWN = re.compile(f"{NIKHAHIT}([{_TONES}]?){_SARA_AA}")
# A consonant with its marks above and below; SARA AA belongs to it only as half of SARA AM.
_CLUSTER = re.compile(
    "[\u0e01-\u0e2e][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+"
    f"(?:(?<={NIKHAHIT}){_SARA_AA}|(?<={NIKHAHIT}[{_TONES}]){_SARA_AA})?"
)
# Stands for whatever belongs to no cluster.
_OTHER = "\ufffd"
_FONT = re.compile(rb"/(\S+) \S+ Tf$")
_SHOWN = re.compile(rb"<([0-9a-f]*)>|(-?[0-9.]+(?:e-?\d+)?)")
_MAPPED = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>$")


@dataclass(frozen=True, slots=True)
class _Font:
    """A Sarabun font in the file: its glyphs' texts, and one unused glyph number.

    ``joint`` is given no width and has no outline. It stands at the end of a span, because readers
    take the place of the last glyph for the end of the word so far; where that is a moved mark, the
    next letter would seem far away and be cut off by a blank. It also begins every further array of
    a span, a little to the left, because readers sort arrays by where they begin, and a mark moved
    to the right would come after the next letter.
    """

    texts: dict[int, str]
    joint: int


def repair_text_layer(document: Any, pdf: pydyf.PDF) -> None:
    """A WeasyPrint finisher: make every Thai word of ``pdf`` extract exactly as written."""
    fonts: dict[bytes, _Font] = {}
    for font in document.fonts.values():
        if font.family.startswith(FAMILY):
            weight = _nearest_weight(font.weight)
            unused = next(glyph for glyph in range(1, 0x10000) if glyph not in font.to_unicode)
            fonts[font.hash.encode()] = _Font(glyph_texts(weight), unused)
    for item in pdf.objects:
        if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/Font":
            found = fonts.get(item.get("BaseFont", b"").lstrip(b"/").split(b"+")[0])
            if found and "ToUnicode" in item:
                number = int(item["ToUnicode"].split()[0])
                _correct_map(pdf.objects[number], found.texts)
            elif found and "W" in item:
                item["W"] += [found.joint, pydyf.Array([0])]
        elif isinstance(item, pydyf.Stream) and b"BT" in item.stream:
            item.stream[:] = _with_actual_text(item.stream, fonts)


def _nearest_weight(weight: int) -> int:
    return min(WEIGHTS, key=lambda known: abs(known - weight))


def _correct_map(to_unicode: pydyf.Stream, texts: dict[int, str]) -> None:
    """Rewrite the entries of a ToUnicode map whose glyphs mean Thai text."""
    for index, line in enumerate(to_unicode.stream):
        match = _MAPPED.match(line) if isinstance(line, bytes) else None
        if match and (text := texts.get(int(match[1], 16))):
            code = text.encode("utf-16-be").hex().encode()
            to_unicode.stream[index] = b"<%s> <%s>" % (match[1], code)


def _with_actual_text(operators: list[Any], fonts: dict[bytes, _Font]) -> list[Any]:
    """The operators of a content stream, with every cluster that needs it in an ActualText span."""
    result: list[Any] = []
    line: list[Any] | None = None
    set_in: dict[int, _Font] = {}
    font: _Font | None = None
    for operator in operators:
        if operator == b"BT":
            line, set_in = [], {}
        if line is None:
            result.append(operator)
            continue
        if operator == b"ET":
            result += _wrap_clusters(line, set_in) if set_in else line
            result.append(operator)
            line = None
            continue
        if isinstance(operator, bytes):
            if match := _FONT.search(operator):
                font = fonts.get(match[1])
            elif font and operator.endswith(b"TJ"):
                set_in[len(line)] = font
        line.append(operator)
    return result


@dataclass(slots=True)
class _Piece:
    """The smallest part of a text object: one glyph, one gap, the end of an array, an operator."""

    kind: str
    value: Any
    font: _Font | None = None


def _wrap_clusters(line: list[Any], set_in: dict[int, _Font]) -> list[Any]:
    """The operators of one text object with spans around the clusters that need them.

    ``set_in`` gives the font of each TJ operator by its index.
    """
    pieces: list[_Piece] = []
    spelled: list[str] = []
    piece_of: list[int] = []
    moved: set[int] = set()
    shift = False
    for index, operator in enumerate(line):
        font = set_in.get(index)
        if font is None:
            if isinstance(operator, bytes) and operator.endswith(b" Ts"):
                shift = shift or operator != b"0 Ts"
                pieces.append(_Piece("rise", operator))
            else:
                # A new line or another font: no cluster reaches over it.
                spelled.append(_OTHER)
                piece_of.append(len(pieces))
                pieces.append(_Piece("operator", operator))
            continue
        for glyphs, gap in _SHOWN.findall(operator):
            if gap:
                shift = shift or gap != b"0"
                pieces.append(_Piece("gap", gap))
                continue
            for at in range(0, len(glyphs), 4):
                code = glyphs[at : at + 4]
                text = font.texts.get(int(code, 16), _OTHER)
                spelled.append(text)
                piece_of += [len(pieces)] * len(text)
                if shift:
                    moved.add(len(pieces))
                    shift = False
                pieces.append(_Piece("glyph", b"<" + code + b">", font))
        pieces.append(_Piece("end", None))

    begins: dict[int, str] = {}
    ends: dict[int, _Font] = {}
    words = "".join(spelled)
    for match in _CLUSTER.finditer(words):
        first, last = piece_of[match.start()], piece_of[match.end() - 1]
        if NIKHAHIT in match[0] or not moved.isdisjoint(range(first + 1, last + 1)):
            text = _SARA_AM_DRAWN.sub(lambda am: am[1] + _SARA_AM, match[0])
            raised = any(piece.kind == "rise" for piece in pieces[first:last])
            if raised and words[match.end() : match.end() + 1] == " ":
                # PDFium loses a blank that stands alone after a raised mark.
                text += " "
                last = piece_of[match.end()]
            begins[first] = text
            font = pieces[last].font
            # The gaps that lead back from a moved mark belong to the span.
            while last + 1 < len(pieces) and pieces[last + 1].kind in ("gap", "end", "rise"):
                last += 1
            if font:
                ends[last] = font
    return _rebuilt(pieces, begins, ends) if begins else line


def _rebuilt(pieces: list[_Piece], begins: dict[int, str], ends: dict[int, _Font]) -> list[Any]:
    """Operators out of pieces, with a span from before each of ``begins`` to after its end."""
    result: list[Any] = []
    shown: list[bytes] = []
    joint: bytes | None = None

    def show() -> None:
        if shown:
            result.append(b"[" + b"".join(shown) + b"] TJ")
            shown.clear()

    for index, piece in enumerate(pieces):
        if index in begins:
            show()
            text = b"feff" + begins[index].encode("utf-16-be").hex().encode()
            result.append(b"/Span << /ActualText <" + text + b"> >> BDC")
            joint = next(b"<%04x>" % font.joint for at, font in ends.items() if at >= index)
        if piece.kind in ("gap", "glyph"):
            if joint and not shown and index not in begins:
                shown += [b"20", joint, b"-20"]
            # Two numbers side by side need a blank between them.
            if shown and piece.kind == "gap" and shown[-1][-1:] != b">":
                shown.append(b" ")
            shown.append(piece.value)
        else:
            show()
            if piece.kind != "end":
                result.append(piece.value)
        if joint and index in ends:
            shown.append(joint)
            show()
            result.append(b"EMC")
            joint = None
    show()
    return result
