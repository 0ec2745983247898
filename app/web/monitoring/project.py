"""One project: its curve, its work, its indicators, what its agencies say, how its plan changed, and what is expected."""

from __future__ import annotations

from math import floor
from typing import Any

from flask import render_template

from app.calls.queries import CallView, get_call
from app.figures.monitoring_charts import curve_chart, month_names
from app.figures.monitoring_words import grouped, percent, tell_evidence, tell_forecast, tell_schedule
from app.figures.pen import Pen
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.monitoring.attainment import Attainment
from app.monitoring.facts import AIM_NAMES, CAUSE_NAMES, PlannedIndicator, ReportingRules
from app.monitoring.lights import MEASURE_NAMES, Measure, judge, rule_in_words
from app.monitoring.periods import MONTHS_OF_YEAR, month_name, quarter_name
from app.monitoring.queries.standing import standing_of
from app.monitoring.queries.standing_views import CallStanding
from app.monitoring.queries.stories import Done, read_story
from app.monitoring.returning import REASON_NAMES
from app.monitoring.schedule import earned_schedule
from app.monitoring.standings import ProjectStanding, curve_of_parts, sum_parts
from app.monitoring.states import ACTIVE, PROJECT_STATES
from app.monitoring.warning import OVER
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import language, say
from app.web.monitoring.asked import (
    drawn,
    label_of,
    lead_of,
    light_tag,
    month_options,
    plan_options,
    read_choice,
)
from app.web.monitoring.desk import blueprint
from app.web.signing import current_actor
from reports.document import Column, Table


@blueprint.get("/<int:fiscal_year>/projects/<int:project_id>")
@needs(Permission.READ_MONITORING)
def project(fiscal_year: int, project_id: int) -> str:
    """One project at the end of a month."""
    call = get_call(db.session(), fiscal_year)
    standing = standing_of(
        db.session(), current_actor(), fiscal_year, arrived(), read_choice(), targets=False
    )
    return render_template("monitoring/project.html", **project_words(standing, call, project_id))


def project_words(standing: CallStanding, call: CallView, project_id: int) -> dict[str, Any]:
    """What the page of a project shows. Raises `NotFound` for one that is not among those of the standing."""
    found = next((p for p in standing.projects if p.facts.id == project_id), None)
    if found is None:
        raise NotFound()
    session, pen = db.session(), Pen(language())
    year, rules = standing.monitored.fiscal_year, standing.monitored.rules
    names = {key: a.name for key, a in standing.agencies.items()}
    story = read_story(session, project_id, names, standing.month // 3)
    curve = curve_of_parts(found.parts, found.upto)
    chart = curve_chart(curve, year, pen)
    numbers = Table(
        "curve",
        chart.title,
        (
            Column("month", pen("เดือน", "Month")),
            Column("planned", pen("แผนสะสม", "Planned"), "money", unit=pen("บาท", "baht")),
            Column("committed", pen("ผูกพันสะสม", "Committed"), "money", unit=pen("บาท", "baht")),
            Column("spent", pen("เบิกจ่ายสะสม", "Paid"), "money", unit=pen("บาท", "baht")),
        ),
        tuple(
            (name, p.planned, p.committed, p.spent)
            for name, p in zip(month_names(year, len(curve.points), pen), curve.points, strict=True)
        ),
    )
    money_schedule = earned_schedule(curve.planned, curve.spent[: found.upto])
    attained = {a.position: a for a in found.attained}
    return {
        "call": call,
        "standing": standing,
        "p": found,
        "label": label_of(standing),
        "lead": lead_of(standing),
        "months": month_options(standing),
        "plans": plan_options(standing),
        "reported": month_name(year, found.upto) if found.upto else None,
        "figure": drawn(chart, numbers, pen),
        "share": percent(found.sums.spent, found.sums.allotted),
        "measure_names": MEASURE_NAMES,
        "lights": [
            (Measure.MONEY, light_tag(found.money)),
            (Measure.MILESTONES, light_tag(found.work.judged)),
            (Measure.INDICATORS, light_tag(found.indicators)),
        ],
        "rules": [rule_in_words(m, rules) for m in Measure],
        "money_schedule": tell_schedule(money_schedule, pen),
        "work_schedule": tell_schedule(found.work.schedule, pen),
        "forecast": tell_forecast(found.forecast, rules.green, pen),
        "warns": found.forecast.warns(rules.green),
        "evidence": tell_evidence(found.forecast, rules.green, pen),
        "returnable": _returnable(found),
        "categories": [(say(call.plan.name("categories", p.category)), p) for p in found.parts],
        "agency_names": names,
        "milestones": [
            (m, story.done.get(m.position, Done(0, 0, None, ""))) for m in found.scheme.milestones
        ],
        "indicators": [
            indicator_row(i, attained.get(i.position), rules, pen) for i in found.scheme.indicators
        ],
        "grouped": grouped,
        "ended": PROJECT_STATES[found.facts.state] if found.facts.state != ACTIVE else None,
        "outcome": _outcome(found, pen),
        "aims": AIM_NAMES,
        "words": [(quarter_name(year, w.quarter), w) for w in story.words],
        "versions": story.versions,
        "causes": CAUSE_NAMES,
        "month": standing.month,
    }


def _outcome(found: ProjectStanding, pen: Pen) -> str:
    """How the year ended, once it is over."""
    if found.forecast.refusal is not OVER:
        return ""
    year = sum_parts(found.parts, MONTHS_OF_YEAR)
    spent, planned, share = (
        format_baht(year.spent),
        format_baht(year.planned_year),
        percent(year.spent, year.planned_year),
    )
    return pen(
        f"สิ้นปีเบิกจ่าย {spent} บาท คิดเป็นร้อยละ {share} ของแผนทั้งปี {planned} บาท",
        f"{spent} baht were paid by the year's end, {share} % of the {planned} baht planned for it.",
    )


def _returnable(found: ProjectStanding) -> tuple[int, Text] | None:
    return (
        None if found.returnable is None else (found.returnable.amount, REASON_NAMES[found.returnable.reason])
    )


def indicator_row(
    planned: PlannedIndicator, attained: Attainment | None, rules: ReportingRules, pen: Pen
) -> tuple[PlannedIndicator, Attainment | None, str, str, Any]:
    """An indicator with what it reached: why its quarter's share is not told, the year's in percent, and a light by the
    rule of all lights. Shares are rounded down, as those of lights are."""
    if attained is None:
        return planned, None, "–", "–", None
    year = "–"
    if attained.year_share is not None:
        whole, tenth = divmod(abs(floor(attained.year_share * 1000)), 10)
        year = f"{'-' if attained.year_share < 0 else ''}{whole}.{tenth}"
    if attained.share is None:
        return planned, attained, pen.name(attained.why) if attained.why else "–", year, None
    return planned, attained, "", year, light_tag(judge(attained.share, 1, rules))
