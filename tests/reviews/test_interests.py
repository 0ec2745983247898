"""Conflicts of interest in the registers: asked in one query, and wherever somebody would be given a proposal, open it,
hand in scores or decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from app.calls.queries import get_call
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict as Decided
from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Body, Membership, Role
from app.identity.models import Agency
from app.kernel.audit import AuditEntry
from app.kernel.db import db, write_transaction
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import open_work
from app.portfolio.queries import list_entries
from app.proposals.models import LinkRequest, Proposal, ProposalAgency
from app.proposals.queries import get_filing
from app.reviews.actions import (
    accept_assignment,
    assign_reviewers,
    declare_conflict,
    declare_tie,
    end_tie,
    give_words,
    judge_interests,
    move_round,
    plan_words,
    recuse_reviewer,
    retract_conflict,
    save_review,
    submit_review,
)
from app.reviews.conflicts import Ground, Verdict
from app.reviews.models import Assignment, ConflictStatement, DeclaredTie
from app.reviews.queries import (
    Sealed,
    find_own_assignment,
    get_assignment,
    get_cover,
    get_round,
    list_own_assignments,
    read_interests,
    reviewers_of,
)
from app.reviews.queries.conflicts import find_standing
from app.reviews.queries.register import Situation, read_register
from tests.instruments import counted_queries
from tests.web.desks import scores
from tests.world import FISCAL_YEAR, NOW, PASSWORD, World, complete_draft, file_proposal, give

BB, DGA, INSIDER = "reviewer_bb", "reviewer_dga", "reviewer_alpha"
REASON = "ตรวจแล้วจากคำสั่งแต่งตั้ง"
CLEAR, ASKED, BARRED = Verdict.CLEAR, Verdict.ASKED, Verdict.BARRED


def say(world: World, proposal_id: int, name: str, *, is_conflict: bool, reason: str = REASON) -> int:
    with open_work(world.actor("secretariat"), NOW) as work:
        return judge_interests(work, proposal_id, world.users[name], is_conflict=is_conflict, reason=reason)


def tie(world: World, name: str, agency: str, ground: Ground = Ground.FORMER, **more: Any) -> int:
    with open_work(world.actor(name), NOW) as work:
        return declare_tie(work, world.agencies[agency], ground, **more)


def add_person(world: World, name: str, *memberships: Membership) -> None:
    with open_work(SYSTEM, NOW) as work:
        world.users[name] = add_demo_person(
            work, World.email(name), Text(f"ผู้ใช้ {name}", f"Person {name}"), PASSWORD, memberships
        )


@pytest.fixture
def world(world: World) -> World:
    """The small world with users of its own, so that people added here are not looked for by other tests."""
    return World(dict(world.agencies), dict(world.users), world.call_id)


def confirm_link(proposal_id: int, partner_id: int) -> None:
    with write_transaction():
        db.session.add(
            LinkRequest(
                proposal_id=proposal_id,
                partner_id=partner_id,
                link_sha256="0" * 64,
                content="{}",
                state="confirmed",
                asked_at=NOW,
                answered_at=NOW,
            )
        )


def move_to_ministry_of(world: World, agency: str, other: str) -> None:
    with write_transaction():
        db.session.get_one(Agency, world.agencies[agency]).ministry_id = db.session.get_one(
            Agency, world.agencies[other]
        ).ministry_id


# --- what the registers say


def _nothing(_world: World, _proposal: int) -> None:
    return None


INFERRED: list[tuple[str, str, Callable[[World, int], Any], Verdict, str]] = [
    ("stranger", BB, _nothing, CLEAR, ""),
    ("officer of the lead", INSIDER, _nothing, BARRED, "membership"),
    ("same ministry", BB, lambda w, _: move_to_ministry_of(w, "bb", "alpha"), ASKED, "ministry"),
    ("confirmed link", BB, lambda w, p: confirm_link(p, w.agencies["bb"]), ASKED, "link"),
    ("another's link", BB, lambda w, p: confirm_link(p, w.agencies["dga"]), CLEAR, ""),
    ("former agency", BB, lambda w, _: tie(w, BB, "alpha"), ASKED, "former"),
    ("family", BB, lambda w, _: tie(w, BB, "alpha", Ground.FAMILY), ASKED, "family"),
    ("money", BB, lambda w, _: tie(w, BB, "alpha", Ground.FINANCIAL), ASKED, "financial"),
    ("another's tie", BB, lambda w, _: tie(w, DGA, "alpha"), CLEAR, ""),
    ("a tie elsewhere", BB, lambda w, _: tie(w, BB, "beta"), CLEAR, ""),
]


@pytest.mark.parametrize(
    ("_name", "who", "prepare", "verdict", "ground"), INFERRED, ids=[r[0] for r in INFERRED]
)
def test_what_the_registers_say(
    app: Flask, world: World, _name: str, who: str, prepare: Callable[..., Any], verdict: Verdict, ground: str
) -> None:
    proposal_id = file_proposal(world)
    prepare(world, proposal_id)
    standing = find_standing(db.session(), proposal_id, world.users[who])
    assert standing.verdict is verdict
    assert [g.ground.value for g in standing.grounds] == ([ground] if ground else [])


def test_a_body_is_the_agency_of_its_code(app: Flask, world: World) -> None:
    """A reviewer of DGA whose agency nobody entered belongs to it all the same."""
    add_person(world, "unplaced", Membership(Role.REVIEWER, None, Body.DGA))
    proposal_id = file_proposal(world, complete_draft(names={"participants": ["dga"]}))
    standing = find_standing(db.session(), proposal_id, world.users["unplaced"])
    assert [g.ground for g in standing.grounds] == [Ground.PARTICIPATION]


def test_an_office_bars_from_every_proposal(app: Flask, world: World) -> None:
    """An account from before the separation of duties."""
    add_person(world, "both", Membership(Role.REVIEWER, None, Body.BB), Membership(Role.COMMITTEE))
    proposal_id = file_proposal(world)
    assert find_standing(db.session(), proposal_id, world.users["both"]).verdict is BARRED
    with pytest.raises(Refused) as refusal, open_work(world.actor("secretariat"), NOW) as work:
        assign_reviewers(work, proposal_id, [world.users["both"]])
    assert "office" in refusal.value.problems[0].text.en


def many_proposals(proposal_id: int, number: int) -> list[int]:
    """Copies of a filed proposal, with its agencies."""
    table, owners = Proposal.__table__, ProposalAgency.__table__
    with write_transaction():
        row = dict(db.session.execute(select(table).where(table.c.id == proposal_id)).mappings().one())
        del row["id"]
        first = (db.session.scalar(select(func.max(table.c.id))) or 0) + 1
        ids = list(range(first, first + number))
        db.session.execute(insert(table), [row | {"id": i, "number": f"copy-{i:05}"} for i in ids])
        db.session.execute(
            insert(owners),
            [
                {"proposal_id": i, "agency_id": row["lead_agency_id"], "is_lead": True, "amount": 0}
                for i in ids
            ],
        )
    return ids


def test_one_query_for_one_pair_and_for_thousands(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    tie(world, BB, "alpha")
    proposals = [proposal_id, *many_proposals(proposal_id, 999)]
    people = [world.users[name] for name in (BB, DGA, INSIDER)]
    with counted_queries() as one:
        single = read_interests(db.session(), [proposal_id], people[:1])
    with counted_queries() as many:
        every = read_interests(db.session(), proposals, people)
    assert len(one) == len(many) == 1
    assert single.standing(proposal_id, people[0]) == every.standing(proposal_id, people[0])
    assert len(every.stakes) == 1000
    assert [every.standing(proposals[-1], user).verdict for user in people] == [ASKED, CLEAR, BARRED]
    # the short way round finds exactly what judging every pair finds
    everything = {(p, user) for p in proposals for user in people if every.standing(p, user).grounds}
    assert everything <= every.tied_pairs()
    with counted_queries() as nothing:
        assert read_interests(db.session(), [], []).stakes == {}
    assert len(nothing) == 1


# --- where it is asked


def standing_of(proposal_id: int, user_id: int) -> Verdict:
    db.session.rollback()
    return find_standing(db.session(), proposal_id, user_id).verdict


def test_nothing_is_given_before_a_word_and_after_it_it_is(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    tie(world, BB, "alpha")

    def assign() -> list[int]:
        with open_work(world.actor("secretariat"), NOW) as work:
            return [a.id for a in assign_reviewers(work, proposal_id, [world.users[BB]])]

    with pytest.raises(Refused):
        assign()
    assert say(world, proposal_id, BB, is_conflict=True) == 1
    with pytest.raises(Refused):
        assign()
    assert say(world, proposal_id, BB, is_conflict=False) == 1
    assert say(world, proposal_id, BB, is_conflict=False) == 0  # the same word once more says nothing new
    (assignment,) = assign()
    with open_work(world.actor(BB), NOW) as work:
        accept_assignment(work, assignment)
    assert get_assignment(db.session(), world.actor(BB), assignment).proposal_id == proposal_id


COMES_UP: dict[str, Callable[[World, int], Any]] = {
    "a tie is declared": lambda w, _: tie(w, BB, "alpha"),
    "the ministry changes": lambda w, _: move_to_ministry_of(w, "bb", "alpha"),
    "a link is confirmed": lambda w, p: confirm_link(p, w.agencies["bb"]),
}


@pytest.mark.parametrize("prepare", COMES_UP.values(), ids=COMES_UP.keys())
@pytest.mark.parametrize("judged", [False, True], ids=["not judged", "judged a conflict"])
def test_what_comes_up_later_shuts_every_door(
    app: Flask, world: World, prepare: Callable[[World, int], Any], judged: bool
) -> None:
    proposal_id = file_proposal(world)
    mine, _other = give(world, proposal_id, BB, DGA)
    prepare(world, proposal_id)
    if judged:
        say(world, proposal_id, BB, is_conflict=True)
    actor, session = world.actor(BB), db.session()
    with pytest.raises(Sealed):
        get_assignment(session, actor, mine)
    with pytest.raises(Refused), open_work(actor, NOW) as work:
        submit_review(work, mine, scores(), 1)
    with pytest.raises(Refused), open_work(actor, NOW) as work:
        save_review(work, mine, scores(), 1)
    db.session.rollback()
    assert reviewers_of(session, proposal_id) == {world.users[DGA]}
    with pytest.raises(NotFound):
        get_filing(session, actor, proposal_id, assigned_to=reviewers_of(session, proposal_id))
    title = "ระบบเชื่อมโยงข้อมูลทดสอบ"
    cover = get_cover(session, actor, mine)
    assert cover.sealed is not None
    assert title not in cover.title.th
    (line,) = list_own_assignments(session, actor)
    assert line.is_held
    assert (title in line.title.th, line.total, line.amount, line.stage) == (False, None, 0, "")
    # a word that it is none opens them all again
    say(world, proposal_id, BB, is_conflict=False)
    assert get_assignment(db.session(), world.actor(BB), mine).reviewer_id == world.users[BB]
    assert find_own_assignment(db.session(), world.actor(BB), proposal_id) == mine
    with open_work(world.actor(BB), NOW) as work:
        submit_review(work, mine, scores(), 1)


def test_one_who_has_not_answered_cannot_accept_what_wants_a_word(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        (assignment,) = [a.id for a in assign_reviewers(work, proposal_id, [world.users[BB]])]
    tie(world, BB, "alpha")
    with pytest.raises(Refused), open_work(world.actor(BB), NOW) as work:
        accept_assignment(work, assignment)
    assert db.session.get_one(Assignment, assignment).state == "given"


# --- the meeting

MEETING: list[tuple[str, str, str, bool]] = [
    ("of no agency", "", "", True),
    ("of the lead", "alpha", "", False),
    ("of another ministry", "gamma", "", True),
    ("of the same ministry", "beta", "", False),
    ("of the same ministry, judged none", "beta", "clear", True),
    ("of the same ministry, judged one", "beta", "conflict", False),
]


@pytest.mark.parametrize(("_name", "agency", "word", "decides"), MEETING, ids=[r[0] for r in MEETING])
def test_who_is_tied_does_not_decide(
    app: Flask, world: World, _name: str, agency: str, word: str, decides: bool
) -> None:
    add_person(world, "member", Membership(Role.COMMITTEE, world.agencies.get(agency)))
    proposal_id = file_proposal(world)
    if word:
        say(world, proposal_id, "member", is_conflict=word == "conflict")

    def decide(by: str) -> None:
        with open_work(world.actor(by), NOW) as work:
            record_decision(work, proposal_id, Decided.DEFERRED, 0, reason="รอข้อมูล")

    if decides:
        decide("member")
    else:
        with pytest.raises(Refused) as refusal:
            decide("member")
        assert "onflict of interest" in refusal.value.text.en
        decide("committee")  # another member may
    assert db.session.get_one(Proposal, proposal_id).state == "deferred"


# --- words on many


def test_one_word_on_many_is_exactly_what_was_shown_or_nothing(app: Flask, world: World) -> None:
    first, second = file_proposal(world), file_proposal(world)
    tie(world, BB, "alpha")
    tie(world, DGA, "alpha", Ground.FAMILY)
    users = world.users
    pairs = [(first, users[BB]), (second, users[DGA]), (first, users[INSIDER]), (first, users[BB])]
    actor = world.actor("secretariat")

    def plan(reason: str = REASON) -> Any:
        return plan_words(db.session(), actor, world.call_id, pairs, is_conflict=False, reason=reason)

    shown = plan()
    assert [(s.before, s.after, s.is_possible) for s in shown.steps] == [
        (ASKED, CLEAR, True),
        (ASKED, CLEAR, True),
        (BARRED, BARRED, False),  # membership is not judged away
    ]
    assert plan("อีกเหตุผลหนึ่ง").fingerprint != shown.fingerprint

    def carry_out(fingerprint: str) -> None:
        with open_work(actor, NOW) as work:
            give_words(work, world.call_id, pairs, is_conflict=False, reason=REASON, fingerprint=fingerprint)

    tie(world, DGA, "alpha", Ground.FINANCIAL)  # something else comes up
    with pytest.raises(Stale):
        carry_out(shown.fingerprint)
    assert (
        db.session.scalars(select(ConflictStatement.id).where(ConflictStatement.ground != "declared")).all()
        == []
    )
    carry_out(plan().fingerprint)
    assert [standing_of(*pair) for pair in pairs[:3]] == [CLEAR, CLEAR, BARRED]
    said = db.session.scalars(select(ConflictStatement).order_by(ConflictStatement.id)).all()
    assert {(s.ground, s.is_conflict, s.reason, s.by) for s in said} == {
        (ground, False, REASON, users["secretariat"]) for ground in ("former", "family", "financial")
    }
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "judge_conflict")).all()
    assert len(logged) == 2


def test_words_want_a_reason_somebody_and_the_right_call(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    secretariat = world.actor("secretariat")

    def plan(pairs: list[tuple[int, int]], reason: str = REASON, by: Any = secretariat, call: int = 0) -> Any:
        return plan_words(db.session(), by, call or world.call_id, pairs, is_conflict=True, reason=reason)

    with pytest.raises(Refused) as refusal:
        plan([], " ")
    assert [p.place for p in refusal.value.problems] == ["pick", "reason"]
    with pytest.raises(NotFound):
        plan([(999_999, world.users[BB])])
    with pytest.raises(NotFound):
        plan([(proposal_id, world.users[BB])], call=world.call_id + 99)
    for name in (BB, "committee", "officer", "admin"):
        with pytest.raises(Forbidden):
            plan([(proposal_id, world.users[BB])], by=world.actor(name))
        with pytest.raises(Forbidden), open_work(world.actor(name), NOW) as work:
            judge_interests(work, proposal_id, world.users[BB], is_conflict=False, reason=REASON)
    with pytest.raises(Refused):  # nothing to judge
        say(world, proposal_id, BB, is_conflict=True)
    tie(world, BB, "alpha")
    with pytest.raises(Refused):
        say(world, proposal_id, BB, is_conflict=True, reason=" ")


# --- recusal


def recuse(world: World, assignment_id: int, reason: str = REASON, by: str = "secretariat") -> None:
    with open_work(world.actor(by), NOW) as work:
        recuse_reviewer(work, assignment_id, reason)


@pytest.mark.parametrize("came_up", [False, True])
def test_a_recused_reviewers_scores_count_no_more(app: Flask, world: World, came_up: bool) -> None:
    proposal_id = file_proposal(world)
    mine, other = give(world, proposal_id, BB, DGA)
    for name, assignment, level in ((BB, mine, 1), (DGA, other, 3)):
        with open_work(world.actor(name), NOW) as work:
            submit_review(work, assignment, scores(level), 1)
    if came_up:
        tie(world, BB, "alpha")
    with pytest.raises(Refused):
        recuse(world, mine, " ")
    recuse(world, mine)
    (entry,) = list_entries(db.session(), world.call_id)
    assert (entry.panel.count, entry.panel.total) == (1, 7_500)
    row = db.session.get_one(Assignment, mine)
    assert (row.state, row.answer_reason, row.ended_by) == ("recused", REASON, world.users["secretariat"])
    assert row.total is not None  # what was scored is kept
    assert standing_of(proposal_id, world.users[BB]) is BARRED
    with pytest.raises(Refused), open_work(world.actor("secretariat"), NOW) as work:
        assign_reviewers(work, proposal_id, [world.users[BB]])
    # the word is taken back, and then the same person can be asked once more
    say(world, proposal_id, BB, is_conflict=False)
    with open_work(world.actor("secretariat"), NOW) as work:
        (again,) = assign_reviewers(work, proposal_id, [world.users[BB]])
        assert again.id == mine


def test_recusal_is_the_secretariats_and_taken_in_a_locked_round_too(app: Flask, world: World) -> None:
    (mine,) = give(world, file_proposal(world), BB)
    for name in (BB, "committee", "officer", "admin"):
        with pytest.raises(Forbidden):
            recuse(world, mine, by=name)
    with pytest.raises(NotFound):
        recuse(world, 999_999)
    with open_work(world.actor("secretariat"), NOW) as work:
        version = get_round(work.session, world.call_id).version
        move_round(work, world.call_id, "lock", version=version)
    recuse(world, mine)
    assert db.session.get_one(Assignment, mine).state == "recused"


# --- what a reviewer declares

BAD_TIES: list[tuple[dict[str, Any], str]] = [
    ({"ground": Ground.FAMILY, "left_on": date(2024, 1, 1)}, "left_on"),
    ({"ground": Ground.FORMER, "left_on": date(2025, 11, 21)}, "left_on"),
    ({"ground": Ground.OTHER}, "note"),
    ({"ground": Ground.OTHER, "note": " "}, "note"),
]


@pytest.mark.parametrize(("given", "place"), BAD_TIES)
def test_what_cannot_be_declared(app: Flask, world: World, given: dict[str, Any], place: str) -> None:
    with pytest.raises(Refused) as refusal:
        tie(world, BB, "alpha", **given)
    assert [p.place for p in refusal.value.problems] == [place]


def test_a_tie_is_kept_when_it_is_taken_back(app: Flask, world: World) -> None:
    proposal_id, user = file_proposal(world), world.users[BB]
    made = tie(world, BB, "alpha", left_on=date(2025, 11, 20), note=" ที่ปรึกษา ")
    with pytest.raises(Refused):
        tie(world, BB, "alpha")
    assert tie(world, BB, "alpha", Ground.FAMILY) != made  # another kind is another tie
    row = db.session.get_one(DeclaredTie, made)
    assert (row.user_id, row.left_on, row.note, row.by) == (user, date(2025, 11, 20), "ที่ปรึกษา", user)
    with pytest.raises(NotFound), open_work(world.actor(DGA), NOW) as work:
        end_tie(work, made)
    for _ in range(2):
        with open_work(world.actor(BB), NOW + timedelta(days=1)) as work:
            end_tie(work, made)
    db.session.expire_all()
    assert db.session.get_one(DeclaredTie, made).ended_at == NOW + timedelta(days=1)
    standing = find_standing(db.session(), proposal_id, user)
    assert [g.ground for g in standing.grounds] == [Ground.FAMILY]
    tie(world, BB, "alpha")  # it may be declared anew


def test_nobody_opens_what_is_held_by_taking_a_tie_back(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    give(world, proposal_id, BB)
    made, elsewhere = tie(world, BB, "alpha"), tie(world, BB, "gamma")

    def end(which: int) -> None:
        with open_work(world.actor(BB), NOW) as work:
            end_tie(work, which)

    end(elsewhere)  # holds nothing
    with pytest.raises(Refused):
        end(made)
    assert standing_of(proposal_id, world.users[BB]) is ASKED
    say(world, proposal_id, BB, is_conflict=False)
    end(made)
    assert standing_of(proposal_id, world.users[BB]) is CLEAR


def test_taking_a_tie_back_does_not_undo_a_word(app: Flask, world: World) -> None:
    proposal_id, user = file_proposal(world), world.users[BB]
    made = tie(world, BB, "alpha")
    say(world, proposal_id, BB, is_conflict=True)
    with open_work(world.actor(BB), NOW) as work:
        end_tie(work, made)
    assert standing_of(proposal_id, user) is BARRED
    say(world, proposal_id, BB, is_conflict=False)
    assert standing_of(proposal_id, user) is CLEAR


@pytest.mark.parametrize("name", ["officer", "secretariat", "committee", "admin"])
def test_only_reviewers_declare(app: Flask, world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        tie(world, name, "alpha")


def test_a_declaration_is_taken_back_by_its_own_alone_and_the_assignment_stays_ended(
    app: Flask, world: World
) -> None:
    proposal_id, user = file_proposal(world), world.users[BB]
    (mine,) = give(world, proposal_id, BB)
    with open_work(world.actor(BB), NOW) as work:
        declare_conflict(work, mine, "พี่สาวทำงานที่นั่น")
    assert standing_of(proposal_id, user) is BARRED
    attempts: list[tuple[str, str, type[DomainError]]] = [
        (DGA, REASON, NotFound),
        ("secretariat", REASON, Forbidden),
        (BB, " ", Refused),
    ]
    for name, reason, error in attempts:
        with pytest.raises(error), open_work(world.actor(name), NOW) as work:
            retract_conflict(work, proposal_id, reason)
    with open_work(world.actor(BB), NOW) as work:
        retract_conflict(work, proposal_id, "กดผิดเรื่อง")
    assert standing_of(proposal_id, user) is CLEAR
    assert db.session.get_one(Assignment, mine).state == "recused"
    with pytest.raises(Sealed):
        get_assignment(db.session(), world.actor(BB), mine)


# --- the register


def test_the_register_tells_every_tie_and_what_presses_first(app: Flask, world: World) -> None:
    call, actor = get_call(db.session(), FISCAL_YEAR), world.actor("secretariat")
    first, second = file_proposal(world), file_proposal(world)
    give(world, second, BB)
    tie(world, BB, "alpha")
    tie(world, DGA, "alpha")
    say(world, first, DGA, is_conflict=False)
    add_person(world, "member", Membership(Role.COMMITTEE, world.agencies["alpha"]))
    register = read_register(db.session(), actor, call)
    told = [(p.proposal_id, p.name.en.removeprefix("Person "), p.situation) for p in register.pairs]
    assert told[0] == (second, BB, Situation.PRESSING)
    assert set(told[1:]) == {
        (first, BB, Situation.ASKED),
        (first, DGA, Situation.CLEARED),
        (second, DGA, Situation.ASKED),
        (first, INSIDER, Situation.BARRED),
        (second, INSIDER, Situation.BARRED),
        (first, "member", Situation.BARRED),
        (second, "member", Situation.BARRED),
    }
    assert register.counts()[Situation.BARRED] == 4
    assert register.rests_on(Ground.FORMER, {world.agencies["alpha"]}).en == "Department Alpha"
    with counted_queries() as few:
        read_register(db.session(), actor, call)
    many_proposals(first, 200)
    with counted_queries() as many:
        assert len(read_register(db.session(), actor, call).pairs) > 600
    assert len(few) == len(many) <= 9
    for name in (BB, "committee", "admin", "officer"):
        with pytest.raises(Forbidden):
            read_register(db.session(), world.actor(name), call)


@pytest.mark.parametrize(
    "statement",
    [
        {"tie": "friend"},
        {"tie": "family", "left_on": date(2024, 1, 1)},
    ],
)
def test_the_database_refuses_ties_that_are_none(app: Flask, world: World, statement: dict[str, Any]) -> None:
    values = {"user_id": world.users[BB], "agency_id": world.agencies["alpha"], "note": "", "at": NOW}
    with pytest.raises(IntegrityError), write_transaction():
        db.session.execute(insert(DeclaredTie).values(**values, **statement))
