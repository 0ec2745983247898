"""Reading a request: its body, its query and its headers, strictly, with every problem at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from app.api.refusing import Refusal
from app.api.shapes import UNKNOWN, Flag, Shape, Thing, Whole
from app.kernel.findings import Problem
from app.kernel.text import Text

LARGEST_BODY = 2 * 1024 * 1024
_DEEPEST = 20
_KEY = re.compile(r"[!-~]{1,200}")
_DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)

TWICE = Text("ส่งค่านี้มาได้ครั้งเดียว", "this may be given once only")
KEY_NEEDED = Text(
    "ต้องมีหัวข้อ Idempotency-Key เป็นอักขระ ASCII 1 ถึง 200 ตัวไม่มีช่องว่าง เช่น UUID",
    "the header Idempotency-Key is needed: 1 to 200 ASCII characters without spaces, such as a UUID",
)
NOT_JSON = Text("เนื้อความไม่ใช่ JSON ที่ถูกต้อง", "the body is not valid JSON")
SAME_NAME = Text("มีชื่อฟิลด์ซ้ำในออบเจ็กต์เดียวกัน", "an object names a field twice")


class Declared(Protocol):
    """A parameter as operations declare them."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> Shape: ...
    @property
    def needed(self) -> bool: ...


def query_values(
    declared: Sequence[Declared], sent: Iterable[tuple[str, str]], where: str
) -> tuple[dict[str, Any], list[Problem]]:
    """The values sent, by name, and what is wrong with them; what is not declared is wrong."""
    known = {parameter.name: parameter for parameter in declared}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, typed in sent:
        place = f"{where}.{name[:100]}"
        parameter = known.get(name)
        if parameter is None:
            problems.append(Problem(place, UNKNOWN))
        elif name in values:
            problems.append(Problem(place, TWICE))
        else:
            values[name] = _typed(parameter.shape, typed)
            parameter.shape.check(values[name], place, problems)
    for parameter in declared:
        if parameter.needed and parameter.name not in values:
            problems.append(Problem(f"{where}.{parameter.name}", Text("ต้องมีค่านี้", "this is required")))
    return values, problems


def _typed(shape: Shape, typed: str) -> Any:
    if isinstance(shape, Whole) and _DIGITS.fullmatch(typed):
        return int(typed)
    if isinstance(shape, Flag) and typed in ("true", "false"):
        return typed == "true"
    return typed


def header_problems(*, once: bool) -> list[Problem]:
    """What is wrong with the headers of a write that is done once."""
    if once and _KEY.fullmatch(request.headers.get("Idempotency-Key", "")) is None:
        return [Problem("header.Idempotency-Key", KEY_NEEDED)]
    return []


def read_body(shape: Thing) -> Any:
    """The JSON body, of this shape. Raises `Refusal`: 413, 415, 400 for what is no JSON, 422 with every problem."""
    if request.mimetype != "application/json":
        raise Refusal(415)
    request.max_content_length = LARGEST_BODY
    if (request.content_length or 0) > LARGEST_BODY:
        raise Refusal(413)
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Refusal(413) from None
    value = parse_json(data)
    problems: list[Problem] = []
    shape.check(value, "", problems)
    if problems:
        raise Refusal(422, problems=problems[:500])
    return value


def parse_json(data: bytes) -> Any:
    """JSON, strictly: UTF-8, no name twice, nothing deeper than any shape. Raises `Refusal` 400."""
    try:
        text = data.decode("utf-8")
        if _is_deep(text):
            raise ValueError("too deep")
        return json.loads(text, object_pairs_hook=_without_twins, parse_constant=_refuse_constant)
    except _Twins:
        raise Refusal(400, SAME_NAME, [Problem("", SAME_NAME)]) from None
    except (ValueError, RecursionError):
        raise Refusal(400, NOT_JSON, [Problem("", NOT_JSON)]) from None


class _Twins(Exception):
    pass


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twins
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _is_deep(text: str) -> bool:
    depth = deepest = 0
    for letter in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest > _DEEPEST
