"""Attaching in a real browser, with and without script: a mixed batch, an exchange, a broken line, the names given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site, sign_in
from tests.journeys.looking import assert_axe_finds_nothing, follow
from tests.web.agency import samples

FORM = "form[action$='/attachments']"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    made = {
        "ขอบเขตงาน.pdf": samples.PDF,
        "ราคา.png": samples.png(),
        "มาโคร.docx": samples.word(word__vbaProject_dot_bin=b"x"),
        "ใหม่.docx": samples.word(),
        "ใหญ่.jpg": samples.jpeg() + b"\0" * 11_000_000,
    }
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def open_page(browser: Browser, site: Site, *, scripts: bool) -> Page:
    page = browser.new_context(java_script_enabled=scripts).new_page()
    sign_in(page, site, "officer")
    follow(page, page.get_by_role("button", name="สร้างข้อเสนอใหม่").first)
    expect(page).to_have_url(re.compile(r"/agency/proposals/\d+$"))
    page.goto(f"{page.url}/attachments")
    return page


def send(page: Page, files: Path, *names: str, kind: str = "tor") -> None:
    page.select_option("#attachments-kind", kind)
    page.set_input_files("#attachments-file", [files / name for name in names])
    page.locator(f"{FORM} button").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_a_batch_an_exchange_and_a_download(browser: Browser, site: Site, files: Path, scripts: bool) -> None:
    page = open_page(browser, site, scripts=scripts)
    send(page, files, "ขอบเขตงาน.pdf", "มาโคร.docx", "ราคา.png")
    summary = page.locator("#error-summary")
    expect(summary).to_contain_text("“มาโคร.docx”")
    expect(page.locator("main")).to_contain_text("ไฟล์ที่แนบได้: ขอบเขตงาน.pdf, ราคา.png")
    expect(page.locator(".asked li").first).to_contain_text("แนบแล้ว 2 ไฟล์")
    if scripts:
        expect(summary).to_be_focused()
        assert_axe_finds_nothing(page)
    row = page.locator(".kept > li").filter(has_text="ราคา.png")
    row.locator(".swap summary").click()
    row.locator("input[type=file]").set_input_files(files / "ใหม่.docx")
    if scripts:
        assert_axe_finds_nothing(page)
    row.locator(".swap form button").click()
    expect(page.locator("main")).to_contain_text("เปลี่ยนเป็น “ใหม่.docx” แล้ว")
    expect(page.locator(".kept > li")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="ขอบเขตงาน.pdf").click()
    assert download.value.suggested_filename == "ขอบเขตงาน.pdf"
    assert Path(download.value.path()).read_bytes() == samples.PDF
    page.context.close()


def test_what_script_adds(browser: Browser, site: Site, files: Path) -> None:
    page = open_page(browser, site, scripts=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if request.method == "POST" else None)
    send(page, files, "ใหญ่.jpg")
    told = page.locator("[data-sending]")
    expect(told).to_contain_text("“ใหญ่.jpg” ใหญ่เกิน 10 เมกะไบต์")
    assert asked == []  # told before eleven megabytes are sent
    page.context.set_offline(True)
    send(page, files, "ขอบเขตงาน.pdf")
    expect(told).to_contain_text("ส่งไม่สำเร็จ")
    assert page.locator("#attachments-file").evaluate("field => field.files[0].name") == "ขอบเขตงาน.pdf"
    assert_axe_finds_nothing(page)
    page.context.set_offline(False)
    page.locator(f"{FORM} button").click()
    expect(page.locator("main")).to_contain_text("แนบ “ขอบเขตงาน.pdf” แล้ว")
    page.context.close()


def test_sending_shows_how_far_it_is(browser: Browser, site: Site, files: Path) -> None:
    page = open_page(browser, site, scripts=True)
    (files / "ช้า.jpg").write_bytes(samples.jpeg() + b"\0" * 4_000_000)
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 800_000}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", slow)
    send(page, files, "ช้า.jpg")
    expect(page.locator("[data-sending]")).to_contain_text(re.compile("ส่งไปแล้ว [1-9]0%"))
    assert 0 < float(page.locator("progress").evaluate("bar => bar.value")) <= 100
    button = page.locator(f"{FORM} button")
    expect(button).to_be_disabled()
    expect(button).to_have_text("กำลังส่ง…")
    expect(page.locator("main")).to_contain_text("แนบ “ช้า.jpg” แล้ว")
    page.context.close()
