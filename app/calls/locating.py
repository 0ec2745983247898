"""Where in a TOML text each key stands, so that a fault can be told by its line.

In: a text that `tomllib` has read without complaint. Out: `Lines`, which answers for an address such as
`rules[3].reasons.linked.th` with the line of that key, or of the nearest thing around it where the key is missing.
Why: TOML readers give values without lines, and a person mends a file by line. Valid TOML only: what is not allowed
is not looked for here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import field

from app.kernel.lean import dataclass

_BLANK = " \t"
_BLANK_OR_LINE = " \t\r\n"
_ENDS_SCALAR = ",]}#\n"


@dataclass(slots=True)
class _Node:
    """A table, array or value: the line it begins on, its keys, and its entries where it is an array."""

    line: int
    keys: dict[str, _Node] = field(default_factory=dict)
    entries: list[_Node] = field(default_factory=list)


class Lines:
    """The lines of the keys of one TOML text."""

    def __init__(self, text: str):
        self._rows = text.split("\n")
        self._root = _Scanner(text).scan()

    def line_of(self, place: str) -> int:
        """The line (from 1) of an address: keys after dots, entries of a list as `[n]` from 1.

        A key that is not there is answered with the line of what it is missing from.
        """
        node, rest = self._root, place
        while rest:
            found = _entry(node, rest) if rest[0] == "[" else _key(node, rest)
            if found is None:
                break
            node, rest = found
        return node.line

    def row(self, line: int) -> str:
        """The text of a line, without its end."""
        return self._rows[line - 1].rstrip("\r") if 1 <= line <= len(self._rows) else ""


def _entry(node: _Node, rest: str) -> tuple[_Node, str] | None:
    number, bracket, after = rest[1:].partition("]")
    if not bracket or not number.isdecimal() or not 1 <= int(number) <= len(node.entries):
        return None
    return node.entries[int(number) - 1], after.removeprefix(".")


def _key(node: _Node, rest: str) -> tuple[_Node, str] | None:
    """The longest key the address goes on with: a key may hold dots itself."""
    found = [key for key in node.keys if rest == key or rest.startswith((f"{key}.", f"{key}["))]
    if not found:
        return None
    key = max(found, key=len)
    return node.keys[key], rest[len(key) :].removeprefix(".")


class _Scanner:
    """Walks a valid TOML text once, from left to right."""

    def __init__(self, text: str):
        self._text = text
        self._at = 0
        self._ends = [i for i, sign in enumerate(text) if sign == "\n"]

    def scan(self) -> _Node:
        root = table = _Node(1)
        while self._skip():
            line = self._line()
            if self._text.startswith("[[", self._at):
                self._at += 2
                *above, last = self._dotted()
                self._at += 2  # the closing brackets
                array = self._descend(root, above, line).keys.setdefault(last, _Node(line))
                table = _Node(line)
                array.entries.append(table)
            elif self._text[self._at] == "[":
                self._at += 1
                table = self._descend(root, self._dotted(), line)
                self._at += 1
            else:
                self._pair(table)
        return root

    def _line(self) -> int:
        return bisect_right(self._ends, self._at - 1) + 1

    def _skip(self, blanks: str = _BLANK_OR_LINE) -> bool:
        """Over blanks and comments; whether anything is left."""
        text = self._text
        while self._at < len(text):
            if text[self._at] in blanks:
                self._at += 1
            elif text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                return True
        return False

    def _blanks(self) -> None:
        while self._text[self._at] in _BLANK:
            self._at += 1

    def _dotted(self) -> list[str]:
        """A key with its dots, up to what follows it."""
        parts = []
        while True:
            self._blanks()
            parts.append(self._part())
            self._blanks()
            if self._text[self._at] != ".":
                return parts
            self._at += 1

    def _part(self) -> str:
        sign, begin = self._text[self._at], self._at
        if sign in "\"'":
            self._string()
            raw = self._text[begin + 1 : self._at - 1]
            return _unescaped(raw) if sign == '"' else raw
        while self._text[self._at] not in " \t.=]":
            self._at += 1
        return self._text[begin : self._at]

    def _descend(self, node: _Node, keys: Sequence[str], line: int) -> _Node:
        """The table at these keys; of a list of tables, its last."""
        for key in keys:
            node = node.keys.setdefault(key, _Node(line))
            if node.entries:
                node = node.entries[-1]
        return node

    def _pair(self, table: _Node) -> None:
        line = self._line()
        *above, last = self._dotted()
        self._at += 1  # the equals sign
        self._blanks()
        node = self._descend(table, above, line).keys.setdefault(last, _Node(line))
        self._value(node)

    def _value(self, node: _Node) -> None:
        """Over a value, with what is inside it noted under `node`."""
        sign = self._text[self._at]
        if sign in "\"'":
            self._string()
        elif sign == "[":
            self._at += 1
            while self._skip() and self._text[self._at] != "]":
                entry = _Node(self._line())
                self._value(entry)
                node.entries.append(entry)
                self._comma()
            self._at += 1
        elif sign == "{":
            self._at += 1
            while self._skip() and self._text[self._at] != "}":
                self._pair(node)
                self._comma()
            self._at += 1
        else:
            while self._at < len(self._text) and self._text[self._at] not in _ENDS_SCALAR:
                self._at += 1

    def _comma(self) -> None:
        self._skip()
        if self._text[self._at] == ",":
            self._at += 1

    def _string(self) -> None:
        """Over a string of any of the four kinds."""
        text, quote = self._text, self._text[self._at]
        fence = quote * 3 if text.startswith(quote * 3, self._at) else quote
        self._at += len(fence)
        while not text.startswith(fence, self._at):
            self._at += 2 if quote == '"' and text[self._at] == "\\" else 1
        self._at += len(fence)
        if len(fence) == 3:  # up to two quotes of the text itself may stand before the closing three
            for _ in range(2):
                self._at += text.startswith(quote, self._at)


_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_CODED = {"u": 4, "U": 8}


def _unescaped(raw: str) -> str:
    """The text of a quoted key."""
    said, at = "", 0
    while at < len(raw):
        if raw[at] != "\\":
            said, at = said + raw[at], at + 1
        elif raw[at + 1] in _CODED:
            end = at + 2 + _CODED[raw[at + 1]]
            said, at = said + chr(int(raw[at + 2 : end], 16)), end
        else:
            said, at = said + _ESCAPES[raw[at + 1]], at + 2
    return said
