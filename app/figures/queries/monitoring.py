"""What the quarterly report is made from: the same standing the pages show, of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.lean import dataclass
from app.kernel.values import freeze_value
from app.monitoring.queries.standing import standing_of
from app.monitoring.queries.standing_views import CallStanding, Choice
from app.monitoring.queries.stories import Word, quarter_words


@dataclass(frozen=True, slots=True)
class MonitoringBook:
    """A call at the end of a month, with what agencies said at the end of its quarter by project id.
    `sha256` is the fingerprint of the figures: the same data give the same one."""

    call: CallView
    standing: CallStanding
    words: Mapping[int, list[Word]]
    as_of: datetime
    sha256: str


def monitoring_book(
    session: Session, actor: Actor, call: CallView, month: int, now: datetime
) -> MonitoringBook:
    """The whole report; 0 is the last month most agencies reported. Raises `Forbidden` without READ_MONITORING, and
    `NotFound` for a call that is not followed. Call `hold_still` before, so that all of it is of one moment."""
    standing = standing_of(session, actor, call.fiscal_year, now, Choice(month=month))
    return MonitoringBook(
        call,
        standing,
        quarter_words(session, call.id, max(standing.month // 3, 1)),
        now,
        _fingerprint(call, standing),
    )


def _fingerprint(call: CallView, standing: CallStanding) -> str:
    content = [
        call.fiscal_year,
        standing.month,
        [
            [
                p.facts.number,
                p.facts.state,
                p.upto,
                [
                    [
                        part.agency_id,
                        part.category,
                        part.allotted,
                        part.carried,
                        part.planned,
                        part.committed[: standing.month],
                        part.spent[: standing.month],
                    ]
                    for part in sorted(p.parts, key=lambda part: (part.agency_id, part.category))
                ],
                [p.work.due, p.work.done],
                [[a.position, a.target, a.result] for a in p.attained],
            ]
            for p in standing.projects
        ],
        freeze_value(standing.targets) if standing.targets else None,
    ]
    return sha256_text(canonical_json(content))
