"""Finding projects of a year: in words inside unspaced Thai, by group, in an order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from app.kernel.lean import dataclass
from app.kernel.thai_text import search_key
from app.releases.facts import PublicAgency, PublicProject, PublicYear

PAGE = 50
ORDERS = ("number", "approved", "spent", "title")


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; "" asks for nothing. `order` is one of `ORDERS`, `page` counts from 1."""

    text: str = ""
    stage: str = ""
    guideline: str = ""
    focus_area: str = ""
    ministry: str = ""
    agency: str = ""
    state: str = ""
    order: str = "number"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, how many there are in all, and their sums."""

    projects: Sequence[PublicProject]
    count: int
    approved: int
    disbursed: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))


@dataclass(frozen=True)
class OpenYear:
    """A release as it is read: the year, with what is looked up in it again and again."""

    year: PublicYear

    @cached_property
    def projects(self) -> dict[str, PublicProject]:
        return {p.number: p for p in self.year.projects}

    @cached_property
    def agencies(self) -> dict[str, PublicAgency]:
        return {a.code: a for a in self.year.agencies}

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        return {(n.kind, n.code): n.name.th for n in self.year.names}

    @cached_property
    def _keys(self) -> dict[str, str]:
        """What each project is found by: its number, its titles and the names of who carries it out."""
        return {
            p.number: search_key(
                " ".join(
                    (
                        p.number,
                        p.id,
                        p.title.th,
                        p.title.en,
                        *(f"{self.agencies[a].name.th} {self.agencies[a].name.en}" for a in p.agencies),
                    )
                )
            )
            for p in self.year.projects
        }

    def find(self, question: Question) -> Found:
        """The projects that hold every word and belong to every group asked for."""
        words = search_key(question.text).split()
        ministry_of = {code: a.ministry_code for code, a in self.agencies.items()}
        found = [
            p
            for p in self.year.projects
            if all(word in self._keys[p.number] for word in words)
            and question.stage in ("", p.stage)
            and question.guideline in ("", p.guideline)
            and question.focus_area in ("", p.focus_area)
            and question.state in ("", p.state)
            and (not question.agency or question.agency in p.agencies)
            and (not question.ministry or question.ministry in {ministry_of[a] for a in p.agencies})
        ]
        if question.order == "approved":
            found.sort(key=lambda p: (-p.approved, p.number))
        elif question.order == "spent":
            found.sort(key=lambda p: (-p.disbursed, p.number))
        elif question.order == "title":
            found.sort(key=lambda p: (p.title.th, p.number))
        pages = max(1, -(-len(found) // PAGE))
        page = min(max(1, question.page), pages)
        return Found(
            found[(page - 1) * PAGE : page * PAGE],
            len(found),
            sum(p.approved for p in found),
            sum(p.disbursed for p in found),
            page,
        )
