"""The projects of a year: looked for, and each on a page of its own that can be cited."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from app.kernel.errors import NotFound
from app.kernel.thai_text import TextError, normalise
from app.monitoring.facts import AIM_NAMES, CAUSE_NAMES
from app.monitoring.periods import quarter_name
from app.monitoring.states import PROJECT_STATES
from app.releases.finding import ORDERS, Question
from app.releases.summing import Sums
from app.web.door import public
from app.web.language import t
from app.web.site.frame import Shown, blueprint, link, page, published, shown
from app.web.site.plan import about, curve

_FILTERS = ("text", "stage", "guideline", "focus_area", "ministry", "agency", "state", "order", "page")
_LONGEST = 200


def read_question() -> Question:
    """What the address asks for; what cannot be read asks for nothing."""
    try:
        text = normalise(request.args.get("text", "")[:_LONGEST])
    except TextError:
        text = ""
    asked = {name: request.args.get(name, "")[:40] for name in _FILTERS[1:-2]}
    order, number = request.args.get("order", ""), request.args.get("page", "")
    return Question(
        text=text,
        **asked,
        order=order if order in ORDERS else "number",
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
    )


@blueprint.get("/plan/<int:fiscal_year>/projects")
@public
def projects(fiscal_year: int) -> Response:
    """The projects of a year that hold the words and belong to the groups asked for."""

    def make() -> dict[str, Any]:
        view = shown(fiscal_year)
        question = read_question()
        found = view.open.find(question)
        asked = {
            name: value for name in _FILTERS[:-1] if (value := getattr(question, name)) and value != "number"
        }

        def at(number: int) -> str:
            return link("site.projects", fiscal_year=fiscal_year, **asked, page=number)

        ministries = {a.ministry_code: a.ministry for a in view.open.year.agencies}
        return {
            **about(view),
            "question": question,
            "found": found,
            "before": at(found.page - 1) if found.page > 1 else None,
            "after": at(found.page + 1) if found.page < found.pages else None,
            "choices": {
                "stage": _of_kind(view, "stage"),
                "guideline": _of_kind(view, "guideline"),
                "focus_area": _of_kind(view, "focus_area"),
                "ministry": sorted(ministries.items(), key=lambda m: m[1].th),
                "agency": [(a.code, a.name) for a in view.open.year.agencies],
                "state": list(PROJECT_STATES.items()),
            },
            "states": PROJECT_STATES,
        }

    return page("public/projects.html", make, _FILTERS)


def _of_kind(view: Shown, kind: str) -> list[tuple[str, Any]]:
    used = {getattr(p, kind) for p in view.open.year.projects}
    return [(n.code, n.name) for n in view.open.year.names if n.kind == kind and n.code in used]


@blueprint.get("/plan/<int:fiscal_year>/projects/<number>")
@public
def project(fiscal_year: int, number: str) -> Response:
    """One project: what it was granted, what it plans, and how far it is."""

    def make() -> dict[str, Any]:
        view = shown(fiscal_year)
        told = view.open.projects.get(number)
        if told is None:
            raise NotFound()
        sums = Sums(told.number, told.title)
        for row in told.money:
            sums.add(row)
        months = [m for code in told.agencies for m in view.open.agencies[code].months]
        quarters = sorted({q for i in told.indicators for q, _ in i.results} | {1, 2, 3, 4})
        return {
            **about(view),
            "project": told,
            "sums": sums,
            "states": PROJECT_STATES,
            "causes": {cause.value: name for cause, name in CAUSE_NAMES.items()},
            "aims": {aim.value: name for aim, name in AIM_NAMES.items()},
            "quarters": [(q, quarter_name(fiscal_year, q), t(f"ไตรมาส {q}", f"Q{q}")) for q in quarters],
            "earlier": earlier_year(told.continues),
            **curve(view.open.year, sums, months),
        }

    return page("public/project.html", make)


def earlier_year(number: str) -> int | None:
    """The fiscal year a project's earlier number is of, where that year is published; numbers begin with it."""
    head = number.partition("-")[0]
    years = {row.fiscal_year for row in published() if row.is_shown}
    return int(head) if head.isascii() and head.isdigit() and int(head) in years else None
