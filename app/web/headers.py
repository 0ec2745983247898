"""What every answer tells the browser: nothing from elsewhere, nothing in a frame, nothing kept of signed-in pages."""

from __future__ import annotations

from flask import Flask, Response, session

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",  # the icons inside Bootstrap's and our style sheets
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def register(app: Flask, *, plain_http: bool) -> None:
    """Set the headers of every response; `plain_http` is the demo on this machine."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if "_user_id" in session else "no-cache"
        if not plain_http:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response
