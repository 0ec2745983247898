"""Errors of the domain. They carry words for people and no HTTP; the web maps them once."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.findings import Problem
from app.kernel.text import Text

NOT_FOUND = Text("ไม่พบสิ่งที่ท่านขอ", "What you asked for was not found")
FORBIDDEN = Text("บัญชีของท่านไม่มีสิทธิ์ทำรายการนี้", "Your account is not allowed to do this")


class DomainError(Exception):
    """Something a person can understand and act on; `text` says it in both languages."""

    def __init__(self, text: Text):
        super().__init__(text.en)
        self.text = text


class NotFound(DomainError):
    """The thing does not exist, or the actor may not know that it does."""

    def __init__(self, text: Text = NOT_FOUND):
        super().__init__(text)


class Forbidden(DomainError):
    """The actor's roles do not allow this at all."""

    def __init__(self, text: Text = FORBIDDEN):
        super().__init__(text)


class Refused(DomainError):
    """The request is understood and cannot be done as it stands: all `problems` at once."""

    def __init__(self, text: Text, problems: Iterable[Problem] = ()):
        super().__init__(text)
        self.problems = tuple(problems)


class Stale(Refused):
    """Somebody else changed the same thing since it was opened; nothing was overwritten."""
