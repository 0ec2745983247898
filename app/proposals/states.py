"""The proposal's lifecycle: the one spine. Later rooms move a proposal by these verbs only."""

from __future__ import annotations

from app.kernel.lifecycle import Lifecycle, Move
from app.kernel.text import Text

DRAFT = "draft"
SUBMITTED = "submitted"
PASSED = "passed"
QUESTIONED = "questioned"
FAILED = "failed"
RETURNED = "returned"
APPROVED = "approved"
CONDITIONAL = "conditional"
DEFERRED = "deferred"
REJECTED = "rejected"
RECORDED = "recorded"

STATES: dict[str, Text] = {
    DRAFT: Text("ร่าง", "Draft"),
    SUBMITTED: Text("ยื่นแล้ว", "Submitted"),
    PASSED: Text("ผ่านการกลั่นกรอง", "Passed screening"),
    QUESTIONED: Text("รอเจ้าหน้าที่พิจารณา", "Needs a person"),
    FAILED: Text("ไม่ผ่านการกลั่นกรอง", "Failed screening"),
    RETURNED: Text("ส่งคืนแก้ไข", "Returned for revision"),
    APPROVED: Text("เห็นชอบ", "Approved"),
    CONDITIONAL: Text("เห็นชอบโดยมีเงื่อนไข", "Approved with conditions"),
    DEFERRED: Text("เลื่อนการพิจารณา", "Deferred"),
    REJECTED: Text("ไม่เห็นชอบ", "Not approved"),
    RECORDED: Text("บันทึกจากเอกสารงบประมาณ", "Recorded from budget documents"),
}

# a participant's way into a proposal
INVITED = "invited"
JOINED = "joined"
DECLINED = "declined"
PARTICIPATIONS: dict[str, Text] = {
    INVITED: Text("รอตอบรับ", "Invited"),
    JOINED: Text("เข้าร่วมแล้ว", "Joined"),
    DECLINED: Text("ไม่เข้าร่วม", "Declined"),
}
WITHDRAWN = "withdrawn"  # a link request whose link was changed or taken out

_SCREENED = frozenset({SUBMITTED, PASSED, QUESTIONED, FAILED})
_DECIDED = frozenset({APPROVED, CONDITIONAL, DEFERRED, REJECTED})

LIFECYCLE = Lifecycle(
    STATES,
    [
        Move("submit", frozenset({DRAFT}), SUBMITTED),
        Move("record", frozenset({DRAFT}), RECORDED),
        # inside the window an agency may take its filing back; what was filed stays on record
        Move("withdraw", _SCREENED, DRAFT),
        # questions go back to the agency; it files again, or the secretariat lets the last filing count
        Move("return", _SCREENED, RETURNED),
        Move("refile", frozenset({RETURNED}), SUBMITTED),
        Move("recall", frozenset({RETURNED}), SUBMITTED),
        # screening may be run again, and overrides may change its conclusion, until the committee decides
        Move("pass", _SCREENED, PASSED),
        Move("question", _SCREENED, QUESTIONED),
        Move("fail", _SCREENED, FAILED),
        # the committee may amend its decision; each one is kept
        Move("approve", _DECIDED | {PASSED}, APPROVED),
        Move("approve_conditionally", _DECIDED | {PASSED}, CONDITIONAL),
        Move("defer", _DECIDED | {PASSED}, DEFERRED),
        Move("reject", _DECIDED | {PASSED}, REJECTED),
    ],
)

FILED_STATES = frozenset(STATES) - {DRAFT}
WRITABLE_STATES = frozenset({DRAFT, RETURNED})
REVIEWABLE_STATES = frozenset({PASSED})
APPROVED_STATES = frozenset({APPROVED, CONDITIONAL})
RANKED_STATES = _DECIDED | {PASSED}
