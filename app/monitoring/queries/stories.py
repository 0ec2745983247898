"""What is told of a project beside its figures: words of its agencies, its plans and how they changed, its work done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, literal, null, select, union_all
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.facts import Cause
from app.monitoring.models import (
    MilestoneResult,
    MonitoredCall,
    PlanChange,
    PlanVersion,
    Project,
    ProjectAgency,
    ProjectWord,
)


@dataclass(frozen=True, slots=True)
class Word:
    """What an agency said at the end of a quarter."""

    quarter: int
    agency: Text
    problems: str
    help: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of the plan: why there is one, and since when it is in force."""

    ordinal: int
    cause: Cause
    in_force_at: datetime
    reason: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A milestone as last reported."""

    quarter: int
    percent: int
    done_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Story:
    """Words with the latest quarter first, versions with the first one first, milestones by position."""

    words: tuple[Word, ...]
    versions: tuple[VersionRow, ...]
    done: Mapping[int, Done]


def read_story(session: Session, project_id: int, names: Mapping[int, Text], quarter: int) -> Story:
    """The story of a project whoever asks may see (the caller has asked), reported up to and with a quarter; `names` are the
    agencies' by id. Two queries."""
    told: Sequence[Any] = session.execute(
        union_all(
            select(
                literal(0),
                ProjectWord.quarter,
                ProjectWord.agency_id,
                literal(0),
                null().cast(Date),
                ProjectWord.problems,
                ProjectWord.help,
            ).where(ProjectWord.project_id == project_id, ProjectWord.quarter <= quarter),
            select(
                literal(1),
                MilestoneResult.quarter,
                MilestoneResult.position,
                MilestoneResult.percent,
                MilestoneResult.done_on,
                MilestoneResult.note,
                literal(""),
            ).where(MilestoneResult.project_id == project_id, MilestoneResult.quarter <= quarter),
        )
    ).all()
    versions = session.execute(
        select(
            PlanVersion.ordinal,
            PlanVersion.cause,
            PlanVersion.in_force_at,
            PlanChange.reason,
            PlanVersion.current_for,
        )
        .outerjoin(PlanChange, PlanChange.id == PlanVersion.change_id)
        .where(PlanVersion.project_id == project_id)
        .order_by(PlanVersion.ordinal)
    ).all()
    words = [Word(row[1], names[row[2]], row[5], row[6]) for row in told if not row[0] and (row[5] or row[6])]
    results = sorted((row for row in told if row[0]), key=lambda row: row[1])
    return Story(
        tuple(sorted(words, key=lambda w: (-w.quarter, w.agency.th))),
        tuple(
            VersionRow(v.ordinal, Cause(v.cause), v.in_force_at, v.reason or "", v.current_for is not None)
            for v in versions
        ),
        {row[2]: Done(row[1], row[3], row[4], row[5]) for row in results},
    )


def quarter_words(session: Session, call_id: int, quarter: int) -> dict[int, list[Word]]:
    """Project id -> what its agencies said at the end of a quarter. One query."""
    rows = session.execute(
        select(ProjectWord, Agency)
        .join(Agency, Agency.id == ProjectWord.agency_id)
        .join(Project, Project.id == ProjectWord.project_id)
        .where(Project.call_id == call_id, ProjectWord.quarter == quarter)
        .order_by(ProjectWord.project_id, Agency.sort_key)
    )
    found: dict[int, list[Word]] = {}
    for w, a in rows:
        if w.problems or w.help:
            word = Word(w.quarter, Text(a.name_th, a.name_en), w.problems, w.help)
            found.setdefault(w.project_id, []).append(word)
    return found


def own_years(session: Session, actor: Actor) -> list[int]:
    """The fiscal years in which the actor's agencies carry out a project that is followed, the latest first."""
    require(actor, Permission.READ_PROJECT)
    return list(
        session.scalars(
            select(Call.fiscal_year)
            .join(MonitoredCall, MonitoredCall.call_id == Call.id)
            .join(Project, Project.call_id == Call.id)
            .join(ProjectAgency, ProjectAgency.project_id == Project.id)
            .where(ProjectAgency.agency_id.in_(actor.agency_ids))
            .distinct()
            .order_by(Call.fiscal_year.desc())
        )
    )
