"""What a plan comes to, against the facts as they are now: its cost, what it lacks and why, loads, bodies, the graph,
and what of it can no longer stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.planning.costs import (
    FEWER_BODIES,
    Cost,
    Match,
    load_points,
    match,
    proposal_points,
)
from app.reviews.planning.facts import PanelSeats, Reviewer, Seat, Situation, by_proposal, count_by
from app.reviews.planning.graph import Coverage, Island, cover_pairs, find_islands

GONE = Text("ข้อเสนอนี้ไม่ได้อยู่ระหว่างการพิจารณาแล้ว", "This proposal is no longer among those to be reviewed")
ENDED = Text("บัญชีผู้พิจารณาถูกระงับหรือไม่ใช่ผู้พิจารณาแล้ว", "No longer an active reviewer")
BARRED = Text("มีผลประโยชน์ทับซ้อนกับข้อเสนอนี้", "Has a conflict of interest in this proposal")
ASKED = Text("มีเหตุที่ต้องวินิจฉัยผลประโยชน์ทับซ้อนก่อน", "Has an interest in this proposal that must be judged first")
OVER = Text("เกินจำนวนเรื่องสูงสุด {limit} เรื่อง", "More than the {limit} proposals allowed")


@dataclass(frozen=True, slots=True)
class Lacking:
    """Seats of a panel on a proposal that stay empty: how many, why, and what would change it."""

    proposal: int
    panel: PanelSeats
    missing: int
    why: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Load:
    """How much somebody would have: what stands already and what is planned; the even share and the limit."""

    reviewer: Reviewer
    kept: int
    planned: int
    share: int

    @property
    def total(self) -> int:
        return self.kept + self.planned


@dataclass(frozen=True, slots=True)
class Fault:
    """A planned seat that cannot stand any more, and why."""

    seat: Seat
    why: Text


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a plan comes to. `seats` are those that can stand; `thin` are proposals with fewer bodies than the round
    wants: (proposal id, bodies, wanted)."""

    seats: tuple[Seat, ...]
    cost: Cost
    lacking: tuple[Lacking, ...]
    loads: tuple[Load, ...]
    thin: tuple[tuple[int, int, int], ...]
    matches: Mapping[Match, int]
    islands: tuple[Island, ...]
    coverage: Coverage
    faults: tuple[Fault, ...]

    @property
    def is_connected(self) -> bool:
        return len(self.islands) < 2

    @property
    def missing(self) -> int:
        return sum(lack.missing for lack in self.lacking)


def find_faults(situation: Situation, seats: tuple[Seat, ...]) -> tuple[tuple[Seat, ...], tuple[Fault, ...]]:
    """The seats that can stand now, and those that cannot with the reason. What was assigned meanwhile is neither."""
    kept = {(seat.proposal, seat.reviewer) for seat in situation.kept}
    loads = dict(situation.kept_load)
    standing, faults = [], []
    for seat in seats:
        pair = (seat.proposal, seat.reviewer)
        reviewer = situation.reviewer.get(seat.reviewer)
        if pair in kept:
            continue
        why = None
        if seat.proposal not in situation.subject:
            why = GONE
        elif reviewer is None or not reviewer.is_active:
            why = ENDED
        elif pair in situation.barred:
            why = BARRED
        elif pair in situation.asked:
            why = ASKED
        elif reviewer.limit is not None and loads.get(reviewer.id, 0) >= reviewer.limit:
            why = OVER.fill(limit=reviewer.limit)
        if why is not None:
            faults.append(Fault(seat, why))
        else:
            standing.append(seat)
            loads[seat.reviewer] = loads.get(seat.reviewer, 0) + 1
    return tuple(standing), tuple(faults)


def reckon(situation: Situation, seats: tuple[Seat, ...]) -> Reckoning:
    """Add up a plan. Seats that cannot stand are listed and count for nothing."""
    standing, faults = find_faults(situation, seats)
    everything = (*situation.kept, *standing)
    of = by_proposal(everything)
    filled = replace(situation, kept=everything)
    unfilled = _sum_by_proposal(filled.open_seats)
    planned = count_by(seat.reviewer for seat in standing)
    expertise = bodies = short = 0
    thin = []
    for subject in situation.subjects:
        people = tuple(seat.reviewer for seat in of.get(subject.id, ()))
        left = unfilled.get(subject.id, 0)
        points = proposal_points(situation, subject.id, people, left)
        expertise, bodies, short = expertise + points[0], bodies + points[1], short + points[2]
        if points[2]:
            have = len({situation.reviewer[r].body for r in people})
            thin.append((subject.id, have, have + points[2] // FEWER_BODIES))
    loads = tuple(
        Load(r, situation.kept_load.get(r.id, 0), planned.get(r.id, 0), situation.share[r.id])
        for r in situation.reviewers
    )
    matches = dict.fromkeys(Match, 0)
    for seat in standing:
        matches[match(situation.reviewer[seat.reviewer], situation.subject[seat.proposal])] += 1
    return Reckoning(
        seats=standing,
        cost=Cost(expertise, bodies, short, sum(load_points(one.total, one.share) for one in loads)),
        lacking=find_lacking(situation, filled),
        loads=loads,
        thin=tuple(thin),
        matches=matches,
        islands=tuple(find_islands(everything)),
        coverage=cover_pairs(of),
        faults=faults,
    )


def _sum_by_proposal(open_seats: Mapping[tuple[int, int], int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for (proposal, _), n in open_seats.items():
        found[proposal] = found.get(proposal, 0) + n
    return found


def find_lacking(situation: Situation, filled: Situation) -> tuple[Lacking, ...]:
    """The seats that stay empty, by proposal; `filled` is the situation with the plan applied."""
    found = []
    for (proposal, index), missing in filled.open_seats.items():
        panel = situation.panels[index]
        why, remedy = explain_lack(filled, proposal, panel)
        found.append(Lacking(proposal, panel, missing, why, remedy))
    return tuple(found)


def explain_lack(filled: Situation, proposal: int, panel: PanelSeats) -> tuple[Text, Text]:
    """Why seats of a panel stay empty on a proposal, counted over its members; and what would change that."""
    if not panel.members:
        return (
            Text("คณะนี้ยังไม่มีผู้พิจารณา", "This panel has no reviewers"),
            Text("เพิ่มผู้พิจารณาในคณะ", "Add reviewers to the panel"),
        )
    there = {seat.reviewer for seat in filled.kept_of.get(proposal, ())}
    counts = dict.fromkeys(("there", "ended", "barred", "asked", "declined", "full", "free"), 0)
    for member in panel.members:
        counts[_bar_of(filled, proposal, member, there)] += 1
    words = [words.fill(n=counts[key]) for key, words in _MEMBERS.items() if counts[key]]
    head = Text("สมาชิก {n} คน: ", "Of {n} members: ").fill(n=len(panel.members))
    why = Text(
        head.th + " · ".join(w.th for w in words),
        head.en + " · ".join(w.en for w in words),
    )
    able = len(panel.members) - counts["ended"]
    if counts["free"]:
        remedy = Text("เลือกผู้ที่ยังว่างด้วยมือได้", "Choose one of the free ones by hand")
    elif able < panel.seats:
        remedy = Text(
            "คณะเล็กเกินไป: เพิ่มผู้พิจารณา หรือลดจำนวนที่นั่ง",
            "The panel is too small: add reviewers, or ask for fewer seats",
        )
    elif counts["full"]:
        remedy = Text(
            "เพิ่มจำนวนเรื่องสูงสุดของผู้ที่เต็มแล้ว หรือเพิ่มผู้พิจารณาในคณะ",
            "Raise the limit of those who are full, or add reviewers to the panel",
        )
    elif counts["asked"]:
        remedy = Text(
            "บันทึกคำวินิจฉัยในหน้าผลประโยชน์ทับซ้อน หรือเพิ่มผู้พิจารณาในคณะ",
            "Record your word on the page of conflicts, or add reviewers to the panel",
        )
    else:
        remedy = Text("เพิ่มผู้พิจารณาที่ไม่มีส่วนได้เสียในคณะ", "Add reviewers without an interest to the panel")
    return why, remedy


_MEMBERS = {
    "there": Text("อยู่ในเรื่องนี้แล้ว {n}", "{n} on this proposal already"),
    "ended": Text("ไม่ใช่ผู้พิจารณาแล้ว {n}", "{n} no longer reviewers"),
    "barred": Text("มีผลประโยชน์ทับซ้อน {n}", "{n} in conflict"),
    "asked": Text("รอวินิจฉัยผลประโยชน์ทับซ้อน {n}", "{n} with an interest to be judged"),
    "declined": Text("เคยขอไม่พิจารณา {n}", "{n} declined or was taken off it before"),
    "full": Text("ครบจำนวนเรื่องสูงสุด {n}", "{n} at their limit"),
    "free": Text("ยังรับได้ {n}", "{n} still free"),
}


def _bar_of(filled: Situation, proposal: int, member: int, there: set[int]) -> str:
    reviewer = filled.reviewer.get(member)
    pair = (proposal, member)
    if member in there:
        return "there"
    if reviewer is None or not reviewer.is_active:
        return "ended"
    if pair in filled.barred:
        return "barred"
    if pair in filled.asked:
        return "asked"
    if pair in filled.declined:
        return "declined"
    if reviewer.limit is not None and filled.kept_load.get(member, 0) >= reviewer.limit:
        return "full"
    return "free"
