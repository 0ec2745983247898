"""Calibrated scores, reviewers' severity, agreement and discordance of a call, as one reader may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.design import Ground, Group, Refusal
from app.reviews.facts import Panel
from app.reviews.queries.counted import CountedReview, CountedReviews, ReviewedProposal, read_reviews_of_call
from app.reviews.queries.reviews import NAMELESS
from app.reviews.queries.rounds import shows_names
from app.reviews.rules import mean_hundredths

if TYPE_CHECKING:
    from app.reviews.agreement import Agreement
    from app.reviews.calibration import CalibratedProposal, Calibration, ReviewerSeverity
    from app.reviews.discordance import Discordance

UNNAMED = Text("ผู้พิจารณา {n} (ไม่เปิดเผยชื่อ)", "Reviewer {n} (not named)")


@dataclass(frozen=True, slots=True)
class CalibratedRow:
    """A proposal with its figures."""

    proposal: ReviewedProposal
    figures: CalibratedProposal


@dataclass(frozen=True, slots=True)
class SeverityRow:
    """A reviewer with theirs. Where names are kept from the reader, `body` is, too: it would tell who it is."""

    name: Text
    body: Text | None
    figures: ReviewerSeverity


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """What was scored, its weight in percent (None for the total), and how far reviewers agree on it; or why that
    cannot be said."""

    name: Text
    weight: int | None
    agreement: Agreement | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Reviewers and proposals that hang together, where not all do."""

    reviewers: tuple[Text, ...]
    proposals: tuple[ReviewedProposal, ...]


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One reason why scores are not calibrated, with its evidence."""

    ground: Ground
    words: Text
    remedy: Text
    reviewers: tuple[Text, ...]
    groups: tuple[GroupRow, ...]


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """The calibration of a call. Either `calibration` is there, with `rows` by rank and `reviewers` the strictest
    first, or `refusal` says why not. `unreviewed` ranked proposals have no counted review; `rubrics` counts the versions
    of the rubric that counted reviews were scored by."""

    reviews: int
    reviewed: int
    unreviewed: int
    rubrics: int
    shows_names: bool
    calibration: Calibration | None
    rows: tuple[CalibratedRow, ...]
    reviewers: tuple[SeverityRow, ...]
    agreement: tuple[AgreementRow, ...]
    refusal: tuple[RefusalRow, ...]


def read_calibration(session: Session, actor: Actor, call: CallView) -> CalibrationView:
    """All of it; at most three queries. Raises `Forbidden` without READ_REVIEWS."""
    require(actor, Permission.READ_REVIEWS)
    reviews = read_reviews_of_call(session, call.id)
    found = reviews.calibration
    with_names = shows_names(actor, reviews.names_for)
    reviewed = {r.proposal_id for r in reviews.counted}
    calibration = None if isinstance(found, Refusal) else found
    return CalibrationView(
        reviews=len(reviews.counted),
        reviewed=len(reviewed),
        unreviewed=len(reviews.proposals) - len(reviewed),
        rubrics=len({r.rubric_id for r in reviews.counted}),
        shows_names=with_names,
        calibration=calibration,
        rows=tuple(CalibratedRow(reviews.proposals[p.proposal], p) for p in calibration.proposals)
        if calibration
        else (),
        reviewers=_severities(reviews, calibration, with_names) if calibration else (),
        agreement=_agreement(session, call, reviews),
        refusal=_refusal(reviews, found, with_names) if isinstance(found, Refusal) else (),
    )


def _severities(
    reviews: CountedReviews, calibration: Calibration, with_names: bool
) -> tuple[SeverityRow, ...]:
    rows = []
    for n, r in enumerate(calibration.reviewers, 1):
        name, body = reviews.reviewers[r.reviewer]
        rows.append(SeverityRow(name, body, r) if with_names else SeverityRow(UNNAMED.fill(n=n), None, r))
    return tuple(rows)


def _agreement(session: Session, call: CallView, reviews: CountedReviews) -> tuple[AgreementRow, ...]:
    by_criterion = reviews.agreement_by_criterion(session)
    measured: list[tuple[Text, int | None, Agreement | Refusal]] = [
        (c.name, c.weight, by_criterion[c.code]) for c in call.rubric.criteria if c.code in by_criterion
    ]
    if reviews.counted:
        measured.append((Text("คะแนนรวม", "Total"), None, reviews.agreement))
    return tuple(
        AgreementRow(name, weight, None, found)
        if isinstance(found, Refusal)
        else AgreementRow(name, weight, found, None)
        for name, weight, found in measured
    )


def _refusal(reviews: CountedReviews, refusal: Refusal, with_names: bool) -> tuple[RefusalRow, ...]:
    names: Mapping[int, Text] = {
        key: name if with_names else UNNAMED.fill(n=n)
        for n, (key, (name, _)) in enumerate(reviews.reviewers.items(), 1)
    }

    def group_row(group: Group) -> GroupRow:
        return GroupRow(
            tuple(names[key] for key in group.reviewers),
            tuple(reviews.proposals[key] for key in group.proposals),
        )

    return tuple(
        RefusalRow(
            r.ground,
            r.words,
            r.remedy,
            tuple(names[key] for key in r.reviewers),
            tuple(group_row(group) for group in r.groups),
        )
        for r in refusal.reasons
    )


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
