"""Filings and drafts compared with all filings, out of sight.

In: promises made on filing, and by officers who asked. Out: pairs for the secretariat, an answer for the officer, and
another screening of whom it is news to. The index is kept in this process from one promise to the next, and brought up
to date before each; a large one is let go of when nobody files for a while.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Flask

from app.calls.queries import get_call_by_id
from app.identity.facts import SYSTEM, Actor
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.work import Work, open_work
from app.proposals.models import Proposal, Submission
from app.proposals.states import FAILED, PASSED, QUESTIONED, SUBMITTED
from app.screening.actions import screen_proposal
from app.similarity.actions import is_compared, keep_found, keep_found_for_draft
from app.similarity.queries import list_known
from app.similarity.queries.radar import Radar

log = logging.getLogger(__name__)

_LARGE = 3000  # filings
_IDLE = 900  # seconds
_EXTENSION = "overlap_radar"
_SCREENED = frozenset({SUBMITTED, PASSED, QUESTIONED, FAILED})
_CHECKS = frozenset({"overlap", "duplicate"})


class _Kept:
    """The radar of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.radar = Radar()
        self.used_at = time.monotonic()


def _kept(app: Flask) -> _Kept:
    kept: _Kept = app.extensions.setdefault(_EXTENSION, _Kept())
    return kept


@contextmanager
def _radar(app: Flask) -> Iterator[Radar]:
    """The radar, for reading; what was read is let go of at the end. One that failed is not used again."""
    kept = _kept(app)
    with kept.lock:
        try:
            yield kept.radar
        except NotFound:
            raise
        except Exception:
            kept.radar = Radar()
            raise
        finally:
            kept.used_at = time.monotonic()
            db.session().rollback()


def compare_filing(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """Compare the filing `payload["submission"]`, and screen again whom it is news to; nothing when that was done."""
    submission_id, clock = int(payload["submission"]), app.config["CLOCK"]
    with _radar(app) as radar:
        if is_compared(db.session(), submission_id):
            return
        found = radar.find(db.session(), submission_id)
    if found is None:  # taken back, or filed again, meanwhile
        return
    with open_work(SYSTEM, clock()) as work:
        news = set(keep_found(work, found))
        if list_known(work.session, [submission_id])[submission_id]:
            # also what was said of an earlier filing of the two
            news.add(work.session.get_one(Submission, submission_id).proposal_id)
        screen_again(work, news)
    log.info("compared filing %s with %s others: %s pairs", submission_id, found.against, len(found.pairs))


def compare_draft(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """Answer what the draft `payload["proposal"]` resembles; nothing for one that is gone."""
    proposal_id = int(payload["proposal"])
    try:
        with _radar(app) as radar:
            found = radar.find_draft(db.session(), proposal_id)
    except NotFound:
        return
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        keep_found_for_draft(work, proposal_id, found)


def screen_again(work: Work[Actor], proposal_ids: Iterable[int]) -> None:
    """Screen those of the proposals that screening has a say in and whose rulebook asks for likeness; the others are
    left as they are."""
    for proposal_id in sorted(proposal_ids):
        proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
        if proposal is None or proposal.state not in _SCREENED:
            continue
        rulebook = get_call_by_id(work.session, proposal.call_id).rulebook
        if any(rule.check in _CHECKS for rule in rulebook.rules):
            screen_proposal(work, proposal_id)


def let_go(app: Flask) -> None:
    """Give back the memory of a large index nobody has used for a while."""
    kept = _kept(app)
    if kept.lock.acquire(blocking=False):  # one that is in use is not idle
        try:
            if len(kept.radar) > _LARGE and time.monotonic() - kept.used_at > _IDLE:
                kept.radar = Radar()
        finally:
            kept.lock.release()
