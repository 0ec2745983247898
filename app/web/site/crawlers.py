"""What search engines are told: where they may look, and every public page there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, url_for
from markupsafe import escape

from app.releases.queries import PublishedRow, find_current
from app.web.door import public
from app.web.site.frame import blueprint, published, read_year

_CACHE = "public, max-age=3600"
# asset files are fetched to see a page as people do; everything else is for those who work here
_OPEN = ("/$", "/plan", "/data", "/api$", "/assets/", "/sitemap.xml")


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Where search engines may look: the public pages, once each, not every way of filtering them."""
    lines = [
        "User-agent: *",
        *(f"Allow: {path}" for path in _OPEN),
        "Disallow: /",
        "Disallow: /plan/*/projects?",
    ]
    lines.append(f"Sitemap: {_site()}{url_for('site.sitemap')}")
    return Response(
        "\n".join(lines) + "\n", headers={"Cache-Control": _CACHE}, content_type="text/plain; charset=utf-8"
    )


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """The public pages of every year, each with the day its release was published (sitemaps.org, 0.9)."""
    told = [
        f"<url><loc>{escape(_site() + path)}</loc>"
        + (f"<lastmod>{row.published_at.date().isoformat()}</lastmod>" if row else "")
        + "</url>"
        for path, row in _addresses()
    ]
    body = "".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *told,
            "</urlset>\n",
        )
    )
    return Response(body, headers={"Cache-Control": _CACHE}, content_type="application/xml; charset=utf-8")


def _site() -> str:
    site: str = current_app.config["DGI"].site_url
    return site


def _addresses() -> Iterator[tuple[str, PublishedRow | None]]:
    rows = published()
    yield url_for("site.years"), None
    yield url_for("site.datasets"), None
    for fiscal_year in sorted({row.fiscal_year for row in rows}, reverse=True):
        if (row := find_current(rows, fiscal_year)) is None:
            continue
        opened = read_year(row.sha256)

        def at(endpoint: str, fiscal_year: int = fiscal_year, **values: Any) -> str:
            return url_for(f"site.{endpoint}", fiscal_year=fiscal_year, **values)

        yield at("year"), row
        yield at("dataset"), row
        if opened.projects:
            yield at("projects"), row
        for code in dict.fromkeys(a.ministry_code for a in opened.year.agencies):
            yield at("ministry", code=code), row
        for code in opened.agencies:
            yield at("agency", code=code), row
        for number in opened.projects:
            yield at("project", number=number), row
