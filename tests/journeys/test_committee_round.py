"""The decision of the demo's FY2567 reached by hand: the secretariat's draft adopted, the meeting opened, every project
decided as the list says, the meeting closed, its book exported, and verified from the file alone in a place that has
nothing of this installation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from waitress import create_server

from app.cli.demo.loader import load_demo
from app.cli.demo.meeting_2567 import SCENARIO
from app.cli.demo.people import PASSWORD
from app.cli.demo.replay_2567 import Until
from app.kernel.config import PROJECT
from app.kernel.db import db
from app.kernel.schema import upgrade_database
from tests.journeys.looking import assert_sound, follow
from tests.moulds import demo_app

MILLION, PROJECTS, AGENCIES = "5,523.9110", "78", "51"
REASON = "เป็นผลการพิจารณารายรายการของฝ่ายเลขานุการร่วม"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """The demo left where the committee is to meet."""
    app = demo_app(tmp_path / "instance")
    with app.app_context():
        upgrade_database()
        load_demo(app.config["CLOCK"](), until=Until.MEETING)
        db.session.remove()
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    yield app, f"http://127.0.0.1:{server.effective_port}"
    server.close()


def _sign_in(browser: Browser, url: str, login: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True).new_page()
    page.goto(f"{url}/sign-in")
    page.get_by_label("อีเมล").fill(f"{login}@demo.example")
    page.get_by_label("รหัสผ่าน", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def _figure(page: Page, label: str) -> str:
    """A key figure of the ranked list."""
    text = page.locator("main").inner_text()
    found = re.search(rf"{re.escape(label)}[^\n]*\n+([\d,.]+)", text)
    assert found, text[:600]
    return found[1]


def test_the_decision_of_2567_is_reached_exported_and_verified(
    served: tuple[Flask, str], browser: Browser, tmp_path: Path
) -> None:
    app, url = served
    desk, member = _sign_in(browser, url, "secretariat"), _sign_in(browser, url, "committee")

    # the draft of the list becomes the list
    desk.goto(f"{url}/committee/calls/2567/scenarios")
    follow(desk, desk.get_by_role("link", name=SCENARIO).first)
    follow(desk, desk.get_by_role("link", name="ใช้เป็นบัญชี").first)
    desk.get_by_label("เหตุผล").fill(REASON)
    follow(desk, desk.get_by_role("button", name="ใช้เป็นบัญชี"))

    # the meeting: who came, opened
    desk.goto(f"{url}/committee/calls/2567/meetings")
    follow(desk, desk.locator("main").get_by_role("link", name="1/2567").first)
    meeting = desk.url
    desk.goto(f"{meeting}/attendance")
    follow(desk, desk.locator("button[value=all-present]"))
    desk.goto(meeting)
    follow(desk, desk.get_by_role("button", name="เปิดประชุม"))

    # every project, as the list says, after an exact preview
    member.goto(f"{meeting}/decisions")
    assert_sound(member)
    member.locator("#scope-all").check()
    member.get_by_label("เลื่อนการพิจารณา").check()
    member.locator("#reason").fill("อยู่นอกบัญชี ให้เสนอใหม่ในรอบถัดไป")
    follow(member, member.locator("button[name=errand][value=follow]"))
    expect(member.locator("main")).to_contain_text(MILLION)
    follow(member, member.get_by_role("button", name=re.compile("^ยืนยันบันทึกมติ")))

    # closed; the book replays on its page and is taken away
    desk.goto(f"{meeting}/close")
    follow(desk, desk.get_by_role("button", name="ปิดประชุม"))
    desk.goto(f"{url}/committee/calls/2567/ranking")
    assert _figure(desk, "คณะกรรมการเห็นชอบ") == MILLION
    assert _figure(desk, "โครงการ") == PROJECTS
    assert _figure(desk, "หน่วยงาน") == AGENCIES
    desk.goto(f"{meeting}/book")
    expect(desk.locator("main")).to_contain_text("คำนวณซ้ำได้ตรงกันทั้งเล่ม")
    assert_sound(desk)
    head = desk.locator("dd", has_text=re.compile("^[0-9a-f]{64}$")).first.inner_text()
    with desk.expect_download() as coming:
        desk.get_by_role("link", name="ดาวน์โหลดสมุดมติ (JSON)").click()
    file = tmp_path / "taken-away.json"
    coming.value.save_as(file)

    # elsewhere, from the file alone
    said = _verify(tmp_path, file)
    assert said.returncode == 0, said.stdout + said.stderr
    assert head in said.stdout
    assert "5,523,911,000.00" in said.stdout
    forged = tmp_path / "forged.json"
    forged.write_bytes(file.read_bytes().replace(REASON.encode(), REASON[:-1].encode(), 1))
    assert _verify(tmp_path, forged).returncode == 1
    _assert_workbook_agrees(app, tmp_path)
    for page in (desk, member):
        page.context.close()


def _verify(folder: Path, file: Path) -> subprocess.CompletedProcess[str]:
    """The command with an instance of its own, which is empty: there is no database to ask."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    environment = {**os.environ, "DGI_INSTANCE": str(elsewhere), "SECRET_KEY": "v" * 64}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "flask", "--app", "app", "verify-book", str(file)]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def _assert_workbook_agrees(app: Flask, folder: Path) -> None:
    """The book's workbook says the same total, to the satang."""
    from app.cli.report import command as report

    out = folder / "book.xlsx"
    words = ["decision-book", "--call", "2567", "--format", "xlsx", "--out", str(out)]
    done = app.test_cli_runner().invoke(report, words)
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(out, data_only=True, read_only=True)
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert 5_523_911_000 in cells
