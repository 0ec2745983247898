"""The committee's meeting of FY2567: the secretariat's draft of the list, who came, and the book of the closed meeting.

Names and words are synthetic, as the round is; date and totals are those that were published.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.calls.queries import CallView
from app.cli.demo.replay import Stage
from app.cli.demo.round_2567 import Outcome
from app.decisions.actions.meetings import close_meeting, open_meeting, plan_meeting
from app.decisions.actions.preparing import invite, set_attendance
from app.decisions.facts import GRANTING, Attending, Duty, Invitee, Level, MeetingFacts, Presence
from app.decisions.models import Meeting
from app.decisions.queries.meetings import list_members
from app.figures.books.closing import make_book
from app.kernel.clock import BANGKOK
from app.kernel.files import FileStore
from app.portfolio.actions.adjusting import adjust_project
from app.portfolio.actions.keeping import create_scenario
from app.portfolio.facts import Adjusting, Adjustment
from app.proposals.models import Proposal

DRAFTED_AT = datetime(2023, 1, 20, 10, 0, tzinfo=BANGKOK)
PLANNED_AT = datetime(2023, 1, 23, 9, 0, tzinfo=BANGKOK)
OPENED_AT = datetime(2023, 1, 26, 13, 15, tzinfo=BANGKOK)
CLOSED_AT = datetime(2023, 1, 26, 16, 30, tzinfo=BANGKOK)

SCENARIO = "ร่างรายการของฝ่ายเลขานุการ"
NOTE = "ปรับลดตามผลการพิจารณารายรายการ และให้โครงการนอกกรอบเสนอใหม่ปีถัดไป (ข้อมูลสังเคราะห์)"
LEFT_OUT = "อยู่นอกกรอบวงเงินตามลำดับ ให้เสนอใหม่ในรอบถัดไป"
SUBJECT = "พิจารณารายการงบประมาณแผนงานบูรณาการรัฐบาลดิจิทัล ประจำปีงบประมาณ พ.ศ. 2567"
PLACE = "ห้องประชุมสำนักงานพัฒนารัฐบาลดิจิทัล (ข้อมูลสังเคราะห์)"

# by name: they have no account in the demo
OTHERS = (
    ("ประธานกรรมการ (สาธิต)", "รองนายกรัฐมนตรี", Duty.CHAIR, Presence.PRESENT, ""),
    ("กรรมการผู้แทนสำนักงบประมาณ (สาธิต)", "รองผู้อำนวยการสำนักงบประมาณ", Duty.MEMBER, Presence.PRESENT, ""),
    ("กรรมการผู้แทน สศช. (สาธิต)", "รองเลขาธิการ สศช.", Duty.MEMBER, Presence.REPRESENTED, "ผู้อำนวยการกอง (สาธิต)"),
    ("กรรมการผู้แทน ก.พ.ร. (สาธิต)", "รองเลขาธิการ ก.พ.ร.", Duty.MEMBER, Presence.ABSENT, "ติดราชการ"),
)


class Meeting2567:
    """The draft, the meeting and its book, on the stage."""

    def __init__(self, stage: Stage, call: CallView, books: FileStore):
        self.stage, self.call, self.books = stage, call, books
        self.meeting_id = 0

    def draft(self, at: datetime, outcomes: Iterable[tuple[int, Outcome]]) -> None:
        """A scenario that says of every project what the meeting then resolved; nobody adopts it here."""
        work = self.stage.by("secretariat", at)
        scenario = create_scenario(work, self.call.fiscal_year, SCENARIO, NOTE)
        for proposal_id, outcome in outcomes:
            adjustment = None
            if outcome.verdict not in GRANTING:
                adjustment = Adjustment(Adjusting.LEAVE, None, outcome.reason or LEFT_OUT)
            elif outcome.amount < work.session.get_one(Proposal, proposal_id).total:
                adjustment = Adjustment(Adjusting.CUT, outcome.amount, outcome.reason)
            if adjustment is not None:
                adjust_project(work, scenario.id, scenario.version, proposal_id, adjustment)

    def plan(self, at: datetime) -> None:
        """The meeting with everybody invited."""
        work = self.stage.by("secretariat", at)
        facts = MeetingFacts(Level.COMMITTEE, "", SUBJECT, PLACE, OPENED_AT)
        self.meeting_id = plan_meeting(work, self.call.fiscal_year, facts).id
        people = [Invitee(None, name, post, duty) for name, post, duty, _, _ in OTHERS]
        people.append(Invitee(self.stage.people["committee"], "", "กรรมการผู้ทรงคุณวุฒิ", Duty.MEMBER))
        people.append(Invitee(self.stage.people["secretariat"], "", "ฝ่ายเลขานุการ", Duty.SECRETARY))
        invite(work, self.meeting_id, people)

    def open(self, at: datetime) -> None:
        """Who came is written down, and decisions may be taken."""
        work = self.stage.by("secretariat", at)
        came = {name: (presence, note) for name, _, _, presence, note in OTHERS}
        rows = {
            m.id: Attending(m.duty, m.post, *came.get(m.name, (Presence.PRESENT, "")))
            for m in list_members(work.session, self.meeting_id)
        }
        set_attendance(work, self.meeting_id, self._version(), rows)
        open_meeting(work, self.meeting_id, self._version())

    def close(self, at: datetime) -> None:
        """The book is frozen."""
        self.stage.settle_audit()
        work = self.stage.by("secretariat", at)
        close_meeting(
            work,
            self.meeting_id,
            self._version(),
            lambda work, meeting: make_book(work, meeting, self.books),
        )

    def _version(self) -> int:
        session = self.stage.work.session
        session.flush()
        return session.get_one(Meeting, self.meeting_id).version
