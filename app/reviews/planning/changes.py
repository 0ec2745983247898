"""What each change by hand costs: somebody else on a seat, one reviewer more, one fewer; and what follows from it."""

from __future__ import annotations

from dataclasses import replace

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.planning.costs import (
    ABOVE_SHARE,
    BODIES_SHORT,
    BODY_AGAIN,
    MATCH_NAMES,
    Match,
    match,
    proposal_points,
    seat_price,
)
from app.reviews.planning.facts import Reviewer, Seat, Situation, by_proposal, count_by
from app.reviews.planning.graph import find_islands
from app.reviews.planning.reckoning import ASKED, BARRED, ENDED

HERE = Text("พิจารณาข้อเสนอนี้อยู่แล้ว", "On this proposal already")
FULL = Text("ครบ {limit} เรื่องตามที่กำหนดแล้ว", "At the limit of {limit} proposals already")
OUTSIDE = Text("ไม่ได้อยู่ในคณะ “{panel}”", "Not in the panel “{panel}”")
LOAD_AFTER = Text(
    "จะได้รับ {load} เรื่อง เกินส่วนแบ่งเฉลี่ย {share} เรื่อง",
    "Would have {load} proposals, the even share being {share}",
)
SAME_BODY = Text(
    "ข้อเสนอนี้จะมีผู้พิจารณาจากหน่วยงานเดียวกัน {n} คน", "This proposal would have {n} reviewers of the same body"
)
APART = Text(
    "ผู้พิจารณาจะแยกเป็น {n} กลุ่มที่เทียบคะแนนกันไม่ได้ (ขณะนี้ {before})",
    "The reviewers would fall into {n} groups whose scores cannot be compared (now {before})",
)
TOGETHER = Text(
    "กลุ่มที่เทียบคะแนนกันไม่ได้จะลดจาก {before} เหลือ {n}",
    "The groups whose scores cannot be compared would go from {before} to {n}",
)
DECLINED_BEFORE = Text(
    "เคยขอไม่พิจารณาหรือถูกยกเลิกการมอบหมายเรื่องนี้ ระบบจะถามอีกครั้ง",
    "Declined or was taken off this proposal before, and would be asked once more",
)
MORE_THAN_SEATS = Text(
    "จะมีผู้พิจารณามากกว่าที่นั่งของข้อเสนอนี้ ({n} จาก {seats})",
    "The proposal would have more reviewers than seats ({n} of {seats})",
)
EXPERTISE_GONE = Text("ความถนัดของผู้ที่ออก", "Expertise of the one who leaves")
SEAT_EMPTY = Text("ที่นั่งนี้จะว่าง ({n} จาก {seats})", "The seat would be empty ({n} of {seats})")


@dataclass(frozen=True, slots=True)
class Part:
    """One reason why a change costs or saves, and how many points."""

    name: Text
    points: int


@dataclass(frozen=True, slots=True)
class Change:
    """Giving a proposal to `reviewer` (None: to nobody), in place of `instead` (None: in addition).

    `points` is the difference in cost, the sum of `parts`; with a `refusal` the change is not possible, and why.
    """

    reviewer: Reviewer | None
    instead: int | None
    points: int
    parts: tuple[Part, ...]
    consequences: tuple[Text, ...]
    match: Match | None
    load: int
    refusal: Text | None = None


@dataclass(frozen=True, slots=True)
class _Before:
    """A plan without the seat given up, and what is needed to weigh anybody for it."""

    situation: Situation
    proposal: int
    people: tuple[int, ...]  # on the proposal before
    rest: tuple[int, ...]  # on it without the seat given up
    loads: dict[int, int]
    panel_of: dict[int, int | None]
    freed: int | None  # the panel of the seat given up
    wanted: int
    groups: int
    groups_without: int
    home: int | None  # in which group the proposal is then; None where nobody reviews it
    group_of: dict[int, int]


def weigh_changes(
    situation: Situation, seats: tuple[Seat, ...], proposal: int, instead: int | None
) -> list[Change]:
    """Every reviewer for a proposal, in place of one or in addition: the possible first, cheapest first."""
    before = _prepare(situation, seats, proposal, instead)
    panel = next(
        (situation.panel.get(s.panel) for s in seats if (s.proposal, s.reviewer) == (proposal, instead)), None
    )
    found = [_weigh(before, reviewer, instead) for reviewer in situation.reviewers if reviewer.id != instead]
    if panel is not None and panel.id is not None:
        outside = OUTSIDE.fill(panel=panel.name)
        found = [
            c
            if c.reviewer is None or c.reviewer.id in panel.members
            else Change(
                c.reviewer, instead, c.points, c.parts, (outside, *c.consequences), c.match, c.load, c.refusal
            )
            for c in found
        ]
    return sorted(found, key=lambda c: (c.refusal is not None, c.points, c.reviewer.id if c.reviewer else 0))


def weigh_removal(situation: Situation, seats: tuple[Seat, ...], proposal: int, reviewer: int) -> Change:
    """What leaving a seat empty saves or costs, and what follows."""
    return _weigh(_prepare(situation, seats, proposal, reviewer), None, reviewer)


def weigh_change(
    situation: Situation, seats: tuple[Seat, ...], proposal: int, reviewer: int, instead: int | None
) -> Change:
    """One person for a proposal, in place of one or in addition."""
    before = _prepare(situation, seats, proposal, instead)
    return _weigh(before, situation.reviewer[reviewer], instead)


def _prepare(situation: Situation, seats: tuple[Seat, ...], proposal: int, instead: int | None) -> _Before:
    everything = (*situation.kept, *seats)
    people = tuple(s.reviewer for s in by_proposal(everything).get(proposal, ()))
    without = tuple(s for s in everything if (s.proposal, s.reviewer) != (proposal, instead))
    islands = find_islands(without)
    panel_of = {s.reviewer: s.panel for s in everything if s.proposal == proposal}
    return _Before(
        situation=situation,
        proposal=proposal,
        people=people,
        rest=tuple(r for r in people if r != instead),
        loads=count_by(s.reviewer for s in everything),
        panel_of=panel_of,
        freed=panel_of.get(instead) if instead is not None else None,
        wanted=sum(p.seats for p in situation.panels_of[proposal]),
        groups=len(find_islands(everything)),
        groups_without=len(islands),
        home=next((n for n, i in enumerate(islands) if proposal in i.proposals), None),
        group_of={r: n for n, i in enumerate(islands) for r in i.reviewers},
    )


def _unfilled(before: _Before, people: tuple[int, ...]) -> int:
    """How many seats of the proposal stay empty with these reviewers."""
    alone = replace(
        before.situation,
        subjects=(before.situation.subject[before.proposal],),
        kept=tuple(Seat(before.proposal, r, before.panel_of.get(r, before.freed)) for r in people),
    )
    return sum(alone.open_seats.values())


def _groups_after(before: _Before, reviewer: int) -> int:
    """How many parts the graph has once somebody takes the seat."""
    own = before.group_of.get(reviewer)
    if before.home is None:  # the proposal comes in with its reviewer
        return before.groups_without + (own is None)
    return before.groups_without - (own is not None and own != before.home)


def _weigh(before: _Before, reviewer: Reviewer | None, instead: int | None) -> Change:
    situation, proposal = before.situation, before.proposal
    subject = situation.subject[proposal]
    gone = situation.reviewer.get(instead) if instead is not None else None
    people = before.rest if reviewer is None else (*before.rest, reviewer.id)
    old = proposal_points(situation, proposal, before.people, _unfilled(before, before.people))
    new = proposal_points(situation, proposal, people, _unfilled(before, people))
    above, load = 0, 0
    if reviewer is not None:
        load = before.loads.get(reviewer.id, 0) + 1
        above += seat_price(load, situation.share[reviewer.id])
    if gone is not None:
        above -= seat_price(before.loads[gone.id], situation.share[gone.id])
    parts = (
        Part(MATCH_NAMES[match(reviewer, subject)] if reviewer else EXPERTISE_GONE, new[0] - old[0]),
        Part(BODY_AGAIN, new[1] - old[1]),
        Part(BODIES_SHORT, new[2] - old[2]),
        Part(ABOVE_SHARE, above),
    )
    told = tuple(part for part in parts if part.points)
    return Change(
        reviewer=reviewer,
        instead=instead,
        points=sum(part.points for part in told),
        parts=told,
        consequences=_consequences(before, reviewer, load, people),
        match=match(reviewer, subject) if reviewer else None,
        load=load,
        refusal=_refusal(before, reviewer) if reviewer else None,
    )


def _refusal(before: _Before, reviewer: Reviewer) -> Text | None:
    pair = (before.proposal, reviewer.id)
    if not reviewer.is_active:
        return ENDED
    if reviewer.id in before.people:
        return HERE
    if pair in before.situation.barred:
        return BARRED
    if pair in before.situation.asked:
        return ASKED
    if reviewer.limit is not None and before.loads.get(reviewer.id, 0) >= reviewer.limit:
        return FULL.fill(limit=reviewer.limit)
    return None


def _consequences(
    before: _Before, reviewer: Reviewer | None, load: int, people: tuple[int, ...]
) -> tuple[Text, ...]:
    situation = before.situation
    said = []
    if reviewer is not None:
        share = situation.share[reviewer.id]
        if load > share:
            said.append(LOAD_AFTER.fill(load=load, share=share))
        alike = sum(1 for r in people if situation.reviewer[r].body == reviewer.body)
        if alike > 1:
            said.append(SAME_BODY.fill(n=alike))
        if (before.proposal, reviewer.id) in situation.declined:
            said.append(DECLINED_BEFORE)
        if len(people) > before.wanted:
            said.append(MORE_THAN_SEATS.fill(n=len(people), seats=before.wanted))
        groups = _groups_after(before, reviewer.id)
    else:
        groups = before.groups_without
        if len(people) < before.wanted:
            said.append(SEAT_EMPTY.fill(n=len(people), seats=before.wanted))
    if groups > max(1, before.groups):
        said.append(APART.fill(n=groups, before=before.groups))
    elif groups < before.groups and reviewer is not None:
        said.append(TOGETHER.fill(n=groups, before=before.groups))
    return tuple(said)
