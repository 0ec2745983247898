"""The public site: the same for everybody, made of what was published, kept until something else is."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from app.cli.bench.measure import counting
from app.kernel.canonical import sha256_bytes
from app.kernel.db import db
from app.kernel.work import open_work
from app.releases.actions import withdraw_release
from app.releases.models import Release
from app.web.site.frame import pages
from tests.conftest import Backend, sign_in
from tests.monitoring.ongoing import open_projects
from tests.proposals.earlier import LAST_YEAR, file_earlier
from tests.releases.publishing import make, publish, report
from tests.world import NOW, World, budget_row, complete_draft

PAGES = (
    "/plan",
    f"/plan/{LAST_YEAR}",
    f"/plan/{LAST_YEAR}/projects",
    f"/plan/{LAST_YEAR}/projects/{{number}}",
    f"/plan/{LAST_YEAR}/agencies/alpha",
    f"/plan/{LAST_YEAR}/ministries/mof",
    "/data",
    f"/data/{LAST_YEAR}",
)


@pytest.fixture
def number(backend: Backend) -> Iterator[str]:
    """The number of the first of two projects, published with a month's report."""
    pages.forget()

    def build() -> str:
        first, _ = open_projects(backend.world, joint=True)
        report(backend.world, 1, first, "500,000.25", "300,000.10")
        publish(backend.world)
        from tests.monitoring.reports import number_of

        return number_of(first)

    with backend.app.app_context():
        made = backend.begin_with("published", build)
        db.session.remove()
    yield made  # no context is left, so that each request has its own
    pages.forget()


def test_every_page_is_the_same_for_everybody_and_sets_nothing(
    client: FlaskClient, number: str, world: World
) -> None:
    for address in PAGES:
        for language in ("", "?lang=en"):
            answer = client.get(address.format(number=number) + language)
            assert answer.status_code == 200, address
            assert "Set-Cookie" not in answer.headers, address
            assert answer.headers["Vary"] == "Accept-Encoding", address
            assert answer.headers["Cache-Control"].startswith("public"), address
            lang = "en" if language else "th"
            assert f'<html lang="{lang}">' in answer.text
    visitor = client.get(PAGES[1]).data
    sign_in(client, world.email("secretariat"))
    assert client.get(PAGES[1]).data == visitor


def test_an_english_cookie_changes_no_page_without_lang(client: FlaskClient, number: str) -> None:
    client.post("/language/en")
    assert '<html lang="th">' in client.get("/plan").text


def test_what_an_address_does_not_know_leaves_no_mark_on_the_kept_page(
    client: FlaskClient, number: str
) -> None:
    """The page is kept for everybody: whoever asks for it first must not write the links of the others."""
    strange = "fiscal_year=1&endpoint=x&_external=1&_scheme=javascript&_anchor=x&utm_source=x"
    for address in PAGES:
        pages.forget()
        first = client.get(f"{address.format(number=number)}?{strange}")
        pages.forget()
        assert (first.status_code, first.data) == (200, client.get(address.format(number=number)).data), (
            address
        )


def test_the_other_language_of_a_page_keeps_what_was_looked_for(client: FlaskClient, number: str) -> None:
    answer = client.get(PAGES[2] + "?agency=alpha&order=spent&page=1&nothing=1")
    assert f'href="{PAGES[2]}?agency=alpha&amp;order=spent&amp;page=1&amp;lang=en"' in answer.text


def test_search_engines_find_every_public_page_and_nothing_else(client: FlaskClient, number: str) -> None:
    robots, sitemap = client.get("/robots.txt"), client.get("/sitemap.xml")
    told = {
        element.text or ""
        for element in ElementTree.fromstring(sitemap.data).iter()
        if element.tag.endswith("}loc")
    }
    assert "Set-Cookie" not in sitemap.headers
    paths = {urlsplit(address).path for address in told}
    assert {address.format(number=number) for address in PAGES} <= paths
    rules = RobotFileParser()
    rules.parse(robots.text.splitlines())
    for path in sorted(paths):
        assert client.get(path).status_code == 200, path
        assert rules.can_fetch("*", path), path
    assert not rules.can_fetch("*", "/sign-in")
    assert f"{min(told).partition('/plan')[0].partition('/data')[0]}/sitemap.xml" in robots.text


def test_beside_the_granted_projects_stand_the_agencies_in_them(backend: Backend) -> None:
    """An agency that only asked is told of in its group, not counted with those that were granted something."""
    pages.forget()
    with backend.app.app_context():
        draft = complete_draft(budget={"rows": [budget_row(agency="beta")]})
        file_earlier(backend.world, draft, by="officer_beta", agency="beta")
        open_projects(backend.world)
        publish(backend.world)
        db.session.remove()
    answer = backend.app.test_client().get(f"/plan/{LAST_YEAR}?lang=en")
    assert re.search(r"<dt>Projects</dt><dd>1\b", answer.text)
    assert re.search(r"<dt>Agencies</dt><dd>1\b", answer.text)
    assert "Department Beta" in answer.text
    pages.forget()


def test_spending_is_said_with_the_month_it_is_told_up_to(client: FlaskClient, number: str) -> None:
    year = client.get(f"/plan/{LAST_YEAR}?lang=en").text
    assert "<dt>Disbursed by Oct 68</dt>" in year
    assert "up to Oct 68" in client.get(f"/plan/{LAST_YEAR}/projects/{number}?lang=en").text


def test_a_share_is_said_as_the_dashboard_and_its_papers_say_it(client: FlaskClient, number: str) -> None:
    text = client.get(f"/plan/{LAST_YEAR}/projects/{number}?lang=en").text
    told = re.search(r"<dt>Disbursed of revised</dt><dd>(.*?)</dd>", text)
    assert told
    assert re.sub("<[^>]+>", "", told[1]) == "29.99 %"  # of 300,000.10 baht, rounded down


def test_what_is_not_there_is_said_in_the_frame_of_the_public_site(client: FlaskClient, number: str) -> None:
    for path in ("/plan/2599", f"{PAGES[1]}?release=0123456789ab", f"/data/{LAST_YEAR}/latest/nothing.csv"):
        answer = client.get(
            path, query_string={"lang": "en"} if "?" not in path else None, follow_redirects=True
        )
        assert answer.status_code == 404, path
        assert 'href="/plan' in answer.text, path
        assert "Set-Cookie" not in answer.headers, path
    assert "has not been published" in client.get("/plan/2599?lang=en").text


def test_a_page_not_changed_is_not_sent_again(client: FlaskClient, number: str) -> None:
    first = client.get(PAGES[1])
    again = client.get(PAGES[1], headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(PAGES[1] + "?lang=en", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    packed = client.get(PAGES[1], headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == first.data


def test_what_is_kept_goes_when_another_release_is_published_or_withdrawn(
    client: FlaskClient, number: str, backend: Backend
) -> None:
    address = f"/plan/{LAST_YEAR}/projects/{number}"
    before = client.get(address)
    short = re.search(r"release=([0-9a-f]{12})", before.text)
    assert short is not None
    with backend.app.app_context():
        second = publish(backend.world, at=NOW + timedelta(days=1), note="แก้ตัวเลข")
        db.session.remove()
    after = client.get(address)
    assert after.headers["ETag"] != before.headers["ETag"]
    assert "แก้ตัวเลข" in after.text
    old = client.get(f"{address}?release={short[1]}")
    assert old.status_code == 200
    assert "ข้อมูลชุดเดิม" in old.text
    with backend.app.app_context():
        with open_work(backend.world.actor("secretariat"), NOW) as work:
            withdraw_release(work, second, 2, "ยอดของหน่วยงานหนึ่งไม่ถูกต้อง")
        db.session.remove()
    assert "ชุดที่ 1 (" in client.get(address).text
    with backend.app.app_context():
        with open_work(backend.world.actor("secretariat"), NOW) as work:
            withdraw_release(work, 1, 2, "ข้อมูลทั้งชุดต้องตรวจใหม่")
        db.session.remove()
    for gone in (address, f"{address}?release={short[1]}", f"/plan/{LAST_YEAR}"):
        answer = client.get(gone)
        assert answer.status_code == 410
        assert "ข้อมูลทั้งชุดต้องตรวจใหม่" in answer.text or "ยอดของหน่วยงานหนึ่งไม่ถูกต้อง" in answer.text
        assert "300,000.10" not in answer.text
    assert client.get(f"/data/{LAST_YEAR}/{short[1]}/projects.csv").status_code == 404
    assert client.get("/plan").status_code == 200


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("text=เชื่อมโยง", 2),
        ("text=เชื่อม เบตา", 1),
        ("text=ALPHA", 2),
        ("text=เบตา", 1),
        ("text=ไม่มีคำนี้", 0),
        ("agency=beta", 1),
        ("agency=gamma", 0),
        ("ministry=mof&stage=upstream", 2),
        ("stage=downstream", 0),
        ("state=active&order=spent&page=99", 2),
        ("page=-1&order=x", 2),
    ],
)
def test_projects_are_found_by_words_and_groups(
    client: FlaskClient, number: str, query: str, count: int
) -> None:
    text = client.get(f"/plan/{LAST_YEAR}/projects?{query}").text
    assert f"พบ {count} โครงการ" in text


def test_unknown_addresses_are_not_found(client: FlaskClient, number: str, backend: Backend) -> None:
    with backend.app.app_context():
        made = make(backend.world, at=NOW + timedelta(days=2), note="ยังไม่เผยแพร่")  # made, and not published
        secret = db.session.get_one(Release, made).sha256[:12]
        db.session.remove()
    for address in ("/plan", f"/plan/{LAST_YEAR}", "/data", f"/data/{LAST_YEAR}", "/sitemap.xml"):
        told = client.get(address).text
        assert secret not in told, address
        assert "ยังไม่เผยแพร่" not in told, address
    for address in (
        "/plan/2599",
        f"/plan/{LAST_YEAR}/projects/9999",
        f"/plan/{LAST_YEAR}/agencies/nobody",
        f"/plan/{LAST_YEAR}?release=000000000000",
        f"/plan/{LAST_YEAR}?release={secret}",
        f"/data/{LAST_YEAR}/{secret}/projects.csv",
        f"/data/{LAST_YEAR}/latest/nothing.csv?x=1",
        f"/data/{LAST_YEAR}/000000000000/projects.csv",
        "/data/2599/latest/projects.csv",
    ):
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code == 404, address
        assert "public" not in answer.headers["Cache-Control"], address


def test_files_are_what_the_page_says_they_are(client: FlaskClient, number: str) -> None:
    text = client.get(f"/data/{LAST_YEAR}").text
    rows = re.findall(
        r'href="(/data/[^"]+)">([\w.]+)</a>.*?<code class="file-sum">([0-9a-f]{64})', text, re.S
    )
    assert len(rows) == 14
    for address, name, sha256 in rows:
        answer = client.get(address)
        assert sha256_bytes(answer.data) == sha256, name
        assert answer.headers["Content-Disposition"].startswith("attachment"), name
    latest = client.get(f"/data/{LAST_YEAR}/latest/projects.csv")
    assert latest.status_code == 302
    assert latest.headers["Location"] in text
    linked = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert linked is not None
    assert len(json.loads(linked[1])["distribution"]) == 14


@pytest.mark.both_databases
def test_a_public_page_asks_the_database_once(client: FlaskClient, number: str, backend: Backend) -> None:
    with backend.app.app_context():
        engine = db.engine
    for address in PAGES:
        with counting(engine) as queries:
            assert client.get(address.format(number=number)).status_code == 200
        assert len(queries) == 1, address
