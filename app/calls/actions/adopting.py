"""A call goes over to another version of its rules, reference prices or rubric."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.facts import DocumentKind, Origin
from app.calls.models import Call, CallDocument, DocumentChange
from app.calls.rules import LONGEST_REASON, REASON_TOO_LONG, SHORTEST_REASON
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work

NOT_ADOPTED = Text(
    "ยังเปลี่ยนฉบับไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "The version was not adopted; please mend the following"
)
NEEDS_REASON = Text("กรุณาให้เหตุผลอย่างน้อย 10 ตัวอักษร", "Give a reason of at least 10 characters")
NOTHING_TO_ADOPT = Text(
    "รอบนี้บันทึกจากเอกสาร ไม่มีการกลั่นกรอง จึงไม่มีฉบับให้เปลี่ยน",
    "This call was recorded from documents and is not screened; there is nothing to adopt",
)
IN_USE_ALREADY = Text("รอบนี้ใช้ฉบับนี้อยู่แล้ว", "The call uses this version already")
DECIDED = Text(
    "คณะกรรมการมีมติกับข้อเสนอของรอบนี้แล้ว ข้อเสนอทุกเรื่องของรอบต้องตัดสินด้วยข้อกำหนดฉบับเดียวกัน จึงเปลี่ยนฉบับไม่ได้ "
    "ข้อเสนอที่ยังไม่มีมติกลั่นกรองใหม่ด้วยฉบับปัจจุบันได้",
    "The committee has decided on proposals of this call. All proposals of a call are judged by one version, so it can"
    " no longer go over to another; proposals not decided yet may still be screened again under the present one",
)

_COLUMNS = {
    DocumentKind.RULEBOOK: "rulebook_id",
    DocumentKind.PRICES: "prices_id",
    DocumentKind.RUBRIC: "rubric_id",
}


def adopt_rulebook(
    work: Work[Actor], fiscal_year: int, document_id: int, reason: str, *, is_decided: bool
) -> DocumentChange:
    """The call goes over to another version of its rulebook, which freezes now.

    What was filed or screened under the version before keeps it; screening again is a step of its own. `is_decided`
    says whether the committee has decided on any proposal of the call, which only a later room knows. Raises
    `Refused` with every problem, `NotFound` for an unknown call or a document that is no rulebook.
    """
    return _adopt(work, DocumentKind.RULEBOOK, fiscal_year, document_id, reason, is_decided=is_decided)


def adopt_prices(
    work: Work[Actor], fiscal_year: int, document_id: int, reason: str, *, is_decided: bool
) -> DocumentChange:
    """The call goes over to another list of reference prices, or to its first; see `adopt_rulebook`."""
    return _adopt(work, DocumentKind.PRICES, fiscal_year, document_id, reason, is_decided=is_decided)


def adopt_rubric(
    work: Work[Actor], fiscal_year: int, document_id: int, reason: str, *, is_decided: bool
) -> DocumentChange:
    """The call goes over to another version of its rubric; see `adopt_rulebook`. What becomes of the reviews there are
    is for the room of the reviews to say."""
    return _adopt(work, DocumentKind.RUBRIC, fiscal_year, document_id, reason, is_decided=is_decided)


def adoption_problems(reason: str) -> list[Problem]:
    """What is wrong with the reason given for going over to another version."""
    if len(reason.strip()) < SHORTEST_REASON:
        return [Problem("reason", NEEDS_REASON)]
    return [Problem("reason", REASON_TOO_LONG)] if len(reason) > LONGEST_REASON else []


def _adopt(
    work: Work[Actor],
    kind: DocumentKind,
    fiscal_year: int,
    document_id: int,
    reason: str,
    *,
    is_decided: bool,
) -> DocumentChange:
    require(work.actor, Permission.MANAGE_CALL)
    call = work.session.scalars(
        select(Call).where(Call.fiscal_year == fiscal_year).with_for_update()
    ).one_or_none()
    document = work.session.get(CallDocument, document_id, with_for_update=True)
    if call is None or document is None or document.kind != kind.value:
        raise NotFound()
    if call.origin == Origin.IMPORTED:
        raise Refused(NOTHING_TO_ADOPT)
    if is_decided:
        raise Refused(DECIDED)
    column = _COLUMNS[kind]
    before: int | None = getattr(call, column)
    if before == document.id:
        raise Refused(IN_USE_ALREADY)
    if problems := adoption_problems(reason):
        raise Refused(NOT_ADOPTED, problems)
    document.frozen_at = document.frozen_at or work.now
    setattr(call, column, document.id)
    change = DocumentChange(
        call_id=call.id,
        from_id=before,
        to_id=document.id,
        reason=reason.strip(),
        at=work.now,
        by=work.actor.id,
    )
    work.session.add(change)
    work.session.flush()
    former = work.session.get(CallDocument, before) if before is not None else None
    work.audit(
        f"adopt_{kind.value}",
        f"call:{call.id}",
        before=former.sha256 if former else None,
        after=document.sha256,
        detail={"change": change.id, "from": before, "to": document.id, "reason": change.reason},
    )
    return change
