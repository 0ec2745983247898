"""Every page of the demo as each person reaches it: followed from link to link, in both languages, wide and narrow.

The way is walked once, without a browser: every page works without script, so its links stand in what is sent. What was
found is looked at in a browser, in parts that several workers take at once.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from waitress import create_server
from werkzeug.exceptions import HTTPException

from app.cli.demo.people import PASSWORD
from app.jobs.runner import run_once
from app.kernel.db import db
from app.kernel.outbox import Topics
from app.notices.actions import TOPIC
from app.proposals.actions.filing import COMPARE_FILING
from app.proposals.models import Proposal, Submission
from tests.journeys.looking import WIDTHS, follow, violations_in
from tests.law.api_routes import API_ROUTES
from tests.moulds import demo_app, demo_mould, make_once

PARTS = 6
PEOPLE = ("", "officer", "certifier", "reviewer.bb", "secretariat", "committee", "admin")
# One of these stands for the others: their pages differ by a tag and a sentence.
ALIKE = {"conditional": "approved", "deferred": "approved", "rejected": "approved", "submitted": "passed"}
# What a page of these shows depends on who looks, not only on what it is about.
PERSONAL = {"shell.desk", "agency.proposal", "agency.submit", "agency.reports"}
# Not pages: files, the sign of life, the door to one's own desk; a page only its secret link leads to; and that of a
# workbook, which is there once somebody sent one (test_workbooks walks it).
NOT_LINKED = {
    "static",
    "assets.file",
    "public.health",
    "shell.desk",
    "account.invitation",
    # which are there while somebody signs in or sets up a second factor (test_second_factor_round), or comes back from
    # a provider (tests/web/account)
    "account.second_step",
    "account.set_up",
    "account.come_back",
    "agency.attachment",
    "agency.session_again",
    "reviewer.session_again",
    "calendar.feed",
    "agency.receipt_pdf",
    "agency.printed_paper",
    "agency.proposal_paper",
    "agency.workbook_template",
    "agency.part_workbook_template",
    "agency.workbook_upload",
    "agency.marked_workbook",
    "agency.report_template",
    "agency.report_upload",
    "agency.marked_report_workbook",
    "agency.evidence",
    "secretariat.report_evidence",
    "secretariat.late_list",
    "committee.download",
    "monitoring.download",
    "monitoring.standing_file",
    "secretariat.linkage_table",
    "secretariat.screening_book",
    "secretariat.screening_list",
    "secretariat.screening_findings",
    "secretariat.rulebook_file",
    "secretariat.rubric_file",
    "secretariat.assignments_list",
    "secretariat.assignments_csv",
    "secretariat.tried_list",
    # which are there once a call was screened again, or a version offered (test_rulebooks walks them)
    "secretariat.batch",
    "secretariat.adopt_rulebook",
    "secretariat.overlaps_csv",
    # which are there once a plan was made (test_plans walks them)
    "secretariat.assignment_plan",
    "secretariat.adjust_plan",
    "secretariat.preview_assignment_plan",
    "secretariat.calibration_table",
    "secretariat.discussions_csv",
    "secretariat.review_scores",
    "secretariat.conflicts_csv",
    "secretariat.score_history",
    "committee.calibration_table",
    "committee.certainty_table",
    "committee.optimum_table",
    "committee.chart_file",
    "committee.sensitivity_table",
    "committee.compared_scenarios_table",
    # which are there once a meeting is planned (test_meetings walks them)
    "committee.meeting",
    "committee.meeting_agenda",
    "committee.meeting_attendance",
    "committee.meeting_decisions",
    "committee.meeting_minutes",
    "committee.minutes_pdf",
    "committee.closing",
    # and closed (test_committee_round)
    "committee.book",
    "committee.book_file",
    # which are there once a scenario was made (test_scenarios walks them)
    "committee.compare_scenarios",
    "committee.scenario",
    "committee.scenario_terms",
    "committee.scenario_project",
    "committee.scenario_adoption",
    "filing.attachment",
    "site.file",
    # for search engines (tests/web/test_site.py)
    "site.robots",
    "site.sitemap",
    "secretariat.release_file",
    # which is there once an address was registered
    "webhooks.one",
    # answers for systems, and the document that describes them (tests/web/api)
    *(name for name in API_ROUTES if name != "api_page.show"),
}
# Words of the interface, never data: in an English page none of them may be Thai.
INTERFACE = (
    "nav[aria-label]:not(.crumbs) a, nav summary, button:not([lang]), label, legend, thead th, dt, caption, .tag,"
    " .hint:not([lang]), .btn, .empty, .lead-line:not(:has(.aside))"
)
THAI = re.compile(r"[\u0e00-\u0e7f]")
INVENTED = re.compile(r"(ธ\.ค\.|Dec) 2563")  # the formal window of the imported call, in no document
LOOK = """(interface) => {
  const shown = (e) => e.getClientRects().length > 0;
  const name = (e) => (e.textContent || "").trim() || e.getAttribute("aria-label") || e.querySelector("img[alt]")?.alt || "";
  return {
    language: document.documentElement.lang,
    heads: [...document.querySelectorAll("h1")].map((e) => e.innerText.trim()),
    nameless: [...document.querySelectorAll("a[href], button, summary")]
      .filter((e) => shown(e) && !name(e)).map((e) => e.outerHTML),
    text: document.body.innerText,
    words: [...document.querySelectorAll(interface)].map((e) => e.innerText),
  };
}"""
# Too wide for the window; or a text, or a table, for the box it stands in, so that it lies over what is beside it.
OVERFLOW = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const spills = (e) => {
    if (!e.clientWidth || e.scrollWidth <= e.clientWidth + 1 || e.closest("svg, .visually-hidden")) return false;
    const head = e.closest("thead");  // put away where a table becomes cards
    if (head && getComputedStyle(head).position === "absolute") return false;
    const { display, overflowX } = getComputedStyle(e);
    return display !== "inline" && overflowX === "visible" && e.checkVisibility({ contentVisibilityAuto: true });
  };
  const sticksOut = (e) => e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 1
    && getComputedStyle(e.parentElement).overflowX === "visible";
  const over = [
    ...[...document.querySelectorAll("main *")].filter((e) => !e.childElementCount && e.textContent.trim() && spills(e)),
    ...[...document.querySelectorAll("main table")].filter(sticksOut),
  ];
  const wide = (e) => e.getBoundingClientRect().right > clientWidth + 1;
  const pixels = scrollWidth - clientWidth;
  const found = pixels > 0 ? [...document.querySelectorAll("body *")].filter(wide) : [];
  const told = (some) => some.slice(0, 3).map((e) => e.outerHTML.slice(0, 160));
  return { pixels, by: told(found), over: told(over) };
}"""


class Links(HTMLParser):
    """Where a page leads to."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


@dataclass(frozen=True)
class Stop:
    """A page to be looked at by whoever reaches it first."""

    login: str
    path: str
    endpoint: str
    is_first: bool  # of its endpoint

    @property
    def english(self) -> str:
        """Its address in English: that of a public page says so itself, all others ask who reads."""
        return f"{self.path}?lang=en" if self.endpoint.startswith("site.") else self.path


class Walk:
    """Everybody's way through the demo, one after the other: one page of each kind, by the first who gets there."""

    def __init__(self, app: Flask):
        self.app = app
        self.stops: list[Stop] = []
        self._seen: set[tuple[object, ...]] = set()
        with app.app_context():
            self._states = {
                key: state for key, state in db.session.execute(select(Proposal.id, Proposal.state))
            }
            again = db.session.scalars(select(Submission.proposal_id).where(Submission.sequence == 2))
            # pages of what was filed twice say more
            self._states |= {key: f"{self._states[key]} again" for key in again}
            db.session.remove()
        self.recorded = next(key for key, state in self._states.items() if state == "recorded")
        for login in PEOPLE:
            self._walk(login)

    def _kind_of(self, path: str, login: str) -> tuple[str, tuple[object, ...]] | None:
        """The endpoint of a path and the kind of its object, so that one page of each kind is looked at."""
        try:
            endpoint, values = self.app.url_map.bind("127.0.0.1").match(path, method="GET")
        except HTTPException:
            return None
        state = self._states.get(values.get("proposal_id", 0), "")
        kind = (ALIKE.get(state, state), values.get("section"), values.get("fiscal_year"))
        return endpoint, (*kind, login if endpoint in PERSONAL else "")

    def _walk(self, login: str) -> None:
        browser = self.app.test_client()
        if login:
            page = browser.get("/sign-in").get_data(as_text=True)
            token = re.search(r'name="csrf_token" value="([^"]+)"', page)
            assert token, page
            form = {"email": f"{login}@demo.example", "password": PASSWORD, "csrf_token": token[1]}
            assert browser.post("/sign-in", data=form).status_code in (302, 303), login
        home = home_of(login)
        waiting = [home]
        while waiting:
            path = waiting.pop(0)
            kind = self._kind_of(path, login)
            if kind is None or kind in self._seen or (kind[0] in NOT_LINKED and path != home):
                continue
            is_first = kind[0] not in {endpoint for endpoint, _ in self._seen}
            self.stops.append(Stop(login, path, kind[0], is_first))
            self._seen.add(kind)
            answer = browser.get(path, follow_redirects=True)
            for href in Links(answer.get_data(as_text=True)).found:
                target = urlsplit(urljoin(f"http://localhost{answer.request.path}", href))
                if (target.scheme, target.netloc) == ("http", "localhost"):
                    waiting.append(target.path)


def home_of(login: str) -> str:
    return "/desk" if login else "/"


@dataclass
class Demo:
    """The demo, served: its address, and the way through it."""

    app: Flask
    url: str
    stops: tuple[Stop, ...]
    recorded: int  # the proposal that was recorded from documents


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A copy of the demo, on the day the small world lives in."""

    def make(folder: Path) -> None:
        shutil.copytree(demo_mould(tmp_path_factory), folder / "instance")
        app = demo_app(folder / "instance")
        with app.app_context():
            # what the runner of `./dgi demo` does: letters to read, pairs to judge
            while run_once(app, Topics(only=(TOPIC, COMPARE_FILING))):
                pass
        walk = Walk(app)
        found = {"stops": [astuple(stop) for stop in walk.stops], "recorded": walk.recorded}
        (folder / "walk.json").write_text(json.dumps(found))
        with app.app_context():
            db.engine.dispose()

    mould = make_once(tmp_path_factory, "walked-demo", make)
    found = json.loads((mould / "walk.json").read_text())
    instance = tmp_path_factory.mktemp("demo") / "instance"
    shutil.copytree(mould / "instance", instance)
    app = demo_app(instance)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    url = f"http://127.0.0.1:{server.effective_port}"
    yield Demo(app, url, tuple(Stop(*stop) for stop in found["stops"]), found["recorded"])
    server.close()


class Visitor:
    """A person looking at pages of the demo; what is wrong with one is written down, not raised, to see it all."""

    def __init__(self, browser: Browser, demo: Demo, login: str):
        self.demo = demo
        self.context = browser.new_context(viewport={"width": WIDTHS[0], "height": 900})
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.where = "/sign-in"
        self.page.on("console", lambda m: self._note(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("request", lambda r: None if r.url.startswith(demo.url) else self._note(f"asks {r.url}"))
        if login:
            self.page.goto(f"{demo.url}/sign-in")
            self.page.fill("#email", f"{login}@demo.example")
            self.page.fill("#password", PASSWORD)
            with self.page.expect_navigation():
                self.page.press("#password", "Enter")
            self.page.wait_for_url(lambda url: "/sign-in" not in url)
        self.home = home_of(login)

    def _note(self, fault: str) -> None:
        self.faults.append(f"{self.where}: {fault}")

    def look(self, path: str, language: str, axe_at: int | None) -> None:
        """One page at both widths, with axe-core at one of them; without axe, where its kind was seen in this language,
        at the first width alone."""
        self.where = f"{language} {path}"
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        answer = self.page.goto(self.demo.url + path)
        if answer is None or answer.status != 200:
            self._note(f"status {answer.status if answer else None}")
        seen = self.page.evaluate(
            LOOK, INTERFACE
        )  # at once: a locator brings its own engine into each new page
        if seen["language"] != language:
            self._note(f"lang is {seen['language']}")
        if len(seen["heads"]) != 1 or not seen["heads"][0]:
            self._note(f"headings {seen['heads']}")
        self.faults += [f"{self.where}: no name on {tag}" for tag in seen["nameless"]]
        if INVENTED.search(seen["text"]):
            self._note("shows the window that the documents of FY2565 do not state")
        if language == "en":
            thai = {words for words in seen["words"] if THAI.search(words)}
            self.faults += [f"{self.where}: Thai on an English page: {words}" for words in thai]
        for width in WIDTHS if axe_at else WIDTHS[:1]:
            if width != WIDTHS[0]:
                self.page.set_viewport_size({"width": width, "height": 844})
            self._overflow(width)
            if width == axe_at:
                self._axe(width)

    def _overflow(self, width: int) -> None:
        over = self.page.evaluate(OVERFLOW)
        if over["pixels"] > 0:
            self._note(f"{over['pixels']} px too wide at {width}: {over['by']}")
        if over["over"]:
            self._note(f"runs out of its box at {width}: {over['over']}")

    def _axe(self, width: int) -> None:
        for rule, elements in violations_in(self.page):
            self._note(f"axe at {width}: {rule} {elements}")

    def speak(self, language: str) -> None:
        """Somebody's language is remembered from the last time."""
        self.page.goto(self.demo.url + self.home)
        if self.page.locator("html").get_attribute("lang") != language:
            follow(self.page, self.page.locator(f"button[lang={language}]").first)
        self.page.wait_for_selector(f"html[lang={language}]")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page(browser: Browser, demo: Demo, part: int) -> None:
    """What was found, a part at a time."""
    each = -(-len(demo.stops) // PARTS)
    faults = []
    for login, stops in groupby(demo.stops[part * each : (part + 1) * each], lambda stop: stop.login):
        visitor = Visitor(browser, demo, login)
        mine = list(stops)
        visitor.speak("th")
        for stop in mine:
            visitor.look(stop.path, "th", WIDTHS[0])
        visitor.speak("en")
        for stop in mine:
            visitor.look(stop.english, "en", WIDTHS[1] if stop.is_first else None)
        visitor.context.close()
        faults += [f"{login or 'visitor'} {fault}" for fault in visitor.faults]
    assert faults == [], "\n".join(faults)


def test_no_page_is_left_out(demo: Demo) -> None:
    """Every address there is was found by following links, or is named as not linked."""
    pages = {rule.endpoint for rule in demo.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - {stop.endpoint for stop in demo.stops} - NOT_LINKED == set()
    assert {stop.login for stop in demo.stops} == set(PEOPLE)


def test_what_was_recorded_from_documents_has_no_receipt(browser: Browser, demo: Demo) -> None:
    visitor = Visitor(browser, demo, "secretariat")
    for path in (f"/agency/proposals/{demo.recorded}/receipt", "/receipts/verify/R2565-0001-1"):
        answer = visitor.page.goto(demo.url + path)
        assert answer is not None
        assert answer.status == 404, path
    visitor.context.close()
