"""What a page of plan against actual was asked for in its address, and the choices it offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request
from markupsafe import Markup

from app.calls.queries import CallView
from app.figures.pen import Pen
from app.kernel.text import Text
from app.monitoring.lights import LIGHT_NAMES, Judged, Light
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR, month_name
from app.monitoring.queries.standing_views import CallStanding, Choice
from app.web.forms import read_id
from app.web.language import t
from app.web.tags import Options, tag
from reports.document import Chart, Table
from reports.thai import cell_text, unit_of

LIGHT_KINDS = {Light.GREEN: "good", Light.AMBER: "warn", Light.RED: "bad", Light.NONE: "plain"}
SYNTHETIC = Text("ข้อมูลสังเคราะห์เพื่อการสาธิต", "Synthetic data for demonstration")


def read_choice() -> Choice:
    """The address's wishes; what makes no sense narrows nothing."""
    args = request.args
    month = read_id(args.get("month")) or 0
    return Choice(
        month=month if month <= LAST_MONTH else 0,
        stage=args.get("stage", "")[:20],
        guideline=args.get("guideline", "")[:20],
        ministry=args.get("ministry", "")[:20],
        agency=read_id(args.get("agency")) or 0,
        category=args.get("category", "")[:20],
        text=args.get("q", "")[:200].strip(),
        first_plan=args.get("plan") == "first",
    )


def address_of(chosen: Choice) -> dict[str, Any]:
    """The wishes as the address's fields, those that say something."""
    fields = {
        "month": str(chosen.month or ""),
        "stage": chosen.stage,
        "guideline": chosen.guideline,
        "ministry": chosen.ministry,
        "agency": str(chosen.agency or ""),
        "category": chosen.category,
        "q": chosen.text,
        "plan": "first" if chosen.first_plan else "",
    }
    return {key: value for key, value in fields.items() if value}


def month_options(standing: CallStanding) -> Markup:
    """The months that can be shown: the year's, and those after it that were reported."""
    year, last = standing.monitored.fiscal_year, max(MONTHS_OF_YEAR, standing.latest)
    return Options((str(m), month_name(year, m)) for m in range(1, last + 1)).html(standing.month)


def plan_options(standing: CallStanding) -> Markup:
    """What actual is held against, beside the plan in force."""
    first = Text("แผนแรกที่ได้รับอนุมัติ", "The first plan as granted")
    return Options([("first", first)]).html("first" if standing.chosen.first_plan else "")


def filter_options(standing: CallStanding, call: CallView) -> Mapping[str, Markup]:
    """What the filters offer: months, stages, guidelines, ministries, categories, and the two plans."""
    chosen, plan = standing.chosen, call.plan
    ministries = dict(sorted({a.ministry_code: a.ministry for a in standing.agencies.values()}.items()))
    pairs: dict[str, tuple[Iterable[tuple[str, Text]], str]] = {
        "stage": (((c.code, c.name) for c in plan.stages), chosen.stage),
        "guideline": (
            ((c.code, Text(f"{c.code} {c.name.th}", f"{c.code} {c.name.en}")) for c in plan.guidelines),
            chosen.guideline,
        ),
        "ministry": (ministries.items(), chosen.ministry),
        "category": (((c.code, c.name) for c in plan.categories), chosen.category),
    }
    options = {key: Options(choices).html(wanted) for key, (choices, wanted) in pairs.items()}
    return {**options, "month": month_options(standing), "plan": plan_options(standing)}


def light_tag(judged: Judged) -> Markup:
    """A light with its word and its share."""
    if judged.share is None:
        return tag(LIGHT_KINDS[judged.light], LIGHT_NAMES[judged.light])
    whole, tenth = divmod(abs(judged.share), 10)
    words, share = LIGHT_NAMES[judged.light], f"{'-' if judged.share < 0 else ''}{whole}.{tenth} %"
    return tag(LIGHT_KINDS[judged.light], Text(f"{words.th} {share}", f"{words.en} {share}"))


def drawn(chart: Chart, table: Table, pen: Pen) -> dict[str, Any]:
    """A chart as a page shows it: the picture, and its numbers as printed."""
    from reports.charts import chart_svg  # imported late: it loads the typeface

    return {
        "chart": chart,
        "picture": Markup(chart_svg(chart, False, pen.language)),  # noqa: S704 (our own drawing)
        "heads": [c.title for c in table.columns],
        "rows": [
            [cell_text(v, c.kind, pen.language) for v, c in zip(row, table.columns, strict=True)]
            for row in table.values()
        ],
        "unit": unit_of(chart.value_kind, chart.unit, pen.language),
    }


def label_of(standing: CallStanding) -> Text | None:
    """What must stand beside the figures."""
    return SYNTHETIC if standing.monitored.is_synthetic else None


def lead_of(standing: CallStanding) -> str:
    """The month the page is of, and how far reports go, in one sentence."""
    year = standing.monitored.fiscal_year
    month, latest = month_name(year, standing.month), month_name(year, max(standing.latest, 1))
    if not standing.latest:
        return t("ยังไม่มีรายงานที่รับรองแล้ว", "No report has been accepted yet.")
    return t(
        f"ณ สิ้นเดือน{month.th} (รายงานที่รับรองแล้วล่าสุด {latest.th})",
        f"At the end of {month.en} (latest accepted reports: {latest.en})",
    )
