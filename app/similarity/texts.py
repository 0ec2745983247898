"""From what a proposal says to what is compared of it, and to what it is searched by."""

from __future__ import annotations

import re

from app.kernel.lean import dataclass
from app.kernel.thai_text import TextError, search_key
from app.proposals.facts import ProposalFacts
from app.similarity.facts import Comparable, Item, Passage

_NOT_WORDS = re.compile(r"[^\w]+")
_TONES = re.compile("[\u0e47-\u0e4e]")
_LONGEST_MARK = 300
_SHORTEST_MARK = 4


def comparable_of(facts: ProposalFacts, key: int) -> Comparable:
    """What of a proposal is compared: its own words, its items, and what it names. Places are those of the form, such
    as "rationale-objectives", "integration-2-name" and "budget-3-item"."""
    i = facts.integration
    passages = (
        ("rationale-rationale", facts.rationale),
        ("rationale-objectives", facts.objectives),
        ("rationale-outputs", facts.outputs),
        ("integration-standard_scope", i.standard_scope),
        ("integration-curriculum_detail", i.curriculum_detail),
    )
    systems = (
        ("integration-service_name", i.shared_service.name),
        ("integration-standard", i.standard),
        *((f"integration-{n}-name", link.name) for n, link in enumerate(i.links, 1)),
    )
    partners = {link.partner.code for link in i.links if link.partner is not None}
    return Comparable(
        key=key,
        number=facts.number,
        fiscal_year=facts.fiscal_year,
        title=facts.title,
        lead=facts.lead.code,
        passages=tuple(Passage(place, text) for place, text in passages if text.strip()),
        items=tuple(
            Item(f"budget-{n}-item", line.item, line.amount)
            for n, line in enumerate(facts.lines, 1)
            if line.item.strip()
        ),
        systems=tuple(Passage(place, text) for place, text in systems if text.strip()),
        agencies=frozenset(a.code for a in facts.agencies),
        partners=frozenset(partners | {a.code for a in i.shared_service.users}),
        continues=facts.continues.number if facts.continues else "",
    )


@dataclass(frozen=True, slots=True)
class SearchText:
    """What one proposal is searched by. `names` (title, systems, items) say what it is in few words, `prose` at length;
    `marks` are what finds it where the same is named word for word, however little else is said."""

    key: int
    names: str
    prose: str
    marks: frozenset[str] = frozenset()


def search_text_of(one: Comparable) -> SearchText:
    """What a proposal is searched by. Any text will do, also one that is empty or cannot be read."""
    names = [one.title.th, one.title.en, *(s.text for s in one.systems), *(item.text for item in one.items)]
    marks = {f"name:{mark}" for s in one.systems if (mark := _mark(s.text))}
    if title := _mark(one.title.th):
        marks.add(f"name:{title}")
    # a project and what continues it hold the same number
    marks |= {f"number:{number}" for number in (one.number, one.continues) if number}
    return SearchText(one.key, "\n".join(names), "\n".join(p.text for p in one.passages), frozenset(marks))


def _mark(name: str) -> str:
    """A name as everybody might type it: no case, spaces, signs or tones. "" for what is too short to tell anything."""
    try:
        folded = search_key(name[:_LONGEST_MARK])
    except TextError:
        return ""
    mark = _TONES.sub("", _NOT_WORDS.sub("", _TONES.sub("", folded)))
    return mark if len(mark) >= _SHORTEST_MARK else ""
