"""Style, script, type: our own files, Bootstrap's style sheet and Sarabun, from this host only.

All are read once and served under one version, so that browsers keep them for a year and still see a change.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import fontpkg
from flask import Blueprint, Flask, Response, request, url_for

from app.kernel.errors import NotFound
from app.web.door import public

_OWN = Path(__file__).parent / "static"
_WEIGHTS = (400, 600, 700)
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}

blueprint = Blueprint("assets", __name__)


@cache
def _files() -> dict[str, Path]:
    package = find_spec("flask_bootstrap")
    if package is None or package.origin is None:
        raise RuntimeError("Bootstrap-Flask is not installed")
    bootstrap = Path(package.origin).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
    files = {path.name: path for path in sorted(_OWN.iterdir()) if path.suffix in _TYPES}
    files["bootstrap.css"] = bootstrap
    for weight in _WEIGHTS:
        files[f"sarabun-{weight}.ttf"] = Path(fontpkg.path("Sarabun", weight=weight))
    return files


@cache
def version() -> str:
    """Twelve hex digits that change when any of the files does."""
    digest = hashlib.sha256()
    for name, path in sorted(_files().items()):
        digest.update(name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def _content(name: str) -> tuple[bytes, bytes]:
    data = _files()[name].read_bytes()
    return data, gzip.compress(data, mtime=0)


@blueprint.get("/assets/<folder>/<name>")
@public
def file(folder: str, name: str) -> Response:
    """One file. Style sheets name others relative to themselves, so any folder will do."""
    if name not in _files():
        raise NotFound()
    plain, packed = _content(name)
    zipped = request.accept_encodings.quality("gzip") > 0
    response = Response(packed if zipped else plain, content_type=_TYPES[_files()[name].suffix])
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def asset(name: str) -> str:
    """The address of a file, with its version."""
    return url_for("assets.file", folder=version(), name=name)


def register(app: Flask) -> None:
    """Give `asset(name)` to every template."""
    app.jinja_env.globals["asset"] = asset
