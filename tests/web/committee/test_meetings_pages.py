"""The pages of a meeting, from planning to its minutes, as the secretariat and a member of the committee use them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.decisions.facts import Level
from app.decisions.models import Decision, Meeting, MeetingMember
from app.decisions.queries import current_decisions
from app.kernel.db import db
from tests.conftest import Backend
from tests.decisions.held import CHAIR, end, hold, plan, start, version
from tests.decisions.test_meetings_recusing import member, number_of
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, World, file_proposal

LIST = f"/committee/calls/{FISCAL_YEAR}/meetings"
WHEN = {"starts-day": "26", "starts-month": "1", "starts-year": "2569", "starts-time": "13:30"}
COMMENT = "ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย"


@pytest.fixture
def app(sqlite_backend: Backend) -> Flask:
    return sqlite_backend.app


@pytest.fixture
def world(sqlite_backend: Backend) -> World:
    return sqlite_backend.world


@pytest.fixture(autouse=True)
def _context(app: Flask) -> object:
    with app.app_context():
        yield
        db.session.remove()


def post(client: FlaskClient, path: str, status: int = 303, **data: str | list[str]) -> str:
    answer = client.post(path, data={key.replace("__", "-"): value for key, value in data.items()})
    assert answer.status_code == status, text_of(answer)[:3000]
    return text_of(answer)


def scored(world: World, baht: str, level: int) -> int:
    proposal_id = file_one(world, baht)
    (assignment,) = assign(world, proposal_id, "reviewer_dga")
    hand_in(world, "reviewer_dga", assignment, scores(level, COMMENT))
    return proposal_id


def test_the_secretariats_meeting_leads_to_the_list_and_offers_no_decision(app: Flask, world: World) -> None:
    proposal_id = scored(world, "3000000.00", 4)
    meeting_id = hold(world, Level.SECRETARIAT)
    secretary, someone = browser(app, "secretariat", "en"), browser(app, "committee", "en")
    base = f"/committee/meetings/{meeting_id}"
    for path in (base, f"{base}/close"):
        page = text_of(secretary.get(path))
        assert f'href="/committee/calls/{FISCAL_YEAR}/scenarios"' in page
        assert 'name="leave-open"' not in page
    assert 'name="pick"' not in text_of(someone.get(f"{base}/decisions"))
    assert "settles the list to recommend" in text_of(someone.get(f"/committee/proposals/{proposal_id}"))
    post(secretary, f"{base}/close", expected=str(version(meeting_id)))


def test_a_meeting_from_its_planning_to_its_minutes(app: Flask, world: World) -> None:
    """The whole way through the pages: planned, invited, opened, decided by the list, written down, closed, read."""
    best, beyond = scored(world, "3000000.00", 4), scored(world, "2500000.00", 3)
    left_open = file_proposal(world)
    secretary, member = browser(app, "secretariat", "en"), browser(app, "committee", "en")
    assert "No meeting is planned" in text_of(secretary.get(LIST))
    assert "Plan a meeting" not in text_of(member.get(LIST))
    post(secretary, LIST, level="committee", place="ห้องประชุม 1 <b>", **WHEN)
    meeting = db.session().query(Meeting).one()
    base = f"/committee/meetings/{meeting.id}"
    for home in ("/secretariat/", "/committee/"):
        assert f"meeting 1/{FISCAL_YEAR}" in text_of((secretary if "sec" in home else member).get(home))
    address = f"/committee/proposals/{best}"
    waiting = text_of(member.get(address))
    assert "none is open now" in waiting
    assert f'href="{LIST}"' in waiting
    assert "none is open now" in post(
        member, address, 422, **{"decision-verdict": "approved", "decision-amount": "1"}
    )

    for page in ("", "/attendance"):  # nobody is invited: nothing is said of "0 of 0"
        assert "Neither the chair nor any member is invited yet" in text_of(secretary.get(base + page))
    planned = text_of(member.get(f"{base}/decisions"))
    assert "once the secretariat has opened the meeting" in planned
    post(secretary, f"{base}/invite", act="everybody")
    post(
        secretary,
        f"{base}/invite",
        **{"invite-name": CHAIR.name, "invite-post": CHAIR.post, "invite-duty": "chair"},
    )
    refused = post(secretary, f"{base}/open", 422, expected=str(version(meeting.id)))
    assert 'id="quorum-reason-error"' in refused
    people = {m.name: m for m in db.session().query(MeetingMember)}
    assert {name: m.role for name, m in people.items()} == {
        "ผู้ใช้ committee": "member",
        "ผู้ใช้ secretariat": "secretary",
        CHAIR.name: "chair",
    }
    rows = {}
    for m in people.values():
        rows |= {
            f"duty-{m.id}": m.role,
            f"post-{m.id}": m.post,
            f"presence-{m.id}": "present",
            f"note-{m.id}": "",
        }
    absent = people["ผู้ใช้ committee"].id
    bad = rows | {f"presence-{absent}": "represented"}
    page = post(secretary, f"{base}/attendance", 422, expected=str(version(meeting.id)), **bad)
    assert f'id="note-{absent}-error"' in page
    post(secretary, f"{base}/attendance", expected=str(version(meeting.id)), **rows)
    stale = post(secretary, f"{base}/attendance", 409, expected="1", **rows)
    assert "Somebody changed this meeting" in stale
    post(secretary, f"{base}/open", expected=str(version(meeting.id)))

    page = text_of(member.get(address))
    assert f'value="1/{FISCAL_YEAR}-4.1"' in page
    listed = text_of(member.get(f"{base}/decisions"))
    assert listed.count('name="pick"') == 3
    assert 'name="pick"' not in text_of(secretary.get(f"{base}/decisions"))
    assert text_of(member.get(f"{base}/decisions?standing=out")).count('name="pick"') == 1
    refused = post(member, f"{base}/decisions/preview", 422, errand="follow", scope="all")
    assert 'id="reason-error"' in refused
    order = {"errand": "follow", "out": "deferred", "reason": "เกินกรอบ <i>"}
    preview = post(member, f"{base}/decisions/preview", 200, scope="all", **order)
    assert "it is not scored" in preview.lower()
    fingerprint = re.search(r'name="fingerprint" value="([0-9a-f]{64})"', preview)
    assert fingerprint is not None
    picks = re.findall(r'name="pick" value="(\d+)"', preview)
    assert db.session().query(Decision).count() == 0
    changed = post(member, f"{base}/decisions", 409, pick=picks, fingerprint="0" * 64, **order)
    assert "nothing was recorded" in changed
    post(member, f"{base}/decisions", pick=picks, fingerprint=fingerprint[1], **order)
    found = current_decisions(db.session(), world.call_id)
    assert {i: (d.verdict, d.amount, d.number) for i, d in found.items()} == {
        best: ("approved", 600_000_000, f"1/{FISCAL_YEAR}-4.1"),
        beyond: ("deferred", 0, f"1/{FISCAL_YEAR}-4.2"),
    }
    assert text_of(member.get(f"{base}/decisions?when=none")).count('name="pick"') == 1

    minutes = text_of(secretary.get(f"{base}/minutes"))
    for words in (
        "รายงานการประชุมคณะกรรมการจัดทำงบประมาณรายจ่ายบูรณาการ",
        f"ครั้งที่ 1/{FISCAL_YEAR}",
        "วันจันทร์ที่ 26 มกราคม 2569 เวลา 13.30 น.",
        "ณ ห้องประชุม 1",
        CHAIR.name,
        "เห็นชอบ 1 โครงการ วงเงิน 6,000,000.00 บาท เลื่อนการพิจารณา 1 โครงการ",
        "ข้อเสนออีก 1 โครงการยังไม่มีมติ",
        "เหตุผล: เกินกรอบ <i>",
    ):
        assert words in minutes, words
    assert "<i>" not in secretary.get(f"{base}/minutes").get_data(as_text=True)
    assert ">Draft minutes</a>" in minutes
    assert 'id="leave-open-error"' in post(secretary, f"{base}/close", 422, expected=str(version(meeting.id)))
    post(secretary, f"{base}/close", **{"leave-open": "1", "expected": str(version(meeting.id))})
    closed = text_of(secretary.get(f"{base}/minutes"))  # nothing about it is a draft any more
    assert ">Minutes</a>" in closed
    assert "draft" not in closed.lower()
    assert "It is closed" in text_of(member.get(base))
    assert left_open not in current_decisions(db.session(), world.call_id)
    post(secretary, f"{base}/attendance", 422, expected=str(version(meeting.id)), **rows)


def test_an_agenda_keeps_what_was_typed_when_it_is_refused(app: Flask, world: World) -> None:
    meeting_id = plan(world)
    client = browser(app, "secretariat", "en")
    address = f"/committee/meetings/{meeting_id}/agenda"
    page = text_of(client.get(address))
    items = re.findall(r'name="item-(\d+)" value="(\d+)"', page)
    assert len(items) == 5
    rows = {}
    for n, item_id in items:
        rows |= {f"item-{n}": item_id, f"kind-{n}": "other", f"title-{n}": f"เรื่อง {n}", f"position-{n}": n}
    refused = post(client, address, 422, expected="1", **(rows | {"title-2": "", "text-2": "ที่จดไว้แล้ว"}))
    assert 'id="title-2-error"' in refused
    assert "ที่จดไว้แล้ว" in refused
    assert "There must be an item for consideration" in refused
    post(client, address, expected="1", **(rows | {"kind-3": "consider", "leaves-0": "1"}))
    assert len(re.findall(r'name="item-', text_of(client.get(address)))) == 4


def test_a_member_asks_not_to_take_part(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    meeting_id = hold(world, people=[CHAIR, member(world)])
    client = browser(app, "committee", "en")
    base = f"/committee/meetings/{meeting_id}"
    chair, mine = (m.id for m in db.session().query(MeetingMember).order_by(MeetingMember.id))
    word = {"recusal-number": number_of(proposal_id), "recusal-reason": "เคยเป็นที่ปรึกษา"}
    post(client, f"{base}/recusals", 422, **word, **{"recusal-member": str(chair)})
    post(client, f"{base}/recusals", 422, **(word | {"recusal-reason": ""}), **{"recusal-member": str(mine)})
    post(client, f"{base}/recusals", **word, **{"recusal-member": str(mine)})
    page = text_of(client.get(f"/committee/proposals/{proposal_id}"))
    assert "You asked not to take part" in page
    assert "decision-verdict" not in page
    listed = text_of(client.get(f"{base}/decisions"))
    assert "Takes no part: ผู้ใช้ committee" in listed
    minutes = text_of(client.get(f"{base}/minutes"))
    assert "ไม่อยู่ในที่ประชุมระหว่างการพิจารณาข้อเสนอเลขที่" in minutes
    assert "เคยเป็นที่ปรึกษา" in minutes


def test_pages_ask_a_constant_number_of_queries(app: Flask, world: World) -> None:
    file_proposal(world)
    meeting_id = hold(world)
    client = browser(app, "secretariat")
    base = f"/committee/meetings/{meeting_id}"
    pages = [LIST, base, *(f"{base}/{p}" for p in ("agenda", "attendance", "decisions", "minutes", "close"))]
    few = {page: queries_of(client, page) for page in pages}
    for _ in range(3):
        file_proposal(world)
    end(world, meeting_id)
    plan(world)
    meeting_id_2 = plan(world)
    start(world, meeting_id_2, "เหตุผล")
    many = {page: queries_of(client, page) for page in pages}
    assert max(few.values()) <= 12, few
    assert max(many.values()) <= 12, many
