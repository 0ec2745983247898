"""The files of a release: CSV, JSON, a workbook, the dictionary and the package that holds them all.

The same release gives the same bytes, so that a file can be told by its SHA-256.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.kernel.canonical import canonical_json, sha256_bytes
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.releases.columns import KIND_NAMES
from app.releases.data_table import DataTable
from app.releases.facts import PublicYear
from app.releases.identifiers import short
from app.releases.package import describe
from app.releases.tables import data_tables
from app.releases.words import LICENCE_NAME, LICENCE_PATH, PUBLISHER, labels_of, title_of

MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
LONGEST_SHEET = 31  # letters of a sheet's name in Excel
_DAWN = (1980, 1, 1, 0, 0, 0)  # the earliest moment a ZIP can tell


def media_type(name: str) -> str:
    """The media type of a release's file."""
    return MEDIA_TYPES[name[name.rindex(".") :]]


def build_files(year: PublicYear, data: bytes, sha256: str, site: str) -> dict[str, bytes]:
    """Name -> bytes of every file of a release; `data` are the bytes of the release itself."""
    tables = data_tables(year, f"{site}/plan/{{year}}/projects/{{number}}")
    files = {f"{table.name}.csv": _csv(table) for table in tables}
    told = {t.name: (sha256_bytes(files[f"{t.name}.csv"]), len(files[f"{t.name}.csv"])) for t in tables}
    descriptor = describe(year, tables, told, sha256, site)
    files["dictionary.csv"] = _dictionary(tables)
    files["data.json"] = _json(year, tables, sha256)
    files["workbook.xlsx"] = _workbook(year, tables, sha256)
    inside = {"datapackage.json": _text(descriptor), "release.json": data, **files}
    files["package.zip"] = _zip(
        {name: content for name, content in inside.items() if name != "workbook.xlsx"}
    )
    files["datapackage.json"] = inside["datapackage.json"]
    files["release.json"] = data
    return files


def _text(value: Any) -> bytes:
    return canonical_json(value).encode()


def _csv(table: DataTable) -> bytes:
    from reports.csvs import write_csv  # imported late: the printing house loads fonts and charts

    out = io.BytesIO()
    write_csv(_printed(table, "th"), out, keys_as_header=True)
    return out.getvalue()


def _printed(table: DataTable, language: str) -> Any:
    from reports.document import Column, Table

    return Table(
        table.name,
        table.title.say(language),
        tuple(
            Column(
                column.name,
                column.title.say(language),
                column.kind if column.kind != "int" else "int",
                28
                if column.kind == "text" and column.name.endswith(("_th", "_en", "title", "indicator"))
                else 15,
                unit=column.unit.say(language),
                meaning=column.meaning.say(language),
            )
            for column in table.columns
        ),
        table.rows,
        sheet=table.title.say(language)[:LONGEST_SHEET],
    )


def _dictionary(tables: Sequence[DataTable]) -> bytes:
    """Every column of every file, in both languages."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    heads = ("file", "column", "type", "unit", "title_th", "title_en", "meaning_th", "meaning_en")
    writer.writerow(heads)
    for table in tables:
        for c in table.columns:
            words = (c.title.th, c.title.en, c.meaning.th, c.meaning.en)
            writer.writerow((f"{table.name}.csv", c.name, KIND_NAMES[c.kind].en, c.unit.en, *words))
    return out.getvalue().encode("utf-8-sig")


def _json(year: PublicYear, tables: Sequence[DataTable], sha256: str) -> bytes:
    return _text(
        {
            "title": title_of(year).as_dict(),
            "release": sha256,
            "made_at": year.gathered_at.isoformat(),
            "labels": [label.as_dict() for label in labels_of(year)],
            "publisher": PUBLISHER.as_dict(),
            "license": {"name": LICENCE_NAME, "path": LICENCE_PATH},
            "tables": {
                table.name: [
                    {
                        column.name: _value(cell, column.kind)
                        for column, cell in zip(table.columns, row, strict=True)
                    }
                    for row in table.rows
                ]
                for table in tables
            },
        }
    )


def _value(cell: Any, kind: str) -> Any:
    if cell is None:
        return None
    if kind == "money":
        return decimal_baht(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _workbook(year: PublicYear, tables: Sequence[DataTable], sha256: str) -> bytes:
    from reports import write_workbook  # imported late, as above
    from reports.document import Document

    labels = labels_of(year)
    document = Document(
        title=title_of(year).th,
        subtitle=title_of(year).en,
        language="th",
        blocks=tuple(_printed(table, "th") for table in tables),
        made_at=year.gathered_at,
        made_by=PUBLISHER.th,
        organisation=PUBLISHER.th,
        label=_joined(labels).th,
        identifier=short(sha256),
        sha256=sha256,
    )
    out = io.BytesIO()
    write_workbook(document, out)
    return out.getvalue()


def _joined(labels: Sequence[Text]) -> Text:
    return Text(" · ".join(label.th for label in labels), " · ".join(label.en for label in labels))


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DAWN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()
