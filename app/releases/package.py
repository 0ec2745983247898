"""The descriptor of a year's files: a Frictionless Data Package (v1) with the mapping of a Fiscal Data Package (0.3).

https://specs.frictionlessdata.io/data-package/ · https://specs.frictionlessdata.io/fiscal-data-package/ The fiscal mapping
stands under "model" as version 0.3 has it: measures with their phase, dimensions with their attributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.releases.columns import Column
from app.releases.data_table import DataTable
from app.releases.facts import PublicYear
from app.releases.identifiers import short
from app.releases.words import CONTACT, LICENCE, LICENCE_NAME, LICENCE_PATH, PUBLISHER, labels_of, title_of

_TYPES = {"text": "string", "int": "integer", "money": "number", "date": "date"}
_PHASES = {
    "asked_baht": "proposed",
    "approved_baht": "approved",
    "allotted_baht": "adjusted",
    "disbursed_baht": "executed",
}


def describe(
    year: PublicYear,
    tables: Sequence[DataTable],
    files: Mapping[str, tuple[str, int]],
    sha256: str,
    site: str,
) -> dict[str, Any]:
    """The descriptor of a release; `files` holds SHA-256 and size of each table's CSV by the table's name."""
    title = title_of(year)
    labels = labels_of(year)
    return {
        "profile": "tabular-data-package",
        "name": f"dgi-plan-{year.fiscal_year}",
        "id": f"urn:sha256:{sha256}",
        "version": short(sha256),
        "title": title.th,
        "title_en": title.en,
        "description": " · ".join([title.th, *(label.th for label in labels)]),
        "description_en": " · ".join([title.en, *(label.en for label in labels)]),
        "homepage": f"{site}/plan/{year.fiscal_year}",
        "created": year.gathered_at.isoformat(),
        "licenses": [{"name": LICENCE_NAME, "title": LICENCE.en, "path": LICENCE_PATH}],
        "contributors": [
            {"title": PUBLISHER.th, "role": "publisher"},
            {"title": CONTACT.th, "role": "maintainer"},
        ],
        "sources": [{"title": "DGI-Budget", "path": f"{site}/data/{year.fiscal_year}"}],
        "keywords": ["budget", "digital government", "Thailand", "งบประมาณ", "รัฐบาลดิจิทัล"],
        "countryCode": "TH",
        "granularity": "aggregated",
        "fiscalPeriod": {
            "start": f"{year.fiscal_year - 544}-10-01",
            "end": f"{year.fiscal_year - 543}-09-30",
        },
        "resources": [_resource(table, files[table.name]) for table in tables],
        "model": _model(),
    }


def _resource(table: DataTable, file: tuple[str, int]) -> dict[str, Any]:
    sha256, size = file
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    names = {column.name for column in table.columns}
    if table.name != "projects" and "number" in names:
        schema["foreignKeys"] = [
            {"fields": ["number"], "reference": {"resource": "projects", "fields": ["number"]}}
        ]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title.th,
        "title_en": table.title.en,
        "path": f"{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "bytes": size,
        "hash": f"sha256:{sha256}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "header": True},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES[column.kind],
        "title": column.title.th,
        "title_en": column.title.en,
        "description": column.meaning.th,
        "description_en": column.meaning.en,
    }
    constraints: dict[str, Any] = {}
    if column.is_needed:
        constraints["required"] = True
    if column.kind == "money":
        field["unit"] = "THB"
        constraints["minimum"] = 0
    elif column.unit.en:
        field["unit"] = column.unit.en
    return field | ({"constraints": constraints} if constraints else {})


def _model() -> dict[str, Any]:
    """How the columns of `lines` stand for the concepts of a budget."""
    return {
        "measures": {
            phase: {
                "source": column,
                "resource": "lines",
                "currency": "THB",
                "direction": "expenditure",
                "phase": phase,
            }
            for column, phase in _PHASES.items()
        },
        "dimensions": {
            "year": _dimension("datetime", {"year": "fiscal_year"}, "year"),
            "project": _dimension("program", {"id": "id", "number": "number"}, "number"),
            "agency": _dimension(
                "entity", {"code": "agency_code", "label": "agency_th", "label_en": "agency_en"}, "code"
            ),
            "category": _dimension(
                "classification",
                {"code": "category", "label": "category_th", "label_en": "category_en"},
                "code",
                classificationType="economic",
            ),
        },
    }


def _dimension(kind: str, attributes: Mapping[str, str], key: str, **more: str) -> dict[str, Any]:
    told = {name: {"source": source, "resource": "lines"} for name, source in attributes.items()}
    return {"dimensionType": kind, "attributes": told, "primaryKey": key, **more}
