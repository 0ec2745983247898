"""The lifecycle of a meeting. Closing freezes what it rested on; nothing of a closed meeting changes any more."""

from __future__ import annotations

from app.kernel.lifecycle import Lifecycle, Move
from app.kernel.text import Text

PLANNED = "planned"
OPEN = "open"
CLOSED = "closed"
CANCELLED = "cancelled"

MEETING_STATES: dict[str, Text] = {
    PLANNED: Text("นัดหมายแล้ว", "Planned"),
    OPEN: Text("กำลังประชุม", "Open"),
    CLOSED: Text("ปิดประชุมแล้ว", "Closed"),
    CANCELLED: Text("ยกเลิก", "Cancelled"),
}

MEETING_LIFE = Lifecycle(
    MEETING_STATES,
    [
        Move("open", frozenset({PLANNED}), OPEN),
        Move("close", frozenset({OPEN}), CLOSED),
        # one opened by mistake may be called off as long as it resolved nothing
        Move("cancel", frozenset({PLANNED, OPEN}), CANCELLED),
    ],
)

UNDERWAY = frozenset({PLANNED, OPEN})  # what is prepared and written down in them may still change
