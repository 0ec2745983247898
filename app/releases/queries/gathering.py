"""A year read from the rooms and put into the fields that may be published; everything else is left where it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.decisions.models import DecisionBook, Meeting
from app.figures.books.chain import read_book
from app.identity.facts import Actor
from app.identity.models import Agency, Ministry
from app.identity.rules import Permission, require
from app.kernel.clock import BANGKOK
from app.kernel.files import FileStore
from app.kernel.money import from_decimal_baht
from app.kernel.text import Text
from app.monitoring.models import MonitoredCall, ProgressRecord
from app.monitoring.periods import ReportKind
from app.monitoring.planning import granted_lines
from app.proposals.facts import ProposalFacts
from app.proposals.models import Proposal
from app.proposals.queries.filings import latest_submission, read_facts
from app.proposals.states import DRAFT, RECORDED
from app.releases.facts import (
    FORMAT,
    VERSION,
    Dimension,
    Phase,
    PublicAgency,
    PublicMeeting,
    PublicName,
    PublicProject,
    PublicYear,
    Tally,
)
from app.releases.queries.projects import gather_projects

_LEVELS = ("committee", "board")
_LISTS = {
    "stage": "stages",
    "guideline": "guidelines",
    "strategy": "strategies",
    "focus_area": "focus_areas",
    "category": "categories",
}


def gather_year(
    session: Session, actor: Actor, call: CallView, books: FileStore, now: datetime
) -> PublicYear:
    """What may be told of a call as it stands now. Some fifteen queries for any number of projects. Raises `Forbidden`
    without PUBLISH_DATA."""
    require(actor, Permission.PUBLISH_DATA)
    filings = _filings(session, call.id)
    meeting, granted = _recommended(session, call.id, books)
    projects, has_reports = gather_projects(session, call, granted if meeting else None)
    ministries = _ministries(session)
    tallies = [*_tallies(Phase.ASKED, [(f, f.total) for f in filings.values()], ministries)]
    if meeting is not None:
        laid = [(filings[number], amount) for number, amount in granted.items() if number in filings]
        tallies += _tallies(Phase.RECOMMENDED, laid, ministries)
    kept = session.get(MonitoredCall, call.id)
    return PublicYear(
        format=FORMAT,
        version=VERSION,
        fiscal_year=call.fiscal_year,
        name=call.name,
        note=call.note,
        plan=call.plan.title,
        origin=call.origin.value,
        is_synthetic=kept is not None and kept.origin == "synthetic",
        phase=_phase(projects, has_reports, meeting),
        ceiling=call.ceiling,
        gathered_at=now,
        meeting=meeting,
        names=tuple(
            PublicName(kind, choice.code, choice.name)
            for kind, name in _LISTS.items()
            for choice in getattr(call.plan, name)
        ),
        agencies=_agencies(session, call.id, projects, tallies),
        tallies=tuple(tallies),
        projects=projects,
    )


def _phase(projects: Sequence[PublicProject], has_reports: bool, meeting: PublicMeeting | None) -> Phase:
    if projects:
        return Phase.SPENT if has_reports else Phase.APPROVED
    return Phase.RECOMMENDED if meeting is not None else Phase.ASKED


def _filings(session: Session, call_id: int) -> dict[str, ProposalFacts]:
    """Number -> what was last filed, of every proposal that was filed by an agency itself."""
    rows = session.execute(
        latest_submission().where(Proposal.call_id == call_id, Proposal.state.not_in((DRAFT, RECORDED)))
    )
    return {p.number: read_facts(s.sha256, s.content) for p, s in rows}


def _recommended(
    session: Session, call_id: int, books: FileStore
) -> tuple[PublicMeeting | None, dict[str, int]]:
    """The last closed meeting that decides, and what the list before it held for each number (satang), from its book."""
    row = session.execute(
        select(Meeting.number, Meeting.starts_at, DecisionBook.sha256)
        .join(DecisionBook, DecisionBook.meeting_id == Meeting.id)
        .where(Meeting.call_id == call_id, Meeting.state == "closed", Meeting.level.in_(_LEVELS))
        .order_by(Meeting.closed_at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None, {}
    lines = read_book(books.get(row.sha256)).sections["allocation"]["lines"]
    amounts = {line["number"]: from_decimal_baht(line["granted"]) for line in lines}
    held_on = row.starts_at.astimezone(BANGKOK).date()
    return PublicMeeting(row.number, held_on), {n: amount for n, amount in amounts.items() if amount}


def _ministries(session: Session) -> dict[str, str]:
    """Agency code -> the code of its ministry."""
    rows = session.execute(
        select(Agency.code, Ministry.code).join(Ministry, Ministry.id == Agency.ministry_id)
    )
    return {agency: ministry for agency, ministry in rows}


def _tallies(
    phase: Phase, filings: Iterable[tuple[ProposalFacts, int]], ministries: Mapping[str, str]
) -> list[Tally]:
    """Sums of filings with the amounts that count of each. An agency's money is that of its own lines; a proposal is
    counted once with every agency and ministry that has money in it, and with its lead's."""
    counts: dict[tuple[Dimension, str], int] = defaultdict(int)
    amounts: dict[tuple[Dimension, str], int] = defaultdict(int)
    for facts, amount in filings:
        own: dict[str, int] = {facts.lead.code: 0}
        for line, part in zip(facts.lines, granted_lines(facts, amount), strict=True):
            own[line.agency] = own.get(line.agency, 0) + part
        by_ministry: dict[str, int] = defaultdict(int)
        for agency, part in own.items():
            by_ministry[ministries.get(agency, "")] += part
        for dimension, parts in (
            (Dimension.STAGE, {facts.stage: amount}),
            (Dimension.GUIDELINE, {facts.guideline: amount}),
            (Dimension.FOCUS_AREA, {facts.focus_area: amount}),
            (Dimension.MINISTRY, by_ministry),
            (Dimension.AGENCY, own),
        ):
            for code, part in parts.items():
                counts[dimension, code] += 1
                amounts[dimension, code] += part
    return [Tally(phase, d, code, n, amounts[d, code]) for (d, code), n in sorted(counts.items())]


def _agencies(
    session: Session, call_id: int, projects: Sequence[PublicProject], tallies: Sequence[Tally]
) -> tuple[PublicAgency, ...]:
    """Every agency that is told of, in the order of the register, with the periods whose reports count."""
    codes = {code for project in projects for code in project.agencies}
    codes |= {t.code for t in tallies if t.dimension is Dimension.AGENCY}
    reported: dict[tuple[int, str], list[int]] = defaultdict(list)
    for agency_id, kind, period in session.execute(
        select(ProgressRecord.agency_id, ProgressRecord.kind, ProgressRecord.period)
        .where(ProgressRecord.call_id == call_id, ProgressRecord.current_for.is_not(None))
        .order_by(ProgressRecord.period)
    ):
        reported[agency_id, kind].append(period)
    rows = session.execute(
        select(Agency, Ministry)
        .join(Ministry, Ministry.id == Agency.ministry_id)
        .where(Agency.code.in_(codes))
        .order_by(Ministry.sort_key, Agency.sort_key)
    )
    return tuple(
        PublicAgency(
            a.code,
            Text(a.name_th, a.name_en),
            m.code,
            Text(m.name_th, m.name_en),
            tuple(reported[a.id, ReportKind.MONEY.value]),
            tuple(reported[a.id, ReportKind.PROGRESS.value]),
        )
        for a, m in rows
    )
