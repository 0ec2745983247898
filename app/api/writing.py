"""Writing: once, however often the same request is sent; and only over what the writer has seen."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.api.operations import Answer, Asked, etag_of
from app.api.refusing import Refusal
from app.identity.facts import Actor
from app.identity.models import KeptAnswer
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.db import db
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work, open_work

OTHER_BODY = Text(
    "Idempotency-Key นี้เคยใช้กับคำขออื่นแล้ว กรุณาใช้คีย์ใหม่สำหรับคำขอใหม่",
    "This Idempotency-Key was used for another request; a new request needs a new key",
)
CHANGED = Text(
    "ข้อมูลเปลี่ยนไปแล้ว กรุณาอ่านใหม่แล้วส่ง If-Match เป็น ETag ล่าสุด",
    "It was changed; read it again and send its new ETag in If-Match",
)


def write_once(asked: Asked, do: Callable[[Work[Actor]], Answer]) -> Answer:
    """Carry out `do`, and keep its answer in the same transaction; the same request under the same key is answered the
    same and does nothing. What is refused is not kept: mended, it may be sent under the same key.

    Raises `Refusal` 422 when the key was used for another request.
    """
    key = sha256_text(request.headers["Idempotency-Key"])
    said = sha256_text(f"{request.method} {request.path}\n{canonical_json(asked.body)}")
    token_id = asked.caller.token_id
    try:
        with open_work(asked.actor, asked.now) as work:
            if (kept := _find(work.session, token_id, key)) is not None:
                return _again(kept, said)
            # first, so that the same request at the same moment waits here and then finds this answer
            row = KeptAnswer(token_id=token_id, key_sha256=key, request_sha256=said, at=asked.now)
            work.session.add(row)
            work.session.flush()
            answer = do(work)
            note_write(work, asked)
            row.status, row.location, row.body = answer.status, answer.location, answer.written
        return answer
    except IntegrityError:
        db.session.rollback()
        kept = _find(db.session(), token_id, key)
        if kept is None:
            raise
        return _again(kept, said)


def note_write(work: Work[Actor], asked: Asked) -> None:
    """What was written stands in the log in its maker's name; this says that a system wrote it, and with which token."""
    caller = asked.caller
    work.audit(
        "write_by_token",
        f"token:{caller.token_id}",
        agency_id=caller.agency_id,
        detail={"mark": caller.mark, "request": f"{request.method} {request.path}"[:200]},
    )


def _find(session: Session, token_id: int, key: str) -> KeptAnswer | None:
    return session.scalars(
        select(KeptAnswer).where(KeptAnswer.token_id == token_id, KeptAnswer.key_sha256 == key)
    ).first()


def _again(kept: KeptAnswer, said: str) -> Answer:
    if kept.request_sha256 != said:
        raise Refusal(422, OTHER_BODY, [Problem("header.Idempotency-Key", OTHER_BODY)])
    return Answer(
        status=kept.status,
        location=kept.location,
        text=kept.body,
        headers={"Idempotency-Replayed": "true"},
    )


def require_match(text: str) -> None:
    """Go on only when If-Match names what is there now, written as `text`; asked inside the transaction of the write.
    Raises `Refusal` 412."""
    tag = etag_of(text)
    if not request.if_match.contains(tag):
        raise Refusal(412, CHANGED, headers={"ETag": f'"{tag}"'})
