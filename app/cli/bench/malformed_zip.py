"""Workbooks that are broken or hostile as files: cut off, flipped, swollen, forged, calling out, or no workbook at all."""

from __future__ import annotations

import zipfile
from functools import cache
from io import BytesIO
from random import Random

from app.cli.bench.malformed_rows import (
    HEAD,
    Filling,
    Must,
    Paper,
    zip_parts,
)
from app.cli.bench.malformed_sheets import Case, rows

_TYPES = "[Content_Types].xml"
_BOOK = "xl/workbook.xml"
_BOOK_LINKS = "xl/_rels/workbook.xml.rels"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BOMB_BYTES = 80 << 20


def cut_off(rng: Random, of: Paper) -> Case:
    data, _ = rows(rng, of)
    return data[: rng.randrange(len(data))], Must(is_refused=True)


def flipped(rng: Random, of: Paper) -> Case:
    """A few bytes changed anywhere: refused, or, where nothing that matters was hit, read as it was."""
    data, must = rows(rng, of)
    spoilt = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    must.either = True
    return bytes(spoilt), must


def scrambled_xml(rng: Random, of: Paper) -> Case:
    """XML damaged before it was zipped, so that no checksum tells."""
    parts = of.with_sheet(Filling(rng, of).xml())
    parts["docProps/x.xml"] = f"<x>{rng.random()}</x>".encode()
    part = rng.choice((of.part, _BOOK, _BOOK_LINKS, _TYPES))
    text = parts[part]
    at = text.index(b">", 100) + rng.randrange(1, 20)
    junk = rng.choice((b"<", b"</row>", b"\0", b"&nope;", b"\xff\xfe", b"<![CDATA[", b"<c></c><c>"))
    parts[part] = text[:at] + junk + text[at:] if rng.random() < 0.6 else text[:at]
    return zip_parts(parts), Must(is_refused=True)


def no_workbook(rng: Random, of: Paper) -> Case:
    """Other files under the name of a workbook."""
    csv = "งบรายจ่าย,รายการ\n" + "\n".join(f"{n},{rng.random()}" for n in range(20))
    word = {_TYPES: b"<Types/>", "word/document.xml": b"<w/>", "n": rng.randbytes(9)}
    ods = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b"<x/>",
        "n": rng.randbytes(9),
    }
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.randbytes(600)
    inner, _ = rows(rng, of)
    binary = {**of.parts(), "xl/workbook.bin": rng.randbytes(40)}
    return rng.choice(
        (
            b"" if rng.random() < 0.1 else b" " * rng.randrange(1, 9999),
            rng.randbytes(rng.randrange(1, 3000)),
            b"PK\x03\x04" + rng.randbytes(rng.randrange(3000)),
            csv.encode(),
            csv.encode("utf-16"),
            f"<html><table><tr><td>{rng.random()}</td></tr></table></html>".encode(),
            b"%PDF-1.7\n" + rng.randbytes(200),
            b"GIF89a" + inner,
            zip_parts(word),
            zip_parts(ods),
            zip_parts({f"book{rng.random()}.xlsx": inner}),
            zip_parts(binary),
            ole,
            ole + "EncryptedPackage".encode("utf-16-le"),
        )
    ), Must(is_refused=True)


def forbidden_parts(rng: Random, of: Paper) -> Case:
    """Macros, links to elsewhere, embedded things; by name, by type or by relationship only."""
    parts = dict(of.parts())
    way = rng.randrange(5)
    if way == 0:
        names = ("xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/externalLinks/externalLink1.xml", "xl/connections.xml",
                 "xl/queryTables/queryTable1.xml", "xl/embeddings/oleObject1.bin", "xl/activeX/activeX1.xml",
                 "xl/ctrlProps/ctrlProp1.xml", "customUI/customUI.xml", "xl/VBAPROJECT.BIN")  # fmt: skip
        parts[rng.choice(names)] = b"<x/>" + rng.randbytes(4)
    elif way == 1:
        kinds = (
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            "application/vnd.ms-office.vbaProject",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml",
            "application/vnd.openxmlformats-officedocument.oleObject",
            "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
        )
        entry = f'<Default Extension="x{rng.randrange(999)}" ContentType="{rng.choice(kinds)}"/>'
        parts[_TYPES] = parts[_TYPES].replace(b"</Types>", entry.encode() + b"</Types>")
    elif way == 2:
        kind = rng.choice(
            ("externalLink", "externalLinkPath", "oleObject", "connections", "image", "package")
        )
        link = f'<Relationship Id="x" Type="{_REL}/{kind}" Target="file://host/{rng.random()}" TargetMode="External"/>'
        parts[_BOOK_LINKS] = parts[_BOOK_LINKS].replace(
            b"</Relationships>", link.encode() + b"</Relationships>"
        )
    elif way == 3:
        parts["xl/worksheets/_rels/sheet2.xml.rels"] = (
            f'<Relationships><Relationship Id="r" Type="{_REL}/oleObject" Target="x{rng.random()}"/></Relationships>'.encode()
        )
    else:
        parts[_BOOK] = parts[_BOOK].replace(
            b"<calcPr", b'<externalReferences><externalReference r:id="r"/></externalReferences><calcPr'
        )
        parts[_BOOK] += f"<!-- {rng.random()} -->".encode()
    return zip_parts(parts), Must(is_refused=True)


def declarations(rng: Random, of: Paper) -> Case:
    """Document types and entities: billion laughs, files of the server, and the plain declaration."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    inner = rng.choice(
        (
            f'<!ENTITY l0 "ha">{laughs}',
            '<!ENTITY x SYSTEM "file:///etc/passwd">',
            f"<!ELEMENT a{rng.random()} ANY>",
        )
    )
    parts = of.with_sheet(Filling(rng, of).xml())
    part = rng.choice(
        (
            of.part,
            of.identity_part,
            _BOOK,
            _TYPES,
            "xl/sharedStrings.xml",
            "xl/styles.xml",
            "docProps/app.xml",
        )
    )
    head, body = parts[part].split(b"?>", 1)
    parts[part] = head + f"?><!DOCTYPE r [{inner}]>".encode() + body
    return zip_parts(parts), Must(is_refused=True)


@cache
def _zeros(of: Paper, way: int) -> bytes:
    """Bombs take long to pack: one of each kind is packed, and told apart by what follows the directory."""
    parts = dict(of.parts())
    if way == 0:
        parts[of.part] = HEAD.encode() + b" " * _BOMB_BYTES + b"<sheetData/></worksheet>"
    elif way == 1:
        parts["xl/media/image1.png"] = b"\0" * _BOMB_BYTES
    elif way == 2:
        parts["xl/sharedStrings.xml"] = b"<sst><si><t>" + b"a" * _BOMB_BYTES + b"</t></si></sst>"
    else:
        parts[of.part] = (
            HEAD.encode() + b"<sheetData>" + b"<row>" * (_BOMB_BYTES // 5) + b"</sheetData></worksheet>"
        )
    return zip_parts(parts)


def bombs(rng: Random, of: Paper) -> Case:
    return _with_comment(_zeros(of, rng.randrange(4)), rng.randbytes(8)), Must(is_refused=True)


def odd_zip(rng: Random, of: Paper) -> Case:
    """Zip files no spreadsheet program writes."""
    way = rng.randrange(8)
    parts = dict(of.parts())
    parts["docProps/x.xml"] = f"<x>{rng.random()}</x>".encode()
    if way == 0:
        del parts[rng.choice((_TYPES, _BOOK, _BOOK_LINKS, of.part, "xl/sharedStrings.xml"))]
    elif way == 1:
        parts[
            rng.choice(("../../etc/cron.d/x", "/etc/passwd", "xl/../../x", "xl\\worksheets\\sheet2.xml"))
        ] = b"x"
    elif way == 2:
        parts["XL/Worksheets/SHEET2.xml"] = parts[of.part]
    elif way == 3:
        parts |= {f"xl/media/{n}.png": b"" for n in range(500)}
    elif way == 4:
        return zip_parts(parts, zipfile.ZIP_LZMA if rng.random() < 0.5 else zipfile.ZIP_BZIP2), Must(
            is_refused=True
        )
    elif way == 5:
        parts[of.part] = parts[of.part].decode().replace("UTF-8", "UTF-16").encode("utf-16")
    elif way == 6:
        parts[of.part] = parts[of.part].replace(
            b"UTF-8", rng.choice((b"ISO-8859-1", b"UTF-7", b"windows-874"))
        )
    else:
        target = BytesIO(zip_parts(parts))
        with zipfile.ZipFile(target, "a") as archive:
            entry = zipfile.ZipInfo("xl/media/link")
            entry.external_attr = 0o120777 << 16
            archive.writestr(entry, "/etc/passwd")
        return target.getvalue(), Must(is_refused=True)
    return zip_parts(parts), Must(is_refused=True)


def harmless(rng: Random, of: Paper) -> Case:
    """Odd, and right all the same: pictures, links to click, printer settings, something behind the end."""
    data, must = rows(rng, of)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/media/image1.png"] = rng.randbytes(500)
    parts["xl/printerSettings/printerSettings1.bin"] = rng.randbytes(50)
    link = f'<Relationship Id="h" Type="{_REL}/hyperlink" Target="https://x.invalid/{rng.random()}" TargetMode="External"/>'
    parts["xl/worksheets/_rels/sheet2.xml.rels"] = f"<Relationships>{link}</Relationships>".encode()
    names = list(parts)
    rng.shuffle(names)
    return _with_comment(zip_parts({name: parts[name] for name in names}), rng.randbytes(9)), must


def foreign(rng: Random, of: Paper) -> Case:
    """A template of another call, agency or proposal, one that was tampered with, or one without its identity."""
    way = rng.randrange(5)
    if way < 3:
        key, value = rng.choice(of.differs)
        parts = dict(of.parts(**{key: value}))
        parts[of.part] = Filling(rng, of).xml()
    else:
        parts = dict(of.parts())
        strings = parts["xl/sharedStrings.xml"]
        if way == 3:
            parts["xl/sharedStrings.xml"] = strings.replace(
                of.signed, f"agency{rng.randrange(10**6)}".encode()
            )
        else:
            parts[of.identity_part] = f"{HEAD}<sheetData/></worksheet><!-- {rng.random()} -->".encode()
    return zip_parts(parts), Must(is_refused=True)


def _with_comment(data: bytes, comment: bytes) -> bytes:
    """The same zip file with a comment behind its directory."""
    end = data.rindex(b"PK\x05\x06")
    return data[: end + 20] + len(comment).to_bytes(2, "little") + comment
