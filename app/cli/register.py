"""The register file: ministries and agencies by official name, with codes and English names."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from app.cli.call_files import read_toml
from app.kernel.canonical import sha256_text
from app.kernel.lean import dataclass
from app.kernel.text import Text

REGISTER = Path(__file__).with_name("register.toml")


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A ministry (`ministry` is "") or an agency, as the file names it."""

    code: str
    name: Text
    ministry: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """Ministries and agencies in file order, and English names of the FY2565 plan projects by Thai name."""

    ministries: tuple[RegisterEntry, ...]
    agencies: tuple[RegisterEntry, ...]
    plan_projects: dict[str, str]

    def ministry_named(self, thai: str) -> RegisterEntry:
        """The entry of a ministry; one the file does not know gets a code of its own and its Thai name twice."""
        return next((m for m in self.ministries if m.name.th == thai), _unknown("m", thai))

    def agency_named(self, thai: str) -> RegisterEntry:
        """The entry of an agency, or a made-up one as for ministries."""
        return next((a for a in self.agencies if a.name.th == thai), _unknown("a", thai))


def _unknown(prefix: str, thai: str) -> RegisterEntry:
    return RegisterEntry(f"{prefix}-{sha256_text(thai)[:12]}", Text(thai, thai))


@lru_cache(maxsize=1)
def read_register() -> Register:
    """The register of the repository."""
    document = read_toml(REGISTER)
    return Register(
        ministries=tuple(RegisterEntry(m["code"], Text(m["th"], m["en"])) for m in document["ministries"]),
        agencies=tuple(
            RegisterEntry(a["code"], Text(a["th"], a["en"]), a["ministry"]) for a in document["agencies"]
        ),
        plan_projects={p["th"]: p["en"] for p in document["plan_projects"]},
    )
