"""What the pages of a discussion share: the reviews side by side, and the words of its outcome."""

from __future__ import annotations

from typing import Any

from app.calls.facts import Rubric
from app.reviews.facts import Panel
from app.reviews.queries.discussions import Discussion
from app.reviews.rules import mean_hundredths
from app.reviews.threads import CONCLUSION_NAMES, LONGEST_NOTE, Conclusion, compare_reviews

CONCLUSION_KINDS = {
    Conclusion.STANDS: "good",
    Conclusion.RESCORE: "warn",
    Conclusion.MEETING: "wait",
}


def discussion_fields(discussion: Discussion, rubric: Rubric) -> dict[str, Any]:
    """What `discussions/show.html` shows of a discussion."""
    rows = compare_reviews(rubric, [r.scores for r in discussion.reviews])
    widest = [row for row in rows if row.is_wide and row.apart == max(r.apart for r in rows)]
    totals = [r.total for r in discussion.reviews if r.total is not None]
    return {
        "discussion": discussion,
        "rows": rows,
        "remarks": {
            row.code: [
                (n, r.scores[row.code])
                for n, r in enumerate(discussion.reviews)
                if row.code in r.scores and r.scores[row.code].comment
            ]
            for row in rows
        },
        "widest": widest[0].code if len(widest) == 1 else "",
        "mean": mean_hundredths(Panel(len(totals), sum(totals), 0)),
        "finals": discussion.finals,
        "conclusion_names": CONCLUSION_NAMES,
        "conclusion_kinds": CONCLUSION_KINDS,
        "longest": LONGEST_NOTE,
    }
