"""The early warning made again as of every past month, held against what the year ended with.

Of years all of whose months are in. Each forecast sees the plan that was in force at the end of its month, and no earlier
year but those before its own. Amounts are as they are known now, corrections included.

A process keeps the record with the fingerprint of what it rests on (plans, reports that count, rules, ministries): while
that is the same, so is the record, and nothing is made again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.clock import BANGKOK
from app.kernel.lean import dataclass
from app.monitoring.facts import Spending
from app.monitoring.models import Actual, Allotment, PlanVersion, ProgressRecord, Project
from app.monitoring.periods import MONTHS_OF_YEAR, first_day
from app.monitoring.queries.projects import Monitored, list_monitored
from app.monitoring.queries.standing import LEAST_GROUP
from app.monitoring.queries.standing_plans import DatedPlan, dated_plans
from app.monitoring.queries.standing_rows import (
    NOTHING_REPORTED,
    AgencyName,
    Reported,
    agency_names,
    all_reported,
    earlier_years,
    money_parts,
)
from app.monitoring.standings import Part, Sums, add_sums, case_of, new_part, sum_parts
from app.monitoring.warning import (
    FIRST_MONTH,
    CategoryYear,
    Replay,
    TrackRecord,
    forecast,
    profile_of,
    replay_of,
    track_record,
)
from app.proposals.models import Proposal

LAST_YEAR = 10_000  # later than any fiscal year


@dataclass(frozen=True, slots=True)
class Record:
    """The track record: over all, by month, and every replay. `years` are those that could be judged; `is_synthetic` tells
    whether reports of any of them were made up."""

    years: tuple[int, ...]
    is_synthetic: bool
    whole: TrackRecord
    by_month: tuple[tuple[int, TrackRecord], ...]
    replays: tuple[Replay, ...]


@dataclass(frozen=True, slots=True)
class _Whole:
    """All that was ever reported, by call and project."""

    projects: Mapping[int, Mapping[int, tuple[str, str]]]  # call -> project -> (number, ministry)
    parts: Mapping[int, dict[tuple[int, str], Part]]
    plans: Mapping[int, list[DatedPlan]]
    reported: Mapping[tuple[int, int], Reported]
    paid: Sequence[CategoryYear]
    ids: Mapping[str, int]


_kept: dict[str, Record] = {}
_MOST_KEPT = 2


def read_track_record(session: Session, actor: Actor) -> Record:
    """The track record of all years that are over. Three queries while it is kept, nine to make it, however many projects.
    Raises `Forbidden`."""
    require(actor, Permission.READ_MONITORING)
    agencies, years = agency_names(session), list_monitored(session)
    key = _fingerprint(session, agencies, years)
    record = _kept.get(key)
    if record is None:
        record = _make(session, agencies, years)
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = record
    return record


def _fingerprint(session: Session, agencies: Mapping[int, AgencyName], years: Sequence[Monitored]) -> str:
    """What every replay rests on. Figures change with a report that is judged or with another version of a plan, which are
    counted; sums weighted by month, project and agency would show money that moved without one. One query."""
    money, weights = (
        (Actual.disbursed, Actual.committed),
        (1, Actual.month, Actual.project_id, Actual.agency_id),
    )
    sums: list[Any] = [
        *(func.sum(amount * weight) for amount in money for weight in weights),
        func.count(Actual.id),
    ]
    rows: list[Any] = [
        select(
            func.count(),
            func.max(ProgressRecord.id),
            func.sum(ProgressRecord.version),
            func.sum(ProgressRecord.period * ProgressRecord.agency_id),
        ).where(ProgressRecord.current_for.is_not(None)),
        select(func.count(), func.max(PlanVersion.id), func.sum(PlanVersion.id * PlanVersion.project_id)),
        select(func.count(), func.max(Project.id), func.sum(Project.id * Project.lead_agency_id)),
        select(func.sum(Allotment.amount), func.sum(Allotment.carried), func.count(Allotment.id)),
    ]
    one_row = [row.subquery() for row in (select(*sums), *rows)]
    beside: Any = one_row[0]
    for other in one_row[1:]:
        beside = beside.join(other, true())
    found = session.execute(
        select(*(column for row in one_row for column in row.c)).select_from(beside)
    ).one()
    named = [[key, a.ministry_code] for key, a in agencies.items()]
    rules = [[m.call_id, m.fiscal_year, m.rules.green, m.is_synthetic] for m in years]
    where = str(session.get_bind().engine.url)
    return sha256_text(canonical_json([where, [str(value) for value in found], named, rules]))


def _make(session: Session, agencies: Mapping[int, AgencyName], years: Sequence[Monitored]) -> Record:
    projects: dict[int, dict[int, tuple[str, str]]] = {}
    for key, call_id, number, lead_id in session.execute(
        select(Project.id, Project.call_id, Proposal.number, Project.lead_agency_id)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .order_by(Proposal.number)
    ):
        projects.setdefault(call_id, {})[key] = number, agencies[lead_id].ministry_code
    whole = _Whole(
        projects,
        money_parts(session, None),
        dated_plans(session),
        all_reported(session),
        earlier_years(session, LAST_YEAR),
        {a.code: key for key, a in agencies.items()},
    )
    replays = [r for m in years for r in _replay_year(whole, m)]
    judged = {r.fiscal_year for r in replays}
    return Record(
        tuple(sorted(judged)),
        any(m.is_synthetic for m in years if m.fiscal_year in judged),
        track_record(replays),
        tuple(
            (month, track_record([r for r in replays if r.month == month]))
            for month in range(FIRST_MONTH, MONTHS_OF_YEAR)
        ),
        tuple(replays),
    )


def _replay_year(whole: _Whole, monitored: Monitored) -> Iterator[Replay]:
    call_id, year = monitored.call_id, monitored.fiscal_year
    over = {
        key: named
        for key, named in whole.projects.get(call_id, {}).items()
        if key in whole.parts
        and all(
            whole.reported.get((call_id, part.agency_id), NOTHING_REPORTED).upto >= MONTHS_OF_YEAR
            for part in whole.parts[key].values()
            if part.allotted
        )
    }
    if not over:
        return
    profile = profile_of(row for row in whole.paid if row.fiscal_year < year)
    outcomes = {key: sum_parts(whole.parts[key].values(), MONTHS_OF_YEAR).spent for key in over}
    known: dict[tuple[int, int], tuple[Part, ...]] = {}
    for month in range(FIRST_MONTH, MONTHS_OF_YEAR):
        end = datetime.combine(first_day(year, month + 1), time(), BANGKOK)
        then = {}
        for key in over:
            at = _in_force(whole.plans[key], end)
            if (key, at) not in known:
                known[key, at] = _as_planned(whole.parts[key], whole.plans[key][at].spending, whole.ids)
            then[key] = known[key, at]
        groups = _group_sums(over, then, month)
        for key, (number, ministry) in over.items():
            told = forecast(case_of(then[key], month, groups[ministry]), profile)
            replay = replay_of(told, year, number, outcomes[key], monitored.rules.green)
            if replay is not None:
                yield replay


def _in_force(plans: Sequence[DatedPlan], end: datetime) -> int:
    """Which version was in force before `end`; the first one where none was yet."""
    return max(bisect_right([plan.in_force_at for plan in plans], end) - 1, 0)


def _as_planned(
    parts: dict[tuple[int, str], Part], spending: Sequence[Spending], ids: Mapping[str, int]
) -> tuple[Part, ...]:
    """The parts under another plan: its months and its amounts, and what was paid."""
    found: dict[tuple[int, str], Part] = {}
    for key, part in parts.items():
        own = found[key] = new_part(*key)
        own.committed, own.spent = part.committed, part.spent
    for row in spending:
        key = ids[row.agency], row.category
        own = found.setdefault(key, new_part(*key))
        own.planned, own.allotted, own.carried = list(row.months), row.total, row.carried
    return tuple(found.values())


def _group_sums(
    projects: Mapping[int, tuple[str, str]], parts: Mapping[int, tuple[Part, ...]], month: int
) -> dict[str, Sums]:
    own: dict[str, list[Sums]] = {}
    for key, (_, ministry) in projects.items():
        own.setdefault(ministry, []).append(sum_parts(parts[key], month))
    everybody = add_sums(s for sums in own.values() for s in sums)
    return {code: add_sums(s) if len(s) >= LEAST_GROUP else everybody for code, s in own.items()}
