"""What an assignment costs, in whole points, and in words. The one table of it is `TABLE`.

The cost of a plan is the sum over everything that would stand once it is applied, what is assigned already included;
only differences mean anything. Unfilled seats are no cost: a plan fills all it can before it saves a single point.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.planning.facts import Reviewer, Situation, Subject


class Match(StrEnum):
    """How well a reviewer knows what a proposal is about."""

    GUIDELINE = "guideline"
    FOCUS = "focus"
    NONE = "none"


MATCH_POINTS = {Match.GUIDELINE: 0, Match.FOCUS: 4, Match.NONE: 10}
SAME_BODY = 6  # the second of a body on one proposal; twice that for the third, and so on
FEWER_BODIES = 40  # each body short of what the round wants
LOAD = 3  # each seat in the first tenth above the even share; twice that in the second, and so on
MOST_STEPS = 20

MATCH_NAMES = {
    Match.GUIDELINE: Text("ถนัดแนวทางของข้อเสนอ", "Knows the proposal's guideline"),
    Match.FOCUS: Text("ถนัดด้านที่มุ่งเน้นของข้อเสนอ", "Knows the proposal's focus area"),
    Match.NONE: Text("ไม่มีความถนัดที่ตรงกับข้อเสนอ", "No expertise that fits the proposal"),
}
BODY_AGAIN = Text("หน่วยงานร่วมพิจารณาซ้ำกันในข้อเสนอเดียว", "A body comes again on one proposal")
BODIES_SHORT = Text("จำนวนหน่วยงานร่วมพิจารณาน้อยกว่าที่รอบกำหนด", "Fewer bodies than the round wants")
ABOVE_SHARE = Text("ภาระเกินส่วนแบ่งเฉลี่ย", "Load above the even share")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: what costs, how many points, and why it does."""

    name: Text
    points: Text
    why: Text


TABLE = (
    Line(
        MATCH_NAMES[Match.GUIDELINE],
        Text(f"{MATCH_POINTS[Match.GUIDELINE]}", f"{MATCH_POINTS[Match.GUIDELINE]}"),
        Text("เป็นผู้ที่เหมาะที่สุด", "The best there is"),
    ),
    Line(
        MATCH_NAMES[Match.FOCUS],
        Text(f"{MATCH_POINTS[Match.FOCUS]}", f"{MATCH_POINTS[Match.FOCUS]}"),
        Text("รู้เนื้อหา แม้ไม่ได้ระบุว่าถนัดแนวทางนั้น", "Knows the matter, though not that guideline"),
    ),
    Line(
        MATCH_NAMES[Match.NONE],
        Text(f"{MATCH_POINTS[Match.NONE]}", f"{MATCH_POINTS[Match.NONE]}"),
        Text("รวมถึงผู้ที่ยังไม่ได้ระบุความถนัด", "Also where nothing is said of the reviewer's expertise"),
    ),
    Line(
        BODY_AGAIN,
        Text(
            f"คนที่สอง {SAME_BODY} คนที่สาม {2 * SAME_BODY} คนที่สี่ {3 * SAME_BODY}",
            f"{SAME_BODY} for the second, {2 * SAME_BODY} for the third, {3 * SAME_BODY} for the fourth",
        ),
        Text("ข้อเสนอหนึ่งควรได้รับมุมมองจากหลายหน่วยงาน", "A proposal should be seen from several sides"),
    ),
    Line(
        BODIES_SHORT,
        Text(f"{FEWER_BODIES} ต่อหน่วยงานที่ขาด", f"{FEWER_BODIES} for each that is short"),
        Text(
            "แพงกว่าเหตุอื่น จึงเกิดเฉพาะเมื่อเลี่ยงไม่ได้หรือต้องแลกกับภาระที่หนักมาก",
            "Dearer than anything else, so only where it can hardly be helped",
        ),
    ),
    Line(
        ABOVE_SHARE,
        Text(
            f"{LOAD} ต่อเรื่องในหนึ่งในสิบแรกที่เกินส่วนแบ่งเฉลี่ย {2 * LOAD} ในหนึ่งในสิบถัดไป และเพิ่มขึ้นเรื่อย ๆ ไม่เกิน {MOST_STEPS * LOAD}",
            f"{LOAD} per proposal in the first tenth above the even share, {2 * LOAD} in the next tenth, and so on;"
            f" at most {MOST_STEPS * LOAD}",
        ),
        Text(
            "ยิ่งเกินยิ่งแพง ภาระจึงกระจายก่อนที่จะตกแก่คนเดียว",
            "The further above, the dearer, so loads are spread before they pile up",
        ),
    ),
)


def match(reviewer: Reviewer, subject: Subject) -> Match:
    """How well a reviewer fits a proposal. A proposal without a code matches nobody's."""
    if subject.guideline and subject.guideline in reviewer.guidelines:
        return Match.GUIDELINE
    if subject.focus_area and subject.focus_area in reviewer.focus_areas:
        return Match.FOCUS
    return Match.NONE


def seat_price(nth: int, share: int) -> int:
    """What the `nth` proposal of a reviewer (from 1) costs with this even share."""
    if nth <= share:
        return 0
    tenth = max(1, share // 10)
    return LOAD * min(MOST_STEPS, (nth - share + tenth - 1) // tenth)


def load_points(load: int, share: int) -> int:
    """What a load costs."""
    return sum(seat_price(nth, share) for nth in range(share + 1, load + 1))


def again_points(bodies: Mapping[str, int]) -> int:
    """What it costs that bodies come again on one proposal; `bodies` counts the reviewers of each."""
    return sum(SAME_BODY * n * (n - 1) // 2 for n in bodies.values())


def bodies_short(bodies: Mapping[str, int], unfilled: int, least: int) -> int:
    """How many bodies short of `least`, or of one for each seat where there are fewer seats, a proposal is; a seat
    still empty may yet bring one."""
    seats = sum(bodies.values()) + unfilled
    return max(0, min(least, seats) - unfilled - sum(1 for n in bodies.values() if n))


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a plan by what it comes from, in points."""

    expertise: int = 0
    bodies: int = 0
    short: int = 0
    load: int = 0

    @property
    def total(self) -> int:
        return self.expertise + self.bodies + self.short + self.load


def proposal_points(
    situation: Situation, proposal_id: int, reviewers: tuple[int, ...], unfilled: int
) -> tuple[int, int, int]:
    """What one proposal with these reviewers costs: (expertise, bodies again, bodies short)."""
    subject = situation.subject[proposal_id]
    bodies: dict[str, int] = {}
    expertise = 0
    for reviewer_id in reviewers:
        reviewer = situation.reviewer[reviewer_id]
        bodies[reviewer.body] = bodies.get(reviewer.body, 0) + 1
        expertise += MATCH_POINTS[match(reviewer, subject)]
    short = bodies_short(bodies, unfilled, situation.least_bodies)
    return expertise, again_points(bodies), FEWER_BODIES * short
