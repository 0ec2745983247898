"""Reports' workbooks to be broken: a month's money and a quarter's progress of a made-up agency, and what the room must make of
a reading, worked out from what was put in and never by the room's own rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from random import Random

from app.cli.bench.malformed_cells import Cell
from app.cli.bench.malformed_rows import Must, Named, Paper, Wrong
from app.kernel.text import Text
from app.kernel.thai_text import arabic_digits, thai_digits
from app.monitoring.facts import Aim, Ground, Milestone, PlannedIndicator
from app.monitoring.periods import ReportKind
from app.monitoring.report_readings import judge_reading
from app.monitoring.report_sheets import FILLED, Subject, make_template
from app.monitoring.typed_reports import milestone_place, money_place
from app.workbooks.facts import Column, Fault, Reading
from app.workbooks.uploads import Judged

_CATEGORIES = {
    "capital": Text("งบลงทุน", "Investment"),
    "operating": Text("งบดำเนินงาน", "Operations"),
}
_NUMBERS = tuple(f"2572-{n:04d}" for n in range(1, 9))
_NAMES = {number: Text(f"โครงการ {number}", f"Project {number}") for number in _NUMBERS}
_MONEY_KEYS = tuple((number, category) for number in _NUMBERS for category in _CATEGORIES)
_BEFORE, _SPENT = 10**15, (_NUMBERS[-1], "operating")  # satang committed before; the row with nothing left
_MONTH = Ground(
    fiscal_year=2572,
    agency="alpha",
    projects=_NAMES,
    allotted={key: _BEFORE if key == _SPENT else 10 * _BEFORE for key in _MONEY_KEYS},
    committed=dict.fromkeys(_MONEY_KEYS, _BEFORE),
    period=2,
)
_MARKS = tuple((number, position) for number in _NUMBERS for position in (1, 2))
_QUARTER = Ground(
    fiscal_year=2572,
    agency="alpha",
    projects=_NAMES,
    milestones={
        at: Milestone(at[1], "alpha", f"งาน {at[0]} ที่ {at[1]}", date(2028, 12, 1), 50) for at in _MARKS
    },
    indicators={
        (number, 1): PlannedIndicator(1, "alpha", "ตัวชี้วัด", "ระบบ", "0", "9", Aim.UP, ("", "", "", "9"))
        for number in _NUMBERS
    },
    kind=ReportKind.PROGRESS,
    period=1,
)
_STRANGER = "2572-0999"


def _subject(ground: Ground) -> Subject:
    return Subject(ground, Text("กรมทดลอง", "Department of Trials"), _CATEGORIES, {}, 1, 1)


def _number(rng: Random, number: str) -> tuple[Cell, str]:
    shown = rng.choice((number, number, f" {number}\u00a0", thai_digits(number)))
    return ("s", shown), shown.strip("\u00a0 ")


def _drawn(
    rng: Random, known: Sequence[tuple[str, str | int]], count: int
) -> Iterator[tuple[str, str | int]]:
    """Rows of the report in any order; now and then one of a stranger, or one that was there already."""
    order = rng.sample(known, min(count, len(known)))
    for n in range(count):
        luck = rng.random()
        if luck < 0.03:
            yield _STRANGER, known[0][1]
        elif luck < 0.06 or n >= len(order):
            yield order[rng.randrange(min(n + 1, len(order)))]
        else:
            yield order[n]


def _name_money(rng: Random, count: int) -> list[Named]:
    named: list[Named] = []
    for number, category in _drawn(rng, _MONEY_KEYS, count):
        name = _CATEGORIES[str(category)]
        words = rng.choice((name.th, name.en, str(category)))
        named.append({"number": _number(rng, number), "category": (("s", words), str(category))})
    return named


def _name_milestones(rng: Random, count: int) -> list[Named]:
    named: list[Named] = []
    for number, position in _drawn(rng, _MARKS, count):
        cell = rng.choice((("n", str(position)), ("s", thai_digits(str(position)))))
        named.append({"number": _number(rng, number), "position": (cell, str(position))})
    return named


def _percent(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    percent = str(rng.choice((0, rng.randrange(100), 100, rng.randrange(100))))
    odd = (thai_digits(percent), "101", "ครึ่งหนึ่ง", "")
    shown = rng.choice(odd) if rng.random() < 0.2 else percent
    return ("n" if shown.isascii() and shown.isdigit() and rng.random() < 0.5 else "s", shown), shown


_DAYS = {"20/11/2571": "20/11/2571", "๒๐ พ.ย. ๒๕๗๑": "20/11/2571", "2028-11-20": "20/11/2571"}


def _day(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    shown = rng.choice((*_DAYS, "เมื่อวาน")) if rng.random() < 0.1 else ""
    return ("s", shown), shown


def _judge_money(reading: Reading, must: Must) -> tuple[Sequence[Fault], Wrong]:
    """Nothing of the row with nothing left can be committed; all else is within the money by far."""

    def wrong(key: tuple[str, str], row: Mapping[str, str]) -> bool:
        both = row["committed"] and row["disbursed"]
        return bool(both and key == _SPENT and row["committed"] != "0.00")

    def cells(key: tuple[str, str], row: Mapping[str, str]) -> dict[str, str]:
        return {money_place(key, name): row[name] for name in ("committed", "disbursed")}

    return _judge(_subject(_MONTH), "money", "category", _MONEY_KEYS, reading, must, wrong, cells)


def _judge_milestones(reading: Reading, must: Must) -> tuple[Sequence[Fault], Wrong]:
    def wrong(key: tuple[str, str], row: Mapping[str, str]) -> bool:
        percent, day = arabic_digits(row["percent"]), row["done_on"]
        if (percent and percent not in {str(n) for n in range(101)}) or (day and day not in _DAYS):
            return True
        return bool(percent) and (percent == "100") != bool(day)

    def cells(key: tuple[str, str], row: Mapping[str, str]) -> dict[str, str]:
        at = key[0], int(key[1])
        said = {"percent": arabic_digits(row["percent"]), "done_on": _DAYS.get(row["done_on"], "")}
        if "note" in row:
            said["note"] = row["note"]
        return {milestone_place(at, name): text for name, text in said.items()}

    known = tuple((number, str(position)) for number, position in _MARKS)
    return _judge(_subject(_QUARTER), "milestones", "position", known, reading, must, wrong, cells)


def _judge(
    subject: Subject,
    sheet: str,
    beside: str,
    known: Collection[tuple[str, str]],
    reading: Reading,
    must: Must,
    is_wrong: Callable[[tuple[str, str], Mapping[str, str]], bool],
    cells_of: Callable[[tuple[str, str], Mapping[str, str]], dict[str, str]],
) -> tuple[Sequence[Fault], Wrong]:
    """What the room made of a reading, and where that is not what it must be: rows refused, and cells taken."""
    judged = judge_reading(reading, subject)
    if must.formulas or sheet in must.headless:
        return judged.faults, () if judged.faults else [("misjudged", "accepted by the room")]
    refused: set[int] = set()
    seen: set[tuple[str, str]] = set()
    cells: dict[str, str] = {}
    named, filled = ("number", beside), FILLED[sheet]
    for number, row in sorted(must.rows[sheet].items()):
        spoilt = must.columns - row.keys()
        if not any(row.get(key) or key in spoilt for key in (*named, *filled)):
            continue
        key = arabic_digits(row.get("number", "")), row.get(beside, "")
        if spoilt & {*named} or key not in known or key in seen:
            refused.add(number)
            continue
        seen.add(key)
        if spoilt & {*filled} or is_wrong(key, row):
            refused.add(number)
        else:
            cells |= cells_of(key, row)
    return judged.faults, list(_compare(judged, sheet, refused, cells))


def _compare(
    judged: Judged, sheet: str, refused: set[int], cells: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    rows = {fault.row for fault in judged.faults if fault.sheet == sheet}
    if refused - rows or 0 in rows:
        yield "unnumbered", f"the room refused {sorted(rows)} for {sorted(refused)}"
    elif rows != refused or any(fault.sheet != sheet for fault in judged.faults):
        yield "misjudged", f"the room refused {sorted(rows)} for {sorted(refused)}"
    if judged.faults:
        if judged.values:
            yield "misjudged", "taken with faults"
        return
    taken = judged.values["report"]["cells"]
    kind = f"{sheet.removesuffix('s')}-"
    if {place: text for place, text in taken.items() if place.startswith(kind)} != cells:
        yield "mismapped", f"the room took {taken} for {cells}"


_MONTH_BOOK, _QUARTER_BOOK = make_template(_subject(_MONTH)), make_template(_subject(_QUARTER))
MONEY = Paper(
    _MONTH_BOOK,
    _MONTH_BOOK.sheets[0],
    (("call", "2571"), ("period", "ตุลาคม 2571"), ("agency", "กรมอื่น"), ("revision", "2")),
    b"report-of",
    _name_money,
    judge=_judge_money,
)
"""A month's money."""
PROGRESS = Paper(
    _QUARTER_BOOK,
    _QUARTER_BOOK.sheets[0],
    (("call", "2571"), ("period", "ไตรมาส 2"), ("agency", "กรมอื่น"), ("revision", "2")),
    b"report-of",
    _name_milestones,
    {"percent": _percent, "done_on": _day},
    _judge_milestones,
)
"""A quarter's progress, of which the milestones are filled in."""
