"""Forms: what was typed, read into values, with every problem in both languages and nothing typed lost.

    class InviteForm(Form):
        email = Line(Text("อีเมล", "E-mail"), needed=True, longest=254)
        ceiling = Baht(Text("วงเงิน", "Ceiling"))

    form = InviteForm(request.form)
    if problems := form.problems(): return render_template(..., form=form, problems=problems), 422

`form.email.data` is the value, `form.typed("email")` what was typed. Templates draw fields with
`macros/form.html`; WTForms only reads and checks. CSRF is checked for every POST by `CSRFProtect`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import wtforms

from app.kernel.findings import Problem
from app.kernel.money import MoneyError, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, arabic_digits, normalise

NEEDED = Text("กรุณากรอก{name}", "Enter: {name}")
CHOICE_NEEDED = Text("กรุณาเลือก{name}", "Choose: {name}")
TOO_LONG = Text(
    "{name}ยาวเกินไป กรอกได้ไม่เกิน {longest} ตัวอักษร (ขณะนี้ {length})",
    "{name} is too long: at most {longest} characters (now {length})",
)
NOT_OFFERED = Text("{name}ที่เลือกไม่มีในรายการ กรุณาเลือกใหม่", "{name}: this choice is not offered; choose again")
NOT_WHOLE = Text("{name}ต้องเป็นจำนวนเต็ม เช่น 12", "{name} must be a whole number, such as 12")
OUT_OF_RANGE = Text("{name}ต้องอยู่ระหว่าง {low} ถึง {high}", "{name} must be from {low} to {high}")

LARGEST_ID = 2**31 - 1


def read_id(typed: str | None) -> int | None:
    """A row id from a form or an address; None for anything that cannot be one."""
    if not typed or not typed.isascii() or not typed.isdigit() or len(typed) > 10:
        return None
    number = int(typed)
    return number if 0 < number <= LARGEST_ID else None


class _Field(wtforms.Field):  # type: ignore[misc]
    """One value. Problems are `Text`, so that they are told in the language of the reader."""

    def __init__(self, words: Text, *, needed: bool = False, **kwargs: Any):
        super().__init__(words.en, **kwargs)
        self.words = words
        self.needed = needed

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0] if valuelist else ""
        try:
            typed = normalise(typed)
            self.data = self.read(typed) if typed else self.nothing
        except (TextError, MoneyError) as error:
            self.data = self.nothing
            raise ValueError(error.text) from None

    nothing: Any = None

    def read(self, typed: str) -> Any:
        """The value of a text that is not empty; raises `ValueError(Text)`."""
        raise NotImplementedError

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            return
        if self.needed and self.data == self.nothing:
            raise wtforms.validators.StopValidation(self.refuse(NEEDED))

    def refuse(self, why: Text, **values: Any) -> Text:
        return why.fill(name=self.words, **values)


class Line(_Field):
    """A line of text, in one spelling; `data` is "" when nothing was typed."""

    nothing = ""

    def __init__(self, words: Text, *, longest: int = 300, **kwargs: Any):
        super().__init__(words, **kwargs)
        self.longest = longest

    def read(self, typed: str) -> str:
        if len(typed) > self.longest:
            raise ValueError(self.refuse(TOO_LONG, longest=self.longest, length=len(typed)))
        return " ".join(typed.split())


class Paragraphs(Line):
    """Longer text; line breaks stay."""

    def __init__(self, words: Text, *, longest: int = 6000, **kwargs: Any):
        super().__init__(words, longest=longest, **kwargs)

    def read(self, typed: str) -> str:
        super().read(typed)
        return typed


class Secret(_Field):
    """A password, exactly as typed."""

    nothing = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else ""


class Baht(_Field):
    """An amount in baht as people type it; `data` is satang."""

    def read(self, typed: str) -> int:
        return parse_baht(typed)


class WholeNumber(_Field):
    """A whole number; Thai digits and commas are understood."""

    def __init__(self, words: Text, *, low: int = 0, high: int = LARGEST_ID, **kwargs: Any):
        super().__init__(words, **kwargs)
        self.low, self.high = low, high

    def read(self, typed: str) -> int:
        digits = arabic_digits(typed).replace(",", "").replace(" ", "")
        if not digits.isascii() or not digits.isdigit():
            raise ValueError(self.refuse(NOT_WHOLE))
        number = int(digits[:19])
        if len(digits) > 19 or not self.low <= number <= self.high:
            raise ValueError(self.refuse(OUT_OF_RANGE, low=f"{self.low:,}", high=f"{self.high:,}"))
        return number


class Choice(_Field):
    """One code of a list; `offered` may be set before checking. `data` is "" when nothing was chosen."""

    nothing = ""
    offered: Collection[str]

    def __init__(self, words: Text, *, offered: Iterable[str] = (), **kwargs: Any):
        super().__init__(words, **kwargs)
        self.offered = frozenset(offered)

    def read(self, typed: str) -> str:
        return typed

    def pre_validate(self, form: Any) -> None:
        if self.needed and not self.data:
            raise wtforms.validators.StopValidation(self.refuse(CHOICE_NEEDED))
        if self.data and self.data not in self.offered:
            raise wtforms.validators.StopValidation(self.refuse(NOT_OFFERED))


class Form(wtforms.Form):  # type: ignore[misc]
    """A form as it was sent: `Form(request.form)`."""

    def problems(self) -> tuple[Problem, ...]:
        """Everything to mend, in the order of the fields; empty when all can be used."""
        self.validate()
        return tuple(Problem(name, why) for name, whys in self.errors.items() for why in whys[:1])

    def typed(self, name: str) -> str:
        """What was typed in a field, to show it again."""
        raw = self[name].raw_data
        return str(raw[0]) if raw else ""


def by_place(problems: Iterable[Problem]) -> dict[str, Text]:
    """Place -> the first problem there, for the fields of a template."""
    places: dict[str, Text] = {}
    for problem in problems:
        places.setdefault(problem.place, problem.text)
    return places
