"""What every public page shares: which release it shows, its address in both languages, and pages made once.

A page is kept in the process under the releases it was made from, so that it is gone in the moment one is published or
withdrawn: that is asked of the database at every request, in one small query.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, request, url_for

from app.kernel.canonical import sha256_bytes
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.releases.finding import OpenYear
from app.releases.making import release_store, thaw_release
from app.releases.queries import PublishedRow, find_current, list_published
from app.releases.words import labels_of
from app.web.language import language

blueprint = Blueprint("site", __name__)

_MOST_PAGES, _MOST_BYTES = 600, 24 * 1024 * 1024
_MOST_YEARS = 8
_CACHE = "public, max-age=60, must-revalidate"


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes
    packed: bytes
    tag: str
    status: int


class _Pages:
    """The pages made lately, the least asked for forgotten first. Bounded in number and in bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, _Page] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def find(self, key: Any) -> _Page | None:
        with self._lock:
            page = self._kept.get(key)
            if page is not None:
                self._kept.move_to_end(key)
            return page

    def keep(self, key: Any, page: _Page) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = page
            self._bytes += len(page.body) + len(page.packed)
            while len(self._kept) > _MOST_PAGES or self._bytes > _MOST_BYTES:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.body) + len(gone.packed)

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0


pages = _Pages()
_years: OrderedDict[str, OpenYear] = OrderedDict()
_years_lock = Lock()


def read_year(sha256: str) -> OpenYear:
    """A release read; the last few stay read. They are addressed by their content, so they never go stale."""
    with _years_lock:
        kept = _years.get(sha256)
        if kept is not None:
            _years.move_to_end(sha256)
            return kept
    year = OpenYear(thaw_release(release_store(current_app.config["DGI"]).get(sha256)))
    with _years_lock:
        _years[sha256] = year
        while len(_years) > _MOST_YEARS:
            _years.popitem(last=False)
    return year


def published() -> list[PublishedRow]:
    """Every release ever published; asked once per request."""
    if "published" not in g:
        g.published = list_published(db.session())
    rows: list[PublishedRow] = g.published
    return rows


class Withdrawn(Exception):
    """What was asked for was published once, and is not shown any more."""

    def __init__(self, row: PublishedRow):
        super().__init__(row.withdrawn_reason)
        self.row = row


@dataclass(frozen=True, slots=True)
class Shown:
    """The release a page shows. `current` is the one that counts, where this is another."""

    row: PublishedRow
    open: OpenYear
    current: PublishedRow | None
    others: tuple[PublishedRow, ...]

    @property
    def is_current(self) -> bool:
        return self.current is self.row


def shown(fiscal_year: int) -> Shown:
    """The release of a year that the address asks for (`release`), else the one that counts. Raises `NotFound` for a year
    of which nothing was ever published, and `Withdrawn`."""
    rows = [row for row in published() if row.fiscal_year == fiscal_year]
    wanted = request.args.get("release", "")
    row = next((r for r in rows if r.short == wanted), None) if wanted else find_current(rows, fiscal_year)
    if row is None:
        if rows and not wanted:
            raise Withdrawn(rows[0])
        raise NotFound()
    if not row.is_shown:
        raise Withdrawn(row)
    current = find_current(rows, fiscal_year)
    return Shown(row, read_year(row.sha256), current, tuple(r for r in rows if r is not row))


def link(endpoint: str, **values: Any) -> str:
    """The address of a public page in the reader's language, of the same release where an older one is read."""
    if language() == "en":
        values["lang"] = "en"
    here = (request.view_args or {}).get("fiscal_year")
    if (pinned := request.args.get("release")) and here is not None and values.get("fiscal_year") == here:
        values.setdefault("release", pinned)
    return url_for(endpoint, **{key: value for key, value in values.items() if value not in ("", None)})


def address(code: str) -> str:
    """This page in a language, as a path. Of the request's arguments it has those the page depends on and no others: the
    page is kept for everybody, so whoever asks for it first must not write the links of the rest."""
    args: dict[str, Any] = {key: value for key, value in g.get("site_args", ()) if value}
    if code == "en":
        args["lang"] = "en"
    return url_for(str(request.endpoint), **(request.view_args or {}), **args)


def page(
    template: str, make: Callable[[], dict[str, Any]], known: Iterable[str] = (), status: int = 200
) -> Response:
    """The page made by `template` of what `make` gives, or the one kept of it. `known` are the arguments of the address it
    depends on, beside release and language; a page that depends on what somebody typed is not kept."""
    args = tuple((key, request.args.get(key, "")) for key in ("release", *known))
    g.site_args = args
    is_typed = any(value for key, value in args if key == "text")
    made_from = tuple((row.sha256, row.is_shown) for row in published())
    key = (current_app.config["DGI"].site_url, request.path, args, language(), made_from, status)
    kept = None if is_typed else pages.find(key)
    if kept is None:
        try:
            words = make()
        except Withdrawn as gone:
            template, words, status = "public/withdrawn.html", {"row": gone.row}, 410
        body = render_template(template, **words).encode()
        kept = _Page(body, gzip.compress(body, 6, mtime=0), sha256_bytes(body)[:20], status)
        if not is_typed:
            pages.keep(key, kept)
    return _answer(kept)


def _answer(kept: _Page) -> Response:
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {
        "Cache-Control": _CACHE,
        "ETag": f'"{kept.tag}-gz"' if zipped else f'"{kept.tag}"',
        "Vary": "Accept-Encoding",
    }
    if kept.tag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(
        kept.packed if zipped else kept.body, kept.status, headers, content_type="text/html; charset=utf-8"
    )


@blueprint.errorhandler(NotFound)
def not_found(_error: NotFound) -> Response:
    """There is no such page: said in the frame of the public site, where visitors find their way on. Nobody keeps it: it may
    be published the next minute."""
    body = render_template("public/not_found.html")
    return Response(body, 404, {"Cache-Control": "no-cache"}, content_type="text/html; charset=utf-8")


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the frame of the public pages is drawn with."""
    site = current_app.config["DGI"].site_url
    return {
        "link": link,
        "address": address,
        "absolute": lambda path: f"{site}{path}",
        "labels_of": labels_of,
    }
