"""Open data: what there is, what its columns mean, and the files themselves."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.releases.facts import PHASE_NAMES
from app.releases.making import release_store
from app.releases.queries import find_current
from app.releases.words import (
    CONTACT,
    LICENCE,
    LICENCE_PATH,
    PUBLISHER,
    labels_of,
    title_of,
)
from app.web.door import public
from app.web.downloads import send_download
from app.web.site.frame import blueprint, page, published, read_year, shown
from app.web.site.plan import about

LATEST = "latest"
FILE_NAMES = {
    "package.zip": Text("ทุกไฟล์ พร้อมคำอธิบายแบบ Data Package", "Everything, with its Data Package descriptor"),
    "workbook.xlsx": Text("ทุกตารางในไฟล์ Excel", "Every table as an Excel workbook"),
    "data.json": Text("ทุกตารางเป็น JSON", "Every table as JSON"),
    "projects.csv": Text("โครงการ", "Projects"),
    "lines.csv": Text("วงเงินตามหน่วยงานและงบรายจ่าย", "Money by agency and category"),
    "spending.csv": Text("แผนและผลการใช้จ่ายรายเดือน", "Planned and actual spending by month"),
    "milestones.csv": Text("ขั้นงานสำคัญ", "Milestones"),
    "indicators.csv": Text("ตัวชี้วัด", "Indicators"),
    "changes.csv": Text("แผนแต่ละฉบับ", "Versions of the plan"),
    "agencies.csv": Text("หน่วยงานและงวดที่รายงาน", "Agencies, and what they reported"),
    "totals.csv": Text("ยอดรวมตามกลุ่ม", "Totals by group"),
    "dictionary.csv": Text("พจนานุกรมข้อมูล", "Data dictionary"),
    "datapackage.json": Text("คำอธิบายแบบ Data Package", "Data Package descriptor"),
    "release.json": Text("ข้อมูลเผยแพร่ทั้งชุดตามที่ตรึงไว้", "The frozen release itself"),
}


@blueprint.get("/data")
@public
def datasets() -> Response:
    """The open data of every year."""

    def make() -> dict[str, Any]:
        rows = published()
        current = [find_current(rows, n) for n in sorted({row.fiscal_year for row in rows}, reverse=True)]
        return {
            "datasets": [
                (row, title_of(year), labels_of(year), {f.name: f for f in row.list_files()})
                for row in current
                if row is not None
                for year in (read_year(row.sha256).year,)
            ],
            "licence": (LICENCE, LICENCE_PATH),
            "phase_names": PHASE_NAMES,
        }

    return page("public/datasets.html", make)


@blueprint.get("/data/<int:fiscal_year>")
@public
def dataset(fiscal_year: int) -> Response:
    """The open data of one year: its files, its columns, its metadata, its releases."""
    # imported late: what builds files and describes them
    from app.releases.catalogue import mandatory_items
    from app.releases.columns import KIND_NAMES
    from app.releases.reasons import WHY
    from app.releases.tables import data_tables

    def make() -> dict[str, Any]:
        view = shown(fiscal_year)
        config = current_app.config["DGI"]
        year = view.open.year
        files = {f.name: f for f in view.row.list_files()}
        return {
            **about(view),
            "files": [(files[name], words) for name, words in FILE_NAMES.items() if name in files],
            "tables": data_tables(year, ""),
            "kinds": KIND_NAMES,
            "items": mandatory_items(year, config.catalogue.email, config.catalogue.organization),
            "why": WHY,
            "licence": (LICENCE, LICENCE_PATH),
            "contact": CONTACT,
            "publisher": PUBLISHER,
            "linked": _linked(view, files, config.site_url),
        }

    return page("public/dataset.html", make)


def _linked(view: Any, files: dict[str, Any], site: str) -> Markup:
    """The dataset in the words of schema.org, for those who look for data. `<` is written so that no text ends it."""
    from app.releases.datafiles import media_type

    year = view.open.year
    title = title_of(year)
    base = f"{site}/data/{year.fiscal_year}"
    told = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": title.th,
        "alternateName": title.en,
        "description": " · ".join([title.th, title.en, *(label.en for label in labels_of(year))]),
        "url": base,
        "identifier": view.row.sha256,
        "version": view.row.short,
        "license": LICENCE_PATH,
        "inLanguage": ["th", "en"],
        "isAccessibleForFree": True,
        "datePublished": view.row.published_at.isoformat(),
        "temporalCoverage": f"{year.fiscal_year - 544}-10-01/{year.fiscal_year - 543}-09-30",
        "spatialCoverage": "Thailand",
        "creator": {"@type": "GovernmentOrganization", "name": PUBLISHER.th, "alternateName": PUBLISHER.en},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": name,
                "encodingFormat": media_type(name).partition(";")[0],
                "contentUrl": f"{base}/{view.row.short}/{name}",
                "contentSize": str(file.size),
            }
            for name, file in files.items()
        ],
    }
    return Markup(json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 (made here, no `<` left)


@blueprint.get("/data/<int:fiscal_year>/<release>/<name>")
@public
def file(fiscal_year: int, release: str, name: str) -> AnyResponse:
    """One file of a release, for good; `latest` leads to that of the release that counts now."""
    from app.releases.datafiles import media_type

    rows = [row for row in published() if row.fiscal_year == fiscal_year]
    if release == LATEST:
        current = find_current(rows, fiscal_year)
        if current is None:
            raise NotFound()
        answer: AnyResponse = redirect(
            url_for("site.file", fiscal_year=fiscal_year, release=current.short, name=name)
        )
        answer.headers["Cache-Control"] = "public, max-age=60"
        return answer
    row = next((r for r in rows if r.short == release and r.is_shown), None)
    found = next((f for f in row.list_files() if f.name == name), None) if row else None
    if row is None or found is None:
        raise NotFound()
    headers = {"Cache-Control": "public, max-age=300", "ETag": f'"{found.sha256[:20]}"'}
    if found.sha256[:20] in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    data = release_store(current_app.config["DGI"]).get(found.sha256)
    answer = send_download(data, f"dgi-{fiscal_year}-{release}-{name}", name, media_type(name))
    answer.headers.update(headers)
    answer.headers["Access-Control-Allow-Origin"] = "*"  # open data may be read from any page
    return answer
