"""Errors, mapped to pages once. Each says what happened and what to do next, in the reader's language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
    SecurityError,
)

from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.files import StorageFault
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.web.door import asked_path


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The words of one status."""

    title: Text
    text: Text


PAGES = {
    400: ErrorPage(
        Text("คำขอนี้อ่านไม่ได้", "This request cannot be read"),
        Text(
            "ข้อมูลที่เบราว์เซอร์ส่งมาไม่ครบหรือมีอักขระที่ระบบอ่านไม่ได้ กรุณากลับไปลองใหม่",
            "What the browser sent is incomplete or has unreadable characters. Go back and try again.",
        ),
    ),
    401: ErrorPage(
        Text("กรุณาเข้าสู่ระบบอีกครั้ง", "Please sign in again"),
        Text(
            "ท่านออกจากระบบแล้วหรือเว้นช่วงนานเกิน 2 ชั่วโมง ยังไม่มีการบันทึกสิ่งที่ส่งมา",
            "You have signed out, or were away for more than 2 hours. Nothing you sent was saved yet.",
        ),
    ),
    403: ErrorPage(
        Text("ท่านไม่มีสิทธิ์เข้าหน้านี้", "You may not open this page"),
        Text(
            "หน้านี้สำหรับผู้ที่มีหน้าที่อื่น หากท่านควรเข้าได้ กรุณาติดต่อผู้ดูแลระบบของหน่วยงาน",
            "This page is for people with another role. If you should see it, ask your administrator.",
        ),
    ),
    404: ErrorPage(
        Text("ไม่พบหน้านี้", "This page was not found"),
        Text(
            "ที่อยู่อาจพิมพ์ผิด หรือสิ่งที่ท่านขอไม่อยู่ในความรับผิดชอบของท่าน",
            "The address may be mistyped, or what you asked for is not yours to see.",
        ),
    ),
    405: ErrorPage(
        Text("เปิดหน้านี้โดยตรงไม่ได้", "This page cannot be opened directly"),
        Text(
            "ที่อยู่นี้ใช้รับข้อมูลจากแบบฟอร์มเท่านั้น กรุณากลับไปเริ่มจากแบบฟอร์ม",
            "This address only receives a form. Go back and start from the form.",
        ),
    ),
    409: ErrorPage(
        Text("มีผู้อื่นแก้ไขก่อนท่าน", "Somebody else changed this first"),
        Text(
            "ข้อมูลเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้ ระบบไม่ได้เขียนทับของผู้ใด กรุณาเปิดหน้าใหม่อีกครั้ง",
            "It was changed after you opened the page. Nothing was overwritten; open the page again.",
        ),
    ),
    413: ErrorPage(
        Text("ข้อมูลที่ส่งมาใหญ่เกินไป", "What you sent is too large"),
        Text(
            "กรุณาลดขนาดไฟล์หรือแบ่งส่งเป็นหลายครั้ง แล้วลองใหม่",
            "Make the file smaller or send it in parts, then try again.",
        ),
    ),
    422: ErrorPage(
        Text("ยังทำรายการนี้ไม่ได้", "This cannot be done yet"),
        Text("กรุณาแก้ไขแล้วลองใหม่", "Mend what is listed and try again."),
    ),
    429: ErrorPage(
        Text("ลองหลายครั้งเกินไป", "Too many attempts"),
        Text("กรุณารอ 15 นาทีแล้วลองใหม่", "Wait 15 minutes and try again."),
    ),
    500: ErrorPage(
        Text("ระบบขัดข้อง", "The system has a fault"),
        Text(
            "ยังไม่มีการบันทึกสิ่งที่ท่านเพิ่งส่ง ความผิดพลาดนี้ถูกบันทึกไว้ให้ผู้ดูแลแล้ว กรุณาลองใหม่ในอีกสักครู่",
            "What you just sent was not saved. The fault has been noted for the administrator; try again shortly.",
        ),
    ),
}
STALE_FORM = ErrorPage(
    Text("แบบฟอร์มนี้เปิดไว้นานเกินไป", "This form was open too long"),
    Text(
        "ยังไม่มีการบันทึกสิ่งที่ส่งมา เพราะท่านเข้าสู่ระบบใหม่หรือออกจากระบบหลังจากเปิดแบบฟอร์มนี้",
        "Nothing was saved, because you signed in again or signed out after opening this form.",
    ),
)
_STATUS = ((NotFound, 404), (Forbidden, 403), (Stale, 409), (Refused, 422))


def refuse_unreadable() -> None:
    """Turn away what is too large to be a form, and NUL and lone surrogates before a database or a PDF writer
    meets them."""
    if request.mimetype == "application/x-www-form-urlencoded":
        largest = current_app.config["MAX_FORM_MEMORY_SIZE"]  # werkzeug asks this of multipart forms only
        if (request.content_length or 0) > largest:
            raise RequestEntityTooLarge()
    for values in (request.args, request.form):
        for key, items in values.lists():
            for text in (key, *items):
                if "\x00" in text or not _is_unicode(text):
                    raise BadRequest()
    for value in (request.view_args or {}).values():
        if isinstance(value, str) and ("\x00" in value or not _is_unicode(value)):
            raise BadRequest()


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_from_here() -> bool:
    """Whether the browser says that this request was sent by a page of this very site."""
    if "Sec-Fetch-Site" in request.headers:
        return request.headers["Sec-Fetch-Site"] == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host


def _kept() -> list[tuple[str, str]]:
    """What was typed in a form of ours that came too late, to be sent again by a click. Files cannot be kept."""
    if request.method != "POST" or request.files or not is_from_here():
        return []
    return [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token"]


def _page(status: int, page: ErrorPage, **values: object) -> tuple[str, int]:
    return render_template("errors/page.html", page=page, status=status, **values), status


def register(app: Flask) -> None:
    """Answer every error with a page of our own."""
    app.before_request(refuse_unreadable)
    app.jinja_env.globals["place_to_send_again"] = asked_path

    @app.errorhandler(DomainError)
    def on_domain_error(error: DomainError) -> tuple[str, int]:
        db.session.rollback()
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 422)
        problems = error.problems if isinstance(error, Refused) else ()
        advice = PAGES[status].text if status in (403, 404) else None
        return _page(status, ErrorPage(PAGES[status].title, error.text), problems=problems, advice=advice)

    @app.errorhandler(StorageFault)
    def on_storage_fault(fault: StorageFault) -> tuple[str, int]:
        """Not the person's doing: what they can do is said, what went wrong is for the log."""
        current_app.logger.error("stored files: %s", fault)
        db.session.rollback()
        return _page(500, ErrorPage(PAGES[500].title, fault.text))

    @app.errorhandler(IntegrityError)
    def on_conflict(_error: IntegrityError) -> tuple[str, int]:
        """Two people did the same at the same moment, and the database let the first one through."""
        current_app.logger.exception("the database refused a write")
        db.session.rollback()
        return _page(409, PAGES[409])

    @app.errorhandler(CSRFError)
    def on_csrf_error(_error: CSRFError) -> tuple[str, int]:
        return _page(400, STALE_FORM, kept=_kept())

    @app.errorhandler(HTTPException)
    def on_http_error(error: HTTPException) -> tuple[str, int] | Response | HTTPException:
        status = error.code or 500
        if status < 400:
            return error
        if isinstance(error, SecurityError):
            return _unstyled(400)  # of a host that is not ours, no address can be built
        if status >= 500:
            return _fault()
        page = PAGES.get(status, PAGES[400])
        body, _ = _page(status, page, kept=_kept() if status == 401 else [])
        answer = make_response(body, status)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    def _fault() -> tuple[str, int]:
        """The page for a fault asks nothing of the database, which may be the fault."""
        db.session.rollback()
        page = PAGES[500]
        try:
            return render_template("errors/fault.html", page=page), 500
        except Exception:
            current_app.logger.exception("the error page failed too")
            return _unstyled(500)


def _unstyled(status: int) -> tuple[str, int]:
    words = PAGES[status].title
    head = f'<!doctype html><html lang="th"><meta charset="utf-8"><title>{status}</title>'
    return f"{head}<main><h1>{words.th} / {words.en}</h1></main>", status
