"""A month's table as pages show it: rows of money by project, beside what counts already and what is left."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.calls.queries import CallView
from app.kernel.lean import dataclass
from app.kernel.money import format_baht, from_decimal_baht
from app.kernel.text import Text
from app.monitoring.facts import Ground, MoneyReport
from app.monitoring.reporting import Past
from app.monitoring.typed_reports import money_keys, money_place

OVER = Text("โครงการที่ปิดหรือยกเลิกแล้ว", "A project that is over")
_AMOUNT = re.compile(r"[0-9]{1,13}\.[0-9]{2}")


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """A row of a month's table, satang. `committed` and `disbursed` are the month's, None where they are not readable;
    `typed_…` what stands in the cell. `is_over`: the project is closed or cancelled by now, and what it had and spent
    before is no longer this agency's to report."""

    number: str
    category: Text
    allotted: int
    committed_before: int
    disbursed_before: int
    planned: int
    committed_place: str
    disbursed_place: str
    typed_committed: str
    typed_disbursed: str
    committed: int | None
    disbursed: int | None
    is_over: bool

    @property
    def left(self) -> int:
        """What is not bound yet, with this month."""
        return 0 if self.is_over else self.allotted - self.committed_before - (self.committed or 0)

    @property
    def paid_so_far(self) -> int:
        """What is paid, with this month."""
        return 0 if self.is_over else self.disbursed_before + (self.disbursed or 0)


@dataclass(frozen=True, slots=True)
class MoneyProject:
    number: str
    project_id: int | None
    title: Text
    lines: tuple[MoneyLine, ...]


@dataclass(frozen=True, slots=True)
class MoneySums:
    """Sums of all rows, satang; `left` and `paid_so_far` of projects under way."""

    allotted: int
    committed_before: int
    disbursed_before: int
    planned: int
    committed: int
    disbursed: int
    left: int
    paid_so_far: int


@dataclass(frozen=True, slots=True)
class MoneyTable:
    projects: tuple[MoneyProject, ...]
    sums: MoneySums


def money_table(
    report: MoneyReport, ground: Ground, past: Past, cells: Mapping[str, str], call: CallView
) -> MoneyTable:
    """A month's rows by project, beside what counts already."""
    read = {(row.project, row.category): row for row in report.rows}
    known = set(money_keys(ground))
    lines: dict[str, list[MoneyLine]] = {}
    for key in sorted(known | read.keys()):
        row, number = read.get(key), key[0]
        places = money_place(key, "committed"), money_place(key, "disbursed")
        lines.setdefault(number, []).append(
            MoneyLine(
                number,
                call.plan.name("categories", key[1]),
                ground.allotted.get(key, 0),
                ground.committed.get(key, 0),
                ground.disbursed.get(key, 0),
                past.planned.get(key, 0),
                *places,
                shown_amount(cells.get(places[0], "")),
                shown_amount(cells.get(places[1], "")),
                row.committed if row else None,
                row.disbursed if row else None,
                key not in known,
            )
        )
    every = [line for of in lines.values() for line in of]
    sums = MoneySums(
        sum(line.allotted for line in every),
        sum(line.committed_before for line in every),
        sum(line.disbursed_before for line in every),
        sum(line.planned for line in every),
        sum(line.committed or 0 for line in every),
        sum(line.disbursed or 0 for line in every),
        sum(line.left for line in every),
        sum(line.paid_so_far for line in every),
    )
    projects = (
        MoneyProject(number, ground.project_ids.get(number), ground.projects.get(number, OVER), tuple(of))
        for number, of in lines.items()
    )
    return MoneyTable(tuple(projects), sums)


def shown_amount(text: str) -> str:
    """An amount of a cell for reading, "1250000.50" as "1,250,000.50"; anything else as it was typed."""
    return format_baht(from_decimal_baht(text)) if _AMOUNT.fullmatch(text) else text
