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
    budget       {rows: [{agency, category, item, quantity, unit, unit_price, q1..q4, later1..later4}]}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.money import decimal_baht, from_decimal_baht
from app.kernel.text import Text
from app.proposals.facts import (
    AgencyRef,
    AttachmentFacts,
    BudgetLine,
    Indicator,
    Integration,
    IntegrationLink,
    ProposalFacts,
    SharedService,
)

Draft = dict[str, Any]

SECTIONS: dict[str, Text] = {
    "names": Text("ชื่อโครงการและหน่วยงาน", "Names and agencies"),
    "plan": Text("ความสอดคล้องกับแผน", "Place in the plan"),
    "integration": Text("รูปแบบการบูรณาการ", "Form of integration"),
    "rationale": Text("หลักการและเหตุผล", "Rationale and outputs"),
    "indicators": Text("ตัวชี้วัด", "Indicators"),
    "budget": Text("รายการงบประมาณ", "Budget lines"),
    "attachments": Text("เอกสารแนบ", "Attachments"),
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
) -> ProposalFacts:
    """The facts a draft amounts to, complete or not. `directory` maps agency codes to agencies."""
    names, plan, i = draft["names"], draft["plan"], draft["integration"]
    known = directory.get
    return ProposalFacts(
        fiscal_year=fiscal_year,
        number=number,
        origin=origin,
        title=Text(names["title_th"], names["title_en"]),
        lead=lead,
        participants=tuple(
            a
            for code in dict.fromkeys(names["participants"])
            if code != lead.code and (a := known(code)) is not None
        ),
        stage=plan["stage"],
        guideline=plan["guideline"],
        strategy=plan["strategy"],
        focus_area=plan["focus_area"],
        integration=Integration(
            forms=tuple(i["forms"]),
            links=tuple(
                IntegrationLink(
                    row["kind"],
                    row["name"],
                    row["direction"],
                    known(row["partner"]),
                    row["partner_other"],
                    row["channel"],
                )
                for row in i["links"]
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
            Indicator(r["name"], r["unit"], r["baseline"], r["target"]) for r in draft["indicators"]["rows"]
        ),
        lines=tuple(
            BudgetLine(
                agency=r["agency"],
                category=r["category"],
                item=r["item"],
                quantity=int(r["quantity"]) if r["quantity"] else None,
                unit=r["unit"],
                unit_price=_satang(r["unit_price"]) if r["unit_price"] else None,
                quarters=tuple(_satang(r[q]) for q in QUARTER_KEYS),  # type: ignore[arg-type]
                later_years=tuple(_satang(r[y]) for y in LATER_KEYS),
                source=r.get("source", ""),
            )
            for r in draft["budget"]["rows"]
        ),
        attachments=tuple(attachments),
    )


def draft_from_facts(facts: ProposalFacts) -> Draft:
    """A draft that amounts to these facts: the inverse of `facts_from_draft`, attachments aside.

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
                {"name": k.name, "unit": k.unit, "baseline": k.baseline, "target": k.target}
                for k in facts.indicators
            ]
        },
        "budget": {"rows": [_draft_row(line) for line in facts.lines]},
    }


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
