"""The line of every key of a TOML text, in whatever way the text is written."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calls.locating import Lines
from app.calls.toml_text import write_toml

KEYS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True),
    st.sampled_from(["th", "ชื่อ", 'a"b', "a b", "rules#", "[[rules]]", "x = 1", "\\", "'"]),
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
    st.sampled_from(
        ["[[rules]]", "a = 1", "# no comment", '"""', "'''", "\n[x]\ny = 1\n", "ก\n\nข", "]", "}", ","]
    ),
)
SCALARS = st.one_of(TEXTS, st.integers(-(10**9), 10**9), st.booleans())
INLINE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
TABLES = st.recursive(
    st.dictionaries(KEYS, INLINE, max_size=3),
    lambda inner: st.dictionaries(
        KEYS, st.one_of(INLINE, inner, st.lists(inner, min_size=1, max_size=3)), max_size=3
    ),
    max_leaves=8,
)


@dataclass
class Writer:
    """Writes a document in a manner that is drawn, and notes the line of each key as it goes."""

    draw: Any
    text: str = ""
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def note(self, at: str, key: str) -> str:
        place = f"{at}.{key}" if at else key
        self.lines.setdefault(place, self.line)
        return place

    def end(self) -> None:
        self.text += self.draw(
            st.sampled_from(["\n", "\r\n", " # หมายเหตุ = [1]\n", "\n\n  \n", "\n# [[rules]]\n"])
        )

    def key(self, key: str) -> str:
        is_bare = all(c.isascii() and (c.isalnum() or c in "_-") for c in key) and key
        ways = [_quoted(key)]
        if is_bare:
            ways.append(key)
        if "'" not in key:
            ways.append(f"'{key}'")
        return self.draw(st.sampled_from(ways))

    def table(self, table: dict[str, Any], at: str = "", header: tuple[str, ...] = ()) -> None:
        later = []
        for key, value in table.items():
            is_table = isinstance(value, dict)
            is_list = isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
            if (is_table or is_list) and self.draw(st.booleans()):
                later.append((key, value))
                continue
            place = self.note(at, key)
            self.text += f"{self.draw(st.sampled_from(['', '  ']))}{self.key(key)}{self.draw(st.sampled_from(['=', ' = ']))}"
            self.value(value, place)
            self.end()
        for key, value in later:
            path = (*header, key)
            if isinstance(value, dict):
                place = self.note(at, key)
                self.text += f"[{self.dotted(path)}]"
                self.end()
                self.table(value, place, path)
                continue
            for n, entry in enumerate(value, 1):
                place = self.note(at, key)
                self.lines[f"{place}[{n}]"] = self.line
                self.text += f"[[{self.dotted(path)}]]"
                self.end()
                self.table(entry, f"{place}[{n}]", path)

    def dotted(self, path: tuple[str, ...]) -> str:
        return self.draw(st.sampled_from([".", " . "])).join(self.key(part) for part in path)

    def value(self, value: Any, place: str) -> None:
        if isinstance(value, bool):
            self.text += "true" if value else "false"
        elif isinstance(value, int):
            self.text += str(value)
        elif isinstance(value, str):
            self.text += self.string(value)
        elif isinstance(value, list):
            self.text += "["
            for n, entry in enumerate(value, 1):
                self.text += self.draw(st.sampled_from(["", "\n  ", " # ] ,\n"]))
                self.lines[f"{place}[{n}]"] = self.line
                self.value(entry, f"{place}[{n}]")
                self.text += self.draw(st.sampled_from([",", " ,\n"])) if n < len(value) else ""
            self.text += self.draw(st.sampled_from(["]", "\n]"]))
        else:
            self.text += "{"
            for n, (key, inner) in enumerate(value.items(), 1):
                spot = self.note(place, key)
                self.text += f" {self.key(key)} = "
                self.value(inner, spot)
                self.text += "," if n < len(value) else " "
            self.text += "}"

    def string(self, text: str) -> str:
        ways = [_quoted(text)]
        if "'" not in text and "\n" not in text:
            ways.append(f"'{text}'")
        if '"' not in text and "\\" not in text:
            ways.append(f'"""\n{text}"""')
        if "'''" not in text and not text.endswith("'"):
            ways.append(f"'''{text}'''" if not text.startswith("\n") else f"'''\n{text}'''")
        ways.append('"""' + text.replace("\\", "\\\\").replace('"', '\\"') + '\\"\\\\"""')
        return self.draw(st.sampled_from(ways))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_every_key_is_found_on_its_line(data: st.DataObject) -> None:
    """Arrays over several lines, tables in braces, quoted keys, texts that look like tables, comments."""
    document = data.draw(TABLES)
    writer = Writer(data.draw)
    writer.table(document)
    tomllib.loads(writer.text)  # what was written is TOML
    lines = Lines(writer.text)
    ambiguous = any("." in key or "[" in key for key in _all_keys(document))
    for place, line in writer.lines.items():
        if not ambiguous:
            assert lines.line_of(place) == line, (place, writer.text)


def _all_keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for v in value.values() for key in _all_keys(v))]
    return [key for v in value for key in _all_keys(v)] if isinstance(value, list) else []


@given(TABLES)
@settings(max_examples=100, deadline=None)
def test_what_is_written_back_reads_the_same(document: dict[str, Any]) -> None:
    assert tomllib.loads(write_toml(document)) == document


RULEBOOK = """# The rulebook
code = "rules"
title = { th = "ก", en = "A" }

[[rules]]
code = "first"
[rules.reasons.good]
th = "ดี"
[[rules]]
code = "second"
[rules.parameters]
codes = ["a",
  "b"]
[rules.reasons.good]
th = "ดี"
[rules.reasons.bad]
remedy = { th = "แก้", en = "Mend" }
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("", 1),
        ("code", 2),
        ("title.en", 3),
        ("rules", 5),
        ("rules[1].code", 6),
        ("rules[1].reasons.good", 7),
        ("rules[1].check", 5),  # missing: the rule it is missing from
        ("rules[2].reasons.bad.remedy.th", 17),
        ("rules[2].reasons.unheard", 14),  # missing: where the others begin
        ("rules[2].parameters.codes[2]", 13),
        ("rules[2].parameters.codes[3]", 12),
        ("rules[99].check", 5),
        ("rules[0]", 5),
        ("rules[x", 5),
    ],
)
def test_addresses_of_a_rulebook(place: str, line: int) -> None:
    assert Lines(RULEBOOK).line_of(place) == line


def test_keys_with_dots_are_told_from_tables() -> None:
    lines = Lines('"a.b" = 1\n[a]\nb = 2\n[c."d.e"]\nf = 3\n')
    assert [lines.line_of(p) for p in ("a.b", "a", "c.d.e.f", "c.d.e.g", "z")] == [1, 2, 5, 4, 1]


def test_a_row_outside_the_text_is_empty() -> None:
    lines = Lines("a = 1\r\n")
    assert (lines.row(1), lines.row(0), lines.row(9)) == ("a = 1", "", "")
