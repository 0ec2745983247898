"""The sections of a draft: read as they stand, written whole over the version that was read.

The shapes are those of the form: the same names, the same codes, the same places of problems; amounts are decimal baht
or null, quantities whole numbers or null. What is sent is read by the very rules the form is read by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.api.door import api_needs
from app.api.operations import NUMBER, Answer, Asked, get, put, write_json
from app.api.shapes import Baht, Flag, Listed, Maybe, OneOf, Shape, Thing, Whole, Words
from app.api.writing import note_write, require_match
from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import save_section
from app.proposals.actions.drafting import get_writable
from app.proposals.drafts import LATER_KEYS, QUARTER_KEYS, SECTIONS
from app.proposals.facts import LINK_KIND_NAMES, Direction, Form
from app.proposals.queries import DraftView, agency_directory, draft_facts, get_draft, read_draft
from app.proposals.queries.numbers import get_id_of
from app.proposals.sections import ROWS, Ground, read_section

TAG = "sections"
_AMOUNTS = ("unit_price", *QUARTER_KEYS, *LATER_KEYS)
_LINE, _LONG = Words(2_000), Words(20_000)
_CODE = Words(40, about="A code of the call's plan or of the register; empty for nothing yet")

DRAFT_LINK = Thing(
    "DraftLink",
    {
        "kind": OneOf(("", *LINK_KIND_NAMES)),
        "name": _LINE,
        "direction": OneOf(("", *(d.value for d in Direction))),
        "partner": Words(40, about="Code of the partner agency, or empty"),
        "partner_other": Words(2_000, about="Its name, where the register does not have it"),
        "channel": _CODE,
    },
)
DRAFT_INDICATOR = Thing("DraftIndicator", dict.fromkeys(("name", "unit", "baseline", "target"), _LINE))
DRAFT_LINE = Thing(
    "DraftLine",
    {
        "agency": Words(40, about="Code of the agency that spends it"),
        "category": _CODE,
        "item": _LINE,
        "quantity": Maybe(Whole(1, 10**9)),
        "unit": _LINE,
        **{name: Maybe(Baht()) for name in _AMOUNTS},
    },
    about="Quantity x unit price is what the line asks for; q1 to q4 divide it, later1 to later4 are commitments of the "
    "years after",
)
SECTION_SHAPES: dict[str, Thing] = {
    "names": Thing(
        "SectionNames",
        {"title_th": _LINE, "title_en": _LINE, "participants": Listed(Words(40), 500, "Codes of agencies")},
    ),
    "plan": Thing("SectionPlan", dict.fromkeys(("stage", "guideline", "strategy", "focus_area"), _CODE)),
    "integration": Thing(
        "SectionIntegration",
        {
            "forms": Listed(OneOf(tuple(f.value for f in Form)), 10),
            "links": Listed(DRAFT_LINK, 500),
            "curriculum": _CODE,
            "curriculum_detail": _LONG,
            "standard": _LINE,
            "standard_scope": _LONG,
            "service_name": _LINE,
            "service_free": OneOf(("", "yes", "no")),
            "service_all": Flag(),
            "service_users": Listed(Words(40), 1000, "Codes of agencies"),
        },
    ),
    "rationale": Thing("SectionRationale", dict.fromkeys(("rationale", "objectives", "outputs"), _LONG)),
    "indicators": Thing("SectionIndicators", {"rows": Listed(DRAFT_INDICATOR, 500)}),
    "budget": Thing(
        "SectionBudget",
        {
            "rows": Listed(DRAFT_LINE, 1000),
            "least": Maybe(
                Baht(), "The smallest amount the project still works with, where it does with less"
            ),
            "least_scope": _LONG,
        },
    ),
}
UNREAD = Thing(
    "Unread",
    {"place": Words(300), "typed": Words(50_000)},
    about="What somebody typed on the page in a field that cannot be read; a PUT does away with it",
)
_PLACE = re.compile(r"[a-z]+-(\d+)-(\w+)")
EMPTY_ROW = Text("รายการนี้ว่างทั้งแถว", "this row is empty")


def with_version(section: str, shape: Thing) -> Thing:
    """A section as it is read: its value with the version it has."""
    return Thing(
        f"{shape.name}Read",
        {
            "section": OneOf((section,)),
            "version": Whole(1, 2**31 - 1),
            "value": shape,
            "unread": Listed(UNREAD, 5000),
        },
    )


def write_section(section: str, shape: Thing, version: int, value: Mapping[str, Any]) -> dict[str, Any]:
    """A section of a draft as it is sent."""
    return {
        "section": section,
        "version": version,
        "value": _sent_value(shape, value),
        "unread": [
            {"place": place, "typed": typed} for place, typed in sorted(value.get("unread", {}).items())
        ],
    }


def _sent_value(shape: Shape, value: Any) -> Any:
    if isinstance(shape, Thing):
        return {name: _sent_value(part, value.get(name, "")) for name, part in shape.fields.items()}
    if isinstance(shape, Listed):
        return [_sent_value(shape.item, item) for item in value]
    if isinstance(shape, Maybe):
        if value == "":
            return None
        return int(value) if isinstance(shape.shape, Whole) else value
    return value


def as_typed(section: str, value: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """What was sent, as the fields of the section's form. Raises `Refused` for rows that hold nothing: the form would
    drop them, and renumber the others."""
    sent: dict[str, str | list[str]] = {}
    rows_in, _ = ROWS.get(section, ("", ()))
    problems = []
    for name, held in value.items():
        if name != rows_in:
            sent[f"{section}-{name}"] = held if isinstance(held, list) else _typed(held)
            continue
        for n, row in enumerate(held, 1):
            typed = {field: _typed(cell) for field, cell in row.items()}
            if not any(cell.strip() for field, cell in typed.items() if field != "agency"):
                problems.append(Problem(f"/{name}/{n - 1}", EMPTY_ROW))
            sent |= {f"{section}-{n}-{field}": cell for field, cell in typed.items()}
    if problems:
        raise Refused(NOT_SAVED, problems)
    return sent


def _typed(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


NOT_SAVED = Text("ยังบันทึกไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "Nothing was saved; mend the following")


def pointer_of(section: str, place: str) -> str:
    """The place of a form's problem as a JSON Pointer into what was sent."""
    match = _PLACE.fullmatch(place)
    if match and section in ROWS:
        return f"/{ROWS[section][0]}/{int(match[1]) - 1}/{match[2]}"
    return "/" + place.removeprefix(f"{section}-")


def read_value(section: str, body: Mapping[str, Any], ground: Ground) -> dict[str, Any]:
    """What was sent for a section, read as its form is. Raises `Refused` with every problem at its place."""
    reading = read_section(section, as_typed(section, body), ground)
    if reading.problems:
        raise Refused(NOT_SAVED, [Problem(pointer_of(section, p.place), p.text) for p in reading.problems])
    return reading.value


def _ground(session: Session, view: DraftView) -> Ground:
    """What the lead's sections are read against; participants that joined write their own lines."""
    call, directory = get_call_by_id(session, view.call_id), agency_directory(session)
    facts = draft_facts(session, view, call, directory)
    agencies = tuple(a.code for a in facts.agencies if a.code not in view.joined)
    return Ground(call.plan, call.limits, directory, agencies)


def _offer(section: str) -> None:
    """Declare reading and writing one section."""
    name = SECTIONS[section]
    shape = SECTION_SHAPES[section]
    answer = with_version(section, shape)

    def read(asked: Asked) -> Answer:
        view = get_draft(db.session(), asked.actor, get_id_of(db.session(), asked.path["number"]))
        return Answer(write_section(section, shape, view.section_versions[section], view.draft[section]))

    def write(asked: Asked) -> Answer:
        proposal_id = get_id_of(db.session(), asked.path["number"])
        with open_work(asked.actor, asked.now) as work:
            get_writable(work, proposal_id, section)  # locks it, so that nobody saves between here and there
            view = read_draft(work.session, proposal_id)
            version = view.section_versions[section]
            require_match(write_json(write_section(section, shape, version, view.draft[section])))
            value = read_value(section, asked.body, _ground(work.session, view))
            saved = save_section(work, proposal_id, section, value, version, cause="typed")
            note_write(work, asked)
            return Answer(write_section(section, shape, saved.version, saved.value))

    read.__name__, write.__name__ = f"read_{section}", f"write_{section}"
    get(
        f"/proposals/{{number}}/sections/{section}",
        Text(f"อ่านร่างส่วน “{name.th}”", f"The section “{name.en}” of a draft"),
        answer,
        tag=TAG,
        path=(NUMBER,),
    )(api_needs(Permission.READ_PROPOSAL, TokenScope.PROPOSALS_READ)(read))
    put(
        f"/proposals/{{number}}/sections/{section}",
        Text(f"เขียนร่างส่วน “{name.th}” ทั้งส่วน", f"Write the whole section “{name.en}” of a draft"),
        answer,
        tag=TAG,
        path=(NUMBER,),
        body=SECTION_SHAPES[section],
        about="Incomplete is fine, wrong is not. 412 when it has changed since it was read; 422 with every problem, once "
        "it is filed, or where a return did not open this section.",
    )(api_needs(Permission.WRITE_PROPOSAL, TokenScope.PROPOSALS_WRITE)(write))


for _section in SECTION_SHAPES:
    _offer(_section)
