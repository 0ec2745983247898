"""One scenario of a call is the list everybody reads; another takes its place, or none."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.work import Work
from app.portfolio.actions.opening import open_scenario, touch
from app.portfolio.models import Scenario
from app.portfolio.queries.lists import entries_under, list_entries, terms_of
from app.portfolio.queries.scenarios import known_of
from app.portfolio.scenarios import LONGEST_WORDS, NO_REASON, find_problems

NOT_ADOPTED = Text("ยังใช้ฉากทัศน์นี้เป็นบัญชีไม่ได้", "The scenario was not adopted")
NOT_RELEASED = Text("ยังเลิกใช้ฉากทัศน์นี้ไม่ได้", "The scenario was not let go of")
ABOVE_CEILING = Text(
    "กรอบวงเงินของฉากทัศน์สูงกว่ากรอบของรอบ {ceiling} บาท ใช้ทดลองได้ แต่ใช้เป็นบัญชีไม่ได้",
    "The scenario's ceiling is above the call's {ceiling} baht: good for a what-if, not for the list",
)
ADOPTED_ALREADY = Text("ใช้ฉากทัศน์นี้เป็นบัญชีอยู่แล้ว", "This scenario is the adopted one already")
NOT_THE_ONE = Text("ฉากทัศน์นี้ไม่ได้เป็นบัญชีอยู่", "This scenario is not the adopted one")
MEETING = Text(
    "มีการประชุมที่เปิดอยู่และใช้บัญชีปัจจุบัน กรุณารอให้ปิดการประชุมก่อนเปลี่ยนบัญชี",
    "A meeting is open on the present list; the list can change once it is closed",
)
TOO_LONG = Text("เหตุผลยาวได้ไม่เกิน {longest} ตัวอักษร", "A reason has at most {longest} characters")

Meets = Callable[[Session, int], bool]


def adopt_scenario(
    work: Work[Actor], scenario_id: int, version: int, reason: str, *, meets: Meets
) -> Scenario:
    """Let the list of the call follow this scenario; the one before is let go of. What was adopted is never changed.

    `meets` says of a call whether a meeting is open on its list, which only a later room knows; it is asked once the call
    is locked. The terms are checked again: projects may have left the list since. Raises `Forbidden`, `NotFound`,
    `Stale`, `Refused` with every problem.
    """
    scenario = open_scenario(work, scenario_id, version, Permission.ADOPT_SCENARIO)
    work.session.get_one(Call, scenario.call_id, with_for_update=True)
    call = get_call_by_id(work.session, scenario.call_id)
    terms = terms_of(work.session, scenario)
    found = _problems(work, scenario, reason, meets)
    if scenario.adopted_for is not None:
        found.append(Problem("reason", ADOPTED_ALREADY))
    if terms.ceiling > call.ceiling:
        found.append(Problem("terms", ABOVE_CEILING.fill(ceiling=format_baht(call.ceiling))))
    entries = list_entries(work.session, call.id)
    found += [Problem("terms", p.text) for p in find_problems(terms, known_of(call, entries))]
    try:
        entries_under(work.session, call, terms)
    except Refused as refusal:
        found.append(Problem("terms", refusal.text))
    if found:
        raise Refused(NOT_ADOPTED, found)
    before = work.session.scalars(
        select(Scenario).where(Scenario.adopted_for == call.id).with_for_update()
    ).one_or_none()
    if before is not None:
        before.adopted_for = None
        work.session.flush()
    scenario.adopted_at, scenario.adopted_by, scenario.adopted_for = work.now, work.actor.id, call.id
    scenario.adopted_reason = reason.strip()
    scenario.adopted_sha256 = sha256_text(canonical_json(terms.to_json()))
    touch(work, scenario)
    work.audit(
        "adopt_scenario",
        f"scenario:{scenario.id}",
        before=before.adopted_sha256 if before else None,
        after=scenario.adopted_sha256,
        detail={
            "call": call.id,
            "name": scenario.name,
            "reason": scenario.adopted_reason,
            "instead_of": before.id if before else None,
        },
    )
    return scenario


def release_scenario(
    work: Work[Actor], scenario_id: int, version: int, reason: str, *, meets: Meets
) -> Scenario:
    """Let go of the adopted scenario: the list is the ceiling alone again. Raises as `adopt_scenario` does."""
    scenario = open_scenario(work, scenario_id, version, Permission.ADOPT_SCENARIO)
    work.session.get_one(Call, scenario.call_id, with_for_update=True)
    found = _problems(work, scenario, reason, meets)
    if scenario.adopted_for is None:
        found.append(Problem("reason", NOT_THE_ONE))
    if found:
        raise Refused(NOT_RELEASED, found)
    scenario.adopted_for = None
    touch(work, scenario)
    work.audit(
        "release_scenario",
        f"scenario:{scenario.id}",
        before=scenario.adopted_sha256,
        detail={"call": scenario.call_id, "name": scenario.name, "reason": reason.strip()},
    )
    return scenario


def _problems(work: Work[Actor], scenario: Scenario, reason: str, meets: Meets) -> list[Problem]:
    found = []
    if not reason.strip():
        found.append(Problem("reason", NO_REASON))
    elif len(reason.strip()) > LONGEST_WORDS:
        found.append(Problem("reason", TOO_LONG.fill(longest=LONGEST_WORDS)))
    if meets(work.session, scenario.call_id):
        found.append(Problem("reason", MEETING))
    return found
