"""What a section's form offers: options of the call's lists, agencies by ministry, and combinations the plan has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.calls.facts import Choice, PlanStructure
from app.kernel.lean import dataclass
from app.kernel.money import MoneyError, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import sort_key
from app.proposals.drafts import LATER_YEARS
from app.proposals.facts import DIRECTION_NAMES, FORM_NAMES, LINK_KIND_NAMES, AgencyRef, Form
from app.proposals.sections import ROWS, Ground, empty_row
from app.web.agency.board import OpenProposal
from app.web.language import say
from app.web.tags import Options

SPARE_ROWS = {"integration": 1, "links": 1, "indicators": 1, "budget": 1}
MORE_ROWS = 5
_MOST = {"integration": "links", "links": "links", "indicators": "indicators", "budget": "lines"}

FORM_HELP = {
    Form.LINK: Text(
        "รูปแบบที่ 1: ระบบหรือข้อมูลของโครงการเชื่อมกับหน่วยงานอื่น ไม่ว่าหน่วยงานนั้นจะขอเงินด้วยหรือไม่",
        "Form 1: the project's system or data links with another agency's, whether or not that agency asks for money",
    ),
    Form.CURRICULUM: Text(
        "รูปแบบที่ 1 ข้อยกเว้น: ไม่ต้องมีการเชื่อมโยง หากใช้หลักสูตรกลางที่กำหนด",
        "Form 1, exception: no link is needed with the prescribed curriculum",
    ),
    Form.STANDARD: Text(
        "รูปแบบที่ 1 ข้อยกเว้น: ไม่ต้องมีการเชื่อมโยง หากหน่วยงานอื่นจะนำมาตรฐานไปใช้",
        "Form 1, exception: no link is needed when others will apply the standard",
    ),
    Form.SHARED_SERVICE: Text(
        "รูปแบบที่ 2: หน่วยงานเดียวสร้าง หลายหน่วยงานใช้ โดยไม่คิดค่าใช้จ่าย",
        "Form 2: one agency builds it, several use it, at no charge",
    ),
}


def choices(offered: Iterable[Choice], *, with_code: bool = False) -> Options:
    """The options of one list of the plan; guidelines and strategies are known by their numbers."""
    return Options((c.code, _numbered(c) if with_code else c.name) for c in offered)


def _numbered(choice: Choice) -> Text:
    return Text(f"{choice.code} {choice.name.th}", f"{choice.code} {choice.name.en}")


def by_ministry(agencies: Iterable[AgencyRef]) -> list[tuple[AgencyRef, list[AgencyRef]]]:
    """Agencies under their ministries in Thai order: [(an agency of the ministry, all of them)]."""
    grouped: dict[str, list[AgencyRef]] = {}
    for agency in agencies:
        grouped.setdefault(agency.ministry_code, []).append(agency)
    inside = sorted(grouped.values(), key=lambda members: sort_key(members[0].ministry.th))
    return [(members[0], members) for members in inside]


def plan_tree(plan: PlanStructure) -> str:
    """The plan's combinations for the script, in the reader's language: what each list offers, and under what."""
    return json.dumps(
        {
            "guidelines": [[g.code, say(_numbered(g)), plan.stage_of[g.code]] for g in plan.guidelines],
            "strategies": [
                [
                    s.code,
                    say(_numbered(s)),
                    [g for g, served in plan.guideline_strategies.items() if s.code in served],
                ]
                for s in plan.strategies
            ],
            "focusAreas": [[f.code, say(_numbered(f)), f.parent] for f in plan.focus_areas],
        },
        ensure_ascii=False,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Options under a heading."""

    name: Text
    options: Options


def plan_offers(plan: PlanStructure, shown: Mapping[str, str]) -> dict[str, list[Group]]:
    """What fits the choices made so far, grouped by what it belongs to. Without a choice above, all is offered; what
    was chosen and does not fit stays in its list, under a heading that says so."""
    stage, guideline, strategy = shown["stage"], shown["guideline"], shown["strategy"]
    stages = [s for s in plan.stages if s.code == stage] or plan.stages
    served = plan.guideline_strategies.get(guideline, ())
    strategies = [s for s in plan.strategies if s.code in served] or plan.strategies
    owners = [s for s in plan.strategies if s.code == strategy] or strategies
    stage_of = plan.stage_of
    return {
        "guidelines": _grouped(
            [(s.name, [g for g in plan.guidelines if stage_of[g.code] == s.code]) for s in stages],
            plan.guidelines,
            guideline,
        ),
        "strategies": _grouped([(_FITTING, list(strategies))], plan.strategies, strategy),
        "focus_areas": _grouped(
            [(_numbered(s), [f for f in plan.focus_areas if f.parent == s.code]) for s in owners],
            plan.focus_areas,
            shown["focus_area"],
        ),
    }


_FITTING = Text("ยุทธศาสตร์ที่แนวทางนี้รองรับ", "Strategies this guideline serves")
_MISFIT = Text("ไม่เข้ากับที่เลือกไว้ข้างบน", "Does not fit the choice above")


def _grouped(groups: list[tuple[Text, list[Choice]]], known: Iterable[Choice], chosen: str) -> list[Group]:
    offered = {choice.code for _, members in groups for choice in members}
    stray = [choice for choice in known if choice.code == chosen and chosen not in offered]
    return [Group(name, choices(m, with_code=True)) for name, m in [*groups, (_MISFIT, stray)] if m]


def padded(section: str, shown: Mapping[str, Any], ground: Ground, wanted: int) -> list[dict[str, str]]:
    """The rows of a section with blank ones after them: one to spare, or as many rows as were asked for."""
    rows = list(shown[ROWS[section][0]])
    most = getattr(ground.limits, _MOST[section])
    blank = empty_row(section)
    if section == "budget" and len(ground.agencies) == 1:
        blank["agency"] = ground.agencies[0]
    count = min(max(len(rows) + SPARE_ROWS[section], wanted), most)
    return rows + [dict(blank) for _ in range(count - len(rows))]


def _satang(typed: str) -> int:
    try:
        return parse_baht(typed) if typed.strip() else 0
    except MoneyError:
        return 0


@dataclass(frozen=True, slots=True)
class Sums:
    """What the typed budget rows add up to, satang; unreadable amounts count as nothing."""

    lines: tuple[int, ...]
    quarters: tuple[int, ...]
    later: tuple[int, ...]
    agencies: Mapping[str, int]
    categories: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.lines)


def sum_up(rows: Iterable[Mapping[str, str]]) -> Sums:
    """Add up rows as typed."""
    lines, quarters, later = [], [0] * 4, [0] * LATER_YEARS
    agencies: dict[str, int] = {}
    categories: dict[str, int] = {}
    for row in rows:
        digits = row["quantity"].replace(",", "").strip()
        amount = int(digits) * _satang(row["unit_price"]) if digits.isdecimal() and len(digits) < 12 else 0
        lines.append(amount)
        agencies[row["agency"]] = agencies.get(row["agency"], 0) + amount
        categories[row["category"]] = categories.get(row["category"], 0) + amount
        for i in range(4):
            quarters[i] += _satang(row[f"q{i + 1}"])
        for i in range(LATER_YEARS):
            later[i] += _satang(row[f"later{i + 1}"])
    return Sums(tuple(lines), tuple(quarters), tuple(later), agencies, categories)


def offers_for(
    section: str, opened: OpenProposal, ground: Ground, shown: Mapping[str, Any], wanted: int
) -> dict[str, Any]:
    """Everything a section's template needs besides the proposal itself and what is shown."""
    plan, agencies = opened.call.plan, opened.directory.values()
    if section == "names":
        others = [a for a in agencies if a.code != opened.facts.lead.code]
        return {"ministries": by_ministry(others)}
    if section == "plan":
        return {"plan": plan, "tree": plan_tree(plan), "offers": plan_offers(plan, shown)}
    if section == "integration":
        return {
            "rows": padded(section, shown, ground, wanted),
            "form_choices": [(f.value, say(FORM_NAMES[f]), say(FORM_HELP[f])) for f in Form],
            "kinds": Options(LINK_KIND_NAMES.items()),
            "directions": Options((d.value, name) for d, name in DIRECTION_NAMES.items()),
            "partners": Options((a.code, a.name) for a in agencies),
            "channels": choices(plan.platforms),
            "curricula": choices(plan.curricula),
            "ministries": by_ministry(agencies),
        }
    if section == "links":
        return {
            "rows": padded(section, shown, ground, wanted),
            "kinds": Options(LINK_KIND_NAMES.items()),
            "directions": Options((d.value, name) for d, name in DIRECTION_NAMES.items()),
            "partners": Options((a.code, a.name) for a in agencies),
            "channels": choices(plan.platforms),
        }
    if section == "indicators":
        return {"rows": padded(section, shown, ground, wanted)}
    if section == "budget":
        rows = padded(section, shown, ground, wanted)
        own = [(code, opened.directory[code].name) for code in ground.agencies]
        gone = {row["agency"] for row in rows} - {code for code, _ in own} - {""}
        own += [(code, _gone(opened.directory[code])) for code in sorted(gone) if code in opened.directory]
        return {
            "rows": rows,
            "sums": sum_up(rows),
            "agencies": Options(own),
            "agency_names": own,
            "categories": choices(plan.categories),
            "category_names": plan.categories,
        }
    return {}


def _gone(agency: AgencyRef) -> Text:
    return Text(f"{agency.name.th} (ไม่ได้อยู่ในโครงการแล้ว)", f"{agency.name.en} (no longer in the proposal)")
