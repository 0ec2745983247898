"""Drafts of synthetic proposals: every section written, in official Thai, from the building pieces."""

from __future__ import annotations

from enum import StrEnum

from app.cli.demo.budgets import HUNDRED_BAHT, Share, amount_of, budget_rows, split_amount
from app.cli.demo.dice import Dice
from app.cli.demo.subjects import Subject, agency_names, holdings, join_names, spaced, wording
from app.kernel.lean import dataclass
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.proposals.drafts import Draft, empty_draft

CURRICULA = ("dg-foundation", "dg-leadership", "dg-data", "dg-security", "dg-service")
STRATEGY_OF_FOCUS = {
    focus: strategy
    for strategy, areas in {"2": "1 2 4 7", "3": "3 6 8 9", "4": "5 10"}.items()
    for focus in areas.split()
}


class Flaw(StrEnum):
    """What is doubtful or wrong with a proposal: most often its evidence of integration."""

    NONE = ""
    OWN_AGENCY = "own_agency"
    CHARGED = "charged"
    TOO_FEW_USERS = "too_few_users"
    OWN_USE_ONLY = "own_use_only"
    STATE_ENTERPRISE = "state_enterprise"
    PRIVATE_PARTNER = "private_partner"
    OTHER_CURRICULUM = "other_curriculum"
    UNCONFIRMED = "unconfirmed"  # no partner has answered by the filing
    BARE_SERVER = "bare_server"  # buys servers and does not say why the government cloud does not serve
    VAGUE_INDICATOR = "vague_indicator"  # a target without a number
    SLOW_START = "slow_start"  # binds years of money and asks little in the first


# of these the evidence itself is sound
SOUND_EVIDENCE = frozenset(
    {Flaw.NONE, Flaw.UNCONFIRMED, Flaw.BARE_SERVER, Flaw.VAGUE_INDICATOR, Flaw.SLOW_START}
)


@dataclass(frozen=True, slots=True)
class Idea:
    """A proposal before it is written. `participants` have money of their own; `amount` is satang; `reducible` ones say
    with how much less they would still work."""

    subject: Subject
    participants: tuple[str, ...]
    amount: int
    flaw: Flaw = Flaw.NONE
    continued: bool = False
    reducible: bool = False

    @property
    def lead(self) -> str:
        return self.subject.agency

    @property
    def agencies(self) -> tuple[str, ...]:
        return (self.lead, *self.participants)


def write_draft(dice: Dice, idea: Idea) -> Draft:
    """A complete draft of an idea, in the shape of `app.proposals.drafts`."""
    title = _title(dice, idea)
    values = _values(dice, idea)
    shares = split_amount(dice, idea.amount, idea.lead, idea.participants)
    draft = _sections(dice, idea, title, values, shares)
    if idea.flaw is not Flaw.BARE_SERVER and any("แม่ข่าย" in row["item"] for row in draft["budget"]["rows"]):
        why = Dice(f"cloud-{idea.lead}-{idea.subject.name.en}").pick(wording()["cloud"]["why"])
        draft["rationale"]["rationale"] += f"\n{why}"
    if idea.flaw is Flaw.VAGUE_INDICATOR:
        draft["indicators"]["rows"][0]["target"] = wording()["flaws"]["vague_target"]
    if idea.flaw is Flaw.SLOW_START:
        row = draft["budget"]["rows"][0]
        row |= {
            year: decimal_baht(int(row["unit_price"].replace(".", "")) * 3) for year in ("later1", "later2")
        }
    if idea.reducible:
        draft["budget"] |= _least(idea, draft["budget"]["rows"])
    return draft


def _least(idea: Idea, rows: list[dict[str, str]]) -> dict[str, str]:
    """The amount with three fifths of the lead's main line and nothing of what it buys beside that."""
    main, *beside = [row for row in rows if row["agency"] == idea.lead]
    put_off = amount_of(main) * 2 // 5 // HUNDRED_BAHT * HUNDRED_BAHT
    items = " ".join(f"({n}) {row['item']}" for n, row in enumerate(beside, 1))
    return {
        "least": decimal_baht(idea.amount - put_off - sum(map(amount_of, beside))),
        "least_scope": spaced(wording()["least"]["scope"].format(main=main["item"], items=items)),
    }


def _sections(dice: Dice, idea: Idea, title: Text, values: dict[str, str], shares: list[Share]) -> Draft:
    return empty_draft() | {
        "names": {
            "title_th": title.th,
            "title_en": title.en,
            "participants": list(idea.participants),
        },
        "plan": _plan(idea.subject),
        "integration": _integration(dice, idea),
        "rationale": _rationale(dice, idea.subject.kind, values),
        "indicators": {"rows": _indicators(dice, idea.subject.kind, values)},
        "budget": {"rows": budget_rows(dice, idea.subject, shares)},
    }


def _title(dice: Dice, idea: Idea) -> Text:
    pattern = dice.pick(wording()["titles"][idea.subject.kind])
    name, agency = idea.subject.name, agency_names()[idea.lead]
    title = Text(pattern["th"], pattern["en"]).fill(subject=name, agency=agency)
    title = Text(spaced(title.th), title.en)
    if idea.continued:
        return Text.from_dict(wording()["titles"]["continued"]).fill(title=title)
    return title


def _plan(subject: Subject) -> dict[str, str]:
    strategy = STRATEGY_OF_FOCUS.get(subject.focus, "1")
    if subject.kind == "infra":
        stage, guideline = "upstream", "1.2"
    elif subject.kind in ("skill", "standard"):
        stage, guideline = "upstream", "1.1"
    elif subject.kind == "platform":
        stage, guideline = "midstream", "2.1"
    elif strategy == "1":
        stage, guideline = "upstream", "1.1"
    else:
        stage, guideline = "downstream", "3.1"
    return {
        "stage": stage,
        "guideline": guideline,
        "strategy": strategy,
        "focus_area": subject.focus,
    }


def _integration(dice: Dice, idea: Idea) -> dict[str, object]:
    subject, flaw = idea.subject, idea.flaw
    section: dict[str, object] = dict(empty_draft()["integration"])
    if flaw in (Flaw.CHARGED, Flaw.TOO_FEW_USERS, Flaw.OWN_USE_ONLY):
        users = {
            Flaw.CHARGED: list(subject.partners),
            Flaw.TOO_FEW_USERS: [idea.lead, *subject.partners[:1]],
            Flaw.OWN_USE_ONLY: [idea.lead],
        }[flaw]
        return section | _service(subject, free=flaw is not Flaw.CHARGED, users=users)
    if flaw in (Flaw.OWN_AGENCY, Flaw.STATE_ENTERPRISE, Flaw.PRIVATE_PARTNER):
        return section | {"forms": ["link"], "links": [_doubtful_link(dice, idea)]}
    if subject.kind == "skill":
        code = "other" if flaw is Flaw.OTHER_CURRICULUM else dice.pick(CURRICULA)
        return section | {"forms": ["curriculum"], "curriculum": code}
    if subject.kind == "standard":
        section |= {
            "standard": subject.name.th,
            "standard_scope": dice.pick(wording()["standards"]["scope"]),
        }
        return section | {"forms": ["standard"]}
    if subject.kind in ("platform", "infra"):
        everybody = subject.kind == "infra" or dice.chance(30)
        users = [] if everybody else [*subject.partners, *_more_users(dice, idea)]
        section |= _service(subject, free=True, users=users)
        if dice.chance(70):
            section |= {"forms": ["link", "shared_service"], "links": _links(dice, subject)}
        return section
    return section | {"forms": ["link"], "links": _links(dice, subject)}


def _service(subject: Subject, *, free: bool, users: list[str]) -> dict[str, object]:
    return {
        "forms": ["shared_service"],
        "service_name": subject.service or subject.name.th,
        "service_free": "yes" if free else "no",
        "service_all": not users,
        "service_users": users,
    }


def _more_users(dice: Dice, idea: Idea) -> list[str]:
    taken = {idea.lead, *idea.subject.partners}
    return dice.some([code for code in agency_names() if code not in taken], dice.between(1, 9))


def _links(dice: Dice, subject: Subject) -> list[dict[str, str]]:
    return [_link(dice, subject, partner) for partner in subject.partners]


def _link(dice: Dice, subject: Subject, partner: str) -> dict[str, str]:
    kind = "system" if dice.chance(20) else "data"
    direction = dice.pick(("consumes", "consumes", "both", "provides"))
    return {
        "kind": kind,
        # what is given is the agency's own, what is taken the partner's
        "name": holdings()[subject.agency if direction == "provides" else partner],
        "direction": direction,
        "partner": partner,
        "partner_other": "",
        "channel": _channel(dice, subject, partner),
    }


def _channel(dice: Dice, subject: Subject, partner: str) -> str:
    if partner == "dopa":
        return "linkage_center"
    if subject.kind == "open":
        return "tax_where" if partner in ("bb", "cgd") else "data_go_th"
    if subject.kind == "service" and partner in ("dga", "opdc"):
        return "biz_portal" if subject.focus == "6" else "citizen_portal"
    return dice.pick(("gdx", "gdx", "gdx", "direct_api"))


def _doubtful_link(dice: Dice, idea: Idea) -> dict[str, str]:
    pieces = wording()["flaws"]
    own = idea.flaw is Flaw.OWN_AGENCY
    group = "state_enterprises" if idea.flaw is Flaw.STATE_ENTERPRISE else "private_bodies"
    return {
        "kind": "data",
        "name": pieces["own_agency_link"] if own else holdings()[idea.lead],
        "direction": "both",
        "partner": idea.lead if own else "",
        "partner_other": "" if own else dice.pick(pieces[group]),
        "channel": "direct_api",
    }


def _values(dice: Dice, idea: Idea) -> dict[str, str]:
    """What fills the building pieces: the same numbers wherever one proposal uses them."""
    partners = idea.subject.partners if idea.flaw in SOUND_EVIDENCE else ()
    return {
        "subject": idea.subject.name.th,
        "agency": agency_names()[idea.lead].th,
        "partners": join_names(partners),
        "linked": str(len(partners) or 2),
        "n": str(dice.between(3, 18)),
        "people": f"{dice.between(3, 60) * 50:,}",
        "low": str(dice.between(20, 55)),
        "high": str(dice.between(80, 95)),
        "few": str(dice.between(8, 60)),
        "big": f"{dice.between(20, 900) * 1000:,}",
    }


def _rationale(dice: Dice, kind: str, values: dict[str, str]) -> dict[str, str]:
    pieces = wording()
    suffix = "_skill" if kind == "skill" else ""
    paragraphs = (
        dice.pick(pieces["rationale"][f"opening{suffix}"]),
        dice.pick(pieces["rationale"][kind]),
        dice.pick(pieces["rationale"][f"closing{suffix}"]),
    )
    return {
        "rationale": spaced("\n".join(paragraphs).format(**values)),
        "objectives": _numbered(dice.some(pieces["objectives"][kind], 3), values),
        "outputs": _numbered(pieces["outputs"][kind], values),
    }


def _numbered(lines: list[str], values: dict[str, str]) -> str:
    return spaced("\n".join(f"{n}. {line.format(**values)}" for n, line in enumerate(lines, 1)))


def _indicators(dice: Dice, kind: str, values: dict[str, str]) -> list[dict[str, str]]:
    chosen = dice.some(wording()["indicators"][kind], dice.between(2, 4))
    return [
        {
            "name": name,
            "unit": unit,
            "baseline": baseline.format(**values),
            "target": target.format(**values),
        }
        for name, unit, baseline, target in chosen
    ]
