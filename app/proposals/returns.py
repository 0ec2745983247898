"""Returned for revision, without a database: what was asked, what was opened and until when, and what still lacks.

A return ends at `due_at`, half-open: a filing that arrives at that moment is too late.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from app.kernel.canonical import sha256_text
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import SECTIONS
from app.proposals.states import LIFECYCLE

RETURNABLE_STATES = LIFECYCLE.moves["return"].sources
# what a participant fills in itself, so its officers may answer questions about it
PART_OF_PARTICIPANTS = frozenset({"integration", "indicators", "budget"})

SHORTEST_TIME = timedelta(hours=1)
LONGEST_TIME = timedelta(days=60)
LONGEST_QUESTION = 2000
LONGEST_ANSWER = 6000
LONGEST_MESSAGE = 4000

ASKED_AS = {
    "secretariat": Text("ฝ่ายเลขานุการ", "The secretariat"),
    "reviewer": Text("ผู้พิจารณา", "A reviewer"),
}


def mark_of(text: str) -> str:
    """What a form sends back to say which text it was opened with."""
    return sha256_text(text)[:16]


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answer. `asker` is the role that asked, or the name for those who may know it."""

    id: int
    section: str
    text: str
    asked_as: str
    asker: Text
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    answerer: Text | None


@dataclass(frozen=True, slots=True)
class OpenReturn:
    """A return that has not ended. `submission_id` is the filing that was returned, `sections` what may be changed."""

    id: int
    proposal_id: int
    cycle: int
    submission_id: int
    sections: frozenset[str]
    message: str
    returned_at: datetime
    due_at: datetime
    questions: tuple[Question, ...]

    def is_over(self, now: datetime) -> bool:
        """Whether what arrives now is too late."""
        return now >= self.due_at

    @property
    def answered(self) -> int:
        return sum(1 for q in self.questions if q.answer)


def list_unanswered(returned: OpenReturn) -> list[Problem]:
    """What must be answered before filing again; places are "answer-<question id>"."""
    return [
        Problem(
            f"answer-{q.id}",
            Text(
                "กรุณาตอบคำถามเรื่อง{section}: “{question}”", "Answer the question on “{section}”: “{question}”"
            ).fill(section=SECTIONS[q.section], question=_short(q.text)),
            q.section,
        )
        for q in returned.questions
        if not q.answer
    ]


def _short(text: str, letters: int = 60) -> str:
    return text if len(text) <= letters else text[:letters].rstrip() + "…"


NO_CYCLE_LEFT = Text(
    "ส่งคืนแก้ไขครบ {most} ครั้งตามที่รอบนี้กำหนดแล้ว",
    "It was returned {most} times already, as often as this call allows",
)


def list_return_problems(
    *,
    now: datetime,
    due_at: datetime | None,
    cycle: int,
    most_cycles: int,
    sections: Collection[str],
    questions: int,
    message: str,
) -> list[Problem]:
    """Why a return cannot be sent as it stands. `cycle` is the one it would be, `sections` what it would open."""
    problems = []
    if cycle > most_cycles:
        problems.append(Problem("return", NO_CYCLE_LEFT.fill(most=most_cycles)))
    problems += list_due_problems(now, due_at)
    if not questions and not message:
        problems.append(
            Problem(
                "return-message",
                Text(
                    "กรุณาเลือกคำถามอย่างน้อยหนึ่งข้อ หรือเขียนข้อความถึงหน่วยงาน",
                    "Choose a question, or write a message",
                ),
            )
        )
    if not sections:
        problems.append(
            Problem(
                "return-sections",
                Text("กรุณาเปิดให้แก้ไขอย่างน้อยหนึ่งส่วน", "Open at least one section"),
            )
        )
    return problems + _too_long("return-message", message, LONGEST_MESSAGE)


def list_due_problems(
    now: datetime, due_at: datetime | None, later_than: datetime | None = None
) -> list[Problem]:
    """Why an agency cannot be given until `due_at`; `later_than` is the moment it has already."""
    if due_at is None:
        why = Text("กรุณาเลือกวันและเวลาครบกำหนด", "Choose the day and time it is due")
    elif due_at < now + SHORTEST_TIME:
        why = Text("ต้องให้เวลาหน่วยงานอย่างน้อย 1 ชั่วโมงจากนี้", "Give the agency at least one hour from now")
    elif due_at > now + LONGEST_TIME:
        why = Text("ให้เวลาได้ไม่เกิน {days} วัน", "At most {days} days can be given").fill(days=LONGEST_TIME.days)
    elif later_than is not None and due_at <= later_than:
        why = Text("กำหนดใหม่ต้องอยู่หลังกำหนดเดิม", "The new moment must be after the present one")
    else:
        return []
    return [Problem("return-due", why)]


def list_question_problems(section: str, text: str) -> list[Problem]:
    """Why a question cannot be asked as it stands; places "question-section" and "question-text"."""
    problems = []
    if section not in SECTIONS:
        problems.append(
            Problem("question-section", Text("กรุณาเลือกส่วนที่ถาม", "Choose the section the question is about"))
        )
    if not text:
        problems.append(Problem("question-text", Text("กรุณาเขียนคำถาม", "Write the question")))
    return problems + _too_long("question-text", text, LONGEST_QUESTION)


def list_answer_problems(question_id: int, text: str) -> list[Problem]:
    """Why an answer cannot be kept; an empty one can, and is no answer."""
    return _too_long(f"answer-{question_id}", text, LONGEST_ANSWER)


def _too_long(place: str, text: str, most: int) -> list[Problem]:
    if len(text) <= most:
        return []
    words = Text(
        "ข้อความยาว {length} ตัวอักษร กรอกได้ไม่เกิน {most}",
        "The text has {length} characters; at most {most} are allowed",
    )
    return [Problem(place, words.fill(length=f"{len(text):,}", most=f"{most:,}"))]
