"""The form of a scenario's terms: what was typed in its rows, and the terms that can be read from it.

Rows that are empty are let go and the rest counted anew, so that the rows of the form and of the terms have the same
places, which problems name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace

from app.calls.queries import CallView
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import MoneyError, format_baht, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, arabic_digits, normalise
from app.portfolio.facts import Basis, Bound, Dimension, Limit, Terms
from app.portfolio.scenarios import Known, find_problems

MOST_ROWS = 2000
NO_GROUP = Text("กรุณาเลือกกลุ่ม", "Choose the group")
NO_CEILING = Text("กรุณากรอกกรอบวงเงิน", "Enter the ceiling")
NO_AMOUNT = Text("กรุณากรอกวงเงิน", "Enter the amount")
NOT_WHOLE = Text("น้ำหนักต้องเป็นจำนวนเต็ม 0 ถึง 100", "A weight is a whole number from 0 to 100")
TWO_PROJECTS = Text("กรุณากรอกเลขที่โครงการทั้งสองช่อง", "Enter both projects")
NO_BASIS = Text("กรุณาเลือกคะแนนที่ใช้จัดลำดับ", "Choose which scores rank")

_SPLIT = re.compile(r"[\s,;]+")
_ROW = re.compile(r"(limit|must|needs|exclusive)-(\d{1,5})(?:-(bound|group|amount|one|other))?")


@dataclass(frozen=True, slots=True)
class TypedTerms:
    """The form as typed. Rows: limits (bound, group as "stage:upstream", amount), must-fund numbers, needs (one, other),
    exclusive groups as lines of numbers."""

    ceiling: str
    basis: str
    weights: Mapping[str, str]
    partial: bool
    limits: tuple[tuple[str, str, str], ...] = ()
    must: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    exclusive: tuple[str, ...] = ()
    blank: Mapping[str, int] = field(default_factory=dict)

    def rows(self, kind: str) -> int:
        """How many empty rows stand at the end of a list: one, or more where they were asked for."""
        return self.blank.get(kind, 1)

    def adding(self, wish: str) -> TypedTerms:
        """The form with what a button asks for: "add:must" for more empty rows, "take:must:2570-0001" for what was
        suggested. Anything else changes nothing."""
        verb, _, rest = wish.partition(":")
        kind, _, numbers = rest.partition(":")
        if verb == "add":
            return replace(self, blank={kind: 4})
        if verb != "take":
            return self
        named = tuple(_SPLIT.split(numbers)) if numbers else ()
        if kind == "partial":
            return replace(self, partial=True)
        if kind == "must" and len(named) == 1:
            return replace(self, must=tuple(sorted({*self.must, *named})))
        if kind == "needs" and len(named) == 2 and (named[0], named[1]) not in self.needs:
            return replace(self, needs=(*self.needs, (named[0], named[1])))
        if kind == "exclusive" and len(named) > 1:
            return replace(self, exclusive=(*self.exclusive, ", ".join(named)))
        return self


def typed_of(terms: Terms, known: Known) -> TypedTerms:
    """The form filled with the terms that hold."""
    weights = terms.weights or known.weights
    return TypedTerms(
        format_baht(terms.ceiling),
        terms.basis.value,
        {code: str(weight) for code, weight in weights.items()},
        terms.partial,
        tuple((n.bound.value, f"{n.dimension.value}:{n.code}", format_baht(n.amount)) for n in terms.limits),
        tuple(sorted(terms.must_fund)),
        terms.needs,
        tuple(", ".join(group) for group in terms.exclusive),
    )


def read_typed(form: Mapping[str, str], call: CallView) -> TypedTerms:
    """The form as it was sent."""
    rows: dict[str, dict[int, dict[str, str]]] = {"limit": {}, "must": {}, "needs": {}, "exclusive": {}}
    for name, value in form.items():
        matched = _ROW.fullmatch(name)
        if matched and value.strip() and int(matched[2]) < MOST_ROWS:
            rows[matched[1]].setdefault(int(matched[2]), {})[matched[3] or ""] = _clean(value)
    limits = [row for _, row in sorted(rows["limit"].items()) if "group" in row or "amount" in row]
    return TypedTerms(
        form.get("ceiling", "").strip(),
        form.get("basis", ""),
        {c.code: form.get(f"weight-{c.code}", "").strip() for c in call.rubric.criteria},
        bool(form.get("partial")),
        tuple(
            (row.get("bound", Bound.FLOOR.value), row.get("group", ""), row.get("amount", ""))
            for row in limits
        ),
        tuple(sorted({_number(row[""]) for row in rows["must"].values() if "" in row})),
        tuple(
            (_number(row.get("one", "")), _number(row.get("other", "")))
            for _, row in sorted(rows["needs"].items())
        ),
        tuple(row[""] for _, row in sorted(rows["exclusive"].items()) if "" in row),
    )


def _clean(value: str) -> str:
    try:
        return " ".join(normalise(value).split())
    except TextError:
        return "?"


def _number(value: str) -> str:
    """A proposal's number as typed or picked, with the title after it let go."""
    return arabic_digits(value).split(" ")[0]


def read_terms(typed: TypedTerms, known: Known) -> tuple[Terms, list[Problem]]:
    """The terms, and everything that stands against them; what cannot be read is replaced by something harmless, so that
    the rest is judged as well."""
    unread: dict[str, Text] = {}

    def baht(place: str, value: str, nothing: Text) -> int:
        if not value:
            unread[place] = nothing
            return 1
        try:
            return parse_baht(value)
        except MoneyError as error:
            unread[place] = error.text
            return 1

    ceiling = baht("ceiling", typed.ceiling, NO_CEILING)
    if typed.basis not in set(Basis):
        unread["basis"] = NO_BASIS
    weights = {}
    for code, value in typed.weights.items():
        digits = arabic_digits(value)
        if not digits.isascii() or not digits.isdigit() or len(digits) > 3:
            unread[f"weight-{code}"] = NOT_WHOLE
        else:
            weights[code] = int(digits)
    if len(weights) < len(typed.weights):
        weights = dict(known.weights)
    limits = []
    for at, (bound, group, amount) in enumerate(typed.limits):
        dimension, _, code = group.partition(":")
        if not code or dimension not in set(Dimension):
            unread[f"limit-{at}-group"] = NO_GROUP
            dimension, code = Dimension.STAGE.value, f"?{at}"
        worth = baht(f"limit-{at}-amount", amount, NO_AMOUNT)
        limits.append(
            Limit(Dimension(dimension), code, Bound(bound) if bound in set(Bound) else Bound.FLOOR, worth)
        )
    for at, pair in enumerate(typed.needs):
        for name, number in zip(("one", "other"), pair, strict=True):
            if not number:
                unread[f"needs-{at}-{name}"] = TWO_PROJECTS
    terms = Terms(
        ceiling,
        Basis(typed.basis) if "basis" not in unread else Basis.RAW,
        weights,
        tuple(limits),
        frozenset(typed.must),
        typed.needs,
        tuple(tuple(n for n in _SPLIT.split(arabic_digits(row)) if n) for row in typed.exclusive),
        typed.partial,
    )
    judged = replace(terms, ceiling=sum(n.amount for n in limits) + 1) if "ceiling" in unread else terms
    found = [p for p in find_problems(judged, known) if p.place not in unread]
    return terms, [*(Problem(place, text) for place, text in unread.items()), *found]
