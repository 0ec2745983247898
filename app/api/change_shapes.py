"""Changes of plans as they are asked for and told: their shapes, and a change written in them."""

from __future__ import annotations

from typing import Any

from app.api.calls import CODE
from app.api.operations import write_moment
from app.api.projects import PLAN_FIELDS, write_plan
from app.api.shapes import Baht, Day, Flag, Listed, Maybe, Moment, OneOf, Shape, Thing, Whole, Words
from app.monitoring.changing import NEW_LINES
from app.monitoring.facts import ASKED_FOR
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR
from app.monitoring.planning import LONGEST_REASON, LONGEST_TITLE, MOST_MILESTONES
from app.monitoring.queries.changes import ChangeRow, ChangeView
from app.monitoring.states import CHANGE_STATES

KIND = OneOf(tuple(kind.value for kind in ASKED_FOR))
CHANGE_FIELDS: dict[str, Shape] = {
    "ordinal": Whole(1, 10_000, "Of the project, from 1 on"),
    "kind": KIND,
    "state": OneOf(tuple(CHANGE_STATES)),
    "is_returned": Flag("Whether the secretariat gave this draft back to be mended"),
    "base": Whole(1, 10_000, "The version of the plan it was made from"),
    "version": Whole(1, 2**31 - 1, "To be told as `seen_version` by whoever writes over a draft"),
    "reason": Words(20_000),
    "note": Words(20_000, about="What the secretariat said of it"),
    "asked_at": Maybe(Moment()),
    "judged_at": Maybe(Moment()),
}
PLAN_CHANGE_ROW = Thing("PlanChangeRow", CHANGE_FIELDS)
PLAN_CHANGE = Thing(
    "PlanChange", {**CHANGE_FIELDS, **PLAN_FIELDS}, about="A change, with the plan it asks for"
)

# The parts that say what is to be otherwise; which of them a kind has is `sent_changes.KINDS_OF`.
_PARTS: dict[str, Shape] = {
    "lines": Listed(
        Thing("LineChange", {"position": Whole(1, 10_000), "amount": Baht()}),
        10_000,
        "Lines of the plan with another amount",
    ),
    "new_lines": Listed(
        Thing(
            "NewLine",
            {"agency": CODE, "category": CODE, "item": Words(500, needed=True), "amount": Baht()},
        ),
        NEW_LINES,
        "Lines that are added",
    ),
    "spending": Listed(
        Thing(
            "SpendingChange",
            {
                "agency": CODE,
                "category": CODE,
                "months": Listed(
                    Baht(), MONTHS_OF_YEAR, "All twelve months, October first", least=MONTHS_OF_YEAR
                ),
            },
        ),
        10_000,
        "Rows of the plan with other months. Months that are not sent follow what becomes of their lines",
    ),
    "milestones": Listed(
        Thing(
            "MilestoneChange",
            {
                "position": Maybe(Whole(1, 10_000), "Of a milestone of the plan; null for a new one"),
                "agency": CODE,
                "title": Words(LONGEST_TITLE, needed=True),
                "due_on": Day(),
                "weight": Whole(0, 100, "Percent; all together 100"),
            },
        ),
        MOST_MILESTONES,
        "All of them as they are to be: one of the plan that is left out goes",
    ),
    "indicators": Listed(
        Thing(
            "IndicatorChange",
            {
                "position": Whole(1, 10_000),
                "quarters": Listed(
                    Words(200),
                    4,
                    "To be reached by the end of each; empty where nothing is measured",
                    least=4,
                ),
            },
        ),
        1000,
        "Indicators of the plan with other targets",
    ),
    "ends_on": Day("When the project is to end; needed for an extension"),
    "carried": Listed(
        Thing("CarriedOver", {"agency": CODE, "category": CODE, "amount": Baht()}),
        10_000,
        "What of a row is to be spent after the year's end",
    ),
    "carried_until": Whole(
        MONTHS_OF_YEAR + 1, LAST_MONTH, "The last month it is spent in; 13 is the October after the year"
    ),
}
ASKED_CHANGE = Thing(
    "AskedChange",
    {
        "kind": KIND,
        "plan_version": Whole(1, 10_000, "Of the project as it was read; 409 when the plan has moved on"),
        "reason": Words(LONGEST_REASON, about="Why, in at least 20 characters once it is sent"),
        "send": Flag("Whether to put it to the secretariat; else it is kept as a draft"),
        "seen_version": Maybe(Whole(1, 2**31 - 1), "Of the draft there is already; null where there is none"),
        **_PARTS,
    },
    optional=frozenset(_PARTS),
    about="What is to be otherwise than in the plan in force; what is left out stays. `detail` takes spending, milestones "
    "and indicators; `transfer` and `agencies` take lines, new_lines and spending; `scope` takes all of these; `extension` "
    "takes ends_on, milestones and indicators; `carry_over` takes carried and carried_until; `cancellation` takes nothing",
    examples=(
        {
            "kind": "transfer",
            "plan_version": 1,
            "reason": "ราคาเครื่องแม่ข่ายต่ำกว่าที่ตั้งไว้ จึงขอโอนไปเป็นค่าสิทธิการใช้งาน",
            "send": True,
            "seen_version": None,
            "lines": [{"position": 1, "amount": "900000.50"}],
            "new_lines": [
                {
                    "agency": "dga",
                    "category": "operations",
                    "item": "สิทธิการใช้งานระบบ 12 เดือน",
                    "amount": "100000.50",
                }
            ],
        },
        {
            "kind": "extension",
            "plan_version": 1,
            "reason": "ผู้รับจ้างส่งมอบงานล่าช้าเพราะอุปกรณ์ขาดตลาด ขอขยายเวลาสองเดือน",
            "send": True,
            "seen_version": None,
            "ends_on": "2026-11-30",
        },
    ),
)


def write_change_row(row: ChangeRow) -> dict[str, Any]:
    """A change in a list, as it is sent."""
    return {
        "ordinal": row.ordinal,
        "kind": row.kind.value,
        "state": row.state,
        "is_returned": row.is_returned,
        "base": row.base,
        "version": row.version,
        "reason": row.reason,
        "note": row.note,
        "asked_at": write_moment(row.asked_at) if row.asked_at else None,
        "judged_at": write_moment(row.judged_at) if row.judged_at else None,
    }


def write_change(view: ChangeView) -> dict[str, Any]:
    """A change with its plan, as it is sent."""
    return {**write_change_row(view.row), **write_plan(view.proposed)}
