"""Freezing: facts as canonical JSON with its SHA-256, and back. What is filed, signed and shown on receipts is this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.lean import dataclass
from app.kernel.money import decimal_baht, from_decimal_baht
from app.kernel.text import Text
from app.proposals.facts import (
    AgencyRef,
    Answer,
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

SCHEMA = 2  # 2 adds who claims a link or indicator, the partner's answer, and the proposal continued


@dataclass(frozen=True, slots=True)
class FrozenFacts:
    """Facts with the exact bytes that were hashed."""

    facts: ProposalFacts
    content: str
    sha256: str


def claims_sha256(facts: ProposalFacts) -> str:
    """The hash a certifier signs: everything the agencies say, without their partners' answers. A partner that
    confirms a link later does not undo a signature."""
    links = tuple(replace(link, answer=Answer.NOT_ASKED, own_money=None) for link in facts.integration.links)
    return freeze(replace(facts, integration=replace(facts.integration, links=links))).sha256


def freeze(facts: ProposalFacts) -> FrozenFacts:
    """Canonical JSON of the facts and its SHA-256."""
    content = canonical_json(facts_to_json(facts))
    return FrozenFacts(facts, content, sha256_text(content))


def _agency_to_json(agency: AgencyRef) -> dict[str, Any]:
    return {
        "code": agency.code,
        "name": agency.name.as_dict(),
        "ministry_code": agency.ministry_code,
        "ministry": agency.ministry.as_dict(),
    }


def facts_to_json(facts: ProposalFacts) -> dict[str, Any]:
    """The facts as JSON values; money as decimal baht strings."""
    i = facts.integration
    return {
        "schema": SCHEMA,
        "fiscal_year": facts.fiscal_year,
        "number": facts.number,
        "origin": facts.origin,
        "title": facts.title.as_dict(),
        "lead": _agency_to_json(facts.lead),
        "participants": [_agency_to_json(a) for a in facts.participants],
        "stage": facts.stage,
        "guideline": facts.guideline,
        "strategy": facts.strategy,
        "focus_area": facts.focus_area,
        "integration": {
            "forms": list(i.forms),
            "links": [
                {
                    "kind": link.kind,
                    "name": link.name,
                    "direction": link.direction,
                    "partner": _agency_to_json(link.partner) if link.partner else None,
                    "partner_other": link.partner_other,
                    "channel": link.channel,
                    "agency": link.agency,
                    "answer": link.answer,
                    "own_money": link.own_money,
                }
                for link in i.links
            ],
            "curriculum": i.curriculum,
            "curriculum_detail": i.curriculum_detail,
            "standard": i.standard,
            "standard_scope": i.standard_scope,
            "shared_service": {
                "name": i.shared_service.name,
                "free": i.shared_service.free,
                "all_agencies": i.shared_service.all_agencies,
                "users": [_agency_to_json(a) for a in i.shared_service.users],
            },
        },
        "rationale": facts.rationale,
        "objectives": facts.objectives,
        "outputs": facts.outputs,
        "indicators": [
            {
                "name": k.name,
                "unit": k.unit,
                "baseline": k.baseline,
                "target": k.target,
                "agency": k.agency,
            }
            for k in facts.indicators
        ],
        "lines": [
            {
                "agency": line.agency,
                "category": line.category,
                "item": line.item,
                "quantity": line.quantity,
                "unit": line.unit,
                "unit_price": None if line.unit_price is None else decimal_baht(line.unit_price),
                "quarters": [decimal_baht(q) for q in line.quarters],
                "later_years": [decimal_baht(y) for y in line.later_years],
                "source": line.source,
            }
            for line in facts.lines
        ],
        "attachments": [
            {"kind": a.kind, "name": a.name, "size": a.size, "sha256": a.sha256} for a in facts.attachments
        ],
        "total": decimal_baht(facts.total),
        "continues": _continued_to_json(facts.continues),
        **_reduced_to_json(facts.reduced),
    }


def _continued_to_json(continued: Continued | None) -> dict[str, Any] | None:
    if continued is None:
        return None
    return {
        "fiscal_year": continued.fiscal_year,
        "number": continued.number,
        "sha256": continued.sha256,
        "title": continued.title.as_dict(),
        "asked": decimal_baht(continued.asked),
    }


def _continued_from_json(value: Mapping[str, Any] | None) -> Continued | None:
    if value is None:
        return None
    return Continued(
        value["fiscal_year"],
        value["number"],
        value["sha256"],
        Text.from_dict(value["title"]),
        from_decimal_baht(value["asked"]),
    )


def _reduced_to_json(reduced: Reduced | None) -> dict[str, Any]:
    """Left out where a proposal states none, so that what was filed before keeps its bytes and its hash."""
    if reduced is None:
        return {}
    amount = None if reduced.amount is None else decimal_baht(reduced.amount)
    return {"reduced": {"amount": amount, "scope": reduced.scope}}


def _reduced_from_json(value: Mapping[str, Any] | None) -> Reduced | None:
    if value is None:
        return None
    return Reduced(None if value["amount"] is None else from_decimal_baht(value["amount"]), value["scope"])


def _agency_from_json(value: Mapping[str, Any]) -> AgencyRef:
    return AgencyRef(
        value["code"],
        Text.from_dict(value["name"]),
        value["ministry_code"],
        Text.from_dict(value["ministry"]),
    )


def facts_from_json(value: Mapping[str, Any]) -> ProposalFacts:
    """The inverse of `facts_to_json`, for this schema and the earlier one. Raises `KeyError` or `ValueError` for
    another shape."""
    if value["schema"] not in (1, SCHEMA):
        raise ValueError(f"facts of schema {value['schema']} cannot be read")
    i = value["integration"]
    service = i["shared_service"]
    return ProposalFacts(
        fiscal_year=value["fiscal_year"],
        number=value["number"],
        origin=value["origin"],
        title=Text.from_dict(value["title"]),
        lead=_agency_from_json(value["lead"]),
        participants=tuple(_agency_from_json(a) for a in value["participants"]),
        stage=value["stage"],
        guideline=value["guideline"],
        strategy=value["strategy"],
        focus_area=value["focus_area"],
        integration=Integration(
            forms=tuple(i["forms"]),
            links=tuple(
                IntegrationLink(
                    link["kind"],
                    link["name"],
                    link["direction"],
                    _agency_from_json(link["partner"]) if link["partner"] else None,
                    link["partner_other"],
                    link["channel"],
                    link.get("agency", ""),
                    link.get("answer", ""),
                    link.get("own_money"),
                )
                for link in i["links"]
            ),
            curriculum=i["curriculum"],
            curriculum_detail=i["curriculum_detail"],
            standard=i["standard"],
            standard_scope=i["standard_scope"],
            shared_service=SharedService(
                service["name"],
                service["free"],
                service["all_agencies"],
                tuple(_agency_from_json(a) for a in service["users"]),
            ),
        ),
        rationale=value["rationale"],
        objectives=value["objectives"],
        outputs=value["outputs"],
        indicators=tuple(
            Indicator(k["name"], k["unit"], k["baseline"], k["target"], k.get("agency", ""))
            for k in value["indicators"]
        ),
        lines=tuple(
            BudgetLine(
                agency=line["agency"],
                category=line["category"],
                item=line["item"],
                quantity=line["quantity"],
                unit=line["unit"],
                unit_price=None if line["unit_price"] is None else from_decimal_baht(line["unit_price"]),
                quarters=tuple(from_decimal_baht(q) for q in line["quarters"]),  # type: ignore[arg-type]
                later_years=tuple(from_decimal_baht(y) for y in line["later_years"]),
                source=line["source"],
            )
            for line in value["lines"]
        ),
        attachments=tuple(
            AttachmentFacts(a["kind"], a["name"], a["size"], a["sha256"]) for a in value["attachments"]
        ),
        continues=_continued_from_json(value.get("continues")),
        reduced=_reduced_from_json(value.get("reduced")),
    )
