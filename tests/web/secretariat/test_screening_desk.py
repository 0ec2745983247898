"""The pages of the screening desk: the queue, a filing beside its findings, orders for many, files."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.kernel.db import db
from app.kernel.findings import Outcome
from app.kernel.work import open_work
from app.proposals.models import Proposal
from app.screening.actions import add_note, assign_cases, override_finding, screen_proposal
from app.screening.models import ScreeningCase, ScreeningNote, ScreeningOverride
from app.screening.queries import find_latest_run
from app.web.secretariat import screening as desk_pages
from tests.web.desks import browser, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, file_proposal

QUEUE = "/secretariat/screening"
WHY = "ตรวจหนังสือยืนยันแล้ว เชื่อมโยงจริง"


def _file(world: World, title: str, *, doubtful: bool = False) -> int:
    draft = complete_draft(names={"title_en": title, "title_th": title})
    if doubtful:
        draft["integration"]["links"][0] |= {"partner": "", "partner_other": "มูลนิธิข้อมูลเปิด"}
    return file_proposal(world, draft)


def _titles(page: str) -> list[str]:
    return re.findall(r'<a class="line" href="[^"]*">([^<]*)</a>', page)


def _state(proposal_id: int) -> str:
    return db.session().scalars(select(Proposal.state).where(Proposal.id == proposal_id)).one()


def _run_id(proposal_id: int) -> int:
    run = find_latest_run(db.session(), proposal_id)
    assert run is not None
    return run.id


def _judgement(proposal_id: int, **changes: str) -> dict[str, str]:
    return {
        "rule": "integration",
        "run": str(_run_id(proposal_id)),
        "judge-integration-outcome": "passes",
        "judge-integration-reason": WHY,
    } | changes


# The queue


def test_without_filings_the_queue_says_so(app: Flask, world: World) -> None:
    page = text_of(browser(app, "secretariat", "en").get(QUEUE))
    assert "Nothing was filed in this call yet" in page
    assert "Preview" not in page


def test_the_queue_shows_what_needs_a_person_first(app: Flask, world: World) -> None:
    clean, doubtful = _file(world, "Clean one"), _file(world, "Doubtful one", doubtful=True)
    with open_work(world.actor("secretariat"), NOW) as work:
        add_note(work, clean, "โทรถามหน่วยงานแล้ว")
        assign_cases(work, [clean], world.users["secretariat"])
    page = text_of(browser(app, "secretariat", "en").get(QUEUE))
    assert _titles(page) == ["Doubtful one", "Clean one"]
    assert "โทรถามหน่วยงานแล้ว" in page
    assert f'href="{QUEUE}/{doubtful}"' in page
    assert "Person secretariat" in page


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?standing=needs_person", ["Doubtful one"]),
        ("?standing=passes&sort=number", ["Clean one"]),
        ("?assignee=mine", ["Clean one"]),
        ("?assignee=nobody", ["Doubtful one"]),
        ("?rule=integration&outcome=needs_person", ["Doubtful one"]),
        ("?q=oubt", ["Doubtful one"]),
        ("?sort=amount&q=one", ["Clean one", "Doubtful one"]),
        (
            "?standing=x&rule=%27&outcome=x&assignee=x&stage=x&ministry=x&judged=x&overlaps=x&sort=x&after=x",
            None,
        ),
        (f"?call={FISCAL_YEAR}", None),
        ("?q=" + "x" * 3000, []),
        ("?q=%07", None),
    ],
)
def test_the_queue_is_narrowed_by_its_address(
    app: Flask, world: World, query: str, shown: list[str] | None
) -> None:
    clean = _file(world, "Clean one")
    _file(world, "Doubtful one", doubtful=True)
    with open_work(world.actor("secretariat"), NOW) as work:
        assign_cases(work, [clean], world.users["secretariat"])
    answer = browser(app, "secretariat", "en").get(QUEUE + query)
    assert answer.status_code == 200
    expected = ["Doubtful one", "Clean one"] if shown is None else shown
    assert _titles(text_of(answer)) == expected
    if shown == []:
        assert "No filing matches" in text_of(answer)


@pytest.mark.parametrize("year", ["1999", "x", "9" * 30])
def test_a_year_without_a_call_is_not_found(app: Flask, world: World, year: str) -> None:
    client = browser(app, "secretariat")
    for path in (QUEUE, f"{QUEUE}/queue.xlsx", f"{QUEUE}/queue.csv", f"{QUEUE}/findings.csv"):
        assert client.get(f"{path}?call={year}").status_code == 404


@pytest.mark.both_databases
def test_pages_go_on_where_they_stopped_though_filings_move(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of the first page is judged meanwhile and stands elsewhere: the second page misses nobody."""
    monkeypatch.setattr(desk_pages, "PER_PAGE", 2)
    ids = [_file(world, f"Doubtful {n}", doubtful=True) for n in range(5)]
    client = browser(app, "secretariat", "en")
    page = client.get(f"{QUEUE}?standing=needs_person&sort=number").get_data(as_text=True)
    assert _titles(page) == ["Doubtful 0", "Doubtful 1"]
    (following,) = re.findall(r'<a href="([^"]*)" rel="next">', page)
    with open_work(world.actor("secretariat"), NOW) as work:
        override_finding(work, ids[1], "integration", Outcome.PASSES, WHY)
    second = text_of(client.get(following.replace("&amp;", "&")))
    assert _titles(second) == ["Doubtful 2", "Doubtful 3"]
    assert "First page" in second


@pytest.mark.both_databases
def test_pages_ask_the_same_for_few_and_many(app: Flask, world: World) -> None:
    client = browser(app, "secretariat")
    ids = [_file(world, f"Doubtful {n}", doubtful=True) for n in range(3)]
    paths = (QUEUE, f"{QUEUE}?rule=integration&judged=no&overlaps=no&ministry=mof&q=d", f"{QUEUE}/{ids[0]}")
    with open_work(world.actor("secretariat"), NOW) as work:
        add_note(work, ids[0], "บันทึก")
        override_finding(work, ids[0], "integration", Outcome.PASSES, WHY)
    few = [queries_of(client, path) for path in paths]
    for n in range(8):
        one = _file(world, f"More {n}", doubtful=n % 2 == 0)
        with open_work(world.actor("secretariat"), NOW) as work:
            add_note(work, one, "บันทึก")
            assign_cases(work, [one], world.users["secretariat"])
    assert [queries_of(client, path) for path in paths] == few
    assert max(few) <= 12, few
    assert queries_of(client, "/secretariat/") <= 12


def test_home_says_what_nobody_looks_after(app: Flask, world: World) -> None:
    one, _ = _file(world, "One", doubtful=True), _file(world, "Two", doubtful=True)
    client = browser(app, "secretariat", "en")
    home = text_of(client.get("/secretariat/"))
    assert "2 proposals need a person's judgement" in home
    assert "2 of them have nobody to look after them" in home
    with open_work(world.actor("secretariat"), NOW) as work:
        assign_cases(work, [one], world.users["secretariat"])
    home = text_of(client.get("/secretariat/"))
    assert "1 of them has nobody" in home
    (address,) = re.findall(r'href="([^"]*assignee=nobody[^"]*)"', home)
    assert _titles(text_of(client.get(address))) == ["Two"]


# Side by side


def test_every_place_a_finding_names_is_on_the_page(app: Flask, world: World) -> None:
    proposal_id = _file(world, "Doubtful one", doubtful=True)
    page = text_of(browser(app, "secretariat", "en").get(f"{QUEUE}/{proposal_id}"))
    places = set(re.findall(r'href="#([\w-]+)"', page))
    assert "filed-integration-1" in places
    ids = re.findall(r'id="([\w-]+)"', page)
    assert len(ids) == len(set(ids))
    assert places <= set(ids)


@pytest.mark.both_databases
def test_a_judgement_keeps_the_filter_and_the_place_in_the_queue(app: Flask, world: World) -> None:
    """What is judged leaves the queue as filtered; "next" is still what came next."""
    first, second, third = (_file(world, f"Doubtful {n}", doubtful=True) for n in range(3))
    client = browser(app, "secretariat", "en")
    address = f"{QUEUE}/{second}?standing=needs_person&sort=number"
    page = text_of(client.get(address))
    assert "2 of 3 in the queue" in page
    (at,) = set(re.findall(r'name="at" value="([^"]*)"', page))
    posted = client.post(
        f"{QUEUE}/{second}/judge?standing=needs_person&sort=number", data=_judgement(second, at=at)
    )
    assert posted.status_code == 303
    page = text_of(client.get(posted.headers["Location"]))
    assert _state(second) == "passed"
    assert "No longer in the queue as filtered (2)" in page
    assert f'href="{QUEUE}/{first}?standing=needs_person&sort=number" rel="prev"' in page
    assert f'href="{QUEUE}/{third}?standing=needs_person&sort=number" rel="next"' in page
    assert WHY in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"judge-integration-reason": ""}, "Enter: The reason"),
        ({"judge-integration-reason": "สั้นไป"}, "at least 10 characters"),
        ({"judge-integration-reason": "ย" * 4001}, "too long"),
        ({"judge-integration-outcome": ""}, "Choose: The judgement"),
        ({"judge-integration-outcome": "x"}, "not offered"),
    ],
)
def test_a_refused_judgement_keeps_what_was_typed(
    app: Flask, world: World, changes: dict[str, str], said: str
) -> None:
    proposal_id = _file(world, "Doubtful one", doubtful=True)
    data = _judgement(proposal_id, **changes)
    answer = browser(app, "secretariat", "en").post(f"{QUEUE}/{proposal_id}/judge", data=data)
    page = text_of(answer)
    assert answer.status_code == 422
    assert said in page
    assert data["judge-integration-reason"] in page
    (place,) = set(re.findall(r'href="#(judge-[\w-]+)"', page))
    assert f'id="{place}-error"' in page
    assert db.session().scalar(select(func.count()).select_from(ScreeningOverride)) == 0


@pytest.mark.parametrize("rule", ["form-1", "nonsense", ""])
def test_only_rules_that_decide_are_judged(app: Flask, world: World, rule: str) -> None:
    proposal_id = _file(world, "Doubtful one", doubtful=True)
    answer = browser(app, "secretariat").post(f"{QUEUE}/{proposal_id}/judge", data={"rule": rule})
    assert answer.status_code == 404


@pytest.mark.both_databases
def test_findings_that_changed_meanwhile_are_not_judged_unread(app: Flask, world: World) -> None:
    proposal_id = _file(world, "Doubtful one", doubtful=True)
    data = _judgement(proposal_id)
    with open_work(world.actor("secretariat"), NOW) as work:
        screen_proposal(work, proposal_id)
    answer = browser(app, "secretariat", "en").post(f"{QUEUE}/{proposal_id}/judge", data=data)
    assert answer.status_code == 409
    assert "screened again after you opened this page" in text_of(answer)
    assert WHY in text_of(answer)
    assert db.session().scalar(select(func.count()).select_from(ScreeningOverride)) == 0


def test_notes_are_added_and_refused(app: Flask, world: World) -> None:
    proposal_id = _file(world, "Clean one")
    client = browser(app, "secretariat", "en")
    for typed, status in (("", 422), ("   ", 422), ("ก" * 4001, 422), ("<b>โทรแล้ว</b>", 303)):
        answer = client.post(f"{QUEUE}/{proposal_id}/notes", data={"note": typed})
        assert answer.status_code == status, typed
    page = client.get(f"{QUEUE}/{proposal_id}").get_data(as_text=True)
    assert "&lt;b&gt;โทรแล้ว&lt;/b&gt;" in page
    assert db.session().scalar(select(func.count()).select_from(ScreeningNote)) == 1


@pytest.mark.parametrize(
    ("typed", "status", "assignee"),
    [("secretariat", 303, "secretariat"), ("", 303, None), ("officer", 422, None), ("x", 422, None)],
)
def test_a_case_changes_hands(
    app: Flask, world: World, typed: str, status: int, assignee: str | None
) -> None:
    proposal_id = _file(world, "Clean one")
    answer = browser(app, "secretariat").post(
        f"{QUEUE}/{proposal_id}/assignee", data={"assignee": str(world.users.get(typed, typed))}
    )
    assert answer.status_code == status
    given = db.session().scalars(select(ScreeningCase.assignee_id)).first()
    assert given == (world.users[assignee] if assignee else None)


# Many at once


def _preview(client: object, ids: list[int], errand: str, query: str = "", **fields: str) -> tuple[int, str]:
    data = {"errand": errand, "scope": "picked", "pick": [str(i) for i in ids], **fields}
    answer = client.post(f"{QUEUE}/preview{query}", data=data)  # type: ignore[attr-defined]
    return answer.status_code, text_of(answer)


def _hidden(page: str) -> dict[str, list[str]]:
    form = page[page.index("carry-out") :]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return fields


def _override(**changes: str) -> dict[str, str]:
    return {"override-rule": "integration", "override-outcome": "passes", "override-reason": WHY} | changes


@pytest.mark.both_databases
def test_an_order_is_read_and_then_carried_out(app: Flask, world: World) -> None:
    first, second = (_file(world, f"Doubtful {n}", doubtful=True) for n in range(2))
    clean = _file(world, "Clean one")
    client = browser(app, "secretariat", "en")
    status, page = _preview(client, [first, clean], "override", "?sort=number", **_override())
    assert status == 200
    assert "1 would change" in page
    assert "1 cannot change and stay" in page
    assert "The rule concludes so by itself" in page
    assert "Doubtful 1" not in page
    assert db.session().scalar(select(func.count()).select_from(ScreeningOverride)) == 0
    done = client.post(f"{QUEUE}/carry-out?sort=number", data=_hidden(page))
    assert done.status_code == 303
    assert done.headers["Location"] == f"{QUEUE}?call={FISCAL_YEAR}&sort=number"
    page = text_of(client.get(done.headers["Location"]))
    assert "Judged: 1. Left as they were, as the preview said: 1" in page
    overrides = list(db.session().scalars(select(ScreeningOverride.run_id)))
    assert overrides == [_run_id(first)]
    assert _state(second) == "questioned"


def test_all_that_match_are_taken(app: Flask, world: World) -> None:
    _file(world, "Doubtful one", doubtful=True)
    _file(world, "Clean one")
    client = browser(app, "secretariat", "en")
    data = {"errand": "assign", "scope": "all", "assignee-to": str(world.users["secretariat"])}
    page = text_of(client.post(f"{QUEUE}/preview?standing=needs_person", data=data))
    assert "Doubtful one" in page
    assert "Clean one" not in page
    assert client.post(f"{QUEUE}/carry-out?standing=needs_person", data=_hidden(page)).status_code == 303
    assert db.session().scalar(select(func.count()).select_from(ScreeningCase)) == 1


def test_a_confirmation_of_something_else_does_nothing(app: Flask, world: World) -> None:
    """Somebody judged one of them meanwhile: nothing is done, the new preview is shown, and that one can be confirmed."""
    first, second = (_file(world, f"Doubtful {n}", doubtful=True) for n in range(2))
    client = browser(app, "secretariat", "en")
    _, page = _preview(client, [first, second], "override", **_override())
    with open_work(world.actor("secretariat"), NOW) as work:
        override_finding(work, first, "integration", Outcome.PASSES, WHY)
    answer = client.post(f"{QUEUE}/carry-out", data=_hidden(page))
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Something changed after you looked at the preview, so nothing was done" in page
    assert "It is judged so already" in page
    assert _state(second) == "questioned"
    assert client.post(f"{QUEUE}/carry-out", data=_hidden(page)).status_code == 303
    assert db.session().scalar(select(func.count()).select_from(ScreeningOverride)) == 2


@pytest.mark.parametrize("change", [{"fingerprint": "x"}, {"override-reason": WHY + "ด้วย"}, {"pick": []}])
def test_a_confirmation_that_was_tampered_with_does_nothing(
    app: Flask, world: World, change: dict[str, str | list[str]]
) -> None:
    proposal_id = _file(world, "Doubtful one", doubtful=True)
    client = browser(app, "secretariat", "en")
    _, page = _preview(client, [proposal_id], "override", **_override())
    answer = client.post(f"{QUEUE}/carry-out", data={**_hidden(page), **change})
    assert answer.status_code in (409, 422)
    assert _state(proposal_id) == "questioned"


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("errand", "fields", "said"),
    [
        ("", {}, "Choose what to do"),
        ("nonsense", {}, "Choose what to do"),
        ("assign", {}, "Choose who looks after them"),
        ("assign", {"assignee-to": "999999"}, "not of the secretariat"),
        ("override", _override(**{"override-reason": "สั้น"}), "at least 10 characters"),
        ("override", _override(**{"override-rule": "form-1"}), "not offered"),
        ("override", {}, "Choose: The rule"),
    ],
)
def test_an_order_that_says_too_little_shows_the_queue_again(
    app: Flask, world: World, errand: str, fields: dict[str, str], said: str
) -> None:
    proposal_id = _file(world, "Doubtful one", doubtful=True)
    status, page = _preview(browser(app, "secretariat", "en"), [proposal_id], errand, **fields)
    assert status == 422
    assert said in page
    assert re.search(rf'name="pick" value="{proposal_id}" checked', page)
    assert fields.get("override-reason", "") in page


@pytest.mark.both_databases
def test_an_order_for_nothing_says_so(app: Flask, world: World) -> None:
    _file(world, "Doubtful one", doubtful=True)
    status, page = _preview(browser(app, "secretariat", "en"), [], "rerun")
    assert status == 422
    assert "Choose at least one proposal" in page
    assert 'id="picked-error"' in page


@pytest.mark.parametrize("pick", ["x", "0", "99999999999", "-1"])
def test_what_is_no_proposal_is_not_found(app: Flask, world: World, pick: str) -> None:
    data = {"errand": "rerun", "pick": pick}
    assert browser(app, "secretariat").post(f"{QUEUE}/preview", data=data).status_code == 404


# Files


def _csv(app: Flask, path: str, language: str = "th") -> list[list[str]]:
    answer = browser(app, "secretariat", language).get(path)
    assert answer.status_code == 200
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.mark.both_databases
def test_the_list_as_csv(app: Flask, world: World) -> None:
    _file(world, '=HYPERLINK("http://x","y")', doubtful=True)
    _file(world, "Clean one")
    head, *rows = _csv(app, f"{QUEUE}/queue.csv?standing=needs_person", "en")
    assert head[:2] == ["Number", "Project"]
    (row,) = rows
    assert row[1].startswith("'=HYPERLINK")
    assert row[head.index("Asked")] == "1000001.00"
    assert "Counts as integration" in row[head.index("Rules that need a person")]


@pytest.mark.both_databases
def test_findings_as_csv(app: Flask, world: World) -> None:
    proposal_id = _file(world, "Doubtful one", doubtful=True)
    with open_work(world.actor("secretariat"), NOW) as work:
        override_finding(work, proposal_id, "integration", Outcome.PASSES, WHY)
        add_note(work, proposal_id, "บันทึกภายใน")
    head, *rows = _csv(app, f"{QUEUE}/findings.csv")
    run = find_latest_run(db.session(), proposal_id)
    assert run is not None
    assert len(rows) == len(run.findings)
    row = next(dict(zip(head, r, strict=True)) for r in rows if r[2] == "integration")
    assert row["ข้อกำหนด (ไทย)"] == "เป็นการบูรณาการ"
    assert row["ข้อกำหนด (อังกฤษ)"] == "Counts as integration"
    assert row["คำวินิจฉัยของเจ้าหน้าที่"] == "ผ่าน"
    assert row["เหตุผล"] == WHY
    assert row["โดย"] == "ผู้ใช้ secretariat"
    assert row["สิ่งที่พบ (ไทย)"]
    assert row["สิ่งที่พบ (อังกฤษ)"]
    assert not any("บันทึกภายใน" in cell for r in rows for cell in r)


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_workbook(app: Flask, world: World, language: str) -> None:
    proposal_id = _file(world, '=HYPERLINK("http://x","y")', doubtful=True)
    _file(world, "Clean one")
    answer = browser(app, "secretariat", language).get(f"{QUEUE}/queue.xlsx?assignee=nobody")
    assert answer.status_code == 200
    assert f"{FISCAL_YEAR}" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.get_data()))
    sheets = {sheet.title: sheet for sheet in book}
    names = ("คิวกลั่นกรอง", "ผลรายข้อ") if language == "th" else ("Screening queue", "Findings")
    queue, findings = (sheets[name] for name in names)
    cells = [cell for row in queue.iter_rows() for cell in row]
    (title,) = [cell for cell in cells if str(cell.value).startswith("=HYPERLINK")]
    assert title.data_type == "s"  # text, no formula
    run = find_latest_run(db.session(), proposal_id)
    assert run is not None
    words = [cell.value for row in findings.iter_rows() for cell in row]
    assert words.count(next(f.text.th for f in run.findings if f.rule == "integration")) >= 1


def test_a_workbook_has_a_bound(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.web.secretariat import screening_files

    _file(world, "Clean one")
    monkeypatch.setattr(screening_files, "MOST_IN_A_BOOK", 0)
    answer = browser(app, "secretariat", "en").get(f"{QUEUE}/queue.xlsx")
    assert answer.status_code == 422
    assert "narrow the list" in text_of(answer)


@pytest.mark.both_databases
def test_a_filtered_list_without_rows_is_still_a_file(app: Flask, world: World) -> None:
    _file(world, "Clean one")
    client = browser(app, "secretariat")
    for path in ("queue.xlsx", "queue.csv", "findings.csv"):
        assert client.get(f"{QUEUE}/{path}?q=ไม่มีคำนี้").status_code == 200
