"""How the projects of a call stand at the end of a month: sums over any group, lights, warnings, and who is late.

At most ten queries, however many projects. The plan is the one in force, or the first one where that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.monitoring.duties import due_moment, last_period, most_periods
from app.monitoring.periods import LAST_MONTH, LAST_QUARTER, MONTHS_OF_YEAR, ReportKind
from app.monitoring.queries.projects import Monitored, list_monitored
from app.monitoring.queries.standing_plans import StoredScheme, plan_schemes
from app.monitoring.queries.standing_rows import (
    NOTHING_REPORTED,
    AgencyName,
    Reported,
    agencies_reported,
    agency_names,
    current_targets,
    earlier_years,
    money_parts,
    progress_results,
    project_facts,
)
from app.monitoring.queries.standing_views import CallStanding, Choice, Late
from app.monitoring.standings import (
    Part,
    ProjectFacts,
    Scheme,
    Sums,
    add_sums,
    new_part,
    stand,
    sum_parts,
)
from app.monitoring.states import ACTIVE
from app.monitoring.warning import profile_of

LEAST_GROUP = 3
"""A ministry of fewer projects is no group to judge one of them by; the call is then."""


def standing_of(
    session: Session,
    actor: Actor,
    fiscal_year: int,
    now: datetime,
    chosen: Choice = Choice(),
    *,
    own: bool = False,
    targets: bool = True,
) -> CallStanding:
    """How a call stands. With `own`, the projects the actor's agencies carry out, and whoever may read a project may ask;
    else the whole call. `targets` says whether those of the cabinet are wanted. Raises `Forbidden`, and `NotFound` for a
    call that is not followed."""
    require(actor, Permission.READ_PROJECT if own else Permission.READ_MONITORING)
    years = list_monitored(session)
    monitored = next((m for m in years if m.fiscal_year == fiscal_year), None)
    if monitored is None:
        raise NotFound()
    agencies = agency_names(session)
    facts = project_facts(session, monitored.call_id, agencies)
    parts = money_parts(session, monitored.call_id)
    schemes = plan_schemes(session, monitored.call_id)
    done = progress_results(session, monitored.call_id)
    reported = agencies_reported(session, monitored.call_id)
    profile = profile_of(earlier_years(session, fiscal_year))
    month, latest = _month_asked_for(chosen.month, parts, reported)
    late = _late(
        monitored, agencies, facts, parts, reported, now
    )  # by the plan in force, whichever is compared with
    if chosen.first_plan:
        _replan(parts, {key: both.first for key, both in schemes.items()}, agencies)
    ids = {a.code: key for key, a in agencies.items()}
    kept = {
        key: tuple(p for p in parts.get(key, {}).values() if chosen.keeps_part(p, agencies)) for key in facts
    }
    uptos = {key: _upto(kept[key], reported, month) for key in facts}
    groups = _groups(facts, kept, uptos)
    projects = (
        stand(
            project,
            kept[key],
            schemes[key].now.scheme,
            done.percents.get(key, {}),
            done.results.get(key, {}),
            fiscal_year=fiscal_year,
            month=month,
            upto=uptos[key],
            told=_told(schemes[key].now.scheme, ids, reported),
            rules=monitored.rules,
            groups=groups[project.ministry_code],
            profile=profile,
        )
        for key, project in facts.items()
        if chosen.keeps(project)
        and (kept[key] or not chosen.narrows_money)
        and (not own or project.agencies & actor.agency_ids)
    )
    return CallStanding(
        monitored=monitored,
        years=tuple(years),
        chosen=replace(chosen, month=month),
        month=month,
        latest=latest,
        projects=tuple(projects),
        agencies=agencies,
        targets=current_targets(session, fiscal_year) if targets else None,
        profile=profile,
        late=tuple(entry for entry in late if not own or entry.agency_id in actor.agency_ids),
        reported={key: entry.upto for key, entry in reported.items()},
    )


def _replan(
    parts: dict[int, dict[tuple[int, str], Part]],
    first: Mapping[int, StoredScheme],
    agencies: Mapping[int, AgencyName],
) -> None:
    """Put the months of the first plan in the place of those in force; what may be spent stays what it is."""
    ids = {a.code: key for key, a in agencies.items()}
    for own in parts.values():
        for part in own.values():
            part.planned = [0] * LAST_MONTH
    for project_id, plan in first.items():
        for row in plan.spending:
            key = ids[row.agency], row.category
            part = parts.setdefault(project_id, {}).setdefault(key, new_part(*key))
            part.planned = list(row.months)


def _month_asked_for(
    asked: int,
    parts: Mapping[int, Mapping[tuple[int, str], Part]],
    reported: Mapping[int, Reported],
) -> tuple[int, int]:
    """The month to show and the last one with an accepted report. Unasked, it is the last month at least half of the
    agencies with money have accepted reports of: one that is ahead must not make all others look late."""
    latest = max((max(r.months, default=0) for r in reported.values()), default=0)
    if 1 <= asked <= LAST_MONTH:
        return asked, latest
    duty = {part.agency_id for own in parts.values() for part in own.values() if part.allotted}
    uptos = sorted((reported.get(key, NOTHING_REPORTED).upto for key in duty), reverse=True)
    usual = uptos[(len(uptos) - 1) // 2] if uptos else 0
    return max(min(usual or latest, MONTHS_OF_YEAR), 1), latest


def _upto(parts: Iterable[Part], reported: Mapping[int, Reported], month: int) -> int:
    """Up to which month all agencies with money of a project were accepted, no later than the one shown."""
    uptos = [reported.get(p.agency_id, NOTHING_REPORTED).upto for p in parts if p.allotted]
    return min([month, *uptos]) if uptos else 0


def _told(scheme: Scheme, ids: Mapping[str, int], reported: Mapping[int, Reported]) -> int:
    """Up to which quarter all agencies with a milestone or an indicator of a project were accepted."""
    codes = {m.agency for m in scheme.milestones} | {i.agency for i in scheme.indicators}
    return min((reported.get(ids[code], NOTHING_REPORTED).told for code in codes), default=LAST_QUARTER)


def _groups(
    facts: Mapping[int, ProjectFacts], parts: Mapping[int, tuple[Part, ...]], uptos: Mapping[int, int]
) -> dict[str, dict[int, Sums]]:
    """The group each ministry's projects are judged by: its sums at each month somebody stands at, of the projects that
    were reported that far."""
    months = {upto for upto in uptos.values() if upto}
    own: dict[str, list[int]] = {}
    for key, project in facts.items():
        own.setdefault(project.ministry_code, []).append(key)

    def sums(keys: Iterable[int]) -> dict[int, Sums]:
        keys = list(keys)
        return {m: add_sums(sum_parts(parts[key], m) for key in keys if uptos[key] >= m) for m in months}

    everybody = sums(facts)
    return {code: sums(keys) if len(keys) >= LEAST_GROUP else everybody for code, keys in own.items()}


def _late(
    monitored: Monitored,
    agencies: Mapping[int, AgencyName],
    facts: Mapping[int, ProjectFacts],
    parts: Mapping[int, Mapping[tuple[int, str], Part]],
    reported: Mapping[int, Reported],
    now: datetime,
) -> list[Late]:
    """The agencies that carry out a project under way and have not handed in what is due, the oldest first: progress is
    due from each of them, money from those that have some, as long as they plan to spend it."""
    months: dict[int, int] = {}
    for key, project in facts.items():
        if project.state != ACTIVE:
            continue
        for agency_id in project.agencies:
            months.setdefault(agency_id, 0)
        for part in parts.get(key, {}).values():
            last = max((month for month, amount in enumerate(part.planned, 1) if amount), default=0)
            months[part.agency_id] = max(months.get(part.agency_id, 0), last)
    found = []
    for kind in ReportKind:
        due = [
            (period, moment)
            for period in range(1, most_periods(kind) + 1)
            if (moment := _due(monitored, kind, period)) <= now
        ]
        for agency_id, month in months.items():
            if kind is ReportKind.MONEY and not month:
                continue
            handed_in = reported.get(agency_id, NOTHING_REPORTED).handed_in
            missing = [
                (period, moment)
                for period, moment in due
                if period <= last_period(kind, month) and (kind, period) not in handed_in
            ]
            if missing:
                period, moment = missing[0]
                name = agencies[agency_id].name
                found.append(Late(agency_id, name, kind, period, moment, len(missing)))
    return sorted(found, key=lambda late: (late.due_at, late.agency.th, late.kind))


def _due(monitored: Monitored, kind: ReportKind, period: int) -> datetime:
    return due_moment(monitored.fiscal_year, kind, period, monitored.rules, monitored.opened_at)
