"""How the blocks of a ranking book come alive: its list, scores and budget lines calculate, and the terms stand first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.calls.facts import PlanStructure, Rubric
from app.figures.live.caps import caps_table
from app.figures.live.laying import Layout, lay_out
from app.figures.live.live_lines import live_lines
from app.figures.live.quarters import Quarters, live_details, quarter_table
from app.figures.live.ranked import live_ranked
from app.figures.live.reviewed import live_scores
from app.figures.live.terms_form import terms_form
from app.figures.live.walk import walk_table
from app.figures.pen import Pen
from app.kernel.lean import dataclass
from app.portfolio.facts import Allocation, Bound
from reports.document import Block, Table

RANKED, LINES, DETAILS = "ranked", "lines", "details"


@dataclass(frozen=True, slots=True)
class Living:
    """What the blocks calculate from: the allocation, the plan, the rubrics in the order of their sheets of scores,
    what each project filed by quarter, and whether what counts in the budget lines is what fits (not what was approved).
    """

    allocation: Allocation
    plan: PlanStructure
    rubrics: tuple[Rubric, ...]
    score_tables: tuple[str, ...]
    quarters: Mapping[str, Quarters]
    counts_fitting: bool


def come_alive(blocks: Sequence[Block], living: Living, pen: Pen) -> list[Block]:
    """The blocks with their workbook tables calculating. Without a ranked project, they stay as they are."""
    lines = living.allocation.lines
    if not any(line.rank is not None for line in lines):
        return list(blocks)
    places = {line.entry.number: place for place, line in enumerate(lines, 1)}
    layout = lay_out(living.allocation, living.plan, living.rubrics, places)
    found: list[Block] = []
    shown: Mapping[str, Mapping[str, object]] = {}
    for block in blocks:
        if isinstance(block, Table) and not block.pdf_only:
            if block.name == RANKED:
                table = live_ranked(block, lines, layout, pen, living.score_tables)
                shown = {str(row["number"]): row for row in table.rows if isinstance(row, dict)}
                block = replace(table, order=3)
            elif block.name in living.score_tables:
                at = living.score_tables.index(block.name)
                block = live_scores(block, living.rubrics[at], at, layout, pen)
            elif block.name == DETAILS:
                block = live_details(block, living.quarters, layout, pen)
            elif block.name == LINES:
                block = live_lines(block, layout, pen, counts_fitting=living.counts_fitting)
        found.append(block)
    notes = told_beforehand(living.allocation, layout, pen)
    phased = any(isinstance(block, Table) and block.name == DETAILS for block in found)
    return [
        *found,
        *([quarter_table(living.quarters, layout, pen)] if phased else []),
        terms_form(layout, pen, notes, quarters=phased),
        replace(walk_table(layout, pen, shown), order=2),
        replace(caps_table(layout, pen), order=4),
    ]


def told_beforehand(allocation: Allocation, layout: Layout, pen: Pen) -> tuple[str, ...]:
    """What the formulas do not carry, in words; nothing where they carry all of the terms."""
    terms = allocation.terms
    told = []
    floors = sum(limit.bound is Bound.FLOOR for limit in terms.limits)
    if floors:
        told.append(
            pen(
                f"วงเงินขั้นต่ำของกลุ่ม {floors} รายการ: โครงการที่รับเพื่อให้ถึงขั้นต่ำกรอกไว้ก่อนแล้วว่า “รับ” หากเปลี่ยนเงื่อนไขอื่น "
                "กรุณาตรวจขั้นต่ำในระบบอีกครั้ง",
                f"Floors of groups ({floors}): the projects taken to reach them are typed in as “take”. If you change "
                "other terms, check the floors in the system again.",
            )
        )
    if terms.needs:
        told.append(
            pen(
                f"โครงการที่ต้องใช้โครงการอื่น {len(terms.needs)} คู่: ผลตามที่คำนวณไว้กรอกเป็น “รับ” หรือ “ไม่รับ” ไว้ก่อนแล้ว",
                f"Projects that need another ({len(terms.needs)} pairs): what this led to is typed in as “take” or “leave”.",
            )
        )
    if terms.exclusive:
        told.append(
            pen(
                f"กลุ่มโครงการที่ซ้ำซ้อน {len(terms.exclusive)} กลุ่ม: โครงการที่ต้องหลีกทางกรอกเป็น “ไม่รับ” ไว้ก่อนแล้ว",
                f"Groups of duplicates ({len(terms.exclusive)}): those that give way are typed in as “leave”.",
            )
        )
    if layout.must:
        told.append(
            pen(
                f"โครงการที่ต้องจัดสรร {len(layout.must)} โครงการ รับก่อนโครงการอื่นเมื่อเลือก “ตามลำดับ” เลือก “ไม่รับ” เพื่อนำออก",
                f"Projects that must be funded ({len(layout.must)}) come first while they stand at “by rank”; “leave” takes "
                "them out.",
            )
        )
    return tuple(told)
