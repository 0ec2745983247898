"""Plans of assignments are kept, adjusted by hand, applied and dropped."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.reviews.actions.assigning import IS_LOCKED, give_seats, lock_call, take_back
from app.reviews.actions.assigning import Seat as GivenSeat
from app.reviews.models import Assignment, AssignmentPlan
from app.reviews.planning.changes import weigh_change
from app.reviews.planning.facts import Pair, PlanSettings, Seat
from app.reviews.planning.reckoning import Fault, Reckoning, find_faults, reckon
from app.reviews.queries.plans import Filed, Standings, read_situation, seats_of, settings_of
from app.reviews.queries.rounds import get_round
from app.reviews.states import LOCKED

PLAN_STALE = Text(
    "มีผู้แก้ไขแผนการมอบหมายนี้ไปแล้ว กรุณาตรวจก่อนทำรายการอีกครั้ง",
    "Somebody else changed this plan; check before going on",
)
PLAN_CLOSED = Text(
    "แผนการมอบหมายนี้ใช้หรือยกเลิกไปแล้ว จึงแก้ไขไม่ได้",
    "This plan was applied or dropped and can no longer be changed",
)
EMPTY_PLAN = Text("ไม่มีการมอบหมายในแผนนี้", "There is nothing to assign in this plan")
NOT_APPLIED = Text(
    "ยังไม่ได้มอบหมายเรื่องใด เพราะมีบางเรื่องที่มอบหมายไม่ได้แล้ว กรุณาปรับแผนก่อน",
    "Nothing was assigned: some of it is no longer possible. Adjust the plan first",
)
NOT_CHANGED = Text("ปรับตามนี้ไม่ได้", "This change cannot be made")
NO_SUCH_SEAT = Text("ไม่มีที่นั่งนี้ในแผนแล้ว", "The plan has no such seat any more")
NO_SUCH_PERSON = Text("ไม่มีผู้พิจารณาคนนี้", "There is no such reviewer")


def make_plan(
    work: Work[Actor],
    call_id: int,
    settings: PlanSettings,
    seats: tuple[Seat, ...],
    result: dict[str, int],
) -> int:
    """Keep a plan that was computed, to be adjusted and applied later; returns its id."""
    require(work.actor, Permission.ASSIGN_REVIEWER)
    get_call_by_id(work.session, call_id)
    if get_round(work.session, call_id).phase == LOCKED:
        raise Refused(IS_LOCKED)
    plan = AssignmentPlan(
        call_id=call_id,
        state="draft",
        settings=_settings_json(settings, result),
        seats=_seats_json(seats),
        made_at=work.now,
        made_by=work.actor.id,
    )
    work.session.add(plan)
    work.session.flush()
    work.audit(
        "make_plan",
        f"plan:{plan.id}",
        after=sha256_text(plan.seats),
        detail={"call": call_id, "seed": settings.seed, "keep": settings.keep.value, **result},
    )
    return plan.id


def result_of(reckoning: Reckoning) -> dict[str, int]:
    """What a plan comes to, in the whole numbers that are kept with it."""
    return {
        "seats": len(reckoning.seats),
        "missing": reckoning.missing,
        "lacking": len({lack.proposal for lack in reckoning.lacking}),
        "cost": reckoning.cost.total,
        "groups": len(reckoning.islands),
        "shared": reckoning.coverage.shared,
        "pairs": reckoning.coverage.pairs,
    }


def _settings_json(settings: PlanSettings, result: dict[str, int]) -> str:
    return canonical_json({"seed": settings.seed, "keep": settings.keep.value, "result": result})


def _seats_json(seats: tuple[Seat, ...]) -> str:
    return canonical_json([list(seat) for seat in sorted(seats, key=lambda s: (s.proposal, s.reviewer))])


def _own(work: Work[Actor], plan_id: int, version: int) -> tuple[AssignmentPlan, CallView, PlanSettings]:
    """A plan under lock that may still be changed, and is the one the form showed."""
    require(work.actor, Permission.ASSIGN_REVIEWER)
    plan = work.session.get(AssignmentPlan, plan_id, with_for_update=True)
    if plan is None:
        raise NotFound()
    if plan.state != "draft":
        raise Refused(PLAN_CLOSED)
    if plan.version != version:
        raise Stale(PLAN_STALE)
    return plan, get_call_by_id(work.session, plan.call_id), settings_of(plan.settings)[0]


def _read(work: Work[Actor], call: CallView, settings: PlanSettings) -> Standings:
    return read_situation(work.session, call, get_round(work.session, call.id), settings.keep)


def change_seat(
    work: Work[Actor],
    plan_id: int,
    version: int,
    proposal_id: int,
    *,
    reviewer_id: int | None,
    instead: int | None,
) -> int:
    """Put a reviewer on a proposal of the plan in place of another, in addition (`instead` None), or take one off
    (`reviewer_id` None); returns the plan's new version. Raises `Refused` where it is not possible, `Stale`."""
    plan, call, settings = _own(work, plan_id, version)
    seats = list(seats_of(plan.seats))
    panel_id = None
    if instead is not None:
        given_up = next((s for s in seats if (s.proposal, s.reviewer) == (proposal_id, instead)), None)
        if given_up is None:
            raise Refused(NO_SUCH_SEAT)
        seats.remove(given_up)
        panel_id = given_up.panel
    elif reviewer_id is None:
        raise Refused(NO_SUCH_PERSON)
    if reviewer_id is not None:
        situation = _read(work, call, settings).situation
        if proposal_id not in situation.subject or reviewer_id not in situation.reviewer:
            raise NotFound()
        standing, _ = find_faults(situation, seats_of(plan.seats))
        # a seat that can no longer stand counts for nothing, and whoever replaces it comes in addition
        in_place = any((s.proposal, s.reviewer) == (proposal_id, instead) for s in standing)
        change = weigh_change(situation, standing, proposal_id, reviewer_id, instead if in_place else None)
        if change.refusal is not None:
            raise Refused(NOT_CHANGED, [Problem(f"reviewer-{reviewer_id}", change.refusal)])
        if panel_id is None:
            panel_id = next(
                (
                    situation.panels[index].id
                    for (proposal, index) in situation.open_seats
                    if proposal == proposal_id and reviewer_id in situation.panels[index].members
                ),
                None,
            )
        seats.append(Seat(proposal_id, reviewer_id, panel_id))
    before = plan.seats
    plan.seats = _seats_json(tuple(seats))
    work.session.flush()
    work.audit(
        "change_plan",
        f"plan:{plan.id}",
        before=sha256_text(before),
        after=sha256_text(plan.seats),
        detail={"proposal": proposal_id, "reviewer": reviewer_id, "instead": instead},
    )
    return plan.version


def drop_plan(work: Work[Actor], plan_id: int, version: int) -> None:
    """Drop a plan; nothing was assigned. Raises `Stale`."""
    plan, _, _ = _own(work, plan_id, version)
    plan.state, plan.closed_at, plan.closed_by = "dropped", work.now, work.actor.id
    work.session.flush()
    work.audit("drop_plan", f"plan:{plan.id}", before=sha256_text(plan.seats))


@dataclass(frozen=True, slots=True)
class Effect:
    """What applying a plan would do now: the seats given, the assignments taken back because the plan gives them to
    others, and what stands in the way."""

    given: tuple[Seat, ...]
    taken_back: tuple[tuple[Pair, int], ...]  # (proposal, reviewer), the assignment's id
    faults: tuple[Fault, ...]


def foresee(standings: Standings, seats: tuple[Seat, ...]) -> Effect:
    """What applying would do: exactly what `apply_plan` does, for its preview."""
    standing, faults = find_faults(standings.situation, seats)
    planned = {(s.proposal, s.reviewer) for s in seats}
    return Effect(
        given=tuple(s for s in standing if (s.proposal, s.reviewer) not in standings.freed),
        taken_back=tuple(
            (pair, number) for pair, number in sorted(standings.freed.items()) if pair not in planned
        ),
        faults=faults,
    )


def fault_words(fault: Fault, standings: Standings) -> Text:
    """A seat that cannot stand, in words."""
    filed: Filed | None = standings.filed.get(fault.seat.proposal)
    reviewer = standings.situation.reviewer.get(fault.seat.reviewer)
    number = filed.number if filed else f"#{fault.seat.proposal}"
    name = reviewer.name if reviewer else Text(f"ผู้ใช้ {fault.seat.reviewer}", f"person {fault.seat.reviewer}")
    return Text(f"{number}: {name.th} – {fault.why.th}", f"{number}: {name.en} – {fault.why.en}")


def apply_plan(work: Work[Actor], plan_id: int, version: int) -> Effect:
    """Assign all that a plan says, judged against the registers of now: all of it, or nothing.

    Raises `Refused` naming every seat that a conflict, a limit or a proposal's state has overtaken, `Stale`.
    """
    plan, call, settings = _own(work, plan_id, version)
    seats = seats_of(plan.seats)
    seating = lock_call(work, call.id, {s.proposal for s in seats}, {s.reviewer for s in seats})
    if seating.round.phase == LOCKED:
        raise Refused(IS_LOCKED)
    standings = _read(work, call, settings)
    effect = foresee(standings, seats)
    if effect.faults:
        raise Refused(
            NOT_APPLIED,
            [Problem(f"proposal-{f.seat.proposal}", fault_words(f, standings)) for f in effect.faults],
        )
    if not effect.given and not effect.taken_back:
        raise Refused(EMPTY_PLAN)
    result = result_of(reckon(standings.situation, seats))
    freed = [number for _, number in effect.taken_back]
    for assignment in work.session.scalars(
        select(Assignment).where(Assignment.id.in_(freed)).order_by(Assignment.id).with_for_update()
    ).all():
        take_back(work, assignment, "")
    give_seats(
        work,
        call.id,
        seating,
        [(GivenSeat(*seat), seating.held.get((seat.proposal, seat.reviewer))) for seat in effect.given],
    )
    plan.settings = _settings_json(settings, result)
    plan.state, plan.closed_at, plan.closed_by = "applied", work.now, work.actor.id
    work.session.flush()
    work.audit(
        "apply_plan",
        f"plan:{plan.id}",
        after=sha256_text(plan.seats),
        detail={"given": len(effect.given), "taken_back": len(effect.taken_back)},
    )
    return effect
