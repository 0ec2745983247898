"""A real server on a socket and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from waitress import create_server

from app import create_app
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.schema import upgrade_database
from tests.conftest import FixedClock, share_templates
from tests.world import PASSWORD, World, build_world

# Chromium without windows is the same engine and costs a quarter less.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Playwright switches these off, and whoever adds to them names them all: Chromium knows the last list alone.
OFF_BY_PLAYWRIGHT = (
    "AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,"
    "PaintHolding,PreconnectToSearch,TcpPortRandomizationWin,ThirdPartyStoragePartitioning,"
    "msEdgeUpdateLaunchServicesPreferredVersion,msForceBrowserSignIn"
)
# The address bar's suggestions are two web pages of their own, made for each window, at half of what a window costs; and
# a process kept ready for another site is for nobody: there is none but ours.
NOBODYS = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,SpareRendererForSitePerProcess"

# How long a page is waited for where no bound is the subject: a busy machine is not a fault of the page.
expect.set_options(timeout=20_000)


@dataclass
class Site:
    """The served application: its address, its world, its clock."""

    app: Flask
    url: str
    world: World
    clock: FixedClock


def find_browser() -> str:
    found = os.environ.get("DGI_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, (
        "no Chromium: install the package chromium-headless-shell or chromium, or set DGI_CHROMIUM to its path"
    )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all journeys; it may talk to this machine only."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_browser(),
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--font-render-hinting=slight",  # as with a window: without one letters would be wider
                f"--disable-features={OFF_BY_PLAYWRIGHT},{NOBODYS}",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        chromium.on("context", lambda context: context.set_default_timeout(90_000))
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def windows(request: pytest.FixtureRequest) -> Iterator[None]:
    """Windows are closed behind whoever opened them, before the server goes: their clocks and askings would go on."""
    if "site" in request.fixturenames:
        request.getfixturevalue("site")
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()


def make_app(instance: Path) -> Flask:
    """The application of an installation, with CSRF protection on, as in production but for https."""
    config = {"DGI_INSTANCE": str(instance), "SECRET_KEY": "j" * 64, "DGI_DEMO": "1", "PORT": "8000"}
    app = share_templates(create_app(read_config(config)))
    app.config["CLOCK"] = FixedClock()
    return app


@pytest.fixture(scope="session")
def mould(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """An installation with the small world in it, which `site` copies and nobody writes to."""
    instance = tmp_path_factory.mktemp("mould") / "instance"
    app = make_app(instance)
    with app.app_context():
        upgrade_database()
        world = build_world()
        db.session.remove()
        db.engine.dispose()
    return instance, world


@pytest.fixture
def site(tmp_path: Path, mould: tuple[Path, World]) -> Iterator[Site]:
    """The small world, served on a free port."""
    instance, world = mould
    shutil.copytree(instance, tmp_path / "instance")
    app = make_app(tmp_path / "instance")
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    own = replace(world, users=dict(world.users), agencies=dict(world.agencies))
    yield Site(app, f"http://127.0.0.1:{server.effective_port}", own, app.config["CLOCK"])
    server.close()


def sign_in(page: Page, site: Site, name: str) -> None:
    """Sign in through the page, as a person does."""
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("อีเมล").fill(World.email(name))
    page.get_by_label("รหัสผ่าน", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
