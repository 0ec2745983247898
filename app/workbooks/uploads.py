"""The life of a filled-in workbook on its way in, whatever it is of, and what reading it gave: dry values."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from app.kernel.canonical import canonical_json
from app.kernel.lean import dataclass
from app.kernel.lifecycle import Lifecycle, Move
from app.kernel.text import Text
from app.workbooks.facts import Fault

WAITING, READING, READY = "waiting", "reading", "ready"
UNUSABLE, APPLIED, DROPPED = "refused", "applied", "dropped"

UPLOAD_STATES: dict[str, Text] = {
    WAITING: Text("รออ่าน", "Waiting to be read"),
    READING: Text("กำลังอ่าน", "Being read"),
    READY: Text("รอตรวจและนำเข้า", "To be checked and taken in"),
    UNUSABLE: Text("นำเข้าไม่ได้", "Cannot be taken in"),
    APPLIED: Text("นำเข้าแล้ว", "Taken in"),
    DROPPED: Text("ไม่นำเข้า", "Dropped"),
}
UNREAD_STATES = frozenset({WAITING, READING})

UPLOAD_LIFE = Lifecycle(
    UPLOAD_STATES,
    [
        # a reader that died is followed by another, so reading may begin again
        Move("begin", UNREAD_STATES, READING),
        Move("wait", UNREAD_STATES, WAITING),
        Move("finish", frozenset({READING}), READY),
        Move("refuse", UNREAD_STATES, UNUSABLE),
        Move("apply", frozenset({READY}), APPLIED),
        Move("drop", frozenset({WAITING, READING, READY, UNUSABLE}), DROPPED),
    ],
)

KEPT_FOR = timedelta(days=7)
MOST_UNREAD = 5  # workbooks of one person that are still to be read
MOST_FAULTS_KEPT = 1000  # beyond, a page tells the count, and the marked workbook tells them all


Value = dict[str, Any]


def signing_key(secret: str) -> bytes:
    """The key that signs templates, of the installation's secret; no other use of the secret gives the same."""
    return hmac.new(secret.encode(), b"signature of workbook templates", sha256).digest()


@dataclass(frozen=True, slots=True)
class Judged:
    """What a returned workbook amounts to: a value for every part it fills in, or faults. `came_from` are the versions its
    template was made from."""

    values: Mapping[str, Value]
    faults: tuple[Fault, ...]
    remarks: tuple[Text, ...]
    came_from: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class UploadResult:
    """What a workbook says. With faults there are no values.

    `came_from` are the versions its template was made from; `faults` the first of `fault_count`, which stand in
    `fault_rows` rows.
    """

    values: Mapping[str, Value]
    came_from: Mapping[str, int]
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0
    fault_rows: int = 0
    remarks: tuple[Text, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not self.fault_count

    def as_json(self) -> str:
        """Canonical JSON, the inverse of `parse_result`."""
        return canonical_json(
            {
                "values": dict(self.values),
                "came_from": dict(self.came_from),
                "faults": [
                    {"sheet": f.sheet, "row": f.row, "column": f.column, "cell": f.cell, **f.text.as_dict()}
                    for f in self.faults
                ],
                "fault_count": self.fault_count,
                "fault_rows": self.fault_rows,
                "remarks": [words.as_dict() for words in self.remarks],
            }
        )


def result_of(judged: Judged, remarks: Iterable[Text] = ()) -> UploadResult:
    """What is kept of a workbook that was judged, with further `remarks`."""
    return UploadResult(
        values=judged.values,
        came_from=judged.came_from,
        faults=judged.faults[:MOST_FAULTS_KEPT],
        fault_count=len(judged.faults),
        fault_rows=len({(f.sheet, f.row) for f in judged.faults if f.row}),
        remarks=(*judged.remarks, *remarks),
    )


def parse_result(content: str) -> UploadResult:
    """A stored result as its value."""
    kept: dict[str, Any] = json.loads(content)
    return UploadResult(
        values=kept["values"],
        came_from=kept["came_from"],
        faults=tuple(
            Fault(f["sheet"], f["row"], f["column"], Text.from_dict(f), f["cell"]) for f in kept["faults"]
        ),
        fault_count=kept["fault_count"],
        fault_rows=kept["fault_rows"],
        remarks=tuple(Text.from_dict(words) for words in kept["remarks"]),
    )
