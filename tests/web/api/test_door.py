"""Who comes in at the machine door: every operation x token x own and another agency's proposal; and tokens that open
nothing any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.api.operations import OPERATIONS
from app.identity.actions import disable_person
from app.identity.facts import SYSTEM
from app.identity.models import ApiToken, TokenWindow, UserMembership
from app.identity.scopes import RATE_LIMIT, TokenScope, window_of
from app.identity.tokens import revoke_token
from app.kernel.db import db
from app.kernel.work import open_work
from app.monitoring.actions import open_monitoring
from app.monitoring.actions.changing import ask_change, begin_change, read_proposed, save_change
from app.monitoring.facts import Cause
from app.monitoring.queries.numbers import get_project_id
from app.proposals.actions import answer_invitation, ask_partners, invite_participants
from app.proposals.models import LinkRequest, Proposal
from tests.conftest import FixedClock
from tests.monitoring.reports import begin, hand_in, money_cells
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.web.api.machines import Machine, make_token
from tests.web.desks import browser
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, file_proposal, write_draft

OWN, OTHER, UNKNOWN = "own", "other", "unknown"
READ, WRITE, FILE = TokenScope.PROPOSALS_READ, TokenScope.PROPOSALS_WRITE, TokenScope.PROPOSALS_FILE
OFFICE = TokenScope.FILINGS_READ
MONITOR, REPORT = TokenScope.MONITORING_READ, TokenScope.MONITORING_WRITE
CHANGE = TokenScope.PLANS_CHANGE

# token -> (made by, its scopes)
TOKENS = {
    "officer": ("officer", (READ, WRITE, FILE, MONITOR, REPORT, CHANGE)),
    "reader": ("officer", (READ,)),
    "certifier": ("certifier", (READ, FILE, MONITOR, CHANGE)),
    "office": ("secretariat", (OFFICE, MONITOR)),
}
SECTIONS = ("names", "plan", "integration", "rationale", "indicators", "budget")
MONITORS = {"officer", "certifier", "office"}
PARTS = ("links", "indicators", "budget")
READERS, WRITERS, FILERS = {"officer", "reader", "certifier"}, {"officer"}, {"officer", "certifier"}
# operation -> the tokens it lets in; written by hand, not read from the declarations
WHO: dict[str, set[str]] = {
    "read_token": set(TOKENS),
    "list_proposals": READERS,
    "begin_proposal": WRITERS,
    "read_proposal": READERS,
    "check_proposal": READERS,
    **{f"read_{s}": READERS for s in SECTIONS},
    **{f"write_{s}": WRITERS for s in SECTIONS},
    **{f"read_part_{s}": READERS for s in PARTS},
    **{f"write_part_{s}": WRITERS for s in PARTS},
    "file_draft": FILERS,
    "list_receipts": READERS,
    "read_receipt": READERS,
    "list_links": READERS,
    "read_link": READERS,
    "give_answer": WRITERS,
    "list_all_projects": MONITORS,
    "read_project": MONITORS,
    "list_plan_changes": MONITORS,
    "read_plan_change": MONITORS,
    "ask_for_change": FILERS,
    "list_reports": MONITORS,
    "read_report": MONITORS,
    "report_month": WRITERS,
    "report_quarter": WRITERS,
    "list_filed": {"office"},
    "read_filing": {"office"},
    "read_screening": {"office"},
    "list_decisions": {"office"},
}
PUBLIC = {"list_all_calls", "read_call", "list_register"}
REACHES_ALL = {
    "list_filed",
    "read_filing",
    "read_screening",
    "list_decisions",
    "list_all_projects",
    "list_reports",
}


def make_things(world: World) -> dict[str, dict[str, str]]:
    """A draft, a filing, a link, a project of last year and its first month's report of each side; of the reports one
    is signed."""
    things: dict[str, dict[str, str]] = {}
    granted = {}
    for side, by, agency, partner, partner_by in (
        (OWN, "officer", "alpha", "beta", "officer_beta"),
        (OTHER, "officer_beta", "beta", "alpha", "officer"),
    ):
        draft = complete_draft()
        draft["integration"]["links"][0]["partner"] = "gamma"
        draft["budget"]["rows"][0]["agency"] = agency
        drafted = write_draft(world, draft, by=by, agency=agency)
        filed = file_proposal(world, draft, by=by, agency=agency)
        claimed = complete_draft(names={"participants": [agency]})
        claimed["integration"]["links"][0]["partner"] = agency
        claimed["budget"]["rows"][0]["agency"] = partner
        joint = write_draft(world, claimed, by=partner_by, agency=partner)
        with open_work(world.actor(partner_by), NOW) as work:
            invite_participants(work, joint, [agency])
            ask_partners(work, joint)
        with open_work(world.actor(by), NOW) as work:
            answer_invitation(work, joint, world.agencies[agency], joins=True)
        joint_number = db.session().get_one(Proposal, joint).number
        link = db.session().scalars(select(LinkRequest.id).where(LinkRequest.proposal_id == joint)).one()
        number = {
            p.id: p.number
            for p in db.session().scalars(select(Proposal).where(Proposal.id.in_([drafted, filed])))
        }
        things[side] = {"draft": number[drafted], "filed": number[filed], "link": str(link)}
        things[side] |= {"joint": joint_number, "agency": agency}
        granted[side] = file_earlier(world, draft, by=by, agency=agency)
        decide(world, granted[side], 1_000_001_00)
    with open_work(world.actor("secretariat"), NOW) as work:
        open_monitoring(work, LAST_YEAR)
    for side, by, agency in ((OWN, "officer", "alpha"), (OTHER, "officer_beta", "beta")):
        number_of = db.session().get_one(Proposal, granted[side]).number
        cells = money_cells(number_of, "1.00", "1.00")
        report = begin(world, 1, cells, agency=agency, by=world.actor(by), at=NOW)
        things[side] |= {"project": number_of, "report": str(report)}
        with open_work(world.actor(by), NOW) as work:
            change = begin_change(work, get_project_id(work.session, number_of), Cause.CANCELLATION)
            save_change(work, change.id, read_proposed(change), "งบประมาณไม่เพียงพอจึงขอยกเลิก", change.version)
            ask_change(work, change.id)
    hand_in(world, int(things[OWN]["report"]), NOW)
    things[UNKNOWN] = dict.fromkeys(("draft", "filed", "joint", "project"), "2570-9999") | dict.fromkeys(
        ("link", "report", "agency"), "999999"
    )
    return things


def test_every_operation_is_judged() -> None:
    assert set(OPERATIONS) == set(WHO) | PUBLIC


def test_every_token_meets_every_operation(app: Flask, world: World) -> None:
    """403 outside the scopes or the roles, 404 for what is another agency's, in otherwise."""
    things = make_things(world)
    agencies = {"office": None}
    machines = {
        name: Machine(app, make_token(world, by, *scopes, agency=agencies.get(name, "alpha"))[1])
        for name, (by, scopes) in TOKENS.items()
    }
    machines["nobody"] = Machine(app)
    wrong = []
    for name, operation in OPERATIONS.items():
        for side in (OWN, OTHER, UNKNOWN):
            kind = (
                "filed" if operation.tag in ("secretariat", "filings") and name != "file_draft" else "draft"
            )
            kind = {"projects": "project", "parts": "joint"}.get(operation.tag, kind)
            year = LAST_YEAR if operation.tag == "projects" else FISCAL_YEAR
            path = operation.address
            for key, value in {
                "number": things[side][kind],
                "ordinal": "1",
                "link": things[side]["link"],
                "report": things[side]["report"],
                "agency": things[side]["agency"],
                "fiscal_year": str(year if side != UNKNOWN else 2599),
                "sequence": "1",
                "month": "1",
                "quarter": "1",
            }.items():
                path = path.replace("{" + key + "}", value)
            if "{" in operation.address or side == OWN:
                for who, machine in machines.items():
                    headers = {"If-Match": '"another"'} if operation.matches else {}
                    body = {} if operation.body else None
                    seen = machine.ask(operation.method, path, body, headers).status_code
                    if (expected := _expected(name, who, side, path)) != _met(seen, operation.method):
                        wrong.append(f"{operation.method} {path} as {who}: {seen}, not {expected}")
    assert not wrong, "\n".join(wrong)


def _met(status: int, method: str) -> str:
    met = {401: "no token", 403: "forbidden", 404: "not found", 412: "in", 422: "in", 200: "in", 201: "in"}
    return met.get(status, f"fault {status}")


def _expected(name: str, who: str, side: str, path: str) -> str:
    operation = OPERATIONS[name]
    if name in PUBLIC:
        return "not found" if side == UNKNOWN and "{" in operation.address else "in"
    if who == "nobody":
        return "no token"
    if who not in WHO[name]:
        return "forbidden"
    if operation.method in ("POST", "PUT") and name != "file_draft":
        return "in"  # an empty body is refused with 422 before anything is looked up
    if "{" not in operation.address:
        return "in"
    if side == UNKNOWN:
        return "not found"
    if (
        who == "office" and name in ("read_project", "list_plan_changes", "read_plan_change")
    ) or name.startswith("read_part_"):
        return "in"  # every agency of a proposal reads all of its parts
    return "in" if side == OWN or name in REACHES_ALL else "not found"


def test_a_write_for_another_agency_finds_nothing(app: Flask, world: World) -> None:
    """With a body that has its shape, and the very version that is there."""
    other = make_things(world)[OTHER]
    officer = Machine(app, make_token(world, "officer")[1])
    words = {"rationale": "ก", "objectives": "ข", "outputs": "ค"}
    assert officer.put(f"/proposals/{other['draft']}/sections/rationale", words, "*").status_code == 404
    answer = {"seen": "asked", "confirms": True, "own_money": False, "note": ""}
    assert officer.post(f"/links/{other['link']}/answers", answer).status_code == 404
    assert officer.post(f"/proposals/{other['draft']}/filings", {}).status_code == 404


def test_a_session_opens_nothing_here(app: Flask, world: World) -> None:
    client = browser(app, "officer")
    assert client.get("/agency/").status_code == 200
    assert client.get("/api/v1/proposals").status_code == 401
    assert client.post("/api/v1/proposals", json={"fiscal_year": FISCAL_YEAR}).status_code == 401


@pytest.mark.parametrize(
    "shown",
    ["", "dgi_", "dgi_abcdefgh_", "Basic", "dgi_" + "x" * 200, "dgi_ก", "nothing"],
)
def test_what_is_no_token_is_answered_like_none(app: Flask, shown: str) -> None:
    client = Machine(app).client
    headers = {"Authorization": f"Bearer {shown}".encode().decode("latin-1")}
    answer = client.get("/api/v1/token", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.content_type == "application/problem+json"


def test_a_token_that_is_over_opens_nothing(app: Flask, world: World, clock: FixedClock) -> None:
    token_id, shown = make_token(world, "officer", days=1)
    machine = Machine(app, shown)
    assert machine.get("/token").status_code == 200
    assert Machine(app, shown[:-1] + ("a" if shown[-1] != "a" else "b")).get("/token").status_code == 401
    clock.moment = NOW + timedelta(days=1) - timedelta(seconds=1)
    assert machine.get("/token").status_code == 200
    clock.moment = NOW + timedelta(days=1)
    assert machine.get("/token").status_code == 401
    clock.moment = NOW
    with open_work(world.actor("certifier"), NOW) as work:
        revoke_token(work, token_id)  # a colleague may
    assert machine.get("/token").status_code == 401


def test_the_token_of_a_disabled_person_opens_nothing(app: Flask, world: World) -> None:
    machine = Machine(app, make_token(world, "officer")[1])
    assert machine.get("/proposals").status_code == 200
    with open_work(world.actor("admin"), NOW) as work:
        disable_person(work, world.users["officer"])
    assert machine.get("/proposals").status_code == 401


def test_the_token_of_somebody_who_left_the_agency_opens_nothing(app: Flask, world: World) -> None:
    """And somebody of two agencies gives a token one of them only, and no other role."""
    machine = Machine(app, make_token(world, "reviewer_alpha")[1])
    assert machine.get("/proposals").status_code == 200
    with open_work(SYSTEM, NOW) as work:
        work.session.execute(
            delete(UserMembership).where(
                UserMembership.user_id == world.users["reviewer_alpha"], UserMembership.role == "officer"
            )
        )
    assert machine.get("/proposals").status_code == 401


def test_a_token_stands_for_one_agency_of_its_maker(app: Flask, world: World) -> None:
    things = make_things(world)
    with open_work(SYSTEM, NOW) as work:
        user_id, agency_id = world.users["officer"], world.agencies["beta"]
        work.session.add(UserMembership(user_id=user_id, role="officer", agency_id=agency_id))
    machine = Machine(app, make_token(world, "officer", agency="beta")[1])
    assert machine.get(f"/proposals/{things[OTHER]['draft']}").status_code == 200
    assert machine.get(f"/proposals/{things[OWN]['draft']}").status_code == 404


@pytest.mark.both_databases
def test_beyond_its_rate_a_token_waits(app: Flask, world: World, clock: FixedClock) -> None:
    token_id, shown = make_token(world, "officer")
    machine, other = Machine(app, shown), Machine(app, make_token(world, "certifier")[1])
    first = machine.get("/token")
    assert first.headers["RateLimit"].startswith(f'"token";r={RATE_LIMIT - 1};t=')
    with open_work(SYSTEM, NOW) as work:
        work.session.execute(
            update(TokenWindow).where(TokenWindow.token_id == token_id).values(count=RATE_LIMIT - 1)
        )
    assert machine.get("/token").status_code == 200
    refused = machine.get("/token")
    left = window_of(NOW)[1]
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(left))
    assert refused.headers["RateLimit"] == f'"token";r=0;t={left}'
    assert other.get("/token").status_code == 200
    clock.moment = NOW + timedelta(seconds=left)
    assert machine.get("/token").status_code == 200


def test_last_use_is_noted_now_and_then(app: Flask, world: World, clock: FixedClock) -> None:
    token_id, shown = make_token(world, "officer")
    machine = Machine(app, shown)

    def used_at() -> object:
        db.session.rollback()
        return db.session().scalar(select(ApiToken.used_at).where(ApiToken.id == token_id))

    assert used_at() is None
    machine.get("/token")
    assert used_at() == NOW
    clock.moment = NOW + timedelta(minutes=4)
    machine.get("/token")
    assert used_at() == NOW
    clock.moment = NOW + timedelta(minutes=5)
    machine.get("/token")
    assert used_at() == clock.moment


def test_a_drafts_words_reach_no_other_token(app: Flask, world: World) -> None:
    """A marked text typed in every free field of a draft is in no answer to another agency or to the office."""
    marker = "ลับเฉพาะXYZZY"
    things = make_things(world)
    draft = complete_draft()
    draft["names"] |= {"title_th": marker, "title_en": marker}
    draft["rationale"] = dict.fromkeys(draft["rationale"], marker)
    draft["budget"]["rows"][0]["item"] = marker
    marked = db.session().get_one(Proposal, write_draft(world, draft)).number
    machines = {
        "own": Machine(app, make_token(world, "officer")[1]),
        "beta": Machine(app, make_token(world, "officer_beta", agency="beta")[1]),
        "office": Machine(app, make_token(world, "secretariat", agency=None)[1]),
        "nobody": Machine(app),
    }
    seen = dict.fromkeys(machines, 0)
    for operation in OPERATIONS.values():
        if operation.method == "GET":
            path = operation.address.replace("{number}", marked).replace("{fiscal_year}", str(FISCAL_YEAR))
            for key in ("link", "report", "agency"):
                path = path.replace("{" + key + "}", things[OWN][key])
            path = path.replace("{sequence}", "1")
            for who, machine in machines.items():
                seen[who] += marker.encode() in machine.get(path).data
    assert seen.pop("own") > 3
    assert set(seen.values()) == {0}
