"""Why a line is in or out, in words: the same sentence on page, in Excel, PDF and command."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.calls.facts import PlanStructure
from app.kernel.money import format_million
from app.kernel.text import Text
from app.portfolio.facts import Bound, Dimension, Entry, Ground, Limit, Line, Standing

NameOf = Callable[[Dimension, str], Text]

GROUND_NAMES = {
    Ground.RANK: Text("ตามลำดับ", "By rank"),
    Ground.REDUCED: Text("ตามลำดับ ในวงเงินขั้นต่ำ", "By rank, with the least it works with"),
    Ground.MUST_FUND: Text("ต้องจัดสรร", "Must be funded"),
    Ground.MUST_REDUCED: Text("ต้องจัดสรร ในวงเงินขั้นต่ำ", "Must be funded, with the least it works with"),
    Ground.FLOOR: Text("ตามวงเงินขั้นต่ำของกลุ่ม", "For a floor"),
    Ground.TAKEN: Text("นำเข้าโดยมติปรับ", "Taken by hand"),
    Ground.CEILING: Text("กรอบวงเงินไม่พอ", "Ceiling"),
    Ground.CAP: Text("เกินเพดานของกลุ่ม", "Cap"),
    Ground.NEEDS: Text("รอโครงการที่ต้องใช้", "Needs another"),
    Ground.EXCLUSIVE: Text("ซ้ำซ้อนกับโครงการที่ได้แล้ว", "Duplicate of one taken"),
    Ground.LEFT_OUT: Text("นำออกโดยมติปรับ", "Left out by hand"),
    Ground.UNSCORED: Text("ยังไม่มีคะแนน", "Not scored"),
    Ground.RECORDED: Text("ตามเอกสาร", "As published"),
}

_LEFT = Text("หลังรายการนี้กรอบเหลือ {left} ล้านบาท", "{left} million baht of the ceiling left after it")
WHY = {
    Ground.RANK: _LEFT,
    Ground.REDUCED: Text(
        "วงเงินเต็มไม่พอ จึงได้ในวงเงินขั้นต่ำ {granted} ล้านบาท เหลือ {left} ล้านบาท",
        "all it asks did not fit: taken with the least it works with, {granted} million baht; {left} million left",
    ),
    Ground.MUST_FUND: Text(
        "เป็นโครงการที่ต้องจัดสรรก่อน เหลือ {left} ล้านบาท", "must be funded before others; {left} million baht left"
    ),
    Ground.MUST_REDUCED: Text(
        "เป็นโครงการที่ต้องจัดสรรก่อน วงเงินเต็มไม่พอ จึงได้ในวงเงินขั้นต่ำ {granted} ล้านบาท เหลือ {left} ล้านบาท",
        "must be funded before others, and all it asks did not fit: taken with the least it works with, {granted} million "
        "baht; {left} million left",
    ),
    Ground.FLOOR: Text(
        "จัดสรรเพื่อให้{limit}ถึงวงเงินขั้นต่ำ {amount} ล้านบาท เหลือ {left} ล้านบาท",
        "taken so that {limit} reaches its floor of {amount} million baht; {left} million left",
    ),
    Ground.TAKEN: Text(
        "นำเข้าโดยการปรับของผู้จัดทำ เหลือ {left} ล้านบาท",
        "taken by hand, whatever its rank; {left} million baht left",
    ),
    Ground.CEILING: Text(
        "กรอบเหลือ {left} ล้านบาท ขาดอีก {short} ล้านบาท",
        "{left} million baht of the ceiling left, {short} million short",
    ),
    Ground.CAP: Text(
        "{limit}มีเพดาน {amount} ล้านบาท ขาดอีก {short} ล้านบาท",
        "{limit} has a cap of {amount} million baht; {short} million short",
    ),
    Ground.NEEDS: Text("ต้องใช้โครงการ {other} ซึ่งไม่ได้รับจัดสรร", "needs project {other}, which is not taken"),
    Ground.EXCLUSIVE: Text(
        "ซ้ำซ้อนกับโครงการ {other} ซึ่งได้รับจัดสรรแล้ว", "duplicates project {other}, which is taken"
    ),
    Ground.LEFT_OUT: Text("นำออกโดยการปรับของผู้จัดทำ", "left out by hand"),
    Ground.UNSCORED: Text("ยังไม่มีผลคะแนนที่ส่งแล้ว", "No review has been handed in yet"),
    Ground.RECORDED: Text(
        "บันทึกจากเอกสารงบประมาณที่เผยแพร่ ไม่มีการให้คะแนน",
        "Recorded from published budget documents; not scored",
    ),
}
NEEDED_BY = Text("โครงการ {other} ที่ต้องจัดสรรต้องใช้", "project {other}, which must be funded, needs it")
POINTS = Text("ต้องได้คะแนนเพิ่มอย่างน้อย {points}", "at least {points} points more would have put it in")
DISPLACED = {
    Ground.MUST_FUND: Text(
        "จะอยู่ในกรอบหากไม่มีโครงการที่ต้องจัดสรร", "it would be in were there no projects that must be funded"
    ),
    Ground.FLOOR: Text("จะอยู่ในกรอบหากไม่มีวงเงินขั้นต่ำของกลุ่ม", "it would be in were there no floors"),
}
TIED = Text("คะแนนเท่ากับลำดับก่อนหน้า จึงตัดสินด้วย: {rule}", "same mean as the line above; told apart by: {rule}")

SHORT = {
    Ground.RANK: Text("ในกรอบ", "Within"),
    Ground.REDUCED: Text("ในกรอบ: ได้ {granted}", "Within: {granted} granted"),
    Ground.MUST_FUND: Text("ในกรอบ: ต้องจัดสรร", "Within: must be funded"),
    Ground.MUST_REDUCED: Text("ในกรอบ: ต้องจัดสรร ได้ {granted}", "Within: must be funded, {granted} granted"),
    Ground.FLOOR: Text("ในกรอบ: ขั้นต่ำ{limit}", "Within: floor of {limit}"),
    Ground.TAKEN: Text("ในกรอบ: ปรับนำเข้า", "Within: taken by hand"),
    Ground.CEILING: Text("เกินกรอบ: เหลือ {left} ขาด {short}", "Beyond: {left} left, {short} short"),
    Ground.CAP: Text("เกินเพดาน{limit}: ขาด {short}", "Beyond the cap of {limit}: {short} short"),
    Ground.NEEDS: Text("รอ {other}", "Needs {other}"),
    Ground.EXCLUSIVE: Text("ซ้ำกับ {other}", "Duplicate of {other}"),
    Ground.LEFT_OUT: Text("ปรับนำออก", "Left out by hand"),
    Ground.UNSCORED: Text("ยังไม่มีคะแนน", "Not scored"),
    Ground.RECORDED: Text("ตามเอกสาร", "As published"),
}
TIED_SHORT = Text("คะแนนเท่ากัน: {rule}", "tie: {rule}")

_DIMENSIONS = {
    Dimension.STAGE: Text("ช่วง{name}", "{name}"),
    Dimension.GUIDELINE: Text("แนวทาง {name}", "guideline {name}"),
    Dimension.MINISTRY: Text("{name}", "{name}"),
}
BOUND_NAMES = {Bound.FLOOR: Text("ขั้นต่ำ", "At least"), Bound.CAP: Text("เพดาน", "At most")}


def names_in(plan: PlanStructure, entries: Iterable[Entry]) -> NameOf:
    """How limits are called in a call: stages and guidelines by its plan, ministries by its entries."""
    ministries = {entry.ministry_code: entry.ministry for entry in entries}

    def name_of(dimension: Dimension, code: str) -> Text:
        if dimension is Dimension.STAGE:
            return plan.name("stages", code)
        if dimension is Dimension.GUIDELINE:
            return Text(code, code)
        return ministries.get(code, Text(code, code))

    return name_of


def _code(dimension: Dimension, code: str) -> Text:
    return Text(code, code)


def name_limit(limit: Limit, name_of: NameOf = _code) -> Text:
    """What a limit holds for, in words that stand inside a sentence."""
    return _DIMENSIONS[limit.dimension].fill(name=name_of(limit.dimension, limit.code))


def points_of(hundredths: int) -> str:
    """Hundredths of a point as printed."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _filled(words: Text, line: Line, name_of: NameOf) -> Text:
    limit = line.limit
    return words.fill(
        left=format_million(line.left),
        short=format_million(line.short),
        granted=format_million(line.granted),
        other=line.other,
        limit=name_limit(limit, name_of) if limit else "",
        amount=format_million(limit.amount) if limit else "",
    )


def why(line: Line, language: str, name_of: NameOf = _code) -> str:
    """Why a line stands where it stands, with its amounts: which rule, and what would have changed it."""
    parts = [_filled(WHY[line.ground], line, name_of)]
    if line.ground in (Ground.MUST_FUND, Ground.MUST_REDUCED) and line.other:
        parts.append(NEEDED_BY.fill(other=line.other))
    if line.points is not None:
        parts.append(POINTS.fill(points=points_of(line.points)))
    if line.displaced is not None:
        parts.append(DISPLACED[line.displaced])
    words = "; ".join(part.say(language) for part in parts)
    if line.tie is None:
        return words
    return f"{words} ({TIED.say(language).format(rule=line.tie.say(language))})"


def why_in_short(line: Line, language: str, name_of: NameOf = _code) -> str:
    """The same for a narrow column whose header and neighbours say the rest; amounts in million baht."""
    words = _filled(SHORT[line.ground], line, name_of).say(language)
    if line.tie is None:
        return words
    return f"{words} ({TIED_SHORT.say(language).format(rule=line.tie.say(language))})"


STANDING_NAMES = {
    Standing.IN: Text("ในกรอบ", "Within"),
    Standing.OUT: Text("เกินกรอบ", "Beyond"),
    Standing.UNSCORED: Text("ยังไม่มีคะแนน", "Not scored"),
    Standing.RECORDED: Text("ตามเอกสาร", "As published"),
}
