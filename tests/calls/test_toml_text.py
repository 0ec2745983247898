"""Files from strangers: each is told in a sentence with its line, whatever it holds, and soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calls.toml_text import LARGEST_FILE, FileRefused, read_toml_text

SOON = 4  # seconds of computing, whatever else the machine does; the slowest takes about one


def faults_of(data: bytes) -> list[tuple[int, str, str]]:
    """(line, key, reason) of everything that is told."""
    try:
        faults = read_toml_text(data).faults
    except FileRefused as refusal:
        faults = refusal.faults
    for fault in faults:
        assert fault.in_a_sentence().th
        assert fault.in_a_sentence().en
    return [(fault.line, fault.key, fault.text.en) for fault in faults]


def nested(opening: str, closing: str, times: int) -> bytes:
    return f"a = {opening * times}1{closing * times}".encode()


TOLD: dict[str, tuple[bytes, int, str, str]] = {
    "nothing": (b"", 0, "", "empty"),
    "blanks": (b" \n\t\n", 0, "", "empty"),
    "too large": (b"#" * (LARGEST_FILE + 1), 0, "", "at most 256 kilobytes"),
    "Thai in TIS-620": (b'a = 1\nb = "' + "ไทย".encode("tis-620") + b'"', 2, "", "UTF-8"),
    "UTF-16": ("a = 1".encode("utf-16"), 1, "", "UTF-8"),
    "a workbook": (b"PK\x03\x04\x14\x00", 1, "", "Not TOML"),
    "a page": (b"<html>", 1, "", "no key, table or comment"),
    "no equals sign": (b"a = 1\nb\n", 2, "", "followed by ="),
    "a text not closed": (b'a = "x\nb = 1', 1, "", "not closed"),
    "a long text not closed": (b'a = """\nx\n', 2, "", "not closed"),
    "a list not closed": (b"a = [1,\n2", 2, "", "Not TOML"),
    "a key twice": (b"a = 1\na = 2\n\n", 2, "", "a value already"),
    "a table twice": (b"[a]\nx = 1\n[a]\n", 3, "", "declared twice"),
    "a bare word": (b"a = yes", 1, "", "must stand in quotes"),
    "NUL": (b"a = 1\n\x00", 2, "", "Not TOML"),
    "NUL by its code": (b'a = 1\nb = "\\u0000"', 2, "b", "unreadable"),
    "half a character": (b'a = "\\ud800"', 1, "", "no character of this code"),
    "a decimal": (b"a = 1\n[t]\nb = 1.5", 3, "t.b", "decimals"),
    "not a number": (b"a = nan", 1, "a", "decimals"),
    "a date": (b"a = 2025-11-20", 1, "a", "Dates"),
    "a time in a list": (b"a = [1,\n 07:32:00]", 2, "a[2]", "Dates"),
    "a large number": (b"a = 99999999999999999999", 1, "a", "too large"),
    "5,000 digits": (b"a = " + b"9" * 5000, 0, "", "too long to be read"),
    "5,000 digits in hex": (b"a = 0x" + b"f" * 5000, 1, "a", "too large"),
    "a long text": (b'a = "' + b"x" * 4001 + b'"', 1, "a", "longer than 4000"),
    "13 lists in one another": (nested("[", "]", 13), 1, "a" + "[1]" * 12, "too deep"),
    "5,000 lists in one another": (nested("[", "]", 5000), 0, "", "too deep"),
    "2,000 braces in one another": (nested("{b=", "}", 2000), 0, "", "too deep"),
    "100 tables in one another": (b"a" + b".a" * 100 + b" = 1", 1, "a" + ".a" * 12, "too deep"),
    "a key of thousands of parts": (b"x = 1\na" + b".a" * 100_000 + b" = 1", 2, "", "100 full stops"),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_used_is_told(name: str) -> None:
    data, line, key, said = TOLD[name]
    ((at, where, why),) = faults_of(data)
    assert (at, where) == (line, key)
    assert said in why


def test_all_wrong_values_are_told_at_once() -> None:
    told = faults_of(b'a = 1.5\n[t]\nb = 2025-11-20\nc = "\\u0007"\nd = 1\n')
    assert [(line, key) for line, key, _ in told] == [(1, "a"), (3, "t.b"), (4, "t.c")]


SLOW = {
    "headers of 100 parts": (b"[a" + b".a" * 99 + b"]\n") + b"".join(b"b%d=1\n" % i for i in range(30_000)),
    "keys of 100 parts": b"\n".join(b"k%d" % i + b".a" * 98 + b"=1" for i in range(1200)),
    "40,000 tables": b"[[a]]\n" * 40_000,
    "20,000 keys in braces": b"a={" + b",".join(b"k%d=1" % i for i in range(20_000)) + b"}",
    "100,000 numbers": b"a=[" + b"1," * 100_000 + b"]",
    "a heap of tone marks": ('a="ก' + "่" * 60_000 + '"').encode(),
    "quotes": b'"' * 250_001,
    "line ends": b"\n" * 250_000 + b"[[[",
}


@pytest.mark.parametrize("name", SLOW)
def test_no_file_holds_the_server(name: str) -> None:
    begun = time.thread_time()
    faults_of(SLOW[name])
    assert time.thread_time() - begun < SOON


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault() -> None:
    read = read_toml_text(b"\xef\xbb\xbfa = 1\r\n[t]\r\nb = 2\r\n")
    assert read.document == {"a": 1, "t": {"b": 2}}
    assert (read.faults, read.lines.line_of("t.b")) == ((), 3)


def test_texts_get_one_spelling() -> None:
    read = read_toml_text('a = "น้\u0e4dา"\nb = "x\u202ey"'.encode())
    assert read.document == {"a": "น้ำ", "b": "xy"}


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    faults_of(data)


@given(st.text(alphabet="[]{}=\"'.,#\n\\u0ก a1", max_size=60))
@settings(max_examples=300, deadline=None)
def test_anything_that_resembles_toml_is_read_or_told(text: str) -> None:
    faults_of(text.encode())
