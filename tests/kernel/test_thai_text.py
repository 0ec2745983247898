"""Thai text: one spelling whatever was typed, dictionary order, and keys for finding."""

from __future__ import annotations

import contextlib
import random
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.kernel.thai_text import (
    TextError,
    arabic_digits,
    normalise,
    search_key,
    sort_key,
    thai_digits,
)

MODEST = settings(max_examples=150, deadline=None)
THAI = [chr(c) for c in (*range(0x0E01, 0x0E3B), *range(0x0E3F, 0x0E5C))]
MARKS = [chr(c) for c in (0x0E31, 0x0E32, 0x0E33, *range(0x0E34, 0x0E3B), 0x0E40, *range(0x0E47, 0x0E4F))]
TYPED = st.one_of(
    st.lists(st.sampled_from(MARKS), max_size=9).map(lambda marks: "น" + "".join(marks)),
    st.text(st.sampled_from([*THAI, *"aé \n\r\t", "\u0301", "\u200b", "\u00a0"]), max_size=14),
)

NAM, TONE_THO, SARA_AM, NIKHAHIT, SARA_AA = "น", "\u0e49", "\u0e33", "\u0e4d", "\u0e32"
WATER = NAM + TONE_THO + SARA_AM  # น้ำ as Thai keyboards and dictionaries spell it

ONE_SPELLING = {
    WATER: [
        NAM + SARA_AM + TONE_THO,
        NAM + TONE_THO + NIKHAHIT + SARA_AA,
        NAM + NIKHAHIT + TONE_THO + SARA_AA,
        NAM + NIKHAHIT + SARA_AA + TONE_THO,
        NAM + TONE_THO + TONE_THO + SARA_AM,
        NAM + TONE_THO + "\u200b" + SARA_AM,
        "\ufeff" + WATER + "\u2060",
    ],
    "ทำ": ["ท" + NIKHAHIT + SARA_AA],
    "กิ่ง": ["ก\u0e48\u0e34ง", "ก\u0e34\u0e48\u0e48ง", "ก\u0e34\u0e34\u0e48ง"],
    "ที่": ["ท\u0e48\u0e35", "ท\u0e35\u0e48"],
    "ผู้": ["ผ\u0e49\u0e39"],
    "แม่": ["เเม่"],
    "ตั้ง": ["ต\u0e49\u0e31ง"],
    "café": ["cafe\u0301"],
    "บรรทัด\nสอง": ["บรรทัด\r\nสอง", "บรรทัด\rสอง", "  บรรทัด\nสอง \n"],
    "กรม": ["ก\u200bร\u00adม", "\u200eกรม\u200f", "\u202eกรม\u202c", "\u2067กรม\u2069", "ก\u200dรม"],
}

UNCHANGED = [
    "สิทธิ์",
    "พันธุ์",
    "ก็เก็บ",
    "ศาสตร์ฯ ต่าง ๆ",
    "เพื่อผู้ซื้อน้ำแข็ง",
    "กระทรวงดิจิทัลเพื่อเศรษฐกิจและสังคม",
    "ปฺราชฺญา",
    "งบ ๑,๒๓๔.๕๐ บาท (1/2)",
    "tab\tstays",
    "😀",
]

REFUSED = [
    "\x00",
    "ก\x00",
    "\x07",
    "\x0b",
    "\x1b[0m",
    "\x7f",
    "\x9b",
    "\ud800",
    "ก\udfff",
    "\ufffe",
    "\uffff",
]

# Each list is in the order of the Royal Institute's dictionary.
DICTIONARY = [
    [
        "กก",
        "กฎ",
        "กด",
        "กลม",
        "กะ",
        "กัก",
        "กา",
        "กำ",
        "กิน",
        "กี่",
        "กึ่ง",
        "กุ",
        "กู",
        "เก",
        "แก",
        "โก",
        "ใกล้",
        "ไก",
    ],
    ["เก", "เก็ง", "เก่ง", "เก้ง", "เก๋ง"],
    ["เกา", "เก่า", "เก้า", "เก๊า"],
    ["ปลา", "ปะ", "ปา", "เปล", "แปล", "โปรด"],
    ["รก", "ฤกษ์", "ลม", "วน"],
    ["มา", "มาก", "มาน", "ม่าน", "เมา"],
    ["ขาวข้าว", "ข้าวขาว"],
    ["ก้าน", "การ", "การ์", "การก"],
    ["กรมการข้าว", "กรมการปกครอง", "กรมชลประทาน", "เกษตร", "ข้าว"],
    ["2567", "Alpha", "beta", "กรม"],
]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(typed, kept) for kept, variants in ONE_SPELLING.items() for typed in (kept, *variants)],
    ids=ascii,
)
def test_what_looks_the_same_is_spelt_the_same(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@pytest.mark.parametrize("text", UNCHANGED)
def test_right_spelling_is_left_alone(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_what_breaks_databases_and_papers_is_refused(text: str) -> None:
    with pytest.raises(TextError) as refusal:
        normalise(text)
    assert refusal.value.text.th
    assert refusal.value.text.en


@MODEST
@given(TYPED)
@example("น\u0e48\u0e49\u0e34")
@example("น\u0e33\u0e48\u0e49")
@example("น\u0e4d\u0e48\u0e34\u0e32")
@example("น\u0e38\u0e48\u0e34\u0e3a")
@example("น\u0e3a\u0e38\u0e4c\u0e3a")
@example("\u0e40\u0e40\u0e40\u0e40\u0e40")
def test_normalising_twice_is_normalising_once(typed: str) -> None:
    once = normalise(typed)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


ANNOYING = ["\u0e48\u0e34", "\u0e33\u0e48", "\u0e4d\u0e48\u0e34\u0e32", "\u0e38\u0e3a\u0e48", "\u0301\u0323"]


@pytest.mark.parametrize("unit", ANNOYING, ids=ascii)
@pytest.mark.parametrize("letters", ["", "ก"], ids=["one-letter", "each-letter"])
def test_normalising_takes_time_in_proportion_to_the_text(unit: str, letters: str) -> None:
    """A page of marks typed to annoy must not hold the server: refused or done, in a blink."""
    typed = "ก" + (unit * 100 + letters) * 500
    began = time.process_time()
    with contextlib.suppress(TextError):
        normalise(typed)
    assert time.process_time() - began < 1


def test_many_marks_on_one_letter_are_refused() -> None:
    with pytest.raises(TextError):
        normalise("ก" + "\u0e38\u0e3a" * 251)
    assert normalise("ก" + "—" * 500) == "ก" + "—" * 500


@MODEST
@given(st.text(st.sampled_from("0123456789๐๑๒๓๔๕๖๗๘๙ กa,."), max_size=20))
def test_digits_go_there_and_back(text: str) -> None:
    assert arabic_digits(thai_digits(text)) == arabic_digits(text)
    assert thai_digits(arabic_digits(text)) == thai_digits(text)
    assert not set(arabic_digits(text)) & set("๐๑๒๓๔๕๖๗๘๙")


@pytest.mark.parametrize("words", DICTIONARY, ids=lambda words: words[0])
def test_dictionary_order(words: list[str]) -> None:
    shuffled = random.Random(7).sample(words, len(words))
    assert sorted(shuffled, key=sort_key) == words
    assert len({sort_key(word) for word in words}) == len(words)


@MODEST
@given(st.text(st.sampled_from([*THAI, "a", " "]), max_size=200))
def test_sort_key_fits_its_column(text: str) -> None:
    assert len(sort_key(text)) <= 420


SAME_KEY = [
    (WATER, NAM + NIKHAHIT + TONE_THO + SARA_AA),
    ("DGA  Portal", "dga portal"),
    ("ปี ๒๕๖๗", "ปี 2567"),
    (" กรม\u00a0\nชล ", "กรม ชล"),
]


@pytest.mark.parametrize(("one", "other"), SAME_KEY, ids=ascii)
def test_search_finds_what_reads_the_same(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)
