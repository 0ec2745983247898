"""The main desks with the keyboard alone: signing in, a section of the form, scoring."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel.db import db
from tests.journeys.conftest import Site
from tests.world import PASSWORD, World, file_proposal, give

FOCUSED = """() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  return {
    id: e.id, name: e.getAttribute("name") || "", value: e.getAttribute("value") || "",
    text: (e.textContent || "").trim(),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inView: e.getBoundingClientRect().bottom > 0 && e.getBoundingClientRect().top < innerHeight,
  };
}"""
MOST_TABS = 60


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def tab_to(page: Page, **wanted: str) -> None:
    """Press Tab until what is wanted has the focus; every stop on the way shows that it has it."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["text"] or focused["name"]:
            assert focused["ring"], f"the focus cannot be seen on {focused}"
            assert focused["inView"], f"the focus is out of sight on {focused}"
        if all(focused[key] == value for key, value in wanted.items()):
            return
    raise AssertionError(f"Tab never came to {wanted}; it ended on {focused}")


def sign_in_by_keyboard(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/sign-in")  # the first field has the focus
    page.keyboard.type(World.email(name))
    tab_to(page, id="password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_skip_link_leads_past_the_frame(page: Page, site: Site) -> None:
    sign_in_by_keyboard(page, site, "officer")
    page.goto(f"{site.url}/agency/proposals")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    # The browser leads to a fragment once more when it next draws: no hand is as quick as that.
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.keyboard.press("Tab")
    expect(page.locator("#main :focus")).to_have_count(1)


def test_a_section_is_filled_and_saved(page: Page, site: Site) -> None:
    sign_in_by_keyboard(page, site, "officer")
    tab_to(page, text="สร้างข้อเสนอใหม่")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/agency/proposals/\d+$"))
    base = page.url
    tab_to(page, text="ความสอดคล้องกับแผน")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/plan")
    tab_to(page, name="plan-stage")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=plan-stage]").nth(1)).to_be_checked()
    tab_to(page, id="plan-guideline")
    page.keyboard.press("2")  # the only guideline of midstream begins so
    expect(page.locator("#plan-guideline")).to_have_value("2.1")
    tab_to(page, text="บันทึก")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("บันทึก")
    page.goto(f"{base}/plan")
    expect(page.locator("#plan-guideline")).to_have_value("2.1")


def test_a_proposal_is_scored_and_handed_in(page: Page, site: Site) -> None:
    with site.app.app_context():
        proposal_id = file_proposal(site.world)
        give(site.world, proposal_id, "reviewer_bb")
        db.session.remove()
    sign_in_by_keyboard(page, site, "reviewer_bb")
    tab_to(page, text="ระบบเชื่อมโยงข้อมูลทดสอบ")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/reviewer/assignments/\d+"))
    codes = page.eval_on_selector_all(".criterion", "all => all.map((e) => e.querySelector('input').name)")
    tab_to(page, name=codes[0], value="0")
    for code in codes:
        page.keyboard.press("2")
        expect(page.locator(f"[name='{code}'][value='2']")).to_be_checked()
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")  # the last criterion has none after it, so this is the one before
    expect(page.locator(f"[name='{codes[-2]}'][value='2']")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"[name='{codes[-2]}'][value='3']")).to_be_checked()
    tab_to(page, text="ส่งผลคะแนน")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("ท่านส่งคะแนนเมื่อ")
