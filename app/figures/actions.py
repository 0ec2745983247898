"""What is done in figures: a paper is ordered, printed step by step, kept for a while, and let go."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from app.calls.models import Call
from app.calls.queries import get_call
from app.decisions.queries.books import get_book
from app.figures.facts import FORMATS_OF, SHOWN_BY, Failure, FilingChoice, PaperFormat, PaperKind, Step
from app.figures.models import PrintedPaper
from app.figures.queries.own_filings import list_chosen
from app.figures.states import (
    DONE,
    EXPIRED,
    PAPER_LIFE,
    QUEUED,
    RUNNING,
    UNFINISHED,
)
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused
from app.kernel.files import FileStore
from app.kernel.lean import dataclass
from app.kernel.text import LANGUAGES, Text
from app.kernel.work import Work
from app.monitoring.models import MonitoredCall

TOPIC = "print_paper"
KEPT_FOR = timedelta(days=14)
LOST_AFTER = timedelta(hours=1)
MOST_WAITING = 10
MOST_FILINGS = 200

NO_SUCH_PAPER = Text(
    "กรุณาเลือกชนิด รูปแบบ และภาษาของเอกสาร", "Choose the kind, format and language of the paper"
)
NOTHING_CHOSEN = Text("ไม่มีข้อเสนอตามที่เลือก กรุณาเลือกให้กว้างขึ้น", "No proposal fits the choice; please widen it")
TOO_MANY_CHOSEN = Text(
    "เลือกไว้ {n} ข้อเสนอ พิมพ์ได้ครั้งละไม่เกิน {most} กรุณาเลือกให้แคบลง",
    "{n} proposals are chosen and at most {most} fit in one paper; please narrow the choice",
)
TOO_MANY = Text(
    "ท่านสั่งพิมพ์ไว้ {n} ฉบับที่ยังไม่เสร็จ กรุณารอให้เสร็จก่อน",
    "You have {n} papers waiting to be printed; let them finish first",
)


def order_paper(
    work: Work[Actor],
    fiscal_year: int,
    kind: str,
    paper_format: str,
    language: str,
    choice: FilingChoice = FilingChoice(),
) -> PrintedPaper:
    """Order a paper of a call for the actor; it is printed by `./dgi work`, promised in this transaction.

    `choice` narrows a paper of the agency's own proposals, and names the meeting of a decision book or the month of a
    monitoring report. The same order again while it is unfinished gives the same paper. Raises `Forbidden`, `NotFound`
    for an unknown call, a meeting without a book or a call that is not followed, and `Refused` for a kind, format or
    language there is none of, or too many unfinished papers.
    """
    require(work.actor, Permission.PRINT_PAPERS)
    if kind not in set(PaperKind) or language not in LANGUAGES:
        raise Refused(NO_SUCH_PAPER)
    if paper_format not in FORMATS_OF[PaperKind(kind)]:
        raise Refused(NO_SUCH_PAPER)
    require(work.actor, SHOWN_BY[PaperKind(kind)])
    if work.actor.id is None:
        raise NotFound()
    call = get_call(work.session, fiscal_year)
    if kind == PaperKind.OWN_FILINGS:
        choice = _of_own(work, fiscal_year, choice)
    elif not _is_there(work, call.id, kind, choice):
        raise NotFound()
    narrowed = canonical_json(choice.to_json())
    # the call's row is the lock: two clicks make one order
    work.session.get_one(Call, call.id, with_for_update=True)
    waiting = work.session.scalars(
        select(PrintedPaper).where(
            PrintedPaper.ordered_by == work.actor.id, PrintedPaper.state.in_(UNFINISHED)
        )
    ).all()
    wanted = (kind, call.id, paper_format, language, narrowed)
    for paper in waiting:
        if (paper.kind, paper.call_id, paper.format, paper.language, paper.choice) == wanted:
            return paper
    if len(waiting) >= MOST_WAITING:
        raise Refused(TOO_MANY.fill(n=len(waiting)))
    paper = PrintedPaper(
        kind=kind,
        call_id=call.id,
        format=paper_format,
        language=language,
        choice=narrowed,
        ordered_by=work.actor.id,
        ordered_at=work.now,
        state=QUEUED,
        step=Step.WAITING.value,
        progress_at=work.now,
    )
    work.session.add(paper)
    work.session.flush()
    work.promise(TOPIC, {"paper": paper.id})
    work.audit(
        "order_paper",
        f"paper:{paper.id}",
        detail={"kind": kind, "call": fiscal_year, "format": paper_format, "language": language},
    )
    return paper


def _is_there(work: Work[Actor], call_id: int, kind: str, choice: FilingChoice) -> bool:
    """Whether the call has what the paper is of: a meeting's book, or projects that are followed."""
    if kind == PaperKind.DECISION_BOOK:
        return get_book(work.session, work.actor, choice.meeting).call_id == call_id
    return kind != PaperKind.MONITORING or work.session.get(MonitoredCall, call_id) is not None


def _of_own(work: Work[Actor], fiscal_year: int, choice: FilingChoice) -> FilingChoice:
    """The choice with the actor's own agencies named, so that a person who changes agencies is not given the new one's
    proposals. Raises `NotFound` for agencies of others, and `Refused` for nothing or too much to print."""
    if not choice.agency_ids <= work.actor.agency_ids:
        raise NotFound()
    choice = replace(choice, agency_ids=choice.agency_ids or work.actor.agency_ids)
    chosen = len(list_chosen(work.session, work.actor, fiscal_year, choice))
    if not chosen:
        raise Refused(NOTHING_CHOSEN)
    if chosen > MOST_FILINGS:
        raise Refused(TOO_MANY_CHOSEN.fill(n=f"{chosen:,}", most=f"{MOST_FILINGS:,}"))
    return choice


def _move(work: Work[Actor], paper: PrintedPaper, move: str) -> None:
    paper.state = PAPER_LIFE.after(paper.state, move)
    paper.progress_at = work.now


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """What to print, for whom, dated when; a plain value that outlives its transaction."""

    kind: PaperKind
    choice: FilingChoice
    call_id: int
    format: PaperFormat
    language: str
    ordered_by: int
    ordered_at: datetime


def begin_paper(work: Work[Actor], paper_id: int) -> PaperOrder | None:
    """Take a paper in hand; None when there is nothing left to do for it."""
    paper = work.session.get(PrintedPaper, paper_id, with_for_update=True)
    if paper is None or paper.state not in UNFINISHED:
        return None
    _move(work, paper, "begin")
    paper.step, paper.done, paper.total = Step.READING.value, 0, 0
    return PaperOrder(
        PaperKind(paper.kind),
        FilingChoice.from_json(json.loads(paper.choice)),
        paper.call_id,
        PaperFormat(paper.format),
        paper.language,
        paper.ordered_by,
        paper.ordered_at,
    )


def note_progress(work: Work[Actor], paper_id: int, step: Step, done: int, total: int) -> None:
    """Say how far the printing is; nothing once the paper is out of hand."""
    paper = work.session.get(PrintedPaper, paper_id)
    if paper is not None and paper.state == RUNNING:
        paper.step, paper.done, paper.total = step.value, done, total
        paper.progress_at = work.now


def finish_paper(work: Work[Actor], paper_id: int, sha256: str, size: int) -> None:
    """The bytes are in the store; the paper waits in its person's list."""
    paper = work.session.get(PrintedPaper, paper_id, with_for_update=True)
    if paper is None or paper.state != RUNNING:
        return
    _move(work, paper, "finish")
    paper.done = paper.total
    paper.sha256, paper.size = sha256, size
    paper.finished_at, paper.expires_at = work.now, work.now + KEPT_FOR
    work.audit("print_paper", f"paper:{paper_id}", after=sha256, detail={"size": size})


def put_back(work: Work[Actor], paper_id: int) -> None:
    """An attempt failed and another will follow."""
    paper = work.session.get(PrintedPaper, paper_id, with_for_update=True)
    if paper is not None and paper.state in UNFINISHED:
        _move(work, paper, "wait")
        paper.step, paper.done, paper.total = Step.WAITING.value, 0, 0


def fail_paper(work: Work[Actor], paper_id: int, failure: Failure) -> None:
    """The paper will not be printed, and its person is told why."""
    paper = work.session.get(PrintedPaper, paper_id, with_for_update=True)
    if paper is not None and paper.state in UNFINISHED:
        _move(work, paper, "fail")
        paper.failure = failure.value
        work.audit("fail_paper", f"paper:{paper_id}", detail={"failure": failure.value})


def tidy_papers(work: Work[Actor], store: FileStore) -> None:
    """Let go of papers past their time, and give up those whose printer died at the last attempt."""
    lost = select(PrintedPaper.id).where(
        PrintedPaper.state == RUNNING, PrintedPaper.progress_at < work.now - LOST_AFTER
    )
    for paper_id in work.session.scalars(lost).all():
        fail_paper(work, paper_id, Failure.LOST)
    past = select(PrintedPaper).where(PrintedPaper.state == DONE, PrintedPaper.expires_at <= work.now)
    for paper in work.session.scalars(past).all():
        _move(work, paper, "expire")
        work.session.flush()
        shared = select(PrintedPaper.id).where(
            PrintedPaper.sha256 == paper.sha256, PrintedPaper.state != EXPIRED
        )
        if paper.sha256 is not None and work.session.scalars(shared).first() is None:
            store.remove(paper.sha256)
