"""What the machine door refuses for itself, beside what the rooms refuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.kernel.findings import Problem
from app.kernel.text import Text

TITLES: dict[int, Text] = {
    400: Text("คำขอนี้อ่านไม่ได้", "The request cannot be read"),
    401: Text("ต้องแสดงโทเคนที่ใช้ได้", "A valid token is needed"),
    403: Text("โทเคนนี้ไม่มีสิทธิ์ทำรายการนี้", "This token may not do this"),
    404: Text("ไม่พบสิ่งที่ท่านขอ", "What you asked for was not found"),
    405: Text("ที่อยู่นี้ไม่รับคำสั่งนี้", "This address does not take this method"),
    409: Text("มีผู้อื่นแก้ไขก่อน", "Somebody else changed this first"),
    412: Text("ข้อมูลเปลี่ยนไปแล้วหลังจากที่ท่านอ่าน", "It was changed since you read it"),
    413: Text("ข้อมูลที่ส่งมาใหญ่เกินไป", "What you sent is too large"),
    415: Text("ต้องส่งข้อมูลเป็น application/json", "The body must be application/json"),
    422: Text("ทำรายการนี้ไม่ได้ตามที่ส่งมา", "This cannot be done as it stands"),
    428: Text("ต้องระบุ If-Match", "If-Match is required"),
    429: Text("ส่งคำขอถี่เกินไป", "Too many requests"),
    500: Text("ระบบขัดข้อง", "The system has a fault"),
}


class Refusal(Exception):
    """A request that is not carried out; answered as a problem with this status."""

    def __init__(
        self,
        status: int,
        detail: Text | None = None,
        problems: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__((detail or TITLES[status]).en)
        self.status = status
        self.detail = detail
        self.problems = tuple(problems)
        self.headers = dict(headers or {})
