"""What letters about reports say: which report of which period, never a figure of it."""

from __future__ import annotations

from app.kernel.text import Text
from app.notices.facts import Event, Wording

_HOME = "/agency/reports"

REPORT_WORDINGS: dict[Event, Wording] = {
    Event.REPORT_SENT: Wording(
        Text("{report} {period} รอการลงนามของท่าน", "{report}, {period}: your signature is wanted"),
        Text(
            "เจ้าหน้าที่ของ{agency} ส่ง{report} {period} ให้ท่านตรวจและลงนามแล้ว",
            "Officers of {agency} have sent you the {report} of {period} to check and sign.",
        ),
        Text(
            "กรุณาตรวจยอดและข้อสังเกต แล้วลงนาม หรือส่งกลับพร้อมบอกสิ่งที่ต้องแก้ไข",
            "Please look at its sums and remarks, and sign it; or hand it back and say what to mend.",
        ),
        _HOME,
    ),
    Event.REPORT_RETURNED: Wording(
        Text("{report} {period} ถูกส่งคืนให้แก้ไข", "{report}, {period}: returned to be mended"),
        Text(
            "ฝ่ายเลขานุการส่งคืน{report} {period} ของ{agency} พร้อมสิ่งที่ต้องแก้ไข",
            "The secretariat has returned the {report} of {period} of {agency} and says what is to be mended.",
        ),
        Text(
            "กรุณาเปิดอ่านเหตุผล แก้ไข แล้วส่งผู้รับรองลงนามอีกครั้ง",
            "Please read why, mend it, and have it signed again.",
        ),
        _HOME,
    ),
    Event.REPORT_ACCEPTED: Wording(
        Text("{report} {period} ได้รับการรับรองแล้ว", "{report}, {period}: accepted"),
        Text(
            "ฝ่ายเลขานุการรับรอง{report} {period} ของ{agency} แล้ว ตัวเลขนับรวมตั้งแต่บัดนี้",
            "The secretariat has accepted the {report} of {period} of {agency}; its figures count from now on.",
        ),
        Text(
            "ท่านไม่ต้องดำเนินการใด หากพบว่าต้องแก้ไขภายหลัง เริ่มฉบับแก้ไขได้จากหน้ารายงาน",
            "There is nothing for you to do. Should it have to be changed, begin a correction on its page.",
        ),
        _HOME,
    ),
    Event.REPORT_CORRECTED: Wording(
        Text("{agency} แก้ไข{report} {period}", "{agency} corrects its {report} of {period}"),
        Text(
            "{agency} ลงนามฉบับแก้ไขของ{report} {period} ที่รับรองไปแล้ว",
            "{agency} has signed a correction of its {report} of {period}, which was accepted.",
        ),
        Text(
            "กรุณาดูสิ่งที่เปลี่ยนและเหตุผล ฉบับเดิมยังนับอยู่จนกว่าจะรับรองฉบับแก้ไข",
            "Please look at what changes and why. The earlier figures count until the correction is accepted.",
        ),
        _HOME,
    ),
    Event.REPORTS_WANTED: Wording(
        Text("ฝ่ายเลขานุการขอให้ส่งรายงานที่เกินกำหนด {count}", "The secretariat asks for {count}"),
        Text(
            "{agency} ยังไม่ได้ส่งรายงานที่เกินกำหนด {count} ตามรายการด้านล่าง",
            "{agency} has not handed in {count}, listed below.",
        ),
        Text(
            "กรุณาจัดทำ ลงนาม และส่งโดยเร็ว หากมีเหตุขัดข้องกรุณาแจ้งฝ่ายเลขานุการ",
            "Please make, sign and hand them in soon; if something stands in the way, tell the secretariat.",
        ),
        _HOME,
    ),
    Event.REPORTS_DUE: Wording(
        Text("ใกล้ครบกำหนดส่งรายงาน {count}", "Due soon: {count}"),
        Text(
            "{agency} มีรายงานที่ยังไม่ได้ส่ง {count} ครบกำหนด {by}",
            "{agency} has not handed in {count}, due {by}.",
        ),
        Text(
            "กรุณาจัดทำและส่งผู้รับรองลงนามภายในกำหนด",
            "Please make it and have it signed by then.",
        ),
        _HOME,
    ),
    Event.REPORTS_LATE: Wording(
        Text("เกินกำหนดส่งรายงาน {count}", "Late: {count}"),
        Text(
            "{agency} ยังไม่ได้ส่งรายงานที่เกินกำหนด {count} ตามรายการด้านล่าง",
            "{agency} has not handed in {count}, listed below, though the time is up.",
        ),
        Text(
            "กรุณาจัดทำ ลงนาม และส่งโดยเร็ว รายชื่อหน่วยงานที่เกินกำหนดปรากฏต่อฝ่ายเลขานุการ",
            "Please make, sign and hand them in soon. The secretariat sees which agencies are late.",
        ),
        _HOME,
    ),
}


def report_count(count: int) -> Text:
    """How many reports, as a sentence needs it."""
    return Text(f"{count:,} ฉบับ", "one report" if count == 1 else f"{count:,} reports")
