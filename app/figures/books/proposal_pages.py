"""One page for each proposal before the committee: what it is, how it was judged, where it stands, what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from app.decisions.facts import VERDICT_NAMES
from app.figures.books.content import DecisionRow, PrintableContents
from app.figures.facts import BookLine
from app.figures.pen import Pen
from app.figures.rules import departures
from app.kernel.findings import Outcome
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.portfolio.reasons import NameOf, names_in, points_of, why
from app.proposals.facts import ProposalFacts
from app.proposals.freezing import facts_from_json
from app.reviews.facts import Panel
from app.reviews.rules import mean_hundredths
from app.screening.queries import FindingRow
from reports.document import Block, Column, Fields, Heading, Paragraph, Table
from reports.fitting import fits_page
from reports.paper_blocks import Section


@dataclass(frozen=True, slots=True)
class Density:
    """How much of what has no bounds of its own a page tells: letters of the rationale, of a text of the decision and of a
    finding; findings; partners."""

    rationale: int
    said: int
    finding: int
    findings: int
    partners: int


# The first that fits is taken, then as much more of the rationale as still does. The whole stands in the filing, in the
# table of decisions, and in the workbook's findings.
DENSITIES = (
    Density(240, 1200, 500, 8, 12),
    Density(240, 600, 400, 5, 10),
    Density(240, 400, 300, 4, 8),
    Density(240, 300, 240, 3, 6),
    Density(240, 240, 200, 2, 5),
    Density(200, 240, 200, 1, 5),
    Density(160, 160, 140, 1, 3),
    Density(80, 80, 100, 1, 1),
)
MORE = (1200, 900, 700, 550, 450, 360, 300)  # letters of the rationale
RUNNING = 70  # letters of what stands at the head of the page


def proposal_pages(contents: PrintableContents, pen: Pen) -> Iterator[Block]:
    """A section for each line of the list, in its order, each as full as one page takes."""
    page = contents.figures.page
    name_of = names_in(page.call.plan, (b.line.entry for b in page.lines))
    findings: defaultdict[int, list[FindingRow]] = defaultdict(list)
    for row in contents.figures.findings:
        findings[row.proposal_id].append(row)
    levels: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for review in contents.scores:
        for code, level in review.levels.items():
            levels[review.number][code].append(level)
    decided = {row.number: row for row in contents.decisions}
    ranked = sum(b.line.rank is not None for b in page.lines)
    for b in page.lines:
        number = b.line.entry.number
        told = _Told(
            contents,
            pen,
            name_of,
            b,
            facts_from_json(contents.filings[number].facts),
            decided.get(number),
            findings.get(b.line.entry.proposal_id, []),
            levels[number],
            ranked,
        )
        yield from one_page(told.blocks)


def one_page(blocks: Callable[[Density], list[Block]]) -> list[Block]:
    """The fullest blocks that stand on one page."""
    for density in DENSITIES:
        made = blocks(density)
        if fits_page(made):
            longer = (blocks(replace(density, rationale=letters)) for letters in MORE)
            return next((more for more in longer if fits_page(more)), made)
    return made


def _shortened(text: str, longest: int, where: str) -> str:
    """A text in at most so many letters, and where the rest stands."""
    words = " ".join(text.split())
    if len(words) <= longest:
        return words
    cut = words.rfind(" ", longest // 2, longest)
    return f"{words[: cut if cut > 0 else longest]} … ({where})"


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to tell of one proposal."""

    contents: PrintableContents
    pen: Pen
    name_of: NameOf
    line: BookLine
    facts: ProposalFacts
    decision: DecisionRow | None
    findings: list[FindingRow]
    levels: Mapping[str, list[int]]
    ranked: int

    def blocks(self, density: Density) -> list[Block]:
        """The page, so dense."""
        pen, entry = self.pen, self.line.line.entry
        title = f"{entry.number} {pen.name(entry.title)}"
        running = title if len(title) <= RUNNING else f"{title[:RUNNING].rstrip()}…"
        in_filing = pen("ฉบับเต็มอยู่ในข้อเสนอที่ยื่น", "in full in the filing")
        return [
            Section(title, level=2, running=running),
            self._identity(density),
            self._judgement(density),
            Heading(pen("เหตุผลและความจำเป็น", "Rationale"), 3),
            Paragraph(_shortened(self.facts.rationale, density.rationale, in_filing) or "–"),
            self._money(),
            *self._screening(density),
        ]

    def _identity(self, density: Density) -> Fields:
        pen, entry = self.pen, self.line.line.entry
        plan = self.contents.figures.page.call.plan
        named = [pen.name(a.name) for a in self.facts.participants]
        partners = ", ".join(named[: density.partners])
        if (left := len(named) - density.partners) > 0:
            partners += pen(f" และอีก {left} หน่วยงานตามข้อเสนอที่ยื่น", f" and {left} more, named in the filing")
        agency = f"{pen.name(entry.agency)} ({pen.name(entry.ministry)})"
        stage = pen.name(plan.name("stages", entry.stage))
        guideline = f"{entry.guideline} {pen.name(plan.name('guidelines', entry.guideline))}"
        return Fields(
            (
                (
                    pen("หน่วยงาน", "Agencies"),
                    agency + (pen(f" ร่วมกับ {partners}", f" with {partners}") if partners else ""),
                ),
                (pen("ช่วงและแนวทาง", "Stage and guideline"), f"{stage} · {guideline}"),
            )
        )

    def _judgement(self, density: Density) -> Fields:
        pen, b, decision = self.pen, self.line, self.decision
        line = b.line
        baht = pen("บาท", "baht")
        asked, granted = format_baht(line.entry.requested), format_baht(b.approved)
        items = [
            (pen("ขอรับและเห็นชอบ", "Requested and approved"), f"{asked} → {granted} {baht}")
            if b.verdict is not None
            else (pen("ขอรับ", "Requested"), f"{asked} {baht}")
        ]
        if line.rank is not None:
            mean = points_of(line.mean or 0)
            words = pen(
                f"ที่ {line.rank} จาก {self.ranked:,} คะแนนเฉลี่ย {mean} จากผู้พิจารณา {line.entry.panel.count} คน",
                f"{line.rank} of {self.ranked:,}; mean {mean} of {line.entry.panel.count} reviews",
            )
            items.append((pen("ลำดับและคะแนน", "Rank and score"), words))
        items.append((pen("ระดับเฉลี่ยตามเกณฑ์ (0–4)", "Mean level by criterion (0-4)"), self._criteria()))
        items.append((pen("ผลตามการจัดสรร", "By the allocation"), why(line, pen.language, self.name_of)))
        if decision is not None and b.verdict is not None:
            where = pen("ฉบับเต็มอยู่ในตารางมติรายโครงการ", "in full in the table of decisions project by project")
            why_so = decision.reason or "; ".join(pen.name(d) for d in departures(b))
            said = " · ".join(filter(None, (decision.resolution, why_so)))
            number = f" ({decision.resolution_number})" if decision.resolution_number else ""
            items += [
                (pen("มติ", "Decision"), pen.name(VERDICT_NAMES[b.verdict]) + number),
                (pen("เงื่อนไข", "Conditions"), _shortened(decision.conditions, density.said, where)),
                (pen("มติและเหตุผล", "Text and reason"), _shortened(said, density.said, where)),
            ]
        return Fields(tuple(item for item in items if item[1]))

    def _criteria(self) -> str:
        """The mean level (0-4) of each criterion, where the proposal was scored."""
        return " · ".join(
            f"{self.pen.name(c.name)} {points_of(_mean(self.levels[c.code]))}"
            for c in self.contents.figures.page.call.rubric.criteria
            if self.levels.get(c.code)
        )

    def _money(self) -> Table:
        """What is asked for by category and quarter, and what later years are committed to."""
        pen, facts = self.pen, self.facts
        plan = self.contents.figures.page.call.plan
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

    def _screening(self, density: Density) -> Iterator[Block]:
        """What screening found besides plain passes; that all passed, where all did."""
        pen = self.pen
        told = [row for row in self.findings if row.finding.outcome is not Outcome.PASSES]
        told.sort(key=lambda row: not (row.override or row.finding.decides))  # what decided comes first
        yield Heading(pen("การกลั่นกรอง", "Screening"), 3)
        if not told:
            yield Paragraph(pen("ผ่านทุกข้อกำหนด", "Every rule passed."))
            return
        where = pen("ฉบับเต็มอยู่ในสมุดงาน แผ่นงานผลกลั่นกรอง", "in full in the workbook, sheet Findings")
        for row in told[: density.findings]:
            f = row.finding
            words = f"{pen.name(f.rule_name)}: {pen.name(f.text)}"
            if row.override is not None:
                words += pen(
                    f" (เจ้าหน้าที่วินิจฉัยให้ผ่าน: {row.override.reason})",
                    f" (decided by a person: {row.override.reason})",
                )
            yield Paragraph(_shortened(words, density.finding, where), "note")
        if (left := len(told) - density.findings) > 0:
            yield Paragraph(
                pen(
                    f"และอีก {left} ข้อ อยู่ในสมุดงาน แผ่นงานผลกลั่นกรอง",
                    f"and {left} more, in the workbook, sheet Findings",
                ),
                "note",
            )


def _mean(levels: list[int]) -> int:
    return mean_hundredths(Panel(len(levels), sum(levels) * 100, 0)) or 0
