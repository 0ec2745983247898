"""The early warning made again as of every past month, held against what the year ended with.

Of years all of whose months are in. Each forecast sees the plan that was in force at the end of its month, and no earlier
year but those before its own. Amounts are as they are known now, corrections included.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.clock import BANGKOK
from app.monitoring.facts import Spending
from app.monitoring.periods import MONTHS_OF_YEAR, first_day
from app.monitoring.queries.projects import Monitored, list_monitored
from app.monitoring.queries.standing import LEAST_GROUP
from app.monitoring.queries.standing_rows import (
    NOTHING_REPORTED,
    AgencyName,
    DatedPlan,
    agencies_reported,
    agency_names,
    dated_plans,
    earlier_years,
    money_parts,
    project_facts,
)
from app.monitoring.standings import Part, ProjectFacts, Sums, add_sums, case_of, new_part, sum_parts
from app.monitoring.warning import (
    FIRST_MONTH,
    Replay,
    TrackRecord,
    forecast,
    profile_of,
    replay_of,
    track_record,
)


@dataclass(frozen=True, slots=True)
class Record:
    """The track record: over all, by month, and every replay. `years` are those that could be judged."""

    years: tuple[int, ...]
    whole: TrackRecord
    by_month: tuple[tuple[int, TrackRecord], ...]
    replays: tuple[Replay, ...]


def read_track_record(session: Session, actor: Actor) -> Record:
    """The track record of all years that are over. Six queries a year. Raises `Forbidden`."""
    require(actor, Permission.READ_MONITORING)
    agencies = agency_names(session)
    replays = [r for m in list_monitored(session) for r in _replay_year(session, m, agencies)]
    return Record(
        tuple(sorted({r.fiscal_year for r in replays})),
        track_record(replays),
        tuple(
            (month, track_record([r for r in replays if r.month == month]))
            for month in range(FIRST_MONTH, MONTHS_OF_YEAR)
        ),
        tuple(replays),
    )


def _replay_year(session: Session, monitored: Monitored, agencies: dict[int, AgencyName]) -> Iterator[Replay]:
    call_id, year = monitored.call_id, monitored.fiscal_year
    reported = agencies_reported(session, call_id)
    parts = money_parts(session, call_id)
    over = {
        key: project
        for key, project in project_facts(session, call_id, agencies).items()
        if parts.get(key)
        and all(
            reported.get(part.agency_id, NOTHING_REPORTED).upto >= MONTHS_OF_YEAR
            for part in parts[key].values()
            if part.allotted
        )
    }
    if not over:
        return
    profile = profile_of(earlier_years(session, year))
    plans, ids = dated_plans(session, call_id), {a.code: key for key, a in agencies.items()}
    outcomes = {key: sum_parts(parts[key].values(), MONTHS_OF_YEAR).spent for key in over}
    known: dict[tuple[int, int], tuple[Part, ...]] = {}
    for month in range(FIRST_MONTH, MONTHS_OF_YEAR):
        end = datetime.combine(first_day(year, month + 1), time(), BANGKOK)
        then = {}
        for key in over:
            at = _in_force(plans[key], end)
            if (key, at) not in known:
                known[key, at] = _as_planned(parts[key], plans[key][at].spending, ids)
            then[key] = known[key, at]
        groups = _group_sums(over, then, month)
        for key, project in over.items():
            told = forecast(case_of(then[key], month, groups[project.ministry_code]), profile)
            replay = replay_of(told, year, project.number, outcomes[key], monitored.rules.green)
            if replay is not None:
                yield replay


def _in_force(plans: Sequence[DatedPlan], end: datetime) -> int:
    """Which version was in force before `end`; the first one where none was yet."""
    return max(bisect_right([plan.in_force_at for plan in plans], end) - 1, 0)


def _as_planned(
    parts: dict[tuple[int, str], Part], spending: Sequence[Spending], ids: dict[str, int]
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
    projects: dict[int, ProjectFacts], parts: dict[int, tuple[Part, ...]], month: int
) -> dict[str, Sums]:
    own: dict[str, list[Sums]] = {}
    for key, project in projects.items():
        own.setdefault(project.ministry_code, []).append(sum_parts(parts[key], month))
    everybody = add_sums(s for sums in own.values() for s in sums)
    return {code: add_sums(s) if len(s) >= LEAST_GROUP else everybody for code, s in own.items()}
