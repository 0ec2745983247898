"""Files of assignments: whatever somebody's spreadsheet sends, every row is answered; then all of it is done or nothing."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given as given_by
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.identity.actions import disable_person
from app.identity.facts import Body
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.models import Proposal, ProposalAgency
from app.reviews.actions import (
    assign_reviewers,
    declare_conflict,
    decline_assignment,
    save_review,
    set_round,
    withdraw_assignment,
)
from app.reviews.actions.bulk import apply_file
from app.reviews.conflicts import Stake
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment
from app.reviews.queries.conflicts import Interests
from app.reviews.queries.seat_plan import Named, Outcome, list_seats, plan_file, plan_rows
from app.reviews.queries.seating import Held, Reviewer, Seating
from app.reviews.seat_file import LARGEST_FILE, MOST_ROWS, FileAction, FileRow, read_file, read_rows
from tests.conftest import Backend
from tests.instruments import counted_queries, race
from tests.notices.scene import by_name, hear_all
from tests.reviews.discussed import at_phase
from tests.web.desks import file_one, scores
from tests.world import NOW, World, give

HEAD = "เลขที่ข้อเสนอ,อีเมลผู้พิจารณา,การดำเนินการ,เหตุผล\r\n"
ONE = "2570-0001,a@b.go.th,มอบหมาย,"
READ = FileRow(2, "2570-0001", "a@b.go.th", FileAction.ASSIGN, "")


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ((HEAD + ONE).encode(), [READ]),
        ((HEAD + ONE).encode("utf-8-sig"), [READ]),
        ((HEAD + ONE).encode("cp874"), [READ]),
        ((HEAD + ONE).replace(",", ";").encode(), [READ]),
        ((HEAD + ONE).replace(",", "\t").encode(), [READ]),
        ((HEAD + ONE).replace("\r\n", "\n").encode(), [READ]),
        (b"sep=;\r\nNumber;E-mail;Action\r\n2570-0001;A@B.go.th;Assign", [replace(READ, line=3)]),
        # other orders, other columns, spaces, Thai digits, quotes
        (
            ' ACTION ,note,proposal number,reviewer e-mail\n withdraw ,x, ๒๕๗๐-๐๐๐๑ ," A@b.go.th"'.encode(),
            [FileRow(2, "2570-0001", "a@b.go.th", FileAction.WITHDRAW, "")],
        ),
        # what this system's own files disarm, and a reason of several lines
        (
            (HEAD + '2570-0001,\'+a@b.go.th,ยกเลิก,"หนึ่ง\r\nสอง"\r\n\r\n,,,\r\n' + ONE).encode(),
            [
                FileRow(2, "2570-0001", "+a@b.go.th", FileAction.WITHDRAW, "หนึ่ง สอง"),
                FileRow(6, "2570-0001", "a@b.go.th", FileAction.ASSIGN, ""),
            ],
        ),
    ],
)
def test_what_a_spreadsheet_writes_is_read(data: bytes, rows: list[FileRow]) -> None:
    assert list(read_file(data).rows) == rows
    assert bool(read_file(data).notes) is (data == (HEAD + ONE).encode("cp874"))
    # and once more from the page that previewed it, whose browser writes every line end as CRLF
    text = read_file(data).text.replace("\r\n", "\n").replace("\n", "\r\n")
    assert list(read_rows(text)) == rows


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",a@b.c,assign,", "Proposal number is empty"),
        ("1,,assign,", "Reviewer e-mail is empty"),
        ("1,a@b.c,,", "Action is empty"),
        ("1", "Reviewer e-mail is empty"),
        ("1,a@b.c,delete,", "Unknown action “delete”"),
        ("1,a@b.c,=cmd|' /C calc'!A0,", "Unknown action"),
        (f"{'1' * 255},a@b.c,assign,", "Proposal number is longer than 254"),
        (f"1,a@b.c,withdraw,{'x' * 1001}", "Reason is longer than 1000"),
        ("1,a@b.c,assign,\x07", "Reason: The text has unreadable"),
        ('1,"a"b@c,assign,', "cannot be read as CSV"),
        (f'1,a@b.c,assign,"{"x" * 140_000}"', "cannot be read as CSV"),
    ],
)
def test_a_row_that_cannot_be_understood_says_why_and_the_next_is_read(row: str, words: str) -> None:
    rows = read_file((HEAD + row + "\r\n" + ONE).encode()).rows
    assert rows[0].wrong is not None
    assert words in rows[0].wrong.en
    assert (rows[-1].number, rows[-1].wrong) == ("2570-0001", None)


def _workbook() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        book.writestr("xl/workbook.xml", "<x/>")
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no column"),
        (HEAD.encode(), "nothing but a header"),
        ((HEAD + ",,,\r\n\r\n").encode(), "nothing but a header"),
        (ONE.encode(), "no column “Proposal number”"),
        ("เลขที่ข้อเสนอ,การดำเนินการ\n1,assign".encode(), "no column “Reviewer e-mail”"),
        (b"number,proposal,e-mail,action\n1,1,a,assign", "“Proposal number” twice"),
        ((HEAD + ONE).encode("utf-16"), "not CSV text"),
        (HEAD.encode() + b"1\x00,a,assign", "not CSV text"),
        (_workbook(), "not CSV text"),
        (HEAD.encode() + b"\xff\xfe\xdb", "not CSV text"),
        (b"x" * (LARGEST_FILE + 1), "larger than 1,024 kilobytes"),
        ((HEAD + "1,a,assign\n" * (MOST_ROWS + 1)).encode(), "More than 20,000 rows"),
        ((HEAD + "1,a,b\n" * 100_000).encode(), "More than 20,000 rows"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(data: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read_file(data)
    assert words in " ".join(p.text.en for p in refused.value.problems)


def _small_world() -> tuple[Named, Seating]:
    """Proposals 1 and 2, reviewers 1 and 2; what the rows of the property may hit upon."""
    people = {
        n: Reviewer(n, Text(f"คน {n}", f"Person {n}"), Body.BB, load=1, done=0, limit=1 if n == 1 else None)
        for n in (1, 2)
    }
    named = Named({"1": 1, "2": 2}, {"9": 2569}, {f"{n}@x": (n, Text("ค", "p"), n == 3) for n in (1, 2, 3)})
    held = {(1, 1): Held(1, "accepted", has_begun=True), (1, 2): Held(2, "declined", has_begun=False)}
    interests = Interests({}, {1: Stake(7), 2: Stake(8)}, {})
    return named, Seating(RoundFacts(), {1: "passed", 2: "failed"}, people, held, interests)


CELLS = st.sampled_from(
    ["1", "2", "9", "1@x", "2@x", "3@x", "assign", "withdraw", "ยกเลิก", "=1+1", "'=x", "", '"']
)
ROWS = st.lists(st.lists(CELLS, max_size=6).map(",".join), max_size=12).map("\n".join)


@settings(max_examples=300, deadline=None)
@given_by(
    st.one_of(
        st.binary(max_size=400),
        ROWS.map(lambda rows: (HEAD + rows).encode()),
        st.text().map(lambda text: (HEAD + text).encode("utf-8", "surrogatepass")),
    )
)
def test_no_bytes_break_it_and_every_row_is_answered(data: bytes) -> None:
    try:
        file = read_file(data)
    except Refused:
        return
    named, seating = _small_world()
    plan = plan_rows(file.rows, named, seating)
    assert [one.row for one in plan.rows] == list(file.rows)
    loads = {1: 1, 2: 1}
    seen = set()
    for one in plan.rows:
        assert one.outcome is not Outcome.PROBLEM or one.said is not None
        if one.outcome in (Outcome.GIVE, Outcome.GIVE_AGAIN, Outcome.TAKE_BACK):
            assert one.pair is not None
            assert one.pair not in seen, "a pair was changed twice"
            assert one.pair[0] == 1, "a proposal that did not pass was touched"
            seen.add(one.pair)
            loads[one.pair[1]] += -1 if one.outcome is Outcome.TAKE_BACK else 1
    assert loads[1] <= 1, "over the limit"
    assert plan.fingerprint == plan_rows(file.rows, named, seating).fingerprint


# with a database


@pytest.fixture
def filed(app: Flask, world: World) -> list[int]:
    """Three proposals that passed screening."""
    return [file_one(world) for _ in range(3)]


def number(proposal_id: int) -> str:
    return db.session.get_one(Proposal, proposal_id).number


def rows_of(
    world: World, *rows: tuple[int | str, str, str] | tuple[int | str, str, str, str]
) -> tuple[FileRow, ...]:
    """Rows as a file has them: proposal (id, or a number as typed), name or address, action, reason."""
    lines = [HEAD]
    for proposal, name, action, *reason in rows:
        shown = number(proposal) if isinstance(proposal, int) else proposal
        email = World.email(name) if name in world.users else name
        lines.append(f"{shown},{email},{action},{''.join(reason)}\r\n")
    return read_rows("".join(lines))


def planned(world: World, rows: tuple[FileRow, ...]) -> list[tuple[str, str]]:
    plan = plan_file(db.session(), world.actor("secretariat"), world.call_id, rows)
    return [(one.outcome.value, one.said.en if one.said else "") for one in plan.rows]


def carry_out(world: World, rows: tuple[FileRow, ...], at: datetime = NOW, by: str = "secretariat") -> int:
    """Preview and apply; returns how many rows changed something."""
    plan = plan_file(db.session(), world.actor("secretariat"), world.call_id, rows)
    db.session.rollback()
    with open_work(world.actor(by), at) as work:
        return len(apply_file(work, world.call_id, rows, plan.fingerprint).changes)


def states() -> dict[tuple[int, int], str]:
    db.session.rollback()
    db.session.expire_all()
    return {(a.proposal_id, a.reviewer_id): a.state for a in db.session.scalars(select(Assignment))}


def test_what_stands_in_the_way_is_told_row_by_row(app: Flask, world: World, filed: list[int]) -> None:
    first, second, third = filed
    other = file_one(world, agency="beta")
    begun, given = give(world, first, "reviewer_bb", "reviewer_dga")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        save_review(work, begun, scores(2), 1)
    with open_work(world.actor("secretariat"), NOW) as work:
        made = assign_reviewers(work, second, [world.users["reviewer_dga"]])[0].id
    with open_work(world.actor("reviewer_dga"), NOW) as work:
        decline_assignment(work, made, "ไม่ว่าง")
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.get_one(Proposal, third).state = "failed"
        work.session.get_one(Proposal, other).number = "2570-DRAFT"
        work.session.get_one(Proposal, other).state = "draft"
    assert planned(
        world,
        rows_of(
            world,
            (first, "reviewer_bb", "assign"),
            (first, "reviewer_dga", "withdraw"),
            (second, "reviewer_dga", "assign"),
            (second, "reviewer_bb", "มอบหมาย"),
            ("2570-9999", "reviewer_bb", "assign"),
            ("2570-DRAFT", "reviewer_bb", "assign"),
            (second, "nobody@x.go.th", "assign"),
            (second, "committee", "assign"),
            (second, "reviewer_alpha", "assign"),
            (third, "reviewer_bb", "assign"),
            (third, "reviewer_bb", "withdraw"),
            (second, "reviewer_bb", "assign"),
            (second, "reviewer_bb", "withdraw"),
            (second, "reviewer_alpha", "withdraw"),
            (second, "reviewer_bb", "burn"),
        ),
    ) == [
        ("nothing", "Assigned already"),
        ("take_back", ""),
        ("give_again", "Before: Declined"),
        ("give", ""),
        ("problem", "There is no proposal “2570-9999” in this call"),
        ("problem", "There is no proposal “2570-DRAFT” in this call"),
        ("problem", "Nobody has the address “nobody@x.go.th”"),
        ("problem", "Person committee is not a reviewer"),
        ("problem", "Person reviewer_alpha belongs to an agency of this proposal (conflict of interest)"),
        ("problem", "Only proposals that passed screening and are not yet decided can be assigned"),
        ("problem", "Contradicts line 11"),
        ("problem", "Repeats line 5"),
        ("problem", "Contradicts line 5"),
        ("problem", "Contradicts line 10"),
        ("problem", "Unknown action “burn”: use assign (มอบหมาย) or withdraw (ยกเลิก)"),
    ]
    assert planned(
        world, rows_of(world, (first, "reviewer_bb", "withdraw"), (second, "reviewer_bb", "withdraw"))
    )[0] == ("problem", "The reviewer has begun; say why the assignment is taken back")
    assert planned(world, rows_of(world, (first, "reviewer_bb", "withdraw", "เปลี่ยน")))[0][0] == "take_back"
    assert planned(world, rows_of(world, (second, "reviewer_dga", "withdraw"))) == [
        ("nothing", "It has ended already (Declined)")
    ]
    assert planned(world, rows_of(world, (second, "reviewer_bb", "withdraw"))) == [
        ("problem", "It was never assigned, so there is nothing to take back")
    ]
    with open_work(world.actor("reviewer_dga"), NOW) as work:
        declare_conflict(work, given, "ญาติ")
    with open_work(world.actor("admin"), NOW) as work:
        disable_person(work, world.users["reviewer_bb"])
    assert planned(
        world, rows_of(world, (first, "reviewer_dga", "assign"), (second, "reviewer_bb", "assign"))
    ) == [
        ("problem", "Person reviewer_dga has a conflict of interest: Declared by the reviewer"),
        ("problem", "The account of Person reviewer_bb is disabled"),
    ]
    at_phase(world, "locked")
    assert planned(world, rows_of(world, (first, "reviewer_bb", "withdraw", "ปิดแล้ว")))[0][0] == "problem"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_interests_that_want_a_word_and_proposals_of_another_call(
    app: Flask, world: World, filed: list[int]
) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.add(
            ProposalAgency(proposal_id=filed[0], agency_id=world.agencies["gamma"], is_lead=False)
        )
    ((outcome, said),) = planned(world, rows_of(world, (filed[0], "reviewer_bb", "assign")))
    assert outcome == "problem"
    assert "an interest that must be judged first: Same ministry" in said
    plan = plan_file(
        db.session(),
        world.actor("secretariat"),
        world.call_id + 1,
        rows_of(world, (filed[0], "reviewer_bb", "assign")),
    )
    assert [one.said.en if one.said else "" for one in plan.rows] == [
        f"Proposal {number(filed[0])} belongs to the call of fiscal year 2570"
    ]


def test_the_limit_counts_the_files_own_rows_and_what_it_takes_back(
    app: Flask, world: World, filed: list[int]
) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        set_round(work, world.call_id, RoundFacts(load_limit=2))
    give(world, filed[0], "reviewer_bb")
    over = rows_of(world, (filed[1], "reviewer_bb", "assign"), (filed[2], "reviewer_bb", "assign"))
    assert planned(world, over) == [
        ("give", ""),
        ("problem", "Person reviewer_bb already has 2 proposals, the most allowed"),
    ]
    with pytest.raises(Refused):
        carry_out(world, over)
    assert len(states()) == 1
    swapped = rows_of(
        world,
        (filed[1], "reviewer_bb", "assign"),
        (filed[2], "reviewer_bb", "assign"),
        (filed[0], "reviewer_bb", "withdraw"),
    )
    assert carry_out(world, swapped) == 3
    assert sorted(states().values()) == ["given", "given", "withdrawn"]


def test_the_same_file_again_changes_nothing_and_each_reviewer_gets_one_letter(
    app: Flask, world: World, filed: list[int]
) -> None:
    give(world, filed[0], "reviewer_bb")
    give(world, filed[1], "reviewer_bb")
    hear_all(world, NOW)
    rows = rows_of(
        world,
        *((p, "reviewer_dga", "assign") for p in filed),
        (filed[2], "reviewer_bb", "assign"),
        (filed[0], "reviewer_bb", "withdraw", "MARKED"),
        (filed[1], "reviewer_bb", "withdraw", "MARKED"),
    )
    assert carry_out(world, rows) == 6
    written = hear_all(world, NOW + timedelta(minutes=1))
    assert len(written) == 3  # DGA: what was given; the Bureau: what was given, and what was taken back
    taken = next(m for m in written if "ยกเลิกการมอบหมาย" in m.subject)
    assert "2 รายการ" in taken.subject
    assert number(filed[0]) in taken.body
    assert "MARKED" not in taken.body
    assert "3 รายการ" in by_name(world, [m for m in written if m is not taken])["reviewer_dga"].subject
    before = states()
    assert carry_out(world, rows, NOW + timedelta(hours=1)) == 0
    assert states() == before
    assert hear_all(world, NOW + timedelta(hours=1)) == []
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import_assignments"))
    assert '"give":4' in entry.detail.replace(" ", "")


def test_what_goes_out_comes_back_and_changes_nothing(app: Flask, world: World, filed: list[int]) -> None:
    give(world, filed[0], "reviewer_bb", "reviewer_dga")
    (taken,) = give(world, filed[1], "reviewer_bb")
    with open_work(world.actor("secretariat"), NOW) as work:
        withdraw_assignment(work, taken)
    seats = list_seats(db.session(), world.actor("secretariat"), world.call_id)
    assert [(s.number, s.email) for s in seats] == [
        (number(filed[0]), World.email(name)) for name in ("reviewer_bb", "reviewer_dga")
    ]
    assert carry_out(world, rows_of(world, *((s.number, s.email, "assign") for s in seats))) == 0


def test_if_the_world_changed_since_nothing_is_done(app: Flask, world: World, filed: list[int]) -> None:
    rows = rows_of(world, (filed[0], "reviewer_bb", "assign"), (filed[1], "reviewer_bb", "assign"))
    seen = plan_file(db.session(), world.actor("secretariat"), world.call_id, rows).fingerprint
    give(world, filed[0], "reviewer_bb")
    with pytest.raises(Stale), open_work(world.actor("secretariat"), NOW) as work:
        apply_file(work, world.call_id, rows, seen)
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.get_one(Proposal, filed[1]).state = "failed"
    with pytest.raises(Stale), open_work(world.actor("secretariat"), NOW) as work:
        apply_file(work, world.call_id, rows, seen)
    with pytest.raises(Refused):
        carry_out(world, rows)
    assert len(states()) == 1


@pytest.mark.parametrize("name", ["reviewer_bb", "committee", "officer", "admin"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_only_the_secretariat_assigns_by_a_file(
    app: Flask, world: World, filed: list[int], name: str
) -> None:
    rows = rows_of(world, (filed[0], "reviewer_bb", "assign"))
    with pytest.raises(Forbidden):
        carry_out(world, rows, by=name)
    with pytest.raises(Forbidden):
        plan_file(db.session(), world.actor(name), world.call_id, rows)
    with pytest.raises(Forbidden):
        list_seats(db.session(), world.actor(name), world.call_id)


def test_planning_asks_the_same_for_any_number_of_rows(app: Flask, world: World, filed: list[int]) -> None:
    def cost(*rows: tuple[int, str, str]) -> int:
        read = rows_of(world, *rows)
        actor = world.actor("secretariat")
        with counted_queries() as statements:
            plan_file(db.session(), actor, world.call_id, read)
        return len(statements)

    every = [(p, name, "assign") for p in filed for name in ("reviewer_bb", "reviewer_dga")]
    assert cost(*every) == cost(every[0]) <= 6


def test_a_file_sent_twice_at_once_and_assigning_by_hand_beside_it(backend: Backend) -> None:
    """Four confirmations of one preview and somebody assigning by hand: each pair is there once, within the limit."""
    world = backend.world
    with backend.app.app_context():
        filed = [file_one(world) for _ in range(3)]
        with open_work(world.actor("secretariat"), NOW) as work:
            set_round(work, world.call_id, RoundFacts(load_limit=3))
        rows = rows_of(world, *((p, "reviewer_bb", "assign") for p in filed))
        seen = plan_file(db.session(), world.actor("secretariat"), world.call_id, rows).fingerprint
        db.session.remove()

    def confirm() -> int:
        with open_work(world.actor("secretariat"), NOW) as work:
            return len(apply_file(work, world.call_id, rows, seen).changes)

    def by_hand() -> int:
        with open_work(world.actor("secretariat"), NOW) as work:
            return len(assign_reviewers(work, filed[0], [world.users["reviewer_bb"]]))

    results = race(backend.app, confirm, confirm, by_hand, confirm, confirm)
    assert all(isinstance(r, (int, Stale)) for r in results), results
    with backend.app.app_context():
        made = states()
        assert set(made.values()) == {"given"}
        assert 1 <= len(made) <= 3
        assert sum(r for r in results if isinstance(r, int)) == len(made)
