"""The text layer of a Thai PDF, set right while it is being written.

A PDF shows glyphs and keeps beside them the text they stand for. WeasyPrint notes one text for each
glyph, the first it meets, which goes wrong in three ways in Thai:

* a glyph met first inside a cluster is noted with the whole cluster's text, so that later words
  copy with letters too many or too few. Here every Thai glyph is given the text the font itself
  declares for it.
* SARA AM (ำ) is drawn as two glyphs around a tone mark, NIKHAHIT above and SARA AA beside, and no
  table of single glyphs can say so, as the SARA AA glyph is also a plain า.
* readers put text together by place, and a mark has no width of its own. One moved sideways or
  raised over its consonant (ฝั่ง, ญี่) is taken for a piece of another word; one that follows
  another closely (นิติ, รู้) may be set down after the next letter.

Clusters of the last two sorts are wrapped in a marked span whose ActualText is what was written.
A span is made to look to readers like one plain letter, with the help of a joint, a glyph that
shows nothing and takes no room:

* Every array of a span begins close to where the span begins. PDFium sorts arrays by where they
  begin, and when one of the next letter comes between them it reads the span twice.
* Every array of a span ends where the span ends. PDFium measures from the end of the first array,
  poppler from that of the last, whether a blank stands before the next letter.

A letter left alone between spans, or on its line, is wrapped likewise: one glyph has no direction,
and PDFium may take the text of a sparse page to run downwards.

All this happens in WeasyPrint's ``finisher`` hook, on the objects in memory: nothing visible is
altered, and no finished file is parsed again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pydyf  # type: ignore[import-untyped]

from reports.typeface import FAMILY, NIKHAHIT, WEIGHTS, glyph_texts

_SARA_AA, _SARA_AM = "\u0e32", "\u0e33"
_TONES = "\u0e48-\u0e4b"
_SARA_AM_DRAWN = re.compile(f"{NIKHAHIT}([{_TONES}]?){_SARA_AA}")
# How far right of its begin (1/1000 em) the further arrays of a span begin.
_INDENT = 20
# A consonant with its marks above and below; SARA AA belongs to it only as half of SARA AM. A line
# may begin with SARA AM, where a word had to be broken.
_CLUSTER = re.compile(
    "[\u0e01-\u0e2e][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+"
    f"(?:(?<={NIKHAHIT}){_SARA_AA}|(?<={NIKHAHIT}[{_TONES}]){_SARA_AA})?"
    f"|{_SARA_AM_DRAWN.pattern}"
)
# Stands for an operator among the letters: no cluster reaches over it.
_OTHER = "\ufffd"
_FONT = re.compile(rb"/(\S+) \S+ Tf$")
_SHOWN = re.compile(rb"<([0-9a-f]*)>|(-?[0-9.]+(?:e-?\d+)?)")
_MAPPED = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>$")


@dataclass(frozen=True, slots=True)
class _Font:
    """A Sarabun font in the file: the texts and widths (1/1000 em) of its glyphs used there, and
    an unused glyph number, ``joint``, which is given no width and has no outline."""

    texts: dict[int, str]
    widths: dict[int, float]
    joint: int


def repair_text_layer(document: Any, pdf: pydyf.PDF) -> None:
    """A WeasyPrint finisher: make every Thai word of ``pdf`` extract exactly as written."""
    fonts: dict[bytes, _Font] = {}
    for font in document.fonts.values():
        if font.family.startswith(FAMILY):
            weight = _nearest_weight(font.weight)
            unused = next(glyph for glyph in range(1, 0x10000) if glyph not in font.to_unicode)
            fonts[font.hash.encode()] = _Font(font.to_unicode | glyph_texts(weight), font.widths, unused)
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
    """Rewrite the entries of a ToUnicode map by the texts of the glyphs."""
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
    """The smallest part of a text object: one glyph, one gap, the end of an array, an operator.

    ``move`` is how far it moves the pen to the right (1/1000 em).
    """

    kind: str
    value: Any
    move: float = 0
    text: str = ""
    font: _Font | None = None


def _is_shown(piece: _Piece) -> bool:
    return piece.kind in ("gap", "glyph")


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
                spelled.append(_OTHER)
                piece_of.append(len(pieces))
                pieces.append(_Piece("operator", operator))
            continue
        for glyphs, gap in _SHOWN.findall(operator):
            if gap:
                shift = shift or gap != b"0"
                pieces.append(_Piece("gap", gap, -float(gap)))
                continue
            for at in range(0, len(glyphs), 4):
                code = glyphs[at : at + 4]
                glyph = int(code, 16)
                text = font.texts[glyph]
                spelled.append(text)
                piece_of += [len(pieces)] * len(text)
                if shift:
                    moved.add(len(pieces))
                    shift = False
                pieces.append(_Piece("glyph", b"<" + code + b">", font.widths[glyph], text, font))
        pieces.append(_Piece("end", None))

    result: list[Any] = []
    done = 0
    # Where the last cluster left without a span ends.
    bare = -1
    for match in _CLUSTER.finditer("".join(spelled)):
        first, last = piece_of[match.start()], piece_of[match.end() - 1]
        one_mark = len(match[0]) == 2 and match[0][0] != NIKHAHIT
        if one_mark and match.start() != bare and moved.isdisjoint(range(first + 1, last + 1)):
            bare = match.end()
            continue
        # The gaps that lead back from a moved mark belong to the span.
        while last + 1 < len(pieces) and pieces[last + 1].kind in ("gap", "end", "rise"):
            last += 1
        text = _SARA_AM_DRAWN.sub(lambda am: am[1] + _SARA_AM, match[0])
        result += _rebuilt(pieces[done:first])
        result += _span(pieces[first : last + 1], text)
        done = last + 1
    return result + _rebuilt(pieces[done:])


def _rebuilt(pieces: list[_Piece]) -> list[Any]:
    """Operators out of the pieces between clusters. A letter standing alone gets its own span."""
    result: list[Any] = []
    for shown, group in groupby(pieces, _is_shown):
        array = list(group)
        glyphs = [piece for piece in array if piece.font]
        if not shown:
            result += [piece.value for piece in array if piece.kind != "end"]
        elif len(glyphs) == 1 and glyphs[0].text.strip():
            result += _span(array, glyphs[0].text)
        else:
            result.append(_show([piece.value for piece in array]))
    return result


def _span(pieces: list[_Piece], text: str) -> list[Any]:
    """Operators that draw the pieces of one cluster and read as ``text``."""
    font = next(piece.font for piece in pieces if piece.font)
    code = b"feff" + text.encode("utf-16-be").hex().encode()
    result: list[Any] = [b"/Span << /ActualText <" + code + b"> >> BDC"]
    whole = sum(piece.move for piece in pieces)
    pen = 0.0
    for shown, group in groupby(pieces, _is_shown):
        array = list(group)
        if shown:
            begin = [_joint(font, _INDENT - pen)] if len(result) > 1 else []
            pen += sum(piece.move for piece in array)
            end = _joint(font, whole - pen)
            result.append(_show([*begin, *(piece.value for piece in array), end]))
        else:
            result += [piece.value for piece in array if piece.kind != "end"]
    return [*result, b"EMC"]


def _joint(font: _Font, away: float) -> bytes:
    """The joint set ``away`` from the pen, and the pen back where it was."""
    move = round(away)
    return b"%d<%04x>%d" % (-move, font.joint, move) if move else b"<%04x>" % font.joint


def _show(values: list[bytes]) -> bytes:
    return b"[" + b" ".join(values) + b"] TJ"
