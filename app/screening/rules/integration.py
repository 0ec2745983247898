"""The two forms of integration of the Digital Government Integrated Budget Plan, with their exceptions.

Source: การบูรณาการการทำงานของระบบ/ข้อมูล (form 1; the common curriculum and central standards qualify without a link)
and การบูรณาการการใช้งบประมาณ (form 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.findings import Finding
from app.proposals.facts import AgencyRef, Answer, Form, IntegrationLink, ProposalFacts, SharedService
from app.screening.rules.situation import FAILS, NEEDS_PERSON, PASSES, Situation

# what the partner answered, and whether it asks for money of its own -> the reason
_CONFIRMED = {True: "confirmed_own_money", False: "confirmed_no_money", None: "confirmed"}


def _judge_link(
    n: int, link: IntegrationLink, facts: ProposalFacts, on: Situation, rule: str, confirmed: bool
) -> Finding:
    place = (f"integration-{n}-partner",)
    if link.partner is not None:
        values = {"link": link.name, "partner": link.partner.name.as_dict()}
        # under rules that ask no confirmation, the lead is "the agency" whoever of its proposal claims the link
        claimant = (confirmed and link.agency) or facts.lead.code
        if link.partner.code == claimant:
            return Finding(rule, FAILS, "own_agency", place, values)
        if not confirmed:
            return Finding(rule, PASSES, "linked", place, values)
        return _judge_answer(link, on, rule, place, values)
    if link.partner_other:
        values = {"link": link.name, "partner": link.partner_other}
        return Finding(rule, NEEDS_PERSON, "partner_unregistered", place, values)
    return Finding(rule, FAILS, "no_partner", place, {"link": link.name or f"#{n}"})


def _judge_answer(
    link: IntegrationLink, on: Situation, rule: str, place: tuple[str, ...], values: dict[str, Any]
) -> Finding:
    answer, own_money = link.answer, link.own_money
    later = on.known.answers.get(link.sha256) if on.known.answers else None
    if later is not None:  # the partner's word after the filing stands before the one filed
        answer, own_money = later.answer, later.own_money
    if answer == Answer.CONFIRMED:
        return Finding(rule, PASSES, _CONFIRMED[own_money], place, values)
    if answer == Answer.DECLINED:
        return Finding(rule, FAILS, "declined", place, values)
    return Finding(rule, NEEDS_PERSON, "asked" if answer == Answer.ASKED else "not_asked", place, values)


def check_form_one(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Form 1, work/data integration: a link with another agency, or one of the two exceptions.

    With the parameter `needs_confirmation` the partner must have confirmed; without it, naming it is enough.
    """
    found = tuple(_judge_form_one(rule, facts, on, parameters))
    return found or (Finding(rule, FAILS, "not_claimed", ("integration-forms",)),)


def _judge_form_one(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    i = facts.integration
    if Form.LINK in i.forms:
        confirmed = bool(parameters.get("needs_confirmation"))
        for n, link in enumerate(i.links, 1):
            yield _judge_link(n, link, facts, on, rule, confirmed)
    if Form.CURRICULUM in i.forms:
        prescribed = parameters.get("prescribed_curricula", ())
        values = {"curriculum": on.plan.name("curricula", i.curriculum).as_dict()}
        place = ("integration-curriculum",)
        if i.curriculum in prescribed:
            yield Finding(rule, PASSES, "curriculum", place, values)
        elif i.curriculum:
            yield Finding(rule, NEEDS_PERSON, "curriculum_not_prescribed", place, values)
        else:
            yield Finding(rule, FAILS, "no_curriculum", place)
    if Form.STANDARD in i.forms:
        if i.standard and i.standard_scope:
            yield Finding(
                rule,
                PASSES,
                "standard",
                ("integration-standard",),
                {"standard": i.standard, "scope": i.standard_scope},
            )
        elif i.standard:
            yield Finding(
                rule,
                NEEDS_PERSON,
                "standard_without_scope",
                ("integration-standard_scope",),
                {"standard": i.standard},
            )
        else:
            yield Finding(rule, FAILS, "no_standard", ("integration-standard",))


def check_form_two(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Form 2, budget-use integration: one central service, several agencies use it, at no charge.

    `least_outside_ministry` of them (none, where it is not given) must be of another ministry than the lead.
    """
    i = facts.integration
    if Form.SHARED_SERVICE not in i.forms:
        yield Finding(rule, FAILS, "not_claimed", ("integration-forms",))
        return
    service, least = i.shared_service, int(parameters.get("least_user_agencies", 2))
    users = {a.code for a in service.users} - {facts.lead.code}
    values: dict[str, Any] = {"service": service.name, "users": len(users), "least": least}
    if service.free is None:
        yield Finding(rule, FAILS, "charge_unknown", ("integration-service_free",), values)
    elif not service.free:
        yield Finding(rule, FAILS, "charged", ("integration-service_free",), values)
    elif service.all_agencies:
        yield Finding(rule, PASSES, "shared_with_all", ("integration-service_users",), values)
    elif len(users) < least:
        yield Finding(rule, FAILS, "too_few_users", ("integration-service_users",), values)
    elif len(_outside(service, facts.lead)) < parameters.get("least_outside_ministry", 0):
        values |= {"ministry": facts.lead.ministry.as_dict()}
        yield Finding(rule, FAILS, "same_ministry_only", ("integration-service_users",), values)
    else:
        yield Finding(rule, PASSES, "shared", ("integration-service_users",), values)


def _outside(service: SharedService, lead: AgencyRef) -> set[str]:
    """The users of other ministries than the lead's."""
    return {a.code for a in service.users if a.code != lead.code and a.ministry_code != lead.ministry_code}


def check_integration(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Either form of integration is enough; neither fails."""
    one = tuple(check_form_one(rule, facts, on, parameters))
    two = tuple(check_form_two(rule, facts, on, parameters))
    shown = [f for f in (*one, *two) if f.outcome is PASSES]
    doubtful = [f for f in (*one, *two) if f.outcome is NEEDS_PERSON]
    if shown:
        reason = {
            (True, True): "both_forms",
            (True, False): "form_one",
            (False, True): "form_two",
        }[any(f in one for f in shown), any(f in two for f in shown)]
        yield Finding(rule, PASSES, reason, tuple(p for f in shown for p in f.places))
    elif doubtful:
        yield Finding(rule, NEEDS_PERSON, "doubtful", tuple(p for f in doubtful for p in f.places))
    else:
        yield Finding(rule, FAILS, "neither", ("integration-forms",))
