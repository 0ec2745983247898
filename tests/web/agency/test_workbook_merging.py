"""A workbook meets what others did meanwhile: nothing is overwritten silently, and all sheets are taken in or none."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import save_section, submit_proposal, uploading
from app.proposals.queries import read_draft
from tests.conftest import FixedClock, sign_in
from tests.proposals.consortium import (
    answer,
    gather,
    invite,
    joint,
    return_for_revision,
)
from tests.web.agency.paper import text_of
from tests.web.agency.workbook import BUDGET, INDICATORS, draft_of, fetch, put, put_through, take_in
from tests.workbooks.made_up import edited
from tests.world import NOW, World, complete_draft, file_proposal, write_draft


def change_budget(world: World, proposal_id: int, **cells: str) -> None:
    """Somebody types in the form meanwhile."""
    view = read_draft(db.session(), proposal_id)
    rows = [dict(row) for row in view.draft["budget"]["rows"]]
    rows[0] |= cells
    actor = world.actor("officer")
    with open_work(actor, NOW) as work:
        save_section(work, proposal_id, "budget", {"rows": rows}, view.section_versions["budget"])


def test_what_others_changed_elsewhere_is_kept_and_told(
    app: Flask, officer: FlaskClient, world: World
) -> None:
    proposal_id = write_draft(world, complete_draft())
    data = edited(fetch(officer, proposal_id), put(BUDGET, D4=9))
    change_budget(world, proposal_id, unit="ชุด")
    upload_id, page = put_through(app, officer, proposal_id, data)
    assert "ร่างถูกบันทึกหลังจากดาวน์โหลดแบบกรอกนี้" in page
    assert "ผู้ใช้ officer" in page
    assert take_in(officer, upload_id, page).status_code == 303
    (row,) = draft_of(proposal_id)["budget"]["rows"]
    assert (row["quantity"], row["unit"]) == ("9", "ชุด")


@pytest.mark.parametrize(
    ("fields", "status", "price"),
    [
        ({}, 422, "7.00"),
        ({"choice:budget-1-unit_price": "theirs"}, 303, "7.00"),
        ({"choice:budget-1-unit_price": "mine"}, 303, "9.00"),
        ({"choice:budget-1-unit_price": "theirs", "go": "sheet"}, 303, "9.00"),
    ],
)
def test_what_both_changed_is_for_the_person_to_choose(
    app: Flask, officer: FlaskClient, world: World, fields: dict[str, str], status: int, price: str
) -> None:
    proposal_id = write_draft(world, complete_draft())
    data = edited(fetch(officer, proposal_id), put(BUDGET, F4=9, D4=3))
    change_budget(world, proposal_id, unit_price="7.00")
    upload_id, page = put_through(app, officer, proposal_id, data)
    assert 'name="choice:budget-1-unit_price"' in page
    assert "ใช้ของไฟล์ Excel" in page
    answer = take_in(officer, upload_id, page, **fields)
    assert answer.status_code == status
    (row,) = draft_of(proposal_id)["budget"]["rows"]
    assert row["unit_price"] == price
    assert row["quantity"] == ("3" if status == 303 else "2")
    if status == 422:
        assert 'id="choice-budget-1-unit_price-error"' in text_of(answer)


def test_a_draft_that_changed_since_the_preview_is_previewed_anew(
    app: Flask, officer: FlaskClient, world: World
) -> None:
    """And nothing of any sheet is taken in, not even of the one nobody else touched."""
    proposal_id = write_draft(world, complete_draft())

    def fill(book: openpyxl.Workbook) -> None:
        put(BUDGET, D4=9)(book)
        put(INDICATORS, D4="12")(book)

    upload_id, page = put_through(app, officer, proposal_id, edited(fetch(officer, proposal_id), fill))
    with open_work(world.actor("officer"), NOW) as work:
        rows = [{"name": "อื่น", "unit": "", "baseline": "", "target": ""}]
        save_section(
            work, proposal_id, "indicators", {"rows": complete_draft()["indicators"]["rows"] + rows}, 2
        )
    answer = take_in(officer, upload_id, page)
    assert answer.status_code == 409
    fresh = text_of(answer)
    assert "ร่างเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้" in fresh
    assert draft_of(proposal_id)["budget"]["rows"][0]["quantity"] == "2"
    assert draft_of(proposal_id)["indicators"]["rows"][0]["target"] == "5"
    assert take_in(officer, upload_id, fresh).status_code == 303
    assert draft_of(proposal_id)["budget"]["rows"][0]["quantity"] == "9"
    assert [r["target"] for r in draft_of(proposal_id)["indicators"]["rows"]] == ["12", ""]


def test_all_sheets_or_none(
    app: Flask, officer: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the second sheet cannot be saved the first one is not either."""
    proposal_id = write_draft(world, complete_draft())
    before = draft_of(proposal_id)

    def fill(book: openpyxl.Workbook) -> None:
        put(BUDGET, D4=9)(book)
        put(INDICATORS, D4="12")(book)

    upload_id, page = put_through(app, officer, proposal_id, edited(fetch(officer, proposal_id), fill))
    saved = []

    def refuse_the_second(*args: Any, **kwargs: Any) -> Any:
        if saved:
            raise RuntimeError("the disk is full")
        saved.append(args[2])
        return save_section(*args, **kwargs)

    monkeypatch.setattr(uploading, "save_section", refuse_the_second)
    assert take_in(officer, upload_id, page).status_code == 500
    assert saved == ["budget"]
    assert draft_of(proposal_id) == before
    monkeypatch.undo()
    assert take_in(officer, upload_id, page).status_code == 303


@pytest.mark.both_databases
def test_two_people_together_may_have_too_many_rows(app: Flask, officer: FlaskClient, world: World) -> None:
    """Each alone is within the call's limit; the merged section is not, and cannot be taken in."""
    proposal_id = write_draft(world, complete_draft())
    most = 30

    def fill(book: openpyxl.Workbook) -> None:
        for n in range(5, 4 + most):
            book[INDICATORS][f"A{n}"] = f"ตัวชี้วัด {n}"

    data = edited(fetch(officer, proposal_id), fill)
    with open_work(world.actor("officer"), NOW) as work:
        more = [
            *complete_draft()["indicators"]["rows"],
            {"name": "ของผู้อื่น", "unit": "", "baseline": "", "target": ""},
        ]
        save_section(work, proposal_id, "indicators", {"rows": more}, 2)
    upload_id, page = put_through(app, officer, proposal_id, data)
    assert "มีได้ไม่เกิน 30" in page
    assert "นำเข้าทั้งหมด" not in page
    assert take_in(officer, upload_id, page).status_code == 422
    assert len(draft_of(proposal_id)["indicators"]["rows"]) == 2


@pytest.mark.both_databases
def test_lines_of_an_agency_that_joined_meanwhile_are_not_the_leads_any_more(
    app: Flask, client: FlaskClient, world: World
) -> None:
    here = gather(world)
    proposal_id = write_draft(world, joint())
    invite(here, proposal_id)
    sign_in(client, World.email("officer"))
    data = edited(fetch(client, proposal_id), put(BUDGET, A5="กรมเบตา", C5="ของเบตา", D5=1))
    early, page = put_through(app, client, proposal_id, data)
    answer(here, proposal_id)
    assert take_in(client, early, page).status_code in (409, 422)
    assert "ไม่ได้อยู่ในโครงการ" in text_of(client.get(f"/agency/workbooks/{early}"))
    _, late = put_through(app, client, proposal_id, data)
    assert "กรอกรายการของตนเอง" in late
    assert 'data-label="แถว">5</td>' in late


def test_a_returned_proposal_takes_in_only_what_was_opened(
    app: Flask, officer: FlaskClient, world: World, clock: FixedClock
) -> None:
    proposal_id = file_proposal(world)
    assert officer.get(f"/agency/proposals/{proposal_id}/workbook").status_code == 302
    assert officer.get(f"/agency/proposals/{proposal_id}/workbook/template.xlsx").status_code == 302
    return_for_revision(world, proposal_id, "budget", due_at=NOW + timedelta(days=3))
    book = openpyxl.load_workbook(io.BytesIO(fetch(officer, proposal_id)))
    assert INDICATORS not in book.sheetnames
    assert "เฉพาะส่วนนี้" in text_of(officer.get(f"/agency/proposals/{proposal_id}/workbook"))
    upload_id, page = put_through(
        app, officer, proposal_id, edited(fetch(officer, proposal_id), put(BUDGET, D4=7))
    )
    clock.advance(days=4)
    sign_in(officer, World.email("officer"))
    assert take_in(officer, upload_id, page).status_code == 422  # the time for it is over
    clock.moment = NOW
    sign_in(officer, World.email("officer"))
    assert take_in(officer, upload_id, page).status_code == 303
    assert draft_of(proposal_id)["budget"]["rows"][0]["quantity"] == "7"


def test_a_workbook_read_before_the_filing_cannot_be_taken_in_after_it(
    app: Flask, officer: FlaskClient, world: World
) -> None:
    proposal_id = write_draft(world, complete_draft())
    upload_id, page = put_through(
        app, officer, proposal_id, edited(fetch(officer, proposal_id), put(BUDGET, E4="ชุด"))
    )
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
    answer = take_in(officer, upload_id, page)
    assert answer.status_code == 422
    assert "ยื่นแล้ว" in text_of(answer)
    assert "นำเข้าทั้งหมด" not in text_of(officer.get(f"/agency/workbooks/{upload_id}"))
