"""An agency's own proposals on paper: whose they are, what is chosen, and that permission is judged again at printing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.figures.actions import MOST_FILINGS, NOTHING_CHOSEN, order_paper
from app.figures.facts import Failure, FilingChoice, PaperKind
from app.figures.models import PrintedPaper
from app.figures.press import paper_store
from app.figures.queries import FilingsBook, get_paper, list_papers, read_paper
from app.identity.facts import SYSTEM
from app.identity.models import UserMembership
from app.jobs.runner import drain
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.files import FileStore
from app.kernel.work import open_work
from app.proposals.freezing import freeze
from app.proposals.models import Submission
from tests.figures.own_round import FILE, OwnRound, hold_year, read_one, read_own
from tests.world import FISCAL_YEAR, NOW, World

OWN = PaperKind.OWN_FILINGS


@pytest.fixture
def made(app: Flask, world: World, tmp_path: Path) -> OwnRound:
    return hold_year(world, FileStore(tmp_path))


def ids(book: FilingsBook) -> list[int]:
    return [paper.proposal_id for paper in book.papers]


def order(world: World, by: str = "officer", choice: FilingChoice = FilingChoice()) -> int:
    with open_work(world.actor(by), NOW) as work:
        return order_paper(work, FISCAL_YEAR, OWN, "xlsx", "th", choice).id


def test_the_book_holds_what_the_agency_leads_and_takes_part_in(world: World, made: OwnRound) -> None:
    assert ids(read_own(world)) == [made.water, made.plain, made.partner, made.draft]
    assert ids(read_own(world, by="certifier")) == ids(read_own(world))
    assert ids(read_own(world, by="officer_beta")) == [made.water, made.partner, made.strange]


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (FilingChoice(state="filed"), ["water", "plain", "partner"]),
        (FilingChoice(state="draft"), ["draft"]),
        (FilingChoice(state="failed"), []),
        (FilingChoice(side="lead"), ["water", "plain", "draft"]),
        (FilingChoice(side="participant"), ["partner"]),
        (FilingChoice(text="บาดาล ระบบ"), ["water"]),
        (FilingChoice(text="2570-0002"), ["plain"]),
        (FilingChoice(stage="downstream"), []),
        (FilingChoice(stage="upstream", state="filed", side="lead", text="กลาง"), ["plain"]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_it_is_narrowed_as_the_list_is(
    world: World, made: OwnRound, choice: FilingChoice, names: list[str]
) -> None:
    assert ids(read_own(world, choice)) == [getattr(made, name) for name in names]
    assert FilingChoice.from_json(json.loads(json.dumps(choice.to_json()))) == choice


def test_a_filing_is_printed_as_it_was_frozen_and_a_draft_as_it_stands(world: World, made: OwnRound) -> None:
    book = read_own(world)
    water, _, _, draft = book.papers
    kept = db.session.scalars(select(Submission).where(Submission.proposal_id == made.water)).one()
    assert (water.sha256, water.receipt_number, water.filed_at) == (kept.sha256, kept.receipt_number, NOW)
    assert freeze(water.facts).sha256 == water.sha256
    assert water.facts.attachments[0].size == len(FILE)
    assert (draft.is_working, draft.has_receipt, draft.receipt_number) == (True, False, "")
    assert draft.facts.title.th == "ร่างที่ยังไม่เสร็จ"
    assert read_one(world, made.draft).papers == (draft,)
    assert read_own(world).sha256 == book.sha256


@pytest.mark.parametrize("name", ["officer_beta", "secretariat", "committee", "reviewer_bb", "admin"])
def test_one_agency_never_gets_anothers(world: World, made: OwnRound, name: str) -> None:
    with pytest.raises((NotFound, Forbidden)):
        read_one(world, made.plain, name)
    with pytest.raises((NotFound, Forbidden)):
        read_own(world, FilingChoice(agency_ids=frozenset({world.agencies["alpha"]})), name)
    with pytest.raises((NotFound, Forbidden)):
        order(world, name, FilingChoice(agency_ids=frozenset({world.agencies["alpha"]})))
    assert db.session.scalars(select(PrintedPaper)).all() == []


def test_an_order_is_printed_and_is_its_orderers_alone(app: Flask, world: World, made: OwnRound) -> None:
    paper_id = order(world, choice=FilingChoice(state="filed"))
    assert order(world, choice=FilingChoice(state="filed")) == paper_id  # a second click
    assert order(world) != paper_id  # another choice
    drain(app)
    db.session.expire_all()
    paper = get_paper(db.session(), world.actor("officer"), paper_id)
    assert (paper.state, paper.failure) == ("done", None)
    assert paper.file_name == f"own-filings-{FISCAL_YEAR}-th.xlsx"
    assert paper.choice == FilingChoice(frozenset({world.agencies["alpha"]}), state="filed")
    assert read_paper(paper, paper_store(app.config["DGI"]), NOW)[:2] == b"PK"
    for name in ("certifier", "officer_beta", "secretariat"):
        with pytest.raises(NotFound):
            get_paper(db.session(), world.actor(name), paper_id)
        assert list_papers(db.session(), world.actor(name)) == []
    assert list_papers(db.session(), world.actor("officer"), kinds={PaperKind.RANKING_BOOK}) == []


def test_permission_is_judged_again_at_printing(app: Flask, world: World, made: OwnRound) -> None:
    """Whoever left the agency after ordering gets nothing; neither the old agency's proposals nor a new one's."""
    paper_id = order(world)
    with open_work(SYSTEM, NOW) as work:
        work.session.execute(delete(UserMembership).where(UserMembership.user_id == world.users["officer"]))
    with open_work(SYSTEM, NOW) as work:
        work.session.add(
            UserMembership(user_id=world.users["officer"], role="officer", agency_id=world.agencies["beta"])
        )
    drain(app)
    db.session.expire_all()
    row = db.session.get_one(PrintedPaper, paper_id)
    assert (row.state, row.failure, row.sha256) == ("failed", Failure.REFUSED.value, None)


def test_nothing_and_too_much_are_refused(
    app: Flask, world: World, made: OwnRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused) as refusal:
        order(world, choice=FilingChoice(text="ไม่มีคำนี้"))
    assert refusal.value.text == NOTHING_CHOSEN
    monkeypatch.setattr("app.figures.actions.MOST_FILINGS", 3)
    with pytest.raises(Refused):
        order(world)
    order(world, choice=FilingChoice(state="filed"))
    assert MOST_FILINGS > 3
    with pytest.raises(NotFound), open_work(world.actor("officer"), NOW) as work:
        order_paper(work, FISCAL_YEAR + 1, OWN, "pdf", "th")
