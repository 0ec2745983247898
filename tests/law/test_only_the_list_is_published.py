"""What the public may read: a mark is planted in every text of every table of a whole round and of a year of projects, and
looked for in every byte that is published. It is found where the table below says, and nowhere else.

The table is written by hand; it does not read the releases' own list of fields.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import String, func, select, update

from app.decisions.facts import Verdict
from app.decisions.models import Meeting
from app.figures.books.closing import make_book
from app.figures.press import book_store
from app.kernel.db import Base, db
from app.kernel.work import open_work
from app.monitoring.models import (
    IndicatorResult,
    MilestoneResult,
    MonitoredCall,
    PlanChange,
    PlanVersion,
    ProgressRecord,
    Project,
    ProjectWord,
)
from app.releases.making import release_store
from app.releases.models import Release
from app.web.site.frame import pages
from tests.conftest import Backend
from tests.law.marked_round import hold_marked_round
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.releases.publishing import publish, report
from tests.world import FISCAL_YEAR, NOW, World

LATER = NOW + timedelta(days=30)  # the round's call is closed then

# Where a text may come from that the public reads. Nobody's name, no score, no reason, no note, no line item; of proposals
# that were not granted, nothing but numbers.
MAY_BE_READ = {
    "agencies.name_th",
    "agencies.name_en",
    "ministries.name_th",
    "ministries.name_en",
    "calls.name_th",
    "calls.name_en",
    "calls.note_th",
    "calls.note_en",
    "call_documents.content:title.th",
    "call_documents.content:title.en",
    *(
        f"call_documents.content:{part}.name.{language}"
        for part in ("stages", "guidelines", "strategies", "focus_areas", "categories")
        for language in ("th", "en")
    ),
    "submissions.content:title.th",
    "submissions.content:title.en",
    "plan_versions.content:milestones.title",
    "plan_versions.content:indicators.name",
    "plan_versions.content:indicators.unit",
    "plan_versions.content:indicators.baseline",
    "plan_versions.content:indicators.target",
    "plan_versions.content:indicators.quarters",
    "indicator_results.result",
}
# That marks are found at all: these must be.
IS_READ = {
    "agencies.name_th",
    "agencies.name_en",
    "ministries.name_th",
    "calls.name_th",
    "call_documents.content:guidelines.name.th",
    "submissions.content:title.th",
    "submissions.content:title.en",
    "plan_versions.content:indicators.name",
    "plan_versions.content:milestones.title",
    "indicator_results.result",
}
HUMAN = re.compile(r"[\u0e00-\u0e7f ]")  # codes, hashes and addresses have neither Thai nor spaces
FREE = re.compile(
    r"(note|reason|reasons|conditions|resolution|problems|help|evidence|subject|place|post|text|comment|comments|scope)$"
)
MARK = re.compile(r"QX[0-9]{5}X")
UNTOUCHED = {"alembic_version", "releases", "catalogue_runs", "audit_entries", "sign_in_sessions", "outbox"}


@dataclass
class Marks:
    """Every mark with where it was planted."""

    places: dict[str, str] = field(default_factory=dict)

    def new(self, place: str) -> str:
        mark = f"QX{len(self.places):05d}X"
        self.places[mark] = place
        return mark

    def plant(self, value: Any, place: str) -> Any:
        """The value with a mark in every text that people wrote."""
        if isinstance(value, dict):
            return {k: self.plant(v, f"{place}{'.' if ':' in place else ':'}{k}") for k, v in value.items()}
        if isinstance(value, list):
            return [self.plant(v, place) for v in value]
        if not isinstance(value, str):
            return value
        if value[:1] in "{[" and value[-1:] in "}]" and value:
            try:
                before, planted = len(self.places), self.plant(json.loads(value), place)
                return json.dumps(planted, ensure_ascii=False) if len(self.places) > before else value
            except ValueError:
                pass
        if HUMAN.search(value) or (value == "" and FREE.search(place)):
            return f"{value} {self.new(place)}"
        return value


def plant_everywhere(marks: Marks) -> None:
    """A mark in every text of every row; each statement names the row by its key."""
    session = db.session()
    # a reason where there was none breaks the rules that tie it to a state; here it may
    session.connection().exec_driver_sql("PRAGMA ignore_check_constraints=1")
    for table in Base.metadata.sorted_tables:
        if table.name in UNTOUCHED:
            continue
        columns = [c for c in table.columns if isinstance(c.type, String) and not c.primary_key]
        keys = list(table.primary_key.columns)
        for row in session.execute(select(table)).mappings().all():
            changed = {
                c.name: new
                for c in columns
                if row[c.name] is not None
                and (new := marks.plant(row[c.name], f"{table.name}.{c.name}")) != row[c.name]
            }
            if changed:
                session.execute(
                    update(table).where(*(key == row[key.name] for key in keys)).values(**changed)
                )
    session.commit()
    session.connection().exec_driver_sql("PRAGMA ignore_check_constraints=0")
    session.rollback()


def play(world: World) -> None:
    """A round in the middle of its scores, and a year of projects with everything that is written about them."""
    hold_marked_round(world)
    first, _ = open_projects(world, joint=True)
    for verdict in (Verdict.REJECTED, Verdict.DEFERRED):
        decide(world, file_earlier(world), 0, verdict)
    decide(world, file_earlier(world), GRANTED)  # granted, and not followed
    report(world, 1, first, "500,000.25", "300,000.10")
    with open_work(world.actor("secretariat"), NOW) as work:
        session = work.session
        record = session.scalars(select(ProgressRecord)).first()
        version = session.scalars(select(PlanVersion).where(PlanVersion.current_for == first)).one()
        project = session.get_one(Project, first)
        assert record is not None
        plan = json.loads(version.content)
        plan["milestones"] = [
            {"position": 1, "agency": "alpha", "title": "ส่งมอบระบบ", "due_on": "2026-05-01", "weight": 100}
        ]
        version.content = json.dumps(plan)
        whose = {"record_id": record.id, "project_id": first}
        session.add_all(
            [
                MilestoneResult(
                    **whose, position=1, quarter=1, percent=100, done_on=date(2026, 1, 5), note="ล่าช้า"
                ),
                IndicatorResult(**whose, position=1, quarter=1, result="3 ชุด", evidence="หนังสือ ที่ 1"),
                ProjectWord(
                    **whose, agency_id=project.lead_agency_id, quarter=1, problems="ผู้รับจ้าง", help="ขอเวลา"
                ),
                PlanChange(
                    project_id=first,
                    ordinal=1,
                    kind="extension",
                    agency_id=project.lead_agency_id,
                    state="refused",
                    base=1,
                    content=version.content,
                    reason="ผู้รับจ้างทิ้งงาน",
                    note="ไม่มีเหตุพอ",
                    made_at=NOW,
                    asked_at=NOW,
                    judged_at=NOW,
                ),
            ]
        )


def close_a_meeting(backend: Backend, call_id: int) -> None:
    """A closed meeting of the committee on that call, with its book. Numbers and amounts are all that is read from it."""
    with open_work(backend.world.actor("secretariat"), NOW) as work:
        closed = Meeting(
            call_id=call_id,
            level="committee",
            ordinal=9,
            number="9/2569",
            starts_at=NOW,
            state="closed",
            created_at=NOW,
            opened_at=NOW,
            closed_at=NOW,
        )
        work.session.add(closed)
        work.session.flush()
        make_book(work, closed, book_store(backend.app.config["DGI"]))


def texts_in(name: str, data: bytes) -> Iterator[str]:
    """The texts of a file, of those inside it, too."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inside in archive.namelist():
                yield from texts_in(f"{name}/{inside}", archive.read(inside))
        return
    yield data.decode("utf-8-sig")


def addresses_in(page: str) -> set[str]:
    """The public addresses a page leads to."""
    found = re.findall(r'href="(/(?:plan|data)[^"#]*)"', page)
    return {address.replace("&amp;", "&") for address in found}


@pytest.fixture
def scene(sqlite_backend: Backend) -> Iterator[tuple[Backend, Marks]]:
    pages.forget()
    marks = Marks()
    with sqlite_backend.app.app_context():
        play(sqlite_backend.world)
        call_id = db.session.scalar(select(func.min(MonitoredCall.call_id)))
        assert call_id is not None
        db.session.rollback()
        close_a_meeting(sqlite_backend, call_id)
        plant_everywhere(marks)
        publish(sqlite_backend.world, LAST_YEAR, LATER)
        publish(sqlite_backend.world, FISCAL_YEAR, LATER)
        db.session.remove()
    yield sqlite_backend, marks
    pages.forget()


def test_nothing_is_published_but_what_the_list_names(scene: tuple[Backend, Marks]) -> None:
    backend, marks = scene
    found: dict[str, set[str]] = defaultdict(set)
    numbers: set[str] = set()
    with backend.app.app_context():
        store = release_store(current_app.config["DGI"])
        for release in db.session.scalars(select(Release)):
            for file in json.loads(release.files):
                for text in texts_in(file["name"], store.get(file["sha256"])):
                    for mark in MARK.findall(text):
                        found[marks.places[mark]].add(file["name"])
                    numbers |= set(re.findall(r"\b25(?:69|70)-[0-9]{4,5}\b", text))
        granted = set(db.session.scalars(select(Project.proposal_id)))
        db.session.remove()
    client = backend.app.test_client()
    seen, waiting = set(), {"/", "/plan", "/data", "/plan?lang=en", "/data?lang=en"}
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = client.get(address, headers={"Accept-Encoding": "identity"})
        assert answer.status_code in (200, 302), address
        if "text/html" in answer.content_type:
            for mark in MARK.findall(answer.text):
                found[marks.places[mark]].add(address)
            waiting |= addresses_in(answer.text) - seen
    assert len(marks.places) > 500  # they were planted
    assert len(seen) > 40
    assert {place: sorted(at)[:3] for place, at in found.items() if place not in MAY_BE_READ} == {}
    assert set(found) >= IS_READ
    # of what was filed and not granted there is no number, no title, no page
    assert len(numbers) == len(granted) == 2
