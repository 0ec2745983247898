import csv
import io
from datetime import UTC, datetime

import pytest

from reports import Column, Table, write_csv
from reports.csvs import safe_text


def test_csv_is_exact_safe_and_marked():
    columns = (
        Column("name", "ชื่อ"),
        Column("baht", "บาท", "money"),
        Column("million", "ล้านบาท", "million"),
        Column("at", "เมื่อ", "date"),
    )
    at = datetime(2022, 12, 9, 9, 30, tzinfo=UTC)
    rows = (
        ("=HYPERLINK(1)", 113636190001, 113636190001, at),
        ('น้ำ, "ใส"', -1, None, None),
    )
    out = io.BytesIO()
    write_csv(Table("t", "t", columns, rows), out)
    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    assert out.getvalue().count(b"\r\n") == 3
    read = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    assert read[1] == ["'=HYPERLINK(1)", "1136361900.01", "1136.36190001", "2022-12-09T16:30:00+07:00"]
    assert read[2] == ['น้ำ, "ใส"', "-0.01", "", ""]


def test_csv_may_bear_keys_for_open_data(tmp_path):
    write_csv(Table("t", "t", (Column("name", "ชื่อ"),), (("ก",),)), tmp_path / "a.csv", keys_as_header=True)
    assert (tmp_path / "a.csv").read_bytes().decode("utf-8-sig") == "name\r\nก\r\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+66", "'+66"),
        ("@a", "'@a"),
        ("-1+1", "'-1+1"),
        ("-", "-"),
        ("-3", "-3"),
        ("-3.5", "-3.5"),
        ("-3.5a", "'-3.5a"),
        ("-๓", "'-๓"),
        ("\t-3", "'\t-3"),
    ],
)
def test_text_that_would_calculate_is_disarmed_and_a_negative_number_is_not(text, written):
    assert safe_text(text) == written
