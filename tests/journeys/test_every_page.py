"""Every page of the demo as each person reaches it: followed from link to link, in both languages, wide and narrow."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from waitress import create_server
from werkzeug.exceptions import HTTPException

from app import create_app
from app.cli.demo.loader import load_demo
from app.cli.demo.people import PASSWORD
from app.jobs.runner import run_once
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.outbox import Topics
from app.kernel.schema import upgrade_database
from app.notices.actions import TOPIC
from app.proposals.actions.filing import COMPARE_FILING
from app.proposals.models import Proposal, Submission
from tests.conftest import FixedClock
from tests.journeys.looking import AXE, WIDTHS, follow
from tests.world import NOW

PEOPLE = ("", "officer", "certifier", "reviewer.bb", "secretariat", "committee", "admin")
# One of these stands for the others: their pages differ by a tag and a sentence.
ALIKE = {"conditional": "approved", "deferred": "approved", "rejected": "approved", "submitted": "passed"}
# What a page of these shows depends on who looks, not only on what it is about.
PERSONAL = {"shell.desk", "agency.proposal", "agency.submit"}
# Not pages: files, the sign of life, the door to one's own desk; a page only its secret link leads to; and that of a
# workbook, which is there once somebody sent one (test_workbooks walks it).
NOT_LINKED = {
    "static",
    "assets.file",
    "public.health",
    "shell.desk",
    "account.invitation",
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
    "committee.download",
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
    "committee.compared_scenarios_table",
    # which are there once a scenario was made (test_scenarios walks them)
    "committee.scenario",
    "committee.scenario_terms",
    "committee.scenario_project",
    "committee.scenario_adoption",
    "filing.attachment",
}
# Words of the interface, never data: in an English page none of them may be Thai.
INTERFACE = (
    "nav[aria-label]:not(.crumbs) a, nav summary, button:not([lang]), label, legend, thead th, dt, caption, .tag,"
    " .hint:not([lang]), .btn, .empty, .lead-line:not(:has(.aside))"
)
THAI = re.compile(r"[\u0e00-\u0e7f]")
INVENTED = re.compile(r"(ธ\.ค\.|Dec) 2563")  # the formal window of the imported call, in no document
LOOK = """() => {
  const shown = (e) => e.getClientRects().length > 0;
  const name = (e) => (e.textContent || "").trim() || e.getAttribute("aria-label") || e.querySelector("img[alt]")?.alt || "";
  return {
    language: document.documentElement.lang,
    heads: [...document.querySelectorAll("h1")].map((e) => e.innerText.trim()),
    title: document.title,
    links: [...document.querySelectorAll("a[href]")].map((e) => e.getAttribute("href")),
    nameless: [...document.querySelectorAll("a[href], button, summary")]
      .filter((e) => shown(e) && !name(e)).map((e) => e.outerHTML),
  };
}"""
OVERFLOW = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const wide = (e) => e.getBoundingClientRect().right > clientWidth + 1;
  const pixels = scrollWidth - clientWidth;
  const found = pixels > 0 ? [...document.querySelectorAll("body *")].filter(wide) : [];
  return { pixels, by: found.slice(0, 3).map((e) => e.outerHTML.slice(0, 160)) };
}"""


@dataclass
class Demo:
    """The demo, served: its address, and what kind of object an address is about."""

    app: Flask
    url: str
    states: dict[int, str]
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def kind_of(self, path: str, login: str) -> tuple[str, tuple[object, ...]] | None:
        """The endpoint of a path and the kind of its object, so that one page of each kind is looked at."""
        try:
            endpoint, values = self.app.url_map.bind("127.0.0.1").match(path, method="GET")
        except HTTPException:
            return None
        state = self.states.get(values.get("proposal_id", 0), "")
        kind = (ALIKE.get(state, state), values.get("section"), values.get("fiscal_year"))
        return endpoint, (*kind, login if endpoint in PERSONAL else "")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as its loader makes it, on the day the small world lives in."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {"DGI_INSTANCE": str(folder), "SECRET_KEY": "p" * 64, "DGI_DEMO": "1"}
    app = create_app(read_config(environment))
    app.config["CLOCK"] = FixedClock()
    with app.app_context():
        upgrade_database()
        load_demo(NOW)
        # what the runner of `./dgi demo` does: letters to read, pairs to judge
        while run_once(app, Topics(only=(TOPIC, COMPARE_FILING))):
            pass
        states = {key: state for key, state in db.session.execute(select(Proposal.id, Proposal.state))}
        again = db.session.scalars(select(Submission.proposal_id).where(Submission.sequence == 2))
        states |= {key: f"{states[key]} again" for key in again}  # pages of what was filed twice say more
        db.session.remove()
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield Demo(app, f"http://127.0.0.1:{server.effective_port}", states)
    server.close()


class Visitor:
    """A person walking through the demo; what is wrong with a page is written down, not raised, to see it all."""

    def __init__(self, browser: Browser, demo: Demo, login: str):
        self.demo = demo
        self.login = login
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
            self.page.press("#password", "Enter")
            self.page.wait_for_url(lambda url: "/sign-in" not in url)
        self.home = "/desk" if login else "/"

    def _note(self, fault: str) -> None:
        self.faults.append(f"{self.where}: {fault}")

    def walk(self) -> list[tuple[str, bool]]:
        """Every kind of page reachable from home that nobody looked at yet, in Thai. Returns the paths, and whether
        each is the first of its endpoint."""
        waiting, paths = [self.home], []
        while waiting:
            path = waiting.pop(0)
            kind = self.demo.kind_of(path, self.login)
            if kind is None or kind in self.demo.seen or (kind[0] in NOT_LINKED and path != self.home):
                continue
            paths.append((path, kind[0] not in {endpoint for endpoint, _ in self.demo.seen}))
            self.demo.seen.add(kind)
            for href in self.look(path, "th", WIDTHS[0]):
                target = urlsplit(urljoin(self.demo.url + path, href))
                if f"{target.scheme}://{target.netloc}" == self.demo.url:
                    waiting.append(target.path)
        return paths

    def look(self, path: str, language: str, axe_at: int | None) -> list[str]:
        """One page at both widths, with axe-core at one or none of them; returns its links."""
        self.where = f"{language} {path}"
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        answer = self.page.goto(self.demo.url + path)
        if answer is None or answer.status != 200:
            self._note(f"status {answer.status if answer else None}")
        seen = self.page.evaluate(LOOK)
        if seen["language"] != language:
            self._note(f"lang is {seen['language']}")
        if len(seen["heads"]) != 1 or not seen["heads"][0]:
            self._note(f"headings {seen['heads']}")
        self.faults += [f"{self.where}: no name on {tag}" for tag in seen["nameless"]]
        self._words(language)
        for width in WIDTHS:
            if width != WIDTHS[0]:
                self.page.set_viewport_size({"width": width, "height": 844})
            self._overflow(width)
            if width == axe_at:
                self._axe(width)
        links: list[str] = seen["links"]
        return links

    def _overflow(self, width: int) -> None:
        over = self.page.evaluate(OVERFLOW)
        if over["pixels"] > 0:
            self._note(f"{over['pixels']} px too wide at {width}: {over['by']}")

    def _words(self, language: str) -> None:
        if INVENTED.search(self.page.locator("body").inner_text()):
            self._note("shows the window that the documents of FY2565 do not state")
        if language == "en":
            words = self.page.locator(INTERFACE).all_inner_texts()
            self.faults += [
                f"{self.where}: Thai on an English page: {w}" for w in set(words) if THAI.search(w)
            ]

    def _axe(self, width: int) -> None:
        for violation in Axe().run(self.page, options=AXE).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            self._note(f"axe at {width}: {violation['id']} {nodes}")

    def speak_english(self) -> None:
        self.page.goto(self.demo.url + self.home)
        follow(self.page, self.page.locator("button[lang=en]").first)
        self.page.wait_for_selector("html[lang=en]")


def test_every_page(browser: Browser, demo: Demo) -> None:
    """All in one test, so that it can be said at the end that no page was left out."""
    faults = []
    for login in PEOPLE:
        visitor = Visitor(browser, demo, login)
        paths = visitor.walk()
        visitor.speak_english()
        for path, is_first in paths:
            visitor.look(path, "en", WIDTHS[1] if is_first else None)
        visitor.context.close()
        faults += [f"{login or 'visitor'} {fault}" for fault in visitor.faults]
    assert faults == [], "\n".join(faults)
    pages = {rule.endpoint for rule in demo.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - {str(kind[0]) for kind in demo.seen} - NOT_LINKED == set()


def test_what_was_recorded_from_documents_has_no_receipt(browser: Browser, demo: Demo) -> None:
    recorded = next(key for key, state in demo.states.items() if state == "recorded")
    visitor = Visitor(browser, demo, "secretariat")
    for path in (f"/agency/proposals/{recorded}/receipt", "/receipts/verify/R2565-0001-1"):
        answer = visitor.page.goto(demo.url + path)
        assert answer is not None
        assert answer.status == 404, path
    visitor.context.close()
