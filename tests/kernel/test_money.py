"""Money: read as people type it, printed for people and papers, never off by a satang."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.money import (
    LARGEST_BAHT,
    LARGEST_SATANG,
    NEGATIVE,
    NOT_A_NUMBER,
    TOO_LARGE,
    TOO_PRECISE,
    MoneyError,
    baht_in_words,
    decimal_baht,
    format_baht,
    format_million,
    from_decimal_baht,
    parse_baht,
)
from app.kernel.text import Text
from app.kernel.thai_text import thai_digits

AMOUNTS = st.integers(0, LARGEST_SATANG)
SIGNED = st.integers(-(10**18), 10**18)
MODEST = settings(max_examples=60, deadline=None)

READ = {
    "0": 0,
    "1": 100,
    "007": 700,
    "1250000": 125_000_000,
    "1,250,000.50": 125_000_050,
    "1 250 000.5": 125_000_050,
    "1\u00a0250\u00a0000": 125_000_000,
    "  42  ": 4_200,
    "\t42\n": 4_200,
    "5.": 500,
    "0.01": 1,
    "๑,๒๕๐,๐๐๐.๕๐": 125_000_050,
    "๑2๓": 12_300,
    "1,000,000,000,000": LARGEST_SATANG,
    "1000000000000.00": LARGEST_SATANG,
    "0" * 5_000 + "1": 100,
}

REFUSED = {
    "": NOT_A_NUMBER,
    "   ": NOT_A_NUMBER,
    ",": NOT_A_NUMBER,
    ".": NOT_A_NUMBER,
    ".5": NOT_A_NUMBER,
    "abc": NOT_A_NUMBER,
    "ร้อยบาท": NOT_A_NUMBER,
    "12a": NOT_A_NUMBER,
    "100 บาท": NOT_A_NUMBER,
    "฿100": NOT_A_NUMBER,
    "1e6": NOT_A_NUMBER,
    "0x10": NOT_A_NUMBER,
    "1.2.3": NOT_A_NUMBER,
    "1_000": NOT_A_NUMBER,
    "+5": NOT_A_NUMBER,
    "nan": NOT_A_NUMBER,
    "Infinity": NOT_A_NUMBER,
    "١٢": NOT_A_NUMBER,  # Arabic-Indic digits: \d matches them, we do not read them
    "１２": NOT_A_NUMBER,  # full-width digits
    "12\u200b": NOT_A_NUMBER,
    "1\x002": NOT_A_NUMBER,
    "\ud8001": NOT_A_NUMBER,
    "-1": NEGATIVE,
    "−1": NEGATIVE,
    "– 1,000.50": NEGATIVE,
    "(1,000)": NEGATIVE,
    "-": NOT_A_NUMBER,
    "()": NOT_A_NUMBER,
    "-abc": NOT_A_NUMBER,
    "1.234": TOO_PRECISE,
    "0.001": TOO_PRECISE,
    "1.500": TOO_PRECISE,
    "1,000,000,000,000.01": TOO_LARGE,
    "1,000,000,000,001": TOO_LARGE,
    "9" * 5_000: TOO_LARGE,
}

MILLIONS = {
    0: "0.0000",
    4_999: "0.0000",
    5_000: "0.0001",
    14_999: "0.0001",
    15_000: "0.0002",
    113_636_190_000: "1,136.3619",
    552_391_100_000: "5,523.9110",
    552_391_104_999: "5,523.9110",
    552_391_105_000: "5,523.9111",
    LARGEST_SATANG: "1,000,000.0000",
    -4_999: "0.0000",
    -5_000: "-0.0001",
    -113_636_190_000: "-1,136.3619",
}

WORDS = {
    0: "ศูนย์บาทถ้วน",
    100: "หนึ่งบาทถ้วน",
    1_100: "สิบเอ็ดบาทถ้วน",
    2_100: "ยี่สิบเอ็ดบาทถ้วน",
    10_000: "หนึ่งร้อยบาทถ้วน",
    10_025: "หนึ่งร้อยบาทยี่สิบห้าสตางค์",
    113_636_190_000: "หนึ่งพันหนึ่งร้อยสามสิบหกล้านสามแสนหกหมื่นหนึ่งพันเก้าร้อยบาทถ้วน",
}


@pytest.mark.parametrize(("typed", "satang"), READ.items(), ids=lambda v: repr(v)[:24])
def test_amounts_as_people_type_them(typed: str, satang: int) -> None:
    assert parse_baht(typed) == satang


@pytest.mark.parametrize(("typed", "why"), REFUSED.items(), ids=lambda v: ascii(v)[:24])
def test_what_is_not_an_amount_is_refused_in_words(typed: str, why: Text) -> None:
    with pytest.raises(MoneyError) as refusal:
        parse_baht(typed)
    assert refusal.value.text == why


@MODEST
@given(AMOUNTS)
def test_every_printed_amount_reads_back(satang: int) -> None:
    assert parse_baht(format_baht(satang)) == satang
    assert parse_baht(decimal_baht(satang)) == satang
    assert parse_baht(thai_digits(format_baht(satang))) == satang
    assert parse_baht(format_baht(satang).replace(",", " ")) == satang


@MODEST
@given(SIGNED)
def test_json_form_round_trips_and_equals_the_decimal(satang: int) -> None:
    assert from_decimal_baht(decimal_baht(satang)) == satang
    assert Decimal(decimal_baht(satang)) == Decimal(satang) / 100


@pytest.mark.parametrize("text", ["", "1", "1.5", "1.005", "1,000.00", " 1.00", "1.00\n", "--1.00", "1.0a"])
def test_json_form_is_the_only_form(text: str) -> None:
    with pytest.raises(ValueError, match="not a decimal baht"):
        from_decimal_baht(text)


@MODEST
@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_never_anything_else(typed: str) -> None:
    try:
        satang = parse_baht(typed)
    except MoneyError:
        return
    assert 0 <= satang <= LARGEST_SATANG


@MODEST
@given(st.integers(LARGEST_SATANG + 1, LARGEST_SATANG * 1_000))
def test_nothing_beyond_a_million_million_baht_is_read(satang: int) -> None:
    with pytest.raises(MoneyError) as refusal:
        parse_baht(decimal_baht(satang))
    assert refusal.value.text == TOO_LARGE
    assert LARGEST_BAHT == 10**12


@pytest.mark.parametrize(("satang", "printed"), MILLIONS.items())
def test_million_baht_as_the_committee_reads_it(satang: int, printed: str) -> None:
    assert format_million(satang) == printed


@MODEST
@given(st.integers(0, 10**18))
def test_million_is_the_exact_half_up_rounding(satang: int) -> None:
    exact = Decimal(satang) / 100_000_000
    assert Decimal(format_million(satang).replace(",", "")) == exact.quantize(
        Decimal("0.0001"), rounding=ROUND_HALF_UP
    )


@MODEST
@given(SIGNED)
def test_a_debt_prints_as_the_amount_with_a_minus(satang: int) -> None:
    assert format_baht(-abs(satang)).lstrip("-") == format_baht(abs(satang))
    assert format_million(-abs(satang)).lstrip("-") == format_million(abs(satang))


@pytest.mark.parametrize(("satang", "words"), WORDS.items())
def test_amounts_in_words(satang: int, words: str) -> None:
    assert baht_in_words(satang) == words
