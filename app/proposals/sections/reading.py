"""From what was typed in one section to the draft's section value, and back for showing.

Field names are the places of problems: "names-title_th", "integration-2-partner", "budget-3-quantity". What a form
shows has the shape of the section's value (see `drafts`) with everything as it was typed; rows that hold nothing are
dropped and the others renumbered, before anything is judged.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.calls.facts import Limits, PlanStructure
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import LARGEST_SATANG, format_baht, from_decimal_baht
from app.kernel.text import Text
from app.proposals.drafts import LATER_KEYS, QUARTER_KEYS, empty_draft, facts_from_draft
from app.proposals.facts import LINK_KIND_NAMES, AgencyRef, Direction, Form
from app.proposals.least import LEAST, LEAST_SCOPE
from app.proposals.rules import list_inconsistent
from app.proposals.sections.typed import Typed

Value = dict[str, Any]
Sent = Mapping[str, str | Sequence[str]]

UNIT_LENGTH = 100  # as `submitted_lines.unit` keeps it

_LINES = {
    "names": ("title_th", "title_en"),
    "plan": ("stage", "guideline", "strategy", "focus_area"),
    "integration": (
        "curriculum",
        "curriculum_detail",
        "standard",
        "standard_scope",
        "service_name",
        "service_free",
    ),
    "rationale": ("rationale", "objectives", "outputs"),
    "budget": ("least", "least_scope"),
}
_LISTS = {"names": ("participants",), "integration": ("forms", "service_users")}
AMOUNT_KEYS = ("unit_price", *QUARTER_KEYS, *LATER_KEYS)
LINK_FIELDS = ("kind", "name", "direction", "partner", "partner_other", "channel")
INDICATOR_FIELDS = ("name", "unit", "baseline", "target")
BUDGET_FIELDS = ("agency", "category", "item", "quantity", "unit", *AMOUNT_KEYS)
# section -> the list its rows are kept in, and their fields
ROWS = {
    "integration": ("links", LINK_FIELDS),
    "links": ("rows", LINK_FIELDS),
    "indicators": ("rows", INDICATOR_FIELDS),
    "budget": ("rows", BUDGET_FIELDS),
}
_OFFERED_FILLED = {"agency"}  # a fresh budget row comes with its agency chosen; that alone makes it no row

_QUARTER_NAMES = tuple(Text(f"ไตรมาส {n}", f"quarter {n}") for n in (1, 2, 3, 4))
_LATER_NAMES = tuple(Text(f"ผูกพันปีที่ {n}", f"commitment of year {n}") for n in (1, 2, 3, 4))
_AMOUNT_NAMES = dict(
    zip(
        AMOUNT_KEYS,
        (Text("ราคาต่อหน่วย", "unit price"), *_QUARTER_NAMES, *_LATER_NAMES),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a section is read against. `agencies` are the codes of the proposal's agencies, the lead first; `is_part`
    says that it is a section of a participant's part."""

    plan: PlanStructure
    limits: Limits
    directory: Mapping[str, AgencyRef]
    agencies: tuple[str, ...]
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A section as typed, the value it amounts to, and what must be mended before that can be filed.

    `kept` is the value with whatever could not be read set aside under "unread", so that it can be saved as it stands.
    It is None when something is wrong that belongs to no single field, such as too many rows.
    """

    shown: Value
    value: Value
    problems: tuple[Problem, ...]
    kept: Value | None


def read_section(section: str, sent: Sent, ground: Ground) -> Reading:
    """Read what was sent for one section. `value` is to be used only when there are no problems."""
    return _read(section, _gather(section, sent), ground)


def _read(section: str, shown: Value, ground: Ground) -> Reading:
    typed = Typed(section)
    value = _READERS[section](typed, shown, ground)
    if section in ("plan", "integration", "links", "budget"):
        typed.problems.extend(_inconsistent(section, value, ground))
    problems = _one_per_place(typed.problems)
    return Reading(shown, value, problems, _set_aside(section, shown, value, problems))


def _set_aside(section: str, shown: Value, value: Value, problems: tuple[Problem, ...]) -> Value | None:
    """The value without what could not be read, and that beside it as it was typed."""
    if not problems:
        return value
    kept = copy.deepcopy(value)
    unread: dict[str, str] = {}
    for problem in problems:
        spot = _spot(section, problem.place, kept)
        if spot is None:
            return None
        holder, field = spot
        typed_in, _ = _spot(section, problem.place, shown) or (shown, field)
        unread[problem.place] = typed_in[field]
        holder[field] = ""
    return kept | {"unread": unread}


def _spot(section: str, place: str, value: Value) -> tuple[dict[str, Any], str] | None:
    """The mapping that holds the field at a place, and its key there; None for what is no field of text."""
    field = place.removeprefix(f"{section}-")
    if field in _LINES.get(section, ()):
        return value, field
    number, _, cell = field.partition("-")
    if section not in ROWS or not number.isdigit():
        return None
    key, fields = ROWS[section]
    rows = value[key]
    return (rows[int(number) - 1], cell) if cell in fields and 0 < int(number) <= len(rows) else None


def show_section(section: str, value: Value) -> Value:
    """A saved section as its form shows it: amounts and quantities with their thousands separated, and what could not
    be read as it was typed."""
    unread = value.get("unread", {})
    shown = copy.deepcopy({key: kept for key, kept in value.items() if key != "unread"}) if unread else value
    if section == "budget":
        least = shown.get("least", "")
        shown = {
            "rows": [_show_line(row) for row in shown["rows"]],
            "least": format_baht(from_decimal_baht(least)) if least else "",
            "least_scope": shown.get("least_scope", ""),
        }
    for place, typed in unread.items():
        spot = _spot(section, place, shown)
        if spot is not None:
            spot[0][spot[1]] = typed
    return shown


def list_unreadable(section: str, value: Value, ground: Ground) -> tuple[Problem, ...]:
    """Why what is kept as typed cannot be read, each at its field."""
    unread = value.get("unread")
    if not unread:
        return ()
    problems = _read(section, show_section(section, value), ground).problems
    return tuple(p for p in problems if p.place in unread)


def empty_row(section: str) -> dict[str, str]:
    """A row of a section with nothing typed."""
    return dict.fromkeys(ROWS[section][1], "")


def _show_line(row: Mapping[str, str]) -> dict[str, str]:
    shown = dict(row)
    for key in AMOUNT_KEYS:
        if row[key]:
            shown[key] = format_baht(from_decimal_baht(row[key]))
    if row["quantity"]:
        shown["quantity"] = f"{int(row['quantity']):,}"
    return shown


def _one(sent: Sent, name: str) -> str:
    value = sent.get(name, "")
    return value if isinstance(value, str) else value[0] if value else ""


def _many(sent: Sent, name: str) -> list[str]:
    value = sent.get(name, ())
    return [value] if isinstance(value, str) else list(value)


def _gather(section: str, sent: Sent) -> Value:
    shown: Value = {field: _one(sent, f"{section}-{field}") for field in _LINES.get(section, ())}
    shown |= {field: _many(sent, f"{section}-{field}") for field in _LISTS.get(section, ())}
    if section == "integration":
        shown["service_all"] = bool(_one(sent, "integration-service_all"))
    if section in ROWS:
        key, fields = ROWS[section]
        shown[key] = list(_gather_rows(section, fields, sent))
    return shown


def _gather_rows(section: str, fields: tuple[str, ...], sent: Sent) -> Iterator[dict[str, str]]:
    pattern = re.compile(rf"{section}-([0-9]{{1,5}})-[a-z_0-9]+")
    numbers = {match[1] for name in sent if (match := pattern.fullmatch(name))}
    for number in sorted(numbers, key=lambda digits: (int(digits), digits)):
        row = {field: _one(sent, f"{section}-{number}-{field}") for field in fields}
        if any(row[field].strip() for field in fields if field not in _OFFERED_FILLED):
            yield row


def _names(typed: Typed, shown: Value, on: Ground) -> Value:
    others = on.directory.keys() - {on.agencies[0]}
    return {
        "title_th": typed.line(
            "title_th",
            shown["title_th"],
            Text("ชื่อโครงการภาษาไทย", "Project name in Thai"),
            on.limits.title,
        ),
        "title_en": typed.line(
            "title_en",
            shown["title_en"],
            Text("ชื่อโครงการภาษาอังกฤษ", "Project name in English"),
            on.limits.title,
        ),
        "participants": typed.codes(
            "participants",
            shown["participants"],
            Text("หน่วยงานร่วมดำเนินการ", "Participating agencies"),
            others,
            on.limits.participants,
        ),
    }


def _plan(typed: Typed, shown: Value, on: Ground) -> Value:
    """A guideline chosen without its stage brings the stage along, and a focus area its strategy."""
    value = {field: shown[field].strip() for field in _LINES["plan"]}
    value["stage"] = value["stage"] or on.plan.stage_of.get(value["guideline"], "")
    if not value["strategy"]:
        owners = (f.parent for f in on.plan.focus_areas if f.code == value["focus_area"])
        value["strategy"] = next(owners, "")
    return value


def _integration(typed: Typed, shown: Value, on: Ground) -> Value:
    limits = on.limits
    links = Text("การเชื่อมโยง", "Links")
    typed.count("links", len(shown["links"]), links, limits.links)
    return {
        "forms": typed.codes(
            "forms", shown["forms"], Text("รูปแบบการบูรณาการ", "Forms of integration"), list(Form), len(Form)
        ),
        "links": [_link(typed, n, row, on) for n, row in enumerate(shown["links"], 1)],
        "curriculum": shown["curriculum"],
        "curriculum_detail": typed.paragraphs(
            "curriculum_detail",
            shown["curriculum_detail"],
            Text("รายละเอียดการใช้หลักสูตร", "How the curriculum is used"),
            limits.long,
        ),
        "standard": typed.line(
            "standard",
            shown["standard"],
            Text("ชื่อมาตรฐานหรือแนวนโยบาย", "Name of the standard"),
            limits.short,
        ),
        "standard_scope": typed.paragraphs(
            "standard_scope",
            shown["standard_scope"],
            Text("ผู้ที่จะใช้มาตรฐาน", "Who will apply the standard"),
            limits.long,
        ),
        "service_name": typed.line(
            "service_name",
            shown["service_name"],
            Text("ชื่อระบบหรือบริการกลาง", "Name of the central service"),
            limits.short,
        ),
        "service_free": typed.code(
            "service_free", shown["service_free"], Text("การคิดค่าใช้จ่าย", "Charge"), ("yes", "no")
        ),
        "service_all": shown["service_all"],
        "service_users": typed.codes(
            "service_users",
            shown["service_users"],
            Text("หน่วยงานผู้ใช้บริการ", "Agencies that use the service"),
            on.directory,
            limits.users,
        ),
    }


def _part_links(typed: Typed, shown: Value, on: Ground) -> Value:
    typed.count("rows", len(shown["rows"]), Text("การเชื่อมโยง", "Links"), on.limits.links)
    return {"rows": [_link(typed, n, row, on) for n, row in enumerate(shown["rows"], 1)]}


def _link(typed: Typed, n: int, row: Mapping[str, str], on: Ground) -> dict[str, str]:
    def name(th: str, en: str) -> Text:
        return Text(f"การเชื่อมโยงที่ {n} {th}", f"Link {n}, {en}")

    partner_name = name("หน่วยงานคู่เชื่อม", "partner")
    value = {
        "kind": typed.code(f"{n}-kind", row["kind"], name("ประเภท", "kind"), LINK_KIND_NAMES),
        "name": typed.line(
            f"{n}-name", row["name"], name("ชื่อระบบหรือข้อมูล", "system or data"), on.limits.short
        ),
        "direction": typed.code(
            f"{n}-direction", row["direction"], name("ทิศทาง", "direction"), list(Direction)
        ),
        "partner": typed.code(f"{n}-partner", row["partner"], partner_name, on.directory),
        "partner_other": typed.line(
            f"{n}-partner_other", row["partner_other"], partner_name, on.limits.short
        ),
        "channel": row["channel"],
    }
    if value["partner"] and value["partner_other"]:
        typed.refuse(
            f"{n}-partner_other",
            Text(
                f"การเชื่อมโยงที่ {n}: เลือกหน่วยงานจากทะเบียนหรือพิมพ์ชื่ออย่างใดอย่างหนึ่ง",
                f"Link {n}: either choose the partner from the register or type its name, not both",
            ),
        )
    return value


def _rationale(typed: Typed, shown: Value, on: Ground) -> Value:
    names = {
        "rationale": Text("หลักการและเหตุผล", "Rationale"),
        "objectives": Text("วัตถุประสงค์", "Objectives"),
        "outputs": Text("ผลผลิต", "Outputs"),
    }
    return {
        field: typed.paragraphs(field, shown[field], name, on.limits.long) for field, name in names.items()
    }


def _indicators(typed: Typed, shown: Value, on: Ground) -> Value:
    typed.count("rows", len(shown["rows"]), Text("ตัวชี้วัด", "Indicators"), on.limits.indicators)
    names = {
        "name": (Text("ชื่อ", "name"), on.limits.short),
        "unit": (Text("หน่วยนับ", "unit"), UNIT_LENGTH),
        "baseline": (Text("ค่าฐาน", "baseline"), on.limits.short),
        "target": (Text("ค่าเป้าหมาย", "target"), on.limits.short),
    }
    return {
        "rows": [
            {
                field: typed.line(
                    f"{n}-{field}",
                    row[field],
                    Text(f"ตัวชี้วัดที่ {n} {name.th}", f"Indicator {n}, {name.en}"),
                    longest,
                )
                for field, (name, longest) in names.items()
            }
            for n, row in enumerate(shown["rows"], 1)
        ]
    }


def _budget(typed: Typed, shown: Value, on: Ground) -> Value:
    typed.count("rows", len(shown["rows"]), Text("รายการงบประมาณ", "Budget lines"), on.limits.lines)
    rows = [_budget_line(typed, n, row, on) for n, row in enumerate(shown["rows"], 1)]
    if not typed.problems and sum(_line_total(row) for row in rows) > LARGEST_SATANG:
        typed.refuse(
            "rows", Text("ยอดรวมเกิน 1,000,000,000,000 บาท", "The total exceeds 1,000,000,000,000 baht")
        )
    return {"rows": rows} if on.is_part else {"rows": rows, **_least(typed, shown, on)}


def _least(typed: Typed, shown: Value, on: Ground) -> dict[str, str]:
    """What is said of doing with less; nothing of a field left empty."""
    said = {
        "least": typed.amount("least", shown["least"], LEAST),
        "least_scope": typed.paragraphs("least_scope", shown["least_scope"], LEAST_SCOPE, on.limits.long),
    }
    return {field: value for field, value in said.items() if value}


def _line_total(row: Mapping[str, str]) -> int:
    return int(row["quantity"] or 0) * (from_decimal_baht(row["unit_price"]) if row["unit_price"] else 0)


def _budget_line(typed: Typed, n: int, row: Mapping[str, str], on: Ground) -> dict[str, str]:
    def name(words: Text) -> Text:
        return Text(f"รายการที่ {n} {words.th}", f"Line {n}, {words.en}")

    value = {
        "agency": row["agency"],
        "category": row["category"],
        "item": typed.line(f"{n}-item", row["item"], name(Text("ชื่อรายการ", "item")), on.limits.short),
        "quantity": typed.quantity(f"{n}-quantity", row["quantity"], name(Text("จำนวน", "quantity"))),
        "unit": typed.line(f"{n}-unit", row["unit"], name(Text("หน่วยนับ", "unit")), UNIT_LENGTH),
    }
    if row["agency"] and row["agency"] not in on.agencies:
        typed.refuse(
            f"{n}-agency",
            Text(
                f"รายการที่ {n}: หน่วยงานนี้ไม่ได้อยู่ในโครงการ",
                f"Line {n}: this agency is not part of the proposal",
            ),
        )
        value["agency"] = ""
    for key, words in _AMOUNT_NAMES.items():
        value[key] = typed.amount(f"{n}-{key}", row[key], name(words))
    if _line_total(value) > LARGEST_SATANG:
        typed.refuse(
            f"{n}-unit_price",
            Text(
                f"รายการที่ {n}: จำนวนเงินรวมเกิน 1,000,000,000,000 บาท",
                f"Line {n}: the line exceeds 1,000,000,000,000 baht",
            ),
        )
    return value


def _inconsistent(section: str, value: Value, on: Ground) -> list[Problem]:
    """What the plan does not know of, judged by the same rules as the filing."""
    draft = empty_draft()
    if section == "links":
        draft["integration"] |= {"links": value["rows"]}
    else:
        draft[section] = value
    facts = facts_from_draft(
        draft,
        fiscal_year=0,
        number="",
        origin="",
        lead=on.directory[on.agencies[0]],
        directory=on.directory,
        attachments=(),
    )
    problems = list_inconsistent(facts, on.plan)
    if section == "links":
        return [replace(p, place=p.place.replace("integration-", "links-", 1)) for p in problems]
    return problems


def _one_per_place(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple({p.place: p for p in reversed(problems)}.values())[::-1]


_READERS: dict[str, Callable[[Typed, Value, Ground], Value]] = {
    "names": _names,
    "plan": _plan,
    "integration": _integration,
    "rationale": _rationale,
    "indicators": _indicators,
    "budget": _budget,
    "links": _part_links,
}
FORM_SECTIONS = tuple(section for section in _READERS if section != "links")
