"""News of an account's ways in, to its owner alone: so that they learn of it when it was not them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.clock import format_moment
from app.kernel.text import LANGUAGES, Text
from app.notices.facts import Event, News, Wording

CHANGES: dict[str, Text] = {
    "set_up_second_factor": Text("ตั้งค่าการยืนยันตัวตนสองขั้น", "a second factor was set up"),
    "remove_second_factor": Text("ปิดการยืนยันตัวตนสองขั้น", "the second factor was switched off"),
    "reset_second_factor": Text("ผู้ดูแลระบบล้างการยืนยันตัวตนสองขั้น", "an administrator reset the second factor"),
    "renew_recovery_codes": Text("ออกรหัสกู้คืนชุดใหม่", "new recovery codes were made"),
    "use_recovery_code": Text("ใช้รหัสกู้คืนเข้าสู่ระบบ", "a recovery code was used"),
    "link_identity": Text("เชื่อมบัญชีภายนอก", "an outside account was linked"),
    "unlink_identity": Text("ยกเลิกการเชื่อมบัญชีภายนอก", "an outside account was unlinked"),
}

ACCOUNT_WORDING = Wording(
    Text("บัญชีของท่าน: {change}", "Your account: {change}"),
    Text("เมื่อ {at} มีการเปลี่ยนแปลงบัญชีของท่าน: {change}", "On {at}, {change} on your account."),
    Text(
        "หากท่านเป็นผู้ทำ ไม่ต้องดำเนินการใด หากไม่ใช่ กรุณาเปลี่ยนรหัสผ่านและแจ้งผู้ดูแลระบบทันที",
        "If that was you, there is nothing to do. If not, change your password and tell the administrator at once.",
    ),
    "/account",
)


def read_account_news(
    _session: Session, event: Event, payload: Mapping[str, Any], _now: datetime
) -> News | None:
    """What changed, when, for whose account. A change nobody has words for is a fault: raises `KeyError`."""
    moment = datetime.fromisoformat(payload["at"])
    at = Text(*(format_moment(moment, language) for language in LANGUAGES))
    words: dict[str, Text | str] = {"change": CHANGES[payload["change"]], "at": at}
    key = f"account:{payload['user']}:{payload['change']}:{payload['at']}"
    return News(event, Text("", ""), people=frozenset({int(payload["user"])}), words=words, key=key)
