"""What makes a paper fit for an archive: particulars, colours that mean something, files carried inside.

PDF/A-3b (ISO 19005-3): the particulars also stand as XMP, device colours mean sRGB, and every
attached file says what it is to the paper.
"""

from __future__ import annotations

import hashlib
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from reports.document import Document
from reports.thai import printable

_PROFILE = Path(__file__).parent / "assets" / "sRGB2014.icc"
_CREATOR = "DGI-Budget"
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
}


def add_particulars(document: Document, book: pikepdf.Pdf, is_whole: bool) -> None:
    """Title, author, dates and marks of the archive, in both of the places where readers look.

    A paper that is not ``is_whole``, with a letter no font here has, does not call itself PDF/A.
    """
    moment = document.made_at.astimezone(UTC)
    author = ", ".join(filter(None, (document.made_by, document.organisation)))
    keywords = " ".join(filter(None, (document.label, document.identifier, document.sha256)))
    producer = f"WeasyPrint {version('weasyprint')}, pikepdf {version('pikepdf')}"
    particulars = {
        "/Title": document.title,
        "/Subject": document.subtitle,
        "/Author": author,
        "/Keywords": keywords,
        "/Creator": _CREATOR,
        "/Producer": producer,
        "/CreationDate": moment.strftime("D:%Y%m%d%H%M%S+00'00'"),
        "/ModDate": moment.strftime("D:%Y%m%d%H%M%S+00'00'"),
    }
    for key, value in particulars.items():
        if value:
            book.docinfo[key] = printable(value)
    instant = moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    stated = [
        _one("pdfaid:part", "3" if is_whole else ""),
        _one("pdfaid:conformance", "B" if is_whole else ""),
        _kind("dc:title", "Alt", document.title),
        _kind("dc:creator", "Seq", author),
        _kind("dc:description", "Alt", document.subtitle),
        _one("pdf:Keywords", keywords),
        _one("pdf:Producer", producer),
        _one("xmp:CreatorTool", _CREATOR),
        _one("xmp:CreateDate", instant),
        _one("xmp:ModifyDate", instant),
    ]
    names = " ".join(f'xmlns:{key}="{value}"' for key, value in _NAMESPACES.items())
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<rdf:Description rdf:about="" {names}>\n'
        + "".join(stated)
        + '</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    )
    book.Root.Metadata = Stream(book, printable(packet).encode(), Type=Name.Metadata, Subtype=Name.XML)
    profile = book.make_indirect(Stream(book, _PROFILE.read_bytes(), N=3))
    colours = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB2014"),
        Info=String("sRGB2014"),
        RegistryName=String("http://www.color.org"),
        DestOutputProfile=profile,
    )
    book.Root.OutputIntents = Array([colours])
    book.Root.Lang = String(document.language)
    book.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    if len(book.pages) > 3:
        book.Root.PageMode = Name.UseOutlines


def attach_files(document: Document, book: pikepdf.Pdf) -> None:
    """Carry the document's files, found by name and listed as belonging to the whole paper."""
    if not document.attachments:
        return
    moment = document.made_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
    carried = {}
    for file in document.attachments:
        # The checksum readers look for is an MD5; nothing rests on it.
        checksum = hashlib.md5(file.data, usedforsecurity=False).digest()
        stream = Stream(
            book,
            file.data,
            Type=Name.EmbeddedFile,
            Subtype=Name(f"/{file.media_type}"),
            Params=Dictionary(Size=len(file.data), ModDate=String(moment), CheckSum=String(checksum)),
        )
        data = book.make_indirect(stream)
        carried[file.name] = book.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(file.name),
                UF=String(file.name),
                Desc=String(printable(file.description or file.name)),
                AFRelationship=Name(f"/{file.relationship}"),
                EF=Dictionary(F=data, UF=data),
            )
        )
    names = Array()
    for name in sorted(carried, key=lambda name: bytes(String(name))):
        names.append(String(name))
        names.append(carried[name])
    book.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=names))
    book.Root.AF = Array(carried.values())


def _one(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>\n" if value else ""


def _kind(name: str, kind: str, value: str) -> str:
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    if not value:
        return ""
    return f"<{name}><rdf:{kind}><rdf:li{language}>{escape(value)}</rdf:li></rdf:{kind}></{name}>\n"
