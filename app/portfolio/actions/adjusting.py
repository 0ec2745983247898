"""Projects are taken, left out or cut by hand in a scenario, each with its reason, and these changes taken back."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, may
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.portfolio.actions.opening import open_for_change, touch
from app.portfolio.facts import Adjustment
from app.portfolio.models import Scenario, ScenarioAdjustment
from app.portfolio.queries.lists import list_entries, terms_of
from app.portfolio.queries.scenarios import known_of
from app.portfolio.scenarios import LONGEST_WORDS, adjustment_problems
from app.reviews.conflicts import GROUND_NAMES
from app.reviews.queries.conflicts import find_meeting_standing

NOT_ADJUSTED = Text("ยังปรับโครงการไม่ได้", "The project was not changed")
TOO_LONG = Text("เหตุผลยาวได้ไม่เกิน {longest} ตัวอักษร", "A reason has at most {longest} characters")
TIED = Text(
    "ท่านมีผลประโยชน์ทับซ้อนกับโครงการนี้ ({ground}) หรือรอคำวินิจฉัยอยู่ จึงปรับโครงการนี้ไม่ได้",
    "You have, or may have, a conflict of interest with this project ({ground}), so its place is not yours to change",
)


def adjust_project(
    work: Work[Actor], scenario_id: int, version: int, proposal_id: int, adjustment: Adjustment
) -> ScenarioAdjustment:
    """Change one project by hand, in place of what was changed of it before.

    Who decides on proposals and is tied to this one changes nothing of it. Raises `Forbidden`, `NotFound` (also for a
    project not on the list), `Stale`, `Refused` with every problem.
    """
    scenario = open_for_change(work, scenario_id, version)
    call = get_call_by_id(work.session, scenario.call_id)
    known = known_of(call, list_entries(work.session, call.id))
    entry = next((e for e in known.entries if e.proposal_id == proposal_id), None)
    if entry is None:
        raise NotFound()
    found = adjustment_problems(entry.number, adjustment, terms_of(work.session, scenario), known)
    if len(adjustment.reason.strip()) > LONGEST_WORDS:
        found.append(Problem("reason", TOO_LONG.fill(longest=LONGEST_WORDS)))
    if work.actor.id is not None and may(work.actor, Permission.RECORD_DECISION):
        tie = find_meeting_standing(work.session, proposal_id, work.actor.id).decisive
        if tie is not None:
            found.append(Problem("kind", TIED.fill(ground=GROUND_NAMES[tie.ground])))
    if found:
        raise Refused(NOT_ADJUSTED, found)
    _end(work, scenario, proposal_id)
    row = ScenarioAdjustment(
        scenario_id=scenario.id,
        proposal_id=proposal_id,
        kind=adjustment.kind.value,
        amount=adjustment.amount,
        reason=adjustment.reason.strip(),
        at=work.now,
        by=work.actor.id,
        slot=f"{scenario.id}:{proposal_id}",
    )
    work.session.add(row)
    touch(work, scenario)
    work.audit(
        "adjust_project",
        f"scenario:{scenario.id}",
        detail={
            "proposal": proposal_id,
            "kind": row.kind,
            "amount_satang": row.amount,
            "reason": row.reason,
        },
    )
    return row


def take_back_adjustment(work: Work[Actor], scenario_id: int, version: int, proposal_id: int) -> None:
    """Let a project stand as computed again. Raises `Forbidden`, `Stale`, `NotFound` where nothing was changed."""
    scenario = open_for_change(work, scenario_id, version)
    ended = _end(work, scenario, proposal_id)
    if ended is None:
        raise NotFound()
    touch(work, scenario)
    work.audit(
        "take_back_adjustment",
        f"scenario:{scenario.id}",
        detail={"proposal": proposal_id, "kind": ended.kind},
    )


def _end(work: Work[Actor], scenario: Scenario, proposal_id: int) -> ScenarioAdjustment | None:
    row = work.session.scalars(
        select(ScenarioAdjustment).where(ScenarioAdjustment.slot == f"{scenario.id}:{proposal_id}")
    ).one_or_none()
    if row is not None:
        row.ended_at, row.ended_by, row.slot = work.now, work.actor.id, None
        work.session.flush()
    return row
