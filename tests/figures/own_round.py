"""An agency's year for the tests: two filings, a filing it takes part in, a draft, and another agency's filing."""

from __future__ import annotations

from dataclasses import dataclass

from app.calls.queries import get_call
from app.figures.facts import FilingChoice
from app.figures.queries import FilingsBook, filings_book, one_filing
from app.kernel.db import db
from app.kernel.files import FileStore
from app.kernel.work import open_work
from app.proposals.actions import attach_file, store_file, submit_proposal
from app.screening.actions import screen_proposal
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, write_draft

WATER, PLAIN, TAKES_PART, DRAFT = 100_000_100 + 25_075, 50_025, 30_001, 40_050  # satang
FILE = b"%PDF-1.7 terms of reference"


@dataclass(frozen=True)
class OwnRound:
    """Proposal ids. Alpha leads `water` (with beta), `plain` and `draft`, and takes part in `partner` of beta."""

    water: int
    plain: int
    partner: int
    draft: int
    strange: int


def hold_year(world: World, store: FileStore) -> OwnRound:
    """File and write everything; the draft lacks its indicators."""
    water = complete_draft(
        names={"title_th": "ระบบน้ำบาดาลอัจฉริยะ", "title_en": "Smart groundwater", "participants": ["beta"]},
        rationale={"rationale": "ย่อหน้าแรกกล่าวถึงน้ำ\n\nย่อหน้าที่สองกล่าวถึงที่ดิน", "objectives": "ก", "outputs": "ข"},
        budget={
            "rows": [
                budget_row(later1="100.50", later3="7.25"),
                budget_row(
                    agency="beta",
                    category="operations",
                    item="=ค่าจ้าง",
                    quantity="1",
                    unit_price="250.75",
                    q1="",
                    q2="250.75",
                ),
            ],
            "least": "700000.25",
            "least_scope": "เลื่อนสถานีสูบน้ำที่สอง\nและการอบรม",
        },
    )
    water_id = write_draft(world, water)
    file = store_file(store, "ขอบเขตของงาน.pdf", "application/pdf", FILE)
    with open_work(world.actor("officer"), NOW) as work:
        attach_file(work, water_id, "other", file)
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, water_id, "key-water")
        screen_proposal(work, water_id)
    plain = complete_draft(
        names={"title_th": "มาตรฐานกลาง", "title_en": "A central standard"},
        budget={"rows": [budget_row(quantity="1", unit_price="500.25", q1="500.25", q2="")]},
    )
    partner = complete_draft(
        names={"title_th": "ระบบของเบตา", "title_en": "Of beta", "participants": ["alpha"]},
        budget={"rows": [budget_row(agency="beta", quantity="1", unit_price="300.01", q1="300.01", q2="")]},
    )
    partner["integration"]["links"][0]["partner"] = "gamma"
    strange = complete_draft(
        names={"title_th": "ความลับของเบตา", "title_en": "Nothing of alpha"},
        budget={"rows": [budget_row(agency="beta")]},
    )
    strange["integration"]["links"][0]["partner"] = "gamma"
    draft = complete_draft(
        names={"title_th": "ร่างที่ยังไม่เสร็จ", "title_en": "Unfinished"},
        indicators={"rows": []},
        budget={"rows": [budget_row(quantity="1", unit_price="400.50", q1="400.50", q2="")]},
    )
    return OwnRound(
        water=water_id,
        plain=file_proposal(world, plain),
        partner=file_proposal(world, partner, by="officer_beta", agency="beta"),
        draft=write_draft(world, draft),
        strange=file_proposal(world, strange, by="officer_beta", agency="beta"),
    )


def read_own(world: World, choice: FilingChoice = FilingChoice(), by: str = "officer") -> FilingsBook:
    """The book as somebody of alpha reads it."""
    session = db.session()
    book = filings_book(session, world.actor(by), get_call(session, FISCAL_YEAR), choice)
    session.rollback()
    return book


def read_one(world: World, proposal_id: int, by: str = "officer") -> FilingsBook:
    """A single proposal, likewise."""
    book = one_filing(db.session(), world.actor(by), proposal_id)
    db.session().rollback()
    return book
