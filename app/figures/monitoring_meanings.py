"""What each column of the monitoring report means, for the data dictionary of its workbook."""

from __future__ import annotations

from dataclasses import replace

from app.figures.pen import Pen
from app.kernel.text import Text
from reports.document import Table

_BY_KEY = {
    "number": Text("เลขที่ข้อเสนอที่เป็นที่มาของโครงการ", "Number of the proposal the project comes from"),
    "title": Text("ชื่อโครงการ", "The project's name"),
    "agency": Text("หน่วยงานเจ้าของแถวนี้", "The agency the row is of"),
    "projects": Text(
        "จำนวนโครงการที่มีเงินในกลุ่มนี้ โครงการร่วมนับในทุกกลุ่มของตน",
        "Projects with money in the group; a joint one counts in each of its own",
    ),
    "approved": Text(
        "วงเงินที่ได้รับอนุมัติครั้งแรก ไม่เปลี่ยนตามแผน", "What was first granted; no change of plan touches it"
    ),
    "allotted": Text(
        "วงเงินตามแผนฉบับที่ใช้อยู่ รวมเงินกันไว้เบิกเหลื่อมปี",
        "What the plan in force allows, carried-over money included",
    ),
    "planned": Text(
        "แผนการเบิกจ่ายสะสมถึงเดือนของแถวหรือของรายงาน",
        "Planned to be paid by the month of the row or of the report, cumulative",
    ),
    "committed": Text(
        "ก่อหนี้ผูกพันสะสมตามรายงานที่รับรองแล้ว รวมที่เบิกจ่ายโดยไม่ต้องก่อหนี้",
        "Committed by then in accepted reports, with what was paid without a contract",
    ),
    "spent": Text("เบิกจ่ายสะสมตามรายงานที่รับรองแล้ว", "Paid by then in accepted reports"),
    "share": Text("เบิกจ่ายสะสม ÷ วงเงินที่ใช้ได้ ปัดลง", "Paid ÷ what may be spent, rounded down"),
    "upto": Text(
        "เดือนที่ (1 = ตุลาคม) ล่าสุดที่ทุกหน่วยงานของโครงการมีรายงานเงินที่รับรองแล้ว ไฟและการคาดการณ์ตัดสินถึงเดือนนี้",
        "Last month (1 = October) all its agencies have accepted reports of money for; light and forecast are of it",
    ),
    "money": Text("ไฟของเงิน ตามกฎในแผ่นไฟสัญญาณ", "Light of money, by the rule on the sheet of lights"),
    "work": Text("ไฟของงานสำคัญ ตามกฎในแผ่นไฟสัญญาณ", "Light of milestones, by the rule on the sheet of lights"),
    "aims": Text("ไฟของตัวชี้วัด ตามกฎในแผ่นไฟสัญญาณ", "Light of indicators, by the rule on the sheet of lights"),
    "forecast": Text(
        "ยอดเบิกจ่ายที่คาดว่าจะถึง ณ สิ้นปี ว่างเมื่อยังคาดการณ์ไม่ได้",
        "What is expected to be paid by the year's end; empty where nothing can be told",
    ),
    "shortfall": Text("แผนทั้งปี − ค่าคาดการณ์ ไม่ต่ำกว่า 0", "The year's plan − the forecast, not below 0"),
    "plan": Text(
        "แผนการเบิกจ่ายถึงสิ้นปี ไม่รวมเงินกัน", "Planned to be paid by the year's end, without carried-over money"
    ),
    "low": Text("ปลายต่ำของช่วงคาดการณ์", "Lower end of the forecast's range"),
    "high": Text("ปลายสูงของช่วงคาดการณ์", "Upper end of the forecast's range"),
    "naive": Text(
        "วิธีอย่างง่ายเพื่อเทียบ: เบิกจ่ายสะสม ÷ จำนวนเดือน × 12", "Baseline to compare with: paid ÷ months gone × 12"
    ),
    "why": Text("กติกา หลักฐาน และสิ่งที่จะทำให้เปลี่ยน", "The rule, the evidence, and what would change it"),
    "es": Text("เดือนของแผนที่งานอยู่จริง (ES)", "The month of the plan the work stands at (ES)"),
    "spi": Text("ES ÷ เดือนที่ผ่านไป ต่ำกว่า 1 คือช้ากว่าแผน", "ES ÷ months gone by; below 1 is behind"),
    "done": Text(
        "น้ำหนัก × ร้อยละที่ทำได้ ของทั้งโครงการ ตามไตรมาสล่าสุดที่รับรองแล้ว",
        "Weight × percent done of the whole project, by the last accepted quarter",
    ),
    "now": Text(
        "เป้าหมายสะสมของไตรมาสล่าสุดที่สิ้นสุด ว่างเมื่อไม่มีแหล่งยืนยัน",
        "Cumulative target of the last quarter that is over; empty where no source confirms one",
    ),
    "end": Text("เป้าหมายสะสม ณ สิ้นปี", "Cumulative target of the year's end"),
    "missing": Text(
        "ยอดที่ต้องเบิกจ่ายเพิ่มเพื่อให้ถึงเป้าหมายสิ้นปี ปัดขึ้น", "Still to be paid to reach the year's target, rounded up"
    ),
    "amount": Text(
        "ยอดที่อาจส่งคืนได้ เป็นจุดที่ควรสอบถาม ไม่ใช่ข้อยุติ", "What could be returned: where to ask, not a verdict"
    ),
}
_BY_TABLE = {
    ("curve", "target"): Text(
        "เป้าหมายภาพรวมของคณะรัฐมนตรี × วงเงินที่ใช้ได้ ปัดลง",
        "The cabinet's overall target × what may be spent, rounded down",
    ),
    ("milestones", "due"): Text("น้ำหนักของงานที่ถึงกำหนดแล้ว", "Weight of the milestones that are due"),
    ("indicators", "share"): Text(
        "ผลเทียบเป้าหมายของไตรมาส ตามทิศทางของตัวชี้วัด ปัดลง",
        "Result against the quarter's target, in the direction it is to move, rounded down",
    ),
    ("indicators", "target"): Text("เป้าหมายของไตรมาสล่าสุดที่ถึงกำหนด", "Target of the latest quarter with one"),
    ("indicators", "why"): Text("เหตุที่เทียบเป้าหมายไม่ได้", "Why it cannot be held against its target"),
    ("late", "missing"): Text("จำนวนงวดที่พ้นกำหนดแล้วยังไม่ส่ง", "Periods that are due and were not handed in"),
    ("late", "due"): Text("กำหนดส่งของงวดแรกที่ขาด", "When the first missing period was due"),
}


def explained(table: Table, pen: Pen) -> Table:
    """The table with what its columns mean, where it is more than their titles say."""
    columns = []
    for column in table.columns:
        meaning = _BY_TABLE.get((table.name, column.key)) or _BY_KEY.get(column.key)
        columns.append(
            replace(column, meaning=pen.name(meaning)) if meaning and not column.meaning else column
        )
    return replace(table, columns=tuple(columns))
