"""The way of a round: its phases in order, and the moves possible now with exactly what each of them changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.facts import RoundFacts
from app.reviews.queries.running import Running
from app.reviews.states import (
    BACKWARD_MOVES,
    DISCUSSION,
    FINAL,
    LOCKED,
    MOVE_NAMES,
    PHASES,
    ROUND_LIFECYCLE,
    SCORING,
    SCREENING,
)

# who can do what once the round is there
MEANS: dict[str, Text] = {
    SCREENING: Text(
        "ผู้พิจารณาตอบรับ อ่านข้อเสนอ และแจ้งผลประโยชน์ทับซ้อนได้ แต่ยังให้คะแนนไม่ได้",
        "Reviewers answer, read the proposals and declare conflicts of interest; nobody can score yet.",
    ),
    SCORING: Text(
        "ผู้พิจารณาที่ตอบรับแล้วให้คะแนนและส่งได้จนถึงกำหนด เมื่อส่งแล้วแก้ไขไม่ได้",
        "Reviewers who accepted score and hand in until the due date; what is in can no longer be changed.",
    ),
    DISCUSSION: Text(
        "ให้คะแนนต่อไม่ได้ ยกเว้นผู้ที่เปิดให้เป็นรายกรณี ผู้พิจารณาที่ส่งคะแนนแล้วและฝ่ายเลขานุการหารือกันในแต่ละข้อเสนอ",
        "Nobody scores, except whom a review is reopened for. Reviewers who handed in and the secretariat discuss each"
        " proposal.",
    ),
    FINAL: Text(
        "ผู้พิจารณาที่ส่งคะแนนแล้วยืนยันหรือเปลี่ยนคะแนนได้พร้อมเหตุผล คะแนนครั้งแรกยังเก็บไว้ ผู้ที่ยังไม่ส่งจะเริ่มให้คะแนนไม่ได้",
        "Reviewers who handed in may confirm or change their scores with a reason; the first ones are kept. Who has not"
        " handed in cannot begin.",
    ),
    LOCKED: Text(
        "ไม่มีใครให้คะแนน ตอบรับ มอบหมาย หรือยกเลิกการมอบหมายได้ แจ้งผลประโยชน์ทับซ้อนได้เสมอ และคะแนนของผู้นั้นจะไม่นับ",
        "Nobody scores, accepts, assigns or takes back. A conflict of interest can be declared at any time, and that"
        " reviewer's scores then no longer count.",
    ),
}
_LACKING = Text("ยังขาดผู้พิจารณา {n} ที่", "Seats without a reviewer: {n}")
_SILENT = Text("ผู้พิจารณายังไม่ตอบรับ {n} รายการ", "Assignments not answered: {n}")
_NOT_IN_UNLESS = Text(
    "คะแนนที่ยังไม่ส่ง {n} รายการ จะส่งไม่ได้อีกหากไม่เปิดให้เป็นรายกรณี",
    "Reviews not in: {n}. They cannot come in unless they are reopened one by one",
)
_NOT_IN = Text("คะแนนที่ยังไม่ส่ง {n} รายการ จะส่งไม่ได้อีก", "Reviews not in: {n}. They cannot come in any more")
_NOT_DISCUSSED = Text("ข้อเสนอที่ไม่มีผลการหารือ {n} เรื่อง", "Proposals without the outcome of a discussion: {n}")
_NOT_FINAL = Text(
    "คะแนนที่ไม่ได้ยืนยันเป็นคะแนนสุดท้าย {n} รายการ คะแนนที่ส่งไว้จะนับ",
    "Reviews not confirmed as final: {n}. What was handed in counts",
)


@dataclass(frozen=True, slots=True)
class Step:
    """A phase on the path of the round. `standing`: done, here or ahead."""

    phase: str
    name: Text
    standing: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class NextMove:
    """A move that is possible now: what it is called, what it leads to, and what it leaves behind."""

    move: str
    name: Text
    target: Text
    means: Text
    remarks: tuple[Text, ...]
    is_backward: bool


def path_of(round_: RoundFacts) -> list[Step]:
    """The phases in order, with their due moments."""
    phases = list(PHASES)
    here = phases.index(round_.phase)
    return [
        Step(
            phase,
            PHASES[phase],
            "done" if n < here else "here" if n == here else "ahead",
            replace(round_, phase=phase).due_at,
        )
        for n, phase in enumerate(phases)
    ]


def moves_of(round_: RoundFacts, running: Running) -> list[NextMove]:
    """The moves possible now, forward first, each with what it leaves behind."""
    found = [
        NextMove(
            name,
            MOVE_NAMES[name],
            PHASES[move.target],
            MEANS[move.target],
            () if name in BACKWARD_MOVES else _remarks(move.target, running),
            name in BACKWARD_MOVES,
        )
        for name, move in ROUND_LIFECYCLE.moves.items()
        if round_.phase in move.sources
    ]
    return sorted(found, key=lambda m: m.is_backward)


def _remarks(target: str, running: Running) -> tuple[Text, ...]:
    """What is unfinished when the round goes on to a phase, in numbers."""
    total = running.total
    late = _NOT_IN if target == LOCKED else _NOT_IN_UNLESS
    found: dict[str, list[tuple[int, Text]]] = {
        SCORING: [
            (max(0, total.target - total.assigned), _LACKING),
            (total.assigned - total.accepted, _SILENT),
        ],
        DISCUSSION: [(total.missing, late)],
        FINAL: [(total.missing, late), (running.proposals - running.discussed, _NOT_DISCUSSED)],
        LOCKED: [
            (total.missing, late),
            (running.proposals - running.discussed, _NOT_DISCUSSED),
            (total.done - total.final, _NOT_FINAL),
        ],
    }
    return tuple(words.fill(n=f"{n:,}") for n, words in found.get(target, ()) if n)
