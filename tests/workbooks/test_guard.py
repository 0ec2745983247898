"""What is refused before anything parses it, and what is let through."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from itertools import pairwise

import pytest

from app.workbooks.guard import Limits, inspect
from app.workbooks.guard_xml import Unacceptable
from app.workbooks.refusals import REFUSALS, refuse
from app.workbooks.writing import write_template
from tests.workbooks.made_up import KEY, MADE, template, with_parts

SHEET, BOOK, TYPES = "xl/worksheets/sheet2.xml", "xl/workbook.xml", "[Content_Types].xml"
BOOK_RELS, SHEET_RELS = "xl/_rels/workbook.xml.rels", "xl/worksheets/_rels/sheet2.xml.rels"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@cache
def _good() -> bytes:
    return write_template(template(3, 1), KEY, MADE)


def _with(part: str, old: bytes, new: bytes) -> bytes:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return with_parts(_good(), {part: change})


def _link(kind: str, target: str, *, external: bool) -> bytes:
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationships><Relationship Id="r9" Type="{REL}/{kind}" Target="{target}"{mode}/></Relationships>'.encode()


def _cells(rows: str) -> bytes:
    """The budget sheet with other rows."""

    def change(content: bytes) -> bytes:
        text = content.decode()
        return (text[: text.index("<row")] + rows + text[text.index("</sheetData>") :]).encode()

    return with_parts(_good(), {SHEET: change})


def _doubled() -> bytes:
    target = BytesIO(_good())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("XL/worksheets/Sheet2.xml", b"<worksheet/>")
    return target.getvalue()


def _symlink() -> bytes:
    target = BytesIO(_good())
    with zipfile.ZipFile(target, "a") as archive:
        entry = zipfile.ZipInfo("xl/media/x")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return target.getvalue()


def _renamed(name: str) -> bytes:
    return with_parts(_good(), {name: b"<x/>"})


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty", lambda: b""),
    "text": ("not_workbook", lambda: "งบรายจ่าย,รายการ\n".encode()),
    "page": ("not_workbook", lambda: b"<html><table></table></html>"),
    "another zip": ("not_workbook", lambda: _zip({"a.txt": b"x"})),
    "nested workbook": ("not_workbook", lambda: _zip({"book.xlsx": _good()})),
    "opendocument": ("opendocument", lambda: _zip({"mimetype": b"application/x", "content.xml": b"<x/>"})),
    "old excel": ("old_excel", lambda: OLE + b"\0" * 600),
    "with a password": ("encrypted", lambda: OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")),
    "binary": ("binary_excel", lambda: _renamed("xl/workbook.bin")),
    "cut off": ("damaged", lambda: _good()[:-400]),
    "behind something": ("not_workbook", lambda: b"GIF89a" + _good()),
    "macros by name": ("macros", lambda: _renamed("xl/vbaProject.bin")),
    "macro sheet": ("macros", lambda: _renamed("xl/macrosheets/sheet1.xml")),
    "macros by type": ("macros", lambda: _with(TYPES, b"spreadsheetml.sheet.main", b"x.sheet.macroEnabled.main")),
    "external workbook": ("links", lambda: _renamed("xl/externalLinks/externalLink1.xml")),
    "external reference": ("links", lambda: _with(BOOK, b"<sheets>", b"<externalReferences/><sheets>")),
    "linked picture": ("links", lambda: with_parts(_good(), {SHEET_RELS: _link("image", "http://x", external=True)})),
    "connections": ("links", lambda: _renamed("xl/connections.xml")),
    "query table": ("links", lambda: _renamed("xl/queryTables/queryTable1.xml")),
    "embedded object": ("embedded", lambda: _renamed("xl/embeddings/oleObject1.bin")),
    "embedded by relationship": (
        "embedded",
        lambda: with_parts(_good(), {SHEET_RELS: _link("oleObject", "../x.dat", external=False)}),
    ),
    "control": ("embedded", lambda: _renamed("xl/activeX/activeX1.xml")),
    "document type": ("declarations", lambda: _with(SHEET, b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>')),
    "document type elsewhere": ("declarations", lambda: _with("xl/styles.xml", b"?>", b"?><!DOCTYPE x>")),
    "document type in a drawing": (
        "declarations",
        lambda: with_parts(_good(), {"xl/drawings/vmlDrawing1.vml": b"<xml>" + b" " * 70_000 + b"<!DOCTYPE x><br>"}),
    ),
    "utf-16": ("strange", lambda: with_parts(_good(), {SHEET: lambda c: c.decode().encode("utf-16")})),
    "another encoding": ("strange", lambda: _with(SHEET, b"UTF-8", b"ISO-8859-1")),
    "names that lead out": ("strange", lambda: _renamed("../../etc/cron.d/x")),
    "absolute name": ("strange", lambda: _renamed("/etc/passwd")),
    "symbolic link": ("strange", _symlink),
    "two parts of one name": ("strange", _doubled),
    "two sheets in one part": ("strange", lambda: _with(BOOK_RELS, b"sheet3.xml", b"sheet2.xml")),
    "too many parts": ("too_many_parts", lambda: with_parts(_good(), {f"xl/media/{n}.png": b"" for n in range(500)})),
    "zeros": ("bomb", lambda: with_parts(_good(), {"xl/media/a.png": b"\0" * (70 << 20)})),
    "well packed": ("bomb", lambda: with_parts(_good(), {"xl/media/a.png": b"\0" * (9 << 20)})),
    "a million rows": ("too_many_rows", lambda: _cells('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')),
    "the last column": ("too_many_columns", lambda: _cells('<row r="4"><c r="XFD4"><v>1</v></c></row>')),
    "a row without number": ("strange", lambda: _cells('<row><c r="A4"><v>1</v></c></row>')),
    "a cell without address": ("strange", lambda: _cells('<row r="4"><c><v>1</v></c></row>')),
    "a cell in another row": ("strange", lambda: _cells('<row r="4"><c r="A5"><v>1</v></c></row>')),
    "rows backwards": ("strange", lambda: _cells('<row r="5"/><row r="4"/>')),
    "cells backwards": ("strange", lambda: _cells('<row r="4"><c r="B4"/><c r="A4"/></row>')),
    "a cell twice": ("strange", lambda: _cells('<row r="4"><c r="A4"/><c r="A4"/></row>')),
    "a hidden cell": ("strange", lambda: _cells('<row r="4"><x:c xmlns:x="u" r="A9"><v>1</v></x:c></row>')),
    "deep": ("strange", lambda: _cells("<x>" * 300 + "</x>" * 300)),
    "a string that is not there": ("damaged", lambda: _cells('<row r="4"><c r="A4" t="s"><v>99999</v></c></row>')),
    "not well formed": ("damaged", lambda: _cells('<row r="4">')),
    "words for a number": ("damaged", lambda: _cells('<row r="4"><c r="A4"><v>one</v></c></row>')),
    "not a number": ("damaged", lambda: _cells('<row r="4"><c r="A4"><v>NaN</v></c></row>')),
    "words for a truth": ("damaged", lambda: _cells('<row r="4"><c r="A4" t="b"><v>perhaps</v></c></row>')),
    "a prefix of nothing": ("damaged", lambda: _cells('<row r="4"><x:c r="A4"/></row>')),
    "no sheet behind the name": ("damaged", lambda: _with(BOOK_RELS, b"sheet3.xml", b"sheet9.xml")),
    "unknown packing": ("strange", lambda: _zip({TYPES: b"<x/>"}, zipfile.ZIP_LZMA)),
}  # fmt: skip


def _zip(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    code, make = REFUSED[name]
    with pytest.raises(Unacceptable) as refusal:
        inspect(make(), Limits())
    assert refusal.value.code == code
    said = refuse(refusal.value.code, **refusal.value.values)
    assert "{" not in said.text.th + said.text.en


def test_checksums_are_checked() -> None:
    data = bytearray(_zip({TYPES: b"<Types>" + b"abcdefgh" * 99 + b"</Types>"}, zipfile.ZIP_STORED))
    data[data.index(b"abcd") + 50] ^= 1
    with pytest.raises(Unacceptable, match="not_workbook"):
        inspect(bytes(data), Limits())
    spoilt = bytearray(with_parts(_good(), {"docProps/x.xml": b"<x/>"}))
    start = spoilt.index(b"docProps/x.xml") + len("docProps/x.xml")
    spoilt[start + 2] ^= 1
    with pytest.raises(Unacceptable, match="damaged"):
        inspect(bytes(spoilt), Limits())


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(file_bytes=1000), "too_big"),
        (Limits(parts=5), "too_many_parts"),
        (Limits(inflated_bytes=5000), "bomb"),
        (Limits(rows=2), "too_many_rows"),
        (Limits(columns=2), None),  # one letter is always near enough
        (Limits(cells=20), "too_many_cells"),
        (Limits(characters=300), "too_much_text"),
    ],
)
def test_limits(limits: Limits, code: str | None) -> None:
    if code is None:
        inspect(_good(), limits)
        return
    with pytest.raises(Unacceptable, match=code):
        inspect(_good(), limits)


def test_one_long_string_in_many_cells_is_too_much_text() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(4, 900))
    first = b"<si><t>" + b"x" * 30_000 + b"</t></si><si>"
    long = with_parts(_cells(rows), {"xl/sharedStrings.xml": lambda old: old.replace(b"<si>", first, 1)})
    with pytest.raises(Unacceptable, match="too_much_text"):
        inspect(long, Limits())


@pytest.mark.parametrize(
    "make",
    [
        _good,
        lambda: with_parts(_good(), {"xl/media/image1.png": b"\x89PNG" * 99}),
        lambda: with_parts(_good(), {"xl/printerSettings/printerSettings1.bin": b"x"}),
        lambda: with_parts(_good(), {SHEET_RELS: _link("hyperlink", "mailto:a@b.example", external=True)}),
        lambda: _cells('<row r="4"><c r="A4"><v>1</v></c></row><row r="1048576" ht="12.8"/>'),
        lambda: _cells('<row r="4"><c r="A4" s="1"/><c r="XFD4" s="1"/></row>'),
        lambda: _good() + b"\0" * 30,
    ],
    ids=[
        "template",
        "picture",
        "printer",
        "link to click",
        "last row of LibreOffice",
        "formatted afar",
        "tail",
    ],
)
def test_let_through(make: Callable[[], bytes]) -> None:
    found = inspect(make(), Limits())
    assert (found.formulas, found.errors) == ([], [])
    assert found.sheets[1] == "รายการงบประมาณ"


def test_formulas_and_errors_are_found_by_address_and_rules_are_no_formulas() -> None:
    data = _cells('<row r="4"><c r="A4"><f>1+1</f><v>2</v></c><c r="C4" t="e"><v>#REF!</v></c></row>')
    found = inspect(data, Limits())
    assert found.formulas == [("รายการงบประมาณ", "A4")]
    assert found.errors == [("รายการงบประมาณ", "C4")]
    rule = b'<extLst><ext xmlns:xm="u"><xm:f>_lists!$A$1</xm:f></ext></extLst></worksheet>'
    assert inspect(_with(SHEET, b"</worksheet>", rule), Limits()).formulas == []


def test_every_refusal_says_two_things_in_two_languages() -> None:
    values = {"most": "1", "sheet": "x", "row": "1", "cell": "A1", "differences": "x"}
    said = [refuse(code, **values).text for code in REFUSALS]
    assert all(text.th and text.en and "{" not in text.th + text.en for text in said)
    assert all(a != b for a, b in pairwise(sorted(text.en for text in said)))
