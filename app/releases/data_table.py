"""What a table of open data is, and the names its codes stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.releases.columns import Column
from app.releases.facts import PublicAgency, PublicYear


@dataclass(frozen=True, slots=True)
class DataTable:
    """One file of open data. `key` names the columns that together tell one row from all others."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a year's agencies and of the codes of its plan structure."""

    agencies: Mapping[str, PublicAgency]
    kinds: Mapping[tuple[str, str], Text]

    @classmethod
    def of(cls, year: PublicYear) -> Names:
        return cls({a.code: a for a in year.agencies}, {(n.kind, n.code): n.name for n in year.names})

    def agency(self, code: str) -> tuple[str, str, str]:
        name = self.agencies[code].name
        return code, name.th, name.en

    def ministry_of(self, code: str) -> tuple[str, str, str]:
        agency = self.agencies[code]
        return agency.ministry_code, agency.ministry.th, agency.ministry.en

    def kind(self, kind: str, code: str) -> tuple[str, str, str]:
        name = self.kinds.get((kind, code), Text(code, code))
        return code, name.th, name.en
