"""Letters about reviews: from what people really do to what each of them is told, and what no letter ever carries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.identity.actions import disable_person
from app.identity.facts import SYSTEM
from app.identity.models import User
from app.kernel.db import db
from app.kernel.work import open_work
from app.notices.actions import remind, set_preferences
from app.notices.facts import Kind
from app.notices.models import Mail
from app.notices.queries import find_untold
from app.notices.review_reminders import list_review_reminders
from app.proposals.models import Proposal
from app.reviews.actions import (
    Seat,
    assign_reviewers,
    assign_seats,
    declare_conflict,
    decline_assignment,
    move_round,
    reassign_reviewer,
    reopen_review,
    set_round,
    withdraw_assignment,
)
from app.reviews.actions.discussing import write_note
from app.reviews.facts import RoundFacts
from app.reviews.models import AssignmentPlan, ConflictStatement, DiscussionNote, DiscussionOutcome
from app.reviews.queries.rounds import get_round
from tests.instruments import counted_queries
from tests.notices.scene import SITE, add, by_name, change, hear_all, hear_at, mails
from tests.web.desks import hand_in, scores
from tests.world import NOW, World, complete_draft, file_proposal, give

D, H, M, S = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
DUE = NOW + 10 * D
MARK = "MARKED"  # stands where no letter may carry it: titles, comments, reasons, what is said
BOTH = ("reviewer_bb", "reviewer_dga")
# what no database decides
once = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def filed(app: Flask, world: World) -> list[int]:
    """Three proposals with marked titles; the letters about filing them are written already."""
    names = {"title_th": f"โครงการ {MARK}", "title_en": f"Project {MARK}"}
    made = [file_proposal(world, complete_draft(names=names)) for _ in range(3)]
    hear_all(world, NOW)
    return made


def number(proposal_id: int) -> str:
    return db.session.get_one(Proposal, proposal_id).number


def act(world: World, who: str, verb: Any, *args: Any, at: datetime = NOW, **more: Any) -> Any:
    with open_work(world.actor(who), at) as work:
        return verb(work, *args, **more)


def assign(world: World, proposal_id: int, *names: str, at: datetime = NOW) -> list[int]:
    with open_work(world.actor("secretariat"), at) as work:
        return [a.id for a in assign_reviewers(work, proposal_id, [world.users[name] for name in names])]


def told(world: World, at: datetime = NOW + M) -> dict[str, Mail]:
    """Name -> the one letter just written to that person."""
    return by_name(world, hear_all(world, at))


def reminded(world: World, at: datetime) -> dict[str, Mail]:
    before = {mail.id for mail in mails()}
    with open_work(SYSTEM, at) as work:
        remind(work, SITE)
    return by_name(world, [mail for mail in mails() if mail.id not in before])


def schedule(world: World, **dates: datetime) -> None:
    version = get_round(db.session(), world.call_id).version
    act(world, "secretariat", set_round, world.call_id, RoundFacts(version=version, **dates))


def move(world: World, *moves: str, at: datetime = NOW) -> None:
    for one in moves:
        version = get_round(db.session(), world.call_id).version
        act(world, "secretariat", move_round, world.call_id, one, version=version, reason=MARK, at=at)


def declare(world: World, proposal_id: int, name: str, *, is_conflict: bool = True) -> None:
    """A word on record that there is a conflict of interest, or no longer one, whatever the assignment."""
    add(
        ConflictStatement(
            proposal_id=proposal_id,
            user_id=world.users[name],
            ground="declared",
            is_conflict=is_conflict,
            reason=MARK,
            at=NOW,
        )
    )


def test_what_was_given_at_one_moment_is_one_letter_by_number_alone(world: World, filed: list[int]) -> None:
    schedule(world, scoring_due_at=DUE)
    change(User, world.users["reviewer_dga"], language="en")
    bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
    act(
        world,
        "secretariat",
        assign_seats,
        world.call_id,
        [Seat(p, bb) for p in filed] + [Seat(filed[0], dga)],
    )
    letters = told(world)
    assert set(letters) == set(BOTH)
    thai, english = letters["reviewer_bb"], letters["reviewer_dga"]
    assert (thai.kind, thai.state) == ("reviewing", "waiting")
    assert "3 รายการ" in thai.subject
    assert "30 พ.ย. 2568 10:00 น." in thai.body
    assert [line for line in thai.body.splitlines() if line.startswith("- ")] == [
        f"- {number(p)}" for p in sorted(filed, key=number)
    ]
    assert "https://dgi.example/reviewer/" in thai.body
    assert english.subject == "You are asked to review one proposal"
    assert f"- {number(filed[0])}" in english.body
    assert number(filed[1]) not in english.body
    for mail in letters.values():
        assert MARK not in mail.subject + mail.body
        for other in ("กรมอัลฟา", "Department Alpha", "ผู้ใช้ reviewer_", "Person reviewer_"):
            assert other not in mail.body.split("\n\n", 1)[1]  # the greeting names the reader


def test_many_promises_of_one_moment_are_still_one_letter(world: World, filed: list[int]) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        for proposal_id in filed:
            assign_reviewers(work, proposal_id, [world.users["reviewer_bb"]])
    (mail,) = told(world).values()
    assert all(number(p) in mail.body for p in filed)
    later = assign(world, filed[0], "reviewer_dga", at=NOW + H)
    assert later
    assert set(told(world, NOW + H + M)) == {"reviewer_dga"}


def test_a_plan_and_a_proposal_can_be_told_of_as_well(world: World, filed: list[int]) -> None:
    assign(world, filed[0], "reviewer_bb")
    hear_all(world, NOW + M)
    plan = AssignmentPlan(
        call_id=world.call_id,
        state="applied",
        settings="{}",
        seats="[]",
        made_at=NOW,
        closed_at=NOW + H,
        made_by=None,
    )
    plan_id = add(plan)
    assign(world, filed[1], *BOTH, at=NOW + H)
    with_plan = hear_at(world, NOW + H + M, "reviewers_assigned", plan=plan_id)
    assert set(with_plan) == set(BOTH)
    assert number(filed[0]) not in with_plan["reviewer_bb"].body
    assert hear_all(world, NOW + H + 2 * M) == []  # the action's own promise: told already
    assign(world, filed[2], "reviewer_dga", at=NOW + 2 * H)
    ids = {"proposal": filed[2], "reviewers": [world.users["reviewer_dga"]]}
    assert set(hear_at(world, NOW + 2 * H, "reviewers_assigned", 9, **ids)) == {"reviewer_dga"}
    assert hear_at(world, NOW + 2 * H, "reviewers_assigned", 10, **ids) == {}
    assert hear_at(world, NOW + 2 * H, "reviewers_assigned", 11, plan=999_999) == {}


@once
def test_what_was_answered_taken_back_or_is_in_conflict_meanwhile_is_not_told(
    world: World, filed: list[int]
) -> None:
    give(world, filed[0], "reviewer_bb")
    (taken,) = assign(world, filed[1], "reviewer_bb")
    act(world, "secretariat", withdraw_assignment, taken)
    assign(world, filed[2], "reviewer_bb")
    declare(world, filed[2], "reviewer_bb")
    letters = [
        m for m in hear_all(world, NOW + M) if "มอบหมายให้ท่าน" in m.subject and "ยกเลิก" not in m.subject
    ]
    assert letters == []


@once
def test_nobody_is_told_of_work_in_a_locked_round(world: World, filed: list[int]) -> None:
    assign(world, filed[0], "reviewer_bb")
    move(world, "lock")
    assert {m.subject for m in told(world).values()} == {"รอบพิจารณาเข้าสู่ขั้นปิดรอบพิจารณา"}


@once
def test_who_had_it_taken_away_is_told_and_nobody_else(world: World, filed: list[int]) -> None:
    first, _ = give(world, filed[0], *BOTH)
    hear_all(world, NOW)
    act(world, "secretariat", withdraw_assignment, first, MARK)
    (name,), (mail,) = zip(*told(world).items(), strict=True)
    assert name == "reviewer_bb"
    assert mail.subject.startswith(number(filed[0]))
    assert MARK not in mail.body
    assert "กรมอัลฟา" not in mail.body


@once
def test_passing_one_on_tells_both(world: World, filed: list[int]) -> None:
    (first,) = give(world, filed[0], "reviewer_bb")
    hear_all(world, NOW)
    act(world, "secretariat", reassign_reviewer, first, world.users["reviewer_dga"], MARK, at=NOW + H)
    letters = told(world, NOW + H)
    assert "ยกเลิกการมอบหมาย" in letters["reviewer_bb"].subject
    assert "มอบหมายให้ท่านพิจารณา" in letters["reviewer_dga"].subject
    assert set(letters) == set(BOTH)


@once
@pytest.mark.parametrize(
    ("verb", "words"), [(decline_assignment, "ขอไม่พิจารณา"), (declare_conflict, "ผลประโยชน์ทับซ้อน")]
)
def test_the_secretariat_learns_who_of_which_body_will_not_review(
    world: World, filed: list[int], verb: Any, words: str
) -> None:
    (first,) = assign(world, filed[0], "reviewer_bb")
    hear_all(world, NOW)
    act(world, "reviewer_bb", verb, first, f"{MARK}-เหตุผล")
    letters = told(world)
    assert set(letters) == {"secretariat"}
    mail = letters["secretariat"]
    assert words in mail.subject
    assert "สำนักงบประมาณ" in mail.body
    assert f"/secretariat/proposals/{filed[0]}" in mail.body
    assert f"{MARK}-เหตุผล" not in mail.body
    assert "ผู้ใช้ reviewer_bb" not in mail.body
    # asked again before it was heard: the news is over
    assign(world, filed[0], "reviewer_dga")
    second = assign(world, filed[1], "reviewer_dga")[0]
    hear_all(world, NOW)
    act(world, "reviewer_dga", decline_assignment, second, "ไม่ว่าง")
    assign(world, filed[1], "reviewer_dga", at=NOW + H)
    assert set(told(world, NOW + 2 * H)) == {"reviewer_dga"}


@once
def test_a_phase_is_told_to_who_has_something_standing_and_no_conflict(
    world: World, filed: list[int]
) -> None:
    schedule(world, scoring_due_at=DUE, final_due_at=DUE + 5 * D)
    give(world, filed[0], *BOTH)
    hear_all(world, NOW)
    move(world, "begin_discussion")
    letters = told(world)
    assert set(letters) == set(BOTH)
    assert "หารือ" in letters["reviewer_bb"].subject
    assert "ภายใน:" not in letters["reviewer_bb"].body
    declare(world, filed[0], "reviewer_dga")
    move(world, "begin_final", at=NOW + H)
    letters = told(world, NOW + H)
    assert set(letters) == {"reviewer_bb"}
    assert "ภายใน: 5 ธ.ค. 2568 10:00 น." in letters["reviewer_bb"].body
    assert MARK not in letters["reviewer_bb"].body
    # two moves before anybody listened: only where it is now is told
    move(world, "back_to_discussion", "begin_final", at=NOW + 2 * H)
    assert {m.subject for m in hear_all(world, NOW + 3 * H)} == {"รอบพิจารณาเข้าสู่ขั้นคะแนนสุดท้าย"}


@once
def test_a_reopening_is_told_to_that_reviewer(world: World, filed: list[int]) -> None:
    first, second = give(world, filed[0], *BOTH)
    hear_all(world, NOW)
    act(world, "secretariat", reopen_review, first, NOW + 2 * D, MARK)
    letters = told(world)
    assert set(letters) == {"reviewer_bb"}
    mail = letters["reviewer_bb"]
    assert "22 พ.ย. 2568 10:00 น." in mail.subject
    assert f"https://dgi.example/reviewer/assignments/{first}" in mail.body
    assert MARK not in mail.body
    act(world, "secretariat", reopen_review, second, NOW + 2 * H, MARK)
    declare(world, filed[0], "reviewer_dga")
    act(world, "secretariat", reopen_review, first, NOW + H, MARK)
    assert told(world, NOW + H) == {}  # one is in conflict, for the other it is over


def discussed(world: World, proposal_id: int) -> list[int]:
    made = give(world, proposal_id, *BOTH)
    for name, assignment_id in zip(BOTH, made, strict=True):
        hand_in(world, name, assignment_id, scores(3, MARK))
    move(world, "begin_discussion")
    hear_all(world, NOW)
    return made


def test_a_discussion_is_told_once_a_day_without_its_words(world: World, filed: list[int]) -> None:
    first, second = discussed(world, filed[0])
    act(world, "reviewer_bb", write_note, filed[0], f"{MARK} หนึ่ง")
    letters = told(world)
    assert set(letters) == {"reviewer_dga", "secretariat"}
    assert f"/reviewer/assignments/{second}/discussion" in letters["reviewer_dga"].body
    assert f"/secretariat/proposals/{filed[0]}/discussion" in letters["secretariat"].body
    assert letters["reviewer_dga"].kind == "discussion"
    act(world, "reviewer_bb", write_note, filed[0], f"{MARK} สอง", at=NOW + H)
    assert told(world, NOW + H) == {}
    act(world, "reviewer_dga", write_note, filed[0], f"{MARK} สาม", at=NOW + 2 * H)
    assert set(told(world, NOW + 2 * H)) == {"reviewer_bb"}  # not told of the own note before
    act(world, "secretariat", write_note, filed[0], f"{MARK} สี่", at=NOW + D)
    assert set(told(world, NOW + D)) == set(BOTH)
    told_reviewers = [
        m for m in mails() if m.user_id != world.users["secretariat"] and m.kind == "discussion"
    ]
    assert len(told_reviewers) == 4
    for mail in told_reviewers:
        assert MARK not in mail.subject + mail.body
        assert "กรมอัลฟา" not in mail.body
    assert first != second


@once
def test_a_discussion_is_not_told_to_who_may_not_follow_it(world: World, filed: list[int]) -> None:
    discussed(world, filed[0])
    declare(world, filed[0], "reviewer_dga")
    act(world, "reviewer_bb", write_note, filed[0], MARK)
    assert set(told(world)) == {"secretariat"}
    (note,) = db.session.query(DiscussionNote).all()
    change(DiscussionNote, note.id, taken_back_at=NOW)
    ids = {"proposal": filed[0], "by": world.users["reviewer_bb"]}
    assert hear_at(world, NOW + D, "discussion_note", 5, **ids) == {}
    assert hear_at(world, NOW + D, "discussion_note", 6, proposal=999_999) == {}


@once
def test_a_discussion_can_be_switched_off_and_an_assignment_cannot(world: World, filed: list[int]) -> None:
    act(world, "reviewer_dga", set_preferences, [])
    discussed(world, filed[0])
    act(world, "reviewer_bb", write_note, filed[0], MARK)
    assert told(world)["reviewer_dga"].state == "unwanted"
    assign(world, filed[1], "reviewer_dga", at=NOW + H)
    assert told(world, NOW + H)["reviewer_dga"].state == "waiting"
    assert Kind.REVIEWING not in {m.kind for m in mails() if m.state == "unwanted"}


@once
def test_who_cannot_sign_in_is_not_told(world: World, filed: list[int]) -> None:
    assign(world, filed[0], *BOTH)
    act(world, "admin", disable_person, world.users["reviewer_dga"])
    assert set(told(world)) == {"reviewer_bb"}


def test_reviews_are_reminded_of_three_times_each_once(world: World, filed: list[int]) -> None:
    schedule(world, scoring_due_at=DUE)
    first = give(world, filed[0], *BOTH)[0]
    give(world, filed[1], "reviewer_bb")
    assign(world, filed[2], "reviewer_bb")
    hear_all(world, NOW)
    hand_in(world, "reviewer_bb", first, scores(3, MARK))
    seen: dict[timedelta, dict[str, Mail]] = {}
    for left in (4 * D, 3 * D + S, 3 * D, 3 * D - M, D + S, D, D - M, H + S, H, M, S, 0 * S, -M):
        if letters := reminded(world, DUE - left):
            seen[left] = letters
    assert list(seen) == [3 * D, D, H]
    assert all(set(letters) == set(BOTH) for letters in seen.values())
    mail = seen[D]["reviewer_bb"]
    assert (mail.kind, "2 รายการ" in mail.subject, "24 ชั่วโมง" in mail.subject) == ("deadline", True, True)
    assert "30 พ.ย. 2568 10:00 น." in mail.body
    listed = [line[2:] for line in mail.body.splitlines() if line.startswith("- ")]
    assert listed == sorted([number(filed[1]), number(filed[2])])  # what is in is not asked for
    assert MARK not in mail.body


@once
def test_nobody_is_reminded_of_what_is_done_ended_given_late_or_in_conflict(
    world: World, filed: list[int]
) -> None:
    schedule(world, scoring_due_at=DUE)
    done, taken = give(world, filed[0], *BOTH)
    hand_in(world, "reviewer_bb", done, scores(3))
    act(world, "secretariat", withdraw_assignment, taken)
    assert reminded(world, DUE - D) == {}
    (barred,) = assign(world, filed[1], "reviewer_bb")
    declare(world, filed[1], "reviewer_bb")
    assert (barred, reminded(world, DUE - D)) == (barred, {})
    assign(world, filed[2], "reviewer_dga", at=DUE - 2 * H)
    assert reminded(world, DUE - 2 * H + M) == {}  # given after the step of 24 hours: it was told then
    assert set(reminded(world, DUE - H)) == {"reviewer_dga"}
    move(world, "lock", at=DUE - 30 * M)
    assert list_review_reminders(db.session(), DUE - M) == {}


def test_another_date_reminds_again_and_other_phases_ask_for_other_things(
    world: World, filed: list[int]
) -> None:
    schedule(world, scoring_due_at=DUE, discussion_due_at=DUE + 10 * D, final_due_at=DUE + 20 * D)
    discussed(world, filed[0])
    assert reminded(world, DUE + 9 * D) == {}  # nobody has said anything: there is no discussion to join
    act(world, "reviewer_bb", write_note, filed[0], MARK)
    hear_all(world, NOW + M)
    assert set(reminded(world, DUE + 9 * D)) == {"reviewer_dga"}
    schedule(world, scoring_due_at=DUE, discussion_due_at=DUE + 12 * D, final_due_at=DUE + 20 * D)
    assert set(reminded(world, DUE + 11 * D)) == {"reviewer_dga"}
    outcome = DiscussionOutcome(proposal_id=filed[0], outcome="rescore", text=MARK, at=DUE + 11 * D)
    outcome_id = add(outcome)
    assert reminded(world, DUE + 12 * D - H) == {}  # the discussion has an outcome
    move(world, "begin_final", at=DUE + 12 * D)
    assert set(reminded(world, DUE + 19 * D)) == set(BOTH)
    change(DiscussionOutcome, outcome_id, outcome="stands")
    assert reminded(world, DUE + 20 * D - H) == {}


@once
def test_who_switched_reminders_off_gets_none_of_reviews(world: World, filed: list[int]) -> None:
    schedule(world, scoring_due_at=DUE)
    give(world, filed[0], *BOTH)
    act(world, "reviewer_bb", set_preferences, [Kind.DISCUSSION])
    states = {name: mail.state for name, mail in reminded(world, DUE - D).items()}
    assert states == {"reviewer_bb": "unwanted", "reviewer_dga": "waiting"}


def test_looking_for_reviews_due_costs_the_same_for_any_number(world: World, filed: list[int]) -> None:
    def cost() -> int:
        with counted_queries() as statements:
            find_untold(db.session(), list_review_reminders(db.session(), DUE - D))
        return len(statements)

    assert cost() == 1  # no round is due: one look, every minute
    schedule(world, scoring_due_at=DUE)
    give(world, filed[0], "reviewer_bb")
    one = cost()
    for proposal_id in filed[1:]:
        give(world, proposal_id, *BOTH)
    assert cost() == one <= 10
