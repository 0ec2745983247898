"""What a file is, by its bytes: whole files are known, and each way to spoil or disguise one is refused."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import time
import zipfile
from pathlib import Path

import openpyxl
import pikepdf
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.text import Text
from app.web.agency.judging import judge, recognise
from app.web.agency.media import (
    BROKEN,
    EXCEL,
    JPEG,
    LOCKED,
    LOCKED_OR_OLD,
    MACROS,
    PDF,
    PNG,
    TOO_LARGE_INSIDE,
    TWO_IN_ONE,
    WORD,
    WRONG_KIND,
    WRONG_NAME,
    Media,
    NotTaken,
    plain_name,
)
from tests.web.agency import samples
from tests.web.agency.samples import WORD_TYPE, office_parts, package


def of_openpyxl() -> bytes:
    target = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["ก", 1])
    book.save(target)
    return target.getvalue()


def of_xlsxwriter() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet().write(0, 0, "ก")
    return target.getvalue()


def pdf(**options: object) -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(target, **options)
    return target.getvalue()


def as_default_type() -> bytes:
    """A main part known by its ending alone, as the standard allows."""
    parts = office_parts("word/document.xml", WORD_TYPE)
    types = str(parts["[Content_Types].xml"]).replace("application/xml", WORD_TYPE)
    parts["[Content_Types].xml"] = types.replace(
        '<Override PartName="/word/document.xml"', '<Override PartName="/x"'
    )
    return package(parts)


WHOLE = {
    "pdf": (samples.PDF, PDF),
    "pdf with compressed objects": (pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate), PDF),
    "pdf that forbids printing but opens": (pdf(encryption=pikepdf.Encryption(owner="o", user="")), PDF),
    "pdf with a few bytes behind": (samples.PDF + b"\r\n\0\0", PDF),
    "png": (samples.png(), PNG),
    "jpeg": (samples.jpeg(), JPEG),
    "jpeg with a telephone's notes behind": (samples.jpeg() + b"\0" * 40 + b"SEFT", JPEG),
    "jpeg with filling between its segments": (samples.jpeg(extra=b"\xff\xff\xff\xfe\x00\x04hi"), JPEG),
    "docx": (samples.word(), WORD),
    "docx whose main part has another name": (package(office_parts("word/document2.xml", WORD_TYPE)), WORD),
    "docx by default type": (as_default_type(), WORD),
    "docx, stored": (package(office_parts("word/document.xml", WORD_TYPE), zipfile.ZIP_STORED), WORD),
    "docx with a folder and a Thai name": (samples.word(word__media__="", **{"word__media__รูป": b"1"}), WORD),
    "xlsx of openpyxl": (of_openpyxl(), EXCEL),
    "xlsx of xlsxwriter": (of_xlsxwriter(), EXCEL),
}


@pytest.mark.parametrize(("data", "media"), WHOLE.values(), ids=WHOLE.keys())
def test_whole_files_are_known(data: bytes, media: Media) -> None:
    assert judge(f"เอกสาร{media.endings[0].upper()}", data) is media


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def directory_entry(data: bytes, n: int) -> int:
    """Where the n-th entry of the zip's directory begins."""
    at = -1
    for _ in range(n + 1):
        at = data.index(b"PK\x01\x02", at + 1)
    return at


def bomb() -> bytes:
    """Thirty parts of ten megabytes of nothing."""
    return samples.word(**{f"word__n{n}_dot_bin": b"\0" * (10 << 20) for n in range(30)})


def lying_bomb() -> bytes:
    """A part that inflates to fifty megabytes and states one thousand bytes."""
    data = samples.word(word__n_dot_bin=b"\0" * (50 << 20))
    return patched(data, directory_entry(data, 3) + 24, struct.pack("<I", 1000))


def overlapping_bomb() -> bytes:
    """Entries of the directory that all point at the same bytes."""
    data = samples.word(word__a_dot_bin=b"\0" * (10 << 20), word__b_dot_bin=b"1")
    offset = data[directory_entry(data, 3) + 42 : directory_entry(data, 3) + 46]
    return patched(data, directory_entry(data, 4) + 42, offset)


def encrypted_entry() -> bytes:
    data = samples.word()
    return patched(data, directory_entry(data, 2) + 8, b"\x01\x00")


def other_local_name() -> bytes:
    data = samples.word()
    return data.replace(b"word/document.xml", b"word/documenu.xml", 1)


def two_of_one_name() -> bytes:
    data = samples.word(word__extras_dot_xml="<x/>", word__eXtras_dot_xml="<y/>")
    return data


MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
TEMPLATE_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
UTF16_DTD = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "ee">]><x/>'.encode("utf-16")
BROKEN_OFFICE = BROKEN.fill(kind="Office")

SPOILT = {
    # nothing we take
    "nothing": (b"", WRONG_KIND),
    "page": (b"<!doctype html><script>alert(1)</script>", WRONG_KIND),
    "program": (b"MZ\x90\0" + b"\0" * 100, WRONG_KIND),
    "picture that is a program": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', WRONG_KIND),
    "gif": (b"GIF89a" + b"\0" * 20, WRONG_KIND),
    "pdf that begins late": (b"\n" * 100 + samples.PDF, WRONG_KIND),
    "plain zip": (package({"a.txt": "a"}), WRONG_KIND),
    "opendocument": (package({"mimetype": "application/vnd.oasis", "content.xml": "<x/>"}), WRONG_KIND),
    "docx with nothing declared": (package({"word/document.xml": "<x/>"}), WRONG_KIND),
    "docx without its main part": (
        package({k: v for k, v in office_parts("word/a.xml", WORD_TYPE).items() if k != "word/a.xml"}),
        WRONG_KIND,
    ),
    "template": (package(office_parts("word/document.xml", TEMPLATE_TYPE)), WRONG_KIND),
    "slides": (
        package(office_parts("ppt/presentation.xml", "presentationml.presentation.main+xml")),
        WRONG_KIND,
    ),
    "old office or password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, LOCKED_OR_OLD),
    # what can run
    "macros by name": (samples.word(word__vbaProject_dot_bin=b"vba"), MACROS),
    "macros by name, other case": (samples.word(word__VBAPROJECT_dot_BIN=b"vba"), MACROS),
    "macros under another name": (
        samples.word('<Override PartName="/word/a.bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
        MACROS,
    ),
    "docm called docx": (package(office_parts("word/document.xml", MACRO_TYPE)), MACROS),
    "old Excel macros": (samples.word(xl__macrosheets__sheet1_dot_xml="<x/>"), MACROS),
    "controls": (samples.word(word__activeX__activeX1_dot_bin=b"x"), MACROS),
    # packages that are not what they say
    "zip cut off": (samples.word()[:-30], BROKEN_OFFICE),
    "zip with bytes behind": (samples.word() + b"x", BROKEN_OFFICE),
    "zip with bytes before": (b"PK\x03\x04junk" + samples.word(), BROKEN_OFFICE),
    "zip of nothing": (b"PK\x03\x04", BROKEN_OFFICE),
    "directory that lies about its place": (
        patched(samples.word(), len(samples.word()) - 6, b"\0\0\0\0"),
        BROKEN_OFFICE,
    ),
    "one changed byte inside": (patched(samples.word(), len(samples.word()) // 2, b"\x55"), BROKEN_OFFICE),
    "part with a password": (encrypted_entry(), LOCKED),
    "two readers, two names": (other_local_name(), BROKEN_OFFICE),
    "two parts of one name": (two_of_one_name(), BROKEN_OFFICE),
    "part outside": (
        package({**office_parts("word/document.xml", WORD_TYPE), "../../x": "x"}),
        BROKEN_OFFICE,
    ),
    "part at the root": (package({**office_parts("word/document.xml", WORD_TYPE), "/x": "x"}), BROKEN_OFFICE),
    "strange compression": (
        package(office_parts("word/document.xml", WORD_TYPE), zipfile.ZIP_LZMA),
        BROKEN_OFFICE,
    ),
    "document type": (
        samples.word(word__a_dot_xml='<!DOCTYPE x [<!ENTITY e "ee">]><x>&e;</x>'),
        BROKEN_OFFICE,
    ),
    "document type in UTF-16": (samples.word(word__a_dot_xml=UTF16_DTD), BROKEN_OFFICE),
    "document type after much": (
        samples.word(word__a_dot_xml=f"<!--{' ' * 70_000}--><!DOCTYPE x><x/>"),
        BROKEN_OFFICE,
    ),
    "types that are no XML": (
        package({**office_parts("word/document.xml", WORD_TYPE), "[Content_Types].xml": "<Types>"}),
        BROKEN_OFFICE,
    ),
    "bomb": (bomb(), TOO_LARGE_INSIDE),
    "bomb that lies": (lying_bomb(), BROKEN_OFFICE),
    "bomb of shared bytes": (overlapping_bomb(), BROKEN_OFFICE),
    "thousands of parts": (samples.word(**{f"word__{n}": b"" for n in range(5001)}), TOO_LARGE_INSIDE),
    # two in one
    "pdf with a zip behind": (samples.PDF + package({"a.txt": "a"}), TWO_IN_ONE),
    "pdf with a zip and more behind": (samples.PDF + package({"a.txt": "a"}) + b"%%EOF", TWO_IN_ONE),
    "jpeg with a zip behind": (samples.jpeg() + samples.word(), TWO_IN_ONE),
    "jpeg with a zip in a note": (
        samples.jpeg(
            extra=b"\xff\xfe" + struct.pack(">H", len(package({"a": "a"})) + 2) + package({"a": "a"})
        ),
        TWO_IN_ONE,
    ),
    "png with a page behind": (samples.png() + b"<script>alert(1)</script>", TWO_IN_ONE),
    "jpeg that readers of pdf open": (samples.jpeg(extra=b"\xff\xfe\x00\x0a%PDF-1.4"), TWO_IN_ONE),
    "docx that readers of pdf open": (
        package({"%PDF-1.4": "x", **office_parts("word/document.xml", WORD_TYPE)}),
        TWO_IN_ONE,
    ),
    # pictures
    "png cut off": (samples.png()[:-5], BROKEN.fill(kind="PNG")),
    "png without an end": (samples.png()[:-12], BROKEN.fill(kind="PNG")),
    "png with a wrong checksum": (patched(samples.png(), 20, b"\xff"), BROKEN.fill(kind="PNG")),
    "png of no size": (samples.png(0, 5), BROKEN.fill(kind="PNG")),
    "png without a picture": (
        b"\x89PNG\r\n\x1a\n"
        + samples.chunk(b"IHDR", b"\0\0\0\x01" * 2 + b"\x08\0\0\0\0")
        + samples.chunk(b"IEND", b""),
        BROKEN.fill(kind="PNG"),
    ),
    "png in name only": (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, BROKEN.fill(kind="PNG")),
    "png of ten thousand million points": (samples.png(100_000, 100_000), TOO_LARGE_INSIDE),
    "jpeg cut off": (samples.jpeg()[:-2], BROKEN.fill(kind="JPEG")),
    "jpeg in name only": (b"\xff\xd8\xff\xe0" + b"\0" * 20, BROKEN.fill(kind="JPEG")),
    "jpeg of no size": (samples.jpeg(0, 0), BROKEN.fill(kind="JPEG")),
    "jpeg as large as can be said": (samples.jpeg(65_535, 65_535), TOO_LARGE_INSIDE),
    # pdf
    "pdf in name only": (b"%PDF-1.7\n%%EOF\n", BROKEN.fill(kind="PDF")),
    "pdf cut off": (samples.PDF[:-10], BROKEN.fill(kind="PDF")),
    "pdf without a page": (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        BROKEN.fill(kind="PDF"),
    ),
    "pdf that nobody can open": (pdf(encryption=pikepdf.Encryption(owner="o", user="secret")), LOCKED),
}


@pytest.mark.parametrize(("data", "why"), SPOILT.values(), ids=SPOILT.keys())
def test_spoilt_and_disguised_files_are_refused(data: bytes, why: Text) -> None:
    begun = time.process_time()
    with pytest.raises(NotTaken) as refusal:
        recognise(data)
    assert refusal.value.why == why
    assert time.process_time() - begun < 3


def test_a_bomb_is_never_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import tracemalloc

    data = lying_bomb()
    tracemalloc.start()
    with pytest.raises(NotTaken):
        recognise(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


@pytest.mark.parametrize("name", ["a.docx", "a.pdf.exe", "a", "pdf", "a.pdf ."])
def test_a_name_that_says_something_else_is_refused(name: str) -> None:
    with pytest.raises(NotTaken) as refusal:
        judge(name, samples.PDF)
    assert refusal.value.why == WRONG_NAME.fill(kind="PDF")


def test_a_pdf_that_holds_up_its_reader_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr("app.web.agency.judging._CHILD", slow)
    monkeypatch.setattr("app.web.agency.judging._PATIENCE", 0.5)
    with pytest.raises(NotTaken) as refusal:
        recognise(samples.PDF)
    assert refusal.value.why == BROKEN.fill(kind="PDF")


def test_a_pdf_that_kills_its_reader_is_refused_and_noted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dead = tmp_path / "dead.py"
    dead.write_text("import os\nos.abort()\n")
    monkeypatch.setattr("app.web.agency.judging._CHILD", dead)
    with pytest.raises(NotTaken):
        recognise(samples.PDF)
    assert "ended with -6" in caplog.text


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_spoilt_picture_or_package_is_known_or_refused_in_words(data: st.DataObject) -> None:
    """Nothing but `NotTaken` comes out, whatever bytes go in."""
    whole = data.draw(st.sampled_from([samples.png(), samples.jpeg(), samples.word(), of_xlsxwriter()]))
    dice = random.Random(data.draw(st.integers(0, 2**32)))
    spoilt = bytearray(whole)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(spoilt))
        match dice.randint(0, 3):
            case 0:
                spoilt[at] = dice.randrange(256)
            case 1:
                del spoilt[at : at + dice.randint(1, 30)]
            case 2:
                spoilt[at:at] = dice.randbytes(dice.randint(1, 30))
            case _:
                spoilt[at : at + 4] = struct.pack("<I", dice.choice([0, 1, 2**16 - 1, 2**31, 2**32 - 1]))
        if not spoilt:
            break
    with contextlib.suppress(NotTaken):
        assert recognise(bytes(spoilt)) in (PNG, JPEG, WORD, EXCEL)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("C:\\งาน\\ร่าง.pdf", "ร่าง.pdf"),
        ("../../etc/passwd", "passwd"),
        ("  a   b.pdf ", "a b.pdf"),
        ("ก" * 300 + ".pdf", "ก" * 196 + ".pdf"),
        ("x" * 300, "x" * 200),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\x02.pdf", ""),
    ],
)
def test_plain_name(sent: str, name: str) -> None:
    assert plain_name(sent) == name
