"""Several agencies in the open round: participants join, fill in and confirm, partners answer, certifiers sign."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.calls.queries import get_call_by_id
from app.cli.demo.dice import Dice
from app.cli.demo.people import FIRST_OFFICER, SECOND_OFFICER, certifier_login, officer_login
from app.cli.demo.replay import Stage, Timeline
from app.cli.demo.subjects import agency_names
from app.kernel.lean import dataclass
from app.proposals.actions import (
    answer_invitation,
    answer_link,
    ask_partners,
    ask_signature,
    confirm_part,
    invite_participants,
    save_section,
    sign_part,
    sign_proposal,
    withdraw_proposal,
)
from app.proposals.freezing import claims_sha256
from app.proposals.queries import (
    PartView,
    agency_directory,
    draft_facts,
    list_link_answers,
    read_draft,
)
from app.proposals.signoff import Standing

NOTE = "ขอเชิญร่วมดำเนินโครงการ กรุณากรอกรายการงบประมาณและตัวชี้วัดของหน่วยงานท่าน แล้วยืนยันก่อนปิดรับ"
DECLINED = "หน่วยงานมีภารกิจเร่งด่วนและไม่มีบุคลากรรองรับในปีงบประมาณนี้ จึงขอไม่เข้าร่วม"
CONFIRMED = "มีระบบพร้อมให้บริการอยู่แล้ว ยินดีเชื่อมโยงตามที่ระบุ"
REFUSED = "ชุดข้อมูลนี้ยังอยู่ระหว่างปรับปรุงคุณภาพ และยังไม่มีข้อตกลงการใช้ข้อมูลร่วมกัน"
UNFINISHED = "การทดสอบการเชื่อมโยงกับระบบเดิม"
WITHDRAWN = "เพิ่มผลผลิตตามมติที่ประชุมหน่วยงานร่วม"
ADDED = "คู่มือการใช้งานและการอบรมเจ้าหน้าที่ของทุกหน่วยงานร่วม"

_JOINED = (Standing.FILLING, Standing.CONFIRMED, Standing.SIGNED)
_COMPLETE = (Standing.CONFIRMED, Standing.SIGNED)


@dataclass
class Joint:
    """The agencies of one proposal. `how_far` says of each participant how far it comes; `proposal_id` is set when the
    proposal has begun. `is_sure` has at least one partner confirm, where one can."""

    stage: Stage
    lead: str
    how_far: dict[str, Standing]
    dice: Dice
    proposal_id: int = 0
    is_sure: bool = False

    def plan(self, timeline: Timeline, begun: datetime) -> None:
        """Everything the participants and partners do within the day, each a little after the other."""
        if any(standing is not Standing.NOT_INVITED for standing in self.how_far.values()):
            timeline.at(begun + timedelta(hours=1), self.invite)
        timeline.at(begun + timedelta(hours=2), self.ask)
        timeline.at(begun + timedelta(hours=8), self.reply)
        for n, (code, standing) in enumerate(self.how_far.items()):
            then = begun + timedelta(hours=4, minutes=20 * n)
            if standing in (Standing.DECLINED, *_JOINED):
                timeline.at(then, partial(self.answer, code))
            if standing in _JOINED:
                timeline.at(then + timedelta(hours=2), partial(self.fill_in, code))
            if standing in _COMPLETE:
                timeline.at(then + timedelta(hours=3), partial(self.confirm, code))
            if standing is Standing.SIGNED:
                timeline.at(then + timedelta(hours=4), partial(self.sign_part, code))

    def invite(self, at: datetime) -> None:
        codes = [code for code, standing in self.how_far.items() if standing is not Standing.NOT_INVITED]
        invite_participants(self.stage.by(officer_login(self.lead), at), self.proposal_id, codes, NOTE)

    def answer(self, code: str, at: datetime) -> None:
        joins = self.how_far[code] in _JOINED
        answer_invitation(
            self.stage.by(officer_login(code), at),
            self.proposal_id,
            self.stage.agency_id(code),
            joins=joins,
            reason="" if joins else DECLINED,
        )

    def fill_in(self, code: str, at: datetime) -> None:
        """An indicator of its own; whoever is not to come further leaves a line unfinished."""
        work, agency_id = self.stage.by(officer_login(code), at), self.stage.agency_id(code)
        part = self._part(work.session, agency_id)
        name = f"ร้อยละของชุดข้อมูลของ{agency_names()[code].th} ที่พร้อมแลกเปลี่ยน"
        sections = {
            "indicators": [{"name": name, "unit": "ร้อยละ", "baseline": "40", "target": "95"}],
        }
        if self.how_far[code] is Standing.FILLING:
            rows = part.part["budget"]["rows"]
            blank = dict.fromkeys(rows[0], "") | {"agency": code, "item": UNFINISHED}
            sections["budget"] = [*rows, blank]
        for section, rows in sections.items():
            version = part.section_versions[section]
            save_section(work, self.proposal_id, section, {"rows": rows}, version, agency_id=agency_id)

    def confirm(self, code: str, at: datetime) -> None:
        work = self.stage.by(officer_login(code), at)
        confirm_part(work, self.proposal_id, self.stage.agency_id(code))

    def sign_part(self, code: str, at: datetime) -> None:
        work, agency_id = self.stage.by(certifier_login(code), at), self.stage.agency_id(code)
        sign_part(work, self.proposal_id, agency_id, self._part(work.session, agency_id).sha256)

    def _part(self, session: Session, agency_id: int) -> PartView:
        part = read_draft(session, self.proposal_id).part_of(agency_id)
        assert part is not None
        return part

    def ask(self, at: datetime) -> None:
        """The lead puts its links to the partners they name."""
        ask_partners(self.stage.by(officer_login(self.lead), at), self.proposal_id)

    def reply(self, at: datetime) -> None:
        """Most partners answer within the day. The named officers' agencies have answered one of the links only."""
        codes = {self.stage.agency_id(code): code for code in agency_names()}
        needed = self.is_sure
        for asked in list_link_answers(self.stage.work.session, self.proposal_id):
            code = codes[asked.partner_id]
            confirms, has_money, says_more = self.dice.chance(88), self.dice.chance(20), self.dice.chance(40)
            waits = self.dice.chance(25)
            if code in (FIRST_OFFICER, SECOND_OFFICER):
                waits, confirms = self.lead != "rd", True
            elif needed:
                waits, confirms = False, True
            if waits or officer_login(code) not in self.stage.people:
                continue
            needed = needed and not confirms
            answer_link(
                self.stage.by(officer_login(code), at),
                asked.id,
                confirms=confirms,
                own_money=has_money if confirms else None,
                note=(CONFIRMED if says_more else "") if confirms else REFUSED,
            )

    def want_signature(self, at: datetime) -> None:
        """The lead's officer tells the certifier that everything is ready."""
        ask_signature(self.stage.by(officer_login(self.lead), at), self.proposal_id)

    def sign(self, at: datetime) -> None:
        sign_as_it_stands(self.stage, self.lead, self.proposal_id, at)

    def take_back(self, at: datetime) -> None:
        """The officer withdraws the filing and says more in the outputs."""
        work = self.stage.by(officer_login(self.lead), at)
        withdraw_proposal(work, self.proposal_id, WITHDRAWN)
        view = read_draft(work.session, self.proposal_id)
        rationale = view.draft["rationale"]
        value = rationale | {"outputs": f"{rationale['outputs']}\n{ADDED}"}
        save_section(work, self.proposal_id, "rationale", value, view.section_versions["rationale"])


def sign_as_it_stands(stage: Stage, lead: str, proposal_id: int, at: datetime) -> None:
    """The lead's certifier signs the proposal as it stands."""
    work = stage.by(certifier_login(lead), at)
    view = read_draft(work.session, proposal_id)
    call = get_call_by_id(work.session, view.call_id)
    facts = draft_facts(work.session, view, call, agency_directory(work.session))
    sign_proposal(work, proposal_id, claims_sha256(facts))
