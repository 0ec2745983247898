"""The call page extends a call and ends it again; every desk and the front page say so at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select

from app.calls.models import Call, CallExtension
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal
from tests.conftest import FixedClock
from tests.instruments import SERVER_ZONES, server_zone
from tests.web.desks import SeparateClient, browser, file_one, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, write_draft

CALL = f"/secretariat/calls/{FISCAL_YEAR}"
CLOSES = datetime.fromisoformat("2025-11-27T00:00:00+07:00")
INSTANT = timedelta(milliseconds=1)
FORM = {
    "agency": "all",
    "closes_at-day": "28",
    "closes_at-month": "11",
    "closes_at-year": "2568",
    "closes_at-time": "24:00",
    "reason": "ระบบเครือข่ายภาครัฐขัดข้อง",
}


def extensions() -> list[CallExtension]:
    db.session.rollback()
    return list(db.session.scalars(select(CallExtension)))


def publish_grace() -> None:
    db.session.scalars(select(Call)).one().grace_minutes = 15
    db.session.commit()


def test_an_extension_for_all_stands_on_every_page_at_once(app: Flask, world: World) -> None:
    secretariat = browser(app, "secretariat")
    answer = secretariat.post(f"{CALL}/extensions", data=FORM)
    assert answer.status_code == 303
    for name in ("officer", "officer_beta", "secretariat", "committee", "reviewer_bb"):
        page = text_of(browser(app, name).get("/desk", follow_redirects=True))
        assert "ปิดรับ <time" in page
        assert "28 พ.ย. 2568 24:00 น." in page, name
        assert "ขยายเวลาแล้ว" in page
    for path in (CALL, "/secretariat/calls"):
        page = text_of(secretariat.get(path))
        assert "28 พ.ย. 2568 24:00 น." in page
        assert FORM["reason"] in page
    front = text_of(SeparateClient(app, app.response_class).get("/"))
    assert "ขยายเวลาให้ทุกหน่วยงานถึง" in front
    assert FORM["reason"] in front


def test_an_extension_for_one_moves_that_ones_deadline_alone(app: Flask, world: World) -> None:
    form = FORM | {"agency": str(world.agencies["beta"])}
    assert browser(app, "secretariat").post(f"{CALL}/extensions", data=form).status_code == 303
    home = text_of(browser(app, "officer_beta", "en").get("/agency/"))
    assert "28 Nov 2568 B.E., 24:00:00" in home
    assert "Extended. Reason: ระบบเครือข่ายภาครัฐขัดข้อง" in home
    home = text_of(browser(app, "officer", "en").get("/agency/"))
    assert "26 Nov 2568 B.E., 24:00:00" in home
    assert "Extended" not in home
    front = text_of(SeparateClient(app, app.response_class).get("/"))
    assert "ขยายเวลาให้กรมเบตาถึง" in front


def test_ending_it_brings_the_earlier_deadline_back(app: Flask, world: World) -> None:
    secretariat = browser(app, "secretariat", "en")
    secretariat.post(f"{CALL}/extensions", data=FORM)
    (extension,) = extensions()
    page = text_of(secretariat.get(CALL))
    assert f"{CALL}/extensions/{extension.id}/end" in page
    assert secretariat.post(f"{CALL}/extensions/{extension.id}/end").status_code == 303
    page = text_of(secretariat.get(CALL))
    assert "Ended" in page
    assert f"{CALL}/extensions/{extension.id}/end" not in page
    assert "26 Nov 2568 B.E., 24:00" in text_of(secretariat.get("/secretariat/"))
    again = secretariat.post(f"{CALL}/extensions/{extension.id}/end")
    assert again.status_code == 422
    assert "has ended already" in text_of(again)
    assert secretariat.post(f"/secretariat/calls/2599/extensions/{extension.id}/end").status_code == 404


# what is typed instead -> where the problems stand
WRONG: list[tuple[dict[str, str], list[str]]] = [
    ({"agency": ""}, ["agency"]),
    ({"agency": "999999"}, ["agency"]),
    ({"agency": "alpha"}, ["agency"]),
    ({"closes_at-day": "26"}, ["closes_at"]),
    ({"closes_at-year": "2025"}, ["closes_at-year"]),
    ({"closes_at-time": "noon"}, ["closes_at-time"]),
    ({"reason": ""}, ["reason"]),
    ({"reason": "สั้น"}, ["reason"]),
    ({"reason": "ก" * 1001}, ["reason"]),
    (
        dict.fromkeys(FORM, ""),
        ["agency", "closes_at-day", "closes_at-month", "closes_at-year", "closes_at-time", "reason"],
    ),
    # what cannot be read does not hide what the rule refuses
    ({"closes_at-day": "26", "reason": ""}, ["closes_at", "reason"]),
    ({"agency": "", "closes_at-day": "26", "reason": "สั้น"}, ["agency", "closes_at", "reason"]),
    ({"closes_at-time": "noon", "reason": "สั้น"}, ["closes_at-time", "reason"]),
]


@pytest.mark.parametrize(("change", "places"), WRONG, ids=lambda v: str(v)[:60])
def test_what_cannot_be_is_told_and_nothing_typed_is_lost(
    app: Flask, world: World, change: dict[str, str], places: list[str]
) -> None:
    typed = FORM | change
    answer = browser(app, "secretariat").post(f"{CALL}/extensions", data=typed)
    page = text_of(answer)
    assert answer.status_code == 422
    for place in places:
        assert f'href="#{place}"' in page
        assert f'id="{place}-error"' in page
        assert f'id="{place}"' in page
    for name, value in typed.items():
        assert value in page or name in places
    assert '<details class="why" id="extend" open>' in page
    assert extensions() == []


def test_after_a_decision_nothing_is_extended(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, proposal_id, Verdict.REJECTED, 0, resolution="1/2568", reason="ไม่สอดคล้องกับแผน")
    client = browser(app, "secretariat", "en")
    assert 'id="extend"' not in text_of(client.get(CALL))
    answer = client.post(f"{CALL}/extensions", data=FORM)
    assert answer.status_code == 422
    assert "can no longer be extended" in text_of(answer)
    assert extensions() == []


# milliseconds from the closing moment (15 minutes of grace) -> which words are shown, which are kept hidden
GRACE = 15 * 60_000
STANDING = [
    (-1, "open"),
    (0, "grace"),
    (1, "grace"),
    (GRACE - 1, "grace"),
    (GRACE, "closed"),
    (GRACE + 1, "closed"),
]


@pytest.mark.parametrize(("milliseconds", "shown"), STANDING)
def test_the_bar_says_where_the_deadline_stands(
    app: Flask, world: World, clock: FixedClock, milliseconds: int, shown: str
) -> None:
    publish_grace()
    clock.moment = CLOSES + timedelta(milliseconds=milliseconds)
    page = text_of(browser(app, "secretariat").get(CALL))
    for phase in ("upcoming", "open", "grace", "closed"):
        assert f'data-when="{phase}"{"" if phase == shown else " hidden"}>' in page
    assert f'data-now="{clock.moment.isoformat(timespec="milliseconds")}"' in page


@pytest.mark.parametrize("zone", SERVER_ZONES)
def test_the_stamp_of_arrival_decides(
    app: Flask, world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """However long a request waits inside: here every later look at the clock is an hour later."""
    publish_grace()
    clock.moment = CLOSES - timedelta(minutes=1)
    officer = browser(app, "officer")
    with server_zone(zone):
        for milliseconds, status in (
            (-1, 303),
            (0, 303),
            (1, 303),
            (GRACE - 1, 303),
            (GRACE, 422),
            (GRACE + 1, 422),
        ):
            stamp = CLOSES + timedelta(milliseconds=milliseconds)
            looks = (stamp + timedelta(hours=n) for n in count())
            monkeypatch.setitem(app.config, "CLOCK", lambda looks=looks: next(looks))
            answer = officer.post("/agency/proposals", data={"fiscal_year": str(FISCAL_YEAR)})
            assert answer.status_code == status, milliseconds
    assert "ผ่อนผันถึงก่อน 27 พ.ย. 2568 00:15:00 น." in text_of(answer)


def test_a_receipt_says_by_what_it_was_judged(app: Flask, world: World) -> None:
    publish_grace()
    file_one(world)
    drafted = write_draft(world, complete_draft())
    with open_work(world.actor("officer"), CLOSES) as work:
        submit_proposal(work, drafted, "key")
    visitor = SeparateClient(app, app.response_class)
    early, late = (text_of(visitor.get(f"/receipts/verify/R{FISCAL_YEAR}-000{n}-1")) for n in (1, 2))
    for page in (early, late):
        assert "26 พ.ย. 2568 24:00:00 น." in page
    assert "ยื่นในช่วงผ่อนผัน" in late
    assert "ยื่นในช่วงผ่อนผัน" not in early
    officer = browser(app, "officer", "en")
    assert "Filed in the grace period" in text_of(officer.get(f"/agency/proposals/{drafted}/receipt"))


@pytest.mark.both_databases
def test_pages_ask_the_same_whatever_was_extended(app: Flask, world: World) -> None:
    client, officer = browser(app, "secretariat"), browser(app, "officer")
    paths = ((client, CALL), (client, "/secretariat/calls"), (client, "/"), (officer, "/agency/"))
    before = [queries_of(who, path) for who, path in paths]
    for day in range(28, 31):
        form = FORM | {"closes_at-day": str(day), "agency": str(world.agencies["alpha"])}
        assert client.post(f"{CALL}/extensions", data=form).status_code == 303
    assert [queries_of(who, path) for who, path in paths] == before
    assert max(before) <= 12
