"""What the secretariat has to do now, call by call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template, url_for

from app.calls.queries import CallView, list_calls
from app.decisions.queries.meetings import meetings_ahead
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.duties import Duty
from app.monitoring.queries import list_due_and_asked
from app.monitoring.states import SIGNED
from app.proposals.queries import ReturnCounts, count_returns, count_states_by_call
from app.proposals.results import GRANTED_STATES
from app.proposals.states import (
    APPROVED,
    CONDITIONAL,
    DEFERRED,
    FILED_STATES,
    REJECTED,
)
from app.reviews.queries.overview import Progress, progress_by_call
from app.reviews.queries.register import Situation, held_by_call
from app.screening.casework import NOBODY
from app.screening.casework import Standing as ScreeningStanding
from app.screening.queries import Attention, count_attention
from app.similarity.queries import PairCounts, count_pairs
from app.web.arrival import arrived
from app.web.committee.meetings import meetings_to_hold
from app.web.door import needs
from app.web.language import count, t
from app.web.secretariat.desk import blueprint
from app.web.shell import current_call

Todo = tuple[str, str, str, str, str]
_NEEDS_PERSON = ScreeningStanding.NEEDS_PERSON.value


@dataclass(frozen=True, slots=True)
class Standing:
    """A call in numbers. `missing` counts reviews not in yet, `similar` pairs that wait for a verdict, `held`
    assignments that a possible conflict of interest keeps shut."""

    call: CallView
    states: Mapping[str, int]
    returns: ReturnCounts
    similar: int
    attention: Attention
    held: int
    filed: int
    waiting: int
    given: int
    done: int
    decided: int

    @property
    def missing(self) -> int:
        return self.given - self.done


def standing_of(
    call: CallView,
    states: Mapping[str, int],
    progress: Progress,
    returns: ReturnCounts,
    similar: int,
    attention: Attention,
    held: int,
) -> Standing:
    """Add the states of a call up."""
    return Standing(
        call=call,
        states=states,
        returns=returns,
        similar=similar,
        attention=attention,
        held=held,
        filed=sum(n for state, n in states.items() if state in FILED_STATES),
        waiting=progress.waiting,
        given=progress.given,
        done=progress.done,
        decided=sum(states.get(s, 0) for s in (APPROVED, CONDITIONAL, DEFERRED, REJECTED)),
    )


def counted(number: int, words: Text, of_one: str) -> str:
    """A line with its number; `of_one` is how English says it of a single thing."""
    return t(words.th, of_one if number == 1 else words.en) % count(number)


def todo_of(s: Standing) -> list[Todo]:
    """What waits for the secretariat in a call: (address, what, why, kind, words)."""
    year, name = s.call.fiscal_year, t("ปีงบประมาณ %d", "Fiscal year %d") % s.call.fiscal_year
    rows: list[Todo] = []

    def add(number: int, url: str, what: Text, of_one: str, kind: str, words: str) -> None:
        if number:
            rows.append((url, counted(number, what, of_one), name, kind, words))

    add(
        s.attention.waiting,
        url_for("secretariat.screening", call=year, standing=_NEEDS_PERSON),
        Text("ข้อเสนอ %s รายการต้องมีเจ้าหน้าที่วินิจฉัย", "%s proposals need a person's judgement"),
        "%s proposal needs a person's judgement",
        "warn",
        t("รอท่านวินิจฉัย", "Waits for you"),
    )
    add(
        s.attention.unattended,
        url_for("secretariat.screening", call=year, standing=_NEEDS_PERSON, assignee=NOBODY),
        Text("ในจำนวนนี้ %s รายการยังไม่มีผู้รับผิดชอบ", "%s of them have nobody to look after them"),
        "%s of them has nobody to look after it",
        "warn",
        t("รอท่านมอบหมาย", "Waits for you"),
    )
    add(
        s.returns.overdue,
        url_for("secretariat.returns", fiscal_year=year, _anchor="open"),
        Text("ข้อเสนอ %s รายการพ้นกำหนดแก้ไขแล้วยังไม่ยื่นใหม่", "%s returned proposals are overdue"),
        "%s returned proposal is overdue",
        "bad",
        t("พ้นกำหนด", "Overdue"),
    )
    add(
        s.returns.pending,
        url_for("secretariat.returns", fiscal_year=year, _anchor="pending"),
        Text("คำถาม %s ข้อรอท่านส่งหรือตัดออก", "%s questions wait to be sent or dropped"),
        "%s question waits to be sent or dropped",
        "warn",
        t("รอท่านพิจารณา", "Waits for you"),
    )
    add(
        s.similar,
        url_for("secretariat.overlaps", call=year),
        Text("ข้อเสนอที่คล้ายกัน %s คู่รอท่านวินิจฉัย", "%s pairs of similar proposals wait for a judgement"),
        "%s pair of similar proposals waits for a judgement",
        "warn",
        t("รอท่านวินิจฉัย", "Waits for you"),
    )
    add(
        s.held,
        url_for("secretariat.conflicts", fiscal_year=year, state=Situation.PRESSING.value),
        Text(
            "การมอบหมาย %s รายการที่ผู้พิจารณาเปิดอ่านไม่ได้เพราะอาจมีผลประโยชน์ทับซ้อน",
            "%s assignments are held by a possible conflict of interest",
        ),
        "%s assignment is held by a possible conflict of interest",
        "warn",
        t("รอท่านวินิจฉัย", "Waits for you"),
    )
    add(
        s.waiting,
        url_for("secretariat.assignments", fiscal_year=year, lack="reviewers"),
        Text("ข้อเสนอที่ผ่านการกลั่นกรอง %s รายการยังมีผู้พิจารณาไม่ครบ", "%s screened proposals lack reviewers"),
        "%s screened proposal lacks reviewers",
        "warn",
        t("รอท่านมอบหมาย", "Waits for you"),
    )
    add(
        s.missing,
        url_for("secretariat.assignments", fiscal_year=year, lack="reviews"),
        Text("รอผู้พิจารณาส่งคะแนน %s รายการ", "%s reviews are not in yet"),
        "%s review is not in yet",
        "wait",
        t("รอผู้พิจารณา", "Waits for reviewers"),
    )
    add(
        s.returns.open - s.returns.overdue,
        url_for("secretariat.returns", fiscal_year=year, _anchor="open"),
        Text("ข้อเสนอ %s รายการอยู่ระหว่างหน่วยงานแก้ไข", "%s proposals are out for revision"),
        "%s proposal is out for revision",
        "wait",
        t("รอหน่วยงาน", "Waits for agencies"),
    )
    return rows


def reports_to_judge(duties: Sequence[Duty]) -> list[Todo]:
    """Reports of projects that wait, and those that are late, year by year."""
    now, rows = arrived(), []
    for year in dict.fromkeys(duty.fiscal_year for duty in duties):
        own = [duty for duty in duties if duty.fiscal_year == year]
        name = t("ปีงบประมาณ %d", "Fiscal year %d") % year
        waiting = sum(SIGNED in (duty.state, duty.correction_state) for duty in own)
        late = sum(duty.is_late(now) for duty in own)
        if waiting:
            what = Text("รายงานผลโครงการ %s ฉบับรอรับรอง", "%s reports of projects wait to be accepted")
            told = counted(waiting, what, "%s report of projects waits to be accepted")
            url = url_for("secretariat.waiting_reports", fiscal_year=year)
            rows.append((url, told, name, "warn", t("รอท่านรับรอง", "Waits for you")))
        if late:
            what = Text("รายงานผลโครงการ %s งวดเกินกำหนด", "%s reports of projects are late")
            told = counted(late, what, "%s report of projects is late")
            url = url_for("secretariat.monitoring", call=year, _anchor="late")
            rows.append((url, told, name, "bad", t("เกินกำหนด", "Overdue")))
    return rows


def changes_to_judge(asked: Mapping[int, int]) -> list[Todo]:
    """Changes of plans that wait, by fiscal year, the latest first."""
    what = Text("คำขอเปลี่ยนแปลงแผน %s คำขอรอพิจารณา", "%s changes of plans wait for a judgement")
    of_one = "%s change of a plan waits for a judgement"
    url, words = url_for("secretariat.plan_changes"), t("รอท่านพิจารณา", "Waits for you")
    return [
        (url, counted(number, what, of_one), t("ปีงบประมาณ %d", "Fiscal year %d") % year, "warn", words)
        for year, number in sorted(asked.items(), reverse=True)
    ]


@blueprint.get("/")
@needs(Permission.ASSIGN_REVIEWER)
def home() -> str:
    """What waits for me, and where each call stands."""
    session, now = db.session(), arrived()
    states, progress = count_states_by_call(session), progress_by_call(session)
    returns, pairs = count_returns(session, now), count_pairs(session)
    attention, held = count_attention(session), held_by_call(session)
    # nothing is followed before anything was granted
    is_granted = any(GRANTED_STATES & states_of.keys() for states_of in states.values())
    duties, asked = list_due_and_asked(session, now) if is_granted else ([], {})
    calls = list_calls(session)
    current_call(calls)  # the frame then need not ask for them again
    standings = [
        standing_of(
            call,
            states.get(call.id, {}),
            progress.get(call.id, Progress()),
            returns.get(call.id, ReturnCounts()),
            pairs.get(call.id, PairCounts()).waiting,
            attention.get(call.id, Attention()),
            held.get(call.id, 0),
        )
        for call in calls
    ]
    return render_template(
        "secretariat/home.html",
        standings=standings,
        todo=[
            *meetings_to_hold(meetings_ahead(session)),
            *reports_to_judge(duties),
            *changes_to_judge(asked),
            *(row for s in standings for row in todo_of(s)),
        ],
        now=now,
    )
