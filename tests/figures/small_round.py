"""A small round with one project of every kind: taken, cut, passed over, not scored, failed, and one rescued."""

from __future__ import annotations

from dataclasses import dataclass

from app.calls.queries import get_call
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.figures.queries import RankingBook, hold_still, ranking_book
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.findings import Outcome
from app.kernel.work import open_work
from app.reviews.actions import submit_review
from app.reviews.facts import Score
from app.screening.actions import override_finding
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, give

CEILING = 1_000_000_000  # ten million baht, in satang
SHARED, LARGE, SMALL, UNSCORED = 100_000_100 + 25_025, 950_000_000, 50_025, 100_000_100
REQUESTED = SHARED + LARGE + SMALL + UNSCORED


@dataclass(frozen=True)
class SmallRound:
    """Proposal ids. `shared` of alpha and beta, `large` beyond the ceiling, `small`, `unscored`, `failed`."""

    shared: int
    large: int
    small: int
    unscored: int
    failed: int


def _lines(*rows: dict[str, str]) -> dict[str, object]:
    return {"rows": list(rows)}


def hold_round(world: World) -> SmallRound:
    """File, screen and score; nothing is decided yet."""
    shared = complete_draft(
        names={"title_th": "ระบบร่วมน้ำใจ", "title_en": "Shared system", "participants": ["beta"]},
        budget=_lines(
            budget_row(),
            budget_row(
                agency="beta",
                category="operations",
                quantity="1",
                unit_price="250.25",
                q1="",
                q2="",
                q4="250.25",
            ),
        ),
    )
    large = complete_draft(
        names={"title_th": "ระบบใหญ่เกินกรอบ", "title_en": "Too large"},
        budget=_lines(
            budget_row(
                agency="beta", quantity="1", unit_price="9500000.00", q1="9500000.00", q2="", later1="100.50"
            )
        ),
    )
    large["integration"]["links"][0]["partner"] = "gamma"
    small = complete_draft(
        names={"title_th": "=ระบบเล็ก", "title_en": "=Small system"},
        budget=_lines(budget_row(quantity="1", unit_price="500.25", q1="", q2="500.25")),
    )
    unscored = complete_draft(names={"title_th": "ระบบที่ยังไม่มีคะแนน", "title_en": "Not scored yet"})
    failed = complete_draft(names={"title_th": "ระบบลำพัง", "title_en": "A system alone"})
    failed["integration"]["links"][0] |= {"partner": "", "partner_other": "สมาคมเอกชนแห่งหนึ่ง"}
    made = SmallRound(
        shared=file_proposal(world, shared),
        large=file_proposal(world, large, by="officer_beta", agency="beta"),
        small=file_proposal(world, small),
        unscored=file_proposal(world, unscored),
        failed=file_proposal(world, failed),
    )
    with open_work(world.actor("secretariat"), NOW) as work:
        rule = next(
            r.code for r in get_call(work.session, FISCAL_YEAR).rulebook.rules if r.check == "integration"
        )
        override_finding(work, made.failed, rule, Outcome.FAILS, "คู่เชื่อมไม่ใช่หน่วยงานของรัฐ")
    for proposal_id, levels in ((made.shared, (4, 3)), (made.large, (3, 3)), (made.small, (2, 3))):
        _score(world, proposal_id, levels)
    return made


def _score(world: World, proposal_id: int, levels: tuple[int, ...]) -> None:
    reviewers = ("reviewer_bb", "reviewer_dga")[: len(levels)]
    ids = [(assignment_id, 1) for assignment_id in give(world, proposal_id, *reviewers)]
    criteria = [c.code for c in get_call(db.session(), FISCAL_YEAR).rubric.criteria]
    for name, (assignment_id, version), level in zip(reviewers, ids, levels, strict=True):
        comment = "เห็นว่าดีเยี่ยมทุกประการตามที่ตรวจ" if level == 4 else ""
        with open_work(world.actor(name), NOW) as work:
            submit_review(work, assignment_id, {c: Score(level, comment) for c in criteria}, version)


def decide(world: World, made: SmallRound) -> None:
    """Approve `shared` with a cut of one satang, put off `small`, refuse `large`."""
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(
            work,
            made.shared,
            Verdict.CONDITIONAL,
            100_000_100 + 25_025 - 1,
            conditions="ก. ข.",
            reason="ปรับลด",
        )
        record_decision(work, made.small, Verdict.DEFERRED, 0, reason="ขอเอกสารเพิ่ม")
        record_decision(work, made.large, Verdict.REJECTED, 0, reason="เกินกรอบ")


def read_book() -> RankingBook:
    """The whole book of the call, as the command reads it."""
    session = db.session()
    hold_still(session)
    book = ranking_book(session, SYSTEM, get_call(session, FISCAL_YEAR))
    session.rollback()
    return book
