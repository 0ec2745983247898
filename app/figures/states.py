"""The life of a printed paper."""

from __future__ import annotations

from app.kernel.lifecycle import Lifecycle, Move
from app.kernel.text import Text

QUEUED = "queued"
RUNNING = "running"
DONE = "done"
FAILED = "failed"
EXPIRED = "expired"

PAPER_STATES: dict[str, Text] = {
    QUEUED: Text("รอพิมพ์", "Waiting"),
    RUNNING: Text("กำลังพิมพ์", "Printing"),
    DONE: Text("พร้อมดาวน์โหลด", "Ready"),
    FAILED: Text("พิมพ์ไม่สำเร็จ", "Failed"),
    EXPIRED: Text("หมดอายุ", "Expired"),
}

UNFINISHED = frozenset({QUEUED, RUNNING})

PAPER_LIFE = Lifecycle(
    PAPER_STATES,
    [
        # a printer that died is followed by another, so running may begin again
        Move("begin", UNFINISHED, RUNNING),
        Move("wait", UNFINISHED, QUEUED),
        Move("finish", frozenset({RUNNING}), DONE),
        Move("fail", UNFINISHED, FAILED),
        Move("expire", frozenset({DONE}), EXPIRED),
    ],
)
