from datetime import UTC, date, datetime

import pytest

from reports.thai import WORDS, cell_text, date_and_time, scaled, short_date, thai_digits, thai_prose


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (113636190000, "money", "1,136,361,900.00"),
        (113636190000, "million", "1,136.3619"),
        (4999, "million", "0.0000"),
        (5000, "million", "0.0001"),
        (-5000, "million", "-0.0001"),
        (-4999, "million", "0.0000"),
        (-1, "money", "-0.01"),
        (0, "money", "0.00"),
        (8725, "score", "87.25"),
        (1250, "percent", "12.50"),
        (1234567, "int", "1,234,567"),
        (None, "money", ""),
        (datetime(2022, 12, 9, 18, 0, tzinfo=UTC), "date", "10 ธ.ค. 2565"),
    ],
)
def test_cell_text_is_exact(value, kind, text):
    assert cell_text(value, kind, "th") == text


def test_scaled_never_passes_through_a_float():
    assert scaled(9007199254740993, 2) == "90,071,992,547,409.93"


def test_dates_are_buddhist_in_thai_only():
    moment = datetime(2022, 12, 9, 9, 30, tzinfo=UTC)
    assert date_and_time(moment, "th") == "9 ธ.ค. 2565 16:30 น."
    assert date_and_time(moment, "en") == "9 Dec 2565 B.E., 16:30"
    assert short_date(date(2024, 2, 29), "th") == "29 ก.พ. 2567"


def test_thai_digits_spare_codes_and_addresses():
    assert thai_digits("1/13") == "๑/๑๓"
    text = "ปี 2566 รหัส P2566-0012 ดู https://a.go.th/1 วันที่ 9"
    assert thai_prose(text) == "ปี ๒๕๖๖ รหัส P2566-0012 ดู https://a.go.th/1 วันที่ ๙"


def test_every_own_word_exists_in_both_languages():
    assert all(thai.strip() and english.strip() for thai, english in WORDS.values())
