"""A change of plan as the agency's form has it: what it was made from, what is typed, and the words of its places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from app.calls.queries import CallView
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.monitoring.changing import Offered, list_asking_problems
from app.monitoring.facts import Cause, Plan
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR
from app.monitoring.queries import ProjectView
from app.monitoring.queries.changes import Account, ChangeView
from app.web.arrival import arrived
from app.web.moments import TypedMoment
from app.web.plans import PlanNames, offered_to

_OF_FIELDS = {"reason": Text("เหตุผล", "Reason"), "ends_on": Text("วันสิ้นสุดโครงการ", "End of the project")}


@dataclass(frozen=True)
class Opened:
    """A change with its project and what was reported of it."""

    change: ChangeView
    project: ProjectView
    call: CallView
    account: Account
    names: PlanNames

    @property
    def kind(self) -> Cause:
        return self.change.row.kind

    @property
    def offered(self) -> Offered:
        return offered_to(self.project, self.call.plan, self.account, arrived())

    def list_problems(self, plan: Plan, reason: str) -> list[Problem]:
        """What would keep the change from being asked for."""
        names = {code: name for code, (_, name) in self.project.agencies.items()}
        names |= {category.code: category.name for category in self.call.plan.categories}
        year, used = self.project.fiscal_year, self.account.used
        return list_asking_problems(plan, self.change.before, self.kind, year, used, names, reason)

    def at(self, place: str) -> Text:
        """In words, where in the form a problem is; nothing where the problem itself says so."""
        head, _, rest = place.partition("-")
        number, _, name = rest.partition("-")
        before = self.change.before
        if head in ("spending", "carry") and number.isdigit() and 1 <= int(number) <= len(before.spending):
            if head == "spending" and not name:
                return Text("", "")
            row = before.spending[int(number) - 1]
            month = self.names.month(int(name[1:])) if head == "spending" else Text("", "")
            parts = self.names.agency(row.agency), self.names.category(row.category), month
            return Text(*(" ".join(getattr(p, of) for p in parts).strip() for of in ("th", "en")))
        if head == "line":
            item = next((line.item for line in before.lines if str(line.position) == number), number)
            return Text(item, item)
        if head == "indicator":
            found = next((i.name for i in before.indicators if str(i.position) == number), number)
            return Text(f"{found} ไตรมาส {name[1:]}", f"{found}, quarter {name[1:]}")
        words = {
            "milestone": Text("งานสำคัญที่ {n}", "Milestone {n}"),
            "new": Text("รายการใหม่ที่ {n}", "New line {n}"),
        }
        return words[head].fill(n=number) if head in words else _OF_FIELDS.get(head, Text("", ""))


@dataclass(frozen=True)
class TypedChange:
    """What the form shows: amounts and words by field, days in their three parts."""

    fields: Mapping[str, str]
    days: Mapping[str, TypedMoment] = field(default_factory=dict)
    milestones: int = 0

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


def typed_of(opened: Opened) -> TypedChange:
    """A draft as it would be typed."""
    plan, fields = opened.change.proposed, {"reason": opened.change.reason}
    for line in plan.lines:
        fields[f"line-{line.position}"] = format_baht(line.amount)
    known = {line.position for line in opened.change.before.lines}
    for n, line in enumerate((line for line in plan.lines if line.position not in known), 1):
        place = f"new-{n}"
        fields |= {f"{place}-agency": line.agency, f"{place}-category": line.category}
        fields |= {f"{place}-item": line.item, f"{place}-amount": format_baht(line.amount)}
    for n, row in enumerate(plan.spending, 1):
        fields |= {f"spending-{n}-m{m}": format_baht(a) if a else "" for m, a in enumerate(row.months, 1)}
        fields[f"carry-{n}"] = format_baht(row.carried) if row.carried else ""
    by_month = plan.by_month
    later = [month for month in range(MONTHS_OF_YEAR + 1, LAST_MONTH + 1) if by_month[month - 1]]
    fields["until"] = str(max(later)) if later else ""
    days = {"ends_on": TypedMoment.of_day("ends_on", plan.ends_on)}
    for n, milestone in enumerate(plan.milestones, 1):
        place = f"milestone-{n}"
        fields |= {f"{place}-title": milestone.title, f"{place}-agency": milestone.agency}
        fields[f"{place}-weight"], fields[f"{place}-position"] = (
            str(milestone.weight),
            str(milestone.position),
        )
        days[f"{place}-due_on"] = TypedMoment.of_day(f"{place}-due_on", milestone.due_on)
    for indicator in plan.indicators:
        for quarter, target in enumerate(indicator.quarters, 1):
            fields[f"indicator-{indicator.position}-q{quarter}"] = target
    return TypedChange(fields, days, len(plan.milestones))
