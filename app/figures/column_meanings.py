"""What the columns of a workbook mean, for its data dictionary: by table and column, and where a column means the same on
every sheet, by column alone. A column that says its meaning itself keeps its own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.figures.pen import Pen
from app.kernel.text import Text
from reports.document import Block, Column, Table

_QUARTER = Text("วงเงินที่วางแผนใช้ในไตรมาสนี้", "What is planned to be spent in this quarter")
_UNPHASED = Text("วงเงินที่ไม่ได้ระบุไตรมาส", "What is planned without a quarter")
_LATER = Text("วงเงินที่ผูกพันงบประมาณของปีนี้", "What is committed from this later year's budget")
_ALL_LATER = Text("วงเงินผูกพันงบประมาณปีต่อ ๆ ไปรวมทุกปี", "Commitments of all later years together")
_COUNTED = Text(
    "วงเงินตามที่ยื่นของโครงการที่นับเป็นผล ก่อนปรับลด", "What the projects that count asked for, before any cut"
)
_NUMBER_OF = Text("จำนวนโครงการในกลุ่มนี้", "How many projects of the group")
_WITHIN = Text("โครงการที่อยู่ในกรอบวงเงินตามลำดับ", "Projects within the ceiling by rank")
_GRANTED = Text("วงเงินที่ได้ตามลำดับและเงื่อนไขที่กรอกไว้", "What it gets by rank, under the terms typed in")
_AS_FILED = Text("วงเงินตามที่ยื่น", "Amount as filed")
_CATEGORY = Text("วงเงินของงบรายจ่ายนี้ตามที่ยื่น", "Amount of this category, as filed")
_TOTAL_OVER = Text("ผลรวมที่ขอรับซึ่งรวมจากแผ่นงานนี้", "Total requested, added up over this sheet")
_OFF = Text(
    "ผลรวมของแผ่นงานนี้ลบผลรวมของบัญชีโครงการ ต้องเป็น 0.00",
    "This sheet's total less that of the list; must be 0.00",
)
_DONE_BY = Text("ผู้ที่ดำเนินการ", "Who did it")
_SPREAD = Text("ส่วนเบี่ยงเบนมาตรฐานของคะแนนผู้พิจารณา", "Sample standard deviation over reviewers")
_MEAN = Text("คะแนนเฉลี่ยของผู้พิจารณา คะแนนเต็ม 100", "Mean of the reviewers' totals, of 100")
_FORMULA = Text("ซ่อนไว้ ใช้ในสูตร", "Hidden, for the formulas")

ANYWHERE: dict[str, Text] = {
    "number": Text(
        "เลขที่ข้อเสนอ: ปีงบประมาณและลำดับที่ยื่น", "Number of the proposal: fiscal year and order of filing"
    ),
    "title": Text("ชื่อโครงการตามที่ยื่น", "Name of the project as filed"),
    "rank": Text(
        "ลำดับตามคะแนน 1 คือสูงสุด ว่างเมื่อยังไม่มีคะแนน", "Place by score, 1 the highest; empty without scores"
    ),
    "agency": Text("หน่วยงานเจ้าของโครงการ", "Agency that leads the project"),
    "ministry": Text(
        "กระทรวงหรือส่วนราชการเทียบเท่าที่หน่วยงานสังกัด", "Ministry, or its equal, the agency belongs to"
    ),
    "stage": Text(
        "ช่วงของห่วงโซ่คุณค่า: ต้นน้ำ กลางน้ำ หรือปลายน้ำ",
        "Stage of the value chain: upstream, midstream or downstream",
    ),
    "guideline": Text("แนวทางของแผนงาน เลขและช่วงห่วงโซ่", "Guideline of the plan: its number and stage"),
    "mean": _MEAN,
    "spread": _SPREAD,
    "requested": Text("วงเงินที่ขอรับ", "Amount requested"),
    "approved": Text("วงเงินที่คณะกรรมการเห็นชอบ", "Amount the committee approved"),
    "verdict": Text(
        "มติของที่ประชุม: เห็นชอบ เห็นชอบโดยมีเงื่อนไข เลื่อนการพิจารณา หรือไม่เห็นชอบ",
        "What was decided: approved, approved with conditions, deferred or rejected",
    ),
    "standing": Text("ในกรอบหรือเกินกรอบเมื่อจัดสรรตามลำดับ", "Within the ceiling or not, by rank"),
    "why": Text("เหตุที่อยู่ในกรอบหรือเกินกรอบ", "Why it is within the ceiling or not"),
    "category": Text("งบรายจ่ายตามการจำแนกของสำนักงบประมาณ", "Expenditure category of the Budget Bureau"),
    "reason": Text("เหตุผลที่บันทึกไว้", "The reason recorded"),
    "by": _DONE_BY,
    "body": Text("หน่วยงานที่ให้คะแนน", "Body the review was given for"),
    "reviewer": Text("ผู้ให้คะแนน", "Who reviewed"),
    "panel": Text("คณะพิจารณาที่ได้รับมอบหมาย", "Panel of the assignment"),
    "rubric": Text("ฉบับของเกณฑ์ให้คะแนนที่ใช้", "Version of the rubric the scores were given by"),
    "projects": _NUMBER_OF,
    "matched": _FORMULA,
    "preset_hand": _FORMULA,
    "in_projects": _WITHIN,
    "in_amount": _GRANTED,
    "granted": _GRANTED,
    "approved_projects": Text("โครงการที่คณะกรรมการเห็นชอบ", "Projects the committee approved"),
    "counted": _COUNTED,
    "later": _ALL_LATER,
    **{f"q{n}": _QUARTER for n in range(1, 5)},
    "q0": _UNPHASED,
}

OWN: dict[str, dict[str, Text]] = {
    "stages": {"name": ANYWHERE["stage"]},
    "guidelines": {"name": Text("เลขและชื่อแนวทางของแผนงาน", "Number and name of the guideline")},
    "ministries": {"name": Text("กระทรวงของหน่วยงานเจ้าของโครงการ", "Ministry of the agency that leads")},
    "agencies": {
        "name": Text("หน่วยงานเจ้าของหรือร่วมโครงการ", "Agency that leads or takes part"),
        "leads": Text("โครงการที่หน่วยงานเป็นเจ้าของ", "Projects the agency leads"),
        "requested": Text(
            "วงเงินของหน่วยงานเองในทุกโครงการ รวมที่ร่วมกับผู้อื่น",
            "The agency's own money in all projects, joint ones too",
        ),
        "counted_projects": Text(
            "โครงการที่นับเป็นผลซึ่งหน่วยงานมีส่วน", "Projects that count in which it takes part"
        ),
    },
    "categories": {
        "name": ANYWHERE["category"],
        "amount": Text("วงเงินของปีงบประมาณนี้รวมทุกไตรมาส", "Amount of this fiscal year, all quarters"),
    },
    "commitments": {f"year{n}": _LATER for n in range(1, 5)}
    | {"year0": Text("วงเงินของปีงบประมาณนี้", "Amount of this fiscal year")},
    "certainty": {
        "probability": Text(
            "ร้อยละของการสุ่มจากความไม่แน่นอนของคะแนนที่โครงการอยู่ในกรอบ",
            "Share of draws from the scores' uncertainty in which the project is within",
        ),
        "expected": Text("ค่าเฉลี่ยของลำดับจากการสุ่ม", "Mean rank over the draws"),
        "low": Text("ลำดับดีที่สุดของช่วงร้อยละ 80 กลาง", "Best rank of the middle 80 per cent of draws"),
        "high": Text("ลำดับแย่ที่สุดของช่วงร้อยละ 80 กลาง", "Worst rank of the middle 80 per cent of draws"),
        "band": Text(
            "อยู่ในกรอบชัดเจน ก้ำกึ่ง หรืออยู่นอกกรอบชัดเจน",
            "Clearly within, in between, or clearly outside the ceiling",
        ),
    },
    "attendance": {
        "name": Text("ชื่อกรรมการหรือเลขานุการ", "Member or secretary"),
        "post": Text("ตำแหน่งราชการ", "Official post"),
        "role": Text("หน้าที่ในที่ประชุม", "Duty at the meeting"),
        "presence": Text("มาประชุม มีผู้แทน หรือไม่มาประชุม", "Present, represented or absent"),
        "note": Text("ผู้แทน หรือเหตุที่ไม่มา", "Who stood in, or why absent"),
    },
    "recusals": {
        "name": Text("กรรมการที่ถอนตัวจากเรื่องนี้", "Member who left the room for this proposal"),
        "note": Text("เหตุที่ถอนตัว", "Ground of the recusal"),
    },
    "lines": {
        "position": Text("ลำดับของรายการในโครงการ", "Place of the line in its project"),
        "agency": Text("หน่วยงานที่ใช้เงินรายการนี้", "Agency that spends this line"),
        "item": Text("รายการตามที่ยื่น", "The item as filed"),
        "quantity": Text("จำนวนหน่วย", "How many units"),
        "unit": Text("ชื่อหน่วยนับ", "What is counted"),
        "unit_price": Text("ราคาต่อหนึ่งหน่วย", "Price of one unit"),
        "amount": Text("จำนวนคูณราคาต่อหน่วย", "Quantity times unit price"),
        "source": Text("เล่มและหน้าของเอกสารงบประมาณ", "Volume and page of the budget document"),
        **{f"later{n}": _LATER for n in range(1, 5)},
    },
    "decisions": {
        "cut": Text("ขอรับลบเห็นชอบ", "Requested less approved"),
        "departure": Text("มติต่างจากผลตามลำดับอย่างไร", "How the decision differs from the computed list"),
        "conditions": Text("เงื่อนไขที่ที่ประชุมกำหนด", "Conditions the meeting set"),
        "resolution": Text("ข้อความของมติ", "Words of the resolution"),
        "at": Text("วันที่ที่ประชุมมีมติ", "Day of the decision"),
        "by": Text("ผู้บันทึกมติในระบบ", "Who recorded the decision"),
    },
    "outside": {
        "state": Text("สถานะของข้อเสนอ", "State of the proposal"),
        "total": Text("วงเงินที่ขอรับ", "Amount requested"),
    },
    "findings": {
        "rule": Text("ชื่อข้อกำหนดกลั่นกรอง", "Rule of the screening"),
        "weight": Text("ผลของข้อนี้ใช้ตัดสิน หรือให้ข้อมูลเท่านั้น", "Whether the rule decides or only informs"),
        "outcome": Text("ผลที่ระบบตรวจพบ", "What the rule came to"),
        "text": Text("สิ่งที่พบในข้อเสนอ", "What was found in the proposal"),
        "basis": Text("ประกาศหรือหลักเกณฑ์ที่อ้าง", "The notice or criterion behind the rule"),
        "remedy": Text("สิ่งที่หน่วยงานทำได้เพื่อให้ผลเปลี่ยน", "What the agency can do about it"),
        "override": Text("ผลที่เจ้าหน้าที่วินิจฉัยแทน", "The result a person set in its place"),
        "by": Text("ผู้วินิจฉัย", "Who judged"),
        "at": Text("วันที่วินิจฉัย", "Day of the judgement"),
    },
    "scores": {
        "total": Text("ผลรวมของน้ำหนัก × ระดับ ÷ 4", "Sum of weight x level / 4"),
        "at": Text("วันที่ส่งผลล่าสุด", "Day of the latest hand-in"),
        "comments": Text("ความเห็นของผู้พิจารณารายเกณฑ์", "The reviewer's comments by criterion"),
    },
    "review_details": {
        "state": Text(
            "ที่มาของคะแนน: ครั้งแรก ให้ใหม่ หรือสุดท้าย", "Whether it is the first, a later or the final score"
        ),
        "criterion": Text("ชื่อเกณฑ์", "Name of the criterion"),
        "weight": Text("น้ำหนักของเกณฑ์ (ร้อยละ)", "Weight of the criterion, per cent"),
        "level": Text("ระดับ 0–4 ที่ใช้คำนวณ", "Level 0-4 that counts"),
        "comment": Text("ความเห็นประกอบเกณฑ์นี้", "Comment on this criterion"),
        "at": Text("วันที่ส่งผลล่าสุด", "Day of the latest hand-in"),
    },
    "assignments": {
        "state": Text("ตอบรับ ปฏิเสธ หรือสิ้นสุดการมอบหมาย", "Taken on, declined or ended"),
        "assigned": Text("วันที่มอบหมาย", "Day of the assignment"),
        "answered": Text("วันที่ตอบรับหรือปฏิเสธ", "Day of the answer"),
        "why": Text("เหตุผลที่ไม่พิจารณา", "Why it was not reviewed"),
        "first": Text("คะแนนรวมที่ส่งครั้งแรก", "Total of the first hand-in"),
        "total": Text("คะแนนรวมล่าสุด", "Total as it stands"),
        "counts": Text("คะแนนนี้นับในค่าเฉลี่ยหรือไม่", "Whether it counts in the mean"),
        "handed_in": Text("วันที่ส่งผลล่าสุด", "Day of the latest hand-in"),
        "final": Text("เหตุผลที่ให้คะแนนสุดท้าย", "Reason given with the final score"),
    },
    "score_history": {
        "at": Text("วันที่เกิดเหตุการณ์", "Day it happened"),
        "event": Text("ส่งผล ให้ใหม่ เปิดให้แก้ หรือคะแนนสุดท้าย", "Handed in, scored again, reopened or final"),
        "total": Text("คะแนนรวมที่ส่งครั้งนั้น", "Total handed in then"),
        "by": Text("ผู้เปิดให้แก้คะแนน", "Who reopened it"),
        "until": Text("แก้ได้ถึงวันนี้", "Last day to change it"),
        "state": Text("สถานะของการมอบหมายตอนพิมพ์", "State of the assignment when printed"),
    },
    "discussions": {
        "outcome": Text("ข้อสรุปของการหารือ", "What the discussion came to"),
        "text": Text("สรุปเป็นถ้อยคำ", "The conclusion in words"),
        "first_mean": _MEAN,
        "first_spread": _SPREAD,
        "at": Text("วันที่บันทึก", "Day it was recorded"),
        "by": Text("ผู้บันทึกผลการหารือ", "Who recorded it"),
    },
    "round_moves": {
        "at": Text("วันที่ดำเนินการ", "Day of the step"),
        "move": Text("สิ่งที่ทำ", "What was done"),
        "from": Text("ขั้นก่อนหน้า", "Phase before"),
        "to": Text("ขั้นต่อมา", "Phase after"),
    },
    "details": {
        "agencies": Text("จำนวนหน่วยงานที่มีส่วนในโครงการ", "How many agencies take part"),
        "lines": Text("จำนวนรายการงบประมาณ", "How many budget lines"),
        "reviews": Text("จำนวนผู้ให้คะแนนที่นับ", "How many reviews count"),
        "troubles": Text("ข้อที่ใช้ตัดสินซึ่งไม่ผ่านหรือต้องให้คนดู", "Deciding rules that fail or need a person"),
        "overlaps": Text("คู่ข้อเสนอที่คล้ายกัน", "Pairs of similar proposals"),
        "links": Text("การเชื่อมโยงกับหน่วยงานอื่น", "Links to other agencies"),
        **{f"f{n}": Text("วงเงินของไตรมาสนี้ตามที่ยื่น", "This quarter's amount, as filed") for n in range(1, 5)},
        "f5": Text("วงเงินตามที่ยื่นซึ่งไม่ระบุไตรมาส", "Amount filed without a quarter"),
    },
    "budget": {
        "agency": Text("หน่วยงานที่ใช้เงิน", "Agency that spends"),
        "amount": Text("วงเงินของปีงบประมาณนี้", "Amount of this fiscal year"),
    },
    "ledger": {
        "kind": Text("การปรับด้วยมือ: รับ ไม่รับ หรือปรับวงเงิน", "What was changed by hand: taken, left out or cut"),
        "before": Text("วงเงินที่คำนวณก่อนปรับ", "Amount computed before the change"),
        "after": Text("วงเงินหลังปรับ", "Amount after the change"),
        "change": Text("หลังปรับลบก่อนปรับ", "After less before"),
        "least": Text("วงเงินน้อยที่สุดที่โครงการยังดำเนินการได้", "The least the project works with"),
        "at": Text("วันที่ปรับ", "Day of the change"),
        "by": Text("ผู้ปรับ", "Who changed it"),
    },
    "overlaps": {
        "score": Text("ความคล้ายของเนื้อหา 100 คือเหมือนกันทั้งหมด", "How alike they read; 100 is the same"),
        "verdict": Text("คำวินิจฉัยของฝ่ายเลขานุการ", "What the secretariat judged"),
        "yields": Text("เลขที่ข้อเสนอที่ต้องหลีกทาง", "Number of the proposal that gives way"),
        **{
            f"{side}_year": Text("ปีงบประมาณของข้อเสนอ", "Fiscal year of the proposal")
            for side in ("later", "earlier")
        },
        **{f"{side}_total": Text("วงเงินที่ขอรับ", "Amount requested") for side in ("later", "earlier")},
    },
    "graph": {
        "proposal": Text("ชื่อโครงการตามที่ยื่น", "Name of the project as filed"),
        "agency": Text("หน่วยงานที่ระบุการเชื่อมโยง", "Agency that declared the link"),
        "relation": Text(
            "ให้ รับ แลกเปลี่ยน ร่วมดำเนินการ หรือเปิดบริการ", "Gives, takes, exchanges, takes part or serves"
        ),
        "thing": Text("ข้อมูลหรือระบบที่เชื่อม", "The data or system that is linked"),
        "kind": Text("ชนิดของสิ่งที่เชื่อม", "What kind of thing it is"),
        "partner": Text("หน่วยงานหรือโครงการอีกฝ่าย", "The agency or project at the other end"),
        "through": Text("ช่องทางที่ใช้เชื่อม", "The way it is linked through"),
        "answer": Text("คำตอบของอีกฝ่ายเมื่อขอยืนยัน", "What the other side answered"),
        "standing": Text("ยืนยันแล้วหรืออ้างฝ่ายเดียว", "Confirmed, or said by one side alone"),
    },
    "filings": {
        "at": Text("เวลาที่ระบบรับข้อเสนอ", "When the system received the filing"),
        "sha256": Text(
            "ค่าแฮชของข้อเสนอตามที่ยื่น ใช้พิสูจน์ว่าไม่ถูกแก้", "Hash of what was filed, to prove it unchanged"
        ),
    },
    "departing": {
        "kind": Text("ปรับโดยคนหรือโดยมติ", "Changed by hand or by decision"),
        "before": Text("วงเงินก่อนปรับ", "Amount before"),
        "after": Text("วงเงินหลังปรับ", "Amount after"),
        "by": Text("ผู้ปรับและเวลา", "Who changed it, and when"),
    },
    "verdicts": {"requested": _AS_FILED},
    "quarters": {
        "name": Text("ไตรมาสของปีงบประมาณ 1 คือ ต.ค.–ธ.ค.", "Quarter of the fiscal year; the first is Oct-Dec")
    },
    "terms": {
        "label": Text("เงื่อนไขหรือผล", "A term or a result"),
        "value": Text("ค่าปัจจุบัน ช่องสีเหลืองกรอกได้", "Its value now; yellow cells can be typed into"),
        "unit": Text("หน่วยของค่า", "Unit of the value"),
        "before": Text("ค่าตอนพิมพ์สมุดงาน", "Value when the workbook was printed"),
        "note": Text("คำอธิบาย", "What it means"),
    },
    "walk": {
        "cumulative": Text("ผลรวมที่ได้รับจนถึงลำดับนี้", "Sum granted down to this rank"),
        "left": Text("กรอบที่เหลือหลังรายการนี้", "What is left of the ceiling after it"),
        "short": Text("วงเงินที่ยังขาดเมื่อเกินกรอบ", "How much it lacks where it does not fit"),
    },
    "caps": {
        "dimension": Text("กลุ่มตามช่วง แนวทาง หรือกระทรวง", "Group by stage, guideline or ministry"),
        "name": Text("ชื่อกลุ่ม", "Name of the group"),
        "projects": Text("จำนวนโครงการของกลุ่มที่อยู่ในกรอบ", "Projects of the group within the ceiling"),
        "room": Text("เพดานลบที่ได้รับ ว่างเมื่อไม่มีเพดาน", "Cap less what is granted; empty without a cap"),
    },
}


def explain_columns(blocks: Iterable[Block], pen: Pen) -> Iterator[Block]:
    """The blocks, the columns of their tables with what they mean."""
    for block in blocks:
        if isinstance(block, Table) and any(not column.meaning for column in block.columns):
            columns = tuple(
                column if column.meaning else replace(column, meaning=_meaning(block.name, column, pen))
                for column in block.columns
            )
            block = replace(block, columns=columns)
        yield block


def _meaning(table: str, column: Column, pen: Pen) -> str:
    base = next((name for name in OWN if table == name or table.startswith(f"{name}_v")), table)
    own = OWN.get(base, {})
    plain = column.key.rpartition("_")[2] if base == "overlaps" else column.key
    text = own.get(column.key) or ANYWHERE.get(plain)
    if text is None and base == "agreement":
        text = _OFF if column.key.endswith("_off") else _TOTAL_OVER
    if text is None and base == "details" and column.key.startswith("c_"):
        text = _CATEGORY
    return pen.name(text) if text else ""
