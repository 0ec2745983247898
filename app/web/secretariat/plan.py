"""One assignment plan: what it comes to, and its proposals with their suggested reviewers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import BODY_NAMES, Body
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, search_key
from app.reviews.actions.plans import fault_words
from app.reviews.planning.costs import MATCH_NAMES, TABLE, Match, match
from app.reviews.planning.facts import Keep, Seat, by_proposal
from app.reviews.planning.reckoning import Reckoning, reckon
from app.reviews.queries.plans import Filed, PlanView, Standings, get_plan, read_situation
from app.web.door import needs
from app.web.forms import read_id
from app.web.secretariat.desk import blueprint
from app.web.secretariat.proposals import wanted_text
from app.web.signing import current_actor
from app.web.tags import Options

PER_PAGE = 50
MOST_LACKING = 20
STATE_TAGS = {
    "draft": ("draft", Text("ยังไม่ได้ใช้", "Not applied")),
    "applied": ("good", Text("มอบหมายแล้ว", "Applied")),
    "dropped": ("plain", Text("ยกเลิกแล้ว", "Dropped")),
}
KEEP_NAMES = {
    Keep.ALL: Text("คงการมอบหมายเดิมทั้งหมด", "Keep every assignment there is"),
    Keep.ANSWERED: Text(
        "จัดใหม่เฉพาะเรื่องที่ผู้พิจารณายังไม่ตอบรับ", "Deal out anew what reviewers have not answered yet"
    ),
}
VIEWS = {
    "lacking": Text("ยังขาดผู้พิจารณา", "Reviewers are lacking"),
    "thin": Text("หน่วยงานน้อยกว่าที่กำหนด", "Fewer bodies than wanted"),
    "faults": Text("มอบหมายไม่ได้แล้ว", "No longer possible"),
    "unmatched": Text("มีผู้ที่ความถนัดไม่ตรง", "Somebody whose expertise does not fit"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a proposal: by the plan, or standing already."""

    id: int
    name: Text
    body: Text
    is_kept: bool
    match: Match | None


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal of the plan."""

    filed: Filed
    people: tuple[Person, ...]
    missing: int
    faults: tuple[Text, ...]


@dataclass(frozen=True)
class Looked:
    """A plan with everything it is judged by."""

    plan: PlanView
    call: CallView
    standings: Standings
    reckoning: Reckoning

    @property
    def is_open(self) -> bool:
        return self.plan.state == "draft"

    def people_of(self, proposal_id: int, of: dict[int, tuple[Seat, ...]]) -> tuple[Person, ...]:
        situation = self.standings.situation
        subject = situation.subject.get(proposal_id)
        kept = {s.reviewer for s in situation.kept_of.get(proposal_id, ())} if self.is_open else set()
        found = []
        for seat in of.get(proposal_id, ()):
            reviewer = situation.reviewer.get(seat.reviewer)
            name = reviewer.name if reviewer else Text("ผู้ที่ไม่ใช่ผู้พิจารณาแล้ว", "No longer a reviewer")
            body = BODY_NAMES[Body(reviewer.body)] if reviewer else Text("", "")
            fits = match(reviewer, subject) if reviewer and subject else None
            found.append(Person(seat.reviewer, name, body, seat.reviewer in kept, fits))
        return tuple(found)


def look_at(plan_id: int) -> Looked:
    session = db.session()
    plan = get_plan(session, current_actor(), plan_id)
    call = get_call_by_id(session, plan.call_id)
    standings = read_situation(session, call, plan.round, plan.settings.keep)
    return Looked(plan, call, standings, reckon(standings.situation, plan.seats))


def _rows(looked: Looked) -> list[Row]:
    """Every proposal of the plan, with who reviews it; of a closed plan what it held."""
    situation, reckoning = looked.standings.situation, looked.reckoning
    seats = (*situation.kept, *reckoning.seats) if looked.is_open else looked.plan.seats
    of = by_proposal(seats)
    missing: dict[int, int] = {}
    faults: dict[int, list[Text]] = {}
    if looked.is_open:
        for lack in reckoning.lacking:
            missing[lack.proposal] = missing.get(lack.proposal, 0) + lack.missing
        for fault in reckoning.faults:
            faults.setdefault(fault.seat.proposal, []).append(fault_words(fault, looked.standings))
    return [
        Row(filed, looked.people_of(filed.id, of), missing.get(filed.id, 0), tuple(faults.get(filed.id, ())))
        for filed in looked.standings.filed.values()
    ]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the address narrows the proposals of a plan to."""

    text: str
    view: str
    reviewer: int | None
    stage: str

    def query(self) -> dict[str, str | int | None]:
        return {
            "q": self.text or None,
            "view": self.view or None,
            "reviewer": self.reviewer,
            "stage": self.stage or None,
        }


def _narrow(looked: Looked, rows: list[Row]) -> tuple[Narrowed, list[Row]]:
    asked = request.args
    stages = {c.code for c in looked.call.plan.stages}
    wanted = Narrowed(
        wanted_text(asked.get("q", "")),
        asked.get("view", "") if asked.get("view") in VIEWS else "",
        read_id(asked.get("reviewer")),
        asked.get("stage", "") if asked.get("stage") in stages else "",
    )
    try:
        words = search_key(wanted.text).split()
    except TextError:
        words = []
    thin = {proposal for proposal, _, _ in looked.reckoning.thin}
    found = []
    for row in rows:
        key = (
            search_key(f"{row.filed.number} {row.filed.title.th} {row.filed.title.en} {row.filed.agency.th}")
            if words
            else ""
        )
        holds = {
            "": True,
            "lacking": row.missing > 0,
            "thin": row.filed.id in thin,
            "faults": bool(row.faults),
            "unmatched": any(p.match is Match.NONE for p in row.people),
        }[wanted.view]
        if (
            holds
            and all(word in key for word in words)
            and wanted.stage in ("", row.filed.stage)
            and (wanted.reviewer is None or any(p.id == wanted.reviewer for p in row.people))
        ):
            found.append(row)
    return wanted, found


@blueprint.get("/assignment-plans/<int:plan_id>")
@needs(Permission.ASSIGN_REVIEWER)
def assignment_plan(plan_id: int) -> str:
    """What a plan comes to, and its proposals."""
    return _plan_page(look_at(plan_id))


def _plan_page(looked: Looked, problems: Sequence[Problem] = ()) -> str:
    wanted, rows = _narrow(looked, _rows(looked))
    after = request.args.get("after", "")[:20]
    later = [row for row in rows if row.filed.number > after]
    shown = later[:PER_PAGE]
    reckoning, situation = looked.reckoning, looked.standings.situation
    loads = [one for one in reckoning.loads if one.total or one.reviewer.is_active]
    planned = sum(reckoning.matches.values())
    return render_template(
        "secretariat/assignment_plan.html",
        call=looked.call,
        plan=looked.plan,
        tags=STATE_TAGS,
        is_open=looked.is_open,
        reckoning=reckoning,
        filed=looked.standings.filed,
        fault_list=[fault_words(f, looked.standings) for f in reckoning.faults[:MOST_LACKING]],
        lacking=reckoning.lacking[:MOST_LACKING],
        lacking_proposals=len({lack.proposal for lack in reckoning.lacking}),
        loads=loads,
        heaviest=max((max(one.total, one.share) for one in loads), default=0),
        bodies=BODY_NAMES,
        fitting=planned - reckoning.matches[Match.NONE],
        planned=planned,
        keep=KEEP_NAMES[looked.plan.settings.keep],
        table=TABLE,
        matches=MATCH_NAMES,
        wanted=wanted,
        views={key: words for key, words in VIEWS.items()},
        options={
            "view": Options(VIEWS.items()).html(wanted.view),
            "stage": Options([(c.code, c.name) for c in looked.call.plan.stages]).html(wanted.stage),
            "reviewer": Options([(str(r.id), r.name) for r in situation.reviewers]).html(wanted.reviewer),
        },
        rows=shown,
        number=len(rows),
        everything=len(looked.standings.filed),
        started=bool(after),
        following=shown[-1].filed.number if len(later) > PER_PAGE else None,
        problems=problems,
    )
