"""Shapes: what a JSON value looks like, said once. A shape checks a value, naming every problem at its place in both
languages, and prints itself as JSON Schema (2020-12, as OpenAPI 3.1 uses it). Strict: a number is no text, "1" is no
number, and an unknown field is a problem.

Why not a library: its words would be English only, it would have to be imported at every start, and these shapes are
all that is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import Any

from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import LARGEST_SATANG, from_decimal_baht
from app.kernel.text import Text

Schema = dict[str, Any]

NOT_TEXT = Text("ต้องเป็นข้อความ", "must be text")
NOT_CLEAN = Text("มีอักขระที่อ่านไม่ได้", "has unreadable characters")
NOT_WHOLE = Text("ต้องเป็นจำนวนเต็มตั้งแต่ {low} ถึง {high}", "must be a whole number from {low} to {high}")
NOT_FLAG = Text("ต้องเป็น true หรือ false", "must be true or false")
NOT_LIST = Text("ต้องเป็นรายการ (array)", "must be a list")
NOT_OBJECT = Text("ต้องเป็นออบเจ็กต์ (object)", "must be an object")
NOT_OFFERED = Text("ต้องเป็นค่าใดค่าหนึ่งใน {codes}", "must be one of {codes}")
NOT_MONEY = Text(
    "จำนวนเงินต้องเป็นข้อความทศนิยมสองตำแหน่ง เช่น “1250000.50” ใช้เลขอารบิก ไม่มีจุลภาค ไม่ติดลบ และไม่เกินหนึ่งล้านล้านบาท",
    "an amount is text with two decimals, such as “1250000.50”: digits 0-9, no commas, not negative, at most 10^12 baht",
)
NOT_DATE = Text("ต้องเป็นวันที่ เช่น 2026-10-01", "must be a date such as 2026-10-01")
TOO_LONG = Text("ยาวเกิน {most} ตัวอักษร", "is longer than {most} characters")
TOO_SHORT = Text("ต้องไม่ว่าง", "must not be empty")
TOO_FEW = Text("ต้องมีอย่างน้อย {least} รายการ", "must have at least {least} entries")
TOO_MANY = Text("มีเกิน {most} รายการ", "has more than {most} entries")
WRONG_FORM = Text("ไม่ตรงรูปแบบ {pattern}", "is not of the form {pattern}")
MISSING = Text("ต้องมีฟิลด์นี้", "this field is required")
UNKNOWN = Text("ไม่รู้จักฟิลด์นี้", "this field is not known")

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Shape:
    """What a value looks like."""

    def schema(self) -> Schema:
        """The shape as JSON Schema; named things as references to `#/components/schemas`."""
        raise NotImplementedError

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        """Add what is wrong with `value`, each at its place: `place` and below, as a JSON Pointer (RFC 6901)."""
        raise NotImplementedError

    def parts(self) -> Sequence[Shape]:
        """The shapes inside this one."""
        return ()


@dataclass(frozen=True)
class Words(Shape):
    """Text of at most `longest` characters, of at least one when `needed`."""

    longest: int = 300
    needed: bool = False
    pattern: str = ""
    about: str = ""

    def schema(self) -> Schema:
        schema: Schema = {"type": "string", "maxLength": self.longest}
        if self.needed:
            schema["minLength"] = 1
        if self.pattern:
            schema["pattern"] = f"^{self.pattern}$"
        return schema | _said(self.about)

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        if not isinstance(value, str):
            problems.append(Problem(place, NOT_TEXT))
        elif len(value) > self.longest:
            problems.append(Problem(place, TOO_LONG.fill(most=f"{self.longest:,}")))
        elif self.needed and not value:
            problems.append(Problem(place, TOO_SHORT))
        elif _CONTROL.search(value):
            problems.append(Problem(place, NOT_CLEAN))
        elif self.pattern and re.fullmatch(self.pattern, value, re.ASCII) is None:
            problems.append(Problem(place, WRONG_FORM.fill(pattern=self.pattern)))


def _said(about: str) -> Schema:
    return {"description": about} if about else {}


@dataclass(frozen=True)
class OneOf(Shape):
    """One of some codes."""

    codes: tuple[str, ...]
    about: str = ""

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.codes)} | _said(self.about)

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        if not isinstance(value, str) or value not in self.codes:
            problems.append(Problem(place, NOT_OFFERED.fill(codes=", ".join(f"“{c}”" for c in self.codes))))


@dataclass(frozen=True)
class Whole(Shape):
    """A whole number."""

    low: int
    high: int
    about: str = ""

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high} | _said(self.about)

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        if type(value) is not int or not self.low <= value <= self.high:
            problems.append(Problem(place, NOT_WHOLE.fill(low=f"{self.low:,}", high=f"{self.high:,}")))


@dataclass(frozen=True)
class Flag(Shape):
    """True or false."""

    about: str = ""

    def schema(self) -> Schema:
        return {"type": "boolean"} | _said(self.about)

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        if type(value) is not bool:
            problems.append(Problem(place, NOT_FLAG))


@dataclass(frozen=True)
class Baht(Shape):
    """An amount of money: a decimal string of baht with two decimals, never a number."""

    may_be_negative: bool = False
    about: str = ""

    def schema(self) -> Schema:
        sign = "-?" if self.may_be_negative else ""
        return {
            "type": "string",
            "pattern": f"^{sign}(0|[1-9][0-9]{{0,12}})\\.[0-9]{{2}}$",
            "examples": ["1250000.50"],
        } | _said(self.about or "baht")

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        sign = "-?" if self.may_be_negative else ""
        form = rf"{sign}(0|[1-9][0-9]{{0,12}})\.[0-9]{{2}}"
        if (
            not isinstance(value, str)
            or re.fullmatch(form, value, re.ASCII) is None
            or abs(from_decimal_baht(value)) > LARGEST_SATANG
        ):
            problems.append(Problem(place, NOT_MONEY))


@dataclass(frozen=True)
class Moment(Shape):
    """A moment, RFC 3339 in UTC."""

    about: str = ""

    def schema(self) -> Schema:
        return {"type": "string", "format": "date-time", "examples": ["2026-11-23T04:00:00Z"]} | _said(
            self.about
        )

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        if not isinstance(value, str):
            problems.append(Problem(place, NOT_TEXT))


@dataclass(frozen=True)
class Day(Shape):
    """A calendar day."""

    about: str = ""

    def schema(self) -> Schema:
        return {"type": "string", "format": "date", "examples": ["2026-10-01"]} | _said(self.about)

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        try:
            is_day = isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
        except ValueError:
            is_day = False
        if not is_day:
            problems.append(Problem(place, NOT_DATE))


@dataclass(frozen=True)
class Listed(Shape):
    """A list of at most `most` of one kind, and no fewer than `least`."""

    item: Shape
    most: int = 10_000
    about: str = ""
    least: int = 0

    def schema(self) -> Schema:
        schema: Schema = {"type": "array", "items": self.item.schema(), "maxItems": self.most}
        if self.least:
            schema["minItems"] = self.least
        return schema | _said(self.about)

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        if not isinstance(value, list):
            problems.append(Problem(place, NOT_LIST))
            return
        if len(value) > self.most:
            problems.append(Problem(place, TOO_MANY.fill(most=f"{self.most:,}")))
            return
        if len(value) < self.least:
            problems.append(Problem(place, TOO_FEW.fill(least=f"{self.least:,}")))
        for n, item in enumerate(value):
            self.item.check(item, f"{place}/{n}", problems)

    def parts(self) -> Sequence[Shape]:
        return (self.item,)


@dataclass(frozen=True)
class Maybe(Shape):
    """Something, or null."""

    shape: Shape
    about: str = ""

    def schema(self) -> Schema:
        schema = self.shape.schema()
        if "$ref" in schema:
            return {"oneOf": [schema, {"type": "null"}]} | _said(self.about)
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        return schema | _said(self.about)

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        if value is not None:
            self.shape.check(value, place, problems)

    def parts(self) -> Sequence[Shape]:
        return (self.shape,)


@dataclass(frozen=True)
class Thing(Shape):
    """An object with these fields and no others; all must be there but the `optional` ones. A thing with a name stands
    once among the components of the document, with its `examples`."""

    name: str
    fields: Mapping[str, Shape]
    optional: frozenset[str] = field(default_factory=frozenset)
    about: str = ""
    examples: tuple[Mapping[str, Any], ...] = ()

    def schema(self) -> Schema:
        return {"$ref": f"#/components/schemas/{self.name}"}

    def whole(self) -> Schema:
        """The schema itself, for the components."""
        schema: Schema = {
            "type": "object",
            "properties": {name: shape.schema() for name, shape in self.fields.items()},
            "required": [name for name in self.fields if name not in self.optional],
            "additionalProperties": False,
        }
        if self.examples:
            schema["examples"] = [dict(example) for example in self.examples]
        return schema | _said(self.about)

    def check(self, value: Any, place: str, problems: list[Problem]) -> None:
        if not isinstance(value, dict):
            problems.append(Problem(place, NOT_OBJECT))
            return
        for name, shape in self.fields.items():
            if name in value:
                shape.check(value[name], f"{place}/{name}", problems)
            elif name not in self.optional:
                problems.append(Problem(f"{place}/{name}", MISSING))
        for name in value.keys() - self.fields.keys():
            shown = name.replace("~", "~0").replace("/", "~1")[:100]
            problems.append(Problem(f"{place}/{shown}", UNKNOWN))

    def parts(self) -> Sequence[Shape]:
        return tuple(self.fields.values())


BOTH = Thing("Text", {"th": Words(20_000), "en": Words(20_000)}, about="The same words in Thai and English")
PROBLEM_PLACE = Thing(
    "ProblemPlace",
    {
        "place": Words(
            300,
            about="A JSON Pointer into the body; `query.…`, `path.…` or `header.…` for the rest; or the place as the "
            "pages name it, such as budget-3-quantity, for what is wrong in the whole draft",
        ),
        "text": BOTH,
    },
)
PROBLEM = Thing(
    "Problem",
    {
        "type": Words(200),
        "title": Words(300),
        "status": Whole(400, 599),
        "detail": Words(5000),
        "problems": Listed(PROBLEM_PLACE),
    },
    about="Why a request was refused (RFC 9457). `title` and `detail` follow Accept-Language; every problem is told at "
    "once, in both languages",
)


def things_in(shape: Shape) -> dict[str, Thing]:
    """Every named thing a shape is made of, by name."""
    found = {shape.name: shape} if isinstance(shape, Thing) else {}
    for part in shape.parts():
        found |= things_in(part)
    return found
