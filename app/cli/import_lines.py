"""`./dgi import-lines`: published budget lines become recorded proposals, one per agency and plan project.

Nothing of a file is imported unless all of it is, or `--skip-bad` says otherwise; importing it again changes nothing.
The documents give no quarterly plan, so the quarters stay empty and each line carries its volume and page.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from sqlalchemy import select

from app.calls.facts import Origin
from app.calls.queries import CallView, find_call, get_call
from app.cli.call_files import open_call_file
from app.cli.database import on_database
from app.cli.line_file import FILE_REFUSED, LineRow, bad_row, read_lines
from app.cli.register import read_register
from app.identity.actions import add_agency, add_ministry
from app.identity.facts import SYSTEM, Actor
from app.identity.models import Ministry
from app.identity.queries import AgencyName, list_agencies
from app.kernel.clock import system_clock
from app.kernel.errors import DomainError, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.work import Work, open_work
from app.proposals.actions import record_proposal
from app.proposals.facts import BudgetLine, Integration, ProposalFacts, SharedService
from app.proposals.models import Proposal
from app.proposals.queries import agency_ref, latest_submission, read_facts
from app.proposals.states import RECORDED

NOT_IMPORTED_CALL = Text(
    "รอบคำขอปีงบประมาณ {year} ไม่ใช่รอบที่บันทึกจากเอกสาร จึงนำเข้ารายการไม่ได้",
    "The call of fiscal year {year} is not one recorded from documents; lines cannot be imported into it",
)
OTHER_MINISTRY = Text("{agency} ขึ้นทะเบียนอยู่กับ{ministry}", "{agency} is registered under {ministry}")
OTHER_GUIDELINE = Text(
    "โครงการเดียวกันใช้แนวทาง {guideline} ในบรรทัดที่ {line}",
    "The same project has guideline {guideline} on line {line}",
)
ALREADY_OTHERWISE = Text(
    "โครงการนี้ของหน่วยงานบันทึกไว้แล้วโดยไม่มีรายการนี้",
    "This project of the agency is already recorded, without this line",
)
UNIT = "รายการ"

_NO_INTEGRATION = Integration((), (), "", "", "", "", SharedService("", None, False, ()))


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `total` is the satang newly recorded; `skipped` the rows left out by --skip-bad."""

    lines: int
    proposals: int
    total: int
    already: int
    skipped: tuple[Problem, ...]

    def say(self) -> Text:
        if not self.lines:
            return Text(
                f"นำเข้า {self.already} รายการไว้แล้ว ไม่มีอะไรเปลี่ยนแปลง",
                f"{self.already} lines already imported; nothing changed",
            )
        amount = format_baht(self.total)
        return Text(
            f"นำเข้า {self.lines} รายการ เป็น {self.proposals} ข้อเสนอ รวม {amount} บาท",
            f"{self.lines} lines imported as {self.proposals} proposals, {amount} baht",
        )


def import_lines(work: Work[Actor], fiscal_year: int, data: bytes, *, skip_bad: bool = False) -> Imported:
    """Record the lines of a file in the call of `fiscal_year`.

    The call is opened from its file in the repository if need be. Ministries and agencies of the file that are not
    registered yet are registered. Raises `Refused` with every bad row unless `skip_bad`, `NotFound` without a call.
    """
    if find_call(work.session, fiscal_year) is None:
        open_call_file(work, fiscal_year)
    call = get_call(work.session, fiscal_year)
    if call.origin is not Origin.IMPORTED:
        raise Refused(NOT_IMPORTED_CALL.fill(year=fiscal_year))
    rows, problems = read_lines(data, call.plan, call.limits)
    rows, inconsistent = _consistent(rows, {a.name.th: a for a in list_agencies(work.session)})
    new, already, unlike = _new_rows(rows, _recorded_lines(work, call))
    problems = sorted([*problems, *inconsistent, *unlike], key=lambda p: int(p.place.split("-")[1]))
    if problems and not skip_bad:
        raise Refused(FILE_REFUSED, problems)
    groups: dict[tuple[str, str], list[LineRow]] = {}
    for row in new:
        groups.setdefault(row.group, []).append(row)
    agencies = _register_agencies(work, new)
    for (agency, _), lines in groups.items():
        lead = agencies[agency]
        record_proposal(work, call, lead.id, _facts(call, lead, lines))
    return Imported(len(new), len(groups), sum(r.amount for r in new), already, tuple(problems))


def _consistent(
    rows: Iterable[LineRow], registered: dict[str, AgencyName]
) -> tuple[list[LineRow], list[Problem]]:
    """Rows that agree with the register and with each other: an agency has one ministry, a project one guideline."""
    ministries = {name: agency.ministry.th for name, agency in registered.items()}
    guidelines: dict[tuple[str, str], LineRow] = {}
    good, problems = [], []
    for row in rows:
        ministry = ministries.setdefault(row.agency, row.ministry)
        first = guidelines.setdefault(row.group, row)
        if ministry != row.ministry:
            wrong = OTHER_MINISTRY.fill(agency=row.agency, ministry=ministry)
        elif first.guideline != row.guideline:
            wrong = OTHER_GUIDELINE.fill(guideline=first.guideline, line=first.line)
        else:
            good.append(row)
            continue
        problems.append(bad_row(row.line, wrong))
    return good, problems


LineKey = tuple[str, str, str, int]


def _recorded_lines(work: Work[Actor], call: CallView) -> dict[tuple[str, str], set[LineKey]]:
    """(agency, plan project) -> the lines recorded for it earlier."""
    found = work.session.execute(
        latest_submission().where(Proposal.call_id == call.id, Proposal.state == RECORDED)
    )
    recorded: dict[tuple[str, str], set[LineKey]] = {}
    for _, submission in found:
        facts = read_facts(submission.sha256, submission.content)
        recorded[facts.lead.name.th, facts.title.th] = {
            (line.source, line.category, line.item, line.amount) for line in facts.lines
        }
    return recorded


def _new_rows(
    rows: Iterable[LineRow], recorded: dict[tuple[str, str], set[LineKey]]
) -> tuple[list[LineRow], int, list[Problem]]:
    """The rows of projects not recorded yet, how many rows are recorded, and rows a recorded project lacks."""
    new, already, problems = [], 0, []
    for row in rows:
        lines = recorded.get(row.group)
        if lines is None:
            new.append(row)
        elif (row.source, row.category, row.item, row.amount) in lines:
            already += 1
        else:
            problems.append(bad_row(row.line, ALREADY_OTHERWISE))
    return new, already, problems


def _register_agencies(work: Work[Actor], rows: Iterable[LineRow]) -> dict[str, AgencyName]:
    """Thai name -> agency, after registering what the rows name and the register lacks."""
    register = read_register()
    known = {a.name.th for a in list_agencies(work.session)}
    ministries = {
        name: ministry_id for name, ministry_id in work.session.execute(select(Ministry.name_th, Ministry.id))
    }
    for row in rows:
        if row.agency in known:
            continue
        if row.ministry not in ministries:
            entry = register.ministry_named(row.ministry)
            ministries[row.ministry] = add_ministry(work, entry.code, entry.name).id
        entry = register.agency_named(row.agency)
        add_agency(work, entry.code, entry.name, ministries[row.ministry])
        known.add(row.agency)
    return {a.name.th: a for a in list_agencies(work.session)}


def _facts(call: CallView, lead: AgencyName, rows: list[LineRow]) -> ProposalFacts:
    """What the documents say of a project; strategy and focus area only where the plan leaves no choice."""
    guideline = rows[0].guideline
    strategy = _only(call.plan.guideline_strategies[guideline])
    title = rows[0].plan_project
    return ProposalFacts(
        fiscal_year=call.fiscal_year,
        number="",
        origin=call.origin.value,
        title=Text(title, read_register().plan_projects.get(title, title)),
        lead=agency_ref(lead),
        participants=(),
        stage=call.plan.stage_of[guideline],
        guideline=guideline,
        strategy=strategy,
        focus_area=_only(call.plan.focus_of.get(strategy, ())),
        integration=_NO_INTEGRATION,
        rationale="",
        objectives="",
        outputs="",
        indicators=(),
        lines=tuple(
            BudgetLine(
                agency=lead.code,
                category=row.category,
                item=row.item,
                quantity=1,
                unit=UNIT,
                unit_price=row.amount,
                quarters=(0, 0, 0, 0),
                later_years=(),
                source=row.source,
            )
            for row in rows
        ),
        attachments=(),
    )


def _only(codes: tuple[str, ...]) -> str:
    return codes[0] if len(codes) == 1 else ""


def _both(text: Text) -> str:
    return f"{text.th}\n  {text.en}"


@click.command("import-lines")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) of the call.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows and leave out the bad ones.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@on_database
def command(fiscal_year: int, skip_bad: bool, file: Path) -> None:
    """Import published budget lines from FILE (CSV)."""
    try:
        with open_work(SYSTEM, system_clock()) as work:
            done = import_lines(work, fiscal_year, file.read_bytes(), skip_bad=skip_bad)
    except DomainError as error:
        for problem in getattr(error, "problems", ()):
            click.echo(_both(problem.text), err=True)
        click.echo(_both(error.text), err=True)
        raise SystemExit(2) from None
    for problem in done.skipped:
        click.echo(_both(problem.text), err=True)
    click.echo(_both(done.say()))
