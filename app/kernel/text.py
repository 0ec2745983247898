"""Bilingual text: both languages stand side by side at the place of use.

A translation cannot be forgotten, because a `Text` cannot be made without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.kernel.lean import dataclass

Language = Literal["th", "en"]
LANGUAGES: tuple[Language, ...] = ("th", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or name in Thai and English; `{name}` places are filled by `fill`."""

    th: str
    en: str

    def say(self, language: str) -> str:
        """The wording in `language`; Thai for any language other than "en"."""
        return self.en if language == "en" else self.th

    def fill(self, **values: Any) -> Text:
        """Fill the `{name}` places of both wordings; a `Text` value is filled per language."""
        return Text(
            self.th.format_map({k: say(v, "th") for k, v in values.items()}),
            self.en.format_map({k: say(v, "en") for k, v in values.items()}),
        )

    def as_dict(self) -> dict[str, str]:
        return {"th": self.th, "en": self.en}

    @classmethod
    def from_dict(cls, value: Mapping[str, str]) -> Text:
        return cls(value["th"], value["en"])


def say(value: Any, language: str) -> Any:
    """`value` in `language` when it is a `Text`, else `value` itself."""
    return value.say(language) if isinstance(value, Text) else value
