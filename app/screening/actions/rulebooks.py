"""Versions of the rules are offered, and adopted by a call after a look at what would change."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.calls.actions import (
    ADOPTION_DECIDED,
    IN_USE_ALREADY,
    NOT_ADOPTED,
    NOTHING_TO_ADOPT,
    adopt_prices,
    adopt_rulebook,
    adoption_problems,
    load_document,
)
from app.calls.facts import DocumentKind, Origin, PriceList, Rulebook
from app.calls.models import Call, CallDocument
from app.calls.queries import CallView, get_call, parse_document
from app.calls.toml_text import FileFault, FileRefused
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import APPROVED, CONDITIONAL, DEFERRED, REJECTED
from app.screening.actions.running import Rerun, screen_call
from app.screening.actions.trials import try_out
from app.screening.models import ScreeningRun
from app.screening.offering import read_offer
from app.screening.rulebooks import check_rulebook
from app.screening.trying import Around, Trial

_DECIDED = (APPROVED, CONDITIONAL, DEFERRED, REJECTED)

CHANGED_SINCE = Text(
    "มีสิ่งที่เปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้ ยังไม่มีการเปลี่ยนฉบับ กรุณาดูผลที่คำนวณใหม่แล้วยืนยันอีกครั้ง",
    "Something changed after you opened this page, and nothing was adopted. Look at the new result and confirm again.",
)


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of a file. `is_new` is false where this very content was there already."""

    document_id: int
    kind: DocumentKind
    code: str
    version: int
    is_new: bool


def offer_version(work: Work[Actor], data: bytes) -> Offered:
    """Keep a file as a version of a rulebook or price list that calls may adopt; no call changes by it.

    The same content again changes nothing; a version nobody uses yet may be replaced. Raises `FileRefused` with every
    fault and its line, a frozen version's number with other content among them.
    """
    require(work.actor, Permission.MANAGE_CALL)
    offer = read_offer(data)
    sha256 = sha256_text(canonical_json(dict(offer.document)))
    existing = work.session.scalars(
        select(CallDocument.sha256).where(
            CallDocument.kind == offer.kind.value,
            CallDocument.code == offer.value.code,
            CallDocument.version == offer.value.version,
        )
    ).first()
    try:
        kept = load_document(work, offer.kind, offer.document)
    except FileRefused:
        raise
    except Refused as refusal:
        faults = [FileFault(offer.lines.line_of(p.place), p.place, p.text) for p in refusal.problems]
        raise FileRefused(faults) from None
    return Offered(kept.id, offer.kind, kept.code, kept.version, existing != sha256)


@dataclass(frozen=True, slots=True)
class Adoption:
    """What adopting a version would do to a call. `bar` says why it cannot be adopted at all."""

    call: CallView
    document_id: int
    kind: DocumentKind
    value: Rulebook | PriceList
    present: Rulebook | PriceList | None
    present_id: int | None
    trial: Trial
    token: str
    bar: Text | None


def plan_adoption(
    session: Session,
    actor: Actor,
    call: int | CallView,
    document_id: int,
    around: Around = Around.NOW,
) -> Adoption:
    """Exactly what would change if a call went over to a version and its filings were screened again.

    With `Around.THEN`, what the rules alone would change: every filing is judged by what its latest run knew.
    `call` is its fiscal year, or the call as it was just read. Nothing is written. Raises `NotFound` for an unknown
    call or version, `Refused` where today's checks cannot run it.
    """
    require(actor, Permission.MANAGE_CALL)
    if isinstance(call, int):
        call = get_call(session, call)
    document, rulebooks = _documents(session, call.id, document_id)
    if document is None or document.kind not in (DocumentKind.RULEBOOK, DocumentKind.PRICES):
        raise NotFound()
    value = parse_document(document.kind, document.sha256, document.content)
    if isinstance(value, Rulebook):
        check_rulebook(value)
        trial = try_out(session, call, rulebook=value, around=around, rulebooks=rulebooks)
    else:
        assert isinstance(value, PriceList)
        trial = try_out(session, call, prices=value, around=around, rulebooks=rulebooks)
    basis = [call.id, call.rulebook_id, call.prices_id, document.id, document.sha256, trial.token]
    return Adoption(
        call=call,
        document_id=document.id,
        kind=DocumentKind(document.kind),
        value=value,
        present=call.rulebook if isinstance(value, Rulebook) else call.prices,
        present_id=call.rulebook_id if isinstance(value, Rulebook) else call.prices_id,
        trial=trial,
        token=sha256_text(canonical_json(basis)),
        bar=_bar(call, document.id, is_decided=any(row.state in _DECIDED for row in trial.rows)),
    )


def _documents(
    session: Session, call_id: int, document_id: int
) -> tuple[CallDocument | None, dict[int, Rulebook]]:
    """A document, and every rulebook the filings of a call were screened by; one query."""
    used = (
        select(ScreeningRun.rulebook_id)
        .join(Proposal, Proposal.id == ScreeningRun.proposal_id)
        .where(Proposal.call_id == call_id)
    )
    found: CallDocument | None = None
    rulebooks: dict[int, Rulebook] = {}
    for document in session.scalars(
        select(CallDocument).where(or_(CallDocument.id == document_id, CallDocument.id.in_(used)))
    ):
        if document.id == document_id:
            found = document
        value = parse_document(document.kind, document.sha256, document.content)
        if isinstance(value, Rulebook):
            rulebooks[document.id] = value
    return found, rulebooks


def _bar(call: CallView, document_id: int, *, is_decided: bool) -> Text | None:
    if call.origin is Origin.IMPORTED:
        return NOTHING_TO_ADOPT
    if document_id in (call.rulebook_id, call.prices_id):
        return IN_USE_ALREADY
    return ADOPTION_DECIDED if is_decided else None


@dataclass(frozen=True, slots=True)
class Adopted:
    """A call that went over, and the filings screened again under the new version, where that was asked for."""

    kind: DocumentKind
    rerun: Rerun | None


def adopt_version(
    work: Work[Actor], fiscal_year: int, document_id: int, reason: str, token: str, *, rerun: bool
) -> Adopted:
    """A call goes over to a version, exactly as `plan_adoption` told; with `rerun`, every filing not decided yet is
    screened under it at once. Earlier runs, and the version each filing was made under, stay as they are.

    Raises `Stale` when anything that was told is another by now, `Refused` with every problem otherwise.
    """
    require(work.actor, Permission.MANAGE_CALL)
    if rerun:
        require(work.actor, Permission.RUN_SCREENING)
    call_id = work.session.scalar(select(Call.id).where(Call.fiscal_year == fiscal_year).with_for_update())
    # nobody files, judges or decides between the look and the step
    work.session.execute(
        select(Proposal.id).where(Proposal.call_id == call_id).order_by(Proposal.id).with_for_update()
    ).all()
    plan = plan_adoption(work.session, work.actor, fiscal_year, document_id)
    if plan.bar is not None:
        raise Refused(plan.bar)
    if problems := adoption_problems(reason):
        raise Refused(NOT_ADOPTED, problems)
    if token != plan.token:
        raise Stale(CHANGED_SINCE)
    adopt = adopt_rulebook if plan.kind is DocumentKind.RULEBOOK else adopt_prices
    adopt(work, fiscal_year, document_id, reason, is_decided=False)
    return Adopted(plan.kind, screen_call(work, fiscal_year, cause="adopted") if rerun else None)
