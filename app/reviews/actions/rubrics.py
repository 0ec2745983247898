"""Another version of the rubric: offered as a file, and adopted by a call in the middle of its round.

What was begun keeps the version it was begun under. A level answers the question and the anchors its reviewer had in
view; under another weight or another anchor it would say something nobody said. So scores that are in, and drafts that
are not, stay with their version to the letter; only what nobody has begun goes over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.calls.actions import (
    IN_USE_ALREADY,
    NOT_ADOPTED,
    NOTHING_TO_ADOPT,
    adopt_rubric,
    adoption_problems,
    load_document,
)
from app.calls.facts import Criterion, DocumentKind, Origin, Rubric
from app.calls.models import Call, CallDocument
from app.calls.queries import CallView, get_call, parse_document
from app.calls.rules import read_rubric
from app.calls.toml_text import FileFault, FileRefused, TomlFile, read_toml_text
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, RANKED_STATES, REVIEWABLE_STATES
from app.reviews.actions.rounds import hold_reviews
from app.reviews.models import Assignment
from app.reviews.queries.rounds import get_round
from app.reviews.states import LOCKED

_DECIDED = RANKED_STATES - REVIEWABLE_STATES
_KEYS = {f.name for f in fields(Rubric)}
_CRITERION_KEYS = {f.name for f in fields(Criterion)}

NO_CRITERIA = Text("แฟ้มนี้ไม่มี [[criteria]] ของเกณฑ์ให้คะแนน", "The file has none of the [[criteria]] of a rubric")
UNKNOWN_KEY = Text("ไม่รู้จักคีย์นี้ คีย์ที่ใช้ได้: {known}", "is not a known key; known are: {known}")
DECIDED = Text(
    "คณะกรรมการมีมติกับข้อเสนอของรอบนี้แล้ว จึงเปลี่ยนเกณฑ์ให้คะแนนไม่ได้",
    "The committee has decided on proposals of this call, so its rubric can no longer change",
)
IN_LOCKED_ROUND = Text(
    "รอบพิจารณาปิดแล้ว จึงเปลี่ยนเกณฑ์ไม่ได้", "The round is locked, so its rubric can no longer change"
)
CHANGED_SINCE = Text(
    "มีผู้บันทึกหรือส่งคะแนน มอบหมาย หรือเปลี่ยนเกณฑ์ หลังจากที่ท่านเปิดหน้านี้ ยังไม่มีการเปลี่ยนฉบับ กรุณาดูจำนวนที่นับใหม่แล้วยืนยันอีกครั้ง",
    "Somebody saved, handed in, assigned or changed the rubric after you opened this page, and nothing was adopted. Look"
    " at the numbers as they are now and confirm again.",
)


@dataclass(frozen=True, slots=True)
class OfferedRubric:
    """What became of a file. `is_new` is false where this very content was there already."""

    document_id: int
    code: str
    version: int
    is_new: bool


def offer_rubric(work: Work[Actor], data: bytes) -> OfferedRubric:
    """Keep a file as a version of a rubric that calls may adopt; no call changes by it. Raises `FileRefused` with every
    fault and its line, a frozen version's number with other content among them."""
    require(work.actor, Permission.MANAGE_CALL)
    file = read_toml_text(data)
    if "criteria" not in file.document:
        raise FileRefused([FileFault(0, "", NO_CRITERIA)])
    faults = [*file.faults, *_unknown_keys(file)]
    try:
        value = read_rubric(file.document)
    except Refused as refusal:
        faults += [file.fault(p.place, p.text) for p in refusal.problems]
    if faults:
        raise FileRefused(faults)
    sha256 = sha256_text(canonical_json(file.document))
    existing = work.session.scalar(
        select(CallDocument.sha256).where(
            CallDocument.kind == DocumentKind.RUBRIC.value,
            CallDocument.code == value.code,
            CallDocument.version == value.version,
        )
    )
    try:
        kept = load_document(work, DocumentKind.RUBRIC, file.document)
    except Refused as refusal:
        raise FileRefused([file.fault(p.place, p.text) for p in refusal.problems]) from None
    return OfferedRubric(kept.id, kept.code, kept.version, existing != sha256)


def _unknown_keys(file: TomlFile) -> Iterator[FileFault]:
    """Keys nothing reads: a misspelt `comment_levels` would otherwise silently mean the usual ones."""
    for key in file.document.keys() - _KEYS:
        yield file.fault(key, UNKNOWN_KEY.fill(known=", ".join(sorted(_KEYS))))
    entries = file.document["criteria"]
    for n, entry in enumerate(entries if isinstance(entries, list) else (), 1):
        for key in (entry.keys() if isinstance(entry, dict) else set()) - _CRITERION_KEYS:
            yield file.fault(
                f"criteria[{n}].{key}", UNKNOWN_KEY.fill(known=", ".join(sorted(_CRITERION_KEYS)))
            )


@dataclass(frozen=True, slots=True)
class RubricPlan:
    """What going over to a version would do to a round: reviews that are in (`done`) or `begun` stay with theirs, those
    `untouched` go over. `bar` says why it cannot be adopted at all."""

    call: CallView
    document_id: int
    value: Rubric
    done: int
    begun: int
    untouched: int
    token: str
    bar: Text | None


def plan_rubric(session: Session, actor: Actor, call: CallView, document_id: int) -> RubricPlan:
    """Exactly what would change; nothing is written. Raises `NotFound` for what is no rubric. Four queries."""
    require(actor, Permission.MANAGE_CALL)
    document = session.get(CallDocument, document_id)
    if document is None or document.kind != DocumentKind.RUBRIC:
        raise NotFound()
    value = parse_document(document.kind, document.sha256, document.content)
    assert isinstance(value, Rubric)
    row = session.execute(
        select(
            func.count().label("n"),
            func.count(Assignment.updated_at).label("begun"),
            func.count(Assignment.submitted_at).label("done"),
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call.id, Proposal.state != DRAFT)
    ).one()
    is_decided = session.scalar(
        select(func.count()).where(Proposal.call_id == call.id, Proposal.state.in_(_DECIDED))
    )
    basis = [call.id, call.rubric_id, document.id, document.sha256, *row]
    return RubricPlan(
        call=call,
        document_id=document.id,
        value=value,
        done=row.done,
        begun=row.begun - row.done,
        untouched=row.n - row.begun,
        token=sha256_text(canonical_json(basis)),
        bar=_bar(session, call, document.id, is_decided=bool(is_decided)),
    )


def _bar(session: Session, call: CallView, document_id: int, *, is_decided: bool) -> Text | None:
    if call.origin is Origin.IMPORTED:
        return NOTHING_TO_ADOPT
    if document_id == call.rubric_id:
        return IN_USE_ALREADY
    if is_decided:
        return DECIDED
    return IN_LOCKED_ROUND if get_round(session, call.id).phase == LOCKED else None


def adopt_rubric_version(
    work: Work[Actor], fiscal_year: int, document_id: int, reason: str, token: str
) -> RubricPlan:
    """A call goes over to a version of its rubric, exactly as `plan_rubric` told, in one transaction with its reviews.

    A review that goes over counts one version more, so that a page opened before, with levels chosen by the old anchors,
    is told so instead of being saved. Raises `Stale` when anything that was told is another by now, `Refused` with every
    problem otherwise.
    """
    require(work.actor, Permission.MANAGE_CALL)
    call_id = work.session.scalar(select(Call.id).where(Call.fiscal_year == fiscal_year).with_for_update())
    if call_id is None:
        raise NotFound()
    hold_reviews(work, call_id)
    plan = plan_rubric(work.session, work.actor, get_call(work.session, fiscal_year), document_id)
    if plan.bar is not None:
        raise Refused(plan.bar)
    if problems := adoption_problems(reason):
        raise Refused(NOT_ADOPTED, problems)
    if token != plan.token:
        raise Stale(CHANGED_SINCE)
    adopt_rubric(work, fiscal_year, document_id, reason, is_decided=False)
    own = table_of(Assignment).c
    of_the_call = select(Proposal.id).where(Proposal.call_id == call_id)
    work.session.execute(
        update(table_of(Assignment))
        .where(own.proposal_id.in_(of_the_call), own.updated_at.is_(None))
        .values(rubric_id=document_id, version=own.version + 1)
    )
    work.audit(
        "move_reviews",
        f"call:{call_id}",
        detail={"rubric": document_id, "moved": plan.untouched, "kept": plan.begun + plan.done},
    )
    return plan
