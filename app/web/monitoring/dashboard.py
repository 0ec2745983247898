"""How a fiscal year stands: its money against plan and targets, by whom it is spent, what is late, what is warned of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, url_for

from app.calls.queries import CallView, get_call
from app.figures.monitoring_charts import curve_chart
from app.figures.monitoring_tables import curve_table, target_rows
from app.figures.monitoring_words import percent
from app.figures.pen import Pen
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.money import format_million
from app.kernel.text import Text
from app.monitoring.lights import LIGHT_NAMES, MEASURE_NAMES, ORDER, Measure, judge, rule_in_words
from app.monitoring.periods import period_name
from app.monitoring.queries.standing import standing_of
from app.monitoring.queries.standing_views import CallStanding, Group
from app.monitoring.standings import Sums
from app.monitoring.states import PROJECT_STATES
from app.monitoring.targets import CLASS_NAMES, CLASS_RULE
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import count, language, say, t
from app.web.monitoring.asked import (
    LIGHT_KINDS,
    address_of,
    drawn,
    filter_options,
    label_of,
    lead_of,
    light_tag,
    read_choice,
)
from app.web.monitoring.desk import blueprint
from app.web.signing import current_actor

WARNINGS_SHOWN = 5
Ledger = tuple[Text, Text, list[tuple[str, str, Sums, str, Any]], Sums]


@blueprint.get("/<int:fiscal_year>")
@needs(Permission.READ_MONITORING)
def dashboard(fiscal_year: int) -> str:
    """The year at the end of a month."""
    session = db.session()
    call = get_call(session, fiscal_year)
    standing = standing_of(session, current_actor(), fiscal_year, arrived(), read_choice())
    return render_template(
        "monitoring/dashboard.html",
        **dashboard_words(standing, call),
        options=filter_options(standing, call),
        ledgers=_ledgers(standing, call),
        late=[(late, period_name(fiscal_year, late.kind, late.period)) for late in standing.late],
        warned=standing.warned[:WARNINGS_SHOWN],
        number_warned=len(standing.warned),
    )


def dashboard_words(standing: CallStanding, call: CallView) -> dict[str, Any]:
    """What every dashboard shows: the few figures, the curve, targets, lights and their rules."""
    pen, year = Pen(language()), standing.monitored.fiscal_year
    sums = standing.sums
    chart = curve_chart(standing.curve, year, pen, targets=standing.targets, allotted=sums.allotted)
    return {
        "call": call,
        "standing": standing,
        "sums": sums,
        "label": label_of(standing),
        "lead": lead_of(standing),
        "figures": key_figures(standing, sums),
        "figure": drawn(chart, curve_table(standing, pen), pen),
        "targets": target_rows(standing) if standing.targets else [],
        "class_names": CLASS_NAMES,
        "class_rule": CLASS_RULE,
        "lights": _lights(standing),
        "light_heads": [(LIGHT_KINDS[light], LIGHT_NAMES[light]) for light in ORDER],
        "rules": [rule_in_words(m, standing.monitored.rules) for m in Measure],
        "here_fields": address_of(standing.chosen),
        "states": PROJECT_STATES,
        "returnable": sum(p.returnable.amount for p in standing.projects if p.returnable),
        "green": standing.monitored.rules.green,
    }


def key_figures(standing: CallStanding, sums: Sums) -> list[tuple[str, str, str]]:
    """The few figures of a call."""
    million = t("ล้านบาท", "million baht")
    told = standing.forecast_total
    figures = [
        (t("โครงการ", "Projects"), count(sums.projects), ""),
        (t("วงเงินที่ใช้ได้", "May be spent"), format_million(sums.allotted), million),
        (
            t("แผนถึงเดือนนี้", "Planned by now"),
            format_million(sums.planned),
            f"{million} ({percent(sums.planned, sums.allotted)} %)",
        ),
        (
            t("เบิกจ่ายแล้ว", "Paid"),
            format_million(sums.spent),
            f"{million} ({percent(sums.spent, sums.allotted)} %)",
        ),
        (
            t("ก่อหนี้ผูกพันแล้ว", "Committed"),
            format_million(sums.committed),
            f"{million} ({percent(sums.committed, sums.allotted)} %)",
        ),
    ]
    if told is not None:
        figures.append((t("คาดการณ์สิ้นปี", "Expected by the year's end"), format_million(told), million))
    return figures


def _lights(standing: CallStanding) -> list[tuple[Text, list[int]]]:
    counted = standing.count_lights()
    return [(MEASURE_NAMES[m], [counted[m.value][light] for light in ORDER]) for m in Measure]


def _ledgers(standing: CallStanding, call: CallView) -> list[Ledger]:
    plan = call.plan
    stages = [(c.code, c.name) for c in plan.stages]
    guidelines = [(c.code, Text(f"{c.code} {c.name.th}", f"{c.code} {c.name.en}")) for c in plan.guidelines]
    found: list[tuple[str, Text, Text, Sequence[Group]]] = [
        ("ministry", Text("กระทรวง", "Ministry"), Text("ตามกระทรวง", "By ministry"), standing.by_ministry()),
        (
            "stage",
            Text("ช่วง", "Stage"),
            Text("ตามช่วงห่วงโซ่คุณค่า", "By stage"),
            standing.by_project(lambda facts: facts.stage, stages),
        ),
        (
            "category",
            Text("งบรายจ่าย", "Category"),
            Text("ตามงบรายจ่าย", "By expenditure category"),
            standing.by_part(lambda part: part.category, lambda code: plan.name("categories", code)),
        ),
        (
            "guideline",
            Text("แนวทาง", "Guideline"),
            Text("ตามแนวทาง", "By guideline"),
            standing.by_project(lambda facts: facts.guideline, guidelines),
        ),
        ("agency", Text("หน่วยงาน", "Agency"), Text("ตามหน่วยงาน", "By agency"), standing.by_agency()),
    ]
    fields, year, rules = (
        address_of(standing.chosen),
        standing.monitored.fiscal_year,
        standing.monitored.rules,
    )
    return [
        (
            head,
            title,
            [
                (
                    say(g.name),
                    url_for("monitoring.dashboard", fiscal_year=year, **{**fields, key: g.code}),
                    g.sums,
                    percent(g.sums.spent, g.sums.allotted),
                    light_tag(judge(g.sums.spent, g.sums.planned, rules)),
                )
                for g in groups
            ],
            standing.sums,
        )
        for key, head, title, groups in found
        if groups
    ]
