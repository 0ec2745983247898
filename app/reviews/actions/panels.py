"""Panels are made, changed and ended; what reviewers can take and know best is written down."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from app.calls.models import Call
from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import BODY_NAMES, Actor, Body
from app.identity.queries import list_reviewers
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.reviews.models import Panel, PanelMember, ReviewerProfile
from app.reviews.queries.panels import read_panels

NOT_SAVED = Text("ยังบันทึกคณะพิจารณาไม่ได้", "The panel was not saved")
PROFILE_NOT_SAVED = Text("ยังบันทึกข้อมูลผู้พิจารณาไม่ได้", "The reviewer's details were not saved")
PANEL_STALE = Text(
    "มีผู้แก้ไขคณะพิจารณานี้ไปแล้ว กรุณาตรวจก่อนบันทึกอีกครั้ง",
    "Somebody else changed this panel; check before saving again",
)
PROFILE_STALE = Text(
    "มีผู้แก้ไขข้อมูลผู้พิจารณาคนนี้ไปแล้ว กรุณาตรวจก่อนบันทึกอีกครั้ง",
    "Somebody else changed this reviewer's details; check before saving again",
)
NAME_NEEDED = Text("กรุณาตั้งชื่อคณะทั้งภาษาไทยและภาษาอังกฤษ", "Name the panel in Thai and in English")
NAME_TAKEN = Text("รอบนี้มีคณะชื่อนี้อยู่แล้ว", "This call has a panel of that name already")
TOO_LONG = Text("ชื่อคณะยาวได้ไม่เกิน 200 ตัวอักษร", "A panel's name has at most 200 characters")
SEATS_WRONG = Text("จำนวนที่นั่งต้องอยู่ระหว่าง 1 ถึง {most}", "Seats must be from 1 to {most}")
BODY_UNKNOWN = Text("ไม่รู้จักหน่วยงานร่วมพิจารณา “{code}”", "The body “{code}” is not known")
STAGE_UNKNOWN = Text("แผนของรอบนี้ไม่มีช่วง “{code}”", "The call's plan has no stage “{code}”")
CODE_UNKNOWN = Text("แผนของรอบนี้ไม่มีรหัส “{code}”", "The call's plan has no code “{code}”")
NO_REVIEWER = Text(
    "ผู้ใช้เลขที่ {id} ไม่ได้เป็นผู้พิจารณาที่ใช้งานอยู่", "The person with number {id} is not an active reviewer"
)
OTHER_BODY = Text(
    "{name} อยู่ {own} จึงอยู่ในคณะของ {body} ไม่ได้", "{name} is of {own} and cannot sit in a panel of {body}"
)
LIMIT_WRONG = Text("จำนวนเรื่องสูงสุดต้องอยู่ระหว่าง 0 ถึง {most}", "The limit must be from 0 to {most}")
MOST_SEATS, MOST_PROPOSALS = 20, 10_000


@dataclass(frozen=True, slots=True)
class PanelFacts:
    """A panel as a form gives it. `body` and `stage` "" are any."""

    name: Text
    body: str
    stage: str
    seats: int
    members: tuple[int, ...] = ()


def _judge(work: Work[Actor], call: CallView, wanted: PanelFacts, own_id: int | None) -> list[Problem]:
    problems = []
    for place, typed in (("name_th", wanted.name.th), ("name_en", wanted.name.en)):
        if not typed.strip():
            problems.append(Problem(place, NAME_NEEDED))
        elif len(typed.strip()) > 200:
            problems.append(Problem(place, TOO_LONG))
    others = read_panels(work.session, Panel.call_id == call.id, Panel.ended_at.is_(None))
    if any(p.id != own_id and p.name.th == wanted.name.th.strip() for p in others):
        problems.append(Problem("name_th", NAME_TAKEN))
    if not 1 <= wanted.seats <= MOST_SEATS:
        problems.append(Problem("seats", SEATS_WRONG.fill(most=MOST_SEATS)))
    if wanted.body and wanted.body not in list(Body):
        problems.append(Problem("body", BODY_UNKNOWN.fill(code=wanted.body)))
    if wanted.stage and wanted.stage not in {c.code for c in call.plan.stages}:
        problems.append(Problem("stage", STAGE_UNKNOWN.fill(code=wanted.stage)))
    bodies: dict[int, set[Body]] = {}
    names: dict[int, Text] = {}
    for user_id, name, body, _ in list_reviewers(work.session):
        bodies.setdefault(user_id, set()).add(body)
        names[user_id] = name
    for member in wanted.members:
        if member not in bodies:
            problems.append(Problem("members", NO_REVIEWER.fill(id=member)))
        elif wanted.body in list(Body) and Body(wanted.body) not in bodies[member]:
            own = BODY_NAMES[min(bodies[member])]
            problems.append(
                Problem(
                    "members",
                    OTHER_BODY.fill(name=names[member], own=own, body=BODY_NAMES[Body(wanted.body)]),
                )
            )
    return problems


def _write(work: Work[Actor], panel: Panel, wanted: PanelFacts) -> None:
    panel.name_th, panel.name_en = wanted.name.th.strip(), wanted.name.en.strip()
    panel.body, panel.stage, panel.seats = wanted.body, wanted.stage, wanted.seats
    work.session.add(panel)
    work.session.flush()
    members = list(dict.fromkeys(wanted.members))
    before = list(
        work.session.scalars(
            select(PanelMember.user_id).where(PanelMember.panel_id == panel.id).order_by(PanelMember.id)
        )
    )
    if before != members:
        work.session.execute(delete(PanelMember).where(PanelMember.panel_id == panel.id))
        if members:
            work.session.execute(
                insert(PanelMember), [{"panel_id": panel.id, "user_id": user_id} for user_id in members]
            )


def make_panel(work: Work[Actor], call_id: int, wanted: PanelFacts) -> int:
    """Make a panel of a call (by its id); returns the panel's id. Raises `Refused` with every problem."""
    require(work.actor, Permission.ASSIGN_REVIEWER)
    if work.session.get(Call, call_id, with_for_update=True) is None:
        raise NotFound()
    call = get_call_by_id(work.session, call_id)
    if problems := _judge(work, call, wanted, None):
        raise Refused(NOT_SAVED, problems)
    panel = Panel(call_id=call_id)
    _write(work, panel, wanted)
    work.audit("make_panel", f"panel:{panel.id}", detail=_detail(wanted))
    return panel.id


def _detail(wanted: PanelFacts) -> dict[str, object]:
    return {
        "name": wanted.name.th,
        "body": wanted.body,
        "stage": wanted.stage,
        "seats": wanted.seats,
        "members": sorted(set(wanted.members)),
    }


def _own(work: Work[Actor], panel_id: int, version: int) -> Panel:
    require(work.actor, Permission.ASSIGN_REVIEWER)
    panel = work.session.get(Panel, panel_id, with_for_update=True)
    if panel is None:
        raise NotFound()
    if panel.version != version or panel.ended_at is not None:
        raise Stale(PANEL_STALE)
    return panel


def change_panel(work: Work[Actor], panel_id: int, wanted: PanelFacts, version: int) -> None:
    """Change a panel; assignments made for it stay. Raises `Stale` when it was changed since, `Refused` with all."""
    panel = _own(work, panel_id, version)
    call = get_call_by_id(work.session, panel.call_id)
    if problems := _judge(work, call, wanted, panel.id):
        raise Refused(NOT_SAVED, problems)
    panel.version = version + 1  # also where only members change
    _write(work, panel, wanted)
    work.audit("change_panel", f"panel:{panel.id}", detail=_detail(wanted))


def end_panel(work: Work[Actor], panel_id: int, version: int) -> None:
    """End a panel; what was assigned for it stays. Raises `Stale`."""
    panel = _own(work, panel_id, version)
    panel.ended_at = work.now
    work.session.flush()
    work.audit("end_panel", f"panel:{panel.id}")


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What a reviewer can take (None: what the round says) and knows best, as a form gives it."""

    load_limit: int | None
    guidelines: Sequence[str] = ()
    focus_areas: Sequence[str] = ()


def set_profile(work: Work[Actor], call_id: int, user_id: int, wanted: ProfileFacts, seen: str) -> None:
    """Write a reviewer's profile in a call. `seen` is what `ProfileView.seen` was when the form was shown.

    Raises `NotFound` for nobody who reviews, `Stale` when it was changed since, `Refused` with every problem.
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    if work.session.get(Call, call_id, with_for_update=True) is None:
        raise NotFound()
    if user_id not in {reviewer[0] for reviewer in list_reviewers(work.session)}:
        raise NotFound()
    profile = work.session.scalars(
        select(ReviewerProfile).where(ReviewerProfile.call_id == call_id, ReviewerProfile.user_id == user_id)
    ).first()
    if seen != (profile.updated_at.isoformat() if profile else ""):
        raise Stale(PROFILE_STALE)
    plan = get_call_by_id(work.session, call_id).plan
    problems = []
    if wanted.load_limit is not None and not 0 <= wanted.load_limit <= MOST_PROPOSALS:
        problems.append(Problem("load_limit", LIMIT_WRONG.fill(most=f"{MOST_PROPOSALS:,}")))
    known = {
        "guidelines": ([c.code for c in plan.guidelines], wanted.guidelines),
        "focus_areas": ([c.code for c in plan.focus_areas], wanted.focus_areas),
    }
    for place, (offered, chosen) in known.items():
        problems += [
            Problem(place, CODE_UNKNOWN.fill(code=code))
            for code in dict.fromkeys(chosen)
            if code not in offered
        ]
    if problems:
        raise Refused(PROFILE_NOT_SAVED, problems)
    if profile is None:
        profile = ReviewerProfile(call_id=call_id, user_id=user_id)
        work.session.add(profile)
    ordered = {
        place: [code for code in offered if code in set(chosen)] for place, (offered, chosen) in known.items()
    }
    profile.load_limit = wanted.load_limit
    profile.guidelines = canonical_json(ordered["guidelines"])
    profile.focus_areas = canonical_json(ordered["focus_areas"])
    profile.updated_at, profile.updated_by = work.now, work.actor.id
    work.session.flush()
    work.audit(
        "set_reviewer_profile",
        f"user:{user_id}",
        detail={"call": call_id, "load_limit": wanted.load_limit, **ordered},
    )
