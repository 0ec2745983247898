"""The calendar feed: parsed as a calendar program does, moved by extensions, closed to every address but one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from app.calls.actions import end_extension, extend_call
from app.calls.models import Call
from app.identity.actions import disable_person, enable_person
from app.identity.facts import SYSTEM
from app.identity.models import User
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.models import ProposalReturn, Submission
from tests.web.desks import SeparateClient, browser, file_one, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, write_draft

CLOSES = datetime.fromisoformat("2025-11-27T00:00:00+07:00")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REASON = "ระบบเครือข่ายภาครัฐขัดข้อง"


def address(app: Flask, name: str) -> str:
    """The path of somebody's feed, as the account page shows it."""
    page = text_of(browser(app, name).get("/account"))
    start = page.index("/calendar/")
    return page[start : page.index(".ics", start) + 4]


def read(app: Flask, path: str) -> dict[str, Any]:
    """The events of a feed by uid without its host; nobody is signed in."""
    answer = SeparateClient(app, app.response_class).get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.get_data())
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Bangkok"]
    events = {str(e["UID"]).partition("@")[0]: e for e in calendar.walk("VEVENT")}
    assert len(events) == len(calendar.walk("VEVENT"))
    return events


def extend(world: World, closes_at: datetime, agency: str | None, at: datetime = NOW) -> int:
    with open_work(world.actor("secretariat"), at) as work:
        agency_id = world.agencies[agency] if agency else None
        return extend_call(work, FISCAL_YEAR, agency_id, closes_at, REASON, is_decided=False).id


def give_back(world: World, proposal_id: int, due_at: datetime) -> int:
    submission = db.session.scalars(select(Submission).where(Submission.proposal_id == proposal_id)).one()
    row = ProposalReturn(
        proposal_id=proposal_id,
        cycle=1,
        submission_id=submission.id,
        state="open",
        sections='["plan"]',
        message="ลับเฉพาะ",
        returned_at=NOW,
        due_at=due_at,
    )
    db.session.add(row)
    db.session.commit()
    return row.id


def test_an_officers_calendar_holds_the_call_and_what_is_not_filed(app: Flask, world: World) -> None:
    db.session.scalars(select(Call)).one().grace_minutes = 15
    db.session.commit()
    for _ in range(2):
        write_draft(world, complete_draft(names={"title_th": "ชื่อลับ", "title_en": "Secret title"}))
    write_draft(world, complete_draft(), by="officer_beta", agency="beta")
    alpha = world.agencies["alpha"]
    events = read(app, address(app, "officer"))
    assert events.keys() == {f"call-{FISCAL_YEAR}-opening", f"call-{FISCAL_YEAR}-closing-{alpha}"}
    closing = events[f"call-{FISCAL_YEAR}-closing-{alpha}"]
    assert (closing.start, closing.end) == (
        CLOSES - HOUR,
        CLOSES,
    )  # the last hour, on the day that still counts
    assert str(closing["DTSTART"].params["TZID"]) == "Asia/Bangkok"
    told = str(closing["DESCRIPTION"])
    for words in ("26 พ.ย. 2568 24:00 น.", "ช่วงผ่อนผันถึงก่อน 27 พ.ย. 2568 00:15 น.", "ร่างที่ยังไม่ได้ยื่น: 2 ฉบับ"):
        assert words in told
    assert "ลับ" not in closing.to_ical().decode()
    assert str(closing["SUMMARY"]) == "ปิดรับ: รอบคำขอเพื่อการทดสอบ"
    rings = [closing.start + alarm["TRIGGER"].dt for alarm in closing.walk("VALARM")]
    assert rings == [CLOSES - 3 * DAY, CLOSES - DAY, CLOSES - HOUR]
    opening = events[f"call-{FISCAL_YEAR}-opening"]
    assert opening.start == datetime.fromisoformat("2025-11-17T00:00:00+07:00")
    assert opening.walk("VALARM") == []


def test_it_speaks_the_persons_language(app: Flask, world: World) -> None:
    path = address(app, "officer")
    db.session.get_one(User, world.users["officer"]).language = "en"
    db.session.commit()
    alpha = world.agencies["alpha"]
    closing = read(app, path)[f"call-{FISCAL_YEAR}-closing-{alpha}"]
    assert str(closing["SUMMARY"]) == "Closes: Call for testing"
    assert "Filings must arrive before 26 Nov 2568 B.E., 24:00" in str(closing["DESCRIPTION"])


def test_an_extension_moves_the_same_event(app: Flask, world: World) -> None:
    """The uid stays, the sequence grows, and only the agencies concerned see it move."""
    alpha, beta = address(app, "officer"), address(app, "officer_beta")
    uid = {
        name: f"call-{FISCAL_YEAR}-closing-{world.agencies[key]}"
        for name, key in ((alpha, "alpha"), (beta, "beta"))
    }

    def seen(path: str) -> tuple[datetime, int, datetime]:
        event = read(app, path)[uid[path]]
        return event.end, int(event["SEQUENCE"]), event["LAST-MODIFIED"].dt

    assert seen(alpha) == (CLOSES, 0, NOW)
    one = extend(world, CLOSES + DAY, "alpha", NOW + HOUR)
    assert seen(alpha) == (CLOSES + DAY, 1, NOW + HOUR)
    assert seen(beta) == (CLOSES, 0, NOW)
    assert REASON in str(read(app, alpha)[uid[alpha]]["DESCRIPTION"])
    extend(world, CLOSES + 2 * DAY, None, NOW + 2 * HOUR)
    assert seen(alpha) == (CLOSES + 2 * DAY, 2, NOW + 2 * HOUR)
    assert seen(beta) == (CLOSES + 2 * DAY, 1, NOW + 2 * HOUR)
    with open_work(world.actor("secretariat"), NOW + 3 * HOUR) as work:
        end_extension(work, one)
    assert seen(alpha) == (CLOSES + 2 * DAY, 3, NOW + 3 * HOUR)
    assert seen(beta) == (CLOSES + 2 * DAY, 1, NOW + 2 * HOUR)


def test_the_secretariat_sees_who_was_given_longer(app: Flask, world: World) -> None:
    extend(world, CLOSES + DAY, "alpha")
    events = read(app, address(app, "secretariat"))
    alpha = world.agencies["alpha"]
    assert events[f"call-{FISCAL_YEAR}-closing"].end == CLOSES
    assert events[f"call-{FISCAL_YEAR}-closing-{alpha}"].end == CLOSES + DAY
    assert "(กรมอัลฟา)" in str(events[f"call-{FISCAL_YEAR}-closing-{alpha}"]["SUMMARY"])
    assert read(app, address(app, "committee")).keys() == {
        f"call-{FISCAL_YEAR}-opening",
        f"call-{FISCAL_YEAR}-closing",
    }


def test_open_returns_are_due_for_their_agencies(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    return_id = give_back(world, proposal_id, NOW + 7 * DAY)
    due = read(app, address(app, "officer"))[f"return-{return_id}"]
    assert (due.start, due.end) == (NOW + 7 * DAY - HOUR, NOW + 7 * DAY)
    assert "2570-0001" in str(due["SUMMARY"])
    assert "ลับ" not in due.to_ical().decode()
    assert len(due.walk("VALARM")) == 3
    for other in ("officer_beta", "secretariat"):
        assert f"return-{return_id}" not in read(app, address(app, other))
    row = db.session.get_one(ProposalReturn, return_id)
    row.state, row.ended_at = "answered", NOW
    db.session.commit()
    assert f"return-{return_id}" not in read(app, address(app, "officer"))


WRONG: list[tuple[str, Callable[[str], str]]] = [
    ("another token", lambda path: path[:-68] + "0" * 64 + ".ics"),
    ("another person", lambda path: path.replace("/calendar/1-", "/calendar/2-")),
    ("nobody", lambda path: path.replace("/calendar/1-", "/calendar/99999-")),
    ("a huge number", lambda path: path.replace("/calendar/1-", "/calendar/9999999999-")),
    ("a short token", lambda path: path[:-5] + ".ics"),
    ("a letter that is no digit", lambda path: path[:-5] + "ก.ics"),
    ("no ending", lambda path: path[:-4]),
]


@pytest.mark.parametrize("change", [w[1] for w in WRONG], ids=[w[0] for w in WRONG])
def test_any_other_address_is_not_found(app: Flask, world: World, change: Callable[[str], str]) -> None:
    path = address(app, "officer")
    assert path.startswith("/calendar/1-")
    assert SeparateClient(app, app.response_class).get(change(path)).status_code == 404


def test_a_renewed_address_ends_the_earlier_one(app: Flask, world: World) -> None:
    path = address(app, "officer")
    others = address(app, "officer_beta")
    client = browser(app, "officer", "en")
    answer = client.post("/account/calendar")
    assert answer.status_code == 303
    visitor = SeparateClient(app, app.response_class)
    renewed = address(app, "officer")
    assert renewed != path
    assert [visitor.get(p).status_code for p in (path, renewed, others)] == [404, 200, 200]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "renew_calendar")).one()
    assert (entry.actor_id, entry.subject) == (world.users["officer"], f"user:{world.users['officer']}")


def test_a_disabled_person_has_no_calendar(app: Flask, world: World) -> None:
    path, visitor = address(app, "officer"), SeparateClient(app, app.response_class)
    for action, status in ((disable_person, 404), (enable_person, 200)):
        with open_work(SYSTEM, NOW) as work:
            action(work, world.users["officer"])
        assert visitor.get(path).status_code == status


def test_what_has_not_changed_is_not_sent_again(app: Flask, world: World) -> None:
    path, visitor = address(app, "officer"), SeparateClient(app, app.response_class)
    first = visitor.get(path)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = visitor.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    extend(world, CLOSES + DAY, None)
    assert visitor.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.both_databases
def test_it_asks_the_same_whatever_the_number(app: Flask, world: World) -> None:
    path, visitor = address(app, "officer"), SeparateClient(app, app.response_class)
    before = queries_of(visitor, path)
    for n in range(3):
        write_draft(world, complete_draft())
        give_back(world, file_one(world), NOW + (n + 2) * DAY)
        extend(world, CLOSES + (n + 1) * DAY, "alpha")
    assert queries_of(visitor, path) == before <= 9


def test_without_any_call_there_is_still_a_calendar(app: Flask, world: World) -> None:
    """A calendar needs a component; the zone is one."""
    path = address(app, "officer")
    db.session.delete(db.session.scalars(select(Call)).one())
    db.session.commit()
    assert read(app, path) == {}
