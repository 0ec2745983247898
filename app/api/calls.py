"""What everybody may read: the calls, what they ask for, and the register of agencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from app.api.door import open_to_all
from app.api.operations import (
    CURSOR,
    FISCAL_YEAR,
    LIMIT,
    Answer,
    Asked,
    get,
    page_of,
    write_moment,
    write_page,
)
from app.api.shapes import BOTH, Baht, Flag, Listed, Moment, OneOf, Thing, Whole, Words
from app.calls.facts import Choice, Limits, Origin, Phase, PlanStructure, deadline_of
from app.calls.queries import CallView, get_call, list_calls
from app.identity.queries import list_agencies
from app.kernel.db import db
from app.kernel.money import decimal_baht
from app.kernel.text import Text

TAG = "calls"
CODE = Words(40, about="A code")

CALL_ROW_FIELDS = {
    "fiscal_year": Whole(2500, 2699, "B.E."),
    "name": BOTH,
    "origin": OneOf(tuple(o.value for o in Origin), "filed, imported from documents, or synthetic"),
    "opens_at": Moment("When the window opens"),
    "closes_at": Moment("The moment just before which must be filed; extensions for every agency included"),
    "grace_minutes": Whole(0, 100_000),
    "phase": OneOf(tuple(p.value for p in Phase)),
    "ceiling": Baht(),
}
CALL_ROW = Thing("CallRow", CALL_ROW_FIELDS)
CHOICE = Thing(
    "Choice", {"code": CODE, "name": BOTH, "parent": Words(40, about="The code one level up, or empty")}
)
GUIDELINE = Thing(
    "Guideline",
    {"code": CODE, "name": BOTH, "goal": CODE, "stage": CODE, "strategies": Listed(CODE)},
)
_LISTS = (
    "stages",
    "goals",
    "strategies",
    "focus_areas",
    "categories",
    "platforms",
    "curricula",
    "attachment_kinds",
)
PLAN = Thing(
    "Plan",
    {
        "code": CODE,
        "version": Whole(1, 10_000),
        "title": BOTH,
        **{name: Listed(CHOICE) for name in _LISTS},
        "guidelines": Listed(GUIDELINE),
    },
    about="The plan structure of a call: the codes its forms take",
)
LIMITS = Thing("Limits", {f.name: Whole(0, 1_000_000) for f in fields(Limits)}, about="How long and how many")
CALL = Thing(
    "Call",
    {
        **CALL_ROW_FIELDS,
        "note": BOTH,
        "requires_certification": Flag("Whether a filing needs the certifiers' signatures"),
        "limits": LIMITS,
        "plan": PLAN,
        "rulebook": Thing(
            "DocumentVersion", {"code": CODE, "version": Whole(1, 10_000), "sha256": Words(64)}
        ),
    },
)
AGENCY = Thing(
    "Agency", {"code": CODE, "name": BOTH, "ministry": Thing("Ministry", {"code": CODE, "name": BOTH})}
)


def said(text: Text) -> dict[str, str]:
    """Words as they are sent."""
    return text.as_dict()


def _row(call: CallView, asked: Asked) -> dict[str, Any]:
    deadline = deadline_of(call, None)
    return {
        "fiscal_year": call.fiscal_year,
        "name": said(call.name),
        "origin": call.origin.value,
        "opens_at": write_moment(deadline.opens_at),
        "closes_at": write_moment(deadline.closes_at),
        "grace_minutes": call.grace_minutes,
        "phase": deadline.judge(asked.now).value,
        "ceiling": decimal_baht(call.ceiling),
    }


def _choices(choices: Iterable[Choice]) -> list[dict[str, Any]]:
    return [{"code": c.code, "name": said(c.name), "parent": c.parent} for c in choices]


def _plan(plan: PlanStructure) -> dict[str, Any]:
    return {
        "code": plan.code,
        "version": plan.version,
        "title": said(plan.title),
        **{name: _choices(getattr(plan, name)) for name in _LISTS},
        "guidelines": [
            {
                "code": g.code,
                "name": said(g.name),
                "goal": g.parent,
                "stage": plan.stage_of[g.code],
                "strategies": list(plan.guideline_strategies.get(g.code, ())),
            }
            for g in plan.guidelines
        ],
    }


@get(
    "/calls",
    Text("รอบคำขอทั้งหมด ปีล่าสุดก่อน", "Every call, the latest year first"),
    page_of("CallPage", CALL_ROW),
    tag=TAG,
    query=(LIMIT, CURSOR),
)
@open_to_all
def list_all_calls(asked: Asked) -> Answer:
    before = int(asked.cursor) if asked.cursor.isdecimal() else 10_000
    calls = [c for c in list_calls(db.session()) if c.fiscal_year < before]
    return write_page(asked, ((str(c.fiscal_year), _row(c, asked)) for c in calls[: asked.limit + 1]))


@get(
    "/calls/{fiscal_year}",
    Text("รอบคำขอของปีหนึ่ง พร้อมโครงสร้างแผนและข้อจำกัดของแบบฟอร์ม", "One call with its plan structure and limits"),
    CALL,
    tag=TAG,
    path=(FISCAL_YEAR,),
)
@open_to_all
def read_call(asked: Asked) -> Answer:
    call = get_call(db.session(), asked.path["fiscal_year"])
    return Answer(
        {
            **_row(call, asked),
            "note": said(call.note),
            "requires_certification": call.is_certified,
            "limits": {f.name: getattr(call.limits, f.name) for f in fields(Limits)},
            "plan": _plan(call.plan),
            "rulebook": {
                "code": call.rulebook.code,
                "version": call.rulebook.version,
                "sha256": call.rulebook_sha256,
            },
        }
    )


@get(
    "/agencies",
    Text("ทะเบียนหน่วยรับงบประมาณ ตามรหัส", "The register of agencies, by code"),
    page_of("AgencyPage", AGENCY),
    tag=TAG,
    query=(LIMIT, CURSOR),
)
@open_to_all
def list_register(asked: Asked) -> Answer:
    agencies = sorted(list_agencies(db.session()), key=lambda a: a.code)
    found = [a for a in agencies if a.code > asked.cursor][: asked.limit + 1]
    return write_page(
        asked,
        (
            (
                a.code,
                {
                    "code": a.code,
                    "name": said(a.name),
                    "ministry": {"code": a.ministry_code, "name": said(a.ministry)},
                },
            )
            for a in found
        ),
    )
