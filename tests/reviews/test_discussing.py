"""Who reads and writes the discussion of a proposal, and when; what is kept; what two people do at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.calls.queries import get_call
from app.identity.facts import NOBODY, Role
from app.identity.models import UserMembership
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.proposals.models import Proposal
from app.reviews.actions import declare_conflict, decline_assignment, reopen_review, withdraw_assignment
from app.reviews.actions.discussing import record_outcome, take_back_note, write_note
from app.reviews.facts import NamesFor, Score
from app.reviews.models import Assignment, DeclaredTie, DiscussionNote, DiscussionOutcome, ReviewRound
from app.reviews.queries import Sealed, list_reviews
from app.reviews.queries.discussions import get_discussion, get_own_discussion, list_outcomes
from app.reviews.queries.thread_states import list_own_discussions, list_threads
from app.reviews.threads import LONGEST_NOTE, Conclusion, compare_reviews, why_silent
from tests.reviews.discussed import at_phase, discussed, finalise, say
from tests.web.desks import GOOD_COMMENT, counting, file_one, hand_in, scores
from tests.world import FISCAL_YEAR, NOW, World, give

PHASES = ("screening", "scoring", "discussion", "final", "locked")
WRITTEN = frozenset({"discussion", "final"})
LATER = NOW + timedelta(minutes=5)


def _member(world: World) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.add(
            UserMembership(
                user_id=world.users["reviewer_dga"],
                role=Role.OFFICER.value,
                agency_id=world.agencies["alpha"],
            )
        )


def _former(world: World) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.add(
            DeclaredTie(
                tie="former", user_id=world.users["reviewer_dga"], agency_id=world.agencies["alpha"], at=NOW
            )
        )


def _act(by: str, action: Callable[..., object], *args: object) -> Callable[[World, int], None]:
    def done(world: World, assignment_id: int) -> None:
        with open_work(world.actor(by), NOW) as work:
            action(work, assignment_id, *args)

    return done


def _unscored(world: World, assignment_id: int) -> None:
    with open_work(world.actor("reviewer_dga"), NOW) as work:
        row = work.session.get_one(Assignment, assignment_id)
        row.submitted_at = row.total = row.first_total = None


# what became of a reviewer whose scores are in -> whether the discussion is still theirs
STANDINGS: dict[str, tuple[Callable[[World, int], None] | None, bool]] = {
    "in": (None, True),
    "own scores not in": (_unscored, False),
    "declined": (_act("reviewer_dga", decline_assignment, "ไม่มีเวลา"), False),
    "recused": (_act("reviewer_dga", declare_conflict, "ญาติทำงานอยู่"), False),
    "withdrawn": (_act("secretariat", withdraw_assignment, "เปลี่ยนผู้พิจารณา"), False),
    "belongs to the agency": (lambda world, _: _member(world), False),
    "worked there, not judged": (lambda world, _: _former(world), False),
}


@pytest.mark.parametrize("standing", STANDINGS)
def test_a_reviewer_takes_part_only_with_own_scores_in_and_no_conflict(
    app: Flask, world: World, standing: str
) -> None:
    happens, takes_part = STANDINGS[standing]
    proposal_id, given = discussed(world)
    say(world, "reviewer_bb", proposal_id, "เห็นต่างเรื่องงบประมาณ")
    if happens is not None:
        happens(world, given[1])
    for phase in PHASES:
        at_phase(world, phase)
        actor = world.actor("reviewer_dga")
        if takes_part:
            _, discussion = get_own_discussion(db.session(), actor, given[1])
            assert discussion.notes[0].text == "เห็นต่างเรื่องงบประมาณ"
            assert (discussion.why_silent is None) == (phase in WRITTEN)
        else:
            with pytest.raises(Sealed):
                get_own_discussion(db.session(), actor, given[1])
            assert proposal_id not in [d.proposal_id for d in list_own_discussions(db.session(), actor)]
        if takes_part and phase in WRITTEN:
            assert say(world, "reviewer_dga", proposal_id, f"ความเห็นในขั้น {phase}")
        else:
            with pytest.raises(Refused):
                say(world, "reviewer_dga", proposal_id, f"ความเห็นในขั้น {phase}")
    assert _count() == (3 if takes_part else 1)


def _count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(DiscussionNote)) or 0


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("secretariat", None),
        ("committee", Forbidden),
        ("admin", Forbidden),
        ("officer", Forbidden),
        ("certifier", Forbidden),
        ("reviewer_alpha", NotFound),
        ("reviewer_dga", NotFound),
        ("", Forbidden),
    ],
)
def test_nobody_else_takes_part(app: Flask, world: World, name: str, wrong: type[DomainError] | None) -> None:
    """The secretariat reads always and writes in two phases; a reviewer without an assignment learns nothing, not even
    that there is a discussion."""
    at_phase(world, "scoring")
    proposal_id = file_one(world)
    give(world, proposal_id, "reviewer_bb")
    actor = world.actor(name) if name else NOBODY
    for phase in PHASES:
        at_phase(world, phase)
        if wrong is not None:
            with pytest.raises(wrong):
                get_discussion(db.session(), actor, proposal_id)
            with pytest.raises(wrong):
                list_threads(db.session(), actor, world.call_id)
            for action in (
                lambda work: write_note(work, proposal_id, "ข้อความ"),
                lambda work: record_outcome(work, proposal_id, Conclusion.STANDS, "ข้อความ"),
            ):
                with pytest.raises(wrong), open_work(actor, NOW) as work:
                    action(work)
            continue
        assert get_discussion(db.session(), actor, proposal_id).number
        if phase in WRITTEN:
            say(world, name, proposal_id, f"ขั้น {phase}")
        else:
            with pytest.raises(Refused):
                say(world, name, proposal_id, f"ขั้น {phase}")
    assert _count() == (0 if wrong else 2)


def test_a_reviewer_of_the_proposal_records_no_outcome(app: Flask, world: World) -> None:
    proposal_id, _ = discussed(world)
    with pytest.raises(NotFound), open_work(world.actor("reviewer_bb"), NOW) as work:
        record_outcome(work, proposal_id, Conclusion.STANDS, "คงเดิม")
    for name in ("reviewer_bb", "officer"):
        with pytest.raises(Forbidden):
            list_outcomes(db.session(), world.actor(name), proposal_id)


def test_drafts_and_what_was_decided_are_not_discussed(app: Flask, world: World) -> None:
    proposal_id, _ = discussed(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.get_one(Proposal, proposal_id).state = "approved"
    with pytest.raises(Refused, match="decided"):
        say(world, "reviewer_bb", proposal_id, "ช้าไป")
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.get_one(Proposal, proposal_id).state = "draft"
    for name in ("reviewer_bb", "secretariat"):
        with pytest.raises(NotFound):
            say(world, name, proposal_id, "ร่าง")
    with pytest.raises(NotFound):
        get_discussion(db.session(), world.actor("secretariat"), proposal_id)


@pytest.mark.parametrize("state", ["passed", "returned", "submitted", "questioned", "approved", "rejected"])
@pytest.mark.parametrize("phase", PHASES)
def test_when_it_is_written(phase: str, state: str) -> None:
    is_open = phase in WRITTEN and state not in ("approved", "rejected")
    assert (why_silent(phase, state) is None) == is_open


def test_wrong_texts_are_told_and_nothing_is_kept(app: Flask, world: World) -> None:
    proposal_id, _ = discussed(world)
    for text in ("", " \n ", "\u200b", "ก" * (LONGEST_NOTE + 1), "ก\x00ข", "ก\ud800"):
        with pytest.raises(Refused) as refused:
            say(world, "reviewer_bb", proposal_id, text)
        assert [p.place for p in refused.value.problems] == ["note"], repr(text)
        with pytest.raises(Refused) as refused, open_work(world.actor("secretariat"), NOW) as work:
            record_outcome(work, proposal_id, Conclusion.STANDS, text)
        assert [p.place for p in refused.value.problems] == ["text"], repr(text)
    assert _count() == 0
    assert say(world, "reviewer_bb", proposal_id, "ก" * LONGEST_NOTE)


def test_the_same_words_within_a_minute_are_one_note(app: Flask, world: World) -> None:
    proposal_id, _ = discussed(world)
    first = say(world, "reviewer_bb", proposal_id, "เห็นด้วย")
    assert say(world, "reviewer_bb", proposal_id, " เห็นด้วย\r\n", NOW + timedelta(seconds=59)) == first
    assert say(world, "reviewer_dga", proposal_id, "เห็นด้วย") != first
    assert say(world, "reviewer_bb", proposal_id, "เห็นด้วย", NOW + timedelta(seconds=61)) != first
    assert _count() == 3
    promised = [
        row.payload for row in db.session.scalars(select(OutboxRow)) if "discussion_note" in str(row.payload)
    ]
    assert len(promised) == 3
    assert "เห็นด้วย" not in str(promised)


def test_a_double_press_at_the_same_moment_is_one_note(app: Flask, world: World) -> None:
    """Four threads, one person, the same words: one note. Two people: each one's."""
    proposal_id, _ = discussed(world)
    db.session.remove()

    def press(name: str) -> int:
        with app.app_context():
            found = say(world, name, proposal_id, "กดสองครั้ง")
            db.session.remove()
            return found

    with ThreadPoolExecutor(4) as pool:
        names = ["reviewer_bb", "reviewer_bb", "secretariat", "secretariat"]
        ids = list(pool.map(press, names))
    assert ids[0] == ids[1] != ids[2] == ids[3]
    assert _count() == 2


def test_a_note_is_taken_back_by_its_author_alone(app: Flask, world: World) -> None:
    proposal_id, given = discussed(world)
    note = say(world, "reviewer_bb", proposal_id, "พูดผิดไป")
    for name in ("reviewer_dga", "secretariat"):
        with pytest.raises(NotFound), open_work(world.actor(name), NOW) as work:
            take_back_note(work, proposal_id, note)
    for _ in range(2):
        with open_work(world.actor("reviewer_bb"), LATER) as work:
            take_back_note(work, proposal_id, note)
    _, seen = get_own_discussion(db.session(), world.actor("reviewer_dga"), given[1])
    assert [(n.text, n.taken_back_at) for n in seen.notes] == [("", LATER)]
    assert db.session.get_one(DiscussionNote, note).text == "พูดผิดไป"
    assert say(world, "reviewer_bb", proposal_id, "พูดผิดไป") != note  # said again, it stands
    at_phase(world, "locked")
    latest = say_nothing_but_look(world, proposal_id)
    with pytest.raises(Refused), open_work(world.actor("reviewer_bb"), LATER) as work:
        take_back_note(work, proposal_id, latest)


def say_nothing_but_look(world: World, proposal_id: int) -> int:
    return get_discussion(db.session(), world.actor("secretariat"), proposal_id).notes[-1].id


def test_another_proposals_note_is_not_taken_back_through_ones_own(app: Flask, world: World) -> None:
    one, _ = discussed(world)
    other, _ = discussed(world, title_th="อีกเรื่องหนึ่ง")
    note = say(world, "reviewer_bb", one, "ของเรื่องแรก")
    with pytest.raises(NotFound), open_work(world.actor("reviewer_bb"), NOW) as work:
        take_back_note(work, other, note)


@pytest.mark.parametrize(
    ("names_for", "reader", "named"),
    [
        (NamesFor.EVERYONE, "reviewer_dga", True),
        (NamesFor.COMMITTEE, "reviewer_dga", False),
        (NamesFor.SECRETARIAT, "reviewer_dga", False),
        (NamesFor.SECRETARIAT, "secretariat", True),
    ],
)
def test_authors_are_called_as_beside_their_scores(
    app: Flask, world: World, names_for: NamesFor, reader: str, named: bool
) -> None:
    proposal_id, given = discussed(world, names_for=names_for)
    say(world, "reviewer_bb", proposal_id, "จาก สงป.")
    say(world, "reviewer_dga", proposal_id, "จาก สพร.")
    say(world, "secretariat", proposal_id, "จากฝ่ายเลขานุการ")
    actor = world.actor(reader)
    if reader == "secretariat":
        seen = get_discussion(db.session(), actor, proposal_id)
    else:
        _, seen = get_own_discussion(db.session(), actor, given[1])
    called = {r.reviewer_id: r.reviewer for r in seen.reviews}
    bb, dga, secretariat = seen.notes
    assert (bb.author, dga.author) == (
        called[world.users["reviewer_bb"]],
        called[world.users["reviewer_dga"]],
    )
    assert bb.author.en == ("Person reviewer_bb" if named else "Reviewer 1")
    assert [n.is_mine for n in seen.notes] == [False, reader == "reviewer_dga", reader == "secretariat"]
    assert secretariat.author.en == "Person secretariat"
    assert not secretariat.is_reviewer


def test_outcomes_are_added_to_and_the_latest_counts(app: Flask, world: World) -> None:
    proposal_id, given = discussed(world)
    actor = world.actor("secretariat")

    def record(conclusion: Conclusion, text: str, seen: int | None, minute: int) -> int:
        with open_work(actor, NOW + timedelta(minutes=minute)) as work:
            return record_outcome(work, proposal_id, conclusion, text, seen=seen)

    first = record(Conclusion.MEETING, "ตกลงกันไม่ได้", None, 0)
    assert record(Conclusion.MEETING, "ตกลงกันไม่ได้", None, 0) == first  # pressed twice
    with pytest.raises(Stale):
        record(Conclusion.STANDS, "คงเดิม", None, 2)
    second = record(Conclusion.RESCORE, "ขอให้ทบทวนเกณฑ์ความคุ้มค่า", first, 2)
    discussion = get_discussion(db.session(), actor, proposal_id)
    assert [(o.id, o.conclusion) for o in discussion.outcomes] == [
        (second, Conclusion.RESCORE),
        (first, Conclusion.MEETING),
    ]
    assert [o.text for o in list_outcomes(db.session(), world.actor("committee"), proposal_id)] == [
        "ขอให้ทบทวนเกณฑ์ความคุ้มค่า",
        "ตกลงกันไม่ได้",
    ]
    at_phase(world, "final")
    (state,) = list_threads(db.session(), actor, world.call_id).values()
    assert (state.finals_given, len(state.finals), state.awaits_finals) == (0, 2, True)
    assert [d.wants_final for d in list_own_discussions(db.session(), world.actor("reviewer_bb"))] == [True]
    finalise(world, "reviewer_bb", given[0], 2, at=NOW + timedelta(minutes=3))
    db.session.rollback()
    (state,) = list_threads(db.session(), actor, world.call_id).values()
    assert [f.given_at is not None for f in state.finals] == [True, False]
    assert [d.wants_final for d in list_own_discussions(db.session(), world.actor("reviewer_bb"))] == [False]
    assert [d.wants_final for d in list_own_discussions(db.session(), world.actor("reviewer_dga"))] == [True]
    totals = {r.reviewer_id: (r.first_total, r.total) for r in list_reviews(db.session(), actor, proposal_id)}
    assert totals[world.users["reviewer_bb"]] == (7500, 5000)
    record(Conclusion.STANDS, "พอแล้ว", second, 4)
    (state,) = list_threads(db.session(), actor, world.call_id).values()
    assert state.finals == ()


def test_two_outcomes_at_once_do_not_hide_each_other(app: Flask, world: World) -> None:
    """Two people record different outcomes from the same page: one is kept, the other is told."""
    proposal_id, _ = discussed(world)
    db.session.remove()

    def record(conclusion: Conclusion) -> str:
        with app.app_context():
            try:
                with open_work(world.actor("secretariat"), NOW) as work:
                    record_outcome(work, proposal_id, conclusion, "สรุป")
            except Stale:
                return "stale"
            finally:
                db.session.remove()
            return "kept"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(record, [Conclusion.STANDS, Conclusion.MEETING])) == ["kept", "stale"]
    assert db.session.scalar(select(func.count()).select_from(DiscussionOutcome)) == 1


def test_the_states_of_threads_say_who_waits_for_whom(app: Flask, world: World) -> None:
    proposal_id, _ = discussed(world)
    secretariat, bb, dga = (world.actor(n) for n in ("secretariat", "reviewer_bb", "reviewer_dga"))
    assert list_threads(db.session(), secretariat, world.call_id) == {}
    assert list_own_discussions(db.session(), bb) == []
    say(world, "secretariat", proposal_id, "โปรดดูเกณฑ์ความคุ้มค่า")
    assert not list_threads(db.session(), secretariat, world.call_id)[proposal_id].is_unanswered
    assert [d.has_new for d in list_own_discussions(db.session(), bb)] == [True]
    note = say(world, "reviewer_bb", proposal_id, "ราคาสูงกว่าปีก่อน")
    state = list_threads(db.session(), secretariat, world.call_id)[proposal_id]
    assert (state.notes, state.is_unanswered, state.last_at) == (2, True, NOW)
    assert [d.has_new for d in list_own_discussions(db.session(), bb)] == [False]
    assert [d.waits for d in list_own_discussions(db.session(), dga)] == [True]
    with open_work(bb, LATER) as work:
        take_back_note(work, proposal_id, note)
    state = list_threads(db.session(), secretariat, world.call_id)[proposal_id]
    assert (state.notes, state.is_unanswered) == (1, False)
    at_phase(world, "locked")
    assert list_own_discussions(db.session(), dga) == []


def test_lists_ask_the_same_whatever_their_length(app: Flask, world: World) -> None:
    counts = []
    for n in range(3):
        proposal_id, _ = discussed(world, title_th=f"เรื่องที่ {n}")
        say(world, "reviewer_bb", proposal_id, "ความเห็น")
        with open_work(world.actor("secretariat"), NOW) as work:
            record_outcome(work, proposal_id, Conclusion.RESCORE, "ขอคะแนนใหม่")
        secretariat, dga = world.actor("secretariat"), world.actor("reviewer_dga")
        with counting() as seen:
            assert len(list_threads(db.session(), secretariat, world.call_id)) == n + 1
            assert len(list_own_discussions(db.session(), dga)) == n + 1
        counts.append(len(seen))
    assert counts == [7, 7, 7]


def test_the_log_knows_that_somebody_spoke_and_not_what(app: Flask, world: World) -> None:
    proposal_id, _ = discussed(world)
    note = say(world, "reviewer_bb", proposal_id, "ถ้อยคำลับ")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        take_back_note(work, proposal_id, note)
    with open_work(world.actor("secretariat"), NOW) as work:
        record_outcome(work, proposal_id, Conclusion.STANDS, "ถ้อยคำลับ")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(3)).all()
    assert [e.action for e in entries] == ["record_discussion_outcome", "take_back_note", "discuss_proposal"]
    assert all("ถ้อยคำลับ" not in f"{e.detail}{e.subject}" for e in entries)


def test_reviews_are_laid_side_by_side(app: Flask, world: World) -> None:
    """Criteria in the order of the rubric, then those of an earlier one; what parts by two levels is wide."""
    rubric = get_call(db.session(), FISCAL_YEAR).rubric
    first = rubric.criteria[0].code
    one = scores(3) | {first: Score(4, GOOD_COMMENT)}
    other = scores(2) | {first: Score(1, GOOD_COMMENT), "earlier": Score(2, "")}
    rows = compare_reviews(rubric, [one, other])
    assert [r.code for r in rows] == [*(c.code for c in rubric.criteria), "earlier"]
    assert [(r.levels, r.apart, r.is_wide) for r in rows[:2]] == [((4, 1), 3, True), ((3, 2), 1, False)]
    assert (rows[-1].levels, rows[-1].weight, rows[-1].apart) == ((None, 2), None, 0)
    assert compare_reviews(rubric, [])[0].apart == 0


def test_a_third_reviewer_is_numbered_as_in_the_list_of_all(app: Flask, world: World) -> None:
    """A reviewer who left keeps a number, so that the others' do not shift between scores and thread."""
    at_phase(world, "scoring")
    proposal_id = file_one(world)
    given = give(world, proposal_id, "reviewer_bb", "reviewer_dga")
    hand_in(world, "reviewer_bb", given[0], scores(3))
    hand_in(world, "reviewer_dga", given[1], scores(2))
    at_phase(world, "discussion", NamesFor.SECRETARIAT)
    say(world, "reviewer_bb", proposal_id, "ก่อนถอนตัว")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        declare_conflict(work, given[0], "พบว่ามีส่วนได้เสีย")
    _, seen = get_own_discussion(db.session(), world.actor("reviewer_dga"), given[1])
    assert [r.reviewer.en for r in seen.reviews] == ["Reviewer 2"]
    assert [(n.author.en, n.text) for n in seen.notes] == [("Reviewer 1", "ก่อนถอนตัว")]


def test_a_final_score_given_late_by_leave_is_a_final_score(app: Flask, world: World) -> None:
    """Somebody reopened while final scores are taken answers what the discussion asked, and is awaited no more."""
    proposal_id, given = discussed(world, "final")
    with open_work(world.actor("secretariat"), NOW) as work:
        record_outcome(work, proposal_id, Conclusion.RESCORE, "ขอคะแนนสุดท้าย")
        row = work.session.scalars(select(ReviewRound)).one()
        row.final_due_at = NOW + timedelta(minutes=1)
    with pytest.raises(Refused):
        finalise(world, "reviewer_bb", given[0], 2, at=LATER)
    with open_work(world.actor("secretariat"), LATER) as work:
        reopen_review(work, given[0], LATER + timedelta(days=1), "ติดราชการ")
    assert finalise(world, "reviewer_bb", given[0], 2, at=LATER) == 5000
    db.session.rollback()
    (state,) = list_threads(db.session(), world.actor("secretariat"), world.call_id).values()
    assert [final.given_at for final in state.finals] == [LATER, None]
