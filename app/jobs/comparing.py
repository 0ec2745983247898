"""Filings and drafts compared with all filings, out of sight.

In: promises made on filing, and by officers who asked. Out: pairs for the secretariat, an answer for the officer, and
another screening of whom it is news to. The index is kept in this process from one promise to the next, and brought up
to date before each; a large one is let go of when nobody files for a while.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.calls.queries import get_call_by_id
from app.identity.facts import SYSTEM, Actor
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.work import Work, open_work
from app.proposals.models import Proposal, Submission
from app.proposals.queries import latest_submission
from app.proposals.states import FAILED, PASSED, QUESTIONED, SUBMITTED
from app.screening.actions import screen_proposal
from app.screening.facts import Circumstances, KnownOverlap
from app.screening.models import ScreeningRun
from app.similarity.actions import is_compared, keep_found, keep_found_for_draft
from app.similarity.queries import KnownPair, list_known
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
        of = work.session.get_one(Submission, submission_id).proposal_id
        screen_again(work, {*keep_found(work, found), of})
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


def screen_again(work: Work[Actor], proposal_ids: Collection[int]) -> None:
    """Screen those of the proposals again whose rulebook asks for likeness and that were not compared at their last
    screening, or resemble, or were judged with, other filings than then. Those screening has no say in are left as
    they are."""
    filings = work.session.execute(
        latest_submission()
        .with_only_columns(Proposal.id, Proposal.call_id, Submission.id.label("submission_id"))
        .where(Proposal.id.in_(proposal_ids), Proposal.state.in_(_SCREENED))
        .order_by(Proposal.id)
        .with_for_update(of=Proposal)
    ).all()
    now = list_known(work.session, [f.submission_id for f in filings])
    for f in filings:
        rulebook = get_call_by_id(work.session, f.call_id).rulebook
        if not any(rule.check in _CHECKS for rule in rulebook.rules):
            continue
        context = work.session.scalar(
            select(ScreeningRun.context)
            .where(ScreeningRun.submission_id == f.submission_id)
            .order_by(ScreeningRun.id.desc())
            .limit(1)
        )
        then = Circumstances.from_json(json.loads(context)).overlaps if context else None
        pairs = now[f.submission_id]
        if (None if pairs is None else _as_known(pairs)) != then:
            screen_proposal(work, f.id)


def _as_known(pairs: Iterable[KnownPair]) -> tuple[KnownOverlap, ...]:
    return tuple(
        KnownOverlap(**{f.name: getattr(pair, f.name) for f in fields(KnownOverlap)}) for pair in pairs
    )


def let_go(app: Flask) -> None:
    """Give back the memory of a large index nobody has used for a while."""
    kept = _kept(app)
    if kept.lock.acquire(blocking=False):  # one that is in use is not idle
        try:
            if len(kept.radar) > _LARGE and time.monotonic() - kept.used_at > _IDLE:
                kept.radar = Radar()
        finally:
            kept.lock.release()
