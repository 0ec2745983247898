"""Loading the demo: the register, the people and three calls, once, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import find_call, get_call
from app.cli.call_files import open_call_file
from app.cli.demo.following import follow_2565, follow_2567
from app.cli.demo.open_round import list_certified, open_demo_call, play_open_round
from app.cli.demo.outcomes import record_outcomes
from app.cli.demo.people import PASSWORD, list_people
from app.cli.demo.publishing import publish_years
from app.cli.demo.replay import Stage, compare_filings
from app.cli.demo.replay_2567 import Until, replay_2567
from app.cli.demo.subjects import read_subjects
from app.cli.import_lines import import_lines
from app.cli.register import read_register
from app.figures.press import book_store
from app.identity.actions import (
    add_agency,
    add_demo_person,
    add_ministry,
    disable_person,
    invite_person,
)
from app.identity.facts import SYSTEM, Actor, Body, Membership, Role
from app.identity.models import Agency, Ministry
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work, open_work
from app.web.filing import attachment_store

LINES_2565 = Path(__file__).with_name("fy2565_dgi_budget_lines.csv")
REGISTERED_AT = datetime(2022, 11, 21, 9, 0, tzinfo=BANGKOK)
IMPORTED_AT = datetime(2022, 11, 22, 9, 0, tzinfo=BANGKOK)
CALL_2567_AT = datetime(2022, 11, 29, 15, 0, tzinfo=BANGKOK)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What `load_demo` did; `open_year` is the fiscal year of the open call, None when nothing was loaded, or FY2567 only
    as far as `until`."""

    open_year: int | None
    until: Until | None = None

    def say(self) -> Text:
        if self.until is Until.MEETING:
            return Text(
                "โหลดข้อมูลสาธิตแล้ว: ปีงบประมาณ 2565 และ 2567 ซึ่งให้คะแนนแล้วและรอการประชุมคณะกรรมการ",
                "Demo loaded: fiscal years 2565 and 2567, scored and waiting for the committee to meet",
            )
        if self.until is Until.ASSIGNMENT:
            return Text(
                "โหลดข้อมูลสาธิตแล้ว: ปีงบประมาณ 2565 และ 2567 ซึ่งกลั่นกรองแล้วและรอมอบหมายผู้พิจารณา",
                "Demo loaded: fiscal years 2565 and 2567, screened and waiting for its reviewers to be chosen",
            )
        if self.open_year is None:
            return Text(
                "โหลดข้อมูลสาธิตไว้แล้ว ไม่มีอะไรเปลี่ยนแปลง",
                "The demo is already loaded; nothing changed",
            )
        return Text(
            f"โหลดข้อมูลสาธิตแล้ว: ปีงบประมาณ 2565, 2567 และรอบที่เปิดรับ {self.open_year}",
            f"Demo loaded: fiscal years 2565, 2567 and the open call of {self.open_year}",
        )


def load_demo(now: datetime, say: Callable[[str], object] = str, *, until: Until | None = None) -> Loaded:
    """Load the demo unless it is there: all of it or nothing, but for what is published of it, which comes after.

    `now` decides the open call's window. `until` loads no open call, and leaves FY2567 there for people to go on. `say` is
    told in both languages what was done.
    """
    is_there = find_call(db.session(), 2567) is not None
    loaded = Loaded(None) if is_there else _load(now, until)
    said = loaded.say()
    say(f"{said.th}\n{said.en}")
    return loaded


def _load(now: datetime, until: Until | None) -> Loaded:
    with open_work(SYSTEM, now) as work:
        stage = Stage(work, attachment_store())
        register_everybody(stage)
        import_lines(stage.by("", IMPORTED_AT), 2565, LINES_2565.read_bytes())
        compare_filings(stage, 2565, IMPORTED_AT)
        open_call_file(stage.by("", CALL_2567_AT), 2567)
        books = book_store(current_app.config["DGI"])
        replay_2567(stage, get_call(work.session, 2567), books, until)
        if until is not None:
            return Loaded(None, until)
        follow_2565(stage, get_call(work.session, 2565))
        spent = follow_2567(stage, get_call(work.session, 2567))
        record_outcomes(stage, get_call(work.session, 2567), spent)
        call = open_demo_call(work)
        play_open_round(stage, call)
        compare_filings(stage, call.fiscal_year, now)
        _leave_admin_something(stage, now)
    publish_years(now)
    return Loaded(call.fiscal_year)


def register_everybody(stage: Stage) -> None:
    """Ministries, agencies and people; what is registered already stays as it is."""
    work = stage.by("", REGISTERED_AT)
    _register_agencies(work)
    officers = list(dict.fromkeys(s.agency for s in read_subjects()))
    for person in list_people(officers, list_certified()):
        agency_id = stage.agency_id(person.agency) if person.agency else None
        body = Body(person.agency) if person.role is Role.REVIEWER else None
        membership = Membership(person.role, agency_id, body)
        user_id = add_demo_person(work, person.email, person.name, PASSWORD, [membership])
        stage.people[person.login] = user_id
        if person.disabled:
            disable_person(work, user_id)


def _register_agencies(work: Work[Actor]) -> None:
    session: Session = work.session
    register = read_register()
    ministries = {name: key for name, key in session.execute(select(Ministry.name_th, Ministry.id))}
    known = set(session.scalars(select(Agency.name_th)))
    ids = {}
    for ministry in register.ministries:
        ids[ministry.code] = (
            ministries.get(ministry.name.th) or add_ministry(work, ministry.code, ministry.name).id
        )
    for agency in register.agencies:
        if agency.name.th not in known:
            add_agency(work, agency.code, agency.name, ids[agency.ministry])


def _leave_admin_something(stage: Stage, now: datetime) -> None:
    """An invitation nobody has accepted yet."""
    invite_person(
        stage.by("admin", now),
        "newcomer@demo.example",
        Text("มาใหม่ สาธิต", "Mamai Sathit"),
        [Membership(Role.OFFICER, stage.agency_id("dlt"))],
    )
