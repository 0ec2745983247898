"""Confidentiality of scores: marked comments, notes, talk, totals and titles are looked for in every page, file, e-mail
and error of everybody, and found where the table below says and nowhere else.

The table is written by hand and does not read the application's own permissions. It says who may see a mark at all; a
second one says on which pages scores may stand.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.decisions.models import DecisionBook, Meeting
from app.figures.actions import order_paper
from app.figures.books.closing import make_book
from app.figures.facts import FilingChoice
from app.figures.models import PrintedPaper
from app.figures.press import book_store
from app.jobs.runner import drain
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.notices.models import Mail
from app.proposals.models import Submission
from app.reviews.actions import submit_review, withdraw_assignment
from app.web.calendar import calendar_token
from tests.conftest import Backend
from tests.law.marked_round import (
    CASE_NOTE,
    DECLINED,
    FINAL,
    FINISHED,
    GIVEN,
    HELD,
    REASONS,
    RECUSED,
    SITUATIONS,
    STRANGER,
    TALK,
    TIED_MEMBER,
    TITLE,
    TOTALS,
    UNFINISHED,
    WITHDRAWN,
    MarkedRound,
    comment,
    hold_marked_round,
    marked_scores,
    notes,
    printed,
)
from tests.law.routes import BODIES, ROUTES
from tests.law.things import Things, enter, make_things, words_of
from tests.world import FISCAL_YEAR, NOW

INSIDER = "reviewer_alpha"  # an officer of the lead agency who reviews elsewhere
OFFICE = {"secretariat"}
TABLE = OFFICE | {"committee", TIED_MEMBER}
AGENCY = {"officer", "certifier", INSIDER}
DONE = {FINISHED, FINAL}  # own scores are in, and nothing stands against reading
PEOPLE = (
    "visitor",
    "officer",
    "certifier",
    "officer_beta",
    INSIDER,
    *SITUATIONS,
    "secretariat",
    "committee",
    TIED_MEMBER,
    "admin",
)

COMMENT, NOTES = comment, notes


def TOTAL(who: str) -> str:
    return printed(TOTALS[who])


MEAN = printed((TOTALS[FINISHED] + TOTALS[FINAL] + TOTALS[HELD]) // 3)

# mark -> who may see it, on any page, in any file, e-mail or error; whoever is not named may not
MAY_SEE: dict[str, set[str]] = {
    # before reading, a title tells whether there is a conflict of interest; with one, it is not told
    TITLE: TABLE | AGENCY | DONE | {UNFINISHED, GIVEN, DECLINED, WITHDRAWN},
    # what counts: those who decide, and co-reviewers whose own are in. A held reviewer's own are held, too
    TOTAL(FINISHED): TABLE | DONE,
    TOTAL(FINAL): TABLE | DONE,
    TOTAL("first"): TABLE | DONE,
    TOTAL(HELD): TABLE | DONE,
    COMMENT(FINISHED): TABLE | DONE,
    COMMENT(FINAL): TABLE | DONE,
    COMMENT(HELD): TABLE | DONE,
    REASONS[FINAL]: TABLE | DONE,
    MEAN: TABLE | DONE,
    # what was written over, or counts no more, is kept for those who defend the selection
    COMMENT("first"): TABLE | {FINAL},
    TOTAL(RECUSED): TABLE,
    TOTAL(WITHDRAWN): TABLE,
    COMMENT(RECUSED): TABLE,
    COMMENT(WITHDRAWN): TABLE,
    # a draft is its writer's alone, and nobody's once the assignment is given up
    COMMENT(UNFINISHED): {UNFINISHED},
    COMMENT(DECLINED): set(),
    # so are private notes
    NOTES(FINISHED): {FINISHED},
    NOTES(FINAL): {FINAL},
    NOTES(UNFINISHED): {UNFINISHED},
    NOTES(HELD): set(),
    NOTES(RECUSED): set(),
    NOTES(DECLINED): set(),
    NOTES(WITHDRAWN): set(),
    # the discussion is its reviewers' and the secretariat's; the committee reads what it came to
    TALK[FINAL]: OFFICE | DONE,
    TALK["secretariat"]: OFFICE | DONE,
    TALK["outcome"]: TABLE | DONE,
    # why somebody is out is between them and the secretariat
    REASONS[RECUSED]: OFFICE | {RECUSED},
    REASONS[DECLINED]: OFFICE | {DECLINED},
    REASONS[WITHDRAWN]: OFFICE | {WITHDRAWN},
    REASONS[HELD]: OFFICE | {HELD},
    # what the secretariat notes while it screens is its own, and leaves its desk in no file
    CASE_NOTE: OFFICE,
}

# that the marks can be found at all: who does see them
DO_SEE: dict[str, set[str]] = {
    TITLE: TABLE | AGENCY | DONE | {UNFINISHED, GIVEN},
    TOTAL(FINISHED): TABLE | DONE,
    TOTAL(FINAL): TABLE | DONE,
    TOTAL("first"): OFFICE | {FINAL},
    TOTAL(HELD): TABLE | DONE,
    COMMENT(FINISHED): TABLE | DONE,
    COMMENT(FINAL): TABLE | DONE,
    COMMENT(HELD): TABLE | DONE,
    COMMENT("first"): {FINAL},
    COMMENT(UNFINISHED): {UNFINISHED},
    NOTES(FINISHED): {FINISHED},
    NOTES(UNFINISHED): {UNFINISHED},
    MEAN: TABLE,
    REASONS[FINAL]: OFFICE | {FINAL},
    REASONS[RECUSED]: OFFICE | {RECUSED},
    REASONS[DECLINED]: OFFICE | {DECLINED},
    REASONS[HELD]: OFFICE | {HELD},
    TOTAL(RECUSED): OFFICE,
    TALK[FINAL]: OFFICE | DONE,
    TALK["secretariat"]: OFFICE | DONE,
    TALK["outcome"]: TABLE | DONE,
    CASE_NOTE: OFFICE,
}

# where anything but a title may stand: the pages made for it
REVIEWERS_PAGES = {
    f"reviewer.{name}"
    for name in (
        "review", "review_post", "history", "restore", "autosave", "choose", "answer", "home", "session_again",
        "discussion", "discuss", "interests", "declare", "end_interest", "retract",
    )
}  # fmt: skip
TABLES_PAGES = {
    f"committee.{name}"
    for name in (
        "proposal",
        "decide",
        "ranking",
        "download",
        "book_file",
        "calibration",
        "calibration_table",
        "certainty",
        "certainty_table",
        "charts",
        "chart_file",
        "optimum",
        "optimum_table",
        "sensitivity",
        "sensitivity_table",
        "scenario",
        "scenario_project",
        "adjust_scenario_project",
        "rename_scenario",
    )
} | {"secretariat.proposal"}
OFFICES_PAGES = TABLES_PAGES | {
    f"secretariat.{name}"
    for name in (
        # the proposal's own page and what is posted from it
        "assign", "override", "withdraw", "reassign", "remind",
        # one assignment, with every hand-in
        "assignment", "reopen", "score_history", "review_scores", "assignments", "assignments_list",
        "calibration", "calibration_table", "discussions", "discussions_csv", "discussion", "discuss",
        "conflicts", "conflicts_csv", "preview_words", "judge_pairs", "recuse",
    )
}  # fmt: skip
PAGES = dict.fromkeys(SITUATIONS, REVIEWERS_PAGES) | {
    "secretariat": OFFICES_PAGES,
    "committee": TABLES_PAGES,
    TIED_MEMBER: TABLES_PAGES,
}
CASE_PAGES = {"secretariat.screening", "secretariat.case"} | {
    f"secretariat.{name}"
    for name in ("note", "judge", "preview_bulk", "carry_out_bulk")  # posted from these two
}


def may_stand(mark: str, name: str) -> set[str]:
    """The pages on which somebody may find a mark that is no title."""
    return CASE_PAGES if mark == CASE_NOTE else PAGES.get(name, set())


# forms that make pages answer with what is on them: an old page's scores, a comparison that failed
FORMS = {
    "reviewer.review_post": {"version": "1", "act": "submit", "score-economy": "2", "comment-economy": "x"},
    "reviewer.autosave": {"version": "1", "page": "p", "score-economy": "2"},
    "reviewer.choose": {"version": "1"},
    "reviewer.restore": {"restore": "1"},
    "committee.decide": {"decision-verdict": "approved", "decision-amount": "1"},
}


@pytest.fixture
def scene(sqlite_backend: Backend) -> tuple[Backend, MarkedRound, Things]:
    backend = sqlite_backend
    backend.app.config["WTF_CSRF_ENABLED"] = False
    with backend.app.app_context():
        things = make_things(backend)
        made = hold_marked_round(backend.world)
        db.session.remove()
    return backend, made, things


def said(answer: TestResponse) -> str:
    """What an answer says, the sheets of a workbook and the letters of a paper included."""
    data = answer.get_data()
    if data.startswith(b"%PDF"):
        try:
            return "".join(
                page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(data))
            )
        except pypdfium2.PdfiumError:
            return ""  # the small world's attachment is no whole paper
    return words_of(answer)


def addresses(backend: Backend, made: MarkedRound, things: Things, method: str) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of everything there is, about the marked proposal wherever an address can be."""
    with backend.app.app_context():
        receipt = db.session.scalar(
            select(Submission.receipt_number).where(Submission.proposal_id == made.proposal_id)
        )
        papers = list(db.session.scalars(select(PrintedPaper.id)))
        letters = list(db.session.scalars(select(Mail.id)))
        book = db.session.scalar(select(func.max(DecisionBook.meeting_id)))
        feeds = [(u, calendar_token(u, 1)) for u in made.world.users.values()]
        db.session.remove()
    own: dict[str, list[Any]] = {
        "proposal_id": [made.proposal_id],
        "assignment_id": sorted(made.assignments.values()),
        "receipt_number": [receipt],
        "paper_id": papers,
        "mail_id": letters,
        "tie_id": [made.tie_id],
        "booked": [book] if book else [],
    }
    for endpoint, (route_method, _who, objects) in ROUTES.items():
        if route_method != method or endpoint in ("assets.file", "account.sign_out"):
            continue
        choices = [
            own.get(kind) or own.get(key) or [things.value(kind, "own")] for key, kind in objects.items()
        ]
        for values in product(*choices):
            with backend.app.test_request_context():
                address = backend.app.url_for(endpoint, **dict(zip(objects, values, strict=True)))
            if endpoint == "calendar.feed":
                for user_id, token in feeds:
                    yield endpoint, f"/calendar/{user_id}-{token}.ics"
                continue
            yield endpoint, address
            if method == "GET" and not set(objects) & set(own):
                yield endpoint, f"{address}?q=QX&text=QX&subject=proposal:{made.proposal_id}&view=each"


def look(backend: Backend, made: MarkedRound, things: Things) -> dict[tuple[str, str], set[str]]:
    """(mark, person) -> the endpoints whose answers showed it."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    with backend.app.app_context():
        browsers = {name: enter(backend, made.world, name) for name in PEOPLE}
        db.session.remove()
    for method in ("GET", "POST"):
        for endpoint, address in list(addresses(backend, made, things, method)):
            body = FORMS.get(endpoint) or BODIES.get(endpoint)
            for name, browser in browsers.items():
                answer = browser.open(address, method=method, data=body)
                assert answer.status_code < 500, f"{method} {address} as {name}"
                words = said(answer)
                for mark in MAY_SEE:
                    if mark in words:
                        found[mark, name].add(endpoint)
    return found


def order_and_print(backend: Backend, made: MarkedRound) -> None:
    """Papers of those who may order some, printed, and every promised letter written."""
    with backend.app.app_context():
        for by, kind, paper_format in (
            ("secretariat", "ranking-book", "xlsx"),
            ("committee", "ranking-book", "pdf"),
            (TIED_MEMBER, "ranking-book", "xlsx"),
            (INSIDER, "own-filings", "xlsx"),
            ("officer_beta", "own-filings", "xlsx"),
        ):
            with open_work(made.world.actor(by), NOW) as work:
                order_paper(work, FISCAL_YEAR, kind, paper_format, "th")
        with open_work(made.world.actor("secretariat"), NOW) as work:
            meeting = Meeting(
                call_id=made.world.call_id,
                level="committee",
                ordinal=90,
                number="90/2570",
                starts_at=NOW,
                state="closed",
                created_at=NOW,
                opened_at=NOW,
                closed_at=NOW,
            )
            work.session.add(meeting)
            work.session.flush()
            make_book(work, meeting, book_store(backend.app.config["DGI"]))
            book = meeting.id
        with open_work(made.world.actor("committee"), NOW) as work:
            order_paper(work, FISCAL_YEAR, "decision-book", "pdf", "th", FilingChoice(meeting=book))
        drain(backend.app)
        db.session.remove()


def test_every_mark_is_seen_where_it_may_be_and_nowhere_else(
    scene: tuple[Backend, MarkedRound, Things],
) -> None:
    backend, made, things = scene
    order_and_print(backend, made)
    found = look(backend, made, things)
    wrong = [
        f"{name} sees {mark} at {sorted(where)}"
        for (mark, name), where in found.items()
        if name not in MAY_SEE[mark]
    ]
    wrong += [
        f"{name} sees {mark} at {sorted(strange)}, where no score belongs"
        for (mark, name), where in found.items()
        if mark != TITLE and (strange := where - may_stand(mark, name))
    ]
    wrong += [
        f"{name} does not see {mark}: is it planted at all?"
        for mark, names in DO_SEE.items()
        for name in names
        if (mark, name) not in found
    ]
    assert not wrong, "\n".join(sorted(wrong))
    with backend.app.app_context():
        letters_and_logs_keep_still(made)
        db.session.remove()


def letters_and_logs_keep_still(made: MarkedRound) -> None:
    """No letter tells anything but a title, and that to those alone who may know it; the log, which administrators read,
    and what is promised for later hold ids and no words."""
    names = {user_id: name for name, user_id in made.world.users.items()}
    letters = db.session.scalars(select(Mail)).all()
    told = [
        f"a letter to {names[letter.user_id]} holds {mark}"
        for letter in letters
        for mark in MAY_SEE
        if mark in letter.subject + letter.body
        and (mark != TITLE or names[letter.user_id] not in TABLE | AGENCY)
    ]
    assert {names[letter.user_id] for letter in letters} & set(SITUATIONS), "reviewers were not written to"
    assert not told, "\n".join(told)
    logged = [entry.detail + entry.subject for entry in db.session.scalars(select(AuditEntry))]
    promised = [row.payload for row in db.session.scalars(select(OutboxRow))]
    kept = set(MAY_SEE) | {str(total) for total in TOTALS.values()}
    # why an assignment was taken back, reopened or judged is part of the log, which no page shows
    kept -= {REASONS[WITHDRAWN]}
    assert not [(mark, text) for text in logged + promised for mark in kept if re.search(rf"\b{mark}", text)]


def blind_pages(backend: Backend, made: MarkedRound, things: Things, browser: FlaskClient) -> dict[str, str]:
    """Everything somebody can open, as it reads, without what changes with every request."""
    pages = {}
    for endpoint, address in addresses(backend, made, things, "GET"):
        if endpoint not in ("calendar.feed", "reviewer.session_again", "agency.session_again"):
            answer = browser.get(address)
            assert answer.status_code < 500, address
            pages[address] = re.sub(r'name="csrf_token" value="[^"]*"', "", said(answer))
    return pages


BLIND = (UNFINISHED, GIVEN, HELD, RECUSED, DECLINED, WITHDRAWN, STRANGER)


def test_what_others_score_changes_nothing_for_whoever_may_not_see_it(
    scene: tuple[Backend, MarkedRound, Things],
) -> None:
    """Not a count, not a rank, not a mean: the same letters before and after somebody scores anew."""
    backend, made, things = scene

    def pages() -> dict[str, dict[str, str]]:
        with backend.app.app_context():
            browsers = {name: enter(backend, made.world, name) for name in BLIND}
            db.session.remove()
        return {name: blind_pages(backend, made, things, browser) for name, browser in browsers.items()}

    before = pages()
    with backend.app.app_context():
        assignment = made.assignments[FINISHED]
        scores = marked_scores(7_500, "QXANEW")
        with open_work(made.world.actor(FINISHED), NOW) as work:
            submit_review(work, assignment, scores, 2, reason="เห็นด้วยกับที่หารือกัน")
        with open_work(made.world.actor("secretariat"), NOW) as work:
            withdraw_assignment(work, made.assignments[FINAL], "มอบหมายผิดคน")
        db.session.remove()
    after = pages()
    changed = [
        f"{name}: {address}"
        for name, own in before.items()
        for address, words in own.items()
        if after[name][address] != words
    ]
    assert not changed, "\n".join(changed)
