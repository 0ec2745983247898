"""What synthetic proposals are about, and the words they are written with."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.cli.call_files import read_toml
from app.cli.register import read_register
from app.kernel.lean import dataclass
from app.kernel.text import Text

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Subject:
    """What a proposal is about: who leads, the kind of work, the focus area ("" for none), whom it links with.
    `service` is what a central service it builds is called, "" where that is the subject's own name."""

    agency: str
    kind: str
    focus: str
    name: Text
    partners: tuple[str, ...]
    service: str = ""


@lru_cache(maxsize=1)
def read_subjects() -> tuple[Subject, ...]:
    """Every subject of the file, in its order."""
    return tuple(
        Subject(
            s["agency"],
            s["kind"],
            s["focus"],
            Text(s["th"], s["en"]),
            tuple(s["partners"]),
            s.get("service", ""),
        )
        for s in read_toml(HERE / "subjects.toml")["subjects"]
    )


@lru_cache(maxsize=1)
def holdings() -> dict[str, str]:
    """Agency code -> the data it holds that others link to."""
    return dict(read_toml(HERE / "subjects.toml")["holdings"])


@lru_cache(maxsize=1)
def wording() -> dict[str, Any]:
    return read_toml(HERE / "wording.toml")


@lru_cache(maxsize=1)
def verdicts() -> dict[str, Any]:
    return read_toml(HERE / "verdicts.toml")


@lru_cache(maxsize=1)
def agency_names() -> dict[str, Text]:
    """Agency code -> name."""
    return {a.code: a.name for a in read_register().agencies}


def skill_subject(agency: str) -> Subject:
    """Raising an agency's own digital skills with the common curriculum."""
    return Subject(agency, "skill", "", Text("ทักษะดิจิทัลของบุคลากร", "digital skills of staff"), ())


def statement_subject(agency: str) -> Subject:
    """A register's statements and certificates, linked to those who ask companies for them on paper."""
    name = Text("งบการเงินและหนังสือรับรองนิติบุคคล", "financial statement and company certificate")
    return Subject(agency, "link", "6", name, ("rd", "sso"))


def owner_subject(agency: str) -> Subject:
    """Who owns a company and who profits from it, put together from the registers of several agencies."""
    name = Text("ผู้ถือหุ้นและผู้รับประโยชน์ที่แท้จริงของนิติบุคคล", "company shareholder and beneficial owner")
    return Subject(agency, "link", "6", name, ("rd", "dol", "led"))


def spaced(thai: str) -> str:
    """Thai text with the space that belongs after a bracketed part, as in "(องค์การมหาชน) และ"."""
    return re.sub(r"\)(?=[ก-๙])", ") ", thai)


def join_names(codes: tuple[str, ...]) -> str:
    """Agency names as a Thai sentence lists them."""
    names = [agency_names()[code].th for code in codes]
    if len(names) < 2:
        return names[0] if names else "หน่วยงานที่เกี่ยวข้อง"
    gap = " " if len(names) > 2 else ""
    return f"{' '.join(names[:-1])}{gap}และ{names[-1]}"
