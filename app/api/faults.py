"""Refusals: every error below /api/v1 is `application/problem+json` (RFC 9457), in both languages, all problems at once;
never a page, never a trace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.api.operations import PREFIX, blueprint
from app.api.refusing import TITLES, Refusal
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.files import StorageFault
from app.kernel.findings import Problem
from app.kernel.text import Text

_STATUS = ((NotFound, 404), (Forbidden, 403), (Stale, 409), (Refused, 422))
_SAME_MOMENT = Text(
    "มีคำขออื่นแก้ไขสิ่งเดียวกันในเวลาเดียวกัน กรุณาลองใหม่",
    "Another request changed the same thing at the same moment; try again",
)
_FAULT = Text(
    "ระบบขัดข้อง ยังไม่มีการบันทึก กรุณาลองใหม่ภายหลัง", "The system has a fault and saved nothing; try again later"
)


def reader_language() -> str:
    """The language of a refusal's own words: Thai when asked for, else English."""
    return request.accept_languages.best_match(("en", "th"), default="en")


def problem_answer(
    status: int,
    detail: Text | None = None,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The refusal of a request."""
    language, title = reader_language(), TITLES[status]
    body = {
        "type": "about:blank",
        "title": title.say(language),
        "status": status,
        "detail": (detail or title).say(language)[:5000],
        "problems": [{"place": p.place[:300], "text": p.text.as_dict()} for p in list(problems)[:500]],
    }
    answer = Response(json.dumps(body, ensure_ascii=False), status, content_type="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Language"] = language
    answer.headers.update(headers or {})
    return answer


def catch(app: Flask) -> None:
    """Answer with a problem for addresses and methods below this door that do not exist, too."""

    @app.before_request
    def refuse_misdirected() -> Response | None:
        if not request.path.startswith(f"{PREFIX}/") or request.routing_exception is None:
            return None
        return _on_http(request.routing_exception)


@blueprint.errorhandler(Refusal)
def on_refusal(refusal: Refusal) -> Response:
    db.session.rollback()
    return problem_answer(refusal.status, refusal.detail, refusal.problems, refusal.headers)


@blueprint.errorhandler(DomainError)
def on_domain_error(error: DomainError) -> Response:
    db.session.rollback()
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 422)
    return problem_answer(status, error.text, error.problems if isinstance(error, Refused) else ())


@blueprint.errorhandler(StorageFault)
def on_storage_fault(fault: StorageFault) -> Response:
    current_app.logger.error("stored files: %s", fault)
    db.session.rollback()
    return problem_answer(500, fault.text)


@blueprint.errorhandler(IntegrityError)
def on_conflict(_error: IntegrityError) -> Response:
    current_app.logger.exception("the database refused a write")
    db.session.rollback()
    return problem_answer(409, _SAME_MOMENT)


@blueprint.errorhandler(HTTPException)
def on_http(error: HTTPException) -> Response:
    return _on_http(error)


@blueprint.errorhandler(Exception)
def on_fault(_error: Exception) -> Response:
    current_app.logger.exception("the machine door has a fault")
    db.session.rollback()
    return problem_answer(500, _FAULT)


def _on_http(error: HTTPException) -> Response:
    status = error.code if error.code in TITLES else 400
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return problem_answer(status or 400, headers=headers)
