"""What an agency learns of similar projects: all of its own and of the archive, and of others that they are there."""

from __future__ import annotations

import io
import re
from copy import deepcopy
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import save_section, withdraw_proposal
from app.proposals.models import Proposal, Submission
from app.screening.actions import screen_proposal
from app.similarity.actions import judge_pair
from app.similarity.facts import Verdict
from app.similarity.models import OverlapPair
from tests.conftest import FixedClock
from tests.proposals.consortium import gather
from tests.proposals.earlier import record_earlier
from tests.similarity.scene import LINK, WATER, compare_all, draft_of, file
from tests.web.desks import browser, queries_of, text_of
from tests.world import NOW, World, budget_row, file_proposal, write_draft

SECRET = "ลับเฉพาะกรมเบตา"
WHY = "เซนเซอร์ชุดเดียวกันในแม่น้ำสายเดียวกัน"


def like_water(mark: str = "") -> dict[str, Any]:
    """The subject of WATER with a mark in every free field, so that a comparison finds it and a leak is seen."""
    subject = deepcopy(WATER)
    for key in ("title_th", "title_en"):
        subject["names"][key] += mark
    for key in subject["rationale"]:
        subject["rationale"][key] = f"{mark} {subject['rationale'][key]} {mark}"
    item = subject["budget"]["rows"][0]["item"]
    subject["budget"]["rows"] = [
        budget_row(item=f"{item}{mark}", unit="ชุด", unit_price="777777.00", q1="1555554.00", q2="")
    ]
    subject["integration"]["links"] = [LINK | {"name": f"{LINK['name']}{mark}"}]
    return subject


def page_of(client: FlaskClient, proposal_id: int) -> str:
    answer = client.get(f"/agency/proposals/{proposal_id}/overlaps")
    assert answer.status_code == 200
    return text_of(answer)


def ask(app: Flask, client: FlaskClient, proposal_id: int) -> None:
    """Ask what a draft resembles, and have it compared."""
    answer = client.post(f"/agency/proposals/{proposal_id}/overlaps")
    assert answer.headers["Location"] == f"/agency/proposals/{proposal_id}/overlaps"
    compare_all(app)


@pytest.fixture
def officer(app: Flask, world: World) -> FlaskClient:
    return browser(app, "officer", "en")


def test_a_draft_is_compared_when_its_officer_asks(app: Flask, world: World, officer: FlaskClient) -> None:
    own, draft = file(world, WATER), write_draft(world, draft_of(WATER))
    compare_all(app)
    page = page_of(officer, draft)
    assert "has not been compared yet" in page
    officer.post(f"/agency/proposals/{draft}/overlaps")
    page = page_of(officer, draft)
    assert "Being compared" in page
    assert "Compare now" not in page
    assert 'http-equiv="refresh"' not in page
    compare_all(app)
    page = page_of(officer, draft)
    assert "with 1 filings" in page
    assert f'href="/agency/proposals/{own}"' in page
    assert "Budget items" not in page[: page.index('id="seen"')]
    left = re.findall(r'id="mine-1-(\d+)" href="#theirs-1-(\d+)"', page)
    right = re.findall(r'id="theirs-1-(\d+)" href="#mine-1-(\d+)"', page)
    assert left
    assert sorted(left) == sorted(right)
    assert "Compare again" in page


def test_a_changed_draft_is_told_that_the_result_is_of_an_earlier_text(
    app: Flask, world: World, officer: FlaskClient, clock: FixedClock
) -> None:
    file(world, WATER)
    draft = write_draft(world, draft_of(WATER))
    ask(app, officer, draft)
    assert "The draft has changed since" not in page_of(officer, draft)
    with open_work(world.actor("officer"), NOW) as work:
        value = draft_of(WATER)["rationale"] | {"outputs": "ผลผลิตที่เขียนใหม่ทั้งหมด"}
        save_section(work, draft, "rationale", value, 2)
    page = page_of(officer, draft)
    assert "The draft has changed since" in page
    assert "<mark>" not in page  # its places are those of the earlier text
    assert WATER["names"]["title_en"] in page
    clock.advance(minutes=1)
    ask(app, officer, draft)
    page = page_of(officer, draft)
    assert "The draft has changed since" not in page
    assert "<mark>" in page


def test_nothing_similar_is_said(app: Flask, world: World, officer: FlaskClient) -> None:
    draft = write_draft(world, draft_of(WATER))
    ask(app, officer, draft)
    assert "No other project resembles this one" in page_of(officer, draft)


def test_a_comparison_that_never_came_is_asked_for_again(
    app: Flask, world: World, officer: FlaskClient, clock: FixedClock
) -> None:
    draft = write_draft(world, draft_of(WATER))
    officer.post(f"/agency/proposals/{draft}/overlaps")
    clock.advance(minutes=9)
    assert "Compare now" not in page_of(officer, draft)
    clock.advance(minutes=1)
    page = page_of(officer, draft)
    assert "has not come" in page
    assert "Compare again" in page


@pytest.mark.parametrize("is_filed", [False, True], ids=["a draft", "a filing"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_nothing_of_another_agencys_filing_is_told(
    app: Flask, world: World, clock: FixedClock, is_filed: bool, language: str
) -> None:
    """A mark in every free field of the other filing, its number, amount and agency stand in no answer to the officer:
    not before a verdict, and not after it."""
    other = file(world, like_water(SECRET), "beta")
    number = db.session.scalars(select(Proposal.number).where(Proposal.id == other)).one()
    db.session.rollback()
    officer = browser(app, "officer", language)
    if is_filed:
        own = file(world, WATER)
        compare_all(app)
    else:
        own = write_draft(world, draft_of(WATER))
        compare_all(app)
        ask(app, officer, own)
    _tell_nothing(officer, own, number)
    page = page_of(officer, own)
    band = re.findall(r"Very similar|Similar in part|คล้ายมาก|คล้ายบางส่วน|>Similar<|>คล้าย<", page)
    assert len(band) == 1
    assert "<mark>" not in page
    assert "%" not in page[page.index('id="hidden"') :]
    contact = {"th": "ฝ่ายเลขานุการจะติดต่อท่าน", "en": "the secretariat will contact you"}[language]
    assert contact in page or contact.replace("the", "The", 1) in page
    if is_filed:
        pair = db.session.scalars(select(OverlapPair.id)).one()
        db.session.rollback()
        for verdict, seen, yields in ((Verdict.COMPLEMENTARY, None, None), (Verdict.DUPLICATE, 1, own)):
            with open_work(world.actor("secretariat"), NOW) as work:
                judge_pair(work, pair, verdict, f"{WHY} {SECRET}", yields, seen=seen)
                screen_proposal(work, own)
            _tell_nothing(officer, own, number)
        assert state_of(own) == "failed"


def state_of(proposal_id: int) -> str:
    db.session.rollback()
    return db.session.scalars(select(Proposal.state).where(Proposal.id == proposal_id)).one()


def words_of(workbook: bytes) -> str:
    """Every cell of a workbook."""
    sheets = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets
    return "\n".join(
        str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row
    )


def _tell_nothing(officer: FlaskClient, own: int, number: str) -> None:
    """No page of the desk about the proposal tells of the other filing."""
    for page in (
        "",
        "/overlaps",
        "/check",
        "/read",
        "/receipt",
        "/paper.xlsx",
        "/submit",
        "/sign",
        "/returned",
    ):
        answer = officer.get(f"/agency/proposals/{own}{page}", follow_redirects=True)
        assert answer.status_code in (200, 404), page
        said = words_of(answer.data) if page.endswith("xlsx") else text_of(answer)
        # the register of agencies stands in forms; of the filing itself nothing may
        for told in (SECRET, number, "777777", "777,777", "1,555,554", "1.5556"):
            assert told not in said, (page, told)
        if page == "/overlaps":
            assert "กรมเบตา" not in said[said.index('id="hidden"') :]
            assert "Department Beta" not in said[said.index('id="hidden"') :]
    for address in ("/agency/", "/agency/proposals", "/account/mails"):
        assert SECRET not in text_of(officer.get(address))


def test_a_filing_the_own_agency_takes_part_in_is_seen(app: Flask, world: World) -> None:
    people = gather(world)
    draft = draft_of(like_water(SECRET), "beta")
    draft["names"]["participants"] = ["alpha"]
    draft["budget"]["rows"].append(budget_row(agency="alpha", item="ค่าเดินทาง", unit="ครั้ง"))
    shared = file_proposal(people, draft, by="officer_beta", agency="beta")
    own = file(world, WATER)
    compare_all(app)
    page = page_of(browser(app, "officer", "en"), own)
    assert SECRET in page
    assert f'href="/agency/proposals/{shared}"' in page
    assert 'id="hidden"' not in page


def test_the_published_archive_is_seen_by_everybody(app: Flask, world: World, officer: FlaskClient) -> None:
    recorded = record_earlier(world, "beta", WATER["names"]["title_th"])
    draft = write_draft(world, draft_of(WATER))
    ask(app, officer, draft)
    page = page_of(officer, draft)
    assert 'id="hidden"' not in page
    assert "2565" in page[page.index('id="seen"') :]
    assert f'href="/agency/proposals/{recorded}"' not in page  # there is no page of it for this reader


@pytest.mark.parametrize("name", ["officer_beta", "secretariat", "reviewer_bb", "committee", "admin"])
def test_a_drafts_comparison_is_its_own_agencys(
    app: Flask, world: World, officer: FlaskClient, name: str
) -> None:
    draft = write_draft(world, draft_of(WATER))
    ask(app, officer, draft)
    stranger = browser(app, name)
    assert stranger.get(f"/agency/proposals/{draft}/overlaps").status_code in (403, 404)
    assert stranger.post(f"/agency/proposals/{draft}/overlaps").status_code in (403, 404)


def test_a_certifier_reads_and_does_not_ask(app: Flask, world: World) -> None:
    draft = write_draft(world, draft_of(WATER))
    certifier = browser(app, "certifier", "en")
    assert "Compare now" not in page_of(certifier, draft)
    assert certifier.post(f"/agency/proposals/{draft}/overlaps").status_code == 403


def test_what_was_filed_waits_and_is_not_asked_for(app: Flask, world: World, officer: FlaskClient) -> None:
    own = file(world, WATER)
    page = page_of(officer, own)
    assert "The filing waits to be compared" in page
    assert "Compare now" not in page
    assert officer.post(f"/agency/proposals/{own}/overlaps").status_code == 404


def test_a_filing_taken_back_by_its_agency_is_told_to_nobody(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    other = file(world, like_water(SECRET), "beta")
    own = file(world, WATER)
    compare_all(app)
    assert 'id="hidden"' in page_of(officer, own)
    with open_work(world.actor("officer_beta"), NOW) as work:
        withdraw_proposal(work, other)
    assert 'id="hidden"' not in page_of(officer, own)


@pytest.mark.both_databases
def test_the_page_asks_little_and_the_same_whatever_the_number(
    app: Flask, world: World, officer: FlaskClient, clock: FixedClock
) -> None:
    draft = write_draft(world, draft_of(WATER))
    file(world, WATER)
    file(world, WATER, "beta")
    ask(app, officer, draft)
    own = db.session.scalars(select(Submission.proposal_id).order_by(Submission.id)).first()
    db.session.rollback()
    few = [queries_of(officer, f"/agency/proposals/{p}/overlaps") for p in (draft, own)]
    for agency in ("alpha", "beta", "alpha"):
        file(world, WATER, agency)
    clock.advance(minutes=1)
    ask(app, officer, draft)
    assert [queries_of(officer, f"/agency/proposals/{p}/overlaps") for p in (draft, own)] == few
    assert max(few) <= 12
