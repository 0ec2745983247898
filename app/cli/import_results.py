"""`./dgi import-results`: what became of granted projects, from a CSV file; all of it or nothing.

Columns, found by name: number, as_of (2024-09-30), granted_baht, spent_baht, source, note, indicator (its place in the
filing, from 1), result, reached (yes, no or empty). A project with several indicators has a row for each; its money,
day, source and note stand in its first row, and in the others are empty or the same.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date
from pathlib import Path

import click

from app.calls.models import Call
from app.calls.queries import get_call
from app.cli.database import on_database
from app.cli.line_file import (
    FILE_REFUSED,
    NO_COLUMN,
    NO_LINES,
    NOT_CSV,
    NOT_UTF8,
    WRONG_WIDTH,
    bad_row,
    read_records,
)
from app.identity.facts import SYSTEM, Actor
from app.identity.rules import Permission, require
from app.kernel.clock import system_clock
from app.kernel.errors import DomainError, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import MoneyError, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import Work, open_work
from app.proposals.actions import record_results
from app.proposals.models import Proposal, Submission
from app.proposals.queries import latest_submission, read_facts
from app.proposals.results import IndicatorResult, ProjectResults

PROJECT = ("as_of", "granted_baht", "spent_baht", "source", "note")
COLUMNS = ("number", *PROJECT, "indicator", "result", "reached")
REACHED = {"yes": True, "no": False, "": None}

NO_PROJECT = Text("ไม่มีโครงการเลขที่ {number} ในรอบนี้", "This call has no project {number}")
NOT_A_DAY = Text("as_of ต้องเป็นวันที่แบบ 2024-09-30", "as_of must be a day such as 2024-09-30")
NOT_A_PLACE = Text(
    "indicator ต้องเป็นลำดับของตัวชี้วัด เช่น 1", "indicator must be the place of the indicator, such as 1"
)
NOT_REACHED = Text("reached ต้องเป็น yes, no หรือว่าง", "reached must be yes, no or empty")
TWICE = Text("ตัวชี้วัดลำดับที่ {n} ของโครงการนี้มีแล้ว", "Indicator {n} of this project stands in an earlier row")
OTHERWISE = Text("{column} ต่างจากแถวแรกของโครงการนี้", "{column} differs from the first row of this project")


@dataclass(slots=True)
class Group:
    """The rows of one project: its first line, what stands in it, and the indicators (place -> result, reached)."""

    line: int
    project: dict[str, str]
    indicators: dict[int, tuple[str, bool | None]] = field(default_factory=dict)


def import_results(work: Work[Actor], fiscal_year: int, data: bytes) -> int:
    """Record the results of a file for projects of the call; returns how many projects it reports on.

    Raises `Refused` with everything wrong, each with its line, and then records nothing.
    """
    require(work.actor, Permission.RECORD_RESULTS)
    call = get_call(work.session, fiscal_year)
    groups, problems = _read(data)
    known = {
        number: (proposal_id, read_facts(sha256, content).indicators)
        for number, proposal_id, sha256, content in work.session.execute(
            latest_submission()
            .join(Call, Call.id == Proposal.call_id)
            .where(Call.id == call.id, Proposal.number.in_(groups))
            .with_only_columns(Proposal.number, Proposal.id, Submission.sha256, Submission.content)
        )
    }
    for number, group in groups.items():
        if number not in known:
            problems.append(bad_row(group.line, NO_PROJECT.fill(number=number)))
            continue
        proposal_id, indicators = known[number]
        results, wrong = _results(group)
        if results is not None:
            named = tuple(
                IndicatorResult.of(n, indicators[n - 1], *said)
                if n <= len(indicators)
                else IndicatorResult(n, "", "", "", *said)
                for n, said in sorted(group.indicators.items())
            )
            results = ProjectResults(
                results.as_of, results.granted, results.spent, named, results.source, results.note
            )
            try:
                record_results(work, proposal_id, results)
            except Refused as refusal:
                wrong = [p.text for p in refusal.problems] or [refusal.text]
        problems += [bad_row(group.line, text) for text in wrong]
    if problems:
        raise Refused(FILE_REFUSED, sorted(problems, key=lambda p: int(p.place.split("-")[1])))
    return len(groups)


def _read(data: bytes) -> tuple[dict[str, Group], list[Problem]]:
    """Project number -> its rows, and a problem for each row that cannot be read."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(FILE_REFUSED, [Problem("line-1", NOT_UTF8)]) from None
    records = read_records(text)
    header = [name.strip() for name in next(records, (0, []))[1]]
    missing = [Problem("line-1", NO_COLUMN.fill(column=c)) for c in COLUMNS if c not in header]
    if missing:
        raise Refused(FILE_REFUSED, missing)
    groups: dict[str, Group] = {}
    problems: list[Problem] = []
    for line, cells in records:
        if len(cells) != len(header):
            wrong = NOT_CSV if not cells else WRONG_WIDTH.fill(n=len(cells), wanted=len(header))
            problems.append(bad_row(line, wrong))
            continue
        try:
            row = {
                name: " ".join(normalise(cell).split())
                for name, cell in zip(header, cells, strict=True)
                if name in COLUMNS
            }
        except TextError as error:
            problems.append(bad_row(line, error.text))
            continue
        group = groups.setdefault(row["number"], Group(line, {c: row[c] for c in PROJECT}))
        problems += [bad_row(line, text) for text in _add(group, row)]
    if not groups and not problems:
        raise Refused(FILE_REFUSED, [Problem("line-1", NO_LINES)])
    return groups, problems


def _add(group: Group, row: dict[str, str]) -> list[Text]:
    wrong = [OTHERWISE.fill(column=c) for c in PROJECT if row[c] and row[c] != group.project[c]]
    if not (row["indicator"] or row["result"] or row["reached"]):
        return wrong
    place = row["indicator"]
    if not (place.isascii() and place.isdigit() and len(place) < 6 and int(place)):
        wrong.append(NOT_A_PLACE)
    elif int(place) in group.indicators:
        wrong.append(TWICE.fill(n=int(place)))
    elif row["reached"] in REACHED:
        group.indicators[int(place)] = (row["result"], REACHED[row["reached"]])
    if row["reached"] not in REACHED:
        wrong.append(NOT_REACHED)
    return wrong


def _results(group: Group) -> tuple[ProjectResults | None, list[Text]]:
    """The report of a project without its indicators, or None and all that is wrong with it."""
    project, wrong = group.project, []
    as_of, money = None, {}
    try:
        as_of = date.fromisoformat(project["as_of"])
    except ValueError:
        wrong.append(NOT_A_DAY)
    for column in ("granted_baht", "spent_baht"):
        try:
            money[column] = parse_baht(project[column])
        except MoneyError as error:
            wrong.append(Text(f"{column}: {error.text.th}", f"{column}: {error.text.en}"))
    if wrong or as_of is None:
        return None, wrong
    return (
        ProjectResults(
            as_of, money["granted_baht"], money["spent_baht"], (), project["source"], project["note"]
        ),
        [],
    )


@click.command("import-results")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) of the call.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@on_database
def command(fiscal_year: int, file: Path) -> None:
    """Record results of granted projects from FILE (CSV)."""
    try:
        with open_work(SYSTEM, system_clock()) as work:
            count = import_results(work, fiscal_year, file.read_bytes())
    except DomainError as error:
        for text in (*(p.text for p in getattr(error, "problems", ())), error.text):
            click.echo(f"{text.th}\n  {text.en}", err=True)
        raise SystemExit(2) from None
    click.echo(f"บันทึกผลของ {count} โครงการแล้ว\n  Results of {count} projects are recorded.")
