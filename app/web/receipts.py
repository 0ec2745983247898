"""Whether a receipt is genuine: for everybody, from the QR code on it. Number, time and hash; nothing else."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.figures.receipt import HASH_SHOWN, verification_url
from app.kernel.db import db
from app.proposals.queries import Receipt, find_receipt_by_number
from app.web.door import public

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")

_LONGEST_NUMBER = 30


def verification_code(receipt: Receipt) -> Markup:
    """The QR code of a receipt as SVG: the same address as on its paper."""
    from segno import make_qr  # only receipts need it

    code = make_qr(verification_url(current_app.config["DGI"].site_url, receipt), error="m")
    return Markup(  # noqa: S704 (squares drawn by segno; the address is only what they spell)
        code.svg_inline(scale=3, border=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    )


@blueprint.get("/verify")
@public
def ask() -> str | Response:
    """Type in what the paper says."""
    number = request.args.get("number", "").strip()
    if number:
        number = "".join(number.upper().split())[:_LONGEST_NUMBER]
        sha256 = request.args.get("sha256", "").strip() or None
        return redirect(url_for("receipts.verify", receipt_number=number, sha256=sha256))
    return render_template("receipts/ask.html", number="", sha256="")


@blueprint.get("/verify/<receipt_number>")
@public
def verify(receipt_number: str) -> str | tuple[str, int]:
    """What the register says about a receipt, and whether the hash on the paper is the same."""
    typed = request.args.get("sha256", "")
    receipt = (
        find_receipt_by_number(db.session(), receipt_number)
        if len(receipt_number) <= _LONGEST_NUMBER
        else None
    )
    if receipt is None:
        page = render_template("receipts/unknown.html", number=receipt_number[:_LONGEST_NUMBER], sha256=typed)
        return page, 404
    given = "".join(typed.lower().split())
    matches = len(given) >= HASH_SHOWN and receipt.sha256.startswith(given)
    return render_template(
        "receipts/verify.html", receipt=receipt, given=given, matches=matches, shortest=HASH_SHOWN
    )
