"""The press: templates, style sheets, fonts and the one door through which a PDF may fetch them."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jinja2
import pydyf  # type: ignore[import-untyped]
import weasyprint.pdf
from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
from weasyprint import CSS, HTML
from weasyprint import Document as Rendering
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from reports.pdf_tags import add_tags
from reports.text_layer import repair_text_layer
from reports.thai import printable
from reports.typeface import WEIGHTS, font_path

_HERE = Path(__file__).parent
_TYPES = {"css": "text/css", "ttf": "font/ttf", "svg": "image/svg+xml"}

# There is no option for it: WeasyPrint is given our own tags in place of its own.
weasyprint.pdf.add_tags = add_tags

# The font subsetter reports every table it drops.
logging.getLogger("fontTools.subset").setLevel(logging.ERROR)


class OutsideFetchRefused(ValueError):
    """A paper asked for something that is not one of the press's own assets."""


class OwnAssets(URLFetcher):  # type: ignore[misc]
    """Serves ``asset:<name>`` from the style sheets, the fonts and the pictures of one paper.

    Every other address is refused, so no document can reach the network or the disk.
    """

    def __init__(self, pictures: Mapping[str, str]) -> None:
        super().__init__(fail_on_errors=True, allow_redirects=False)
        self._pictures = pictures

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        body: bytes | None = None
        if scheme == "asset":
            body = self._pictures[name].encode() if name in self._pictures else _own_files().get(name)
        if body is None:
            raise OutsideFetchRefused(f"not an asset of the printing house: {url[:200]}")
        return URLFetcherResponse(url, body, {"Content-Type": _TYPES[name.rpartition(".")[2]]})


@functools.cache
def _own_files() -> dict[str, bytes]:
    files = {path.name: path.read_bytes() for path in (_HERE / "assets").glob("*.*")}
    files |= {f"Sarabun-{weight}.ttf": font_path(weight).read_bytes() for weight in WEIGHTS}
    return files


@functools.cache
def _elements() -> CSS:
    return CSS(string=_own_files()["elements.css"].decode())


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class _Page(HTML):  # type: ignore[misc]
    """A page of ours: well-formed, so the parser of the standard library will do, at a tenth of the time."""

    def __init__(self, text: str, fetcher: OwnAssets) -> None:
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = ElementWrapper.from_html_root(ElementTree.fromstring(text))  # noqa: S314
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool) -> list[CSS]:
        return [_elements()]


def lay_out(template: str, words: Mapping[str, Any], pictures: Mapping[str, str]) -> Rendering:
    """Fill a template and lay its pages out."""
    page = _templates().get_template(template).render(words)
    paper = _Page(printable(page), OwnAssets(pictures))
    return paper.render(font_config=FontConfiguration())


def paint(rendering: Rendering, tagged: bool) -> bytes:
    """The laid out pages as a PDF whose Thai text layer is right."""
    data: bytes = rendering.write_pdf(finisher=_finish, pdf_tags=tagged)
    return data


def _finish(rendering: Rendering, pdf: pydyf.PDF) -> None:
    repair_text_layer(rendering, pdf)
    for item in pdf.objects:
        if isinstance(item, pydyf.Dictionary) and "ExtGState" in item:
            for kind in [kind for kind, named in item.items() if named == {}]:
                del item[kind]
