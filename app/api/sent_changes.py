"""A change of plan as a system sends it, put into the fields the agency's form has, so that one reading and one set of
rules judge both; and what they find wrong, at its place in the body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.monitoring.actions.changing import PLAN_MOVED
from app.monitoring.changing import MONEY_KINDS, MONTH_KINDS, NOT_CHANGED, WORK_KINDS
from app.monitoring.facts import CAUSE_NAMES, Cause, Plan

KINDS_OF: Mapping[str, frozenset[Cause]] = {
    "lines": MONEY_KINDS,
    "new_lines": MONEY_KINDS,
    "spending": MONTH_KINDS,
    "milestones": WORK_KINDS,
    "indicators": WORK_KINDS,
    "ends_on": frozenset({Cause.EXTENSION}),
    "carried": frozenset({Cause.CARRY_OVER}),
    "carried_until": frozenset({Cause.CARRY_OVER}),
}
"""The kinds of change that take each part of the body."""

_PART_OF = {
    "line": "/lines",
    "new": "/new_lines",
    "spending": "/spending",
    "milestone": "/milestones",
    "milestones": "/milestones",
    "indicator": "/indicators",
    "ends_on": "/ends_on",
    "carry": "/carried",
    "until": "/carried_until",
    "reason": "/reason",
}
NOT_OF_KIND = Text("คำขอ “{kind}” ไม่มีส่วนนี้", "A change of the kind “{kind}” has no such part")
NOT_IN_PLAN = Text("แผนที่ใช้อยู่ไม่มีรายการนี้", "The plan in force has no such entry")
TWICE = Text("มีรายการเดียวกันซ้ำ", "The same entry is there twice")

Row = Mapping[str, Any]


class SentChange:
    """A change that was sent, from the plan `before`: `fields` and `days` as `monitoring.changing` reads them, and the
    `problems` that only a body can have, each at the place of its field."""

    def __init__(self, body: Mapping[str, Any], before: Plan):
        self.body = body
        self.before = before
        self.kind = Cause(body["kind"])
        self.fields: dict[str, str] = {}
        self.days: dict[str, date | None] = {}
        self.problems: list[Problem] = []
        self._pointers: dict[str, str] = {}
        for part, kinds in KINDS_OF.items():
            if part in body and self.kind not in kinds:
                self._refuse(part, f"/{part}", NOT_OF_KIND.fill(kind=CAUSE_NAMES[self.kind]))
        self.reason = self._text("reason", "/reason", body["reason"])
        self._lines()
        self._new_lines()
        rows = {(row.agency, row.category): n for n, row in enumerate(before.spending, 1)}
        self._each("spending", rows, _of_row, self._months)
        self._each("carried", rows, _of_row, self._carried)
        if "carried_until" in body:
            self.fields["until"] = str(body["carried_until"])
        if "ends_on" in body:
            self.days["ends_on"] = date.fromisoformat(body["ends_on"])
            self._pointers["ends_on-day"] = "/ends_on"
        if self.kind in WORK_KINDS:
            self._milestones()
        known = {indicator.position: indicator.position for indicator in before.indicators}
        self._each("indicators", known, _of_position, self._targets)

    def at(self, problems: Iterable[Problem]) -> list[Problem]:
        """What is wrong, at the places of the body: of the same place only what was said first."""
        found: dict[tuple[str, Text], Problem] = {}
        for problem in problems:
            pointer = self._pointer(problem)
            found.setdefault((pointer, problem.text), Problem(pointer, problem.text))
        return list(found.values())

    def _pointer(self, problem: Problem) -> str:
        place = problem.place
        if place in self._pointers:
            return self._pointers[place]
        if place == "total":
            of_change = problem.text is NOT_CHANGED or problem.text is PLAN_MOVED
            return "/lines" if self.kind in MONEY_KINDS and not of_change else ""
        return _PART_OF.get(place.split("-")[0], "")

    def _refuse(self, place: str, pointer: str, why: Text) -> None:
        self._pointers[place] = pointer
        self.problems.append(Problem(place, why))

    def _text(self, place: str, pointer: str, value: str) -> str:
        self._pointers[place] = pointer
        try:
            return normalise(value)
        except TextError as error:
            self._refuse(place, pointer, error.text)
            return ""

    def _put(self, place: str, pointer: str, value: str) -> None:
        self.fields[place], self._pointers[place] = value, pointer

    def _each(
        self,
        part: str,
        known: Mapping[Any, int],
        key_of: Callable[[Row], Any],
        put: Callable[[int, str, Row], None],
    ) -> None:
        """Every row of a part that names an entry of the plan, each once, with the entry's number in the form."""
        head = next(head for head, pointer in _PART_OF.items() if pointer == f"/{part}")
        seen = set()
        for i, row in enumerate(self.body.get(part, ())):
            key, pointer = key_of(row), f"/{part}/{i}"
            if key not in known:
                self._refuse(f"{head}-row{i}", pointer, NOT_IN_PLAN)
            elif key in seen:
                self._refuse(f"{head}-row{i}", pointer, TWICE)
            else:
                seen.add(key)
                put(known[key], pointer, row)

    def _lines(self) -> None:
        known = {line.position: line.position for line in self.before.lines}
        self._each("lines", known, _of_position, self._amount)

    def _amount(self, position: int, pointer: str, row: Row) -> None:
        self._put(f"line-{position}", f"{pointer}/amount", row["amount"])

    def _new_lines(self) -> None:
        for n, row in enumerate(self.body.get("new_lines", ()), 1):
            for name in ("agency", "category", "amount"):
                self._put(f"new-{n}-{name}", f"/new_lines/{n - 1}/{name}", row[name])
            place, pointer = f"new-{n}-item", f"/new_lines/{n - 1}/item"
            self._put(place, pointer, self._text(place, pointer, row["item"]))

    def _months(self, n: int, pointer: str, row: Row) -> None:
        self._pointers[f"spending-{n}"] = f"{pointer}/months"
        for month, amount in enumerate(row["months"], 1):
            self._put(f"spending-{n}-m{month}", f"{pointer}/months/{month - 1}", amount)

    def _carried(self, n: int, pointer: str, row: Row) -> None:
        self._put(f"carry-{n}", f"{pointer}/amount", row["amount"])

    def _milestones(self) -> None:
        """Those sent, else those of the plan: a form always shows them all."""
        if "milestones" not in self.body:
            for n, milestone in enumerate(self.before.milestones, 1):
                words = milestone.position, milestone.agency, milestone.title, milestone.weight
                self._milestone(n, *words, milestone.due_on)
            return
        known, seen = {milestone.position for milestone in self.before.milestones}, set()
        for n, row in enumerate(self.body["milestones"], 1):
            pointer, position = f"/milestones/{n - 1}", row["position"]
            if position is not None and (position not in known or position in seen):
                why = TWICE if position in seen else NOT_IN_PLAN
                self._refuse(f"milestone-row{n}", f"{pointer}/position", why)
            seen.add(position)
            title = self._text(f"milestone-{n}-title", f"{pointer}/title", row["title"])
            day = date.fromisoformat(row["due_on"])
            self._milestone(n, position or 0, row["agency"], title, row["weight"], day)
            for name in ("agency", "weight", "due_on"):
                self._pointers[f"milestone-{n}-{name}"] = f"{pointer}/{name}"

    def _milestone(self, n: int, position: int, agency: str, title: str, weight: int, day: date) -> None:
        place = f"milestone-{n}"
        self.fields |= {f"{place}-position": str(position), f"{place}-agency": agency}
        self.fields |= {f"{place}-title": title, f"{place}-weight": str(weight)}
        self.days[f"{place}-due_on"] = day

    def _targets(self, position: int, pointer: str, row: Row) -> None:
        for quarter, target in enumerate(row["quarters"], 1):
            place, at = f"indicator-{position}-q{quarter}", f"{pointer}/quarters/{quarter - 1}"
            self._put(place, at, self._text(place, at, target))


def _of_row(row: Row) -> tuple[str, str]:
    return row["agency"], row["category"]


def _of_position(row: Row) -> int:
    position: int = row["position"]
    return position
