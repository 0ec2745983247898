"""Whether a rulebook can be used: its checks exist, and it has words and parameters for all they may conclude."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import Formatter
from typing import Any

from app.calls.facts import Rulebook, RuleEntry
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.screening.rules import CHECKS

_SERVICE = {"service", "users", "least"}

# check -> reason -> the values its wording may name in {braces}
REASONS: dict[str, dict[str, set[str]]] = {
    "window": {
        "draft": set(),
        "inside": {"arrived"},
        "in_grace": {"arrived", "closes", "until"},
        "outside": {"arrived", "opens", "closes"},
    },
    "complete": {"complete": set(), "missing": {"problem"}},
    "structure": {"consistent": set(), "inconsistent": {"problem"}},
    "sums": {"exact": set(), "wrong": {"problem"}},
    "form_one": {
        "linked": {"link", "partner"},
        "own_agency": {"link", "partner"},
        "partner_unregistered": {"link", "partner"},
        "no_partner": {"link"},
        "curriculum": {"curriculum"},
        "curriculum_not_prescribed": {"curriculum"},
        "no_curriculum": set(),
        "standard": {"standard", "scope"},
        "standard_without_scope": {"standard"},
        "no_standard": set(),
        "not_claimed": set(),
    },
    "form_two": {
        "not_claimed": set(),
        "charge_unknown": _SERVICE,
        "charged": _SERVICE,
        "shared_with_all": _SERVICE,
        "too_few_users": _SERVICE,
        "shared": _SERVICE,
    },
    "integration": {
        "both_forms": set(),
        "form_one": set(),
        "form_two": set(),
        "doubtful": set(),
        "neither": set(),
    },
}


def _is_codes(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(code, str) for code in value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


Usable = Callable[[Any], bool]
_CURRICULA: dict[str, Usable] = {"prescribed_curricula": _is_codes}
_USERS: dict[str, Usable] = {"least_user_agencies": _is_count}

# check -> parameter -> whether a value of it can be used
PARAMETERS: dict[str, dict[str, Usable]] = {
    "form_one": _CURRICULA,
    "form_two": _USERS,
    "integration": _CURRICULA | _USERS,
}


def check_rulebook(rulebook: Rulebook) -> None:
    """Raise `Refused` with everything that would break a screening: a check nobody wrote, words missing for a
    conclusion or naming values it does not have, a parameter that is unknown or of the wrong kind."""
    problems = [problem for rule in rulebook.rules for problem in _problems(rule)]
    if problems:
        raise Refused(Text("ชุดข้อกำหนดยังใช้ไม่ได้", "The rulebook cannot be used as it stands"), problems)


def _problems(rule: RuleEntry) -> Iterator[Problem]:
    at = f"rules.{rule.code}"
    if rule.check not in CHECKS:
        words = Text("ไม่มีการตรวจชื่อ {c}", "there is no check named {c}").fill(c=rule.check)
        yield Problem(f"{at}.check", words)
        return
    for reason, values in REASONS[rule.check].items():
        place = f"{at}.reasons.{reason}"
        wording = rule.reasons.get(reason)
        if wording is None:
            yield Problem(place, Text("ขาดถ้อยคำของผลนี้", "the wording of this conclusion is missing"))
            continue
        texts = [wording.text, wording.remedy] if wording.remedy else [wording.text]
        if not all(_names(t) <= values for text in texts for t in (text.th, text.en)):
            known = ", ".join(sorted(values)) or "–"
            words = Text("ใช้ได้เฉพาะค่าในวงเล็บปีกกา: {known}", "may name in braces only: {known}")
            yield Problem(place, words.fill(known=known))
    usable = PARAMETERS.get(rule.check, {})
    for name, value in rule.parameters.items():
        if name not in usable:
            yield Problem(f"{at}.parameters.{name}", Text("ไม่รู้จักพารามิเตอร์นี้", "is not a known parameter"))
        elif not usable[name](value):
            yield Problem(f"{at}.parameters.{name}", Text("ค่าใช้ไม่ได้", "has a value that cannot be used"))


def _names(wording: str) -> set[str]:
    """What a wording names in braces; what cannot be read, or asks for more than the value, counts as unknown."""
    try:
        fields = [field for field in Formatter().parse(wording) if field[1] is not None]
    except ValueError:
        return {"{"}
    return {f"{name}{':' if spec or conversion else ''}" for _, name, spec, conversion in fields}
