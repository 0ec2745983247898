"""What a file of assignments would do, row by row, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.models import Assignment
from app.reviews.queries.conflicts import Pair
from app.reviews.queries.seating import IS_LOCKED, REASON_WANTED, Held, Seating, read_seating
from app.reviews.seat_file import FileAction, FileRow
from app.reviews.states import ASSIGNMENT_STATES, LOCKED, STANDING_STATES

T = TypeVar("T")


class Outcome(StrEnum):
    """What becomes of one row."""

    GIVE = "give"
    GIVE_AGAIN = "give_again"
    TAKE_BACK = "take_back"
    NOTHING = "nothing"
    PROBLEM = "problem"


OUTCOMES: dict[Outcome, Text] = {
    Outcome.GIVE: Text("จะมอบหมาย", "Will be assigned"),
    Outcome.GIVE_AGAIN: Text("จะถามอีกครั้ง", "Will be asked again"),
    Outcome.TAKE_BACK: Text("จะยกเลิก", "Will be taken back"),
    Outcome.NOTHING: Text("ไม่มีสิ่งใดต้องทำ", "Nothing to do"),
    Outcome.PROBLEM: Text("ต้องแก้ไข", "To be mended"),
}
CHANGES = (Outcome.GIVE, Outcome.GIVE_AGAIN, Outcome.TAKE_BACK)

NO_PROPOSAL = Text("ไม่มีข้อเสนอเลขที่ “{value}” ในรอบนี้", "There is no proposal “{value}” in this call")
OTHER_CALL = Text(
    "ข้อเสนอเลขที่ {value} อยู่ในรอบปีงบประมาณ {year}", "Proposal {value} belongs to the call of fiscal year {year}"
)
NO_PERSON = Text("ไม่มีบัญชีที่ใช้อีเมล “{value}”", "Nobody has the address “{value}”")
DISABLED = Text("บัญชีของ {name} ถูกระงับ", "The account of {name} is disabled")
NO_REVIEWER = Text("{name} ไม่ได้เป็นผู้พิจารณา", "{name} is not a reviewer")
REPEATED = Text("ซ้ำกับบรรทัดที่ {line}", "Repeats line {line}")
CONTRADICTED = Text("ขัดกับบรรทัดที่ {line}", "Contradicts line {line}")
NEVER_GIVEN = Text("ไม่เคยมอบหมาย จึงไม่มีสิ่งใดให้ยกเลิก", "It was never assigned, so there is nothing to take back")
HAS_IT = Text("มอบหมายอยู่แล้ว", "Assigned already")
HAS_ENDED = Text("สิ้นสุดแล้ว ({state})", "It has ended already ({state})")
ENDED_BEFORE = Text("ก่อนหน้านี้: {state}", "Before: {state}")
HAS_BEGUN = Text(
    "ผู้พิจารณาเริ่มให้คะแนนแล้ว สิ่งที่ให้ไว้เก็บไว้แต่ไม่นับ",
    "The reviewer has begun; what was scored is kept and does not count",
)


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the file and what becomes of it; `said` is why. The ids are there where they were found."""

    row: FileRow
    outcome: Outcome
    said: Text | None = None
    name: Text | None = None
    pair: Pair | None = None
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class FilePlan:
    """A file as it would work now."""

    rows: tuple[PlannedRow, ...]

    def of(self, *outcomes: Outcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome in outcomes]

    @property
    def problems(self) -> list[PlannedRow]:
        return self.of(Outcome.PROBLEM)

    @property
    def changes(self) -> list[PlannedRow]:
        return self.of(*CHANGES)

    @property
    def fingerprint(self) -> str:
        """What was previewed: the same file over the same world gives the same."""
        return sha256_text(
            canonical_json(
                [
                    [
                        r.row.line,
                        r.row.number,
                        r.row.email,
                        r.row.reason,
                        r.outcome.value,
                        r.pair,
                        r.held and r.held.state,
                    ]
                    for r in self.rows
                ]
            )
        )


@dataclass(frozen=True, slots=True)
class Named:
    """What the rows name: proposals of the call and of others by number, people by address."""

    proposals: Mapping[str, int]
    elsewhere: Mapping[str, int]
    people: Mapping[str, tuple[int, Text, bool]]

    @property
    def pairs(self) -> tuple[set[int], set[int]]:
        """Every proposal of the call and every person named."""
        return set(self.proposals.values()), {user_id for user_id, _, _ in self.people.values()}


def find_named(session: Session, call_id: int, rows: Sequence[FileRow]) -> Named:
    """Find what the rows name. Three queries for up to a thousand names."""
    numbers = sorted({row.number for row in rows if row.wrong is None})
    proposals: dict[str, int] = {}
    elsewhere: dict[str, int] = {}
    for some in _parts(numbers):
        for r in session.execute(
            select(Proposal.id, Proposal.number, Proposal.call_id, Call.fiscal_year)
            .join(Call, Call.id == Proposal.call_id)
            .where(Proposal.number.in_(some), Proposal.state != DRAFT)
        ):
            if r.call_id == call_id:
                proposals[r.number] = r.id
            else:
                elsewhere[r.number] = r.fiscal_year
    people: dict[str, tuple[int, Text, bool]] = {}
    for some in _parts(sorted({row.email for row in rows if row.wrong is None})):
        for user_id, email, name_th, name_en, disabled_at in session.execute(
            select(User.id, User.email, User.name_th, User.name_en, User.disabled_at).where(
                User.email.in_(some)
            )
        ):
            people[email] = (user_id, Text(name_th, name_en), disabled_at is not None)
    return Named(proposals, elsewhere, people)


def _parts(values: Sequence[T], size: int = 1000) -> Iterator[list[T]]:
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def plan_file(session: Session, actor: Actor, call_id: int, rows: Sequence[FileRow]) -> FilePlan:
    """What the rows would do now, each answered. Taking back comes before giving, so that limits see the difference."""
    require(actor, Permission.ASSIGN_REVIEWER)
    named = find_named(session, call_id, rows)
    return plan_rows(rows, named, read_seating(session, call_id, *named.pairs))


def plan_rows(rows: Sequence[FileRow], named: Named, seating: Seating) -> FilePlan:
    """Judge every row by what is known."""
    first: dict[Pair, FileRow] = {}
    planned = [_plan_row(row, named, seating, first) for row in rows]
    loads = {user_id: person.load for user_id, person in seating.people.items()}
    for one in planned:
        if one.outcome is Outcome.TAKE_BACK and one.pair is not None and one.pair[1] in loads:
            loads[one.pair[1]] -= 1
    for place, one in enumerate(planned):
        if one.outcome not in (Outcome.GIVE, Outcome.GIVE_AGAIN) or one.pair is None:
            continue
        user_id = one.pair[1]
        full = seating.people[user_id].full(loads[user_id])
        if full is None:
            loads[user_id] += 1
        else:
            planned[place] = PlannedRow(one.row, Outcome.PROBLEM, full, one.name, one.pair, one.held)
    return FilePlan(tuple(planned))


def _plan_row(row: FileRow, named: Named, seating: Seating, first: dict[Pair, FileRow]) -> PlannedRow:
    if row.wrong is not None:
        return PlannedRow(row, Outcome.PROBLEM, row.wrong)
    proposal_id = named.proposals.get(row.number)
    user_id, name, is_disabled = named.people.get(row.email, (None, None, False))
    if proposal_id is None:
        year = named.elsewhere.get(row.number)
        words = NO_PROPOSAL if year is None else OTHER_CALL
        return PlannedRow(row, Outcome.PROBLEM, words.fill(value=row.number, year=year), name)
    if user_id is None or name is None:
        return PlannedRow(row, Outcome.PROBLEM, NO_PERSON.fill(value=row.email))
    pair = (proposal_id, user_id)
    held = seating.held.get(pair)
    earlier = first.setdefault(pair, row)

    def answer(outcome: Outcome, said: Text | None = None) -> PlannedRow:
        return PlannedRow(row, outcome, said, name, pair, held)

    if earlier is not row:
        words = REPEATED if earlier.action is row.action else CONTRADICTED
        return answer(Outcome.PROBLEM, words.fill(line=earlier.line))
    if row.action is FileAction.WITHDRAW:
        if held is None:
            return answer(Outcome.PROBLEM, NEVER_GIVEN)
        if not held.stands:
            return answer(Outcome.NOTHING, HAS_ENDED.fill(state=ASSIGNMENT_STATES[held.state]))
        if seating.round.phase == LOCKED:
            return answer(Outcome.PROBLEM, IS_LOCKED)
        if held.has_begun and not row.reason:
            return answer(Outcome.PROBLEM, REASON_WANTED)
        return answer(Outcome.TAKE_BACK, HAS_BEGUN if held.has_begun else None)
    if held is not None and held.stands:
        return answer(Outcome.NOTHING, HAS_IT)
    if user_id not in seating.people:
        return answer(Outcome.PROBLEM, (DISABLED if is_disabled else NO_REVIEWER).fill(name=name))
    bar = seating.bar_of(proposal_id) or seating.interest_of(proposal_id, user_id)
    if bar is not None:
        return answer(Outcome.PROBLEM, bar)
    if held is not None:
        return answer(Outcome.GIVE_AGAIN, ENDED_BEFORE.fill(state=ASSIGNMENT_STATES[held.state]))
    return answer(Outcome.GIVE)


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A present assignment as a row of the file."""

    number: str
    email: str
    reviewer: Text
    state: str


def list_seats(session: Session, actor: Actor, call_id: int) -> list[SeatRow]:
    """Every assignment of a call that stands, by proposal number. One query."""
    require(actor, Permission.ASSIGN_REVIEWER)
    return [
        SeatRow(r.number, r.email, Text(r.name_th, r.name_en), r.state)
        for r in session.execute(
            select(Proposal.number, User.email, User.name_th, User.name_en, Assignment.state)
            .join_from(Assignment, Proposal, Proposal.id == Assignment.proposal_id)
            .join(User, User.id == Assignment.reviewer_id)
            .where(
                Proposal.call_id == call_id,
                Proposal.state != DRAFT,
                Assignment.state.in_(STANDING_STATES),
            )
            .order_by(Proposal.number, Assignment.id)
        )
    ]
