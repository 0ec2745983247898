"""Pages ask the database at most twelve times, however many rows they show and whatever is in a proposal."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import db
from app.proposals.queries.links import list_asked_links
from tests.proposals.consortium import begin
from tests.web.agency.everything import Everything, build_everything
from tests.web.agency.workbook import BUDGET, INDICATORS, fetch, put, put_through
from tests.web.desks import browser, queries_of
from tests.workbooks.made_up import edited
from tests.world import FISCAL_YEAR, World, budget_row, complete_draft, write_draft

MOST = 12
LISTS = ("/agency/", "/agency/proposals", "/agency/proposals?who=mine&sort=due", "/agency/linkage")
SECTIONS = ("/names", "/plan", "/integration", "/rationale", "/indicators", "/budget")
OF_PARTS = ("/links", "/indicators", "/budget")
READ = (
    "",
    *(f"{section}/history" for section in SECTIONS),
    *("/check", "/read", "/overlaps", "/linkage", "/partners", "/sign", "/paper.xlsx"),
    *("/parts/beta", "/parts/beta/sign"),
    *(f"/parts/beta{section}/history" for section in OF_PARTS),
)
WRITTEN = (*SECTIONS, "/attachments", "/workbook", "/workbook/template.xlsx")
WRITTEN_BY_BETA = tuple(f"/parts/beta{page}" for page in (*OF_PARTS, "/workbook", "/workbook/template.xlsx"))
FILED = ("", "/overlaps", "/receipt", "/changes", "/changes?since=1", "/returned")
# asked below; what one paper or workbook says; the session alone
ELSEWHERE = {"workbook_upload", "printed_paper", "marked_workbook", "receipt_pdf", "session_again"}
# asked in tests/web/test_agency_reports.py
ELSEWHERE |= {
    "reports",
    "report",
    "sign_page",
    "report_workbook",
    "report_template",
    "report_upload",
    "evidence",
}
ELSEWHERE |= {"marked_report_workbook"}
# asked in test_plan_changes.py and in tests/web/monitoring
ELSEWHERE |= {"projects", "project", "choose_change", "plan_change", "performance", "performance_project"}


@pytest.fixture
def everything(app: Flask, world: World) -> Everything:
    return build_everything(world)


def too_many(client: FlaskClient, *paths: str) -> dict[str, int]:
    """The pages that ask more than they may, and how much; all of them are there."""
    counts = {path: queries_of(client, path) for path in paths}
    return {path: count for path, count in counts.items() if count > MOST}


def about(proposal_id: int, *pages: str) -> list[str]:
    return [f"/agency/proposals/{proposal_id}{page}" for page in pages]


def pages_of(everything: Everything) -> dict[str, list[str]]:
    """Person -> pages of the agency desk."""
    e = everything
    link = list_asked_links(db.session(), e.world.actor("officer_gamma"))[0].id
    both = [*about(e.written, *READ), *about(e.returned, *READ, *FILED, "/attachments/1")]
    return {
        "officer": [
            *LISTS,
            *("/agency/links", "/agency/earlier", f"/agency/earlier/{e.earlier}", "/agency/papers"),
            *about(e.written, *WRITTEN),
            *about(e.returned, *WRITTEN),
            *about(e.reviewed, *FILED, "/withdraw"),
            *about(e.returned, "/submit"),
            *both,
        ],
        "certifier": [*LISTS, *about(e.written, "/submit"), *both],
        "officer_beta": [
            *LISTS,
            *about(e.written, *WRITTEN_BY_BETA),
            *about(e.returned, *WRITTEN_BY_BETA),
            *both,
        ],
        "certifier_beta": [*LISTS, *both],
        "officer_gamma": [*LISTS, "/agency/links", f"/agency/links/{link}"],
    }


@pytest.mark.both_databases
def test_every_page_of_the_desk_asks_little(app: Flask, everything: Everything) -> None:
    for person, paths in pages_of(everything).items():
        assert too_many(browser(app, person), *paths) == {}, person


@pytest.mark.both_databases
def test_the_preview_of_a_workbook_asks_little(app: Flask, everything: Everything) -> None:
    client = browser(app, "officer")
    both = {BUDGET: {"D4": 9}, INDICATORS: {"D4": 7}}
    data = fetch(client, everything.returned)
    for sheet, cells in both.items():
        data = edited(data, put(sheet, **cells))
    upload_id, _ = put_through(app, client, everything.returned, data)
    assert queries_of(client, f"/agency/workbooks/{upload_id}") <= MOST


@pytest.mark.both_databases
def test_no_page_of_the_desk_is_left_out(app: Flask, everything: Everything) -> None:
    urls = app.url_map.bind("localhost")
    seen = {
        urls.match(path.split("?")[0], "GET")[0] for paths in pages_of(everything).values() for path in paths
    }
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    of_desk = {name for name in pages if name.startswith("agency.")}
    assert of_desk - seen == {f"agency.{name}" for name in ELSEWHERE}


@pytest.mark.both_databases
def test_pages_of_others_about_the_same_proposals_ask_little(app: Flask, everything: Everything) -> None:
    ids = (everything.returned, everything.reviewed)
    pages = {
        "secretariat": [
            f"/secretariat/calls/{FISCAL_YEAR}/returns",
            *(f"/secretariat/proposals/{n}{page}" for n in ids for page in ("", "/returns")),
            *(f"/filings/{n}/changes?since=1" for n in ids),
        ],
        "committee": [*(f"/committee/proposals/{n}" for n in ids), *(f"/filings/{n}/changes" for n in ids)],
        "reviewer_bb": ["/reviewer/", f"/filings/{everything.reviewed}/changes"],
    }
    for person, paths in pages.items():
        assert too_many(browser(app, person), *paths) == {}, person


@pytest.mark.both_databases
def test_queries_do_not_grow_with_rows(app: Flask, everything: Everything) -> None:
    world = everything.world
    few = write_draft(world, complete_draft())
    many = write_draft(world, complete_draft(budget={"rows": [budget_row() for _ in range(60)]}))
    client = browser(app, "officer")
    for page in (*SECTIONS, "/read", "/check"):
        first, second = (queries_of(client, path) for path in about(few, page) + about(many, page))
        assert first == second, page
    before = [queries_of(client, path) for path in LISTS]
    for _ in range(12):
        write_draft(world, complete_draft())
        begin(world)
    assert [queries_of(client, path) for path in LISTS] == before
