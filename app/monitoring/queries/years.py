"""All fiscal years that are followed, side by side. Two queries, however many projects and months."""

from __future__ import annotations

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.monitoring.curves import Curve, curve_of
from app.monitoring.models import Actual, Allotment, PlannedAmount, Project
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR
from app.monitoring.queries.projects import Monitored, list_monitored
from app.monitoring.standings import Sums

_PROJECTS, _ALLOTTED, _PLANNED, _ACTUAL = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class YearStanding:
    """A fiscal year at the end of `month`: its sums and curve. `month` is the one asked for, or the last one reported
    where that comes earlier; 0 where nothing was reported."""

    monitored: Monitored
    month: int
    sums: Sums
    curve: Curve


def years_standing(session: Session, actor: Actor, month: int = MONTHS_OF_YEAR) -> list[YearStanding]:
    """Every year that is followed, at the end of the same month of each, the latest year first. Raises `Forbidden`."""
    require(actor, Permission.READ_MONITORING)
    nothing = literal(0)
    rows = session.execute(
        union_all(
            select(literal(_PROJECTS), Project.call_id, nothing, func.count(), nothing).group_by(
                Project.call_id
            ),
            select(
                literal(_ALLOTTED),
                Project.call_id,
                nothing,
                func.sum(Allotment.amount),
                func.sum(Allotment.carried),
            )
            .join(Project, Project.id == Allotment.project_id)
            .group_by(Project.call_id),
            select(
                literal(_PLANNED),
                Project.call_id,
                PlannedAmount.month,
                func.sum(PlannedAmount.amount),
                nothing,
            )
            .join(Project, Project.id == PlannedAmount.project_id)
            .group_by(Project.call_id, PlannedAmount.month),
            select(
                literal(_ACTUAL),
                Project.call_id,
                Actual.month,
                func.sum(Actual.committed),
                func.sum(Actual.disbursed),
            )
            .join(Project, Project.id == Actual.project_id)
            .group_by(Project.call_id, Actual.month),
        )
    ).all()
    found: dict[int, _Year] = {}
    for kind, call_id, at, first, second in rows:
        year = found.setdefault(call_id, _Year())
        if kind == _PROJECTS:
            year.projects = int(first)
        elif kind == _ALLOTTED:
            year.allotted, year.carried = int(first), int(second)
        elif kind == _PLANNED:
            year.planned[at - 1] = int(first)
        else:
            year.committed[at - 1], year.spent[at - 1] = int(first), int(second)
            year.latest = max(year.latest, at)
    return [found.get(m.call_id, _Year()).at(m, month) for m in list_monitored(session)]


class _Year:
    def __init__(self) -> None:
        self.projects = self.allotted = self.carried = self.latest = 0
        self.planned, self.committed, self.spent = ([0] * LAST_MONTH for _ in range(3))

    def at(self, monitored: Monitored, month: int) -> YearStanding:
        upto = min(month, self.latest)
        curve = curve_of(self.planned, self.committed, self.spent, upto)
        sums = Sums(
            self.projects,
            self.allotted,
            self.carried,
            curve.planned_by(upto),
            curve.planned_year,
            curve.committed_by(upto),
            curve.spent_by(upto),
        )
        return YearStanding(monitored, upto, sums, curve)
