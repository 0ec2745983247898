"""A first sign-in of the secretariat: led to a second factor, linked to a provider, back through it and a code.

Chromium itself is asked here: the content security policy lets the form end at the provider, another origin.
"""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Browser, Page, expect

from tests.identity.provider import NAME, run_provider
from tests.identity.test_totp import code_at
from tests.journeys.conftest import Site
from tests.journeys.looking import assert_sound, follow
from tests.world import PASSWORD, World


def press(page: Page, name: str) -> None:
    follow(page, page.get_by_role("button", name=name, exact=True))


def test_first_sign_in_of_staff(browser: Browser, site: Site) -> None:
    config, faults = site.app.config["DGI"], list[str]()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    address = site.url
    with run_provider(site.clock, address) as provider:
        told = provider.settings()
        site.app.config["DGI"] = replace(config, demo=False, site_url=address, providers=(told,))
        page.goto(f"{address}/sign-in")
        page.get_by_label("อีเมล").fill(World.email("secretariat"))
        page.get_by_label("รหัสผ่าน", exact=True).fill(PASSWORD)
        press(page, "เข้าสู่ระบบ")
        expect(page.get_by_role("heading", level=1)).to_have_text("ตั้งค่าการยืนยันตัวตนสองขั้น")
        assert_sound(page)
        secret = page.locator(".enrol-key").inner_text().replace(" ", "")
        page.goto(f"{address}/secretariat/")
        expect(page.get_by_role("heading", level=1)).to_have_text("ตั้งค่าการยืนยันตัวตนสองขั้น")
        page.get_by_label("รหัส 6 หลัก").fill("000000")
        press(page, "ยืนยันและใช้งาน")
        expect(page.locator("#code-error")).to_be_visible()
        page.get_by_label("รหัส 6 หลัก").fill(code_at(secret, site.clock()))
        press(page, "ยืนยันและใช้งาน")
        expect(page.locator(".recovery-codes li")).to_have_count(10)
        assert_sound(page)
        follow(page, page.get_by_role("link", name="เก็บรหัสแล้ว ไปต่อ"))
        expect(page).to_have_url(f"{address}/secretariat/")

        page.goto(f"{address}/account")
        press(page, f"เชื่อมบัญชี {NAME.th}")
        expect(page.get_by_role("status")).to_contain_text("เชื่อมบัญชีแล้ว")
        press(page, "ออกจากระบบ")

        page.goto(f"{address}/sign-in")
        press(page, f"เข้าสู่ระบบด้วย {NAME.th}")
        expect(page.get_by_role("heading", level=1)).to_have_text("ยืนยันตัวตนขั้นที่สอง")
        assert_sound(page)
        site.clock.advance(seconds=30)
        page.get_by_label("รหัส 6 หลักจากแอปยืนยันตัวตน").fill(code_at(secret, site.clock()))
        press(page, "เข้าสู่ระบบ")
        expect(page).to_have_url(f"{address}/secretariat/")
    context.close()
    assert faults == []
