"""Stored files on their way out: always a download, never a page of this site."""

from __future__ import annotations

import io
import re
from urllib.parse import quote

from flask import send_file
from werkzeug.wrappers import Response

_PLAIN = re.compile(r"[\w .()+,=@-]+", re.ASCII)
_ENDING = re.compile(r"\.[a-z0-9]{1,8}$", re.IGNORECASE | re.ASCII)


def send_download(data: bytes, name: str, fallback: str, media_type: str) -> Response:
    """`data` as a file called `name`, as RFC 6266 says; browsers that cannot read Thai names call it `fallback`
    with the same ending. The type is told, and nosniff on every answer keeps browsers from guessing another."""
    response = send_file(io.BytesIO(data), mimetype=media_type, as_attachment=True, download_name="file")
    ending = _ENDING.search(name)
    plain = name if _PLAIN.fullmatch(name) else f"{fallback}{ending[0] if ending else ''}"
    told = f'attachment; filename="{plain}"'
    if plain != name:
        told += f"; filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"
    response.headers["Content-Disposition"] = told
    return response
