"""The integration graph in a browser: by keyboard to a box and on to its page, with and without script, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import ask_partners
from tests.journeys.conftest import Site, sign_in
from tests.journeys.looking import assert_axe_finds_nothing, assert_fits, follow
from tests.world import NOW, complete_draft, file_proposal, write_draft

FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  return { tag: e.tagName.toLowerCase(), href: e.getAttribute("href"), text: (e.textContent || "").trim(),
           ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
}"""
IN_VIEW = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}"""
SIZES = """() => [...document.querySelectorAll("svg.ladder text")].map((e) =>
  parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a)"""


def _file_some(site: Site) -> None:
    with site.app.app_context():
        for _ in range(2):
            file_proposal(site.world)
        mine = write_draft(site.world, complete_draft())
        with open_work(site.world.actor("officer"), NOW) as work:
            ask_partners(work, mine)
        db.session.remove()


def _check(page: Page) -> None:
    """Nothing is wider than the window, axe finds nothing, and the letters of the picture are large enough."""
    assert_fits(page)
    assert_axe_finds_nothing(page)
    assert min(page.evaluate(SIZES)) >= 11.99


def test_by_keyboard_to_a_box_and_on_to_its_page(browser: Browser, site: Site) -> None:
    _file_some(site)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, site, "secretariat")
    page.get_by_role("link", name="ภาพการบูรณาการ").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ภาพการบูรณาการ")
    _check(page)
    page.get_by_role("link", name="ข้ามภาพไปที่ตาราง").focus()
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["tag"] == "a" and "2570-0001" in at["text"]:
            break
        seen.append(at["text"][:40])
    else:
        pytest.fail(f"no box reached: {seen}")
    assert at["ring"]
    page.wait_for_function(IN_VIEW)  # a browser scrolls there in its own time
    # what is looked at is lifted out of the rest: its lead, its register, and its two lines
    expect(page.locator("svg.ladder.looking path.curve.lit")).to_have_count(2)
    expect(page.locator("svg.ladder .box.lit")).to_have_count(3)
    page.keyboard.press("Enter")
    page.wait_for_url("**/secretariat/linkage/proposals/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2570-0001")
    _check(page)
    page.close()


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("has_script", [True, False])
def test_on_a_phone_and_without_script(browser: Browser, site: Site, language: str, has_script: bool) -> None:
    _file_some(site)
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=True)
    page = context.new_page()
    sign_in(page, site, "officer_beta")
    if language == "en":
        follow(page, page.locator("button[lang=en]").first)
        expect(page.locator("html[lang=en]")).to_have_count(1)
    cookies = context.cookies()
    context.close()
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=has_script)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site.url}/agency/linkage")
    expect(page.locator("html")).to_have_attribute("lang", language)
    # beta is told of the one link it was asked about, and answers it from the picture
    expect(page.locator("svg.ladder a.box")).to_have_count(1)
    expect(page.locator("tr[data-standing]")).to_have_count(2)
    if has_script:
        _check(page)
        frame = page.locator(".ladder-frame")
        assert frame.evaluate(
            "e => e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX === 'auto'"
        )
    page.locator("svg.ladder a.box").click()
    page.wait_for_url("**/agency/links/*")
    context.close()


def test_the_picture_on_paper_fits_the_sheet(browser: Browser, site: Site) -> None:
    _file_some(site)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, site, "committee")
    page.goto(f"{site.url}/committee/linkage")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})
    wide = page.locator("svg.ladder").evaluate("e => e.getBoundingClientRect().right")
    assert wide <= 700
    expect(page.locator("form.filters")).to_be_hidden()
    page.close()
