"""Which reviewers are reminded that a phase of the round is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app.notices.facts import Event, News
from app.notices.matters import read_window
from app.notices.reminders import list_reminders
from app.notices.report_news import list_report_reminders
from app.notices.review_news import digest
from app.notices.rules import STEPS, step_due
from app.notices.wording import STEP_NAMES
from app.reviews.models import ReviewRound
from app.reviews.queries.outstanding import list_outstanding
from app.reviews.states import DISCUSSION, FINAL, SCORING

_due_at = case(
    (ReviewRound.phase == SCORING, ReviewRound.scoring_due_at),
    (ReviewRound.phase == DISCUSSION, ReviewRound.discussion_due_at),
    (ReviewRound.phase == FINAL, ReviewRound.final_due_at),
)


def list_all_reminders(session: Session, now: datetime) -> dict[str, News]:
    """Every reminder whose moment has come, whether or not it was written: of drafts, returns, reviews and reports."""
    return {
        **list_reminders(session, now),
        **list_review_reminders(session, now),
        **list_report_reminders(session, now),
    }


def list_review_reminders(session: Session, now: datetime) -> dict[str, News]:
    """Who has something to do in a phase that is due: one letter for each reviewer, call and step, by its key."""
    due: dict[str, News] = {}
    for call_id in session.scalars(
        select(ReviewRound.call_id).where(_due_at > now, _due_at <= now + max(STEPS))
    ).all():
        name = read_window(session, call_id).name
        for reviewer_id, waiting in list_outstanding(session, call_id, now).items():
            reached: dict[tuple[datetime, timedelta], list[str]] = {}
            for item in waiting:
                if item.due_at is None or item.is_reopened:
                    continue
                step = step_due(item.due_at, item.since, now)
                if step is not None:
                    reached.setdefault((item.due_at, step), []).append(item.number)
            for (due_at, step), numbers in reached.items():
                news = digest(
                    Event.REVIEWS_DUE,
                    name,
                    reviewer_id,
                    numbers,
                    f"{Event.REVIEWS_DUE}:{call_id}:{due_at.timestamp():.0f}:{step.total_seconds():.0f}",
                    due_at,
                    step=STEP_NAMES[step],
                )
                due[news.key] = news
    return due
