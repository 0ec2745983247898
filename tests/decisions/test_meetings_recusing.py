"""Who takes no part: judged when a meeting opens, kept with the reason, and held to when decisions are recorded."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.calls.queries import get_call
from app.decisions.actions import (
    invite,
    judge_again,
    plan_decisions,
    record_decision,
    record_decisions,
    recuse_member,
    take_back_recusal,
)
from app.decisions.actions.deciding import ASKED_NOT_TO
from app.decisions.facts import Duty, Invitee, Verdict
from app.decisions.models import Decision, Meeting
from app.decisions.orders import DecidingOrder, Errand, Plan
from app.decisions.queries import current_decisions
from app.decisions.queries.meetings import list_recusals
from app.identity.models import Agency, UserMembership
from app.kernel.db import db, write_transaction
from app.kernel.errors import Forbidden, Refused, Stale
from app.kernel.work import open_work
from app.proposals.models import Proposal
from app.reviews.conflicts import Ground
from app.reviews.models import ConflictStatement
from tests.conftest import Backend
from tests.decisions.held import CHAIR, bring, end, hold, plan, start
from tests.web.desks import assign, file_one, hand_in, scores
from tests.world import FISCAL_YEAR, NOW, World, file_proposal

FOLLOW = DecidingOrder(Errand.FOLLOW, Verdict.DEFERRED, "เกินกรอบวงเงินของปีนี้")


def member(world: World, name: str = "committee") -> Invitee:
    return Invitee(world.users[name], "", "กรรมการ", Duty.MEMBER)


def belong(world: World, agency: str) -> None:
    """The member of the committee comes from an agency."""
    with write_transaction():
        db.session.execute(
            update(UserMembership)
            .where(UserMembership.user_id == world.users["committee"])
            .values(agency_id=world.agencies[agency])
        )


def judge_no_conflict(world: World, *proposal_ids: int) -> None:
    """That both are of one ministry is no conflict for the member."""
    ministry = db.session.scalar(select(Agency.ministry_id).where(Agency.code == "alpha"))
    with write_transaction():
        for proposal_id in proposal_ids:
            db.session.add(
                ConflictStatement(
                    proposal_id=proposal_id,
                    user_id=world.users["committee"],
                    ground=Ground.MINISTRY.value,
                    evidence=f"ministry:{ministry}",
                    is_conflict=False,
                    reason="ไม่เกี่ยวข้อง",
                    at=NOW,
                )
            )


def recused(meeting_id: int) -> list[tuple[str, int, str]]:
    return [(r.member, r.proposal_id, r.ground) for r in list_recusals(db.session(), meeting_id)]


def number_of(proposal_id: int) -> str:
    return str(db.session().get_one(Proposal, proposal_id).number)


@pytest.mark.parametrize(
    ("agency", "ground"), [("alpha", "membership"), ("beta", "ministry"), ("gamma", None)]
)
def test_opening_judges_every_member_against_every_proposal(
    app: Flask, world: World, agency: str, ground: str | None
) -> None:
    belong(world, agency)
    proposal_id = file_proposal(world)
    meeting_id = hold(world, people=[CHAIR, member(world)])
    name = "ผู้ใช้ committee"
    assert recused(meeting_id) == ([(name, proposal_id, ground)] if ground else [])


def test_what_is_judged_away_is_let_go_and_who_joins_late_is_judged(app: Flask, world: World) -> None:
    belong(world, "beta")
    proposal_id = file_proposal(world)
    meeting_id = hold(world)
    assert recused(meeting_id) == []
    with open_work(world.actor("secretariat"), NOW) as work:
        invite(work, meeting_id, [member(world)])
    assert [ground for *_, ground in recused(meeting_id)] == ["ministry"]
    judge_no_conflict(world, proposal_id)
    with open_work(world.actor("secretariat"), NOW) as work:
        assert judge_again(work, meeting_id) == 0
    assert recused(meeting_id) == []


def test_ones_own_word_keeps_one_from_deciding_until_it_is_taken_back(app: Flask, world: World) -> None:
    proposal_id, other = file_proposal(world), file_proposal(world)
    meeting_id = plan(world)
    chair, mine = bring(world, meeting_id, [CHAIR, member(world)])
    start(world, meeting_id)

    def recuse(who: str, member_id: int, number: str, reason: str = "เคยเป็นที่ปรึกษา") -> int:
        with open_work(world.actor(who), NOW) as work:
            return recuse_member(work, meeting_id, member_id, number, reason).id

    with pytest.raises(Refused, match="Only the secretariat"):
        recuse("committee", chair, number_of(proposal_id))
    with pytest.raises(Refused) as refusal:
        recuse("secretariat", 999_999, "ไม่มี", " ")
    assert [p.place for p in refusal.value.problems] == [
        "recusal-member",
        "recusal-number",
        "recusal-reason",
    ]
    word = recuse("committee", mine, number_of(proposal_id))
    with pytest.raises(Refused):
        recuse("secretariat", mine, number_of(proposal_id))

    def decide(which: int) -> Decision:
        with open_work(world.actor("committee"), NOW) as work:
            return record_decision(work, which, Verdict.REJECTED, 0, reason="x")

    with pytest.raises(Refused) as refusal:
        decide(proposal_id)
    assert [p.place for p in refusal.value.problems] == ["recused"]
    (barred,) = _plan(world, meeting_id, FOLLOW, [proposal_id]).barred
    assert barred.bar == ASKED_NOT_TO
    decide(other)
    with open_work(world.actor("secretariat"), NOW) as work:
        assert judge_again(work, meeting_id) == 1  # what people asked for stays
    with open_work(world.actor("secretariat"), NOW) as work:
        take_back_recusal(work, meeting_id, word)
    with pytest.raises(Refused, match="already"), open_work(world.actor("secretariat"), NOW) as work:
        take_back_recusal(work, meeting_id, word)
    decide(proposal_id)
    end(world, meeting_id)
    with pytest.raises(Refused):
        recuse("committee", mine, number_of(proposal_id))


def _scored(world: World, baht: str, level: int, agency: str = "alpha") -> int:
    proposal_id = file_one(world, baht, agency=agency)
    (assignment,) = assign(world, proposal_id, "reviewer_dga")
    hand_in(world, "reviewer_dga", assignment, scores(level, "ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย"))
    return proposal_id


def _plan(world: World, meeting_id: int, order: DecidingOrder, ids: list[int]) -> Plan:
    call = get_call(db.session(), FISCAL_YEAR)
    meeting = db.session().get_one(Meeting, meeting_id)
    return plan_decisions(db.session(), world.actor("committee"), call, meeting, order, ids)


def _record(world: World, meeting_id: int, plan: Plan) -> None:
    call = get_call(db.session(), FISCAL_YEAR)
    ids = [step.proposal_id for step in plan.steps]
    with open_work(world.actor("committee"), NOW) as work:
        record_decisions(work, call, meeting_id, plan.order, ids, plan.fingerprint)


def test_many_are_decided_as_the_list_says_exactly_as_previewed(app: Flask, world: World) -> None:
    """The ceiling of the small world holds 10 million baht: the best and the smallest fit, the second does not."""
    best, beyond, small = (
        _scored(world, "3000000.00", 4),
        _scored(world, "2500000.00", 3),
        _scored(world, "500000.00", 2),
    )
    unscored = file_proposal(world)
    tied = _scored(world, "100000.00", 1, agency="beta")
    belong(world, "beta")
    meeting_id = hold(world, people=[CHAIR, member(world)])
    ids = [best, beyond, small, unscored, tied]
    judge_no_conflict(world, best, beyond, small, unscored)
    with pytest.raises(Refused) as refusal:
        _plan(world, meeting_id, DecidingOrder(Errand.FOLLOW), ids)
    assert [p.place for p in refusal.value.problems] == ["out", "reason"]
    made = _plan(world, meeting_id, FOLLOW, ids)
    assert {
        s.proposal_id: (s.after.verdict, s.after.amount, s.after.number) for s in made.steps if s.after
    } == {
        best: (Verdict.APPROVED, 600_000_000, f"1/{FISCAL_YEAR}-4.1"),
        beyond: (Verdict.DEFERRED, 0, f"1/{FISCAL_YEAR}-4.2"),
        small: (Verdict.APPROVED, 100_000_000, f"1/{FISCAL_YEAR}-4.3"),
    }
    assert {s.proposal_id for s in made.barred} == {unscored, tied}
    assert "conflict of interest" in next(s.bar.en for s in made.barred if s.proposal_id == tied and s.bar)

    # something decided meanwhile makes the preview stale, and nothing is recorded
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, small, Verdict.REJECTED, 0, reason="x")
    with pytest.raises(Stale):
        _record(world, meeting_id, made)
    assert set(current_decisions(db.session(), world.call_id)) == {small}
    again = _plan(world, meeting_id, FOLLOW, ids)
    # so it does where what would be recorded stays the same, but takes the place of another decision
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, small, Verdict.REJECTED, 0, reason="y")
    with pytest.raises(Stale):
        _record(world, meeting_id, again)
    _record(world, meeting_id, _plan(world, meeting_id, FOLLOW, ids))
    found = current_decisions(db.session(), world.call_id)
    assert {i: (d.verdict, d.amount, d.reason) for i, d in found.items()} == {
        best: (Verdict.APPROVED, 600_000_000, ""),
        beyond: (Verdict.DEFERRED, 0, FOLLOW.reason),
        small: (Verdict.APPROVED, 100_000_000, ""),
    }
    assert [s.bar.en for s in _plan(world, meeting_id, FOLLOW, [best]).steps if s.bar] == [
        "This meeting has decided so already"
    ]
    end(world, meeting_id)

    # a later meeting confirms what the earlier one decided, under its own numbers
    second = hold(world)
    confirm = _plan(world, second, DecidingOrder(Errand.CONFIRM), [best, beyond, small, unscored])
    assert [s.proposal_id for s in confirm.barred] == [unscored]
    _record(world, second, confirm)
    assert {d.meeting_id for d in current_decisions(db.session(), world.call_id).values()} == {second}


def test_a_grant_over_the_ceiling_is_barred_and_what_is_let_go_makes_room(app: Flask, world: World) -> None:
    """Approved by hand beyond the list: the list's own grant waits until that is let go in the same order."""
    best, beyond = _scored(world, "3000000.00", 4), _scored(world, "2500000.00", 3)
    meeting_id = hold(world)
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, beyond, Verdict.APPROVED, 500_000_000)
    (alone,) = _plan(world, meeting_id, FOLLOW, [best]).steps
    assert alone.bar is not None
    assert "1,000,000.00 baht" in alone.bar.en
    together = _plan(world, meeting_id, FOLLOW, [best, beyond])
    assert not together.barred
    _record(world, meeting_id, together)
    found = current_decisions(db.session(), world.call_id)
    assert (found[best].amount, found[beyond].amount) == (600_000_000, 0)


@pytest.mark.parametrize("who", ["officer", "reviewer_bb", "secretariat", "admin"])
def test_only_the_committee_decides_many(sqlite_backend: Backend, who: str) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        meeting_id = hold(world)
        call = get_call(db.session(), FISCAL_YEAR)
        with pytest.raises(Forbidden), open_work(world.actor(who), NOW) as work:
            record_decisions(work, call, meeting_id, FOLLOW, [1], "")
        db.session.remove()
