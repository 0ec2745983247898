"""The tables of plan against actual: of pages' files, of the quarterly paper and of its workbook. Amounts to the satang."""

from __future__ import annotations

from collections.abc import Sequence

from app.calls.facts import PlanStructure
from app.figures.monitoring_charts import month_names, target_amounts
from app.figures.monitoring_words import join_sentences, tell_evidence
from app.figures.pen import Pen
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.lights import LIGHT_NAMES
from app.monitoring.periods import MONTHS_OF_YEAR, period_name, quarter_name, quarter_of
from app.monitoring.queries.standing_views import CallStanding, Group
from app.monitoring.returning import REASON_NAMES
from app.monitoring.states import PROJECT_STATES
from app.monitoring.targets import CLASS_NAMES, SpendingClass
from reports.document import Column, Table


def _money(key: str, th: str, en: str, pen: Pen, *, total: bool = True) -> Column:
    return Column(key, pen(th, en), "money", 23, "sum" if total else None, unit=pen("บาท", "baht"))


def _share(part: int, whole: int) -> int | None:
    """Hundredths of a percent, rounded down."""
    return part * 10_000 // whole if whole else None


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A class of expenditure against the cabinet's targets: what it has (satang), and shares in hundredths of a percent.
    `now` is the target of the last quarter that is over, None where none is confirmed; `end` that of the year's end."""

    spending_class: SpendingClass
    allotted: int
    spent: int
    share: int | None
    now: int | None
    end: int | None

    @property
    def missing(self) -> int | None:
        """What is still to be paid to reach the year's end, satang, rounded up; 0 once it is reached."""
        if self.end is None:
            return None
        return max(-(-self.allotted * self.end // 10_000) - self.spent, 0)


def target_rows(standing: CallStanding) -> list[TargetRow]:
    """Every class with money, against the targets as loaded; none without targets."""
    if standing.targets is None:
        return []
    rows = []
    over = min(standing.month, MONTHS_OF_YEAR) // 3
    for spending_class in SpendingClass:
        sums = standing.of_class(spending_class)
        if not sums.allotted:
            continue
        now = standing.targets.find(spending_class, over) if over else None
        end = standing.targets.find(spending_class, 4)
        rows.append(
            TargetRow(
                spending_class,
                sums.allotted,
                sums.spent,
                sums.spent_share,
                now.percent if now else None,
                end.percent if end else None,
            )
        )
    return rows


def curve_table(standing: CallStanding, pen: Pen) -> Table:
    """The months of the curve, cumulative: the numbers of the picture."""
    points = standing.curve.points
    wanted = target_amounts(standing.targets, standing.sums.allotted, len(points))
    has_targets = any(amount is not None for amount in wanted)
    return Table(
        "curve",
        pen("แผนและผลการใช้จ่ายสะสมรายเดือน", "Planned and actual spending by month, cumulative"),
        (
            Column("month", pen("เดือน", "Month"), width=14),
            _money("planned", "แผนสะสม", "Planned", pen, total=False),
            _money("committed", "ผูกพันสะสม", "Committed", pen, total=False),
            _money("spent", "เบิกจ่ายสะสม", "Paid", pen, total=False),
            *([_money("target", "เป้าหมาย ครม.", "Cabinet target", pen, total=False)] if has_targets else []),
        ),
        tuple(
            (name, p.planned, p.committed, p.spent, *([target] if has_targets else []))
            for name, p, target in zip(
                month_names(standing.monitored.fiscal_year, len(points), pen), points, wanted, strict=True
            )
        ),
        question=pen("การใช้จ่ายเป็นไปตามแผนหรือไม่", "Is spending on plan?"),
        sheet=pen("แผนและผลรายเดือน", "By month"),
        filters=False,
        landscape=False,
    )


def standing_table(standing: CallStanding, plan: PlanStructure, pen: Pen) -> Table:
    """Every chosen project with its money and its lights, to the satang."""

    def light(name: str) -> Column:
        th, en = {"money": ("เงิน", "Money"), "work": ("งาน", "Work"), "aims": ("ตัวชี้วัด", "Aims")}[name]
        return Column(name, pen(th, en), width=9)

    rows = []
    for p in standing.projects:
        f, told = p.facts, p.forecast
        rows.append(
            (
                f.number,
                pen.name(f.title),
                pen.name(f.lead),
                pen.name(f.ministry),
                pen.name(plan.name("stages", f.stage)),
                f.guideline,
                pen.name(PROJECT_STATES[f.state]),
                p.upto,
                f.approved,
                p.sums.allotted,
                p.sums.planned,
                p.sums.committed,
                p.sums.spent,
                _share(p.sums.spent, p.sums.allotted),
                pen.name(LIGHT_NAMES[p.money.light]),
                pen.name(LIGHT_NAMES[p.work.judged.light]),
                pen.name(LIGHT_NAMES[p.indicators.light]),
                told.amount,
                told.shortfall if told.amount is not None else None,
            )
        )
    return Table(
        "standing",
        pen("โครงการ แผน และผล", "Projects, plan and actual"),
        (
            Column("number", pen("เลขที่", "Number"), width=15, total="count"),
            Column("title", pen("โครงการ", "Project"), "long_text", 26),
            Column("agency", pen("หน่วยงานหลัก", "Lead agency"), "long_text", 16),
            Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 22, excel_only=True),
            Column("stage", pen("ช่วง", "Stage"), width=12, excel_only=True),
            Column("guideline", pen("แนวทาง", "Guideline"), width=9, excel_only=True),
            Column("state", pen("สถานะ", "State"), width=12, excel_only=True),
            Column("upto", pen("รายงานถึงเดือนที่", "Reported to month"), "int", 10, excel_only=True),
            Column(
                "approved",
                pen("ที่ได้รับอนุมัติ", "Granted"),
                "money",
                22,
                "sum",
                unit=pen("บาท", "baht"),
                excel_only=True,
            ),
            _money("allotted", "วงเงินที่ใช้ได้", "May be spent", pen),
            _money("planned", "แผนสะสม", "Planned", pen),
            _money("committed", "ผูกพันสะสม", "Committed", pen),
            _money("spent", "เบิกจ่ายสะสม", "Paid", pen),
            Column("share", pen("ร้อยละ", "Percent"), "percent", 10),
            light("money"),
            light("work"),
            light("aims"),
            Column(
                "forecast",
                pen("คาดการณ์สิ้นปี", "Forecast"),
                "money",
                22,
                unit=pen("บาท", "baht"),
                excel_only=True,
            ),
            Column(
                "shortfall",
                pen("คาดว่าพลาดแผน", "Expected to miss"),
                "money",
                22,
                unit=pen("บาท", "baht"),
                excel_only=True,
            ),
        ),
        tuple(rows),
        question=pen("โครงการใดเป็นไปตามแผน", "Which projects are on plan?"),
        carry_forward=("allotted", "planned", "committed", "spent"),
        landscape=True,
    )


def group_table(name: str, title: str, head: str, groups: Sequence[Group], pen: Pen) -> Table:
    """Money by group."""
    return Table(
        name,
        title,
        (
            Column("name", head, "long_text", 34),
            Column("projects", pen("โครงการ", "Projects"), "int", 9),
            _money("allotted", "วงเงินที่ใช้ได้", "May be spent", pen),
            _money("planned", "แผนสะสม", "Planned", pen),
            _money("committed", "ผูกพันสะสม", "Committed", pen),
            _money("spent", "เบิกจ่ายสะสม", "Paid", pen),
            Column("share", pen("ร้อยละ", "Percent"), "percent", 9),
        ),
        tuple(
            (
                pen.name(g.name),
                g.sums.projects,
                g.sums.allotted,
                g.sums.planned,
                g.sums.committed,
                g.sums.spent,
                g.sums.spent_share,
            )
            for g in groups
        ),
        carry_forward=("allotted", "planned", "committed", "spent"),
        landscape=True,
    )


def targets_table(standing: CallStanding, pen: Pen) -> Table:
    """Classes of expenditure against the cabinet's targets."""
    targets = standing.targets
    return Table(
        "targets",
        pen("เทียบเป้าหมายการเบิกจ่ายของคณะรัฐมนตรี", "Against the cabinet's targets of disbursement"),
        (
            Column("class", pen("ประเภทรายจ่าย", "Class"), width=16),
            _money("allotted", "วงเงินที่ใช้ได้", "May be spent", pen, total=False),
            _money("spent", "เบิกจ่ายสะสม", "Paid", pen, total=False),
            Column("share", pen("ร้อยละ", "Percent"), "percent", 10),
            Column("now", pen("เป้าหมายไตรมาส", "Quarter's target"), "percent", 12),
            Column("end", pen("เป้าหมายสิ้นปี", "Year's target"), "percent", 12),
            _money("missing", "ต้องเบิกจ่ายเพิ่ม", "Still to be paid", pen, total=False),
        ),
        tuple(
            (pen.name(CLASS_NAMES[r.spending_class]), r.allotted, r.spent, r.share, r.now, r.end, r.missing)
            for r in target_rows(standing)
        ),
        sheet=pen("เป้าหมาย ครม.", "Cabinet targets"),
        note="" if targets is None else f"{pen.name(targets.source)} {pen.name(targets.note)}".strip(),
        filters=False,
        landscape=False,
    )


def warnings_table(standing: CallStanding, pen: Pen) -> Table:
    """Projects whose forecast misses the year's plan, with the naive baseline and the evidence."""
    green = standing.monitored.rules.green
    return Table(
        "warnings",
        pen("เตือนล่วงหน้า: คาดว่าจะพลาดแผนสิ้นปี", "Early warning: expected to miss the year's plan"),
        (
            Column("number", pen("เลขที่", "Number"), width=15, total="count"),
            Column("title", pen("โครงการ", "Project"), "long_text", 29),
            _money("plan", "แผนทั้งปี", "Year's plan", pen),
            _money("forecast", "คาดการณ์", "Forecast", pen),
            _money("low", "ต่ำสุด", "Low", pen, total=False),
            _money("high", "สูงสุด", "High", pen, total=False),
            _money("naive", "วิธีอย่างง่าย", "Naive", pen),
            _money("shortfall", "คาดว่าพลาดแผน", "Expected to miss", pen),
            Column("why", pen("เหตุผล", "Why"), "long_text", 60, excel_only=True),
        ),
        tuple(
            (
                p.facts.number,
                pen.name(p.facts.title),
                p.forecast.case.planned_year,
                p.forecast.amount,
                p.forecast.low,
                p.forecast.high,
                p.forecast.naive,
                p.forecast.shortfall,
                join_sentences(tell_evidence(p.forecast, green, pen)),
            )
            for p in standing.warned
        ),
        sheet=pen("เตือนล่วงหน้า", "Early warning"),
        carry_forward=("shortfall",),
        landscape=True,
    )


def returnable_table(standing: CallStanding, pen: Pen) -> Table:
    """Money that could be returned, with the reason."""
    found = [(p, p.returnable) for p in standing.projects if p.returnable is not None]
    return Table(
        "returnable",
        pen("เงินที่อาจส่งคืนได้", "Money that could be returned"),
        (
            Column("number", pen("เลขที่", "Number"), width=14, total="count"),
            Column("title", pen("โครงการ", "Project"), "long_text", 40),
            _money("allotted", "วงเงินที่ใช้ได้", "May be spent", pen),
            _money("committed", "ผูกพันสะสม", "Committed", pen),
            _money("amount", "อาจส่งคืน", "Could be returned", pen),
            Column("reason", pen("เหตุผล", "Reason"), "long_text", 34),
        ),
        tuple(
            (
                p.facts.number,
                pen.name(p.facts.title),
                p.reported.allotted,
                p.reported.committed,
                r.amount,
                pen.name(REASON_NAMES[r.reason]),
            )
            for p, r in sorted(found, key=lambda pair: (-pair[1].amount, pair[0].facts.number))
        ),
        carry_forward=("amount",),
        landscape=True,
    )


def late_table(standing: CallStanding, pen: Pen) -> Table:
    """Agencies whose reports are missing."""
    year = standing.monitored.fiscal_year
    return Table(
        "late",
        pen("หน่วยงานที่ยังไม่ส่งรายงาน", "Agencies whose reports are missing"),
        (
            Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 40),
            Column("period", pen("งวดแรกที่ขาด", "First missing period"), "long_text", 34),
            Column("due", pen("ครบกำหนด", "Due"), "date", 14),
            Column("missing", pen("จำนวนงวดที่ขาด", "Periods missing"), "int", 12, "sum"),
        ),
        tuple(
            (
                pen.name(late.agency),
                pen.name(period_name(year, late.kind, late.period)),
                late.due_at,
                late.missing,
            )
            for late in standing.late
        ),
        filters=False,
        landscape=False,
    )


def title_of(standing: CallStanding) -> Text:
    """What a paper of this moment is called."""
    year, quarter = standing.monitored.fiscal_year, quarter_of(standing.month)
    if standing.month == MONTHS_OF_YEAR:
        return Text(f"รายงานผลการดำเนินงาน สิ้นปีงบประมาณ {year}", f"Monitoring report, end of FY {year}")
    name = quarter_name(year, quarter)
    return Text(f"รายงานผลการดำเนินงาน {name.th}", f"Monitoring report: {name.en}")
