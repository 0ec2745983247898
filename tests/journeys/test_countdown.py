"""The deadline counts down in a real browser whose own clock is a year off: the server's time is what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from app.calls.actions import extend_call
from app.calls.models import Call
from app.kernel.db import db
from app.kernel.work import open_work
from tests.journeys.conftest import Site, sign_in
from tests.world import FISCAL_YEAR

CLOSES = datetime.fromisoformat("2025-11-27T00:00:00+07:00")
SECOND = timedelta(seconds=1)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800}, timezone_id="America/New_York")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


@pytest.fixture(autouse=True)
def grace(site: Site) -> None:
    with site.app.app_context():
        db.session.execute(update(Call).values(grace_minutes=15))
        db.session.commit()
        db.session.remove()


def at(site: Site, page: Page, moment: datetime) -> None:
    """The officer's home as it is at a moment, with the clock standing still on the server."""
    site.clock.moment = moment - timedelta(hours=1)
    sign_in(page, site, "officer")
    site.clock.moment = moment
    page.goto(f"{site.url}/agency/")


def test_it_ticks_and_says_the_last_minute_aloud(page: Page, site: Site) -> None:
    at(site, page, CLOSES - 65 * SECOND)
    bar, said = page.locator(".callbar-time"), page.locator("#deadline-said")
    expect(bar).to_contain_text(re.compile(r"ปิดรับ 26 พ\.ย\. 2568 24:00 น\. · เหลือ 1 นาที [1-5] วินาที"))
    expect(said).to_have_text("")
    expect(said).to_have_text("เหลือเวลายื่นอีก 1 นาที", timeout=15_000)
    expect(bar).to_contain_text(re.compile("เหลือ 5[0-9] วินาที"))
    assert said.get_attribute("aria-live") == "polite"
    expect(page.locator(".panel [data-when=open]")).to_contain_text("24:00:00")


def test_it_goes_over_into_the_grace_and_says_so(page: Page, site: Site) -> None:
    at(site, page, CLOSES - 2 * SECOND)
    bar, said = page.locator(".callbar-time"), page.locator("#deadline-said")
    expect(bar).to_contain_text("อยู่ในช่วงผ่อนผัน ยื่นได้ก่อน 27 พ.ย. 2568 00:15 น. · เหลือ 14 นาที 5", timeout=9000)
    expect(bar.locator("[data-when=open]")).to_be_hidden()
    expect(said).to_contain_text("อยู่ในช่วงผ่อนผัน")


def test_it_ends(page: Page, site: Site) -> None:
    at(site, page, CLOSES + timedelta(minutes=15) - 4 * SECOND)  # the grace is to be seen first
    bar = page.locator(".callbar-time")
    expect(bar.locator("[data-when=grace]")).to_be_visible()
    expect(bar.locator("[data-when=closed]")).to_be_visible(timeout=9000)
    expect(bar.locator("[data-when=grace]")).to_be_hidden()
    expect(page.locator("#deadline-said")).to_contain_text("ปิดรับแล้วเมื่อ")


def test_above_an_hour_it_counts_minutes(page: Page, site: Site) -> None:
    at(site, page, CLOSES - timedelta(hours=2) + SECOND)
    expect(page.locator(".callbar-time")).to_contain_text("เหลือ 1 ชั่วโมง 59 นาที")
    assert "countdown-soon" in (page.locator(".callbar-time [data-deadline]").get_attribute("class") or "")


def test_an_agency_given_longer_counts_down_to_its_own_moment(page: Page, site: Site) -> None:
    with site.app.app_context():
        with open_work(site.world.actor("secretariat"), site.clock.moment) as work:
            agency_id = site.world.agencies["alpha"]
            closes_at = CLOSES + timedelta(days=2)
            extend_call(work, FISCAL_YEAR, agency_id, closes_at, "เหตุไฟไหม้สำนักงาน", is_decided=False)
        db.session.remove()
    at(site, page, CLOSES + timedelta(hours=1))
    expect(page.locator(".callbar-time").first).to_contain_text("28 พ.ย. 2568 24:00 น. · เหลือ 1 วัน 2")
    page.get_by_role("link", name="ขยายเวลาแล้ว").click()
    expect(page.get_by_role("row", name="กรมอัลฟา")).to_contain_text("เหตุไฟไหม้สำนักงาน")
