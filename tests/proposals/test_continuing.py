"""Continuing an earlier project: who may, when, from what, and what a draft and its filing then hold."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.calls.queries import get_call
from app.decisions.facts import Verdict
from app.decisions.queries import decisions_on
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.proposals.actions import continue_proposal, save_section, submit_proposal, withdraw_proposal
from app.proposals.drafts import empty_part
from app.proposals.facts import Continued
from app.proposals.models import DraftRevision, Proposal
from app.proposals.queries import (
    find_continued,
    find_filed,
    get_filing,
    get_source,
    list_continuations,
    list_sources,
    read_draft,
)
from tests.instruments import counted_queries, race
from tests.proposals.consortium import LINK, PART_ROW, answer, gather, invite, joint, part_of, write_part
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier, record_earlier, record_joint
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, write_draft

OWN_AMOUNT = 100_000_100  # satang: 2 x 500,000.50 baht


def go_on(
    world: World, source_id: int, by: str = "officer", agency: str = "alpha", at: Any = NOW, **more: int
) -> int:
    with open_work(world.actor(by), at) as work:
        return continue_proposal(work, FISCAL_YEAR, world.agencies[agency], source_id, **more).id


def test_a_draft_is_made_and_names_what_it_continues(app: Flask, world: World) -> None:
    source_id = file_earlier(world)
    proposal_id = go_on(world, source_id)
    view = read_draft(db.session(), proposal_id)
    source = db.session.get_one(Proposal, source_id)
    assert view.state == "draft"
    assert view.title.th == "ระบบเชื่อมโยงข้อมูลทดสอบ"
    assert view.continues == Continued(
        LAST_YEAR, source.number, str(source.facts_sha256), view.title, OWN_AMOUNT
    )
    assert view.draft["indicators"]["rows"][0]["baseline"] == "5"
    assert view.draft["budget"]["rows"] == [budget_row(q1="", q2="")]
    row = db.session.get_one(Proposal, proposal_id)
    assert (row.total, row.title_th, row.guideline) == (OWN_AMOUNT, view.title.th, "1.1")
    revisions = db.session.scalars(select(DraftRevision).where(DraftRevision.proposal_id == proposal_id))
    kept = {r.section: (r.version, r.cause, json.loads(r.content)) for r in revisions}
    assert kept == {section: (1, "carried", value) for section, value in view.draft.items()}
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject == f"proposal:{proposal_id}").order_by(AuditEntry.seq)
    ).all()
    assert [entry.action for entry in entries] == ["create_proposal", "continue_proposal"]


def test_the_source_stays_as_it_was(app: Flask, world: World) -> None:
    source_id = file_earlier(world)
    before = get_source(db.session(), world.actor("officer"), source_id)
    go_on(world, source_id)
    assert get_source(db.session(), world.actor("officer"), source_id) == before


def test_the_filing_freezes_what_it_continues(app: Flask, world: World) -> None:
    source_id = file_earlier(world)
    proposal_id = go_on(world, source_id)
    view = read_draft(db.session(), proposal_id)
    rows = [row | {"target": "9"} for row in view.draft["indicators"]["rows"]]
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "indicators", {"rows": rows}, 1)
        save_section(work, proposal_id, "budget", {"rows": [budget_row()]}, 1)
        submit_proposal(work, proposal_id, "key")
    facts = get_filing(db.session(), world.actor("secretariat"), proposal_id).facts
    assert facts.continues == view.continues
    assert facts.continues is not None
    found = find_continued(db.session(), facts.continues)
    assert found is not None
    assert found.id == source_id


def test_a_project_of_the_archive_is_continued(app: Flask, world: World) -> None:
    proposal_id = go_on(world, record_earlier(world))
    view = read_draft(db.session(), proposal_id)
    assert view.draft["names"]["title_th"] == "โครงการจากเอกสารงบประมาณ"
    assert view.draft["names"]["title_en"] == ""
    assert [row["unit_price"] for row in view.draft["budget"]["rows"]] == ["2500000.00", "12500.50"]
    assert view.draft["plan"] == {"stage": "upstream", "guideline": "1.1", "strategy": "", "focus_area": ""}


# who asks in whose name to continue what alpha led
ASKERS: list[tuple[str, str, type[Exception] | None]] = [
    ("officer", "alpha", None),
    ("officer", "beta", NotFound),
    ("officer_beta", "beta", NotFound),  # it took part, and did not lead
    ("officer_beta", "alpha", NotFound),
    ("reviewer_alpha", "alpha", None),
    ("certifier", "alpha", Forbidden),
    ("secretariat", "alpha", Forbidden),
    ("committee", "alpha", Forbidden),
    ("admin", "alpha", Forbidden),
]


@pytest.mark.parametrize(("who", "agency", "refusal"), ASKERS)
def test_only_officers_of_the_lead_continue(
    app: Flask, world: World, who: str, agency: str, refusal: type[Exception] | None
) -> None:
    source_id = file_earlier(world, complete_draft(names={"participants": ["beta"]}))
    if refusal is None:
        assert go_on(world, source_id, who, agency)
        return
    with pytest.raises(refusal):
        go_on(world, source_id, who, agency)
    assert list_continuations(db.session(), FISCAL_YEAR, [source_id]) == {}


def test_what_cannot_be_continued(app: Flask, world: World) -> None:
    draft, of_this_year = write_draft(world, complete_draft()), file_proposal(world)
    with pytest.raises(NotFound):
        go_on(world, draft)
    with pytest.raises(NotFound):
        go_on(world, 999_999)
    with pytest.raises(Refused, match="before 2570"):
        go_on(world, of_this_year)
    earlier = file_earlier(world)
    with open_work(world.actor("officer"), NOW - timedelta(days=364)) as work:
        withdraw_proposal(work, earlier)
    with pytest.raises(NotFound):
        go_on(world, earlier)


@pytest.mark.parametrize(("shift", "is_open"), [(-1, False), (0, True)])
def test_only_while_the_window_is_open(app: Flask, world: World, shift: int, is_open: bool) -> None:
    source_id = file_earlier(world)
    call = get_call(db.session(), FISCAL_YEAR)
    for moment, accepted in (
        (call.opens_at + timedelta(microseconds=shift), is_open),
        (call.closes_at + timedelta(microseconds=shift), not is_open),
    ):
        db.session.rollback()
        if accepted:
            assert go_on(world, source_id, at=moment, aware_of=9)
        else:
            with pytest.raises(Refused, match="outside"):
                go_on(world, source_id, at=moment, aware_of=9)


def test_a_second_continuation_is_made_only_by_who_knows_of_the_first(app: Flask, world: World) -> None:
    source_id = file_earlier(world)
    first = go_on(world, source_id)
    with pytest.raises(Stale, match="2570-0001"):
        go_on(world, source_id)
    second = go_on(world, source_id, aware_of=1)
    with pytest.raises(Stale, match="2570-0001, 2570-0002"):
        go_on(world, source_id, aware_of=1)
    found = list_continuations(db.session(), FISCAL_YEAR, [source_id])[source_id]
    assert [one.id for one in found] == [first, second]
    assert list_continuations(db.session(), LAST_YEAR, [source_id]) == {}


def test_two_who_press_at_once_make_one(app: Flask, world: World) -> None:
    source_id = file_earlier(world)
    db.session.remove()
    outcomes = race(app, lambda: go_on(world, source_id), lambda: go_on(world, source_id))
    assert sorted(type(outcome) for outcome in outcomes if isinstance(outcome, Exception)) == [Stale]


def test_sources_are_what_ones_own_agency_led(app: Flask, world: World) -> None:
    water = file_earlier(world, complete_draft(names={"title_th": "ระบบน้ำบาดาลอัจฉริยะ", "title_en": "Water"}))
    plain = file_earlier(world)
    archived = record_earlier(world)
    of_beta = complete_draft(names={"participants": ["alpha"]}, budget={"rows": [budget_row(agency="beta")]})
    of_beta["integration"]["links"][0]["partner"] = "gamma"
    file_earlier(world, of_beta, by="officer_beta", agency="beta")
    file_proposal(world)
    write_draft(world, complete_draft())
    officer = world.actor("officer")

    def ids(**wanted: Any) -> list[int]:
        return [row.id for row in list_sources(db.session(), officer, FISCAL_YEAR, **wanted).rows]

    page = list_sources(db.session(), officer, FISCAL_YEAR)
    assert [row.id for row in page.rows] == [water, plain, archived]
    assert (page.count, page.years) == (3, (2569, 2565))
    assert [row.asked for row in page.rows] == [OWN_AMOUNT, OWN_AMOUNT, 251_250_050]
    assert [row.state for row in page.rows] == ["passed", "passed", "recorded"]
    table: list[tuple[dict[str, Any], list[int]]] = [
        ({"text": "บาดาล"}, [water]),
        ({"text": "น\u0e4d\u0e49าบาดาล"}, [water]),
        ({"text": "2565-0001"}, [archived]),
        ({"text": "อัลฟา เอกสาร"}, [archived]),
        ({"year": 2565}, [archived]),
        ({"year": 2569, "text": "ไม่มี"}, []),
        ({"limit": 2}, [water, plain]),
        ({"start": 2, "limit": 2}, [archived]),
        ({"start": 9, "limit": 2}, [water, plain]),
    ]
    for wanted, expected in table:
        assert ids(**wanted) == expected, wanted
    assert list_sources(db.session(), officer, 2569).count == 1
    for person in ("certifier", "secretariat", "committee", "reviewer_bb"):
        assert list_sources(db.session(), world.actor(person), FISCAL_YEAR).rows == ()
    assert list_sources(db.session(), world.actor("officer_beta"), FISCAL_YEAR).count == 1


def test_sources_take_as_many_queries_for_twenty_as_for_two(app: Flask, world: World) -> None:
    def effort() -> int:
        actor = world.actor("officer")
        with counted_queries() as statements:
            page = list_sources(db.session(), actor, FISCAL_YEAR)
            decisions_on(db.session(), [row.id for row in page.rows])
            list_continuations(db.session(), FISCAL_YEAR, [row.id for row in page.rows])
        return len(statements)

    for _ in range(2):
        file_earlier(world)
    few = effort()
    for _ in range(18):
        file_earlier(world)
    assert effort() == few == 4


def test_what_was_approved_stands_beside_its_source(app: Flask, world: World) -> None:
    cut, refused, open_ = file_earlier(world), file_earlier(world), file_earlier(world)
    decide(world, cut, OWN_AMOUNT // 2)
    decide(world, cut, OWN_AMOUNT // 4)
    decide(world, refused, 0, Verdict.REJECTED)
    found = decisions_on(db.session(), [cut, refused, open_])
    assert {key: (d.amount, d.verdict) for key, d in found.items()} == {
        cut: (OWN_AMOUNT // 4, Verdict.APPROVED),
        refused: (0, Verdict.REJECTED),
    }


def test_who_may_read_a_filed_proposal_by_its_number(app: Flask, world: World) -> None:
    source_id = file_earlier(world, complete_draft(names={"participants": ["beta"]}))
    number = db.session.get_one(Proposal, source_id).number
    known = find_filed(db.session(), number)
    assert known is not None
    assert known.agency_ids == {world.agencies["alpha"], world.agencies["beta"]}
    draft = write_draft(world, complete_draft())
    assert find_filed(db.session(), db.session.get_one(Proposal, draft).number) is None


def test_a_participant_that_joins_finds_what_it_claimed(app: Flask, world: World) -> None:
    here = gather(world)
    proposal_id = go_on(here, record_joint(here))
    assert read_draft(db.session(), proposal_id).draft["names"]["participants"] == ["beta"]
    invite(here, proposal_id)
    answer(here, proposal_id)
    part = part_of(proposal_id).part
    assert part["links"]["rows"] == [LINK]
    assert part["indicators"]["rows"] == [{"name": "ชุดข้อมูลที่ส่ง", "unit": "ชุด", "baseline": "3", "target": ""}]
    assert [(row["item"], row["q1"]) for row in part["budget"]["rows"]] == [(PART_ROW["item"], "")]
    view = read_draft(db.session(), proposal_id)
    assert [row["agency"] for row in view.draft["budget"]["rows"]] == ["alpha"]
    causes = db.session.execute(
        select(DraftRevision.section, DraftRevision.cause).where(
            DraftRevision.proposal_id == proposal_id, DraftRevision.agency_id == here.agencies["beta"]
        )
    ).all()
    assert sorted(tuple(row) for row in causes) == [
        ("budget", "handed"),
        ("indicators", "carried"),
        ("links", "carried"),
    ]


def test_what_a_participant_wrote_is_not_replaced_when_it_joins_again(app: Flask, world: World) -> None:
    here = gather(world)
    proposal_id = go_on(here, record_joint(here))
    invite(here, proposal_id)
    answer(here, proposal_id)
    write_part(here, proposal_id, "links", [])
    answer(here, proposal_id, joins=False, reason="ติดภารกิจ")
    invite(here, proposal_id)
    answer(here, proposal_id)
    assert part_of(proposal_id).part["links"]["rows"] == []


def test_a_participant_of_nothing_continued_begins_with_nothing(app: Flask, world: World) -> None:
    here = gather(world)
    proposal_id = write_draft(here, joint())
    invite(here, proposal_id)
    answer(here, proposal_id)
    assert part_of(proposal_id).part == empty_part()


def test_audit_of_a_continuation_names_the_source(app: Flask, world: World) -> None:
    source_id = file_earlier(world)
    go_on(world, source_id)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "continue_proposal")).one()
    detail = json.loads(entry.detail)
    assert detail["source"] == source_id
    assert detail["sha256"] == db.session.get_one(Proposal, source_id).facts_sha256
