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

_AGENCY = {"agency", "ministry"}
_LINK = {"link", "partner"}
_SERVICE = {"service", "users", "least"}
_BOUGHT = {"items", "amount"}
_MEASURE = {"indicator", "baseline", "target", "unit"}
_CARRIED = {"item", "number", "due", "after"}
_PAST = {"number", "as_of", "granted", "spent", "percent", "indicators", "reached", "source"}
_LISTED = {"item", "price", "reference", "name", "list", "percent"}
_PEERS = {"item", "price", "median", "lowest", "highest", "lines"}
_OTHER = {"number", "title", "agency", "year"}

# check -> reason -> the values its wording may name in {braces}
REASONS: dict[str, dict[str, set[str]]] = {
    "eligibility": {
        "may_file": _AGENCY,
        "no_ministry": {"agency"},
        "agency_excluded": {"agency"},
        "ministry_excluded": _AGENCY,
    },
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
        "linked": _LINK,
        "confirmed": _LINK,
        "confirmed_own_money": _LINK,
        "confirmed_no_money": _LINK,
        "asked": _LINK,
        "not_asked": _LINK,
        "declined": _LINK,
        "own_agency": _LINK,
        "partner_unregistered": _LINK,
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
        "same_ministry_only": _SERVICE | {"ministry"},
        "shared": _SERVICE,
    },
    "integration": {
        "both_forms": set(),
        "form_one": set(),
        "form_two": set(),
        "doubtful": set(),
        "neither": set(),
    },
    "cloud": {
        "no_hardware": set(),
        "explained": _BOUGHT | {"said"},
        "named_without_reason": _BOUGHT,
        "unexplained": _BOUGHT,
    },
    "indicators": {
        "measurable": {"indicators"},
        "none": set(),
        "no_number": {"indicator", "target"},
        "no_unit": {"indicator"},
        "unchanged": _MEASURE,
        "not_above": _MEASURE,
        "not_below": _MEASURE,
    },
    "commitments": {
        "none": set(),
        "consistent": {"lines", "amount"},
        "category": {"item", "category"},
        "too_long": {"item", "most"},
        "gap": {"item", "year"},
        "first_year_low": {"item", "first", "whole", "percent", "least"},
        "not_carried": _CARRIED,
        "carried_differently": _CARRIED | {"asked", "bound"},
    },
    "readiness": {
        "no_capital": set(),
        "ready": {"amount"},
        "missing": {"document", "amount", "least"},
    },
    "past": {
        "new_project": set(),
        "draft": {"number"},
        "nothing_reported": {"number"},
        "good": _PAST,
        "little_spent": _PAST | {"least"},
        "no_results": _PAST,
        "few_reached": _PAST | {"least"},
    },
    "reference_prices": {
        "no_list": set(),
        "not_listed": {"list"},
        "near": {"lines", "list"},
        "above": _LISTED,
        "below": _LISTED,
        "other_unit": {"item", "list", "unit", "listed"},
    },
    "peer_prices": {"draft": set(), "no_peers": set(), "near": {"lines"}, "above": _PEERS, "below": _PEERS},
    "overlap": {
        "draft": set(),
        "not_compared": set(),
        "none": set(),
        "similar": _OTHER | {"percent"},
        "similar_withheld": {"percent"},
    },
    "duplicate": {
        "draft": set(),
        "not_compared": set(),
        "none": set(),
        "judged": _OTHER | {"verdict", "why"},
        "judged_withheld": {"verdict"},
        "gives_way": _OTHER | {"why"},
        "gives_way_withheld": set(),
        "stands": _OTHER | {"why"},
        "stands_withheld": set(),
    },
}

_ANSWERS = ("confirmed", "confirmed_own_money", "confirmed_no_money", "asked", "not_asked", "declined")
# check -> the conclusions that are a plain pass; every other one needs words for what would change it
PLAIN: dict[str, set[str]] = {
    "eligibility": {"may_file"},
    "window": {"draft", "inside", "in_grace"},
    "complete": {"complete"},
    "structure": {"consistent"},
    "sums": {"exact"},
    "form_one": {
        "linked",
        "confirmed",
        "confirmed_own_money",
        "confirmed_no_money",
        "curriculum",
        "standard",
    },
    "form_two": {"shared", "shared_with_all"},
    "integration": {"both_forms", "form_one", "form_two"},
    "cloud": {"no_hardware", "explained"},
    "indicators": {"measurable"},
    "commitments": {"none", "consistent"},
    "readiness": {"no_capital", "ready"},
    "past": {"new_project", "draft", "good"},
    "reference_prices": {"no_list", "not_listed", "near", "other_unit"},
    "peer_prices": {"draft", "no_peers", "near"},
    "overlap": {"draft", "not_compared", "none"},
    "duplicate": {"draft", "not_compared", "none", "judged", "judged_withheld", "stands", "stands_withheld"},
}

# check -> reason -> the parameter without which it is never reached, so that its words may be missing
ONLY_WITH: dict[str, dict[str, str]] = {
    "form_one": dict.fromkeys(_ANSWERS, "needs_confirmation"),
    "form_two": {"same_ministry_only": "least_outside_ministry"},
}


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word.strip() for word in value)


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    def is_whole(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return is_whole


_MOST_BAHT = 1_000_000_000_000
_is_baht, _is_share = _whole(0, _MOST_BAHT), _whole(0, 100)


def _is_yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def _is_documents(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_baht(least) for least in value.values())


Usable = Callable[[Any], bool]
_LINKS: dict[str, Usable] = {"prescribed_curricula": _is_words, "needs_confirmation": _is_yes_or_no}
_USERS: dict[str, Usable] = {
    "least_user_agencies": _whole(1, 10_000),
    "least_outside_ministry": _whole(0, 10_000),
}
_FACTORS: dict[str, Usable] = {"above_percent": _whole(100, 100_000), "below_percent": _whole(0, 100)}

# check -> parameter -> whether a value of it can be used
PARAMETERS: dict[str, dict[str, Usable]] = {
    "eligibility": {"excluded_agencies": _is_words, "excluded_ministries": _is_words},
    "form_one": _LINKS,
    "form_two": _USERS,
    "integration": _LINKS | _USERS,
    "cloud": {
        "hardware": _is_words,
        "but": _is_words,
        "cloud": _is_words,
        "why": _is_words,
        "from_baht": _is_baht,
    },
    "indicators": {"less_is_better": _is_words},
    "commitments": {"categories": _is_words, "least_first_percent": _is_share},
    "readiness": {"categories": _is_words, "documents": _is_documents},
    "past": {"least_spent_percent": _is_share, "least_reached_percent": _is_share},
    "reference_prices": _FACTORS,
    "peer_prices": _FACTORS | {"least_lines": _whole(1, 10_000)},
    "overlap": {"least_score": _whole(0, 1000)},
}


def check_rulebook(rulebook: Rulebook) -> None:
    """Raise `Refused` with everything that would break a screening: a check nobody wrote, words missing for a
    conclusion or naming values it does not have, a parameter that is unknown or of the wrong kind."""
    problems = [problem for rule in rulebook.rules for problem in _problems(rule)]
    if problems:
        raise Refused(Text("ชุดข้อกำหนดยังใช้ไม่ได้", "The rulebook cannot be used as it stands"), problems)


def needed_reasons(rule: RuleEntry) -> dict[str, set[str]]:
    """The conclusions a rule can reach with its parameters, each with the values its wording may name."""
    conditional = ONLY_WITH.get(rule.check, {})
    return {
        reason: values
        for reason, values in REASONS[rule.check].items()
        if reason not in conditional or rule.parameters.get(conditional[reason])
    }


def _problems(rule: RuleEntry) -> Iterator[Problem]:
    at = f"rules.{rule.code}"
    if rule.check not in CHECKS:
        words = Text("ไม่มีการตรวจชื่อ {c}", "there is no check named {c}").fill(c=rule.check)
        yield Problem(f"{at}.check", words)
        return
    for reason in needed_reasons(rule):
        if reason not in rule.reasons:
            words = Text("ขาดถ้อยคำของผลนี้", "the wording of this conclusion is missing")
            yield Problem(f"{at}.reasons.{reason}", words)
    for reason, wording in rule.reasons.items():
        place, values = f"{at}.reasons.{reason}", REASONS[rule.check].get(reason)
        if values is None:
            yield Problem(place, Text("การตรวจนี้ไม่มีผลชื่อนี้", "the check never reaches this conclusion"))
            continue
        if wording.remedy is None and reason not in PLAIN[rule.check]:
            words = Text("ขาดถ้อยคำว่าทำอย่างไรผลจึงเปลี่ยน", "the words for what would change this are missing")
            yield Problem(f"{place}.remedy", words)
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
