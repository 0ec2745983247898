"""Documents of calls are loaded, and calls opened on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from app.calls.facts import DocumentKind
from app.calls.models import Call, CallDocument
from app.calls.queries import parse_document
from app.calls.rules import FILE_REFUSED, read_call
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import Refused
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
        select(CallDocument)
        .where(
            CallDocument.kind == kind.value,
            CallDocument.code == value.code,
            CallDocument.version == value.version,
        )
        .with_for_update()  # whoever adopts it meanwhile freezes what was looked at, not what is written here
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
    before = kept.sha256
    kept.content, kept.sha256, kept.loaded_at = content, sha256, work.now
    work.session.flush()
    work.audit("load_document", f"call_document:{kept.id}", before=before, after=sha256)
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
            select(CallDocument)
            .where(
                CallDocument.kind == kind.value,
                CallDocument.code == code,
                CallDocument.version == version,
            )
            .with_for_update()
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
