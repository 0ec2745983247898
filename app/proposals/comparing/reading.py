"""One field's value on both sides, into the change a reader sees, or none."""

from __future__ import annotations

from typing import Any

from app.kernel.money import MoneyError, format_baht, parse_baht
from app.kernel.text import Text
from app.proposals.comparing.changes import FieldChange, ListChange, Words, signed_baht, signed_count
from app.proposals.comparing.marking import mark_differences
from app.proposals.comparing.shape import Field, Kind, Names
from app.proposals.comparing.unread import Unread

YES, NO = Text("ใช่", "Yes"), Text("ไม่ใช่", "No")


def compare_values(
    field: Field, place: str, before: Any, after: Any, names: Names, name: Text | None = None
) -> FieldChange | ListChange | None:
    """The change of one field; None when a reader would see none. `name` instead of the field's own."""
    name = name or field.name
    if isinstance(before, Unread) or isinstance(after, Unread):
        return _compare_unread(field, place, name, before, after, names)
    if field.kind is Kind.CODES:
        return _compare_lists(field, place, name, before or [], after or [], names)
    if _same(field, before, after):
        return None
    old, new = say_value(field, before, names), say_value(field, after, names)
    if field.kind is Kind.TEXT:
        return FieldChange(place, name, old, new, mark_differences(str(old), str(new)))
    return FieldChange(
        place, name, old, new, difference=_difference(field, before, after), is_number=is_number(field)
    )


def is_number(field: Field) -> bool:
    """Whether its values are amounts or whole numbers."""
    return field.kind in (Kind.AMOUNT, Kind.COUNT)


def say_value(field: Field, value: Any, names: Names) -> Words:
    """One value of a field as it is shown: codes by their names, amounts in baht; "" for nothing."""
    if isinstance(value, Unread):
        return value.raw
    if value is None or value == "":
        return ""
    if field.kind is Kind.CODE:
        return names.name(field.names, str(value))
    if field.kind is Kind.FLAG:
        return YES if value else NO
    if field.kind is Kind.CODES:
        said = [names.name(field.names, str(code)) for code in value]
        return Text(
            "\n".join(w.th if isinstance(w, Text) else w for w in said),
            "\n".join(w.en if isinstance(w, Text) else w for w in said),
        )
    number = read_number(field, value)
    if number is None:
        return str(value)
    return format_baht(number) if field.kind is Kind.AMOUNT else f"{number:,}"


def read_number(field: Field, value: Any) -> int | None:
    """Satang of an amount, the number of a count; None for nothing or what cannot be read."""
    if isinstance(value, Unread):
        return None
    text = "" if value is None else str(value).strip()
    if field.kind is Kind.COUNT:
        return int(text) if text.isdecimal() and len(text) <= 15 else None
    if field.kind is Kind.AMOUNT and text:
        try:
            return parse_baht(text)
        except MoneyError:
            return None
    return None


def _same(field: Field, before: Any, after: Any) -> bool:
    before, after = ("" if value is None else value for value in (before, after))
    if before == after:
        return True
    if field.kind is Kind.FLAG:
        return bool(before) == bool(after)
    if not is_number(field):
        return False
    old, new = read_number(field, before), read_number(field, after)
    if field.blank_is_zero:
        old, new = (0 if value == "" else number for value, number in ((before, old), (after, new)))
    return old is not None and old == new


def _difference(field: Field, before: Any, after: Any) -> str:
    """Signed, of what can be read; nothing counts as zero where the other side is a number."""
    old, new = read_number(field, before), read_number(field, after)
    if before in ("", None):
        old = 0
    if after in ("", None):
        new = 0
    if old is None or new is None or old == new or not is_number(field):
        return ""
    return signed_baht(new - old) if field.kind is Kind.AMOUNT else signed_count(new - old)


def _compare_unread(
    field: Field, place: str, name: Text, before: Any, after: Any, names: Names
) -> FieldChange | None:
    if before == after:
        return None
    old, new = say_value(field, before, names), say_value(field, after, names)
    is_text = isinstance(old, str) and isinstance(new, str) and field.kind is Kind.TEXT
    return FieldChange(
        place,
        name,
        old,
        new,
        mark_differences(str(old), str(new)) if is_text else (),
        is_number=is_number(field),
        before_unread=isinstance(before, Unread),
        after_unread=isinstance(after, Unread),
    )


def _compare_lists(
    field: Field, place: str, name: Text, before: list[str], after: list[str], names: Names
) -> ListChange | None:
    if before == after:
        return None
    return ListChange(
        place,
        name,
        tuple(names.name(field.names, code) for code in dict.fromkeys(after) if code not in before),
        tuple(names.name(field.names, code) for code in dict.fromkeys(before) if code not in after),
    )
