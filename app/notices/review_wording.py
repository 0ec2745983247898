"""What letters about reviews say. Nothing of a proposal but its number goes to a reviewer: no title, no agency, no
score, no comment, no other reviewer's name. The secretariat is told which body a reviewer is of, and reads the rest."""

from __future__ import annotations

from app.kernel.text import Text
from app.notices.facts import Event, Wording
from app.reviews.states import DISCUSSION, FINAL, LOCKED, SCORING, SCREENING

_HOME = "/reviewer/"
_FILING = "/secretariat/proposals/{id}"
_ANSWER_FIRST = Text(
    "ก่อนเปิดอ่าน กรุณาตอบว่าท่านมีผลประโยชน์ทับซ้อนกับแต่ละข้อเสนอหรือไม่ หากมี หรือไม่สะดวกพิจารณา แจ้งได้ในหน้าเดียวกัน",
    "Before a proposal opens, please say whether you have a conflict of interest with it. If you have, or cannot "
    "review it, say so on the same page.",
)
_WHOM_NEXT = Text(
    "กรุณาพิจารณามอบหมายผู้พิจารณาคนอื่นแทน เหตุผลเปิดดูได้จากหน้าข้อเสนอ",
    "Please consider giving it to somebody else. The reason can be read on the proposal's page.",
)

REVIEW_WORDINGS: dict[Event, Wording] = {
    Event.REVIEWERS_ASSIGNED: Wording(
        Text("มอบหมายให้ท่านพิจารณาข้อเสนอ {count}", "You are asked to review {count}"),
        Text(
            "ฝ่ายเลขานุการมอบหมายให้ท่านพิจารณาข้อเสนอ {count} ตามเลขที่ด้านล่าง",
            "The secretariat asks you to review {count}, listed below by number.",
        ),
        _ANSWER_FIRST,
        _HOME,
    ),
    Event.ASSIGNMENT_WITHDRAWN: Wording(
        Text("{what} ยกเลิกการมอบหมายให้ท่านพิจารณา", "{what}: taken back from you"),
        Text(
            "ฝ่ายเลขานุการยกเลิกการมอบหมายให้ท่านพิจารณาข้อเสนอ {count} ตามเลขที่ด้านล่าง",
            "The secretariat has taken back from you {count}, listed below by number.",
        ),
        Text("ท่านไม่ต้องดำเนินการใดกับข้อเสนอเหล่านี้อีก", "There is nothing more for you to do about it."),
        _HOME,
    ),
    Event.ASSIGNMENT_DECLINED: Wording(
        Text("{number} ผู้พิจารณาขอไม่พิจารณา", "{number}: a reviewer declines"),
        Text(
            "ผู้พิจารณาจาก{body} ขอไม่พิจารณาข้อเสนอเลขที่ {number}",
            "A reviewer of {body} has declined to review proposal {number}.",
        ),
        _WHOM_NEXT,
        _FILING,
    ),
    Event.REVIEWER_RECUSED: Wording(
        Text("{number} ผู้พิจารณาพ้นหน้าที่เพราะผลประโยชน์ทับซ้อน", "{number}: a reviewer is recused"),
        Text(
            "ผู้พิจารณาจาก{body} พ้นจากการพิจารณาข้อเสนอเลขที่ {number} แล้ว เพราะมีผลประโยชน์ทับซ้อน",
            "A reviewer of {body} is recused from proposal {number} because of a conflict of interest.",
        ),
        _WHOM_NEXT,
        _FILING,
    ),
    Event.ROUND_MOVED: Wording(
        Text("รอบพิจารณาเข้าสู่ขั้น{phase}", "The round of reviews: {phase}"),
        Text(
            "รอบพิจารณาข้อเสนอเข้าสู่ขั้น{phase}แล้ว",
            "The round of reviews has entered its next phase: {phase}.",
        ),
        Text("{todo}", "{todo}"),
        _HOME,
    ),
    Event.REVIEW_REOPENED: Wording(
        Text("{number} เปิดให้ท่านให้คะแนน ถึง {by}", "{number} is open to you until {by}"),
        Text(
            "ฝ่ายเลขานุการเปิดให้ท่านให้คะแนนข้อเสนอเลขที่ {number} เป็นรายกรณี ถึง {by}",
            "The secretariat has opened proposal {number} for you to score until {by}.",
        ),
        Text(
            "คะแนนที่ส่งไว้แล้ว (ถ้ามี) ยังใช้อยู่จนกว่าท่านจะส่งใหม่",
            "A review that is in goes on counting until you hand it in anew.",
        ),
        _HOME,
    ),
    Event.DISCUSSION_NOTE: Wording(
        Text("{number} มีความเห็นใหม่ในการหารือ", "{number}: something new in the discussion"),
        Text(
            "มีความเห็นใหม่ในการหารือเรื่องข้อเสนอเลขที่ {number} ระบบแจ้งวันละไม่เกินหนึ่งฉบับ",
            "Something was added to the discussion of proposal {number}. You are told once a day at most.",
        ),
        Text("", ""),
        _FILING + "/discussion",
    ),
    Event.REVIEWS_WANTED: Wording(
        Text("ฝ่ายเลขานุการขอแจ้งเตือน ข้อเสนอ {count} รอท่านดำเนินการ", "A reminder: {count} waiting for you"),
        Text(
            "ฝ่ายเลขานุการขอแจ้งเตือนว่าข้อเสนอ {count} ตามเลขที่ด้านล่างยังรอท่านดำเนินการ",
            "The secretariat reminds you of {count} that you have not finished, listed below by number.",
        ),
        Text(
            "หากไม่สะดวกพิจารณาเรื่องใด กรุณาแจ้งพร้อมเหตุผลในหน้าของข้อเสนอนั้น เพื่อมอบหมายผู้อื่นแทนได้ทันเวลา",
            "If you cannot review one of them, please say so on its page, so that somebody else can be found in time.",
        ),
        _HOME,
    ),
    Event.REVIEWS_DUE: Wording(
        Text(
            "เหลือเวลาไม่ถึง {step} ข้อเสนอ {count} รอท่านดำเนินการ",
            "Less than {step} left: {count} waiting for you",
        ),
        Text(
            "ข้อเสนอ {count} ตามเลขที่ด้านล่างยังรอท่านดำเนินการ โดยครบกำหนด {by}",
            "Listed below by number: {count} that you have not finished. The time is up {by}.",
        ),
        Text(
            "กรุณาดำเนินการให้เสร็จภายในกำหนด หากไม่สะดวกพิจารณาเรื่องใด กรุณาแจ้งพร้อมเหตุผลในหน้าของข้อเสนอนั้น",
            "Please finish in time, or say on the page of a proposal that you cannot review it.",
        ),
        _HOME,
    ),
}

PHASE_TODO: dict[str, Text] = {
    SCREENING: Text(
        "ขั้นนี้ยังไม่เปิดให้คะแนน กรุณาตอบเรื่องผลประโยชน์ทับซ้อนและอ่านข้อเสนอที่ได้รับมอบหมาย",
        "Scores are not taken in this phase. Please say whether you have conflicts of interest, and read your proposals.",
    ),
    SCORING: Text(
        "กรุณาให้คะแนนและส่งผลของข้อเสนอที่ได้รับมอบหมายภายในกำหนด",
        "Please score the proposals given to you and hand your reviews in by the date given.",
    ),
    DISCUSSION: Text(
        "คะแนนที่ส่งแล้วแก้ไขไม่ได้ในขั้นนี้ กรุณาร่วมหารือข้อเสนอที่ผู้พิจารณาเห็นต่างกัน",
        "Reviews that are in cannot be changed now. Please take part in the discussions of your proposals.",
    ),
    FINAL: Text(
        "หากการหารือทำให้ท่านเปลี่ยนคะแนน กรุณาส่งคะแนนสุดท้ายพร้อมเหตุผล คะแนนที่ไม่ได้ส่งใหม่ใช้ตามเดิม",
        "If the discussion has changed your mind, give your final score with the reason. A score not given anew stands.",
    ),
    LOCKED: Text(
        "ไม่รับคะแนนและความเห็นเพิ่มแล้ว ขอขอบคุณที่ท่านร่วมพิจารณา",
        "No more scores or notes are taken. Thank you for your reviews.",
    ),
}


def proposal_count(count: int) -> Text:
    """How many proposals, as a sentence needs it."""
    return Text(f"{count:,} รายการ", "one proposal" if count == 1 else f"{count:,} proposals")
