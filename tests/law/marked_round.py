"""A proposal in the middle of its final scores, with a mark in every field somebody may want to keep from others, and a
reviewer in every situation there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from app.calls.queries import get_call
from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Body, Membership, Role
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import (
    assign_reviewers,
    declare_conflict,
    declare_tie,
    decline_assignment,
    move_round,
    save_review,
    submit_review,
    withdraw_assignment,
)
from app.reviews.actions.discussing import record_outcome, write_note
from app.reviews.conflicts import Ground
from app.reviews.facts import Score
from app.reviews.models import Assignment
from app.reviews.queries import get_round
from app.reviews.threads import Conclusion
from app.screening.actions import add_note, assign_cases
from tests.world import FISCAL_YEAR, NOW, PASSWORD, World, complete_draft, file_proposal, give

# the reviewers of the marked proposal, by their situation; each is a person of its own
FINISHED, FINAL, UNFINISHED = "finished", "final", "unfinished"
GIVEN, HELD, RECUSED, DECLINED, WITHDRAWN = "given", "held", "recused", "declined", "withdrawn"
STRANGER = "stranger"  # a reviewer who was given something else
SITUATIONS = (FINISHED, FINAL, UNFINISHED, GIVEN, HELD, RECUSED, DECLINED, WITHDRAWN, STRANGER)
TIED_MEMBER = "member"  # of the committee and of the lead agency

TITLE = "QXTITLE"
CASE_NOTE = "QXCASENOTE"  # what the secretariat notes for itself while it screens
TALK = {FINAL: "QXTALKREV", "secretariat": "QXTALKSEC", "outcome": "QXTALKOUT"}
REASONS = {
    FINAL: "QXWHYFIN",
    RECUSED: "QXWHYREC",
    DECLINED: "QXWHYDEC",
    WITHDRAWN: "QXWHYWIT",
    HELD: "QXWHYHELD",
}
# in hundredths of a point; what is printed of them is the mark. Those that count have a mean of their own, 58.75
TOTALS = {FINISHED: 6_125, "first": 5_625, FINAL: 6_625, HELD: 4_875, RECUSED: 5_125, WITHDRAWN: 7_125}
FILLING = " ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย"


def comment(who: str) -> str:
    return f"QXSAID{who[:5].upper()}"


def notes(who: str) -> str:
    return f"QXNOTE{who[:5].upper()}"


def printed(total: int) -> str:
    return f"{total // 100}.{total % 100:02}"


@dataclass
class MarkedRound:
    """Ids of what was made; `world` knows the people of every situation."""

    world: World
    proposal_id: int
    assignments: dict[str, int]
    tie_id: int


def levels_of(total: int) -> Mapping[str, int]:
    """Levels from 1 to 3 that come to a total."""
    criteria = get_call(db.session(), FISCAL_YEAR).rubric.criteria
    for levels in product((2, 3, 1), repeat=len(criteria)):
        if sum(c.weight * level * 25 for c, level in zip(criteria, levels, strict=True)) == total:
            return {c.code: level for c, level in zip(criteria, levels, strict=True)}
    raise AssertionError(f"no levels come to {total}")


def marked_scores(total: int, mark: str) -> dict[str, Score]:
    return {code: Score(level, mark + FILLING) for code, level in levels_of(total).items()}


def add_people(world: World) -> World:
    """A copy of the world with the people of every situation."""
    wider = World(dict(world.agencies), dict(world.users), world.call_id)
    people = {name: Membership(Role.REVIEWER, world.agencies["bb"], Body.BB) for name in SITUATIONS}
    people[TIED_MEMBER] = Membership(Role.COMMITTEE, world.agencies["alpha"])
    with open_work(SYSTEM, NOW) as work:
        for name, membership in people.items():
            wider.users[name] = add_demo_person(
                work, World.email(name), Text(f"ผู้ใช้ {name}", f"Person {name}"), PASSWORD, [membership]
            )
    return wider


def give_to_everybody(world: World) -> tuple[int, dict[str, int]]:
    """The marked proposal, accepted by everybody of a situation but one, who has not answered."""
    marked = complete_draft(names={"title_th": TITLE, "title_en": TITLE})
    proposal_id = file_proposal(world, marked)
    asked = [name for name in SITUATIONS if name not in (GIVEN, STRANGER)]
    assignments = dict(zip(asked, give(world, proposal_id, *asked), strict=True))
    with open_work(world.actor("secretariat"), NOW) as work:
        (waiting,) = assign_reviewers(work, proposal_id, [world.users[GIVEN]])
        assignments[GIVEN] = waiting.id
    return proposal_id, assignments


def hold_marked_round(world: World) -> MarkedRound:
    """The whole round: independent scores, answers and taking back, the discussion, a final score."""
    world = add_people(world)
    proposal_id, given = give_to_everybody(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        add_note(work, proposal_id, CASE_NOTE)
        assign_cases(work, [proposal_id], world.users["secretariat"])
    for name, total in (
        (FINISHED, FINISHED),
        (FINAL, "first"),
        *((n, n) for n in (HELD, RECUSED, WITHDRAWN)),
    ):
        with open_work(world.actor(name), NOW) as work:
            scores = marked_scores(TOTALS[total], comment(total))
            submit_review(work, given[name], scores, 1, notes=notes(name))
    for name in (UNFINISHED, DECLINED):
        with open_work(world.actor(name), NOW) as work:
            save_review(work, given[name], marked_scores(6_000, comment(name)), 1, notes=notes(name))
    with open_work(world.actor(DECLINED), NOW) as work:
        decline_assignment(work, given[DECLINED], REASONS[DECLINED])
    with open_work(world.actor(RECUSED), NOW) as work:
        declare_conflict(work, given[RECUSED], REASONS[RECUSED])
    with open_work(world.actor("secretariat"), NOW) as work:
        withdraw_assignment(work, given[WITHDRAWN], REASONS[WITHDRAWN])
    with open_work(world.actor(HELD), NOW) as work:
        tie_id = declare_tie(work, world.agencies["alpha"], Ground.FORMER, note=REASONS[HELD])
    for move in ("begin_discussion", "begin_final"):
        if move == "begin_final":
            talk(world, proposal_id)
        with open_work(world.actor("secretariat"), NOW) as work:
            version = get_round(work.session, world.call_id).version
            move_round(work, world.call_id, move, version=version)
    with open_work(world.actor(FINAL), NOW) as work:
        version = work.session.get_one(Assignment, given[FINAL]).version
        scores = marked_scores(TOTALS[FINAL], comment(FINAL))
        submit_review(work, given[FINAL], scores, version, reason=REASONS[FINAL] + FILLING)
    return MarkedRound(world, proposal_id, given, tie_id)


def talk(world: World, proposal_id: int) -> None:
    for name in (FINAL, "secretariat"):
        with open_work(world.actor(name), NOW) as work:
            write_note(work, proposal_id, TALK[name])
    with open_work(world.actor("secretariat"), NOW) as work:
        record_outcome(work, proposal_id, Conclusion.RESCORE, TALK["outcome"])
