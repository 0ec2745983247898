"""Where a round of reviews and a single assignment may go: two tables of moves."""

from __future__ import annotations

from app.kernel.lifecycle import Lifecycle, Move
from app.kernel.text import Text

SCREENING = "screening"
SCORING = "scoring"
DISCUSSION = "discussion"
FINAL = "final"
LOCKED = "locked"

PHASES: dict[str, Text] = {
    SCREENING: Text("อ่านและกลั่นกรอง", "Screening review"),
    SCORING: Text("ให้คะแนน", "Scoring"),
    DISCUSSION: Text("หารือ", "Discussion"),
    FINAL: Text("คะแนนสุดท้าย", "Final scores"),
    LOCKED: Text("ปิดรอบพิจารณา", "Locked"),
}

# what is read, said and declared goes on in every phase but the last; scores are taken in two of them
ROUND_LIFECYCLE = Lifecycle(
    PHASES,
    [
        Move("begin_scoring", frozenset({SCREENING}), SCORING),
        Move("begin_discussion", frozenset({SCORING}), DISCUSSION),
        Move("begin_final", frozenset({DISCUSSION}), FINAL),
        Move("lock", frozenset({SCORING, DISCUSSION, FINAL}), LOCKED),
        # back, with a reason
        Move("back_to_screening", frozenset({SCORING}), SCREENING),
        Move("back_to_scoring", frozenset({DISCUSSION, FINAL}), SCORING),
        Move("back_to_discussion", frozenset({FINAL}), DISCUSSION),
        Move("unlock", frozenset({LOCKED}), FINAL),
    ],
)
MOVE_NAMES: dict[str, Text] = {
    "begin_scoring": Text("เริ่มให้คะแนน", "Begin scoring"),
    "begin_discussion": Text("เริ่มหารือ", "Begin the discussion"),
    "begin_final": Text("เปิดให้คะแนนสุดท้าย", "Open final scores"),
    "lock": Text("ปิดรอบพิจารณา", "Lock the round"),
    "back_to_screening": Text("กลับไปขั้นอ่านและกลั่นกรอง", "Back to the screening review"),
    "back_to_scoring": Text("กลับไปขั้นให้คะแนน", "Back to scoring"),
    "back_to_discussion": Text("กลับไปขั้นหารือ", "Back to the discussion"),
    "unlock": Text("เปิดรอบพิจารณาอีกครั้ง", "Unlock the round"),
}
BACKWARD_MOVES = frozenset({"back_to_screening", "back_to_scoring", "back_to_discussion", "unlock"})

GIVEN = "given"
ACCEPTED = "accepted"
DECLINED = "declined"
RECUSED = "recused"
WITHDRAWN = "withdrawn"

ASSIGNMENT_STATES: dict[str, Text] = {
    GIVEN: Text("รอตอบรับ", "Not answered"),
    ACCEPTED: Text("รับพิจารณา", "Accepted"),
    DECLINED: Text("ขอไม่พิจารณา", "Declined"),
    RECUSED: Text("ถอนตัวเพราะผลประโยชน์ทับซ้อน", "Recused"),
    WITHDRAWN: Text("ยกเลิกการมอบหมาย", "Taken back"),
}

ASSIGNMENT_LIFECYCLE = Lifecycle(
    ASSIGNMENT_STATES,
    [
        # the reviewer says that there is no conflict, before reading
        Move("accept", frozenset({GIVEN}), ACCEPTED),
        Move("decline", frozenset({GIVEN, ACCEPTED}), DECLINED),
        Move("recuse", frozenset({GIVEN, ACCEPTED}), RECUSED),
        Move("withdraw", frozenset({GIVEN, ACCEPTED}), WITHDRAWN),
        # the same person is asked once more; whatever was scored before is there again
        Move("give_again", frozenset({DECLINED, RECUSED, WITHDRAWN}), GIVEN),
    ],
)
# A locked round takes no scores, gives nothing out and takes nothing back, so that what the committee reads stays as it
# is. Two answers remain: whoever learns of a conflict of interest, the reviewer or the secretariat, must be able to say
# so on any day, and that review then counts no more; and what was given and never scored can still be refused, which
# changes no count. Accepting could bring a review scored before back into the count, and declining one that is in would
# take it out without a conflict.
ANSWERS_WHEN_LOCKED = frozenset({"recuse", "decline"})
STANDING_STATES = frozenset({GIVEN, ACCEPTED})
