"""Workbooks through the real pages, the real runner and the real child process."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.jobs.runner import do_chores, drain
from app.kernel.canonical import sha256_bytes
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.files import Area, file_store
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal
from app.proposals.models import DraftRevision, WorkbookUpload
from app.workbooks.uploads import KEPT_FOR
from tests.conftest import FixedClock, sign_in
from tests.proposals.consortium import (
    answer,
    gather,
    invite,
    joint,
    part_of,
    write_part,
)
from tests.web.agency.paper import text_of
from tests.web.agency.workbook import BUDGET, INDICATORS, draft_of, fetch, put, put_through, send, take_in
from tests.workbooks.made_up import edited, with_parts
from tests.world import NOW, World, budget_row, complete_draft, write_draft


def test_a_template_comes_back_as_it_went(app: Flask, officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    before = draft_of(proposal_id)
    upload_id, page = put_through(app, officer, proposal_id, fetch(officer, proposal_id))
    assert "ตรงกับร่างทุกช่อง" in page
    assert "นำเข้าทั้งหมด" not in page
    assert take_in(officer, upload_id, page).status_code == 303
    assert draft_of(proposal_id) == before


def test_what_was_filled_in_is_shown_then_taken_in(app: Flask, officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())

    def fill(book: openpyxl.Workbook) -> None:
        put(
            BUDGET,
            D4="๓",
            F4="๑,๒๐๐.๕๐",
            A5="กรมอัลฟา",
            B5="งบลงทุน",
            C5="เครื่องพิมพ์",
            D5=4,
            E5="เครื่อง",
            F5=100.25,
        )(book)
        put(INDICATORS, A5="ร้อยละที่สำเร็จ", B5="ร้อยละ", D5=80)(book)

    upload_id, page = put_through(app, officer, proposal_id, edited(fetch(officer, proposal_id), fill))
    for words in ("เครื่องพิมพ์", "1,200.50", "ร้อยละที่สำเร็จ", "4,002.50", "1,000,001.00"):
        assert words in page, words
    assert draft_of(proposal_id)["budget"]["rows"][0]["quantity"] == "2"
    answer = take_in(officer, upload_id, page)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/agency/proposals/{proposal_id}/budget",
    )
    rows = draft_of(proposal_id)["budget"]["rows"]
    assert [(r["item"], r["quantity"], r["unit_price"]) for r in rows] == [
        ("ระบบคอมพิวเตอร์", "3", "1200.50"),
        ("เครื่องพิมพ์", "4", "100.25"),
    ]
    assert draft_of(proposal_id)["indicators"]["rows"][1]["target"] == "80"
    revisions = db.session.execute(
        select(DraftRevision.section, DraftRevision.version).where(DraftRevision.cause == "uploaded")
    ).all()
    assert {tuple(r) for r in revisions} == {("budget", 3), ("indicators", 3)}
    assert take_in(officer, upload_id, page).status_code == 422  # once only


def test_faults_come_back_on_the_page_and_in_the_workbook_and_nothing_is_taken_in(
    app: Flask, officer: FlaskClient, world: World
) -> None:
    proposal_id = write_draft(world, complete_draft())
    before = draft_of(proposal_id)

    def spoil(book: openpyxl.Workbook) -> None:
        put(BUDGET, D4="0", F4="ห้าร้อย", C6="เครื่องพิมพ์", D6="สอง")(book)
        put(INDICATORS, A7="ก" * 301)(book)

    upload_id, page = put_through(app, officer, proposal_id, edited(fetch(officer, proposal_id), spoil))
    assert "ต้องแก้ 4 ข้อ ใน 3 แถว" in page
    assert re.findall(r'nowrap">([A-Z]+[0-9]+)<', page) == ["D4", "F4", "D6", "A7"]
    found = re.findall(r'data-label="แถว">(\d+)</td><td data-label="คอลัมน์">([^<]*?) ?<', page)
    assert found == [
        ("4", "จำนวน"),
        ("4", "ราคาต่อหน่วย (บาท)"),
        ("6", "จำนวน"),
        ("7", "ชื่อตัวชี้วัด"),
    ]
    assert "นำเข้าทั้งหมด" not in page
    assert take_in(officer, upload_id, page).status_code == 422
    assert draft_of(proposal_id) == before
    marked = officer.get(f"/agency/workbooks/{upload_id}/marked.xlsx")
    assert marked.headers["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(marked.data))
    for sheet, cell, words in (
        (BUDGET, "D4", "must be a whole number from 1"),
        (BUDGET, "F4", "จำนวนเงินต้องเป็นตัวเลข"),
        (BUDGET, "D6", "must be a whole number"),
        (INDICATORS, "A7", "301"),
    ):
        assert words.lower() in book[sheet][cell].comment.text.lower(), (sheet, cell)

    def mend(marked: openpyxl.Workbook) -> None:
        put(BUDGET, D4=5, F4="500", D6="๒")(marked)
        put(INDICATORS, A7="ร้อยละ")(marked)

    upload_id, page = put_through(app, officer, proposal_id, edited(marked.data, mend))
    assert take_in(officer, upload_id, page).status_code == 303
    assert [r["quantity"] for r in draft_of(proposal_id)["budget"]["rows"]] == ["5", "2"]


@pytest.mark.both_databases
def test_columns_in_another_order_extra_ones_and_formats_are_taken(
    app: Flask, officer: FlaskClient, world: World
) -> None:
    proposal_id = write_draft(world, complete_draft())

    def rework(book: openpyxl.Workbook) -> None:
        page = book[BUDGET]
        for row in page.iter_rows(3, 5):
            row[2].value, row[5].value = row[5].value, row[2].value  # item and unit price
        page["O3"], page["O4"] = "บันทึกของฉัน", "ไม่ต้องนำเข้า"
        page["C4"] = "1,200.50 บาท"

    upload_id, page = put_through(app, officer, proposal_id, edited(fetch(officer, proposal_id), rework))
    assert "บันทึกของฉัน" in page  # said to be left out
    assert take_in(officer, upload_id, page).status_code == 303
    (row,) = draft_of(proposal_id)["budget"]["rows"]
    assert (row["item"], row["unit_price"]) == ("ระบบคอมพิวเตอร์", "1200.50")


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ("another proposal", ("เลขที่ข้อเสนอในไฟล์คือ 2570-0001", "2570-0002")),
        ("another agency", ("กรมเบตา / Department Beta", "กรมอัลฟา / Department Alpha")),
    ],
)
def test_a_template_of_another_is_refused_by_name(
    app: Flask, client: FlaskClient, world: World, of: str, words: tuple[str, ...]
) -> None:
    first = write_draft(world, joint())
    answer_invitation(world, first)
    second = write_draft(world, complete_draft())
    sign_in(client, World.email("officer"))
    data = fetch(client, first)
    if of == "another agency":
        client.post("/sign-out")
        sign_in(client, World.email("officer_beta"))
        data = fetch(client, first, "beta")
        client.post("/sign-out")
        sign_in(client, World.email("officer"))
    _, page = put_through(app, client, second if of == "another proposal" else first, data)
    assert "ร่างไม่เปลี่ยน" in page
    for word in words:
        assert word in page


def answer_invitation(world: World, proposal_id: int) -> None:
    here = gather(world)
    invite(here, proposal_id)
    answer(here, proposal_id)


def test_a_template_somebody_signed_for_himself_is_refused(
    app: Flask, officer: FlaskClient, world: World
) -> None:
    proposal_id = write_draft(world, complete_draft())

    def forge(book: openpyxl.Workbook) -> None:
        page = book["_identity"]
        page["A2"] = page["A2"].value.replace("2570-0001", "2570-0009")

    _, page = put_through(app, officer, proposal_id, edited(fetch(officer, proposal_id), forge))
    assert "ส่วนที่ระบุตัวแบบถูกแก้ไข" in page


def _bomb(data: bytes) -> bytes:
    return with_parts(data, {"xl/media/image1.png": b"\0" * (80 << 20)})


def _row_of_a_million(content: bytes) -> bytes:
    return content.replace(
        b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    )


HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no workbook": (lambda data: b"a letter, not a workbook", "ไม่ใช่ไฟล์ Excel"),
    "cut off": (lambda data: data[: len(data) // 2], "เสียหาย"),
    "macros": (lambda data: with_parts(data, {"xl/vbaProject.bin": b"x"}), "มาโคร"),
    "bomb": (_bomb, "ขยายตัวเกิน"),
    "link": (lambda data: with_parts(data, {"xl/externalLinks/externalLink1.xml": b"<x/>"}), "เชื่อมไปยัง"),
    "a million rows": (
        lambda data: with_parts(data, {"xl/worksheets/sheet2.xml": _row_of_a_million}),
        "1,048,576",
    ),
    "entities": (
        lambda data: with_parts(
            data, {"xl/workbook.xml": lambda b: b.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)}
        ),
        "DOCTYPE",
    ),
    "formula": (lambda data: edited(data, put(BUDGET, F4="=1+1")), "เซลล์นี้เป็นสูตร"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_workbooks_are_refused_and_the_draft_stays(
    app: Flask, officer: FlaskClient, world: World, kind: str
) -> None:
    proposal_id = write_draft(world, complete_draft())
    before = draft_of(proposal_id)
    spoil, words = HOSTILE[kind]
    upload_id, page = put_through(app, officer, proposal_id, spoil(fetch(officer, proposal_id)))
    assert words in page.replace("1048576", "1,048,576")
    assert "นำเข้าไม่ได้" in page
    assert take_in(officer, upload_id, page).status_code == 422
    assert draft_of(proposal_id) == before


def test_more_rows_than_the_call_takes_are_faults(app: Flask, officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())

    def fill(book: openpyxl.Workbook) -> None:
        for n in range(5, 40):
            book[INDICATORS][f"A{n}"] = f"ตัวชี้วัด {n}"

    _, page = put_through(app, officer, proposal_id, edited(fetch(officer, proposal_id), fill))
    assert 'data-label="แถว">34</td>' in page
    assert "รับได้ไม่เกิน 30 แถว" in page


def test_a_participant_fills_in_its_own_part(app: Flask, client: FlaskClient, world: World) -> None:
    here = gather(world)
    proposal_id = write_draft(world, joint("beta", "gamma"))
    invite(here, proposal_id, "beta", "gamma")
    answer(here, proposal_id)
    write_part(here, proposal_id, "budget", [budget_row(agency="beta")])
    sign_in(client, World.email("officer_beta"))
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, proposal_id, "beta")))
    assert [cell.value for cell in book[BUDGET][4][:3]] == ["กรมเบตา", "งบลงทุน", "ระบบคอมพิวเตอร์"]
    assert {cell.value for cell in book["_lists"]["A"]} - {None} == {"กรมเบตา"}
    data = edited(fetch(client, proposal_id, "beta"), put(BUDGET, C5="ของเบตา", D5=1, F5=12))
    upload_id, page = put_through(app, client, proposal_id, data, "beta")
    answered = take_in(client, upload_id, page)
    assert (answered.status_code, answered.headers["Location"]) == (
        303,
        f"/agency/proposals/{proposal_id}/parts/beta/budget",
    )
    db.session.rollback()
    rows = part_of(proposal_id).part["budget"]["rows"]
    assert [(row["agency"], row["item"]) for row in rows] == [("beta", "ระบบคอมพิวเตอร์"), ("beta", "ของเบตา")]
    client.post("/sign-out")
    sign_in(client, World.email("officer"))  # the lead reads the part, and sends nothing into it
    for path in ("", "/template.xlsx"):
        assert client.get(f"/agency/proposals/{proposal_id}/parts/beta/workbook{path}").status_code == 404
    assert client.get(f"/agency/workbooks/{upload_id}").status_code == 404
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, proposal_id)))
    assert {cell.value for cell in book["_lists"]["A"]} - {None} == {
        "กรมอัลฟา",
        "กรมแกมมา",
    }  # gamma has not joined


def test_certifiers_and_others_have_no_workbook(app: Flask, client: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, joint())
    sign_in(client, World.email("officer"))
    upload_id, _ = put_through(app, client, proposal_id, fetch(client, proposal_id))
    client.post("/sign-out")
    for person, status in (("certifier", 403), ("officer_beta", 404), ("secretariat", 403)):
        sign_in(client, World.email(person))
        for path in (
            f"proposals/{proposal_id}/workbook",
            f"proposals/{proposal_id}/workbook/template.xlsx",
            f"proposals/{proposal_id}/parts/beta/workbook",  # named, and has not joined
            f"workbooks/{upload_id}",
            f"workbooks/{upload_id}/marked.xlsx",
        ):
            assert client.get(f"/agency/{path}").status_code == status, (person, path)
        for path in (f"workbooks/{upload_id}", f"workbooks/{upload_id}/drop"):
            assert client.post(f"/agency/{path}").status_code == status, (person, path)
        client.post("/sign-out")
    db.session.rollback()
    assert db.session.get_one(WorkbookUpload, upload_id).state == "ready"


@pytest.mark.both_databases
def test_it_can_be_left_found_again_and_dropped(app: Flask, officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    sent = send(officer, proposal_id, fetch(officer, proposal_id), name="C:\\งบ\\<b>งบ</b>.xlsx")
    page = text_of(officer.get(sent.headers["Location"]))
    assert "รอเริ่มอ่าน" in page
    assert '<meta http-equiv="refresh" content="3">' in page
    assert "<b>งบ" not in page
    listed = text_of(officer.get(f"/agency/proposals/{proposal_id}/workbook"))
    assert f'href="{sent.headers["Location"]}"' in listed
    assert "รออ่าน" in listed
    drain(app)
    assert "http-equiv" not in text_of(officer.get(sent.headers["Location"]))
    dropped = officer.post(f"{sent.headers['Location']}/drop")
    assert dropped.headers["Location"] == f"/agency/proposals/{proposal_id}/workbook"
    assert "ไม่ได้นำเข้าไฟล์นี้" in text_of(officer.get(sent.headers["Location"]))
    assert officer.post(f"{sent.headers['Location']}/drop").status_code == 422


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "", "กรุณาเลือกไฟล์"),
        (b"", "a.xlsx", "ไฟล์ว่างเปล่า"),
        (b"x" * ((20 << 20) + 1), "a.xlsx", "ใหญ่เกิน 20"),
    ],
)
def test_what_is_no_file_is_told_at_once(
    officer: FlaskClient, world: World, data: bytes, name: str, words: str
) -> None:
    proposal_id = write_draft(world, complete_draft())
    answer = send(officer, proposal_id, data, name=name)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert db.session.scalars(select(WorkbookUpload)).first() is None


def test_one_person_does_not_fill_the_lane(app: Flask, officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    data = fetch(officer, proposal_id)
    assert [send(officer, proposal_id, data).status_code for _ in range(5)] == [303] * 5
    refused = send(officer, proposal_id, b"kept nowhere")
    assert refused.status_code == 422
    assert "กรุณารอให้เสร็จก่อน" in text_of(refused)
    with pytest.raises(NotFound):
        file_store(app.config["DGI"], Area.WORKBOOKS).get(sha256_bytes(b"kept nowhere"))


def test_nothing_is_sent_for_what_was_filed(officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    data = fetch(officer, proposal_id)
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
    answered = send(officer, proposal_id, data)
    assert answered.status_code == 422
    assert "ยื่นแล้ว" in text_of(answered)


def test_old_workbooks_go_with_their_bytes(
    app: Flask, officer: FlaskClient, world: World, clock: FixedClock
) -> None:
    proposal_id = write_draft(world, complete_draft())
    data = fetch(officer, proposal_id)
    spoilt = edited(data, put(BUDGET, D4="x"))
    old, _ = put_through(app, officer, proposal_id, spoilt)
    same, _ = put_through(app, officer, proposal_id, data)
    clock.advance(days=KEPT_FOR.days - 1)
    sign_in(officer, World.email("officer"))
    young, _ = put_through(app, officer, proposal_id, data)
    store = file_store(app.config["DGI"], Area.WORKBOOKS)
    db.session.rollback()
    row = db.session.get_one(WorkbookUpload, old)
    gone, kept = (row.sha256, row.annotated_sha256 or ""), db.session.get_one(WorkbookUpload, young).sha256
    db.session.rollback()
    clock.advance(days=1)
    do_chores(app)
    sign_in(officer, World.email("officer"))
    assert officer.get(f"/agency/workbooks/{old}").status_code == 404
    assert officer.get(f"/agency/workbooks/{same}").status_code == 404
    assert officer.get(f"/agency/workbooks/{young}").status_code == 200
    assert store.get(kept) == data  # another upload of the same bytes still needs them
    for key in gone:
        with pytest.raises(NotFound):
            store.get(key)


def test_pages_in_english_say_the_same(app: Flask, officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    assert officer.post("/language/en").status_code == 303
    data = fetch(officer, proposal_id)
    _, page = put_through(app, officer, proposal_id, edited(data, put(BUDGET, D4="x")))
    for words in (
        "1 thing is to be mended in 1 row",
        "Budget lines",
        "This must be a whole number",
        "Quantity",
    ):
        assert words in page, words
    _, page = put_through(app, officer, proposal_id, edited(data, put(BUDGET, D4=12)))
    for words in ("What will change", "Take everything in", "5,000,005.00"):
        assert words in page, words
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}/workbook"))
    for words in ("Download the template", "To be checked and taken in", "Cannot be taken in"):
        assert words in page, words
