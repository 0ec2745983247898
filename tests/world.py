"""The small world of the tests: four agencies in two ministries, one open call, one person of each kind."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.calls.actions import load_document, open_call
from app.calls.facts import DocumentKind
from app.identity.actions import add_agency, add_demo_person, add_ministry
from app.identity.facts import SYSTEM, Actor, Body, Membership, Role
from app.identity.queries import get_actor
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import create_proposal, save_section, submit_proposal
from app.proposals.drafts import Draft, empty_draft
from app.reviews.actions import accept_assignment, assign_reviewers
from app.screening.actions import screen_proposal

NOW = datetime(2025, 11, 20, 3, 0, tzinfo=UTC)  # 20 Nov 2568, 10:00 in Bangkok
FISCAL_YEAR = 2570
PASSWORD = "correct horse battery"
DATA = Path(__file__).resolve().parents[1] / "app" / "calls" / "data"


@dataclass
class World:
    """Ids by name."""

    agencies: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    call_id: int = 0

    def actor(self, name: str) -> Actor:
        return get_actor(db.session(), self.users[name])

    @staticmethod
    def email(name: str) -> str:
        return f"{name}@test.example"


CALL = {
    "fiscal_year": FISCAL_YEAR,
    "name": {"th": "รอบคำขอเพื่อการทดสอบ", "en": "Call for testing"},
    "opens_at": datetime(2025, 11, 17, 0, 0),  # noqa: DTZ001 (Bangkok time, as in the call files)
    "closes_at": datetime(2025, 11, 27, 0, 0),  # noqa: DTZ001
    "ceiling_baht": "10,000,000.00",
    "origin": "synthetic",
    "reviewers_per_proposal": 3,
    "plan": {"code": "dgi-plan-2567", "version": 2},
    "rubric": {"code": "dgi-rubric", "version": 1},
    "rulebook": {"code": "dgi-rules", "version": 2},
    "prices": {"code": "dgi-prices", "version": 1},
}


def read_data(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def rulebook_of_the_world() -> dict[str, Any]:
    """The rulebook of the repository, but a link needs no confirmation, and so it is another version: most tests are
    about something else, and their partners have nobody to answer. Confirmation has tests of its own, under the rulebook
    as it is."""
    document = read_data("rulebook-2567.toml") | {"version": 2}
    for rule in document["rules"]:
        if "needs_confirmation" in rule.get("parameters", {}):
            rule["parameters"]["needs_confirmation"] = False
    return document


def build_world() -> World:
    """Make the world through the real actions."""
    world = World()
    with open_work(SYSTEM, NOW) as work:
        mof = add_ministry(work, "mof", Text("กระทรวงทดสอบหนึ่ง", "Ministry One"))
        moi = add_ministry(work, "moi", Text("กระทรวงทดสอบสอง", "Ministry Two"))
        for code, name, ministry in (
            ("alpha", Text("กรมอัลฟา", "Department Alpha"), mof),
            ("beta", Text("กรมเบตา", "Department Beta"), mof),
            ("gamma", Text("กรมแกมมา", "Department Gamma"), moi),
            ("dga", Text("สำนักงานพัฒนารัฐบาลดิจิทัล (องค์การมหาชน)", "DGA"), moi),
            ("bb", Text("สำนักงบประมาณ", "Bureau of the Budget"), moi),
        ):
            world.agencies[code] = add_agency(work, code, name, ministry.id).id
        a = world.agencies
        people = {
            "officer": [Membership(Role.OFFICER, a["alpha"])],
            "officer_beta": [Membership(Role.OFFICER, a["beta"])],
            "certifier": [Membership(Role.CERTIFIER, a["alpha"])],
            "reviewer_bb": [Membership(Role.REVIEWER, a["bb"], Body.BB)],
            "reviewer_dga": [Membership(Role.REVIEWER, a["dga"], Body.DGA)],
            "reviewer_alpha": [
                Membership(Role.REVIEWER, a["bb"], Body.BB),
                Membership(Role.OFFICER, a["alpha"]),
            ],
            "secretariat": [Membership(Role.SECRETARIAT, a["dga"])],
            "committee": [Membership(Role.COMMITTEE)],
            "admin": [Membership(Role.ADMIN)],
        }
        for name, memberships in people.items():
            world.users[name] = add_demo_person(
                work, World.email(name), Text(f"ผู้ใช้ {name}", f"Person {name}"), PASSWORD, memberships
            )
        load_document(work, DocumentKind.PLAN, read_data("plan-2567.toml"))
        load_document(work, DocumentKind.RUBRIC, read_data("rubric-2567.toml"))
        load_document(work, DocumentKind.RULEBOOK, rulebook_of_the_world())
        load_document(work, DocumentKind.PRICES, read_data("prices-2567.toml"))
        world.call_id = open_call(work, CALL).id
    return world


def complete_draft(**changes: dict[str, Any]) -> Draft:
    """A draft that can be filed and passes screening; `changes` replace parts of sections."""
    draft = empty_draft()
    draft["names"] |= {"title_th": "ระบบเชื่อมโยงข้อมูลทดสอบ", "title_en": "Test data linkage"}
    draft["plan"] |= {"stage": "upstream", "guideline": "1.1", "strategy": "1"}
    draft["integration"] |= {
        "forms": ["link"],
        "links": [
            {
                "kind": "data",
                "name": "ทะเบียนผู้ประกอบการ",
                "direction": "consumes",
                "partner": "beta",
                "partner_other": "",
                "channel": "gdx",
            }
        ],
    }
    draft["rationale"] |= {"rationale": "เหตุผล", "objectives": "วัตถุประสงค์", "outputs": "ผลผลิต"}
    draft["indicators"]["rows"] = [{"name": "จำนวนชุดข้อมูล", "unit": "ชุด", "baseline": "0", "target": "5"}]
    draft["budget"]["rows"] = [budget_row()]
    for section, values in changes.items():
        draft[section] |= values
    return draft


def budget_row(**changes: str) -> dict[str, str]:
    """One line of 2 x 500,000.50 baht, spread over two quarters."""
    row = {
        "agency": "alpha",
        "category": "capital",
        "item": "ระบบคอมพิวเตอร์",
        "quantity": "2",
        "unit": "ระบบ",
        "unit_price": "500000.50",
        "q1": "1000000.00",
        "q2": "1.00",
        "q3": "",
        "q4": "",
        "later1": "",
        "later2": "",
        "later3": "",
        "later4": "",
    }
    return row | changes


def write_draft(
    world: World, draft: Draft, *, by: str = "officer", agency: str = "alpha", at: datetime = NOW
) -> int:
    """Create a proposal with this draft; returns its id."""
    actor = world.actor(by)
    with open_work(actor, at) as work:
        proposal_id = create_proposal(work, FISCAL_YEAR, world.agencies[agency]).id
        for section, value in draft.items():
            save_section(work, proposal_id, section, value, 1)
    return proposal_id


def give(world: World, proposal_id: int, *reviewers: str, at: datetime = NOW) -> list[int]:
    """Assign a proposal to reviewers, who say that they have no conflict of interest; returns the assignments' ids."""
    with open_work(world.actor("secretariat"), at) as work:
        made = [a.id for a in assign_reviewers(work, proposal_id, [world.users[name] for name in reviewers])]
    for name, assignment_id in zip(reviewers, made, strict=True):
        with open_work(world.actor(name), at) as work:
            accept_assignment(work, assignment_id)
    return made


def file_proposal(
    world: World,
    draft: Draft | None = None,
    *,
    by: str = "officer",
    agency: str = "alpha",
    at: datetime = NOW,
) -> int:
    """Create, file and screen a proposal; returns its id."""
    proposal_id = write_draft(world, draft or complete_draft(), by=by, agency=agency, at=at)
    with open_work(world.actor(by), at) as work:
        submit_proposal(work, proposal_id, f"key-{proposal_id}")
        screen_proposal(work, proposal_id)
    return proposal_id
