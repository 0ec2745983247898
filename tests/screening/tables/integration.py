"""The two forms of integration, the confirmation of links, and the exceptions."""

from __future__ import annotations

from typing import Any

from app.proposals.facts import AgencyRef, Form, ProposalFacts
from app.screening.facts import Circumstances, LaterAnswer
from app.screening.rules import Situation
from tests.proposals.made_up import ALPHA, BETA, GAMMA, agency, link, service, with_integration
from tests.screening.tables.rows import FAILS, NEEDS_PERSON, PASSES, SOUND, Row, confirmed, form, situation

FIRST = ("integration-1-partner",)
OWN = link(partner=ALPHA)
TYPED = link(partner=None, partner_other="สภากาชาดไทย")
NOBODY = link(partner=None)
SHARED = form(Form.SHARED_SERVICE, shared_service=service())
DELTA = agency("delta")


def linked(**changes: Any) -> ProposalFacts:
    return with_integration(links=(confirmed(**changes),))


def shared(*users: AgencyRef) -> ProposalFacts:
    return form(Form.SHARED_SERVICE, shared_service=service(users=users))


def since(answer: str, own_money: bool | None) -> Situation:
    """What the partner of the usual link says after the filing."""
    return situation(known=Circumstances(answers={link().sha256: LaterAnswer(answer, own_money)}))


ROWS = [
    Row("form-1", SOUND, PASSES, "confirmed_no_money", ("integration-1-partner",)),
    Row("form-1", form(Form.LINK, links=(OWN,)), FAILS, "own_agency", ("integration-1-partner",)),
    Row(
        "form-1",
        form(Form.LINK, links=(TYPED,)),
        NEEDS_PERSON,
        "partner_unregistered",
        ("integration-1-partner",),
    ),
    Row("form-1", form(Form.LINK, links=(NOBODY,)), FAILS, "no_partner", ("integration-1-partner",)),
    Row("form-1", form(Form.LINK), FAILS, "not_claimed", ("integration-forms",)),
    Row(
        "form-1",
        form(Form.CURRICULUM, curriculum="dg-foundation"),
        PASSES,
        "curriculum",
        ("integration-curriculum",),
    ),
    Row(
        "form-1",
        form(Form.CURRICULUM, curriculum="other"),
        NEEDS_PERSON,
        "curriculum_not_prescribed",
        ("integration-curriculum",),
    ),
    Row("form-1", form(Form.CURRICULUM), FAILS, "no_curriculum", ("integration-curriculum",)),
    Row(
        "form-1",
        form(Form.STANDARD, standard="มาตรฐาน", standard_scope="ทุกกรม"),
        PASSES,
        "standard",
        ("integration-standard",),
    ),
    Row(
        "form-1",
        form(Form.STANDARD, standard="มาตรฐาน"),
        NEEDS_PERSON,
        "standard_without_scope",
        ("integration-standard_scope",),
    ),
    Row("form-1", form(Form.STANDARD), FAILS, "no_standard", ("integration-standard",)),
    Row("form-1", SHARED, FAILS, "not_claimed", ("integration-forms",)),
    Row("form-1", form(), FAILS, "not_claimed", ("integration-forms",)),
    Row("form-2", SOUND, FAILS, "not_claimed", ("integration-forms",)),
    Row("form-2", SHARED, PASSES, "shared", ("integration-service_users",)),
    Row(
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(free=None)),
        FAILS,
        "charge_unknown",
        ("integration-service_free",),
    ),
    Row(
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(free=False, all_agencies=True)),
        FAILS,
        "charged",
        ("integration-service_free",),
    ),
    Row(
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(all_agencies=True, users=())),
        PASSES,
        "shared_with_all",
        ("integration-service_users",),
    ),
    Row(
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(users=(BETA,))),
        FAILS,
        "too_few_users",
        ("integration-service_users",),
    ),
    Row(
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(users=(BETA, ALPHA))),
        FAILS,
        "too_few_users",
        ("integration-service_users",),
    ),
    Row(
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(users=(BETA, BETA))),
        FAILS,
        "too_few_users",
        ("integration-service_users",),
    ),
    Row("integration", SOUND, PASSES, "form_one", ("integration-1-partner",)),
    Row("integration", SHARED, PASSES, "form_two", ("integration-service_users",)),
    Row(
        "integration",
        form(Form.LINK, Form.SHARED_SERVICE, links=(confirmed(),), shared_service=service()),
        PASSES,
        "both_forms",
        ("integration-1-partner", "integration-service_users"),
    ),
    Row(
        "integration",
        form(Form.LINK, links=(TYPED, confirmed())),
        PASSES,
        "form_one",
        ("integration-2-partner",),
    ),
    Row(
        "integration",
        form(Form.LINK, Form.SHARED_SERVICE, links=(TYPED,), shared_service=service()),
        PASSES,
        "form_two",
        ("integration-service_users",),
    ),
    Row(
        "integration",
        form(Form.LINK, links=(TYPED, OWN)),
        NEEDS_PERSON,
        "doubtful",
        ("integration-1-partner",),
    ),
    Row("integration", form(Form.LINK, links=(OWN, NOBODY)), FAILS, "neither", ("integration-forms",)),
    Row(
        "integration",
        form(Form.SHARED_SERVICE, shared_service=service(free=False)),
        FAILS,
        "neither",
        ("integration-forms",),
    ),
    Row("integration", form(), FAILS, "neither", ("integration-forms",)),
    # a link counts when its partner confirms it
    Row("form-1", linked(own_money=None), PASSES, "confirmed", FIRST, says=("ทะเบียนผู้ประกอบการ",)),
    Row("form-1", linked(own_money=True), PASSES, "confirmed_own_money", FIRST),
    Row("form-1", linked(answer="asked", own_money=None), NEEDS_PERSON, "asked", FIRST),
    Row("form-1", linked(answer="", own_money=None), NEEDS_PERSON, "not_asked", FIRST),
    Row("form-1", linked(answer="declined", own_money=None), FAILS, "declined", FIRST),
    # "another agency" is another than the one that claims the link
    Row("form-1", linked(agency="beta"), FAILS, "own_agency", FIRST),
    Row("form-1", linked(agency="beta", partner=ALPHA), PASSES, "confirmed_no_money", FIRST),
    # what the partner says after the filing stands before what was filed
    Row("form-1", linked(answer="asked"), PASSES, "confirmed_own_money", FIRST, since("confirmed", True)),
    Row("form-1", SOUND, FAILS, "declined", FIRST, since("declined", None)),
    Row("integration", linked(answer="asked"), NEEDS_PERSON, "doubtful", FIRST),
    Row("integration", linked(answer=""), NEEDS_PERSON, "doubtful", FIRST),
    Row("integration", linked(answer="declined"), FAILS, "neither", ("integration-forms",)),
    Row("integration", linked(answer="asked"), PASSES, "form_one", FIRST, since("confirmed", False)),
    # users must not all be of the lead's ministry
    Row(
        "form-2",
        shared(BETA, DELTA),
        FAILS,
        "same_ministry_only",
        ("integration-service_users",),
        says=("2",),
    ),
    Row("form-2", shared(BETA, GAMMA), PASSES, "shared", ("integration-service_users",)),
    Row("form-2", shared(GAMMA, agency("omega", "other")), PASSES, "shared", ("integration-service_users",)),
    Row("integration", shared(BETA, DELTA), FAILS, "neither", ("integration-forms",)),
]
