"""What every answer tells the browser: nothing from elsewhere, nothing in a frame, nothing kept of signed-in pages."""

from __future__ import annotations

from flask import Flask, Response, g, session

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",  # the icons inside Bootstrap's and our style sheets
        "connect-src 'self'",
        "form-action 'self'{targets}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def register(app: Flask, *, plain_http: bool) -> None:
    """Set the headers of every response; `plain_http` is the demo on this machine."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        # a form that is answered by a redirect to a sign-in provider ends there, and browsers ask about that, too
        targets = "".join(f" {origin}" for origin in g.get("form_targets", ()))
        response.headers["Content-Security-Policy"] = _POLICY.format(targets=targets)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if "_user_id" in session else "no-cache"
        if not plain_http:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response
