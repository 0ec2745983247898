"""What the quarterly report says in words: its memo, and what stands where a table has nothing to show."""

from __future__ import annotations

from app.figures.monitoring_tables import target_rows
from app.figures.monitoring_words import percent
from app.figures.pen import Pen
from app.figures.queries.monitoring import MonitoringBook
from app.kernel.money import format_baht, format_million
from app.kernel.text import Text
from app.monitoring.periods import month_name
from app.monitoring.queries.standing_views import CallStanding
from app.monitoring.targets import SpendingClass

NOBODY_LATE = Text("ทุกหน่วยงานส่งรายงานที่ครบกำหนดแล้ว", "Every report that is due was handed in.")
NOBODY_WARNED = Text(
    "ไม่มีโครงการที่คาดว่าจะพลาดแผน ณ เดือนนี้", "No project is expected to miss its plan, as of this month."
)


def tell_standing(book: MonitoringBook, pen: Pen) -> list[str]:
    """The memo: how the call stands, what is short of the cabinet's target, what is warned of, and who is late."""
    s, standing = book.standing.sums, book.standing
    month = month_name(standing.monitored.fiscal_year, standing.month)
    said = [
        pen(
            f"ณ สิ้นเดือน{month.th} {book.call.name.th} มีโครงการที่ติดตาม {s.projects:,} โครงการ "
            f"วงเงิน {format_baht(s.allotted)} บาท เบิกจ่ายแล้ว {format_baht(s.spent)} บาท คิดเป็นร้อยละ "
            f"{percent(s.spent, s.allotted)} ของวงเงิน และร้อยละ {percent(s.spent, s.planned)} "
            f"ของแผนสะสม {format_baht(s.planned)} บาท ก่อหนี้ผูกพันแล้ว {format_baht(s.committed)} บาท",
            f"At the end of {month.en}, {book.call.name.en} has {s.projects:,} projects under monitoring with "
            f"{format_baht(s.allotted)} baht, of which {format_baht(s.spent)} baht are paid: "
            f"{percent(s.spent, s.allotted)} % of the money and {percent(s.spent, s.planned)} % of the "
            f"{format_baht(s.planned)} baht planned by now. {format_baht(s.committed)} baht are committed.",
        )
    ]
    overall = next((r for r in target_rows(standing) if r.spending_class is SpendingClass.OVERALL), None)
    if overall is not None and overall.end is not None:
        end, missing = percent(overall.end, 10_000), format_baht(overall.missing or 0)
        said.append(
            pen(
                f"เป้าหมายการเบิกจ่ายของคณะรัฐมนตรี ณ สิ้นปีงบประมาณคือร้อยละ {end} ของวงเงิน "
                + (f"ต้องเบิกจ่ายเพิ่มอีก {missing} บาท" if overall.missing else "ซึ่งเบิกจ่ายถึงแล้ว"),
                f"The cabinet's target by the year's end is {end} % of the money"
                + (f"; {missing} baht are still to be paid." if overall.missing else ", which is reached."),
            )
        )
    short = sum(p.forecast.shortfall for p in standing.warned)
    if standing.warned:
        said.append(
            pen(
                f"คาดว่า {len(standing.warned):,} โครงการจะพลาดแผนสิ้นปี รวมประมาณ "
                f"{format_million(short)} ล้านบาท รายละเอียดอยู่ในหัวข้อเตือนล่วงหน้า",
                f"{len(standing.warned):,} projects are expected to miss the year's plan, by about {format_million(short)} "
                "million baht together; see “Early warning”.",
            )
        )
    returning = [p.returnable.amount for p in standing.projects if p.returnable is not None]
    if returning:
        said.append(
            pen(
                f"มีเงินที่อาจส่งคืนได้จาก {len(returning):,} โครงการ รวม {format_million(sum(returning))} ล้านบาท "
                "เป็นจุดที่ควรสอบถาม ยังไม่เป็นข้อยุติ",
                f"{len(returning):,} projects could return {format_million(sum(returning))} million baht together: where to "
                "ask, not a verdict.",
            )
        )
    if standing.late:
        agencies = len({late.agency_id for late in standing.late})
        said.append(
            pen(
                f"มี {agencies:,} หน่วยงานที่ยังไม่ส่งรายงานที่ครบกำหนดแล้ว ตัวเลขข้างต้นจึงยังไม่รวมรายงานที่ขาด",
                f"{agencies:,} agencies have not handed in reports that are due; their spending is not counted yet.",
            )
        )
    return said


def tell_unwarned(standing: CallStanding, pen: Pen) -> list[str]:
    """That no project is warned of, where none is, and of how many nothing is told and why."""
    said = (
        [] if standing.warned or len(standing.projects) == _refused(standing) else [pen.name(NOBODY_WARNED)]
    )
    for why, projects in standing.refused:
        said.append(
            pen(
                f"{why.th}: {projects:,} โครงการ",
                f"{why.en}: {projects:,} project{'s' if projects != 1 else ''}",
            )
        )
    return said


def _refused(standing: CallStanding) -> int:
    return sum(projects for _, projects in standing.refused)
