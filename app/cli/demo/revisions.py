"""Questions and returns of the demo: asked, sent, answered, filed again."""

from __future__ import annotations

from datetime import datetime

from app.cli.demo.people import officer_login, reviewer_login
from app.cli.demo.replay import Stage
from app.cli.demo.scoring import Reviewer
from app.cli.demo.together import sign_as_it_stands
from app.proposals.actions import (
    GivenAnswer,
    answer_questions,
    ask_question,
    return_proposal,
    save_section,
    submit_proposal,
)
from app.proposals.queries import find_open_return, read_draft
from app.proposals.returns import mark_of
from app.reviews.queries import reviewers_of
from app.screening.actions import screen_proposal

FROM_REVIEWER = (
    "budget",
    "ราคาต่อหน่วยของรายการแรกสูงกว่าราคากลางที่ประกาศ ขอทราบที่มาของราคาและผู้เสนอราคาอย่างน้อยสามราย",
)
FROM_SECRETARIAT = (
    "integration",
    "ขอให้ระบุชุดข้อมูลที่จะเชื่อมโยงให้ชัดเจน และความถี่ในการแลกเปลี่ยนข้อมูลกับหน่วยงานคู่เชื่อม",
)
WAITING = (
    "indicators",
    "ค่าเป้าหมายของตัวชี้วัดคิดจากฐานปีใด และจะวัดผลเมื่อใด",
)
MESSAGE = "กรุณาตอบคำถามและแก้ไขเฉพาะส่วนที่เปิด แล้วยื่นใหม่ภายในกำหนด หากต้องการเวลาเพิ่มติดต่อฝ่ายเลขานุการ"
ANSWERS = {
    "budget": "ราคาอ้างอิงจากการสืบราคาผู้ขายสามรายเมื่อเดือนก่อน และได้ปรับลดรายการสุดท้ายออกตามข้อสังเกต",
    "integration": "ระบุชุดข้อมูลและความถี่ไว้ในหลักการและเหตุผลแล้ว แลกเปลี่ยนข้อมูลเป็นรายวันผ่านช่องทางกลาง",
}
ADDED = "ข้อมูลที่เชื่อมโยงปรับปรุงทุกวันทำการ"


def ask(stage: Stage, reviewer: Reviewer, proposal_id: int, asked: tuple[str, str], at: datetime) -> int:
    """A reviewer asks something; it waits for the secretariat."""
    work = stage.by(reviewer_login(reviewer.body.value, reviewer.number), at)
    assigned = reviewers_of(work.session, proposal_id)
    return ask_question(work, proposal_id, *asked, assigned).id


def send_back(stage: Stage, reviewer: Reviewer, proposal_id: int, due_at: datetime, at: datetime) -> None:
    """A reviewer's question and one of the secretariat's go to the agency, with the sections they are about."""
    first = ask(stage, reviewer, proposal_id, FROM_REVIEWER, at)
    work = stage.by("secretariat", at)
    second = ask_question(work, proposal_id, *FROM_SECRETARIAT).id
    return_proposal(
        work,
        proposal_id,
        due_at=due_at,
        sections=("rationale",),
        message=MESSAGE,
        question_ids=(first, second),
    )


def revise(stage: Stage, agency: str, proposal_id: int, at: datetime) -> None:
    """The officer answers, says more in the rationale, takes the last budget line out, and files again with a
    signature."""
    work = stage.by(officer_login(agency), at)
    returned = find_open_return(work.session, proposal_id)
    assert returned is not None
    answer_questions(
        work,
        proposal_id,
        {q.id: GivenAnswer(ANSWERS[q.section], mark_of("")) for q in returned.questions},
    )
    view = read_draft(work.session, proposal_id)
    rationale, lines = view.draft["rationale"], view.draft["budget"]["rows"]
    for section, value in (
        ("rationale", rationale | {"outputs": f"{rationale['outputs']}\n{ADDED}"}),
        ("budget", {"rows": lines[:-1]}),
    ):
        save_section(work, proposal_id, section, value, view.section_versions[section])
    sign_as_it_stands(stage, agency, proposal_id, at)
    submit_proposal(work, proposal_id, f"demo-{proposal_id}-again")
    screen_proposal(work, proposal_id)
