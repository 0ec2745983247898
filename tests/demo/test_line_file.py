"""What a file of lines may hold: a table of single changes to one good row, and what is said of each."""

from __future__ import annotations

import pytest

from app.calls.facts import Limits
from app.calls.rules import read_plan
from app.cli.call_files import DATA, read_toml
from app.cli.line_file import COLUMNS, read_lines
from app.kernel.errors import Refused

PLAN = read_plan(read_toml(DATA / "plan-2565.toml"))
LIMITS = Limits()
GOOD = {
    "ref_doc": "2022.3.7",
    "page": "275",
    "ministry": "กระทรวงพาณิชย์",
    "agency": "กรมพัฒนาธุรกิจการค้า",
    "plan_project": "โครงการสร้างเครื่องมือและแพลตฟอร์มกลาง",
    "guideline_2567": "2.1",
    "category": "งบลงทุน",
    "item": "คลังข้อมูลธุรกิจ 1 ระบบ",
    "amount_baht": "15300000",
}
HEADER = ",".join(COLUMNS)


def _row(**changes: str) -> str:
    return ",".join('"{}"'.format(v.replace('"', '""')) for v in (GOOD | changes).values())


def _file(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


GOOD_AMOUNTS = {
    "15300000": 1_530_000_000,
    "15,300,000.00": 1_530_000_000,
    "๑๕,๓๐๐,๐๐๐.๕๐": 1_530_000_050,
    " 0.01 ": 1,
    "1000000000000": 10**14,
}


@pytest.mark.parametrize(("typed", "satang"), GOOD_AMOUNTS.items())
def test_amount_is_read_as_people_type_it(typed: str, satang: int) -> None:
    (row,), problems = read_lines(_file(_row(amount_baht=typed)), PLAN, LIMITS)
    assert (row.amount, problems) == (satang, [])


BAD_ROWS = {
    "letters": ({"amount_baht": "ล้านห้า"}, "must be a number"),
    "negative": ({"amount_baht": "-5"}, "must not be negative"),
    "in brackets": ({"amount_baht": "(5)"}, "must not be negative"),
    "three decimals": ({"amount_baht": "1.005"}, "two decimals"),
    "too large": ({"amount_baht": "1000000000000.01"}, "1,000,000,000,000"),
    "formula as amount": ({"amount_baht": "=1+1"}, "must be a number"),
    "zero": ({"amount_baht": "0.00"}, "more than zero"),
    "no amount": ({"amount_baht": ""}, "amount_baht is empty"),
    "unknown category": ({"category": "งบกลาง"}, "Unknown expenditure category “งบกลาง”"),
    "unknown guideline": ({"guideline_2567": "4.1"}, "Guideline “4.1” is not in this call's plan"),
    "no agency": ({"agency": "  "}, "agency is empty"),
    "no page": ({"page": ""}, "page is empty"),
    "agency too long": ({"agency": "ก" * 201}, "agency is longer than 200"),
    "item too long": ({"item": "ก" * 301}, "item is longer than 300"),
    "control character": ({"item": "a\x07b"}, "item: The text has unreadable characters"),
    "NUL": ({"item": "a\x00b"}, "item: The text has unreadable characters"),
}


@pytest.mark.parametrize(("changes", "said"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_row_is_named_with_its_line_and_reason(changes: dict[str, str], said: str) -> None:
    rows, problems = read_lines(_file(_row(), _row(**{"item": "x", **changes}), _row(item="y")), PLAN, LIMITS)
    assert [row.line for row in rows] == [2, 4]
    (problem,) = problems
    assert problem.place == "line-3"
    assert problem.text.en.startswith("Line 3: ")
    assert said in problem.text.en
    assert problem.text.th.startswith("บรรทัดที่ 3: ")


def test_everything_wrong_is_said_at_once() -> None:
    rows, problems = read_lines(
        _file(_row(amount_baht="x", category="y"), "only,three,cells", _row(), _row()), PLAN, LIMITS
    )
    assert [row.line for row in rows] == [4]
    assert [p.place for p in problems] == ["line-2", "line-2", "line-3", "line-5"]
    assert problems[2].text.en == "Line 3: has 3 cells, the header has 9"
    assert problems[3].text.en == "Line 5: Repeats line 4"


def test_text_is_plain_text_whatever_it_begins_with() -> None:
    for item in ("=SUM(A1:A9)", "+66", "-ลบ", "@cmd", '"quoted"'):
        (row,), problems = read_lines(_file(_row(item=item)), PLAN, LIMITS)
        assert (row.item, problems) == (item, [])


def test_byte_order_mark_blank_lines_and_other_columns_do_not_matter() -> None:
    header = f"note,{HEADER}"
    data = b"\xef\xbb\xbf" + _file("", f"x,{_row()}", "", f"y,{_row(item='z')}", header=header)
    rows, problems = read_lines(data, PLAN, LIMITS)
    assert [(row.line, row.item) for row in rows] == [(3, GOOD["item"]), (5, "z")]
    assert problems == []


def test_line_numbers_count_lines_inside_a_cell() -> None:
    rows, problems = read_lines(_file(_row(item="two\nlines"), _row(amount_baht="x")), PLAN, LIMITS)
    assert [row.item for row in rows] == ["two lines"]
    assert [p.place for p in problems] == ["line-4"]


def test_row_that_is_no_csv_is_a_bad_row() -> None:
    rows, problems = read_lines(_file(_row(), '"open' + '"x,' * 3), PLAN, LIMITS)
    assert len(rows) == 1
    assert [p.place for p in problems] == ["line-3"]


WHOLE_FILES = {
    "empty": (b"", {"line-1"}),
    "header only": (_file(), {"file"}),
    "not UTF-8": ("ไทย".encode("tis-620"), {"file"}),
    "a column missing": (_file(header=HEADER.replace("page", "seite")), {"line-1"}),
}


@pytest.mark.parametrize(("data", "places"), WHOLE_FILES.values(), ids=WHOLE_FILES)
def test_file_that_cannot_be_read_at_all(data: bytes, places: set[str]) -> None:
    with pytest.raises(Refused) as refused:
        read_lines(data, PLAN, LIMITS)
    assert {p.place for p in refused.value.problems} == places


def test_source_names_volume_and_page() -> None:
    (row,), _ = read_lines(_file(_row()), PLAN, LIMITS)
    assert row.source == "2022.3.7 หน้า 275"
