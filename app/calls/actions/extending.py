"""Closing moments are put off, for every agency or for one."""

from __future__ import annotations

from datetime import datetime

from app.calls.facts import Origin, deadline_of
from app.calls.models import Call, CallExtension
from app.calls.queries import get_call
from app.calls.rules import extension_problems
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work

NOT_EXTENDED = Text(
    "ยังขยายเวลาไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "The call was not extended; please mend the following"
)
NOTHING_TO_EXTEND = Text(
    "รอบนี้บันทึกจากเอกสาร จึงไม่มีช่วงเปิดรับ", "This call was recorded from documents and has no window"
)
DECIDED = Text(
    "คณะกรรมการมีมติกับข้อเสนอของรอบนี้แล้ว จึงขยายเวลาไม่ได้",
    "The committee has decided on proposals of this call, so it can no longer be extended",
)
NO_SUCH_AGENCY = Text("ไม่พบหน่วยงานนี้ กรุณาเลือกใหม่", "There is no such agency; choose again")
ENDED_ALREADY = Text("การขยายเวลานี้สิ้นสุดไปแล้ว", "This extension has ended already")


def extend_call(
    work: Work[Actor],
    fiscal_year: int,
    agency_id: int | None,
    closes_at: datetime,
    reason: str,
    *,
    is_decided: bool,
) -> CallExtension:
    """Put the closing moment off, for every agency (`agency_id` None) or for one; it holds from this moment on.

    `closes_at` is the new closing moment, aware; the call's grace follows it. `is_decided` says whether the
    committee has decided on any proposal of the call, which only a later room knows. A call that has closed, or was
    screened, may still be extended. Raises `Refused` with every problem, `NotFound` for an unknown call.
    """
    require(work.actor, Permission.MANAGE_CALL)
    call = get_call(work.session, fiscal_year)
    work.session.get_one(Call, call.id, with_for_update=True)
    call = get_call(work.session, fiscal_year)  # as it stands now that nobody else extends it
    if call.origin is Origin.IMPORTED:
        raise Refused(NOTHING_TO_EXTEND)
    if is_decided:
        raise Refused(DECIDED)
    problems = []
    if agency_id is not None and work.session.get(Agency, agency_id) is None:
        problems.append(Problem("agency", NO_SUCH_AGENCY))
    problems += extension_problems(deadline_of(call, agency_id), closes_at, reason, work.now)
    if problems:
        raise Refused(NOT_EXTENDED, problems)
    extension = CallExtension(
        call_id=call.id,
        agency_id=agency_id,
        closes_at=closes_at,
        reason=reason.strip(),
        at=work.now,
        by=work.actor.id,
    )
    work.session.add(extension)
    work.session.flush()
    work.audit(
        "extend_call",
        f"call:{call.id}",
        agency_id=agency_id,
        detail={
            "extension": extension.id,
            "agency": agency_id,
            "closes_at": closes_at.isoformat(),
            "reason": extension.reason,
        },
    )
    work.promise("notify", {"event": "extended", "extension": extension.id})
    return extension


def end_extension(work: Work[Actor], extension_id: int) -> CallExtension:
    """Take an extension back from this moment on; filings made under it keep the deadline they were judged by.

    Raises `Refused` when it has ended already, `NotFound` when there is none.
    """
    require(work.actor, Permission.MANAGE_CALL)
    extension = work.session.get(CallExtension, extension_id, with_for_update=True)
    if extension is None:
        raise NotFound()
    if extension.ended_at is not None:
        raise Refused(ENDED_ALREADY)
    extension.ended_at, extension.ended_by = work.now, work.actor.id
    work.audit(
        "end_extension",
        f"call:{extension.call_id}",
        agency_id=extension.agency_id,
        detail={"extension": extension.id, "closes_at": extension.closes_at.isoformat()},
    )
    work.promise("notify", {"event": "extension_ended", "extension": extension.id})
    return extension
