"""Calibrated scores, reviewers' severity, agreement and discordance of a call, from the reviews that count.

What is computed is kept for as long as the audit chain has the same head: nothing was done since, so it is the same. It
holds keys and numbers; names are put in for each reader. numpy and scipy are imported late: starting the application, and
workers that never show these pages, do not pay for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import BODY_NAMES, Actor, Body
from app.identity.models import Agency, User
from app.identity.rules import Permission, require
from app.kernel.audit import AuditEntry
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES
from app.reviews.design import Rating, Refusal
from app.reviews.facts import NamesFor, Panel
from app.reviews.models import Assignment
from app.reviews.queries.reviews import NAMELESS
from app.reviews.queries.rounds import ROUNDS, shows_names
from app.reviews.rules import mean_hundredths
from app.reviews.states import ACCEPTED

if TYPE_CHECKING:
    from app.reviews.calibration import Calibration
    from app.reviews.discordance import Discordance

_MOST_KEPT = 2
_kept: dict[tuple[str | None, int], Reviews] = {}


@dataclass(frozen=True, slots=True)
class ReviewedProposal:
    """A proposal that reviewers have scored, or will."""

    id: int
    number: str
    title: Text
    agency: Text


@dataclass(frozen=True, slots=True)
class CountedReview:
    """A review that counts. `place` is its number among the assignments of the proposal, as `list_reviews` counts."""

    assignment_id: int
    proposal_id: int
    reviewer_id: int
    rubric_id: int
    place: int
    total: int
    first_total: int


@dataclass(frozen=True)
class Reviews:
    """The counted reviews of a call with whom and what they are of, and what follows from them, computed when asked."""

    proposals: dict[int, ReviewedProposal]
    reviewers: dict[int, tuple[Text, Text]]  # name and body
    counted: tuple[CountedReview, ...]
    names_for: NamesFor

    @cached_property
    def calibration(self) -> Calibration | Refusal:
        """Of the totals that count now."""
        from app.reviews.calibration import calibrate  # imported late: numpy, scipy

        return calibrate([Rating(r.proposal_id, r.reviewer_id, r.total) for r in self.counted])

    @cached_property
    def discordance(self) -> tuple[list[Discordance], bool]:
        """Of the independent totals, and whether severity could be taken away."""
        from app.reviews.calibration import calibrate  # imported late: numpy, scipy
        from app.reviews.discordance import judge_discordance

        first = [Rating(r.proposal_id, r.reviewer_id, r.first_total) for r in self.counted]
        found = calibrate(first)
        known = None if isinstance(found, Refusal) else found
        return judge_discordance(first, known), known is not None


def read_reviews_of_call(session: Session, call_id: int) -> Reviews:
    """Every counted review of a call, and all of its ranked proposals. Two queries, one while it is kept."""
    head = session.scalar(select(AuditEntry.sha256).order_by(AuditEntry.seq.desc()).limit(1))
    key = (head, call_id)
    reviews = _kept.get(key)
    if reviews is None:
        reviews = _read(session, call_id)
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept), key), None)
        _kept[key] = reviews
    return reviews


def _read(session: Session, call_id: int) -> Reviews:
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th,
            Agency.name_en,
            Assignment.id,
            Assignment.reviewer_id,
            Assignment.body,
            Assignment.rubric_id,
            Assignment.state,
            Assignment.total,
            Assignment.first_total,
            User.name_th,
            User.name_en,
            ROUNDS.c.names_for,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .outerjoin(Assignment, Assignment.proposal_id == Proposal.id)
        .outerjoin(User, User.id == Assignment.reviewer_id)
        .outerjoin(ROUNDS, ROUNDS.c.call_id == Proposal.call_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(RANKED_STATES))
        .order_by(Proposal.number, Assignment.id)
    ).all()
    proposals: dict[int, ReviewedProposal] = {}
    reviewers: dict[int, tuple[Text, Text]] = {}
    counted = []
    place = 0
    names_for = NamesFor.EVERYONE
    # by position: reading thousands of rows by name costs twice as much
    for (
        proposal_id, number, title_th, title_en, agency_th, agency_en,
        assignment_id, reviewer_id, body, rubric_id, state, total, first_total, name_th, name_en, kept_from,
    ) in rows:  # fmt: skip
        if proposal_id not in proposals:
            proposals[proposal_id] = ReviewedProposal(
                proposal_id, number, Text(title_th, title_en), Text(agency_th, agency_en)
            )
            place = 0
            names_for = NamesFor(kept_from or NamesFor.EVERYONE)
        place += 1
        if state != ACCEPTED or total is None or first_total is None:
            continue
        if reviewer_id not in reviewers:
            reviewers[reviewer_id] = (Text(name_th, name_en), BODY_NAMES[Body(body)])
        counted.append(
            CountedReview(assignment_id, proposal_id, reviewer_id, rubric_id, place, total, first_total)
        )
    return Reviews(proposals, reviewers, tuple(counted), names_for)


@dataclass(frozen=True, slots=True)
class DiscordantRow:
    """A proposal and how far its reviewers differ in their independent scores. Hundredths of a point; `probability`
    per mille. `adjusted` is the spread without reviewers' severity; it is to be compared with `expected`, what the
    noise of a review explains. `is_calibrated` is False where severity could not be taken away. `standout` is the
    assignment furthest off, None where two are or only two reviewed. `holds`: the flag holds though many proposals were
    looked at together."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    count: int
    mean: int
    spread: int
    adjusted: int
    expected: int
    probability: int
    is_flagged: bool
    holds: bool
    is_calibrated: bool
    standout: int | None
    why: Text


def list_discordant(session: Session, actor: Actor, call: CallView) -> list[DiscordantRow]:
    """Every proposal with two counted reviews or more, the most discordant first; by the independent scores. At most
    two queries."""
    require(actor, Permission.READ_REVIEWS)
    reviews = read_reviews_of_call(session, call.id)
    rows, is_calibrated = reviews.discordance
    with_names = shows_names(actor, reviews.names_for)
    of: dict[int, list[CountedReview]] = {}
    for r in reviews.counted:
        of.setdefault(r.proposal_id, []).append(r)
    listed = []
    for d in rows:
        odd = next((r for r in of[d.proposal] if r.reviewer_id == d.standout), None)
        name = None
        if odd is not None:
            name = reviews.reviewers[odd.reviewer_id][0] if with_names else NAMELESS.fill(n=odd.place)
        proposal = reviews.proposals[d.proposal]
        listed.append(
            DiscordantRow(
                proposal_id=proposal.id,
                number=proposal.number,
                title=proposal.title,
                agency=proposal.agency,
                count=d.count,
                mean=_mean([r.first_total for r in of[d.proposal]]),
                spread=d.spread,
                adjusted=d.adjusted,
                expected=d.expected,
                probability=d.probability,
                is_flagged=d.is_flagged,
                holds=d.holds,
                is_calibrated=is_calibrated,
                standout=odd.assignment_id if odd else None,
                why=_why(d, is_calibrated, name),
            )
        )
    return listed


def _mean(totals: list[int]) -> int:
    return mean_hundredths(Panel(len(totals), sum(totals), 0)) or 0


def _points(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _why(d: Discordance, is_calibrated: bool, name: Text | None) -> Text:
    spread, expected = _points(d.adjusted), _points(d.expected)
    if is_calibrated:
        words = Text(
            f"เมื่อหักความเข้มของผู้พิจารณาแต่ละคนแล้ว คะแนนยังต่างกัน {spread} คะแนน ขณะที่ความคลาดเคลื่อนปกติอธิบายได้ราว {expected} คะแนน",
            f"With each reviewer's severity taken away the scores still spread by {spread} points; ordinary noise explains "
            f"about {expected}",
        )
    else:
        words = Text(
            f"คะแนนต่างกัน {spread} คะแนน เทียบกับข้อเสนอทั่วไปในรอบนี้ราว {expected} คะแนน (ยังหักความเข้มของผู้พิจารณาไม่ได้)",
            f"The scores spread by {spread} points, against about {expected} on the proposals of this call together "
            "(reviewers' severity could not be taken away)",
        )
    parts = [words, _how_likely(d)]
    if name is not None and d.is_flagged:
        apart = _points(abs(d.distance))
        parts.append(
            Text(
                f"{name.th} ให้{'สูง' if d.distance > 0 else 'ต่ำ'}กว่าผู้อื่น {apart} คะแนน",
                f"{name.en} is {apart} points {'above' if d.distance > 0 else 'below'} the others",
            )
        )
    return Text(" · ".join(p.th for p in parts), ". ".join(p.en for p in parts))


def _how_likely(d: Discordance) -> Text:
    if d.adjusted <= d.expected:
        return Text("ไม่มากกว่าความคลาดเคลื่อนปกติ", "That is no more than noise")
    if not d.probability:
        return Text(
            "ต่างกันถึงเพียงนี้โดยบังเอิญได้น้อยกว่า 1 ใน 1,000 ครั้ง",
            "Chance does this less than once in a thousand times",
        )
    return Text(
        f"ต่างกันถึงเพียงนี้โดยบังเอิญได้ราว {d.probability:,} ใน 1,000 ครั้ง",
        f"Chance does this about {d.probability:,} in 1,000 times",
    )
