"""What is done with calls: documents are loaded, calls are opened on them, closing moments are put off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.calls.facts import DocumentKind, Origin, deadline_of
from app.calls.models import Call, CallDocument, CallExtension
from app.calls.queries import get_call, parse_document
from app.calls.rules import FILE_REFUSED, extension_problems, read_call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work


def load_document(work: Work[Actor], kind: DocumentKind, document: Mapping[str, Any]) -> CallDocument:
    """Keep a version of a plan structure, rubric, rulebook or price list; loading the same again changes nothing.

    Raises `Refused` with every fault of the file, or when a frozen version would change.
    """
    require(work.actor, Permission.MANAGE_CALL)
    try:
        content = canonical_json(dict(document))
    except TypeError as error:  # a date, a number with decimals: TOML has them, these documents do not
        raise Refused(
            FILE_REFUSED,
            [
                Problem(
                    "",
                    Text("มีค่าที่เอกสารนี้ใช้ไม่ได้: {e}", "holds a value these documents do not: {e}").fill(e=error),
                )
            ],
        ) from None
    sha256 = sha256_text(content)
    value = parse_document(kind.value, sha256, content)
    kept = work.session.scalars(
        select(CallDocument).where(
            CallDocument.kind == kind.value,
            CallDocument.code == value.code,
            CallDocument.version == value.version,
        )
    ).first()
    if kept is None:
        kept = CallDocument(kind=kind.value, code=value.code, version=value.version, loaded_at=work.now)
        work.session.add(kept)
    elif kept.sha256 == sha256:
        return kept
    elif kept.frozen_at is not None:
        raise Refused(
            FILE_REFUSED,
            [
                Problem(
                    "version",
                    Text(
                        "ฉบับที่ {version} ถูกใช้แล้วและแก้ไขไม่ได้ ให้เพิ่มเลขฉบับ",
                        "version {version} is in use and frozen; give the change a new version",
                    ).fill(version=value.version),
                )
            ],
        )
    kept.content, kept.sha256 = content, sha256
    work.session.flush()
    work.audit("load_document", f"call_document:{kept.id}", after=sha256)
    return kept


def open_call(work: Work[Actor], document: Mapping[str, Any]) -> Call:
    """Open a call from its data file; its documents must have been loaded, and freeze now.

    Opening a fiscal year again with the same content changes nothing. Raises `Refused`.
    """
    require(work.actor, Permission.MANAGE_CALL)
    facts = read_call(document)
    existing = work.session.scalars(select(Call).where(Call.fiscal_year == facts.fiscal_year)).first()
    if existing is not None:
        return existing
    documents: dict[DocumentKind, CallDocument] = {}
    problems = []
    for kind, (code, version) in facts.documents.items():
        found = work.session.scalars(
            select(CallDocument).where(
                CallDocument.kind == kind.value,
                CallDocument.code == code,
                CallDocument.version == version,
            )
        ).first()
        if found is None:
            problems.append(
                Problem(
                    kind.value,
                    Text("ไม่พบ {code} ฉบับที่ {version}", "{code} version {version} is not loaded").fill(
                        code=code, version=version
                    ),
                )
            )
        else:
            documents[kind] = found
    if problems:
        raise Refused(FILE_REFUSED, problems)
    for found in documents.values():
        found.frozen_at = found.frozen_at or work.now
    call = Call(
        fiscal_year=facts.fiscal_year,
        name_th=facts.name.th,
        name_en=facts.name.en,
        opens_at=facts.opens_at,
        closes_at=facts.closes_at,
        ceiling=facts.ceiling,
        origin=facts.origin.value,
        reviewers_per_proposal=facts.reviewers_per_proposal,
        grace_minutes=facts.grace_minutes,
        is_certified=facts.is_certified,
        limits=canonical_json(asdict(facts.limits)),
        note_th=facts.note.th,
        note_en=facts.note.en,
        plan_id=documents[DocumentKind.PLAN].id,
        rubric_id=documents[DocumentKind.RUBRIC].id,
        rulebook_id=documents[DocumentKind.RULEBOOK].id,
        prices_id=documents[DocumentKind.PRICES].id if DocumentKind.PRICES in documents else None,
    )
    work.session.add(call)
    work.session.flush()
    work.audit("open_call", f"call:{call.id}", detail={"fiscal_year": call.fiscal_year})
    return call


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
