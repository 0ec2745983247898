"""The reviews of a call that count, and what follows from them for all readers.

What is computed is kept for as long as the audit chain has the same head: nothing was done since, so it is the same. It
holds keys and numbers; who may read names is asked for each reader, where they are put in. numpy and scipy are imported
late: starting the application, and workers that never show these pages, do not pay for them.
"""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.facts import BODY_NAMES, Body
from app.identity.models import Agency, User
from app.kernel.audit import AuditEntry
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES
from app.reviews.design import Rating, Refusal
from app.reviews.facts import NamesFor
from app.reviews.models import Assignment
from app.reviews.queries.own import scores_from_json
from app.reviews.queries.rounds import ROUNDS
from app.reviews.states import ACCEPTED

if TYPE_CHECKING:
    from app.reviews.agreement import Agreement
    from app.reviews.calibration import Calibration
    from app.reviews.discordance import Discordance

_MOST_KEPT = 2
_kept: dict[tuple[str | None, int], CountedReviews] = {}


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
class CountedReviews:
    """The counted reviews of a call with whom and what they are of, and what follows from them, computed when asked."""

    call_id: int
    proposals: dict[int, ReviewedProposal]
    reviewers: dict[int, tuple[Text, Text]]  # name and body
    counted: tuple[CountedReview, ...]
    names_for: NamesFor
    _agreement: dict[str, Agreement | Refusal] = field(default_factory=dict, init=False)

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

    @cached_property
    def agreement(self) -> Agreement | Refusal:
        """On the independent totals: nobody had read anybody else's."""
        from app.reviews.agreement import measure_agreement  # imported late: numpy, scipy

        return measure_agreement([Rating(r.proposal_id, r.reviewer_id, r.first_total) for r in self.counted])

    def agreement_by_criterion(self, session: Session) -> dict[str, Agreement | Refusal]:
        """On the level of each criterion (in hundredths), as it counts now. One query, the first time."""
        if not self._agreement and self.counted:
            from app.reviews.agreement import measure_agreement  # imported late: numpy, scipy

            # all at once: another thread reads either nothing or everything
            self._agreement.update(
                {code: measure_agreement(ratings) for code, ratings in self._levels(session).items()}
            )
        return self._agreement

    def _levels(self, session: Session) -> dict[str, list[Rating]]:
        counted = {r.assignment_id: r for r in self.counted}
        levels: dict[str, list[Rating]] = {}
        for assignment_id, content in session.execute(
            select(Assignment.id, Assignment.scores)
            .join(Proposal, Proposal.id == Assignment.proposal_id)
            .where(Assignment.state == ACCEPTED, Assignment.submitted_at.is_not(None))
            .where(Proposal.call_id == self.call_id, Proposal.state.in_(RANKED_STATES))
            .order_by(Assignment.id)
        ):
            review = counted.get(assignment_id)
            for code, score in scores_from_json(content).items() if review else ():
                if review and score.level is not None:
                    rating = Rating(review.proposal_id, review.reviewer_id, score.level * 100)
                    levels.setdefault(code, []).append(rating)
        return levels


def read_reviews_of_call(session: Session, call_id: int) -> CountedReviews:
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


def _read(session: Session, call_id: int) -> CountedReviews:
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
    return CountedReviews(call_id, proposals, reviewers, tuple(counted), names_for)
