"""Printing a paper that was ordered: read in one short snapshot, set with no lock held, put away, told.

Printing the same order twice gives the same bytes, because the paper is dated by its order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask

from app.calls.queries import get_call_by_id
from app.figures.actions import (
    PaperOrder,
    begin_paper,
    fail_paper,
    finish_paper,
    note_progress,
    put_back,
    tidy_papers,
)
from app.figures.books.reading import FrozenBook, frozen_book
from app.figures.facts import Failure, PaperFormat, PaperKind, Step
from app.figures.press import book_store, paper_store, print_document
from app.figures.queries import FilingsBook, RankingBook, filings_book, hold_still, ranking_book
from app.figures.queries.monitoring import MonitoringBook, monitoring_book
from app.identity.facts import SYSTEM, Actor
from app.identity.queries import get_actor
from app.identity.rules import Permission, require
from app.kernel.db import db
from app.kernel.errors import DomainError
from app.kernel.files import FileStore
from app.kernel.work import open_work

log = logging.getLogger(__name__)

TELL_EVERY = 0.5  # seconds between two notes of progress


def _store(app: Flask) -> FileStore:
    return paper_store(app.config["DGI"])


class Progress:
    """Writes down how far a paper is, each time in a transaction of its own and not too often."""

    def __init__(self, app: Flask, paper_id: int):
        self._app, self._paper_id = app, paper_id
        self._told = 0.0

    def step(self, step: Step, done: int = 0, total: int = 0) -> None:
        """Note a step, at once."""
        with open_work(SYSTEM, self._app.config["CLOCK"]()) as work:
            note_progress(work, self._paper_id, step, done, total)
        self._told = time.monotonic()

    def rows(self, done: int, total: int) -> None:
        """Note table rows set so far."""
        if done == total or time.monotonic() - self._told >= TELL_EVERY:
            self.step(Step.SETTING, done, total)


def print_paper(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """Print the paper `payload["paper"]`; nothing when it is printed or given up already.

    A person who may no longer see the figures gets none. Raises whatever went wrong, after noting it.
    """
    clock, paper_id = app.config["CLOCK"], int(payload["paper"])
    with open_work(SYSTEM, clock()) as work:
        order = begin_paper(work, paper_id)
    if order is None:
        return
    progress = Progress(app, paper_id)
    try:
        reader = get_actor(db.session(), order.ordered_by)
        book = _read(app, order, reader)
        progress.step(Step.SETTING)
        data = _set(book, order, reader, progress)
        progress.step(Step.KEEPING, 1, 1)
        key = _store(app).put(data)
    except DomainError:
        with open_work(SYSTEM, clock()) as work:
            fail_paper(work, paper_id, Failure.REFUSED)
        return
    except Exception:
        with open_work(SYSTEM, clock()) as work:
            if is_last:
                fail_paper(work, paper_id, Failure.BROKEN)
            else:
                put_back(work, paper_id)
        raise
    with open_work(SYSTEM, clock()) as work:
        finish_paper(work, paper_id, key, len(data))
    log.info("printed paper %s: %s bytes, sha256 %s", paper_id, len(data), key)


def _read(
    app: Flask, order: PaperOrder, reader: Actor
) -> RankingBook | FilingsBook | FrozenBook | MonitoringBook:
    """The figures as their orderer may see them now, of one moment; the read ends here."""
    session = db.session()
    hold_still(session)
    try:
        require(reader, Permission.PRINT_PAPERS)
        call = get_call_by_id(session, order.call_id)
        if order.kind is PaperKind.OWN_FILINGS:
            return filings_book(session, reader, call, order.choice)
        if order.kind is PaperKind.DECISION_BOOK:
            return frozen_book(session, reader, order.choice.meeting, book_store(app.config["DGI"]))
        if order.kind is PaperKind.MONITORING:
            return monitoring_book(session, reader, call, order.choice.month, order.ordered_at)
        return ranking_book(session, reader, call)
    finally:
        session.rollback()


def _set(
    book: RankingBook | FilingsBook | FrozenBook | MonitoringBook,
    order: PaperOrder,
    reader: Actor,
    progress: Progress,
) -> bytes:
    # all load the printing house
    from app.figures.books.papers import decision_document
    from app.figures.brief import brief_document
    from app.figures.filing_book import filings_document
    from app.figures.monitoring_book import monitoring_document
    from app.figures.ranking_book import ranking_document

    made_at, made_by = order.ordered_at, reader.name.say(order.language) or reader.name.th
    if isinstance(book, FilingsBook):
        document = filings_document(book, order.format, order.language, made_at=made_at, made_by=made_by)
    elif isinstance(book, FrozenBook):
        document = decision_document(
            book,
            order.language,
            made_at=made_at,
            made_by=made_by,
            thai_digits=order.choice.thai_digits,
            on_paper=order.format is PaperFormat.PDF,
        )
    elif isinstance(book, MonitoringBook):
        document = monitoring_document(
            book, order.language, made_at=made_at, made_by=made_by, thai_digits=order.choice.thai_digits
        )
    elif order.kind is PaperKind.BRIEF:
        document = brief_document(book, order.language, made_at=made_at, made_by=made_by)
    else:
        document = ranking_document(book, order.language, made_at=made_at, made_by=made_by)
    return print_document(document, order.format, progress.rows)


def tidy(app: Flask) -> None:
    """Let go of old papers and give up lost ones."""
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        tidy_papers(work, _store(app))
