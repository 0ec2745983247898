"""One page for each proposal before the committee: what it is, how it was judged, where it stands, what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from app.decisions.facts import VERDICT_NAMES
from app.figures.books.content import DecisionRow, PrintableContents
from app.figures.facts import BookLine
from app.figures.pen import Pen
from app.figures.rules import departures
from app.kernel.findings import Outcome
from app.kernel.money import format_baht
from app.portfolio.reasons import NameOf, names_in, points_of, why
from app.proposals.facts import ProposalFacts
from app.proposals.freezing import facts_from_json
from app.reviews.facts import Panel
from app.reviews.rules import mean_hundredths
from app.screening.queries import FindingRow
from reports.document import Block, Column, Fields, Heading, Paragraph, Table
from reports.paper_blocks import Section

# so that one page holds a proposal; the whole stands in the filing, and every finding in the annex and the workbook
LONGEST = 240  # letters of a free text
MOST_FINDINGS = 2


def proposal_pages(contents: PrintableContents, pen: Pen) -> Iterator[Block]:
    """A section for each line of the list, in its order."""
    page = contents.figures.page
    name_of = names_in(page.call.plan, (b.line.entry for b in page.lines))
    findings: defaultdict[int, list[FindingRow]] = defaultdict(list)
    for row in contents.figures.findings:
        findings[row.proposal_id].append(row)
    decided = {row.number: row for row in contents.decisions}
    for b in page.lines:
        entry = b.line.entry
        facts = facts_from_json(contents.filings[entry.number].facts)
        yield Section(f"{entry.number} {pen.name(entry.title)}", level=2)
        yield _identity(contents, facts, b, pen)
        yield _judgement(contents, b, decided.get(entry.number), name_of, pen)
        yield Heading(pen("เหตุผลและความจำเป็น", "Rationale"), 3)
        yield Paragraph(_shortened(facts.rationale, pen))
        yield _money(contents, facts, b, pen)
        yield from _findings(findings.get(entry.proposal_id, ()), pen)


def _shortened(text: str, pen: Pen) -> str:
    words = " ".join(text.split())
    if len(words) <= LONGEST:
        return words or "–"
    cut = words.rfind(" ", LONGEST // 2, LONGEST)
    kept = words[: cut if cut > 0 else LONGEST]
    return kept + pen(" … (ฉบับเต็มอยู่ในข้อเสนอที่ยื่น)", " … (in full in the filing)")


def _identity(contents: PrintableContents, facts: ProposalFacts, b: BookLine, pen: Pen) -> Fields:
    plan, entry = contents.figures.page.call.plan, b.line.entry
    partners = ", ".join(pen.name(a.name) for a in facts.participants)
    items = [
        (
            pen("หน่วยงาน", "Agencies"),
            f"{pen.name(entry.agency)} ({pen.name(entry.ministry)})"
            + (pen(f" ร่วมกับ {partners}", f" with {partners}") if partners else ""),
        ),
        (
            pen("ช่วงและแนวทาง", "Stage and guideline"),
            f"{pen.name(plan.name('stages', entry.stage))} · {entry.guideline} "
            f"{pen.name(plan.name('guidelines', entry.guideline))}",
        ),
    ]
    return Fields(tuple(item for item in items if item[1]))


def _judgement(
    contents: PrintableContents, b: BookLine, decision: DecisionRow | None, name_of: NameOf, pen: Pen
) -> Fields:
    line = b.line
    baht = pen("บาท", "baht")
    asked, granted = format_baht(line.entry.requested), format_baht(b.approved)
    items = [
        (pen("ขอรับและเห็นชอบ", "Requested and approved"), f"{asked} → {granted} {baht}")
        if b.verdict is not None
        else (pen("ขอรับ", "Requested"), f"{asked} {baht}")
    ]
    if line.rank is not None:
        ranked = sum(one.line.rank is not None for one in contents.figures.page.lines)
        mean = points_of(line.mean or 0)
        items.append(
            (
                pen("ลำดับและคะแนน", "Rank and score"),
                pen(
                    f"ที่ {line.rank} จาก {ranked:,} คะแนนเฉลี่ย {mean} จากผู้พิจารณา {line.entry.panel.count} คน",
                    f"{line.rank} of {ranked:,}; mean {mean} of {line.entry.panel.count} reviews",
                ),
            )
        )
    items.append((pen("ระดับเฉลี่ยตามเกณฑ์ (0–4)", "Mean level by criterion (0-4)"), _criteria(contents, b, pen)))
    items.append((pen("ผลตามการจัดสรร", "By the allocation"), why(line, pen.language, name_of)))
    if decision is not None and b.verdict is not None:
        why_so = decision.reason or "; ".join(pen.name(d) for d in departures(b))
        number = f" ({decision.resolution_number})" if decision.resolution_number else ""
        items.append((pen("มติ", "Decision"), pen.name(VERDICT_NAMES[b.verdict]) + number))
        items += [
            (pen("เงื่อนไข", "Conditions"), decision.conditions),
            (pen("มติและเหตุผล", "Text and reason"), " · ".join(filter(None, (decision.resolution, why_so)))),
        ]
    return Fields(tuple(item for item in items if item[1]))


def _money(contents: PrintableContents, facts: ProposalFacts, b: BookLine, pen: Pen) -> Table:
    """What is asked for by category and quarter, and what later years are committed to."""
    plan = contents.figures.page.call.plan
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 6)
    for line in facts.lines:
        row = sums[line.category]
        for at, amount in enumerate((*line.quarters, line.amount, sum(line.later_years))):
            row[at] += amount
    year = facts.fiscal_year

    def money(key: str, title: str) -> Column:
        return Column(key, title, "million", 12, "sum")

    return Table(
        f"money_{facts.number.replace('-', '_')}",
        pen("วงเงินตามงบรายจ่าย", "Money by expenditure category"),
        (
            Column("category", pen("งบรายจ่าย", "Category"), "text", 22),
            *(money(f"q{n}", pen(f"ไตรมาส {n}", f"Q{n}")) for n in range(1, 5)),
            money("amount", pen(f"ปี {year}", f"FY {year}")),
            money("later", pen("ผูกพันปีถัดไป", "Later years")),
        ),
        tuple((pen.name(plan.name("categories", code)), *row) for code, row in sorted(sums.items())),
        filters=False,
        pdf_only=True,
        landscape=False,
    )


def _criteria(contents: PrintableContents, b: BookLine, pen: Pen) -> str:
    """The mean level (0-4) of each criterion, where the proposal was scored."""
    levels: defaultdict[str, list[int]] = defaultdict(list)
    for review in contents.scores:
        if review.number == b.line.entry.number:
            for code, level in review.levels.items():
                levels[code].append(level)
    told = [
        f"{pen.name(c.name)} {points_of(_mean(levels[c.code]))}"
        for c in contents.figures.page.call.rubric.criteria
        if levels.get(c.code)
    ]
    return " · ".join(told)


def _mean(levels: list[int]) -> int:
    return mean_hundredths(Panel(len(levels), sum(levels) * 100, 0)) or 0


def _findings(rows: Iterable[FindingRow], pen: Pen) -> Iterator[Block]:
    """What screening found besides plain passes; that all passed, where all did."""
    told = [row for row in rows if row.finding.outcome is not Outcome.PASSES]
    yield Heading(pen("การกลั่นกรอง", "Screening"), 3)
    if not told:
        yield Paragraph(pen("ผ่านทุกข้อกำหนด", "Every rule passed."))
        return
    for row in told[:MOST_FINDINGS]:
        f = row.finding
        words = f"{pen.name(f.rule_name)}: {pen.name(f.text)}"
        if row.override is not None:
            words += pen(
                f" (เจ้าหน้าที่วินิจฉัยให้ผ่าน: {row.override.reason})",
                f" (decided by a person: {row.override.reason})",
            )
        yield Paragraph(words, "note")
    if (left := len(told) - MOST_FINDINGS) > 0:
        yield Paragraph(
            pen(
                f"และอีก {left} ข้อ อยู่ในตารางผลการกลั่นกรอง",
                f"and {left} more, in the table of findings",
            ),
            "note",
        )
