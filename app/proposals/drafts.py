"""Drafts: what an officer has typed so far, section by section, and the facts it amounts to.

A draft is plain JSON. Each section holds text as typed (normalised), codes, whole numbers as digits and amounts as
decimal baht; "" stands for nothing yet:

    names        {title_th, title_en, participants: [agency code]}
    plan         {stage, guideline, strategy, focus_area}
    integration  {forms: [Form], links: [{kind, name, direction, partner, partner_other, channel}],
                  curriculum, curriculum_detail, standard, standard_scope,
                  service_name, service_free: "yes"|"no"|"", service_all: bool, service_users: [agency code]}
    rationale    {rationale, objectives, outputs}
    indicators   {rows: [{name, unit, baseline, target}]}
    budget       {rows: [{agency, category, item, quantity, unit, unit_price, q1..q4, later1..later4}],
                  least, least_scope}, the last two only where the project works with less as well

A participant that has joined fills in a part of its own, of the same shapes:

    links        {rows: [as integration.links]}
    indicators   {rows: …}
    budget       {rows: …}, all of its own agency

A section may hold "unread": {place: text}, what was typed in fields that could not be read. Nothing typed is lost, and
nothing can be filed while it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.lean import dataclass
from app.kernel.money import decimal_baht, from_decimal_baht
from app.kernel.text import Text
from app.proposals.facts import (
    AgencyRef,
    AttachmentFacts,
    BudgetLine,
    Continued,
    Indicator,
    Integration,
    IntegrationLink,
    ProposalFacts,
    Reduced,
    SharedService,
)

Draft = dict[str, Any]
Part = dict[str, Any]

SECTIONS: dict[str, Text] = {
    "names": Text("ชื่อโครงการและหน่วยงาน", "Names and agencies"),
    "plan": Text("ความสอดคล้องกับแผน", "Place in the plan"),
    "integration": Text("รูปแบบการบูรณาการ", "Form of integration"),
    "rationale": Text("หลักการและเหตุผล", "Rationale and outputs"),
    "indicators": Text("ตัวชี้วัด", "Indicators"),
    "budget": Text("รายการงบประมาณ", "Budget lines"),
    "attachments": Text("เอกสารแนบ", "Attachments"),
}

PART_SECTIONS: dict[str, Text] = {
    "links": Text("การเชื่อมโยงของหน่วยงาน", "Links of the agency"),
    "indicators": Text("ตัวชี้วัดของหน่วยงาน", "Indicators of the agency"),
    "budget": Text("รายการงบประมาณของหน่วยงาน", "Budget lines of the agency"),
}

LATER_YEARS = 4
QUARTER_KEYS = ("q1", "q2", "q3", "q4")
LATER_KEYS = tuple(f"later{n}" for n in range(1, LATER_YEARS + 1))


def empty_draft() -> Draft:
    """A draft with nothing typed yet."""
    return {
        "names": {"title_th": "", "title_en": "", "participants": []},
        "plan": {"stage": "", "guideline": "", "strategy": "", "focus_area": ""},
        "integration": {
            "forms": [],
            "links": [],
            "curriculum": "",
            "curriculum_detail": "",
            "standard": "",
            "standard_scope": "",
            "service_name": "",
            "service_free": "",
            "service_all": False,
            "service_users": [],
        },
        "rationale": {"rationale": "", "objectives": "", "outputs": ""},
        "indicators": {"rows": []},
        "budget": {"rows": []},
    }


def empty_part() -> Part:
    """A participant's part with nothing typed yet."""
    return {section: {"rows": []} for section in PART_SECTIONS}


def part_sha256(part: Part) -> str:
    """The hash of a participant's part: what its officer confirms and its certifier signs."""
    return sha256_text(canonical_json(part))


def money_by_agency(draft: Draft, parts: Mapping[str, Part]) -> dict[str, int]:
    """Agency code -> what its lines ask for in the call's fiscal year, satang; lines without an agency under ""."""
    sums: dict[str, int] = {}
    for source in (draft, *parts.values()):
        for row in source["budget"]["rows"]:
            amount = int(row["quantity"] or 0) * _satang(row["unit_price"])
            sums[row["agency"]] = sums.get(row["agency"], 0) + amount
    return sums


def split_lines(budget: Mapping[str, Any], agency: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The budget lines of one agency, and the others with what is said of the whole; what could not be read goes with
    its line."""
    unread = budget.get("unread", {})
    of_whole = {place: typed for place, typed in unread.items() if not place.split("-")[1].isdigit()}
    rest: dict[str, Any] = {key: kept for key, kept in budget.items() if key != "unread"} | {"rows": []}
    if of_whole:
        rest["unread"] = dict(of_whole)
    halves: tuple[dict[str, Any], dict[str, Any]] = ({"rows": []}, rest)
    for n, row in enumerate(budget["rows"], 1):
        half = halves[0] if row["agency"] == agency else halves[1]
        half["rows"].append(row)
        for place, typed in unread.items():
            _, number, field = place.split("-", 2) if place not in of_whole else ("", "0", "")
            if int(number) == n:
                half.setdefault("unread", {})[f"budget-{len(half['rows'])}-{field}"] = typed
    return halves


def join_lines(first: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """Budget lines one after the other; what could not be read stays with its line."""
    joined: dict[str, Any] = {"rows": [*first["rows"], *then["rows"]]}
    unread = dict(first.get("unread", {}))
    for place, typed in then.get("unread", {}).items():
        _, number, field = place.split("-", 2)
        unread[f"budget-{int(number) + len(first['rows'])}-{field}"] = typed
    return joined | {"unread": unread} if unread else joined


def empty_section(section: str) -> dict[str, Any]:
    """A section of a draft or of a part with nothing typed yet."""
    blank: dict[str, Any] = (empty_part() if section == "links" else empty_draft())[section]
    return blank


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """What a partner said of a link. `own_money`: whether it asks for money of its own, None when not said."""

    state: str
    own_money: bool | None


@dataclass(frozen=True, slots=True)
class Home:
    """Where a place of the facts is typed: in the form of the lead ("" ) or of a participant, and its place there."""

    agency: str
    section: str
    place: str


def home_of(place: str, draft: Draft, parts: Mapping[str, Part]) -> Home:
    """Where a place of the whole proposal, such as "budget-7-item", is typed. The lines, indicators and links of the
    participants follow the lead's, in the order of `parts`."""
    section, _, rest = place.partition("-")
    digits, _, field = rest.partition("-")
    if not digits.isdigit() or section not in ROWS_OF:
        return Home("", section, place)
    own, in_part = ROWS_OF[section]
    n = int(digits) - len(draft[section][own])
    if n <= 0:
        return Home("", section, place)
    for agency, part in parts.items():
        rows = len(part[in_part]["rows"])
        if n <= rows:
            return Home(agency, in_part, f"{in_part}-{n}-{field}")
        n -= rows
    return Home("", section, place)


# section -> the key of its rows in the lead's draft, and the section of a part whose rows follow
ROWS_OF = {
    "integration": ("links", "links"),
    "indicators": ("rows", "indicators"),
    "budget": ("rows", "budget"),
}


def _satang(text: str) -> int:
    return from_decimal_baht(text) if text else 0


def facts_from_draft(
    draft: Draft,
    *,
    fiscal_year: int,
    number: str,
    origin: str,
    lead: AgencyRef,
    directory: Mapping[str, AgencyRef],
    attachments: Iterable[AttachmentFacts],
    parts: Mapping[str, Part] | None = None,
    answers: Mapping[str, LinkAnswer] | None = None,
    continues: Continued | None = None,
) -> ProposalFacts:
    """The facts a draft amounts to, complete or not. `directory` maps agency codes to agencies, `parts` the codes of
    participants that joined to what they typed, `answers` the hash of a link to its partner's answer."""
    names, plan, i = draft["names"], draft["plan"], draft["integration"]
    known = directory.get
    participants = tuple(
        a
        for code in dict.fromkeys(names["participants"])
        if code != lead.code and (a := known(code)) is not None
    )
    counted = {a.code: parts[a.code] for a in participants if parts and a.code in parts}
    return ProposalFacts(
        fiscal_year=fiscal_year,
        number=number,
        origin=origin,
        title=Text(names["title_th"], names["title_en"]),
        lead=lead,
        participants=participants,
        stage=plan["stage"],
        guideline=plan["guideline"],
        strategy=plan["strategy"],
        focus_area=plan["focus_area"],
        integration=Integration(
            forms=tuple(i["forms"]),
            links=tuple(
                _answered(_link(row, agency, directory), answers)
                for agency, rows in (("", i["links"]), *((c, p["links"]["rows"]) for c, p in counted.items()))
                for row in rows
            ),
            curriculum=i["curriculum"],
            curriculum_detail=i["curriculum_detail"],
            standard=i["standard"],
            standard_scope=i["standard_scope"],
            shared_service=SharedService(
                i["service_name"],
                {"yes": True, "no": False}.get(i["service_free"]),
                bool(i["service_all"]),
                tuple(a for code in i["service_users"] if (a := known(code)) is not None),
            ),
        ),
        rationale=draft["rationale"]["rationale"],
        objectives=draft["rationale"]["objectives"],
        outputs=draft["rationale"]["outputs"],
        indicators=tuple(
            Indicator(r["name"], r["unit"], r["baseline"], r["target"], agency)
            for agency, source in (("", draft), *counted.items())
            for r in source["indicators"]["rows"]
        ),
        lines=tuple(_line(r) for source in (draft, *counted.values()) for r in source["budget"]["rows"]),
        attachments=tuple(attachments),
        continues=continues,
        reduced=_reduced(draft["budget"]),
    )


def _reduced(budget: Mapping[str, Any]) -> Reduced | None:
    least, scope = budget.get("least", ""), budget.get("least_scope", "")
    return Reduced(from_decimal_baht(least) if least else None, scope) if least or scope else None


def _link(row: Mapping[str, str], agency: str, directory: Mapping[str, AgencyRef]) -> IntegrationLink:
    return IntegrationLink(
        row["kind"],
        row["name"],
        row["direction"],
        directory.get(row["partner"]),
        row["partner_other"],
        row["channel"],
        agency,
    )


def _answered(link: IntegrationLink, answers: Mapping[str, LinkAnswer] | None) -> IntegrationLink:
    answer = answers.get(link.sha256) if answers and link.partner else None
    return replace(link, answer=answer.state, own_money=answer.own_money) if answer else link


def _line(row: Mapping[str, str]) -> BudgetLine:
    return BudgetLine(
        agency=row["agency"],
        category=row["category"],
        item=row["item"],
        quantity=int(row["quantity"]) if row["quantity"] else None,
        unit=row["unit"],
        unit_price=_satang(row["unit_price"]) if row["unit_price"] else None,
        quarters=tuple(_satang(row[q]) for q in QUARTER_KEYS),  # type: ignore[arg-type]
        later_years=tuple(_satang(row[y]) for y in LATER_KEYS),
        source=row.get("source", ""),
    )


def draft_from_facts(facts: ProposalFacts) -> Draft:
    """A draft that amounts to these facts: the inverse of `facts_from_draft`, attachments and answers aside.

    What participants claim stands with the rest: their links and indicators carry their "agency" as budget lines do.
    Facts do not tell an amount of 0 from none, so that quarters and later years of 0 come back as "". A partner the
    register did not know has left no code. Later years beyond the fourth have no field in a draft.
    """
    i = facts.integration
    service = i.shared_service
    return {
        "names": {
            "title_th": facts.title.th,
            "title_en": facts.title.en,
            "participants": [a.code for a in facts.participants],
        },
        "plan": {
            "stage": facts.stage,
            "guideline": facts.guideline,
            "strategy": facts.strategy,
            "focus_area": facts.focus_area,
        },
        "integration": {
            "forms": list(i.forms),
            "links": [
                {
                    "kind": link.kind,
                    "name": link.name,
                    "direction": link.direction,
                    "partner": link.partner.code if link.partner else "",
                    "partner_other": link.partner_other,
                    "channel": link.channel,
                    **_claimed_by(link.agency),
                }
                for link in i.links
            ],
            "curriculum": i.curriculum,
            "curriculum_detail": i.curriculum_detail,
            "standard": i.standard,
            "standard_scope": i.standard_scope,
            "service_name": service.name,
            "service_free": {True: "yes", False: "no", None: ""}[service.free],
            "service_all": service.all_agencies,
            "service_users": [a.code for a in service.users],
        },
        "rationale": {
            "rationale": facts.rationale,
            "objectives": facts.objectives,
            "outputs": facts.outputs,
        },
        "indicators": {
            "rows": [
                {
                    "name": k.name,
                    "unit": k.unit,
                    "baseline": k.baseline,
                    "target": k.target,
                    **_claimed_by(k.agency),
                }
                for k in facts.indicators
            ]
        },
        "budget": {"rows": [_draft_row(line) for line in facts.lines], **_draft_reduced(facts.reduced)},
    }


def _draft_reduced(reduced: Reduced | None) -> dict[str, str]:
    if reduced is None:
        return {}
    least = "" if reduced.amount is None else decimal_baht(reduced.amount)
    return {key: typed for key, typed in (("least", least), ("least_scope", reduced.scope)) if typed}


def _claimed_by(agency: str) -> dict[str, str]:
    return {"agency": agency} if agency else {}


def _draft_row(line: BudgetLine) -> dict[str, str]:
    later = (*line.later_years, *(0,) * LATER_YEARS)[:LATER_YEARS]
    row = {
        "agency": line.agency,
        "category": line.category,
        "item": line.item,
        "quantity": "" if line.quantity is None else str(line.quantity),
        "unit": line.unit,
        "unit_price": "" if line.unit_price is None else decimal_baht(line.unit_price),
        **{key: _typed(satang) for key, satang in zip(QUARTER_KEYS, line.quarters, strict=True)},
        **{key: _typed(satang) for key, satang in zip(LATER_KEYS, later, strict=True)},
    }
    return row | {"source": line.source} if line.source else row


def _typed(satang: int) -> str:
    return decimal_baht(satang) if satang else ""
