"""Starting from an earlier project in the browser: the list, the preview, the draft, and last year beside the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.decisions.facts import Verdict
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import continue_proposal, record_results, save_section, store_file, submit_proposal
from app.proposals.models import Proposal
from app.proposals.results import IndicatorResult, ProjectResults
from app.screening.actions import screen_proposal
from app.web.filing import attachment_store
from tests.conftest import FixedClock, sign_in
from tests.proposals.consortium import PART_ROW, answer, gather, invite
from tests.proposals.earlier import decide, file_earlier, record_earlier, record_joint
from tests.web.agency.conftest import SeparateClient
from tests.web.agency.paper import hidden, text_of
from tests.web.agency.samples import PDF
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, give

OWN_AMOUNT = 100_000_100
SECTIONS = ("names", "plan", "integration", "rationale", "indicators", "budget")
WATER = {"names": {"title_th": "ระบบน้ำบาดาลอัจฉริยะ", "title_en": "Smart groundwater"}}


def go_on(world: World, source_id: int) -> int:
    with open_work(world.actor("officer"), NOW) as work:
        return continue_proposal(work, FISCAL_YEAR, world.agencies["alpha"], source_id).id


def fold_of(page: str) -> str:
    """The fold beside a section's form."""
    match = re.search(r'<details class="fold last-year".*?</details>', page, re.DOTALL)
    assert match, "no fold"
    return match[0]


def proposals() -> int:
    return db.session.scalar(select(func.count()).select_from(Proposal)) or 0


@pytest.mark.both_databases
def test_the_list_is_found_from_home_and_finds_inside_words(officer: FlaskClient, world: World) -> None:
    assert 'href="/agency/earlier"' in text_of(officer.get("/agency/"))
    water, plain = file_earlier(world, complete_draft(**WATER)), file_earlier(world)
    archived = record_earlier(world)
    of_beta = complete_draft(budget={"rows": [budget_row(agency="beta")]})
    of_beta["integration"]["links"][0]["partner"] = "gamma"
    foreign = file_earlier(world, of_beta, by="officer_beta", agency="beta")
    now = file_proposal(world)

    def listed(query: str = "") -> list[int]:
        page = text_of(officer.get(f"/agency/earlier{query}"))
        return [int(n) for n in re.findall(r'<th scope="row"><a href="/agency/earlier/(\d+)"', page)]

    assert listed() == [water, plain, archived]
    assert listed("?q=บาดาล") == [water]
    assert listed("?year=2565") == [archived]
    assert listed("?q=ไม่มีคำนี้") == []
    assert listed("?year=abc&from=x") == listed("?from=999999") == [water, plain, archived]
    for hidden_one in (foreign, now):
        assert f"/agency/earlier/{hidden_one}" not in text_of(officer.get("/agency/earlier"))


@pytest.mark.both_databases
def test_the_list_says_what_was_asked_approved_and_continued(officer: FlaskClient, world: World) -> None:
    source = file_earlier(world)
    decide(world, source, 60_000_000)
    proposal_id = go_on(world, source)
    page = text_of(officer.get("/agency/earlier"))
    assert ">1.0000<" in page
    assert ">0.6000<" in page
    assert f'href="/agency/proposals/{proposal_id}">2570-0001</a>' in page


def test_nothing_to_continue_and_no_call(officer: FlaskClient, world: World, clock: FixedClock) -> None:
    assert "ไม่มีโครงการของปีก่อน" in text_of(officer.get("/agency/earlier"))
    source = file_earlier(world)
    clock.advance(days=30)
    sign_in(officer, World.email("officer"))
    assert "ขณะนี้ไม่มีรอบคำขอที่เปิดรับ" in text_of(officer.get("/agency/earlier"))
    answer = officer.get(f"/agency/earlier/{source}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/agency/earlier")


def test_the_preview_tells_what_comes_along_and_what_does_not(officer: FlaskClient, world: World) -> None:
    source = file_earlier(world, complete_draft(budget={"rows": [budget_row(later1="250000.00")]}))
    decide(world, source, OWN_AMOUNT)
    page = text_of(officer.get(f"/agency/earlier/{source}"))
    for words in (
        "ระบบเชื่อมโยงข้อมูลทดสอบ",
        "การเชื่อมโยง 1 รายการ",
        "ตัวชี้วัด 1 รายการ",
        "1 รายการ รวม 1,000,001.00 บาท",
        "ค่าฐานคือเป้าหมายของปี 2569",
        "ปี 2569 ผูกพันงบประมาณปี 2570 ไว้แล้ว 250,000.00 บาท (รายการที่ 1)",
        "ข้อมูลสังเคราะห์เพื่อการสาธิต",
        "สร้างร่างจากโครงการนี้",
    ):
        assert words in page, words
    assert proposals() == 1


def test_a_project_of_the_archive_is_previewed(officer: FlaskClient, world: World) -> None:
    page = text_of(officer.get(f"/agency/earlier/{record_earlier(world)}"))
    for words in (
        "ในเอกสารงบประมาณปี 2565",
        "อ่านจากเอกสารงบประมาณที่เผยแพร่",
        "ข้อมูลจริงจากเอกสารงบประมาณที่เผยแพร่",
        "2 รายการ รวม 2,512,500.50 บาท",
    ):
        assert words in page, words


def test_the_draft_is_made_and_a_second_only_knowingly(officer: FlaskClient, world: World) -> None:
    source = file_earlier(world)
    address = f"/agency/earlier/{source}"
    page = text_of(officer.get(address))
    sent = {"fiscal_year": hidden(page, "fiscal_year"), "aware_of": hidden(page, "aware_of")}
    answer = officer.post(address, data=sent)
    assert answer.status_code == 303
    first = text_of(officer.get(answer.headers["Location"]))
    assert "ระบบเชื่อมโยงข้อมูลทดสอบ" in first
    again = officer.post(address, data=sent)
    assert again.status_code == 409
    page = text_of(again)
    assert "มีข้อเสนอต่อเนื่องในรอบนี้แล้ว" in page
    assert "2570-0001" in page
    assert proposals() == 2
    answer = officer.post(address, data=sent | {"aware_of": hidden(page, "aware_of")})
    assert answer.status_code == 303
    assert proposals() == 3


def test_posts_that_make_nothing(officer: FlaskClient, world: World, clock: FixedClock) -> None:
    source, now = file_earlier(world), file_proposal(world)
    address = f"/agency/earlier/{source}"
    assert officer.post(address).headers["Location"] == address
    assert officer.post(address, data={"fiscal_year": "2599"}).status_code == 404
    assert officer.post(address, data={"fiscal_year": "2569"}).status_code == 422
    assert officer.get(f"/agency/earlier/{now}").status_code == 404
    assert officer.post(f"/agency/earlier/{now}", data={"fiscal_year": "2570"}).status_code == 404
    clock.advance(days=30)
    sign_in(officer, World.email("officer"))
    assert officer.post(address, data={"fiscal_year": "2570"}).status_code == 422
    assert proposals() == 2


def test_before_the_window_there_is_no_button(officer: FlaskClient, world: World, clock: FixedClock) -> None:
    source = file_earlier(world)
    clock.moment = NOW - timedelta(days=20)
    sign_in(officer, World.email("officer"))
    page = text_of(officer.get(f"/agency/earlier/{source}"))
    assert "นอกช่วงเปิดรับ" in page
    assert "สร้างร่างจากโครงการนี้" not in page
    answer = officer.post(f"/agency/earlier/{source}", data={"fiscal_year": "2570"})
    assert answer.status_code == 422
    assert "นอกช่วงเปิดรับ" in text_of(answer)


def test_last_year_stands_beside_every_section(officer: FlaskClient, world: World) -> None:
    source = file_earlier(world, complete_draft(budget={"rows": [budget_row(later1="250000.00")]}))
    decide(world, source, OWN_AMOUNT)
    proposal_id = go_on(world, source)
    said = {
        "names": "Test data linkage",
        "plan": "เตรียมความพร้อมพื้นฐานที่จำเป็น",
        "integration": "ทะเบียนผู้ประกอบการ",
        "rationale": "วัตถุประสงค์",
        "indicators": "ยังไม่มีการบันทึก",
        "budget": "250,000.00",
    }
    for section in SECTIONS:
        fold = fold_of(text_of(officer.get(f"/agency/proposals/{proposal_id}/{section}")))
        assert said[section] in fold, section
        assert f'href="/agency/proposals/{source}"' in fold
        assert "<input" not in fold
    fold = fold_of(text_of(officer.get(f"/agency/proposals/{proposal_id}/indicators")))
    assert 'data-label="เป้าหมาย">5<' in fold


# what the committee said of 1,000,001.00 baht, whether lines have an approved amount, and the words
VERDICTS: list[tuple[int | None, Verdict, list[str], str]] = [
    (None, Verdict.APPROVED, [], "คณะกรรมการยังไม่มีมติ"),
    (OWN_AMOUNT, Verdict.APPROVED, ["1,000,001.00", "1,000,001.00"], ""),
    (0, Verdict.REJECTED, ["0.00", "0.00"], ""),
    (OWN_AMOUNT - 1, Verdict.APPROVED, [], "1,000,000.99"),
]


@pytest.mark.parametrize(("amount", "verdict", "approved", "words"), VERDICTS)
def test_what_was_approved_line_by_line(
    officer: FlaskClient, world: World, amount: int | None, verdict: Verdict, approved: list[str], words: str
) -> None:
    source = file_earlier(world)
    if amount is not None:
        decide(world, source, amount, verdict)
    proposal_id = go_on(world, source)
    fold = fold_of(text_of(officer.get(f"/agency/proposals/{proposal_id}/budget")))
    assert re.findall(r'data-label="เห็นชอบ">([^<]*)<', fold) == approved
    assert re.findall(r'data-label="ขอ">([^<]*)<', fold) == ["1,000,001.00", "1,000,001.00"]
    assert words in fold


def test_results_stand_beside_the_form(officer: FlaskClient, world: World) -> None:
    source = file_earlier(world)
    decide(world, source, OWN_AMOUNT)
    proposal_id = go_on(world, source)
    address = f"/agency/proposals/{proposal_id}"
    assert "ยังไม่มีการบันทึกผลการเบิกจ่าย" in fold_of(text_of(officer.get(f"{address}/budget")))
    reached = IndicatorResult(1, "จำนวนหน่วยงาน", "หน่วยงาน", "5", "25", reached=True)
    with open_work(world.actor("secretariat"), NOW) as work:
        report = ProjectResults(NOW.date(), OWN_AMOUNT, 93_000_093, (reached,), "รายงาน GFMIS", "งวดสุดท้ายช้า")
        record_results(work, source, report)
    budget = fold_of(text_of(officer.get(f"{address}/budget")))
    for words in ("930,000.93", "(93%)", "รายงาน GFMIS", "งวดสุดท้ายช้า"):
        assert words in budget
    indicators = fold_of(text_of(officer.get(f"{address}/indicators")))
    assert 'data-label="ผล">25 ' in indicators
    assert "บรรลุ" in indicators
    assert "ยังไม่มีการบันทึก" not in indicators
    assert "<input" not in indicators


def test_files_of_last_year_are_told_and_can_be_opened(
    officer: FlaskClient, app: Flask, world: World
) -> None:
    store = attachment_store()
    source = file_earlier(world, files=[store_file(store, "ร่าง.pdf", "application/pdf", PDF)])
    page = text_of(officer.get(f"/agency/proposals/{go_on(world, source)}/attachments"))
    fold = fold_of(page)
    assert "เอกสารแนบของปี 2569 1 ไฟล์ ไม่ได้ยกมา" in fold
    link = re.search(r'href="([^"]*)">ร่าง.pdf<', fold)
    assert link
    assert officer.get(link[1]).data == PDF
    assert "ยังไม่มีเอกสารแนบ" in page


def test_pages_of_a_proposal_name_what_it_continues(officer: FlaskClient, world: World) -> None:
    source = file_earlier(world)
    proposal_id = go_on(world, source)
    for page in ("", "/read", "/submit"):
        assert f'href="/agency/proposals/{source}">2569-0001' in text_of(
            officer.get(f"/agency/proposals/{proposal_id}{page}")
        ), page
    assert 'href="/agency/earlier"' in text_of(officer.get("/agency/proposals"))


def test_a_draft_that_continues_nothing_has_no_fold(officer: FlaskClient, world: World) -> None:
    proposal_id = go_on(world, file_earlier(world))
    other = int(
        officer.post("/agency/proposals", data={"fiscal_year": "2570"}).headers["Location"].rsplit("/", 1)[1]
    )
    assert "last-year" in text_of(officer.get(f"/agency/proposals/{proposal_id}/plan"))
    assert "last-year" not in text_of(officer.get(f"/agency/proposals/{other}/plan"))


def test_a_participant_sees_its_own_lines_of_last_year_and_no_others(
    client: FlaskClient, world: World
) -> None:
    here = gather(world)
    proposal_id = go_on(here, record_joint(here))
    invite(here, proposal_id)
    answer(here, proposal_id)
    sign_in(client, World.email("officer_beta"))
    address = f"/agency/proposals/{proposal_id}/parts/beta"
    budget = fold_of(text_of(client.get(f"{address}/budget")))
    assert PART_ROW["item"] in budget
    assert "2,500.50" in budget
    assert "1,000,001.00" not in budget
    links = fold_of(text_of(client.get(f"{address}/links")))
    assert "ฐานข้อมูลทะเบียนราษฎร" in links
    assert "ทะเบียนผู้ประกอบการ" not in links
    indicators = fold_of(text_of(client.get(f"{address}/indicators")))
    assert "ชุดข้อมูลที่ส่ง" in indicators
    assert "จำนวนชุดข้อมูล" not in indicators


def test_an_agency_new_to_the_project_has_nothing_of_last_year(client: FlaskClient, world: World) -> None:
    here = gather(world)
    proposal_id = go_on(here, record_joint(here))
    with open_work(here.actor("officer"), NOW) as work:
        names = complete_draft(names={"participants": ["beta", "gamma"]})["names"]
        save_section(work, proposal_id, "names", names, 1)
    invite(here, proposal_id, "gamma")
    answer(here, proposal_id, "gamma")
    sign_in(client, World.email("officer_gamma"))
    for section, words in (
        ("budget", "ไม่มีรายการงบประมาณในโครงการนี้"),
        ("links", "ไม่มีการเชื่อมโยงของตนเอง"),
        ("indicators", "ไม่มีตัวชี้วัดของตนเอง"),
    ):
        fold = fold_of(text_of(client.get(f"/agency/proposals/{proposal_id}/parts/gamma/{section}")))
        assert words in fold
        assert "href=" not in fold


def test_readers_of_the_filing_find_the_project_it_continues(client: FlaskClient, world: World) -> None:
    source = file_earlier(world)
    proposal_id = go_on(world, source)
    with open_work(world.actor("officer"), NOW) as work:
        indicators = complete_draft()["indicators"]
        save_section(work, proposal_id, "indicators", indicators, 1)
        save_section(work, proposal_id, "budget", {"rows": [budget_row()]}, 1)
        submit_proposal(work, proposal_id, "key")
        screen_proposal(work, proposal_id)
    (review_id,) = give(world, proposal_id, "reviewer_bb")
    pages = {
        "officer": (f"/agency/proposals/{proposal_id}", f"/agency/proposals/{source}"),
        "secretariat": (f"/secretariat/proposals/{proposal_id}", f"/secretariat/proposals/{source}"),
        "committee": (f"/committee/proposals/{proposal_id}", f"/secretariat/proposals/{source}"),
        "reviewer_bb": (f"/reviewer/assignments/{review_id}", None),
    }
    for person, (address, link) in pages.items():
        sign_in(client, World.email(person))
        page = text_of(client.get(address))
        assert "ต่อเนื่องจากโครงการเดิม" in page, person
        assert "2569-0001 ระบบเชื่อมโยงข้อมูลทดสอบ" in page, person
        if link:
            assert f'href="{link}"' in page, person
            assert client.get(link).status_code == 200, person
        else:
            assert f'proposals/{source}"' not in page


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.both_databases
def test_as_many_queries_for_long_forms_and_lists(
    app: Flask, client: SeparateClient, world: World, asked: list[str]
) -> None:
    few = go_on(world, file_earlier(world))
    rows = [budget_row() for _ in range(60)]
    many = go_on(world, file_earlier(world, complete_draft(budget={"rows": rows})))
    sign_in(client, World.email("officer"))

    def effort(path: str) -> int:
        asked.clear()
        assert client.get(path).status_code == 200, path
        return len(asked)

    for section in (*SECTIONS, "attachments"):
        first, second = (effort(f"/agency/proposals/{n}/{section}") for n in (few, many))
        assert first == second <= 12, section
    source = file_earlier(world)
    before = [effort("/agency/earlier"), effort(f"/agency/earlier/{source}")]
    for _ in range(12):
        file_earlier(world)
    assert [effort("/agency/earlier"), effort(f"/agency/earlier/{source}")] == before
    assert max(before) <= 12
